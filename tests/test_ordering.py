"""Lists in order, and the digits of a number: every answer is worked out anew by Python's own lists and texts."""

import re
from collections import Counter
from collections.abc import Hashable

import numpy as np
import pyarrow as pa
import pytest
from question_reader import every_level, problems, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import ordering

LEVELS = every_level(ordering)
LIST = r"(-?\d+(?:,-?\d+)+)"
FORMS = {
    "arithmetic/sort": rf"sort\({LIST}\)",
    "arithmetic/kth-largest": rf"largest\((\d+);{LIST}\)",
    "arithmetic/closest": rf"closest\((-?\d+);{LIST}\)",
    "arithmetic/digit-sum": r"digitsum\((\d+)\)",
    "arithmetic/digit-reverse": r"reverse\((\d+)\)",
}


def parts(task: Task, question: str) -> list[list[int]]:
    """The numbers between the brackets, in their groups."""
    found = re.fullmatch(FORMS[task.name], question)
    assert found is not None, question
    return [[int(number) for number in group.split(",")] for group in found.groups()]


def answer(task: Task, question: str) -> str:
    *first, numbers = parts(task, question)
    if task.name == "arithmetic/sort":
        return ",".join(map(str, sorted(numbers)))
    if task.name == "arithmetic/kth-largest":
        assert len(set(numbers)) == len(numbers)
        return str(sorted(numbers, reverse=True)[first[0][0] - 1])
    if task.name == "arithmetic/closest":
        best, *others = sorted(numbers, key=lambda number: abs(number - first[0][0]))
        assert all(abs(other - first[0][0]) > abs(best - first[0][0]) for other in others)
        return str(best)
    digits = str(numbers[0])
    return digits[::-1] if task.name == "arithmetic/digit-reverse" else str(sum(map(int, digits)))


def form(task: Task, question: str) -> Hashable:
    return tuple(tuple(sorted(group)) for group in parts(task, question))


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_and_every_key_is_what_an_independent_route_finds(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, count, seed=count)
    questions = batch.question.to_pylist()
    assert texts(batch.answer) == [answer(task, question) for question in questions]
    forms, keys = [form(task, question) for question in questions], batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_questions_have_one_form_and_rejected_draws_a_reason(task: Task, number: int) -> None:
    batch = problems(task, number, 1_000)
    assert len(batch.question) + sum(batch.rejected.values()) == 1_000
    assert len(batch.question) > 900
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question in batch.question.to_pylist():
        assert re.fullmatch(FORMS[task.name], question)
        assert not re.search(r"-0|(?<!\d)0\d", question)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_traits_are_right(task: Task, number: int) -> None:
    batch, level = problems(task, number, 100), task.level(number)
    for question, given in zip(batch.question.to_pylist(), traits(batch), strict=True):
        *first, numbers = parts(task, question)
        compared = numbers if task.name == "arithmetic/kth-largest" else sum(first, numbers)
        expected = {"digits": max(len(str(abs(number))) for number in compared)}
        if "count" in level:
            expected["operands"] = level["count"]
            assert len(numbers) == level["count"]
        if task.name == "arithmetic/kth-largest":
            expected["place"] = first[0][0]
        if task.name == "arithmetic/closest":
            least, second, *_ = sorted(abs(number - first[0][0]) for number in numbers)
            expected["margin"] = second - least
        assert given == expected


@pytest.mark.parametrize(("task", "number"), [level for level in LEVELS if level.values[0].chance is not None])
def test_the_declared_chance_is_what_guessing_scores(task: Task, number: int) -> None:
    level = task.level(number)
    batch = problems(task, number, 40_000)
    answers, questions = texts(batch.answer), batch.question.to_pylist()
    if "count" in level:
        guesses = [str(parts(task, question)[-1][0]) for question in questions]
        share, rows = np.mean([one == other for one, other in zip(guesses, answers, strict=True)]), len(answers)
    else:
        kept = np.unique(batch.key, return_index=True)[1].tolist()
        middle, rows = str(9 * level["digits"] // 2), len(kept)
        share = Counter(answers[row] for row in kept)[middle] / rows
    chance = task.chance(**level)
    assert abs(share - chance) < 6 * (chance / rows) ** 0.5


def test_the_commonest_digit_sum_is_counted_exactly() -> None:
    counts = Counter(sum(map(int, str(number))) for number in range(10**4))
    assert find_task("arithmetic/digit-sum").chance(digits=4) == max(counts.values()) / 10**4


def test_the_order_of_a_list_does_not_change_its_key_and_its_numbers_do() -> None:
    for name in ("sort", "kth-largest", "closest"):
        task = find_task(f"arithmetic/{name}")
        batch = task(stream("order", name), 60_000, count=3, digits=1)
        keys: dict = {}
        swapped = 0
        for question, key in zip(batch.question.to_pylist(), batch.key.tolist(), strict=True):
            shape = form(task, question)
            swapped += keys.setdefault(shape, (question, key))[0] != question
            assert keys[shape][1] == key
        assert swapped > 1_000
        assert len({key for _, key in keys.values()}) == len(keys)


def test_numbers_are_uniform_over_all_of_their_length_and_either_sign() -> None:
    batch = find_task("arithmetic/sort")(stream("uniform"), 19_000, count=3, digits=1)
    counts = Counter(number for question in batch.question.to_pylist() for number in re.findall(r"-?\d+", question))
    assert sorted(map(int, counts)) == list(range(-9, 10))
    assert all(abs(count - 3_000) < 6 * 3_000**0.5 for count in counts.values())


def test_what_is_no_sorted_list_is_wrong_or_does_not_parse() -> None:
    given = pa.array(["-3, 5,12", "-3,+5,012", "5,-3,12", "-3,5", "-3;5;12", "9" * 900, "," * 900, "", "(" * 900])
    read = find_task("arithmetic/sort").answer.canonical(given).to_pylist()
    assert [text == "-3,5,12" for text in read] == [True, True] + [False] * 7


def test_a_level_outside_the_bounds_is_one_clear_error() -> None:
    for level in ({"count": 1, "digits": 3}, {"count": 4, "digits": 19}):
        with pytest.raises(UserError, match="lists of"):
            find_task("arithmetic/closest")(stream("bounds"), 4, **level)
