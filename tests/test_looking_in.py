"""What can be asked of a fitted network: beams, samples, likelihoods, inner states and vectors of symbols."""

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor

from enigmath.baselines.decoding import State, beam, greedy
from enigmath.baselines.neural import NeuralModel
from enigmath.baselines.tokens import END, MARKS, PAD, START
from enigmath.bench.contracts import Budget, Embedded, Examples, Inspectable, Likelihood, Sampler, UserError
from enigmath.bench.contracts.registry import find_model

Make = Callable[..., NeuralModel]
SEVEN, POINT, ZERO = MARKS, MARKS + 1, MARKS + 2


def examples(answers: dict[str, dict[str, int]]) -> Examples:
    """Each question with each of its answers as often as told."""
    rows = [(q, a) for q, given in answers.items() for a, count in given.items() for _ in range(count)]
    questions, texts = zip(*rows, strict=True)
    return Examples(pa.table({"question": questions, "answer": texts}))


UNSURE = {"5+2": {"7": 52, "77": 43, "7.0": 5}, "1+2": {"3": 90, "33": 10}}
QUICK = {"width": 16, "encoding": "plain", "learning_rate": 0.03, "batch": 200, "warmup": 5, "decay": 1.0, "check": 80}
FAMILIES = ("mlp", "lstm", "transformer", "encoder-decoder")


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Make:
    return partial(find_model(request.param), **QUICK, precision="float32")


@pytest.fixture(scope="module")
def unsure(family: Make) -> NeuralModel:
    """A network that knows 5+2 to be 7 with probability 0.52, and 77 with 0.43."""
    model, train = family(), examples(UNSURE)
    model.fit(train, train, Budget(steps=80))
    return model


def searching(model: NeuralModel, family: Make, **keywords: float) -> NeuralModel:
    other = family(**keywords)
    other._fitted = model.fitted
    return other


def test_dividing_by_the_length_breaks_five_plus_two_and_the_default_does_not(unsure: NeuralModel, family: Make):
    assert unsure.predict(["5+2"]) == ["7"]
    assert searching(unsure, family, beam=5).predict(["5+2", "1+2"]) == ["7", "3"]
    assert searching(unsure, family, beam=5, length_penalty=1.0).predict(["5+2"]) == ["77"]


class Table:
    """A network that is a table: the probability of each token after each, whatever the question."""

    def __init__(self, shares: Tensor) -> None:
        self.logs = shares.log()

    def read(self, questions: Tensor) -> State:
        return (questions,)

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        return self.logs[tokens], state


def likeliest(shares: Tensor, longest: int, power: float) -> list[int]:
    """By trying all texts: the one with the best log-probability over its length to a power."""
    found = {}
    symbols = range(MARKS, shares.shape[1])
    for length in range(longest):
        for text in product(symbols, repeat=length):
            steps = zip((START, *text), (*text, END), strict=True)
            found[*text, END] = float(sum(shares[a, b].log() for a, b in steps)) / (length + 1) ** power
    return list(max(found, key=lambda text: found[text]))


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
def test_a_wide_beam_finds_the_best_of_all_texts(power: float):
    generator = torch.Generator().manual_seed(1)
    for _ in range(20):
        shares = torch.rand((6, 6), generator=generator, dtype=torch.float64) ** 3
        shares[:, [PAD, START]] = 0
        shares /= shares.sum(1, keepdim=True)
        written = beam(Table(shares), torch.zeros((3, 1), dtype=torch.long), 4, 64, power)
        best = likeliest(shares, 4, power)
        assert written.tolist() == [best + [PAD] * (4 - len(best))] * 3


def test_a_likelier_end_is_found_that_greedy_decoding_walks_past():
    shares = torch.zeros((6, 6))
    shares[START, [SEVEN, POINT]] = torch.tensor([0.6, 0.4])
    shares[SEVEN, [SEVEN, ZERO, END]] = torch.tensor([0.4, 0.3, 0.3])
    shares[[POINT, ZERO], END] = 1.0
    question = torch.zeros((1, 1), dtype=torch.long)
    assert beam(Table(shares), question, 4, 2).tolist() == [[POINT, END, PAD, PAD]]
    assert beam(Table(shares), question, 4, 1).tolist() == greedy(Table(shares), question, 4).tolist()


