"""Powers and fractions: every answer is what sympy finds from the question alone, and judges know the asked form."""

from collections import Counter
from collections.abc import Hashable
from fractions import Fraction

import pytest
import sympy
from algebra_reader import (
    FEW,
    MANY,
    every_answer_holds,
    hostile_predictions_are_wrong_at_once,
    inside,
    keys_meet_exactly_where_forms_do,
    pieces,
    sympified,
    value_form,
)
from question_reader import every_level, problems

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import rational_functions

LEVELS = every_level(rational_functions)
NAMES = ["simplify-powers", "rational-simplify", "rational-add", "partial-fractions"]
SUM = r"-?[0-9p-z][0-9p-z*^+-]*"
POWER = r"(\([p-z](\^\d+|\^\(-?\d+(/\d+)?\))?\)\^[23]|[p-z](\^\d+|\^\(-?\d+(/\d+)?\))?)"
FORMS = {
    "algebra/simplify-powers": rf"powers\({POWER}([*/]{POWER})+\)",
    "algebra/rational-simplify": rf"simplify\(\({SUM}\)/\({SUM}\)\)",
    "algebra/rational-add": rf"together\(-?\d/([p-z]|\({SUM}\))([+-]\d/([p-z]|\({SUM}\)))+\)",
    "algebra/partial-fractions": rf"apart\(\({SUM}\)/\(({SUM}|\({SUM}\)|[p-z*])+\)\)",
}


def holds(name: str, question: str, answer: str) -> bool:
    text = inside(question)
    if name == "simplify-powers":
        return sympified(text, positive=True) == sympified(answer, positive=True)
    asked, given = sympified(text), sympified(answer)
    if sympy.cancel(asked - given) != 0:
        return False
    if name == "partial-fractions":
        terms = [sympy.fraction(term) for term in sympy.Add.make_args(given)]
        linear = all(top.is_number and sympy.degree(bottom) == 1 for top, bottom in terms)
        return linear and len(terms) == len(sympy.Add.make_args(sympy.apart(asked)))
    top, bottom = (sympified(side) for side in pieces(answer, "/"))
    lowest = sympy.fraction(sympy.cancel(asked))
    return {sympy.expand(top - sign * lowest[0]) for sign in (1, -1)} & {0} != set() and sympy.gcd(top, bottom) == 1


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_sympy_finds(task: Task, number: int, count: int) -> None:
    name = task.name.partition("/")[2]
    every_answer_holds(task, number, count, FORMS[task.name], lambda question, answer: holds(name, question, answer))


def powers_form(question: str) -> Hashable:
    """The exponents, however the factors are ordered and whether they multiply or divide."""
    text = inside(question)
    found, sign, start = Counter(), 1, 0
    for piece in pieces(text, "*/"):
        sign = -1 if start and text[start - 1] == "/" else 1
        start += len(piece) + 1
        exponent = sympified(piece, positive=True).as_base_exp()[1]
        found[sign * Fraction(int(exponent.p), int(exponent.q))] += 1
    return frozenset(found.items())


def fraction_form(question: str) -> Hashable:
    return value_form(inside(question))


@pytest.mark.parametrize(
    ("name", "level", "form"),
    [
        ("simplify-powers", {"factors": 2, "variables": 1, "raised": False, "parts": 1}, powers_form),
        ("rational-simplify", {"top": 1, "bottom": 1, "common": 1, "size": 2, "leading": 1}, fraction_form),
        ("rational-add", {"terms": 2, "size": 2, "leading": 1}, fraction_form),
        ("partial-fractions", {"terms": 2, "size": 2, "leading": 1, "factored": True}, fraction_form),
    ],
)
def test_equal_problems_share_a_key_and_others_do_not(name: str, level: dict[str, object], form) -> None:
    keys_meet_exactly_where_forms_do(find_task(f"algebra/{name}"), level, form)


def test_a_sum_of_fractions_and_its_parts_fall_into_one_split() -> None:
    keys: dict[Hashable, int] = {}
    shared = 0
    for name, level in (
        ("rational-add", {"terms": 2, "size": 3, "leading": 1}),
        ("partial-fractions", {"terms": 2, "size": 3, "leading": 1, "factored": False}),
    ):
        batch = find_task(f"algebra/{name}")(stream("shared", name), 1_000, **level)
        for question, key in zip(batch.question.to_pylist(), batch.key.tolist(), strict=True):
            form = fraction_form(question)
            shared += form in keys
            assert keys.setdefault(form, key) == key
    assert shared > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_text_has_one_key_and_one_answer_at_every_level(name: str) -> None:
    task = find_task(f"algebra/{name}")
    found: dict[str, tuple[int, str]] = {}
    levels = [*task.all_levels, *({**level, "size": 1} for level in task.levels if "size" in level)]
    for number, level in enumerate(levels):
        batch = task(stream("once", name, number), 500, **level)
        for question, *rest in zip(
            batch.question.to_pylist(), batch.key.tolist(), batch.answer.to_pylist(), strict=True
        ):
            assert found.setdefault(question, tuple(rest)) == tuple(rest)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_predictions_are_wrong(name: str) -> None:
    hostile_predictions_are_wrong_at_once(find_task(f"algebra/{name}"))


