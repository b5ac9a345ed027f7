"""The pages of models: what each is, how it scores on every task, how it answers, how it learnt and where it fails."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from enigmath.reports.figures import learning, score_cell
from enigmath.reports.findings import findings
from enigmath.reports.site import Site, render
from enigmath.reports.text import clipped
from enigmath.reports.verdicts import probe_verdicts_of, verdict_table
from enigmath.reports.words import compact, duration, percent, span

FEWEST = 10
"""Problems that a group must have before a model is said to fail on it."""
LARGEST, MOST_PARTS = 8_000_000, 512
"""Bytes of a page; one that is larger is made again with half as many figures, down to the last part."""
WORST, OF_TASK = 20, 4
"""Groups on which a model fails that are shown: in all, and of one task."""


def model_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each model's page: its path in the report and its text."""
    probes = site.run.probes
    for place, label in enumerate(site.places.models):
        found = probes[probes["label"].astype(str) == label] if len(probes) else probes
        yield _model_page(site, place, label, found)


def _model_page(site: Site, place: int, label: str, found: pd.DataFrame) -> tuple[str, str]:
    path, part = site.model_path(label), 1
    shared = _shared(site, place, label, found)
    while True:
        entries = findings(found, site.titles, part) if len(found) else []
        text = render(
            "model.html.jinja",
            site,
            path,
            label,
            {
                "learning": shared["curves"],
                "findings": [{name: entry[name] for name in ("curves", "maps", "rows", "left")} for entry in entries],
            },
            scripts=("charts.js", "figures.js", "findings.js"),
            styles=("pages.css",),
            findings=_by_title(site, entries),
            **shared,
        )
        if part > MOST_PARTS or len(text.encode()) < LARGEST:
            return path, text
        part *= 2


def _shared(site: Site, place: int, label: str, found: pd.DataFrame) -> dict[str, Any]:
    """What the page shows beside the probes' findings."""
    run = site.run.only(label=label)
    return {
        "name": clipped(label, 300),
        "short": clipped(label, 120),
        "kind": site.data["models"][place]["kind"],
        "doc": _first(run.cells, "doc"),
        "config": _config(run.cells),
        "facts": _facts(run.cells),
        "scores": _scores(site, label),
        "answered": verdict_table(probe_verdicts_of(found), "title", site.titles) if len(found) else None,
        "links": {clipped(title, 120): "../" + site.task_path(title) for title in site.titles},
        "curves": learning(run, site.places),
        "worst": _worst(site, place),
        "failed": [
            [clipped(cell["title"], 120), str(cell["seed"]), clipped(cell["error"] or "no reason kept")]
            for cell in run.cells[run.cells["status"] != "finished"].to_dict("records")
        ],
    }


