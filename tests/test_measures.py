"""Units, times and dates: every answer is worked out anew by Python's fractions and its datetime module."""

import calendar
import datetime
import re
from collections import Counter
from collections.abc import Hashable
from fractions import Fraction
from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest
from question_reader import every_level, problems, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import measures

LEVELS = every_level(measures)
DATE = r"(\d{4}-\d\d-\d\d)"
CLOCK = r"(\d\d:\d\d(?::\d\d(?:\.\d{3})?)?)"
FORMS = {
    "arithmetic/unit-conversion": r"convert\((\d+(?:\.\d*[1-9])?),([a-z]+),([a-z]+)\)",
    "arithmetic/time-difference": rf"elapsed\({CLOCK},{CLOCK}\)",
    "arithmetic/date-shift": rf"date\({DATE},(-?\d+)\)",
    "arithmetic/date-difference": rf"days\({DATE},{DATE}\)",
    "arithmetic/weekday": rf"weekday\({DATE}\)",
}
BASES = {
    "metre": {"mm": "1/1000", "cm": "1/100", "dm": "1/10", "m": "1", "km": "1000"},
    "gram": {"mg": "1/1000", "g": "1", "kg": "1000", "t": "1000000"},
    "litre": {"ml": "1/1000", "cl": "1/100", "dl": "1/10", "l": "1", "hl": "100"},
    "second": {"s": "1", "min": "60", "h": "3600", "day": "86400", "week": "604800"},
}
UNITS = {name: (base, Fraction(size)) for base, units in BASES.items() for name, size in units.items()}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def parts(task: Task, question: str) -> list[str]:
    found = re.fullmatch(FORMS[task.name], question)
    assert found is not None, question
    return [*found.groups()]


def quantity(number: str, unit: str) -> tuple[str, Fraction]:
    """What is measured, and how many of its base units."""
    kind, size = UNITS[unit]
    return kind, Fraction(number) * size


def clock(text: str) -> datetime.timedelta:
    hours, minutes, seconds = [*map(Fraction, text.split(":")), Fraction(0)][:3]
    return datetime.timedelta(milliseconds=int(1000 * (seconds + 60 * (minutes + 60 * hours))))


def shifted(date: str, days: str) -> datetime.date:
    return datetime.date.fromisoformat(date) + datetime.timedelta(days=int(days))


def ends(task: Task, question: str) -> tuple[datetime.date, datetime.date]:
    first, second = parts(task, question)
    start = datetime.date.fromisoformat(first)
    return start, shifted(first, second) if task.name == "arithmetic/date-shift" else datetime.date.fromisoformat(
        second
    )


def right(task: Task, question: str, answer: str) -> bool:
    """Whether the answer is what the question asks for, by its value and by its form."""
    given = parts(task, question)
    if task.name == "arithmetic/unit-conversion":
        assert given[1] != given[2]
        return quantity(answer, given[2]) == quantity(*given[:2])
    if task.name == "arithmetic/time-difference":
        assert len(answer) == len(given[0]) == len(given[1])
        difference = clock(given[1]) - clock(given[0])
        return clock(answer) == difference % datetime.timedelta(days=1) > datetime.timedelta()
    if task.name == "arithmetic/weekday":
        return WEEKDAYS[datetime.date.fromisoformat(given[0]).weekday()] == answer
    start, end = ends(task, question)
    return answer == (end.isoformat() if task.name == "arithmetic/date-shift" else str((end - start).days))


def form(task: Task, question: str) -> Hashable:
    given = parts(task, question)
    if task.name == "arithmetic/unit-conversion":
        return quantity(*given[:2]), frozenset(given[1:])
    if task.name.startswith("arithmetic/date"):
        return frozenset(ends(task, question))
    return frozenset(given)


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_and_every_key_is_what_an_independent_route_finds(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, count, seed=count)
    questions = batch.question.to_pylist()
    cases = zip(questions, texts(batch.answer), strict=True)
    assert [case for case in cases if not right(task, *case)] == []
    forms, keys = [form(task, question) for question in questions], batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form(task: Task, number: int) -> None:
    batch = problems(task, number, 500)
    assert len(batch.question) == 500
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question in batch.question.to_pylist():
        assert re.fullmatch(FORMS[task.name], question)
        if task.name == "arithmetic/unit-conversion":
            assert not re.search(r"\(0\d|\(0,", question)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_traits_are_right(task: Task, number: int) -> None:
    batch = problems(task, number, 200)
    for question, given in zip(batch.question.to_pylist(), traits(batch), strict=True):
        found = parts(task, question)
        if task.name == "arithmetic/unit-conversion":
            places = len(found[0].partition(".")[2])
            assert given == {"places": places, "source": found[1], "target": found[2]}
            assert places <= task.level(number)["places"]
        elif task.name == "arithmetic/time-difference":
            assert given == {"midnight": int(found[1] < found[0])}
        elif task.name == "arithmetic/weekday":
            assert given == {"century": int(found[0][:2])}
        else:
            start, end = sorted(ends(task, question))
            assert given == {"days": (end - start).days, "leap": int(has_leap_day(start, end))}


