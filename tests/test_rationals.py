"""Fractions: every answer, key and trait is worked out anew from the question, by sympy and Python's fractions."""

import re
from collections import Counter
from collections.abc import Hashable
from fractions import Fraction
from math import gcd

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import every_level, problems, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import rationals

LEVELS = every_level(rationals)
DRAWS = [pytest.param(25, id="25"), pytest.param(200, id="200", marks=pytest.mark.slow)]
FORMS = {
    "arithmetic/fraction-addition": r"fraction\((\d+)/(\d+)\+(\d+)/(\d+)\)",
    "arithmetic/fraction-subtraction": r"fraction\((\d+)/(\d+)-(\d+)/(\d+)\)",
    "arithmetic/fraction-multiplication": r"fraction\(\((\d+)/(\d+)\)\*\((\d+)/(\d+)\)\)",
    "arithmetic/fraction-division": r"fraction\(\((\d+)/(\d+)\)/\((\d+)/(\d+)\)\)",
    "arithmetic/fraction-simplify": r"fraction\((\d+)/(\d+)\)",
    "arithmetic/fraction-comparison": r"(\d+)/(\d+)\?(\d+)/(\d+)",
}
SIGNS = {"addition": "+", "subtraction": "-", "multiplication": "*", "division": "/"}


def numbers(task: Task, question: str) -> list[int]:
    """The whole numbers of a question of the task's form; none has a leading zero."""
    found = re.fullmatch(FORMS[task.name], question)
    assert found is not None, question
    assert all(str(int(number)) == number for number in found.groups())
    return [int(number) for number in found.groups()]


def operation(task: Task) -> str:
    return task.name.partition("fraction-")[2]


def answer(task: Task, question: str) -> str:
    a, b, *rest = numbers(task, question)
    first = sympy.Rational(a, b)
    if not rest:
        return str(first)
    second = sympy.Rational(*rest)
    if operation(task) == "comparison":
        return "<" if first < second else ">" if first > second else "="
    results = {"+": first + second, "-": first - second, "*": first * second, "/": first / second}
    return str(results[SIGNS[operation(task)]])


def factors(*quotients: Fraction) -> Hashable:
    """Numerators and denominators of a product, cancelled as they stand."""
    total: Counter = Counter()
    for quotient in quotients:
        total[quotient.numerator] += 1
        total[quotient.denominator] -= 1
    return frozenset((factor, count) for factor, count in total.items() if count and factor != 1)


def form(task: Task, question: str) -> Hashable:
    """What equivalent questions share, written down anew."""
    a, b, *rest = numbers(task, question)
    if operation(task) == "simplify":
        return frozenset((a, b))
    c, d = rest
    if operation(task) == "comparison":
        return frozenset((tuple(sorted((a, d))), tuple(sorted((b, c)))))
    first, second = Fraction(a, b), Fraction(c, d)
    if operation(task) == "addition":
        return tuple(sorted((first, second)))
    if operation(task) == "subtraction":
        return tuple(sorted((first, second))) if first != second else 0
    return factors(first, second if operation(task) == "multiplication" else 1 / second)


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_sympy_finds(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, draws)
    assert len(batch.question) == draws
    questions = batch.question.to_pylist()
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
        a, b, *rest = operands = numbers(task, question)
        assert all(1 <= operand < 10 ** task.level(number)["digits"] for operand in operands)
        expected = {"digits": max(len(str(operand)) for operand in operands)}
        if operation(task) == "simplify":
            expected |= {"reduces": int(gcd(a, b) > 1)}
        elif operation(task) in SIGNS:
            c, d = rest
            sign = SIGNS[operation(task)]
            top = {"+": a * d + b * c, "-": a * d - b * c, "*": a * c, "/": a * d}[sign]
            bottom = b * c if sign == "/" else b * d
            expected |= {"operators": sign, "reduces": int(gcd(top, bottom) > 1)}
        assert given == expected


def test_equal_values_in_any_order_share_a_key() -> None:
    batch = find_task("arithmetic/fraction-addition")(stream("fractions"), 60_000, digits=1)
    keys = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    assert keys["fraction(2/4+1/3)"] == keys["fraction(1/3+2/4)"] == keys["fraction(3/9+1/2)"]
    assert keys["fraction(2/4+1/3)"] != keys["fraction(2/4+2/3)"]


