"""What a suite claims and asks of its cells: requirements, published figures, probes. Held against its own tables."""

import math
from collections.abc import Iterable
from pathlib import Path

from enigmath.bench.cell import Cell
from enigmath.bench.chance import MEASURED
from enigmath.bench.contracts import UserError, unknown
from enigmath.bench.contracts.registry import find_metric, find_probe, metrics
from enigmath.bench.specs import Bounds, Suite, require_positive, title_of


def check_requirements(suite: Suite, titles: set[str]) -> None:
    """Raises UserError for a requirement that no cell of this suite could meet or miss."""
    labels = {model.title: model.tasks for model in suite.models}
    for title, by_model in suite.require.items():
        if title not in titles:
            raise unknown("task", title, titles, where="require")
        for label, wanted in by_model.items():
            if label not in labels:
                raise unknown("model", label, labels, where=f"require, {title}")
            if labels[label] and title not in labels[label]:
                mend = "name the task among the model's tasks, or leave the requirement out"
                raise UserError(f"{label} is not for this task", where=f"require, {title}", mend=mend)
            if not wanted:
                raise UserError("asks for nothing", where=f"require, {title}, {label}", mend="try { exact = 0.9 }")
            for name, bound in wanted.items():
                place = f"require, {title}, {label}, {name}"
                if find_metric(name).better != "higher":
                    raise UserError(f"{name} is not a share", where=place, mend="try exact")
                limits = (bound.at_least, bound.at_most) if isinstance(bound, Bounds) else (bound,)
                if bound == Bounds():
                    raise UserError("asks for nothing", where=place, mend="give at_least, at_most or at_chance")
                if isinstance(bound, Bounds) and bound.at_chance is not None:
                    require_positive(bound.at_chance, "at_chance", place)
                    if name not in MEASURED:
                        raise UserError(f"{name} has no chance", where=place, mend=f"try {' or '.join(MEASURED)}")
                if any(limit is not None and not 0 <= limit <= 1 for limit in limits):
                    raise UserError("a share is asked for", where=place, mend="give a number from 0 to 1")


def check_published(suite: Suite) -> None:
    """Raises UserError for a figure that could stand beside no score of this suite."""
    tasks = {title_of(task): task for task in suite.tasks}
    labels = {model.title: model.tasks or tuple(tasks) for model in suite.models}
    for place, figure in enumerate(suite.published):
        where = f"published[{place}], {figure.task}"
        if figure.task not in tasks:
            raise unknown("task", figure.task, tasks, where=f"published[{place}]")
        if figure.model and figure.model not in labels:
            raise unknown("model", figure.model, labels, where=where)
        if figure.model and figure.task not in labels[figure.model]:
            raise UserError(f"{figure.model} is not for this task", where=where)
        if figure.metric not in metrics().plugins:
            raise unknown("metric", figure.metric, metrics().plugins, where=where, listing="enigmath list metrics")
        if find_metric(figure.metric).better == "higher" and not 0 <= figure.value <= 1:
            raise UserError(f"value = {figure.value:g}", where=where, mend="give a share from 0 to 1")
        if not 0 <= figure.value < math.inf:
            raise UserError(f"value = {figure.value:g}", where=where, mend="give a finite number, 0 or more")
        if not figure.source.strip() or not figure.source.isprintable() or len(figure.source) > 300:
            mend = "say who reported it and when, in at most 300 printable characters"
            raise UserError(f"source = {figure.source[:40]!r}", where=where, mend=mend)


def check_levels(suite: Suite, made: Iterable[Cell]) -> None:
    """Raises UserError for a published figure of a level that the suite does not ask."""
    asked = {cell.title: (*cell.levels, *cell.beyond) for cell in made}
    for place, figure in enumerate(suite.published):
        if figure.level is not None and figure.level not in asked[figure.task]:
            mend = f"it asks {', '.join(map(str, asked[figure.task]))}"
            raise UserError(f"level {figure.level} is not asked", where=f"published[{place}], {figure.task}", mend=mend)


def check_probes(suite: Suite, folder: Path) -> None:
    """Raises UserError for a probe that is not installed, or that names a task or a model that the suite has not."""
    titles, labels = {title_of(task) for task in suite.tasks}, {model.title for model in suite.models}
    for place, spec in enumerate(suite.probes):
        where = f"probes[{place}], {spec.name}"
        find_probe(spec.name, folder)
        for word, named, known in (("task", spec.tasks, titles), ("model", spec.models, labels)):
            for name in named:
                if name not in known:
                    raise unknown(word, name, known, where=where)
