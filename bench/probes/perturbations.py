"""Perturbations: questions changed so that the effect on the answer is known, and whether the model knows it too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Perturbation, Task, probe
from enigmath.bench.intervals import Interval, difference, interval
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.nearest import canonical, evenly
from enigmath.bench.probes.subject import Mask, Subject, mask
from enigmath.bench.streams import stream

if TYPE_CHECKING:
    import pandas as pd

PROBLEMS: Final = 500
"""Test problems of trained levels that are changed, and training problems, at most."""
ENOUGH: Final = 30
"""Fewer problems than these say nothing."""
NEARLY_ALL: Final = 0.9
HALF: Final = 0.5
LITTLE: Final = 0.1
"""A share that is as good as nothing."""
TRAINING: Final = "training problems"


@dataclass(frozen=True)
class Asked:
    """Problems (columns task, question, answer), what the model answered to them, and which of that is right."""

    source: str
    problems: pa.Table
    predictions: list[str | None]
    right: Mask

    def take(self, rows: npt.NDArray[np.int64]) -> "Asked":
        """Those rows."""
        kept = [self.predictions[row] for row in rows]
        return Asked(self.source, self.problems.take(pa.array(rows)), kept, self.right[rows])


@probe("perturbations")
def perturbations(subject: Subject) -> "pd.DataFrame":
    """Is an answer still right when the question is changed in a way whose effect is known, as by swapping operands?

    Each task says which changes apply. They are made to test problems of trained levels and to training problems, and
    what then stands word for word in training is left out (its share is told). `right after` is the share that is right
    of those that were right before: consistency where the answer stays, sensitivity where it changes. `accuracy lost`
    is by how much fewer are right after the change than before, and, over all of them, `same answer` how often a model
    repeats its answer where the truth stays, `another answer` how often it does not where the truth changes.

    A change in form leaves a question as it might have been drawn; one out of form, such as `+0`, gives a text such as
    the model has never read, and says nothing. In form, of 30 or more: `right after` from nine in ten on says
    `computes`; a loss of half of the accuracy and more on training problems says `looks up`, for who knows them by
    heart misses them with two operands swapped; so does `another answer` up to a half, of a model that was right on a
    tenth before; all by intervals. Weakness: where all that a change leads to lies near training problems, a good
    memory is right after it as well; and a model that computes, yet has learnt its own training problems besides, loses
    what it owes to them.
    """
    known = pc.unique(subject.data.train["question"])
    lines: list[Row] = []
    for asked in (on_test(subject, PROBLEMS), on_training(subject, PROBLEMS)):
        names = np.asarray(pc.cast(asked.problems["task"], pa.string()).to_numpy(zero_copy_only=False))
        for task in subject.tasks:
            part = asked.take(np.flatnonzero(names == task.name))
            for perturbation in task.perturbations if part.problems.num_rows else ():
                lines += _told(subject, task, perturbation, part, known)
    return findings(lines)


def on_test(subject: Subject, count: int) -> Asked:
    """At most so many test problems of trained levels, with the predictions that are stored."""
    rows = evenly(subject.rows(), count)
    problems = subject.told.select(["task", "question", "answer", "prediction"]).take(pa.array(rows))
    return Asked("test problems", problems, problems["prediction"].to_pylist(), subject.right[rows])


def on_training(subject: Subject, count: int) -> Asked:
    """At most so many training problems, asked of the model now."""
    train = subject.data.train
    rows = evenly(np.arange(train.num_rows), count)
    problems = train.select(["task", "question", "answer"]).take(pa.array(rows))
    predictions = subject.ask(problems["question"].to_pylist())
    return Asked(TRAINING, problems, predictions, subject.judged(problems, predictions))


def perturbed(
    task: Task, perturbation: Perturbation, asked: Asked
) -> tuple[npt.NDArray[np.int64], list[str], list[str]]:
    """The rows that a perturbation applies to, with their new questions and answers; the same ones each time."""
    rng = stream("perturbation", task.name, perturbation.name, asked.source)
    given = [asked.problems[name].to_pylist() for name in ("question", "answer")]
    questions, answers = perturbation.function(given[0], given[1], rng)
    applies = [
        (row, question, answer)
        for row, (question, answer) in enumerate(zip(questions, answers, strict=True))
        if question is not None and answer is not None
    ]
    rows = np.array([row for row, _, _ in applies], dtype=np.int64)
    return rows, [question for _, question, _ in applies], [answer for _, _, answer in applies]


def _told(subject: Subject, task: Task, change: Perturbation, asked: Asked, known: pa.Array) -> Iterator[Row]:
    """The rows of one perturbation on one source of problems; none where it applies to no problem."""
    rows, questions, answers = perturbed(task, change, asked)
    if not len(rows):
        return
    trained = mask(pc.is_in(pa.array(questions, pa.string()), value_set=known))
    by = f"{'in form' if change.in_form else 'out of form'}, {asked.source}"
    group = change.name if len(subject.tasks) == 1 else f"{change.name}, {task.name}"
    more: dict[str, Any] = {"same": change.same, "task": task.name}
    yield share("share that stands in training", trained, by=by, group=group, **more)
    new = np.flatnonzero(~trained)
    if not len(new):
        return
    before = asked.take(rows[new])
    problems = pa.table({
        "task": pa.array([task.name] * len(new)),
        "question": pa.array([questions[row] for row in new], pa.string()),
        "answer": pa.array([answers[row] for row in new], pa.string()),
    })  # fmt: skip
    after = subject.ask(problems["question"].to_pylist())
    right = subject.judged(problems, after)
    kept = right[before.right]
    yield share("right before", before.right, by=by, group=group, **more)
    if len(kept):
        yield share("right after", kept, by=by, group=group, says=_of_right(change, kept), **more)
    else:
        yield number("right after", np.nan, by=by, group=group, **more)
    lost = difference(before.right, right)
    says = _of_lost(change, lost, before)
    yield number("accuracy lost", lost[0], by=by, group=group, low=lost[1], high=lost[2], n=lost[3], says=says, **more)
    same = _same(subject, [task.name] * len(new), before.predictions, after)
    measure = "same answer" if change.same else "another answer"
    stayed = same if change.same else ~same
    says = "" if change.same else _of_moved(change, stayed, before)
    yield share(measure, stayed, by=by, group=group, says=says, **more)


def _of_right(change: Perturbation, right: Mask) -> str:
    told = interval(right, "share")
    return COMPUTES if change.in_form and told.size >= ENOUGH and told.low >= NEARLY_ALL else ""


def _of_lost(change: Perturbation, lost: Interval, before: Asked) -> str:
    """Only of training problems: that test problems are lost would tell of a model's failing, not of its memory."""
    much = max(HALF * float(before.right.mean()), LITTLE)
    counts = change.in_form and before.source == TRAINING and lost.size >= ENOUGH
    return LOOKS_UP if counts and lost.low >= much else ""


def _of_moved(change: Perturbation, moved: Mask, before: Asked) -> str:
    """Only of one that was right on some: who answers all alike, or has learnt nothing, looks nothing up."""
    told, knew = interval(moved, "share"), interval(before.right, "share")
    counts = change.in_form and told.size >= ENOUGH and knew.low >= LITTLE
    return LOOKS_UP if counts and told.high <= HALF else ""


def _same(subject: Subject, tasks: Sequence[str], before: Sequence[str | None], after: Sequence[str | None]) -> Mask:
    """Where two predictions are one answer, or one text that is none."""
    read = [canonical(subject, tasks, texts) for texts in (before, after)]
    first, second = (
        [text if known is None else known for known, text in zip(one, texts, strict=True)]
        for one, texts in zip(read, (before, after), strict=True)
    )
    return np.array([one == other for one, other in zip(first, second, strict=True)], dtype=bool)
