"""The pages of predictions: what every model said to the same problems, right, wrong and unparsable, to be searched.

A page holds a draw of a title's predictions, since a run may hold ten million of them: of each model and outcome the
problems whose keys are smallest, which are hashes, so that the draw is fair and mostly the same for all models.
Problems whose nearest training problems the probe `neighbours` has kept come first, and show them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enigmath.reports.figures import Places, grouped, levels, plain
from enigmath.reports.frames import Run, agreeing, read_table
from enigmath.reports.site import Site, render
from enigmath.reports.text import clipped

EACH = 200
"""Predictions of one model and outcome on a page, at most."""
PAGE, REPORT = 6_000, 100_000
"""Predictions on one page and in a whole report, about at most."""
LARGEST = 8_000_000
"""Bytes of a page; a draw that is larger, since its texts are long, is made again with half as many."""
OUTCOMES = ("right", "wrong", "unparsable", "timeout", "error")
NEAREST = "nearest problem"
"""The measure of the probe's rows that hold a problem and its nearest training problem."""
NEIGHBOUR = ["neighbour_question", "neighbour_answer", "distance"]
PREDICTIONS = "predictions.parquet"
PROBLEM, SAID = ["task", "level", "beyond", "key", "question", "answer"], ["prediction", "outcome"]
"""The columns of a cell's predictions that say what was asked, beside its traits, and what was answered."""


def prediction_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each title's page of predictions: its path in the report and its text."""
    for title in site.titles:
        run = site.run.only(title)
        if len(run.finished):
            yield _prediction_page(site, title, run)


