"""What the suite requires and whether this run meets it: a row a requirement, judged from the store alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.requirements import Verdict, asked, judge
from enigmath.bench.specs import Bounds, Suite
from enigmath.bench.store import find_landed
from enigmath.reports.frames import Run
from enigmath.reports.text import clipped
from enigmath.reports.words import percent, span

COLUMNS: Final = ["title", "label", "metric", "asked", "status", "scores"]
NOT_MET, NOT_JUDGED, MET = "not met", "not judged", "met"


def requirements(run: Run) -> pd.DataFrame:
    """A row a requirement of a task that has a cell in this run, those that are not met first.

    Columns: title, label, metric, asked (in words), status (met, not met, or not judged: a cell failed or did not run)
    and scores: for each seed its number, the score and its interval. It is met when every seed's cell meets it.
    """
    found: list[dict[str, Any]] = list(_rows(run)) if isinstance(run.wanted, Suite) else []
    found = [row for status in (NOT_MET, NOT_JUDGED, MET) for row in found if row["status"] == status]
    return pd.DataFrame(found, columns=COLUMNS)


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
    home = Path(cell["folder"])
    found = find_landed(home.parents[1], home.name)
    try:
        return {verdict.metric: verdict for verdict in judge(wanted, found)} if found else {}
    except (KeyError, UserError, OSError, pa.ArrowInvalid):
        return {}


def _status(verdicts: list[Verdict | None]) -> str:
    if any(verdict is not None and verdict.fault for verdict in verdicts):
        return NOT_MET
    return NOT_JUDGED if not verdicts or None in verdicts else MET


def rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    """The requirements as the page shows them: texts, and of each seed its score with its interval."""
    return [
        {
            "status": row["status"],
            "task": clipped(row["title"], 120),
            "model": clipped(row["label"], 60),
            "asked": f"{clipped(row['metric'], 40)} {row['asked']}".replace("%", "\N{NO-BREAK SPACE}%"),
            "scores": [
                (f"seed {seed}", f"{percent(score)} ({span(low, high)})") for seed, score, low, high in row["scores"]
            ],
        }
        for row in found.to_dict("records")
    ]


def tally(found: pd.DataFrame) -> str:
    """How many requirements are met, in a sentence.

    >>> tally(pd.DataFrame({"status": ["met", "not met", "met"]}))
    'Of 3 requirements of the suite, 2 are met and 1 is not met.'
    >>> tally(pd.DataFrame({"status": ["met", "met"]})), tally(pd.DataFrame({"status": ["not met"]}))
    ('All 2 requirements of the suite are met.', 'The requirement of the suite is not met.')
    """
    counts = found["status"].value_counts()
    told = [
        f"{count} {'is' if count == 1 else 'are'} {status}"
        for status in (MET, NOT_MET, NOT_JUDGED)
        if (count := int(counts.get(status, 0)))
    ]
    if len(told) > 1:
        return f"Of {len(found)} requirements of the suite, {', '.join(told[:-1])} and {told[-1]}."
    every = "The requirement of the suite is" if len(found) == 1 else f"All {len(found)} requirements of the suite are"
    return f"{every} {found['status'].iloc[0]}." if told else ""
