"""A column of texts as one buffer of symbols and the length of each, as Arrow holds it: no loop runs over texts.

A *symbol* is what may become a token: 0 to 255 are the bytes of UTF-8; above stand the pieces that numbers are written
in by some encodings (a mantissa, an exponent, a digit of base 1000). Which numbers are which pieces is fixed here, once
for all, so that weights that were saved read the same ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Symbols = npt.NDArray[np.integer[Any]]
Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ZERO, NINE, POINT, PLUS, MINUS = (ord(character) for character in "09.+-")

UNREADABLE: Final = ord("?")
"""Stands for what makes no number: no answer kind of numbers reads it."""

BYTES: Final = 256
"""How many symbols are bytes: pieces of numbers begin here."""
SIGN: Final = 256
"""Of p10 and p1000: this for plus, the next for minus."""
VALUE: Final = 300
"""Of xval: a number, whatever it is."""
EXPONENT: Final = 512
"""Of a power of ten: this for 10^0, below it negative ones."""
MANTISSA: Final = 1_000
"""Of 0 to 999, and of p10's digits."""
SIGNED_MANTISSA: Final = 3_000
"""Of b1999: this for 0, from 999 below it to 999 above."""
FLOATING: Final = 10_000
"""Of fp15 from here on; see `floating`."""
DIGIT: Final = 1_000_000
"""Of base B from here on: this for the digit 0."""


AT_ONCE: Final = 16_384
"""Texts that are worked on together: what that needs beside them stays in the processor's cache."""


