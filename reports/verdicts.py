"""What the probes say of each model: it computes, it looks up, its probes disagree, or its run is broken.

A verdict is one probe's of one model on one title, all seeds together: where two seeds disagree it is mixed.
A probe that speaks for neither has been run and has no verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from enigmath.bench.probes.finding import BROKEN, COMPUTES, LOOKS_UP
from enigmath.reports.frames import Run
from enigmath.reports.text import clipped

MIXED = "mixed"
VERDICTS = (BROKEN, COMPUTES, LOOKS_UP, MIXED)
"""The verdicts in the order in which tables show them."""


@dataclass(frozen=True)
class Chip:
    """One verdict in a table's cell: the word, on how many titles (or models) it was given, and on which."""

    verdict: str
    count: int
    told: str

    @property
    def style(self) -> str:
        """The class that colours the chip."""
        return self.verdict.replace(" ", "-")


@dataclass(frozen=True)
class Row:
    """What every probe says of one model, or of one title: chips by probe, and how many verdicts of each kind."""

    name: str
    chips: list[list[Chip]]
    tally: list[Chip]
    silent: list[bool]
    """By probe: it was run and speaks for neither."""


@dataclass(frozen=True)
class Verdicts:
    """The table "How it answers": a column a probe, a row a model or a title; names are visible and clipped."""

    probes: list[str]
    rows: list[Row]
    several: bool
    """Whether a chip may speak of several titles, so that its count is worth telling."""


def probe_verdicts(run: Run) -> pd.DataFrame:
    """A row a title, label and probe; `verdict` is computes, looks up, mixed, broken, or empty if nothing was said."""
    return probe_verdicts_of(run.probes)


def probe_verdicts_of(probes: pd.DataFrame) -> pd.DataFrame:
    """The verdicts of some of a run's findings; see probe_verdicts."""
    columns = ["title", "label", "probe", "verdict"]
    if probes.empty:
        return pd.DataFrame(columns=columns)
    says = probes["says"].fillna("").astype(str)
    words = {word: says.eq(word) for word in (BROKEN, COMPUTES, LOOKS_UP)}
    keys = {name: probes[name].astype(str) for name in columns[:3]}
    said = pd.DataFrame({**keys, **words}).groupby(columns[:3], sort=False).any().reset_index()
    computes, looks_up = said[COMPUTES], said[LOOKS_UP]
    words_said = [said[BROKEN], computes & looks_up, computes, looks_up]
    verdict = np.select(words_said, [BROKEN, MIXED, COMPUTES, LOOKS_UP], default="")
    return said.assign(verdict=verdict)[columns]


def verdict_table(found: pd.DataFrame, by: Literal["label", "title"], order: Sequence[str]) -> Verdicts:
    """The verdicts of `probe_verdicts`, or some of its rows, as a table: a row a label (or a title), in this order."""
    other = "title" if by == "label" else "label"
    probes = sorted(found["probe"].unique())
    rows = []
    for name in order:
        mine = found[found[by] == name]
        if mine.empty:
            continue
        here = [mine[mine["probe"] == probe] for probe in probes]
        chips = [_chips(part, other) for part in here]
        tally = _chips(mine.assign(**{other: mine["probe"]}), other)
        rows.append(Row(clipped(name, 120), chips, tally, [len(part) > 0 for part in here]))
    return Verdicts([clipped(probe, 40) for probe in probes], rows, found[other].nunique() > 1)


def _chips(rows: pd.DataFrame, told: str) -> list[Chip]:
    """One chip a verdict, with the names that it was given for."""
    found = []
    for verdict in VERDICTS:
        names = list(dict.fromkeys(rows.loc[rows["verdict"] == verdict, told]))
        if names:
            count = int((rows["verdict"] == verdict).sum())
            found.append(Chip(verdict, count, clipped(", ".join(clipped(name, 60) for name in names), 300)))
    return found
