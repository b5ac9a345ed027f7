"""Plugboards by climbing: one plug at a time in or out, as long as the text becomes more like English.

Sources: Gillogly, "Ciphertext-only cryptanalysis of Enigma", Cryptologia, 1995; Williams, "Applying statistical
language recognition techniques in the ciphertext-only cryptanalysis of Enigma", Cryptologia, 2000; after Weierud and
Sullivan, Cryptologia, 2005. Boards say what each letter is plugged to, shape (26,).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import log_likelihood
from enigmath.bench.primitives.enigma import encrypt
from enigmath.bench.primitives.letter_cipher import KeyColumns, Letters

NO_PLUGS: Final = np.arange(26, dtype=np.uint8)
_PAIRS: Final = np.array([(one, other) for one in range(26) for other in range(one)])


def board_of(key: KeyColumns) -> Letters:
    """The board of a key, shape (1, 10 + 2 * plugs)."""
    board = NO_PLUGS.copy()
    board[key[0, 10::2]], board[key[0, 11::2]] = key[0, 11::2], key[0, 10::2]
    return board


def with_plugs(setting: KeyColumns, board: Letters) -> KeyColumns:
    """The key of a setting, shape (1, 10), and a board; shape (1, 10 + 2 * plugs)."""
    pairs = [(letter, int(other)) for letter, other in enumerate(board) if letter < other]
    return np.concatenate([setting, np.array(pairs, np.int64).reshape(1, -1)], axis=1)


def coincidences(hidden: Letters, settings: KeyColumns) -> npt.NDArray[np.int64]:
    """How many two letters are alike in what each setting makes of the ciphertext, with nothing plugged; shape (n,)."""
    texts = encrypt(np.broadcast_to(hidden, (len(settings), hidden.shape[1])), settings)
    counts = np.stack([(texts == letter).sum(axis=1) for letter in range(26)])
    return np.asarray((counts * counts).sum(axis=0))


def random_boards(rng: np.random.Generator, count: int) -> Iterator[Letters]:
    """Random plugboards of ten pairs; shape (26,) each."""
    for _ in range(count):
        board, ends = NO_PLUGS.copy(), rng.permutation(26)[:20].reshape(2, 10)
        board[ends[0]], board[ends[1]] = ends[1], ends[0]
        yield board


def climb(hidden: Letters, machine: Letters, board: Letters) -> tuple[float, Letters]:
    """From one board by the best plug to put in or to pull out, by ever longer runs of letters, until none helps.

    `hidden` has shape (length,), `machine`, one setting's scramblers, (length, 26). Returns ln P of the text and the
    board, shape (26,).
    """
    score = -np.inf
    for order in (1, 2, 3, 4):
        score = float(_scores(hidden, machine, board[None], order)[0])
        while True:
            tried = _replugged(board)
            scores = _scores(hidden, machine, tried, order)
            best = int(scores.argmax())
            if scores[best] <= score:
                break
            board, score = tried[best], float(scores[best])
    return score, board


def _scores(hidden: Letters, machine: Letters, boards: Letters, order: int) -> npt.NDArray[np.float32]:
    """ln P of what each board makes of the ciphertext, by runs of `order` letters; shape (n,)."""
    inside = machine[np.arange(len(hidden)), boards[:, hidden]]
    return log_likelihood(np.take_along_axis(boards, inside, axis=1), order)


def _replugged(board: Letters) -> Letters:
    """Every two letters plugged to each other, and what they were plugged to left free; if they were, both are free."""
    tried, rows = np.repeat(board[None], len(_PAIRS), axis=0), np.arange(len(_PAIRS))
    together = board[_PAIRS[:, 0]] == _PAIRS[:, 1]
    for end in _PAIRS.T:
        tried[rows, board[end]] = board[end]
    for end, other in (_PAIRS.T, _PAIRS.T[::-1]):
        tried[rows, end] = np.where(together, end, other)
    return tried
