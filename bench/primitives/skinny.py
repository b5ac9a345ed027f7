"""SKINNY-64/64, after Beierle and others, "The SKINNY family of block ciphers and its low-latency variant MANTIS",
CRYPTO 2016 (ISO/IEC 18033-7). Four words of 16 bits, the rows of the state, the first cell of a row highest; four key
words likewise, the tweakey; 32 rounds. Reduced to r rounds, the first r round tweakeys are used; there is no whitening,
and the last round is like the others.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.tables import Table
from enigmath.bench.primitives.words import Words, rotate_left, rotate_right

BITS: Final = 16
S: Final = (0xC, 6, 9, 0, 1, 0xA, 2, 0xB, 3, 8, 5, 0xD, 4, 0xE, 7, 0xF)
TWEAKEY_CELLS: Final = (9, 15, 8, 13, 10, 14, 12, 11, 0, 1, 2, 3, 4, 5, 6, 7)
"""P_T: the cell that each cell of the next tweakey is."""


@cache
def boxes() -> tuple[Table, Table]:
    """SubCells of a whole row, and its inverse."""
    rows = [
        S[row >> 12] << 12 | S[row >> 8 & 15] << 8 | S[row >> 4 & 15] << 4 | S[row & 15] for row in range(1 << BITS)
    ]
    forward = Table(rows, BITS)
    return forward, forward.inverse()


def constants() -> Iterator[int]:
    """Six bits a round, from a shift register: rc5 to rc0 become rc4 to rc0 and rc5 ^ rc4 ^ 1.

    >>> numbers = constants()
    >>> [next(numbers) for _ in range(6)]
    [1, 3, 7, 15, 31, 62]
    """
    value = 0
    while True:
        value = value << 1 & 63 | value >> 5 & 1 ^ value >> 4 & 1 ^ 1
        yield value


def expand(key: Words, rounds: int) -> list[Words]:
    """The upper two rows of the tweakey in each round; between rounds its cells move."""
    rows = list(key)
    round_keys: list[Words] = []
    for _ in range(rounds):
        round_keys.append(rows[:2])
        cells = [rows[cell // 4] >> 4 * (3 - cell % 4) & 15 for cell in TWEAKEY_CELLS[:8]]
        rows = [*(_row(cells[start : start + 4]) for start in (0, 4)), *rows[:2]]
    return round_keys


def _row(cells: Words) -> Any:
    return cells[0] << 12 | cells[1] << 8 | cells[2] << 4 | cells[3]


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's rows."""
    box, _ = boxes()
    a, b, c, d = block
    for (upper, lower), constant in zip(round_keys, constants(), strict=False):
        a, b, c, d = box[a], box[b], box[c], box[d]  # SubCells
        a, b, c = a ^ (constant & 15) << 12 ^ upper, b ^ (constant >> 4) << 12 ^ lower, c ^ 2 << 12  # both additions
        b, c, d = rotate_right(b, 4, BITS), rotate_right(c, 8, BITS), rotate_right(d, 12, BITS)  # ShiftRows
        a, b, c, d = a ^ c ^ d, a, b ^ c, a ^ c  # MixColumns
    return [a, b, c, d]


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's rows."""
    _, box = boxes()
    a, b, c, d = block
    rounds = list(zip(round_keys, constants(), strict=False))
    for (upper, lower), constant in reversed(rounds):
        a, b, c, d = b, b ^ c ^ d, b ^ d, a ^ d
        b, c, d = rotate_left(b, 4, BITS), rotate_left(c, 8, BITS), rotate_left(d, 12, BITS)
        a, b, c = a ^ (constant & 15) << 12 ^ upper, b ^ (constant >> 4) << 12 ^ lower, c ^ 2 << 12
        a, b, c, d = box[a], box[b], box[c], box[d]
    return [a, b, c, d]


SKINNY: Final = BlockCipher("skinny", 16, 4, 16, 4, 32, expand, encrypt, decrypt)
