"""Equations: every answer is what sympy or Python's fractions find from the text of the question alone."""

import re
from fractions import Fraction

import pyarrow as pa
import pytest
import sympy
from algebra_reader import (
    FEW,
    MANY,
    every_answer_holds,
    hostile_predictions_are_wrong_at_once,
    inside,
    keys_meet_exactly_where_forms_do,
    letter,
    sympified,
)
from question_reader import every_level

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import equations

LEVELS = every_level(equations)
SUM = r"-?[0-9p-z][0-9p-z*+-]*"
POLYNOMIAL = r"-?[0-9p-z][0-9p-z*^+-]*"
FORMS = {
    "algebra/linear-equation": rf"solve\({SUM}={SUM}\)",
    "algebra/inequality": rf"solve\({SUM}[<>]=?{SUM}\)",
    "algebra/linear-system": rf"solve\({SUM}=-?\d+(,{SUM}=-?\d+)+\)",
    "algebra/quadratic-roots": rf"roots\({POLYNOMIAL}\)",
    "algebra/polynomial-roots": rf"roots\({POLYNOMIAL}\)",
    "algebra/quadratic-complex": rf"croots\({POLYNOMIAL}\)",
}
TRUTH = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def linear(text: str) -> tuple[Fraction, Fraction]:
    """Constant and slope of one side."""
    slope = constant = Fraction(0)
    for sign, number, name in re.findall(r"([+-]?)(\d*)\*?([p-z]?)", text):
        size = int(number or "1") * (-1 if sign == "-" else 1) if number or name else 0
        slope, constant = (slope + size, constant) if name else (slope, constant + size)
    return constant, slope


def holds(question: str, answer: str) -> bool:
    text = inside(question)
    if question.startswith("roots"):
        found = {str(root) for root in sympy.roots(sympy.Poly(sympified(text), letter(text)))}
        return set(answer.split(",")) == found and len(answer.split(",")) == len(found)
    if question.startswith("croots"):
        name = letter(text)
        roots = sympy.roots(sympy.Poly(sympified(text), name), multiple=True)
        exact = [sympy.N(root, 40).as_real_imag() for root in roots]
        expected = {tuple(sympy.Rational(round(part * 100), 100) for part in root) for root in exact}
        given = {complex(part.replace("i", "j")) for part in answer.split(",")}
        return given == {complex(float(real), float(imaginary)) for real, imaginary in expected} and len(given) == 2
    if "," in text:
        sides = [equation.split("=") for equation in text.split(",")]
        names = sorted(set(re.findall("[p-z]", text)))
        solution = sympy.linsolve(
            [sympified(left) - int(right) for left, right in sides], [sympy.Symbol(name) for name in names]
        )
        return [tuple(map(int, answer.split(",")))] == list(solution)
    left, relation, right = re.split("([<>=]+)", text)
    (a, b), (c, d) = linear(left), linear(right)
    if relation == "=":
        return Fraction(answer) == (c - a) / (b - d) and str(Fraction(answer)) == answer
    _, turned, bound = re.split("([<>=]+)", answer)
    points = [Fraction(bound) + step for step in (-1, 0, 1)]
    return all(TRUTH[relation](a + b * x, c + d * x) == TRUTH[turned](x, Fraction(bound)) for x in points)


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_an_independent_reader_finds(task: Task, number: int, count: int) -> None:
    every_answer_holds(task, number, count, FORMS[task.name], holds)


def scaled(rows: tuple[tuple[Fraction, ...], ...]) -> tuple[tuple[Fraction, ...], ...]:
    """Divided by the first number that is not 0."""
    first = next(number for row in rows for number in row if number)
    return tuple(tuple(number / first for number in row) for row in rows)


