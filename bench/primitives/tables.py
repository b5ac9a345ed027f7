"""Look-up tables over columns, for numpy and torch alike: S-boxes, and layers of whole words by their bytes."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from enigmath.bench.primitives.words import Word, unsigned

CHUNK: Final = 8192
"""Rows looked up at a time in numpy: the columns stay in a core's cache, which makes it twice as fast."""


class Table:
    """Words by number: `table[words]` looks up each, shape (n,) to (n,).

    >>> Table([3, 1, 2, 0], 8)[np.array([0, 0, 3], np.uint16)].tolist()
    [3, 3, 0]
    """

    def __init__(self, values: Sequence[int], bits: int) -> None:
        self.values = np.array(values, unsigned(bits))
        self._held: dict[tuple[Any, Any], Any] = {}

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, words: Word) -> Word:
        if isinstance(words, np.ndarray | np.generic):
            return self.values.take(words.astype(np.intp, copy=False))
        where = (words.device, words.dtype)  # a tensor: the table is copied to its device once
        if where not in self._held:
            self._held[where] = words.new_tensor(self.values.astype(np.int64))
        return self._held[where][words.long()]

    def inverse(self) -> "Table":
        """The table of the inverse permutation."""
        return Table(np.argsort(self.values).tolist(), self.values.itemsize * 8)


def by_bytes(function: Callable[[int], int], bits: int, result_bits: int | None = None) -> list[Table]:
    """Tables of a function of words that is the exclusive or of what it gives for their bytes, the lowest first.

    `function(word)` is a linear map, or one behind S-boxes that do not cross bytes; what it gives for the zero word is
    counted once, in the lowest table.
    """
    zero = function(0)
    return [
        Table([function(byte << 8 * place) ^ (zero if place else 0) for byte in range(256)], result_bits or bits)
        for place in range(bits // 8)
    ]


def look_up(tables: Sequence[Table], word: Word) -> Word:
    """The exclusive or of what the tables give for a word's bytes, the lowest first.

    >>> turned = by_bytes(lambda word: (word << 4 | word >> 12) & 0xFFFF, 16)
    >>> hex(look_up(turned, np.array([0x1234], np.uint16))[0])
    '0x2341'
    """
    if isinstance(word, np.ndarray) and len(word) > CHUNK:
        return np.concatenate([look_up(tables, word[start : start + CHUNK]) for start in range(0, len(word), CHUNK)])
    first, *rest = zip(tables, octets(word, len(tables)), strict=True)
    found = first[0][first[1]]
    for table, octet in rest:
        found = found ^ table[octet]
    return found


def octets(word: Word, count: int) -> list[Word]:
    """So many bytes of a word, the lowest first."""
    if isinstance(word, np.ndarray) and word.dtype.itemsize == count:
        rows = np.ascontiguousarray(word).astype(word.dtype.newbyteorder("<"), copy=False)
        return list(rows.view(np.uint8).reshape(-1, count).T)
    return [word >> 8 * place & 0xFF for place in range(count)]


def moved(word: int, places: Sequence[int], bits: int) -> int:
    """A whole number's bits in new places: bit `places[i]` of `bits`, counted from 1 at the highest, becomes bit i.

    How the standards write permutations, expansions and choices of bits.

    >>> bin(moved(0b1000, [4, 3, 2, 1], 4))
    '0b1'
    """
    result = 0
    for place in places:
        result = result << 1 | word >> (bits - place) & 1
    return result
