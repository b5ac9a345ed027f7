"""Antiderivatives: each answer is differentiated by sympy and compared with the integrand at fifty digits."""

import re

import pytest
import sympy
from algebra_reader import pieces
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
from enigmath.bench.contracts.expression import write
from enigmath.bench.streams import stream
from enigmath.generators import antiderivatives

LEVELS = every_level(antiderivatives)
TASKS = [
    antiderivatives.antiderivative_backward,
    antiderivatives.antiderivative_forward,
    antiderivatives.antiderivative_parts,
]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_the_derivative_of_every_answer_is_the_integrand(task: Task, number: int, count: int) -> None:
    for row in drawn(task, number, count):
        slope = sympy.diff(formula(row["answer"]), NAMES["x"])
        assert equal(value(slope, {"x": PLACES[0]}), value(formula(inside(row["question"])), {"x": PLACES[0]})), row


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form(task: Task, number: int) -> None:
    own = {"terms", "kind"} if task.name.endswith("forward") else {"operators"}
    canonical_and_in_form(task, number, r"antiderivative\([-+*/^().0-9a-z]+\)", {*own, "nodes"})


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_no_number_is_added_to_a_stored_answer_nor_multiplied_within_a_logarithm(task: Task, number: int) -> None:
    for row in drawn(task, number, 40):
        for term in pieces(row["answer"], "+-"):
            assert "x" in term or term == "", row
            assert not re.fullmatch(r"ln\(-?\d+[*/][^()]*\)", term), row


def test_any_antiderivative_is_right_whatever_its_form_or_constant() -> None:
    judge = antiderivatives.is_antiderivative
    assert judge("antiderivative(2*x)", "", "x^2")
    assert judge("antiderivative(2*x)", "", "x*x-17/3")
    assert judge("antiderivative(sin(x)*cos(x))", "", "-cos(2*x)/4")
    assert judge("antiderivative(1/x)", "", "ln(abs(x))+e")
    assert judge("antiderivative(1/(x^2-1))", "", "ln((x-1)/(x+1))/2")
    assert judge("antiderivative(1/(x^2+1))", "", "-atan(1/x)")
    assert not judge("antiderivative(2*x)", "", "x^2+x/100000")
    assert not judge("antiderivative(2*x)", "", "2*x")
    assert not judge("antiderivative(1)", "", "abs(x)")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name.partition("/")[2])
def test_hostile_predictions_are_wrong_or_unparsable(task: Task) -> None:
    never_right(task)
    assert read(task, "open('x')") is None


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name.partition("/")[2])
def test_keys_are_as_many_as_integrands(task: Task) -> None:
    rows = drawn(task, 3, 100)
    assert len({row["key"] for row in rows}) > 90
    assert len({row["key"] for row in rows}) <= len({row["question"] for row in rows})


@pytest.mark.parametrize("kind", antiderivatives.KINDS)
@pytest.mark.parametrize("degree", [0, 1, 3])
def test_the_rules_integrate_every_kind_of_term(kind: str, degree: int) -> None:
    integrand, result = antiderivatives._term(stream("test", kind, degree), kind, degree)
    slope = sympy.diff(formula(write(result)), NAMES["x"])
    assert equal(value(slope, {"x": PLACES[1]}), value(formula(write(integrand)), {"x": PLACES[1]}))


def test_levels_that_cannot_work_say_so() -> None:
    with pytest.raises(UserError, match="0 operators"):
        antiderivatives.antiderivative_parts(stream("test", "bad"), operators=0)
