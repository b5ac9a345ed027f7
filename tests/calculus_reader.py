"""An independent reader of formulas: sympy parses and differentiates them, mpmath evaluates to fifty digits."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import mpmath
import pytest
import sympy

from enigmath.bench.contracts import Task
from enigmath.bench.data import Part, make_shard

NAMES = {name: sympy.Symbol(name) for name in ("x", "y", "z", "c", "c1", "c2", "y1", "y2")}
PLACES = [0.731 + 0.113j, 1.217 - 0.087j, 0.489 + 0.061j, 1.403 + 0.171j]
DIGITS = 50


def formula(text: str) -> sympy.Expr:
    """A formula as sympy reads it; y' and y'' are y1 and y2."""
    named = text.replace("y''", "y2").replace("y'", "y1").replace("^", "**")
    return sympy.parse_expr(named, local_dict=dict(NAMES))


def value(expression: sympy.Expr, at: Mapping[str, Any]) -> mpmath.mpc:
    """Its value, to about fifty digits."""
    names = sorted(at)
    with mpmath.workdps(DIGITS):
        function = sympy.lambdify([NAMES[name] for name in names], expression, "mpmath")
        return mpmath.mpc(function(*(mpmath.mpmathify(at[name]) for name in names)))


def equal(first: mpmath.mpc, second: mpmath.mpc, near: float = 1e-25) -> bool:
    return abs(first - second) <= near * (abs(first) + abs(second)) + 1e-30


def drawn(task: Task, number: int, count: int) -> list[dict[str, Any]]:
    """The first problems of a level."""
    rows: list[dict[str, Any]] = []
    for index in range(100):
        rows += _shard(task, number, index)
        if len(rows) >= count:
            break
    assert len(rows) >= count
    return rows[:count]


@cache
def _shard(task: Task, number: int, index: int) -> list[dict[str, Any]]:
    return make_shard(Part(task, number, 7), index).to_pylist()


def inside(question: str) -> str:
    """What stands in the brackets of `name(...)`."""
    found = re.fullmatch(r"[a-z]+\((.*)\)", question)
    assert found is not None
    return found[1]


COUNTS = [25, pytest.param(200, marks=pytest.mark.slow)]
HOSTILE = [
    "",
    "junk",
    "9" * 900,
    "(" * 400 + "x" + ")" * 400,
    "x^x^x^x^x",
    "9^9^9^9",
    "1/0",
    "abs(x)",
    "y",
    "ln(0)",
    "x,",
    "=0",
]
"""Predictions that no question here is answered by."""


def read(task: Task, prediction: str) -> str | None:
    """A prediction in canonical form, or None."""
    import pyarrow as pa

    read: str | None = task.answer.canonical(pa.array([prediction])).to_pylist()[0]
    return read


def never_right(task: Task) -> None:
    """Hostile predictions are unparsable or wrong, without an exception."""
    assert task.check is not None
    for row in drawn(task, 2, 5):
        for hostile in HOSTILE:
            canonical = read(task, hostile)
            assert canonical is None or task.check(row["question"], row["answer"], canonical) is False


def canonical_and_in_form(task: Task, number: int, form: str, traits: set[str]) -> None:
    """Answers are as their kind writes them, questions match a form, traits are named, equal texts share a key."""
    import pyarrow as pa

    rows = drawn(task, number, 40)
    answers = pa.array([row["answer"] for row in rows])
    assert task.answer.canonical(answers).equals(answers)
    keys: dict[str, int] = {}
    for row in rows:
        assert re.fullmatch(form, row["question"]), row["question"]
        assert len(row["question"]) < 150
        assert len(row["answer"]) < 500
        assert {name.removeprefix("trait.") for name in row if name.startswith("trait.")} == traits
        assert keys.setdefault(row["question"], row["key"]) == row["key"]
        assert task.check is None or task.check(row["question"], row["answer"], row["answer"]) is True
