"""Divisors, primes and what follows from them, for natural numbers.

Numbers are drawn and worked on as columns. Tasks that factorise stop at nine digits: up to seven a table of smallest
factors answers, past it trial division or strong tests.
"""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Choice, Integer, Items, Keys, hash_integers, mix, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import Column, Mask, from_integers, is_small, join, multiply, pick, small_texts, text
from enigmath.generators.primes import PRIMES_BELOW, is_prime, prime_factors, require_digits

_NO_YES: Final = ("no", "yes")
_ABUNDANCE: Final = ("deficient", "perfect", "abundant")
_ABUNDANT_TO_DEFICIENT: Final = 0.2476 / (1 - 0.2476)
_FIXED_CHOICE: Final = 0.9
"""A choice by hash of a few hundred numbers may be so much smaller than its share."""
_THINNING: Final = np.uint64(0x6A09E667F3BCC909)
_LAST_DIGITS: Final = np.array([1, 3, 7, 9])
_FACTORISED: Final = [{"digits": digits} for digits in (3, 4, 5, 6, 7)]
_PAST_THE_TABLE: Final = [{"digits": 8}, {"digits": 9}]
_SIZES: Final[dict[str, Any]] = {"levels": _FACTORISED, "beyond": _PAST_THE_TABLE, "bulk": True, "draws": 2**13}
_COLLATZ_TABLE: Final = 2**20


def written(values: Column) -> pa.Array:
    """Whole numbers below 2**63 in decimal digits."""
    column = pa.array(values)
    return small_texts().take(column) if is_small(values) else column.cast(pa.string())


def lists_text(items: Column, present: npt.NDArray[np.bool_], separator: str) -> pa.Array:
    """Each column of `items`, shape (k, n), as the list of those present; every list needs one item at least."""
    flat = written(items.T[present.T])
    ends = np.concatenate([[0], np.cumsum(present.sum(axis=0))]).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), flat), separator)


def draws_for(n: int, share: float) -> int:
    """Draws that leave n and more, but for less than one time in a thousand, where each is kept with that chance."""
    return int((n + 4 * n**0.5 + 16) / min(share, 1))


def longest_of(*columns: pa.Array) -> pa.Array:
    """The characters of each row's longest text."""
    return pc.max_element_wise(*(pc.binary_length(column) for column in columns))


