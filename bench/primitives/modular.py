"""Arithmetic modulo whole columns of numbers below 2**32, primes of so many bits, and RSA by its two primes.

Numbers are arrays of uint64, shape (n,). A product of two residues below 2**32 fits 64 bits, and RSA needs no more: its
powers are taken modulo each prime and put together again, as RFC 8017, section 5.1.2, does. Sources: Miller, 1976;
Jaeschke, "On strong pseudoprimes to several bases", 1993; Rivest, Shamir and Adleman, 1978.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError

Numbers = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Kind = Literal["safe", "smooth"]

MOST_BITS: Final = 32
"""Of a prime and of a modulus that powers are taken by."""
SMOOTH: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
"""The only prime factors that p - 1 has for a smooth prime p."""
EXPONENTS: Final = (17, 65537)
"""Public exponents of RSA, both prime; the larger one from moduli of 20 bits on."""

_ONE: Final[Any] = np.uint64(1)
_TABLE_BITS: Final = 24
_WITNESSES: Final = (2, 7, 61)
"""They decide primality below 4,759,123,141 (Jaeschke)."""
_WHEELS: Final = ((2, 3, 5, 7, 11, 13, 17), (19, 23, 29, 31), (37, 41, 43))
"""Primes whose products' remainders tell most composites, before any power is taken."""


def power(base: Numbers, exponent: npt.ArrayLike, modulus: Numbers) -> Numbers:
    """`base ** exponent % modulus` by squaring, for natural exponents below 2**64 and moduli below 2**32.

    >>> power(np.array([3], np.uint64), 200, np.array([97], np.uint64)).tolist() == [pow(3, 200, 97)]
    True
    """
    base, exponents = base % modulus, np.asarray(exponent, np.uint64)
    result: Numbers = np.ones_like(base) % modulus
    more = base - _ONE  # a factor of 1 + bit * (base - 1) selects without a branch; 0 - 1 wraps back to 0
    for bit in reversed(range(int(exponents.max(initial=0)).bit_length())):
        result = result * result % modulus
        result = result * (_ONE + (exponents >> np.uint64(bit) & _ONE) * more) % modulus
    return result


def is_square(residues: Numbers, primes: Numbers) -> Mask:
    """Whether each residue that is not 0 is a square modulo its odd prime, by Euler's criterion.

    >>> is_square(np.array([2, 3], np.uint64), np.array([7, 7], np.uint64)).tolist()
    [True, False]
    """
    return np.asarray(power(residues, primes >> _ONE, primes) == 1)