def test_a_product_and_a_quotient_by_the_reciprocal_fall_into_one_split() -> None:
    batches = [
        find_task(f"arithmetic/fraction-{name}")(stream("fractions"), 60_000, digits=1)
        for name in ("multiplication", "division")
    ]
    keys = {
        question: key for batch in batches for question, key in zip(batch.question.to_pylist(), batch.key, strict=True)
    }
    assert keys["fraction((3/4)*(5/7))"] == keys["fraction((3/4)/(7/5))"] == keys["fraction((5/4)*(3/7))"]
    assert keys["fraction((3/4)*(5/7))"] != keys["fraction((3/4)/(5/7))"]


@pytest.mark.parametrize("digits", [3, 4, 6, 9])
def test_each_sign_has_a_third_of_the_comparisons(digits: int) -> None:
    draws = 30_000
    signs = Counter(
        find_task("arithmetic/fraction-comparison")(stream("signs"), draws, digits=digits).answer.to_pylist()
    )
    assert all(abs(count - draws / 3) < 5 * (draws * 2 / 9) ** 0.5 for count in signs.values())


def test_fractions_that_can_be_simplified_are_common_but_not_all() -> None:
    batch = find_task("arithmetic/fraction-simplify")(stream("simplify"), 20_000, digits=6)
    assert 0.88 < np.mean(batch.traits["reduces"]) < 0.95


@pytest.mark.parametrize("largest", [2, 9, 10, 99, 12_345, 10**18])
def test_a_nearby_number_is_another_one_within_the_bounds(largest: int) -> None:
    value = stream("nearby").integers(1, largest + 1, size=20_000)
    other = rationals.nearby(stream("steps"), value, np.full(20_000, largest))
    assert (other != value).all()
    assert other.min() >= 1
    assert other.max() <= largest


@pytest.mark.parametrize("digits", [3, 6])
def test_whether_fractions_can_be_simplified_does_not_tell_the_sign(digits: int) -> None:
    task = find_task("arithmetic/fraction-comparison")
    batch = task(stream("shortcut"), 20_000, digits=digits)
    rows = np.array([numbers(task, question) for question in batch.question.to_pylist()])
    both = (np.gcd(rows[:, 0], rows[:, 1]) > 1) & (np.gcd(rows[:, 2], rows[:, 3]) > 1)
    equal = np.array(batch.answer.to_pylist()) == "="
    assert abs(both[equal].mean() - both[~equal].mean()) < 0.02


def test_the_largest_operands_stay_exact() -> None:
    largest = np.array([10**9 - 1])
    assert 2 * int(largest[0]) ** 2 < 2**63
    batch = rationals._operation(
        "+",
        (largest, largest - 1),
        (largest, largest - 2),
        (largest * (largest - 2) + largest * (largest - 1), (largest - 1) * (largest - 2)),
        np.array([0], dtype=np.uint64),
    )
    exact = Fraction(10**9 - 1, 10**9 - 2) + Fraction(10**9 - 1, 10**9 - 3)
    assert batch.answer.to_pylist() == [str(exact)]


def test_a_level_outside_the_bounds_is_an_error_not_a_wrong_answer() -> None:
    for name, digits in (("addition", 10), ("division", 0), ("simplify", 19), ("comparison", 10)):
        with pytest.raises(UserError, match="fit 64 bits"):
            find_task(f"arithmetic/fraction-{name}")(stream("bounds"), 4, digits=digits)


def test_only_lowest_terms_are_right_and_junk_does_not_parse() -> None:
    kind = find_task("arithmetic/fraction-simplify").answer
    given = ["2/4", "1/2", "+1/2", "1/0", "1/2/3", "9" * 900, "9" * 2_000, "((((1", "", "0.5"]
    read = kind.canonical(pa.array(given)).to_pylist()
    assert read[:5] == ["2/4", "1/2", "1/2", None, None]
    assert read[5] == "9" * 900
    assert read[6:] == [None] * 4
