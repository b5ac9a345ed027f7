"""Data efficiency: the same model on less of the data, with the nearest neighbour's curve beside it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Examples, Learner, Model, UserError, probe
from enigmath.bench.contracts.registry import find_model
from enigmath.bench.intervals import difference
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.subject import Mask, Subject
from enigmath.bench.runner import predict
from enigmath.bench.scoring import judge

if TYPE_CHECKING:
    import pandas as pd

PARTS = (64, 16, 4, 1)
"""What the training problems are divided by: the first part of them is kept."""

ASKED = 2_000
"""Test problems that are asked at most."""

NEIGHBOUR = "nearest-aligned"

APART = 0.05
"""Shares of right answers that differ by less are alike."""

Curves = dict[int, tuple[Mask, Mask]]
"""By the number of training problems, which test problems are right and which are within ten percent, shapes (n,)."""


@probe("data-efficiency", fits=True)
def data_efficiency(subject: Subject) -> "pd.DataFrame":
    """The same model at 1/64, 1/16, 1/4 and all of the training problems, and the nearest neighbour's curve beside.

    Every fit has the cell's budget, so that only the data differ. The slope is what four times the data add to the
    share of right answers. It speaks for computing where with all the data, on the same problems, the interval of
    model less neighbour lies above 5 points: the curve has departed. It speaks for looking up where model and
    neighbour are alike to within 5 points, exactly and within ten percent, at every size, while the neighbour is right
    within ten percent at all. A model that does not learn has a flat curve. Weakness: a model that interpolates
    better than this neighbour departs as well.
    """
    rows = subject.rows()[:ASKED]
    test = subject.data.test.take(pa.array(rows))
    if not len(rows):
        raise UserError("has no test problems of trained levels", where=subject.cell.title)
    model: Curves = {}
    neighbour: Curves = {}
    for part in PARTS:
        fewer = replace(
            subject.data, train=subject.data.train.slice(0, subject.data.train.num_rows // part), fresh=None
        )
        if not fewer.train.num_rows:
            continue
        anew = part > 1 and isinstance(subject.model, Learner)
        fitted = subject.refitted(fewer) if anew else subject.model
        model[fewer.train.num_rows] = _scored(subject, test, fitted)
        nearest = find_model(NEIGHBOUR)()
        nearest.fit(Examples(fewer.train), Examples(fewer.validation), subject.cell.budget)
        neighbour[fewer.train.num_rows] = _scored(subject, test, nearest)
    return findings([*_curve("the model", model), *_curve(NEIGHBOUR, neighbour), *_departure(model, neighbour)])


def _scored(subject: Subject, test: pa.Table, model: Model) -> tuple[Mask, Mask]:
    """Which of the test problems are right, and which are within ten percent."""
    given = np.array(predict(model, test["question"].to_pylist()), dtype=object)
    names = np.array(test["task"].to_pylist(), dtype=object)
    right, near = np.zeros((2, test.num_rows), dtype=bool)
    for task in subject.tasks:
        rows = np.flatnonzero(names == task.name)
        judged = judge(task, test.take(pa.array(rows)), given[rows].tolist())[0]
        right[rows] = judged.right
        apart = np.abs(judged.prediction_values - judged.answer_values)
        close = apart <= 0.1 * np.abs(judged.answer_values)
        near[rows] = judged.right | (close.all(axis=1) & (judged.kind.components > 0))
    return right, near


def _curve(who: str, curve: Curves) -> list[Row]:
    by = "training problems"
    rows = [
        share(f"{measure}, {who}", values[kind], by=by, group=f"{size:,}", size=size)
        for size, values in curve.items()
        for kind, measure in enumerate(("exact", "within 10 %"))
    ]
    if len(curve) < 2:
        return rows
    quadruplings = np.log(list(curve)) / np.log(4)
    slope = np.polyfit(quadruplings, [values[0].mean() for values in curve.values()], 1)[0]
    return [*rows, number(f"slope of exact a fourfold of the data, {who}", slope, n=len(curve))]


def _departure(model: Curves, neighbour: Curves) -> list[Row]:
    """Model less neighbour at each size, on the same problems; the rule of the docstring speaks on the last row."""
    apart = {size: [difference(model[size][kind], neighbour[size][kind]) for kind in (0, 1)] for size in model}
    whole = max(model)
    alike = all(side.low >= -APART and side.high <= APART for pair in apart.values() for side in pair)
    says = COMPUTES if apart[whole][0].low > APART else ""
    if alike and share("", neighbour[whole][1])["low"] > 0:
        says = LOOKS_UP
    return [
        number(
            f"{measure}, model less neighbour", pair[kind].estimate, by="training problems", group=f"{size:,}",
            low=pair[kind].low, high=pair[kind].high, n=pair[kind].size,
            says=says if size == whole and kind == 0 else "", size=size,
        )
        for size, pair in apart.items()
        for kind, measure in enumerate(("exact", "within 10 %"))
    ]  # fmt: skip
