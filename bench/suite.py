"""Suites: a TOML file that names tasks, levels, models, seeds, budgets and what the scores must reach.

It is read strictly: an unknown key, task, model or keyword is an error that names its place and the nearest right
word. A suite expands into cells, the units of work.
"""

import inspect
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from enigmath.bench.cell import Cell, Sizes
from enigmath.bench.chance import MEASURED
from enigmath.bench.contracts import Budget, Task, UserError, unknown
from enigmath.bench.contracts.registry import find_metric, find_model, find_task, metrics
from enigmath.bench.data import SplitBy

MOST_PROBLEMS: Final = 10**8
"""Problems of one split at most: their texts alone take some ten gigabytes."""


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every table of a suite shares: no key beyond those it names."""


class BudgetSpec(Spec, frozen=True):
    """`[budget]`: what a fit may use; the limit that is reached first ends it."""

    steps: int | None = None
    examples: int | None = None
    seconds: float | None = None


class TaskSpec(Spec, frozen=True):
    """`[[tasks]]`: a task by `name`, or several as one mixture by `mix` and `title`."""

    name: str = ""
    mix: tuple[str, ...] = ()
    title: str = ""
    levels: tuple[int, ...] = ()
    """Levels to train and test on; all but those beyond when left out."""
    beyond: bool | tuple[int, ...] = False
    """Levels to test on and never train on: true for those that the task marks so, or their numbers."""
    train: int | None = None
    validation: int | None = None
    test: int | None = None
    seeds: tuple[int, ...] = ()
    """The suite's when left out."""
    budget: BudgetSpec | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The tasks' names."""
        return self.mix or (self.name,)


class ModelSpec(Spec, frozen=True):
    """`[[models]]`: a model by entry point or `path/to/file.py:Class`, its keywords in `config`."""

    name: str
    label: str = ""
    config: dict[str, Any] = {}
    budget: BudgetSpec | None = None
    tasks: tuple[str, ...] = ()
    """The titles of the tasks that it is for; all when left out."""

    @property
    def title(self) -> str:
        """What the board calls it."""
        return self.label or self.name.rpartition(":")[2]


class Bounds(Spec, frozen=True):
    """A requirement with an upper bound, `{ at_most = 0.1 }`, or both, or that of a control, `{ at_chance = 5 }`."""

    at_least: float | None = None
    at_most: float | None = None
    at_chance: float | None = None
    """Standard deviations by which the score may lie above measured chance at most: what a control must hold."""


class Published(Spec, frozen=True):
    """`[[published]]`: what others have reported of a task; the board shows it beside ours. It changes no cell."""

    task: str
    """The task's title in this suite."""
    value: float
    """A share from 0 to 1; for a metric that is not a share, as nats, in its own unit."""
    source: str
    """Author and year, and in what it differs from this suite."""
    metric: str = "exact"
    level: int | None = None
    """The level of which it holds; all trained levels when left out."""
    model: str = ""
    """The label of the model that repeats it; the best network when left out."""


class Suite(Spec, frozen=True):
    """A whole suite. `train` problems are shared out over the levels; `validation` too; `test` is for each level."""

    name: str
    tasks: tuple[TaskSpec, ...]
    models: tuple[ModelSpec, ...]
    description: str = ""
    seeds: tuple[int, ...] = (0,)
    train: int = 100_000
    validation: int = 1_000
    test: int = 1_000
    split: SplitBy = "key"
    """`"skeleton"`: no two splits share a problem's structure either, its numbers and variables masked."""
    budget: BudgetSpec = BudgetSpec()
    limit: float | None = None
    """Seconds of wall clock after which a cell is killed and kept as failed."""
    require: dict[str, dict[str, dict[str, float | Bounds]]] = {}
    """`[require."task title"] "model label" = { exact = 0.99 }`: the interval must clear the bound."""
    published: tuple[Published, ...] = ()


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
            _require_positive(getattr(budget, word), f"budget, {word}", where)
    _require_positive(suite.limit, "limit", where)
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


def _require_positive(value: float | None, word: str, where: str) -> None:
    if value is not None and not 0 < value < math.inf:
        raise UserError(f"{word} = {value}", where=where, mend="give a number above 0, or leave it out")


def title_of(task: TaskSpec) -> str:
    """What the board calls a task: its title, or its name without a path."""
    return task.title or task.name.rpartition(":")[2]


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
    _check_requirements(suite, titles)
    _check_published(suite)
    made = list(_expand(suite, folder))
    _check_levels(suite, made)
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
    """Check a model's keywords against its constructor: their names, and their types where it states them."""
    made = find_model(name, folder)
    signature = inspect.signature(made)
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.parameters.values())
    hints = get_type_hints(made if is_dataclass(made) else made.__init__)  # type: ignore[misc]
    for keyword, value in config.items():
        if keyword not in signature.parameters:
            if takes_any:
                continue
            raise unknown("keyword", keyword, signature.parameters, where=f"model {name!r}, config")
        if keyword in hints:
            try:
                msgspec.convert(value, hints[keyword])
            except msgspec.ValidationError as error:
                raise _misfit(str(error), hints[keyword], f"model {name!r}, config, {keyword} = {value!r}") from None
            except TypeError:
                pass  # a type that TOML cannot give; the constructor judges it


def _check_requirements(suite: Suite, titles: set[str]) -> None:
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
                    _require_positive(bound.at_chance, "at_chance", place)
                    if name not in MEASURED:
                        raise UserError(f"{name} has no chance", where=place, mend=f"try {' or '.join(MEASURED)}")
                if any(limit is not None and not 0 <= limit <= 1 for limit in limits):
                    raise UserError("a share is asked for", where=place, mend="give a number from 0 to 1")


def _check_published(suite: Suite) -> None:
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


def _check_levels(suite: Suite, made: Iterable[Cell]) -> None:
    """Raises UserError for a published figure of a level that the suite does not ask."""
    asked = {cell.title: (*cell.levels, *cell.beyond) for cell in made}
    for place, figure in enumerate(suite.published):
        if figure.level is not None and figure.level not in asked[figure.task]:
            mend = f"it asks {', '.join(map(str, asked[figure.task]))}"
            raise UserError(f"level {figure.level} is not asked", where=f"published[{place}], {figure.task}", mend=mend)
