"""What the tables of a suite hold: plain records, read strictly."""

import math
from typing import Any

import msgspec

from enigmath.bench.contracts import UserError
from enigmath.bench.data import SplitBy


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


class ProbeSpec(Spec, frozen=True):
    """`[[probes]]`: a probe by name or `path/to/file.py:function`, of all finished cells or of those that it names."""

    name: str
    tasks: tuple[str, ...] = ()
    """The titles of the tasks whose cells it is run on; all when left out."""
    models: tuple[str, ...] = ()
    """The labels of the models whose cells it is run on; all that it applies to when left out."""


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
    probes: tuple[ProbeSpec, ...] = ()
    """What is asked of the cells of the smallest seed once they have landed."""


def title_of(task: TaskSpec) -> str:
    """What the board calls a task: its title, or its name without a path."""
    return task.title or task.name.rpartition(":")[2]


def require_positive(value: float | None, word: str, where: str) -> None:
    """UserError for a number that is not above 0 and finite."""
    if value is not None and not 0 < value < math.inf:
        raise UserError(f"{word} = {value}", where=where, mend="give a number above 0, or leave it out")
