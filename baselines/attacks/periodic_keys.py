"""Keys that repeat: each symbol of the key decides its own column of the text, so the columns can be searched in turn.

The best key of a period is sought as the likeliest one: first exactly under pairs of letters, by dynamic programming
around the circle of columns, and from there, column by column, under runs of four. Periods are compared by likelihood
less what their keys' symbols cost, ln(symbols) each: a maximum a posteriori estimate under uniform keys, which takes
the place of the index of coincidence (Friedman, "The index of coincidence and its applications in cryptanalysis", 1922)
and also works on the short texts where that fails.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import log_likelihood, log_probabilities

Candidates = npt.NDArray[Any]
"""What each symbol would make of each place of the text, as letters 0 to 26; shape (symbols, length)."""


def pair_scores(candidates: Candidates) -> npt.NDArray[np.float32]:
    """ln P(next letter | letter) for each two symbols at neighbouring places, shape (length - 1, symbols, symbols)."""
    by_place = candidates.T
    return np.asarray(log_probabilities(2)[by_place[:-1, :, None], by_place[1:, None, :]])


def best_key(
    candidates: Candidates, period: int, pairs: npt.NDArray[np.float32], starts: int = 3
) -> tuple[float, npt.NDArray[np.int64]]:
    """The log-likelihood of the likeliest key found for a period, and its symbols, shape (period,)."""
    keys = _climb(candidates, _best_circles(pairs, period, starts))
    scores = log_likelihood(_under(candidates, keys))
    best = int(scores.argmax())
    return float(scores[best]), keys[best]


def _best_circles(pairs: npt.NDArray[np.float32], period: int, starts: int) -> npt.NDArray[np.int64]:
    """The likeliest keys under pairs of letters, one for each of the `starts` best first symbols; (starts, period)."""
    symbols = pairs.shape[1]
    steps = [pairs[column::period].sum(axis=0) for column in range(period)]
    value = np.where(np.eye(symbols, dtype=bool), 0, -np.inf).astype(np.float32)
    came: list[npt.NDArray[np.int64]] = []
    for step in steps:  # value[first, now]: the best way from the first column's symbol to this column's
        ways = value[:, :, None] + step[None]
        came.append(ways.argmax(axis=1))
        value = ways.max(axis=1)
    firsts = np.argsort(-value.diagonal())[:starts]
    keys = np.empty((len(firsts), period), np.int64)
    now = firsts
    for column in range(period - 1, -1, -1):
        now = came[column][firsts, now]
        keys[:, column] = now
    return keys


def _climb(candidates: Candidates, keys: npt.NDArray[np.int64], rounds: int = 8) -> npt.NDArray[np.int64]:
    """Each key with one column after another set to its best symbol, until none changes; shape (n, period)."""
    symbols, length = candidates.shape
    keys, period = keys.copy(), keys.shape[1]
    for _ in range(rounds):
        before = keys.copy()
        for column in range(min(period, length)):
            tried = np.repeat(_under(candidates, keys)[:, None], symbols, axis=1)
            tried[:, :, column::period] = candidates[None, :, column::period]
            keys[:, column] = log_likelihood(tried).argmax(axis=1)
        if (keys == before).all():
            break
    return keys


def _under(candidates: Candidates, keys: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """The texts that keys make, shape (n, length)."""
    places = np.arange(candidates.shape[1])
    return np.asarray(candidates[keys[:, places % keys.shape[1]], places])
