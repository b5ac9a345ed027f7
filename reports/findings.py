"""What the probes found of one model, as its page shows it: the figures that speak, curves, maps, and every figure.

A figure is shown as the probe gave it; shares run from 0 to 1. Each seed has rows of its own.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from enigmath.bench.contracts.registry import probes as installed_probes
from enigmath.bench.probes.finding import COLUMNS
from enigmath.reports.figures import plain
from enigmath.reports.text import clipped
from enigmath.reports.verdicts import probe_verdicts_of

MOST_ROWS = 600
"""Figures of one probe on one title that a page holds, at most."""
MOST_POINTS = 1_500
"""Points of one map that a page holds, at most."""
CURVE = 3
"""Groups that make a curve, at least."""
KINDS = 12
"""Values of a column that can colour a map, at most."""
OWN = {*COLUMNS, "cell", "title", "label", "seed", "probe", "x", "y"}
"""The columns that every finding has, and those that place a point of a map; others are a probe's own."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:/\d+)?")
EXAMPLE = "nearest problem"
"""The measure of rows that are problems to read; the pages of predictions show them."""


def findings(found: pd.DataFrame, titles: Sequence[str], part: int = 1) -> list[dict[str, Any]]:
    """One entry a title and probe of the rows of one model: its words, verdict, speaking figures, curves, maps, and all
    its figures as columns; of figures and points of maps the `part`-th part of what is held at most.
    """
    most, points = max(1, MOST_ROWS // part), max(1, MOST_POINTS // part)
    docs = {name: probe.doc for name, probe in installed_probes().plugins.items()}
    verdicts = probe_verdicts_of(found).set_index(["title", "probe"])["verdict"]
    entries = []
    for title in titles:
        for probe, rows in found[found["title"] == title].groupby("probe", observed=True):
            rows = rows[rows["measure"] != EXAMPLE]
            mapped = _mapped(rows)
            figures = rows[~mapped & rows["value"].notna()]
            entries.append(
                {
                    "title": title,
                    "probe": clipped(probe, 60),
                    "doc": clipped(docs.get(str(probe), ""), 600),
                    "verdict": str(verdicts.get((title, str(probe)), "")),
                    "says": [_said(row) for row in figures[figures["says"].isin(_words(figures))].to_dict("records")],
                    "curves": _curves(figures),
                    "maps": _maps(rows[mapped], points),
                    "rows": _columns(figures.head(most)),
                    "left": max(0, len(figures) - most),
                }
            )
    return entries


def _words(figures: pd.DataFrame) -> set[str]:
    return {str(word) for word in figures["says"].dropna().unique() if word}


def _said(row: dict[Any, Any]) -> dict[str, str]:
    """A figure that speaks: what was measured, the figure with its interval, n, and what it says."""
    parts = [" ".join(clipped(row[name], 60) for name in ("by", "group") if row[name]), _also(row)]
    return {
        "measure": clipped(row["measure"], 120),
        "part": ", ".join(part for part in parts if part),
        "value": figure(row["value"]),
        "interval": f"{figure(row['low'])} to {figure(row['high'])}" if math.isfinite(row["low"]) else "",
        "n": f"{int(row['n']):,}",
        "seed": str(int(row["seed"])),
        "says": clipped(row["says"], 20),
    }


def _also(row: dict[Any, Any]) -> str:
    """What a probe's own columns say of a figure."""
    own = {name: _text(value) for name, value in row.items() if name not in OWN}
    return ", ".join(f"{clipped(name, 20)} {text}" for name, text in own.items() if text)


def figure(value: float | np.floating[Any]) -> str:
    """A figure with three significant digits, and no minus before nothing.

    >>> figure(0.12345), figure(-0.0), figure(1234567.0), figure(float("nan"))
    ('0.123', '0', '1,230,000', '–')
    """
    if not math.isfinite(value):
        return "–"
    rounded = float(f"{float(value):.3g}") + 0.0
    return (f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{rounded:g}").replace("-", "−")


def _mapped(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows are points of a map."""
    if not {"x", "y"} <= set(rows.columns):
        return pd.Series(False, index=rows.index)
    places = rows[["x", "y"]].apply(pd.to_numeric, errors="coerce")
    finite: pd.Series[bool] = places.notna().all(axis=1) & ~places.isin([np.inf, -np.inf]).any(axis=1)
    return finite


def _curves(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """A chart for each `by` whose groups are in order: the groups, and a line a measure and seed."""
    charts = []
    for by, rows in figures[figures["by"].fillna("") != ""].groupby("by", sort=False):
        rows = rows[rows["group"].fillna("") != ""]
        groups = list(dict.fromkeys(rows["group"].astype(str)))
        if len(groups) < CURVE or not _in_order(groups):
            continue
        at = {group: place for place, group in enumerate(groups)}
        lines = [
            {
                "measure": clipped(measure, 60),
                "seed": int(str(seed)),
                "x": [at[group] for group in line["group"].astype(str)],
                **{name: plain(line[name]) for name in ("value", "low", "high")},
                "n": [int(n) for n in line["n"]],
            }
            for (measure, seed), line in rows.groupby(["measure", "seed"], sort=False)
            if len(line) >= CURVE
        ]
        if lines:
            charts.append({"by": clipped(by, 60), "groups": [clipped(group, 30) for group in groups], "lines": lines})
    return charts


def _in_order(groups: Sequence[str]) -> bool:
    """Whether the numbers that the groups begin with rise or fall throughout.

    >>> _in_order(["1/64", "1/8", "1"]), _in_order(["3 of 10", "7 of 10"]), _in_order(["add zero", "swap"])
    (True, True, False)
    """
    found = [NUMBER.search(group) for group in groups]
    if not all(found):
        return False
    parts = [match[0].split("/") for match in found if match]
    numbers = np.array([float(part[0]) / (float(part[1]) if len(part) > 1 and float(part[1]) else 1) for part in parts])
    steps = np.diff(numbers)
    return bool((steps > 0).all() or (steps < 0).all())


def _maps(points: pd.DataFrame, most: int) -> list[dict[str, Any]]:
    """A map for each measure and seed: points with their texts, and the columns that may colour them."""
    extra = [name for name in points.columns if name not in OWN]
    maps = []
    for (measure, seed), here in points.groupby(["measure", "seed"], sort=False):
        here = here.head(most)
        columns = {"group": here["group"], **{name: here[name] for name in extra if here[name].notna().any()}}
        texts = {name: [_text(value) for value in values] for name, values in columns.items()}
        colours = [name for name, values in texts.items() if 1 < len(set(values)) <= KINDS]
        maps.append(
            {
                "measure": clipped(measure, 60),
                "by": clipped(here["by"].iloc[0] or "group", 40),
                "seed": int(str(seed)),
                "x": plain(pd.to_numeric(here["x"])),
                "y": plain(pd.to_numeric(here["y"])),
                "colours": [clipped(name, 40) for name in colours],
                "texts": {clipped(name, 40): values for name, values in texts.items() if any(values)},
            }
        )
    return maps


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    return clipped(figure(value) if isinstance(value, float | np.floating) else value, 40)


def _columns(figures: pd.DataFrame) -> dict[str, list[Any]]:
    """Figures as columns: seed, measure, by, group, value, low, high, n, says, also."""
    texts = {name: [clipped(text or "", 80) for text in figures[name]] for name in ("measure", "by", "group", "says")}
    numbers = {name: plain(figures[name], 3) for name in ("value", "low", "high")}
    texts["also"] = [_also(row) for row in figures.to_dict("records")]
    return {**texts, **numbers, "n": [int(n) for n in figures["n"]], "seed": [int(seed) for seed in figures["seed"]]}
