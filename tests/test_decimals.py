"""Decimals: every answer, key and trait is worked out anew from the question's text, by the decimal module."""

import re
from collections.abc import Hashable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from question_reader import every_level, problems, rounded, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import decimals

LEVELS = every_level(decimals)
DRAWS = [pytest.param(25, id="25"), pytest.param(200, id="200", marks=pytest.mark.slow)]
WHOLE = r"(?:0|[1-9]\d*)"
POINTED = rf"{WHOLE}\.\d*[1-9]"
FORMS = {
    "arithmetic/decimal-addition": rf"({POINTED})\+({POINTED})",
    "arithmetic/decimal-subtraction": rf"({POINTED})-({POINTED})",
    "arithmetic/decimal-multiplication": rf"({POINTED})\*({POINTED})",
    "arithmetic/rounding": rf"round\((-?{POINTED}),(-?\d)\)",
    "arithmetic/place-value": rf"digit\(({POINTED}|{WHOLE}),([a-z-]+)\)",
    "arithmetic/percentage": rf"({POINTED}|{WHOLE})% of ({WHOLE})",
    "arithmetic/percentage-change": rf"percent\(({WHOLE})->({WHOLE})\)",
}
UP_FROM_ONES = ["ones", "tens", "hundreds", "thousands", "ten-thousands", "hundred-thousands"]
DOWN_FROM_TENTHS = ["tenths", "hundredths", "thousandths", "ten-thousandths", "hundred-thousandths", "millionths"]


def operands(task: Task, question: str) -> tuple[str, str]:
    found = re.fullmatch(FORMS[task.name], question)
    assert found is not None, question
    return found[1], found[2]


