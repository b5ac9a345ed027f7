"""The cross-generator matrix: a model trained on one generator of a family, asked what the others make."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from enigmath.bench.contracts import Task, UserError, probe
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.data import Part, take
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, share
from enigmath.bench.probes.subject import Subject
from enigmath.bench.scoring import judge

if TYPE_CHECKING:
    import pandas as pd

ASKED = 500
"""Test problems of each level of another generator, where it has so many."""

RIGHT = 0.5
"""The share of right answers at home that there must surely be to speak of more."""

KEPT = 0.5
"""The share of its accuracy at home that a model must keep on another generator's problems."""


@probe("cross-generator")
def cross_generator(subject: Subject) -> "pd.DataFrame":
    """A row of the matrix: accuracy on the test problems of every generator of the task's family.

    Tasks of one family ask the same and draw their problems in other ways (forward, backward, by parts; balanced or
    not), and share their keys, so that no other generator's test problem stands in this one's training. Levels are
    those that were trained. It speaks for computing where the accuracy on every other generator, by its interval, is at
    least half of that at home, and for looking up where it is less than half on any; of a model that is not surely
    right at home on more than half it says nothing. Weakness: another generator's problems may simply be longer or
    harder; their own model's row of the matrix tells. After Lample and Charton 2019, "Deep learning for symbolic
    mathematics".
    """
    if len(subject.tasks) != 1 or not subject.tasks[0].family:
        return findings([])
    home = subject.tasks[0]
    others = [task for task in tasks().plugins.values() if task.family == home.family and task.name != home.name]
    own = share("accuracy", subject.right[subject.rows()], by="generator", group=home.name)
    rows = [_asked(subject, task) for task in others]
    kept = [row["low"] >= KEPT * own["value"] for row in rows]
    lost = [row["high"] < KEPT * own["value"] for row in rows]
    if own["low"] <= RIGHT:
        says = [""] * len(rows)
    elif any(lost):
        says = [LOOKS_UP if gone else "" for gone in lost]
    else:
        says = [COMPUTES if all(kept) else ""] * len(rows)
    return findings([own, *({**row, "says": word} for row, word in zip(rows, says, strict=True))])


def _asked(subject: Subject, task: Task) -> Row:
    """The accuracy of a cell's model on the test problems of another task, over the trained levels that it has."""
    levels = [number for number in subject.cell.levels if number <= len(task.levels)] or [1]
    test = pa.concat_tables(
        [drawn_problems(Part(task, level, subject.cell.seed), subject.place.cache) for level in levels]
    )
    right = judge(task, test, subject.ask(test["question"].to_pylist()))[0].right
    return share("accuracy", right, by="generator", group=task.name)


def drawn_problems(part: Part, cache: Path | None) -> pa.Table:
    """Test problems of one level: ASKED of them, or half as many, and half of that, until the level has them."""
    count = ASKED
    while True:
        try:
            return take(part, {"test": count}, cache)["test"]
        except UserError:
            if count == 1:
                raise
            count //= 2
