"""Beyond shortcut: what a model scores above every model that looks up or guesses, on the same problems."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import probe
from enigmath.bench.intervals import difference
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

METRICS: Final = ("exact", "within-10")
ABOVE_CHANCE: Final = 0.1
"""A share speaks where even the low end of its interval is that far above chance."""
NOTHING: Final = 0.05
"""An advantage whose interval ends below it is none."""
SOMETHING: Final = 0.25
"""The share within ten percent that a model must surely reach to be said to look up: one may also know nothing."""

Floats = npt.NDArray[np.float64]


@probe("beyond-shortcut")
def beyond_shortcut(subject: Subject) -> "pd.DataFrame":
    """Does it score above the best of all shortcuts on the same problems, and on what every shortcut gets wrong?

    Rows, by metric and by trained levels and those beyond: `accuracy`, `best shortcut` (its label in the column
    shortcut), `above the best shortcut` (paired, Newcombe's interval), `accuracy where every shortcut is wrong`. The
    best shortcut is chosen on these very problems, which flatters it and not the model; a shortcut is one of them.

    Says `computes` where, at trained levels and exactly right, the interval of the advantage lies above 0 and that of
    the accuracy where every shortcut is wrong lies a tenth above chance; `looks up` where the advantage is surely under
    5 points and yet a quarter of the answers are surely within ten percent: what it has is not more than shortcuts
    have. Weakness: it knows only the shortcuts that ran beside the model, a cleverer one is not ruled out. Of an
    advantage within ten percent it says nothing: there, rounding a neighbour that no shortcut knows can win.
    """
    if not subject.shortcuts:
        return findings([])
    if subject.landed.record["model"].get("shortcut"):
        itself = {subject.cell.label: subject.scores}
        subject = replace(subject, shortcut_scores={**itself, **subject.shortcut_scores})
    return findings(
        row
        for metric in METRICS
        for group, beyond in (("trained", False), ("beyond", True))
        for row in _compared(subject, metric, group, subject.rows(beyond=beyond))
    )


def chance(subject: Subject) -> float:
    """The expected share of right answers of the best constant, as the cell's record has it; 0 where it has none."""
    return float(subject.landed.record.get("chance", {}).get("exact", 0.0))


def _near(subject: Subject, rows: npt.NDArray[np.int64]) -> float:
    """The low end of the share within ten percent, or of right answers where answers are no numbers."""
    near = subject.scores["within-10"].to_numpy()[rows]
    kept = near[~np.isnan(near)] if not np.isnan(near).all() else subject.right[rows]
    return float(share("", kept)["low"])


def _compared(subject: Subject, metric: str, group: str, rows: npt.NDArray[np.int64]) -> Iterator[Row]:
    ours = subject.scores[metric].to_numpy()[rows].astype(np.float64)
    theirs = {
        label: scores[metric].to_numpy()[rows].astype(np.float64) for label, scores in subject.shortcut_scores.items()
    }
    if not len(rows) or np.isnan(ours).all():
        return
    best = max(theirs, key=lambda label: float(np.nan_to_num(theirs[label]).mean()))
    left = np.all([np.nan_to_num(values) == 0 for values in theirs.values()], axis=0)
    gained, hard = difference(ours, theirs[best]), share("", ours[left])
    says = ""
    if metric == "exact" and group == "trained":
        if gained.low > 0 and hard["low"] > chance(subject) + ABOVE_CHANCE:
            says = COMPUTES
        elif gained.high < NOTHING and _near(subject, rows) > SOMETHING:
            says = LOOKS_UP
    part = {"by": "levels", "group": group, "metric": metric}
    yield share("accuracy", ours, **part)
    yield share("best shortcut", theirs[best], shortcut=best, **part)
    yield number(
        "above the best shortcut", gained.estimate, low=gained.low, high=gained.high, n=gained.size, says=says,
        shortcut=best, **part,
    )  # fmt: skip
    yield {**hard, "measure": "accuracy where every shortcut is wrong", **part}
