"""SHA-256, after FIPS 180-4, "Secure Hash Standard", 2015. Words of 32 bits, big-endian; 64 steps.

Reduced to r steps, the first r are made, and the chaining value is added as ever.
"""

from math import isqrt
from typing import Any, Final

from enigmath.bench.primitives.hash_function import HashFunction, Octets, added, merkle_damgard
from enigmath.bench.primitives.sha1 import choose, majority
from enigmath.bench.primitives.words import Words, rotate_right, shift_right, wrap


def _cube_root(number: int) -> int:
    """The whole part of the cube root."""
    root = 1 << -(-number.bit_length() // 3)
    while (better := (2 * root + number // root**2) // 3) < root:
        root = better
    return root


PRIMES: Final = [number for number in range(2, 312) if all(number % smaller for smaller in range(2, number))]
"""The first 64."""
INITIAL: Final = tuple(isqrt(prime << 64) % 2**32 for prime in PRIMES[:8])
"""The first 32 bits of the fractional parts of the square roots of the first eight primes."""
CONSTANTS: Final = tuple(_cube_root(prime << 96) % 2**32 for prime in PRIMES)
"""The same of the cube roots of the first 64 primes."""


def _sum0(x: Any) -> Any:
    return rotate_right(x, 2, 32) ^ rotate_right(x, 13, 32) ^ rotate_right(x, 22, 32)


def _sum1(x: Any) -> Any:
    return rotate_right(x, 6, 32) ^ rotate_right(x, 11, 32) ^ rotate_right(x, 25, 32)


def _sigma0(x: Any) -> Any:
    return rotate_right(x, 7, 32) ^ rotate_right(x, 18, 32) ^ shift_right(x, 3, 32)


def _sigma1(x: Any) -> Any:
    return rotate_right(x, 17, 32) ^ rotate_right(x, 19, 32) ^ shift_right(x, 10, 32)


def schedule(block: Words, steps: int) -> list[Any]:
    """The message words of so many steps: W[t] = σ1(W[t-2]) + W[t-7] + σ0(W[t-15]) + W[t-16]."""
    words = list(block)
    for t in range(16, steps):
        words.append(wrap(_sigma1(words[t - 2]) + words[t - 7] + _sigma0(words[t - 15]) + words[t - 16], 32))
    return words[:steps]


def compress(state: Words, block: Words, steps: int) -> list[Any]:
    """T1 = h + Σ1(e) + Ch(e, f, g) + K + W; T2 = Σ0(a) + Maj(a, b, c); e = d + T1; a = T1 + T2."""
    a, b, c, d, e, f, g, h = state
    for constant, word in zip(CONSTANTS, schedule(block, steps), strict=False):
        first = wrap(h + _sum1(e) + choose(e, f, g) + wrap(word + constant, 32), 32)
        second = _sum0(a) + majority(a, b, c)
        a, b, c, d, e, f, g, h = wrap(first + second, 32), a, b, c, wrap(d + first, 32), e, f, g
    return added(state, [a, b, c, d, e, f, g, h])


def _hash_octets(messages: Octets, steps: int) -> Octets:
    return merkle_damgard(messages, INITIAL, compress, steps, ">")


SHA256: Final = HashFunction("sha256", 256, 64, _hash_octets)
