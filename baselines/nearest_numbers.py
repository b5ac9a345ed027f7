"""Looking up by value: the answer of the training question whose numbers lie nearest.

Where `neighbours` compares how questions are written, this model compares what their numbers are worth: the shortcut
that a reader of a result "within ten percent" suspects first, for what is near in value often has a near answer.
The search is exact, whatever the sizes, and its memory is bounded: vectors are compared a block at a time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import Budget, Examples, Fit

Vectors = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", re.ASCII)
_DIGITS: Final = 300
"""A number of more characters is read by its first ones: a float has no more."""

_ROWS: Final = 4_096
_QUERIES: Final = 256
"""Vectors and queries that are compared at once: their scores stay in the cache."""

_GROUP: Final = 64


def nearest_rows(known: Vectors, queries: Vectors, k: int = 1) -> Indices:
    """The k rows of `known` nearest to each query by Euclidean distance, nearest first; shape (queries, k).

    A row x is nearer to q the larger q·x - |x|²/2 is, so a block of scores is one product of matrices. The k best of a
    block are among the k groups of rows with the largest maxima: only these are sorted.

    >>> nearest_rows(np.array([[0.0], [2.0], [5.0]], np.float32), np.array([[1.5], [9.0]], np.float32), k=2).tolist()
    [[1, 0], [2, 1]]
    """
    import torch

    k = min(k, len(known))
    half = torch.from_numpy((known * known).sum(axis=1) / 2)
    rows, asked = torch.from_numpy(known), torch.from_numpy(queries)
    found = np.zeros((len(queries), k), np.int64)
    for first in range(0, len(queries), _QUERIES):
        some = asked[first : first + _QUERIES]
        best, where = torch.empty(len(some), 0), torch.empty(len(some), 0, dtype=torch.int64)
        for start in range(0, len(known), _ROWS):
            block = slice(start, start + _ROWS)
            scores = torch.addmm(half[block], some, rows[block].T, beta=-1)
            candidates, index = _largest(scores, k)
            best, where = torch.cat([best, candidates], dim=1), torch.cat([where, index + start], dim=1)
            best, kept = best.topk(min(k, best.shape[1]), dim=1)
            where = where.gather(1, kept)
        found[first : first + _QUERIES] = where.numpy()
    return found


def _largest(scores: Any, k: int) -> tuple[Any, Any]:
    """Scores (queries, rows) among which are each query's k largest, and the rows that they belong to."""
    import torch

    queries, count = scores.shape
    groups = count // _GROUP
    if groups <= k:
        return scores, torch.arange(count).expand(queries, -1)
    grouped = scores[:, : groups * _GROUP].view(queries, _GROUP, groups)  # row r is of group r mod groups
    best = grouped.amax(dim=1).topk(k, dim=1).indices
    chosen = grouped.gather(2, best[:, None].expand(-1, _GROUP, -1)).flatten(1)
    index = (torch.arange(_GROUP)[:, None] * groups + best[:, None]).flatten(1)
    rest = torch.arange(groups * _GROUP, count).expand(queries, -1)
    return torch.cat([chosen, scores[:, groups * _GROUP :]], dim=1), torch.cat([index, rest], dim=1)


@dataclass
class NearestNumbers:
    """The answer of the training question of the same form whose numbers lie nearest, each measured in its spread.

    The form of a question is its text without its numbers. A question of a form that training never had is answered as
    the nearest of all forms, by its first numbers.
    """

    shortcut: ClassVar[bool] = True
    answers: list[str] = field(default_factory=list, init=False, repr=False)
    known: dict[str, tuple[Vectors, Indices]] = field(default_factory=dict, init=False, repr=False)
    everything: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32), init=False, repr=False)
    spread: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), init=False, repr=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Read the numbers of the training questions. Neither `validation` nor the budget matters."""
        forms, numbers = _read(train.questions)
        width = max(map(len, numbers), default=0)
        values = _matrix(numbers, width)
        self.spread = np.maximum(values.std(axis=0), 1e-12) if len(values) else np.ones(width)
        self.everything, self.answers = (values / self.spread).astype(np.float32), train.answers
        self.known = {form: (self.everything[rows], rows) for form, rows in _rows_by_form(forms).items()}
        return Fit(facts={"memory": len(train), "forms": len(self.known), "numbers": width})

    def predict(self, questions: Sequence[str]) -> list[str]:
        """The nearest question's answer for each question."""
        return [self.answers[index] for index in self.nearest(questions)[0].tolist()]

    def nearest(self, questions: Sequence[str]) -> tuple[Indices, npt.NDArray[np.float64]]:
        """The nearest training problem of each question, and minus the distance between them; shapes (n,)."""
        forms, numbers = _read(questions)
        values = (_matrix(numbers, len(self.spread)) / self.spread).astype(np.float32)
        index = np.zeros(len(questions), np.int64)
        every = np.arange(len(self.everything))
        for form, rows in _rows_by_form(forms).items():
            vectors, belong = self.known.get(form, (self.everything, every))
            index[rows] = belong[nearest_rows(vectors, values[rows])[:, 0]]
        return index, -np.linalg.norm(self.everything[index] - values, axis=1).astype(np.float64)


def _read(questions: Sequence[str]) -> tuple[list[str], list[list[float]]]:
    """Each question's form and numbers; a number past the largest float counts as that one."""
    forms = [_NUMBER.sub("#", question) for question in questions]
    largest = float(np.finfo(np.float32).max) ** 0.25  # its square, and a sum of such, is still a float
    numbers = [[min(float(text[:_DIGITS]), largest) for text in _NUMBER.findall(question)] for question in questions]
    return forms, numbers


def _matrix(numbers: Sequence[Sequence[float]], width: int) -> npt.NDArray[np.float64]:
    """Rows of equal width: zeros where a question has fewer numbers, the rest left out where it has more."""
    lengths = np.fromiter((min(len(row), width) for row in numbers), np.int64, len(numbers))
    matrix = np.zeros((len(numbers), width))
    flat = [value for row in numbers for value in row[:width]]
    matrix[np.arange(width) < lengths[:, None]] = flat
    return matrix


def _rows_by_form(forms: Sequence[str]) -> dict[str, Indices]:
    names, belongs = np.unique(np.array(forms, dtype=object), return_inverse=True) if forms else (np.array([]), None)
    if belongs is None:
        return {}
    order = np.argsort(belongs, kind="stable")
    ends = np.cumsum(np.bincount(belongs, minlength=len(names)))
    return dict(zip(names.tolist(), np.split(order, ends[:-1]), strict=True))
