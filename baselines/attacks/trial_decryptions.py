"""How near to English a ciphertext comes when simple ciphers are undone on trial: all keys, or the best of each part.

A cipher with few keys is undone by each of them. Where a key falls into parts that can be sought one by one (letters of
a word, rows of a matrix, neighbours of a column), the best of each is taken by itself, and only its fit is told.
"""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import log_probabilities
from enigmath.bench.primitives.letter_cipher import Letters
from enigmath.bench.primitives.routes import ROUTE, ROUTES, SCYTALE
from enigmath.bench.primitives.transpositions import RAIL_FENCE

Floats = npt.NDArray[np.float32]
WORDS: Final = range(2, 13)
"""Lengths of key words that are tried."""


@cache
def affinity() -> Floats:
    """How much more likely each letter is after each other one than by itself, as logarithms; shape (676,)."""
    return np.asarray(log_probabilities(2)[:26, :26] - log_probabilities(1)[:26]).ravel()


def counts_of(numbers: npt.NDArray[Any], symbols: int) -> Floats:
    """How often each symbol stands in each row, shape (n, symbols)."""
    first = np.arange(len(numbers), dtype=np.int32)[:, None] * np.int32(symbols)
    counts = np.bincount((first + numbers).ravel(), minlength=len(numbers) * symbols)
    return counts.reshape(len(numbers), symbols).astype(np.float32)


def trials(texts: Letters) -> list[Floats]:
    """The fits of texts of one length under all trials, each of shape (n,) or (n, keys)."""
    return [*_routes(texts), *_columns(texts), *_squares(texts), *_autokeys(texts), *_slides(texts), *_matrices(texts)]


@cache
def _orders(length: int) -> tuple[npt.NDArray[np.int64], ...]:
    """In which order rail fences, scytales and routes take the letters back; shapes (keys, length)."""
    places: Any = np.arange(length)[None]  # a cipher moves numbers as it moves letters
    rails = [RAIL_FENCE.decrypt(places, np.array([[rails]])) for rails in range(2, 13)]
    rods = [SCYTALE.decrypt(places, np.array([[columns]])) for columns in range(4, 13)]
    ways = [
        ROUTE.decrypt(places, np.array([[columns, way, corner]]))
        for columns in range(4, 13)
        for way in range(len(ROUTES))
        for corner in range(4)
    ]
    return np.concatenate(rails), np.concatenate(rods), np.concatenate(ways)


def _routes(texts: Letters) -> list[Floats]:
    """The best fit of neighbours over all keys of rail fence, scytale and route."""
    code = texts.astype(np.int32)
    first = code * 26
    best = []
    for orders in _orders(texts.shape[1]):
        fits = [affinity().take(first[:, order[:-1]] + code[:, order[1:]]).mean(axis=1) for order in orders]
        best.append(np.max(fits, axis=0))
    return best


def _columns(texts: Letters) -> list[Floats]:
    """For 3 to 12 columns, about equal ones, how well the best neighbour of each one stands beside it."""
    length = texts.shape[1]
    code = texts.astype(np.int32)
    fits = []
    for columns in range(3, 13):
        height = length // columns
        starts = np.arange(columns) * length // columns
        left = code[:, starts[:, None] + np.arange(height)] * 26
        best = np.full((len(texts), columns), -np.inf, np.float32)
        for off in (-1, 0, 1):
            right = code[:, np.clip(starts + off, 0, length - height)[:, None] + np.arange(height)]
            beside = affinity().take(left[:, :, None] + right[:, None]).mean(axis=3)
            beside[:, np.arange(columns), np.arange(columns)] = -np.inf
            best = np.maximum(best, beside.max(axis=2))
        fits.append(best.mean(axis=1))
    return fits


