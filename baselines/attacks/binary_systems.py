"""Systems of linear equations over GF(2), their columns and sides as Python's integers: Gaussian elimination."""

from collections.abc import Sequence

Echelon = tuple[tuple[int, int], ...]
"""Independent columns, largest first and no two with the same highest bit, each with the sum of columns that it is."""


def echelon(columns: Sequence[int]) -> Echelon:
    """The columns brought into echelon form; a sum of columns is written with the first column as the highest bit.

    >>> echelon([0b110, 0b011, 0b101])
    ((6, 4), (3, 2))
    """
    found: list[tuple[int, int]] = []
    for place, column in enumerate(columns):
        chosen = 1 << (len(columns) - 1 - place)
        column, chosen = _reduced(found, column, chosen)
        if column:
            found = sorted([*found, (column, chosen)], reverse=True)
    return tuple(found)


def solution(system: Echelon, wanted: int) -> int | None:
    """Columns whose exclusive or is `wanted`; None if there are none such.

    >>> solution(echelon([0b110, 0b011]), 0b101), solution(echelon([0b110, 0b011]), 0b001)
    (3, None)
    """
    rest, chosen = _reduced(system, wanted, 0)
    return None if rest else chosen


def _reduced(system: Sequence[tuple[int, int]], column: int, chosen: int) -> tuple[int, int]:
    for pivot, made in system:
        if column ^ pivot < column:
            column, chosen = column ^ pivot, chosen ^ made
    return column, chosen
