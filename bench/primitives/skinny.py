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


def mixed(rows: Words) -> list[Any]:
    """ShiftRows and MixColumns."""
    a, b, c, d = rows
    b, c, d = rotate_right(b, 4, BITS), rotate_right(c, 8, BITS), rotate_right(d, 12, BITS)
    return [a ^ c ^ d, a, b ^ c, a ^ c]


def unmixed(rows: Words) -> list[Any]:
    """The inverse of `mixed`."""
    a, b, c, d = rows
    a, b, c, d = b, b ^ c ^ d, b ^ d, a ^ d
    return [a, rotate_left(b, 4, BITS), rotate_left(c, 8, BITS), rotate_left(d, 12, BITS)]


def added(rows: Words, key: Words, constant: int) -> list[Any]:
    """AddConstants, in the first column, and AddRoundTweakey, in the upper two rows."""
    a, b, c, d = rows
    return [a ^ (constant & 15) << 12 ^ key[0], b ^ (constant >> 4) << 12 ^ key[1], c ^ 2 << 12, d]


def round_forward(rows: Words, key: Words, constant: int) -> list[Any]:
    """SubCells, both additions, ShiftRows, MixColumns."""
    box, _ = boxes()
    return mixed(added([box[row] for row in rows], key, constant))


def round_backward(rows: Words, key: Words, constant: int) -> list[Any]:
    """The inverse of `round_forward`."""
    _, box = boxes()
    return [box[row] for row in added(unmixed(rows), key, constant)]


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's rows."""
    rows = list(block)
    for key, constant in zip(round_keys, constants(), strict=False):
        rows = round_forward(rows, key, constant)
    return rows


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's rows."""
    rows = list(block)
    for key, constant in reversed(list(zip(round_keys, constants(), strict=False))):
        rows = round_backward(rows, key, constant)
    return rows


SKINNY: Final = BlockCipher("skinny", 16, 4, 16, 4, 32, expand, encrypt, decrypt)
