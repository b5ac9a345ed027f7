"""Which systems can be steered: ranks of controllability matrices, and how rare systems are found and balanced."""

from collections.abc import Callable
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.generators.random_systems import Numbers, Systems

Flags = npt.NDArray[np.bool_]

RANK_TOLERANCE: Final = 1e-6
TWILIGHT: Final = (1e-13, 1e-5)
"""Singular values between these are neither zero nor not."""
ORDERS: Final = 12
"""Orders of the equations that are tried for an uncontrollable system."""


def controllability_matrix(a: Numbers, b: Numbers) -> Numbers:
    """[B, AB, ..., A^(n-1)B] of A (k, n, n) and B (k, n, p) with columns of norm 1, or 0, shape (k, n, n*p)."""
    a = a / np.linalg.norm(a, axis=(1, 2), keepdims=True)
    blocks = [_normalised(b / np.linalg.norm(b, axis=(1, 2), keepdims=True))]
    for _ in range(a.shape[1] - 1):
        blocks.append(_normalised(a @ blocks[-1]))
    return np.concatenate(blocks, axis=2)


def _normalised(columns: Numbers) -> Numbers:
    norm = np.linalg.norm(columns, axis=1, keepdims=True)
    return np.where(norm > TWILIGHT[0], columns / np.maximum(norm, TWILIGHT[0]), 0)


def ranks(matrices: Numbers) -> tuple[npt.NDArray[np.int64], Flags]:
    """The rank of each, and whether no singular value leaves it in doubt."""
    singular = np.linalg.svd(matrices, compute_uv=False)
    doubtful = ((singular > TWILIGHT[0]) & (singular < TWILIGHT[1])).any(axis=1)
    return (singular > RANK_TOLERANCE).sum(axis=1), np.asarray(~doubtful)


def balanced_rows(rng: np.random.Generator, yes: Flags) -> npt.NDArray[np.int64]:
    """As many rows that are True as rows that are not, mixed."""
    half = min(int(yes.sum()), int((~yes).sum()))
    rows = [rng.permutation(np.flatnonzero(side))[:half] for side in (yes, ~yes)]
    return np.asarray(rng.permutation(np.concatenate(rows)))


def in_orders(
    rng: np.random.Generator, systems: Systems, equations: int
) -> tuple[Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], Systems], Flags, Flags]:
    """Each system with its equations in several orders, the given one first: equations are drawn alike, so that any
    order is as likely.

    A function that takes rows and the number of an order for each to the systems so ordered; and which can be steered,
    and whose rank is not in doubt, shapes (orders, k).
    """
    others = [order for order in permutations(range(equations)) if order != tuple(range(equations))]
    tried = [others[place] for place in rng.permutation(len(others))[: ORDERS - 1]]
    orders = np.array([range(equations), *tried])
    found = []
    for order in orders:
        slopes = systems.jacobians[:, order]
        found.append(ranks(controllability_matrix(slopes[:, :, :equations], slopes[:, :, equations:])))

    def ordered(rows: npt.NDArray[np.int64], order: npt.NDArray[np.int64]) -> Systems:
        places = orders[order]
        return Systems(systems.tokens[rows[:, None], places], systems.jacobians[rows[:, None], places], systems.missed)

    rank, clear = (np.stack(side) for side in zip(*found, strict=True))
    return ordered, np.asarray(rank == equations), clear
