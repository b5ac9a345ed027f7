"""Whole numbers in base B, one token a digit, most significant first, without a sign.

`gcd(12345,60)` in base 1000 is `gcd(`, 12, 345, `,`, 60, `)`. Source: Charton, "Learning the greatest common
divisor: explaining transformer predictions", 2023, where the base decides which divisors a network finds: those of the
powers of B.

Loss: none. The digits of a number's whole part become digits of base B. Everything else stays as it is: signs, the
points of decimals and the digits behind them, the letters of exponents and complex numbers, the strokes of fractions.
So do digits after a needless zero (`007`), which must come back, and numbers of more than 1,000 digits. Zero is the
digit 0.

The vocabulary has all digits of a base up to 10,000; of a larger one, those that occur in training.
"""

from typing import Final

import numpy as np

from enigmath.baselines.encodings.texts import (
    DIGIT,
    POINT,
    ZERO,
    Flags,
    Integers,
    Symbols,
    Texts,
    apart,
    from_bytes,
    gathered,
    is_digit,
    replaced,
    runs,
    within,
)

LARGEST_BASE: Final = 1_000_000
ALL_DIGITS: Final = 10_000
"""Up to this base, the vocabulary has every digit."""
MOST_DIGITS: Final = 1_000
"""Decimal digits of a number at most."""
_MACHINE: Final = 18
"""Decimal digits that fit into 64 bits."""


def encode(texts: Texts, base: int) -> Texts:
    """Each whole number as digits of the base.

    >>> encode(from_bytes([b"60-12345.07"]), 1000).flat.tolist() == [
    ...     DIGIT + 60, ord("-"), DIGIT + 12, DIGIT + 345, ord("."), ord("0"), ord("7")]
    True
    """
    first = texts.first
    starts, ends = runs(is_digit(texts.flat), first)
    needless_zero = (texts.flat[starts] == ZERO) & (ends - starts > 1)
    decimals = (texts.flat[starts - 1] == POINT) & ~first[starts] if len(starts) else np.zeros(0, bool)
    kept = ~needless_zero & ~decimals & (ends - starts <= MOST_DIGITS)
    starts, ends = starts[kept], ends[kept]
    short = ends - starts <= _MACHINE
    parts = [_digits(_values(texts.flat, starts[short], ends[short], 10, ZERO), base, DIGIT, np.int32)]
    parts += [_long_digits(texts.flat, starts[~short], ends[~short], base)]
    return replaced(texts, starts, ends, _merged(parts, [short, ~short]))


def decode(texts: Texts, base: int) -> Texts:
    """Each run of digits of the base in decimal digits; one too long to be a number is named, and nothing reads it."""
    starts, ends = runs(texts.flat >= DIGIT, texts.first)
    longest = int(_MACHINE / np.log10(base))
    short = ends - starts <= longest
    parts = [_digits(_values(texts.flat, starts[short], ends[short], base, DIGIT), 10, ZERO, np.uint8)]
    parts += [_long_decimals(texts.flat, starts[~short], ends[~short], base)]
    numbers = apart(texts, starts, ends, _merged(parts, [short, ~short]))
    made = replaced(texts, starts, ends, numbers)
    return Texts(made.flat.astype(np.uint8), made.lengths)


def _values(flat: Symbols, starts: Integers, ends: Integers, base: int, zero: int) -> Integers:
    """What each run of digits is worth; each fits into 64 bits."""
    lengths = ends - starts
    places = within(lengths)
    powers = np.int64(base) ** (np.repeat(lengths, lengths) - 1 - places)
    worth = (flat[np.repeat(starts, lengths) + places].astype(np.int64) - zero) * powers
    return np.add.reduceat(worth, np.cumsum(lengths) - lengths) if len(starts) else np.zeros(0, np.int64)


def _digits(values: Integers, base: int, zero: int, kind: type[np.integer]) -> Texts:
    """The digits of each number, most significant first."""
    lengths = np.ones(len(values), np.int64)
    rest = values // base
    while rest.any():
        lengths += rest > 0
        rest = rest // base
    left = np.repeat(lengths, lengths) - 1 - within(lengths)
    return Texts((np.repeat(values, lengths) // np.int64(base) ** left % base + zero).astype(kind), lengths)


def _long_digits(flat: Symbols, starts: Integers, ends: Integers, base: int) -> Texts:
    rows = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        value, digits = int(flat[start:end].astype(np.uint8).tobytes()), []
        while value:
            value, digit = divmod(value, base)
            digits.append(DIGIT + digit)
        rows.append(digits[::-1])
    return Texts(np.array([digit for row in rows for digit in row], np.int32), np.array(list(map(len, rows)), np.int64))


def _long_decimals(flat: Symbols, starts: Integers, ends: Integers, base: int) -> Texts:
    rows = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if (end - start - 1) * np.log10(base) > MOST_DIGITS:
            rows.append(b"".join(b"?%d" % (symbol - DIGIT) for symbol in flat[start:end].tolist()))
            continue
        value = 0
        for symbol in flat[start:end].tolist():
            value = value * base + symbol - DIGIT
        rows.append(str(value).encode())
    return from_bytes(rows)


def _merged(parts: list[Texts], chosen: list[Flags]) -> Texts:
    """The texts of all parts, each in the rows chosen for it."""
    rows = np.argsort(np.concatenate([np.flatnonzero(flags) for flags in chosen]))
    flat, lengths = (np.concatenate([getattr(part, name) for part in parts]) for name in ("flat", "lengths"))
    return gathered(Texts(flat, lengths), rows)


def vocabulary(seen: Symbols, base: int) -> Symbols:
    """The symbols to tell apart, ascending."""
    if base > ALL_DIGITS or not (seen >= DIGIT).any():
        return seen
    return np.union1d(seen, DIGIT + np.arange(base))
