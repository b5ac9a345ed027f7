"""A linear model on a bag of tokens: what can be said of the answer from how often each character occurs.

The tokens are the characters of the question, as the networks here see them; their order is lost. It scores where
answers hang on counts (how many operands, how many digits, which operator) and nowhere else.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.places import code_points
from enigmath.bench.contracts import Budget, Examples, Fit, UserError

Floats = npt.NDArray[np.floating]

_CELLS: Final = 1 << 23
"""Counts that are held at once: 64 MiB."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.([0-9]+))?")


@dataclass
class Linear:
    """Ridge regression from the counts of characters (Hoerl and Kennard, Technometrics 12, 1970).

    Where every training answer is a plain decimal number, onto that number, written with as many decimals as the
    training answers have at most. Where not, onto one indicator for each of the `classes` commonest answers, and the
    largest wins (one against the rest). `penalty` is added to the diagonal of the Gram matrix, the constant spared.
    """

    penalty: float = 1.0
    classes: int = 1_000
    characters_kept: int = 512
    shortcut: ClassVar[bool] = True
    characters: npt.NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32), init=False, repr=False)
    weights: Floats | None = field(default=None, init=False, repr=False)
    answers: list[str] = field(default_factory=list, init=False, repr=False)
    decimals: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.penalty >= 0 or self.classes < 1 or self.characters_kept < 1:
            raise UserError(
                f"penalty {self.penalty}, classes {self.classes}, characters_kept {self.characters_kept}",
                where="linear",
                mend="make them positive (the penalty may be 0)",
            )

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Solve the normal equations, which one pass over the training set gives. No budget is needed."""
        self.characters = self._commonest(train.questions)
        decimals = _decimals(train.answers)
        if decimals is None:
            self.answers = [answer for answer, _ in Counter(train.answers).most_common(self.classes)]
            goals: Any = _indicators(train.answers, self.answers)
            self.weights = self._solve(train.questions, goals)
        else:
            self.answers, self.decimals = [], decimals
            numbers = np.array([float(answer) for answer in train.answers])[:, None]
            centre, scale = numbers.mean(), max(float(np.abs(numbers).max()), 1.0)
            self.weights = self._solve(train.questions, (numbers - centre) / scale) * scale
            self.weights[-1] += centre
        return Fit(facts={"parameters": self.weights.size, "kind": "regression" if not self.answers else "classes"})

    def predict(self, questions: Sequence[str]) -> list[str]:
        """One number or one of the known answers a question."""
        assert self.weights is not None
        predicted: list[str] = []
        for bag in self._bags(questions):
            scores = bag @ self.weights
            if self.answers:
                predicted += [self.answers[index] for index in scores.argmax(axis=1).tolist()]
            else:
                predicted += [f"{number:.{self.decimals}f}" for number in scores[:, 0].tolist()]
        return predicted

    def _commonest(self, questions: Sequence[str]) -> npt.NDArray[np.uint32]:
        found, counts = np.unique(code_points(questions)[0], return_counts=True)
        kept = np.argsort(-counts, kind="stable")[: self.characters_kept]
        return np.sort(found[kept])

    def _bags(self, questions: Sequence[str]) -> Iterator[Floats]:
        """Counts of the known characters and a constant 1, a chunk at a time; shape (n, characters + 1)."""
        width = len(self.characters)
        rows = _CELLS // (width + 1)
        for start in range(0, len(questions), rows):
            chunk = questions[start : start + rows]
            codes, lengths = code_points(chunk)
            row = np.repeat(np.arange(len(chunk)), lengths)
            column = np.searchsorted(self.characters, codes)
            known = np.append(self.characters, 0xFFFFFFFF)[column] == codes
            cell = (row * (width + 1) + column)[known]
            bag = np.bincount(cell, minlength=len(chunk) * (width + 1)).reshape(len(chunk), -1).astype(np.float64)
            bag[:, -1] = 1.0
            yield bag

    def _solve(self, questions: Sequence[str], goals: Any) -> Floats:
        """Weights of shape (characters + 1, goals); `goals` is a dense or sparse matrix of shape (n, goals)."""
        size = len(self.characters) + 1
        gram, moments = np.zeros((size, size)), np.zeros((size, goals.shape[1]))
        start = 0
        for bag in self._bags(questions):
            gram += bag.T @ bag
            moments += (goals[start : start + len(bag)].T @ bag).T
            start += len(bag)
        gram[np.arange(size - 1), np.arange(size - 1)] += self.penalty
        solved: Floats = np.linalg.lstsq(gram, moments, rcond=None)[0]
        return solved


def _decimals(answers: Sequence[str]) -> int | None:
    """The most decimals that an answer has; None where one is no plain number, or beyond what a float can hold."""
    most = 0
    for answer in answers:
        matched = _NUMBER.fullmatch(answer)
        if matched is None or len(answer) > 300:
            return None
        most = max(most, len(matched[1] or ""))
    return most


def _indicators(answers: Sequence[str], known: Sequence[str]) -> Any:
    """A sparse matrix of shape (n, known) with 1 where the answer is that one; a rare answer's row is empty."""
    from scipy.sparse import csr_matrix

    number = {answer: index for index, answer in enumerate(known)}
    column = np.array([number.get(answer, -1) for answer in answers])
    row = np.flatnonzero(column >= 0)
    return csr_matrix((np.ones(len(row)), (row, column[row])), shape=(len(answers), len(known)))
