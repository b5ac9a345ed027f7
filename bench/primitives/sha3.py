"""SHA3-256, after FIPS 202, "SHA-3 Standard", 2015: the permutation Keccak-f[1600] of 24 rounds in a sponge.

Lanes of 64 bits, little-endian; lane (x, y) stands at x + 5 y; 136 bytes of the message go into each permutation.
Reduced to r rounds, every permutation makes its first r. In numpy alone.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.primitives.hash_function import HashFunction, Octets, blocks, columns, octets
from enigmath.bench.primitives.words import Words, rotate_left

RATE: Final = 136
"""Bytes absorbed at a time."""


def _rotations() -> list[int]:
    """How far ρ rotates each lane: along a walk from (1, 0), the t-th by (t + 1)(t + 2) / 2."""
    places = [0] * 25
    x, y = 1, 0
    for t in range(24):
        places[x + 5 * y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return places


def _constants() -> list[int]:
    """The 24 constants of ι: bits of the linear register with x^8 + x^6 + x^5 + x^4 + 1, at places 2^j - 1."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            constant |= (register & 1) << (2**j - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


ROTATIONS: Final = _rotations()
CONSTANTS: Final = _constants()


def permute(lanes: Words, rounds: int) -> list[Any]:
    """Keccak-f[1600]: θ, ρ and π, χ, ι, so many times."""
    a = list(lanes)
    for constant in CONSTANTS[:rounds]:
        parities = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        turned = [parities[x - 1] ^ rotate_left(parities[(x + 1) % 5], 1, 64) for x in range(5)]
        b: list[Any] = [None] * 25
        for x in range(5):
            for y in range(5):
                lane, places = a[x + 5 * y] ^ turned[x], ROTATIONS[x + 5 * y]
                b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate_left(lane, places, 64) if places else lane
        a = [b[i] ^ (~b[i - i % 5 + (i + 1) % 5] & b[i - i % 5 + (i + 2) % 5]) for i in range(25)]
        a[0] = a[0] ^ constant
    return a


def _hash_octets(messages: Octets, rounds: int) -> Octets:
    """The sponge: after the message the bits 01 (SHA-3's domain), then 1, zeros and 1."""
    n, length = messages.shape
    padding = np.zeros(RATE - length % RATE, np.uint8)
    padding[0] = 0x06
    padding[-1] ^= 0x80
    lanes: list[Any] = columns([0] * 25, 64)
    for block in blocks(messages, padding, 8, "<", RATE // 8):
        lanes = permute([lane ^ word for lane, word in zip(lanes, block, strict=False)] + lanes[len(block) :], rounds)
    return octets(lanes[:4], n, "<")


SHA3: Final = HashFunction("sha3", 256, 24, _hash_octets)
