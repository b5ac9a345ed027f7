"""Suites: a TOML file that names tasks, levels, models, seeds, budgets and what the scores must reach.

It is read strictly: an unknown key, task, model or keyword is an error that names its place and the nearest right
word. A suite expands into cells, the units of work.
"""

import inspect
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from enigmath.bench.cell import Cell, Sizes
from enigmath.bench.claims import check_levels, check_probes, check_published, check_requirements
from enigmath.bench.contracts import Budget, Task, UserError, unknown
from enigmath.bench.contracts.registry import find_model, find_task
from enigmath.bench.specs import (
    Bounds,
    BudgetSpec,
    ModelSpec,
    ProbeSpec,
    Published,
    Spec,
    Suite,
    TaskSpec,
    require_positive,
    title_of,
)

MOST_PROBLEMS: Final = 10**8
"""Problems of one split at most: their texts alone take some ten gigabytes."""


def shipped() -> dict[str, Path]:
    """The suites that come with the package, by name."""
    folder = Path(str(files("enigmath.bench").joinpath("suites")))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def suite_path(name: str) -> Path:
    """The path of a suite: a shipped one by name, or a file."""
    path = Path(name).expanduser()
    if path.suffix == ".toml" or path.is_file():
        if not path.is_file():
            raise UserError(f"no file {path}", where="suite", mend="give a TOML file or a shipped suite's name")
        return path
    known = shipped()
    if name not in known:
        raise unknown("suite", name, known, where="suites", listing="enigmath list suites")
    return known[name]


def read_suite(path: Path) -> Suite:
    """Read a suite and check its form; UserError with the place of the first mistake."""
    try:
        return parse_suite(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise UserError(f"is not UTF-8 at byte {error.start}", where=str(path), mend="save it as UTF-8") from None
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(path)) from None


def parse_suite(text: str, where: str) -> Suite:
    """Parse a suite's text and check its form and figures."""
    try:
        suite = msgspec.convert(tomllib.loads(text), Suite)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"is not valid TOML: {error}", where=where) from None
    except msgspec.ValidationError as error:
        raise _mended(str(error), where) from None
    _require_sound(suite, where)
    return suite


def _mended(message: str, where: str) -> UserError:
    """A validation error with its path in TOML's terms, and the nearest right key or option for one that is none."""
    reason, _, path = message.partition(" - at `$")
    place = path.rstrip("`").lstrip(".")
    key = re.search(r"unknown field `(.+?)`", reason)
    if key is not None:
        return unknown("key", key[1], _spec_at(place).__struct_fields__, where=f"{where}, {place or 'the top level'}")
    table, _, field = place.rpartition(".")
    return _misfit(reason, get_type_hints(_spec_at(table)).get(field), f"{where}, {place or 'the top level'}")


def _spec_at(place: str) -> type[Spec]:
    """What the table at that place of a suite holds."""
    if place.endswith("budget"):
        return BudgetSpec
    table = place.partition("[")[0].partition(".")[0]
    specs: dict[str, type[Spec]] = {"tasks": TaskSpec, "models": ModelSpec, "require": Bounds, "published": Published}
    specs["probes"] = ProbeSpec
    return specs.get(table, Suite)


def _misfit(reason: str, hint: Any, where: str) -> UserError:
    """A value that does not fit its type hint, where that is a choice with the options that there are."""
    word = re.fullmatch(r"Invalid enum value '(.*)'", reason)
    if word is not None and get_origin(hint) is Literal:
        return unknown("option", word[1], map(str, get_args(hint)), where=where)
    return UserError(reason[:1].lower() + reason[1:], where=where)


def _require_sound(suite: Suite, where: str) -> None:
    for number, task in enumerate(suite.tasks):
        place = f"{where}, tasks[{number}]"
        if bool(task.name) == bool(task.mix):
            raise UserError("needs either name or mix", where=place, mend='give name = "area/task"')
        if task.mix and not task.title:
            raise UserError("a mixture needs a title", where=place, mend='give title = "…"')
        for word in ("train", "validation", "test"):
            _require_count(task.__getattribute__(word), word, place)
    for word in ("train", "validation", "test"):
        _require_count(getattr(suite, word), word, where)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", suite.name):
        mend = "use letters, digits, dots and hyphens: it names a folder"
        raise UserError(f"name = {suite.name!r}", where=where, mend=mend)
    budgets = [suite.budget, *(task.budget for task in suite.tasks), *(model.budget for model in suite.models)]
    for budget in budgets:
        for word in budget.__struct_fields__ if budget else ():
            require_positive(getattr(budget, word), f"budget, {word}", where)
    require_positive(suite.limit, "limit", where)
    for task in suite.tasks:
        if len(set(task.levels)) < len(task.levels):
            raise UserError(f"a level stands twice in {list(task.levels)}", where=f"{where}, {title_of(task)}")
    for title in (*(title_of(task) for task in suite.tasks), *(model.title for model in suite.models)):
        if not title.isprintable() or len(title) > 200:
            raise UserError(f"{title[:40]!r} is no title", where=where, mend="use at most 200 printable characters")
    if not suite.tasks or not suite.models or not suite.seeds:
        raise UserError("needs at least one task, one model and one seed", where=where)
    for word, titles in (
        ("task", [title_of(task) for task in suite.tasks]),
        ("model", [model.title for model in suite.models]),
        *(("seed", [str(seed) for seed in seeds]) for seeds in (suite.seeds, *(task.seeds for task in suite.tasks))),
    ):
        twice = next((title for title in titles if titles.count(title) > 1), None)
        if twice is not None:
            mend = "leave one out" if word == "seed" else f"give one a {'title' if word == 'task' else 'label'}"
            raise UserError(f"the {word} {twice!r} stands twice", where=where, mend=mend)


