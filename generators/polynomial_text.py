"""Polynomials as columns of whole coefficients, and how they are written.

A column of n polynomials is an int64 array of shape (degree + 1, n): row k holds the coefficients of the k-th power.
Texts have descending powers and no needless sign, factor or bracket: `3*x^2-x+1`. Products are plain 64-bit sums, so a
task bounds its levels: the sum of the sizes of all coefficients of a product is at most the product of these sums.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Keys, UserError, hash_integers
from enigmath.generators.digits import Column, join, pick

Coefficients = npt.NDArray[np.int64]

LETTERS: Final = tuple("pqrstuvwxyz")
"""Names for unknowns: none is a constant, and none is a function's."""
MOST_DEGREE: Final = 16
"""Keys are hashed from so many coefficients and one more, whatever the degree."""

_SIGNS: Final = ("", "+", "-")


def draw_letters(rng: np.random.Generator, n: int) -> pa.Array:
    """A letter for the unknown of each row."""
    return pick(LETTERS, rng.integers(len(LETTERS), size=n))


def draw_nonzero(rng: np.random.Generator, size: int, shape: int | tuple[int, ...]) -> Coefficients:
    """Uniform over -size .. size without 0."""
    values: Coefficients = rng.integers(-size, size, size=shape)
    return values + (values >= 0)


def draw_polynomials(rng: np.random.Generator, n: int, degree: int, size: int) -> Coefficients:
    """Coefficients uniform over -size .. size, the leading and (from degree 1 on) the constant one never 0."""
    drawn = rng.integers(-size, size + 1, size=(degree + 1, n))
    drawn[[0, -1]] = draw_nonzero(rng, size, (2, n))
    return drawn


def multiply(first: Coefficients, second: Coefficients) -> Coefficients:
    """The products.

    >>> multiply(np.array([[-1], [1]]), np.array([[1], [1]])).ravel().tolist()
    [-1, 0, 1]
    """
    product = np.zeros((len(first) + len(second) - 1, first.shape[1]), dtype=np.int64)
    for power, coefficient in enumerate(second):
        product[power : power + len(first)] += first * coefficient
    return product


def product(factors: Sequence[Coefficients]) -> Coefficients:
    """The product of all of them."""
    result = factors[0]
    for factor in factors[1:]:
        result = multiply(result, factor)
    return result


def added(first: Coefficients, second: Coefficients) -> Coefficients:
    """The sums; degrees may differ."""
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total


def composed(outer: Coefficients, inner: Coefficients) -> Coefficients:
    """`outer(inner(x))`, by Horner's rule."""
    result = outer[-1:]
    for coefficient in outer[-2::-1]:
        result = added(multiply(result, inner), coefficient[None])
    return result


def values_at(polynomials: Coefficients, points: Column) -> Column:
    """The value of each polynomial at its row's point."""
    value: Column = polynomials[-1]
    for coefficient in polynomials[-2::-1]:
        value = value * points + coefficient
    return value


def primitive(polynomials: Coefficients) -> Coefficients:
    """Divided by their content, with a positive leading coefficient: what scaled equations share."""
    content = np.gcd.reduce(polynomials, axis=0)
    divided: Coefficients = polynomials // np.where(polynomials[-1] < 0, -content, content)
    return divided


def key(name: str, *columns: Coefficients | int) -> Keys:
    """One hash for each row of polynomials and whole numbers; a leading coefficient 0 makes no difference."""
    padded = []
    for part in columns:
        if isinstance(part, np.ndarray) and part.ndim == 2:
            require(len(part) <= MOST_DEGREE + 1, name, f"degree {len(part) - 1}", f"at most {MOST_DEGREE}")
            part = np.pad(part, ((0, MOST_DEGREE + 1 - len(part)), (0, 0))).T
        padded.append(part)
    return hash_integers(name, *padded)


def least(*variants: Keys) -> Keys:
    """One key for all the ways to put a problem: the least of their hashes."""
    found: Keys = np.minimum.reduce(variants)
    return found


def require(holds: bool, where: str, what: str, mend: str) -> None:
    """UserError for a level that cannot work."""
    if not holds:
        raise UserError(what, where=where, mend=mend)


def write_terms(coefficients: Coefficients, monomials: Sequence[pa.Array | str]) -> pa.Array:
    """A sum of terms: row k of the coefficients times monomial k, which is empty for the constant one.

    >>> write_terms(np.array([[-1, 2, 0], [0, -1, 1], [7, 1, 0]]), ["x^2", "x", ""]).to_pylist()
    ['-x^2+7', '2*x^2-x+1', 'x']
    """
    started = np.zeros(coefficients.shape[1], dtype=bool)
    pieces: list[pa.Array] = []
    for coefficient, monomial in zip(coefficients, monomials, strict=True):
        present, size = coefficient != 0, abs(coefficient)
        pieces.append(pick(_SIGNS, np.where(coefficient < 0, 2, present & started)))
        constant = pc.equal(monomial, "")
        constant = np.asarray(constant.as_py() if isinstance(constant, pa.Scalar) else constant)
        number = pa.array(size).cast(pa.string())
        pieces.append(pc.if_else(pa.array(present & (constant | (size > 1))), number, ""))
        pieces.append(pick(("", "*"), ~constant & (size > 1)))
        pieces.append(pc.if_else(pa.array(present), monomial, ""))
        started |= present
    return pc.if_else(pa.array(started), join(*pieces), "0")


def write_polynomials(polynomials: Coefficients, variable: pa.Array | str) -> pa.Array:
    """Descending powers of each row's variable.

    >>> write_polynomials(np.array([[2], [0], [-3]]), pa.array(["t"])).to_pylist()
    ['-3*t^2+2']
    """
    monomials = [power_text(variable, exponent) for exponent in reversed(range(len(polynomials)))]
    return write_terms(polynomials[::-1], monomials)


def power_text(variable: pa.Array | str, exponent: int) -> pa.Array | str:
    """`x^3`, `x`, or nothing for the exponent 0."""
    if exponent == 0:
        return ""
    return variable if exponent == 1 else join(variable, f"^{exponent}")


def bracketed(texts: pa.Array) -> pa.Array:
    """In round brackets."""
    return join("(", texts, ")")


def starred(texts: Sequence[pa.Array]) -> list[pa.Array | str]:
    """The pieces of a product."""
    return [piece for text in texts for piece in ("*", text)][1:]


def chosen(texts: Sequence[pa.Array], which: Column) -> pa.Array:
    """The text of each row's choice among columns."""
    rows = len(which)
    return pa.concat_arrays(texts).take(pa.array(which * rows + np.arange(rows)))
