"""What a check of a cell finds: each untrue thing with what was expected and what was found."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np


class Untrue(NamedTuple):
    """One thing that is not as it is said to be."""

    cell: str
    what: str
    expected: str
    found: str


@dataclass
class Checked:
    """What became of one cell's check."""

    cell: str
    status: str = "unreadable"
    """Finished, failed, or unreadable."""
    untrue: list[Untrue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be compared, or was made otherwise, though nothing says that it is untrue."""
    drawn: int = 0
    """Problems that were drawn again."""
    predictions: int = 0
    """Predictions that were judged again."""
    scores: int = 0
    """Values of metrics that were worked out again."""
    answered: int = 0
    """Questions that the model answered again."""

    def expect(self, what: str, expected: Any, found: Any) -> bool:
        """Hold what is found against what is expected; whether they agree."""
        alike = agree(expected, found)
        if not alike:
            self.tell(what, written(expected), written(found))
        return alike

    def tell(self, what: str, expected: str, found: str) -> None:
        """Something is untrue."""
        self.untrue.append(Untrue(self.cell, what, expected, found))


def agree(expected: Any, found: Any) -> bool:
    """Whether two values of a record are the same: numbers to nine figures, NaN and NaN, parts of mappings and lists.

    >>> agree({"exact": 0.1 + 0.2}, {"exact": 0.3}), agree(1, True), agree([1, None], [1])
    (True, False, False)
    """
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return expected.keys() == found.keys() and all(agree(expected[name], found[name]) for name in expected)
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(expected) == len(found) and all(map(agree, expected, found))
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-12) or (expected != expected and found != found)
    return type(expected) is type(found) and bool(expected == found)


def written(value: Any) -> str:
    """A value as a line tells it.

    >>> written(0.30000000000000004), written(None), written("12+34")
    ('0.3', 'None', '12+34')
    """
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def and_more(count: int) -> str:
    """How many there are beside the one that is told."""
    return f" and {count - 1:,} more" if count > 1 else ""
