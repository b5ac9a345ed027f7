"""Attacks on ciphers that replace symbol by symbol: the likeliest table of letters, by climbing and by annealing.

A table is a letter for each symbol, and an exchange of two symbols' letters its smallest change. Substitution and
squares: from each local optimum under the best exchange, a few random ones lead to the next start. Homophonic: too many
exchanges; there symbols are drawn one after another, each from its letters' probabilities at a falling temperature, in
several chains. What is found is finished by exchanges under runs of five letters. Sources: Jakobsen, "A fast method for
cryptanalysis of substitution ciphers", Cryptologia, 1995 (climbing by exchanges); Geman and Geman, "Stochastic
relaxation, Gibbs distributions, and the Bayesian restoration of images", 1984 (the annealing).
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import NO_LETTER, log_likelihood, log_probabilities

Table = npt.NDArray[np.uint8]
"""The letter of each symbol, 0 to 25, or 26 for a symbol that stands for none; shape (symbols,)."""
Symbols = npt.NDArray[np.int64]
"""A ciphertext as numbers of symbols, shape (length,)."""

_KICKS: Final = 6
"""Random exchanges from a local optimum to the next start."""
_HOT, _COLD = 10.0, 1.0
"""Temperatures, in units of the logarithm of the probability."""
_CROWDED: Final = 5.0
"""What each letter above its number of homophones costs, in the same units."""


def climbed(hidden: Symbols, letters: Table, rng: np.random.Generator, kicks: int) -> Table:
    """The likeliest table found that gives each of the letters to one symbol: as many starts as kicks, and one."""
    frequent = np.argsort(-log_probabilities(1)[letters], kind="stable")
    table = np.empty(len(letters), np.uint8)
    table[np.argsort(-np.bincount(hidden, minlength=len(letters)), kind="stable")] = letters[frequent]
    exchanges = _exchanges(hidden, len(letters))
    used = np.unique(hidden)
    table, best = _climb(hidden, table, exchanges)
    for _ in range(kicks):
        other = table.copy()
        for first, second in zip(rng.choice(used, _KICKS), rng.integers(len(letters), size=_KICKS), strict=True):
            other[[first, second]] = other[[second, first]]
        other, score = _climb(hidden, other, exchanges)
        if score > best:
            table, best = other, score
    return _climb(hidden, table, exchanges, order=5)[0]


def annealed(
    hidden: Symbols, count: npt.NDArray[np.int64], rng: np.random.Generator, chains: int, sweeps: int
) -> Table:
    """The likeliest table found that gives each letter to `count` symbols, shape (26,), of several chains' ends."""
    letters = np.repeat(np.arange(26), count)
    tables = rng.permuted(np.tile(letters, (chains, 1)), axis=1)
    held = np.array([np.bincount(table, minlength=26) for table in tables])
    runs = _runs_by_symbol(hidden, len(letters))
    scores, every = log_probabilities(4).ravel(), np.arange(26)[None, :, None]
    row = np.arange(chains)
    for temperature in np.geomspace(_HOT, _COLD, sweeps):
        noise = temperature * rng.gumbel(size=(len(letters), chains, 26))  # the largest sum is a draw from the softmax
        for symbol in rng.permutation(np.unique(hidden)):
            others, weights, own = runs[symbol]
            held[row, tables[:, symbol]] -= 1
            index = (tables[:, others] * weights).sum(axis=2)[:, None] + every * own
            score = scores[index].sum(axis=2) - _CROWDED * np.maximum(held + 1 - count, 0)
            tables[:, symbol] = (score + noise[symbol]).argmax(axis=1)
            held[row, tables[:, symbol]] += 1
    ends = [_with_counts(hidden, table, count) for table in tables]
    exchanges = _exchanges(hidden, len(letters))
    best = int(np.argmax([log_likelihood(end[hidden]) for end in ends]))
    return _climb(hidden, ends[best], exchanges, order=5)[0]


def _climb(hidden: Symbols, table: Table, exchanges: npt.NDArray[Any], order: int = 4) -> tuple[Table, float]:
    """The local optimum by the best exchange again and again, and its log-likelihood."""
    score = float(log_likelihood(table[hidden], order))
    row = np.arange(len(exchanges))
    while True:
        tried = np.repeat(table[None], len(exchanges), axis=0)
        tried[row, exchanges[:, 0]] = table[exchanges[:, 1]]
        tried[row, exchanges[:, 1]] = table[exchanges[:, 0]]
        scores = log_likelihood(tried[:, hidden], order)
        best = int(scores.argmax())
        if scores[best] <= score + 1e-3:  # rounding is no progress
            return table, score
        table, score = tried[best], float(scores[best])


def _exchanges(hidden: Symbols, symbols: int) -> npt.NDArray[np.int64]:
    """Every two symbols of which one stands in the ciphertext, shape (m, 2)."""
    used = np.isin(np.arange(symbols), hidden)
    first, second = np.triu_indices(symbols, 1)
    kept = used[first] | used[second]
    return np.stack([first[kept], second[kept]], axis=1)


def _runs_by_symbol(hidden: Symbols, symbols: int) -> list[tuple[npt.NDArray[np.int64], ...]]:
    """For each symbol its runs of four symbols, what the others weigh in a run's number, and what it weighs itself."""
    runs = np.lib.stride_tricks.sliding_window_view(hidden, 4)
    weights = 27 ** np.arange(3, -1, -1)
    found: list[tuple[npt.NDArray[np.int64], ...]] = []
    for symbol in range(symbols):
        mine = runs[(runs == symbol).any(axis=1)]
        found.append((mine, np.where(mine == symbol, 0, weights), ((mine == symbol) * weights).sum(axis=1)))
    return found


def _with_counts(hidden: Symbols, table: npt.NDArray[np.int64], count: npt.NDArray[np.int64]) -> Table:
    """The table with each letter at its count of symbols: the most frequent symbols of a letter keep it."""
    symbols = np.argsort(-np.bincount(hidden, minlength=len(table)), kind="stable")
    left, mended = count.copy(), np.full(len(table), NO_LETTER, np.uint8)
    for symbol in symbols:
        if left[table[symbol]]:
            mended[symbol] = table[symbol]
            left[table[symbol]] -= 1
    mended[mended == NO_LETTER] = np.repeat(np.arange(26), left)
    return mended
