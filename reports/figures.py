"""What the page's figures show, as plain values that JSON can hold: the page's own script draws them.

Every text in them has been made visible and clipped; every figure is a score of the frames, none is made here. Models
and panels (a task of a title) are named by their place in the lists `models` and `panels`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from enigmath.bench.intervals import wilson
from enigmath.reports.frames import Run
from enigmath.reports.leaderboard import Summary, measure
from enigmath.reports.text import clipped
from enigmath.reports.words import percent, span

LEVEL_METRICS = ("exact", "within-10", "within-order")
TOLERANCES = ("within-10", "within-5", "within-2", "within-1", "within-0.1", "exact")
CURVE_POINTS = 80
"""Points of a learning curve that the page holds at most."""
GROUPS = 12
"""Values of a trait that errors are shown for at most; a number with more is cut into quantiles."""
WHOLE = r"-?(0|[1-9][0-9]{0,14})"
"""A text that is a number, and no word made of digits as `007` is."""


@dataclass(frozen=True)
class Places:
    """The order of models and panels on the page."""

    models: tuple[str, ...]
    panels: tuple[tuple[str, str], ...]

    def locate(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the columns model and panel, their places."""
        models = {label: place for place, label in enumerate(self.models)}
        panels = {panel: place for place, panel in enumerate(self.panels)}
        keys = zip(rows["title"].astype(str), rows["task"].astype(str), strict=True)
        return rows.assign(
            model=rows["label"].astype(str).map(models).astype(int), panel=[panels[key] for key in keys]
        ).sort_values(["panel", "model"], kind="stable")


def plain(values: Any, digits: int = 4) -> list[float | None]:
    """Numbers for JSON: rounded to so many significant digits, None for what is not finite."""
    return [float(f"{value:.{digits}g}") if math.isfinite(value) else None for value in np.asarray(values, float)]


def score_cell(row: Mapping[Any, Any] | None, metric: str) -> tuple[str, str, str]:
    """A score's text, its interval, and the class that colours it."""
    if row is None or metric not in row or row[metric] != row[metric]:
        return "–", "", ""
    value = float(row[metric])
    heat = f"{'loss' if value < 0 else 'heat'} h{round(10 * min(abs(value), 1))}"
    return percent(value), span(float(row[f"{metric}_low"]), float(row[f"{metric}_high"])), heat


def difficulty(run: Run, places: Places) -> list[dict[str, Any]]:
    """One entry a panel, model and metric: the score at each level, with its interval and n."""
    kinds: dict[str, Summary] = {name: "share" for name in LEVEL_METRICS if name in run.metrics}
    scores = measure(run.scores, ["title", "task", "label", "level"], kinds)
    found = places.locate(scores).sort_values("level", kind="stable")
    return [
        {
            "panel": panel,
            "model": model,
            "metric": metric,
            "level": [int(level) for level in rows["level"]],
            "score": plain(rows["score"]),
            "low": plain(rows["low"]),
            "high": plain(rows["high"]),
            "n": [int(n) for n in rows["n"]],
        }
        for (panel, model, metric), rows in found.groupby(["panel", "model", "metric"])
    ]


def tolerance(run: Run, places: Places) -> list[dict[str, Any]]:
    """One entry a panel and model: the share within each tolerance on trained levels, from 10 % to exact."""
    names = [name for name in TOLERANCES if name in run.metrics]
    if "within-10" not in names:
        return []
    trained = run.scores[~run.scores["beyond"].astype(bool)].dropna(subset=["within-10"])
    scores = measure(trained, ["title", "task", "label"], dict.fromkeys(names, "share"))
    entries = []
    for (panel, model), rows in places.locate(scores).groupby(["panel", "model"]):
        by_metric = rows.set_index("metric").reindex(names)
        interval = {name: plain(by_metric[name]) for name in ("score", "low", "high")}
        entries.append({"panel": panel, "model": model, "n": int(by_metric["n"].iloc[0]), "names": names, **interval})
    return entries


def learning(run: Run, places: Places) -> list[dict[str, Any]]:
    """One entry a cell: its learning curve, thinned to CURVE_POINTS, against step and seconds."""
    curves = run.curves
    if curves.empty:
        return []
    entries = []
    wanted = [name for name in ("step", "seconds", "loss", "validation_loss", "validation_exact") if name in curves]
    panels = {title: place for place, (title, _) in reversed(list(enumerate(places.panels)))}
    models = {label: place for place, label in enumerate(places.models)}
    for name, rows in curves.groupby(["title", "label", "seed", "cell"], observed=True):
        title, label, seed, _ = map(str, name)
        thin = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, CURVE_POINTS).astype(int))]
        columns = {name: plain(thin[name]) for name in wanted if thin[name].notna().any()}
        if title in panels:
            entries.append({"panel": panels[title], "model": models[str(label)], "seed": int(seed), **columns})
    return sorted(entries, key=lambda entry: (entry["panel"], entry["model"], entry["seed"]))


