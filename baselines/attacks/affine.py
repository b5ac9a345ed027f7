"""Affine maps over GF(2) learnt from examples: what elimination needs only a few dozen problems for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from enigmath.bench.contracts import Budget, Examples, Fit, UserError

_QUESTION: Final = re.compile(r"([a-z0-9_-]{1,40}\.[a-z]{1,40}\((?:[0-9]{1,19},)*)([0-9a-f]{1,1000})\)")
_ANSWER: Final = re.compile("[0-9a-f]{1,1000}")

Form = tuple[str, int, int]
"""What a question says before its last word, and how many characters that word and the answer have."""


@dataclass
class _Rows:
    """Equations between question and answer bits in echelon form, by the highest question bit of each."""

    answer_bits: int
    pivots: dict[int, int] = field(default_factory=dict)
    affine: bool = True

    def rest(self, row: int) -> int:
        """The row less the equations that it is made of."""
        while (highest := row.bit_length()) > self.answer_bits and highest in self.pivots:
            row ^= self.pivots[highest]
        return row

    def add(self, row: int) -> None:
        """A new equation; one that contradicts the others shows that the map is not affine."""
        row = self.rest(row)
        if row.bit_length() > self.answer_bits:
            self.pivots[row.bit_length()] = row
        elif row:
            self.affine = False


@dataclass
class AffineMap:
    """Finds the affine map over GF(2) that turns the bits of a question's last word into those of the answer.

    Questions are `name.way(numbers,word)`; each way of writing them before the word has a map of its own. From as many
    examples as the word has bits, and a few more, it knows all of shift registers with hidden taps, of xorshift and of
    MT19937: all of 268 to 331 test problems right at each level of `lfsr-next-hidden`, from 2,400 examples in .02 s.
    It has no answer where the examples contradict any such map, or say too little.

    >>> from enigmath.bench.contracts import Budget, Examples
    >>> import pyarrow as pa
    >>> model = AffineMap()
    >>> table = pa.table({"question": ["a.b(2,01)", "a.b(2,10)", "a.b(2,00)"], "answer": ["1", "1", "0"]})
    >>> model.fit(Examples(table), Examples(table), Budget()).facts
    {'forms': 1, 'affine': 1}
    >>> model.predict(["a.b(2,11)", "a.b(3,11)", "12+34"])
    ['0', None, None]
    """

    examples: int = 4_000
    """Problems of each form that are looked at."""
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True
    _maps: dict[Form, _Rows] = field(default_factory=dict, init=False, repr=False)
    _digit_bits: dict[str, int] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises UserError for no example."""
        if self.examples < 1:
            raise UserError(f"{self.examples} examples", where="affine-map", mend="1 or more")

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Collect equations, form by form."""
        self._maps, self._digit_bits = {}, {}
        problems: dict[Form, list[tuple[str, str]]] = {}
        for question, answer in zip(train.questions, train.answers, strict=True):
            found = _QUESTION.fullmatch(question.strip())
            if found is not None and _ANSWER.fullmatch(answer):
                same = problems.setdefault((found[1], len(found[2]), len(answer)), [])
                if len(same) < self.examples:
                    same.append((found[2], answer))
        for form, pairs in problems.items():
            digits = set().union(*(set(word) | set(answer) for word, answer in pairs))
            self._digit_bits[form[0]] = max(self._digit_bits.get(form[0], 1), 1 if digits <= {"0", "1"} else 4)
        for form, pairs in problems.items():
            base = 2 ** self._digit_bits[form[0]]
            rows = self._maps[form] = _Rows(form[2] * self._digit_bits[form[0]])
            for word, answer in pairs:
                rows.add(_row(word, base) << rows.answer_bits | int(answer, base))
        return Fit(facts={"forms": len(self._maps), "affine": sum(rows.affine for rows in self._maps.values())})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """What the map gives, for each question of a form that has one."""
        return [self._answer(_QUESTION.fullmatch(question.strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None:
            return None
        for (opening, width, length), rows in self._maps.items():
            if opening == found[1] and width == len(found[2]) and rows.affine:
                bits = self._digit_bits[opening]
                if bits == 1 and set(found[2]) - {"0", "1"}:
                    return None
                rest = rows.rest(_row(found[2], 2**bits) << rows.answer_bits)
                if rest >> rows.answer_bits:
                    return None
                return f"{rest:0{length}{'b' if bits == 1 else 'x'}}"
        return None


def _row(word: str, base: int) -> int:
    """The word's bits, after a one that carries the constant."""
    return int(word, base) << 1 | 1
