"""What the suite requires and whether this run meets it: a row a requirement, judged from the store alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.requirements import Verdict, asked, judge
from enigmath.bench.store import find_landed
from enigmath.bench.suite import Bounds, Suite
from enigmath.reports.frames import Run

COLUMNS: Final = ["title", "label", "metric", "asked", "status", "scores"]
NOT_MET, NOT_JUDGED, MET = "not met", "not judged", "met"


def requirements(run: Run) -> pd.DataFrame:
    """A row a requirement of a task that has a cell in this run, those that are not met first.

    Columns: title, label, metric, asked (in words), status (met, not met, or not judged: a cell failed or did not run)
    and scores: for each seed its number, the score and its interval. It is met when every seed's cell meets it.
    """
    rows: list[dict[str, Any]] = list(_rows(run)) if isinstance(run.wanted, Suite) else []
    rows = [row for status in (NOT_MET, NOT_JUDGED, MET) for row in rows if row["status"] == status]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(run: Run) -> Iterator[dict[str, Any]]:
    assert run.wanted is not None
    for title, by_model in run.wanted.require.items():
        if title not in run.titles:
            continue
        for label, wanted in by_model.items():
            cells = run.cells[(run.cells["title"] == title) & (run.cells["label"] == label)].sort_values("seed")
            verdicts = [(int(cell["seed"]), _judged(run, cell, wanted)) for _, cell in cells.iterrows()]
            for metric, bound in wanted.items():
                mine = [(seed, found.get(metric)) for seed, found in verdicts]
                words = asked(bound if isinstance(bound, Bounds) else Bounds(at_least=bound))
                scores = [(seed, found.score, found.low, found.high) for seed, found in mine if found is not None]
                status = _status([found for _, found in mine])
                yield dict(zip(COLUMNS, (title, label, metric, words, status, scores), strict=True))


def _judged(run: Run, cell: "pd.Series[Any]", wanted: dict[str, float | Bounds]) -> dict[str, Verdict]:
    """The verdicts of one cell by metric; none where it failed, or lacks what they need."""
    if cell["status"] != "finished":
        return {}
    found = find_landed(run.path, Path(cell["folder"]).name)
    try:
        return {verdict.metric: verdict for verdict in judge(wanted, found)} if found else {}
    except (KeyError, UserError, OSError, pa.ArrowInvalid):
        return {}


def _status(verdicts: list[Verdict | None]) -> str:
    if any(verdict is not None and verdict.fault for verdict in verdicts):
        return NOT_MET
    return NOT_JUDGED if not verdicts or None in verdicts else MET
