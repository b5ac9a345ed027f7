"""The pages of tasks: what is asked, how the data were checked, and how every model does on it.

A page is a title's: one task, or a mixture of several. What it shows is read for one title at a time.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from enigmath.reports.boards import VIEWS
from enigmath.reports.cryptanalysis import strips, verdicts
from enigmath.reports.figures import learning, levels, score_cell, tolerance
from enigmath.reports.frames import Run, read_table
from enigmath.reports.site import Site, render
from enigmath.reports.text import clipped
from enigmath.reports.verdicts import probe_verdicts, verdict_table
from enigmath.reports.words import compact, percent

SAMPLES, FEW = 2, 8
"""Questions of each level that are shown, with their answers; one of each where there are more than FEW levels."""
LEVELS = ("Level", "Settings", "", "Chance", "Ceiling", "Best network", "Textbook method", "Best shortcut")
SECOND = ("within-10", "bits", "characters")
"""What stands beside exact on a task's page: the first that applies, since answers without a size have no nearness."""
COMMONEST = 8
"""Answers that are counted one by one."""


def task_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each title's page: its path in the report and its text."""
    found = probe_verdicts(site.run)
    for title in site.titles:
        yield _task_page(site, title, found[found["title"] == title])


def _task_page(site: Site, title: str, found: pd.DataFrame) -> tuple[str, str]:
    run, places, path = site.run.only(title), site.places, site.task_path(title)
    own = [(place, task) for place, (other, task) in enumerate(places.panels) if other == title]
    told, graded = levels(run, places), site.graded[title]
    data = {
        "metrics": {name: words for name, words in VIEWS.items() if name in run.metrics},
        "levels": {place: told[place] for place, _ in own},
        "difficulty": graded,
        "tolerance": tolerance(run, places),
        "learning": learning(run, places),
        "errors": site.grouped[title],
    }
    shown = [index for index, label in enumerate(places.models) if (run.cells["label"] == label).any()]
    tasks = [_task(site, run, panel, told[panel], graded) for panel, _ in own]
    text = render(
        "task.html.jinja",
        site,
        path,
        title,
        {**data, "shown": shown},
        scripts=("charts.js", "figures.js", "tables.js"),
        styles=("pages.css",),
        name=clipped(title, 120),
        tasks=tasks,
        audit=_audit(run),
        answers=_answers(run),
        answered=verdict_table(found, "label", places.models),
        links={clipped(label, 120): "../" + site.model_path(label) for label in places.models},
        predictions=site.prediction_path(title),
        strips=strips(run),
        verdicts=verdicts(run),
        failed=[
            [clipped(cell["label"], 120), str(cell["seed"]), clipped(cell["error"] or "no reason kept")]
            for cell in run.cells[run.cells["status"] != "finished"].to_dict("records")
        ],
    )
    return path, text


def _task(site: Site, run: Run, panel: int, told: dict[str, Any], graded: list[dict[str, Any]]) -> dict[str, Any]:
    """What the page says of one task of the title: its words, levels, samples and scores."""
    title, task = site.places.panels[panel]
    near = _second(site.board[(site.board["title"] == title) & (site.board["task"] == task)])
    rows = run.levels[run.levels["task"] == task]
    first = rows.iloc[0]
    return {
        "name": clipped(task, 120),
        "doc": clipped(first["doc"], 1_000),
        "answer": clipped(first["answer"], 120),
        "version": int(first["version"]),
        "levels": _levels(site, rows, told, [entry for entry in graded if entry["panel"] == panel]),
        "samples": _samples(run, task, dict(zip(told["number"], told["name"], strict=True))),
        "scores": _scores(site, title, task, near),
        "near": VIEWS[near],
    }


def _levels(
    site: Site, rows: pd.DataFrame, told: dict[str, Any], graded: list[dict[str, Any]]
) -> tuple[list[str], list[list[str]]]:
    """Heads, and a row a level: number, name, trained or beyond, chance, ceiling, the best of each kind of model."""
    stated = rows.groupby("level")[["chance", "ceiling"]].mean()
    found = []
    for number, name, beyond in zip(told["number"], told["name"], told["beyond"], strict=True):
        best: dict[str, tuple[float, str]] = {}
        for entry in graded:
            if entry["metric"] == "exact" and number in entry["level"]:
                score = entry["score"][entry["level"].index(number)]
                kind = site.data["models"][entry["model"]]["kind"]
                if score is not None and score > best.get(kind, (-1.0, ""))[0]:
                    best[kind] = (score, clipped(site.places.models[entry["model"]], 40))
        named = [
            f"{percent(best[kind][0])} · {best[kind][1]}" if kind in best else "–"
            for kind in ("network", "method", "shortcut")
        ]
        marks = [percent(stated[column].get(number, float("nan"))) for column in ("chance", "ceiling")]
        found.append([str(number), name, "beyond" if beyond else "trained", *marks, *named])
    kept = [place for place, _ in enumerate(LEVELS) if place < 3 or any(row[place] != "–" for row in found)]
    return [LEVELS[place] for place in kept], [[row[place] for place in kept] for row in found]


