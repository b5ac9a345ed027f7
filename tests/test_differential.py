"""The difference table of Speck, and the search for its last round's key: exact, and as good as published."""

import numpy as np
import pytest

from enigmath.baselines.attacks.differential import DifferenceTable, possible, probability
from enigmath.baselines.attacks.last_round import LastRoundSearch
from enigmath.generators import block_ciphers

EVERY = np.arange(2**16, dtype=np.uint16)


def test_the_probabilities_of_an_addition_sum_to_one_and_are_those_of_random_sums() -> None:
    rng = np.random.default_rng(0)
    for alpha, beta in rng.integers(2**16, size=(20, 2)).astype(np.uint16):
        gamma = EVERY[possible(alpha, beta, EVERY)]
        share = probability(alpha, beta, gamma)
        assert share.sum() == 1
        x, y = rng.integers(2**16, size=(2, 40_000)).astype(np.uint16)
        seen = np.bincount((x + y) ^ ((x ^ alpha) + (y ^ beta)), minlength=2**16)
        assert seen[gamma].sum() == 40_000
        often = np.argsort(share)[-5:]
        error = 5 * np.sqrt(share[often] * (1 - share[often]) / 40_000)
        assert (np.abs(seen[gamma[often]] / 40_000 - share[often]) <= error + 1e-12).all()


def test_the_distribution_after_some_rounds_is_whole_and_meets_in_the_middle() -> None:
    model = DifferenceTable()
    assert [(hex(x), hex(y)) for x, y in zip(model._after(1).x, model._after(1).y, strict=True)] == [
        ("0x8000", "0x8000")
    ]
    third = model._after(3)
    assert len(third.share) == 42_149
    assert third.share.sum() == pytest.approx(1, abs=1e-12)
    before = model._after(1)
    rng = np.random.default_rng(1)
    for place in rng.integers(len(third.share), size=200):
        found = before.two_rounds_later(third.x[place], third.y[place])
        assert found == pytest.approx(third.share[place], rel=1e-12)
    absent = set(zip(third.x.tolist(), third.y.tolist(), strict=True))
    for x, y in rng.integers(2**16, size=(200, 2)).astype(np.uint16):
        assert (before.two_rounds_later(x, y) > 0) == ((int(x), int(y)) in absent)


def board(task, n: int, **level):
    """Accuracy, and how many of the real and of the random pairs are found."""
    batch = task(np.random.default_rng(9), n, difference="00400000", **level)
    real = np.array(batch.answer.to_pylist()) == "real"
    said = np.array(DifferenceTable().predict(batch.question.to_pylist())) == "real"
    return (said == real).mean(), said[real].mean(), 1 - said[~real].mean()


def test_three_rounds_are_told_without_an_error() -> None:
    assert board(block_ciphers.speck_distinguish, 2_000, rounds=3) == (1, 1, 1)


@pytest.mark.parametrize(("rounds", "published"), [(4, 0.9892), (5, 0.911), (6, 0.758)])
def test_four_to_six_rounds_reach_what_is_published_of_the_whole_table(rounds: int, published: float) -> None:
    n = 2_000
    accuracy, true_positive, true_negative = board(block_ciphers.speck_distinguish, n, rounds=rounds)
    assert abs(accuracy - published) < 4 * np.sqrt(published * (1 - published) / n)
    if rounds == 5:  # the differences that are more probable than chance are fewer than the others
        assert true_positive < true_negative - 0.03


def test_two_pairs_are_told_better_than_one() -> None:
    assert board(block_ciphers.speck_pairs, 500, rounds=5, pairs=2)[0] > 0.95


@pytest.mark.slow
@pytest.mark.parametrize(("rounds", "published"), [(7, 0.591), (8, 0.512)])
def test_seven_and_eight_rounds_come_near_what_is_published_of_the_whole_table(rounds: int, published: float) -> None:
    accuracy = board(block_ciphers.speck_distinguish, 20_000, rounds=rounds)[0]
    assert abs(accuracy - published) < 4 * np.sqrt(0.25 / 20_000) + 0.01  # the rest counts as if spread evenly


def test_what_is_not_held_is_left_to_the_rest() -> None:
    third = DifferenceTable()._after(3)
    few = third.most_probable(100)
    assert len(few.share) == 100
    assert few.share.min() >= np.sort(third.share)[-100]
    assert few.share.sum() + few.rest == pytest.approx(1, abs=1e-12)
    later = few.after_a_round()
    assert later.share.sum() + later.rest == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("rounds", [1, 2, 3])
@pytest.mark.parametrize("name", ["speck", "simon", "simeck"])
def test_the_last_rounds_key_is_found_from_eight_texts(name: str, rounds: int) -> None:
    task = getattr(block_ciphers, f"{name}_key")
    batch = task(np.random.default_rng(rounds), 40, rounds=rounds, pairs=8)
    found = LastRoundSearch().predict(batch.question.to_pylist())
    assert sum(map(str.__eq__, found, batch.answer.to_pylist())) >= 39


def test_texts_that_no_key_explains_have_no_answer() -> None:
    wrong = ",00000000:11111111,00000001:22222222,00000002:33333333,00000003:44444444"
    questions = [f"{name}.key({rounds}{wrong})" for name in ("speck", "simon", "simeck") for rounds in (1, 2, 3)]
    assert LastRoundSearch().predict(questions) == [None] * 9


JUNK = [
    "",
    "speck.distinguish(5)",
    "speck.distinguish(5,xyz)",
    "speck.distinguish(5,0123456789abcde)",
    "speck.distinguish(1,0123456789abcdef)",
    "speck.masked(5,0123456789abcdef)",
    "simon.distinguish(5,0123456789abcdef)",
    "speck.key(22,6574694c:a86842f2)",
    "speck.key(3,6574694c)",
    "speck.distinguish(5" + ",0123456789abcdef" * 1_000 + ")",
    "(" * 100_000,
]


@pytest.mark.parametrize("model", [DifferenceTable(), LastRoundSearch()], ids=["difference-table", "last-round"])
def test_what_is_no_question_of_theirs_has_no_answer(model) -> None:
    assert model.predict(JUNK) == [None] * len(JUNK)


def test_after_more_rounds_than_the_table_holds_every_pair_is_as_likely_and_so_random() -> None:
    questions = ["speck.distinguish(9,0123456789abcdef)", "speck.distinguish(22,416450bbdb46be4b)"]
    assert DifferenceTable().predict(questions) == ["random"] * 2
