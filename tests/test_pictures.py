"""Digits in pictures: what is asked is read back and found among scikit-learn's own arrays; no picture leaks."""

import re
import sys

import numpy as np
import pytest
from question_reader import every_level, problems, texts, traits
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from enigmath.bench.contracts import Batch, Task, UserError, split_of
from enigmath.bench.data import Part, prove, take
from enigmath.generators import pictures

LEVELS = every_level(pictures)
READ = [level for level in LEVELS if level.values[0].name.endswith("read-digit")]
ADD = [level for level in LEVELS if level.values[0].name.endswith("add-digits")]
DRAWS = [pytest.param(25, id="25"), pytest.param(200, id="200", marks=pytest.mark.slow)]
SCANS = load_digits()


def read(question: str) -> np.ndarray:
    """The grey steps of each picture of a question; shape (pictures, 64)."""
    word, inside = re.fullmatch(r"(pictures?)\(([0-9a-g|/]+)\)", question).groups()
    rows = [row.split("|") for row in inside.split("/")]
    assert len(rows) == 8
    assert (word == "pictures") == (len(rows[0]) > 1)
    assert {len(part) for row in rows for part in row} == {8}
    return np.array([[int(pixel, 17) for row in rows for pixel in row[place]] for place in range(len(rows[0]))])


def digits(picture: np.ndarray, steps: int) -> set[int]:
    """The digits of those scans that have every pixel in the same step of grey."""
    inside = (picture <= SCANS.data * steps / 17) & (SCANS.data * steps / 17 < picture + 1)
    return set(SCANS.target[inside.all(axis=1)].tolist())


def questions(batch: Batch) -> list[np.ndarray]:
    return [read(question) for question in batch.question.to_pylist()]


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_the_sum_of_the_labels_of_its_scans(task: Task, number: int, draws: int) -> None:
    level, batch = task.level(number), problems(task, number, draws)
    assert len(batch.question) == draws
    for seen, given, marks in zip(questions(batch), texts(batch.answer), traits(batch), strict=True):
        assert len(seen) == level.get("pictures", 1)
        assert seen.max() < level["steps"]
        labels = [digits(picture, level["steps"]) for picture in seen]
        assert [len(found) for found in labels] == [1] * len(seen)
        assert given == str(sum(sum(found) for found in labels))
        expected = {"pictures": len(seen), "digits": len(given)} if "pictures" in level else {"digit": int(given)}
        assert marks == expected


@pytest.mark.parametrize(("task", "number"), READ)
def test_the_nearest_training_scan_of_the_task_reads_the_test(task: Task, number: int) -> None:
    drawn = take(Part(task, number, 0), {"train": 5_000, "test": 120})
    sides = [
        (np.concatenate([read(text) for text in drawn[split]["question"].to_pylist()]), drawn[split]["answer"])
        for split in ("train", "test")
    ]
    (known, labels), (unknown, truth) = [(pixels, np.array(given.to_pylist())) for pixels, given in sides]
    nearest = KNeighborsClassifier(1).fit(known, labels).predict(unknown)
    assert np.mean(nearest == truth) > (0.95 if task.level(number)["steps"] > 2 else 0.85)


def whole_splits(number_of_problems: int) -> dict[int, set[bytes]]:
    """The pictures of each split over all tasks and levels, as black and white."""
    found: dict[int, set[bytes]] = {0: set(), 1: set(), 2: set()}
    for task, number in (level.values for level in LEVELS):
        batch, steps = problems(task, number, number_of_problems), task.level(number)["steps"]
        # A step of grey is dark where all of it lies above half of 17.
        for seen, split in zip(questions(batch), split_of(batch.key).tolist(), strict=True):
            found[split].update((picture >= steps / 2).tobytes() for picture in seen)
    return found


def test_no_picture_stands_in_two_splits_over_both_tasks_and_all_levels() -> None:
    train, validation, test = whole_splits(1_500).values()
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert min(len(train) / 8, len(validation), len(test)) > 120


@pytest.mark.parametrize(("task", "number"), ADD)
def test_splits_keep_their_shares_and_the_proof_holds(task: Task, number: int) -> None:
    drawn = take(Part(task, number, 0), {"train": 3_000, "validation": 300, "test": 300})
    proof = prove(drawn["train"], drawn["validation"], drawn["test"], 0)
    assert (proof.overlaps, proof.text_overlaps) == (0, 0)
    shares = np.bincount(split_of(problems(task, number, 8_000).key), minlength=3) / 8_000
    assert np.abs(shares - [0.8, 0.1, 0.1]).max() < 0.03


def test_pictures_that_commute_share_a_key_and_others_do_not() -> None:
    batch = problems(pictures.add_digits, 3, 16_000)
    unordered = [frozenset(picture.tobytes() for picture in seen) for seen in questions(batch)]
    keys = batch.key.tolist()
    assert len(set(zip(keys, unordered, strict=True))) == len(set(keys)) == len(set(unordered)) < len(keys)
    texts_of: dict[int, set[str]] = {}
    for key, question in zip(keys, batch.question.to_pylist(), strict=True):
        texts_of.setdefault(key, set()).add(question)
    assert max(len(both) for both in texts_of.values()) == 2


def test_a_picture_keeps_its_key_at_every_level() -> None:
    keys = [problems(pictures.read_digit, number, 30_000).key for number in range(1, 5)]
    assert {len(np.unique(level)) for level in keys} == {len(np.unique(np.concatenate(keys)))} == {1_752}


def test_the_commonest_digit_scores_what_is_declared() -> None:
    assert pictures.read_digit.chance == np.bincount(SCANS.target).max() / len(SCANS.target)
    sums = problems(pictures.add_digits, 1, 16_000).answer
    assert abs(np.bincount(sums).max() / len(sums) - 0.1) < 0.01


@pytest.mark.parametrize("level", [{"steps": 3}, {"steps": 0}, {"steps": 18}])
def test_steps_that_do_not_nest_are_refused(level: dict[str, int]) -> None:
    with pytest.raises(UserError, match=r"no pictures of .* grey steps; take one of"):
        pictures.read_digit(np.random.default_rng(0), 5, **level)
    with pytest.raises(UserError, match="cannot add 1 pictures"):
        pictures.add_digits(np.random.default_rng(0), 5, 17, 1)


def test_without_scikit_learn_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    for kept in (pictures._scans, pictures._texts, pictures._by_split):
        kept.cache_clear()
    with pytest.raises(UserError, match=r"pip install enigmath\[pictures\]"):
        pictures.read_digit(np.random.default_rng(0), 5, 17)
