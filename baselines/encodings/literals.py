"""Numbers as texts write them: where they stand, what they are worth, and how they are written again.

- *Sign*: a minus right before a number is its sign where no operand can end before it, as in `-3+5`, `2*-3`, `(-3`;
  elsewhere, as in `5-3` and `(x)-3`, it is an operator, and stays. A plus is never part of a number.
- *Decimals* and *exponents* belong to it, `12.5`, `1e-07`. Both parts of a *fraction* `3/4` and of a *complex number*
  `1.5-2i` are numbers by themselves, and what is between them stays.
- *Zero* has no sign: `-0` is 0.
- What only looks like a number stays as it is: digits after a needless zero (`007`, the month of `2000-02-29`), with
  two points (`1.2.3`) or right after one (`.5`), beside an underscore (`1011_2`) or right after a name (`x1`, but not
  `3r1`).
"""

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from enigmath.baselines.encodings.texts import (
    MINUS,
    PLUS,
    POINT,
    ZERO,
    Flags,
    Integers,
    Texts,
    from_bytes,
    gathered,
    is_digit,
    is_letter,
    runs,
)

EXPONENT_DIGITS: Final = 3
"""Digits that a written exponent may have; with more, a number and its exponent stay as they are."""

_ENDS_OPERAND: Final = np.isin(np.arange(256), np.frombuffer(b")]}'.!%_", np.uint8))

_SPOILS: Final = np.frombuffer(b"_.", np.uint8)
"""Right before digits, these make them something else than a number: a subscript, a fraction without its whole."""


@dataclass(frozen=True)
class Numbers:
    """n numbers in texts: from where to where each stands, and that it is ± mantissa × 10^exponent."""

    starts: Integers
    ends: Integers
    negative: Flags
    mantissas: Integers
    exponents: Integers

    def __getitem__(self, those: Flags) -> "Numbers":
        fields = (self.starts, self.ends, self.negative, self.mantissas, self.exponents)
        return Numbers(*(field[those] for field in fields))  # type: ignore[arg-type]

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """The numbers as floats."""
        # A power of ten above 10^22 is no float: dividing by an exact one is right to the last bit, as is multiplying.
        size = np.abs(self.exponents).astype(np.float64)
        with np.errstate(over="ignore"):  # what is too small for a float is 0 then, what is too large infinite
            magnitudes = np.where(self.exponents < 0, self.mantissas / 10.0**size, self.mantissas * 10.0**size)
        return np.where(self.negative, -magnitudes, magnitudes)


def find(texts: Texts, digits: int) -> Numbers:
    """The numbers of the texts, rounded half away from zero to so many significant digits, nine at most.

    A mantissa has exactly `digits` digits, or is 0 with exponent 0.

    >>> numbers = find(from_bytes([b"-12.5*(0.00199951-x1)"]), 3)
    >>> numbers.mantissas.tolist(), numbers.exponents.tolist(), numbers.negative.tolist()
    ([125, 200], [-1, -5], [True, False])
    """
    flat, first = texts.flat, texts.first
    digit = is_digit(flat)
    before, after = _neighbours(flat, first)
    inner = (flat == POINT) & is_digit(before) & is_digit(after)
    starts, ends = runs(digit | inner, first)
    if not len(starts):
        none = np.zeros(0, np.int64)
        return Numbers(none, none, none.astype(bool), none, none)
    points = np.flatnonzero(inner)
    dots = np.searchsorted(points, ends) - np.searchsorted(points, starts)
    powers, tails, taken = _written_exponents(texts, starts, ends, dots)
    valid = (dots <= 1) & ~taken & (powers <= 10**EXPONENT_DIGITS)
    valid &= ~((flat[starts] == ZERO) & is_digit(after[starts]))
    left, right = before[starts], after[tails - 1]
    second = np.where(starts > 0, before[starts - 1], 0)
    valid &= ~(is_letter(left) & ~is_digit(second)) & ~np.isin(left, _SPOILS) & (right != ord("_"))
    signed = (left == MINUS) & ~(is_digit(second) | is_letter(second) | _ENDS_OPERAND[second] | (second > 127))
    mantissas, places = _significant(digit, flat, starts, ends, points, digits)
    zero = mantissas == 0
    numbers = Numbers(starts - signed, tails, signed & ~zero, mantissas, np.where(zero, 0, places + powers))
    return numbers[valid]


