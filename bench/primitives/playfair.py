"""The Playfair cipher: pairs of letters by the rectangles that they span in a square.

The square has 25 letters, I standing for J. The second of two equal letters in one pair is replaced by X (by Q where
they are XX) and not, as on paper, pushed on behind an inserted X: so a text keeps its length, and which of the letters
was replaced must be told from the sense. Source: Wheatstone, 1854; Kahn, "The Codebreakers", 1967.
"""

from math import factorial
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import KeyColumns, LetterCipher, Letters, letter_keys
from enigmath.bench.primitives.squares import draw_squares, places, read_square, require_no_j, without_j
from enigmath.bench.primitives.substitutions import replace

_X, _Q = np.uint8(23), np.uint8(16)


def _rule(step: int) -> npt.NDArray[np.uint8]:
    """For the cells of two letters those of their ciphertext, shape (25, 25, 2); a step of -1 undoes one of 1."""
    row, column = np.divmod(np.arange(25), 5)
    first, other = np.s_[:, None], np.s_[None, :]
    same_row, same_column = row[first] == row[other], column[first] == column[other]
    right, down = row * 5 + (column + step) % 5, (row + step) % 5 * 5 + column
    moved = []
    for here, there in ((first, other), (other, first)):
        corner = row[here] * 5 + column[there]
        moved.append(np.where(same_row, right[here], np.where(same_column, down[here], corner)))
    return np.stack(moved, axis=2).astype(np.uint8)


FORWARD: Final = _rule(1)
BACKWARD: Final = _rule(-1)


def separate(texts: Letters) -> Letters:
    """The texts as the square can carry them: I for J, and no pair of two equal letters; shape (n, length)."""
    texts = without_j(texts)
    first, second = texts[:, : texts.shape[1] - 1 : 2], texts[:, 1::2]
    texts[:, 1::2] = np.where(first != second, second, np.where(first == _X, _Q, _X))
    return texts


def encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """In a row the letters to the right, in a column those below, else the rectangle's other corners, own row first.

    UserError for texts of odd length, with a J, or with a pair of two equal letters.
    """
    return _by(FORWARD, require_no_j(texts), keys)


def decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """To the left, above, and the other corners again."""
    return _by(BACKWARD, texts, keys)


def _by(rule: npt.NDArray[np.uint8], texts: Letters, keys: KeyColumns) -> Letters:
    if texts.shape[1] % 2:
        raise UserError(f"a text of {texts.shape[1]} letters", where="playfair", mend="an even number: pairs")
    if (texts[:, ::2] == texts[:, 1::2]).any():
        raise UserError("a pair of two equal letters", where="playfair", mend="X for the second one")
    cells = replace(texts, places(keys, 26))
    return replace(rule[cells[:, ::2], cells[:, 1::2]].reshape(cells.shape), keys)


PLAYFAIR: Final = LetterCipher(
    "playfair", encrypt, decrypt, draw_squares, letter_keys, lambda: factorial(25), separate, read_key=read_square
)