def test_a_beam_of_one_is_greedy_and_many_questions_are_answered_as_one(unsure: NeuralModel, family: Make):
    questions = [f"{a}+{b}" for a in (1, 2, 5) for b in (1, 2, 5)] + ["+", "5+21"]
    tokens = next(unsure.fitted.blocks(questions)[1])[1]
    network, longest = unsure.fitted.network, unsure.fitted.tokenizer.longest
    for penalty in (0.0, 2.0):
        assert torch.equal(beam(network, tokens, longest, 1, penalty), greedy(network, tokens, longest))
    wide = searching(unsure, family, beam=4)
    assert wide.predict(questions) == [wide.predict([question])[0] for question in questions]
    assert wide.predict([]) == []


def test_likelihoods_are_shares_that_sum_to_one(unsure: NeuralModel):
    assert isinstance(unsure, Likelihood)
    answers = [*UNSURE["5+2"], "55555", "8", ""]
    nats = unsure.log_likelihood(["5+2"] * len(answers), answers)
    assert np.exp(nats[:3]) == pytest.approx([0.52, 0.43, 0.05], abs=0.05)
    assert np.exp(nats).sum() < 1.0
    assert nats[4] == -np.inf  # no 8 stood in training
    assert np.isfinite(nats[3])
    assert unsure.log_likelihood(["5×2"], ["7"])[0] == -np.inf
    assert unsure.log_likelihood(["5+2"], ["7"])[0] == pytest.approx(nats[0], abs=1e-4)
    with pytest.raises(UserError, match="2 answers to 1 questions"):
        unsure.log_likelihood(["5+2"], ["7", "8"])


def test_samples_come_as_often_as_the_model_says_and_colder_ones_more_alike(unsure: NeuralModel):
    assert isinstance(unsure, Sampler)
    drawn = {heat: unsure.sample(["5+2"] * 2000, heat, seed=3) for heat in (0, 1e-6, 0.5, 1)}
    share = {heat: texts.count("7") / 2000 for heat, texts in drawn.items()}
    assert share[1] == pytest.approx(np.exp(unsure.log_likelihood(["5+2"], ["7"])[0]), abs=0.04)
    assert share[0] == share[1e-6] == 1.0
    assert drawn[0][:2] == unsure.predict(["5+2"] * 2)
    assert drawn[1] == unsure.sample(["5+2"] * 2000, 1, seed=3) != unsure.sample(["5+2"] * 2000, 1, seed=4)
    assert unsure.sample(["5×2"]) == [None]
    for heat in (-1.0, float("nan")):
        with pytest.raises(UserError, match="a temperature of"):
            unsure.sample(["5+2"], heat)


def test_symbols_have_vectors(unsure: NeuralModel):
    assert isinstance(unsure, Embedded)
    symbols, vectors = unsure.embedding()
    assert symbols == ["PAD", "START", "END", *"+.012357"]
    assert vectors.shape == (len(symbols), vectors.shape[1])
    assert np.isfinite(vectors).all()


def test_questions_have_states_each_its_own_and_none_where_they_cannot_be_read(unsure: NeuralModel):
    assert isinstance(unsure, Inspectable)
    states = unsure.hidden_states(["5+2", "1+2", "5×2", "5+2"])
    assert states.shape == (4, states.shape[1])
    assert np.isnan(states[2]).all()
    assert np.isfinite(states[[0, 1, 3]]).all()
    assert states[0] == pytest.approx(states[3], abs=1e-5)
    assert states[0] == pytest.approx(unsure.hidden_states(["5+2"])[0], abs=1e-5)
    assert np.abs(states[0] - states[1]).max() > 1e-2
    assert unsure.hidden_states(["5+2"], layer=0).shape == (1, states.shape[1])
    with pytest.raises(UserError, match=r"no layer 9; take one from 0 to [01]"):
        unsure.hidden_states(["5+2"], layer=9)


def test_a_search_of_no_width_or_an_absurd_penalty_is_refused_in_one_line(family: Make):
    for keywords in ({"beam": 0}, {"length_penalty": -1.0}, {"length_penalty": float("nan")}, {"length_penalty": 1e12}):
        with pytest.raises(UserError):
            family(**keywords)
    with pytest.raises(UserError, match="not fitted yet"):
        family().log_likelihood(["5+2"], ["7"])
