"""Points of elliptic curves over small prime fields."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Text, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import Column, Mask, join, pick
from enigmath.generators.divisibility import draws_for, written
from enigmath.generators.primes import TABLE_DIGITS, inverse_modulo, require_digits
from enigmath.generators.residues import draw_primes, rejected

_CASES: Final = ("distinct", "double", "opposite", "infinity")
_SHARES: Final = np.cumsum([0.7, 0.2, 0.05])
DISTINCT, DOUBLE, OPPOSITE, INFINITY = range(4)


@task(
    "numbers/curve-addition",
    answer=Text("[0-9O,]"),
    levels=[{"digits": digits} for digits in (1, 2, 3, 4, 5)],
    beyond=[{"digits": 6}, {"digits": 7}],
    bulk=True,
    draws=2**13,
    perturbations=perturbed.POINTS,
)
def curve_addition(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of two points of the curve y^2 = x^3 + ax + b modulo p, as in `curve(2,3,97):3,6+80,10` = `80,87`.

    The brackets hold a, b and p; a point is written `x,y`, and the point at infinity, the neutral element, `O`. The
    prime is uniform over those from 5 to 10**digits, and levels grow in its digits. Of the draws 70 % add two points of
    different x, uniform over the plane, whose curve follows from them; 20 % double a point, 5 % add opposite points (or
    double one with y = 0), which gives `O`, and 5 % have `O` as an operand: the trait `case` tells. Singular curves are
    left out. Guessing `O` scores 9 % at one digit, else 5 to 6 %; repeating the operand that is not `O` scores 5 %. The
    operands' order does not matter to the key. Source: Silverman, "The arithmetic of elliptic curves", section III.2.
    """
    require_digits("numbers/curve-addition", digits, most=TABLE_DIGITS)
    prime = draw_primes(rng, draws_for(n, 0.65), digits, least=5)
    case = np.searchsorted(_SHARES, rng.random(len(prime)), side="right")
    points = np.stack([rng.integers(prime) for _ in range(4)])
    points[2] = np.where(case == DISTINCT, points[2], points[0])
    points[3] = np.where(case == DISTINCT, points[3], np.where(case == OPPOSITE, -points[1] % prime, points[1]))
    slope_of_curve = np.where(case == DISTINCT, _coefficient(points, prime), rng.integers(prime))
    constant = (points[1] ** 2 - _cubic(points[0], slope_of_curve, prime)) % prime
    sound = (case != DISTINCT) | (points[0] != points[2])
    kept = np.flatnonzero(sound & _smooth(slope_of_curve, constant, prime))[:n]
    points, case, prime = points[:, kept], case[kept], prime[kept]
    # Doubling a point with y = 0 adds it to its own opposite.
    case = np.where((case == DOUBLE) & (points[1] == 0), OPPOSITE, case)
    swapped = rng.integers(2, size=len(kept)) == 1
    first, second = _operands(points, case, swapped)
    slope, right = slope_of_curve[kept], written(prime)
    question = join("curve(", written(slope), ",", written(constant[kept]), ",", right, "):", first, "+", second)
    numbers = _numbers(points, prime)
    lower = np.where(case == INFINITY, -1, np.minimum(*numbers))
    key = hash_integers("curve", slope, constant[kept], prime, lower, np.maximum(*numbers))
    traits = {"digits": pc.binary_length(right), "case": pick(_CASES, case)}
    answer = _answers(points, case, slope, prime)
    return Batch(question, answer, key, traits, rejected("singular curve or equal x", n, len(kept)))


def _coefficient(points: Column, prime: Column) -> Column:
    """The a of the curve through two points of different x; any number where x is the same."""
    x, y, u, v = points
    rise = (y * y - v * v - (_cubic(x, 0 * x, prime) - _cubic(u, 0 * u, prime))) % prime
    slope: Column = rise * inverse_modulo((x - u) % prime, prime) % prime
    return slope


def _cubic(x: Column, slope: Column, prime: Column) -> Column:
    """x^3 + a x modulo the prime; with primes below 10**7 every product fits 64 bits."""
    return (x * x % prime + slope) % prime * x % prime


def _smooth(slope: Column, constant: Column, prime: Column) -> Mask:
    """Whether 4 a^3 + 27 b^2 does not vanish: no cusp and no node."""
    discriminant = 4 * (slope * slope % prime) * slope + 27 * (constant * constant % prime)
    smooth: Mask = discriminant % prime != 0
    return smooth


def _numbers(points: Column, prime: Column) -> tuple[Column, Column]:
    """One number for each of the two points, to order them by."""
    return points[0] * prime + points[1], points[2] * prime + points[3]


def _operands(points: Column, case: Column, swapped: Mask) -> tuple[pa.Array, pa.Array]:
    """The texts of the operands; where one is infinity it takes the second place before the swap."""
    one, other = (join(written(points[row]), ",", written(points[row + 1])) for row in (0, 2))
    other = pc.if_else(pa.array(case == INFINITY), "O", other)
    turned = pa.array(swapped)
    return pc.if_else(turned, other, one), pc.if_else(turned, one, other)


def _answers(points: Column, case: Column, slope: Column, prime: Column) -> pa.Array:
    """The third point on the line through both, or on the tangent, mirrored."""
    x, y, u, v = points
    double = case == DOUBLE
    rise = np.where(double, 3 * (x * x % prime) + slope, v - y) % prime
    run = np.where(double, 2 * y, u - x) % prime
    tangent = rise * inverse_modulo(run, prime) % prime
    total = (tangent * tangent - x - u) % prime
    height = (tangent * (x - total) - y) % prime
    alone = case == INFINITY
    texts = join(written(np.where(alone, x, total)), ",", written(np.where(alone, y, height)))
    return pc.if_else(pa.array(case == OPPOSITE), "O", texts)
