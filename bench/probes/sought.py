"""What is sought in hidden states: the quantities that a computation passes through, and the problems to seek them on.

They are those that the tasks declare (`quantities=`), the numbers in the steps that a task offers (`steps=`), and of
any task the first and the last symbol of the answer.
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.data import Part, Taken, take, together
from enigmath.bench.probes.readout import Parts, Quantity
from enigmath.bench.probes.subject import Subject

LEARNT: Final = 4_000
"""Problems to learn on and to choose by, where the task is quick to draw; a quarter is to choose by."""
JUDGED: Final = 4_000
"""Test problems at most."""
MOST: Final = 24
"""Quantities at most."""
STEPS: Final = 6
"""Steps whose numbers are sought, from the first on."""
MOST_CLASSES: Final = 32
FEWEST: Final = 200
"""Problems to learn on that must have a quantity; a fifth of it to be judged, and a fortieth of each class."""
SURE: Final = 0.98
"""The share of the commonest class from which on there is nothing to tell."""

_NUMBER: Final = re.compile(r"(-?[0-9]+)(?:/([0-9]+))?")


def problems(subject: Subject) -> tuple[pa.Table, Parts]:
    """The problems to seek on, of trained levels: of the validation split, which no model is fitted on, then the test.

    A task that is slow to draw, or has few problems, gives those of the cell's own validation, filled up from training:
    there a state may be that of a problem remembered.
    """
    fresh = _validation(subject)
    judged = subject.rows()
    judged = judged[np.linspace(0, len(judged) - 1, min(JUDGED, len(judged))).astype(np.int64)]
    columns = ["task", "question", "answer"]
    table = pa.concat_tables([fresh.select(columns), subject.data.test.take(pa.array(judged)).select(columns)])
    choosing = fresh.num_rows // 4
    rows = np.arange(table.num_rows)
    return table.combine_chunks(), Parts(rows[choosing : fresh.num_rows], rows[:choosing], rows[fresh.num_rows :])


def _validation(subject: Subject) -> pa.Table:
    cell, data = subject.cell, subject.data
    parts = [Part(task, number, cell.seed) for task in subject.tasks for number in cell.levels]
    each = math.ceil(LEARNT / len(parts))
    while all(task.bulk for task in subject.tasks) and each * len(parts) > data.validation.num_rows:
        taken = Taken()
        try:
            drawn = [take(part, {"validation": each}, subject.place.cache, map, taken, cell.split) for part in parts]
        except UserError:  # the level has fewer
            each //= 2
            continue
        return together([tables["validation"] for tables in drawn], cell.title, cell.seed, "hidden states")
    filled = data.train.slice(0, max(0, LEARNT - data.validation.num_rows))
    return together([data.validation, filled], cell.title, cell.seed, "hidden states")


def quantities(subject: Subject, table: pa.Table, parts: Parts) -> list[Quantity]:
    """What can be sought on these problems: the tasks' quantities, their steps' numbers, the answers' symbols."""
    names = pc.cast(table["task"], pa.string()).to_numpy(zero_copy_only=False)
    columns: dict[str, list[Any]] = {}
    for task in subject.tasks:
        rows = np.flatnonzero(names == task.name)
        some = table.take(pa.array(rows))
        for name, values in _columns(task, some["question"].to_pylist(), some["answer"].to_pylist()):
            column = columns.setdefault(name, [None] * table.num_rows)
            for row, value in zip(rows.tolist(), values, strict=True):
                column[row] = value
    made = (_quantity(name, values, parts) for name, values in columns.items())
    return [quantity for quantity in made if quantity is not None][:MOST]


def _columns(task: Task, questions: Sequence[str], answers: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    yield "answer, first symbol", [answer[:1] for answer in answers]
    yield "answer, last symbol", [answer[-1:] for answer in answers]
    if task.quantities:
        yield from ((name, column.to_pylist()) for name, column in task.quantities(questions).items())
    if task.steps:
        yield from step_numbers(task.steps(questions)).items()


def step_numbers(written: Sequence[str]) -> dict[str, list[Any]]:
    """Of what each step comes to, its last number: sign, last digit of its whole part, and magnitude in logarithms.

    >>> step_numbers(["3-14=-11;8*8", "2+2=4"])["step 1, last digit"], step_numbers(["5;8/4"])["step 2, sign"]
    ([1, 4], [1])
    """
    made: dict[str, list[Any]] = {}
    found = [[_NUMBER.findall(step)[-1:] for step in text.split(";")] for text in written]
    for number in range(min(STEPS, max(map(len, found), default=0))):
        pairs = [steps[number][0] if number < len(steps) and steps[number] else None for steps in found]
        values = [None if pair is None else (int(pair[0]), int(pair[1] or 1)) for pair in pairs]
        name = f"step {number + 1}"
        made[f"{name}, last digit"] = [value and abs(value[0]) // value[1] % 10 for value in values]
        made[f"{name}, sign"] = [value and (value[0] > 0) - (value[0] < 0) for value in values]
        made[f"{name}, magnitude"] = [value and _logarithm(value[0] / value[1]) for value in values]
    return made


def _logarithm(value: float) -> float:
    return math.copysign(math.log1p(abs(value)), value)


def _quantity(name: str, values: Sequence[Any], parts: Parts) -> Quantity | None:
    """The column as numbers, rare classes left out; None where there is too little to learn from, or to tell."""
    if any(isinstance(value, float) for value in values):
        made = Quantity(name, np.array([np.nan if value is None else value for value in values], np.float64), 0)
        spread = made.values[parts.learn][made.known[parts.learn]]
        enough = _enough(made, parts) and spread.std() > 0
        return made if enough and np.isfinite(spread).all() else None
    learnt = np.array(["" if values[row] is None else repr(values[row]) for row in parts.learn.tolist()])
    kinds, counts = np.unique(learnt[learnt != ""], return_counts=True)
    kinds, counts = kinds[counts >= FEWEST // 40], counts[counts >= FEWEST // 40]
    if not 2 <= len(kinds) <= MOST_CLASSES or counts.max() > SURE * counts.sum():
        return None
    numbers = {kind: number for number, kind in enumerate(kinds.tolist())}
    made = Quantity(name, np.array([numbers.get(repr(value), -1) for value in values], np.int64), len(kinds))
    return made if _enough(made, parts) else None


def _enough(quantity: Quantity, parts: Parts) -> bool:
    known = quantity.known
    return bool(known[parts.learn].sum() >= FEWEST and known[parts.judge].sum() >= FEWEST // 5)
