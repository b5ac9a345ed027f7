"""The page's board: one view for each score that a reader may choose, on trained levels and beyond them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from enigmath.reports.figures import Places, plain
from enigmath.reports.leaderboard import KINDS
from enigmath.reports.published import between, in_words, is_share
from enigmath.reports.text import clipped
from enigmath.reports.words import compact, duration, percent

VIEWS = {
    "exact": "Exact",
    "characters": "Characters",
    "bits": "Bits",
    "within-10": "Within 10 %",
    "within-order": "Within one order",
    "past": "Beyond shortcut",
    "nats": "Nats a character",
    "coverage": "Parsed",
}
COSTS = {
    "parameters": "Parameters",
    "examples": "Examples seen",
    "seconds": "Training",
    "pace": "Examples a second",
    "operations": "Operations",
    "speed": "Operations a second",
    "utilisation": "Of the device's peak",
    "rate": "Answers a second",
    "device": "Device",
}
"""The columns beside the scores: means over the tasks; operations are floating-point ones, of training."""
FIRST_COSTS = ("parameters", "examples", "seconds")
"""Those that are shown at first."""
LEVELS = {"trained": "trained levels", "beyond": "levels beyond"}


@dataclass(frozen=True)
class Head:
    """A panel's name: area above, task below, the title of a mixture beside; or the task above and its title below."""

    area: str
    name: str
    title: str


@dataclass(frozen=True)
class Views:
    """What the template shows at once (heads, models, metrics) and what the script reads (data)."""

    heads: list[Head]
    models: list[dict[str, Any]]
    metrics: dict[str, str]
    levels: dict[str, str]
    kinds: list[str]
    areas: list[str]
    data: dict[str, Any]
    first_view: str
    first: dict[tuple[int, int], list[Any]]
    """The cells of the view that is shown first, by model and panel."""


def places_of(board: pd.DataFrame) -> Places:
    """Networks, methods, shortcuts, each by their mean exact score; panels as the suite has them."""
    trained = board[board["levels"] == "trained"]
    exact = trained.groupby("label")["exact"].mean() if "exact" in board else pd.Series(dtype=float)
    kind = board.groupby("label")["kind"].first()
    order = sorted(
        kind.index, key=lambda label: (KINDS.index(str(kind[label])), -_or(exact.get(label), -1), str(label))
    )
    panels = dict.fromkeys(zip(board["title"].astype(str), board["task"].astype(str), strict=True))
    return Places(tuple(str(label) for label in order), tuple(panels))


def board_views(board: pd.DataFrame, long: pd.DataFrame, places: Places, figures: pd.DataFrame) -> Views:
    """Every view of the board as the cells' texts, sort values and heat; `figures` are the published ones."""
    located = places.locate(board)
    titles = [title for title, _ in places.panels]
    panels = [head_of(title, task, titles.count(title) > 1) for title, task in places.panels]
    models = [_model(located[located["model"] == place], label) for place, label in enumerate(places.models)]
    kept_levels = {name: words for name, words in LEVELS.items() if (board["levels"] == name).any()}
    stored = {"exact", *long["metric"]}
    metrics = {name: words for name, words in VIEWS.items() if name == "past" or name in stored}
    scores = places.locate(long)
    views = {
        f"{metric} {level}": _view(
            located[located["levels"] == level], scores[scores["beyond"] == (level == "beyond")], metric
        )
        for metric in metrics
        for level in kept_levels
    }
    for view, content in views.items():
        content["published"] = _published(figures, places, *view.split(" "))
    data = {
        "costs": [{name: model[name] for name in COSTS} for model in models],
        "metrics": metrics,
        "losses": [metric for metric in metrics if not is_share(metric)],
        "seeds": int(board["seeds"].max()) if len(board) else 0,
        "spent": _spent(located[located["levels"] == "trained"]),
        "views": views,
    }
    first = next(iter(views), "")
    shown = {(cell[1], cell[0]): cell for cell in views[first]["cells"]} if first else {}
    kinds = [kind for kind in KINDS if any(model["kind"] == kind for model in models)]
    areas = sorted({head.area for head in panels})
    return Views(panels, models, metrics, kept_levels, kinds, areas, data, first, shown)


def head_of(title: str, task: str, mixture: bool) -> Head:
    """A title says more than the task that it names, but for a mixture, whose tasks it has in common."""
    if title != task and not mixture:
        return Head(clipped(task, 60), clipped(title, 60), "")
    area, _, name = task.partition("/")
    return Head(clipped(area, 40), clipped(name or task, 60), clipped(title if title != task else "", 60))


