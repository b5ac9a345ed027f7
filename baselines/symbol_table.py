"""The table of a cipher whose key never changes: what a symbol at a place of the question has stood for."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from enigmath.bench.contracts import Budget, Examples, Fit

Seen = tuple[int | None, str]
"""A place of the answer (None for any) and what the question's last word shows there."""


@dataclass
class SymbolTable:
    """For each place of the answer, the commonest character that went with what the question's last word shows there.

    A word twice as long as the answer shows two characters a place, and so on. What a place never showed is looked up
    among all places, and what none showed is answered by the commonest character. Any cipher that replaces letter by
    letter under one hidden key falls to it, with no need to know that there is a key.

    >>> import pyarrow as pa
    >>> train = Examples(pa.table({"question": ["break(BC)", "break(CB)"], "answer": ["AB", "BA"]}))
    >>> model = SymbolTable()
    >>> _ = model.fit(train, train, Budget())
    >>> model.predict(["break(BB)", "break(BCCB)"])
    ['AA', 'ABBA']
    """

    shortcut: ClassVar[bool] = True
    table: dict[Seen, str] = field(default_factory=dict, init=False)
    commonest: str = field(default="", init=False)
    width: int = field(default=1, init=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Count which characters go together. Neither `validation` nor the budget matters."""
        words = [_last_word(question) for question in train.questions]
        answers = list(train.answers)
        self.width = max(1, sum(map(len, words)) // max(1, sum(map(len, answers))))
        counts: defaultdict[Seen, Counter[str]] = defaultdict(Counter)
        symbols: Counter[str] = Counter()
        for word, answer in zip(words, answers, strict=True):
            symbols.update(answer)
            for place, (shown, symbol) in enumerate(zip(self._pieces(word), answer, strict=False)):
                counts[place, shown][symbol] += 1
                counts[None, shown][symbol] += 1
        self.commonest = _commonest(symbols)
        self.table = {seen: _commonest(found) for seen, found in counts.items()}
        return Fit(facts={"entries": len(self.table)})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """One character for each piece of a question's last word."""
        return [
            "".join(
                self.table.get((place, shown)) or self.table.get((None, shown), self.commonest)
                for place, shown in enumerate(self._pieces(_last_word(question)))
            )
            for question in questions
        ]

    def _pieces(self, word: str) -> Iterator[str]:
        return (word[start : start + self.width] for start in range(0, len(word), self.width))


def _last_word(question: str) -> str:
    words = re.findall(r"[^\W_]+", question)
    return words[-1] if words else ""


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda symbol: (-counts[symbol], symbol), default="")
