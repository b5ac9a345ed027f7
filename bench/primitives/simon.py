"""Simon32/64, after Beaulieu, Shors, Smith, Treatman-Clark, Weeks and Wingers, "The SIMON and SPECK families of
lightweight block ciphers", 2013 (IACR ePrint 2013/404). Two words of 16 bits, four key words, 32 rounds, rotations by
1, 8 and 2. Reduced to r rounds, the first r round keys are used; there is no whitening to leave out.
"""

from collections.abc import Sequence
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.words import Words, rotate_left, rotate_right

BITS: Final = 16
Z0: Final = "11111010001001010110000111001101111101000100101011000011100110"
"""The designers' constant sequence of period 62 for four key words of 16 bits."""
C: Final = 0xFFFC
"""2**16 - 4: the complement of a key word and the constant 3 in one."""


def mix(x: Any) -> Any:
    """f(x) = ((x <<< 1) & (x <<< 8)) ^ (x <<< 2)."""
    return (rotate_left(x, 1, BITS) & rotate_left(x, 8, BITS)) ^ rotate_left(x, 2, BITS)


def round_forward(x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    """(x, y) becomes (y ^ f(x) ^ k, x)."""
    return y ^ mix(x) ^ key, x


def round_backward(x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    """The inverse of `round_forward`."""
    return y, x ^ mix(y) ^ key


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys: the key words, the last one first, then each from three of the four before it."""
    keys = list(reversed(key))
    for number in range(rounds - 4):
        fresh = rotate_right(keys[number + 3], 3, BITS) ^ keys[number + 1]
        fresh = fresh ^ rotate_right(fresh, 1, BITS)
        keys.append(keys[number] ^ fresh ^ (C ^ int(Z0[number % 62])))
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


SIMON: Final = BlockCipher("simon", 16, 2, 16, 4, 32, expand, encrypt, decrypt)
