"""LEA-128, after Hong, Lee, Kim, Kwon, Ryu and Lee, "LEA: a 128-bit block cipher for fast encryption on common
processors", WISA 2013 (ISO/IEC 29192-2:2019). Four words of 32 bits, four key words, 24 rounds. The standard writes
blocks and keys as bytes, the lowest of a word first; here they are words, X[0] first. Reduced to r rounds, the first r
round keys are used; there is no whitening to leave out.
"""

from collections.abc import Sequence
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.words import Words, rotate_left, rotate_right, wrap

BITS: Final = 32
DELTA: Final = (0xC3EFE9DB, 0x44626B02, 0x79E27C8A, 0x78DF30EC)
"""The first four of the standard's constants, from the square root of 766995 (the codes of L, E and A)."""
TURNS: Final = (1, 3, 6, 11)
"""By how much the key schedule rotates each word."""


def _constant(number: int, word: int) -> int:
    """The constant of a round, rotated left by its number plus the word's."""
    turn = (number + word) % BITS
    delta = DELTA[number % 4]
    return (delta << turn | delta >> (BITS - turn)) % (1 << BITS)


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys of six words, T[0], T[1], T[2], T[1], T[3], T[1]; T is the key, and moves on with each round."""
    t = list(key)
    round_keys: list[Words] = []
    for number in range(rounds):
        t = [rotate_left(wrap(part + _constant(number, word), BITS), TURNS[word], BITS) for word, part in enumerate(t)]
        round_keys.append([t[0], t[1], t[2], t[1], t[3], t[1]])
    return round_keys


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's words X[0] to X[3]."""
    x0, x1, x2, x3 = block
    for k in round_keys:
        x0, x1, x2, x3 = (
            rotate_left(wrap((x0 ^ k[0]) + (x1 ^ k[1]), BITS), 9, BITS),
            rotate_right(wrap((x1 ^ k[2]) + (x2 ^ k[3]), BITS), 5, BITS),
            rotate_right(wrap((x2 ^ k[4]) + (x3 ^ k[5]), BITS), 3, BITS),
            x0,
        )
    return [x0, x1, x2, x3]


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's words X[0] to X[3]."""
    y0, y1, y2, y3 = block
    for k in reversed(round_keys):
        x0 = y3
        x1 = wrap(rotate_right(y0, 9, BITS) - (x0 ^ k[0]), BITS) ^ k[1]
        x2 = wrap(rotate_left(y1, 5, BITS) - (x1 ^ k[2]), BITS) ^ k[3]
        x3 = wrap(rotate_left(y2, 3, BITS) - (x2 ^ k[4]), BITS) ^ k[5]
        y0, y1, y2, y3 = x0, x1, x2, x3
    return [y0, y1, y2, y3]


LEA: Final = BlockCipher("lea", 32, 4, 32, 4, 24, expand, encrypt, decrypt)
