"""Polynomials: every answer is what sympy finds from the text of the question alone, and judges know the asked form."""

import re
from collections.abc import Hashable

import pytest
import sympy
from algebra_reader import (
    FEW,
    MANY,
    every_answer_holds,
    hostile_predictions_are_wrong_at_once,
    inside,
    keys_meet_exactly_where_forms_do,
    letter,
    pieces,
    sympified,
    value_form,
)
from question_reader import every_level, problems

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import polynomials

LEVELS = every_level(polynomials)
JUDGED = ["expand", "collect", "compose", "polynomial-add", "divide-polynomials", "factor"]
SUM = r"-?[0-9p-z][0-9p-z*^+-]*"
FORMS = {
    "algebra/expand": rf"expand\(\({SUM}\)(\*\({SUM}\))+\)",
    "algebra/collect": rf"collect\({SUM}\)",
    "algebra/compose": rf"f\(g\([p-z]\)\),f\([p-z]\)={SUM},g\([p-z]\)={SUM}",
    "algebra/polynomial-add": rf"-?(\d+\*)?f\([p-z]\)[+-](\d+\*)?g\([p-z]\),f\([p-z]\)={SUM},g\([p-z]\)={SUM}",
    "algebra/polynomial-evaluate": rf"f\(-?\d+\),f\([p-z]\)={SUM}",
    "algebra/coefficient": rf"coefficient\(\({SUM}\)(\^\d)?(\*\({SUM}\)(\^\d)?)+,[p-z](\^\d)?\)",
    "algebra/divide-polynomials": rf"divide\({SUM},{SUM}\)",
    "algebra/factor": rf"factor\({SUM}\)",
}


def definitions(question: str) -> tuple[str, list[sympy.Expr]]:
    """What is asked, and the right-hand sides of f and g."""
    asked, *given = question.split(",")
    return asked, [sympified(one.split("=")[1]) for one in given]


def value(name: str, question: str) -> sympy.Expr:
    """The polynomial or number that a question asks for."""
    if name == "compose":
        _, (outer, inner) = definitions(question)
        unknown = letter(question.split("=")[1].split(",")[0].replace("g", ""))
        return sympy.expand(outer.subs(unknown, inner))
    if name == "polynomial-add":
        asked, (first, second) = definitions(question)
        asked = re.sub(r"([fg])\(.\)", r"\1", asked)
        return sympy.expand(sympified(asked).subs({"f": sympy.Symbol("F"), "g": sympy.Symbol("G")})).subs(
            {"F": first, "G": second}
        )
    if name == "polynomial-evaluate":
        asked, (polynomial,) = definitions(question)
        return polynomial.subs(letter(question[3:].split("=")[0].strip("f()-,0123456789")), int(asked[2:-1]))
    if name == "coefficient":
        product, monomial = inside(question).split(",")
        return sympy.Poly(sympified(product)).coeff_monomial(sympified(monomial))
    return sympy.expand(sympified(inside(question)))


def descends(answer: str) -> bool:
    """Whether one variable's powers fall, each once, with no needless factor."""
    powers = [int(power or 1) if name else 0 for name, power in re.findall(r"[+-]?\d*\*?([p-z]?)\^?(\d*)", answer)[:-1]]
    plain = not re.search(r"(?<!\d)1\*|(?<!\d)0(?!$)|\^[01](?!\d)", answer)
    return plain and powers == sorted(set(powers), reverse=True)


