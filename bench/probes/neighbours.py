"""Neighbours: how far a test problem lies from training, and whether its answer is the one that lies there."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import probe
from enigmath.bench.intervals import interval
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.nearest import (
    STATES,
    Floats,
    Indices,
    Memory,
    Neighbours,
    canonical,
    evenly,
    judged_each,
    mirrored,
    values,
)
from enigmath.bench.probes.subject import Mask, Subject

if TYPE_CHECKING:
    import pandas as pd

PROBLEMS: Final = 1_000
"""Test problems of trained levels that are looked at, at most."""
TRAINED: Final = 300
"""Training problems whose neighbours are looked at beside them."""
SHOWN: Final = 200
"""Problems that are kept with their nearest training problem, at most."""
ENOUGH: Final = 30
"""Fewer problems than these say nothing."""
OFTEN: Final = 0.1
"""An agreement with neighbours, beyond what two baselines give, that speaks for looking up."""


@probe("neighbours")
def neighbours(subject: Subject) -> "pd.DataFrame":
    """Is a wrong answer that of a training problem nearby, and does accuracy fall with the distance from training?

    By characters aligned, n-grams, edits, numbers, and the model's hidden states, for test problems of trained levels:
    `distance` to the nearest training problem; `accuracy` by tenths of the distance; `agreement`, the share of wrong
    predictions that are the answer of one of the five nearest (`agreement with the nearest`, of the first), beside
    `agreement when neighbours are shuffled among problems`; for numbers also `agreement with the neighbours mirrored`
    at the truth, which lie as near to it as they do: what a model that computes and slips would hit as often. `share
    nearer to the neighbours' mean than the truth is` tells it of numbers, and `spread of the neighbours` of training
    and of test problems how much there is to round. `nearest problem` are examples.

    Says `looks up` where the agreement lies above both baselines by a tenth, interval and all; `computes` where the
    accuracy on problems of which none of the five has the right answer is above a half, and falls by less than a tenth
    from the nearer to the farther half of them (where their distances differ), intervals and all. Weakness: a model
    that interpolates between neighbours agrees with none of them, and one that makes no mistakes has nothing to agree
    with. Hidden states say nothing: those of a model that computes lie near where the answers are the same.
    """
    memory, rows = Memory(subject), evenly(subject.rows(), PROBLEMS)
    if not len(rows) or not subject.data.train.num_rows:
        return findings([])
    asked = subject.told.take(pa.array(rows))
    found = [memory.near(kind, asked["question"].to_pylist()) for kind in memory.kinds()]
    lines: list[Row] = []
    for near in found:
        lines += _distances(near, subject.right[rows])
        lines += _agreement(subject, memory, asked, near, subject.right[rows])
        lines += _computed(subject, memory, asked, near, subject.right[rows])
    lines += _spreads(subject, memory, asked, found[0])
    return findings([*lines, *_examples(memory, asked, found[0], subject.right[rows])])


def _distances(near: Neighbours, right: Mask) -> Iterator[Row]:
    told = interval(near.distance, "mean")
    yield number("distance", told.estimate, by=near.kind, low=told.low, high=told.high, n=told.size)
    for group, rows in tenths(near.distance).items():
        yield share("accuracy", right[rows], by=f"distance by {near.kind}", group=group)


def tenths(distances: Floats) -> dict[str, Indices]:
    """The rows of each tenth of the distances, nearest first, by its bounds; equal distances stay together."""
    starts = np.unique(np.quantile(distances, np.linspace(0, 0.9, 10), method="lower"))
    part = np.searchsorted(starts, distances, side="right") - 1
    groups = {}
    for place in np.unique(part):
        rows = np.flatnonzero(part == place)
        low, high = (f"{bound:.3g}" for bound in (distances[rows].min(), distances[rows].max()))
        groups[low if low == high else f"{low} to {high}"] = rows
    return groups


def _agreement(
    subject: Subject, memory: Memory, asked: pa.Table, near: Neighbours, right: Mask
) -> Iterator[Row]:  # fmt: skip
    """How often wrong predictions are neighbours' answers, against shuffled and mirrored neighbours."""
    wrong = np.flatnonzero(~right)
    if not len(wrong):
        return
    tasks = asked["task"].to_pylist()
    given = canonical(subject, tasks, asked["prediction"].to_pylist())
    theirs = neighbour_answers(subject, memory, tasks, near)
    known = [set(row) - {None} for row in theirs.tolist()]
    agree = np.array([given[row] in known[row] for row in wrong], dtype=np.float64)
    first = np.array([given[row] is not None and given[row] == theirs[row, 0] for row in wrong])
    # What a shuffle gives on average needs no shuffle: how many other problems have this prediction nearby.
    having = Counter(answer for row in known for answer in row)
    others = max(1, len(known) - 1)
    shuffled = np.array([(having[given[row]] - (given[row] in known[row])) / others for row in wrong])
    baselines = {"agreement when neighbours are shuffled among problems": shuffled}
    across = mirrored(subject, tasks, asked["answer"].to_pylist(), theirs)
    if across is not None:
        hit = np.array([given[row] is not None and given[row] in across[row] for row in wrong])
        baselines["agreement with the neighbours mirrored"] = hit.astype(np.float64)
    above = [interval(agree - baseline, "mean").low for baseline in baselines.values()]
    speaks = near.kind != STATES and len(wrong) >= ENOUGH and min(above) > OFTEN
    yield share("agreement", agree, by=near.kind, says=LOOKS_UP if speaks else "")
    yield share("agreement with the nearest", first, by=near.kind)
    for measure, baseline in baselines.items():
        told = interval(baseline, "mean")
        yield number(measure, told.estimate, by=near.kind, low=told.low, high=told.high, n=told.size)
    numbers, truth = (values(subject, tasks, texts) for texts in (given, asked["answer"].to_pylist()))
    nearby = values(subject, [name for name in tasks for _ in theirs[0]], theirs.ravel().tolist())
    if numbers is not None and truth is not None and nearby is not None:
        mean = np.nanmean(nearby.reshape(theirs.shape), axis=1)
        usable = wrong[np.isfinite(numbers[wrong]) & np.isfinite(mean[wrong])]
        nearer = np.abs(numbers - mean)[usable] < np.abs(truth - mean)[usable]
        yield share("share nearer to the neighbours' mean than the truth is", nearer, by=near.kind)


