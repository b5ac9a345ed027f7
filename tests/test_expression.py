"""Formulas: what is written is read back, precedence is sympy's, values are sympy's, and hostile texts end at once."""

import time

import numpy as np
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enigmath.bench.contracts import UserError
from enigmath.bench.contracts.expression import (
    FUNCTIONS,
    MOST_CHARACTERS,
    MOST_DEPTH,
    MOST_DIGITS,
    evaluate,
    evaluate_modulo,
    nodes_of,
    parse,
    variables_of,
    write,
)

PRIME = 2**61 - 1
POINTS = {"x": np.array([0.7 + 0.4j, 1.3 + 0.2j]), "y": np.array([0.9 + 1.1j, 0.6 + 0.5j])}

leaves = st.one_of(st.integers(0, 999), st.sampled_from(["x", "y", "pi", "e", "i"]))
trees = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.tuples(st.sampled_from("+-*/^"), part, part),
        st.tuples(st.just("neg"), part),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), part),
    ),
    max_leaves=20,
)
arithmetic = st.recursive(
    st.one_of(st.integers(0, 20), st.sampled_from(["x", "y"])),
    lambda part: st.one_of(st.tuples(st.sampled_from("+-*/"), part, part), st.tuples(st.just("neg"), part)),
    max_leaves=12,
)


def in_sympy(text: str) -> sympy.Expr:
    return sympy.parse_expr(text.replace("^", "**"), local_dict={"x": sympy.Symbol("x"), "y": sympy.Symbol("y")})


@settings(deadline=None)
@given(trees)
@example(("+", "x", ("*", ("neg", -1), "x")))  # once written as x-(-1)*x, which is x-(-1*x) when read back
def test_what_is_written_is_read_back_with_the_same_values_and_text(tree) -> None:
    text = write(tree)
    again = parse(text)
    assert write(again) == text
    with np.errstate(all="ignore"):
        assert np.allclose(evaluate(again, POINTS), evaluate(tree, POINTS), rtol=1e-6, equal_nan=True)


@settings(deadline=None)
@given(st.text("0123456789.xy+-*/^() ", max_size=15))
def test_any_text_parses_or_is_a_user_error_and_its_form_is_stable(text) -> None:
    try:
        once = write(parse(text))
    except UserError:
        return
    assert write(parse(once)) == once


@pytest.mark.parametrize(
    "text",
    [
        "-x^2", "2^-x", "2^3^2", "-2^2", "x/y*3", "x-y-3", "x-(y-3)", "2*-3^2", "2^-3^2", "--x", "-(-x)", "+x",
        "x*(y*3)", "x/(y/3)", "(x^y)^2", "x^y^2", "0.25*x", ".5^2", "2.*x", "x**2**3", "-x*y", "x+-(2*y)", "x--y",
        "1/x^2", "-1/2",
        "  x  +  y ",
    ],
)  # fmt: skip
def test_precedence_is_that_of_sympy(text) -> None:
    expected = [complex(in_sympy(text).subs({n: complex(p[k]) for n, p in POINTS.items()})) for k in (0, 1)]
    for form in (text, write(parse(text))):
        found = np.broadcast_to(evaluate(parse(form), POINTS), (2,))
        assert found == pytest.approx(np.array(expected), rel=1e-9), form


@settings(deadline=None, max_examples=60)
@given(arithmetic)
def test_exact_values_are_those_of_sympys_fractions(tree) -> None:
    points = {"x": 12_345_678_901, "y": 98_765_432_109}
    found = evaluate_modulo(tree, points, PRIME)
    exact = in_sympy(write(tree)).subs(points)
    if not exact.is_Rational:
        assert found is None
    elif found is not None:
        assert found == exact.p * pow(exact.q, -1, PRIME) % PRIME


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_are_those_of_sympy_in_the_complex_plane(name) -> None:
    symbolic = getattr(sympy, {"ln": "log", "abs": "Abs"}.get(name, name))
    expected = [complex(symbolic(sympy.sympify(complex(point))).evalf()) for point in POINTS["x"]]
    assert evaluate((name, "x"), POINTS) == pytest.approx(np.array(expected), rel=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "(", ")", "()", "1 2", "2x", "x y", "1..2", ".", "1.2.3", "3*", "*3", "sin", "sin x", "sin()", "sin(x",
        "x=1", "x,1", "__import__('os')", "x.real", "x[0]", "lambda: 1", "1e5x", "x!", "²", "１", "ｘ", "\x00",
        "x;y", "x@y", "2//3",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_a_user_error(text) -> None:
    with pytest.raises(UserError):
        parse(text, ("x", "y"))


def test_a_name_that_is_not_allowed_or_has_no_value_is_a_user_error() -> None:
    with pytest.raises(UserError, match="the name 'z' is not known"):
        parse("x+z", ("x",))
    with pytest.raises(UserError, match="the name 'z' has no value"):
        evaluate(parse("x+z"), POINTS)
    assert evaluate_modulo(parse("x+z"), {"x": 1}, PRIME) is None


HOSTILE = {
    "deep brackets": "(" * 900 + "x" + ")" * 900,
    "brackets just allowed": "(" * MOST_DEPTH + "x" + ")" * MOST_DEPTH,
    "open brackets": "(" * 2000,
    "signs": "-" * 1000 + "x",
    "signs that change": "+-" * 29 + "x",
    "long": "x" * (MOST_CHARACTERS + 1),
    "long sum": "x+" * 249 + "x",
    "too long a sum": "x+" * 900 + "x",
    "long tower": "^".join(["x"] * 59),
    "tower": "9^9^9^9",
    "tower of powers": "((((9^99)^99)^99)^99)^99",
    "negative tower": "9^-9^9^9",
    "huge number": "9" * MOST_DIGITS,
    "too huge a number": "9" * 900,
    "huge exponent": "x^" + "9" * MOST_DIGITS,
    "huge exponents": "^".join(["9" * 90] * 20),
    "huge constant exponent": "x^(" + "*".join(["9" * 99] * 19) + ")",
    "huge decimal": "0." + "1" * 90,
    "nothing over nothing": "0/0+0^(0-1)",
    "functions": "exp(" * 59 + "x" + ")" * 59,
    "poles": "ln(0)+atanh(1)+1/0+tan(pi/2)",
    "unicode": "\U0001f600\u0660\ud800",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_end_at_once_and_raise_nothing_but_user_errors(text) -> None:
    began = time.process_time()
    try:
        tree = parse(text)
    except UserError as error:
        assert len(str(error)) < 300  # noqa: PT017
    else:
        assert evaluate(tree, {"x": np.array([0.5 + 0.5j, 2])}).dtype == np.complex128
        residue = evaluate_modulo(tree, {"x": 123_456_789}, PRIME)
        assert residue is None or 0 <= residue < PRIME
        assert len(write(tree)) < 3 * MOST_CHARACTERS
        assert nodes_of(tree) <= 1_000
        assert set(variables_of(tree)) <= {"x"}
    assert time.process_time() - began < 0.5


def test_nought_to_the_nought_is_one_and_whole_powers_are_exact() -> None:
    assert evaluate(parse("0^0"), {}) == 1
    assert evaluate(parse("3^40"), {}) == 3**40
    assert evaluate_modulo(parse("x^(1+2)"), {"x": 5}, PRIME) == 125
    assert evaluate_modulo(parse("x^(6/4)"), {"x": 5}, PRIME) is None
    assert evaluate_modulo(parse("x^-1"), {"x": 0}, PRIME) is None
