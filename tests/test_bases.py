"""Arithmetic in any base: every answer, key and trait is worked out anew by Python's int and numpy's base_repr."""

import re
from collections import Counter
from collections.abc import Hashable

import numpy as np
import pytest
from question_reader import every_level, problems, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import bases

LEVELS = every_level(bases)
DRAWS = [pytest.param(25, id="25"), pytest.param(200, id="200", marks=pytest.mark.slow)]
NUMERALS = r"(0|[1-9a-f][0-9a-f]*)"
INFIX = rf"\({NUMERALS}([+*-]){NUMERALS}\)_(\d+)"
COMPARED = rf"{NUMERALS}_(\d+)\?{NUMERALS}_(\d+)"


def read(task: Task, question: str) -> tuple[str, int, int, int, int]:
    """The sign, then the value and the base of each operand; int() refuses a numeral that the base does not have."""
    found = re.fullmatch(COMPARED if task.name.endswith("comparison") else INFIX, question)
    assert found is not None, question
    if task.name.endswith("comparison"):
        left, base, right, other = found.groups()
        return "?", int(left, int(base)), int(base), int(right, int(other)), int(other)
    left, sign, right, base = found.groups()
    return sign, int(left, int(base)), int(base), int(right, int(base)), int(base)


def answer(task: Task, question: str) -> str:
    sign, first, base, second, _ = read(task, question)
    if sign == "?":
        return "<" if first < second else ">" if first > second else "="
    return np.base_repr({"+": first + second, "-": first - second, "*": first * second}[sign], base).lower()


def form(task: Task, question: str) -> Hashable:
    """What equivalent questions share, written down anew."""
    sign, first, base, second, other = read(task, question)
    if sign == "?":
        return frozenset(((first, base), (second, other)))
    if (sign == "-" and first == second) or (sign == "*" and 0 in (first, second)):
        return sign, base
    return sign, base, tuple(sorted((first, second)))


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_python_finds(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, draws)
    questions = batch.question.to_pylist()
    assert len(questions) == draws
    assert texts(batch.answer) == [answer(task, question) for question in questions]
    assert task.answer.canonical(batch.answer).equals(batch.answer)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_keys_meet_exactly_where_questions_are_equivalent(task: Task, number: int) -> None:
    batch = problems(task, number, 2_000)
    forms, keys = [form(task, question) for question in batch.question.to_pylist()], batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_traits_are_right_and_operands_within_the_level(task: Task, number: int) -> None:
    batch = problems(task, number, 200)
    for question, given in zip(batch.question.to_pylist(), traits(batch), strict=True):
        sign, first, base, second, other = read(task, question)
        assert max(first, second) < 10 ** task.level(number)["digits"]
        assert 2 <= min(base, other) <= max(base, other) <= 16
        lengths = [len(np.base_repr(first, base)), len(np.base_repr(second, other))]
        expected = {"digits": max(lengths)}
        assert given == (expected if sign == "?" else expected | {"operators": sign, "base": base})


def test_every_base_is_as_frequent_and_all_operators_are_told_apart() -> None:
    draws = 30_000
    found = {}
    for name in ("addition", "subtraction", "multiplication"):
        batch = find_task(f"arithmetic/base-{name}")(stream("frequency"), draws, digits=4)
        counts = Counter(batch.traits["base"].tolist())
        assert sorted(counts) == list(range(2, 17))
        assert all(abs(count - draws / 15) < 5 * (draws / 15) ** 0.5 for count in counts.values())
        found[name] = set(batch.key.tolist())
    assert not found["addition"] & found["subtraction"]
    assert not found["addition"] & found["multiplication"]


def test_the_same_numbers_in_another_base_are_another_problem() -> None:
    batch = find_task("arithmetic/base-addition")(stream("bases"), 60_000, digits=1)
    keys = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    assert keys["(3+4)_8"] == keys["(4+3)_8"]
    assert keys["(3+4)_8"] != keys["(3+4)_9"]


@pytest.mark.parametrize("digits", [3, 5, 12])
def test_each_sign_has_a_third_of_the_comparisons(digits: int) -> None:
    draws = 30_000
    batch = find_task("arithmetic/base-comparison")(stream("signs"), draws, digits=digits)
    signs = Counter(batch.answer.to_pylist())
    assert all(abs(count - draws / 3) < 5 * (draws * 2 / 9) ** 0.5 for count in signs.values())
    assert not any(re.fullmatch(r".*_(\d+)\?.*_\1", question) for question in batch.question.to_pylist())


def test_a_level_outside_the_bounds_is_an_error_not_a_wrong_answer() -> None:
    for name, digits in (("addition", 19), ("subtraction", 19), ("multiplication", 10), ("comparison", 0)):
        with pytest.raises(UserError, match="fit 64 bits"):
            find_task(f"arithmetic/base-{name}")(stream("bounds"), 4, digits=digits)
    for name, digits in (("addition", 18), ("subtraction", 18), ("multiplication", 9)):
        task = find_task(f"arithmetic/base-{name}")
        batch = task(stream("bounds"), 50, digits=digits)
        assert texts(batch.answer) == [answer(task, question) for question in batch.question.to_pylist()]