def _model(rows: pd.DataFrame, label: str) -> dict[str, Any]:
    names = {
        "parameters": "parameters",
        "examples": "examples",
        "pace": "examples_per_second",
        "operations": "operations",
        "speed": "operations_per_second",
        "rate": "problems_per_second",
    }
    means = {name: float(rows[column].mean()) for name, column in names.items()}
    seconds = float(rows["fit_seconds"].mean())
    share = float(rows["utilisation"].mean())
    devices = clipped(", ".join(sorted(set(rows["device"]) - {""})), 60)
    return {
        "label": clipped(label, 120),
        "shortcut": bool(rows["shortcut"].any()),
        "kind": str(rows["kind"].iloc[0]),
        **{name: [*plain([mean]), compact(mean)] for name, mean in means.items()},
        "seconds": [*plain([seconds]), duration(seconds)],
        "utilisation": [*plain([share]), f"{percent(share)} %" if np.isfinite(share) else "–"],
        "device": [devices or None, devices or "–"],
    }


def _spent(board: pd.DataFrame) -> dict[str, list[Any]]:
    """What each model spent on each panel, a column each: operations, seconds and examples of training, parameters."""
    columns = {"operations": "operations", "seconds": "fit_seconds", "examples": "examples", "parameters": "parameters"}
    values = {name: board[column].to_numpy(float) for name, column in columns.items()}
    known = {name: plain(np.where(column > 0, column, np.nan), 3) for name, column in values.items()}
    return {"panel": board["panel"].tolist(), "model": board["model"].tolist(), **known}


def _view(board: pd.DataFrame, long: pd.DataFrame, metric: str) -> dict[str, Any]:
    """One view: cells by panel and model with value, text, interval, n, note, heat; shortcut and chance by panel."""
    past = metric == "past"
    scores = long[long["metric"] == ("exact" if past else metric)].set_index(["panel", "model"])
    value, low, high = ("past", "past_low", "past_high") if past else ("score", "low", "high")
    cells = []
    for row in board.to_dict("records"):
        place = (row["panel"], row["model"])
        if place not in scores.index:
            note = (
                f"failed ({row['failed']} of {row['failed'] + row['seeds']} seeds)"
                if row["failed"]
                else "does not apply"
            )
            kind = "failed" if row["failed"] else "none"
            cells.append([*place, None, "failed" if row["failed"] else "–", "", 0, note, kind])
            continue
        score = scores.loc[place]
        texts = [in_words(metric, score[value]), between(metric, score[low], score[high])]
        n = int(score["n"])
        heat = _heat(float(score[value])) if is_share(metric) else "none"
        cells.append([*place, *plain([score[value]]), *texts, n, _note(row, n), heat])
    return {"cells": cells, "shortcut": _shortcuts(scores) if not past else {}, "chance": _chance(board, metric)}


def _heat(value: float) -> str:
    """The class that colours a cell in eleven steps; another hue below zero."""
    if value != value:
        return "none"
    return f"{'loss' if value < 0 else 'heat'} h{round(10 * min(abs(value), 1))}"


def _note(row: Mapping[Any, Any], n: int) -> str:
    """What stands behind one score, for the tooltip: problems, seeds, and what went wrong."""
    parts = [f"{n:,} problems", f"{row['seeds']} seed{'s' if row['seeds'] != 1 else ''}"]
    if row["failed"]:
        parts.append(f"{row['failed']} failed")
    if "diverged" in row["fit"]:
        parts.append("diverged")
    if row.get("coverage", 1.0) < 1:
        parts.append(f"{percent(row['coverage'])} % parsed")
    return ", ".join(parts)


def _shortcuts(scores: pd.DataFrame) -> dict[int, list[Any]]:
    """By panel: the best shortcut's score as a number and as text, and its name."""
    known = scores.dropna(subset=["best_shortcut"]).reset_index().drop_duplicates("panel")
    columns = ["panel", "shortcut_score", "best_shortcut"]
    return {
        int(panel): [*plain([share]), percent(share), clipped(label, 60)]
        for panel, share, label in known[columns].to_numpy().tolist()
    }


def _published(figures: pd.DataFrame, places: Places, metric: str, level: str) -> dict[int, list[Any]]:
    """By panel that is a title's only one: the published figure as a number and as text, and its source."""
    titles = [title for title, _ in places.panels]
    told = figures[(figures["metric"] == metric) & (figures["levels"] == level)]
    return {
        titles.index(title): [*plain([value]), in_words(metric, value), clipped(source)]
        for title, value, source in told[["title", "published", "source"]].itertuples(index=False)
        if titles.count(title) == 1
    }


def _chance(board: pd.DataFrame, metric: str) -> dict[int, list[Any]]:
    """By panel: the share of exact answers, of characters or of bits that guessing reaches."""
    column = "chance" if metric == "exact" else f"chance_{metric}"
    if column not in board:
        return {}
    means = board.groupby("panel")[column].mean().dropna()
    return {panel: [*plain([share]), percent(share)] for panel, share in zip(means.index.tolist(), means, strict=True)}


def _or(value: Any, other: float) -> float:
    return other if value is None or value != value else float(value)
