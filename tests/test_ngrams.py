"""Character n-grams: the counts of a lecture, a plain Kneser-Ney beside ours, shares that sum to one."""

from collections import Counter, defaultdict
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from enigmath.baselines.ngrams import SMOOTHINGS, Ngrams
from enigmath.bench.contracts import Budget, Examples, Likelihood, Sampler, UserError

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "anna", "amelia", "mia", "ella", "eva", "maria", "lea", "a", ""]


def examples(questions: list[str], answers: list[str]) -> Examples:
    return Examples(pa.table({"question": questions, "answer": answers}))


def counted(names: list[str] = NAMES, question: str = "name", **keywords: object) -> Ngrams:
    model = Ngrams(**keywords)
    train = examples([question] * len(names), names)
    model.fit(train, train, Budget())
    return model


def test_bigrams_with_one_added_are_the_count_model_of_the_lecture():
    """As makemore counts it: one matrix of pairs, a point for beginning and end, one added to every count."""
    letters = [".", *sorted(set("".join(NAMES)))]
    counts = np.ones((len(letters), len(letters)))
    for name in NAMES:
        for left, right in zip("." + name, name + ".", strict=True):
            counts[letters.index(left), letters.index(right)] += 1
    shares = counts / counts.sum(axis=1, keepdims=True)
    asked = ["ava", "llll", "", "vivi"]
    expected = [
        sum(np.log(shares[letters.index(a), letters.index(b)]) for a, b in zip("." + n, n + ".", strict=True))
        for n in asked
    ]
    model = counted(order=2, smoothing="add-one")
    assert isinstance(model, Likelihood)
    assert model.log_likelihood(["name"] * 4, asked) == pytest.approx(expected)


def plain_kneser_ney(texts: list[str], order: int, symbols: set[str]):
    """The textbook recursion with dictionaries; a text is what stands before, `^`, the answer, `$`."""
    counts = [Counter() for _ in range(order + 1)]
    for text in texts:
        for place in range(text.index("^") + 1, len(text)):
            counts[order][text[place - order + 1 : place + 1]] += 1
    for size in range(order - 1, 0, -1):
        counts[size] = Counter(gram[1:] for gram in counts[size + 1])
    after: list[dict[str, Counter]] = [defaultdict(Counter) for _ in range(order + 1)]
    for size in range(1, order + 1):
        for gram, count in counts[size].items():
            after[size][gram[:-1]][gram[-1]] += count
    sizes = [Counter(count.values()) for count in counts]
    discounts = [size[1] / (size[1] + 2 * size[2]) if size[1] else 0.5 for size in sizes]

    @cache
    def share(context: str, symbol: str) -> float:
        size = len(context) + 1
        lower = share(context[1:], symbol) if context else 1 / len(symbols)
        seen = after[size].get(context)
        if not seen:
            return lower
        kept = max(seen[symbol] - discounts[size], 0) + discounts[size] * len(seen) * lower
        return kept / sum(seen.values())

    return share


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_kneser_ney_is_the_textbook_recursion(order: int):
    before = "....name^"  # what precedes a text, the question, the mark between
    share = plain_kneser_ney([f"{before}{name}$" for name in NAMES], order, {*"".join(NAMES), "$"})
    asked = [*NAMES, "ammelia", "llll", "bov"]
    expected = []
    for name in asked:
        text = f"{before}{name}$"
        places = range(len(before), len(text))
        expected.append(sum(np.log(share(text[place - order + 1 : place], text[place])) for place in places))
    assert counted(order=order).log_likelihood(["name"] * len(asked), asked) == pytest.approx(expected)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_samples_come_as_often_as_the_model_says(smoothing: str):
    model = counted(["ab", "ab", "b"], order=3, smoothing=smoothing)
    assert isinstance(model, Sampler)
    drawn = Counter(model.sample(["name"] * 4000, seed=1))
    for text in ("ab", "b", "", "a"):
        assert drawn[text] / 4000 == pytest.approx(np.exp(model.log_likelihood(["name"], [text])[0]), abs=0.03)
    assert set(model.sample(["name"] * 9, 0)) == set(model.sample(["name"] * 9, 1e-9)) == {"ab"}
    assert model.sample(["name"] * 9, seed=4) == model.sample(["name"] * 9, seed=4)


def test_the_end_of_the_question_tells_the_answer_where_it_is_within_reach():
    questions = [f"{a}?{b}" for a in range(10) for b in "xyz"]
    model = Ngrams(order=3)
    train = examples(questions, [{"x": "left", "y": "right", "z": "é"}[question[-1]] for question in questions])
    model.fit(train, train, Budget())
    assert model.predict(["7?x", "77?y", "z", "x"]) == ["left", "right", "é", "left"]
    assert model.predict([]) == []
    assert model.log_likelihood([], []).shape == (0,)


def test_what_was_never_seen_has_no_likelihood_in_an_answer_and_does_no_harm_in_a_question():
    model = counted(question="who")
    nats = model.log_likelihood(["who", "who", "Ω", ""], ["zoe", "wow", "emma", "emma"])
    assert nats[:2].tolist() == [-np.inf, -np.inf]
    assert np.isfinite(nats[2:]).all()
    assert isinstance(model.predict(["Ω"])[0], str)


def test_keywords_that_mean_nothing_are_refused_in_one_line():
    for keywords in ({"order": 0}, {"smoothing": "add-on"}):
        with pytest.raises(UserError):
            Ngrams(**keywords)
    with pytest.raises(UserError, match="nothing to learn from"):
        counted([])
    with pytest.raises(UserError, match="a temperature of -1"):
        counted().sample(["name"], -1)
    with pytest.raises(UserError, match="1 answers to 2 questions"):
        counted().log_likelihood(["name", "name"], ["ava"])
