"""DES, after FIPS 46-3, 1999 (NIST SP 800-17 for its vectors). Two words of 32 bits; a key of one word of 64 bits, the
lowest bit of each byte for parity and not used; 16 rounds. Reduced to r rounds, the first r round keys are used; both
permutations around the rounds stay, and the last round does not swap the halves, as in the full cipher.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.tables import Table, by_bytes, look_up, moved
from enigmath.bench.primitives.words import Words, joined, resized, rotate_left, shift_right

BITS: Final = 32
HALF_KEY: Final = 28
# fmt: off
INITIAL: Final = [58 - 8 * row + 2 * line for line in range(4) for row in range(8)] + [
    57 - 8 * row + 2 * line for line in range(4) for row in range(8)
]
"""IP: the even bits of each byte, the last byte's first, then the odd ones."""
FINAL: Final = [INITIAL.index(bit) + 1 for bit in range(1, 65)]
"""IP inverse."""
P: Final = (
    16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
    2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
)
CHOICE_1: Final = (
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
    63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
)
"""PC-1: the bits of the key that make C and D."""
CHOICE_2: Final = (
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
    41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
)
"""PC-2: the bits of C and D that make a round key."""
TURNS: Final = (1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1)
"""By how much C and D are rotated before each round's key."""
S: Final = (
    "e4d12fb83a6c5907" "0f74e2d1a6cb9538" "41e8d62bfc973a50" "fc8249175b3ea06d",
    "f18e6b34972dc05a" "3d47f28ec01a69b5" "0e7ba4d158c6932f" "d8a13f42b67c05e9",
    "a09e63f51dc7b428" "d709346a285ecbf1" "d6498f30b12c5ae7" "1ad069874fe3b52c",
    "7de3069a1285bc4f" "d8b56f03472c1ae9" "a690cb7df13e5284" "3f06a1d8945bc72e",
    "2c417ab6853fd0e9" "eb2c47d150fa3986" "421bad78f9c5630e" "b8c71e2d6f09a453",
    "c1af92680d34e75b" "af427c9561de0b38" "9ef528c3704a1db6" "432c95fabe17608d",
    "4b2ef08d3c975a61" "d0b7491ae35c2f86" "14bdc37eaf680592" "6bd814a7950fe23c",
    "d2846fb1a93e50c7" "1fd8a374c56b0e92" "7b419ce206adf358" "21e74a8dfc90356b",
)
"""S1 to S8, four rows each. The outer two of six bits choose the row, the inner four the column."""
# fmt: on


def substituted(box: int, six: int) -> int:
    """What an S-box, counted from 0, makes of six bits."""
    row, column = six >> 4 & 2 | six & 1, six >> 1 & 15
    return int(S[box][16 * row + column], 16)


@cache
def boxes() -> list[Table]:
    """Each S-box with P behind it: six bits to a word of 32."""
    return [
        Table([moved(substituted(box, six) << 28 - 4 * box, P, BITS) for six in range(64)], BITS) for box in range(8)
    ]


@cache
def permutations() -> tuple[list[Table], list[Table]]:
    """IP and its inverse, by bytes."""
    return by_bytes(lambda word: moved(word, INITIAL, 64), 64), by_bytes(lambda word: moved(word, FINAL, 64), 64)


@cache
def choices() -> tuple[list[Table], list[Table]]:
    """PC-1, by the key's bytes, and PC-2, by the bytes of C and D side by side, 56 bits."""
    second = by_bytes(lambda word: moved(word, CHOICE_2, 56), 56, 64)
    return by_bytes(lambda word: moved(word, CHOICE_1, 64), 64), second


def expand(key: Words, rounds: int) -> list[Words]:
    """Round keys of 48 bits."""
    first, second = choices()
    both = look_up(first, key[0])
    c, d = both >> HALF_KEY, both & (1 << HALF_KEY) - 1
    round_keys: list[Words] = []
    for turn in TURNS[:rounds]:
        c, d = rotate_left(c, turn, HALF_KEY), rotate_left(d, turn, HALF_KEY)
        round_keys.append([look_up(second, c << HALF_KEY | d)])
    return round_keys


def mix(half: Any, key: Any) -> Any:
    """f(R, K): six bits around each four of R, exclusive-ored with six of K, through S and P."""
    mixed: Any = 0
    around = rotate_left(half, 5, BITS)  # the lowest six bits are now those around the highest four
    for box, table in enumerate(boxes()):
        mixed = mixed ^ table[(around ^ resized(key >> 42 - 6 * box, BITS)) & 63]
        around = rotate_left(around, 4, BITS)
    return mixed


def _rounds(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    forward, backward = permutations()
    word = look_up(forward, joined(block, BITS))
    left, right = resized(shift_right(word, BITS, 64), BITS), resized(word, BITS)
    for (key,) in round_keys:
        left, right = right, left ^ mix(right, key)
    word = look_up(backward, joined([right, left], BITS))
    return [resized(shift_right(word, BITS, 64), BITS), resized(word, BITS)]


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's halves."""
    return _rounds(block, round_keys)


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's halves: the same rounds, their keys in reverse."""
    return _rounds(block, list(reversed(round_keys)))


DES: Final = BlockCipher("des", 32, 2, 64, 1, 16, expand, encrypt, decrypt, round_key_word_bits=48)
