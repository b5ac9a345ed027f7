"""What cryptanalysts measure of a ciphertext to tell which cipher made it: numbers of columns of texts.

Sources: Friedman, "The index of coincidence and its applications in cryptography", 1922; the statistics by which
members of the American Cryptogram Association tell types, and the network NCID after them (Leierzopf et al.,
"Detection of classical cipher types with feature-learning approaches", 2021). English is that of the stretches that
training may see.
"""

from fractions import Fraction
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import log_probabilities
from enigmath.baselines.attacks.trial_decryptions import affinity, counts_of, trials
from enigmath.bench.primitives.letter_cipher import Letters

Floats = npt.NDArray[np.float32]
Statistics = Floats
"""Shape (n, statistics)."""

SHORTEST: Final = 24
"""Letters of a text of which all statistics can be told."""
LONGEST_PERIOD: Final = 15
"""Key words and periods up to so many letters are looked for."""
_SHARES: Final = sorted({Fraction(part, columns) for columns in range(2, 13) for part in range(1, columns)})
_TABLES: Final = {"shift": slice(0, 26), "turn": slice(26, 52), "half": slice(52, 65), "digit": slice(0, 10)}
"""Where the keys of each table of letters stand among the columns of `_keys`."""


def statistics(texts: Letters) -> Statistics:
    """All statistics of texts of one length, at least `SHORTEST` letters; shape (n, about 580)."""
    counts = counts_of(texts, 26)
    parts = [
        np.full((len(texts), 1), np.log(texts.shape[1])),
        *_frequencies(counts),
        *_alphabets(counts),
        *_pairs(texts),
        *_periods(texts),
        *_neighbours(texts),
        *_lags(texts),
        *_blocks(texts),
        *trials(texts),
    ]
    return np.concatenate([part.reshape(len(texts), -1).astype(np.float32) for part in parts], axis=1)


def _coincidence(counts: Floats) -> Floats:
    """How often two symbols counted together are the same; shape (..., symbols) to (...)."""
    total = counts.sum(axis=-1)
    squares: Floats = np.einsum("...i,...i->...", counts, counts)
    return np.asarray((squares - total) / np.maximum(total * (total - 1), 1))


@cache
def _keys() -> Floats:
    """ln of the frequency in English of what a letter stands for, under each key of three tables; shape (26, 65)."""
    letter, key = np.arange(26)[:, None], np.arange(26)[None]
    half = np.where(letter < 13, 13 + (letter + key[:, :13]) % 13, (letter - 13 - key[:, :13]) % 13)
    plain = np.concatenate([(letter - key) % 26, (key - letter) % 26, half], axis=1)
    return np.asarray(log_probabilities(1)[plain])


@cache
def _affine() -> Floats:
    """The same under the affine keys that neither only shift nor turn the alphabet around; shape (26, 260)."""
    factors = np.array([unit for unit in range(3, 25, 2) if unit != 13])
    plain = (np.arange(26)[:, None, None] - np.arange(26)) * factors[:, None] % 26
    return np.asarray(log_probabilities(1)[plain.reshape(26, -1)])


@cache
def _differences() -> Floats:
    """ln of how often two letters of English differ by each number, less each shift; shape (26, 26)."""
    share = np.exp(log_probabilities(1)[:26])
    apart = np.log([share @ np.roll(share, -step) for step in range(26)])
    return np.asarray(apart[(np.arange(26)[:, None] - np.arange(26)) % 26], np.float32)


def _frequencies(counts: Floats) -> list[npt.NDArray[Any]]:
    """Frequencies by letter and by rank, the index of coincidence, and how many letters occur, and whether J does."""
    share = counts / counts.sum(axis=1, keepdims=True)
    distinct = (counts > 0).sum(axis=1, keepdims=True)
    return [
        share,
        -np.sort(-share, axis=1),
        _coincidence(counts),
        distinct,
        distinct <= [5, 6, 10, 25],
        counts[:, 9] > 0,
    ]


def _alphabets(counts: Floats) -> list[npt.NDArray[Any]]:
    """How well letters fit English as they are, turned around, and under the best shift and the best affine key."""
    share = counts / counts.sum(axis=1, keepdims=True)
    fits = share @ _keys()
    return [fits[:, 0], fits[:, 51], fits[:, 1:26].max(axis=1), (share @ _affine()).max(axis=1)]


