"""Mixed operators and nested brackets: every answer, trait and key is worked out anew from the question's text."""

import re
from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
from question_reader import agreement, every_level, height, leaves, parse, problems, rounded, signs, traits, value

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import expressions
from enigmath.generators.expressions import evaluate, make_even
from enigmath.generators.trees import OPERATORS, draw_trees, write

LEVELS = every_level(expressions)
NESTED = [level for level in LEVELS if level.values[0].name.startswith("expressions/nested")]
WHOLE = [level for level in LEVELS if level.values[0].name.endswith("whole")]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_and_every_key_is_what_an_independent_reader_finds(task: Task, number: int) -> None:
    agreement(task.name, problems(task, number, 500))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_traits_are_right(task: Task, number: int) -> None:
    batch = problems(task, number, 300)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question, given in zip(batch.question.to_pylist(), traits(batch), strict=True):
        tree = parse(question)
        expected = {
            "operators": "".join(sign for sign in OPERATORS if sign in signs(tree)),
            "digits": max(len(str(number)) for number in leaves(tree)),
        }
        if "nested" in task.name:
            expected |= {"operands": len(leaves(tree)), "depth": height(tree)}
        assert given == expected


@pytest.mark.parametrize(("task", "number"), NESTED)
def test_every_operation_but_the_outermost_has_brackets_of_its_own(task: Task, number: int) -> None:
    operands = task.level(number)["operands"]
    for question in problems(task, number, 200).question.to_pylist():
        assert question.count("(") == question.count(")") == operands - 2
        flat = question
        for _ in range(operands - 2):
            flat, found = re.subn(r"\(\d+[+*/-]\d+\)", "1", flat, count=1)
            assert found == 1
        assert re.fullmatch(r"\d+[+*/-]\d+", flat)


@pytest.mark.parametrize(("task", "number"), WHOLE)
def test_every_division_of_the_whole_number_tasks_is_even(task: Task, number: int) -> None:
    level = task.level(number)
    divisions = 0
    for question in problems(task, number, 400).question.to_pylist():
        todo = [parse(question)]
        while todo:
            node = todo.pop()
            assert value(node).denominator == 1
            if isinstance(node, tuple):
                divisions += node[0] == "/"
                todo += node[1:]
        assert max(leaves(parse(question))) < 10 ** level["digits"]
    assert divisions > 40


def test_sympy_agrees_with_nested_answers() -> None:
    for number in (4, 8):
        batch = problems(find_task("expressions/nested"), number, 150)
        for question, given in zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
            exact = sympy.Rational(sympy.parse_expr(re.sub(r"(\d+)", r"Integer(\1)", question)))
            assert given == rounded(Fraction(int(exact.p), int(exact.q)))


def test_what_divides_by_zero_and_nothing_else_is_rejected() -> None:
    """The share of draws that are kept is the share of all trees that have a value, counted one by one."""
    defined = total = 0
    for first, second, a, b, c in product("+-*/", "+-*/", range(10), range(10), range(10)):
        for tree in ((second, (first, a, b), c), (first, a, (second, b, c))):
            total += 1
            try:
                value(tree)
            except ZeroDivisionError:
                continue
            defined += 1
    draws = 100_000
    kept = len(problems(find_task("expressions/nested"), 1, draws).question) / draws
    share = defined / total
    assert kept == pytest.approx(share, abs=5 * (share * (1 - share) / draws) ** 0.5)


def test_every_shape_operator_and_operand_is_equally_likely() -> None:
    questions = problems(find_task("expressions/nested"), 6, 60_000).question.to_pylist()
    trees = [parse(question) for question in questions]
    shapes = Counter(re.sub(r"\d+", "x", re.sub(r"[+*/-]", ".", question)) for question in questions)
    assert len(shapes) == 5
    assert all(count / len(trees) == pytest.approx(1 / 5, abs=0.01) for count in shapes.values())
    operators = Counter(sign for tree in trees for sign in signs(tree))
    assert all(operators[sign] / sum(operators.values()) == pytest.approx(1 / 4, abs=0.01) for sign in "+-*/")
    operands = np.array([number for tree in trees for number in leaves(tree)])
    assert set(operands) == set(range(100))
    assert operands.mean() == pytest.approx(49.5, abs=0.5)


@pytest.mark.parametrize(("task", "number"), NESTED)
def test_the_largest_operands_of_a_level_do_not_overflow(task: Task, number: int) -> None:
    level = task.level(number)
    operands, largest, n = level["operands"], 10 ** level["digits"] - 1, 300
    rng = stream("largest", task.name, number)
    trees = draw_trees(rng, n, operands)
    numbers = largest - rng.integers(2, size=(operands, n))
    operators = rng.choice([0, 1, 2, 3], p=[0.25, 0.15, 0.4, 0.2], size=(operands - 1, n))
    if task.name.endswith("whole"):
        numbers, operators, numerators = make_even(trees, numbers, operators, rng.integers(3, size=operators.shape))
        denominators = np.ones(n, dtype=np.int64)
    else:
        numerators, denominators = evaluate(trees, numbers, operators)
    questions = write(trees, numbers, operators).to_pylist()
    for question, top, bottom in zip(questions, numerators.tolist(), denominators.tolist(), strict=True):
        try:
            exact = value(parse(question))
        except ZeroDivisionError:
            assert (top, bottom) == (0, 0)
        else:
            assert bottom > 0
            assert Fraction(top, bottom) == exact


def test_too_many_operands_are_an_error_that_says_so() -> None:
    nested = find_task("expressions/nested")
    with pytest.raises(UserError, match="6 operands of 3 digits do not fit 64 bits"):
        nested(stream("bounds"), 4, digits=3, operands=6)
    with pytest.raises(UserError, match="11 operands"):
        nested(stream("bounds"), 4, digits=1, operands=11)
