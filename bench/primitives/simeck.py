"""Simeck32/64, after Yang, Zhu, Suder, Aagaard and Gong, "The Simeck family of lightweight block ciphers", CHES 2015
(IACR ePrint 2015/612). Two words of 16 bits, four key words, 32 rounds: Simon's shape with rotations by 0, 5 and 1, and
a key schedule that is the round function itself. Reduced to r rounds, the first r round keys are used; there is no
whitening to leave out.
"""

from collections.abc import Sequence
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.words import Words, rotate_left

BITS: Final = 16
C: Final = 0xFFFC
"""2**16 - 4."""


def mix(x: Any) -> Any:
    """f(x) = (x & (x <<< 5)) ^ (x <<< 1)."""
    return (x & rotate_left(x, 5, BITS)) ^ rotate_left(x, 1, BITS)


def round_forward(x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    """(x, y) becomes (y ^ f(x) ^ k, x)."""
    return y ^ mix(x) ^ key, x


def round_backward(x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    """The inverse of `round_forward`."""
    return y, x ^ mix(y) ^ key


def constants(count: int) -> list[int]:
    """The first bits of the m-sequence of x**5 + x**2 + 1 from the state of ones.

    >>> constants(10)
    [1, 1, 1, 1, 1, 0, 0, 0, 1, 1]
    """
    bits = [1] * 5
    while len(bits) < count:
        bits.append(bits[-3] ^ bits[-5])
    return bits[:count]


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys: a shift register of the key words, the last one first, fed by the round function."""
    keys = list(reversed(key))
    for number, bit in enumerate(constants(max(rounds - 4, 0))):
        fresh, _ = round_forward(keys[number + 1], keys[number], C ^ bit)
        keys.append(fresh)
    return [[word] for word in keys[:rounds]]


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's words x and y."""
    x, y = block
    for (key,) in round_keys:
        x, y = round_forward(x, y, key)
    return [x, y]


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's words x and y."""
    x, y = block
    for (key,) in reversed(round_keys):
        x, y = round_backward(x, y, key)
    return [x, y]


SIMECK: Final = BlockCipher("simeck", 16, 2, 16, 4, 32, expand, encrypt, decrypt)
