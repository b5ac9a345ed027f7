"""Attacks on the Hill cipher: its matrix from known blocks by elimination, and from a ciphertext alone row by row.

A row of the inverse matrix times the blocks of a ciphertext gives every size-th letter of the plaintext, whatever the
other rows are. So rows are sought one at a time, as those whose letters are the likeliest, and then put in order: 26**4
rows where there would be 10**22 matrices. Source of that divide and conquer: Leap, McDevitt, Novak and Siermine,
"Further improvements to the Bauer-Millward attack on the Hill cipher", Cryptologia, 2016.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import log_likelihood, log_probabilities
from enigmath.bench.primitives.hill import LARGEST, Matrices, inverse, invertible
from enigmath.bench.primitives.letter_cipher import KeyColumns, Letters

_KEPT: Final = 60
"""Rows that are kept: a right one is also near the top with some of its letters 13 off."""
_BEAM: Final = 400
"""Beginnings of an order of rows that are kept, and whole orders whose plaintexts are read in runs of four letters."""


def from_known_text(plain: Letters, hidden: Letters) -> KeyColumns | None:
    """The smallest matrix that turns one text into the other, shape (1, size * size); None where there is none.

    Where several do, because the blocks do not span modulo 2 or 13, one of them is given that can be undone, if the
    first of few tries is one.
    """
    length = plain.shape[1]
    if plain.shape != hidden.shape:
        return None
    for size in range(2, LARGEST + 1):
        if length % size == 0:
            blocks, images = (text.reshape(-1, size).astype(np.int64) for text in (plain, hidden))
            halves = [_solutions(blocks, images, prime) for prime in (2, 13)]
            for two in halves[0]:
                for thirteen in halves[1]:
                    matrix = (13 * two + 14 * thirteen) % 26  # 13 is 1 modulo 2, 14 is 1 modulo 13: remainders
                    if invertible(matrix[None])[0] and (blocks @ matrix.T % 26 == images).all():
                        return np.asarray(matrix.reshape(1, -1))
    return None


def _solutions(blocks: Matrices, images: Matrices, prime: int) -> list[npt.NDArray[np.int64]]:
    """Matrices K with K block = image modulo a prime, by Gauss-Jordan elimination; few where there are many."""
    size = blocks.shape[1]
    system = np.concatenate([blocks, images], axis=1) % prime
    free = []
    row = 0
    for column in range(size):
        below = np.flatnonzero(system[row:, column])
        if not len(below):
            free.append(column)
            continue
        system[[row, row + below[0]]] = system[[row + below[0], row]]
        system[row] = system[row] * pow(int(system[row, column]), -1, prime) % prime
        others = np.arange(len(system)) != row
        system[others] = (system[others] - np.outer(system[others, column], system[row])) % prime
        row += 1
    if system[row:].any():
        return []
    bound = [column for column in range(size) if column not in free]
    rng = np.random.default_rng(0)
    found = []
    for _ in range(20 if free else 1):
        transposed = np.zeros((size, size), np.int64)  # row c: what a letter at place c of a block adds to each letter
        transposed[free] = rng.integers(prime, size=(len(free), size))
        transposed[bound] = (system[:row, size:] - system[:row, free] @ transposed[free]) % prime
        found.append(transposed.T)
    return found


def from_ciphertext(hidden: Letters) -> KeyColumns | None:
    """The matrix of 2 by 2 to 4 by 4 whose plaintext is the likeliest, shape (1, size * size)."""
    best, found = -np.inf, None
    for size in range(2, LARGEST + 1):
        if hidden.shape[1] % size == 0 and hidden.shape[1] >= 2 * size:
            score, undoing = _best_inverse(hidden.reshape(-1, size).astype(np.int64))
            score -= size * size * np.log(26)  # a key's symbols cost as much as their choice says
            if undoing is not None and score > best:
                best, found = score, inverse(undoing[None]).reshape(1, -1)
    return found


def _best_inverse(blocks: Matrices) -> tuple[float, npt.NDArray[np.int64] | None]:
    """The log-likelihood of the likeliest plaintext of blocks, shape (m, size), and the inverse key that makes it."""
    size = blocks.shape[1]
    rows = _likely_rows(blocks)
    letters = blocks @ rows.T % 26
    table = log_probabilities(2)
    within_block = table[letters[:, :, None], letters[:, None, :]].sum(axis=0)
    to_the_next = table[letters[:-1, :, None], letters[1:, None, :]].sum(axis=0)
    orders = np.arange(len(rows))[:, None]
    value = np.zeros(len(rows), np.float32)
    for place in range(1, size):
        longer = value[:, None] + within_block[orders[:, -1]]
        if place == size - 1:
            longer = longer + to_the_next[:, orders[:, 0]].T
        best = np.argsort(-longer.ravel(), kind="stable")[:_BEAM]
        orders = np.concatenate([orders[best // len(rows)], best[:, None] % len(rows)], axis=1)
        value = longer.ravel()[best]
    orders = orders[invertible(rows[orders])]
    if not len(orders):
        return -np.inf, None
    scores = log_likelihood(letters[:, orders].transpose(1, 0, 2).reshape(len(orders), -1))
    return float(scores.max()), rows[orders[scores.argmax()]]


def _likely_rows(blocks: Matrices) -> Matrices:
    """The rows whose letters are the likeliest one by one, shape (kept, size)."""
    size = blocks.shape[1]
    table = np.tile(log_probabilities(1)[:26], 2)  # of sums of two letters, which saves the remainder
    starts = np.stack(np.meshgrid(*[np.arange(26)] * (size - 1), indexing="ij"), axis=-1).reshape(-1, size - 1)
    partial = (blocks[:, :-1] @ starts.T % 26).astype(np.uint8)
    rows, scores = [], []
    for last in range(26):
        score = table[partial + (blocks[:, -1:] * last % 26).astype(np.uint8)].sum(axis=0)
        best = np.argsort(-score, kind="stable")[:_KEPT]
        rows.append(np.concatenate([starts[best], np.full((len(best), 1), last)], axis=1))
        scores.append(score[best])
    best = np.argsort(-np.concatenate(scores), kind="stable")[:_KEPT]
    return np.asarray(np.concatenate(rows)[best])
