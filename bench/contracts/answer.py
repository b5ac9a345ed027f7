"""Answer kinds: how an answer is written, how a prediction is read, and which metrics apply.

A prediction is read by a bounded whitelist: a regular expression without back-tracking (RE2, through Arrow) over at
most `LONGEST` characters. Nothing is ever evaluated. `canonical` brings every way of writing one answer to one text
(`+07` → `7`, `2.50` → `2.5`) and gives null for what does not parse; `values` turns canonical texts into numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts.errors import UserError

LONGEST = 1_000
"""Characters of a prediction that are read at most; a longer one is unparsable."""

Floats = npt.NDArray[np.float64]


class Answer(Protocol):
    """What every answer kind offers."""

    @property
    def components(self) -> int:
        """How many numbers an answer holds; 0 for a kind that is not numeric."""
        ...

    def write(self, value: Any) -> str:
        """The canonical text of one answer."""
        ...

    def canonical(self, texts: pa.Array) -> pa.Array:
        """Canonical texts, shape (n,), null where a text does not parse."""
        ...

    def values(self, canonical: pa.Array) -> Floats:
        """The numbers in canonical texts, shape (n, components), NaN for null; beyond 1.8e308 they are infinite."""
        ...


@runtime_checkable
class Normed(Protocol):
    """A kind whose answers have a norm: a prediction near enough is right."""

    def distances(self, answers: pa.Array, predictions: pa.Array) -> Floats:
        """The relative error of each canonical prediction, shape (n,); NaN where it cannot be told."""
        ...


def select(texts: pa.Array, pattern: str) -> pa.Array:
    """The texts, stripped of surrounding white space, that match the pattern whole; null for the others."""
    texts = pc.cast(texts, pa.string())
    bounded = pc.less_equal(pc.utf8_length(texts), LONGEST)
    stripped = pc.utf8_trim_whitespace(pc.if_else(bounded, texts, None))
    return pc.if_else(pc.match_substring_regex(stripped, f"^(?:{pattern})$"), stripped, None)


def _without_minus_zero(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, "-0"), "0", texts)


def _floats(texts: pa.Array) -> Floats:
    numbers = pc.cast(texts, pa.float64())
    return cast(Floats, pc.fill_null(numbers, float("nan")).to_numpy(zero_copy_only=False))


@dataclass(frozen=True)
class Integer:
    """A whole number in decimal digits, with a sign where it is negative.

    >>> Integer().canonical(pa.array(["+07", "-0", " 12 ", "1.5", "twelve", ""])).to_pylist()
    ['7', '0', '12', None, None, None]
    """

    @property
    def components(self) -> int:
        """One number."""
        return 1

    def write(self, value: int) -> str:
        """Decimal digits; ValueError for a number that is not whole."""
        if value != int(value):
            raise ValueError(f"{value!r} is not a whole number")
        return str(int(value))

    def canonical(self, texts: pa.Array) -> pa.Array:
        """No plus sign, no leading zeros, no minus zero."""
        kept = select(texts, r"[+-]?[0-9]+")
        return _without_minus_zero(pc.replace_substring_regex(kept, r"^\+?(-?)0*([0-9]+)$", r"\1\2"))

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 1)."""
        return _floats(canonical)[:, None]


