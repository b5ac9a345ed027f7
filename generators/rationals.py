"""Fractions: the four operations, lowest terms, and which of two is greater.

Numerators are uniform over 1 .. 10**digits - 1 and denominators over 2 .. 10**digits - 1, in lowest terms or not.
Levels grow in digits and stop at nine: a sum of two products of such numbers is below 2 * 10**18, which fits 64 bits.
Keys are canonical modulo the laws of arithmetic on the fractions' values: see `canonical`.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Choice, Keys, Rational, UserError, mix, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.arithmetic import by_digits, hash_pair, longest
from enigmath.generators.canonical import number, over, times
from enigmath.generators.digits import LIMB_DIGITS, POWERS, Column, from_integers, join, pick, text

Fractions = tuple[Column, Column]
"""Numerators and denominators, each of shape (n,)."""

ONE_TO_SIX: Final = by_digits(1, 2, 3, 4, 5, 6)
PAST_SIX: Final = by_digits(7, 8, 9)

_OCTAVES: Final = 2 ** np.arange(61)


@task(
    "arithmetic/fraction-addition",
    answer=Rational(lowest=True),
    levels=ONE_TO_SIX,
    beyond=PAST_SIX,
    bulk=True,
    perturbations=perturbed.FRACTION_SUM,
)
def fraction_addition(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of two fractions in lowest terms, as in `fraction(3/4+5/6)` with the answer `19/12`.

    A whole number is written without a denominator. Levels grow in digits. The commonest answers, 1 and 2, have a
    share of 1 % each with one digit, next to nothing beyond. The trait `reduces` is 1 where the sum over the product
    of the denominators is not in lowest terms yet. Source: the fractions of Saxton et al., "Analysing mathematical
    reasoning abilities of neural models", 2019; Charton, "Learning the greatest common divisor", 2023, names them as
    hard.
    """
    (a, b), (c, d) = first, second = _draw(rng, n, digits), _draw(rng, n, digits)
    return _operation("+", first, second, (a * d + c * b, b * d), _word(first) + _word(second))


