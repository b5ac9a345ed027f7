"""SR(n, 2, 2, 4), the small sister of AES: Cid, Murphy and Robshaw, "Small scale variants of the AES", FSE 2005.

Two columns of two cells of four bits, elements of GF(2)[x] / (x**4 + x + 1): one word of 16 bits for a block and one
for the key, so that there are 65,536 keys. 10 rounds at most. Reduced to r rounds, the first r + 1 round keys are used.
The last round mixes columns as the others do: the paper's SR, not its SR*, which leaves that out.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from enigmath.bench.primitives.aes import s_box, times
from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.tables import Table
from enigmath.bench.primitives.words import Words

FIELD: Final = 0b10011
"""x**4 + x + 1."""


@cache
def box() -> list[int]:
    """The S-box.

    >>> box()
    [6, 11, 5, 4, 2, 14, 7, 10, 9, 13, 15, 12, 3, 1, 0, 8]
    """
    return s_box(FIELD, 0b1101, 6)


@cache
def tables() -> tuple[Table, Table, Table]:
    """A round but for its key over the whole state, that undone, and S-boxes for a column."""
    s = box()
    round_of = []
    for state in range(1 << 16):
        a, b, c, d = (s[state >> place & 15] for place in (12, 8, 4, 0))
        round_of.append(_mixed(a, d) << 8 | _mixed(c, b))  # the lower row of two columns is swapped
    forward = Table(round_of, 16)
    return forward, forward.inverse(), Table([s[pair >> 4] << 4 | s[pair & 15] for pair in range(256)], 16)


def _mixed(upper: int, lower: int) -> int:
    """A column times the matrix (x + 1, x; x, x + 1)."""
    both = times(upper ^ lower, 2, FIELD)
    return (both ^ upper) << 4 | both ^ lower


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys of one word, the key itself first."""
    _, _, s = tables()
    round_keys: list[Words] = [key]
    constant = 1
    for _ in range(rounds):
        (word,) = round_keys[-1]
        last = word & 0xFF
        first = word >> 8 ^ s[(last << 4 | last >> 4) & 0xFF] ^ constant << 4
        round_keys.append([first << 8 | first ^ last])
        constant = times(constant, 2, FIELD)
    return round_keys


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's one word."""
    forward, _, _ = tables()
    (state,) = block
    state = state ^ round_keys[0][0]
    for (key,) in round_keys[1:]:
        state = forward[state] ^ key
    return [state]


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's one word."""
    _, backward, _ = tables()
    (state,) = block
    for (key,) in reversed(round_keys[1:]):
        state = backward[state ^ key]
    return [state ^ round_keys[0][0]]


SMALL_AES: Final = BlockCipher("small-aes", 16, 1, 16, 1, 10, expand, encrypt, decrypt)
