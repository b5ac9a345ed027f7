"""Decimal numbers: sums, differences and products, rounding, place value, percentages. All answers are exact.

A decimal has up to `digits` digits before the point and 1 to `digits` after it, each count equally likely, without
needless zeros. It is kept as limbs of base 10**9 with the lowest limb after the point, so that levels stop at nine
digits; a product has two limbs after the point. Keys are canonical as those of whole numbers: see `canonical`.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Integer, Keys, Real, UserError, hash_integers, mix, task
from enigmath.generators import formula_perturbations as formulas
from enigmath.generators.arithmetic import by_digits, longest
from enigmath.generators.canonical import number, times
from enigmath.generators.digits import (
    LIMB_DIGITS,
    POWERS,
    Column,
    Limbs,
    Mask,
    add,
    from_integers,
    join,
    multiply,
    pick,
    ratio_text,
    signed_text,
    subtract,
    text,
    to_integers,
)

ONE_TO_SIX: Final = by_digits(1, 2, 3, 4, 5, 6)
PAST_SIX: Final = by_digits(7, 8, 9)
PLACES: Final = (
    *("hundred-millionths", "ten-millionths", "millionths", "hundred-thousandths", "ten-thousandths", "thousandths"),
    *("hundredths", "tenths", "ones", "tens", "hundreds", "thousands", "ten-thousands", "hundred-thousands"),
)
"""Names of the powers of ten from 10**-8 to 10**5."""
NAMED: Final = 6
"""Places on either side of the point that place-value asks for, so that no name is new in a longer number."""

_WIDE_POWERS: Final = 10 ** np.arange(2 * LIMB_DIGITS + 1)


@task(
    "arithmetic/decimal-addition",
    answer=Real(9),
    levels=ONE_TO_SIX,
    beyond=PAST_SIX,
    bulk=True,
    perturbations=formulas.DECIMAL_SUM,
)
def decimal_addition(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The exact sum of two decimal numbers, as in `0.75+12.5` with the answer `13.25`.

    Both have up to `digits` digits before the point and 1 to `digits` after it. Levels grow in digits. Guessing scores
    1 % with one digit and next to nothing beyond; needless zeros are not written. The trait `digits` counts the
    digits of the longer operand, `places` those after its point. Source: add_or_sub of Saxton et al., "Analysing
    mathematical reasoning abilities of neural models", 2019.
    """
    first, second = _draw(rng, n, digits), _draw(rng, n, digits)
    nowhere = np.zeros(n, dtype=bool)
    word = number(first) + number(second)
    return _operation("+", first, second, decimal_text(nowhere, add(first, second), 1), word)