@dataclass(frozen=True)
class Real:
    """A decimal number: rounded to `decimals` places half away from zero, or, with None, as Python prints the float.

    >>> Real(2).write(Fraction(1, 8)), Real(2).write(Fraction(-1, 8)), Real(2).write(3), Real().write(0.1)
    ('0.13', '-0.13', '3', '0.1')
    >>> Real(2).canonical(pa.array(["2.50", "-.5", "3.", "-0.00", "1e3", "."])).to_pylist()
    ['2.5', '-0.5', '3', '0', None, None]
    >>> Real().canonical(pa.array(["1e3", "1000.0"])).to_pylist()
    ['1000', '1000']
    """

    decimals: int | None = None

    @property
    def components(self) -> int:
        """One number."""
        return 1

    def write(self, value: Any) -> str:
        """Trailing zeros and a bare point are left out."""
        if self.decimals is None:
            return repr(float(value))
        scale = 10**self.decimals
        exact = abs(Fraction(value)) * scale
        units = int(exact + Fraction(1, 2))
        whole, part = divmod(units, scale)
        fraction = f"{part:0{self.decimals}d}".rstrip("0") if self.decimals else ""
        sign = "-" if value < 0 and units else ""
        return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"

    def canonical(self, texts: pa.Array) -> pa.Array:
        """With `decimals`, a plain decimal without needless zeros; without, the shortest form of the float."""
        plain = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
        if self.decimals is None:
            kept = select(texts, plain + r"(?:[eE][+-]?[0-9]{1,3})?")
            without_plus = pc.replace_substring_regex(kept, r"^\+", "")
            return _without_minus_zero(pc.cast(pc.cast(without_plus, pa.float64()), pa.string()))
        kept = select(texts, plain)
        shortest = pc.replace_substring_regex(kept, r"^\+?(-?)0*([0-9]*)(?:\.([0-9]*[1-9])?0*)?$", r"\1\2.\3")
        whole = pc.utf8_rtrim(shortest, ".")
        return _without_minus_zero(pc.replace_substring_regex(whole, r"^(-?)(\.|$)", r"\10\2"))

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 1)."""
        return _floats(canonical)[:, None]


@dataclass(frozen=True)
class Integers:
    """A fixed number of whole numbers with a separator between them, as quotient and remainder `3r1`.

    >>> Integers(2, "r").write((3, 1)), Integers(2, "r").canonical(pa.array(["03r+1", "3", "3r1r1"])).to_pylist()
    ('3r1', ['3r1', None, None])
    """

    count: int
    separator: str = ","

    def __post_init__(self) -> None:
        """Raises UserError without a number, and for a separator that could be read as a part of one."""
        if not 1 <= self.count <= LONGEST:
            raise UserError(f"a count of {self.count} numbers", where="Integers", mend=f"from 1 to {LONGEST}")
        if not self.separator or re.search("[-+0-9]", self.separator):
            raise UserError(
                f"the separator {self.separator!r} cannot be told from a number",
                where="Integers",
                mend="take one without digits and signs",
            )

    @property
    def components(self) -> int:
        """One number each."""
        return self.count

    def write(self, value: Sequence[int]) -> str:
        """Decimal digits with the separator between."""
        return self.separator.join(str(int(part)) for part in value)

    def canonical(self, texts: pa.Array) -> pa.Array:
        """Each part as in Integer."""
        one = r"[+-]?[0-9]+"
        kept = select(texts, one + f"(?:{re.escape(self.separator)}{one})" + "{" + str(self.count - 1) + "}")
        parts = [Integer().canonical(part) for part in self._parts(kept)]
        return pc.binary_join_element_wise(*parts, self.separator)

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, count)."""
        return np.stack([_floats(part) for part in self._parts(canonical)], axis=1)

    def _parts(self, texts: pa.Array) -> list[pa.Array]:
        split = pc.split_pattern(texts, self.separator)
        return [pc.list_element(split, index) for index in range(self.count)]


@dataclass(frozen=True)
class Choice:
    """One of a few words; upper and lower case are told apart.

    >>> Choice(("<", "=", ">")).canonical(pa.array(["<", " > ", "<="])).to_pylist()
    ['<', '>', None]
    """

    options: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises UserError without options, and for options that could not be read back."""
        if not self.options or len(set(self.options)) < len(self.options):
            raise UserError(f"the options {self.options}", where="Choice", mend="give at least one, and each once")
        for option in self.options:
            if not option.strip() or option != option.strip():
                raise UserError(
                    f"the option {option!r}", where="Choice", mend="no white space around it, and not empty"
                )

    @property
    def components(self) -> int:
        """Not a number."""
        return 0

    def write(self, value: str) -> str:
        """The word itself; ValueError for another word."""
        if value not in self.options:
            raise ValueError(f"{value!r} is none of {', '.join(self.options)}")
        return value

    def canonical(self, texts: pa.Array) -> pa.Array:
        """The word without white space around it."""
        return select(texts, "|".join(re.escape(option) for option in self.options))

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 0)."""
        return np.empty((len(canonical), 0))


@dataclass(frozen=True)
class Text:
    """Characters that are compared as they stand, without white space around them; the empty text does not parse.

    `alphabet` is a regular expression's character class that every character must belong to, for instance `[A-Z]`.

    >>> Text("[0-9A-F]").canonical(pa.array(["FF", "0x1", ""])).to_pylist()
    ['FF', None, None]
    """

    alphabet: str = r"[^\x00]"

    @property
    def components(self) -> int:
        """Not a number."""
        return 0

    def write(self, value: str) -> str:
        """The text itself."""
        return str(value)

    def canonical(self, texts: pa.Array) -> pa.Array:
        """The text without white space around it."""
        return select(texts, f"(?s:{self.alphabet})+")

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 0)."""
        return np.empty((len(canonical), 0))
