"""Plug-ins: tasks, models, metrics and probes, found by entry point or as `path/to/file.py:Name`.

Ours are found exactly as a stranger's are. An entry point of `enigmath.models` names a class; one of `enigmath.tasks`,
`enigmath.metrics` or `enigmath.probes` names a module, and every Task, Metric or Probe in it counts; one of
`enigmath.readers` names a function that makes the task `reader:path` from a path; where its module has a function
`names` as well, that lists the paths that it knows; one of `enigmath.trackers` names a function, see
`enigmath.bench.tracking`. A plug-in that fails to import is listed as broken with the reason,
and the others work on. Two of one name are an error that names both packages.
"""

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Generic, TypeVar

from enigmath.bench.contracts.errors import UserError, unknown
from enigmath.bench.contracts.metric import Metric
from enigmath.bench.contracts.probe import Probe
from enigmath.bench.contracts.task import Task

Plugin = TypeVar("Plugin")

TASKS: Final = "enigmath.tasks"
MODELS: Final = "enigmath.models"
METRICS: Final = "enigmath.metrics"
PROBES: Final = "enigmath.probes"
TRACKERS: Final = "enigmath.trackers"
READERS: Final = "enigmath.readers"
PRIMITIVES: Final = "enigmath.bench.primitives"
FROM_FILE: Final = "enigmath_file_"
"""What the name of a module begins with that was imported from a plug-in's own file."""


@dataclass(frozen=True)
class Found(Generic[Plugin]):
    """The plug-ins of one group by name, and those that are broken by entry point with the reason."""

    plugins: Mapping[str, Plugin] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


def tasks() -> Found[Task]:
    """Every task that is installed, by name."""
    return _members(TASKS, Task)


def metrics() -> Found[Metric]:
    """Every metric that is installed, by name, in the order of their modules."""
    return _members(METRICS, Metric)


def probes() -> Found[Probe]:
    """Every probe that is installed, by name."""
    return _members(PROBES, Probe)


def models() -> Found[type]:
    """Every model class that is installed, by name. Imports them all, torch included."""
    found: dict[str, type] = {}
    broken: dict[str, str] = {}
    for name, point in _points(MODELS).items():
        try:
            found[name] = point.load()
        except Exception as error:
            broken[name] = _reason(error)
    return Found(found, broken)


def model_names() -> list[str]:
    """The names of the installed models, without importing any."""
    return sorted(_points(MODELS))


def find_task(name: str, folder: Path | None = None) -> Task:
    """The task of that name, or the one at `file.py:function` or `reader:path`, relative to `folder`.

    A name that no installed task has may be that of a task from a file which this process has imported.
    """
    reader, colon, path = name.partition(":")
    if colon and reader in _points(READERS):
        if not path:
            raise UserError("names nothing after the colon", where=name, mend=f"write {reader}: and a path or a name")
        return _read_task(reader, (folder or Path.cwd()) / Path(path).expanduser())
    require_attribute(name, "function")
    if ".py:" in name:
        return _checked(from_file(name, folder), Task, name, "a task", "decorate the function with @task(...)")
    found = tasks()
    if name in found.plugins:
        return found.plugins[name]
    for module in [module for title, module in sys.modules.items() if title.startswith(FROM_FILE)]:
        for value in vars(module).values():
            if isinstance(value, Task) and value.name == name:
                return value
    raise _missing("task", name, found)


def reader_names() -> list[str]:
    """The names of the installed readers, without importing any."""
    return sorted(_points(READERS))


def read_tasks(reader: str) -> Found[Task]:
    """Every task that a reader knows by name: those that the function `names` of its module lists."""
    if reader not in _points(READERS):
        raise unknown("reader", reader, _points(READERS))
    listed = getattr(sys.modules[_reader(reader).__module__], "names", None)
    if listed is None:
        raise UserError("makes tasks from paths, and knows none by name", where=reader, mend=f"name {reader}:some/path")
    return Found({f"{reader}:{name}": _read_task(reader, Path(name)) for name in listed()})


def _reader(reader: str) -> Any:
    try:
        return _points(READERS)[reader].load()
    except Exception as error:
        raise UserError(f"cannot be imported: {_reason(error)}", where=f"reader {reader!r}") from error


def _read_task(reader: str, path: Path) -> Task:
    made = _reader(reader)(path)
    return _checked(made, Task, f"{reader}:{path}", "a task", "a reader takes a path and returns a Task")


def find_model(name: str, folder: Path | None = None) -> type:
    """The model class of that name, or the one at `file.py:Class`, relative to `folder`; imports no other model."""
    require_attribute(name, "Class")
    if ".py:" in name:
        made = _checked(from_file(name, folder), type, name, "a class", "name the model's class")
    else:
        points = _points(MODELS)
        if name not in points:
            raise unknown("model", name, points, where="models", listing="enigmath list models")
        try:
            made = points[name].load()
        except Exception as error:
            raise UserError(f"cannot be imported: {_reason(error)}", where=f"model {name!r}") from error
    if not callable(getattr(made, "predict", None)):
        raise UserError("has no method predict(questions)", where=f"model {name!r}", mend="give it one")
    return made


def find_metric(name: str) -> Metric:
    """The metric of that name."""
    found = metrics()
    if name not in found.plugins:
        raise _missing("metric", name, found)
    return found.plugins[name]


