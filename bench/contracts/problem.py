"""A problem, and a batch of problems as columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts.key import Keys


@dataclass(frozen=True, slots=True)
class Problem:
    """One question with its answer.

    `answer` is a value that the task's answer kind can write (an int for Integer, a Fraction for Real …).
    `key` is the canonical form that equivalent problems share; it defaults to the question itself.
    `traits` are plain numbers or strings to group scores by, with the same names in every problem of a task.
    """

    question: str
    answer: Any
    key: str = ""
    traits: Mapping[str, int | float | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Many problems as columns of one length n: what a bulk task returns.

    `question` is an Arrow string array; `answer` an Arrow string array or a numpy array of integers;
    `key` comes from `hash_text` or `hash_integers`; each trait is a numpy or Arrow array. A bulk task may
    return fewer problems than it was asked for: what is missing counts as rejected draws, by reason in `rejected`.
    """

    question: pa.Array
    answer: pa.Array | npt.NDArray[Any]
    key: Keys
    traits: Mapping[str, pa.Array | npt.NDArray[Any]] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
