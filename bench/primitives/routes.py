"""Transpositions that read letters by a number that each has: scytale, Myszkowski, redefence, Amsco, routes, grilles.

Each is one line: the number of every letter, and the ciphertext is the letters by rising numbers, those of one number
in the order of the text. Texts are never padded: a grid's last row or square may be short. Sources: the cipher
guidelines of the American Cryptogram Association, "The ACA and You" (most of them; Swagman is Bunyip's, The Cryptogram,
1977); Kahn, "The Codebreakers", 1967 (the scytale; Fleissner's grille, 1881).
"""

from collections.abc import Callable
from functools import cache
from math import comb, factorial, gcd
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import KeyColumns, LetterCipher, Letters, join_keys, letter_keys, write
from enigmath.bench.primitives.transpositions import draw_orders

Numbers = npt.NDArray[np.int64]
ROUTES: Final = ("snake", "rows", "diagonals", "slopes", "spiral")
"""Ways through a rectangle, each from any of its four corners."""


def _by_numbers(numbers: Callable[[int, KeyColumns], Numbers], **fields: Any) -> LetterCipher:
    """The cipher that reads letters by rising `numbers(length, keys)`, shape (n, length)."""

    def reading(texts: Letters, keys: KeyColumns) -> Numbers:
        return np.argsort(numbers(texts.shape[1], keys).astype(np.uint16), axis=1, kind="stable")

    def encrypt(texts: Letters, keys: KeyColumns) -> Letters:
        return np.take_along_axis(texts, reading(texts, keys), axis=1)

    def decrypt(texts: Letters, keys: KeyColumns) -> Letters:
        plain = np.empty_like(texts, order="C")
        np.put_along_axis(plain, reading(texts, keys), texts, axis=1)
        return plain

    return LetterCipher(encrypt=encrypt, decrypt=decrypt, **fields)


def rail_numbers(length: int, keys: KeyColumns) -> Numbers:
    """Down and up over the rails; which rail is read as the how-manieth is the key."""
    rails = keys.shape[1]
    down = np.arange(length) % (2 * rails - 2)
    return np.asarray(np.take(keys, np.minimum(down, 2 * rails - 2 - down), axis=1))


@cache
def _amsco_columns(length: int, columns: int) -> Numbers:
    """The column of each letter where cells hold two letters and one by turns, along each row and each column."""
    cells: list[int] = []
    row = 0
    while len(cells) < length:
        for column in range(columns):
            cells += [column] * (2 - (row + column) % 2)
        row += 1
    return np.array(cells[:length])