def _squares(texts: Letters) -> list[Floats]:
    """The same within the squares of a Nihilist transposition, and from each row to the next column in a Swagman's."""
    code = texts.astype(np.int32)
    fits = []
    for size in range(3, 11):
        whole = texts.shape[1] // (size * size) * size * size
        if not whole:
            fits += [np.zeros(len(texts), np.float32)] * 2
            continue
        squares = code[:, :whole].reshape(len(texts), -1, size, size)
        beside = affinity().take(squares[:, :, :, None] * 26 + squares[:, :, None]).mean(axis=(1, 4))
        beside[:, np.arange(size), np.arange(size)] = -np.inf
        fits.append(beside.max(axis=2).mean(axis=1))
        across = affinity().take(squares[:, :, :-1, :, None] * 26 + squares[:, :, 1:, None]).mean(axis=1)
        fits.append(across.max(axis=3).mean(axis=(1, 2)))
    return fits


@cache
def _two_ways() -> tuple[Floats, Floats]:
    """ln of the frequency of a letter less, and plus, each key letter; shapes (26, 26)."""
    letter, key = np.arange(26)[:, None], np.arange(26)[None]
    log = log_probabilities(1)
    return np.asarray(log[(letter - key) % 26]), np.asarray(log[(letter + key) % 26])


def _best_words(less: npt.NDArray[Any], plus: npt.NDArray[Any], words: int, total: int) -> Floats:
    """The fit under the best word, each letter sought by itself: what it is taken from, and what it is added to.

    Both are `column * 26 + letter`, shape (n, any).
    """
    minus, added = _two_ways()
    fits = counts_of(less, 26 * words).reshape(-1, 26) @ minus + counts_of(plus, 26 * words).reshape(-1, 26) @ added
    best: Floats = fits.max(axis=1).reshape(-1, words).sum(axis=1) / total
    return best


def _autokeys(texts: Letters) -> list[Floats]:
    """Under an autokey all letters of a chain hang on one of the word, taken from one and added to the next."""
    length = texts.shape[1]
    place = np.arange(length, dtype=np.int32)
    fits = []
    for size in WORDS:
        chain = texts.astype(np.int32)
        for start in range(size, length, size):
            piece = chain[:, start : start + size]
            chain[:, start : start + size] = (piece - chain[:, start - size : start][:, : piece.shape[1]]) % 26
        chain += place % size * 26
        odd = place // size % 2 == 1
        fits.append(_best_words(chain[:, ~odd], chain[:, odd], size, length))
    return fits


def _slides(texts: Letters) -> list[Floats]:
    """Under a Slidefair the first of a pair is the second less the key, and the second the first plus the key."""
    first, second = texts[:, ::2].astype(np.int32), texts[:, 1::2].astype(np.int32)
    column = np.arange(first.shape[1], dtype=np.int32)
    return [
        _best_words(second + (column % size * 26)[: second.shape[1]], first + column % size * 26, size, texts.shape[1])
        for size in WORDS
    ]


@cache
def _rows() -> Floats:
    """ln of the frequency of `a` times a first letter and `b` times a second one, for all a and b; shape (676, 676)."""
    one, other = np.divmod(np.arange(676), 26)
    rows = np.flatnonzero((one * 13 % 26 > 0) | (other * 13 % 26 > 0))  # not both even
    rows = rows[(one[rows] % 13 > 0) | (other[rows] % 13 > 0)]
    sums = (one[:, None] * one[rows] + other[:, None] * other[rows]) % 26
    return np.asarray(log_probabilities(1)[sums])


def _matrices(texts: Letters) -> list[Floats]:
    """Under Hill's cipher of pairs each row of the inverse matrix gives English letters: the best two rows."""
    pairs = counts_of(texts[:, : texts.shape[1] - 1 : 2].astype(np.int32) * 26 + texts[:, 1::2], 676)
    fits = np.partition(pairs @ _rows(), -2, axis=1)[:, -2:] / (texts.shape[1] // 2)
    return [fits[:, 1], fits[:, 0]]
