"""Ciphers of a square whose cells have two coordinates: Polybius (5 by 5, digits) and ADFGVX (6 by 6, transposed).

Polybius' square has no J: I stands for it (`without_j`). The square of ADFGVX has all 26 letters and the 10 digits, and
its coordinates, row before column, are then read out of a columnar transposition, whose last row may be short. Sources:
Kahn, "The Codebreakers", 1967 (both); Childs, "General Solution of the ADFGVX Cipher System", 1934.
"""

from math import factorial
from typing import Final

import numpy as np

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import (
    ALPHABET,
    KeyColumns,
    LetterCipher,
    Letters,
    letter_keys,
    read,
    write,
)
from enigmath.bench.primitives.substitutions import replace
from enigmath.bench.primitives.transpositions import COLUMNAR

LETTERS_25: Final = ALPHABET.replace("J", "")
LETTERS_AND_DIGITS: Final = ALPHABET + "0123456789"
_I, _J = 8, 9


def without_j(texts: Letters) -> Letters:
    """The texts with I for J."""
    return np.where(texts == _J, np.uint8(_I), texts)


def draw_squares(rng: np.random.Generator, n: int) -> KeyColumns:
    """Uniform squares of the 25 letters without J, row by row; shape (n, 25)."""
    return rng.permuted(np.tile(read(LETTERS_25).astype(np.int64), (n, 1)), axis=1)


def read_square(text: str) -> KeyColumns:
    """A square of 25 letters row by row, shape (1, 25)."""
    if sorted(text) != list(LETTERS_25):
        raise UserError(f"{text[:40]!r} as a square", where="cipher key", mend="each letter but J once, row by row")
    return read(text).astype(np.int64)


def places(squares: KeyColumns, symbols: int) -> KeyColumns:
    """The cell of each symbol, shape (n, symbols); UserError for a square of another size than 25 or 36 cells."""
    cells = squares.shape[1]
    if cells != (25 if symbols == 26 else symbols):
        raise UserError(f"a square of {cells} cells", where="cipher key", mend="25 for letters, 36 with digits")
    place = np.zeros(len(squares) * symbols, np.int64)
    place[squares + np.arange(len(squares))[:, None] * symbols] = np.arange(cells)
    return place.reshape(len(squares), symbols)


def require_no_j(texts: Letters) -> Letters:
    """The texts themselves; UserError where a J stands in them."""
    if (texts == _J).any():
        raise UserError("a J, which the square does not have", where="plaintext", mend="I in its place")
    return texts


def polybius_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Row and column of each letter's cell, counted from 0 here (and written 1 to 5); shape (n, 2 * length)."""
    return _coordinates(replace(require_no_j(texts), places(keys, 26)), 5)


def polybius_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The letter in the cell of each two coordinates; UserError where one is left."""
    places(keys, 26)
    return replace(_cells(texts, 5), keys)


def _coordinates(cells: Letters, side: int) -> Letters:
    return np.stack([cells // np.uint8(side), cells % np.uint8(side)], axis=2).reshape(len(cells), -1)


def _cells(coordinates: Letters, side: int) -> Letters:
    if coordinates.shape[1] % 2:
        raise UserError(f"{coordinates.shape[1]} coordinates", where="ciphertext", mend="an even number: two a letter")
    return np.asarray(coordinates[:, ::2] * np.uint8(side) + coordinates[:, 1::2])


def adfgvx_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The coordinates of each letter's cell, transposed; keys are 36 cells and an order of columns."""
    square, order = keys[:, :36], keys[:, 36:]
    return COLUMNAR.encrypt(_coordinates(replace(texts, places(square, 36)), 6), order)


def adfgvx_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Letters as 0 to 25 and, as a wrong key may have them, digits as 26 to 35."""
    square, order = keys[:, :36], keys[:, 36:]
    places(square, 36)
    return replace(_cells(COLUMNAR.decrypt(texts, order), 6), square)


def draw_adfgvx(rng: np.random.Generator, n: int, columns: int) -> KeyColumns:
    """Uniform squares of 36 cells, and uniform orders of so many columns; shape (n, 36 + columns)."""
    squares = rng.permuted(np.tile(np.arange(36), (n, 1)), axis=1)
    return np.concatenate([squares, COLUMNAR.draw_keys(rng, n, columns=columns)], axis=1)


def write_adfgvx(keys: KeyColumns) -> list[str]:
    """The square row by row, a comma, and the word whose letters' order is that of the columns."""
    squares = write(keys[:, :36].astype(np.uint8), LETTERS_AND_DIGITS)
    return [f"{square},{word}" for square, word in zip(squares, letter_keys(keys[:, 36:]), strict=True)]


def read_adfgvx(text: str) -> KeyColumns:
    """A square and the order of the columns, shape (1, 36 + columns)."""
    square, _, word = text.partition(",")
    if sorted(square) != sorted(LETTERS_AND_DIGITS) or sorted(word) != list(ALPHABET[: len(word)]) or len(word) < 2:
        mend = "36 letters and digits once each, a comma, and a word with each of the first letters once"
        raise UserError(f"{text[:60]!r} as a key", where="adfgvx", mend=mend)
    return np.concatenate([read(square, LETTERS_AND_DIGITS), read(word)], axis=1).astype(np.int64)


POLYBIUS: Final = LetterCipher(
    "polybius",
    polybius_encrypt,
    polybius_decrypt,
    draw_squares,
    letter_keys,
    lambda: factorial(25),
    without_j,
    "12345",
    read_square,
)
ADFGVX: Final = LetterCipher(
    "adfgvx",
    adfgvx_encrypt,
    adfgvx_decrypt,
    draw_adfgvx,
    write_adfgvx,
    lambda columns: factorial(36) * factorial(columns),
    symbols="ADFGVX",
    read_key=read_adfgvx,
)
