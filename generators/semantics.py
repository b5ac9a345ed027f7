"""Semantic keys: formulas that are equal everywhere share one, however they are written.

A formula's key is hashed from its values: exact ones modulo the prime 2**61 - 1 where it is rational, else complex ones
at fixed random points, rounded to nine digits. Variables are renamed: the key is the least over all ways to give the
points to those variables that make a difference, so `3+x`, `x+3` and `3+y+z-z` meet, and so do `12*x/4` and `3*x`.
Figures on collisions and misses stand in docs/keys.md.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.expression import Tree, evaluate, evaluate_modulo, variables_of

PRIME: Final = 2**61 - 1
POINTS: Final = 3
"""Complex points at which a formula is evaluated."""
MOST_SIMPLE: Final = 1_000
"""Size and denominator up to which the value of a formula with functions counts as a fraction."""
MOST_RENAMED: Final = 4
"""Variables up to which all their orders are tried: beyond it, names count as they stand."""

_SEED: Final = 20_210_406


@cache
def _points(count: int) -> tuple[npt.NDArray[np.complex128], tuple[tuple[int, ...], ...]]:
    """Fixed points for so many variables: complex ones of shape (count, POINTS), and two of residues."""
    # Row by row, so that the first points are the same for any number of variables.
    rng, exact = (np.random.Generator(np.random.Philox(_SEED + stream)) for stream in (0, 1))
    size, angle = rng.uniform((0.5, 0.2), (1.5, 1.3), (count, POINTS, 2)).transpose(2, 0, 1)
    return size * np.exp(1j * angle), tuple(tuple(point) for point in exact.integers(2, PRIME, (count, 2)).T.tolist())


def fingerprint(tree: Tree, names: Sequence[str] | None = None) -> tuple[int, ...]:
    """Whole numbers that two formulas share when they are equal, their variables (`names`) taken in that order.

    >>> from enigmath.bench.contracts.expression import parse
    >>> fingerprint(parse("(cos(x)+4)^0")) == fingerprint(parse("1"))
    True
    """
    names = variables_of(tree) if names is None else names
    complex_points, residues = _points(max(len(names), 1))
    exact = (evaluate_modulo(tree, dict(zip(names, point, strict=False)), PRIME) for point in residues)
    # The second point only tells whether the formula is rational there as well.
    if (value := next(exact)) is not None and next(exact) is not None:
        return (value,)
    values = np.broadcast_to(evaluate(tree, dict(zip(names, complex_points, strict=False))), (POINTS,))
    return _simple_constant(values) or rounded(values)


def _simple_constant(values: npt.NDArray[np.complex128]) -> tuple[int, ...] | None:
    """What a whole number or a simple fraction has for a fingerprint, so that `(cos(x)+4)^0` meets `1`."""
    # Most formulas are told from constants by one look; the exact test is below.
    if abs(values[0].imag) > 1e-6 or not np.isfinite(values).all() or abs(values[0]) > MOST_SIMPLE:
        return None
    near = Fraction(float(values[0].real)).limit_denominator(MOST_SIMPLE)
    if np.abs(values - float(near)).max() > 1e-10 * max(1.0, abs(float(near))):
        return None
    return (near.numerator * pow(near.denominator, -1, PRIME) % PRIME,)


def rounded(values: npt.NDArray[np.complex128]) -> tuple[int, ...]:
    """Complex values to about nine digits, as whole numbers; noise about zero counts as zero."""
    if not np.isfinite(values).all():
        return tuple(int(one) for one in np.isfinite(values))
    # A few numbers are faster one by one than as columns.
    sizes = [0.0 if size < 1e-11 else size for size in np.abs(values).tolist()]
    # The factor keeps whole numbers off the steps of the exponent, where noise would decide.
    exponents = [math.frexp(1.37 * size)[1] for size in sizes]
    scaled = [
        value * 2.0 ** (30 - exponent) if size else 0
        for value, size, exponent in zip(values.tolist(), sizes, exponents, strict=True)
    ]
    return (*(round(one.real) for one in scaled), *(round(one.imag) for one in scaled), *exponents)


def semantic_form(*trees: Tree) -> str:
    """The canonical form that equivalent formulas, or systems of them in this order, share: the text of a key.

    >>> from enigmath.bench.contracts.expression import parse
    >>> semantic_form(parse("3+x")) == semantic_form(parse("y+3")) != semantic_form(parse("3-x"))
    True
    """
    names = list(dict.fromkeys(name for tree in trees for name in variables_of(tree)))
    named, idle = _all(trees, names), []
    if len(names) > 1:
        aside = {name: [*("" if one == name else one for one in names), name] for name in names}
        idle = [name for name, moved in aside.items() if _all(trees, moved) == named]
    used = [name for name in names if name not in idle]
    orders = list(permutations(used))[1:] if len(used) <= MOST_RENAMED else []
    first = _all(trees, [*used, *idle]) if idle else named
    return min(repr(form) for form in (first, *(_all(trees, [*order, *idle]) for order in orders)))


def _all(trees: Sequence[Tree], names: Sequence[str]) -> list[tuple[int, ...]]:
    return [fingerprint(tree, names) for tree in trees]