def holds(name: str, question: str, answer: str) -> bool:
    if name == "divide-polynomials":
        dividend, divisor = (sympified(part) for part in inside(question).split(","))
        quotient, remainder = (sympified(part) for part in answer.split(","))
        found = sympy.div(dividend, divisor, letter(question[7:]), domain="QQ")
        return found == (quotient, remainder) and all(len(set(re.findall("[p-z]", part))) <= 1 for part in answer)
    if name == "factor":
        constant, expected = sympy.factor_list(sympified(inside(question)))
        signed = "-1*" + answer[1:] if re.match(r"-[(p-z]", answer) else answer
        parts = [sympified(piece) for piece in pieces(signed, "*")]
        number = sympy.prod([part for part in parts if part.is_number])
        given = {part.as_base_exp() for part in parts if not part.is_number}
        return number == constant and given == {(base, sympy.Integer(power)) for base, power in expected}
    difference = sympy.expand(value(name, question) - sympified(answer))
    return difference == 0 and (name in ("collect", "polynomial-evaluate", "coefficient") or descends(answer))


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_sympy_finds(task: Task, number: int, count: int) -> None:
    name = task.name.partition("/")[2]
    every_answer_holds(task, number, count, FORMS[task.name], lambda question, answer: holds(name, question, answer))


def inner_form(question: str) -> Hashable:
    return value_form(inside(question))


def collected_form(question: str) -> Hashable:
    """The coefficients by exponents, the two variables in either order."""
    names = [sympy.Symbol(name) for name in (*sorted(set(re.findall("[p-z]", question[8:]))), "A", "B")][:2]
    terms = sympy.Poly(sympified(inside(question)), *names).terms()
    return frozenset({frozenset(terms), frozenset((exponents[::-1], one) for exponents, one in terms)})


def pair_form(question: str) -> Hashable:
    return tuple(value_form(part.split("=")[1]) for part in question.split(",")[1:])


def added_form(question: str) -> Hashable:
    """The two multiples, in either order."""
    asked, (first, second) = definitions(question)
    times = [
        int(f"{one}1") if one in ("", "+", "-") else int(one.rstrip("*")) for one in re.split(r"[fg]\(.\)", asked)[:2]
    ]
    unknown = sympy.Symbol("x")
    names = [part.subs(symbol, unknown) for part in (first, second) for symbol in part.free_symbols]
    parts = [sympy.Poly(time * part, unknown).as_expr() for time, part in zip(times, names, strict=True)]
    return tuple(sorted(map(str, parts)))


def divided_form(question: str) -> Hashable:
    parts = inside(question).split(",")
    return frozenset({tuple(map(value_form, parts)), tuple(value_form(f"-({part})") for part in parts)})


def factor_form(question: str) -> Hashable:
    return tuple(sympy.Poly(sympified(inside(question))).monic().all_coeffs())


@pytest.mark.parametrize(
    ("name", "level", "form"),
    [
        ("expand", {"factors": 2, "degree": 1, "size": 4}, inner_form),
        ("collect", {"variables": 1, "degree": 1, "terms": 3, "size": 5}, collected_form),
        ("collect", {"variables": 2, "degree": 1, "terms": 4, "size": 3}, collected_form),
        ("compose", {"outer": 1, "inner": 1, "size": 3}, pair_form),
        ("polynomial-add", {"degree": 1, "size": 2, "factor": 2}, added_form),
        ("polynomial-evaluate", {"degree": 1, "size": 3, "point": 3}, lambda q: (q[: q.index(")")], pair_form(q))),
        ("coefficient", {"powers": [1, 1], "size": 3}, lambda q: (q.count("^"), value_form(inside(q).split(",")[0]))),
        ("divide-polynomials", {"quotient": 1, "divisor": 1, "size": 2}, divided_form),
        ("factor", {"linear": 2, "quadratic": 0, "size": 5, "leading": 2}, factor_form),
    ],
)
def test_equal_problems_share_a_key_and_others_do_not(name: str, level: dict[str, object], form) -> None:
    keys_meet_exactly_where_forms_do(find_task(f"algebra/{name}"), level, form)


def test_a_sum_of_one_variable_has_one_key_at_every_level() -> None:
    task = find_task("algebra/collect")
    one = task(stream("one"), 2_000, variables=1, degree=1, terms=2, size=2)
    two = task(stream("two"), 2_000, variables=2, degree=1, terms=2, size=2)
    keys = dict(zip(one.question.to_pylist(), one.key.tolist(), strict=True))
    shared = [
        (keys[text], key) for text, key in zip(two.question.to_pylist(), two.key.tolist(), strict=True) if text in keys
    ]
    assert len(shared) > 100
    assert all(first == second for first, second in shared)