def _require_count(count: int | None, word: str, where: str) -> None:
    if count is not None and not 1 <= count <= MOST_PROBLEMS:
        mend = "1 problem or more" if count < 1 else f"{MOST_PROBLEMS:,} problems at most, which memory holds"
        raise UserError(f"{word} = {count}", where=where, mend=f"ask for {mend}")


def cells(suite: Suite, folder: Path) -> list[Cell]:
    """Every cell of a suite, in the order tasks, seeds, models; names are looked up relative to `folder`.

    Raises UserError for what cannot be found, a level that does not exist, or a keyword that a model does not take.
    """
    for model in suite.models:
        check_config(model.name, model.config, folder)
    titles = {title_of(task) for task in suite.tasks}
    for model in suite.models:
        for title in model.tasks:
            if title not in titles:
                raise unknown("task", title, titles, where=f"models, {model.title}, tasks")
    check_requirements(suite, titles)
    check_published(suite)
    check_probes(suite, folder)
    made = list(_expand(suite, folder))
    check_levels(suite, made)
    return made


def _expand(suite: Suite, folder: Path) -> Iterator[Cell]:
    for spec in suite.tasks:
        found = [find_task(name, folder) for name in spec.names]
        levels, beyond = _levels(spec, found)
        sizes = Sizes(spec.train or suite.train, spec.validation or suite.validation, spec.test or suite.test)
        for seed in spec.seeds or suite.seeds:
            for model in suite.models:
                if model.tasks and title_of(spec) not in model.tasks:
                    continue
                budget = model.budget or spec.budget or suite.budget
                yield Cell(
                    suite=suite.name,
                    title=title_of(spec),
                    tasks=spec.names,
                    levels=levels,
                    beyond=beyond,
                    sizes=sizes,
                    model=model.name,
                    label=model.title,
                    config=model.config,
                    seed=seed,
                    budget=Budget(budget.steps, budget.examples, budget.seconds),
                    folder=str(folder),
                    split=suite.split,
                )


def _levels(spec: TaskSpec, found: list[Task]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    shortest = min(found, key=lambda task: len(task.levels))
    levels = spec.levels or tuple(range(1, len(shortest.levels) + 1))
    if isinstance(spec.beyond, bool):
        marked = min(len(task.all_levels) for task in found)
        beyond = tuple(range(len(shortest.levels) + 1, marked + 1)) if spec.beyond else ()
    else:
        beyond = spec.beyond
    for task in found:
        for number in (*levels, *beyond):
            task.level(number)
        for number in levels:
            if task.is_beyond(number):
                raise UserError(
                    f"level {number} is beyond: suites test on it and never train on it",
                    where=task.name,
                    mend=f"move it to beyond = [{number}]",
                )
    both = sorted(set(levels) & set(beyond))
    if both:
        raise UserError(f"level {both[0]} stands in levels and in beyond", where=title_of(spec))
    return levels, beyond


def check_config(name: str, config: Mapping[str, Any], folder: Path) -> None:
    """Check a model's keywords against its constructor: their names, and their types where it states them.

    What a cell's record cannot hold, a number that is not finite, is refused for any model.
    """
    made = find_model(name, folder)
    signature = inspect.signature(made)
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.parameters.values())
    hints = get_type_hints(made if is_dataclass(made) else made.__init__)  # type: ignore[misc]
    for keyword, value in config.items():
        where = f"model {name!r}, config, {keyword} = {value!r}"
        try:
            json.dumps(value, allow_nan=False, default=repr)
        except ValueError:
            raise UserError("not finite", where=where, mend="give a finite number") from None
        if keyword not in signature.parameters:
            if takes_any:
                continue
            raise unknown("keyword", keyword, signature.parameters, where=f"model {name!r}, config")
        if keyword in hints:
            try:
                msgspec.convert(value, hints[keyword])
            except msgspec.ValidationError as error:
                raise _misfit(str(error), hints[keyword], where) from None
            except TypeError:
                pass  # a type that TOML cannot give; the constructor judges it
