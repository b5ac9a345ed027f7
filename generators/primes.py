"""Primes and prime factors of whole columns, by sieve up to 10**7 and by trial division or strong tests past it.

The tables are made at first use, each for a bound that is a power of ten, and kept.
"""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import UserError
from enigmath.generators.digits import Column, Mask

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
    factor, divisor = base.astype(np.uint64), modulus.astype(np.uint64)
    power = np.uint64(1) % divisor
    for bit in range(int(exponent.max(initial=0)).bit_length()):
        power = np.where((exponent >> bit) & 1, power * factor % divisor, power)
        factor = factor * factor % divisor
    return power.astype(np.int64)


def inverse_modulo(values: Column, moduli: Column) -> Column:
    """The inverses of residues that are coprime to their moduli, by Euclid's algorithm; 0 for the modulus 1.

    Every coefficient stays within the modulus in size, so nothing overflows below 2**63.

    >>> inverse_modulo(np.array([3, 1]), np.array([7, 2])).tolist()
    [5, 1]
    """
    above, below = moduli.copy(), values.copy()
    former, latter = np.zeros_like(values), np.ones_like(values)
    while below.any():
        divisor = np.maximum(below, 1)
        quotient = np.where(below > 0, above // divisor, 0)
        going = below > 0
        above, below = np.where(going, below, above), np.where(going, above - quotient * below, 0)
        former, latter = np.where(going, latter, former), np.where(going, former - quotient * latter, latter)
    return former % moduli


def prime_factors(values: Column, digits: int) -> Column:
    """The prime factors with multiplicity of numbers 1 .. 10**digits - 1, in rising order.

    Shape (k, n): row i holds each number's factor i, or 1 where it has none left. At most nine digits.

    >>> prime_factors(np.array([12, 7, 1]), 2).tolist()
    [[2, 7, 1], [2, 1, 1], [3, 1, 1]]
    """
    return _by_table(values, digits) if digits <= TABLE_DIGITS else _by_trial(values, digits)


def _by_table(values: Column, digits: int) -> Column:
    table, rest = _odd_factors(digits), values.copy()
    rows: list[Column] = []
    while not rows or (rest > 1).any():
        smallest = table[rest >> 1].astype(np.int64)
        factor = np.where((rest & 1) == 0, 2, np.where(smallest == 0, rest, smallest))
        rows.append(factor)
        rest = rest // factor
    return np.stack(rows)


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
