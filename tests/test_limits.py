"""Limits: each answer is compared with values on both sides of the point, a hundred digits long, by mpmath."""

import mpmath
import pytest
import sympy
from calculus_reader import COUNTS, NAMES, canonical_and_in_form, drawn, formula, inside
from question_reader import every_level

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.streams import stream
from enigmath.generators import limits

LEVELS = every_level(limits)
NEAR = 40


def approached(function: str, point: str) -> list[mpmath.mpf]:
    """Values next to the point, from both sides where it is finite."""
    by_x = sympy.lambdify(NAMES["x"], formula(function), "mpmath")
    with mpmath.workdps(400):
        step = mpmath.mpf(10) ** -NEAR
        if point.endswith("inf"):
            return [by_x(1 / step if point == "inf" else -1 / step)]
        return [by_x(mpmath.mpf(point) + step), by_x(mpmath.mpf(point) - step)]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_limit_is_what_the_values_tend_to(task: Task, number: int, count: int) -> None:
    for row in drawn(task, number, count):
        function, _, point = inside(row["question"]).rpartition(",")
        for value in approached(function, point):
            if row["answer"].endswith("inf"):
                assert abs(value) > 10 ** (NEAR // 2), row
                assert (value > 0) == (row["answer"] == "inf"), row
            else:
                top, _, bottom = row["answer"].partition("/")
                with mpmath.workdps(400):
                    assert abs(value - mpmath.mpf(top) / int(bottom or 1)) < mpmath.mpf(10) ** -(NEAR // 2), row


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form(task: Task, number: int) -> None:
    form = r"limit\([-+*/^()0-9a-z]+,(-?\d|-?inf)\)"
    canonical_and_in_form(task, number, form, {"degree", "point", "infinite", "nodes"})
    for row in drawn(task, number, 40):
        assert row["trait.infinite"] == row["answer"].endswith("inf")
        assert row["trait.point"] == inside(row["question"]).rpartition(",")[2]


def test_a_limit_in_other_terms_is_right_and_junk_is_wrong() -> None:
    assert limits.is_limit("", "1/2", "2/4")
    assert limits.is_limit("", "-3", "-6/2")
    assert limits.is_limit("", "-3", "3/-1")
    assert limits.is_limit("", "inf", "+inf")
    for answer in ("1/2", "-3", "inf", "-inf", "0"):
        for hostile in ("", "1/0", "/", "inf/inf", "--inf", "9" * 900, "1/2/3", "nan", "infinf", "0/0"):
            assert not limits.is_limit("", answer, hostile)


@pytest.mark.parametrize("task", [limits.limit_rational, limits.limit_infinity], ids=["rational", "infinity"])
def test_zero_is_no_more_frequent_than_the_docstring_says(task: Task) -> None:
    rows = [row for number in range(1, 6) for row in drawn(task, number, 400)]
    share = sum(row["answer"] == "0" for row in rows) / len(rows)
    assert share < (0.16 if task is limits.limit_rational else 0.2)


def test_one_function_at_two_points_has_two_keys() -> None:
    rows = drawn(limits.limit_infinity, 1, 600)
    by_text = {row["question"]: row["key"] for row in rows}
    turned = [(by_text[text], by_text.get(text.replace(",inf", ",-inf"))) for text in by_text if text.endswith(",inf)")]
    assert all(first != second for first, second in turned)
    assert len(set(by_text.values())) > 0.9 * len(by_text)


def test_levels_that_cannot_work_say_so() -> None:
    with pytest.raises(UserError, match="order 0"):
        limits.limit_quotient(stream("test", "bad"), order=0, largest=9)