@pytest.mark.parametrize("name", NAMES)
def test_repeating_the_question_is_wrong(name: str) -> None:
    task = find_task(f"algebra/{name}")
    for number in range(1, len(task.all_levels) + 1):
        batch = problems(task, number, 100)
        for question, answer in zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
            assert task.check(question, answer, inside(question)) is False


@pytest.mark.parametrize(
    ("name", "question", "answer", "prediction", "right"),
    [
        ("simplify-powers", "", "x^6", "x^6", True),
        ("simplify-powers", "", "x^6", "x^(12/2)", True),
        ("simplify-powers", "", "x^6", "x^3*x^3", False),
        ("simplify-powers", "", "x^6", "1/x^(-6)", True),
        ("simplify-powers", "", "x^6*y^(-2)", "x^6/y^2", True),
        ("simplify-powers", "", "x^6*y^(-2)", "y^(-2)*x^6", True),
        ("simplify-powers", "", "x^6*y^(-2)", "x^6*y^2", False),
        ("simplify-powers", "", "1", "1", True),
        ("simplify-powers", "", "1", "x", False),
        ("simplify-powers", "", "x", "2*x", False),
        ("rational-simplify", "simplify((2*x^2-2)/(x^2-3*x+2))", "(2*x+2)/(x-2)", "2*(x+1)/(x-2)", True),
        ("rational-simplify", "simplify((2*x^2-2)/(x^2-3*x+2))", "(2*x+2)/(x-2)", "(-2*x-2)/(2-x)", True),
        ("rational-simplify", "simplify((2*x^2-2)/(x^2-3*x+2))", "(2*x+2)/(x-2)", "(4*x+4)/(2*x-4)", False),
        ("rational-simplify", "simplify((2*x^2-2)/(x^2-3*x+2))", "(2*x+2)/(x-2)", "2+6/(x-2)", False),
        ("rational-simplify", "simplify((2*x^2-2)/(x^2-3*x+2))", "(2*x+2)/(x-2)", "(-2*x-2)/(x-2)", False),
        ("rational-add", "together(1/(x-1)+2/(x+3))", "(3*x+1)/(x^2+2*x-3)", "(3*x+1)/((x-1)*(x+3))", True),
        ("rational-add", "together(1/(x-1)+2/(x+3))", "(3*x+1)/(x^2+2*x-3)", "-(3*x+1)/(3-2*x-x^2)", True),
        ("rational-add", "together(1/(x-1)+2/(x+3))", "(3*x+1)/(x^2+2*x-3)", "3/(x^2+2*x-3)", False),
        ("partial-fractions", "apart((3*x+1)/((x-1)*(x+3)))", "1/(x-1)+2/(x+3)", "2/(3+x)-1/(1-x)", True),
        ("partial-fractions", "apart((3*x+1)/((x-1)*(x+3)))", "1/(x-1)+2/(x+3)", "2/(2*(x-1))+2/(x+3)", True),
        ("partial-fractions", "apart((3*x+1)/((x-1)*(x+3)))", "1/(x-1)+2/(x+3)", "1/(x-1)+1/(x+3)+1/(x+3)", False),
        ("partial-fractions", "apart((3*x+1)/((x-1)*(x+3)))", "1/(x-1)+2/(x+3)", "1/(x-1)", False),
        ("partial-fractions", "apart((3*x+1)/((x-1)*(x+3)))", "1/(x-1)+2/(x+3)", "1/(x-1)+2/(x+3)+0", False),
    ],
)
def test_a_judge_knows_the_form(name: str, question: str, answer: str, prediction: str, right: bool) -> None:
    assert find_task(f"algebra/{name}").check(question, answer, prediction) is right


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("simplify-powers", {"factors": 2, "variables": 3, "raised": False, "parts": 1}),
        ("rational-simplify", {"top": 9, "bottom": 9, "common": 9, "size": 99, "leading": 9}),
        ("rational-add", {"terms": 12, "size": 99, "leading": 9}),
    ],
)
def test_a_level_past_the_bounds_is_an_error(name: str, level: dict[str, object]) -> None:
    with pytest.raises(UserError):
        find_task(f"algebra/{name}")(stream("bounds"), 4, **level)