def _samples(run: Run, task: str, names: dict[int, str]) -> list[list[str]]:
    """Some questions of each level with their answers: those with the smallest keys, which is a fair draw of hashes."""
    for folder in run.finished["folder"]:
        columns = ["task", "level", "key", "question", "answer"]
        rows = read_table(Path(folder) / "predictions.parquet", columns).to_pandas()
        rows = rows[rows["task"] == task].sort_values(["level", "key"], kind="stable")
        drawn = rows.groupby("level").head(SAMPLES if len(names) <= FEW else 1)
        return [
            [names.get(int(level), str(level)), clipped(question), clipped(answer)]
            for level, question, answer in drawn[["level", "question", "answer"]].itertuples(index=False)
        ]
    return []


def _second(board: pd.DataFrame) -> str:
    """The metric that stands beside exact: the first of SECOND that applies to the task."""
    return next((name for name in SECOND if name in board and board[name].notna().any()), "within-10")


def _scores(site: Site, title: str, task: str, near: str) -> list[dict[str, Any]]:
    """A row a model in the order of the board: its scores on trained levels and beyond, and what stands behind them."""
    board = site.board[(site.board["title"] == title) & (site.board["task"] == task)]
    by_label: dict[str, dict[str, Any]] = {}
    for row in board.to_dict("records"):
        by_label.setdefault(str(row["label"]), {})[row["levels"]] = row
    found = []
    for label in site.places.models:
        here = by_label.get(label)
        if not here:
            continue
        first = here.get("trained", next(iter(here.values())))
        cells = [
            score_cell(here.get(levels), metric)
            for levels, metric in (("trained", "exact"), ("trained", near), ("beyond", "exact"))
        ]
        past = score_cell(here.get("trained"), "beyond_shortcut")
        found.append(
            {
                "label": clipped(label, 120),
                "path": site.model_path(label),
                "kind": str(first["kind"]),
                "cells": [*cells, past],
                "parsed": percent(float(first.get("coverage", float("nan")))),
                "n": f"{int(first['n']):,}",
                "seeds": str(int(first["seeds"])) + (f", {int(first['failed'])} failed" if first["failed"] else ""),
                "parameters": compact(float(first["parameters"])),
            }
        )
    return found


def _audit(run: Run) -> list[tuple[str, str]]:
    """How the data of the title were checked, as far as the run has kept it: names and figures, each seed's once."""
    cells = run.cells
    seeds = cells.drop_duplicates("seed")
    facts = [
        ("Training problems", _mean(seeds, "size.train")),
        ("Distinct among them", _mean(seeds, "proof.train_distinct")),
        ("Test problems", f"{float(run.finished['n'].mean()):,.0f}" if len(run.finished) else ""),
        ("Pairs compared", _sum(seeds, "proof.pairs")),
        ("Overlaps found", _sum(seeds, "proof.overlaps")),
        ("Same text in both", _sum(seeds, "proof.text_overlaps")),
        ("Same skeleton in both", _sum(seeds, "proof.skeleton_overlaps")),
        ("Duplicates dropped", _sum(seeds, "proof.duplicates")),
        ("Commonest training answer", _share(seeds, "constant")),
        ("Chance of a character", _share(seeds, "chance.characters")),
        ("Chance of a bit", _share(seeds, "chance.bits")),
    ]
    return [(name, value) for name, value in facts if value]


def _share(cells: pd.DataFrame, name: str) -> str:
    return f"{percent(float(cells[name].mean()))} %" if name in cells and cells[name].notna().any() else ""


def _mean(cells: pd.DataFrame, name: str) -> str:
    return f"{cells[name].mean():,.0f}" if name in cells and cells[name].notna().any() else ""


def _sum(cells: pd.DataFrame, name: str) -> str:
    return f"{int(cells[name].sum()):,}" if name in cells and cells[name].notna().any() else ""


def _answers(run: Run) -> dict[str, Any]:
    """How the test answers are spread: how many there are, how many distinct, and the commonest with their shares."""
    folders = run.finished.drop_duplicates("seed")["folder"]
    parts = [read_table(Path(folder) / "predictions.parquet", ["answer"])["answer"].to_pandas() for folder in folders]
    answers: pd.Series[Any] = pd.concat(parts, ignore_index=True) if parts else pd.Series(dtype=object)
    if answers.empty:
        return {}
    counts = answers.value_counts().rename_axis("answer").reset_index(name="count")
    counts = counts.sort_values(["count", "answer"], ascending=[False, True], kind="stable")
    lengths = answers.str.len()
    return {
        "n": f"{len(answers):,}",
        "distinct": f"{len(counts):,}",
        "lengths": _between(int(lengths.min()), float(lengths.median()), int(lengths.max())),
        "commonest": [
            (clipped(text, 80), percent(count / len(answers)), f"heat h{round(10 * count / len(answers))}")
            for text, count in counts.head(COMMONEST)[["answer", "count"]].itertuples(index=False)
        ],
    }


def _between(least: int, middle: float, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,} to {most:,}, median {middle:g}"
