"""Questions as a grid of characters in which units meet units: what aligned comparison needs.

Numbers are the runs of decimal digits. The i-th number of every question is aligned with every other i-th number by
place value, at its units; digits after a decimal point, and the characters between numbers, are aligned at their left
end. Where a question has no character, its cell is blank, and two blanks agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint16]

MOST_COLUMNS: Final = 1_024
"""Places that are compared at most: the ones that most questions have."""

_CHUNK: Final = 131_072
_SPAN: Final = 1 << 20
UNKNOWN: Final = 65_535
"""A character that no known question has at all: it agrees with nothing, a blank included."""


@dataclass(frozen=True)
class Grid:
    """The places and the characters of the known questions, both sorted; `cells` lays any question out on them."""

    places: npt.NDArray[np.int64]
    characters: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, questions: Sequence[str]) -> "Grid":
        """The grid that holds these questions."""
        places: dict[int, int] = {}
        characters: set[int] = set()
        for chunk in _chunks(questions):
            codes, _, place = _laid_out(chunk)
            characters.update(np.unique(codes).tolist())
            for key, count in zip(*np.unique(place, return_counts=True), strict=True):
                places[int(key)] = places.get(int(key), 0) + int(count)
        commonest = sorted(places, key=lambda key: (-places[key], key))[:MOST_COLUMNS]
        known = sorted(characters)[: UNKNOWN - 1]
        return cls(np.array(sorted(commonest), dtype=np.int64), np.array(known, dtype=np.uint32))

    def cells(self, questions: Sequence[str]) -> Codes:
        """Shape (places, questions): 0 for a blank, else the character's number from 1.

        >>> Grid.of(["12+7"]).cells(["12+7", "7+2", "1?2"]).T.tolist()
        [[2, 3, 1, 4], [0, 4, 1, 3], [0, 2, 65535, 3]]
        """
        cells = np.zeros((len(self.places), len(questions)), dtype=np.uint16)
        start = 0
        for chunk in _chunks(questions):
            codes, row, place = _laid_out(chunk)
            column, has_column = _find(self.places, place)
            symbol, is_known = _find(self.characters, codes)
            numbered = np.where(is_known, symbol + 1, UNKNOWN)
            cells[column[has_column], row[has_column] + start] = numbered[has_column]
            start += len(chunk)
        return cells


def code_points(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """All characters of all texts as Unicode code points, and the length of each text."""
    joined = "".join(texts).encode("utf-32-le", errors="surrogatepass")
    return np.frombuffer(joined, dtype=np.uint32), np.fromiter(map(len, texts), np.int64, len(texts))


def _chunks(questions: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(questions), _CHUNK):
        yield questions[start : start + _CHUNK]


def _laid_out(
    questions: Sequence[str],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each character of all questions: its code point, its question, and its place as one integer."""
    codes, lengths = code_points(questions)
    row = np.repeat(np.arange(len(questions)), lengths)
    if len(codes) == 0:
        return codes, row, row
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    opens = np.ones(len(codes), dtype=np.bool_)  # the first character of each run of digits or of others
    opens[1:] = (row[1:] != row[:-1]) | (digit[1:] != digit[:-1])
    run = np.cumsum(opens) - 1
    begin = np.flatnonzero(opens)
    length = np.diff(begin, append=len(codes))
    numbers = np.cumsum(opens & digit)  # numbers begun so far, this one included
    first = np.repeat((np.cumsum(lengths) - lengths)[lengths > 0], lengths[lengths > 0])
    before: npt.NDArray[np.int64] = numbers - digit - (numbers - (opens & digit))[first]
    follows_point = np.zeros(len(begin), dtype=np.bool_)
    follows_point[1:] = (codes[begin[1:] - 1] == ord(".")) & (row[begin[1:] - 1] == row[begin[1:]])
    from_left = np.arange(len(codes)) - begin[run]
    from_right = length[run] - 1 - from_left
    by_units = digit & ~follows_point[run]
    offset = np.minimum(np.where(by_units, from_right, from_left), _SPAN - 1)
    # Descending offsets of a number's places keep the grid in reading order.
    offset = np.where(by_units, _SPAN - 1 - offset, offset)
    return codes, row, ((before * 2 + digit) * 2 + by_units) * _SPAN + offset


def _find(
    known: npt.NDArray[np.int64] | npt.NDArray[np.uint32], wanted: npt.NDArray[np.int64] | npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Where each value stands in a sorted array, and whether it does."""
    if len(known) == 0:
        return np.zeros(len(wanted), dtype=np.intp), np.zeros(len(wanted), dtype=np.bool_)
    index = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return index, known[index] == wanted
