"""Reads a question about a system on its own: equations by the whitelist parser, derivatives by mpmath differences."""

import re
from typing import Any

import mpmath
import numpy as np

from enigmath.bench.contracts import Task
from enigmath.bench.contracts.expression import Tree, parse
from enigmath.bench.streams import stream

STEP = mpmath.mpf(10) ** -12


def rows(task: Task, number: int, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """The first questions of a level with their answers, from as many shards as that takes."""
    found: list[tuple[str, str]] = []
    for index in range(200):
        batch = task(stream("test", task.name, number, seed, index), task.draws, **task.level(number))
        answers = batch.answer.to_pylist() if hasattr(batch.answer, "to_pylist") else batch.answer.tolist()
        found += zip(batch.question.to_pylist(), map(str, answers), strict=True)
        if len(found) >= count:
            return found[:count]
    raise AssertionError(f"{len(found)} problems only")


def value(tree: Tree, names: dict[str, Any]) -> Any:
    """By the textbook's definitions in logarithms and square roots, with 30 digits; what is real stays real."""
    if isinstance(tree, int):
        return mpmath.mpf(tree)
    if isinstance(tree, str):
        return names[tree]
    operator, u, *rest = tree[0], *(value(part, names) for part in tree[1:])
    if rest:
        v = rest[0]
        return {"+": lambda: u + v, "-": lambda: u - v, "*": lambda: u * v, "/": lambda: u / v}[operator]()
    if operator == "neg":
        return -u
    u = u.real if u.imag == 0 else u
    if operator == "atan" and u.imag == 0:
        return mpmath.atan(u)
    if operator in ("asin", "acos") and u.imag == 0 and abs(u) <= 1:
        return getattr(mpmath, operator)(u)
    i = mpmath.mpc(0, 1)
    if operator in ("asin", "acos"):
        angle = -i * mpmath.log(i * u + mpmath.sqrt(1 - u * u))
        return angle if operator == "asin" else mpmath.pi / 2 - angle
    if operator == "atan":
        return i / 2 * (mpmath.log(1 - i * u) - mpmath.log(1 + i * u))
    return getattr(mpmath, {"ln": "log"}.get(operator, operator))(u)


def moving_derivatives(question: str, order: int) -> tuple[list[np.ndarray], int]:
    """The Jacobian's Taylor coefficients along the time, and how many equations there are.

    Each coefficient has shape (equations, variables), of mpmath's numbers; by differences, good to 35 digits.
    """
    found = re.fullmatch(r"[a-z-]+\(([^;]+(?:;[^;]+)+)\) at ([0-9.]+), t=([0-9.]+)", question)
    assert found is not None
    mpmath.mp.dps = 450
    trees = [parse(text) for text in found[1].split(";")]
    controls = sorted(set(re.findall(r"\bu[0-9]", found[1])))
    names = [f"x{index + 1}" for index in range(len(trees))] + controls
    point = {name: mpmath.mpf(found[2]) for name in names}
    step, later = mpmath.mpf(10) ** -80, mpmath.mpf(10) ** -40

    def slopes(time: Any) -> np.ndarray:
        at = {**point, "t": time}
        rows = [
            [
                (value(tree, {**at, name: at[name] + step}) - value(tree, {**at, name: at[name] - step})) / (2 * step)
                for name in names
            ]
            for tree in trees
        ]
        return np.array(rows, object)

    differences = np.array([slopes(mpmath.mpf(found[3]) + place * later) for place in range(order + 1)])
    coefficients = []
    for index in range(order + 1):
        coefficients.append(differences[0] / (mpmath.factorial(index) * later**index))
        differences = differences[1:] - differences[:-1]
    return coefficients, len(trees)


def derivatives(question: str, place: dict[str, Any] | None = None) -> np.ndarray:
    """The Jacobian of a question's system, states first, then controls; shape (equations, variables)."""
    found = re.fullmatch(r"[a-z-]+\(([^;]+(?:;[^;]+)+)\) at ([0-9.]+)", question)
    assert found is not None
    mpmath.mp.dps = 30
    trees = [parse(text) for text in found[1].split(";")]
    controls = sorted(set(re.findall(r"\bu[0-9]", found[1])))
    names = [f"x{index + 1}" for index in range(len(trees))] + controls
    point = {**{name: mpmath.mpf(found[2]) for name in names}, **(place or {})}
    slopes = np.zeros((len(trees), len(names)), complex)
    for row, tree in enumerate(trees):
        for column, name in enumerate(names):
            above, below = (value(tree, {**point, name: point[name] + step}) for step in (STEP, -STEP))
            slopes[row, column] = complex((above - below) / (2 * STEP))
    return slopes
