"""Questions laid out symbol by symbol: what a network reads, as a matrix, before any network has read it.

The digits of the i-th number of every question stand under each other by place value, units under units; all other
characters by their place after the last number before them. So a linear map of the layout has the input as well laid
out as a person would write it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.probes.readout import Parts, Quantity

Codes = npt.NDArray[np.int64]
Place = tuple[int, bool, int]
"""How many numbers have begun; whether it is no digit; its place from the units, or from the number before it."""

MOST_PLACES: Final = 256
MOST_INDICATORS: Final = 600
FEWEST: Final = 0.005
"""The share of problems that a symbol must have at a place to count as an indicator."""
PAIRED: Final = 20
"""Places among which the two are sought that say most of a quantity."""

_RUN: Final = re.compile(r"[0-9]+|[^0-9]+")


@dataclass(frozen=True)
class Layout:
    """n questions on their most frequent places: `codes`, shape (n, places), number the symbols; 0 for none."""

    codes: Codes

    def indicators(self) -> npt.NDArray[np.float64]:
        """One column for each place and symbol that enough questions have there, the commonest first: (n, columns)."""
        made = []
        for column in self.codes.T:
            counts = np.bincount(column)
            made += [
                (int(count), column == symbol)
                for symbol, count in enumerate(counts)
                if FEWEST * len(column) <= count < len(column)
            ]
        made.sort(key=lambda pair: -pair[0])
        columns = [column for _, column in made[:MOST_INDICATORS]]
        return np.stack(columns, axis=1).astype(np.float64) if columns else np.zeros((len(self.codes), 0))

    def telling_pair(self, quantity: Quantity, parts: Parts) -> Codes:
        """The symbols at the two places that tell most of a quantity, as one number for each question, shape (n,).

        A pair tells a class by its commonest one among half of the problems to learn on; what counts is how often that
        is right for the other half. Magnitudes are told by their quarter.
        """
        rows = parts.learn[quantity.known[parts.learn]]
        values = quantity.values[rows]
        if not quantity.classes:
            values = np.searchsorted(np.quantile(values, (0.25, 0.5, 0.75)), values)
        labels = values.astype(np.int64)
        varied = [column for column in self.codes.T if len(np.unique(column[rows])) > 1]
        varied.sort(key=lambda column: np.bincount(column[rows]).max())  # the most various first, else in reading order
        pairs = [one * (other.max() + 1) + other for one, other in combinations(varied[:PAIRED], 2)]
        pairs = pairs or varied or [np.zeros(len(self.codes), np.int64)]
        found: Codes = max(pairs, key=lambda pair: _told(pair[rows], labels))
        return found


def _told(pair: Codes, labels: Codes) -> float:
    cells, classes = int(pair.max(initial=0)) + 1, int(labels.max(initial=0)) + 1
    half = len(pair) // 2
    counts = np.bincount(pair[:half] * classes + labels[:half], minlength=cells * classes).reshape(cells, classes)
    return float((counts.argmax(axis=1)[pair[half:]] == labels[half:]).mean()) if half else 0.0


def laid_out(questions: Sequence[str]) -> Layout:
    """The layout of some questions; a symbol's number is its rank among those that stand at its place.

    >>> laid_out(["12+7", "3+45"]).codes.tolist()  # units, tens, sign, units, tens
    [[1, 1, 1, 2, 0], [2, 0, 1, 1, 1]]
    """
    placed = [dict(_placed(question)) for question in questions]
    counts = Counter(place for row in placed for place in row)
    kept = sorted(sorted(counts, key=lambda place: (-counts[place], place))[:MOST_PLACES])
    codes = np.zeros((len(questions), len(kept)), dtype=np.int64)
    for column, place in enumerate(kept):
        symbols = np.array([row.get(place, "") for row in placed])
        ranks = np.unique(symbols, return_inverse=True)[1]
        codes[:, column] = ranks + (symbols != "").all()
    return Layout(codes)


def _placed(question: str) -> Iterator[tuple[Place, str]]:
    """Each symbol with its place."""
    numbers = 0
    for run in _RUN.findall(question):
        digits = "0" <= run[0] <= "9"
        numbers += digits
        for place, symbol in enumerate(reversed(run) if digits else run):
            yield (numbers, not digits, place), symbol
