"""Sequences: the next term is what the shortest linear recurrence gives, found anew by Berlekamp's and Massey's way."""

import re
from collections.abc import Hashable
from fractions import Fraction

import pytest
import sympy
from algebra_reader import (
    FEW,
    MANY,
    every_answer_holds,
    hostile_predictions_are_wrong_at_once,
    inside,
    keys_meet_exactly_where_forms_do,
    sympified,
)
from question_reader import every_level

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import recurrences

LEVELS = every_level(recurrences)
FORMS = {
    "algebra/next-term": r"next\(-?\d+(,-?\d+){7}((,-?\d+){2})?\)",
    "algebra/nth-term": r"nth\(-?\d+(,-?\d+){7}\)",
    "algebra/linear-recurrence": r"(a\(\d\)=-?\d+,)+a\(n\)=[-+*0-9an()]+,a\(\d+\)",
}


def shortest_rule(terms: list[Fraction]) -> list[Fraction]:
    """The least k and c with a(n) = c[0] a(n-1) + … + c[k-1] a(n-k): Berlekamp and Massey over the fractions."""
    current, previous = [Fraction(1)], [Fraction(1)]
    length, shift, last = 0, 1, Fraction(1)
    for place, _ in enumerate(terms):
        missing = sum((one * terms[place - back] for back, one in enumerate(current) if back <= place), Fraction(0))
        if not missing:
            shift += 1
            continue
        factor, kept = missing / last, list(current)
        moved = [Fraction(0)] * shift + [factor * one for one in previous]
        current += [Fraction(0)] * (len(moved) - len(current))
        current = [one - (moved[back] if back < len(moved) else 0) for back, one in enumerate(current)]
        if 2 * length <= place:
            length, previous, last, shift = place + 1 - length, kept, missing, 1
        else:
            shift += 1
    return [-one for one in (current[1:] + [Fraction(0)] * length)[:length]]


def decided(terms: list[Fraction]) -> list[Fraction]:
    rule = shortest_rule(terms)
    assert 2 * len(rule) <= len(terms), "the terms do not decide"
    return rule


def following(rule: list[Fraction], terms: list[Fraction]) -> Fraction:
    return sum((one * value for one, value in zip(rule, reversed(terms), strict=False)), Fraction(0))


def numbers(text: str) -> list[Fraction]:
    return [Fraction(number) for number in text.split(",")]


def term(question: str) -> int:
    """The term that a linear recurrence asks for, by Python's own numbers."""
    *starts, law, asked = question.split(",")
    terms = [int(start.split("=")[1]) for start in starts]
    parts = re.findall(r"([+-]?)(?:(\d+)\*)?a\(n-(\d)\)|([+-]?\d+)(?!\d)", law.split("=")[1])
    while len(terms) < int(asked[2:-1]):
        rule = [
            int(f"{sign}{size or 1}") * terms[-int(back)] if back else int(alone) for sign, size, back, alone in parts
        ]
        terms.append(sum(rule))
    return terms[-1]


def holds(name: str, question: str, answer: str) -> bool:
    if name == "linear-recurrence":
        return term(question) == int(answer)
    terms = numbers(inside(question))
    if name == "nth-term":
        formula, rule = sympified(answer), decided(terms)
        while len(terms) < 16:
            terms.append(following(rule, terms))
        return [formula.subs(sympy.Symbol("n"), place) for place in range(1, 17)] == [int(one) for one in terms]
    return following(decided(terms), terms) == int(answer)


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_an_independent_reader_finds(task: Task, number: int, count: int) -> None:
    name = task.name.partition("/")[2]
    every_answer_holds(task, number, count, FORMS[task.name], lambda question, answer: holds(name, question, answer))


def test_no_family_is_longer_than_its_terms_decide() -> None:
    for level in find_task("algebra/next-term").all_levels:
        batch = find_task("algebra/next-term")(stream("orders", level["family"]), 300, **level)
        orders = [len(shortest_rule(numbers(inside(question)))) for question in batch.question.to_pylist()]
        assert max(orders) == recurrences.ORDERS[level["family"]] == max(batch.traits["order"].tolist())


def sequence_form(question: str) -> Hashable:
    terms = numbers(inside(question))
    return frozenset({tuple(terms), tuple(-one for one in terms)})


def law_form(question: str) -> Hashable:
    """The text, and the text with the signs of the first terms and of the constant turned."""
    *starts, law, asked = question.split(",")
    terms = [int(start.split("=")[1]) for start in starts]
    back, constant = re.fullmatch(r"(.*?)([+-]?\d*)", law.split("=")[1]).groups()
    number = int(constant or 0)
    return back, asked, frozenset({(*terms, number), (*(-one for one in terms), -number)})


@pytest.mark.parametrize(
    ("name", "level", "form"),
    [
        ("next-term", {"family": "arithmetic", "size": 9}, sequence_form),
        ("nth-term", {"degree": 1, "size": 9, "geometric": False}, sequence_form),
        ("linear-recurrence", {"order": 1, "term": 4, "size": 1}, law_form),
    ],
)
def test_a_sequence_and_its_negative_share_a_key_and_others_do_not(name: str, level: dict[str, object], form) -> None:
    keys_meet_exactly_where_forms_do(find_task(f"algebra/{name}"), level, form)


@pytest.mark.parametrize(
    ("answer", "prediction", "right"),
    [
        ("3*n-1", "2+3*(n-1)", True),
        ("3*n-1", "(6*n-2)/2", True),
        ("3*n-1", "3*n", False),
        ("3*n-1", "3*n-1+(n-1)*(n-2)*(n-3)*(n-4)*(n-5)*(n-6)*(n-7)*(n-8)", False),
        ("3*n-1", "2", False),
        ("3*n-1", "sin(n)", False),
        ("3*n-1", "pi", False),
        ("3*n-1", "n^(1/2)", False),
        ("5*2^(n-1)", "5*2^n/2", True),
        ("5*2^(n-1)", "10*2^(n-2)", True),
        ("5*2^(n-1)", "5*(1/2)^(1-n)", True),
        ("5*2^(n-1)", "5*2^n", False),
        ("-(-2)^(n-1)", "(-2)^n/2", True),
        ("-(-2)^(n-1)", "-2^(n-1)", False),
    ],
)
def test_any_formula_that_gives_the_terms_is_right(answer: str, prediction: str, right: bool) -> None:
    assert find_task("algebra/nth-term").check("", answer, prediction) is right


def test_hostile_predictions_are_wrong() -> None:
    hostile_predictions_are_wrong_at_once(find_task("algebra/nth-term"))


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("next-term", {"family": "prime", "size": 9}),
        ("next-term", {"family": "cubic", "size": 10**10}),
        ("nth-term", {"degree": 4, "size": 9, "geometric": False}),
        ("linear-recurrence", {"order": 3, "term": 3, "size": 3}),
        ("linear-recurrence", {"order": 3, "term": 40, "size": 3}),
    ],
)
def test_a_level_past_the_bounds_is_an_error(name: str, level: dict[str, object]) -> None:
    with pytest.raises(UserError):
        find_task(f"algebra/{name}")(stream("bounds"), 4, **level)
