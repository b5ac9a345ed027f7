"""A task is a function; its levels are its keyword arguments.

The decorator keeps what the harness must know beside the function and leaves it callable. A task that is not
`bulk` is called once a problem, `task(rng, **level)`, and returns a Problem, or the reason to reject the draw as a
string; a bulk task is called once a shard, `task(rng, n, **level)`, and returns a Batch.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import pyarrow as pa

from enigmath.bench.contracts.answer import Answer
from enigmath.bench.contracts.errors import UserError
from enigmath.bench.contracts.perturbation import Perturbation

Level = Mapping[str, Any]
Steps = Callable[[Sequence[str]], list[str]]
Quantities = Callable[[Sequence[str]], Mapping[str, pa.Array]]

BULK_DRAWS: Final = 2**14
DRAWS: Final = 2**10
TOLERANCE: Final = 0.05
"""The relative error by a task's own norm up to which a prediction is right (Charton, "Linear algebra with
transformers", 2022, whose widest tolerance it is; the metrics norm-2, norm-1 and norm-0.5 are narrower)."""


@dataclass(frozen=True, eq=False)
class Task:
    """A family of problems, named `area/name`.

    `chance` is what guessing scores and `ceiling` what a known shortcut reaches, as shares of exact answers:
    a number, or a function of the level's keyword arguments. `check(question, answer, prediction)` judges a
    task with many right answers: it says whether the prediction is right, or gives its relative error by the task's
    own norm, which is right up to `TOLERANCE`. `solve` is the reference solver, what a user would pick instead of a
    network: a function of the question, or the name of a model (a textbook attack). `steps(questions)` writes for each
    question what stands between it and its answer when it is worked out on paper, divided by `;`: a pure function of
    the texts, so that it changes no byte of a dataset and raises no version. `quantities(questions)` gives as columns
    what a computation of the answers passes through, which probes look for in hidden states: floats are magnitudes,
    all else are classes, null is where a question has no such quantity; pure in the same way. `likelihood` marks a task
    whose question leaves the answer open, a text to be modelled: what counts is how likely a model holds the answers,
    the metric `nats`; questions then stand in all splits, and keys, which are the answers', do not. Tasks of one
    `family` ask the same, in the same form and with the same keys, of problems drawn in other ways. `draws` is how many
    draws make a shard: fewer for a slow task, so that a small dataset costs no more than it needs. `version` rises with
    every change of what the function yields, or of `draws`. `found_by` is what `find_task` finds it by where a reader
    made it, so that it stands in no module.
    """

    name: str
    function: Callable[..., Any]
    answer: Answer
    levels: tuple[Level, ...]
    beyond: tuple[Level, ...] = ()
    bulk: bool = False
    version: int = 1
    chance: float | Callable[..., float] | None = None
    ceiling: float | Callable[..., float] | None = None
    check: Callable[[str, str, str], bool | float] | None = None
    solve: Callable[[str], str] | str | None = None
    steps: Steps | None = None
    quantities: Quantities | None = None
    perturbations: tuple[Perturbation, ...] = ()
    likelihood: bool = False
    family: str = ""
    draws: int = DRAWS
    found_by: str = ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the generator itself."""
        return self.function(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        """Other processes find it where it stands in its function's module; the function itself hides behind it."""
        if self.found_by:
            return _found_again, (self.found_by,)
        module = sys.modules[self.function.__module__]
        here = next((name for name, value in vars(module).items() if value is self), self.function.__qualname__)
        return _defined_at, (module.__name__, getattr(module, "__file__", None), here)

    @property
    def area(self) -> str:
        """The part of the name before the slash."""
        return self.name.partition("/")[0]

    @property
    def doc(self) -> str:
        """What is asked: the first paragraph of the function's docstring, on one line."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())

    @property
    def all_levels(self) -> tuple[Level, ...]:
        """The levels that suites train on, then those beyond. Level 1 is the first."""
        return self.levels + self.beyond

    def level(self, number: int) -> Level:
        """The keyword arguments of a level, counted from 1; those beyond follow the last trained one."""
        count = len(self.all_levels)
        if not 1 <= number <= count:
            raise UserError(f"no level {number}", where=self.name, mend=f"its levels are 1 to {count}")
        return self.all_levels[number - 1]

    def is_beyond(self, number: int) -> bool:
        """Whether the level is one that suites test on and never train on."""
        return number > len(self.levels)


def _found_again(name: str) -> Task:
    from enigmath.bench.contracts.registry import find_task

    return find_task(name)


def _defined_at(module: str, file: str | None, name: str) -> Task:
    from enigmath.bench.contracts.registry import from_file

    own_file = module.startswith("enigmath_file_")
    made = from_file(f"{file}:{name}") if own_file else getattr(import_module(module), name)
    assert isinstance(made, Task)
    return made


def describe(level: Level) -> str:
    """A level's keyword arguments in one canonical line, which also names the level's random streams.

    >>> describe({"operands": 3, "digits": 2})
    'digits=2 operands=3'
    """
    return " ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"
        for name, value in sorted(level.items())
    )


def task(
    name: str,
    *,
    answer: Answer,
    levels: Sequence[Level],
    beyond: Sequence[Level] = (),
    bulk: bool = False,
    version: int = 1,
    chance: float | Callable[..., float] | None = None,
    ceiling: float | Callable[..., float] | None = None,
    check: Callable[[str, str, str], bool | float] | None = None,
    solve: Callable[[str], str] | str | None = None,
    steps: Steps | None = None,
    quantities: Quantities | None = None,
    perturbations: Sequence[Perturbation] = (),
    likelihood: bool = False,
    family: str = "",
    draws: int | None = None,
) -> Callable[[Callable[..., Any]], Task]:
    """Make a function a task; see Task for the fields.

    Raises UserError when the name is not `area/name`, when there is no level, when two levels are the same,
    when a level does not fit the function's keyword arguments, when two perturbations have one name, or when the
    docstring is missing.
    """

    def decorate(function: Callable[..., Any]) -> Task:
        made = Task(
            name=name,
            function=function,
            answer=answer,
            levels=tuple(levels),
            beyond=tuple(beyond),
            bulk=bulk,
            version=version,
            chance=chance,
            ceiling=ceiling,
            check=check,
            solve=solve,
            steps=steps,
            quantities=quantities,
            perturbations=tuple(perturbations),
            likelihood=likelihood,
            family=family,
            draws=draws or (BULK_DRAWS if bulk else DRAWS),
        )
        _require_sound(made)
        return made

    return decorate


def _require_sound(made: Task) -> None:
    where = f"task {made.name!r}"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*", made.name):
        raise UserError("a task is named area/name", where=where, mend="use lower-case letters, digits and hyphens")
    if not made.levels:
        raise UserError("has no level", where=where, mend="give levels=[dict(...)], one dict a level")
    if not made.doc:
        raise UserError("has no docstring", where=where, mend="say in one sentence what is asked")
    signature = inspect.signature(made.function)
    for number, level in enumerate(made.all_levels, start=1):
        try:
            signature.bind(*(("rng", "n") if made.bulk else ("rng",)), **level)
        except TypeError as error:
            raise UserError(
                f"level {number} ({describe(level)}) does not fit its function: {error}",
                where=where,
                mend=f"the function takes {signature}",
            ) from None
    known = [perturbation.name for perturbation in made.perturbations]
    if len(set(known)) < len(known):
        twice = next(name for name in known if known.count(name) > 1)
        raise UserError(f"the perturbation {twice!r} stands twice", where=where, mend="give it another name")
    names = [describe(level) for level in made.all_levels]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"the level {twice} stands twice", where=where, mend="leave one of them out")
