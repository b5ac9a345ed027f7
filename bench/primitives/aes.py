"""AES-128, after FIPS 197, 2001. Four words of 32 bits, the columns of the state, in blocks and keys alike; 10 rounds.
Reduced to r rounds, the first r + 1 round keys are used, and the last round leaves MixColumns out, as in the full one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.tables import Table
from enigmath.bench.primitives.words import Words, rotate_left

BITS: Final = 32
FIELD: Final = 0x11B
"""x**8 + x**4 + x**3 + x + 1."""


def times(a: int, b: int, field: int) -> int:
    """The product of two elements of GF(2)[x] / field.

    >>> hex(times(0x57, 0x83, FIELD))
    '0xc1'
    """
    high = 1 << field.bit_length() - 1
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = a << 1 ^ (field if a << 1 & high else 0), b >> 1
    return product


def s_box(field: int, circulant: int, constant: int) -> list[int]:
    """The inverse in a field (0 stays 0), then an affine map: the sum of rotations by the bits of `circulant`.

    >>> [hex(value) for value in s_box(FIELD, 0b11111, 0x63)[:3]]
    ['0x63', '0x7c', '0x77']
    """
    bits = field.bit_length() - 1
    every = range(1 << bits)
    inverses = [next((b for b in every if times(a, b, field) == 1), 0) for a in every]

    def affine(value: int) -> int:
        turned = [(value << turn | value >> bits - turn) & (1 << bits) - 1 for turn in range(bits)]
        result = constant
        for turn, word in enumerate(turned):
            result ^= word if circulant >> turn & 1 else 0
        return result

    return [affine(value) for value in inverses]


@dataclass(frozen=True)
class Tables:
    """What becomes of the byte in each row of a column: a column of 32 bits."""

    substitute: list[Table]
    """SubBytes, in its own row."""
    substitute_and_mix: list[Table]
    """SubBytes and MixColumns."""
    substitute_back: list[Table]
    """InvSubBytes."""
    mix_back: list[Table]
    """InvMixColumns."""


@cache
def box() -> list[int]:
    """The S-box."""
    return s_box(FIELD, 0b11111, 0x63)


@cache
def tables() -> Tables:
    """The tables of all four rows."""
    every = list(range(256))
    back = [box().index(byte) for byte in every]
    return Tables(
        _by_row(box(), (1, 0, 0, 0)),
        _by_row(box(), (2, 1, 1, 3)),
        _by_row(back, (1, 0, 0, 0)),
        _by_row(every, (14, 9, 13, 11)),
    )


def _by_row(bytes_: Sequence[int], factors: Sequence[int]) -> list[Table]:
    """For each row, bytes times a column of the circulant matrix of which `factors` is the first column."""
    return [
        Table(
            [sum(times(byte, factors[(to - row) % 4], FIELD) << 24 - 8 * to for to in range(4)) for byte in bytes_],
            BITS,
        )
        for row in range(4)
    ]


def _through(of_row: Sequence[Table], state: Words, turn: int) -> list[Any]:
    """Each column's bytes through the tables, the byte of row i taken from i * turn columns further on: ShiftRows."""
    return [
        _column(of_row, [state[(column + row * turn) % len(state)] for row in range(4)]) for column in range(len(state))
    ]


def _column(of_row: Sequence[Table], columns: Words) -> Any:
    a, b, c, d = (
        table[column >> 24 - 8 * row & 0xFF] for row, (table, column) in enumerate(zip(of_row, columns, strict=True))
    )
    return a ^ b ^ c ^ d


def _added(state: Words, key: Words) -> list[Any]:
    return [column ^ word for column, word in zip(state, key, strict=True)]


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys of four columns, the key itself first."""
    words = list(key)
    constant = 1
    for _ in range(rounds):
        turned = rotate_left(words[-1], 8, BITS)
        fresh = words[-4] ^ _column(tables().substitute, [turned] * 4) ^ constant << 24
        words.append(fresh)
        for _ in range(3):
            words.append(words[-1] ^ words[-4])
        constant = times(constant, 2, FIELD)
    return [words[start : start + 4] for start in range(0, len(words), 4)]


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's columns."""
    first, *between, last = round_keys
    state = _added(block, first)
    for key in between:
        state = _added(_through(tables().substitute_and_mix, state, 1), key)
    return _added(_through(tables().substitute, state, 1), last)


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's columns."""
    first, *between, last = round_keys
    state = _through(tables().substitute_back, _added(block, last), -1)
    for key in reversed(between):
        state = _through(tables().mix_back, _added(state, key), 0)
        state = _through(tables().substitute_back, state, -1)
    return _added(state, first)


AES: Final = BlockCipher("aes", 32, 4, 32, 4, 10, expand, encrypt, decrypt)
