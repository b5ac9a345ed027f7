"""Periodic ciphers whose letters meet others: Slidefair and Portax, of pairs, and Nicodemus, which moves letters too.

Sources: the cipher guidelines of the American Cryptogram Association, "The ACA and You"; Portax is Red E. Raser's, The
Cryptogram, 1948.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import (
    KeyColumns,
    LetterCipher,
    Letters,
    count_words,
    draw_words,
    letter_keys,
)
from enigmath.bench.primitives.periodic_ciphers import repeated
from enigmath.bench.primitives.shift_ciphers import vigenere_decrypt, vigenere_encrypt

Columns = npt.NDArray[np.int64]


def require_pairs(length: int, cipher: str) -> None:
    """UserError for a text of an odd length."""
    if length % 2:
        raise UserError(f"a text of {length} letters", where=cipher, mend="an even number: pairs")


def seriated(length: int, period: int) -> tuple[Columns, Columns]:
    """Where the letters of each pair stand: a letter, and the one below it.

    The text is written in groups of two rows of `period` letters each, the last group in two shorter ones.

    >>> upper, lower = seriated(10, 3)
    >>> upper.tolist(), lower.tolist()
    ([0, 1, 2, 6, 7], [3, 4, 5, 8, 9])
    """
    upper = np.arange(length // 2)
    group = upper // period
    width = np.minimum(period, length // 2 - group * period)
    upper = upper + group * period
    return upper, upper + width


def slidefair_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Under each key letter two alphabets, one moved on by it: a pair's other corners, or, in one column, the next."""
    return _slidefair(texts, keys, 1)


def slidefair_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The other corners again, or the column before."""
    return _slidefair(texts, keys, -1)


def _slidefair(texts: Letters, keys: KeyColumns, step: int) -> Letters:
    require_pairs(texts.shape[1], "slidefair")
    first, second = texts[:, ::2].astype(np.int64), texts[:, 1::2].astype(np.int64)
    key = repeated(keys, first.shape[1])
    one_column = (first + key - second) % 26 == 0
    above = np.where(one_column, first + step, second - key) % 26
    below = np.where(one_column, second + step, first + key) % 26
    return np.stack([above, below], axis=2).reshape(texts.shape).astype(np.uint8)


def portax(texts: Letters, keys: KeyColumns) -> Letters:
    """Pairs of a letter and the one a row below it, exchanged on a slide of four rows: its own inverse.

    The rows are A to M, and below, moved by the key's letter, N to Z, then A, C, E to Y, then B, D, F to Z. The first
    letter is sought in the upper two, the second in the lower two: the rectangle's other corners take their places,
    or, where they stand in one column, the other letter of each two.
    """
    require_pairs(texts.shape[1], "portax")
    upper, lower = seriated(texts.shape[1], keys.shape[1])
    first, second = texts[:, upper].astype(np.int64), texts[:, lower].astype(np.int64)
    turn = repeated(keys // 2, first.shape[1])
    half, odd = first // 13, second % 2
    column, other = (first - half * turn) % 13, (second // 2 - turn) % 13
    half, odd = np.where(column == other, 1 - half, half), np.where(column == other, 1 - odd, odd)
    hidden = np.empty_like(texts)
    hidden[:, upper] = 13 * half + (other + half * turn) % 13
    hidden[:, lower] = 2 * ((column + turn) % 13) + odd
    return hidden


def nicodemus_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Vigenère's cipher, written in rows under the key word; read by its letters' order, five rows at a time."""
    return np.take_along_axis(vigenere_encrypt(texts, keys), _five_rows(texts.shape[1], keys), axis=1)


def nicodemus_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The letters back in their rows, and Vigenère's cipher undone."""
    moved = np.empty_like(texts, order="C")
    np.put_along_axis(moved, _five_rows(texts.shape[1], keys), texts, axis=1)
    return vigenere_decrypt(moved, keys)


def _five_rows(length: int, keys: KeyColumns) -> Columns:
    """For each place of the ciphertext that of the letter which stands there; shape (n, length)."""
    columns, place = keys.shape[1], np.arange(length)
    rank = np.argsort(np.argsort(keys, axis=1, kind="stable"), axis=1)
    number = place // (5 * columns) * columns + np.take(rank, place % columns, axis=1)
    return np.argsort(number.astype(np.uint16), axis=1, kind="stable")


SLIDEFAIR: Final = LetterCipher("slidefair", slidefair_encrypt, slidefair_decrypt, draw_words, letter_keys, count_words)
PORTAX: Final = LetterCipher(
    "portax",
    portax,
    portax,
    lambda rng, n, key_length: 2 * draw_words(rng, n, key_length, 13),
    letter_keys,
    lambda key_length: count_words(key_length, 13),
)
"""Of the two letters that do the same the keys have the first: A, C, E to Y."""
NICODEMUS: Final = LetterCipher("nicodemus", nicodemus_encrypt, nicodemus_decrypt, draw_words, letter_keys, count_words)
