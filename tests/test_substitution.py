"""Formulas at given values: every answer by sympy, every key by the laws of arithmetic, written down anew."""

import ast
import re
from functools import reduce
from itertools import combinations

import pytest
import sympy
from question_reader import Node, every_level, normal, problems, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import substitution

LEVELS = every_level(substitution)
POWER = r"[xyzw](\^\d)?"
MONOMIAL = rf"{POWER}(\*{POWER})*"
TERM = rf"(\d+\*{MONOMIAL}|{MONOMIAL}|\d+)"
FORM = rf"-?{TERM}([+-]{TERM})* at x=-?\d+(,[yzw]=-?\d+)*"


def read(question: str) -> tuple[str, dict[str, int]]:
    """The formula, and the values."""
    formula, given = question.split(" at ")
    return formula, {pair.split("=")[0]: int(pair.split("=")[1]) for pair in given.split(",")}


def polynomial(question: str) -> sympy.Poly:
    formula, values = read(question)
    return sympy.Poly(sympy.sympify(formula), *sympy.symbols(list(values)))


def substituted(node: ast.expr, values: dict[str, int]) -> Node:
    """The sum with its values put in, as `normal` reads it: powers as products, a minus sign as 0 - ..."""
    if isinstance(node, ast.Constant):
        return int(node.value)
    if isinstance(node, ast.Name):
        value = values[node.id]
        return value if value >= 0 else ("-", 0, -value)
    if isinstance(node, ast.UnaryOp):
        return "-", 0, substituted(node.operand, values)
    assert isinstance(node, ast.BinOp)
    left, right = substituted(node.left, values), substituted(node.right, values)
    if isinstance(node.op, ast.Pow):
        return reduce(lambda one, other: ("*", one, other), [left] * right)
    return {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}[type(node.op)], left, right


def form(question: str) -> object:
    formula, values = read(question)
    return normal(substituted(ast.parse(formula.replace("^", "**"), mode="eval").body, values))


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_and_every_key_is_what_an_independent_route_finds(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, count, seed=count)
    questions = batch.question.to_pylist()
    answers = [str(polynomial(question).eval(tuple(read(question)[1].values()))) for question in questions]
    assert texts(batch.answer) == answers
    forms, keys = [form(question) for question in questions], batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form(task: Task, number: int) -> None:
    batch = problems(task, number, 300)
    assert len(batch.question) == 300
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question in batch.question.to_pylist():
        assert re.fullmatch(FORM, question), question
        assert not re.search(r"(?<!\d)(0|1\*)|\^1|=-?0", question), question


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_variable_is_used_every_term_is_there_and_traits_are_right(task: Task, number: int) -> None:
    batch, level = problems(task, number, 50), task.level(number)
    for question, given in zip(batch.question.to_pylist(), traits(batch), strict=True):
        found, (_, values) = polynomial(question), read(question)
        assert found.free_symbols == set(sympy.symbols(list(values)))
        assert given == {
            "variables": len(values),
            "operands": len(found.terms()),
            "degree": found.total_degree(),
        }
        assert (given["variables"], given["operands"]) == (level["variables"], level["terms"])
        assert given["degree"] <= level["degree"]
        numbers = [abs(int(number)) for number in (*values.values(), *found.coeffs())]
        assert max(numbers) <= level["size"]


def test_names_and_the_order_of_terms_do_not_change_a_key_and_values_do() -> None:
    task = find_task("arithmetic/evaluate")
    batch = task(stream("renamed"), 200_000, variables=2, degree=1, terms=2, size=4)
    keys = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    assert keys["2*x+3*y at x=4,y=-3"] == keys["3*x+2*y at x=-3,y=4"]
    different = ("2*x+3*y at x=4,y=-3", "2*x+3*y at x=-3,y=4", "2*x-3*y at x=4,y=-3", "2*x+3*y at x=4,y=-2")
    assert len({keys[question] for question in different}) == len(different)
    assert len({form(question) for question in keys}) == len(set(keys.values()))


def test_a_formula_shares_its_key_with_the_sum_that_stands_there_once_values_are_in() -> None:
    batch = find_task("arithmetic/evaluate")(stream("sums"), 20_000, variables=2, degree=1, terms=2, size=3)
    added = find_task("arithmetic/addition")(stream("added"), 20_000, digits=1)
    keys = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    sums = dict(zip(added.question.to_pylist(), added.key.tolist(), strict=True))
    assert keys["x+y at x=3,y=2"] == sums["3+2"] == sums["2+3"]


def test_every_set_of_monomials_that_uses_every_variable_is_drawn() -> None:
    batch = find_task("arithmetic/evaluate")(stream("shapes"), 5_000, variables=2, degree=2, terms=2, size=9)
    bare = {re.sub(r"(?<![\^\d])\d+\*?", "", question.split(" at ")[0]) for question in batch.question.to_pylist()}
    drawn = {tuple(re.split("[+-]", shape.lstrip("-"))) for shape in bare}
    monomials = ["x^2", "x*y", "y^2", "x", "y", ""]
    assert drawn == {pair for pair in combinations(monomials, 2) if {"x", "y"} <= set("".join(pair))}


def test_a_level_outside_the_bounds_is_one_clear_error() -> None:
    task = find_task("arithmetic/evaluate")
    with pytest.raises(UserError, match="64 bits"):
        task(stream("bounds"), 4, variables=1, degree=9, terms=3, size=99)
    with pytest.raises(UserError, match="monomials"):
        task(stream("bounds"), 4, variables=1, degree=1, terms=3, size=9)
