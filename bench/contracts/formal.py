"""Answer kinds of algebra: fractions, complex numbers, lists, matrices and formulas.

They are read a row at a time, by regular expressions over bounded text and by the whitelist parser of `expression`;
`answer` holds the kinds that are read a column at a time.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts.answer import LONGEST, Floats
from enigmath.bench.contracts.errors import UserError
from enigmath.bench.contracts.expression import Tree, parse, write

_SIZE: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_COMPLEX: Final = re.compile(rf"([+-]?{_SIZE})(?:([+-](?:{_SIZE})?)[ij])?")
_IMAGINARY: Final = re.compile(rf"([+-]?(?:{_SIZE})?)[ij]")
_TORN: Final = re.compile(r"[\w.]\s+[\w.]")
_GREATEST: Final = 1e300
"""Numbers beyond it do not parse: rounded to a few digits, they could not be read back."""


def _each(texts: pa.Array, read: Callable[[str], str | None]) -> pa.Array:
    """Every text without blanks read by `read`; null for null, for what is too long, and where it gives None.

    A blank inside a number or a name is no blank to leave out: `1 2/3` is not `12/3`.
    """
    given = texts.cast(pa.string()).to_pylist()
    whole = [None if text is None or len(text) > LONGEST or _TORN.search(text) else text for text in given]
    kept = [None if text is None else read("".join(text.split())) for text in whole]
    return pa.array([None if text is None or len(text) > LONGEST else text for text in kept], pa.string())


def _columns(canonical: pa.Array, count: int, read: Callable[[str], Sequence[float]]) -> Floats:
    """The numbers that `read` finds in each text, shape (n, count), NaN for null."""
    missing = (math.nan,) * count
    rows = [missing if text is None else read(text) for text in canonical.to_pylist()]
    return np.array(rows, dtype=np.float64).reshape(-1, count)


@dataclass(frozen=True)
class Rational:
    """A fraction `3/4` or a whole number, brought to lowest terms; with `lowest`, only lowest terms parse as such.

    >>> Rational().write(Fraction(-6, 4)), Rational().canonical(pa.array(["2/4", "-3", "1/-2", "1/0"])).to_pylist()
    ('-3/2', ['1/2', '-3', '-1/2', None])
    >>> Rational(lowest=True).canonical(pa.array(["2/4", "1/2", "4/1"])).to_pylist()
    ['2/4', '1/2', '4/1']
    """

    lowest: bool = False

    @property
    def components(self) -> int:
        """One number."""
        return 1

    def write(self, value: Any) -> str:
        """`p/q` in lowest terms with q > 1, or a whole number."""
        exact = Fraction(value)
        return str(exact.numerator) if exact.denominator == 1 else f"{exact.numerator}/{exact.denominator}"

    def canonical(self, texts: pa.Array) -> pa.Array:
        """Lowest terms; with `lowest` the terms as given, so that `2/4` is another answer than `1/2`."""
        return _each(texts, self._read)

    def _read(self, text: str) -> str | None:
        found = re.fullmatch(r"([+-]?[0-9]+)(?:/([+-]?[0-9]+))?", text)
        if found is None or (found[2] and int(found[2]) == 0):
            return None
        top, bottom = int(found[1]), int(found[2] or 1)
        if self.lowest and found[2] and (math.gcd(top, bottom) > 1 or abs(bottom) == 1):
            return f"{top}/{bottom}"
        return self.write(Fraction(top, bottom))

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 1)."""
        return _columns(canonical, 1, lambda text: (_quotient(text),))


def _quotient(text: str) -> float:
    top, _, bottom = text.partition("/")
    try:
        return int(top) / int(bottom or 1)
    except OverflowError:
        return -math.inf if (top[0] == "-") != bottom.startswith("-") else math.inf