def swagman_numbers(length: int, keys: KeyColumns) -> Numbers:
    """Written in as many rows as the square has, and read by columns, each in the order of the square's own column."""
    size = round(keys.shape[1] ** 0.5)
    width = -(-length // size)
    row, column = np.divmod(np.arange(length), width)
    return np.asarray(column * size + keys[:, row * size + column % size])


def draw_latin_squares(rng: np.random.Generator, n: int, size: int) -> KeyColumns:
    """Squares with each number once in each row and column: the cyclic one with its rows, columns and numbers mixed.

    These are not all Latin squares where there are four rows or more. Shape (n, size * size), row by row.
    """
    rows, columns, numbers = (rng.permuted(np.tile(np.arange(size), (n, 1)), axis=1) for _ in range(3))
    cells = (rows[:, :, None] + columns[:, None, :]) % size
    return np.take_along_axis(numbers, cells.reshape(n, -1), axis=1)


def count_latin_squares(size: int) -> int:
    """How many squares `draw_latin_squares` draws from: the cyclic one has size² times as many symmetries as units.

    >>> count_latin_squares(3), count_latin_squares(4)
    (12, 432)
    """
    units = sum(gcd(number, size) == 1 for number in range(size))
    return int(factorial(size) ** 3 // (size * size * units))


def grille_numbers(length: int, keys: KeyColumns) -> Numbers:
    """Written through the holes of a grille that is turned by a quarter four times; the square is read row by row.

    The key has a number from 0 to 3 for each cell of the square's upper left quarter: in which of the four places to
    which turning takes it the hole is.
    """
    half = round(keys.shape[1] ** 0.5)
    cells = 4 * half * half
    turned = np.arange(cells).reshape(2 * half, 2 * half)
    turn = np.empty((len(keys), cells), np.int64)
    for quarter in range(4):  # the hole reaches this place after so many turns
        turn[:, turned[:half, :half].ravel()] = (quarter - keys) % 4
        turned = np.rot90(turned)
    cell = np.argsort(turn.astype(np.uint8), axis=1, kind="stable")
    block, place = np.divmod(np.arange(length), cells)
    return np.asarray(block * cells + cell[:, place])


def nihilist_numbers(length: int, keys: KeyColumns) -> Numbers:
    """Written in squares by rows; read by columns, both in the key's order."""
    size = keys.shape[1]
    block, place = np.divmod(np.arange(length), size * size)
    return np.asarray(block * size * size + keys[:, place % size] * size + keys[:, place // size])


@cache
def _ways(rows: int, columns: int) -> Numbers:
    """As the how-manieth each cell of a rectangle is read on each way; shape (5 * 4, rows * columns)."""
    row, column = (one.ravel() for one in np.mgrid[:rows, :columns])
    snake = column * rows + np.where(column % 2, rows - 1 - row, row)
    across = row * columns + np.where(row % 2, columns - 1 - column, column)
    diagonal = (row + column) * max(rows, columns)
    bent = np.where((row + column) % 2, row, column)
    ways = [snake, across, diagonal + row, diagonal + bent, _spiral(rows, columns)]
    corners = np.arange(rows * columns).reshape(rows, columns)
    turned = [corners, corners[:, ::-1], corners[::-1], corners[::-1, ::-1]]
    return np.stack([way[corner.ravel()] for way in ways for corner in turned])


def _spiral(rows: int, columns: int) -> Numbers:
    """Clockwise inwards from the upper left corner."""
    left = np.arange(rows * columns).reshape(rows, columns)
    order: list[int] = []
    while left.size:
        order += left[0].tolist()
        left = np.rot90(left[1:])
    return np.argsort(order)


def route_numbers(length: int, keys: KeyColumns) -> Numbers:
    """Written by rows of so many columns; read on a way through the rectangle. Keys are columns, way and corner."""
    if not len(keys):
        return np.empty((0, length), np.int64)
    columns = int(keys[0, 0])
    return _ways(-(-length // columns), columns)[keys[:, 1] * 4 + keys[:, 2], :length]


def draw_routes(rng: np.random.Generator, n: int, columns: int) -> KeyColumns:
    """So many columns, and a uniform way and corner; shape (n, 3)."""
    way = rng.integers(len(ROUTES) * 4, size=n)
    return np.stack([np.full(n, columns), way // 4, way % 4], axis=1)


def draw_repeating_words(rng: np.random.Generator, n: int, columns: int) -> KeyColumns:
    """Uniform words in which a letter stands twice and two letters differ, as their ranks; shape (n, columns).

    UserError for fewer than three columns.
    """
    if columns < 3:
        raise UserError(f"{columns} columns", where="myszkowski", mend="3 or more")
    words = rng.integers(columns, size=(n, columns))
    while len(again := np.flatnonzero(~_mixed(words))):
        words[again] = rng.integers(columns, size=(len(again), columns))
    present = (words[:, :, None] == np.arange(columns)).any(axis=1)
    return np.take_along_axis(np.cumsum(present, axis=1) - 1, words, axis=1)


def _mixed(words: KeyColumns) -> npt.NDArray[np.bool_]:
    """Whether each has a letter twice, and two that differ."""
    different = 1 + (np.diff(np.sort(words, axis=1), axis=1) > 0).sum(axis=1)
    return np.asarray((different > 1) & (different < words.shape[1]))


def count_repeating_words(columns: int) -> int:
    """Words by rank of so many letters, but those of one letter alone and those without a repetition.

    >>> count_repeating_words(3)
    6
    """
    ranked = [1]  # weak orders (the ordered Bell numbers)
    for size in range(1, columns + 1):
        ranked.append(sum(comb(size, part) * ranked[size - part] for part in range(1, size + 1)))
    return ranked[columns] - 1 - factorial(columns)


def _columns_of(keys: KeyColumns, length: int) -> KeyColumns:
    return np.asarray(np.take(keys, np.arange(length) % keys.shape[1], axis=1))


SCYTALE: Final = _by_numbers(
    lambda length, keys: np.arange(length) % keys,
    name="scytale",
    draw_keys=lambda rng, n, columns: np.full((n, 1), columns),
    write_keys=lambda keys: [str(columns) for (columns,) in keys.tolist()],
    keys_of_size=lambda columns: 1,
)
MYSZKOWSKI: Final = _by_numbers(
    lambda length, keys: _columns_of(keys, length),
    name="myszkowski",
    draw_keys=draw_repeating_words,
    write_keys=letter_keys,
    keys_of_size=count_repeating_words,
)
"""Columns of one letter are read together, row by row."""
REDEFENCE: Final = _by_numbers(
    rail_numbers,
    name="redefence",
    draw_keys=lambda rng, n, rails: draw_orders(rng, n, rails),
    write_keys=letter_keys,
    keys_of_size=lambda rails: factorial(rails),
)
AMSCO: Final = _by_numbers(
    lambda length, keys: keys[:, _amsco_columns(length, keys.shape[1])],
    name="amsco",
    draw_keys=draw_orders,
    write_keys=letter_keys,
    keys_of_size=lambda columns: factorial(columns),
)
SWAGMAN: Final = _by_numbers(
    swagman_numbers,
    name="swagman",
    draw_keys=draw_latin_squares,
    write_keys=letter_keys,
    keys_of_size=count_latin_squares,
)
GRILLE: Final = _by_numbers(
    grille_numbers,
    name="grille",
    draw_keys=lambda rng, n, half: rng.integers(4, size=(n, half * half)),
    write_keys=lambda keys: write(keys.astype(np.uint8), "0123"),
    keys_of_size=lambda half: 4 ** (half * half),
)
NIHILIST_TRANSPOSITION: Final = _by_numbers(
    nihilist_numbers,
    name="nihilist_transposition",
    draw_keys=lambda rng, n, size: draw_orders(rng, n, size),
    write_keys=letter_keys,
    keys_of_size=lambda size: factorial(size),
)
ROUTE: Final = _by_numbers(
    route_numbers,
    name="route",
    draw_keys=draw_routes,
    write_keys=lambda keys: join_keys(
        [str(columns) for columns in keys[:, 0].tolist()],
        [ROUTES[way] for way in keys[:, 1].tolist()],
        write(keys[:, 2:].astype(np.uint8), "0123"),
    ),
    keys_of_size=lambda columns: 4 * len(ROUTES),
)
