"""Hidden states and maps: what a state tells, beside the question, random labels and random weights."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from enigmath.bench.contracts.registry import find_probe, find_task, tasks
from enigmath.bench.data import Part, make_shard
from enigmath.bench.probes import COMPUTES, LOOKS_UP, Subject, verdict
from enigmath.bench.probes.hidden_states import random_labels, relative_distances
from enigmath.bench.probes.layout import laid_out
from enigmath.bench.probes.maps import clustered, plane, purity
from enigmath.bench.probes.readout import Parts, Quantity, held, scaled
from enigmath.bench.probes.sought import problems

DECLARED = [task for task in tasks().plugins.values() if task.quantities]


def probed(subject: Subject, name: str = "hidden-states") -> Any:
    return find_probe(name).function(subject)


@pytest.fixture(scope="module")
def solver(planted: Mapping[str, Subject]) -> Any:
    """What is read off the states of the model that computes."""
    return probed(planted["solver"])


def with_model(subject: Subject, model: object) -> Subject:
    """The same cell with another model in the place of its own."""
    other = replace(subject)
    other.__dict__["model"] = model
    return other


class RandomProjection:
    """States that are random features of the question's symbols: all is spread out, and nothing computed."""

    def __init__(self, width: int, bent: bool) -> None:
        self.width, self.bent = width, bent

    def hidden_states(self, questions: list[str]) -> np.ndarray:
        rng = np.random.default_rng(3)
        mixed = _one_hot(questions) @ rng.normal(size=(8 * 128, self.width)) / 3
        return np.tanh(mixed + rng.normal(size=self.width)) if self.bent else mixed


class RoughSize:
    """States that hold how large the sum is, to a tenth or so, and no more."""

    def hidden_states(self, questions: list[str]) -> np.ndarray:
        sums = np.array([sum(map(int, question.split("+"))) for question in questions])
        noise = np.array([sum(map(ord, question)) % 97 / 97 for question in questions])
        return np.stack([np.log1p(sums) + 0.2 * noise, noise], axis=1)


def _one_hot(questions: list[str]) -> np.ndarray:
    made = np.zeros((len(questions), 8, 128))
    for row, question in enumerate(questions):
        for place, symbol in enumerate(reversed(question[-8:])):
            made[row, place, ord(symbol)] = 1
    return made.reshape(len(questions), -1)


def test_a_model_that_computes_holds_its_steps(solver: Any) -> None:
    assert verdict(solver) == COMPUTES
    digit = solver[(solver["group"] == "digit of the sum, place 2")].set_index("measure")["value"]
    assert digit["read from the state"] > 0.95
    assert digit["read from the input"] < 0.25
    assert digit["random labels, read from the state"] < 0.4


def test_a_model_that_looks_up_holds_none_and_cannot_tell_a_problem_from_its_neighbour(
    planted: Mapping[str, Subject],
) -> None:
    found = probed(planted["table"])
    assert verdict(found) == LOOKS_UP
    assert found[found["measure"] == "steps held"]["value"].max() == 0
    distances = found[found["by"] == "distance"].set_index("measure")["value"]
    assert distances["distance to the nearest training problem, in the state"] < 0.05
    assert distances["distance to the nearest training problem, in the input"] > 0.4


@pytest.mark.parametrize(
    ("width", "bent"),
    [(48, True), pytest.param(64, False, marks=pytest.mark.slow), pytest.param(512, True, marks=pytest.mark.slow)],
)
def test_random_weights_are_not_selective(planted: Mapping[str, Subject], width: int, bent: bool) -> None:
    found = probed(with_model(planted["majority"], RandomProjection(width, bent)))
    assert verdict(found) == ""
    best = found[found["measure"].str.endswith("of the step held best")]
    assert best["low"].min() <= 0


def test_a_rough_size_is_no_computation(planted: Mapping[str, Subject]) -> None:
    found = probed(with_model(planted["majority"], RoughSize()))
    assert verdict(found) != COMPUTES
    assert found[found["measure"] == "steps held"]["value"].max() == 0


def test_a_carry_that_the_state_holds_is_no_merit_for_the_question_shows_it(solver: Any) -> None:
    carry = solver[solver["group"] == "carry into place 2"].set_index("measure")
    assert carry["value"]["read from the state"] == carry["value"]["read from the input"] == 1
    assert carry["low"]["gain over the input"] <= 0


def test_the_same_cell_gives_the_same_findings(planted: Mapping[str, Subject], solver: Any) -> None:
    assert probed(planted["solver"]).equals(solver)
    assert probed(planted["solver"], "maps").equals(probed(planted["solver"], "maps"))


def test_no_problem_is_learnt_on_and_judged_and_none_was_trained_on(planted: Mapping[str, Subject]) -> None:
    subject = planted["solver"]
    table, parts = problems(subject)
    texts = np.array(table["question"].to_pylist())
    assert len(parts.learn) + len(parts.choose) == 4_000
    assert set(texts[parts.judge]) == set(subject.told.filter(pa.array(~subject.beyond))["question"].to_pylist())
    assert not set(texts[parts.learn]) & (set(texts[parts.judge]) | set(texts[parts.choose]))
    assert not set(texts) & set(subject.data.train["question"].to_pylist())