def _neighbours(flat: npt.NDArray[Any], first: Flags) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The byte before each and the byte after it in the same text, 0 where there is none."""
    before = np.where(first, 0, np.concatenate([flat[:1], flat[:-1]]))
    after = np.concatenate([np.where(first[1:], 0, flat[1:]), np.zeros(1, flat.dtype)])
    return before, after[: len(flat)]


def _written_exponents(
    texts: Texts, starts: Integers, ends: Integers, dots: Integers
) -> tuple[Integers, Integers, Flags]:
    """Of each run of digits: its written exponent, where that ends, and whether the run is itself an exponent.

    Too long an exponent counts as 10^6, and no number is as large.
    """
    flat = np.append(texts.flat, np.zeros(2, np.uint8))
    first = np.append(texts.first, [True, True])
    sign = flat[ends + 1]
    signed = ((sign == PLUS) | (sign == MINUS)) & ~first[ends + 1]
    marked = ((flat[ends] | 32) == ord("e")) & ~first[ends]
    following = np.append(starts[1:], -1)
    has = marked & (following == ends + 1 + signed) & ~first[ends + 1 + signed] & (np.append(dots[1:], 1) == 0)
    has &= ~np.append([False], has[:-1])  # of 1e5e3, the second e belongs to nothing
    tails = np.where(has, np.append(ends[1:], 0), ends)
    powers = np.zeros(len(starts), np.int64)
    short = tails - following <= EXPONENT_DIGITS
    for place in range(EXPONENT_DIGITS):
        inside = has & short & (following + place < tails)
        powers = np.where(inside, powers * 10 + flat[np.minimum(following + place, len(flat) - 1)] - ZERO, powers)
    powers = np.where(signed & (sign == MINUS), -powers, powers)
    powers[has & ~short] = 10**6
    return powers, tails, np.append([False], has[:-1])


def _significant(
    digit: Flags, flat: npt.NDArray[Any], starts: Integers, ends: Integers, points: Integers, digits: int
) -> tuple[Integers, Integers]:
    """The first significant digits of each run of digits, rounded, and the power of ten of the last of them."""
    written = flat[digit].astype(np.int64) - ZERO
    counted = np.concatenate([[0], np.cumsum(digit)])
    from_, to = counted[starts], counted[ends]  # each run as a range of `written`
    point = np.append(points, len(flat))[np.searchsorted(points, starts)]
    whole = counted[np.minimum(point, ends)]  # where its whole part ends
    leading = np.flatnonzero(written)
    leading = np.append(leading, len(written))[np.searchsorted(leading, from_)]
    leading = np.where(leading < to, leading, to)
    mantissas = np.zeros(len(starts), np.int64)
    written = np.append(written, 0)
    for place in range(digits):
        mantissas = mantissas * 10 + np.where(leading + place < to, written[np.minimum(leading + place, to)], 0)
    next_digit = np.where(leading + digits < to, written[np.minimum(leading + digits, to)], 0)
    mantissas += next_digit >= 5
    over = mantissas == 10**digits
    return np.where(over, 10 ** (digits - 1), mantissas), cast(Integers, whole - leading - digits + over)


def write(negative: Flags, mantissas: Integers, exponents: Integers) -> Texts:
    """Decimal texts of numbers ± mantissa × 10^exponent, without exponent and needless zeros; whole ones stay whole.

    >>> from enigmath.baselines.encodings.texts import to_strings
    >>> to_strings(write(np.array([True, False, False]), np.array([123, 123, 120]), np.array([3, -5, -1])))
    ['-123000', '0.00123', '12']
    """
    # As one whole number each, for that sorts many times faster than rows do: mantissas have at most nine digits.
    _, some, row = np.unique((exponents * 10**9 + mantissas) * 2 + negative, return_index=True, return_inverse=True)
    parts = zip(negative[some].tolist(), mantissas[some].tolist(), exponents[some].tolist(), strict=True)
    return gathered(from_bytes([_decimal(*number) for number in parts]), row)


def _decimal(negative: int, mantissa: int, exponent: int) -> bytes:
    sign = "-" if negative and mantissa else ""
    if exponent >= 0 or not mantissa:
        return f"{sign}{mantissa}{'0' * exponent if mantissa else ''}".encode()
    digits = str(mantissa).rjust(1 - exponent, "0")
    return f"{sign}{digits[:exponent]}.{digits[exponent:]}".rstrip("0").rstrip(".").encode()
