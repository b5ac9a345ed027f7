"""Arithmetic on whole numbers, from one digit to twenty and beyond.

Unless a task says otherwise, operands are uniform over 0 .. 10**digits - 1: nine in ten have all the digits, and the
short ones are there as well. Level 1 is one digit; the *beyond* levels go past the longest trained one. Problems
are drawn as columns, so a shard costs well under a microsecond a problem. Keys are canonical modulo the laws of
arithmetic, across tasks: see `canonical`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Choice, Integer, Keys, hash_integers, mix, task
from enigmath.generators.canonical import number, times
from enigmath.generators.digits import (
    LIMB_DIGITS,
    POWERS,
    Column,
    add,
    carries,
    draw,
    join,
    multiply,
    pick,
    signed_text,
    subtract,
    text,
)


def by_digits(*digits: int) -> list[dict[str, int]]:
    """Levels that differ in the number of digits alone."""
    return [{"digits": count} for count in digits]


ONE_TO_TWENTY = by_digits(1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
PAST_TWENTY = by_digits(25, 30, 40)


def longest(*operands: pa.Array) -> Column:
    """The number of digits of each row's longest operand."""
    lengths = [pc.binary_length(operand) for operand in operands]
    longest_length: Column = pc.max_element_wise(*lengths).to_numpy()
    return longest_length


@task("arithmetic/addition", answer=Integer(), levels=ONE_TO_TWENTY, beyond=PAST_TWENTY, bulk=True)
def addition(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of two natural numbers, as in `12+345`.

    Operands are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing scores nothing from three digits
    on: the commonest sum has a share of 10**-digits. Multi-digit addition is the oldest test of learned algorithms:
    Zaremba and Sutskever, "Learning to execute", 2014; Saxton et al., "Analysing mathematical reasoning abilities of
    neural models", 2019.
    """
    first, second = draw(rng, n, digits), draw(rng, n, digits)
    total = add(first, second)
    left, right = text(first), text(second)
    traits = {
        "operators": pa.repeat("+", n),
        "digits": longest(left, right),
        "carries": carries(first, second, total),
    }
    return Batch(join(left, "+", right), text(total), mix(number(first) + number(second)), traits)


@task("arithmetic/subtraction", answer=Integer(), levels=ONE_TO_TWENTY, beyond=PAST_TWENTY, bulk=True)
def subtraction(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The difference of two natural numbers, often negative, as in `12-345`.

    Operands are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing scores 10**-digits (zero is the
    commonest answer). The trait `carries` counts the borrows when the smaller is taken from the larger. Source as
    for addition: Saxton et al., 2019.
    """
    first, second = draw(rng, n, digits), draw(rng, n, digits)
    negative, difference = subtract(first, second)
    left, right = text(first), text(second)
    smaller, larger = np.where(negative, (first, second), (second, first))
    traits = {
        "operators": pa.repeat("-", n),
        "digits": longest(left, right),
        "carries": carries(smaller, difference, larger),
    }
    question = join(left, "-", right)
    return Batch(question, signed_text(negative, difference), mix(number(first) - number(second)), traits)


@task("arithmetic/multiplication", answer=Integer(), levels=ONE_TO_TWENTY, beyond=PAST_TWENTY, bulk=True)
def multiplication(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The product of two natural numbers, as in `12*345`.

    Operands are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing 0 scores about 2 * 10**-digits.
    Long multiplication is the known hard case for transformers: Dziri et al., "Faith and fate", 2023.
    """
    first, second = draw(rng, n, digits), draw(rng, n, digits)
    left, right = text(first), text(second)
    traits = {"operators": pa.repeat("*", n), "digits": longest(left, right)}
    key = mix(times(number(first), number(second)))
    return Batch(join(left, "*", right), text(multiply(first, second)), key, traits)


def _commonest_comparison(digits: int) -> float:
    """The share of `=`: one third by design, and the redrawn digits that come out as they were."""
    return 1 / 3 + 2 / 3 * float(np.mean([10.0**-redrawn for redrawn in range(1, digits + 1)]))


@task(
    "arithmetic/comparison",
    answer=Choice(("<", "=", ">")),
    levels=ONE_TO_TWENTY,
    beyond=PAST_TWENTY,
    bulk=True,
    chance=_commonest_comparison,
)
def comparison(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Which sign belongs between two natural numbers, `<`, `=` or `>`, as in `12?345`.

    The first is uniform over 0 .. 10**digits - 1. The second is the same number in one case of three; else its last
    1 to `digits` digits (each count equally likely, leading zeros included) are drawn anew: so where the two
    part is spread evenly, and reading one digit does not settle it. Levels grow in digits. Guessing `=`
    scores a little over a third before duplicates are dropped; `12?34` and `34?12` share a key.
    """
    first, fresh = draw(rng, n, digits), draw(rng, n, digits)
    redrawn = np.where(rng.integers(3, size=n) == 0, 0, rng.integers(1, digits + 1, size=n))
    place = LIMB_DIGITS * np.arange(len(first))[:, None]
    power = POWERS[np.clip(redrawn - place, 0, LIMB_DIGITS)]
    second = first - first % power + fresh % power
    less, difference = subtract(first, second)
    sign = np.where(less, 0, np.where(difference.any(axis=0), 2, 1))
    left, right = text(first), text(second)
    traits = {"digits": longest(left, right)}
    key = hash_pair("comparison", number(first), number(second))
    return Batch(join(left, "?", right), pick(pa.array(["<", "=", ">"]), sign), key, traits)


def hash_pair(name: str, first: Keys, second: Keys) -> Keys:
    """A key that does not depend on the order of the two."""
    lower, higher = np.minimum(first, second), np.maximum(first, second)
    return hash_integers(name, lower.view(np.int64), higher.view(np.int64))
