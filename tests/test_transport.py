"""Transport: answers agree with sympy's exact minimum of the symbol; all answers are even; renamed ones meet."""

import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from question_reader import every_level, problems
from system_reader import rows

from enigmath.bench.contracts import Task, UserError
from enigmath.generators import transport

FORM = re.compile(r"(?:evolve|fate)\([-+*^0-9d]+;[-a-z0-9*()]+\)")


def solved(question: str) -> str:
    """The operator by sympy at d = i*eta, and for each variable the least value among ends and critical points."""
    asked, _, inside = question[:-1].partition("(")
    operator, start = inside.split(";")
    size = (
        max(int(number) for number in re.findall(r"[dx]([0-9])", question)) if re.search(r"[dx][0-9]", question) else 1
    )
    names = sympy.symbols([f"d{place}" for place in range(1, size + 1)])
    etas = sympy.symbols([f"e{place}" for place in range(1, size + 1)], real=True)
    # The operator's text holds digits, names and signs only: see FORM.
    symbol = sympy.parse_expr(operator.replace("^", "**")).subs(
        dict(zip(names, (sympy.I * eta for eta in etas), strict=True))
    )
    real = sympy.re(sympy.expand(symbol))
    constant = real.subs(dict.fromkeys(etas, 0))
    total, endless_fall = Fraction(int(constant)), False
    for place, eta in enumerate(etas, 1):
        part = sympy.expand(real.subs({other: 0 for other in etas if other != eta}) - constant)
        shift = int((re.search(rf"exp\((-?[0-9]+)\*i\*x{place}\)", start) or [0, 0])[1])
        sinc = re.search(rf"sinc\((?:([0-9]+)\*)?x{place}\)", start)
        if re.search(rf"(?:gauss\((?:[0-9]+\*)?|delta\()x{place}\)", start):
            low, high = -sympy.oo, sympy.oo
        else:
            reach = int(sinc[1] or 1) if sinc else 0
            low, high = sympy.Integer(shift - reach), sympy.Integer(shift + reach)
        points = [point for point in (low, high) if point.is_finite]
        critical = sympy.solve(part.diff(eta), eta) if part.has(eta) else [sympy.Integer(0)]
        points += [point for point in critical if point.is_real and low <= point <= high]
        if not low.is_finite:
            endless_fall |= sympy.limit(part, eta, sympy.oo) == -sympy.oo
        total += min(Fraction(str(sympy.nsimplify(part.subs(eta, point)))) for point in points)
    if endless_fall:
        return "none"
    if asked == "fate":
        return "grows" if total < 0 else "vanishes" if total > 0 else "stays"
    return "unbounded" if total < 0 else "bounded"


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), every_level(transport))
def test_answers_are_those_of_sympy(task: Task, number: int, count: int) -> None:
    for question, answer in rows(task, number, count):
        assert answer == solved(question), question


@pytest.mark.parametrize(("task", "number"), every_level(transport))
def test_questions_have_one_form_and_all_answers_are_even(task: Task, number: int) -> None:
    batch = problems(task, number, task.draws)
    answers = batch.answer.to_pylist()
    assert all(FORM.fullmatch(question) for question in batch.question.to_pylist())
    assert batch.answer.equals(task.answer.canonical(batch.answer))
    words = transport.LIMITS if task is transport.transport_limit else transport.WORDS
    assert {answers.count(word) for word in words} == {len(answers) // len(words)}
    assert len(answers) > 0
    assert len(answers) + sum(batch.rejected.values()) == task.draws
    texts, keys = batch.question.to_pylist(), batch.key.tolist()
    assert len(set(zip(texts, keys, strict=True))) == len(set(texts))


def test_renamed_variables_share_a_key_and_others_do_not() -> None:
    terms, start = {(4, 0): 3, (1, 2): -5}, (("sinc", 3, 0), ("delta", 0, 7))
    renamed, turned = {(2, 1): -5, (0, 4): 3}, (("delta", 0, 0), ("sinc", 3, 0))
    assert transport._canonical(terms, start) == transport._canonical(renamed, turned)
    assert transport._canonical(terms, start) != transport._canonical(terms, turned)


def test_variables_that_are_named_nowhere_are_not_in_the_key() -> None:
    one = transport._canonical({(2,): 3, (0,): 1}, (("gauss", 3, 0),))
    assert one == transport._canonical({(0, 2): 3, (0, 0): 1}, (("1", 0, 0), ("gauss", 3, 0)))
    assert one != transport._canonical({(0, 2): 3, (0, 0): 1}, (("1", 0, 5), ("gauss", 3, 0)))
    assert one != transport._canonical({(1, 2): 3, (0, 0): 1}, (("1", 0, 0), ("gauss", 3, 0)))


@pytest.mark.parametrize("task", [transport.transport, transport.transport_limit], ids=lambda task: task.name)
def test_a_question_has_one_key_at_whatever_level_it_stands(task: Task) -> None:
    keys: dict[str, int] = {}
    for number in (1, 2, 3):
        batch = problems(task, number, 20_000 // number)
        for question, key in zip(batch.question.to_pylist(), batch.key.tolist(), strict=True):
            assert keys.setdefault(question, key) == key, question
    assert len(keys) > 10_000


def test_any_renaming_shares_a_key_in_six_dimensions() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        terms = transport._odd_terms(rng, 6)
        start = tuple((kind, 0, 0) for kind in rng.choice(["1", "delta"], 6).tolist())
        order = rng.permutation(6).tolist()
        renamed = {tuple(key[place] for place in order): value for key, value in terms.items()}
        turned = tuple(start[place] for place in order)
        assert transport._canonical(terms, start) == transport._canonical(renamed, turned)


@pytest.mark.parametrize(("second", "constant", "sign"), [(-1, 1, 1), (-1, 0, 0), (0, 0, 0), (0, -1, -1), (1, 1, 0)])
def test_the_least_real_part_of_zero_is_zero_exactly(second: int, constant: int, sign: int) -> None:
    # constant - second*eta^2 over eta from -1 to 1, as sinc(x1) holds them.
    one = np.ones((1, 1), np.int64)
    least, falls = transport.least_real_part(0 * one, second * one, constant * one[0], -one, one, one < 0)
    assert np.sign(least).tolist() == [sign]
    assert not falls.any()


def test_too_many_variables_are_refused_in_one_line() -> None:
    with pytest.raises(UserError, match="from 1 to 6"):
        transport.transport(np.random.default_rng(0), 8, variables=9)
