"""Speck32/64, after Beaulieu, Shors, Smith, Treatman-Clark, Weeks and Wingers, "The SIMON and SPECK families of
lightweight block ciphers", 2013 (IACR ePrint 2013/404). Two words of 16 bits, four key words, 22 rounds, rotations by
7 and 2. Reduced to r rounds, the first r round keys are used; there is no whitening to leave out.
"""

from collections.abc import Sequence
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.words import Words, rotate_left, rotate_right, wrap

BITS: Final = 16
ALPHA: Final = 7
BETA: Final = 2


def round_forward(x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    """x = ((x >>> 7) + y) ^ k; y = (y <<< 2) ^ x."""
    x = wrap(rotate_right(x, ALPHA, BITS) + y, BITS) ^ key
    y = rotate_left(y, BETA, BITS) ^ x
    return x, y


def round_backward(x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    """The inverse of `round_forward`."""
    y = rotate_right(x ^ y, BETA, BITS)
    x = rotate_left(wrap((x ^ key) - y, BITS), ALPHA, BITS)
    return x, y


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys by the round function itself, the round's number in the place of the key."""
    *upper, k = key
    round_keys: list[Words] = [[k]]
    waiting = list(reversed(upper))
    for number in range(rounds - 1):
        fresh, k = round_forward(waiting[number], k, number)
        waiting.append(fresh)
        round_keys.append([k])
    return round_keys


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


SPECK: Final = BlockCipher("speck", 16, 2, 16, 4, 22, expand, encrypt, decrypt)
