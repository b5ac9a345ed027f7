"""Each number one token, whose vector is scaled by the number's value.

Source: Golkar et al., "xVal: a continuous number encoding for large language models", 2023. All numbers share the token
VALUE. What a number is worth is carried beside it, and a network multiplies the token's vector with it (see `symbols`
in `baselines`); it writes a number as VALUE with one more output, the value.

Values are divided by the largest magnitude among the numbers of the training column, so they lie between -1 and 1 in
training (in the source between -5 and 5); questions and answers have a scale each.

Loss: seven significant digits are kept, what a float of 32 bits is sure of; a network's own error is far larger. What
it writes is rounded to as many decimals as the training column's numbers have, so whole numbers stay whole.
Needless zeros and the way in which an exponent is written are lost, and the zero of 0 erases the token's vector. What
counts as a number, and what becomes of signs, fractions and complex numbers, stands in `literals`; from 10^30 on, a
number stays as it is, digit by digit.
"""

from decimal import Decimal
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from enigmath.baselines.encodings import literals
from enigmath.baselines.encodings.texts import VALUE, Integers, Symbols, Texts, apart, from_bytes, replaced, symbols_of

DIGITS: Final = 9
"""Significant digits that are read, more than a float of 32 bits holds."""
SURE: Final = 7
"""Significant digits that are written: those that a float of 32 bits is sure of."""
LARGEST: Final = 1e30
MOST_DECIMALS: Final = 30


def packed(symbols: Symbols, values: npt.NDArray[np.floating]) -> Integers:
    """Symbols with values beside them: the bits of a float32 in the upper half of 64 bits, the symbol in the lower."""
    bits = values.astype(np.float32).view(np.int32).astype(np.int64)
    return cast(Integers, (bits << 32) | symbols.astype(np.int64))


def values_of(flat: Integers) -> npt.NDArray[np.float32]:
    """The values beside symbols (or tokens); 0.0 beside all but numbers."""
    return (flat >> 32).astype(np.int32).view(np.float32)


def learn(texts: Texts) -> tuple[float, int]:
    """The largest magnitude among the numbers of a column (1 without any but 0), and the decimals that they have."""
    found = _numbers(texts)
    decimals, rest = -found.exponents, found.mantissas.copy()
    for _ in range(DIGITS):
        needless = (rest % 10 == 0) & (rest > 0)
        rest, decimals = np.where(needless, rest // 10, rest), decimals - needless
    return float(np.abs(found.values).max(initial=0)) or 1.0, int(np.clip(decimals, 0, MOST_DECIMALS).max(initial=0))


def encode(texts: Texts, scale: float) -> Texts:
    """Each number as VALUE, with its value divided by the scale beside it."""
    found = _numbers(texts)
    pieces = packed(np.full(len(found.starts), VALUE), found.values / scale)
    return replaced(texts, found.starts, found.ends, Texts(pieces, np.ones(len(pieces), np.int64)))


def decode(texts: Texts, scale: float, decimals: int) -> Texts:
    """Each number in decimal digits, rounded to so many decimals; `?`, which nothing reads, if it is not finite."""
    flat = texts.flat.astype(np.int64)
    places = np.flatnonzero(symbols_of(flat) == VALUE)
    values, row = np.unique(values_of(flat[places]).astype(np.float64) * scale, return_inverse=True)
    made = [_decimal(value, decimals) for value in values.tolist()]
    bare = Texts(symbols_of(flat), texts.lengths)
    numbers = apart(bare, places, places + 1, from_bytes([made[number] for number in row.tolist()]))
    decoded = replaced(bare, places, places + 1, numbers)
    return Texts(decoded.flat.astype(np.uint8), decoded.lengths)


def _numbers(texts: Texts) -> literals.Numbers:
    found = literals.find(texts, DIGITS)
    return found[found.exponents + DIGITS <= np.log10(LARGEST)]


def _decimal(value: float, decimals: int) -> bytes:
    if not np.isfinite(value):
        return b"?"
    sure = Decimal(f"{round(value, decimals):.{SURE - 1}e}")  # round alone would print the noise of the last bits
    text = f"{sure:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return b"0" if text == "-0" else text.encode()
