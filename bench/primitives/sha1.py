"""SHA-1, after FIPS 180-4, 2015, and RFC 3174, 2001. Words of 32 bits, big-endian; 80 steps.

Reduced to r steps, the first r are made, and the chaining value is added as ever.
"""

from typing import Any, Final

from enigmath.bench.primitives.hash_function import HashFunction, Octets, added, merkle_damgard
from enigmath.bench.primitives.words import Words, rotate_left, wrap

INITIAL: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
CONSTANTS: Final = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)


def choose(x: Any, y: Any, z: Any) -> Any:
    """Ch: y where x is 1, else z; the standard's (x & y) ^ (~x & z), in an operation less."""
    return z ^ (x & (y ^ z))


def parity(x: Any, y: Any, z: Any) -> Any:
    """Parity: x ^ y ^ z."""
    return x ^ y ^ z


def majority(x: Any, y: Any, z: Any) -> Any:
    """Maj: what two of the three have; (x & y) ^ (x & z) ^ (y & z), in an operation less."""
    return (x & y) | (z & (x | y))


FUNCTIONS: Final = (choose, parity, majority, parity)


def schedule(block: Words, steps: int) -> list[Any]:
    """The message words of so many steps: W[t] = (W[t-3] ^ W[t-8] ^ W[t-14] ^ W[t-16]) <<< 1."""
    words = list(block)
    for step in range(16, steps):
        words.append(rotate_left(words[step - 3] ^ words[step - 8] ^ words[step - 14] ^ words[step - 16], 1, 32))
    return words[:steps]


def compress(state: Words, block: Words, steps: int) -> list[Any]:
    """T = (a <<< 5) + f(b, c, d) + e + K + W; e = d; d = c; c = b <<< 30; b = a; a = T."""
    a, b, c, d, e = state
    for step, word in enumerate(schedule(block, steps)):
        function, constant = FUNCTIONS[step // 20], CONSTANTS[step // 20]
        total = wrap(rotate_left(a, 5, 32) + function(b, c, d) + e + wrap(word + constant, 32), 32)
        a, b, c, d, e = total, a, rotate_left(b, 30, 32), c, d
    return added(state, [a, b, c, d, e])


def _hash_octets(messages: Octets, steps: int) -> Octets:
    return merkle_damgard(messages, INITIAL, compress, steps, ">")


SHA1: Final = HashFunction("sha1", 160, 80, _hash_octets)
