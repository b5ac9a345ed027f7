"""Ciphers that part letters into the coordinates of a square and mix these: bifid, its conjugated form, ADFGX.

And the checkerboard, which leaves them as they are. The square has 25 letters, I standing for J. Sources: Delastelle,
"Traité élémentaire de cryptographie", 1902 (bifid); Kahn, "The Codebreakers", 1967 (ADFGX, the German army's of March
1918); the cipher guidelines of the American Cryptogram Association, "The ACA and You" (the others).
"""

from math import factorial, perm
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.primitives.letter_cipher import KeyColumns, LetterCipher, Letters, join_keys, letter_keys
from enigmath.bench.primitives.square_ciphers import draw_two_squares, write_two_squares
from enigmath.bench.primitives.squares import (
    draw_squares,
    places,
    polybius_decrypt,
    polybius_encrypt,
    require_no_j,
    without_j,
)
from enigmath.bench.primitives.substitutions import replace
from enigmath.bench.primitives.transpositions import COLUMNAR

_SQUARES: Final = factorial(25)


def _rows_then_columns(length: int, period: int) -> npt.NDArray[np.int64]:
    """Of all coordinates, two a letter, the order in which they are read: of each group all rows, then all columns.

    >>> _rows_then_columns(5, 3).tolist()
    [0, 2, 4, 1, 3, 5, 6, 8, 7, 9]
    """
    letter, which = np.divmod(np.arange(2 * length), 2)
    return np.lexsort((letter, which, letter // period))


def _bifid(texts: Letters, sought: KeyColumns, found: KeyColumns, order: npt.NDArray[np.int64]) -> Letters:
    cells = replace(texts, places(sought, 26))
    coordinates = np.stack([cells // 5, cells % 5], axis=2).reshape(len(texts), len(order))[:, order]
    return replace(coordinates[:, ::2] * np.uint8(5) + coordinates[:, 1::2], found)


def cm_bifid_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Coordinates in one square, of each period all rows and then all columns, each two a letter of another square.

    Keys are two squares and the period.
    """
    order = _rows_then_columns(texts.shape[1], int(keys[0, 50])) if len(keys) else np.arange(2 * texts.shape[1])
    return _bifid(require_no_j(texts), keys[:, :25], keys[:, 25:50], order)


def cm_bifid_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The same backwards."""
    order = _rows_then_columns(texts.shape[1], int(keys[0, 50])) if len(keys) else np.arange(2 * texts.shape[1])
    return _bifid(texts, keys[:, 25:50], keys[:, :25], np.argsort(order))


def _with_period(squares: KeyColumns, period: int) -> KeyColumns:
    return np.concatenate([squares, np.full((len(squares), 1), period)], axis=1)


def _twice(keys: KeyColumns) -> KeyColumns:
    """Bifid keys as those of the conjugated form: the same square twice."""
    return np.concatenate([keys[:, :25], keys], axis=1)


def _periods(keys: KeyColumns) -> list[str]:
    return [str(period) for period in keys[:, -1].tolist()]


def adfgx_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Row and column of each letter, transposed; keys are a square and an order of columns."""
    return COLUMNAR.encrypt(polybius_encrypt(texts, keys[:, :25]), keys[:, 25:])


def adfgx_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The coordinates back in their order, each two a letter."""
    return polybius_decrypt(COLUMNAR.decrypt(texts, keys[:, 25:]), keys[:, :25])


def draw_adfgx(rng: np.random.Generator, n: int, columns: int) -> KeyColumns:
    """Squares, and orders of so many columns; shape (n, 25 + columns)."""
    return np.concatenate([draw_squares(rng, n), COLUMNAR.draw_keys(rng, n, columns=columns)], axis=1)


def checkerboard_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The names of each letter's row and column; keys are a square, the rows' five names, and the columns'."""
    coordinates = polybius_encrypt(texts, keys[:, :25])
    hidden = np.empty_like(coordinates)
    hidden[:, ::2] = replace(coordinates[:, ::2], keys[:, 25:30])
    hidden[:, 1::2] = replace(coordinates[:, 1::2], keys[:, 30:])
    return hidden


def checkerboard_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The letter in the row and the column of each two names."""
    coordinates = np.empty_like(texts)
    for half, names in enumerate((keys[:, 25:30], keys[:, 30:])):
        number = np.zeros((len(keys), 26), np.int64)
        np.put_along_axis(number, names, np.arange(5)[None], axis=1)
        coordinates[:, half::2] = replace(texts[:, half::2], number)
    return polybius_decrypt(coordinates, keys[:, :25])


def draw_checkerboard(rng: np.random.Generator, n: int) -> KeyColumns:
    """Squares, and twice five different letters; shape (n, 35)."""
    names = [rng.permuted(np.tile(np.arange(26), (n, 1)), axis=1)[:, :5] for _ in range(2)]
    return np.concatenate([draw_squares(rng, n), *names], axis=1)


BIFID: Final = LetterCipher(
    "bifid",
    lambda texts, keys: cm_bifid_encrypt(texts, _twice(keys)),
    lambda texts, keys: cm_bifid_decrypt(texts, _twice(keys)),
    lambda rng, n, period: _with_period(draw_squares(rng, n), period),
    lambda keys: join_keys(letter_keys(keys[:, :25]), _periods(keys)),
    lambda period: _SQUARES,
    without_j,
)
CM_BIFID: Final = LetterCipher(
    "cm_bifid",
    cm_bifid_encrypt,
    cm_bifid_decrypt,
    lambda rng, n, period: _with_period(draw_two_squares(rng, n), period),
    lambda keys: join_keys(write_two_squares(keys[:, :50]), _periods(keys)),
    lambda period: _SQUARES**2,
    without_j,
)
ADFGX: Final = LetterCipher(
    "adfgx",
    adfgx_encrypt,
    adfgx_decrypt,
    draw_adfgx,
    lambda keys: join_keys(letter_keys(keys[:, :25]), letter_keys(keys[:, 25:])),
    lambda columns: _SQUARES * factorial(columns),
    without_j,
    "ADFGX",
)
CHECKERBOARD: Final = LetterCipher(
    "checkerboard",
    checkerboard_encrypt,
    checkerboard_decrypt,
    draw_checkerboard,
    lambda keys: join_keys(*(letter_keys(part) for part in np.split(keys, [25, 30], axis=1))),
    lambda: _SQUARES * perm(26, 5) ** 2,
    without_j,
)
