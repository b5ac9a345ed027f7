"""The attack on ADFGVX: the columns by coincidences, then the square as any other substitution.

Under the right order of columns the pairs of coordinates are those of letters, and so some of them stand far more often
than others; under a wrong one they are nearly alike (Friedman's index of coincidence). All orders of few columns are
tried, and of more the best of several climbs. Columns that come two by two (an even number of them) leave the index the
same in whatever order those twos stand: coincidences of neighbouring pairs tell them apart. Source: Lasry, Niebel,
Kopal and Wacker, "Deciphering ADFGVX messages from the Eastern Front of World War I", Cryptologia, 2017.
"""

from itertools import combinations, permutations
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.english import NO_LETTER, log_likelihood
from enigmath.baselines.attacks.letter_tables import climbed
from enigmath.bench.primitives.letter_cipher import KeyColumns, Letters
from enigmath.bench.primitives.transpositions import COLUMNAR

SQUARE: Final = np.array([*range(26), *[NO_LETTER] * 10], np.uint8)
"""What the cells stand for: the letters, and digits, which English has none of."""
_TRIED: Final = 7
"""So many columns have all their orders tried."""
_ENGLISH: Final = 0.052
"""An index of coincidence from which the columns are taken for found: English has .066, chance .028."""
_CLIMBS: Final = 12
_FINALISTS: Final = 6
_FEW_KICKS: Final = 8


def solved(hidden: Letters, most_columns: int, kicks: int, rng: np.random.Generator) -> KeyColumns | None:
    """The likeliest key found, 36 cells and an order, shape (1, 36 + columns); None for an odd text."""
    if hidden.shape[1] % 2 or hidden.shape[1] < 8:
        return None
    best, order = -1.0, np.empty(0, np.int64)
    finalists: list[npt.NDArray[np.int64]] = []
    for columns in range(2, min(most_columns, hidden.shape[1] // 2) + 1):
        if columns <= _TRIED:
            orders = np.array(list(permutations(range(columns))))
        else:
            orders = _local_optima(hidden, columns, rng)
        scores = coincidences(_cells(hidden, orders), 36)
        if scores.max() > best:
            best = float(scores.max())
            first = orders[np.argsort(-scores, kind="stable")[:200]]
            cells = _cells(hidden, first).astype(np.int64)
            by_neighbours = np.argsort(-coincidences(cells[:, :-1] * 36 + cells[:, 1:], 36**2), kind="stable")
            finalists = list(first[by_neighbours[:_FINALISTS]])
        if best > _ENGLISH:
            break
    highest = -np.inf
    for finalist in finalists:
        cells = _cells(hidden, finalist[None])[0].astype(np.int64)
        score = float(log_likelihood(climbed(cells, SQUARE, rng, _FEW_KICKS)[cells]))
        if score > highest:
            highest, order = score, finalist
    table = climbed(_cells(hidden, order[None])[0].astype(np.int64), SQUARE, rng, kicks).astype(np.int64)
    table[table == NO_LETTER] = np.arange(26, 36)
    return np.concatenate([table, order])[None]


def coincidences(texts: npt.NDArray[np.integer], symbols: int) -> npt.NDArray[np.float64]:
    """The chance that two places of a text have one symbol, shape (n, length) to (n,)."""
    rows, length = texts.shape
    count = np.bincount((np.arange(rows)[:, None] * symbols + texts).ravel(), minlength=rows * symbols)
    count = count.reshape(rows, symbols)
    return np.asarray((count * (count - 1)).sum(axis=1) / (length * (length - 1)))


def _cells(hidden: Letters, orders: KeyColumns) -> Letters:
    """The cells that the coordinates give under each order, shape (n, length / 2)."""
    coordinates = COLUMNAR.decrypt(np.repeat(hidden, len(orders), axis=0), orders)
    return np.asarray(coordinates[:, ::2] * np.uint8(6) + coordinates[:, 1::2])


def _local_optima(hidden: Letters, columns: int, rng: np.random.Generator) -> KeyColumns:
    """Orders that no exchange of two columns or of neighbouring blocks makes more coincident; shape (n, columns)."""
    moves = [np.arange(columns)]
    for first, second in combinations(range(columns), 2):
        moves.append(np.arange(columns))
        moves[-1][[first, second]] = second, first
    for start, middle, end in combinations(range(columns + 1), 3):
        places = np.arange(columns)
        moves.append(np.concatenate([places[:start], places[middle:end], places[start:middle], places[end:]]))
    tried = np.array(moves)
    found = []
    for _ in range(_CLIMBS):
        order, score = rng.permutation(columns), -1.0
        while True:
            scores = coincidences(_cells(hidden, order[tried]), 36)
            if scores.max() <= score:
                break
            order, score = order[tried[scores.argmax()]], float(scores.max())
        found.append(order)
    if columns % 2 == 0:  # the twos in every order: the same coincidences, and only one of them is right
        twos = np.array(
            [[2 * two + half for two in orders for half in (0, 1)] for orders in permutations(range(columns // 2))]
        )
        found += list(found[int(np.argmax(coincidences(_cells(hidden, np.array(found)), 36)))][twos])
    return np.array(found)
