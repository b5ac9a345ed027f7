"""What a suite's `[require]` demands of a cell, judged by the bound of the Wilson interval, never by the bare share."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from enigmath.bench.cell import Cell
from enigmath.bench.contracts.registry import find_metric
from enigmath.bench.specs import Bounds, Suite
from enigmath.bench.store import Landed, find_landed


@dataclass(frozen=True)
class Verdict:
    """One requirement of one cell, judged: the metric's score with its interval, what was asked, and the reason."""

    metric: str
    asked: str
    score: float
    low: float
    high: float
    fault: str
    """What of it does not hold, empty when all does."""


def unmet(suite: Suite, cell: Cell, run: Path) -> list[str]:
    """One line for each requirement that a cell does not meet, over its trained levels; empty when all hold.

    At least x holds when the interval's lower bound is x or more; at most x when its upper bound is x or less. At
    chance holds when the score lies no more than so many standard deviations above what the best constant scores.
    None holds of a cell that failed or did not run.
    """
    wanted = suite.require.get(cell.title, {}).get(cell.label, {})
    found = find_landed(run, cell.name)
    if not wanted:
        return []
    where = f"{cell.title}, {cell.label}, seed {cell.seed}"
    if found is None or not found.finished:
        return [f"{where}: {', '.join(wanted)} cannot be judged, the cell {'failed' if found else 'did not run'}"]
    return [
        f"{where}: {verdict.metric} {verdict.score:.1%} ({verdict.low:.1%} to {verdict.high:.1%}) {verdict.fault}"
        for verdict in judge(wanted, found)
        if verdict.fault
    ]


def judge(wanted: Mapping[str, float | Bounds], found: Landed) -> list[Verdict]:
    """A verdict for each required metric of a finished cell, over its trained levels."""
    from enigmath.bench.intervals import interval

    scores = pq.read_table(found.folder / "scores.parquet", columns=["beyond", *wanted])
    trained = ~scores["beyond"].to_numpy()
    verdicts = []
    for name, bound in wanted.items():
        values = scores[name].to_numpy()[trained]
        limits = bound if isinstance(bound, Bounds) else Bounds(at_least=bound)
        share, low, high, _ = interval(values, find_metric(name).summary)
        faults = []
        if limits.at_least is not None and not low >= limits.at_least:
            faults.append(f"must be at least {limits.at_least:.1%}")
        if limits.at_most is not None and not high <= limits.at_most:
            faults.append(f"must be at most {limits.at_most:.1%}")
        if limits.at_chance is not None:
            faults += _above_chance(values, chance_of(found.record, name), limits.at_chance)
        verdicts.append(Verdict(name, asked(limits), share, low, high, ", ".join(faults)))
    return verdicts


def asked(limits: Bounds) -> str:
    """What a requirement demands, in words.

    >>> asked(Bounds(at_least=0.99)), asked(Bounds(at_most=0.1, at_chance=5))
    ('at least 99.0%', 'at most 10.0%, within 5 deviations of chance')
    """
    parts = [
        (limits.at_least, "at least {:.1%}"),
        (limits.at_most, "at most {:.1%}"),
        (limits.at_chance, "within {:g} deviations of chance"),
    ]
    return ", ".join(words.format(limit) for limit, words in parts if limit is not None)


def _above_chance(values: Any, chance: float, most: float) -> list[str]:
    from enigmath.bench.chance import sigmas_above

    sigmas = sigmas_above(values, chance)
    return [f"is {sigmas:.1f} deviations above chance, {chance:.1%}: {most:g} at most"] if sigmas > most else []


def chance_of(record: Mapping[str, Any], metric: str) -> float:
    """What the best constant scores in a cell; for exact answers the declared chance of its trained levels, if more."""
    declared = [level["chance"] or 0.0 for task in record["tasks"] for level in task["levels"] if not level["beyond"]]
    measured = float(record["chance"][metric])
    return max(measured, sum(declared) / len(declared)) if metric == "exact" and declared else measured