@dataclass(frozen=True)
class Complex:
    """A complex number as `1.5-2i`, each part rounded to `decimals` places; a part that is 0 is left out.

    >>> Complex(2).write(1 - 2.5j), Complex(2).canonical(pa.array(["2i+1", "1+2i", "-i", "3", "1+2i+3"])).to_pylist()
    ('1-2.5i', [None, '1+2i', '-1i', '3', None])
    """

    decimals: int = 2

    @property
    def components(self) -> int:
        """The real and the imaginary part."""
        return 2

    def write(self, value: complex) -> str:
        """Real part, then imaginary part with its sign."""
        real, imaginary = (_plain(round(part, self.decimals)) for part in (value.real, value.imag))
        if imaginary == "0":
            return real
        return f"{imaginary}i" if real == "0" else f"{real}{'' if imaginary[0] == '-' else '+'}{imaginary}i"

    def canonical(self, texts: pa.Array) -> pa.Array:
        """As `write` puts it."""
        return _each(texts, lambda text: None if (found := read_complex(text)) is None else self.write(found))

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 2)."""
        return _columns(canonical, 2, lambda text: ((found := read_complex(text) or 0j).real, found.imag))


def read_complex(text: str) -> complex | None:
    """The number in `1.5`, `2i` or `1.5-2i`; None for anything else, or beyond 1e300.

    >>> read_complex("1.5-i"), read_complex("one")
    ((1.5-1j), None)
    """
    found, real, imaginary = _COMPLEX.fullmatch(text), "0", "0"
    if found is not None:
        real, imaginary = found[1], found[2] or "0"
    else:
        found = _IMAGINARY.fullmatch(text)
        if found is None:
            return None
        imaginary = found[1]
    value = complex(float(real), float(imaginary + "1" if imaginary in ("", "+", "-") else imaginary))
    return value if max(abs(value.real), abs(value.imag)) < _GREATEST else None


def _plain(number: float) -> str:
    text = f"{number:.15g}"
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Items:
    """A list of any length, `2,3,3`, each item of another kind; with `ordered=False` any order is right.

    The empty list is written `none`. The separator holds no white space, which reading leaves out.

    >>> from enigmath.bench.contracts.answer import Integer
    >>> Items(Integer(), ordered=False).canonical(pa.array(["3, 02", "2,x", "", "none"])).to_pylist()
    ['2,3', None, None, 'none']
    """

    kind: Any
    ordered: bool = True
    separator: str = ","

    def __post_init__(self) -> None:
        """Raises UserError for a separator that could not be read back."""
        if not self.separator or re.search(r"[\w\s+-]", self.separator):
            mend = "take one without letters, digits, signs and blanks"
            raise UserError(f"the separator {self.separator!r}", where="Items", mend=mend)

    @property
    def components(self) -> int:
        """Not a number: lists have no fixed length."""
        return 0

    def write(self, value: Sequence[Any]) -> str:
        """The items as their kind writes them, shortest first where the order is free."""
        return self._joined([self.kind.write(item) for item in value])

    def _joined(self, items: Sequence[str]) -> str:
        return (
            self.separator.join(items if self.ordered else sorted(items, key=lambda item: (len(item), item))) or "none"
        )

    def canonical(self, texts: pa.Array) -> pa.Array:
        """Each item in its canonical form; null where one does not parse."""
        given = _each(texts, lambda text: text).to_pylist()
        rows = [None if text is None else [] if text == "none" else text.split(self.separator) for text in given]
        flat = self.kind.canonical(pa.array([item for row in rows if row is not None for item in row], pa.string()))
        items = iter(flat.to_pylist())
        read = [None if row is None else [next(items) for _ in row] for row in rows]
        return pa.array([None if row is None or None in row else self._joined(row) for row in read], pa.string())

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 0)."""
        return np.empty((len(canonical), 0))


