"""Arithmetic in bases 2 to 16, with the numerals 0-9a-f.

Numbers are uniform over 0 .. 10**digits - 1, whatever the base they are written in, so levels grow in decimal digits;
the base is uniform over 2 .. 16. All values are 64-bit integers: sums of numbers up to 18 digits, products of numbers
up to nine. The base is part of the key: the same numbers in another base are another problem.
"""

from typing import Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, Text, UserError, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.arithmetic import by_digits, longest
from enigmath.generators.digits import Column, from_integers, join, pick, radix_text
from enigmath.generators.rationals import nearby

LARGEST_BASE: Final = 16
ONE_TO_EIGHT: Final = by_digits(1, 2, 3, 4, 5, 6, 8)
PAST_EIGHT: Final = by_digits(10, 12)


@task(
    "arithmetic/base-addition",
    answer=Text("[0-9a-f]"),
    levels=ONE_TO_EIGHT,
    beyond=PAST_EIGHT,
    bulk=True,
    perturbations=perturbed.BASES,
)
def base_addition(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of two natural numbers of one base, in that base, as in `(1011+110)_2` with the answer `10001`.

    Numbers are uniform over 0 .. 10**digits - 1, the base over 2 .. 16; levels grow in decimal digits. Guessing `10`
    scores 6 % with one digit, next to nothing from three on. The trait `digits` counts the numerals of the longer
    operand. Source: numbers in other bases of Saxton et al., "Analysing mathematical reasoning abilities of neural
    models", 2019 (add_or_sub_in_base).
    """
    first, second, base = _draw(rng, n, digits, 18)
    return _operation("+", first, second, base, _radix(first + second, base))


@task(
    "arithmetic/base-subtraction",
    answer=Text("[-0-9a-f]"),
    levels=ONE_TO_EIGHT,
    beyond=PAST_EIGHT,
    bulk=True,
    perturbations=perturbed.BASES_DIFFERENCE,
)
def base_subtraction(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The difference of two natural numbers of one base, in that base, as in `(110-1011)_2` with the answer `-101`.

    Drawn as for base-addition, with its trait and source. Guessing 1 scores 12 % with one digit, 1 % with two. A
    difference and its opposite share a key, and so do all that are 0 in a base.
    """
    first, second, base = _draw(rng, n, digits, 18)
    size = _radix(abs(first - second), base)
    return _operation("-", first, second, base, join(pick(("", "-"), first < second), size))


@task(
    "arithmetic/base-multiplication",
    answer=Text("[0-9a-f]"),
    levels=by_digits(1, 2, 3, 4, 5, 6),
    beyond=by_digits(7, 8, 9),
    bulk=True,
    perturbations=perturbed.BASES,
)
def base_multiplication(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The product of two natural numbers of one base, in that base, as in `(1011*110)_2` with the answer `1000010`.

    Drawn as for base-addition, with its trait. Guessing 4 scores 3 % with one digit, next to nothing beyond: all
    products with 0 in a base share a key. The product of two nine-digit numbers is below 10**18. Source: as
    base-addition, without products there.
    """
    first, second, base = _draw(rng, n, digits, 9)
    return _operation("*", first, second, base, _radix(first * second, base))


@task(
    "arithmetic/base-comparison",
    answer=Choice(("<", "=", ">")),
    levels=by_digits(3, 4, 5, 6, 8),
    beyond=by_digits(10, 12),
    bulk=True,
    perturbations=perturbed.BASES_COMPARISON,
)
def base_comparison(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Which sign belongs between two numbers of different bases, `<`, `=` or `>`, as in `1011_2?b_16`.

    One is uniform over 1 .. 10**digits - 1. The other is the same number in one case of three; else it is a step away
    whose order of magnitude is uniform. Each sign has a share of a third of the draws; levels start at three digits,
    below which equal pairs without duplicates run out. Values to ten percent score 59 % with three digits, 50 % with
    five. Both ways round share a key. Source: comparison__pair of Saxton et al., 2019, which has one base.
    """
    _require_digits(digits, 18)
    value = rng.integers(1, 10**digits, size=n)
    other = np.where(rng.integers(3, size=n) == 0, value, nearby(rng, value, np.full(n, 10**digits - 1)))
    swapped = rng.integers(2, size=n) == 0
    first, second = np.where(swapped, (other, value), (value, other))
    base, other_base = rng.integers(2, LARGEST_BASE + 1, size=n), rng.integers(2, LARGEST_BASE, size=n)
    other_base += other_base >= base
    left, right = _radix(first, base), _radix(second, other_base)
    question = join(left, "_", _decimal(base), "?", right, "_", _decimal(other_base))
    turned = other_base < base
    lower = np.where(turned, (second, other_base), (first, base))
    higher = np.where(turned, (first, base), (second, other_base))
    key = hash_integers("base-comparison", *lower, *higher)
    return Batch(question, pick(("<", "=", ">"), np.sign(first - second) + 1), key, {"digits": longest(left, right)})


def _require_digits(digits: int, most: int) -> None:
    if not 1 <= digits <= most:
        raise UserError(f"numbers of {digits} digits", where="bases", mend=f"take 1 to {most}, which fit 64 bits")


def _draw(rng: np.random.Generator, n: int, digits: int, most: int) -> tuple[Column, Column, Column]:
    """Two numbers and a base for each row."""
    _require_digits(digits, most)
    first, second = rng.integers(10**digits, size=(2, n))
    return first, second, rng.integers(2, LARGEST_BASE + 1, size=n)


def _operation(sign: str, first: Column, second: Column, base: Column, answer: pa.Array) -> Batch:
    left, right = _radix(first, base), _radix(second, base)
    # All products with 0 are one problem of their base, and so are all differences of equal numbers.
    lower, higher = np.minimum(first, second), np.maximum(first, second)
    trivial = {"+": 0, "-": lower == higher, "*": lower == 0}[sign]
    key = hash_integers(f"base{sign}", base, np.where(trivial, 0, lower), np.where(trivial, 0, higher))
    traits = {"operators": pa.repeat(sign, len(base)), "digits": longest(left, right), "base": base}
    return Batch(join("(", left, sign, right, ")_", _decimal(base)), answer, key, traits)


def _radix(values: Column, base: Column) -> pa.Array:
    return radix_text(from_integers(values), base)


def _decimal(base: Column) -> pa.Array:
    return pa.array(base).cast(pa.string())
