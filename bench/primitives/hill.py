"""The Hill cipher: blocks of letters times a matrix, modulo 26.

A block is a column of `size` numbers, A = 0, and its ciphertext is the key's matrix times it. Source: Hill,
"Cryptography in an algebraic alphabet", The American Mathematical Monthly, 1929.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import ALPHABET, KeyColumns, LetterCipher, Letters, letter_keys, read

LARGEST: Final = 4
Matrices = npt.NDArray[np.int64]
"""Square matrices, shape (n, size, size)."""


def determinant(matrices: Matrices) -> npt.NDArray[np.int64]:
    """Exact, by the first row; shape (n,)."""
    places = tuple(range(matrices.shape[1]))
    return _minor(np.ascontiguousarray(matrices.transpose(1, 2, 0)), places, places)


def _minor(cells: Matrices, rows: tuple[int, ...], columns: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """The determinant of some rows and columns of matrices that lie one behind the other, shape (size, size, n)."""
    if len(rows) == 1:
        return np.asarray(cells[rows[0], columns[0]])
    value = np.zeros(cells.shape[2], np.int64)
    for place, column in enumerate(columns):
        term = cells[rows[0], column] * _minor(cells, rows[1:], columns[:place] + columns[place + 1 :])
        value += -term if place % 2 else term
    return value


def inverse(matrices: Matrices) -> Matrices:
    """The inverse modulo 26, by cofactors; only of matrices that `invertible` allows."""
    places = tuple(range(matrices.shape[1]))
    cells = np.ascontiguousarray(matrices.transpose(1, 2, 0))
    adjugate = np.empty_like(matrices)
    for row in places:
        for column in places:
            cofactor = _minor(cells, places[:row] + places[row + 1 :], places[:column] + places[column + 1 :])
            adjugate[:, column, row] = -cofactor if (row + column) % 2 else cofactor
    return np.asarray(adjugate * _INVERSES[determinant(matrices) % 26, None, None] % 26)


def invertible(matrices: Matrices) -> npt.NDArray[np.bool_]:
    """Whether each matrix can be undone: its determinant has no divisor in common with 26; shape (n,)."""
    return np.asarray(_INVERSES[determinant(matrices) % 26] > 0)


_INVERSES: Final = np.array([pow(unit, -1, 26) if unit % 2 and unit % 13 else 0 for unit in range(26)])


def as_matrices(keys: KeyColumns) -> Matrices:
    """Keys row by row, shape (n, size * size), as matrices; UserError for sizes other than 2 to 4."""
    size = round(keys.shape[1] ** 0.5)
    if size * size != keys.shape[1] or not 2 <= size <= LARGEST:
        raise UserError(f"a key of {keys.shape[1]} letters", where="hill", mend="a matrix of 2 by 2 to 4 by 4")
    return keys.reshape(-1, size, size)


def encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The key's matrix times each block; UserError for a text that is not made of whole blocks."""
    return _times(as_matrices(keys), texts)


def decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The inverse times each block."""
    return _times(inverse(as_matrices(keys)), texts)


def _times(matrices: Matrices, texts: Letters) -> Letters:
    size = matrices.shape[1]
    if texts.shape[1] % size:
        raise UserError(f"a text of {texts.shape[1]} letters", where="hill", mend=f"whole blocks of {size}")
    blocks = texts.reshape(len(texts), -1, size).astype(np.float32)  # sums stay below 2**24, so they are exact
    product = blocks @ matrices.transpose(0, 2, 1).astype(np.float32)
    return (product.reshape(texts.shape).astype(np.uint16) % np.uint16(26)).astype(np.uint8)


def draw_keys(rng: np.random.Generator, n: int, size: int) -> KeyColumns:
    """Uniform invertible matrices other than the identity, row by row; shape (n, size * size)."""
    if not 2 <= size <= LARGEST:
        raise UserError(f"a matrix of {size} by {size}", where="hill", mend=f"from 2 to {LARGEST}")
    keys: KeyColumns = rng.integers(26, size=(n, size * size))
    identity = np.eye(size, dtype=np.int64).ravel()
    while len(again := np.flatnonzero(~invertible(as_matrices(keys)) | (keys == identity).all(axis=1))):
        keys[again] = rng.integers(26, size=(len(again), size * size))
    return keys


def count_keys(size: int) -> int:
    """Invertible matrices modulo 26 other than the identity: those modulo 2 times those modulo 13.

    >>> count_keys(2), count_keys(3)
    (157247, 1634038189055)
    """
    count = 1
    for prime in (2, 13):
        for row in range(size):
            count *= prime**size - prime**row
    return count - 1


def read_key(text: str) -> KeyColumns:
    """A matrix row by row, shape (1, size * size)."""
    if not text or set(text) - set(ALPHABET):
        raise UserError(f"{text[:40]!r} as a key", where="hill", mend="the letters of a matrix, row by row")
    keys = read(text).astype(np.int64)
    if not invertible(as_matrices(keys))[0]:
        mend = "one whose determinant is odd and no multiple of 13"
        raise UserError(f"the matrix {text}, which cannot be undone", where="hill", mend=mend)
    return keys


HILL: Final = LetterCipher("hill", encrypt, decrypt, draw_keys, letter_keys, count_keys, read_key=read_key)
