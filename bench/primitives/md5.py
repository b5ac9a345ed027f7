"""MD5, after Rivest, RFC 1321, 1992. Words of 32 bits, little-endian; 64 steps in four rounds of 16.

Reduced to r steps, the first r are made, and the chaining value is added as ever. The digest begins with A, which is
the newest word of three steps before: its first 32 bits know nothing of the message until step 4.
"""

from math import sin
from typing import Any, Final

from enigmath.bench.primitives.hash_function import HashFunction, Octets, added, merkle_damgard
from enigmath.bench.primitives.words import Words, rotate_left, wrap

INITIAL: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
SINES: Final = [int(2**32 * abs(sin(step + 1))) for step in range(64)]
SHIFTS: Final = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))
ORDERS: Final = ((1, 0), (5, 1), (3, 5), (7, 0))
"""Step i of a round takes the block's word (factor * i + offset) modulo 16."""


def _f(x: Any, y: Any, z: Any) -> Any:
    return z ^ (x & (y ^ z))  # the standard's (x & y) | (~x & z), in an operation less


def _g(x: Any, y: Any, z: Any) -> Any:
    return y ^ (z & (x ^ y))  # (x & z) | (y & ~z)


def _h(x: Any, y: Any, z: Any) -> Any:
    return x ^ y ^ z


def _i(x: Any, y: Any, z: Any) -> Any:
    return y ^ (x | (z ^ 0xFFFFFFFF))


FUNCTIONS: Final = (_f, _g, _h, _i)


def compress(state: Words, block: Words, steps: int) -> list[Any]:
    """a = b + ((a + F(b, c, d) + X[k] + T[i]) <<< s), and the four words change places."""
    a, b, c, d = state
    for step in range(steps):
        number, place = divmod(step, 16)
        factor, offset = ORDERS[number]
        word = wrap(block[(factor * place + offset) % 16] + SINES[step], 32)
        total = wrap(a + FUNCTIONS[number](b, c, d) + word, 32)
        a, b, c, d = d, wrap(b + rotate_left(total, SHIFTS[number][place % 4], 32), 32), b, c
    return added(state, [a, b, c, d])


def _hash_octets(messages: Octets, steps: int) -> Octets:
    return merkle_damgard(messages, INITIAL, compress, steps, "<")


MD5: Final = HashFunction("md5", 128, 64, _hash_octets)
