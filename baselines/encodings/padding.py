"""Zeros that bring numbers to one width, so that each digit always stands in the same column.

The digits before the point get zeros in front, those after it zeros behind, up to the widths of a column's longest
number; a longer number, as a test may have one, is left as it is.

Loss: needless zeros. `strip` takes them away again, so it gives back any text whose numbers are written without them.
"""

from dataclasses import dataclass

import numpy as np

from enigmath.baselines.encodings.texts import POINT, ZERO, Flags, Integers, Texts, is_digit, runs


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


def widths(texts: Texts) -> tuple[int, int]:
    """The digits of the longest whole number, and of the longest fraction."""
    whole = fraction = 0
    for digits in map(_digits, texts.blocks()):
        whole = max(whole, int(digits.lengths[~digits.fraction].max(initial=0)))
        fraction = max(fraction, int(digits.lengths[digits.fraction].max(initial=0)))
    return whole, fraction


def has_needless(texts: Texts) -> bool:
    """Whether `strip` would take any zero away.

    >>> from enigmath.baselines.encodings.texts import from_bytes
    >>> has_needless(from_bytes([b"0+10-1.05", b"100"])), has_needless(from_bytes([b"1", b"1.50"]))
    (False, True)
    """
    return any(_needless_in(block) for block in texts.blocks())


def _needless_in(texts: Texts) -> bool:
    digits = _digits(texts)
    outermost = np.where(digits.fraction, digits.ends - 1, digits.starts)
    return bool(((texts.flat[outermost] == ZERO) & (digits.lengths > 1)).any())


def pad(texts: Texts, whole: int, fraction: int) -> Texts:
    """Zeros before the digits in front of the point up to `whole`, after those behind it up to `fraction`.

    >>> from enigmath.baselines.encodings.texts import from_bytes, to_strings
    >>> to_strings(pad(from_bytes([b"12+7", b"-1.5", b"1234"]), 3, 2))
    ['012+007', '-001.50', '1234']
    """
    digits = _digits(texts)
    missing = np.maximum(np.where(digits.fraction, fraction, whole) - digits.lengths, 0)
    short = np.flatnonzero(missing)  # most numbers are as long as they can be
    missing, starts = missing[short], digits.starts[short]
    places = np.repeat(np.where(digits.fraction[short], digits.ends[short], starts), missing)
    added = np.bincount(np.repeat(texts.row[starts], missing), minlength=len(texts.lengths))
    return Texts(np.insert(texts.flat, places, ZERO), texts.lengths + added)


def strip(texts: Texts) -> Texts:
    """Take away zeros in front of a whole number and behind a fraction; one digit of each run stays.

    >>> from enigmath.baselines.encodings.texts import from_bytes, to_strings
    >>> to_strings(strip(from_bytes([b"012+007", b"-001.50", b"000", b"0.00"])))
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
