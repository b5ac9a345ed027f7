"""An encoding by its name: what a column of texts teaches it, and the pair encode and decode."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from enigmath.baselines.encodings import bases, floating, prefix, xval
from enigmath.baselines.encodings.padding import has_needless, pad, strip, widths
from enigmath.baselines.encodings.reversal import reverse
from enigmath.baselines.encodings.texts import BYTES, DIGIT, UNREADABLE, VALUE, Symbols, Texts, from_bytes
from enigmath.bench.contracts import UserError, unknown

PLAIN: Final = ("plain", "reversed", "zero-padded", "reversed-padded")
ENCODINGS: Final = (*PLAIN, "prefix", "base-30", "base-1000", *floating.PATTERNS, "xval")
"""The names that a model's `encoding` takes; any other base from 2 to a million is written likewise, `base-7`."""

LOSSLESS: Final = (*PLAIN, "prefix", "base-30", "base-1000")
"""Those that give back every answer to the letter."""

_BASE: Final = re.compile(r"base-([0-9]{1,99})")


def require_encoding(name: str, *, where: str = "") -> None:
    """UserError for a name that is no encoding's, and for a base that is too small or too large."""
    found = _BASE.fullmatch(name)
    if not found and name not in ENCODINGS:
        raise unknown("encoding", name, ENCODINGS, where=where)
    if found and not 2 <= int(found[1]) <= bases.LARGEST_BASE:
        raise UserError(f"the encoding {name!r}", where=where, mend=f"a base from 2 to {bases.LARGEST_BASE:,}")


@dataclass(frozen=True)
class Encoding:
    """One column's number encoding, with what it learnt; a pair encode and decode.

    whole, fraction: digits that are padded to; of xval, `fraction` is the decimals that are written. exact: whether
    texts in prefix order must come back to the letter. scale: what xval divides by.

    >>> from enigmath.baselines.encodings.texts import to_strings
    >>> encoding = learn("reversed-padded", from_bytes([b"12+345", b"7+8"]))
    >>> to_strings(encoding.encode(from_bytes([b"7+12", b"1234+5"])))
    ['700+210', '4321+500']
    """

    name: str = "plain"
    whole: int = 0
    fraction: int = 0
    exact: bool = False
    scale: float = 1.0

    def __post_init__(self) -> None:
        """UserError for an unknown name, ValueError for widths and scales that cannot be."""
        require_encoding(self.name)
        if not all(type(width) is int and 0 <= width < 10**6 for width in (self.whole, self.fraction)):
            raise ValueError(f"the widths {self.whole!r} and {self.fraction!r}")
        if type(self.exact) is not bool or not (isinstance(self.scale, float | int) and 0 < self.scale < np.inf):
            raise ValueError(f"exact {self.exact!r}, the scale {self.scale!r}")

    @property
    def reversed(self) -> bool:
        """Whether the least significant digit comes first."""
        return self.name.startswith("reversed")

    @property
    def padded(self) -> bool:
        """Whether zeros bring numbers to one width."""
        return self.name.endswith("padded")

    @property
    def valued(self) -> bool:
        """Whether numbers carry their value beside the symbol."""
        return self.name == "xval"

    @property
    def base(self) -> int:
        """B of base-B, 0 of another encoding."""
        found = _BASE.fullmatch(self.name)
        return int(found[1]) if found else 0

    def encode(self, texts: Texts) -> Texts:
        """The texts as a network reads and writes them."""
        return texts.mapped(self._encoded)

    def _encoded(self, texts: Texts) -> Texts:
        if self.name == "prefix":
            return _each(texts, partial(prefix.encode, exact=self.exact))
        if self.base:
            return bases.encode(texts, self.base)
        if self.name in floating.PATTERNS:
            return floating.encode(texts, self.name)
        if self.valued:
            return xval.encode(texts, self.scale)
        padded = pad(texts, self.whole, self.fraction) if self.padded else texts
        return reverse(padded) if self.reversed else padded

    def decode(self, texts: Texts) -> Texts:
        """The texts as people read and write them."""
        return texts.mapped(self._decoded)

    def _decoded(self, texts: Texts) -> Texts:
        if self.name == "prefix":
            return _each(texts, prefix.decode)
        if self.base:
            return bases.decode(texts, self.base)
        if self.name in floating.PATTERNS:
            return floating.decode(texts, self.name)
        if self.valued:
            return xval.decode(texts, self.scale, self.fraction)
        readable = Texts(np.where(texts.flat < BYTES, texts.flat, UNREADABLE).astype(np.uint8), texts.lengths)
        plain = reverse(readable) if self.reversed else readable
        return strip(plain) if self.padded else plain

    def vocabulary(self, seen: Symbols) -> Symbols:
        """The symbols to tell apart, ascending: those seen in training, and all pieces that a number may need."""
        if self.base:
            return bases.vocabulary(seen, self.base)
        return floating.vocabulary(seen, self.name) if self.name in floating.PATTERNS else seen

    def names(self, symbols: Sequence[int]) -> list[str]:
        """What a person calls each symbol: a byte of a longer character `\\xNN`, a piece of a number as in its file."""
        if self.name == "prefix":
            return [prefix.names(bytes([symbol])) for symbol in symbols]
        return [_name(symbol) for symbol in symbols]


def _name(symbol: int) -> str:
    if symbol < BYTES:
        return chr(symbol) if symbol < 0x80 else f"\\x{symbol:02x}"
    if symbol >= DIGIT:
        return str(symbol - DIGIT)
    return "VALUE" if symbol == VALUE else floating.name_of(symbol)


def _each(texts: Texts, function: Callable[[bytes], bytes]) -> Texts:
    whole, ends = texts.flat.astype(np.uint8).tobytes(), np.cumsum(texts.lengths)
    pieces = zip((ends - texts.lengths).tolist(), ends.tolist(), strict=True)
    return from_bytes([function(whole[start:end]) for start, end in pieces])


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
    """The encoding of that name, with what a column teaches it; UserError for an unknown name.

    A column with many hexadecimal words (`3f0a19c2`) is left plain: their runs of digits are no numbers, and padding
    each would make the text ten times as long. Where it must be `decodable` and zeros that padding would
    take away mean something in the column (`a03` of base 16), the column is not padded; in prefix order, texts that
    would not come back exactly stay as they are. p10, p1000, b1999, fp15 and xval round what they encode all the same.
    """
    require_encoding(name)
    if name != "prefix" and _is_hexadecimal(texts):
        return Encoding("plain")
    if name == "prefix":
        return Encoding(name, exact=decodable)
    if name == "xval":
        scale, decimals = xval.learn(texts)
        return Encoding(name, fraction=decimals, scale=scale)
    if name not in PLAIN:
        return Encoding(name)
    if decodable and has_needless(texts):
        name = {"zero-padded": "plain", "reversed-padded": "reversed"}.get(name, name)
    return Encoding(name, *widths(texts))