def sides_form(question: str) -> object:
    """Whatever the order of the sides, their sign and scale, and the sense of the relation."""
    left, relation, right = re.split("([<>=]+)", inside(question))
    first, second = linear(left), linear(right)
    if relation == "=":
        return frozenset({scaled((first, second)), scaled((second, first))})
    if ">" in relation:
        first, second = second, first
    largest = max(abs(number) for side in (first, second) for number in side)
    positive = tuple(tuple(number / largest for number in side) for side in (first, second))
    negative = tuple(tuple(-number / largest for number in side) for side in (second, first))
    return "=" in relation, frozenset({positive, negative})


def system_form(question: str) -> object:
    """Rows in any order, scaled, with the unknowns in either order."""
    text = inside(question)
    names = sorted(set(re.findall("[p-z]", text)))
    rows = []
    for equation in text.split(","):
        left, right = equation.split("=")
        expression = sympified(left)
        rows.append([*(expression.coeff(sympy.Symbol(name)) for name in names), sympy.Integer(right)])
    return frozenset(
        frozenset(scaled((tuple(row[place] for place in order),)) for row in rows) for order in ((0, 1, 2), (1, 0, 2))
    )


def roots_form(question: str) -> object:
    polynomial = sympy.Poly(sympified(inside(question)))
    return tuple(polynomial.monic().all_coeffs())


@pytest.mark.parametrize(
    ("name", "level", "form"),
    [
        ("linear-equation", {"digits": 1, "sides": 1, "whole": True}, sides_form),
        ("linear-equation", {"digits": 1, "sides": 2, "whole": False}, sides_form),
        ("inequality", {"digits": 1, "sides": 1, "whole": True}, sides_form),
        ("linear-system", {"unknowns": 2, "size": 2, "reach": 1}, system_form),
        ("quadratic-roots", {"size": 9, "leading": 2, "scale": 3}, roots_form),
        ("polynomial-roots", {"degree": 3, "size": 4, "scale": 3}, roots_form),
        ("quadratic-complex", {"size": 9, "gaussian": True}, roots_form),
    ],
)
def test_equivalent_equations_share_a_key_and_others_do_not(name: str, level: dict[str, object], form) -> None:
    keys_meet_exactly_where_forms_do(find_task(f"algebra/{name}"), level, form)


@pytest.mark.parametrize(
    ("prediction", "right"),
    [
        ("x<2", True),
        (" x < 4/2 ", True),
        ("2>x", True),
        ("x<=2", False),
        ("x>2", False),
        ("2<x", False),
        ("y<2", False),
        ("x<3", False),
        ("3*x+5<11", False),
        ("x<2.0", False),
    ],
)
def test_an_inequality_is_judged_as_a_half_line(prediction: str, right: bool) -> None:
    assert find_task("algebra/inequality").check("solve(3*x+5<11)", "x<2", prediction) is right


def test_hostile_predictions_are_wrong() -> None:
    hostile_predictions_are_wrong_at_once(find_task("algebra/inequality"))


def test_roots_are_right_in_any_order_and_double_ones_stand_once() -> None:
    task = find_task("algebra/polynomial-roots")
    batch = task(stream("double"), 2_000, degree=3, size=3, scale=1)
    rows = zip(batch.question.to_pylist(), batch.answer.to_pylist(), batch.traits["roots"].tolist(), strict=True)
    for question, answer, count in list(rows)[:100]:
        assert holds(question, answer)
        assert len(answer.split(",")) == count
    assert set(batch.traits["roots"].tolist()) == {1, 2, 3}
    assert task.answer.canonical(pa.array(["-2, 1"])).to_pylist() == ["1,-2"]


@pytest.mark.parametrize("name", ["linear-equation", "inequality"])
def test_a_solution_that_would_not_fit_is_an_error(name: str) -> None:
    with pytest.raises(UserError, match="at most 8"):
        find_task(f"algebra/{name}")(stream("bounds"), 4, digits=9, sides=2, whole=True)
    with pytest.raises(UserError, match="fewer or smaller"):
        find_task("algebra/polynomial-roots")(stream("bounds"), 4, degree=12, size=99, scale=1)
