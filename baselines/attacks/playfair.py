"""The attack on Playfair: simulated annealing over squares, by runs of three letters, and a climb by runs of four.

From one square to the next by an exchange of two letters, of two rows or of two columns, or by turning it over. Many
are tried at once and the first that the Metropolis rule accepts is taken, which is the same chain as one after another.
The temperature is proportional to the length of the text, as likelihoods are. It ends early on what reads as English.
Source: Cowan, "Breaking short Playfair ciphers with the simulated annealing algorithm", Cryptologia, 2008.
"""

from functools import cache
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import log_likelihood, log_probabilities
from enigmath.bench.primitives.letter_cipher import KeyColumns, Letters
from enigmath.bench.primitives.playfair import BACKWARD

_HOT, _COLD = 0.044, 0.032
"""Temperatures a letter of the text."""
_ENGLISH: Final = -2.75
"""ln P a letter, by runs of three, above which a text reads as English; wrong squares stay near -3.5."""
_AT_ONCE: Final = 16
_WHOLE_MOVES: Final = 0.1
"""The share of moves of whole rows, columns or squares."""


def annealed(hidden: Letters, rng: np.random.Generator, chains: int, steps: int) -> KeyColumns | None:
    """The likeliest square found, shape (1, 25); None for a text that no Playfair square makes."""
    length = hidden.shape[1]
    if length % 2 or length < 4 or (hidden == 9).any() or (hidden[0, ::2] == hidden[0, 1::2]).any():
        return None
    pairs = hidden.reshape(-1, 2).astype(np.int32)
    found, best = np.empty(0, np.int32), -np.inf
    for _ in range(chains):
        square, score = _chain(pairs, rng, steps)
        if score > best:
            found, best = square, score
        if best > _ENGLISH * length:
            break
    return _climb(pairs, found)[None].astype(np.int64)


def _chain(pairs: npt.NDArray[np.int32], rng: np.random.Generator, steps: int) -> tuple[npt.NDArray[np.int32], float]:
    """The likeliest square of one chain, and its log-likelihood."""
    moves, exchanges = _moves()
    length = pairs.size
    square = rng.permutation(np.delete(np.arange(26, dtype=np.int32), 9))
    score = float(_scores(pairs, square[None])[0])
    best, found = score, square
    for temperature in np.linspace(_HOT * length, _COLD * length, steps):
        small, whole = rng.integers(exchanges, size=_AT_ONCE), rng.integers(exchanges, len(moves), size=_AT_ONCE)
        tried = square[moves[np.where(rng.random(_AT_ONCE) < _WHOLE_MOVES, whole, small)]]
        scores = _scores(pairs, tried)
        accepted = scores - score > temperature * np.log(rng.random(_AT_ONCE))
        first = int(accepted.argmax())
        if accepted[first]:
            square, score = tried[first], float(scores[first])
            if score > best:
                best, found = score, square
                if best > _ENGLISH * length:
                    break
    return found, best


def _climb(pairs: npt.NDArray[np.int32], square: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    moves, _ = _moves()
    score = log_likelihood(_texts(pairs, square[None]))[0]
    while True:
        tried = square[moves]
        scores = log_likelihood(_texts(pairs, tried))
        best = int(scores.argmax())
        if scores[best] <= score + 1e-3:  # rounding is no progress
            return square
        square, score = tried[best], scores[best]


def _texts(pairs: npt.NDArray[np.int32], squares: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The plaintext under each square, shape (n, length); `PLAYFAIR.decrypt` without its checks, for one ciphertext."""
    row = np.arange(len(squares), dtype=np.int32)[:, None]
    cell = np.empty((len(squares), 26), np.int32)
    cell[row, squares] = np.arange(25, dtype=np.int32)
    cells = _PLAIN_CELLS[cell[:, pairs[:, 0]] * 25 + cell[:, pairs[:, 1]]].reshape(len(squares), -1)
    return np.asarray(squares.ravel()[cells + row * 25])


def _scores(pairs: npt.NDArray[np.int32], squares: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """ln P of the plaintexts by runs of three, without the first two letters: what a chain can afford."""
    texts = _texts(pairs, squares)
    index = (texts[:, :-2] * 27 + texts[:, 1:-1]) * 27 + texts[:, 2:]
    return np.asarray(log_probabilities(3).ravel()[index].sum(axis=1))


_PLAIN_CELLS: Final = BACKWARD.reshape(625, 2).astype(np.int32)


@cache
def _moves() -> tuple[npt.NDArray[np.int64], int]:
    """Squares' cells after each move, shape (m, 25), and how many of the moves exchange two letters: the first ones."""
    cells = np.arange(25)
    moves = []
    for pair in combinations(range(25), 2):
        moves.append(cells.copy())
        moves[-1][list(pair)] = pair[::-1]
    exchanges = len(moves)
    grid = cells.reshape(5, 5)
    for pair in combinations(range(5), 2):
        order = np.arange(5)
        order[list(pair)] = pair[::-1]
        moves += [grid[order].ravel(), grid[:, order].ravel()]
    moves += [grid.T.ravel(), grid[::-1].ravel(), grid[:, ::-1].ravel()]
    return np.array(moves), exchanges
