"""PRESENT-80, after Bogdanov and others, "PRESENT: an ultra-lightweight block cipher", CHES 2007 (ISO/IEC 29192-2). One
word of 64 bits, five key words of 16, 31 rounds. Reduced to r rounds, the first r + 1 round keys are used: the addition
of one behind the last round stays, as in the full cipher, and is the last round's key here.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.tables import Table, by_bytes, look_up
from enigmath.bench.primitives.words import Words, joined, resized, shift_right

BITS: Final = 64
S: Final = (0xC, 5, 6, 0xB, 9, 0, 0xA, 0xD, 3, 0xE, 0xF, 8, 4, 7, 1, 2)
INVERSE_S: Final = tuple(S.index(value) for value in range(16))
KEY_S: Final = Table(S, BITS)


def substitute(word: int, box: Sequence[int]) -> int:
    """The S-box in each of sixteen places: sBoxLayer."""
    return sum(box[word >> place & 15] << place for place in range(0, BITS, 4))


def permute(word: int) -> int:
    """Bit i moves to 16 i mod 63, the highest stays: pLayer."""
    return sum((word >> bit & 1) << (16 * bit % 63 if bit < 63 else 63) for bit in range(BITS))


def permute_back(word: int) -> int:
    """The inverse of `permute`: bit i moves to 4 i mod 63."""
    return sum((word >> bit & 1) << (4 * bit % 63 if bit < 63 else 63) for bit in range(BITS))


@cache
def layers() -> tuple[list[Table], list[Table], list[Table]]:
    """By bytes: sBoxLayer with pLayer, the inverse of pLayer, and that of sBoxLayer."""
    return (
        by_bytes(lambda word: permute(substitute(word, S)), BITS),
        by_bytes(permute_back, BITS),
        by_bytes(lambda word: substitute(word, INVERSE_S), BITS),
    )


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys: the highest 64 bits of a register of 80, whose lowest 16 are kept beside them.

    Between two of them it is rotated left by 61, its highest four bits go through the S-box, and the round's number is
    added to bits 19 to 15.
    """
    high, low = joined(key[:4], 16), resized(key[4], BITS)
    round_keys: list[Words] = [[high]]
    for number in range(1, rounds + 1):
        ends = (high & 7) << 61 | low << 45  # to the left by 61 is to the right by 19: the lowest 19 become the highest
        high, low = ends | shift_right(high, 19, BITS), high >> 3 & 0xFFFF
        high = KEY_S[shift_right(high, 60, BITS)] << 60 | high & (1 << 60) - 1
        high, low = high ^ number >> 1, low ^ (number & 1) << 15
        round_keys.append([high])
    return round_keys


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's one word."""
    layer, _, _ = layers()
    (x,) = block
    for (key,) in round_keys[:-1]:
        x = look_up(layer, x ^ key)
    return [x ^ round_keys[-1][0]]


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's one word."""
    _, permutation, substitution = layers()
    (x,) = block
    x = x ^ round_keys[-1][0]
    for (key,) in reversed(round_keys[:-1]):
        x = look_up(substitution, look_up(permutation, x)) ^ key
    return [x]


PRESENT: Final = BlockCipher("present", 64, 1, 16, 5, 31, expand, encrypt, decrypt)
