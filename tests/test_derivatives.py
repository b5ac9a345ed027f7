"""Derivatives, gradients, definite integrals and Taylor coefficients, worked out anew by sympy and mpmath."""

import re

import mpmath
import pytest
import sympy
from calculus_reader import (
    COUNTS,
    NAMES,
    PLACES,
    canonical_and_in_form,
    drawn,
    equal,
    formula,
    inside,
    never_right,
    read,
    value,
)
from question_reader import every_level

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.expression import parse, write
from enigmath.bench.streams import stream
from enigmath.generators import derivatives
from enigmath.generators.formulas import derivative, random_tree, simplify
from enigmath.generators.jets import agree, jet, points
from enigmath.generators.semantics import semantic_form

LEVELS = every_level(derivatives)
FORMULA = r"[-+*/^().0-9a-z]+"
FORMS = {
    "calculus/derivative": rf"derivative\({FORMULA}\)",
    "calculus/gradient": rf"gradient\({FORMULA}\)",
    "calculus/definite-integral": rf"integral\({FORMULA},-?\d,-?\d\)",
    "calculus/taylor-coefficient": rf"taylor\({FORMULA},\d\)",
}
TRAITS = {
    "calculus/derivative": {"operators", "nodes"},
    "calculus/gradient": {"operators", "variables", "nodes"},
    "calculus/definite-integral": {"degree", "terms"},
    "calculus/taylor-coefficient": {"order", "factors", "nodes"},
}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_another_computer_algebra_system_finds(task: Task, number: int, count: int) -> None:
    for row in drawn(task, number, count):
        inner, answer = inside(row["question"]), row["answer"]
        if task.name == "calculus/derivative":
            assert equal_at_a_point(sympy.diff(formula(inner), NAMES["x"]), formula(answer)), row
        elif task.name == "calculus/gradient":
            names, parts = sorted(set(re.findall(r"\b[xyz]\b", inner))), answer.split(",")
            assert len(names) == len(parts) == row["trait.variables"]
            for name, part in zip(names, parts, strict=True):
                assert equal_at_a_point(sympy.diff(formula(inner), NAMES[name]), formula(part)), row
        elif task.name == "calculus/definite-integral":
            function, low, high = inner.split(",")
            found = sympy.integrate(formula(function), (NAMES["x"], int(low), int(high)))
            assert str(found) == answer
        else:
            function, order = inner.split(",")
            by_x = sympy.lambdify(NAMES["x"], formula(function), "mpmath")
            with mpmath.workdps(60):
                found = mpmath.taylor(by_x, 0, int(order))[int(order)]
                assert abs(found - mpmath.mpmathify(answer)) < mpmath.mpf(10) ** -20 * (1 + abs(found)), row


def equal_at_a_point(first: sympy.Expr, second: sympy.Expr) -> bool:
    at = dict(zip("xyz", PLACES, strict=False))
    return equal(value(first, at), value(second, at))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form(task: Task, number: int) -> None:
    canonical_and_in_form(task, number, FORMS[task.name], TRAITS[task.name])


def test_any_form_of_a_derivative_is_right_and_no_other_formula() -> None:
    judge = derivatives.is_derivative
    assert judge("derivative(x*sin(3*x))", "", "3*cos(3*x)*x+sin(3*x)")
    assert judge("derivative(sin(x)^2)", "", "sin(2*x)")
    assert judge("derivative(ln(x^2))", "", "2/x")
    assert judge("derivative(tan(x))", "", "1/cos(x)^2")
    assert not judge("derivative(sin(x)^2)", "", "sin(2*x)+1/10000")
    assert not judge("derivative(x^2)", "", "x")
    assert not judge("derivative(x^2)", "", "1/0")


def test_a_gradient_needs_every_component_in_its_place() -> None:
    judge = derivatives.is_gradient
    assert judge("gradient(x^2*y)", "", "x*y+y*x,x*x")
    assert not judge("gradient(x^2*y)", "", "x^2,2*x*y")
    assert not judge("gradient(x^2*y)", "", "2*x*y")
    assert not judge("gradient(x^2*y)", "", "2*x*y,x^2,0")


@pytest.mark.parametrize("task", [derivatives.derivative_of, derivatives.gradient], ids=["derivative", "gradient"])
def test_hostile_predictions_are_wrong_or_unparsable(task: Task) -> None:
    never_right(task)
    assert read(task, "__import__('os')") is None


def test_equal_questions_share_a_key_and_different_ones_do_not() -> None:
    for first, second in (("x+sin(x)", "sin(x)+x"), ("12*x/4", "3*x"), ("x*y^2", "x^2*y"), ("(x+1)^2", "x^2+2*x+1")):
        assert semantic_form(parse(first)) == semantic_form(parse(second))
    for first, second in (("x+sin(x)", "x-sin(x)"), ("3*x", "4*x"), ("exp(x)", "exp(2*x)")):
        assert semantic_form(parse(first)) != semantic_form(parse(second))


def test_the_normal_form_changes_no_value() -> None:
    rng = stream("test", "normal form")
    kept = 0
    for _ in range(300):
        try:
            tree = random_tree(rng, 6)
        except ZeroDivisionError:
            continue
        text = write(tree)
        assert write(parse(text)) == text
        again = simplify(parse(text))
        values = jet(tree, points(("x",)), "x")[0]
        kept += agree(jet(again, points(("x",)), "x")[0], values) or not abs(values).max() < 1e9
    assert kept > 270


def test_forward_derivatives_agree_with_symbolic_ones_for_every_function() -> None:
    at = points(("x",))
    for name in ("exp", "ln", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh"):
        tree = parse(f"{name}(x/3+1/7)*x^3/(x+2)")
        first = derivative(tree, {"x": 1})
        _, slope, bend = jet(tree, at, "x")
        assert agree(jet(first, at, "x")[0], slope)
        assert agree(jet(derivative(first, {"x": 1}), at, "x")[0], bend)
        assert equal_at_a_point(sympy.diff(formula(write(tree)), NAMES["x"]), formula(write(first)))
    for name in ("acosh", "atanh"):
        tree = parse(f"{name}(x/3+1/7)*x")
        assert agree(jet(derivative(tree, {"x": 1}), at, "x")[0], jet(tree, at, "x")[1])
    power = parse("x^x+2^x")
    assert agree(jet(power, at, "x")[1], jet(parse("x^x*(ln(x)+1)+2^x*ln(2)"), at, "x")[0])


def test_levels_that_cannot_work_say_so() -> None:
    with pytest.raises(UserError, match="9 variables"):
        derivatives.gradient(stream("test", "bad"), operators=3, variables=9)
    with pytest.raises(UserError, match="9 factors"):
        derivatives.taylor_coefficient(stream("test", "bad"), factors=9, order=3)
