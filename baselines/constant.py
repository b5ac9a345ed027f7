"""Three models that never look at the question: what every score must beat before it means anything."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Budget, Examples, Fit, hash_integers, hash_text


@dataclass
class Majority:
    """Always the commonest training answer, of equally common ones the one that came first.

    >>> import pyarrow as pa
    >>> train = Examples(pa.table({"question": ["1+1", "2+0", "0+1"], "answer": ["2", "2", "1"]}))
    >>> model = Majority()
    >>> _ = model.fit(train, train, Budget())
    >>> model.predict(["5+5", "1+0"])
    ['2', '2']
    """

    shortcut: ClassVar[bool] = True
    answer: str | None = field(default=None, init=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Count the answers. Neither `validation` nor the budget matters."""
        ((self.answer, count),) = Counter(train.answers).most_common(1)
        return Fit(facts={"share of training answers": count / len(train)})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The same answer to every question."""
        return [self.answer] * len(questions)


@dataclass
class MajoritySymbols:
    """Always the commonest character of each place of the training answers: chance, for bits and letters.

    The text is as long as most training answers are; of equally common characters the smallest is taken.

    >>> import pyarrow as pa
    >>> train = Examples(pa.table({"question": ["a", "b", "c"], "answer": ["XA", "YB", "YA"]}))
    >>> model = MajoritySymbols()
    >>> _ = model.fit(train, train, Budget())
    >>> model.predict(["d"])
    ['YA']
    """

    shortcut: ClassVar[bool] = True
    answer: str = field(default="", init=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Count the characters of each place. Neither `validation` nor the budget matters."""
        ((length, _),) = Counter(map(len, train.answers)).most_common(1)
        columns = zip(*(answer for answer in train.answers if len(answer) == length), strict=True)
        counted = (Counter(column) for column in columns)
        self.answer = "".join(min(counts, key=lambda symbol: (-counts[symbol], symbol)) for counts in counted)
        return Fit(facts={"characters": length})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The same text to every question."""
        return [self.answer] * len(questions)


@dataclass
class RandomAnswer:
    """The answer of a random training problem: it knows how answers are distributed, and nothing else.

    The draw hangs on the seed and the question alone, so a question has one answer, in whatever batch it is asked.
    """

    seed: int = 0
    shortcut: ClassVar[bool] = True
    answers: list[str] = field(default_factory=list, init=False, repr=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Remember the answers, repeated ones as often as they came."""
        self.answers = train.answers
        return Fit(facts={"memory": len(train)})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """One draw a question."""
        readable = pa.array([question.encode(errors="replace").decode() for question in questions], pa.string())
        draws = hash_integers(f"random answer {self.seed}", hash_text(readable).view(np.int64))
        return [self.answers[index] for index in (draws % np.uint64(len(self.answers))).tolist()]