def find_probe(name: str, folder: Path | None = None) -> Probe:
    """The probe of that name, or the one at `file.py:function`, relative to `folder`."""
    require_attribute(name, "function")
    if ".py:" in name:
        return _checked(from_file(name, folder), Probe, name, "a probe", "decorate the function with @probe(...)")
    found = probes()
    if name not in found.plugins:
        raise _missing("probe", name, found)
    return found.plugins[name]


def find_tracker(name: str) -> Any:
    """The tracker of that name; UserError where there is none, or where it lacks its package. Imports no other."""
    points = _points(TRACKERS)
    if name not in points:
        raise unknown("tracker", name, points, where="--track")
    try:
        return points[name].load()
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"cannot be imported: {_reason(error)}", where=f"tracker {name!r}") from error


def require_attribute(name: str, what: str) -> None:
    """UserError for `path/to/file.py` alone, without what of the file is meant."""
    if name.endswith((".py", ".py:")):
        raise UserError("names a file alone", where=name, mend=f"give {name.removesuffix(':')}:{what}")


def from_file(name: str, folder: Path | None = None) -> Any:
    """The object at `path/to/file.py:Name`. The module is imported once for each state of the file."""
    path_text, _, attribute = name.rpartition(":")
    path = (folder or Path.cwd()) / Path(path_text).expanduser()
    if not path.is_file():
        raise UserError(f"no file {path}", where=name, mend="the path is relative to the suite, or to where you are")
    module = _import_file(path.resolve(), hashlib.sha256(path.read_bytes()).hexdigest()[:12])
    if not hasattr(module, attribute):
        public = [key for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        public += [key for key, value in vars(module).items() if isinstance(value, Task | Metric | Probe)]
        raise unknown("name", attribute, public, where=str(path))
    return getattr(module, attribute)


def source_files(thing: Any) -> list[Path]:
    """The source files that define a plug-in: its module's and those that it imports from the same package or folder.

    The primitives count as well, and so does what a module among them names in `READS`, the files that it reads.
    A changed file there is another dataset or another cell. Sorted by path.
    """
    module = sys.modules[getattr(thing, "function", thing).__module__]
    package = module.__name__.rpartition(".")[0]
    packages = (f"{package}.", f"{PRIMITIVES}.")
    todo, seen = [module], {module.__name__: module}
    while todo:
        for value in vars(todo.pop()).values():
            name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
            near = sys.modules.get(name) if isinstance(name, str) else None
            if near is None or near.__name__ in seen:
                continue
            if near.__name__.startswith(packages) if package else _beside(near, module):
                seen[near.__name__] = near
                todo.append(near)
    sources = [Path(file) for file in (inspect.getsourcefile(found) for found in seen.values()) if file]
    return sorted({*sources, *(file for found in seen.values() for file in getattr(found, "READS", ()))})


def _beside(near: ModuleType, module: ModuleType) -> bool:
    """Whether a module lies in the same folder as a plug-in's own file."""
    files = [getattr(found, "__file__", None) for found in (near, module)]
    folders = {Path(file).resolve().parent if file else None for file in files}
    return len(folders) == 1 and None not in folders


@cache
def _import_file(path: Path, digest: str) -> ModuleType:
    name = f"{FROM_FILE}{path.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except UserError:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise UserError(f"cannot be imported: {_reason(error)}", where=str(path)) from error
    return module


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    points: dict[str, EntryPoint] = {}
    for point in entry_points(group=group):
        known = points.setdefault(point.name, point)
        if known.value != point.value:
            raise _twice(group.rpartition(".")[2].removesuffix("s"), point.name, _package(known), _package(point))
    return points


@cache
def _members(group: str, kind: type[Plugin]) -> Found[Plugin]:
    word = group.rpartition(".")[2].removesuffix("s")
    found: dict[str, Plugin] = {}
    owners: dict[str, EntryPoint] = {}
    broken: dict[str, str] = {}
    for name, point in sorted(_points(group).items()):
        try:
            members = [value for value in vars(point.load()).values() if isinstance(value, kind)]
        except Exception as error:
            broken[name] = _reason(error)
            continue
        for member in members:
            title: str = member.name  # type: ignore[attr-defined]
            if found.setdefault(title, member) is not member:
                raise _twice(word, title, _package(owners[title]), _package(point))
            owners[title] = point
    return Found(found, broken)


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} ({point.value})" if point.dist is not None else point.value


def _twice(word: str, name: str, first: str, second: str) -> UserError:
    return UserError(f"two {word}s are named {name!r}: {first} and {second}", mend="uninstall one, or rename it")


def _missing(word: str, name: str, found: Found[Any]) -> UserError:
    known = unknown(word, name, found.plugins, listing=f"enigmath list {word}s")
    if not found.broken:
        return known
    reasons = ", ".join(f"{title} ({why})" for title, why in found.broken.items())
    return UserError(f"{known}; broken plug-ins: {reasons}")


def _checked(thing: Any, kind: type[Plugin], name: str, words: str, mend: str) -> Plugin:
    if not isinstance(thing, kind):
        raise UserError(f"is not {words} but a {type(thing).__name__}", where=name, mend=mend)
    return thing


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
