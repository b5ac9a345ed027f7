"""Discrete logarithms modulo a prime: taken apart by Pohlig and Hellman, then giant steps or Pollard's rho.

A logarithm falls apart by the factors of p - 1 (Pohlig and Hellman, "An improved algorithm for computing logarithms
over GF(p)", 1978). Each part is found by baby steps and giant steps (Shanks, "Class number, a theory of factorization,
and genera", 1971), which keep about the root of its size in memory, or by rho (Pollard, "Monte Carlo methods for index
computation (mod p)", 1978), which needs about as many steps and keeps nothing.
"""

from collections.abc import Callable
from math import isqrt
from typing import Final, Literal

import numpy as np

from enigmath.bench.primitives.modular import is_prime

Method = Literal["giant-steps", "rho"]
_MULTIPLIERS: Final = 20
"""Of so many fixed factors, one is taken a step: with fewer the walk is less random than it should be (Teske, "On
random walks for Pollard's rho method", 2001)."""
_WALKS: Final = 8
"""Walks from other starts, where two that meet say nothing."""
_TRIED: Final = 64
"""Parts of up to this size are tried one by one: a walk in so few numbers meets itself too soon."""


def logarithm(g: int, y: int, p: int, steps: int, method: Method = "giant-steps") -> int | None:
    """The least x from 0 with g**x = y modulo a prime p below 2**32 that g generates, or None.

    `steps` bounds what a part may take: baby steps that are kept, or the steps of one walk.

    >>> logarithm(3, 6, 7, 100), logarithm(5, 2000, 2027, 200, "rho")
    (3, 465)
    """
    if p >= 2**32 or not is_prime(p)[0] or not (0 < g < p and 0 < y < p):
        return None
    part = _PARTS[method]
    order, exponent, modulus = p - 1, 0, 1
    for prime, times in _factors(order).items():
        size, digits = prime**times, 0
        base = pow(g, order // prime, p)
        for place in range(times):  # the logarithm modulo prime**times, digit by digit
            left = pow(y * pow(g, -digits, p), order // prime ** (place + 1), p)
            digit = part(base, left, prime, p, steps)
            if digit is None:
                return None
            digits += digit * prime**place
        exponent += modulus * ((digits - exponent) * pow(modulus, -1, size) % size)
        modulus *= size
    return exponent if pow(g, exponent, p) == y else None


def _factors(number: int) -> dict[int, int]:
    """The prime factors of a number below 2**32 and how often each divides it."""
    found: dict[int, int] = {}
    trial = 2
    while trial * trial <= number:
        while number % trial == 0:
            found[trial] = found.get(trial, 0) + 1
            number //= trial
        trial += 1 + trial % 2
    return found | ({number: 1} if number > 1 else {})


def giant_steps(base: int, value: int, order: int, p: int, most: int) -> int | None:
    """The exponent below `order` that takes base to value: baby steps kept, giant steps looked up among them."""
    width = isqrt(order - 1) + 1
    if width > most:
        return None
    baby = _powers(base, width, p)
    giant = _powers(pow(base, -width, p), width, p) * np.uint64(value) % np.uint64(p)
    places = np.argsort(baby)
    found = np.minimum(np.searchsorted(baby, giant, sorter=places), width - 1)
    hits = np.flatnonzero(baby[places[found]] == giant)
    return int(hits[0]) * width + int(places[found[hits[0]]]) if len(hits) else None


def _powers(base: int, count: int, p: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """base**0 to base**(count - 1) modulo p, by doubling."""
    powers = np.ones(1, np.uint64)
    while len(powers) < count:
        powers = np.concatenate([powers, powers * np.uint64(pow(base, len(powers), p)) % np.uint64(p)])
    return powers[:count]


def rho(base: int, value: int, order: int, p: int, most: int) -> int | None:
    """The exponent below a prime `order` that takes base to value: a walk meets itself, two writings of one power.

    The walk multiplies by one of a few base**a * value**b, chosen by where it stands; it is told to have met itself by
    Brent's method (1980). None where more than `most` steps are needed.
    """
    if order <= _TRIED:
        powers = _powers(base, order, p).tolist()
        return powers.index(value) if value in powers else None
    if pow(value, order, p) != 1:  # not among the powers of the base
        return None
    draw = np.random.default_rng(order)  # its own, so that a question always has the same answer
    for _ in range(_WALKS):
        meeting = _walk(base, value, p, most, draw.integers(1, order, (_MULTIPLIERS + 1, 2)).tolist())
        if meeting is None:
            return None
        of_base, of_value = meeting
        if of_value % order:
            return of_base * pow(-of_value, -1, order) % order
    return None


def _walk(base: int, value: int, p: int, most: int, exponents: list[list[int]]) -> tuple[int, int] | None:
    """Exponents a and b, not reduced, with base**a * value**b = 1; None where the walk is longer than `most`."""
    (a, b), *steps = exponents
    factors = [(pow(base, one, p) * pow(value, other, p) % p, one, other) for one, other in steps]
    here = there = pow(base, a, p) * pow(value, b, p) % p
    a_there, b_there, length, turn = a, b, 1, 0
    for _ in range(most):
        factor, more_a, more_b = factors[here % _MULTIPLIERS]
        here, a, b, turn = here * factor % p, a + more_a, b + more_b, turn + 1
        if here == there:
            return a - a_there, b - b_there
        if turn == length:  # a new place to come back to, for twice as many steps
            there, a_there, b_there, length, turn = here, a, b, 2 * length, 0
    return None


_PARTS: Final[dict[Method, Callable[[int, int, int, int, int], int | None]]] = {
    "giant-steps": giant_steps,
    "rho": rho,
}
