"""Shortcuts are exact at what they do: the nearest is the nearest, ties go to the first, and nothing is computed."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from scipy.sparse import vstack

from enigmath.baselines import agreement, places
from enigmath.baselines.agreement import most_agreeing
from enigmath.baselines.constant import Majority, RandomAnswer
from enigmath.baselines.linear import Linear
from enigmath.baselines.neighbours import NearestAligned, NearestEdit, NearestNgrams, _ngram_counts
from enigmath.baselines.places import UNKNOWN, Grid
from enigmath.bench.contracts import Budget, Examples, UserError, split_of
from enigmath.bench.contracts.registry import find_model, find_task
from enigmath.bench.streams import stream

ALL = [Majority, RandomAnswer, NearestAligned, NearestNgrams, NearestEdit, Linear]
NAMES = ["majority", "random-answer", "nearest-aligned", "nearest-ngrams", "nearest-edit", "linear"]
HOSTILE = ["", " ", "12+34", "1" * 5000, "\x00", "\ud800", "Ω+½", "\U0001f600", "9.9.9", "+" * 300, "١٢"]
TEXTS = st.lists(st.text("0123456789+-.() x", max_size=9), min_size=1, max_size=30)


def examples(questions: list[str], answers: list[str] | None = None) -> Examples:
    return Examples(pa.table({"question": questions, "answer": answers or [f"a{i}" for i in range(len(questions))]}))


def fitted(model, questions: list[str], answers: list[str] | None = None):
    train = examples(questions, answers)
    model.fit(train, train, Budget())
    return model


def sums(digits: int, draws: int) -> tuple[Examples, Examples]:
    """Train and test problems of addition, split by key."""
    batch = find_task("arithmetic/addition")(stream("shortcut tests", digits), draws, digits=digits)
    table = pa.table({"question": batch.question, "answer": pa.array(batch.answer).cast(pa.string())})
    split = split_of(batch.key)
    return Examples(table.filter(pa.array(split == 0))), Examples(table.filter(pa.array(split == 2)))


@pytest.mark.parametrize(
    ("model", "keyword", "value"),
    [
        (NearestNgrams, "longest", 0),
        (NearestEdit, "memory", -1),
        (Linear, "penalty", -1.0),
        (Linear, "classes", 0),
        (Linear, "characters_kept", 0),
    ],
)
def test_keywords_that_cannot_work_are_refused(model, keyword: str, value: float) -> None:
    with pytest.raises(UserError, match=str(value)):
        model(**{keyword: value})


@pytest.mark.parametrize(("name", "model"), list(zip(NAMES, ALL, strict=True)))
def test_each_is_found_by_its_name_and_owns_up_to_being_a_shortcut(name, model) -> None:
    assert find_model(name) is model
    assert model.shortcut is True


@pytest.mark.parametrize("model", ALL)
def test_any_question_at_all_gets_an_answer(model) -> None:
    made = fitted(model(), ["1+1", "22+3", "5", "(2+3)*4"], ["2", "25", "5", "20"])
    predicted = made.predict(HOSTILE)
    assert len(predicted) == len(HOSTILE)
    assert all(isinstance(text, str) for text in predicted)
    assert list(made.predict([])) == []


@pytest.mark.parametrize("model", ALL)
def test_the_training_set_may_hold_anything_too(model) -> None:
    questions = [text for text in HOSTILE if text != "\ud800"]
    made = fitted(model(), questions)
    assert len(made.predict(HOSTILE)) == len(HOSTILE)
    assert len(fitted(model(), [""], ["7"]).predict(["1+1"])) == 1


@pytest.mark.parametrize("model", [NearestAligned, NearestNgrams, NearestEdit])
@settings(deadline=None)
@given(questions=TEXTS)
def test_a_question_seen_in_training_gets_the_answer_it_had_first(model, questions) -> None:
    made = fitted(model(), questions)
    index, _ = made.nearest(questions)
    for position, found in enumerate(index.tolist()):
        if model is NearestNgrams:  # n-grams tell most questions apart, not all: "aaaa" has those of "aaaaa"
            assert _same_ngrams(questions[found], questions[position])
        else:
            assert _same_cells(model, questions[found], questions[position])
            assert found == next(i for i, text in enumerate(questions) if _same_cells(model, text, questions[position]))
    assert made.predict(questions) == [f"a{i}" for i in index]


def _same_cells(model, one: str, other: str) -> bool:
    return (
        one == other
        if model is NearestEdit
        else bool((Grid.of([one, other]).cells([one]) == Grid.of([one, other]).cells([other])).all())
    )


def _same_ngrams(one: str, other: str) -> bool:
    counts = _ngram_counts([one, other], 3, 1 << 20)
    return bool((counts[0] != counts[1]).nnz == 0)


# Majority and random answer


def test_majority_says_the_commonest_answer_and_of_equals_the_first() -> None:
    assert fitted(Majority(), ["a"] * 5, ["2", "1", "1", "2", "3"]).predict(["x", "y"]) == ["2", "2"]


def test_random_answers_follow_the_training_answers_and_the_seed() -> None:
    train, _ = sums(2, 60_000)
    made = RandomAnswer(seed=1)
    made.fit(train, train, Budget())
    questions = [f"{i}+{j}" for i in range(200) for j in range(200)]
    drawn = np.array(made.predict(questions), dtype=float)
    answers = np.array(train.answers, dtype=float)
    assert drawn.mean() == pytest.approx(answers.mean(), rel=0.02)
    assert drawn.std() == pytest.approx(answers.std(), rel=0.02)
    assert made.predict(questions[50:60]) == made.predict(questions)[50:60]  # whatever the batch
    other = RandomAnswer(seed=2)
    other.fit(train, train, Budget())
    assert other.predict(questions) != made.predict(questions)


# Aligned characters


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("12+7", "312+7", 4),  # units meet units: the blank hundreds differ
        ("12+7", "12+47", 4),
        ("100+5", "1+5", 2),  # a left-aligned comparison would see 1 meet 1
        ("2.5", "2.51", 3),  # decimals meet at the point
        ("1-2", "1+2", 2),
        ("gcd(12,8)", "gcd(2,18)", 8),
        ("3*(4+15)", "3*(14+5)", 7),
    ],
)
def test_numbers_are_aligned_at_their_units(one, other, agree) -> None:
    cells = Grid.of([one, other]).cells([one, other])
    assert (cells[:, 0] == cells[:, 1]).sum() == agree


def test_a_character_never_seen_agrees_with_nothing() -> None:
    grid = Grid.of(["1+2"])
    assert grid.cells(["1?2"])[:, 0].tolist() == [2, UNKNOWN, 3]
    assert fitted(NearestAligned(), ["1+2", "3+4"]).nearest(["3?4"])[0].tolist() == [1]
    index, share = fitted(NearestAligned(), ["1+2", "3+4"]).nearest(["???"])
    assert (index.tolist(), share.tolist()) == ([0], [0.0])


@settings(deadline=None)
@given(
    st.integers(1, 12), st.integers(1, 300), st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32), st.booleans()
)
def test_counting_in_bits_agrees_with_comparing_one_by_one(columns, rows, queries, symbols, seed, strange) -> None:
    rng = np.random.default_rng(seed)
    known = rng.integers(0, symbols, (columns, rows)).astype(np.uint16)
    asked = rng.integers(0, symbols + strange, (columns, queries)).astype(np.uint16)
    agree = (known[:, :, None] == asked[:, None, :]).sum(axis=0)
    index, count = most_agreeing(known, asked)
    assert count.tolist() == agree.max(axis=0).tolist()
    assert index.tolist() == agree.argmax(axis=0).tolist()


def test_blocks_of_rows_change_nothing(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    known, asked = (rng.integers(0, 3, (9, n)).astype(np.uint16) for n in (20_000, 50))
    whole = most_agreeing(known, asked)
    monkeypatch.setattr(agreement, "_ROWS", 4_096)
    blocks = most_agreeing(known, asked)
    assert (whole[0] == blocks[0]).all()
    assert (whole[1] == blocks[1]).all()


def test_chunks_of_questions_change_nothing(monkeypatch) -> None:
    questions = [f"{i * 7919 % 1000}+{i * 31 % 97}.5" for i in range(1000)]
    whole = Grid.of(questions)
    monkeypatch.setattr(places, "_CHUNK", 64)
    chunks = Grid.of(questions)
    assert (whole.places == chunks.places).all()
    assert (whole.characters == chunks.characters).all()
    assert (whole.cells(questions) == chunks.cells(questions)).all()


def test_looking_up_three_digit_addition_is_near_and_never_right() -> None:
    """The known result over a million problems: about 0 % exact, about 70 % within ten percent."""
    train, test = sums(3, 1_300_000)
    assert len(train) > 1_000_000
    made = NearestAligned()
    made.fit(train, train, Budget())
    asked = Examples(test.table.slice(0, 2_000))
    predicted, answers = (np.array(texts, dtype=np.int64) for texts in (made.predict(asked.questions), asked.answers))
    assert (predicted == answers).mean() < 0.01
    assert 0.6 < (np.abs(predicted - answers) * 10 <= answers).mean() < 0.75


# Character n-grams


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_no_training_question_has_a_larger_cosine(questions, asked) -> None:
    made = fitted(NearestNgrams(), questions)
    index, cosine = made.nearest(asked)
    sparse = [_ngram_counts(texts, 3, 1 << 20) for texts in (questions, asked)]
    used = np.unique(sparse[0].indices)
    counts = [matrix[:, used].toarray().astype(float) for matrix in sparse]
    frequency = (counts[0] > 0).sum(axis=0)
    weight = np.where(frequency, np.log((1 + len(questions)) / (1 + frequency)) + 1, 0)
    known, wanted = (_unit(count * weight) for count in counts)
    cosines = wanted @ known.T
    assert cosine == pytest.approx(cosines.max(axis=1), abs=1e-5)
    assert [cosines[row, found] for row, found in enumerate(index)] == pytest.approx(cosines.max(axis=1), abs=1e-5)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)


def test_ngrams_of_a_question_are_those_that_a_loop_counts() -> None:
    framed = "^12+12$"
    grams = {framed[i : i + n] for n in (1, 2, 3) for i in range(len(framed) - n + 1)}
    counts = _ngram_counts(["12+12", "5"], 3, 1 << 20)
    assert counts[0].nnz == len(grams)
    assert counts[0].sum() == 7 + 6 + 5
    assert counts[1].sum() == 3 + 2 + 1
    assert counts[0].max() == 2
    alone = vstack([_ngram_counts([text], 3, 1 << 20) for text in ("12+12", "5")])
    assert (counts != alone).nnz == 0


def test_ngrams_look_up_the_same_in_small_blocks(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    questions = [f"{a}+{b}" for a, b in rng.integers(0, 300, (3_000, 2)).tolist()]
    made = fitted(NearestNgrams(longest=2), questions[:2_900])
    whole = made.predict(questions[2_900:])
    monkeypatch.setattr(NearestNgrams, "_BLOCK", (128, 16))
    assert made.predict(questions[2_900:]) == whole


# Edit distance


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_no_training_question_is_fewer_edits_away(questions, asked) -> None:
    index, similarity = fitted(NearestEdit(), questions).nearest(asked)
    for row, text in enumerate(asked):
        edits = [Levenshtein.distance(text, known) for known in questions]
        assert -similarity[row] == min(edits)
        assert index[row] == edits.index(min(edits))


def test_edit_distance_keeps_no_more_than_its_memory_spread_over_the_whole_set() -> None:
    questions = [str(number) for number in range(1_000)]
    train = examples(questions)
    made = NearestEdit(memory=10)
    assert made.fit(train, train, Budget()).facts["memory"] == 10
    assert len(made.questions) == 10
    assert made.nearest(["0", "999"])[0].tolist() == [0, 999]


def test_edit_distance_looks_up_the_same_in_small_blocks(monkeypatch) -> None:
    questions = [f"{i * 7919 % 1000}+{i}" for i in range(500)]
    made = fitted(NearestEdit(), questions)
    whole = made.predict([*questions[::-1], "5+5"])
    monkeypatch.setattr(NearestEdit, "_BLOCK", (7, 13))
    assert made.predict([*questions[::-1], "5+5"]) == whole


# Linear


def test_linear_finds_what_is_linear_in_the_counts() -> None:
    rng = np.random.default_rng(0)
    questions = ["".join(rng.permutation(list("a" * a + "b" * b + "c"))) for a, b in rng.integers(0, 9, (500, 2))]
    answers = [f"{2.5 * text.count('a') - text.count('b') + 7:.1f}" for text in questions]
    made = fitted(Linear(penalty=1e-6), questions[:400], answers[:400])
    assert made.predict(questions[400:]) == answers[400:]


def test_linear_writes_as_many_decimals_as_the_training_answers_have() -> None:
    assert all("." not in text for text in fitted(Linear(), ["1", "2", "33"], ["1", "2", "4"]).predict(["1", "123"]))
    for text in fitted(Linear(), ["1", "2", "33"], ["1", "2.25", "4"]).predict(["1", "123"]):
        assert len(text.partition(".")[2]) == 2


def test_linear_chooses_among_answers_that_are_no_numbers() -> None:
    rng = np.random.default_rng(0)
    questions = ["".join(rng.choice(list("ab"), 9)) for _ in range(600)]
    answers = ["more a" if text.count("a") > 4 else "more b" for text in questions]
    made = fitted(Linear(), questions[:500], answers[:500])
    assert np.mean([p == a for p, a in zip(made.predict(questions[500:]), answers[500:], strict=True)]) > 0.95
    remainders = fitted(Linear(classes=2), ["1", "2", "3"], ["0r1", "0r2", "0r1"])
    assert set(remainders.predict(["1", "2", "9"])) <= {"0r1", "0r2"}


def test_linear_cannot_see_order() -> None:
    train, test = sums(3, 50_000)
    made = Linear()
    made.fit(train, train, Budget())
    assert made.predict(["123+456"]) == made.predict(["654+321"])
    predicted = made.predict(test.questions)
    assert np.mean([p == a for p, a in zip(predicted, test.answers, strict=True)]) < 0.05


def test_linear_stays_finite_on_answers_of_twenty_digits() -> None:
    train, test = sums(20, 20_000)
    made = Linear()
    made.fit(train, train, Budget())
    predicted = np.array(made.predict(test.questions), dtype=float)
    assert np.isfinite(predicted).all()
    assert np.median(predicted / np.array(test.answers, dtype=float)) == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize("model", ALL)
def test_two_fits_answer_alike(model) -> None:
    train, test = sums(2, 20_000)
    asked = test.questions[:200]
    first, second = model(), model()
    first.fit(train, train, Budget())
    second.fit(train, train, Budget())
    assert first.predict(asked) == second.predict(asked)
    assert first.predict(asked[50:60]) == first.predict(asked)[50:60]
