"""Three models that only look up: the answer of the most similar training question, exactly found.

What they score is what remembering is worth. They differ in what "similar" means: the same characters at the same
places, the same character n-grams, or few edits. Of equally similar questions the first in the training set answers.
Memory is bounded, whatever the sizes: questions are compared a block at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.agreement import most_agreeing
from enigmath.baselines.places import Codes, Grid, code_points
from enigmath.bench.contracts import Budget, Examples, Fit, UserError

Indices = npt.NDArray[np.int64]
Similarities = npt.NDArray[np.float64]


@dataclass
class NearestAligned:
    """The answer of the training question with most characters in common, operands aligned by place value.

    Known to reach, with a million training problems of 3-digit addition, about 70 % within ten percent and 0 % exact:
    near in writing is often near in value, and never equal.
    """

    shortcut: ClassVar[bool] = True
    grid: Grid | None = field(default=None, init=False, repr=False)
    cells: Codes | None = field(default=None, init=False, repr=False)
    answers: list[str] = field(default_factory=list, init=False, repr=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Lay the training questions out on a grid. Neither `validation` nor the budget matters."""
        self.grid = Grid.of(train.questions)
        self.cells, self.answers = self.grid.cells(train.questions), train.answers
        return Fit(facts={"memory": len(train), "places": len(self.grid.places)})

    def predict(self, questions: Sequence[str]) -> list[str]:
        """The nearest question's answer for each question."""
        return [self.answers[index] for index in self.nearest(questions)[0].tolist()]

    def nearest(self, questions: Sequence[str]) -> tuple[Indices, Similarities]:
        """The nearest training problem of each question, and the share of places that agree; shapes (n,)."""
        assert self.grid is not None
        assert self.cells is not None
        index, agreeing = most_agreeing(self.cells, self.grid.cells(questions))
        return index, agreeing / max(1, len(self.grid.places))


@dataclass
class NearestNgrams:
    """The answer of the training question with the nearest character n-grams, by cosine of tf-idf weights.

    All n-grams up to `longest` characters count, beginning and end of the question being characters too; they are
    told apart by a hash of 20 bits. An n-gram weighs its count times 1 + ln((1 + n) / (1 + document frequency)): tf-idf
    as in Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), chapter 6, smoothed.
    """

    longest: int = 3
    shortcut: ClassVar[bool] = True
    answers: list[str] = field(default_factory=list, init=False, repr=False)
    rarity: npt.NDArray[np.float32] | None = field(default=None, init=False, repr=False)
    known: Any = field(default=None, init=False, repr=False)

    _HASHES: ClassVar[int] = 1 << 20
    _BLOCK: ClassVar[tuple[int, int]] = (4_096, 256)

    def __post_init__(self) -> None:
        if self.longest < 1:
            raise UserError(f"n-grams up to {self.longest}", where="nearest-ngrams", mend="give 1 or more")

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Count and weigh the n-grams of the training questions."""
        counts = _ngram_counts(train.questions, self.longest, self._HASHES)
        frequency = np.bincount(counts.indices, minlength=self._HASHES)
        self.rarity = np.where(frequency, np.log((1 + len(train)) / (1 + frequency)) + 1, 0).astype(np.float32)
        self.known, self.answers = self._weighed(counts), train.answers
        return Fit(facts={"memory": len(train), "n-grams": int((frequency > 0).sum())})

    def predict(self, questions: Sequence[str]) -> list[str]:
        """The nearest question's answer for each question."""
        return [self.answers[index] for index in self.nearest(questions)[0].tolist()]

    def nearest(self, questions: Sequence[str]) -> tuple[Indices, Similarities]:
        """The nearest training problem of each question, and the cosine; shapes (n,)."""
        queries = self._weighed(_ngram_counts(questions, self.longest, self._HASHES))
        index = np.zeros(len(questions), dtype=np.int64)
        best = np.full(len(questions), -1.0, dtype=np.float32)
        rows, columns = self._BLOCK
        for start in range(0, len(questions), columns):
            asked = slice(start, start + columns)
            used = np.unique(queries[asked].indices)
            wanted = np.ascontiguousarray(queries[asked][:, used].toarray().T)
            memory = self.known[:, used]
            for row in range(0, len(self.answers), rows):
                cosine = memory[row : row + rows] @ wanted
                largest = cosine.max(axis=0)
                better = np.flatnonzero(largest > best[asked])
                index[start + better] = row + cosine[:, better].argmax(axis=0)
                best[start + better] = largest[better]
        return index, best.astype(np.float64)

    def _weighed(self, counts: Any) -> Any:
        """Rows of length 1; a question without any known n-gram stays zero."""
        assert self.rarity is not None
        counts.data *= self.rarity[counts.indices]
        row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        length = np.sqrt(np.bincount(row, counts.data.astype(np.float64) ** 2, minlength=counts.shape[0]))
        counts.data /= np.maximum(length, 1e-30).astype(np.float32)[row]
        return counts


