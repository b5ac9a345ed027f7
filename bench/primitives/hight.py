"""HIGHT, after Hong and others, "HIGHT: a new block cipher suitable for low-resource device", CHES 2006 (ISO/IEC
18033-3). Eight words of 8 bits, sixteen key bytes, 32 rounds. Bytes stand as the standard writes them, the one numbered
7 (of a key: 15) first. Reduced to r rounds, the first 4 r subkeys are used, both whitenings stay, and the last round
moves no byte, as in the full cipher.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.words import Words, rotate_left, wrap

BITS: Final = 8


def f0(x: Any) -> Any:
    """(x <<< 1) ^ (x <<< 2) ^ (x <<< 7)."""
    return rotate_left(x, 1, BITS) ^ rotate_left(x, 2, BITS) ^ rotate_left(x, 7, BITS)


def f1(x: Any) -> Any:
    """(x <<< 3) ^ (x <<< 4) ^ (x <<< 6)."""
    return rotate_left(x, 3, BITS) ^ rotate_left(x, 4, BITS) ^ rotate_left(x, 6, BITS)


@cache
def constants() -> tuple[int, ...]:
    """The 128 constants of seven bits: windows of the sequence of x**7 + x**3 + 1 from 0x5A, its lowest bit first.

    >>> [hex(constant) for constant in constants()[:4]], hex(constants()[-1])
    (['0x5a', '0x6d', '0x36', '0x1b'], '0x5a')
    """
    values = [0x5A]
    while len(values) < 128:
        last = values[-1]
        values.append(last >> 1 | ((last >> 3 ^ last) & 1) << 6)
    return tuple(values)


def expand(key: Words, rounds: int) -> list[Words]:
    """The eight whitening bytes WK[0] to WK[7], then for each round its subkeys SK[4i] to SK[4i + 3]."""
    mk = list(reversed(key))
    subkeys: list[Any] = []
    for number in range(4 * rounds):
        turn, half, byte = number // 16, number // 8 % 2, number % 8
        subkeys.append(wrap(mk[(byte - turn) % 8 + 8 * half] + constants()[number], BITS))
    return [mk[12:16] + mk[0:4], *(subkeys[start : start + 4] for start in range(0, 4 * rounds, 4))]


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's bytes C[7] to C[0]."""
    wk, *round_keys = round_keys
    x0, x1, x2, x3, x4, x5, x6, x7 = reversed(block)
    x0, x2, x4, x6 = wrap(x0 + wk[0], BITS), x2 ^ wk[1], wrap(x4 + wk[2], BITS), x6 ^ wk[3]
    for sk in round_keys:
        x1 = wrap(x1 + (f1(x0) ^ sk[0]), BITS)
        x3 = x3 ^ wrap(f0(x2) + sk[1], BITS)
        x5 = wrap(x5 + (f1(x4) ^ sk[2]), BITS)
        x7 = x7 ^ wrap(f0(x6) + sk[3], BITS)
        x0, x1, x2, x3, x4, x5, x6, x7 = x7, x0, x1, x2, x3, x4, x5, x6
    x0, x1, x2, x3, x4, x5, x6, x7 = x1, x2, x3, x4, x5, x6, x7, x0  # the last round's move taken back
    x0, x2, x4, x6 = wrap(x0 + wk[4], BITS), x2 ^ wk[5], wrap(x4 + wk[6], BITS), x6 ^ wk[7]
    return [x7, x6, x5, x4, x3, x2, x1, x0]


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's bytes P[7] to P[0]."""
    wk, *round_keys = round_keys
    x0, x1, x2, x3, x4, x5, x6, x7 = reversed(block)
    x0, x2, x4, x6 = wrap(x0 - wk[4], BITS), x2 ^ wk[5], wrap(x4 - wk[6], BITS), x6 ^ wk[7]
    x0, x1, x2, x3, x4, x5, x6, x7 = x7, x0, x1, x2, x3, x4, x5, x6
    for sk in reversed(round_keys):
        x0, x1, x2, x3, x4, x5, x6, x7 = x1, x2, x3, x4, x5, x6, x7, x0
        x1 = wrap(x1 - (f1(x0) ^ sk[0]), BITS)
        x3 = x3 ^ wrap(f0(x2) + sk[1], BITS)
        x5 = wrap(x5 - (f1(x4) ^ sk[2]), BITS)
        x7 = x7 ^ wrap(f0(x6) + sk[3], BITS)
    x0, x2, x4, x6 = wrap(x0 - wk[0], BITS), x2 ^ wk[1], wrap(x4 - wk[2], BITS), x6 ^ wk[3]
    return [x7, x6, x5, x4, x3, x2, x1, x0]


HIGHT: Final = BlockCipher("hight", 8, 8, 8, 16, 32, expand, encrypt, decrypt)
