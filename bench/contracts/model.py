"""A model is one method, two if it learns. This page holds the contract and what a fit may use.

    class Model:
        def fit(self, train, validation, budget): ...        # optional
        def predict(self, questions): return [...]           # one string a question, None where it failed

The harness makes a model from the suite's keywords. Where the constructor takes `seed` or `device`, it is given
the cell's. A model with keywords is made once more before a run starts, to see that it takes their values: what is dear
belongs in `fit`. `shortcut = True` on the class marks a model that looks up or guesses: its score is the company that
every other score is shown in. `textbook = True` marks a method that knows what it is asked (an attack, a reference
solver): it is shown beside the networks, and never as one.

What else a model may be able to do are the small protocols at the end of this page: whoever needs one asks for it with
`isinstance`, and leaves out the models that lack it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts.task import Task

Point = Mapping[str, float]
"""One point of a learning curve: step, examples, seconds, loss, and what else the model measured."""


Kind = Literal["network", "shortcut", "method"]
"""What answers: a model that has to learn the task, one that looks up or guesses, or a textbook method."""


def kind_of(model: type) -> Kind:
    """A model's kind by its class.

    >>> kind_of(type("Attack", (), {"textbook": True})), kind_of(type("Nearest", (), {"shortcut": True}))
    ('method', 'shortcut')
    """
    if getattr(model, "shortcut", False):
        return "shortcut"
    return "method" if getattr(model, "textbook", False) else "network"


@dataclass(frozen=True)
class Examples:
    """Problems with their answers, as an Arrow table with (at least) the columns question and answer."""

    table: pa.Table
    fresh: Callable[[int], Iterator[pa.Table]] | None = field(default=None, compare=False, repr=False)
    """Further training problems without end, where the tasks are bulk: tables of the same columns, from the one of
    that number on. All belong to the training split by their keys, and stand in no dataset of the cell."""

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def questions(self) -> list[str]:
        """The questions as Python strings, length n."""
        return list(self.table["question"].to_pylist())

    @cached_property
    def answers(self) -> list[str]:
        """The answers as Python strings, length n."""
        return list(self.table["answer"].to_pylist())


@dataclass(frozen=True)
class Budget:
    """What a fit may use: steps, examples or seconds, whichever ends first; None is no limit.

    >>> meter = Budget(steps=2).start()
    >>> while meter.left():
    ...     meter.spend(examples=64)
    >>> meter.steps, meter.examples
    (2, 128)
    """

    steps: int | None = None
    examples: int | None = None
    seconds: float | None = None
    watch: Callable[[Point], None] | None = field(default=None, compare=False, repr=False)
    """Called with each point of the learning curve, so that whoever waits sees the fit move."""
    checkpoint: Path | None = field(default=None, compare=False, repr=False)
    """A safetensors file that a fit may keep to go on from after a kill; whoever names it deletes it in the end."""
    checkpoint_seconds: float = field(default=30.0, compare=False, repr=False)
    """Seconds between two checkpoints, at least."""
    threads: tuple[int, ...] = field(default=(), compare=False, repr=False)
    """Numbers of threads that a fit may choose among by a quick measurement; empty leaves them as they are."""

    def start(self) -> "Meter":
        """Start the clock."""
        return Meter(self)


@dataclass
class Meter:
    """What a fit has used of its budget, and the learning curve that it leaves."""

    budget: Budget
    steps: int = 0
    examples: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the start."""
        return time.perf_counter() - self._began

    @property
    def spent(self) -> float:
        """The share of the budget that is used, 0 to 1, by the limit that is nearest; 0 without any limit."""
        used = (
            (self.steps, self.budget.steps),
            (self.examples, self.budget.examples),
            (self.seconds, self.budget.seconds),
        )
        return min(
            1.0, max((amount / limit if limit else 1.0 for amount, limit in used if limit is not None), default=0.0)
        )

    def left(self) -> bool:
        """Whether the budget allows another step."""
        return self.spent < 1.0

    def spend(self, *, examples: int) -> None:
        """Count one step over so many examples."""
        self.steps += 1
        self.examples += examples

    def go_on(self, *, steps: int, examples: int, seconds: float, curve: Sequence[Point]) -> None:
        """Count on from what an earlier process has used of the same budget."""
        self.steps, self.examples, self.curve = steps, examples, [dict(point) for point in curve]
        self._began = time.perf_counter() - seconds

    def point(self, **values: float) -> None:
        """Add a point to the learning curve and show it to whoever watches."""
        made = {
            "step": float(self.steps),
            "examples": float(self.examples),
            "seconds": self.seconds,
            "spent": self.spent,
            **values,
        }
        self.curve.append(made)
        if self.budget.watch is not None:
            self.budget.watch(made)


@dataclass(frozen=True)
class Fit:
    """What a fit says of itself when it ends; a model that has nothing to say returns None instead."""

    outcome: Literal["fitted", "stopped early", "diverged"] = "fitted"
    curve: Sequence[Point] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Plain values worth keeping beside the score: parameters, vocabulary, threads, examples a second."""


class Model(Protocol):
    """Anything that answers questions."""

    def predict(self, questions: Sequence[str]) -> Sequence[str | None]:
        """One prediction for each question, in order; None where the model failed on it."""
        ...


@runtime_checkable
class Learner(Protocol):
    """A model that can be fitted."""

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit | None:
        """Learn from `train`; `validation` is for choosing, never for learning."""
        ...


@runtime_checkable
class Keeper(Protocol):
    """A model that can be written to a file and read back, by safetensors: nothing is ever unpickled."""

    def save(self, path: Path) -> None:
        """Write all that `predict` needs to one safetensors file."""
        ...

    def load(self, path: Path) -> None:
        """Read it back into a model that was made with the same keywords."""
        ...


@runtime_checkable
class Selective(Protocol):
    """A model that can learn some tasks and not others, and is asked before a run starts.

    One that learns from a single task at a single level says so by `one_level = True` on its class.
    """

    def require(self, task: Task) -> None:
        """UserError where the model, made with these keywords, cannot learn the task."""
        ...


@runtime_checkable
class Likelihood(Protocol):
    """A model that says how likely it holds an answer to be."""

    def log_likelihood(self, questions: Sequence[str], answers: Sequence[str]) -> npt.NDArray[np.float64]:
        """Nats of each whole answer, its end included, shape (n,); minus infinity where the model cannot write it."""
        ...


@runtime_checkable
class Sampler(Protocol):
    """A model that draws answers from its distribution."""

    def sample(self, questions: Sequence[str], temperature: float = 1.0, *, seed: int = 0) -> Sequence[str | None]:
        """One answer drawn for each question; logits are divided by the temperature, and 0 is the likeliest token."""
        ...


@runtime_checkable
class Inspectable(Protocol):
    """A model whose inner state after reading a question can be looked at."""

    def hidden_states(self, questions: Sequence[str]) -> npt.NDArray[np.floating[Any]]:
        """One vector a question, shape (n, width); NaN where the model cannot read it."""
        ...


@runtime_checkable
class Embedded(Protocol):
    """A model that looks its symbols up as vectors."""

    def embedding(self) -> tuple[list[str], npt.NDArray[np.floating[Any]]]:
        """The symbols, length n, and their vectors, shape (n, width)."""
        ...
