"""Scratchpads: a network writes the steps of its task before the answer, and the answer alone is scored.

After Nye et al., "Show your work: scratchpads for intermediate computation with language models", 2021. In training,
the answers are replaced by `step;step;answer`, with the steps that the problem's task offers; of what a network then
writes, the answer is all that follows the last divider. The trade-off: each step is easy where the whole is hard, and
every token of it is paid for, in training and at each answer.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Examples, Task, UserError
from enigmath.bench.contracts.registry import find_task

DIVIDER: Final = ";"


def worked_out(examples: Examples, where: str) -> Examples:
    """The same problems with `steps;answer` as their answers, or the bare answer where a problem needs no step.

    The table must say in its column `task` what each problem belongs to. UserError where a task offers no steps.
    """
    fresh = examples.fresh

    def more(first: int) -> Iterator[pa.Table]:
        assert fresh is not None
        return (_written(table, where) for table in fresh(first))

    return replace(examples, table=_written(examples.table, where), fresh=None if fresh is None else more)


def require_steps(task: Task, where: str) -> None:
    """UserError where the task offers no steps."""
    if task.steps is None:
        mend = "leave scratchpad out, or give the task steps="
        raise UserError(f"{task.name} offers no steps to write", where=where, mend=mend)


def answer_in(text: str | None) -> str | None:
    """What follows the last divider.

    >>> answer_in("738;6150;6888;49200;56088"), answer_in("36"), answer_in(None)
    ('56088', '36', None)
    """
    return text and text.rpartition(DIVIDER)[2]


def _written(table: pa.Table, where: str) -> pa.Table:
    if "task" not in table.column_names:
        mend = "give them a column `task`, as datasets have it"
        raise UserError("cannot tell whose steps to write: the problems do not name their task", where=where, mend=mend)
    answers = table["answer"].combine_chunks().cast(pa.string())
    if pc.any(pc.match_substring(answers, DIVIDER)).as_py():
        raise UserError(f"answers with {DIVIDER!r} cannot be told from steps", where=where, mend="leave scratchpad out")
    steps = pa.array(_steps(table, where), pa.string())
    whole = pc.binary_join_element_wise(steps, answers, DIVIDER)
    whole = pc.if_else(pc.equal(steps, ""), answers, whole)
    return table.set_column(table.column_names.index("answer"), "answer", whole)


def _steps(table: pa.Table, where: str) -> Any:
    """The steps of each row, shape (n,), asked of each row's own task."""
    names = table["task"].cast(pa.string()).to_numpy(zero_copy_only=False)
    steps = np.full(table.num_rows, "", dtype=object)
    for name in np.unique(names):
        task = find_task(name)
        require_steps(task, where)
        assert task.steps is not None
        rows = np.flatnonzero(names == name)
        given = task.steps(table["question"].take(pa.array(rows)).to_pylist())
        if len(given) != len(rows):
            reason = f"{name} gave {len(given)} steps for {len(rows)} questions"
            raise UserError(reason, where=where, mend="steps= must return one text a question, in order")
        steps[rows] = given
    return steps