def _pairs(texts: Letters) -> list[npt.NDArray[Any]]:
    """Doubles and the coincidence of pairs at even and odd places, and whether the letters of the two places differ."""
    code = texts[:, :-1].astype(np.int32) * 26 + texts[:, 1:]
    double = texts[:, :-1] == texts[:, 1:]
    even, odd = counts_of(code[:, ::2], 676), counts_of(code[:, 1::2], 676)
    turned = even.reshape(-1, 26, 26).transpose(0, 2, 1).reshape(len(texts), -1)
    first, second = counts_of(texts[:, ::2], 26), counts_of(texts[:, 1::2], 26)
    return [
        double[:, ::2].mean(axis=1),
        double[:, 1::2].mean(axis=1),
        double[:, ::2].any(axis=1),
        double.any(axis=1),
        _coincidence(even + odd),
        _coincidence(even),
        _coincidence(odd),
        np.einsum("ij,ij->i", even, turned) / code.shape[1] ** 2,
        _coincidence(first),
        _coincidence(second),
        np.einsum("ij,ij->i", first, second) / texts.shape[1] ** 2,
        (first > 0).sum(axis=1),
        (second > 0).sum(axis=1),
        log_probabilities(3)[texts[:, :-2], texts[:, 1:-1], texts[:, 2:]].mean(axis=1),
    ]


def _periods(texts: Letters) -> list[npt.NDArray[Any]]:
    """For each period the coincidence in its columns, how alike these are when shifted, and their fits under best keys.

    Then the best of each over the periods, and all of them at the period of the highest coincidence.
    """
    length = texts.shape[1]
    parts = []
    for period in range(1, LONGEST_PERIOD + 1):
        column = np.arange(length) % period * 26
        counts = counts_of(column.astype(np.int32) + texts, 26 * period).reshape(len(texts), period, 26)
        waves = np.fft.rfft(counts, axis=2)
        alike = np.fft.irfft(waves * np.roll(waves, 1, axis=1).conj(), 26, axis=2).max(axis=2).sum(axis=1)
        fits = counts @ _keys()
        best = [fits[:, :, keys].max(axis=2).sum(axis=1) / length for keys in _TABLES.values()]
        parts.append([_coincidence(counts).mean(axis=1), alike * period / length**2, *best])
    whole = np.array(parts).transpose(2, 0, 1)
    chosen = whole[:, :, 0].argmax(axis=1)
    return [whole, whole.max(axis=1), whole[np.arange(len(texts)), chosen], chosen]


def _neighbours(texts: Letters) -> list[npt.NDArray[Any]]:
    """How well letters follow, and go before, those so many places apart: where a transposition took neighbours.

    Apart by 1 to 40 letters, and by each fraction of the text up to twelfths, as columns of a grid are.
    """
    length = texts.shape[1]
    near = [lag for lag in range(1, 41) if lag < length]
    far = [int(share * length) for share in _SHARES]
    code = texts.astype(np.intp)
    first = code * 26

    def fit(lag: int, back: bool) -> Floats:
        one, other = (first[:, lag:], code[:, :-lag]) if back else (first[:, :-lag], code[:, lag:])
        return np.asarray(affinity().take(one + other).mean(axis=1, dtype=np.float32))

    after = np.zeros((len(texts), 40), np.float32)
    before = np.zeros_like(after)
    for lag in near:
        after[:, lag - 1], before[:, lag - 1] = fit(lag, back=False), fit(lag, back=True)
    lags = [min(lag + more, length - 1) for lag in far for more in (0, 1)]
    apart = np.stack([fit(lag, back) for lag in lags for back in (False, True)], axis=1)
    return [after, before, apart, after.max(axis=1), before.max(axis=1), apart.max(axis=1), after.argmax(axis=1)]


def _lags(texts: Letters) -> list[npt.NDArray[Any]]:
    """For letters so many places apart: how often they, and pairs of them, are the same, and how they differ.

    The differences are letters of English under autokey by ciphertext, and differ as letters of English do, by a
    constant or none, under a progressive key and autokey.
    """
    same, pairs, english, apart, moved = [], [], [], [], []
    for lag in range(1, LONGEST_PERIOD + 1):
        one, other = texts[:, :-lag], texts[:, lag:]
        same.append((one == other).mean(axis=1))
        pairs.append(_coincidence(counts_of(one.astype(np.int32) * 26 + other, 676)))
        share = counts_of((other + np.uint8(26) - one) % 26, 26) / one.shape[1]
        english.append(share @ _keys()[:, 0])
        fits = share @ _differences()
        apart.append(fits[:, 0])
        moved.append(fits.max(axis=1))
    each = [np.stack(one, axis=1) for one in (same, pairs, english, apart, moved)]
    return [*each, *(one.max(axis=1) for one in each)]


def _blocks(texts: Letters) -> list[npt.NDArray[Any]]:
    """Equal letters a row apart (seriated pairs have none), and coincidence within the eight blocks of Phillips."""
    place = np.arange(texts.shape[1])
    parts: list[npt.NDArray[Any]] = []
    for period in range(4, 11):
        upper = place[(place // period % 2 == 0) & (place // (2 * period) < texts.shape[1] // (2 * period))]
        parts.append((texts[:, upper] == texts[:, upper + period]).mean(axis=1))
    for width in (4, 5, 6):
        block = (place // width % 8 * 26).astype(np.int32)
        parts.append(_coincidence(counts_of(block + texts, 208).reshape(len(texts), 8, 26)).mean(axis=1))
    return parts