def _prediction_page(site: Site, title: str, run: Run) -> tuple[str, str]:
    path = site.prediction_path(title)
    neighbours = nearest(run)
    groups = run.finished["label"].nunique() * 3
    limit = max(1, min(EACH, PAGE // groups, REPORT // groups // len(site.titles)))
    told = levels(run, site.places)
    own = [place for place, (other, _) in enumerate(site.places.panels) if other == title]
    while True:
        rows, stored = drawn(run, neighbours, limit)
        data = _data(rows, neighbours, site.places)
        text = render(
            "predictions.html.jinja",
            site,
            path,
            f"Predictions · {title}",
            {
                **data,
                "levels": {panel: told[panel] for panel in own},
                "stored": _stored(stored, site.places),
            },
            scripts=("tables.js", "predictions.js"),
            styles=("pages.css",),
            name=clipped(title, 120),
            task=site.task_path(title),
            kept=f"{len(rows):,}",
            all=f"{sum(stored.values()):,}",
            neighbours=len(neighbours) > 0,
        )
        if limit == 1 or len(text.encode()) < LARGEST:
            return path, text
        limit //= 2


def nearest(run: Run) -> pd.DataFrame:
    """The nearest training problems that the probe has kept, by seed and question: neighbour_question,
    neighbour_answer, distance; empty where it was not run.
    """
    columns = ["seed", "question", *NEIGHBOUR]
    if run.probes.empty or not set(columns) <= set(run.probes.columns):
        return pd.DataFrame(columns=columns)
    kept = run.probes.loc[run.probes["measure"] == NEAREST, columns].dropna(subset=["question", "neighbour_question"])
    return kept.drop_duplicates(["seed", "question"]).reset_index(drop=True)


def drawn(run: Run, neighbours: pd.DataFrame, limit: int) -> tuple[pd.DataFrame, dict[tuple[str, str], int]]:
    """The draw, `limit` of each model and outcome, as a frame of PROBLEM, SAID, label, seed, far and trait.*; and how
    many the store has by label and outcome. One cell is read at a time; the problems that the cells of a seed mostly
    have in common are read once.
    """
    known = {seed: sorted(set(rows["question"])) for seed, rows in neighbours.groupby("seed")}
    problems: dict[int, pa.Table] = {}
    parts: list[pa.Table] = []
    stored: dict[tuple[str, str], int] = {}
    for label, seed, folder in run.finished[["label", "seed", "folder"]].itertuples(index=False):
        asked = problems[seed] = _problems(Path(folder), problems.get(seed))
        said = read_table(Path(folder) / PREDICTIONS, SAID)
        rows, counts = _smallest(asked, said["outcome"], known.get(seed, []), limit)
        for outcome, count in counts.items():
            stored[str(label), outcome] = stored.get((str(label), outcome), 0) + count
        part = pa.table({of: table[of] for table in (asked, said) for of in table.column_names}).take(pa.array(rows))
        beside = {"label": pa.repeat(str(label), len(rows)), "seed": pa.repeat(int(seed), len(rows))}
        for name, column in (beside | {"far": pa.array(_far(Path(folder), rows))}).items():
            part = part.append_column(name, column)
        parts.append(part)
    joined = pa.concat_tables(agreeing(parts), promote_options="permissive").to_pandas()
    joined = joined.astype({"task": str, "outcome": str})
    kept = {seed: set(questions) for seed, questions in known.items()}
    asked_at = zip(joined["seed"], joined["question"], strict=True)
    joined["fresh"] = [question not in kept.get(seed, ()) for seed, question in asked_at] if kept else True
    joined = joined.sort_values(["fresh", "key", "level", "seed"], kind="stable")
    kept_rows = joined[joined.groupby(["label", "outcome"]).cumcount() < limit]
    return kept_rows.reset_index(drop=True), stored


def _problems(folder: Path, before: pa.Table | None) -> pa.Table:
    """What a cell was asked: the table that was read before, where it holds the same."""
    path = folder / PREDICTIONS
    if before is not None:
        names = read_table(path, ["task", "level", "key"])
        if names.equals(before.select(names.column_names)):
            return before
    traits = [name for name in pq.read_schema(path).names if name.startswith("trait.")]
    return read_table(path, [*PROBLEM, *traits])


def _smallest(
    asked: pa.Table, outcomes: pa.ChunkedArray, known: list[str], limit: int
) -> tuple[npt.NDArray[np.intp], dict[str, int]]:
    """Of each outcome the rows with the smallest keys, those with a known neighbour first; and all rows of each."""
    outcome = pc.dictionary_encode(pc.cast(outcomes, pa.string()).combine_chunks())
    codes, key = outcome.indices.to_numpy(zero_copy_only=False), asked["key"].to_numpy()
    fresh = np.ones(len(codes), bool)
    if known:
        fresh = ~pc.is_in(asked["question"], pa.array(known, asked["question"].type)).to_numpy(zero_copy_only=False)
    chosen, counts = [], {}
    for code, name in enumerate(outcome.dictionary.to_pylist()):
        rows = np.flatnonzero(codes == code)
        counts[str(name)] = len(rows)
        chosen.append(rows[np.lexsort((key[rows], fresh[rows]))[:limit]])
    return np.concatenate(chosen) if chosen else np.arange(0), counts


def _far(folder: Path, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """The relative errors of some rows of a cell; NaN where the answers are no numbers."""
    scores = pq.ParquetFile(folder / "scores.parquet", pre_buffer=False)
    if "relative-error" not in scores.schema_arrow.names:
        return np.full(len(rows), np.nan)
    far: npt.NDArray[Any] = scores.read(columns=["relative-error"], use_threads=False)["relative-error"].to_numpy()
    return far[rows].astype(np.float64)


def _data(rows: pd.DataFrame, neighbours: pd.DataFrame, places: Places) -> dict[str, Any]:
    """The draw as columns: problems once each, the predictions that name them, and what traits the problems have."""
    models = {label: place for place, label in enumerate(places.models)}
    panels = {task: place for place, (title, task) in enumerate(places.panels)}
    problem = ["task", "level", "seed", "key", "question", "answer"]
    numbers = rows.groupby(problem, sort=False, dropna=False).ngroup()
    first = rows[~numbers.duplicated()]
    beside = first[["seed", "question"]].merge(neighbours.reset_index(), on=["seed", "question"], how="left")
    kept = sorted({int(row) for row in beside["index"].dropna()})
    place = {row: number for number, row in enumerate(kept)}
    outcomes = sorted(
        set(rows["outcome"]),
        key=lambda name: (name not in OUTCOMES, OUTCOMES.index(name) if name in OUTCOMES else 0, name),
    )
    return {
        "outcomes": [clipped(name, 20) for name in outcomes],
        "problems": {
            "panel": [panels[task] for task in first["task"]],
            "seed": [int(seed) for seed in first["seed"]],
            "level": [int(level) for level in first["level"]],
            "question": [clipped(text) for text in first["question"]],
            "answer": [clipped(text) for text in first["answer"]],
            "neighbour": [place.get(row, -1) for row in beside["index"]],
        },
        "neighbours": [
            [clipped(question), clipped(answer), *plain([distance], 3)]
            for question, answer, distance in neighbours.loc[kept, NEIGHBOUR].itertuples(index=False)
        ],
        "traits": _traits(first),
        "rows": {
            "problem": [int(number) for number in numbers],
            "model": [models[label] for label in rows["label"]],
            "outcome": [outcomes.index(name) for name in rows["outcome"]],
            "prediction": [clipped(text) if isinstance(text, str) else None for text in rows["prediction"]],
            "far": plain(rows["far"], 3),
        },
    }


def _traits(problems: pd.DataFrame) -> list[dict[str, Any]]:
    """Each trait with its values, or spans of them, and which of them each problem has; -1 for none."""
    found = []
    for name in problems.columns:
        if name.startswith("trait.") and problems[name].nunique() > 1:
            at, values = grouped(problems[name])
            entry = {"name": clipped(name.removeprefix("trait."), 40), "values": values}
            found.append({**entry, "at": [int(value) for value in at.fillna(-1)]})
    return found


def _stored(stored: dict[tuple[str, str], int], places: Places) -> dict[str, dict[str, int]]:
    """How many predictions the run has, by the model's place and outcome."""
    found: dict[str, dict[str, int]] = {}
    for (label, outcome), count in stored.items():
        found.setdefault(str(places.models.index(label)), {})[clipped(outcome, 20)] = count
    return found