@task(
    "arithmetic/fraction-subtraction",
    answer=Rational(lowest=True),
    levels=ONE_TO_SIX,
    beyond=PAST_SIX,
    bulk=True,
    perturbations=perturbed.FRACTION_DIFFERENCE,
)
def fraction_subtraction(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The difference of two fractions in lowest terms, often negative, as in `fraction(3/4-5/6)` = `-1/12`.

    Levels grow in digits. The commonest answer, 1, has a share of 1 % with one digit, next to nothing beyond; all
    differences of equal fractions share one key, and so do a difference and its opposite. Trait and source as for
    fraction-addition.
    """
    (a, b), (c, d) = first, second = _draw(rng, n, digits), _draw(rng, n, digits)
    word = _word(first) - _word(second)
    return _operation("-", first, second, (a * d - c * b, b * d), np.minimum(word, np.uint64(0) - word))


@task(
    "arithmetic/fraction-multiplication",
    answer=Rational(lowest=True),
    levels=ONE_TO_SIX,
    beyond=PAST_SIX,
    bulk=True,
    perturbations=perturbed.FRACTION_PRODUCT,
)
def fraction_multiplication(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The product of two fractions in lowest terms, as in `fraction((3/4)*(5/6))` with the answer `5/8`.

    Levels grow in digits. The commonest answer, 2/3, has a share of 1 % with one digit, next to nothing beyond; a
    product keeps its key when its numerators, or its denominators, change places. Trait and source as for
    fraction-addition.
    """
    (a, b), (c, d) = first, second = _draw(rng, n, digits), _draw(rng, n, digits)
    return _operation("*", first, second, (a * c, b * d), times(_word(first), _word(second)))


@task(
    "arithmetic/fraction-division",
    answer=Rational(lowest=True),
    levels=ONE_TO_SIX,
    beyond=PAST_SIX,
    bulk=True,
    perturbations=perturbed.FRACTION_QUOTIENT,
)
def fraction_division(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The quotient of two fractions in lowest terms, as in `fraction((3/4)/(5/6))` with the answer `9/10`.

    No numerator is zero. Levels grow in digits. The commonest answer, 2/3, has a share of 1 % with one digit, next to
    nothing beyond. A quotient shares its key with the product by the reciprocal, and trait and source with
    fraction-addition.
    """
    (a, b), (c, d) = first, second = _draw(rng, n, digits), _draw(rng, n, digits)
    return _operation("/", first, second, (a * d, b * c), over(_word(first), _word(second)))


@task(
    "arithmetic/fraction-simplify",
    answer=Rational(lowest=True),
    levels=by_digits(2, 3, 4, 5, 6, 8, 10),
    beyond=by_digits(12, 15, 18),
    bulk=True,
    perturbations=perturbed.FRACTION_SIMPLIFY,
)
def fraction_simplify(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """A fraction brought to lowest terms, as in `fraction(12/18)` with the answer `2/3`.

    Two different numbers are multiplied by a factor, so that both stay below 10**digits. The factor is 1 in one case of
    eight, so that some fractions are in lowest terms already; else it has 1 to digits - 1 digits (at most nine), each
    length equally likely, then each number of that length. Levels grow in digits and stop at 18, which fits 64 bits.
    Guessing 1/2 or 2 scores about 1 % up to four digits, less beyond. A fraction and its reciprocal share a key. The
    trait `reduces` is 1 where there is something to cancel. Source: Saxton et al., 2019; by Charton, 2023, it is the
    greatest common divisor that is hard here.
    """
    _require_digits(digits, 18)
    factor = np.where(rng.integers(8, size=n) == 0, 1, _draw_factor(rng, n, digits))
    largest = (10**digits - 1) // factor
    top, bottom = rng.integers(1, largest + 1), rng.integers(1, largest)
    bottom += bottom >= top
    top, bottom = top * factor, bottom * factor
    common = np.gcd(top, bottom)
    upper, lower = _text(top), _text(bottom)
    traits = {"digits": longest(upper, lower), "reduces": (common > 1).astype(np.int64)}
    key = hash_pair("fraction", number(from_integers(top)), number(from_integers(bottom)))
    return Batch(join("fraction(", upper, "/", lower, ")"), _ratio(top // common, bottom // common), key, traits)


@task(
    "arithmetic/fraction-comparison",
    answer=Choice(("<", "=", ">")),
    levels=by_digits(3, 4, 5, 6),
    beyond=by_digits(7, 8, 9),
    bulk=True,
    perturbations=perturbed.FRACTION_COMPARISON,
)
def fraction_comparison(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Which sign belongs between two fractions, `<`, `=` or `>`, as in `3/4?5/6`.

    A fraction is written twice with different factors of at most half of the digits; in two cases of three its
    numerator or its denominator is first changed for the second writing, by a step whose order of magnitude is
    uniform, so that the values are often close. Levels grow in digits, from three on: below, equal pairs without
    duplicates run out. Each sign has a share of a third of the draws. Both fractions can be simplified whatever the
    sign. Values to ten percent score 86 % with three digits, 67 % with four, 56 % with six; cross products modulo nine,
    which the digit sums tell, 50 %. Questions that compare the same two products after cross-multiplication, as
    `3/4?5/6` and `5/3?6/4`, share a key. Source: comparison__pair of Saxton et al., 2019.
    """
    _require_digits(digits, LIMB_DIGITS)
    shorter = (digits + 1) // 2 + 1
    factor, other = _draw_factor(rng, n, shorter), _draw_factor(rng, n, shorter)
    other += factor == other
    largest = (10**digits - 1) // np.maximum(factor, other)
    top, bottom = rng.integers(1, largest + 1), rng.integers(1, largest + 1)
    changed = np.where(rng.integers(3, size=n) == 0, top, nearby(rng, top, largest))
    numbers = np.stack([top * factor, bottom * factor, changed * other, bottom * other])
    numbers = np.where(rng.integers(2, size=n) == 0, numbers, numbers[[1, 0, 3, 2]])
    a, b, c, d = np.where(rng.integers(2, size=n) == 0, numbers, numbers[[2, 3, 0, 1]])
    first, second = a * d, c * b
    sign = pick(("<", "=", ">"), np.sign(first - second) + 1)
    texts = [text(one[None]) for one in (a, b, c, d)]
    words = [number(one[None]) for one in (a, b, c, d)]
    key = hash_pair("fraction-comparison", times(words[0], words[3]), times(words[2], words[1]))
    question = join(texts[0], "/", texts[1], "?", texts[2], "/", texts[3])
    return Batch(question, sign, key, {"digits": longest(*texts)})


def nearby(rng: np.random.Generator, value: Column, largest: Column) -> Column:
    """Another number of 1 .. largest for each given one, often close to it; `largest` is at least 2, at most 10**18.

    The step is below 2**count, up or down, with the count uniform over 1 to the bits of `largest`; it wraps around the
    ends.
    """
    bound = np.minimum(2 ** rng.integers(1, np.searchsorted(_OCTAVES, largest, side="right") + 1), largest)
    step = rng.integers(1, bound) * rng.choice(np.array([-1, 1]), size=len(value))
    other: Column = (value - 1 + step) % largest + 1
    return other


def _require_digits(digits: int, most: int) -> None:
    if not 1 <= digits <= most:
        raise UserError(f"fractions of {digits} digits", where="rationals", mend=f"take 1 to {most}, which fit 64 bits")


def _draw(rng: np.random.Generator, n: int, digits: int) -> Fractions:
    _require_digits(digits, LIMB_DIGITS)
    return rng.integers(1, 10**digits, size=n), rng.integers(2, 10**digits, size=n)


def _draw_factor(rng: np.random.Generator, n: int, digits: int) -> Column:
    """Factors of 1 to digits - 1 digits, at least one and at most nine, that fit below 10**digits at least twice."""
    low = POWERS[rng.integers(min(max(digits - 1, 1), LIMB_DIGITS), size=n)]
    return rng.integers(low, np.minimum(10 * low, (10**digits - 1) // 2 + 1))


def _lowest(top: Column, bottom: Column) -> Fractions:
    common = np.gcd(top, bottom)
    return top // common, bottom // common


def _word(fractions: Fractions) -> Keys:
    """The canonical words of the values: the same for `2/4` as for `1/2`."""
    top, bottom = _lowest(*fractions)
    return over(number(top[None]), number(bottom[None]))


def _operation(sign: str, first: Fractions, second: Fractions, result: Fractions, word: Keys) -> Batch:
    """The batch of one operation; `result` need not be in lowest terms."""
    numbers = [text(one[None]) for one in (*first, *second)]
    left, right = join(numbers[0], "/", numbers[1]), join(numbers[2], "/", numbers[3])
    inside = (left, sign, right) if sign in "+-" else ("(", left, f"){sign}(", right, ")")
    top, bottom = _lowest(*result)
    traits = {
        "operators": pa.repeat(sign, len(top)),
        "digits": longest(*numbers),
        "reduces": (bottom < result[1]).astype(np.int64),
    }
    return Batch(join("fraction(", *inside, ")"), _ratio(top, bottom), mix(word), traits)


def _text(values: Column) -> pa.Array:
    return pa.array(values).cast(pa.string())


def _ratio(top: Column, bottom: Column) -> pa.Array:
    """`p/q`, or `p` where q is 1."""
    upper = _text(top)
    return pc.if_else(pa.array(bottom == 1), upper, join(upper, "/", _text(bottom)))
