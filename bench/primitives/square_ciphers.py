"""Ciphers of squares of 25 letters, I standing for J: two and four squares, seriated Playfair, Phillips, Bazeries.

Sources: the cipher guidelines of the American Cryptogram Association, "The ACA and You" (all of them); Delastelle,
"Traité élémentaire de cryptographie", 1902 (four squares); Bazeries, "Les chiffres secrets dévoilés", 1901.
"""

from math import factorial
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import KeyColumns, LetterCipher, Letters, join_keys, letter_keys, write
from enigmath.bench.primitives.paired_letters import require_pairs, seriated
from enigmath.bench.primitives.playfair import BACKWARD, FORWARD
from enigmath.bench.primitives.squares import (
    LETTERS_25,
    draw_squares,
    places,
    read_square,
    require_no_j,
    without_j,
)
from enigmath.bench.primitives.substitutions import replace

_SQUARES: Final = factorial(25)
_PLAIN: Final = read_square(LETTERS_25)


def draw_two_squares(rng: np.random.Generator, n: int) -> KeyColumns:
    """Two squares side by side, each row by row; shape (n, 50)."""
    return np.concatenate([draw_squares(rng, n), draw_squares(rng, n)], axis=1)


def write_two_squares(keys: KeyColumns) -> list[str]:
    """The squares with a comma between them."""
    return join_keys(letter_keys(keys[:, :25]), letter_keys(keys[:, 25:]))


def _corners(texts: Letters, sought: tuple[KeyColumns, KeyColumns], found: tuple[KeyColumns, KeyColumns]) -> Letters:
    """Each letter of a pair sought in a square of its own; the rectangle's other corners, each in another square.

    The first corner is in the first letter's row, the other one in the second letter's.
    """
    require_pairs(texts.shape[1], "squares")
    first, second = (replace(texts[:, half::2], places(square, 26)) for half, square in enumerate(sought))
    corners = first // 5 * 5 + second % 5, second // 5 * 5 + first % 5
    pair = [replace(corner, square) for corner, square in zip(corners, found, strict=True)]
    return np.stack(pair, axis=2).reshape(texts.shape)


def four_square_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Sought in two straight squares, found in the key's two, upper right and lower left."""
    plain = np.repeat(_PLAIN, len(texts), axis=0)
    return _corners(require_no_j(texts), (plain, plain), (keys[:, :25], keys[:, 25:]))


def four_square_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The other way round."""
    plain = np.repeat(_PLAIN, len(texts), axis=0)
    return _corners(texts, (keys[:, :25], keys[:, 25:]), (plain, plain))


def two_square_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Two squares side by side: sought left and right, found right and left, so a pair of one row is turned around."""
    left, right = keys[:, :25], keys[:, 25:]
    return _corners(require_no_j(texts), (left, right), (right, left))


