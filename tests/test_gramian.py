"""Feedback matrices are the Gramian's: derivatives, exponential and inverse are worked out anew with ninety digits."""

import re
from typing import Any

import mpmath
import numpy as np
import pytest
from system_reader import rows, value

from enigmath.bench.contracts.expression import parse
from enigmath.bench.contracts.formal import read_matrix
from enigmath.generators import control

DIGITS = 90
STEP = "1e-35"


def slopes(question: str) -> tuple[Any, Any]:
    """A and B by central differences."""
    found = re.fullmatch(r"feedback\((.*)\) at ([0-9.]+)", question)
    assert found is not None
    trees, step = [parse(text) for text in found[1].split(";")], mpmath.mpf(STEP)
    names = [f"x{place + 1}" for place in range(len(trees))] + sorted(set(re.findall(r"\bu[0-9]", found[1])))
    point = {name: mpmath.mpf(found[2]) for name in names}
    table = mpmath.matrix(len(trees), len(names))
    for row, tree in enumerate(trees):
        for column, name in enumerate(names):
            above, below = (value(tree, {**point, name: point[name] + one}) for one in (step, -step))
            table[row, column] = mpmath.re((above - below) / (2 * step))
    return table[:, : len(trees)], table[:, len(trees) :]


def gramian_feedback(question: str) -> np.ndarray:
    """-B' W^-1, W from the solution e^(-sA) B B' e^(-sA') of a linear equation, integrated by one exponential."""
    with mpmath.workdps(DIGITS):
        a, b = slopes(question)
        size, norm = a.rows, mpmath.sqrt(sum(one**2 for one in a))
        a, b = a / norm, b / norm
        whole = mpmath.zeros(2 * size)
        whole[:size, :size], whole[size:, size:], whole[:size, size:] = a, -a.T, b * b.T
        power = mpmath.expm(whole)
        gramian = mpmath.inverse(power[:size, :size]) * power[:size, size:]
        return np.array((-(b.T * mpmath.inverse(gramian))).tolist(), float)


@pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("number", range(1, 7))
def test_the_feedback_is_the_gramians_to_its_last_digits(number: int, count: int) -> None:
    for question, answer in rows(control.feedback, number, count):
        given, right = read_matrix(answer), gramian_feedback(question)
        assert np.abs(given - right).sum() <= 1e-3 * np.abs(right).sum(), question