def split(count: int) -> Parts:
    rows = np.arange(count)
    return Parts(rows[: count // 2], rows[count // 2 : 3 * count // 4], rows[3 * count // 4 :])


def test_a_readout_finds_what_is_linear_and_guesses_where_nothing_is() -> None:
    rng = np.random.default_rng(0)
    vectors, parts = rng.normal(size=(2_000, 6)), split(2_000)
    scores = {
        "side": held(vectors, Quantity("side", (vectors[:, 0] > vectors[:, 1]).astype(np.int64), 2), parts),
        "rank": held(vectors, Quantity("rank", np.clip(vectors[:, 0] * 2 + 3, 0, 5).astype(np.int64), 6), parts),
        "size": held(vectors, Quantity("size", vectors @ np.arange(6.0) + 5, 0), parts),
        "nothing": held(vectors, Quantity("nothing", rng.integers(4, size=2_000), 4), parts),
        "noise": held(vectors, Quantity("noise", rng.normal(size=2_000), 0), parts),
    }
    mean = {name: float(np.mean(score[parts.judge])) for name, score in scores.items()}
    assert mean["side"] > 0.98
    assert mean["rank"] > 0.9
    assert mean["size"] > 0.99
    assert mean["nothing"] == pytest.approx(0.25, abs=0.06)
    assert mean["noise"] == pytest.approx(0, abs=0.03)
    assert np.isnan(scores["side"][parts.learn]).all()


def test_random_labels_hang_on_the_symbols_that_the_step_hangs_on() -> None:
    rng = np.random.default_rng(0)
    digits = rng.integers(0, 10, size=(4_000, 4))
    layout, parts = laid_out(["{}{}+{}{}".format(*row) for row in digits]), split(4_000)
    units = Quantity("units", (digits[:, 1] + digits[:, 3]) % 10, 10)
    labels = random_labels(layout, units, parts, 0).values
    pairs = digits[:, 1] * 10 + digits[:, 3]
    assert all(len(np.unique(labels[pairs == pair])) == 1 for pair in range(100))
    assert 0.02 < (labels == units.values).mean() < 0.25


def test_a_distance_is_relative_to_that_of_problems_at_random() -> None:
    rng = np.random.default_rng(0)
    own, other = rng.normal(size=(2, 300, 8))
    assert np.median(relative_distances(np.concatenate([own, own]))) == 0
    assert np.median(relative_distances(np.concatenate([own, other]))) == pytest.approx(1, abs=0.05)
    assert np.isnan(relative_distances(np.zeros((10, 3)))).all()


def test_quantities_are_declared_for_many_tasks_and_columns_are_as_long_as_the_questions() -> None:
    assert len(DECLARED) >= 12
    offered = [task for task in tasks().plugins.values() if task.quantities or task.steps]
    assert len({task.area for task in offered}) >= 5
    for task in DECLARED:
        for number in (1, len(task.levels)):
            questions = make_shard(Part(task, number, 0), 0)["question"].to_pylist()[:64]
            columns = task.quantities(questions)
            assert columns, task.name
            assert {len(column) for column in columns.values()} == {64}
            again = task.quantities(list(reversed(questions)))
            assert all(again[name].to_pylist()[::-1] == column.to_pylist() for name, column in columns.items())


def test_quantities_are_what_they_are_called() -> None:
    product = find_task("arithmetic/multiplication")
    assert product.quantities is not None
    assert product.quantities(["999*888"])["digit of the product, place 4"].to_pylist() == [7]
    speck = find_task("block/speck-encrypt")
    assert speck.quantities is not None
    for level in (1, 2):
        shard = make_shard(Part(speck, level, 0), 0).slice(0, 20)
        columns = speck.quantities(shard["question"].to_pylist())
        words = [int(answer[:4], 16) for answer in shard["answer"].to_pylist()]
        assert columns[f"round {level}, x, bit 0"].to_pylist() == [word & 1 for word in words]
    caesar = find_task("cipher/vigenere-decrypt")
    assert caesar.quantities is not None
    shard = make_shard(Part(caesar, 1, 0), 0).slice(0, 20)
    letters = [ord(answer[3]) - ord("A") for answer in shard["answer"].to_pylist()]
    assert caesar.quantities(shard["question"].to_pylist())["letter 4"].to_pylist() == letters


def test_a_map_has_a_bounded_number_of_points_and_says_how_much_it_shows(planted: Mapping[str, Subject]) -> None:
    found = probed(planted["solver"], "maps")
    shown = found[found["measure"] == "variance on the map"].set_index("group")["value"]
    assert shown["symbols"] == pytest.approx(1)
    assert 0.1 < shown["states"] < 0.6
    points = found[found["measure"] == "state"]
    assert len(points) == 200
    assert points[["x", "y"]].notna().all(axis=None)
    assert set(points["group"]) == {"right"}
    assert set(found["says"]) == {""}


def test_clusters_are_pure_where_states_hang_on_a_trait_and_not_purer_than_dealt_traits_where_they_do_not() -> None:
    rng = np.random.default_rng(0)
    traits = rng.integers(4, size=400)
    centres = 10 * np.eye(4)
    assert purity(clustered(centres[traits] + rng.normal(size=(400, 4)), seed=0), traits) == 1
    assert purity(clustered(rng.normal(size=(400, 4)), seed=0), traits) < 0.45
    assert purity(clustered(np.ones((50, 4)), seed=0), traits[:50]) < 0.5


def test_a_map_shows_the_plane_of_the_largest_variance() -> None:
    rng = np.random.default_rng(0)
    flat = np.concatenate([rng.normal(size=(100, 2)) * [5, 3], np.zeros((100, 4))], axis=1)
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    coordinates, shares = plane(flat @ turn)
    assert shares[:2].sum() == pytest.approx(1)
    assert scaled(coordinates, np.arange(100)).shape == (100, 2)