@dataclass(frozen=True)
class Texts:
    """n texts: their symbols one after the other, shape (total,), and the symbols in each, shape (n,).

    The buffer is uint8 where all symbols are bytes, and int32 otherwise; xval's is int64, see `xval`.
    """

    flat: Symbols
    lengths: Integers

    @property
    def row(self) -> Integers:
        """The text that each symbol belongs to, shape (total,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def first(self) -> Flags:
        """Whether a symbol is the first of its text, shape (total,)."""
        marks = np.zeros(len(self.flat), dtype=bool)
        marks[(np.cumsum(self.lengths) - self.lengths)[self.lengths > 0]] = True
        return marks

    def blocks(self) -> "Iterator[Texts]":
        """The texts in order, at most AT_ONCE at a time; one empty block of none."""
        ends = np.concatenate([[0], np.cumsum(self.lengths)])
        for start in range(0, max(len(self.lengths), 1), AT_ONCE):
            lengths = self.lengths[start : start + AT_ONCE]
            yield Texts(self.flat[ends[start] : ends[start + len(lengths)]], lengths)

    def mapped(self, function: "Callable[[Texts], Texts]") -> "Texts":
        """What a function that looks at each text alone makes of them, a block at a time: five times as fast."""
        made = [function(block) for block in self.blocks()]
        return Texts(np.concatenate([block.flat for block in made]), np.concatenate([block.lengths for block in made]))


def symbols_of(flat: Symbols) -> Symbols:
    """Symbols (or tokens) without the values that xval carries beside them, in the upper half of 64 bits."""
    return flat & 0xFFFFFFFF if flat.dtype == np.int64 else flat


def with_values_of(flat: Symbols, symbols: Symbols) -> Integers:
    """Other symbols (or tokens) with the values beside them that stand in `flat`."""
    return cast(Integers, flat >> 32 << 32 | symbols)


def from_arrow(column: pa.Array | pa.ChunkedArray) -> Texts:
    """The bytes of an Arrow column of strings; a null counts as the empty text."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    texts = whole.cast(pa.large_string()).fill_null("")
    _, offset_buffer, byte_buffer = texts.buffers()
    if len(texts) == 0 or byte_buffer is None:
        return Texts(np.empty(0, np.uint8), np.zeros(len(texts), np.int64))
    offsets = np.frombuffer(offset_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return Texts(np.frombuffer(byte_buffer, np.uint8)[offsets[0] : offsets[-1]], np.diff(offsets))


def from_bytes(texts: list[bytes]) -> Texts:
    """The texts of a list."""
    return Texts(np.frombuffer(b"".join(texts), np.uint8), np.array([len(text) for text in texts], np.int64))


def to_strings(texts: Texts) -> list[str | None]:
    """Python strings; None where the bytes are not UTF-8."""
    whole, ends = texts.flat.tobytes(), np.cumsum(texts.lengths)
    pieces = zip((ends - texts.lengths).tolist(), ends.tolist(), strict=True)
    if whole.isascii():
        plain = whole.decode("ascii")
        return [plain[start:end] for start, end in pieces]
    return [_decoded(whole[start:end]) for start, end in pieces]


def _decoded(piece: bytes) -> str | None:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return None


def is_number(flat: Symbols) -> Flags:
    """Whether a byte can stand in a number: digits and the decimal point."""
    return is_digit(flat) | cast(Flags, flat == POINT)


def is_digit(flat: Symbols) -> Flags:
    """Whether a byte is one of 0 to 9."""
    return (flat >= ZERO) & (flat <= NINE)


def is_letter(flat: Symbols) -> Flags:
    """Whether a byte is one of A to Z or a to z."""
    lower = flat | 32
    return (lower >= ord("a")) & (lower <= ord("z"))


def runs(inside: Flags, first: Flags) -> tuple[Integers, Integers]:
    """Where runs of symbols that are `inside` start and end (one past the last); a run never crosses texts."""
    starts = inside & (first | ~np.concatenate([[False], inside[:-1]]))
    leaves = np.concatenate([first[1:], [True]]) | ~np.concatenate([inside[1:], [False]])
    return np.flatnonzero(starts), np.flatnonzero(inside & leaves) + 1


def replaced(texts: Texts, starts: Integers, ends: Integers, pieces: Texts) -> Texts:
    """The texts with `pieces[i]` in place of the symbols from starts[i] to ends[i]: runs in order, none in another.

    >>> texts, pieces = from_bytes([b"1+23", b"4"]), from_bytes([b"one", b"four"])
    >>> to_strings(replaced(texts, np.array([0, 4]), np.array([1, 5]), pieces))
    ['one+23', 'four']
    """
    grown = pieces.lengths - (ends - starts)
    before = np.cumsum(grown) - grown
    edges = np.zeros(len(texts.flat) + 1, np.int8)
    edges[starts] += 1
    edges[ends] -= 1
    kept = np.flatnonzero(np.cumsum(edges[:-1], dtype=np.int8) == 0)
    shift = np.zeros(len(texts.flat) + 1, np.int64)
    shift[ends] = grown
    made = np.empty(len(texts.flat) + int(grown.sum()), np.result_type(texts.flat, pieces.flat))
    made[kept + np.cumsum(shift)[kept]] = texts.flat[kept]
    made[within(pieces.lengths) + np.repeat(starts + before, pieces.lengths)] = pieces.flat
    rows = np.searchsorted(np.cumsum(texts.lengths), starts, "right")
    added = np.bincount(rows, grown, minlength=len(texts.lengths)).astype(np.int64)
    return Texts(made, texts.lengths + added)


def apart(texts: Texts, starts: Integers, ends: Integers, numbers: Texts) -> Texts:
    """The written numbers, with `?` in front of one that touches a digit or another number.

    No encoding makes such texts. A network may, and what it wrote must not read as one longer number.
    """
    before, first = np.append(texts.flat, 0)[starts - 1], texts.first
    after = np.append(texts.flat, 0)[ends]
    touched = ~first[starts] & (is_digit(before) | (before >= BYTES))
    touched |= is_digit(after) & ~np.append(first, True)[ends]
    begins = np.cumsum(numbers.lengths) - numbers.lengths
    return Texts(np.insert(numbers.flat, begins[touched], UNREADABLE), numbers.lengths + touched)


def within(lengths: Integers) -> Integers:
    """The place of each symbol in its text, shape (total,).

    >>> within(np.array([3, 0, 2])).tolist()
    [0, 1, 2, 0, 1]
    """
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def gathered(texts: Texts, rows: Integers) -> Texts:
    """The texts of those rows, each as often as it is asked for."""
    lengths = texts.lengths[rows]
    begins = (np.cumsum(texts.lengths) - texts.lengths)[rows]
    return Texts(texts.flat[within(lengths) + np.repeat(begins, lengths)], lengths)