@task(
    "arithmetic/decimal-subtraction",
    answer=Real(9),
    levels=ONE_TO_SIX,
    beyond=PAST_SIX,
    bulk=True,
    perturbations=formulas.DECIMAL_DIFFERENCE,
)
def decimal_subtraction(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The exact difference of two decimal numbers, often negative, as in `0.75-12.5` with the answer `-11.75`.

    Drawn as for decimal-addition, with its traits and source. Guessing scores 1 % with one digit and next to nothing
    beyond. A difference and its opposite share a key.
    """
    first, second = _draw(rng, n, digits), _draw(rng, n, digits)
    word = number(first) - number(second)
    answer = decimal_text(*subtract(first, second), 1)
    return _operation("-", first, second, answer, np.minimum(word, np.uint64(0) - word))


@task(
    "arithmetic/decimal-multiplication",
    answer=Real(18),
    levels=ONE_TO_SIX,
    beyond=PAST_SIX,
    bulk=True,
    perturbations=formulas.DECIMAL_PRODUCT,
)
def decimal_multiplication(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The exact product of two decimal numbers, as in `0.75*12.5` with the answer `9.375`.

    Drawn as for decimal-addition, with its traits. Guessing scores next to nothing.
    Source: mul of Saxton et al., 2019.
    """
    first, second = _draw(rng, n, digits), _draw(rng, n, digits)
    answer = decimal_text(np.zeros(n, dtype=bool), multiply(first, second), 2)
    return _operation("*", first, second, answer, times(number(first), number(second)))


@task("arithmetic/rounding", answer=Real(9), levels=ONE_TO_SIX, beyond=by_digits(7, 8), bulk=True)
def rounding(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """A decimal number rounded half away from zero, as in `round(-2.675,2)` with the answer `-2.68`.

    The second argument is how many decimals are kept; -1 rounds to tens, -2 to hundreds, as in `round(1250.5,-2)` with
    the answer `1300`. Numbers have up to `digits` digits before the point, 1 to digits + 1 after it, and either sign;
    all places that change something are equally likely. Levels grow in digits. Guessing scores 3 % with one digit, 1
    to 2 % beyond. The trait `place` is the second argument, `tie` is 1 half-way between two answers. A number
    and its opposite share a key. Source: round_number of Saxton et al., 2019.
    """
    _require_digits(digits, LIMB_DIGITS - 1)
    places = rng.integers(1, digits + 2, size=n)
    place = rng.integers(1 - digits, places)
    limbs = _with_places(rng, rng.integers(10**digits, size=n), places)
    negative = rng.integers(2, size=n).astype(bool)
    # Below 10**17, and the unit is at most 10**16: sums stay below 2**63.
    value, unit = to_integers(limbs), _WIDE_POWERS[LIMB_DIGITS - place]
    rounded = from_integers((value + unit // 2) // unit * unit)
    given = decimal_text(negative, limbs, 1)
    question = join("round(", given, ",", pa.array(place).cast(pa.string()), ")")
    traits = {"digits": _count(limbs), "place": place, "tie": (value % unit == unit // 2).astype(np.int64)}
    answer = decimal_text(negative & rounded.any(axis=0), rounded, 1)
    return Batch(question, answer, hash_integers("rounding", value, place), traits)


@task("arithmetic/place-value", answer=Integer(), levels=by_digits(2, 3, 4, 5, 6), beyond=by_digits(7, 8, 9), bulk=True)
def place_value(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Which digit stands at a named place of a number, as in `digit(3.14159,hundredths)` with the answer `4`.

    Numbers have exactly `digits` digits before the point and, one in two, 1 to `digits` after it; every place that is
    there is equally likely, up to six before the point and six after it, so that longer numbers bring no new names.
    Levels grow in digits. Guessing any digit but 0 scores about 10 to 11 %. The trait `place` is the power of ten.
    Source: place_value of Saxton et al., 2019.
    """
    _require_digits(digits, LIMB_DIGITS)
    places = rng.integers(2, size=n) * rng.integers(1, digits + 1, size=n)
    limbs = _with_places(rng, rng.integers(10 ** (digits - 1), 10**digits, size=n), places)
    place = rng.integers(-np.minimum(places, NAMED), min(digits, NAMED))
    value = to_integers(limbs)
    answer = value // _WIDE_POWERS[LIMB_DIGITS + place] % 10
    given = decimal_text(np.zeros(n, dtype=bool), limbs, 1)
    question = join("digit(", given, ",", pick(PLACES, place + PLACES.index("ones")), ")")
    key = hash_integers("place-value", value, place)
    return Batch(question, answer, key, {"digits": digits + places, "place": place})


@task(
    "arithmetic/percentage",
    answer=Real(4),
    levels=[{"digits": digits, "decimals": decimals} for digits, decimals in ((2, 0), (3, 0), (4, 0), (3, 1), (5, 2))],
    beyond=[{"digits": digits, "decimals": 2} for digits in (6, 8)],
    bulk=True,
)
def percentage(rng: np.random.Generator, n: int, digits: int, decimals: int) -> Batch:
    """So many percent of a whole number, exactly, as in `15% of 240` with the answer `36`.

    The number is uniform over 1 .. 10**digits - 1, the percentage over the multiples of 10**-decimals above 0 and up to
    100. Levels grow in digits and decimals. Guessing scores next to nothing.
    `15% of 24` and `24% of 15` share a key. The trait `places` counts the percentage's decimals. Source: every school
    book of arithmetic.
    """
    _require_digits(digits, 8)
    if not 0 <= decimals <= 2:
        raise UserError(f"{decimals} decimals of a percentage", where="arithmetic/percentage", mend="take 0 to 2")
    total = rng.integers(1, 10**digits, size=n)
    hundredths = rng.integers(1, 10 ** (2 + decimals) + 1, size=n) * 10 ** (2 - decimals)
    # Below 10**8 * 10**4 ten-thousandths, which 10**5 brings to the limb after the point: 10**17 at most.
    answer = from_integers(total * hundredths * 10 ** (LIMB_DIGITS - 4))
    percent = np.stack([hundredths % 100 * 10 ** (LIMB_DIGITS - 2), hundredths // 100])
    nowhere = np.zeros(n, dtype=bool)
    question = join(decimal_text(nowhere, percent, 1), "% of ", text(total[None]))
    key = mix(times(number(percent), number(np.stack([np.zeros_like(total), total]))))
    traits = {"digits": longest(text(total[None])), "places": _places(percent)}
    return Batch(question, decimal_text(nowhere, answer, 1), key, traits)


@task(
    "arithmetic/percentage-change",
    answer=Real(2),
    levels=by_digits(2, 3, 4, 5, 6),
    beyond=by_digits(8, 10),
    bulk=True,
)
def percentage_change(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """By how many percent one whole number rises or falls to another, as in `percent(80->92)` with the answer `15`.

    A fall is negative; the answer is rounded to two decimals half away from zero. The first number is uniform over
    1 .. 10**digits - 1, the second over 0 .. twice the first. Levels grow in digits. Guessing scores next
    to nothing. Changes by the same ratio share a key. Source: every school book of arithmetic.
    """
    _require_digits(digits, 15)
    before = rng.integers(1, 10**digits, size=n)
    after = rng.integers(2 * before + 1)
    change = 100 * (after - before)
    whole, remainder = np.divmod(abs(change), before)
    answer = ratio_text(change < 0, from_integers(whole), remainder, before)
    common = np.gcd(before, after)
    left, right = text(from_integers(before)), text(from_integers(after))
    key = hash_integers("percentage-change", before // common, after // common)
    return Batch(join("percent(", left, "->", right, ")"), answer, key, {"digits": longest(left, right)})


def decimal_text(negative: Mask, limbs: Limbs, after: int) -> pa.Array:
    """Decimal numbers with `after` limbs (1 or 2) after the point, without needless zeros; zero must not be negative.

    >>> decimal_text(np.array([True, False]), np.array([[250_000_000, 0], [12, 10]]), 1).to_pylist()
    ['-12.25', '10']
    """
    missing = max(after + 1 - len(limbs), 0)
    limbs = np.pad(limbs, ((0, missing), (0, 0)))
    part = pc.ascii_lpad(pa.array(to_integers(limbs[:after])).cast(pa.string()), after * LIMB_DIGITS, "0")
    padded = join(signed_text(negative, limbs[after:]), ".", part)
    return pc.ascii_rtrim(pc.ascii_rtrim(padded, "0"), ".")


def _require_digits(digits: int, most: int) -> None:
    if not 1 <= digits <= most:
        raise UserError(f"numbers of {digits} digits", where="decimals", mend=f"take 1 to {most}, which fit 64 bits")


def _draw(rng: np.random.Generator, n: int, digits: int) -> Limbs:
    """Decimals with up to `digits` digits before the point and 1 to `digits` after it; shape (2, n)."""
    _require_digits(digits, LIMB_DIGITS)
    places = rng.integers(1, digits + 1, size=n)
    return _with_places(rng, rng.integers(10**digits, size=n), places)


def _with_places(rng: np.random.Generator, whole: Column, places: Column) -> Limbs:
    """The whole numbers with so many digits after the point, the last of which is not 0; shape (2, n)."""
    part = 10 * rng.integers(POWERS[np.maximum(places - 1, 0)]) + rng.integers(1, 10, size=len(whole))
    return np.stack([np.where(places > 0, part * POWERS[LIMB_DIGITS - places], 0), whole])


def _places(limbs: Limbs) -> Column:
    """How many digits stand after the point."""
    places = np.zeros(limbs.shape[1], dtype=np.int64)
    for power in POWERS[1:]:
        places += limbs[0] % power != 0
    return places


def _count(limbs: Limbs) -> Column:
    """How many digits each decimal has, the 0 of 0.5 among them."""
    return _places(limbs) + longest(text(limbs[1:]))


def _operation(sign: str, first: Limbs, second: Limbs, answer: pa.Array, word: Keys) -> Batch:
    nowhere = np.zeros(first.shape[1], dtype=bool)
    left, right = decimal_text(nowhere, first, 1), decimal_text(nowhere, second, 1)
    traits = {
        "operators": pa.repeat(sign, len(nowhere)),
        "digits": longest(left, right) - 1,
        "places": np.maximum(_places(first), _places(second)),
    }
    return Batch(join(left, sign, right), answer, mix(word), traits)
