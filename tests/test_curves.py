"""Curve points: every sum is worked out anew over the field, from the question alone, by Python's own integers."""

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import every_level, problems, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.generators import curves

LEVELS = every_level(curves)
FORM = re.compile(r"curve\((\d+),(\d+),(\d+)\):(O|\d+,\d+)\+(O|\d+,\d+)")
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]
Point = tuple[int, int] | None


def read(question: str) -> tuple[int, int, int, Point, Point]:
    found = FORM.fullmatch(question)
    assert found is not None, question
    a, b, prime = (int(found[group]) for group in (1, 2, 3))
    one, other = (None if text == "O" else tuple(map(int, text.split(","))) for text in found.group(4, 5))
    return a, b, prime, one, other


def on_the_curve(point: Point, a: int, b: int, prime: int) -> bool:
    return point is None or (point[1] ** 2 - point[0] ** 3 - a * point[0] - b) % prime == 0


def third_by_line(a: int, b: int, prime: int, one: Point, other: Point) -> Point:
    """The sum from the roots of the cubic on the line through both points, found by trying every x of the field."""
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0] and (one[1] + other[1]) % prime == 0:
        return None
    run = (2 * one[1] if one == other else other[0] - one[0]) % prime
    rise = (3 * one[0] ** 2 + a if one == other else other[1] - one[1]) % prime
    slope = next(number for number in range(prime) if (number * run - rise) % prime == 0)
    x = sympy.Symbol("x")
    line = slope * (x - one[0]) + one[1]
    cubic = sympy.Poly(x**3 + a * x + b - line**2, x, modulus=prime)
    left, remainder = sympy.div(cubic, sympy.Poly((x - one[0]) * (x - other[0]), x, modulus=prime))
    assert remainder.is_zero
    root = int(-left.eval(0)) % prime
    return root, -(slope * (root - one[0]) + one[1]) % prime


def added(a: int, prime: int, one: Point, other: Point) -> Point:
    """The textbook formulas, for larger fields."""
    if one is None or other is None:
        return other if one is None else one
    (x, y), (u, v) = one, other
    if x == u and (y + v) % prime == 0:
        return None
    slope = (3 * x * x + a) * pow(2 * y, -1, prime) if one == other else (v - y) * pow(u - x, -1, prime)
    total = (slope * slope - x - u) % prime
    return total, (slope * (x - total) - y) % prime


def shown(point: Point) -> str:
    return "O" if point is None else f"{point[0]},{point[1]}"


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_sum_is_the_third_point_of_the_line_mirrored(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, 500)
    assert len(batch.question) == 500
    for question, given in zip(batch.question.to_pylist()[:draws], texts(batch.answer)[:draws], strict=True):
        a, b, prime, one, other = read(question)
        assert (4 * a**3 + 27 * b**2) % prime
        assert sympy.isprime(prime)
        assert prime > 3
        assert max(a, b) < prime
        total = third_by_line(a, b, prime, one, other) if prime < 2_000 else added(a, prime, one, other)
        assert given == shown(total), question
        assert all(on_the_curve(point, a, b, prime) for point in (one, other, total))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_traits_right(task: Task, number: int) -> None:
    batch = problems(task, number, 400)
    answers = pa.array(texts(batch.answer))
    assert task.answer.canonical(answers).equals(answers)
    for question, given, trait in zip(batch.question.to_pylist(), answers.to_pylist(), traits(batch), strict=True):
        _, _, prime, one, other = read(question)
        case = (
            "infinity"
            if one is None or other is None
            else "opposite"
            if given == "O"
            else "double"
            if one == other
            else "distinct"
        )
        assert trait == {"digits": len(str(prime)), "case": case}, question
        assert prime < 10 ** task.level(number)["digits"]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_swapped_points_share_a_key_and_other_problems_do_not(task: Task, number: int) -> None:
    batch = problems(task, number, 4_000)
    keys = batch.key.tolist()
    forms = []
    for question in batch.question.to_pylist():
        curve, points = question.split(":")
        forms.append((curve, *sorted(points.split("+"))))
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


def test_both_orders_come_up() -> None:
    batch = problems(find_task("numbers/curve-addition"), 1, 8_000)
    made = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    pairs = 0
    for question, key in made.items():
        curve, points = question.split(":")
        one, other = points.split("+")
        swapped = f"{curve}:{other}+{one}"
        if one != other and swapped in made:
            assert made[swapped] == key
            pairs += 1
    assert pairs > 100


def test_cases_have_the_shares_that_the_docstring_gives() -> None:
    batch = problems(find_task("numbers/curve-addition"), 3, 40_000)
    cases = Counter(batch.traits["case"].to_pylist())
    for case, share in (("distinct", 0.7), ("double", 0.2), ("opposite", 0.05), ("infinity", 0.05)):
        assert abs(cases[case] / 40_000 - share) < 0.01
    for level, share in ((1, 0.09), (2, 0.06), (4, 0.05)):
        answers = texts(problems(find_task("numbers/curve-addition"), level, 20_000).answer)
        assert abs(answers.count("O") / 20_000 - share) < 0.01


def test_junk_is_wrong_or_unparsable() -> None:
    kind = find_task("numbers/curve-addition").answer
    assert kind.canonical(pa.array(["(", "x", "", "o", "-1,2", "9" * 1_001])).null_count == 6
    assert kind.canonical(pa.array([" 80,87 ", "O"])).to_pylist() == ["80,87", "O"]


def test_fields_that_do_not_fit_are_refused_in_one_line() -> None:
    for digits in (0, 8):
        with pytest.raises(UserError, match="digits"):
            find_task("numbers/curve-addition")(np.random.default_rng(0), 4, digits=digits)