@pytest.mark.parametrize("name", JUDGED)
def test_hostile_predictions_are_wrong(name: str) -> None:
    hostile_predictions_are_wrong_at_once(find_task(f"algebra/{name}"))


@pytest.mark.parametrize("name", ["expand", "collect", "factor"])
def test_repeating_the_question_is_wrong(name: str) -> None:
    task = find_task(f"algebra/{name}")
    for number in range(1, len(task.all_levels) + 1):
        batch = problems(task, number, 100)
        for question, answer in zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
            assert inside(question) == answer or task.check(question, answer, inside(question)) is False


@pytest.mark.parametrize(
    ("name", "answer", "prediction", "right"),
    [
        ("expand", "2*x^2+x-3", "x-3+2*x^2", True),
        ("expand", "2*x^2+x-3", "x^2*2+x-3", True),
        ("expand", "2*x^2+x-3", "-3-(-x-2*x^2)", True),
        ("expand", "2*x^2+x-3", "(x-1)*(2*x+3)", False),
        ("expand", "2*x^2+x-3", "x^2+x^2+x-3", False),
        ("expand", "2*x^2+x-3", "2*x^2+x-2-1", False),
        ("expand", "2*x^2+x-3", "2*x*x+x-3", False),
        ("expand", "2*x^2+x-3", "2*y^2+y-3", False),
        ("expand", "2*x^2+x-3", "2*x^2+x-3+0", False),
        ("expand", "2*x^2+x-3", "2*x^2+x-3+0*x", False),
        ("collect", "0", "0", True),
        ("collect", "0", "x-x", False),
        ("collect", "2*x*y+1", "1+2*y*x", True),
        ("divide-polynomials", "x+2,3", "2+x,3", True),
        ("divide-polynomials", "x+2,3", "x+2", False),
        ("divide-polynomials", "x+2,3", "x+2,3,0", False),
        ("divide-polynomials", "x+2,3", "3,x+2", False),
        ("factor", "2*(x-3)*(x+1)", "2*(x+1)*(x-3)", True),
        ("factor", "2*(x-3)*(x+1)", "(1+x)*2*(x-3)", True),
        ("factor", "2*(x-3)*(x+1)", "-2*(3-x)*(x+1)", True),
        ("factor", "2*(x-3)*(x+1)", "(2*x-6)*(x+1)", False),
        ("factor", "2*(x-3)*(x+1)", "2*(x^2-2*x-3)", False),
        ("factor", "2*(x-3)*(x+1)", "(x-3)*(x+1)", False),
        ("factor", "4*(x-3)*(x+1)", "2*(x-3)*2*(x+1)", False),
        ("factor", "x*(x-3)^2", "(x-3)*x*(x-3)", True),
        ("factor", "x*(x-3)^2", "x*(3-x)^2", True),
        ("factor", "x*(x-3)^2", "x*(x-3)", False),
        ("factor", "x*(x-3)^2", "(x*(x-3))*(x-3)", True),
        ("factor", "x*(x-3)^2", "x*(x-3)^3/(x-3)", False),
    ],
)
def test_a_judge_knows_the_form(name: str, answer: str, prediction: str, right: bool) -> None:
    assert find_task(f"algebra/{name}").check("", answer, prediction) is right


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("expand", {"factors": 9, "degree": 3, "size": 99}),
        ("compose", {"outer": 9, "inner": 2, "size": 99}),
        ("polynomial-evaluate", {"degree": 9, "size": 99, "point": 999}),
        ("coefficient", {"powers": [9, 9], "size": 9}),
        ("collect", {"variables": 3, "degree": 1, "terms": 9, "size": 9}),
    ],
)
def test_a_level_past_the_bounds_is_an_error(name: str, level: dict[str, object]) -> None:
    with pytest.raises(UserError):
        find_task(f"algebra/{name}")(stream("bounds"), 4, **level)