def errors(run: Run, places: Places) -> list[dict[str, Any]]:
    """One entry a panel and trait: for each value of the trait and each model, the share right and the median error on
    trained levels.

    A panel's first trait is the one that names operators, where there is one.
    """
    traits = _traits(run)
    problems = run.columns("task", "beyond", "exact", "relative-error", *traits)
    problems = problems[~problems["beyond"].astype(bool)]
    models = {label: place for place, label in enumerate(places.models)}
    entries = []
    for panel, key in enumerate(places.panels):
        here = problems[(problems["title"] == key[0]) & (problems["task"] == key[1])]
        if here.empty:
            continue
        scored = here[[*traits, "exact"]].assign(
            model=here["label"].map(models).astype(int), far=here.get("relative-error", np.nan)
        )
        found = [name for name in traits if scored[name].notna().any() and scored[name].nunique() > 1]
        for trait in sorted(found, key=lambda name: ("operator" not in name, traits.index(name))):
            name = clipped(trait.removeprefix("trait."), 40)
            entries.append({"panel": panel, "trait": name, **_by(scored[trait], scored)})
    return entries


def _traits(run: Run) -> list[str]:
    """The names of the columns of traits that the predictions have."""
    kept = (pq.read_schema(Path(folder) / "predictions.parquet").names for folder in run.finished["folder"])
    return list(dict.fromkeys(name for names in kept for name in names if name.startswith("trait.")))


def _by(trait: "pd.Series[Any]", scored: pd.DataFrame) -> dict[str, Any]:
    groups, names = grouped(trait)
    rows = pd.DataFrame({"model": scored["model"], "group": groups, "exact": scored["exact"], "far": scored["far"]})
    by = rows.dropna(subset=["group", "exact"]).groupby(["model", "group"])
    found = by.agg(right=("exact", "sum"), n=("exact", "size"), far=("far", "median")).reset_index()
    low, high = wilson(found["right"], found["n"])
    return {
        "values": names,
        "model": [int(model) for model in found["model"]],
        "value": [int(group) for group in found["group"]],
        "score": plain(found["right"] / found["n"]),
        "low": plain(low),
        "high": plain(high),
        "n": [int(n) for n in found["n"]],
        "far": plain(found["far"], 2),
    }


def grouped(values: "pd.Series[Any]") -> tuple["pd.Series[Any]", list[str]]:
    """The values as at most GROUPS groups, numbered from 0, and the groups' names."""
    distinct = values.dropna().unique()
    if pd.Series(distinct).astype(str).str.fullmatch(WHOLE).all():
        values = pd.to_numeric(values)  # a trait that another task of the run writes in words comes as text
        distinct = values.dropna().unique()
    if pd.api.types.is_numeric_dtype(values) and len(distinct) > GROUPS:
        cut = pd.qcut(values, GROUPS // 2, duplicates="drop")
        names = [f"{piece.left:.3g} to {piece.right:.3g}" for piece in cut.cat.categories]
        return cut.cat.codes.where(cut.notna()), names
    if len(distinct) > GROUPS:
        kept = values.value_counts().sort_index().nlargest(GROUPS - 1).index
        values = values.where(values.isin(kept) | values.isna(), "others")
        distinct = values.dropna().unique()
    order = sorted(distinct)
    place = {value: number for number, value in enumerate(order)}
    return values.map(place), [clipped(f"{value:.15g}" if isinstance(value, float) else value, 40) for value in order]


def levels(run: Run, places: Places) -> list[dict[str, Any]]:
    """One entry a panel: its levels' numbers and names, which are beyond, and how the axis is written; empty lists for
    a panel that the run has nothing of.
    """
    rows = run.levels.drop_duplicates(["title", "task", "level"]).sort_values("level")
    found = {panel: _levels(here) for panel, here in rows.groupby(["title", "task"])}
    return [found[panel] if panel in found else _levels(rows[:0]) for panel in places.panels]


def _levels(rows: pd.DataFrame) -> dict[str, Any]:
    axis, ticks = _axis([str(name) for name in rows["name"]], [int(level) for level in rows["level"]])
    return {
        "number": [int(level) for level in rows["level"]],
        "name": [clipped(name, 80) for name in rows["name"]],
        "beyond": [bool(beyond) for beyond in rows["beyond"]],
        "axis": axis,
        "ticks": ticks,
    }


def _axis(names: Sequence[str], numbers: Sequence[int]) -> tuple[str, list[str]]:
    """The keyword that alone changes from level to level with its values, or the levels' numbers.

    >>> _axis(["digits=1", "digits=3"], [1, 2])
    ('digits', ['1', '3'])
    >>> _axis(["digits=2 operands=3", "digits=3 operands=4"], [1, 2])
    ('level', ['1', '2'])
    """
    pairs = [dict(part.partition("=")[::2] for part in name.split()) for name in names]
    changing = {key for found in pairs for key in found if len({other.get(key) for other in pairs}) > 1}
    if len(changing) == 1 or (len(names) == 1 and len(pairs[0]) == 1):
        key = next(iter(changing or pairs[0]))
        values = [found.get(key, "") for found in pairs]
        if all(values) and max(map(len, values)) <= 4:
            return clipped(key, 30), [clipped(value, 4) for value in values]
    return "level", [str(number) for number in numbers]
