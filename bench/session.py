"""A session: a suite with what the caller chose of it, run into a store. Command line and pytest start here."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import msgspec

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import Model, Selective, UserError, kind_of, unknown
from enigmath.bench.contracts.registry import find_model, find_tracker, model_names, require_attribute, tasks
from enigmath.bench.engine import Event, default_workers, resolve_device, run_cells
from enigmath.bench.runner import Place, default_cache, make_model
from enigmath.bench.specs import ModelSpec, ProbeSpec, Suite, title_of
from enigmath.bench.store import landed, open_run
from enigmath.bench.suite import cells, read_suite, suite_path

Value = TypeVar("Value")


@dataclass(frozen=True)
class Session:
    """A suite as it will run: its cells, and the folder where they land."""

    suite: Suite
    path: Path
    cells: tuple[Cell, ...]
    run: Path

    def missing(self) -> list[Cell]:
        """The cells that have not landed as finished."""
        there = landed(self.run)
        return [cell for cell in self.cells if not (found := there.get(cell.identity.whole)) or not found.finished]


def plan(
    name: str,
    *,
    models: Sequence[str] = (),
    tasks: Sequence[str] = (),
    seeds: Sequence[int] = (),
    out: Path | None = None,
) -> Session:
    """Read a suite and narrow it to what is chosen.

    A model by its label, or by the name of an installed one, narrows the suite to it; one by `path/to/file.py:Class`
    is added to those of the suite. Tasks are chosen by title (`arithmetic/*` works); seeds replace the suite's.
    """
    path = suite_path(name)
    folder = path.resolve().parent
    suite = read_suite(path)
    stated = (*suite.seeds, *(seed for task in suite.tasks for seed in task.seeds))
    for place, given in (("--seed", seeds), (f"{path}, seeds", stated)):
        for seed in given:
            if not 0 <= seed < 2**63:  # what every generator of random numbers takes
                raise UserError(f"no seed {seed}", where=place, mend="give a whole number from 0 to 2**63 - 1")
    cells(suite, folder)  # a mistake anywhere in the suite is told, whatever part of it is chosen
    titles = _titles(suite, tasks)
    kept = _for_tasks(_models(suite, models, folder), titles)
    suite = msgspec.structs.replace(
        suite,
        models=kept,
        tasks=tuple(
            msgspec.structs.replace(task, seeds=() if seeds else task.seeds)
            for task in suite.tasks
            if title_of(task) in titles
        ),
        seeds=tuple(dict.fromkeys(seeds)) or suite.seeds,
        require={
            title: _kept(wanted, {model.title for model in kept})
            for title, wanted in _kept(suite.require, titles).items()
        },
        probes=_narrowed(suite.probes, titles, {model.title for model in kept}),
        published=tuple(
            figure
            for figure in suite.published
            if figure.task in titles and figure.model in {"", *(model.title for model in kept)}
        ),
    )
    return Session(suite, path, tuple(cells(suite, folder)), out or Path("runs") / suite.name)


def _kept(table: Mapping[str, Value], names: Set[str]) -> dict[str, Value]:
    return {name: value for name, value in table.items() if name in names}


def _narrowed(probes: Iterable[ProbeSpec], titles: Set[str], labels: Set[str]) -> tuple[ProbeSpec, ...]:
    """The probes that are for some of these tasks and models, and for no other."""
    kept = []
    for spec in probes:
        tasks = tuple(title for title in spec.tasks if title in titles)
        models = tuple(label for label in spec.models if label in labels)
        if bool(tasks) == bool(spec.tasks) and bool(models) == bool(spec.models):
            kept.append(msgspec.structs.replace(spec, tasks=tasks, models=models))
    return tuple(kept)


def _models(suite: Suite, chosen: Sequence[str], folder: Path) -> tuple[ModelSpec, ...]:
    by_title = {model.title: model for model in suite.models}
    added, narrowed = [], []
    for name in chosen:
        require_attribute(name, "Class")
        if ".py:" in name:
            file, _, attribute = name.rpartition(":")
            added.append(ModelSpec(name=f"{Path(file).expanduser().resolve()}:{attribute}", label=attribute))
        elif name in by_title:
            narrowed.append(by_title[name])
        elif name in model_names():
            same = [model for model in suite.models if model.name == name]
            narrowed += same or [ModelSpec(name=name)]
        else:
            known = {*by_title, *model_names()}
            raise unknown("model", name, known, where="--model", listing="enigmath list models")
    kept: dict[str, ModelSpec] = {}
    for model in (*(narrowed or suite.models), *added):
        first = kept.setdefault(model.title, model)
        if first is not model and find_model(first.name, folder) is not find_model(model.name, folder):
            raise UserError(f"two models are labelled {model.title!r}", where="--model", mend="rename one")
    return tuple(kept.values())


def _for_tasks(models: Iterable[ModelSpec], titles: Set[str]) -> tuple[ModelSpec, ...]:
    """The models that are for some of these tasks, and for no other; UserError where there is none."""
    kept = []
    for model in models:
        tasks = tuple(title for title in model.tasks if title in titles)
        if tasks or not model.tasks:
            kept.append(msgspec.structs.replace(model, tasks=tasks))
    if not kept:
        raise UserError("no model is for these tasks", where="--task", mend="choose others, or add a model by --model")
    return tuple(kept)


def _titles(suite: Suite, chosen: Sequence[str]) -> set[str]:
    titles = {title_of(task) for task in suite.tasks}
    if not chosen:
        return titles
    found = set()
    for pattern in chosen:
        matching = {title for title in titles if fnmatchcase(title, pattern)}
        if not matching:
            raise unknown("task", pattern, titles, where="--task")
        found |= matching
    return found


def try_models(cells: Iterable[Cell], device: str) -> None:
    """Make each model that is given keywords once, so that values it cannot take are told before anything runs.

    A model that is `Selective` is made and asked about its cells' tasks as well, and a method that learns nothing is
    for the tasks that name it. Raises UserError with the model's label. What a constructor raises beside a mistake in
    its arguments is left to its cells, which land as failed.
    """
    made: dict[tuple[str, str], Model] = {}
    for cell in cells:
        found = cell.found_model()
        _require_named(cell, found)
        if not cell.config and not hasattr(found, "require"):
            continue
        told = cell.label, repr(cell.config)
        try:
            if told not in made:
                made[told] = make_model(cell, device)
            model = made[told]
            if isinstance(model, Selective):
                for task in cell.found_tasks():
                    model.require(task)
                if getattr(found, "one_level", False) and len(cell.tasks) * len(cell.levels) > 1:
                    raise UserError(f"{cell.title} has several levels", mend=f"{cell.model} learns one level a cell")
        except UserError as error:
            raise UserError(str(error), where=f"models, {cell.label}") from None
        except (TypeError, ValueError) as error:
            reason = f"cannot be made with {dict(cell.config)}: {error}"
            raise UserError(reason, where=f"models, {cell.label}") from None
        except (Exception, SystemExit):
            continue


def _require_named(cell: Cell, model: type) -> None:
    """UserError where an installed textbook method that learns nothing is asked for a task that does not name it.

    It would answer none of the task's questions. What no task names may answer any.
    """
    if kind_of(model) != "method" or hasattr(model, "fit"):
        return
    named = [task.name for task in tasks().plugins.values() if task.solve == cell.model]
    for task in cell.found_tasks() if named else ():
        if task.solve != cell.model:
            mend = f"it answers {', '.join(sorted(named))}"
            raise UserError(f"{cell.model} is not for {task.name}", where=f"models, {cell.label}", mend=mend)


def start(
    session: Session,
    *,
    device: str,
    workers: int | None = None,
    threads: int | None = 1,
    checkpoint: float = 30.0,
    track: Sequence[str] = (),
) -> Iterator[Event]:
    """Run what is missing of a session and tell what happens; see `Place` for threads, checkpoint and track."""
    for name in track:
        find_tracker(name)  # one that is missing is told before anything runs
    device = resolve_device(device)
    for count, word in ((workers, "workers"), (threads, "threads")):
        if count is not None and count < 1:
            raise UserError(f"{count} {word}", where=f"--{word}", mend="give 1 or more")
    open_run(session.run, session.path.read_text(encoding="utf-8"))
    todo = session.missing()
    if not 0 <= checkpoint < math.inf:
        raise UserError(f"{checkpoint} seconds", where="--checkpoint", mend="give 0 or more")
    place = Place(session.run.resolve(), default_cache(), device, threads, checkpoint, tuple(track))
    count = min(workers or default_workers(device), max(1, len(todo)))
    return run_cells(todo, place, workers=count, limit=session.suite.limit)
