"""Formulas evaluated at given values: polynomials in one to four variables.

A problem's key is that of the sum that stands there once the values are put in, modulo the laws of arithmetic (see
`canonical`): the names of the variables and the order of the terms cannot change it, and `x+y at x=3,y=5` shares it
with `3+5`.
"""

from functools import cache
from itertools import combinations, product
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Integer, Keys, UserError, mix, task
from enigmath.generators.canonical import number, times
from enigmath.generators.digits import Column, join, pick, text
from enigmath.generators.ordering import integer_text

VARIABLES: Final = ("x", "y", "z", "w")


def by_shape(*shapes: tuple[int, int, int, int]) -> list[dict[str, int]]:
    """Levels of so many variables, this degree, so many terms, and numbers up to this size."""
    return [dict(zip(("variables", "degree", "terms", "size"), shape, strict=True)) for shape in shapes]


@task(
    "arithmetic/evaluate",
    answer=Integer(),
    levels=by_shape((1, 1, 2, 9), (1, 2, 2, 9), (1, 3, 3, 9), (2, 2, 3, 9), (2, 3, 4, 9), (3, 3, 4, 9), (3, 3, 5, 20)),
    beyond=by_shape((2, 5, 6, 20), (4, 2, 6, 20), (3, 3, 5, 99)),
    bulk=True,
)
def evaluate(rng: np.random.Generator, n: int, variables: int, degree: int, terms: int, size: int) -> Batch:
    """The value of a polynomial at given whole numbers, as in `3*x^2-2*x*y+5 at x=4,y=-3`, which is 77.

    The set of monomials is uniform over all sets of so many different ones, of a total degree up to `degree`, that use
    every variable; coefficients and values are uniform over the whole numbers of 1 .. size, of either sign. Levels
    grow in variables, degree, terms and size. Guessing scores next to nothing: the commonest value has 1 % on
    level 1. The key is that of the sum with the values put in, so it does not depend on names. Source:
    polynomials__evaluate of Saxton et al., 2019.
    """
    if terms * size ** (degree + 1) >= 2**63:
        raise UserError("values do not fit 64 bits", where="arithmetic/evaluate", mend="a smaller size or degree")
    monomials, shapes = _shapes(variables, degree, terms)
    chosen = shapes[rng.integers(len(shapes), size=n)].T
    coefficients, values = _signed(rng, (terms, n), size), _signed(rng, (variables, n), size)
    exponents = monomials[chosen]
    total, word = _summed(coefficients, exponents, values)
    names = VARIABLES[:variables]
    given = [piece for name, value in zip(names, values, strict=True) for piece in (f",{name}=", integer_text(value))]
    question = join(*_written(coefficients, chosen, monomials), f" at {names[0]}=", *given[1:])
    traits = {
        "variables": np.full(n, variables),
        "operands": np.full(n, terms),
        "degree": exponents.sum(axis=2).max(axis=0),
    }
    return Batch(question, integer_text(total), mix(word), traits)


@cache
def _shapes(variables: int, degree: int, terms: int) -> tuple[Column, Column]:
    """The exponents of all monomials, shape (m, variables), highest first; and the sets of them, shape (s, terms)."""
    powers = [power for power in product(range(degree, -1, -1), repeat=variables) if sum(power) <= degree]
    monomials = np.array(sorted(powers, key=sum, reverse=True))
    sets = np.array(list(combinations(range(len(monomials)), terms)), dtype=np.int64).reshape(-1, terms)
    used = (monomials[sets].max(axis=1) > 0).all(axis=1)
    if not used.any():
        raise UserError(
            f"no {terms} monomials of degree {degree} use {variables} variables",
            where="arithmetic/evaluate",
            mend="change one of the three",
        )
    return monomials, sets[used]


def _signed(rng: np.random.Generator, shape: tuple[int, int], size: int) -> Column:
    """Uniform over -size .. size without 0."""
    drawn = rng.integers(-size, size, size=shape)
    return drawn + (drawn >= 0)


def _summed(coefficients: Column, exponents: Column, values: Column) -> tuple[Column, Keys]:
    """The values of the polynomials and their canonical words; exponents have shape (terms, n, variables).

    No value exceeds terms * size**(degree + 1), which the task has checked.
    """
    _, n, variables = exponents.shape
    highest = int(exponents.max(initial=0))
    tables = [_powers(values[place], highest) for place in range(variables)]
    rows = np.arange(n)
    total, word = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.uint64)
    for coefficient, powers in zip(coefficients, exponents, strict=True):
        value, factor = coefficient, _word(coefficient)
        for (numbers, words), power in zip(tables, powers.T, strict=True):
            value, factor = value * numbers[power, rows], times(factor, words[power, rows])
        total, word = total + value, word + factor
    return total, word


def _powers(value: Column, highest: int) -> tuple[Column, Keys]:
    """The powers from 0 to `highest` of a column, and their words; shape (highest + 1, n)."""
    word, one = _word(value), np.ones_like(value)
    words = [_word(one)]
    for _ in range(highest):
        words.append(times(words[-1], word))
    return np.stack([value**power for power in range(highest + 1)]), np.stack(words)


def _word(value: Column) -> Keys:
    magnitude = number(abs(value)[None])
    return np.where(value < 0, np.uint64(0) - magnitude, magnitude)


def _written(coefficients: Column, chosen: Column, monomials: Column) -> list[pa.Array]:
    """The terms in a row, each a sign and a text: a coefficient of 1 is not written, nor a power of 0 or 1."""
    names = tuple(_name(tuple(powers)) for powers in monomials.tolist())
    bare, after = tuple(name or "1" for name in names), tuple(name and f"*{name}" for name in names)
    pieces = []
    for place, (coefficient, index) in enumerate(zip(coefficients, chosen, strict=True)):
        size = abs(coefficient)
        whole = join(text(size[None]), pick(after, index))
        pieces += [
            pick(("+" if place else "", "-"), coefficient < 0),
            pc.if_else(pa.array(size == 1), pick(bare, index), whole),
        ]
    return pieces


def _name(powers: tuple[int, ...]) -> str:
    """A monomial's text; empty for the constant.

    >>> _name((2, 1)), _name((0, 0))
    ('x^2*y', '')
    """
    written = (
        name if power == 1 else f"{name}^{power}" for name, power in zip(VARIABLES, powers, strict=False) if power
    )
    return "*".join(written)