def has_leap_day(start: datetime.date, end: datetime.date) -> bool:
    leap_years = filter(calendar.isleap, range(start.year, end.year + 1))
    return any(start <= datetime.date(year, 2, 29) <= end for year in leap_years)


@pytest.mark.parametrize(("task", "number"), [level for level in LEVELS if level.values[0].chance is not None])
def test_the_declared_chance_is_what_each_answer_scores_without_duplicates(task: Task, number: int) -> None:
    chance = task.chance(**task.level(number)) if callable(task.chance) else task.chance
    batch = problems(task, number, 40_000)
    answers, kept = texts(batch.answer), np.unique(batch.key, return_index=True)[1].tolist()
    counts, spread = Counter(answers[row] for row in kept), 6 * (chance * len(kept)) ** 0.5 + 3
    assert all(abs(count - chance * len(kept)) < spread for count in counts.values())
    if chance * len(kept) > 20:
        assert len(counts) == round(1 / chance)


def test_a_quantity_has_one_key_whichever_way_it_is_asked() -> None:
    batch = find_task("arithmetic/unit-conversion")(stream("ways"), 100_000, digits=2, places=1)
    task, both, keys = find_task("arithmetic/unit-conversion"), 0, {}
    for question, key in zip(batch.question.to_pylist(), batch.key.tolist(), strict=True):
        shape = form(task, question)
        both += keys.setdefault(shape, (question, key))[0] != question
        assert keys[shape][1] == key
    assert both > 1_000
    assert len({key for _, key in keys.values()}) == len(keys)


def test_every_ordered_pair_of_units_of_one_kind_is_asked() -> None:
    batch = find_task("arithmetic/unit-conversion")(stream("pairs"), 30_000, digits=2, places=1)
    pairs = set(zip(batch.traits["source"].to_pylist(), batch.traits["target"].to_pylist(), strict=True))
    assert pairs == {pair for units in BASES.values() for pair in permutations(units, 2)}


def test_dates_share_keys_between_shift_and_difference_and_either_way() -> None:
    shift, difference = find_task("arithmetic/date-shift"), find_task("arithmetic/date-difference")
    keys: dict = {}
    met = 0
    for task in (shift, difference):
        batch = task(stream("shared", task.name), 200_000, days=2)
        for question, key in zip(batch.question.to_pylist(), batch.key.tolist(), strict=True):
            shape = form(task, question)
            met += shape in keys
            assert keys.setdefault(shape, key) == key
    assert met > 10_000
    assert len(set(keys.values())) == len(keys)


def test_dates_reach_both_ends_of_the_years_and_leap_days_of_centuries_are_right() -> None:
    days = [np.datetime64(f"{year}-03-01").astype(np.int64) - 1 for year in (1700, 1800, 1900, 2000, 2100, 2400)]
    written = measures.date_text(np.array(days)).to_pylist()
    assert [text[5:] for text in written] == ["02-28", "02-28", "02-28", "02-29", "02-28", "02-29"]
    years = problems(find_task("arithmetic/date-shift"), 1, 100_000).question.to_pylist()
    assert {int(question[5:9]) for question in years} == set(range(1600, 2400))


def test_what_is_no_time_date_or_number_is_wrong_and_never_an_error() -> None:
    hostile = ["9" * 900, "(" * 900, "", "8:30", "08:30:00", "2000-2-29", "-", ":", "null", "1e3", "۵"]
    for name, answer in (("time-difference", "08:30"), ("date-shift", "2000-02-29"), ("unit-conversion", "3500")):
        kind = find_task(f"arithmetic/{name}").answer
        assert answer not in kind.canonical(pa.array(hostile)).to_pylist()
    assert find_task("arithmetic/unit-conversion").answer.canonical(pa.array(["3500.0"])).to_pylist() == ["3500"]


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("unit-conversion", {"digits": 9, "places": 1}),
        ("time-difference", {"step": 7}),
        ("time-difference", {"step": 1_500}),
        ("date-shift", {"days": 0}),
        ("date-difference", {"days": 3_000_000}),
        ("weekday", {"first": 900, "last": 1000}),
    ],
)
def test_a_level_outside_the_bounds_is_one_clear_error(name: str, level: dict) -> None:
    with pytest.raises(UserError):
        find_task(f"arithmetic/{name}")(stream("bounds"), 4, **level)