def plain(number: Decimal) -> str:
    """Without needless zeros and without minus zero."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def numeral(number: str, place: str) -> str:
    whole, _, part = number.partition(".")
    return whole[::-1][UP_FROM_ONES.index(place)] if place in UP_FROM_ONES else part[DOWN_FROM_TENTHS.index(place)]


def answer(task: Task, question: str) -> str:
    first, second = operands(task, question)
    name = task.name.partition("/")[2]
    if name == "place-value":
        return numeral(first, second)
    if name == "percentage-change":
        return rounded(Fraction(100 * (int(second) - int(first)), int(first)))
    with localcontext() as context:
        context.prec = 100
        a, b = Decimal(first), Decimal(second)
        if name == "rounding":
            return plain(a.quantize(Decimal(1).scaleb(-int(second)), rounding=ROUND_HALF_UP))
        if name == "percentage":
            return plain(a * b / 100)
        return plain({"addition": a + b, "subtraction": a - b, "multiplication": a * b}[name.partition("-")[2]])


def form(task: Task, question: str) -> Hashable:
    """What equivalent questions share, written down anew."""
    first, second = operands(task, question)
    name = task.name.partition("/")[2]
    if name in ("rounding", "place-value"):
        return abs(Decimal(first)), second
    a, b = Fraction(first), Fraction(second)
    if name == "percentage-change":
        return b / a
    if name == "decimal-subtraction" and a == b:
        return 0
    return tuple(sorted((a, b)))


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_the_decimal_module_finds(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, draws)
    questions, answers = batch.question.to_pylist(), pa.array(texts(batch.answer))
    assert len(questions) == draws
    assert answers.to_pylist() == [answer(task, question) for question in questions]
    assert task.answer.canonical(answers).equals(answers)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_keys_meet_exactly_where_questions_are_equivalent(task: Task, number: int) -> None:
    batch = problems(task, number, 2_000)
    forms, keys = [form(task, question) for question in batch.question.to_pylist()], batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_traits_are_right(task: Task, number: int) -> None:
    batch = problems(task, number, 200)
    for question, given in zip(batch.question.to_pylist(), traits(batch), strict=True):
        first, second = operands(task, question)
        name = task.name.partition("/")[2]
        digits = {one: len(re.sub("[^0-9]", "", one)) for one in (first, second)}
        places = [len(one.partition(".")[2]) for one in (first, second)]
        if name == "rounding":
            steps = abs(Decimal(first)).scaleb(int(second))
            tie = int(steps % 1 == Decimal("0.5"))
            assert given == {"digits": digits[first], "place": int(second), "tie": tie}
        elif name == "place-value":
            up = second in UP_FROM_ONES
            place = UP_FROM_ONES.index(second) if up else -1 - DOWN_FROM_TENTHS.index(second)
            assert given == {"digits": digits[first], "place": place}
        elif name == "percentage":
            assert given == {"digits": digits[second], "places": places[0]}
        elif name == "percentage-change":
            assert given == {"digits": max(digits.values())}
        else:
            sign = re.fullmatch(r"[\d.]+([+*-])[\d.]+", question)[1]
            assert given == {"operators": sign, "digits": max(digits.values()), "places": max(places)}


def keys_of(name: str, draws: int, **level: int) -> dict[str, int]:
    batch = find_task(f"arithmetic/{name}")(stream("decimals"), draws, **level)
    return dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))


def test_swapped_and_opposite_problems_share_a_key() -> None:
    keys = keys_of("decimal-addition", 60_000, digits=1)
    assert keys["0.5+1.2"] == keys["1.2+0.5"] != keys["1.2+0.6"]
    keys = keys_of("decimal-subtraction", 60_000, digits=1)
    assert keys["0.5-1.2"] == keys["1.2-0.5"] != keys["1.2-0.6"]
    keys = keys_of("rounding", 60_000, digits=1)
    assert keys["round(-2.5,0)"] == keys["round(2.5,0)"] != keys["round(2.6,0)"]
    keys = keys_of("percentage", 60_000, digits=2, decimals=0)
    assert keys["15% of 24"] == keys["24% of 15"] != keys["15% of 25"]
    keys = keys_of("percentage-change", 60_000, digits=2)
    assert keys["percent(20->23)"] == keys["percent(40->46)"] != keys["percent(20->24)"]


def test_halves_are_rounded_away_from_zero_on_both_sides() -> None:
    batch = find_task("arithmetic/rounding")(stream("halves"), 60_000, digits=1)
    found = dict(zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True))
    assert (found["round(2.5,0)"], found["round(-2.5,0)"], found["round(-0.4,0)"]) == ("3", "-3", "0")
    assert np.mean(batch.traits["tie"]) > 0.05


def test_longer_numbers_bring_no_new_names_of_places() -> None:
    task = find_task("arithmetic/place-value")
    trained, beyond = (
        {operands(task, question)[1] for question in problems(task, number, 5_000).question.to_pylist()}
        for number in (len(task.levels), len(task.all_levels))
    )
    assert beyond == trained == set(UP_FROM_ONES) | set(DOWN_FROM_TENTHS)


@pytest.mark.parametrize("digits", [2, 4, 6])
def test_no_digit_is_much_commoner_than_another(digits: int) -> None:
    given = find_task("arithmetic/place-value")(stream("digits"), 40_000, digits=digits).answer
    shares = np.bincount(np.array([int(one) for one in texts(given)]), minlength=10) / 40_000
    assert shares.max() < 0.115
    assert shares.min() > 0.025


def test_decimal_text_pads_numbers_below_one() -> None:
    nowhere = np.zeros(2, dtype=bool)
    assert decimals.decimal_text(nowhere, np.array([[5, 500_000_000]]), 1).to_pylist() == ["0.000000005", "0.5"]
    assert decimals.decimal_text(nowhere, np.array([[5, 0]]), 2).to_pylist() == ["0.000000000000000005", "0"]


def test_a_level_outside_the_bounds_is_an_error_not_a_wrong_answer() -> None:
    bounds = {"decimal-addition": 10, "decimal-multiplication": 0, "rounding": 9, "place-value": 10}
    for name, digits in (*bounds.items(), ("percentage-change", 16)):
        with pytest.raises(UserError, match="fit 64 bits"):
            find_task(f"arithmetic/{name}")(stream("bounds"), 4, digits=digits)
    with pytest.raises(UserError, match="decimals of a percentage"):
        find_task("arithmetic/percentage")(stream("bounds"), 4, digits=2, decimals=3)
    longest = find_task("arithmetic/percentage-change")
    batch = longest(stream("bounds"), 200, digits=15)
    assert texts(batch.answer) == [answer(longest, question) for question in batch.question.to_pylist()]


def test_hostile_predictions_do_not_parse() -> None:
    hostile = pa.array(["9" * 2_000, "1e9", "((((", "", "NaN", "0x10", "1.2.3", "\x00"])
    for name in ("decimal-addition", "rounding", "percentage", "percentage-change", "place-value"):
        assert find_task(f"arithmetic/{name}").answer.canonical(hostile).to_pylist() == [None] * len(hostile)
