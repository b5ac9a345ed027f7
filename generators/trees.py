"""Shapes of expression trees as tables, so that a column of trees is evaluated without a loop over its rows.

A tree over the operands 0 .. k-1 is a list of k-1 merges in the order of evaluation. A value lives in the slot of
its leftmost operand: the merge (i, j) combines slots i and j and leaves the result in slot i. Its operator stands
just before operand j, which no other merge does, so operators are counted by that place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import UserError
from enigmath.generators.digits import Column, Mask, join, pick, text

OPERATORS: Final = "+-*/"
MOST_OPERANDS: Final = 10
"""There are 4862 shapes of ten operands; the tables grow fourfold with each one more."""

Table = npt.NDArray[np.int64]

_BRACKETS: Final = range(MOST_OPERANDS)
_OPENING: Final = tuple("(" * count for count in _BRACKETS)
_CLOSING: Final = tuple(")" * count for count in _BRACKETS)
_BETWEEN: Final = tuple(
    ")" * closed + operator + "(" * opened for closed in _BRACKETS for operator in OPERATORS for opened in _BRACKETS
)


@dataclass(frozen=True)
class Trees:
    """One tree a column: shapes are (k - 1, n) for the merges, (k, n) for brackets, (n,) for the depth.

    `opened` and `closed` count the brackets before and after each operand; `depth` is the height of the tree.
    """

    left: Table
    right: Table
    left_is_operand: Mask
    right_is_operand: Mask
    opened: Table
    closed: Table
    depth: Column

    def take(self, columns: npt.NDArray[np.integer] | Mask) -> "Trees":
        """The trees of those columns."""
        return Trees(**{name: table[..., columns] for name, table in vars(self).items()})


def draw_trees(rng: np.random.Generator, n: int, operands: int, depth: int | None = None) -> Trees:
    """Every shape (of that depth) is equally likely; UserError for more than MOST_OPERANDS operands."""
    shapes = _shapes(operands)
    if depth is not None:
        shapes = shapes.take(shapes.depth == depth)
        if not len(shapes.depth):
            shallowest = (operands - 1).bit_length()
            mend = f"{operands} operands can be {shallowest} to {operands - 1} deep"
            raise UserError(f"no tree of {operands} operands has the depth {depth}", where="expressions", mend=mend)
    return shapes.take(rng.integers(len(shapes.depth), size=n))


def write(trees: Trees, operands: Table, operators: Table) -> pa.Array:
    """Infix text in which every operation but the outermost has brackets, so no rule of precedence is needed.

    `operands` has shape (k, n) and `operators`, indices into OPERATORS, (k - 1, n).
    """
    most = len(_BRACKETS)
    pieces = [pick(_OPENING, trees.opened[0]), text(operands[:1])]
    for place, operator in enumerate(operators, start=1):
        between = (trees.closed[place - 1] * len(OPERATORS) + operator) * most + trees.opened[place]
        pieces += [pick(_BETWEEN, between), text(operands[place : place + 1])]
    return join(*pieces, pick(_CLOSING, trees.closed[-1]))


@cache
def _shapes(operands: int) -> Trees:
    if not 2 <= operands <= MOST_OPERANDS:
        raise UserError(f"{operands} operands", where="expressions", mend=f"take 2 to {MOST_OPERANDS}")
    merges = np.array(list(_merges(0, operands)))
    count = len(merges)
    every = np.arange(count)
    opened, closed, height = (np.zeros((operands, count), dtype=np.int64) for _ in range(3))
    left, right = merges[:, :, 0].T, merges[:, :, 1].T
    left_is_operand, right_is_operand = np.empty((2, *left.shape), dtype=bool)
    last = np.tile(np.arange(operands)[:, None], count)
    for step, (i, j) in enumerate(zip(left, right, strict=True)):
        left_is_operand[step], right_is_operand[step] = height[i, every] == 0, height[j, every] == 0
        height[i, every] = 1 + np.maximum(height[i, every], height[j, every])
        last[i, every] = last[j, every]
        if step < operands - 2:
            opened[i, every] += 1
            closed[last[i, every], every] += 1
    return Trees(left, right, left_is_operand, right_is_operand, opened, closed, height[0])


def _merges(start: int, stop: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """The merges of every tree over the operands start .. stop - 1."""
    if stop - start == 1:
        yield ()
    for split in range(start + 1, stop):
        for before in _merges(start, split):
            for after in _merges(split, stop):
                yield (*before, *after, (start, split))