@cache
def _table() -> tuple[Mask, Numbers]:
    """Which numbers below 2**24 are prime, and the primes among them."""
    prime = np.ones(2**_TABLE_BITS, dtype=bool)
    prime[:2] = False
    for number in range(2, 2 ** (_TABLE_BITS // 2)):
        if prime[number]:
            prime[number * number :: number] = False
    return prime, np.flatnonzero(prime).astype(np.uint64)


@cache
def _spokes() -> list[tuple[np.uint64, Mask]]:
    """The product of each wheel, and which remainders of division by it have no factor in common with it."""
    spokes = []
    for wheel in _WHEELS:
        coprime = np.ones(int(np.prod(wheel)), dtype=bool)
        for prime in wheel:
            coprime[::prime] = False
        spokes.append((np.uint64(len(coprime)), coprime))
    return spokes


def _sieved(values: Numbers) -> Numbers:
    """Those of numbers above 43 that no prime up to it divides."""
    for size, coprime in _spokes():
        values = values[coprime[values % size]]
    return values


def is_prime(values: npt.ArrayLike) -> Mask:
    """Which numbers below 2**32 are prime: by table below 2**24, else by strong tests.

    >>> is_prime([0, 1, 2, 91, 97, 2**31 - 1, 3215031751]).tolist()
    [False, False, True, False, True, True, False]
    """
    numbers = np.atleast_1d(np.asarray(values, np.uint64))
    small = numbers < 2**_TABLE_BITS
    prime = np.zeros(len(numbers), dtype=bool)
    prime[small] = _table()[0][numbers[small]]
    rows = np.flatnonzero(~small)
    for size, coprime in _spokes():
        rows = rows[coprime[numbers[rows] % size]]
    for witness in _WITNESSES:
        rows = rows[_passes(numbers[rows], witness)]
    prime[rows] = True
    return prime


def _passes(values: Numbers, witness: int) -> Mask:
    """Miller's strong test of odd numbers above the witness."""
    last = values - _ONE
    lowest = last & (~last + _ONE)
    odd = last // lowest
    word = _power_of_two(odd, values) if witness == 2 else power(np.full_like(values, witness), odd, values)
    passed = np.asarray((word == 1) | (word == last))
    rows = np.flatnonzero(~passed & (lowest > 2))
    while len(rows):
        word[rows] = word[rows] * word[rows] % values[rows]
        lowest[rows] >>= _ONE
        passed[rows] = word[rows] == last[rows]
        rows = rows[~passed[rows] & (lowest[rows] > 2)]
    return passed


def _power_of_two(exponents: Numbers, moduli: Numbers) -> Numbers:
    """`2 ** exponent % modulus`, for both below 2**32: five bits of the exponent are one shift."""
    result: Numbers = np.ones_like(moduli)
    for place in range(30, -1, -5):
        if place < 30:
            for _ in range(5):
                result = result * result % moduli
        result = (result << (exponents >> np.uint64(place) & np.uint64(31))) % moduli
    return result


def require_prime(value: int, where: str) -> None:
    """Raises UserError for what is no odd prime below 2**32."""
    if not 3 <= value < 2**MOST_BITS or not is_prime(value)[0]:
        raise UserError(f"the modulus {value}", where=where, mend="an odd prime below 2**32")


def require_bits(bits: int, least: int, most: int, where: str) -> None:
    """Raises UserError for a modulus of more or fewer bits than a task can work with."""
    if not least <= bits <= most:
        raise UserError(f"a modulus of {bits} bits", where=where, mend=f"from {least} to {most} bits")


def uniform(rng: np.random.Generator, low: Any, high: Any, n: int) -> Numbers:
    """Uniform over low .. high - 1, row by row where these are columns; shape (n,)."""
    return rng.integers(low, high, size=n, dtype=np.uint64)


def draw_primes(rng: np.random.Generator, n: int, low: int, high: int) -> Numbers:
    """Uniform over the primes from `low` to `high` - 1, of which there must be one; at most 2**32."""
    if high <= 2**_TABLE_BITS:
        primes = _table()[1]
        first, last = np.searchsorted(primes, (low, high)).tolist()
        return np.asarray(primes[rng.integers(first, last, size=n)])

    def candidates(count: int) -> Numbers:
        drawn = uniform(rng, low, high, count) | _ONE
        return np.asarray(drawn[is_prime(drawn)])

    return _gathered(candidates, n, 0.08)


def draw_primes_of(rng: np.random.Generator, n: int, bits: int, kind: Kind) -> Numbers:
    """Uniform over the primes of exactly so many bits, 7 to 32, with (p - 1) / 2 prime or p - 1 smooth; shape (n,).

    UserError for another kind and for bits out of range.
    """
    require_bits(bits, 7, MOST_BITS, "primes")
    if kind not in ("safe", "smooth"):
        raise UserError(f"primes of the kind {kind!r}", where="primes", mend="safe or smooth")
    if kind == "smooth" or bits <= _TABLE_BITS:
        primes = (smooth_primes if kind == "smooth" else _safe_primes)()
        first, last = np.searchsorted(primes, (2 ** (bits - 1), 2**bits)).tolist()
        return np.asarray(primes[rng.integers(first, last, size=n)])

    def candidates(count: int) -> Numbers:
        # Beyond 7, a safe prime leaves 11 when divided by 12.
        drawn = uniform(rng, 2 ** (bits - 1) // 12, 2**bits // 12 + 1, count) * np.uint64(12) + np.uint64(11)
        drawn = _sieved(drawn[(drawn >= 2 ** (bits - 1)) & (drawn < 2**bits)])
        drawn = drawn[is_prime(drawn >> _ONE)]
        return drawn[is_prime(drawn)]

    return _gathered(candidates, n, 0.02)


def _gathered(candidates: Callable[[int], Numbers], n: int, share: float) -> Numbers:
    """The first n that are kept of as many candidates as that takes; about `share` of them are."""
    found = np.empty(0, np.uint64)
    while len(found) < n:
        found = np.concatenate([found, candidates(int(1.1 * (n - len(found)) / share) + 64)])
    return found[:n]


@cache
def _safe_primes() -> Numbers:
    """Those below 2**24."""
    prime, primes = _table()
    odd = primes[1:]
    return np.asarray(odd[prime[odd >> _ONE]])


@cache
def smooth_primes() -> Numbers:
    """All primes p from 3 to 2**32 with no prime factor of p - 1 above 47, in order."""
    smooth = np.array([2], np.uint64)
    for factor in SMOOTH:
        going = smooth
        while len(going := going[going < 2**MOST_BITS // factor] * np.uint64(factor)):
            smooth = np.concatenate([smooth, going])
    candidates = np.sort(smooth) + _ONE
    return np.asarray(candidates[is_prime(candidates)])


def draw_generators(rng: np.random.Generator, primes: Numbers, kind: Kind) -> Numbers:
    """Uniform over the generators of each prime of that kind, 5 and above."""
    if kind == "smooth":
        return _smooth_generators(rng, primes)
    found, rows = np.empty_like(primes), np.arange(len(primes))
    while len(rows):
        found[rows] = uniform(rng, 2, primes[rows] - _ONE, len(rows))
        rows = rows[is_square(found[rows], primes[rows])]
    return found


def _smooth_generators(rng: np.random.Generator, primes: Numbers) -> Numbers:
    """A residue is one part for each prime factor of p - 1: a part that does not generate is drawn anew alone."""
    found, orders = uniform(rng, 1, primes, len(primes)), primes - _ONE
    for factor in map(np.uint64, SMOOTH):
        rest = orders.copy()
        while len(rows := np.flatnonzero(rest % factor == 0)):
            rest[rows] //= factor
        rows = np.flatnonzero(orders % factor == 0)
        while len(rows):
            rows = rows[power(found[rows], orders[rows] // factor, primes[rows]) == 1]
            part = power(uniform(rng, 1, primes[rows], len(rows)), rest[rows], primes[rows])
            found[rows] = found[rows] * part % primes[rows]
    return found


def public_exponent(bits: int) -> int:
    """The public exponent of moduli of so many bits."""
    return EXPONENTS[bits >= 20]


def draw_prime_pairs(rng: np.random.Generator, n: int, bits: int) -> tuple[Numbers, Numbers]:
    """Two different primes for RSA, each from 2**(bits/2 - 2) to 2**(bits/2), that the public exponent suits.

    Their product has up to `bits` bits and 3 fewer at least. UserError for bits that are odd or not in 8 to 64.
    """
    require_bits(bits, 8, 2 * MOST_BITS, "rsa")
    if bits % 2:
        raise UserError(f"a modulus of {bits} bits", where="rsa", mend="an even number, for two primes of its half")
    exponent, size = np.uint64(public_exponent(bits)), bits // 2

    def candidates(count: int) -> Numbers:
        drawn = draw_primes(rng, count, 2 ** (size - 2), 2**size)
        return np.asarray(drawn[drawn % exponent != 1])

    first, second = (_gathered(candidates, n, 1.0) for _ in range(2))
    while len(rows := np.flatnonzero(first == second)):
        second[rows] = _gathered(candidates, len(rows), 1.0)
    return first, second


def combined(first: Numbers, second: Numbers, p: Numbers, q: Numbers) -> Numbers:
    """The number below p * q that leaves `first` modulo the prime p and `second` modulo the prime q (Garner, 1959).

    >>> combined(*(np.array([value], np.uint64) for value in (2, 3, 3, 5))).tolist()
    [8]
    """
    inverse = power(q % p, p - np.uint64(2), p)
    return np.asarray(second + q * (inverse * ((first + p - second % p) % p) % p))


def rsa(values: Numbers, exponent: npt.ArrayLike, p: Numbers, q: Numbers) -> Numbers:
    """`values ** exponent` modulo p * q, for two different primes below 2**32: both RSA's encryption and decryption.

    >>> p, q = np.array([61], np.uint64), np.array([53], np.uint64)
    >>> rsa(np.array([65], np.uint64), 17, p, q).tolist(), rsa(np.array([2790], np.uint64), 413, p, q).tolist()
    ([2790], [65])
    """
    return combined(power(values % p, exponent, p), power(values % q, exponent, q), p, q)


def private_exponent(exponent: int, p: Numbers, q: Numbers) -> Numbers:
    """The least d with d * exponent = 1 modulo lcm(p - 1, q - 1), for a prime exponent that divides neither.

    >>> private_exponent(17, np.array([61], np.uint64), np.array([53], np.uint64)).tolist()
    [413]
    """
    order = np.lcm(p - _ONE, q - _ONE)
    e = np.full_like(order, exponent)
    # d = (k * order + 1) / e for the k that makes it whole; taken apart so that nothing passes 64 bits.
    k = e - power(order % e, exponent - 2, e)
    return np.asarray(k * (order // e) + (k * (order % e) + _ONE) // e)
