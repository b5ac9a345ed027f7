"""What the scores of any cell obey, whatever its task: orders between metrics, ranges, and agreement with outcomes.

It is read off the stored tables alone, so it holds also where a task is not installed, and tells of a metric that
breaks its own promise, which judging again by the same code would not.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.checked import and_more, written
from enigmath.bench.contracts import Task
from enigmath.bench.contracts.answer import Normed
from enigmath.bench.contracts.registry import metrics

Broken = tuple[str, str, str]
"""What it is of, what was expected, what was found."""

Values = npt.NDArray[np.float64]

ORDERS: Final = (
    ("exact", "within-0.1", "within-1", "within-2", "within-5", "within-10", "within-order"),
    ("norm-0.5", "norm-1", "norm-2", "norm-5", "norm-10"),
    ("exact", "coverage"),
)
"""Chains of metrics: on each problem no value is larger than the next."""

FRACTIONS: Final = ("tolerance-area", "digits", "characters", "bits")
ERRORS: Final = ("order", "absolute-error", "relative-error", "edit-distance")
"""Metrics whose values lie from 0 to 1, and from 0 on; a stranger's metric may lie anywhere."""

PARSED: Final = ("right", "wrong", "timeout")
"""Outcomes of predictions that parse; where the judge failed, either may be."""


def broken(told: pa.Table, scores: pa.Table, tasks: Sequence[Task]) -> Iterator[Broken]:
    """A line for each invariant that the stored tables break; `tasks` are those installed, or none."""
    known = metrics().plugins
    values = {name: scores[name].to_numpy().astype(np.float64) for name in scores.column_names if name in known}
    for chain in ORDERS:
        kept = [name for name in chain if name in values]
        for lower, higher in pairwise(kept):
            yield from _where(values[lower] > values[higher], lower, values[lower], f"at most {higher}")
    for name, column in values.items():
        if known[name].summary == "share":
            yield from _where(~np.isin(column, (0, 1)) & ~np.isnan(column), name, column, "0 or 1")
        elif name in FRACTIONS:
            yield from _where((column < 0) | (column > 1 + 1e-6), name, column, "from 0 to 1")
        elif name in ERRORS:
            yield from _where(column < 0, name, column, "0 or more")
    yield from _outcomes(told, values)
    yield from _applicable(told, values, tasks)


def _outcomes(told: pa.Table, values: dict[str, Values]) -> Iterator[Broken]:
    """Right means exact, and what parses is covered."""
    outcome = np.array(told["outcome"].to_pylist(), dtype=object)
    if "exact" in values:
        exact = values["exact"]
        yield from _where((outcome == "right") != (exact == 1), "exact", exact, "1 where the outcome is right, else 0")
    if "coverage" in values:
        coverage = values["coverage"]
        apart = np.isin(outcome, PARSED) & (coverage != 1) | (outcome == "unparsable") & (coverage != 0)
        yield from _where(apart, "coverage", coverage, "1 where the prediction parses, else 0")


def _applicable(told: pa.Table, values: dict[str, Values], tasks: Sequence[Task]) -> Iterator[Broken]:
    """A metric of numbers has no value where answers are none, and one by norm none where there is no norm."""
    known = metrics().plugins
    for task in tasks:
        rows = np.asarray(pc.equal(pc.cast(told["task"], pa.string()), task.name).to_numpy(), dtype=np.bool_)
        for name, column in values.items():
            number = known[name].numeric and task.answer.components == 0
            norm = known[name].normed and not isinstance(task.answer, Normed)
            if number or norm:
                yield from _where(rows & ~np.isnan(column), name, column, "no value: it does not apply")


def _where(apart: npt.NDArray[np.bool_], what: str, column: Values, expected: str) -> Iterator[Broken]:
    rows = np.flatnonzero(apart)
    if len(rows):
        yield f"{what} of problem {rows[0] + 1}{and_more(len(rows))}", expected, written(column[rows[0]])
