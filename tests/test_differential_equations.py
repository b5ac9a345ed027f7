"""Differential equations: each answer is put into its equation by sympy and evaluated to fifty digits."""

import re

import mpmath
import pytest
import sympy
from calculus_reader import (
    COUNTS,
    DIGITS,
    NAMES,
    PLACES,
    canonical_and_in_form,
    drawn,
    formula,
    inside,
    never_right,
    value,
)
from question_reader import every_level

from enigmath.bench.contracts import Task
from enigmath.bench.contracts.expression import parse, write
from enigmath.generators import differential_equations
from enigmath.generators.differential_equations import (
    INVERTIBLE,
    absorbed,
    is_first_order_solution,
    is_second_order_solution,
    isolated,
    solved_for,
    without_denominators,
)
from enigmath.generators.formulas import simplify

LEVELS = every_level(differential_equations)
TASKS = [
    differential_equations.differential_equation_first,
    differential_equations.differential_equation_second,
]


def solves(equation: str, solution: str, constants: tuple[str, ...]) -> bool:
    """Whether the left side is 0 to thirty digits at a point: for an analytic function no accident."""
    y = formula(solution)
    slope = sympy.diff(y, NAMES["x"])
    left = formula(equation)
    for place in range(len(PLACES)):
        at = {"x": PLACES[place]}
        at |= {name: PLACES[(place + 1 + index) % len(PLACES)] for index, name in enumerate(constants)}
        values = {"x": at["x"], "y": value(y, at), "y1": value(slope, at)}
        if "y2" in {str(name) for name in left.free_symbols}:
            values["y2"] = value(sympy.diff(slope, NAMES["x"]), at)
        parts = left.args if left.is_Add else (left,)
        size = sum(abs(value(part, values)) for part in parts)
        with mpmath.workdps(DIGITS):
            if abs(value(left, values)) <= mpmath.mpf(10) ** -30 * (1 + size):
                return True
    return False


def turns_with(solution: str, constants: tuple[str, ...]) -> bool:
    """Whether y, and with two constants the pair y and y', changes with the constants in as many directions."""
    y, at = formula(solution), dict(zip(("x", *constants), PLACES, strict=False))
    rows = [y, sympy.diff(y, NAMES["x"])][: len(constants)]
    with mpmath.workdps(DIGITS):
        slopes = mpmath.matrix([[value(sympy.diff(row, NAMES[name]), at) for name in constants] for row in rows])
        return bool(abs(mpmath.det(slopes)) > mpmath.mpf(10) ** -25)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_solves_its_equation_and_depends_on_its_constants(task: Task, number: int, count: int) -> None:
    constants = ("c",) if task.name.endswith("first") else ("c1", "c2")
    for row in drawn(task, number, count):
        assert solves(inside(row["question"]).removesuffix("=0"), row["answer"], constants), row
        assert turns_with(row["answer"], constants), row
        assert all(len(re.findall(rf"\b{name}\b", row["answer"])) == 1 for name in constants), row
        assert {str(name) for name in formula(row["answer"]).free_symbols} == {"x", *constants}


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form(task: Task, number: int) -> None:
    canonical_and_in_form(task, number, r"solve\([-+*/^().0-9a-z']+=0\)", {"operators", "nodes"})


def test_any_family_of_solutions_is_right_and_a_single_one_is_not() -> None:
    judge = is_first_order_solution
    assert judge("solve(x*y'-y=0)", "", "c*x")
    assert judge("solve(x*y'-y=0)", "", "-3*x*exp(c)")
    assert not judge("solve(x*y'-y=0)", "", "3*x")
    assert not judge("solve(x*y'-y=0)", "", "0")
    assert not judge("solve(x*y'-y=0)", "", "3*x+0*c")
    assert not judge("solve(x*y'-y=0)", "", "c*x+1/10000")
    assert not judge("solve(x*y'-y=0)", "", "c*x^2")
    assert judge("solve(y'-y^2=0)", "", "1/(c-x)")
    assert not judge("solve(y'-y^2=0)", "", "0*c")
    assert judge("solve(exp(9*x)*(y'-y)=0)", "", "c*exp(x)")


def test_a_second_order_solution_needs_two_constants_of_their_own() -> None:
    judge = is_second_order_solution
    assert judge("solve(y''+y=0)", "", "c1*sin(x)+c2*cos(x)")
    assert judge("solve(y''+y=0)", "", "c1*sin(x+c2)")
    assert judge("solve(y''=0)", "", "c1*x+c2")
    assert not judge("solve(y''+y=0)", "", "c1*sin(x)")
    assert not judge("solve(y''+y=0)", "", "(c1+c2)*sin(x)")
    assert not judge("solve(y''+y=0)", "", "c1*c2*cos(x)")
    assert not judge("solve(y''+y=0)", "", "c1*sin(x)+c2")
    assert not judge("solve(y''+y=0)", "", "c1*exp(x)+c2*exp(-x)")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name.partition("/")[2])
def test_hostile_predictions_are_wrong_or_unparsable(task: Task) -> None:
    never_right(task)


def test_an_equation_and_its_multiples_share_a_key() -> None:
    from enigmath.generators.differential_equations import _problem

    keys = [
        _problem(parse(equation, ("x", "y", "y'")), parse("c*x"), ("c",), 1).key
        for equation in ("x*y'-y", "y-x*y'", "3*x*y'-3*y", "y'-y/x", "x^2*y'-x*y")
    ]
    other = _problem(parse("y'-y", ("x", "y", "y'")), parse("c*exp(x)"), ("c",), 1).key
    assert len(set(keys)) == 1 != len({keys[0], other})


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("x-3*c", "x+c"),
        ("2/((c+8)*x)", "c/x"),
        ("sin(3*x)*(5-c)^2", "c*sin(3*x)"),
        ("x-exp(c)+8", "x+c"),
        ("ln(x^2*(2*c+1))", "ln(c*x^2)"),
        ("7*(c-x)*x", "7*(c-x)*x"),
    ],
)
def test_what_depends_on_a_constant_alone_is_taken_into_it(given: str, family: str) -> None:
    assert write(absorbed(simplify(parse(given)), "c")) == family
    assert write(absorbed(parse(family), "c")) == family


@pytest.mark.parametrize("function", INVERTIBLE)
def test_every_function_of_a_solution_can_be_undone(function: str) -> None:
    tree = parse("(c/3)^2") if function == "square" else parse(f"{function}(c/3)")
    undone = write(isolated(tree, "c", "y"))
    inner = {"c": 0.71}
    found = value(formula(undone).subs(NAMES["y"], formula(write(tree))), inner)
    assert abs(found - 0.71) < 1e-12


def test_a_constant_is_solved_for_where_it_stands_once_or_linearly() -> None:
    assert write(solved_for(parse("y-c1*x"), "c1") or 0) == "y/x"
    assert write(solved_for(parse("y-c1*x-c1"), "c1") or 0) in ("-y/(-x-1)", "y/(x+1)")
    assert solved_for(parse("y-c1*exp(c1)"), "c1") is None
    assert write(without_denominators(parse("y'/x-y/x^2"))) == "y'*x-y"
