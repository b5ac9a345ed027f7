"""Probability and counting: answers are counted out anew, by trying or by polynomials, with Python's own fractions."""

import math
import re
from collections import Counter
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import every_level, problems, texts

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import probability

LEVELS = every_level(probability)
FORMS = {
    "probability/draw-sequence": r"inorder\(([a-z]+),([a-z]+)\)",
    "probability/draw-multiset": r"anyorder\(([a-z]+),([a-z]+)\)",
    "probability/dice-sum": r"dicesum\(\((\d+(?:,\d+)+)\),(\d+)\)",
    "counting/letters": r"count\(([a-z]),([a-z]+)\)",
    "counting/arrangements": r"arrangements\(([a-z]+)\)",
}


def parts(task: Task, question: str) -> tuple[str, ...]:
    found = re.fullmatch(FORMS[task.name], question)
    assert found is not None, question
    return found.groups()


def in_order(bag: str, sequence: str) -> Fraction:
    """One letter after the other, each taken out of the bag."""
    chance, left = Fraction(1), list(bag)
    for letter in sequence:
        chance *= Fraction(left.count(letter), len(left))
        left.remove(letter)
    return chance


def dice(sides: list[int], total: int) -> Fraction:
    """The coefficient of a product of polynomials."""
    x = sympy.Symbol("x")
    whole = sympy.Poly(1, x)
    for count in sides:
        whole *= sympy.Poly([1] * count + [0], x)
    return Fraction(int(whole.coeff_monomial(x**total)), math.prod(sides))


def expected(task: Task, question: str) -> Fraction:
    given = parts(task, question)
    if task.name == "probability/draw-sequence":
        return in_order(*given)
    if task.name == "probability/draw-multiset":
        orders = Fraction(math.factorial(len(given[1])))
        for count in Counter(given[1]).values():
            orders /= math.factorial(count)
        return orders * in_order(*given)
    if task.name == "probability/dice-sum":
        return dice([int(one) for one in given[0].split(",")], int(given[1]))
    if task.name == "counting/letters":
        return Fraction(sum(letter == given[0] for letter in given[1]))
    left, ways = len(given[0]), 1
    for count in Counter(given[0]).values():
        ways, left = ways * math.comb(left, count), left - count
    return Fraction(ways)


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_counted_out_anew(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, count)
    assert len(batch.question) == count
    for question, given in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        assert given == str(expected(task, question))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_traits_and_lengths_right(task: Task, number: int) -> None:
    level, batch = task.level(number), problems(task, number, 400)
    answers = pa.array(texts(batch.answer))
    assert task.answer.canonical(answers).equals(answers)
    for row, question in enumerate(batch.question.to_pylist()):
        given = parts(task, question)
        traits = {name: int(values[row]) for name, values in batch.traits.items()}
        if "drawn" in level:
            assert traits == {"drawn_kinds": len(set(given[1]))}
            assert (len(given[0]), len(given[1])) == (level["letters"], level["drawn"])
            assert 2 <= len(set(given[0])) <= level["kinds"]
            assert not Counter(given[1]) - Counter(given[0])
        elif "dice" in level:
            assert traits == {"dice": len(given[0].split(","))} == {"dice": level["dice"]}
        elif task.name == "counting/letters":
            assert traits == {"length": len(given[1])} == {"length": level["length"]}
        else:
            assert traits == {"kinds": len(set(given[0]))}
            assert len(given[0]) == level["length"]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_a_text_has_one_key_and_equal_problems_share_it(task: Task, number: int) -> None:
    batch = problems(task, number, 4_000)
    forms = []
    for question in batch.question.to_pylist():
        given = parts(task, question)
        if task.name == "probability/dice-sum":
            sides = sorted(int(one) for one in given[0].split(","))
            above = int(given[1]) - len(sides)
            forms.append((*sides, min(above, sum(sides) - len(sides) - above)))
        elif task.name == "counting/letters":
            forms.append((given[0], min(given[1], given[1][::-1])))
        else:
            forms.append(tuple("".join(sorted(word)) for word in given))
    keys = batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


def test_small_cases_agree_with_trying_everything() -> None:
    bag, drawn = "abbac", "ab"
    draws = list(permutations(bag, 2))
    task = find_task("probability/draw-sequence"), find_task("probability/draw-multiset")
    assert Fraction(draws.count(("a", "b")), len(draws)) == Fraction(1, 5)
    assert expected(task[0], f"inorder({bag},{drawn})") == Fraction(1, 5)
    either = sum(sorted(draw) == ["a", "b"] for draw in draws)
    assert expected(task[1], f"anyorder({bag},{drawn})") == Fraction(either, len(draws)) == Fraction(2, 5)
    rolls = [sum(roll) for roll in product(range(1, 5), range(1, 7))]
    ways = probability._ways(np.array([[3, 5]]))[0]
    assert [rolls.count(total) for total in range(2, 11)] == ways.tolist()[:9]
    words = find_task("counting/arrangements")
    assert len(set(permutations("banana"))) == 60 == expected(words, "arrangements(banana)")


def test_the_declared_chance_of_counting_is_what_the_commonest_answer_scores() -> None:
    task = find_task("counting/letters")
    for number, level in enumerate(task.all_levels, start=1):
        answers = problems(task, number, 20_000).answer
        share = np.bincount(answers).max() / len(answers)
        assert abs(share - task.chance(**level)) < 0.02


def test_the_commonest_answers_have_the_shares_that_the_docstrings_say() -> None:
    said = {
        "probability/draw-sequence": (0.21, 0.17, 0.11, 0.07, 0.04, 0.025),
        "probability/draw-multiset": (0.22, 0.15, 0.11, 0.07, 0.04, 0.02),
        "counting/arrangements": (0.35, 0.17, 0.11, 0.07, 0.04, 0.04),
    }
    for name, shares in said.items():
        for number, share in enumerate(shares, start=1):
            batch = problems(find_task(name), number, 40_000)
            kept = np.array(texts(batch.answer))[np.unique(batch.key, return_index=True)[1]]
            assert abs(max(Counter(kept.tolist()).values()) / len(kept) - share) < 0.015


def test_levels_that_cannot_work_are_refused() -> None:
    for level in ({"length": 21, "kinds": 3}, {"length": 4, "kinds": 5}, {"length": 4, "kinds": 1}):
        with pytest.raises(UserError, match="kinds"):
            find_task("counting/arrangements")(stream("refused"), 2, **level)
    with pytest.raises(UserError, match="64 bits"):
        find_task("probability/dice-sum")(stream("refused"), 2, dice=12, largest=99)


def test_one_over_the_largest_die_is_right_as_often_as_the_ceiling_says() -> None:
    task = find_task("probability/dice-sum")
    for number, level in enumerate(task.all_levels, start=1):
        batch = problems(task, number, 10_000)
        asked = [parts(task, question)[0].split(",") for question in batch.question.to_pylist()]
        guesses = [f"1/{max(int(one) for one in sides)}" for sides in asked]
        share = np.mean([guess == given for guess, given in zip(guesses, texts(batch.answer), strict=True)])
        assert abs(share - task.ceiling(**level)) < 0.02
