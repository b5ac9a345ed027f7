"""Several runs read as one: a cell that two of them hold counts once, and what cannot be compared is refused."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pandas as pd

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.specs import Suite
from enigmath.reports.frames import Run
from enigmath.reports.text import clipped

ASKED = ["title", "task", "level"]
"""What names the problems of one level; all runs must ask the same ones."""


def merged(runs: Sequence[Run]) -> Run:
    """The runs as one, whose titles follow in the order in which the runs name them.

    A cell that several runs hold counts once, a finished one before a failed one. Where two runs hold models of one
    label that differ (in config, source, sizes or budget), the label is followed by the run's name in each of them.
    Raises UserError where two runs have a title in common and ask different things under it: other versions or
    sources of a task, or other levels.
    """
    if len(runs) == 1:
        return runs[0]
    for place, run in enumerate(runs):
        for earlier in runs[:place]:
            _refuse_what_differs(earlier, run)
    named = _labelled_apart(runs)
    cells = pd.concat([run.cells for run in named], ignore_index=True)
    first = cells.assign(failed=cells["status"] != "finished").sort_values("failed", kind="stable")
    cells = cells.loc[first.drop_duplicates("id").index.sort_values()]
    levels = pd.concat([run.levels for run in named], ignore_index=True).drop_duplicates(["cell", *ASKED])
    titles = tuple(dict.fromkeys(title for run in named for title in run.titles))
    cells = cells.assign(place=cells["title"].map(titles.index))
    cells = cells.sort_values(["place", "shortcut", "label", "seed", "id"], ignore_index=True).drop(columns="place")
    levels = levels.sort_values("title", key=lambda column: column.map(titles.index), kind="stable", ignore_index=True)
    return Run(
        path=runs[0].path,
        suite=" + ".join(dict.fromkeys(run.suite for run in runs)),
        cells=cells,
        levels=levels,
        titles=titles,
        notes=tuple(dict.fromkeys(note for run in runs for note in run.notes)),
        description=" ".join(dict.fromkeys(run.description for run in runs if run.description)),
        wanted=_wanted(named),
    )


def _refuse_what_differs(first: Run, second: Run) -> None:
    """Raise UserError where a title that both runs have asks different things in them."""
    told = ["version", "source", "name", "beyond"]
    sides = [run.levels.drop_duplicates([*ASKED, *told]) for run in (first, second)]
    shared = set(sides[0]["title"]) & set(sides[1]["title"])
    one, other = (side[side["title"].isin(shared)] for side in sides)
    pairs = one[[*ASKED, *told]].merge(other[[*ASKED, *told]], on=ASKED, how="outer", suffixes=("", "_other"))
    for row in pairs.to_dict("records"):
        reason = _difference(row)
        if reason:
            where = f"{first.path} and {second.path}"
            what = f"cannot be merged: {clipped(row['title'], 120)}: {reason}"
            raise UserError(what, where=where, mend="report them apart, or run the older one again")


def _difference(row: dict[Any, Any]) -> str:
    """In what a level of one run differs from that of another; empty where it does not."""
    task = clipped(row["task"], 120)
    if row["version"] != row["version"] or row["version_other"] != row["version_other"]:
        return f"level {row['level']} of {task} is asked in one of them only"
    if row["version"] != row["version_other"]:
        return f"{task} is of version {row['version']:g} in the one, of version {row['version_other']:g} in the other"
    if row["source"] != row["source_other"]:
        return f"{task} was drawn by different sources of one version"
    if row["name"] != row["name_other"]:
        names = [clipped(row[name], 80) for name in ("name", "name_other")]
        return f"level {row['level']} is {names[0]} in the one, {names[1]} in the other"
    if row["beyond"] != row["beyond_other"]:
        return f"level {row['level']} was trained on in one of them only"
    return ""


def _labelled_apart(runs: Sequence[Run]) -> list[Run]:
    """The runs with the name of the run after each label under which two of them mean different models."""
    cells = pd.concat([run.cells for run in runs], ignore_index=True)
    variants = cells.groupby(["title", "label"])["variant"].nunique()
    unlike = set(variants[variants > 1].index.get_level_values("label"))
    folders = [run.path.resolve().name for run in runs]
    names = [name if folders.count(name) == 1 else f"{name} {place}" for place, name in enumerate(folders, start=1)]
    return [
        _renamed(run, {label: f"{label} ({name})" for label in unlike}) for run, name in zip(runs, names, strict=True)
    ]


def _renamed(run: Run, names: dict[str, str]) -> Run:
    cells = run.cells.assign(label=[names.get(label, label) for label in run.cells["label"]])
    wanted = run.wanted
    if wanted is not None:
        require = {
            title: {names.get(label, label): bounds for label, bounds in models.items()}
            for title, models in wanted.require.items()
        }
        published = tuple(
            msgspec.structs.replace(figure, model=names.get(figure.model, figure.model)) for figure in wanted.published
        )
        wanted = msgspec.structs.replace(wanted, require=require, published=published)
    return replace(run, cells=cells, wanted=wanted)


def _wanted(runs: Sequence[Run]) -> Suite | None:
    """What all suites require and what they say was published; None where none can be read."""
    suites = [run.wanted for run in runs if run.wanted is not None]
    if not suites:
        return None
    require: dict[str, Any] = {}
    for suite in suites:
        for title, models in suite.require.items():
            require[title] = require.get(title, {}) | models
    published: list[Any] = []
    for suite in suites:
        published += [figure for figure in suite.published if figure not in published]
    return msgspec.structs.replace(suites[0], require=require, published=tuple(published))