@task(
    "numbers/lcm",
    answer=Integer(),
    levels=[{"digits": digits} for digits in (1, 2, 3, 4, 5, 6, 8)],
    beyond=[{"digits": digits} for digits in (10, 12, 15)],
    bulk=True,
    ceiling=6 / np.pi**2,
    perturbations=perturbed.LCM,
)
def lcm(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The least common multiple of two natural numbers, as in `lcm(12,18)` with the answer `36`.

    Operands are uniform over 1 .. 10**digits - 1; levels grow in digits, to 18 at most. The product is right where
    the operands are coprime, for 6 / pi**2 of all pairs, 61 %, the declared ceiling, exact in the limit; guessing
    scores nothing from two digits on. The order of the
    operands does not matter to the key. Source: numbers__lcm of Saxton et al., "Analysing mathematical reasoning
    abilities of neural models", 2019.
    """
    require_digits("numbers/lcm", digits, most=18)
    first, second = rng.integers(1, 10**digits, size=(2, n))
    reduced = first // np.gcd(first, second)
    answer = written(reduced * second) if digits <= 9 else text(multiply(from_integers(reduced), from_integers(second)))
    left, right = written(first), written(second)
    key = hash_integers("lcm", np.minimum(first, second), np.maximum(first, second))
    return Batch(join("lcm(", left, ",", right, ")"), answer, key, {"digits": longest_of(left, right)})


@cache
def _refuted_by_last_digit(digits: int) -> float:
    """What the last digits alone decide of `divides`, averaged over its divisors.

    Of the noes, remainders 1 .. d - 1, those that gcd(d, 10) does not divide are told; the rest are taken for yes.
    """
    divisors = np.arange(2, 10 ** (digits // 2))
    common = np.gcd(divisors, 10)
    return float(0.5 + 0.5 * np.mean(1 - (divisors // common - 1) / (divisors - 1)))


@task(
    "numbers/divides",
    answer=Choice(_NO_YES),
    levels=[{"digits": digits} for digits in (4, 5, 6, 8, 10)],
    beyond=[{"digits": 12}, {"digits": 15}],
    bulk=True,
    chance=0.5,
    ceiling=_refuted_by_last_digit,
)
def divides(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Whether the first natural number divides the second, `yes` or `no`, as in `divides(7,91)`.

    The divisor is uniform over 2 .. 10**(digits // 2) - 1, the quotient uniform over 1 and more as far as the dividend
    keeps below 10**digits; a remainder is added in one case of two, uniform over 1 .. divisor - 1. Levels
    grow in digits of the dividend. Guessing scores a half. The last digits alone refute what parity or a factor 5
    excludes, and reach 69 %: the declared ceiling. Source: numbers__is_factor of Saxton et al., 2019.
    """
    require_digits("numbers/divides", digits, least=2, most=18)
    divisor = rng.integers(2, 10 ** (digits // 2), size=n)
    even = rng.integers(2, size=n)
    remainder = np.where(even == 1, 0, rng.integers(1, divisor))
    dividend = divisor * rng.integers(1, 10**digits // divisor) + remainder
    right = written(dividend)
    key = hash_integers("divides", divisor, dividend)
    traits: dict[str, Any] = {"digits": pc.binary_length(right), "divisor-digits": pc.binary_length(written(divisor))}
    return Batch(join("divides(", written(divisor), ",", right, ")"), pick(_NO_YES, even), key, traits)


def _prime_share(digits: int) -> float:
    """The share of primes in 2 .. 10**digits - 1."""
    return float(PRIMES_BELOW[digits] / (10**digits - 2))


def _digit_sum_share(digits: int) -> float:
    """Right of the rule that of the numbers which end in 1, 3, 7 or 9 the multiples of 3 are composite, and no others.

    Coprime to ten are 4 of 10 numbers in a row, and every third of those is a multiple of 3.
    """
    primes, numbers = PRIMES_BELOW[digits] - 2, 4 * 10 ** (digits - 1) - 1
    multiples = sum((10**digits - 1 - last) // 30 + 1 for last in (3, 9, 21, 27)) - 1
    return float((primes - 1) / primes + multiples / (numbers - primes)) / 2


def _last_digit_share(digits: int) -> float:
    """Right of the rule that what ends in 1, 3, 7 or 9 is prime, and 2 and 5, and nothing else."""
    primes, numbers = PRIMES_BELOW[digits], 10**digits - 2
    taken_for_primes = 4 * 10 ** (digits - 1) - 1 - (primes - 2)
    return float(1 - taken_for_primes / (numbers - primes) / 2)


@task(
    "numbers/primality",
    answer=Choice(_NO_YES),
    levels=_FACTORISED,
    beyond=_PAST_THE_TABLE,
    bulk=True,
    chance=0.5,
    ceiling=_last_digit_share,
)
def primality(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Whether a natural number is prime, `yes` or `no`, as in `prime(97)`.

    Numbers are uniform over the primes of 2 .. 10**digits - 1 and as many of its composites, a fixed choice by
    hash, so that yes and no stay balanced without duplicates too. Levels grow in digits. Guessing scores a half;
    the last digit alone reaches 82 to 86 %, the declared ceiling, because few composites end in 1, 3, 7 or 9:
    primality-controlled closes that way. Source: numbers__is_prime of Saxton et al., 2019.
    """
    require_digits("numbers/primality", digits)
    primes = PRIMES_BELOW[digits]
    share = primes / (10**digits - 2 - primes)
    candidates = rng.integers(2, 10**digits, size=draws_for(n, _FIXED_CHOICE * 2 * primes / (10**digits - 2)))
    return _primality(candidates, n, digits, share)


@task(
    "numbers/primality-controlled",
    answer=Choice(_NO_YES),
    levels=_FACTORISED,
    beyond=_PAST_THE_TABLE,
    bulk=True,
    chance=0.5,
    ceiling=_digit_sum_share,
)
def primality_controlled(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Whether a natural number that ends in 1, 3, 7 or 9 is prime, `yes` or `no`, as in `prime(91)`.

    As primality, but all numbers are coprime to ten, the composites as well, so the last digit says nothing. Levels
    grow in digits. Guessing scores a half; telling the multiples of 3 by their digit sum reaches 78 % at three
    digits and 70 % at seven, the declared ceiling, exact. Source: as primality.
    """
    require_digits("numbers/primality-controlled", digits)
    primes, numbers = PRIMES_BELOW[digits] - 2, 4 * 10 ** (digits - 1) - 1
    count = draws_for(n, _FIXED_CHOICE * 2 * primes / numbers)
    candidates = 10 * rng.integers(10 ** (digits - 1), size=count) + _LAST_DIGITS[rng.integers(4, size=count)]
    return _primality(candidates[candidates > 1], n, digits, primes / (numbers - primes))


def _primality(candidates: Column, n: int, digits: int, share: float) -> Batch:
    """The primes among the candidates and that share of the composites, at most n, with their questions."""
    prime = is_prime(candidates, digits)
    kept = np.flatnonzero(prime | _thinned(candidates, share))[:n]
    numbers, answer = candidates[kept], prime[kept]
    digits_text = written(numbers)
    traits = {"digits": pc.binary_length(digits_text), "last-digit": numbers % 10}
    return Batch(join("prime(", digits_text, ")"), pick(_NO_YES, answer), hash_integers("prime", numbers), traits)


def _thinned(numbers: Column, share: float) -> Mask:
    """A fixed choice of that share of all numbers, by hash."""
    chosen: Mask = mix(numbers.astype(np.uint64) ^ _THINNING) < np.uint64(min(share, 1 - 2**-53) * 2**64)
    return chosen


def _drawn(rng: np.random.Generator, n: int, digits: int, name: str) -> tuple[Column, Column]:
    """Numbers uniform over 2 .. 10**digits - 1 and their prime factors."""
    require_digits(f"numbers/{name}", digits)
    numbers = rng.integers(2, 10**digits, size=n)
    return numbers, prime_factors(numbers, digits)


def _of_one(word: str, numbers: Column, answer: pa.Array | Column, traits: dict[str, Any]) -> Batch:
    operand = written(numbers)
    sizes = {"digits": pc.binary_length(operand)}
    return Batch(join(f"{word}(", operand, ")"), answer, hash_integers(word, numbers), {**sizes, **traits})


@task(
    "numbers/factorisation",
    answer=Items(Integer(), ordered=False, separator="*"),
    levels=_FACTORISED,
    beyond=_PAST_THE_TABLE,
    bulk=True,
    draws=2**13,
)
def factorisation(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The prime factors of a natural number, each as often as it divides, as in `primefactors(12)` = `2*2*3`.

    Numbers are uniform over 2 .. 10**digits - 1; a prime is its own only factor. Any order is right. Levels grow
    in digits. Repeating the question's number scores the share of primes: 17 % at three digits, 7 % at seven. The
    trait `factors` counts with multiplicity, `largest` is the digits of the largest factor, the hard part. Source:
    numbers__list_prime_factors of Saxton et al., 2019, which leaves out the multiplicities.
    """
    numbers, factors = _drawn(rng, n, digits, "factorisation")
    present = factors > 1
    traits = {"factors": present.sum(axis=0), "largest": pc.binary_length(written(factors.max(axis=0)))}
    return _of_one("primefactors", numbers, lists_text(factors, present, "*"), traits)


@task("numbers/divisor-count", answer=Integer(), levels=_FACTORISED, beyond=_PAST_THE_TABLE, bulk=True, draws=2**13)
def divisor_count(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """How many divisors a natural number has, with 1 and itself, as in `divisorcount(12)` with the answer `6`.

    Numbers are uniform over 2 .. 10**digits - 1; levels grow in digits. The commonest answer, 4 up to five digits and
    8 from six on, scores 29 % at three digits and 22 % from six on. Source: the divisor function of any book
    on number theory, for instance Hardy and Wright, chapter 16.
    """
    numbers, factors = _drawn(rng, n, digits, "divisor-count")
    count, exponent, before = np.ones_like(numbers), np.zeros_like(numbers), np.zeros_like(numbers)
    for factor in factors:
        exponent = np.where(factor == before, exponent, 0)
        count = np.where(factor > 1, count // (exponent + 1) * (exponent + 2), count)
        exponent, before = exponent + 1, factor
    return _of_one("divisorcount", numbers, count, {"factors": (factors > 1).sum(axis=0)})


@task("numbers/divisor-sum", ceiling=_prime_share, **_SIZES, answer=Integer())
def divisor_sum(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of a natural number's divisors, 1 and itself among them, as in `divisorsum(12)` with the answer `28`.

    Numbers are uniform over 2 .. 10**digits - 1; levels grow in digits. Guessing scores next to nothing; adding 1
    scores the share of primes, 17 % at three digits and 7 % at seven: the declared ceiling, exact. Sums stay below 10
    times the number. Source: as divisor-count.
    """
    numbers, factors = _drawn(rng, n, digits, "divisor-sum")
    return _of_one("divisorsum", numbers, _divisor_sums(factors), {"factors": (factors > 1).sum(axis=0)})


def _divisor_sums(factors: Column) -> Column:
    """For each number the product of 1 + p + ... + p**k over its prime powers."""
    total, power_sum, before = (np.ones(factors.shape[1], dtype=np.int64) for _ in range(3))
    for factor in factors:
        last = np.where(factor == before, power_sum, 1)
        power_sum = factor * last + 1
        total = np.where(factor > 1, total // last * power_sum, total)
        before = factor
    return total


@task(
    "numbers/abundance",
    answer=Choice(_ABUNDANCE),
    levels=_FACTORISED,
    beyond=_PAST_THE_TABLE,
    bulk=True,
    chance=0.5,
    ceiling=0.904,
    draws=2**12,
)
def abundance(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Whether a natural number's smaller divisors sum to more, less or as much as itself, as in `abundance(12)`.

    The answer is `abundant`, `deficient` or `perfect`. Numbers are uniform over the abundant ones of 2 .. 10**digits
    - 1, as many deficient ones, a fixed choice by hash, and the few perfect ones. Levels grow in digits. Guessing
    scores a half; calling the multiples of 6 and of 20 abundant and nothing else 90 %, the declared ceiling. Source:
    Nicomachus, "Introduction to arithmetic"; the density of the abundant numbers: Kobayashi, 2010.
    """
    candidates, factors = _drawn(rng, draws_for(n, 0.49), digits, "abundance")
    excess = _divisor_sums(factors) - 2 * candidates
    kept = np.flatnonzero((excess >= 0) | _thinned(candidates, _ABUNDANT_TO_DEFICIENT))[:n]
    numbers, factors = candidates[kept], factors[:, kept]
    answer = pick(_ABUNDANCE, np.sign(excess[kept]) + 1)
    return _of_one("abundance", numbers, answer, {"factors": (factors > 1).sum(axis=0)})


@task("numbers/totient", ceiling=_prime_share, **_SIZES, answer=Integer())
def totient(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """How many of 1 .. n are coprime to n (Euler's phi), as in `totient(12)` with the answer `4`.

    Numbers are uniform over 2 .. 10**digits - 1; levels grow in digits. Guessing scores next to nothing; taking 1
    away scores the share of primes, 17 % at three digits and 7 % at seven: the declared ceiling, exact. Source:
    Euler's function as in any book on number theory.
    """
    numbers, factors = _drawn(rng, n, digits, "totient")
    value, before = np.ones_like(numbers), np.zeros_like(numbers)
    for factor in factors:
        value *= np.where(factor > 1, factor - (factor != before), 1)
        before = factor
    return _of_one("totient", numbers, value, {"factors": (factors > 1).sum(axis=0)})


@cache
def _steps_table(bound: int) -> Column:
    """The Collatz steps of 0 .. bound - 1, a power of two, block by block from what is known of smaller numbers."""
    table = np.zeros(bound, dtype=np.int64)
    low = 2
    while low < bound:
        table[low : 2 * low] = _steps(np.arange(low, 2 * low), table[:low])
        low *= 2
    return table


def _steps(numbers: Column, table: Column) -> Column:
    """Steps to 1, walked until the table knows the rest.

    No walk from below 10**9 exceeds 1.5 * 10**18 (Oliveira e Silva, "Maximum excursion and stopping time
    record-holders for the 3x+1 problem", 1999), which fits 64 bits.
    """
    steps, rows, values, walked = np.zeros_like(numbers), np.arange(len(numbers)), numbers, 0
    while len(rows):
        inside = values < len(table)
        steps[rows[inside]] = walked + table[values[inside]]
        rows, values = rows[~inside], values[~inside]
        values = np.where(values & 1, 3 * values + 1, values >> 1)
        walked += 1
    return steps


@task(
    "numbers/collatz-steps",
    answer=Integer(),
    levels=[{"digits": digits} for digits in (3, 4, 5, 6, 7)],
    beyond=_PAST_THE_TABLE,
    bulk=True,
)
def collatz_steps(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """How often to halve an even number or triple an odd one and add 1 until it is 1, as in `collatz(6)` = `8`.

    Numbers are uniform over 1 .. 10**digits - 1, and every halving and every tripling with its 1 is one step; 1 takes
    none. Levels grow in digits. Guessing scores 3 % at most. Source: Lagarias, "The 3x+1 problem and its
    generalizations", 1985.
    """
    require_digits("numbers/collatz-steps", digits)
    numbers = rng.integers(1, 10**digits, size=n)
    table = _steps_table(_COLLATZ_TABLE if digits > 4 else 2**14)
    return _of_one("collatz", numbers, _steps(numbers, table), {})


@task(
    "numbers/continued-fraction",
    answer=Items(Integer()),
    levels=[{"digits": digits} for digits in (2, 3, 4, 5, 6, 8)],
    beyond=[{"digits": 10}, {"digits": 12}],
    bulk=True,
)
def continued_fraction(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The partial quotients of a fraction, as in `contfrac(415/93)` = `4,2,6,7`: 4 + 1/(2 + 1/(6 + 1/7)).

    Numerator and denominator are uniform over 1 .. 10**digits - 1, not always in lowest terms; fractions of one value
    share a key. The expansion is the one that Euclid's algorithm gives, whose last quotient is not 1 but for the
    number 1 itself; it starts with 0 below 1. Levels grow in digits, and so do the quotients, about 1.94 a digit.
    Guessing scores next to nothing. Source: Hardy and Wright, "An introduction to the theory of numbers", chapter 10.
    """
    require_digits("numbers/continued-fraction", digits, most=18)
    numerator, denominator = rng.integers(1, 10**digits, size=(2, n))
    above, below, quotients, present = numerator, denominator, [], []
    while below.any():
        going = below > 0
        quotient = above // np.maximum(below, 1)
        quotients.append(quotient)
        present.append(going)
        above, below = np.where(going, below, above), np.where(going, above - quotient * below, 0)
    shown = np.stack(present)
    key: Keys = hash_integers("continued fraction", numerator // above, denominator // above)
    left, right = written(numerator), written(denominator)
    traits = {"digits": longest_of(left, right), "quotients": shown.sum(axis=0)}
    return Batch(join("contfrac(", left, "/", right, ")"), lists_text(np.stack(quotients), shown, ","), key, traits)