def neighbour_answers(
    subject: Subject, memory: Memory, tasks: list[str], near: Neighbours
) -> npt.NDArray[np.object_]:  # fmt: skip
    """The answers of the neighbours as their answer kind writes them, shape (n, K)."""
    given = memory.answers[near.rows]
    read = canonical(subject, [name for name in tasks for _ in range(given.shape[1])], given.ravel().tolist())
    return np.array(read, dtype=object).reshape(given.shape)


def _computed(subject: Subject, memory: Memory, asked: pa.Table, near: Neighbours, right: Mask) -> Iterator[Row]:
    """Accuracy where no neighbour has the right answer, of the nearer and the farther half."""
    alone = np.flatnonzero(~judged_each(subject, asked, memory.answers[near.rows]).any(axis=1))
    everywhere = share("accuracy where no neighbour is right", right[alone], by=near.kind)
    farther = near.distance[alone] > np.median(near.distance[alone]) if len(alone) else np.zeros(0, bool)
    halves = [right[alone[~farther]], right[alone[farther]]]
    says = ""
    if near.kind != STATES and len(alone) >= ENOUGH and everywhere["low"] > 0.5:
        ends = [share("", half) for half in halves]
        # All at one distance: nothing to fall with.
        falls = ends[0]["high"] - ends[1]["low"] if min(map(len, halves)) >= ENOUGH else 0.0
        says = COMPUTES if falls < OFTEN else ""
    yield {**everywhere, "says": says}
    for group, half in zip(("nearer half", "farther half"), halves, strict=True):
        yield share("accuracy where no neighbour is right", half, by=near.kind, group=group)


def _spreads(subject: Subject, memory: Memory, asked: pa.Table, near: Neighbours) -> Iterator[Row]:
    """How far the neighbours' answers lie apart, and their mean from the truth, for test and training problems."""
    trained = evenly(memory.rows, TRAINED)
    known = subject.data.train.take(pa.array(trained))
    beside = memory.near(near.kind, known["question"].to_pylist(), trained)
    for group, problems, found in (("test", asked, near), ("train", known, beside)):
        tasks = problems["task"].cast(pa.string()).to_pylist()
        truth = values(subject, tasks, problems["answer"].to_pylist())
        theirs = memory.answers[found.rows]
        nearby = values(subject, [name for name in tasks for _ in theirs[0]], theirs.ravel().tolist())
        if truth is None or nearby is None:
            return
        nearby, size = nearby.reshape(theirs.shape), np.where(truth == 0, np.nan, np.abs(truth))
        for measure, column in (
            ("spread of the neighbours' answers, of the answer", nearby.std(axis=1) / size),
            ("neighbours' mean from the truth, of the answer", np.abs(nearby.mean(axis=1) - truth) / size),
        ):
            told = interval(column, "median")
            part = {"by": f"split, {near.kind}", "group": group}
            yield number(measure, told.estimate, low=told.low, high=told.high, n=told.size, **part)


def _examples(memory: Memory, asked: pa.Table, near: Neighbours, right: Mask) -> Iterator[Row]:
    """Problems with their nearest training problem, wrong ones before right ones."""
    wrong = evenly(np.flatnonzero(~right), SHOWN // 2)
    rows = np.concatenate([wrong, evenly(np.flatnonzero(right), SHOWN - len(wrong))])
    problems = asked.select(["question", "answer", "prediction", "outcome"]).take(pa.array(rows)).to_pylist()
    train = memory.subject.data.train.select(["question", "answer"]).take(pa.array(near.rows[rows, 0])).to_pylist()
    for problem, known, distance in zip(problems, train, near.distance[rows], strict=True):
        beside = {"neighbour_question": known["question"], "neighbour_answer": known["answer"], "distance": distance}
        yield number("nearest problem", distance, by=near.kind, n=1, **problem, **beside)
