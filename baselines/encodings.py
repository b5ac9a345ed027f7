"""How texts are written for a network: numbers plain, reversed, zero-padded, or both; formulas in prefix order.

The trade-off: networks add best when the digits come in the order in which carries run (reversed) and when each digit
always stands in the same column (zero-padded); a person reads neither. So a model encodes what it reads, and decodes
what it writes back to plain text.

- *Reversed*: every number, that is every run of digits and points, is written backwards as a whole, `-12.5` as `-5.21`.
  Not each run of digits by itself: a carry crosses the decimal point, so the least significant digit of all comes
  first. The sign stays in front. Reversing is its own inverse on every text.
- *Prefix*: formulas in prefix order, numbers as tokens of sign, digits and exponent; see `prefix`.
- *Zero-padded*: the digits before the point get zeros in front, those after it zeros behind, up to the widths of the
  column that `learn` saw; a longer number is left as it is. Decoding takes needless zeros away, so it gives back any
  text whose numbers are written without them; a column of answers that it could not give back is not padded.

A column of n texts is one buffer of bytes (UTF-8) and n + 1 offsets, as Arrow holds it: no loop runs over texts,
except for prefix order.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.baselines import prefix
from enigmath.bench.contracts import unknown

ENCODINGS = ("plain", "reversed", "zero-padded", "reversed-padded", "prefix")
"""The names that a model's `encoding` takes."""

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ZERO, NINE, POINT = ord("0"), ord("9"), ord(".")