@dataclass(frozen=True)
class Matrix:
    """A matrix of real or complex numbers, rows with `;` and entries with `,` between: `1,2.5;0,-1`. One row: a vector.

    Numbers are written with `digits` significant digits. A prediction of the same shape has an error by norm:
    the sum of all |p - a| over the sum of all |a| (the norm of Charton, "Linear algebra with transformers", 2022).

    >>> Matrix(3).write([[1, 2.5], [0, -1 / 3]])
    '1,2.5;0,-0.333'
    >>> Matrix(3).distances(pa.array(["1,2;3,4", "1,2"]), pa.array(["1,2;3,5", "1,2,3"])).tolist()
    [0.1, nan]
    """

    digits: int = 6

    @property
    def components(self) -> int:
        """Not a number: shapes differ."""
        return 0

    def write(self, value: npt.ArrayLike) -> str:
        """A vector or a matrix, row by row."""
        return ";".join(",".join(self._entry(entry) for entry in row) for row in np.atleast_2d(np.asarray(value)))

    def _entry(self, entry: complex) -> str:
        if not np.iscomplexobj(entry):
            return _significant(float(np.real(entry)), self.digits)
        real, imaginary = (_significant(part, self.digits) for part in (entry.real, entry.imag))
        if imaginary == "0":
            return real
        return f"{imaginary}i" if real == "0" else f"{real}{'' if imaginary[0] == '-' else '+'}{imaginary}i"

    def canonical(self, texts: pa.Array) -> pa.Array:
        """Without blanks and needless zeros; null unless all rows have one length."""
        return _each(texts, lambda text: None if (found := read_matrix(text)) is None else self.write(found))

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 0)."""
        return np.empty((len(canonical), 0))

    def distances(self, answers: pa.Array, predictions: pa.Array) -> Floats:
        """The relative error of each prediction by norm, shape (n,); NaN for null and for another shape."""
        pairs = zip(answers.to_pylist(), predictions.to_pylist(), strict=True)
        return np.array([_distance(answer, prediction) for answer, prediction in pairs], dtype=np.float64)


def read_matrix(text: str) -> npt.NDArray[Any] | None:
    """The numbers of shape (rows, columns), real where all of them are; None where the text is no matrix.

    >>> read_matrix("1,2;3,4").tolist(), read_matrix("1,2;3")
    ([[1.0, 2.0], [3.0, 4.0]], None)
    """
    rows = [[read_complex(entry) for entry in row.split(",")] for row in text.split(";")]
    if any(None in row for row in rows) or len({len(row) for row in rows}) > 1:
        return None
    found = np.array(rows, dtype=np.complex128)
    return found if found.imag.any() else found.real


def _significant(number: float, digits: int) -> str:
    text = f"{number:.{digits}g}"
    return "0" if text == "-0" else text.replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")


def _distance(answer: str | None, prediction: str | None) -> float:
    if answer is None or prediction is None:
        return math.nan
    right, given = read_matrix(answer), read_matrix(prediction)
    if right is None or given is None or right.shape != given.shape:
        return math.nan
    size, error = float(np.abs(right).sum()), float(np.abs(given - right).sum())
    return error / size if size else (0.0 if error == 0 else math.inf)


@dataclass(frozen=True)
class Expression:
    """A formula, read by the whitelist parser and compared as written unless the task has its own judge.

    `variables` are the names that it may use, besides `pi`, `e` and `i`; None allows any.

    >>> Expression(("x",)).canonical(pa.array(["(3 * x)**2", "3*y", "3*"])).to_pylist()
    ['(3*x)^2', None, None]
    """

    variables: tuple[str, ...] | None = ("x",)

    @property
    def components(self) -> int:
        """Not a number."""
        return 0

    def write(self, value: Tree) -> str:
        """Infix with as few brackets as possible; a text is written as it stands once it parses."""
        return write(parse(value, self.variables) if isinstance(value, str) else value)

    def canonical(self, texts: pa.Array) -> pa.Array:
        """One way of writing for each tree; what equals it by algebra alone stays apart."""
        return _each(texts, self._read)

    def _read(self, text: str) -> str | None:
        try:
            return write(parse(text, self.variables))
        except UserError:
            return None

    def values(self, canonical: pa.Array) -> Floats:
        """Shape (n, 0)."""
        return cast(Floats, np.empty((len(canonical), 0)))