@dataclass
class NearestEdit:
    """The answer of the training question that fewest edits turn into this one (Levenshtein 1966).

    Edit distance has no shortcut: every pair is compared. So at most `memory` training problems are kept, evenly
    spread over the training set.
    """

    memory: int = 100_000
    shortcut: ClassVar[bool] = True
    kept: Indices | None = field(default=None, init=False, repr=False)
    questions: list[str] = field(default_factory=list, init=False, repr=False)
    answers: list[str] = field(default_factory=list, init=False, repr=False)

    _BLOCK: ClassVar[tuple[int, int]] = (256, 8_192)

    def __post_init__(self) -> None:
        if self.memory < 1:
            raise UserError(f"a memory of {self.memory}", where="nearest-edit", mend="give 1 or more")

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Keep the questions as they stand."""
        self.kept = np.unique(np.linspace(0, len(train) - 1, min(self.memory, len(train))).astype(np.int64))
        self.questions = [train.questions[index] for index in self.kept]
        self.answers = [train.answers[index] for index in self.kept]
        return Fit(facts={"memory": len(self.kept)})

    def predict(self, questions: Sequence[str]) -> list[str]:
        """The nearest question's answer for each question."""
        return [self.answers[index] for index in self._nearest(questions)[0].tolist()]

    def nearest(self, questions: Sequence[str]) -> tuple[Indices, Similarities]:
        """The nearest training problem of each question, and minus the edits between them; shapes (n,)."""
        assert self.kept is not None
        index, edits = self._nearest(questions)
        return self.kept[index], -edits.astype(np.float64)

    def _nearest(self, questions: Sequence[str]) -> tuple[Indices, Indices]:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        index = np.zeros(len(questions), dtype=np.int64)
        fewest = np.full(len(questions), np.iinfo(np.int64).max)
        rows, columns = self._BLOCK
        for start in range(0, len(questions), rows):
            asked = slice(start, start + rows)
            for column in range(0, len(self.questions), columns):
                block = self.questions[column : column + columns]
                edits = cdist(questions[asked], block, scorer=Levenshtein.distance, dtype=np.int32)
                least = edits.min(axis=1)
                better = np.flatnonzero(least < fewest[asked])
                index[start + better] = column + edits[better].argmin(axis=1)
                fewest[start + better] = least[better]
        return index, fewest


_START: Final = 0x110000
"""A code point past Unicode's last: the beginning of a question; the next one is its end."""


def _ngram_counts(questions: Sequence[str], longest: int, hashes: int) -> Any:
    """How often each question has each hashed n-gram, as a sparse matrix of shape (n, hashes)."""
    from scipy.sparse import csr_matrix

    codes, lengths = code_points(questions)
    ends = np.cumsum(lengths + 2)
    framed = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint64)
    inside = np.ones(len(framed), dtype=np.bool_)
    inside[ends - 1] = inside[ends - lengths - 2] = False
    framed[ends - lengths - 2], framed[ends - 1], framed[inside] = _START, _START + 1, codes
    padded = np.append(framed, np.zeros(longest, dtype=np.uint64))
    left = np.repeat(ends, lengths + 2) - np.arange(len(framed))  # characters to the question's end, this one included
    hashed = np.zeros((len(framed), longest), dtype=np.int32)
    word = np.zeros(len(framed), dtype=np.uint64)
    for size in range(1, longest + 1):
        word = word * np.uint64(0x9E3779B97F4A7C15) + padded[size - 1 : size - 1 + len(word)] + np.uint64(1)
        hashed[:, size - 1] = (_mixed(word) % np.uint64(hashes)).astype(np.int32)
    fits = left[:, None] > np.arange(longest)
    starts = np.concatenate([[0], np.cumsum(fits.sum(axis=1))])[np.concatenate([[0], ends])]
    indices = hashed[fits]
    counts = csr_matrix((np.ones(len(indices), dtype=np.float32), indices, starts), shape=(len(questions), hashes))
    counts.sum_duplicates()
    return counts


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = (words ^ (words >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return mixed ^ (mixed >> np.uint64(32))
