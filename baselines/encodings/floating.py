"""Numbers as sign, mantissa of three digits and power of ten, in one to five tokens, after Charton.

| name | 3.14 | -6.02·10^23 | tokens a number |
|---|---|---|---|
| p10 | + 3 1 4 E-2 | - 6 0 2 E21 | 5 |
| p1000 | + 314 E-2 | - 602 E21 | 3 |
| b1999 | 314 E-2 | -602 E21 | 2 |
| fp15 | 314E-2 | -602E21 | 1 |

Source: Charton, "Linear algebra with transformers", 2021. The shorter a number, the larger the vocabulary, and the less
often each of its tokens is seen in training.

Loss: three significant digits are kept, further ones are rounded half away from zero: an error of 0.5 % at most. Zeros
at the end of a decimal are lost (`2.50` comes back as `2.5`), and so are the sign of -0 and the way in which an
exponent is written (`1e-3` comes back as `0.001`). So a task whose answers are whole numbers of more than three digits
cannot be answered exactly; score it by tolerance. What counts as a number, and what becomes of signs, fractions and
complex numbers, stands in `literals`. A number out of range, below 10^-98 or from 10^103 on, stays as it is, digit by
digit.

The vocabulary has all mantissas, with negative ones where training has one, and all exponents between the least and the
largest of training. In the source fp15 has 16 exponents; here it has those of training.
"""

from typing import Final

import numpy as np

from enigmath.baselines.encodings import literals
from enigmath.baselines.encodings.texts import (
    BYTES,
    EXPONENT,
    FLOATING,
    MANTISSA,
    SIGN,
    SIGNED_MANTISSA,
    Flags,
    Integers,
    Symbols,
    Texts,
    apart,
    from_bytes,
    gathered,
    replaced,
)

DIGITS: Final = 3
MOST_EXPONENT: Final = 100
"""The power of ten beside the mantissa lies between ± this."""

_STEP: Final = 2_000
"""Symbols of fp15 from one exponent to the next."""
_MANTISSAS: Final = np.concatenate([[0], np.arange(10 ** (DIGITS - 1), 10**DIGITS)])

PATTERNS: Final = {
    "p10": (SIGN, MANTISSA, MANTISSA, MANTISSA, EXPONENT),
    "p1000": (SIGN, MANTISSA, EXPONENT),
    "b1999": (SIGNED_MANTISSA, EXPONENT),
    "fp15": (FLOATING,),
}
"""The kinds of pieces that a number consists of; a kind is named after its zero."""


_RANGES: Final = (
    (SIGN, SIGN, SIGN + 1),
    (EXPONENT, EXPONENT - MOST_EXPONENT, EXPONENT + MOST_EXPONENT),
    (MANTISSA, MANTISSA, MANTISSA + 999),
    (SIGNED_MANTISSA, SIGNED_MANTISSA - 999, SIGNED_MANTISSA + 999),
    (FLOATING, FLOATING, FLOATING + _STEP * (2 * MOST_EXPONENT + 1) - 1),
)
"""Of each kind, the least and the largest symbol."""


