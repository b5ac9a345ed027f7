"""Primes and prime factors of whole columns, by sieve up to 10**7 and by trial division or strong tests past it.

The tables are made at first use, each for a bound that is a power of ten, and kept.
"""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import UserError
from enigmath.generators.digits import Column, Mask

Floats = npt.NDArray[np.float64]

TABLE_DIGITS: Final = 7
MOST_DIGITS: Final = 9
"""Products of two residues below 10**9 fit 64 bits."""

PRIMES_BELOW: Final = {
    1: 4,
    2: 25,
    3: 168,
    4: 1_229,
    5: 9_592,
    6: 78_498,
    7: 664_579,
    8: 5_761_455,
    9: 50_847_534,
}
"""How many primes lie below 10**digits (OEIS A006880)."""

_WITNESSES: Final = (2, 7, 61)
"""They decide primality below 4,759,123,141 (Jaeschke, "On strong pseudoprimes to several bases", 1993)."""


def require_digits(name: str, digits: int, least: int = 1, most: int = MOST_DIGITS) -> None:
    """Raises UserError where numbers below 10**digits are more than the task `name` can work with, or too few."""
    if not least <= digits <= most:
        raise UserError(f"numbers of {digits} digits", where=name, mend=f"from {least} to {most} digits")


@cache
def _odd_factors(digits: int) -> npt.NDArray[np.uint16]:
    """The smallest factor of each odd number 2i + 1 below 10**digits, at place i; 0 for primes and for 1."""
    bound = 10**digits
    table = np.zeros(bound // 2, dtype=np.uint16)
    for prime in reversed(range(3, int(bound**0.5) + 1, 2)):
        table[prime * prime // 2 :: prime] = prime
    return table


@cache
def primes_below(digits: int) -> Column:
    """All primes below 10**digits in order, for up to seven digits.

    >>> primes_below(1).tolist()
    [2, 3, 5, 7]
    """
    odd = 2 * np.flatnonzero(_odd_factors(digits) == 0) + 1
    odd[0] = 2
    odd.flags.writeable = False
    return odd


def is_prime(values: Column, digits: int) -> Mask:
    """Which of the natural numbers below 10**digits, at most nine digits, are prime.

    >>> is_prime(np.array([0, 1, 2, 9, 97]), 2).tolist()
    [False, False, True, False, True]
    """
    if digits <= TABLE_DIGITS:
        odd = (_odd_factors(digits)[values >> 1] == 0) & (values & 1 == 1) & (values > 1)
        found: Mask = odd | (values == 2)
        return found
    prime: Mask = np.isin(values, (3, 5, 11, 13, *_WITNESSES))
    rows = np.flatnonzero((np.gcd(values, 2 * 3 * 5 * 7 * 11 * 13) == 1) & (values > 1) & ~prime)
    for witness in _WITNESSES:
        rows = rows[_passes(values[rows], witness)]
    prime[rows] = True
    return prime


def _passes(values: Column, witness: int) -> Mask:
    """Miller's strong test of odd numbers above 1."""
    even = values - 1
    lowest = even & -even
    word = power_modulo(np.full_like(values, witness), even // lowest, values)
    passed: Mask = (word == 1) | (word == even)
    for _ in range(1, int(lowest.max(initial=1)).bit_length() - 1):
        word, lowest = word * word % values, lowest >> 1
        passed |= (word == even) & (lowest > 1)
    return passed


def power_modulo(base: Column, exponent: Column, modulus: Column) -> Column:
    """`base ** exponent % modulus` by squaring, for 0 <= base < modulus <= 3 * 10**9 and natural exponents.

    >>> power_modulo(np.array([3]), np.array([200]), np.array([97])).tolist() == [pow(3, 200, 97)]
    True
    """
    small = int(modulus.max(initial=1)) <= 2**26
    kind: type[Any] = np.float64 if small else np.uint64
    remainder = _remainder_in_floats if small else np.remainder
    divisor, power = modulus.astype(kind), (modulus > 1).astype(kind)
    # Sums and products select faster than np.where, whose branches random bits mislead.
    extra = base.astype(kind) - kind(1)
    for bit in reversed(range(int(exponent.max(initial=0)).bit_length())):
        power = remainder(power * power, divisor)
        power = remainder(power * (kind(1) + (exponent >> bit & 1).astype(kind) * extra), divisor)
    return power.astype(np.int64)


def _remainder_in_floats(dividend: Floats, divisor: Floats) -> Floats:
    """Remainders of natural numbers below 2**52, in a third of the time that integers take.

    They are exact: a quotient that is not whole misses the next whole number by more than its rounding error.
    """
    remainder: Floats = dividend - np.floor(dividend / divisor) * divisor
    return remainder


def inverse_modulo(values: Column, moduli: Column) -> Column:
    """The inverses of residues that are coprime to their moduli, by Euclid's algorithm; 0 for the modulus 1.

    Every coefficient stays within the modulus in size, so nothing overflows below 2**62.

    >>> inverse_modulo(np.array([3, 1]), np.array([7, 2])).tolist()
    [5, 1]
    """
    small = int(moduli.max(initial=1)) < 2**52
    kind: type[Any] = np.float64 if small else np.int64
    above, below = moduli.astype(kind), values.astype(kind)
    former, latter = np.zeros_like(above), np.ones_like(above)
    while np.logical_and(above, below).any():
        # Rows that have come to their end only swap: a divisor above all dividends makes the quotient 0.
        divisor = below + kind(2**62) * (below == 0)
        quotient = np.floor(above / divisor) if small else above // divisor
        above, below = below, above - quotient * below
        former, latter = latter, former - quotient * latter
    inverse: Column = np.where(above > 0, former, latter).astype(np.int64) % moduli
    return inverse


def prime_factors(values: Column, digits: int) -> Column:
    """The prime factors with multiplicity of numbers 1 .. 10**digits - 1, in rising order.

    Shape (k, n): row i holds each number's factor i, or 1 where it has none left. At most nine digits.

    >>> prime_factors(np.array([12, 7, 1]), 2).tolist()
    [[2, 7, 1], [2, 1, 1], [3, 1, 1]]
    """
    return _by_table(values, digits) if digits <= TABLE_DIGITS else _by_trial(values, digits)


def _by_table(values: Column, digits: int) -> Column:
    table, rest, rows = _odd_factors(digits), values, np.arange(len(values))
    found: list[Column] = []
    while not found or len(rows):
        odd, smallest = rest & 1, table[rest >> 1].astype(np.int64)
        factor = odd * (smallest + (smallest == 0) * rest) + 2 * (1 - odd)
        found.append(np.ones_like(values))
        found[-1][rows] = factor
        rest = (rest / factor).astype(np.int64)  # exact, and faster than a division of integers
        going = rest > 1
        rows, rest = rows[going], rest[going]
    return np.stack(found)


@cache
def factors_before_primes(digits: int) -> npt.NDArray[np.int32]:
    """The different prime factors of p - 1 for each prime p of `primes_below(digits)`, rising; shape (k, primes).

    Row i holds each number's factor i, or 1 where it has none left.

    >>> factors_before_primes(1).tolist()
    [[1, 2, 2, 2], [1, 1, 1, 3]]
    """
    factors = prime_factors(primes_below(digits) - 1, digits)
    factors[1:][factors[1:] == factors[:-1]] = 1
    last = np.iinfo(np.int32).max
    rising = np.sort(np.where(factors > 1, factors, last).astype(np.int32), axis=0)
    return np.where(rising < last, rising, 1)[: (rising < last).any(axis=1).sum()]


def _by_trial(values: Column, digits: int) -> Column:
    rest = values.astype(np.uint32)
    found = np.ones((int(10**digits).bit_length(), len(values)), dtype=np.int64)
    count = np.zeros(len(values), dtype=np.int64)
    for prime in primes_below((digits + 1) // 2).tolist():
        rows = np.flatnonzero(rest // prime * prime == rest)
        while len(rows):
            found[count[rows], rows] = prime
            count[rows] += 1
            rest[rows] //= prime
            rows = rows[rest[rows] % prime == 0]
    rows = np.flatnonzero(rest > 1)
    found[count[rows], rows] = rest[rows]
    return found[: int((found > 1).sum(axis=0).max(initial=1)) or 1]
