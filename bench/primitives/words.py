"""Words of so many bits, as columns: what every round function is written in, for numpy and torch alike.

In numpy a word of 8, 16, 32 or 64 bits is an array of that unsigned type, which wraps by itself; a word of any other
size lies in the next larger type and is masked. torch has no arithmetic on unsigned words, so there a word is an int32
(up to 16 bits) or an int64 that is masked; 64 bits fill an int64, sign included.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Word = Any
"""An array of shape (n,): numpy's unsigned integers, or a torch tensor."""

Words = Sequence[Word]
"""A block, a key or a state: its words, most significant first."""

_UNSIGNED: Final[dict[int, type[np.unsignedinteger[Any]]]] = {8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.uint64}


def unsigned(bits: int) -> type[np.unsignedinteger[Any]]:
    """The numpy type of a word of so many bits, 1 to 64.

    >>> unsigned(16), unsigned(25)
    (<class 'numpy.uint16'>, <class 'numpy.uint32'>)
    """
    return _UNSIGNED[next(size for size in _UNSIGNED if bits <= size)]


def wrap(word: Word, bits: int) -> Word:
    """The word modulo 2**bits, where its type does not see to that itself.

    >>> wrap(np.array([0x1F], np.uint8), 4).tolist(), wrap(np.array([0x1F], np.uint8), 8).tolist()
    ([15], [31])
    """
    if bits == 64 or (isinstance(word, np.ndarray | np.generic) and word.itemsize * 8 == bits):
        return word
    return word & ((1 << bits) - 1)


def shift_right(word: Word, places: int, bits: int) -> Word:
    """The word shifted right, zeros coming in, also where 64 bits fill a signed type."""
    shifted = word >> places
    return shifted if bits < 64 or isinstance(word, np.ndarray) else shifted & ((1 << (64 - places)) - 1)


def rotate_left(word: Word, places: int, bits: int) -> Word:
    """The word rotated left by 1 to bits - 1 places.

    >>> hex(rotate_left(np.array([0x8001], np.uint16), 1, 16)[0])
    '0x3'
    """
    return wrap(word << places, bits) | shift_right(word, bits - places, bits)


def rotate_right(word: Word, places: int, bits: int) -> Word:
    """The word rotated right by 1 to bits - 1 places."""
    return rotate_left(word, bits - places, bits)


def resized(word: Word, bits: int) -> Word:
    """The same values in the type of words of so many bits; what does not fit is cut off.

    >>> resized(np.array([0x1234], np.uint16), 64).dtype
    dtype('uint64')
    """
    if isinstance(word, np.ndarray | np.generic):
        return word.astype(unsigned(bits), copy=False)
    return wrap(word.long() if bits > 16 else word.int(), bits)


def joined(words: Words, bits: int) -> Word:
    """Words of so many bits as one, the most significant first.

    >>> hex(joined(from_hexadecimal("0123456789abcdef", 16), 16)[0])
    '0x123456789abcdef'
    """
    whole = resized(words[0], bits * len(words))
    for word in words[1:]:
        whole = whole << bits | resized(word, bits * len(words))
    return whole


def draw_words(rng: np.random.Generator, n: int, count: int, bits: int) -> list[npt.NDArray[Any]]:
    """So many uniform words of so many bits, each of shape (n,)."""
    return [rng.integers(0, 1 << bits, size=n, dtype=unsigned(bits)) for _ in range(count)]


def from_hexadecimal(text: str, bits: int) -> list[npt.NDArray[Any]]:
    """The words of one hexadecimal text, each of shape (1,), as test vectors and differences are written.

    >>> [hex(word[0]) for word in from_hexadecimal("6574694c", 16)]
    ['0x6574', '0x694c']
    """
    digits = bits // 4
    pieces = [text[start : start + digits] for start in range(0, len(text), digits)]
    return [np.array([int(piece, 16)], unsigned(bits)) for piece in pieces]


def to_hexadecimal(words: Words, bits: int) -> list[str]:
    """One text a problem: each word in bits / 4 digits, lower case.

    >>> to_hexadecimal(from_hexadecimal("6574694c", 16), 16)
    ['6574694c']
    """
    columns = [[f"{int(value):0{bits // 4}x}" for value in word.tolist()] for word in words]
    return ["".join(row) for row in zip(*columns, strict=True)]
