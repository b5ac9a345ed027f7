"""The nearest training problems of any question, by several ways to be near; what several probes look at.

How questions are written is compared by the installed shortcut models `nearest-…`; what the model makes of them, by its
own hidden states.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Budget, Examples, Inspectable
from enigmath.bench.contracts.registry import find_model
from enigmath.bench.probes.subject import Mask, Subject

K: Final = 5
"""Neighbours of a problem: the nearest one in each of that many parts of the training set."""
FARTHEST: Final[Mapping[str, float]] = {"aligned": 1.0, "ngrams": 1.0, "edit": 0.0, "numbers": 0.0}
"""What a question's likeness to itself is, by the shortcut that measures it: a distance is that less the likeness."""
STATES: Final = "hidden states"
_STATES_OF: Final = 20_000
"""Training problems whose hidden states are compared, at most."""

_CHARACTERS: Final = 10_000_000
"""Of a larger training set, an even choice of questions with that many characters in all is the memory."""
_EDITS: Final = 2_000_000_000
"""Steps of comparing pairs by edits, each of a character with 64 others: of more, an even choice is compared."""

Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Neighbours:
    """The K nearest training problems of n questions: rows of the training table and distances, (n, K), nearest first.

    Distances are shares of characters that differ (aligned), 1 - cosine (ngrams, hidden states), edits (edit), and
    differences of numbers in standard deviations (numbers).
    """

    kind: str
    rows: Indices
    distances: Floats

    @property
    def distance(self) -> Floats:
        """The distance of the nearest one, shape (n,)."""
        return self.distances[:, 0]


