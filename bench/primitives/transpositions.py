"""Ciphers that move letters and change none: rail fence, columnar, double columnar transposition.

Texts are never padded: the last row of a grid may be short. Sources: Kahn, "The Codebreakers", 1967; Friedman,
"Military Cryptanalysis", part IV, 1941 (columns of unequal length). The double columnar is the German army's of 1914,
here with two keys instead of one used twice.
"""

from math import factorial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import ALPHABET, KeyColumns, LetterCipher, Letters, letter_keys

Places = npt.NDArray[np.int64]
"""For each letter of the plaintext its place in the ciphertext; shape (n, length)."""


def rail_places(length: int, keys: KeyColumns) -> Places:
    """Down and up over so many rails, read rail by rail; the one column of the keys is the number of rails."""
    _require_fewer(keys, length, "rails")
    table = np.empty((int(keys.max()) + 1, length), np.int64)
    for rails in np.unique(keys).tolist():
        down = np.arange(length) % (2 * rails - 2)
        rail = np.minimum(down, 2 * rails - 2 - down)
        table[rails, np.argsort(rail, kind="stable")] = np.arange(length)
    return np.asarray(table[keys[:, 0]])


def column_places(length: int, keys: KeyColumns) -> Places:
    """Written in rows, read column by column; keys[:, c] says as the how-manieth column c is read, from 0."""
    columns = keys.shape[1]
    if columns > length:
        raise UserError(f"{columns} columns for {length} letters", where="columnar", mend="at most one column a letter")
    heights = (length - np.arange(columns) + columns - 1) // columns
    in_order = heights[np.argsort(keys, axis=1)]
    starts = np.take_along_axis(np.cumsum(in_order, axis=1) - in_order, keys, axis=1)
    rows = -(-length // columns)
    places = starts[:, None, :] + np.arange(rows)[:, None]  # row by row, as the text is written
    return places.reshape(len(keys), -1)[:, :length]


def double_column_places(length: int, keys: KeyColumns) -> Places:
    """Two columnar transpositions, one after the other; the first half of the key columns is the first one's key."""
    first, second = np.split(keys, 2, axis=1)
    return np.take_along_axis(column_places(length, second), column_places(length, first), axis=1)


def _require_fewer(keys: KeyColumns, length: int, unit: str) -> None:
    if len(keys) and not 2 <= int(keys.min()) <= int(keys.max()) < length:
        worst = int(keys.min()) if int(keys.min()) < 2 else int(keys.max())
        mend = f"from 2 to {length - 1}: with others nothing moves"
        raise UserError(f"{worst} {unit} for {length} letters", where="rail fence", mend=mend)


def draw_rails(rng: np.random.Generator, n: int, most_rails: int) -> KeyColumns:
    """A uniform number of rails from 2 to `most_rails`; shape (n, 1)."""
    if most_rails < 2:
        raise UserError(f"at most {most_rails} rails", where="rail fence", mend="2 or more")
    return rng.integers(2, most_rails + 1, size=(n, 1))


def draw_orders(rng: np.random.Generator, n: int, columns: int) -> KeyColumns:
    """Uniform orders of columns; shape (n, columns)."""
    if not 2 <= columns <= len(ALPHABET):
        raise UserError(f"{columns} columns", where="columnar", mend=f"from 2 to {len(ALPHABET)}")
    return rng.permuted(np.tile(np.arange(columns), (n, 1)), axis=1)


def draw_two_orders(rng: np.random.Generator, n: int, columns: int) -> KeyColumns:
    """Two uniform orders of columns side by side; shape (n, 2 * columns)."""
    return np.concatenate([draw_orders(rng, n, columns), draw_orders(rng, n, columns)], axis=1)


def write_two_orders(keys: KeyColumns) -> list[str]:
    """Two orders with a comma between them.

    >>> write_two_orders(np.array([[2, 0, 1, 0, 2, 1]]))
    ['CAB,ACB']
    """
    first, second = np.split(keys, 2, axis=1)
    return [f"{one},{other}" for one, other in zip(letter_keys(first), letter_keys(second), strict=True)]


def _transposition(places: Any, **fields: Any) -> LetterCipher:
    """The cipher that sends letters to the places that `places(length, keys)` gives."""

    def encrypt(texts: Letters, keys: KeyColumns) -> Letters:
        moved = np.empty(texts.size, texts.dtype)
        moved[places(texts.shape[1], keys) + np.arange(len(texts))[:, None] * texts.shape[1]] = texts
        return moved.reshape(texts.shape)

    def decrypt(texts: Letters, keys: KeyColumns) -> Letters:
        return np.take_along_axis(texts, places(texts.shape[1], keys), axis=1)

    return LetterCipher(encrypt=encrypt, decrypt=decrypt, **fields)


RAIL_FENCE: Final = _transposition(
    rail_places,
    name="rail_fence",
    draw_keys=draw_rails,
    write_keys=lambda keys: [str(rails) for (rails,) in keys.tolist()],
    keys_of_size=lambda most_rails: most_rails - 1,
)
COLUMNAR: Final = _transposition(
    column_places,
    name="columnar",
    draw_keys=draw_orders,
    write_keys=letter_keys,
    keys_of_size=lambda columns: factorial(columns),
)
DOUBLE_COLUMNAR: Final = _transposition(
    double_column_places,
    name="double_columnar",
    draw_keys=draw_two_orders,
    write_keys=write_two_orders,
    keys_of_size=lambda columns: factorial(columns) ** 2,
)