def encode(texts: Texts, name: str) -> Texts:
    """Each number as its pieces.

    >>> [name_of(symbol) for symbol in encode(from_bytes([b"-3.14*12"]), "p1000").flat]
    ['-', '314', 'E-2', '*', '+', '120', 'E-1']
    """
    found = literals.find(texts, DIGITS)
    found = found[np.abs(found.exponents) <= MOST_EXPONENT]
    signed = np.where(found.negative, -found.mantissas, found.mantissas)
    exponents = EXPONENT + found.exponents
    if name == "p10":
        digits = [MANTISSA + found.mantissas // 10**place % 10 for place in reversed(range(DIGITS))]
        pieces = [SIGN + found.negative, *digits, exponents]
    elif name == "p1000":
        pieces = [SIGN + found.negative, MANTISSA + found.mantissas, exponents]
    elif name == "b1999":
        pieces = [SIGNED_MANTISSA + signed, exponents]
    else:
        pieces = [_fp15(signed, found.exponents)]
    matrix = np.stack(pieces, axis=1).astype(np.int32)
    lengths = np.full(len(matrix), matrix.shape[1], np.int64)
    return replaced(texts, found.starts, found.ends, Texts(matrix.reshape(-1), lengths))


def _fp15(signed: Integers, exponents: Integers) -> Integers:
    return FLOATING + (exponents + MOST_EXPONENT) * _STEP + _STEP // 2 + signed


def _read_fp15(symbols: Integers) -> tuple[Integers, Integers]:
    exponents, signed = np.divmod(symbols - FLOATING, _STEP)
    return signed - _STEP // 2, exponents - MOST_EXPONENT


def decode(texts: Texts, name: str) -> Texts:
    """Each number in decimal digits; a piece that is part of none is named, with a question mark, and nothing reads it.

    >>> from enigmath.baselines.encodings.texts import to_strings
    >>> to_strings(decode(Texts(np.array([SIGN, MANTISSA + 314, EXPONENT + 2, SIGN]), np.array([4])), "p1000"))
    ['31400?+']
    """
    pattern = PATTERNS[name]
    starts, stray = _matches(kinds_of(texts.flat), texts.first, pattern)
    pieces = texts.flat.astype(np.int64)[starts[:, None] + np.arange(len(pattern))]
    written = apart(texts, starts, starts + len(pattern), literals.write(*_read(pieces, name)))
    named = from_bytes([f"?{name_of(piece)}".encode() for piece in texts.flat[stray].tolist()])
    both = Texts(np.concatenate([written.flat, named.flat]), np.concatenate([written.lengths, named.lengths]))
    places, sizes = np.concatenate([starts, stray]), np.repeat([len(pattern), 1], [len(starts), len(stray)])
    order = np.argsort(places)
    made = replaced(texts, places[order], (places + sizes)[order], gathered(both, order))
    return Texts(made.flat.astype(np.uint8), made.lengths)


def _matches(kinds: Integers, first: Flags, pattern: tuple[int, ...]) -> tuple[Integers, Integers]:
    """Where numbers of that pattern begin, and where pieces stand that belong to none."""
    beyond = len(pattern)
    kinds_on, first_on = np.append(kinds, np.zeros(beyond, np.int64)), np.append(first, np.ones(beyond, bool))
    begins = kinds == pattern[0]
    for place in range(1, beyond):
        begins &= (kinds_on[place : place + len(kinds)] == pattern[place]) & ~first_on[place : place + len(kinds)]
    starts = np.flatnonzero(begins)
    stray = kinds >= BYTES
    for place in range(beyond):
        stray[starts + place] = False
    return starts, np.flatnonzero(stray)


def _read(pieces: Integers, name: str) -> tuple[Flags, Integers, Integers]:
    """Sign, mantissa and exponent of each number, from its pieces (n, pieces of one)."""
    if name == "fp15":
        signed, exponents = _read_fp15(pieces[:, 0])
        return signed < 0, np.abs(signed), exponents
    exponents = pieces[:, -1] - EXPONENT
    if name == "b1999":
        signed = pieces[:, 0] - SIGNED_MANTISSA
        return signed < 0, np.abs(signed), exponents
    mantissas = np.zeros(len(pieces), np.int64)
    for place in range(1, pieces.shape[1] - 1):
        mantissas = 10 * mantissas + pieces[:, place] - MANTISSA
    return pieces[:, 0] > SIGN, mantissas, exponents


def kinds_of(symbols: Symbols) -> Integers:
    """The kind of each symbol: the zero of the pieces it belongs to, 0 for a byte."""
    kinds = np.zeros(len(symbols), np.int64)
    for kind, least, most in _RANGES:
        kinds[(symbols >= least) & (symbols <= most)] = kind
    return kinds


def vocabulary(seen: Symbols, name: str) -> Symbols:
    """The symbols to tell apart, ascending: those seen in training, all mantissas, and the exponents between."""
    kinds = kinds_of(seen)
    if not np.isin(PATTERNS[name][0], kinds):
        return seen
    kept = seen.astype(np.int64)
    if name == "fp15":
        signed, exponents = _read_fp15(kept[kinds == FLOATING])
        made = _fp15(_all_signed(signed)[:, None], np.arange(exponents.min(), exponents.max() + 1))
        return np.union1d(kept, made.reshape(-1))
    exponents = kept[kinds == EXPONENT]
    kept = np.union1d(kept, np.arange(exponents.min(), exponents.max() + 1))
    if name == "b1999":
        return np.union1d(kept, SIGNED_MANTISSA + _all_signed(seen[kinds == SIGNED_MANTISSA] - SIGNED_MANTISSA))
    return np.union1d(kept, MANTISSA + (np.arange(10) if name == "p10" else _MANTISSAS))


def _all_signed(seen: Symbols) -> Integers:
    return np.concatenate([_MANTISSAS, -_MANTISSAS]) if (seen < 0).any() else _MANTISSAS


def name_of(symbol: int) -> str:
    """What a person calls a piece, as in the table above."""
    for kind, least, most in _RANGES:
        if least <= symbol <= most:
            if kind == SIGN:
                return "+-"[symbol - SIGN]
            if kind == FLOATING:
                (signed,), (exponent,) = _read_fp15(np.array([symbol]))
                return f"{signed}E{exponent}"
            return f"E{symbol - kind}" if kind == EXPONENT else str(symbol - kind)
    return chr(symbol)
