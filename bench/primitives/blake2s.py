"""BLAKE2s-256 without a key, after RFC 7693, Saarinen and Aumasson, 2015. Words of 32 bits, little-endian; 10 rounds.

Reduced to r rounds, the first r are made; the two halves of the working vector and the chaining value are then
exclusive-ored as ever.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.primitives.hash_function import HashFunction, Octets, blocks, columns, octets
from enigmath.bench.primitives.sha256 import INITIAL
from enigmath.bench.primitives.words import Words, rotate_right, wrap

PARAMETERS: Final = 0x01010020
"""A digest of 32 bytes, no key, one leaf: exclusive-ored into the first chaining word."""
ORDERS: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    (14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3),
    (11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4),
    (7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8),
    (9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13),
    (2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9),
    (12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11),
    (13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10),
    (6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5),
    (10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0),
)
"""SIGMA: which of the block's words each round takes, two a mixing."""
PLACES: Final = (
    *((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)),
    *((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)),
)
"""The columns of the working vector, then its diagonals."""


def mix(a: Any, b: Any, c: Any, d: Any, x: Any, y: Any) -> tuple[Any, Any, Any, Any]:
    """G: additions, exclusive ors and rotations by 16, 12, 8 and 7."""
    a = wrap(a + b + x, 32)
    d = rotate_right(d ^ a, 16, 32)
    c = wrap(c + d, 32)
    b = rotate_right(b ^ c, 12, 32)
    a = wrap(a + b + y, 32)
    d = rotate_right(d ^ a, 8, 32)
    c = wrap(c + d, 32)
    b = rotate_right(b ^ c, 7, 32)
    return a, b, c, d


def compress(state: Words, block: Words, counter: int, last: bool, rounds: int) -> list[Any]:
    """F: the next chaining value; `counter` is how many bytes of the message have been read with this block."""
    v = [*state, *((state[0] & 0) + value for value in INITIAL)]
    v[12] = v[12] ^ (counter & 0xFFFFFFFF)
    v[13] = v[13] ^ (counter >> 32)
    v[14] = v[14] ^ (0xFFFFFFFF if last else 0)
    for order in ORDERS[:rounds]:
        for number, (i, j, k, m) in enumerate(PLACES):
            x, y = block[order[2 * number]], block[order[2 * number + 1]]
            v[i], v[j], v[k], v[m] = mix(v[i], v[j], v[k], v[m], x, y)
    return [old ^ v[i] ^ v[i + 8] for i, old in enumerate(state)]


def _hash_octets(messages: Octets, rounds: int) -> Octets:
    n, length = messages.shape
    padding = np.zeros(-length % 64 if length else 64, np.uint8)
    state: list[Any] = columns(INITIAL)
    state[0] = state[0] ^ PARAMETERS
    count = (length + len(padding)) // 64
    for number, block in enumerate(blocks(messages, padding, 4, "<"), start=1):
        last = number == count
        state = compress(state, block, length if last else 64 * number, last, rounds)
    return octets(state, n, "<")


BLAKE2S: Final = HashFunction("blake2s", 256, 10, _hash_octets)