@dataclass(frozen=True)
class Texts:
    """n texts: their bytes one after the other, shape (total,), and the bytes in each, shape (n,)."""

    flat: Bytes
    lengths: Integers

    @property
    def row(self) -> Integers:
        """The text that each byte belongs to, shape (total,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def first(self) -> Flags:
        """Whether a byte is the first of its text, shape (total,)."""
        marks = np.zeros(len(self.flat), dtype=bool)
        marks[(np.cumsum(self.lengths) - self.lengths)[self.lengths > 0]] = True
        return marks


def from_arrow(column: pa.Array | pa.ChunkedArray) -> Texts:
    """The bytes of an Arrow column of strings; a null counts as the empty text."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    texts = whole.cast(pa.large_string()).fill_null("")
    _, offset_buffer, byte_buffer = texts.buffers()
    if len(texts) == 0 or byte_buffer is None:
        return Texts(np.empty(0, np.uint8), np.zeros(len(texts), np.int64))
    offsets = np.frombuffer(offset_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return Texts(np.frombuffer(byte_buffer, np.uint8)[offsets[0] : offsets[-1]], np.diff(offsets))


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


def is_number(flat: Bytes) -> Flags:
    """Whether a byte can stand in a number: digits and the decimal point."""
    return is_digit(flat) | cast(Flags, flat == POINT)


def is_digit(flat: Bytes) -> Flags:
    """Whether a byte is one of 0 to 9."""
    return (flat >= ZERO) & (flat <= NINE)


def runs(inside: Flags, first: Flags) -> tuple[Integers, Integers]:
    """Where runs of bytes that are `inside` start and end (one past the last); a run never crosses texts."""
    starts = inside & (first | ~np.concatenate([[False], inside[:-1]]))
    leaves = np.concatenate([first[1:], [True]]) | ~np.concatenate([inside[1:], [False]])
    return np.flatnonzero(starts), np.flatnonzero(inside & leaves) + 1


def reverse(texts: Texts) -> Texts:
    """Each number backwards; its own inverse.

    >>> to_strings(reverse(from_arrow(pa.array(["120+7", "-12.5", "3r10"]))))
    ['021+7', '-5.21', '3r01']
    """
    inside = is_number(texts.flat)
    starts, ends = runs(inside, texts.first)
    source = np.arange(len(texts.flat))
    source[inside] = np.repeat(starts + ends - 1, ends - starts) - source[inside]
    return Texts(texts.flat[source], texts.lengths)


@dataclass(frozen=True)
class _Digits:
    """The runs of digits in a column: where each starts and ends, and whether it follows a decimal point."""

    starts: Integers
    ends: Integers
    fraction: Flags

    @property
    def lengths(self) -> Integers:
        return self.ends - self.starts


def _digits(texts: Texts) -> _Digits:
    first = texts.first
    starts, ends = runs(is_digit(texts.flat), first)
    after_point = (texts.flat[starts - 1] == POINT) & ~first[starts] if len(starts) else np.zeros(0, bool)
    return _Digits(starts, ends, after_point)


def pad(texts: Texts, whole: int, fraction: int) -> Texts:
    """Zeros before the digits in front of the point up to `whole`, after those behind it up to `fraction`.

    >>> to_strings(pad(from_arrow(pa.array(["12+7", "-1.5", "1234"])), 3, 2))
    ['012+007', '-001.50', '1234']
    """
    digits = _digits(texts)
    missing = np.maximum(np.where(digits.fraction, fraction, whole) - digits.lengths, 0)
    places = np.repeat(np.where(digits.fraction, digits.ends, digits.starts), missing)
    added = np.bincount(np.repeat(texts.row[digits.starts], missing), minlength=len(texts.lengths))
    return Texts(np.insert(texts.flat, places, ZERO), texts.lengths + added)


def strip(texts: Texts) -> Texts:
    """Take away zeros in front of a whole number and behind a fraction; one digit of each run stays.

    >>> to_strings(strip(from_arrow(pa.array(["012+007", "-001.50", "000", "0.00"]))))
    ['12+7', '-1.5', '0', '0.0']
    """
    digits = _digits(texts)
    place = np.arange(len(texts.flat))
    inside = is_digit(texts.flat)
    counted = np.concatenate([[0], np.cumsum(inside & (texts.flat != ZERO))])  # digits other than 0 before a byte
    starts, ends = np.repeat(digits.starts, digits.lengths), np.repeat(digits.ends, digits.lengths)
    place, fraction = place[inside], np.repeat(digits.fraction, digits.lengths)
    leading = ~fraction & (counted[place + 1] == counted[starts]) & (place < ends - 1)
    trailing = fraction & (counted[place] == counted[ends]) & (place > starts)
    keep = np.ones(len(texts.flat), dtype=bool)
    keep[place] = ~(leading | trailing)
    removed = np.bincount(texts.row[~keep], minlength=len(texts.lengths))
    return Texts(texts.flat[keep], texts.lengths - removed)


def _each(texts: Texts, function: Callable[[bytes], bytes]) -> Texts:
    whole, ends = texts.flat.tobytes(), np.cumsum(texts.lengths)
    pieces = zip((ends - texts.lengths).tolist(), ends.tolist(), strict=True)
    made = [function(whole[start:end]) for start, end in pieces]
    return Texts(np.frombuffer(b"".join(made), np.uint8), np.array([len(text) for text in made], np.int64))


@dataclass(frozen=True)
class Encoding:
    """One column's number encoding, with the widths that it learnt; a pair encode and decode.

    >>> encoding = learn("reversed-padded", from_arrow(pa.array(["12+345", "7+8"])))
    >>> to_strings(encoding.encode(from_arrow(pa.array(["7+12", "1234+5"]))))
    ['700+210', '4321+500']
    """

    name: str = "plain"
    whole: int = 0
    fraction: int = 0
    exact: bool = False

    @property
    def reversed(self) -> bool:
        """Whether the least significant digit comes first."""
        return self.name.startswith("reversed")

    @property
    def padded(self) -> bool:
        """Whether zeros bring numbers to one width."""
        return self.name.endswith("padded")

    def encode(self, texts: Texts) -> Texts:
        """The texts as a network reads and writes them."""
        if self.name == "prefix":
            return _each(texts, partial(prefix.encode, exact=self.exact))
        padded = pad(texts, self.whole, self.fraction) if self.padded else texts
        return reverse(padded) if self.reversed else padded

    def decode(self, texts: Texts) -> Texts:
        """The texts as people read and write them."""
        if self.name == "prefix":
            return _each(texts, prefix.decode)
        plain = reverse(texts) if self.reversed else texts
        return strip(plain) if self.padded else plain


_SAMPLE = 1_000
"""Texts of a column that are looked at to tell whether it is hexadecimal."""
_WORD = re.compile(rb"[0-9A-Za-z]+")
_HEXADECIMAL = re.compile(rb"(?![0-9]+e?[0-9]*$)(?=[a-f]*[0-9])[0-9a-f]{4,}")
"""Digits and letters up to f, both; `15e` and `1e5` belong to numbers."""


def _is_hexadecimal(texts: Texts) -> bool:
    """Whether a third of a column's digits or more stand in hexadecimal words."""
    ends = np.cumsum(texts.lengths[:_SAMPLE])
    rows = np.split(texts.flat[: ends[-1]], ends[:-1]) if len(ends) else []
    words = [word for row in rows for word in _WORD.findall(row.tobytes())]
    inside, outside = 0, 0
    for word in words:
        digits = len(word) - len(word.translate(None, b"0123456789"))
        if _HEXADECIMAL.fullmatch(word):
            inside += digits
        else:
            outside += digits
    return 2 * inside > outside


def learn(name: str, texts: Texts, *, decodable: bool = False) -> Encoding:
    """The encoding of that name, as wide as the longest number in the column; UserError for an unknown name.

    A column with many hexadecimal words (`3f0a19c2`) is left plain: their runs of digits are no numbers, and padding
    each would make the text ten times as long. Where it must be `decodable` and zeros that padding would
    take away mean something in the column (`a03` of base 16), the column is not padded; in prefix order, texts that
    would not come back exactly stay as they are.
    """
    if name not in ENCODINGS:
        raise unknown("encoding", name, ENCODINGS)
    if name != "prefix" and _is_hexadecimal(texts):
        return Encoding("plain")
    if decodable and not np.array_equal(strip(texts).lengths, texts.lengths):
        name = {"zero-padded": "plain", "reversed-padded": "reversed"}.get(name, name)
    if name == "prefix":
        return Encoding(name, exact=decodable)
    digits = _digits(texts)
    whole = int(digits.lengths[~digits.fraction].max(initial=0))
    fraction = int(digits.lengths[digits.fraction].max(initial=0))
    return Encoding(name, whole, fraction)
