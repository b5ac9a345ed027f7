"""How the cells of a run stand while other processes are at it: done, failed, at work, or to do.

Everything is read from the store, as files that strangers wrote: no model is imported, nothing in a file is believed
to be well formed, and a cell is at work only while somebody holds its lock, whatever a killed worker left behind.
"""

import fcntl
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from enigmath.bench.cell import Sizes, stem
from enigmath.bench.contracts import Point, UserError
from enigmath.bench.specs import Suite, title_of
from enigmath.bench.store import fault, progress_path
from enigmath.bench.suite import read_suite
from enigmath.reports.record import Unreadable, read

State = Literal["at work", "failed", "done", "to do"]
Place = tuple[str, str, int | None]
"""A cell's title, label and seed."""

LONGEST_POINT: Final = 1 << 16
"""Bytes of a point of a learning curve that are read at most."""
LONGEST_CURVE: Final = 200
"""Losses of a cell at work that are kept for its picture."""


@dataclass(frozen=True)
class Standing:
    """One cell as it stands now."""

    title: str
    label: str
    seed: int | None
    state: State
    folder: Path
    """Where it lies, or will."""
    point: Point = field(default_factory=dict)
    """The newest point of its learning curve, finite or not, empty before the first."""
    losses: tuple[float, ...] = ()
    """The losses that were seen so far, oldest first."""
    seconds: float | None = None
    landed: int = 0
    """When it landed, in nanoseconds of the epoch."""
    reason: str = ""
    """Why it failed, or how its fit ended where that is worth a word."""


@dataclass(frozen=True)
class Asked:
    """A cell that the suite asks for, as far as its text alone tells it."""

    title: str
    label: str
    seed: int
    settings: Mapping[str, Any]

    @property
    def stem(self) -> str:
        """What its folder is called before its identity."""
        return stem(self.title, self.label, self.seed)


def asked_for(suite: Suite) -> Iterator[Asked]:
    """The cells of a suite, in the order in which they run; without looking for any task or model."""
    for task in suite.tasks:
        sizes = Sizes(task.train or suite.train, task.validation or suite.validation, task.test or suite.test)
        for seed in task.seeds or suite.seeds:
            for model in suite.models:
                if model.tasks and title_of(task) not in model.tasks:
                    continue
                spent = msgspec.structs.asdict(model.budget or task.budget or suite.budget)
                yield Asked(
                    title_of(task),
                    model.title,
                    seed,
                    _settings(asdict(sizes), spent, model.config),
                )


def _settings(sizes: Mapping[str, Any], budget: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """What tells a cell from the same of an earlier suite, as JSON gives it back."""
    return json.loads(json.dumps([dict(sizes), dict(budget), dict(config)], default=repr))


@dataclass
class Watch:
    """A run that is looked at again and again; what has landed is read once."""

    run: Path
    note: str = ""
    """Why the suite cannot be read, where it cannot."""
    _landed: dict[str, tuple[Standing, Any]] = field(default_factory=dict)
    _losses: dict[str, list[float]] = field(default_factory=dict)

    def look(self) -> list[Standing]:
        """Every cell of the suite, and those that stand in the run beside it."""
        try:
            asked, self.note = list(asked_for(read_suite(self.run / "suite.toml"))), ""
        except UserError as error:
            asked, self.note = [], str(error)
        named = {cell.stem: cell for cell in asked}
        found: dict[Place, Standing] = {}
        wanted: dict[Place, Any] = {(cell.title, cell.label, cell.seed): cell.settings for cell in asked}
        for standing, settings in self._all_landed():
            place = (standing.title, standing.label, standing.seed)
            if settings == wanted.get(place, settings):
                found[place] = standing
        for standing in self._at_work(named):
            found[standing.title, standing.label, standing.seed] = standing
        for title, label, seed in wanted.keys() - found.keys():
            found[title, label, seed] = Standing(title, label, seed, "to do", self.run)
        order = {place: number for number, place in enumerate(wanted)}
        return [found[place] for place in sorted(found, key=lambda place: order.get(place, len(order)))]

    def _all_landed(self) -> Iterator[tuple[Standing, Any]]:
        """The cells that have landed with their settings, the last that landed last."""
        known, self._landed = self._landed, {}
        for path in (self.run / "cells").glob("[!.]*/cell.json"):
            try:
                stamp = path.stat().st_mtime_ns
            except OSError:
                continue
            read_once = known.get(path.parent.name)
            same = read_once is not None and read_once[0].landed == stamp
            self._landed[path.parent.name] = read_once if same and read_once else _read_landed(path, stamp)
        yield from sorted(self._landed.values(), key=lambda known: known[0].landed)

    def _at_work(self, named: Mapping[str, Asked]) -> Iterator[Standing]:
        """The cells whose lock is held; one that the suite does not name is told by its folder."""
        seen, self._losses = self._losses, {}
        for aside in sorted((self.run / "cells").glob(".*.aside")):
            name = aside.name[1:].removesuffix(".aside")
            began = held_since(self.run, name)
            if began is None:
                continue
            point = read_point(progress_path(self.run, name))
            losses = seen.get(name, [])
            if "loss" in point and losses[-1:] != [point["loss"]]:
                losses = [*losses, point["loss"]][-LONGEST_CURVE:]
            self._losses[name] = losses
            cell = named.get(name.rpartition("-")[0])
            title, label, seed = (cell.title, cell.label, cell.seed) if cell else (name, "", None)
            seconds = point.get("seconds", max(0.0, time.time() - began))
            yield Standing(title, label, seed, "at work", aside, point, tuple(losses), seconds)


def held_since(run: Path, name: str) -> float | None:
    """When a cell's lock was taken that somebody holds now, in seconds of the epoch; None where nobody holds it."""
    try:
        with (run / "cells" / ".locks" / name).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who watch are not at work
            except BlockingIOError:
                return os.fstat(lock.fileno()).st_mtime
    except OSError:
        pass
    return None


def read_point(path: Path) -> Point:
    """A point of a learning curve as far as it is one: its numbers by name; empty where there is none.

    >>> read_point(Path("no/such/file"))
    {}
    """
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(LONGEST_POINT))
    except (OSError, ValueError, RecursionError):
        return {}
    numbers = told.items() if isinstance(told, dict) else ()
    point = {name: value for name, value in numbers if isinstance(value, (int, float)) and abs(value) < 1e300}
    point |= {name: math.nan for name, value in numbers if isinstance(value, float) and name not in point}
    return {name: float(value) for name, value in point.items()}


def _read_landed(path: Path, landed: int) -> tuple[Standing, Any]:
    """A cell that has landed, and its settings."""
    folder = path.parent
    try:
        record = read(path)
    except Unreadable as error:
        return Standing(folder.name, "", None, "failed", folder, landed=landed, reason=str(error)), None
    reason = fault(folder) if record.status == "finished" else record.error or "no reason is kept"
    ended = record.fit if record.fit in ("diverged", "stopped early") else ""
    standing = Standing(
        record.title,
        record.model.label,
        record.seed,
        "failed" if reason else "done",
        folder,
        seconds=record.seconds.get("total"),
        landed=landed,
        reason=reason or ended,
    )
    return standing, _settings(record.sizes, record.budget, record.model.config)