def two_square_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Sought right and left, found left and right."""
    left, right = keys[:, :25], keys[:, 25:]
    return _corners(texts, (right, left), (left, right))


def seriated_playfair(period: int) -> LetterCipher:
    """Playfair's cipher of letters that stand below each other, in groups of two rows of `period` letters.

    The lower one of two equal letters is replaced by X (by Q where they are XX), so a text keeps its length.
    """

    def separate(texts: Letters) -> Letters:
        texts = without_j(texts)
        upper, lower = seriated(texts.shape[1], period)
        first, second = texts[:, upper], texts[:, lower]
        texts[:, lower] = np.where(first != second, second, np.where(first == 23, 16, 23))
        return texts

    def by(rule: npt.NDArray[np.uint8], texts: Letters, keys: KeyColumns) -> Letters:
        require_pairs(texts.shape[1], "seriated playfair")
        upper, lower = seriated(texts.shape[1], period)
        if (texts[:, upper] == texts[:, lower]).any():
            raise UserError("two equal letters", where="seriated playfair", mend="X for the lower one")
        cells = replace(texts, places(keys, 26))
        moved = np.empty_like(texts)
        pairs = rule[cells[:, upper], cells[:, lower]]
        moved[:, upper], moved[:, lower] = pairs[:, :, 0], pairs[:, :, 1]
        return replace(moved, keys)

    return LetterCipher(
        "seriated_playfair",
        lambda texts, keys: by(FORWARD, require_no_j(texts), keys),
        lambda texts, keys: by(BACKWARD, texts, keys),
        draw_squares,
        letter_keys,
        lambda: _SQUARES,
        separate,
        read_key=read_square,
    )


_ROWS: Final = ("01234", "10234", "12034", "12304", "12340", "21340", "23140", "23410")
"""The eight squares of Phillips by the rows of the first: its first row moves down one by one, then its second."""


def _phillips_steps(rows_move: bool, columns_move: bool) -> npt.NDArray[np.uint8]:
    """In each of the eight squares the cell that stands right below each, as cells of the first; shape (8, 25)."""
    steps = np.empty((8, 25), np.uint8)
    for number, moved in enumerate(_ROWS):
        rows, columns = ([int(one) for one in (moved if moves else _ROWS[0])] for moves in (rows_move, columns_move))
        for row in range(5):
            for column in range(5):
                below = rows[(row + 1) % 5] * 5 + columns[(column + 1) % 5]
                steps[number, rows[row] * 5 + columns[column]] = below
    return steps


def _phillips(name: str, rows_move: bool, columns_move: bool) -> LetterCipher:
    """Five letters in each of the eight squares in turn, each letter replaced by the one right below it."""
    forward = _phillips_steps(rows_move, columns_move)
    backward = np.argsort(forward, axis=1).astype(np.uint8)

    def by(steps: npt.NDArray[np.uint8], texts: Letters, keys: KeyColumns) -> Letters:
        number = np.arange(texts.shape[1]) // 5 % 8
        return replace(steps[number, replace(texts, places(keys, 26))], keys)

    return LetterCipher(
        name,
        lambda texts, keys: by(forward, require_no_j(texts), keys),
        lambda texts, keys: by(backward, texts, keys),
        draw_squares,
        letter_keys,
        lambda: _SQUARES,
        without_j,
        read_key=read_square,
    )


def _reversed_groups(length: int, sizes: KeyColumns) -> npt.NDArray[np.int64]:
    """Each group turned around, the groups' sizes over and over; shape (n, length)."""
    ends = np.cumsum(np.take(sizes, np.arange(length) % sizes.shape[1], axis=1), axis=1)
    place = np.arange(length)
    begins = np.zeros((len(sizes), length + 1), np.int64)
    rows = np.arange(len(sizes))[:, None]
    begins[rows, np.minimum(ends, length)] = np.minimum(ends, length)
    start = np.maximum.accumulate(begins[:, :-1], axis=1)
    group = np.cumsum(begins[:, :-1] > 0, axis=1, dtype=np.int64)
    end = np.minimum(np.take_along_axis(ends, group, axis=1), length)
    return np.asarray(start + end - 1 - place)


_BY_COLUMNS: Final = np.arange(25).reshape(5, 5).T.ravel()
"""The cells of a square that is written column by column, from A to Z."""


def bazeries_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Groups as long as the digits turned around; then the key square's letter for each cell of a straight one.

    The straight square is written by columns. The key is a square and the digits; on paper the square is filled from
    the number written out.
    """
    square, digits = keys[:, :25], keys[:, 25:]
    turned = np.take_along_axis(require_no_j(texts), _reversed_groups(texts.shape[1], digits), axis=1)
    return replace(_BY_COLUMNS.astype(np.uint8)[places(_PLAIN, 26)[0]][turned], square)


def bazeries_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The letters of the straight square, and the groups turned around again."""
    square, digits = keys[:, :25], keys[:, 25:]
    plain = _PLAIN[0][np.argsort(_BY_COLUMNS)].astype(np.uint8)[replace(texts, places(square, 26))]
    return np.take_along_axis(plain, _reversed_groups(texts.shape[1], digits), axis=1)


def draw_bazeries(rng: np.random.Generator, n: int, digits: int) -> KeyColumns:
    """A square and so many digits from 1 to 9, shape (n, 25 + digits)."""
    return np.concatenate([draw_squares(rng, n), rng.integers(1, 10, size=(n, digits))], axis=1)


FOUR_SQUARE: Final = LetterCipher(
    "four_square",
    four_square_encrypt,
    four_square_decrypt,
    draw_two_squares,
    write_two_squares,
    lambda: _SQUARES**2,
    without_j,
)
TWO_SQUARE: Final = LetterCipher(
    "two_square",
    two_square_encrypt,
    two_square_decrypt,
    draw_two_squares,
    write_two_squares,
    lambda: _SQUARES**2,
    without_j,
)
PHILLIPS: Final = _phillips("phillips", rows_move=True, columns_move=False)
PHILLIPS_RC: Final = _phillips("phillips_rc", rows_move=True, columns_move=True)
"""The columns move as the rows do."""
BAZERIES: Final = LetterCipher(
    "bazeries",
    bazeries_encrypt,
    bazeries_decrypt,
    draw_bazeries,
    lambda keys: join_keys(letter_keys(keys[:, :25]), write(keys[:, 25:].astype(np.uint8), "0123456789")),
    lambda digits: int(_SQUARES * 9**digits),
    without_j,
)
