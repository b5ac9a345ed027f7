"""What a suite's `[require]` demands of a cell, judged by the bound of the Wilson interval, never by the bare share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from enigmath.bench.cell import Cell
from enigmath.bench.contracts.registry import find_metric
from enigmath.bench.store import find_landed
from enigmath.bench.suite import Bounds, Suite


def unmet(suite: Suite, cell: Cell, run: Path) -> list[str]:
    """One line for each requirement that a cell does not meet, over its trained levels; empty when all hold.

    At least x holds when the interval's lower bound is x or more; at most x when its upper bound is x or less. At
    chance holds when the score lies no more than so many standard deviations above what the best constant scores.
    None holds of a cell that failed or did not run.
    """
    from enigmath.bench.chance import sigmas_above
    from enigmath.bench.intervals import interval

    wanted = suite.require.get(cell.title, {}).get(cell.label, {})
    found = find_landed(run, cell.name)
    if not wanted:
        return []
    where = f"{cell.title}, {cell.label}, seed {cell.seed}"
    if found is None or not found.finished:
        return [f"{where}: {', '.join(wanted)} cannot be judged, the cell {'failed' if found else 'did not run'}"]
    scores = pq.read_table(found.folder / "scores.parquet", columns=["beyond", *wanted])
    asked = ~scores["beyond"].to_numpy()
    lines = []
    for name, bound in wanted.items():
        values = scores[name].to_numpy()[asked]
        limits = bound if isinstance(bound, Bounds) else Bounds(at_least=bound)
        share, low, high, _ = interval(values, find_metric(name).summary)
        shown = f"{where}: {name} {share:.1%} ({low:.1%} to {high:.1%})"
        if limits.at_least is not None and low < limits.at_least:
            lines.append(f"{shown} must be at least {limits.at_least:.1%}")
        if limits.at_most is not None and high > limits.at_most:
            lines.append(f"{shown} must be at most {limits.at_most:.1%}")
        if limits.at_chance is not None:
            chance = chance_of(found.record, name)
            sigmas = sigmas_above(values, chance)
            if sigmas > limits.at_chance:
                lines.append(
                    f"{shown} is {sigmas:.1f} deviations above chance, {chance:.1%}: {limits.at_chance:g} at most"
                )
    return lines


def chance_of(record: Mapping[str, Any], metric: str) -> float:
    """What the best constant scores in a cell; for exact answers the declared chance of its trained levels, if more."""
    declared = [level["chance"] or 0.0 for task in record["tasks"] for level in task["levels"] if not level["beyond"]]
    measured = float(record["chance"][metric])
    return max(measured, sum(declared) / len(declared)) if metric == "exact" and declared else measured