@dataclass(frozen=True)
class Memory:
    """A training set without its repetitions, in K parts, in which neighbours are sought.

    The nearest of all is among the nearest of each part. Questions of the training set itself are compared with the
    parts that they are not in, so that none is its own neighbour.
    """

    subject: Subject

    @cached_property
    def rows(self) -> Indices:
        """The first row of each different training question, or an even choice of them where they are very long."""
        texts = self.subject.data.train["question"].combine_chunks()
        codes = pc.dictionary_encode(texts).indices.to_numpy()
        rows = np.sort(np.unique(codes, return_index=True)[1]).astype(np.int64)
        characters = max(1.0, pc.mean(pc.utf8_length(texts)).as_py() or 1.0)
        return evenly(rows, int(_CHARACTERS / characters))

    @cached_property
    def answers(self) -> npt.NDArray[np.object_]:
        """The answer of every training row."""
        return np.asarray(self.subject.data.train["answer"].to_numpy(zero_copy_only=False), dtype=object)

    def kinds(self) -> list[str]:
        """The ways to be near that apply to this subject."""
        return [*FARTHEST, *([STATES] if isinstance(self.subject.model, Inspectable) else ())]

    def near(self, kind: str, questions: Sequence[str], trained: Indices | None = None) -> Neighbours:
        """The neighbours of n questions; `trained` tells which training rows they are, where they are such."""
        parts = K if trained is None else K + 1
        own = None if trained is None else np.searchsorted(self.rows, trained) % parts
        found: list[tuple[Indices, Floats]] = []
        for number in range(parts):
            rows = self.rows[number::parts]
            if not len(rows):
                continue
            nearest, distances = self._search(kind, rows, questions)
            if own is not None:
                distances = np.where(own == number, np.inf, distances)
            found.append((rows[nearest], distances))
        rows, distances = (np.stack(part, axis=1) for part in zip(*found, strict=True))
        order = np.lexsort((rows, distances), axis=1)[:, : min(K, rows.shape[1])]
        return Neighbours(kind, np.take_along_axis(rows, order, 1), np.take_along_axis(distances, order, 1))

    def _search(self, kind: str, rows: Indices, questions: Sequence[str]) -> tuple[Indices, Floats]:
        if kind == "edit" and questions:
            length = max(1, sum(map(len, questions)) // len(questions))
            kept = evenly(np.arange(len(rows)), max(1, _EDITS // (K * len(questions) * length * (1 + length // 64))))
            nearest, distances = self._compared(kind, rows[kept], questions)
            return kept[nearest], distances
        return self._compared(kind, rows, questions)

    def _compared(self, kind: str, rows: Indices, questions: Sequence[str]) -> tuple[Indices, Floats]:
        part = self.subject.data.train.take(pa.array(rows))
        if kind == STATES:
            return _nearest_states(self.subject.model, part["question"].to_pylist(), questions)
        model: Any = find_model(f"nearest-{kind}")()
        model.fit(Examples(part), Examples(part.slice(0, 0)), Budget())
        nearest, likeness = model.nearest(questions)
        return nearest, FARTHEST[kind] - np.asarray(likeness, dtype=np.float64)


def _nearest_states(model: Any, known: Sequence[str], questions: Sequence[str]) -> tuple[Indices, Floats]:
    """By cosine of hidden states less their mean; of a large memory, an even choice. What cannot be read is far."""
    chosen = np.unique(np.linspace(0, len(known) - 1, min(len(known), _STATES_OF // K)).astype(np.int64))
    memory = _states(model, [known[row] for row in chosen])
    asked = _states(model, questions)
    centre = np.nanmean(memory, axis=0)
    memory, asked = (np.nan_to_num(_normed(states - centre)) for states in (memory, asked))
    best, cosine = np.zeros(len(asked), np.int64), np.zeros(len(asked), np.float64)
    for start in range(0, len(asked), 512):
        likeness = asked[start : start + 512] @ memory.T
        best[start : start + 512], cosine[start : start + 512] = likeness.argmax(axis=1), likeness.max(axis=1)
    # Past the fifth decimal it is rounding that tells distances apart.
    distances: Floats = np.maximum(1.0 - cosine, 0.0).astype(np.float64)
    return chosen[best], distances.round(5)


def _states(model: Any, questions: Sequence[str]) -> npt.NDArray[np.float32]:
    blocks = [model.hidden_states(questions[start : start + 4_096]) for start in range(0, len(questions), 4_096)]
    return np.concatenate([np.asarray(block, dtype=np.float32) for block in blocks])


def _normed(states: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths: npt.NDArray[np.float32] = np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1e-12)
    return np.divide(states, lengths)


def evenly(rows: Indices, count: int) -> Indices:
    """At most `count` of the rows, evenly spread over them."""
    if len(rows) <= count:
        return rows
    return rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)]


def canonical(subject: Subject, tasks: Iterable[str], texts: Sequence[str | None]) -> list[str | None]:
    """Each text as the answer kind of its problem's task writes it; None where it does not parse."""
    names, given = np.array(list(tasks), dtype=object), np.array(texts, dtype=object)
    read = np.full(len(given), None, dtype=object)
    for task in subject.tasks:
        rows = np.flatnonzero(names == task.name)
        if len(rows):
            read[rows] = task.answer.canonical(pa.array(given[rows].tolist(), pa.string())).to_pylist()
    return list(read)


def values(subject: Subject, tasks: Iterable[str], texts: Sequence[str | None]) -> Floats | None:
    """The number that each text is, shape (n,), NaN where none parses; None where answers are no single number."""
    if any(task.answer.components != 1 for task in subject.tasks):
        return None
    names, given = np.array(list(tasks), dtype=object), np.array(texts, dtype=object)
    read = np.full(len(given), np.nan)
    for task in subject.tasks:
        rows = np.flatnonzero(names == task.name)
        if len(rows):
            column = task.answer.canonical(pa.array(given[rows].tolist(), pa.string()))
            read[rows] = task.answer.values(column)[:, 0]
    return read


def mirrored(
    subject: Subject, tasks: Sequence[str], truth: Sequence[str], nearby: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_] | None:
    """Twice the truth less each nearby answer, as texts of shape (n, k): answers that no neighbour gave, as near to it.

    They are what a model would hit as often as the neighbours' answers that computes and slips, or is unsure by how
    much. None where answers are no single numbers; an entry is None where a text is no number of its kind.
    """
    kinds = {task.name: task.answer for task in subject.tasks}
    if any(kind.components != 1 for kind in kinds.values()):
        return None
    made = np.full(nearby.shape, None, dtype=object)
    for row, (name, text) in enumerate(zip(tasks, truth, strict=True)):
        for place, other in enumerate(nearby[row]):
            with contextlib.suppress(ValueError, TypeError, OverflowError, ZeroDivisionError):
                made[row, place] = kinds[name].write(2 * Fraction(text) - Fraction(other))
    return made


def judged_each(subject: Subject, problems: pa.Table, answers: npt.NDArray[np.object_]) -> Mask:
    """Which of several answers to each problem are right, shape (n, k), by the tasks' judges."""
    columns = [subject.judged(problems, answers[:, place].tolist()) for place in range(answers.shape[1])]
    return np.stack(columns, axis=1)