def _by_title(site: Site, entries: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The findings of each title that has some; each has its number among all, by which the script finds it."""
    numbered = [{**entry, "number": number} for number, entry in enumerate(entries)]
    found = [(title, [entry for entry in numbered if entry["title"] == title]) for title in site.titles]
    return [(clipped(title, 120), here) for title, here in found if here]


def _first(cells: pd.DataFrame, name: str) -> str:
    texts = [text for text in cells[name] if isinstance(text, str) and text]
    return clipped(texts[0], 1_000) if texts else ""


def _distinct(cells: pd.DataFrame, name: str) -> str:
    if name not in cells:
        return ""
    values = cells[name].dropna().unique().tolist()
    told = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    return clipped(" / ".join(dict.fromkeys(told)), 120)


def _config(cells: pd.DataFrame) -> list[tuple[str, str]]:
    """The settings of the model's config, each with its value, or values where tasks have different ones."""
    names = [name for name in cells.columns if name.startswith("config.")]
    found = [(clipped(name.removeprefix("config."), 60), _distinct(cells, name)) for name in names]
    return [(name, value) for name, value in found if value]


def _facts(cells: pd.DataFrame) -> list[tuple[str, str]]:
    """What the model's cells say of it all: parameters, budget, time, device."""
    finished = cells[cells["status"] == "finished"]
    parameters = finished["parameters"].dropna()
    spread = sorted({compact(value) for value in parameters})
    facts = [
        ("Registered as", _distinct(cells, "model")),
        ("Parameters", " to ".join([spread[0], spread[-1]] if len(spread) > 1 else spread)),
        (
            "Cells",
            f"{len(finished):,} finished"
            + (f", {len(cells) - len(finished):,} failed" if len(cells) > len(finished) else ""),
        ),
        ("Seeds", clipped(", ".join(map(str, sorted(set(cells["seed"])))), 80)),
        ("Steps at most", _distinct(cells, "budget.steps")),
        ("Fitting, a cell", duration(float(finished["seconds.fit"].mean())) if "seconds.fit" in finished else ""),
        ("Device", _distinct(cells, "hardware.gpu") or _distinct(cells, "hardware.device")),
    ]
    return [(name, value) for name, value in facts if value and value != "–"]


def _scores(site: Site, label: str) -> list[dict[str, Any]]:
    """A row a task in the order of the suite: scores on trained levels and beyond, beside the best shortcut."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in site.board[site.board["label"] == label].to_dict("records"):
        found.setdefault((str(row["title"]), str(row["task"])), {})[row["levels"]] = row
    rows = []
    for (title, task), here in found.items():
        first = here.get("trained", next(iter(here.values())))
        cells = [
            score_cell(here.get(levels), metric)
            for levels, metric in (
                ("trained", "exact"),
                ("trained", "within-10"),
                ("beyond", "exact"),
                ("trained", "beyond_shortcut"),
            )
        ]
        shortcut = first.get("best_shortcut")
        rows.append(
            {
                "task": clipped(task if task == title else f"{title}: {task}", 120),
                "path": site.task_path(title),
                "predictions": site.prediction_path(title),
                "cells": cells,
                "shortcut": clipped(shortcut, 60) if isinstance(shortcut, str) else "–",
                "n": f"{int(first['n']):,}",
                "seeds": str(int(first["seeds"])) + (f", {int(first['failed'])} failed" if first["failed"] else ""),
            }
        )
    return rows


def _worst(site: Site, model: int) -> list[dict[str, Any]]:
    """The groups of problems on which the model is surely worst, by level and trait, the lowest upper bound first."""
    found = []
    for title in site.titles:
        groups = [group for group in _groups(site, title, model) if group[4] >= FEWEST and group[3] < 1]
        groups.sort(key=lambda group: (group[3], -group[4]))
        alone = {group[1:]: group for group in reversed(groups)}  # a trait that the level sets says nothing new
        found += [(title, *group) for group in groups if alone[group[1:]] == group][:OF_TASK]
    found.sort(key=lambda group: (group[4], -group[5]))
    return [
        {
            "task": clipped(title, 120),
            "path": site.task_path(title),
            "group": group,
            "score": percent(score),
            "heat": f"loss h{round(10 * (1 - score))}",
            "interval": span(low, high),
            "n": f"{n:,}",
        }
        for title, group, score, low, high, n in found[:WORST]
    ]


def _groups(site: Site, title: str, model: int) -> Iterator[tuple[str, float, float, float, int]]:
    """What a title's problems are grouped by: the group's name, the model's exact share with its bounds, and n."""
    mixture = sum(title == other for other, _ in site.places.panels) > 1
    named = [f"{clipped(task, 60)}, " if mixture else "" for _, task in site.places.panels]
    for entry in site.graded[title]:
        if entry["model"] == model and entry["metric"] == "exact":
            names = site.level_names[site.places.panels[entry["panel"]]]
            columns = (entry[name] for name in ("level", "score", "low", "high", "n"))
            for level, score, low, high, n in zip(*columns, strict=True):
                yield named[entry["panel"]] + clipped(names.get(level, f"level {level}"), 80), score, low, high, n
    for entry in site.grouped[title]:
        columns = (entry[name] for name in ("model", "value", "score", "low", "high", "n"))
        for who, value, score, low, high, n in zip(*columns, strict=True):
            if who == model:
                yield f"{named[entry['panel']]}{entry['trait']}: {entry['values'][value]}", score, low, high, n
