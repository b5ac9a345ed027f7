"""Semantic keys: formulas that sympy calls equal share one, and formulas that differ do not."""

import itertools

import numpy as np
import pytest

from enigmath.bench.contracts import UserError
from enigmath.bench.contracts.expression import parse
from enigmath.generators.semantics import PRIME, fingerprint, rounded, semantic_form


def form(*texts: str) -> str:
    return semantic_form(*(parse(text) for text in texts))


EQUAL = [
    ("3+x", "x+3", "y+3", "x+3+z-z", "-(-x)+3", "x+1+2", "(6+2*x)/2", "z-(-3)"),
    ("12*x/4", "3*x", "x+x+x", "x*9/3", "y/(1/3)", "-3*-x"),
    ("(x+1)^2", "x^2+2*x+1", "1+x*(x+2)", "(y+1)*(1+y)", "x^(1+1)+2*x+1"),
    ("x^2-y^2", "(x-y)*(x+y)", "y^2-x^2", "(a-b)*(b+a)"),
    ("(cos(x)+4)^0", "1", "x/x", "sin(y)^2+cos(y)^2", "exp(0)", "7-6"),
    ("1/2", "0.5", "sin(x)^2/2+cos(x)^2/2", "2/4"),
    ("sin(2*x)+exp(y)-exp(y)", "sin(2*x)", "2*sin(x)*cos(x)", "2*sin(z)*cos(z)"),
    ("exp(x+y)", "exp(x)*exp(y)", "exp(b)*exp(a)"),
    ("ln(x^2)/2", "ln(x)"),
    ("sqrt(x)*sqrt(x)+sin(x)", "x+sin(x)"),
    ("x+1", "x+y-y+1", "y/y+z", "0*y+x+z^0", "a+b-b+c-c+1"),
    ("0", "x-x", "sin(x)-sin(x)", "0*x"),
]


@pytest.mark.parametrize("texts", EQUAL, ids=lambda texts: texts[0])
def test_equal_formulas_share_a_key_however_written_and_named(texts) -> None:
    assert len({form(text) for text in texts}) == 1


def test_different_formulas_have_different_keys() -> None:
    near = [
        "x+4",
        "3-x",
        "3*x+1",
        "x^3",
        "x+y",
        "x*y",
        "x/y+1",
        "x^2+y^2",
        "sin(x)",
        "cos(x)",
        "2",
        "1/3",
    ]
    near += ["123456789012345", "123456789012346", "ln(2)", "exp(1/3)", "sin(x)*1001", "sin(x)*1002", "pi", "pi+1/10^6"]
    texts = [texts[0] for texts in EQUAL] + near
    assert len({form(text) for text in texts}) == len(texts)


def test_systems_are_told_by_the_order_of_their_formulas_and_renamed_together() -> None:
    assert form("x+y", "x-2*y") == form("b+a", "b-2*a")
    assert form("x+y", "x-2*y") != form("x-2*y", "x+y")
    assert form("x", "y") != form("x", "x")
    assert form("x", "x") == form("y", "y")


def test_renaming_holds_for_every_order_of_four_variables() -> None:
    texts = ["{}+2*{}+3*{}+exp({})".format(*order) for order in itertools.permutations("wxyz")]
    assert len({form(text) for text in texts}) == 1


def test_names_given_count_in_their_order() -> None:
    tree = parse("x-2*y")
    assert fingerprint(tree, ["x", "y"]) != fingerprint(tree, ["y", "x"])
    with pytest.raises(UserError, match="has no value"):
        fingerprint(parse("sin(x)+z"), ["x"])


def test_fingerprints_are_the_same_on_every_machine() -> None:
    assert fingerprint(parse("1/2")) == ((PRIME + 1) // 2,)
    assert fingerprint(parse("x^2+1")) == (395_974_460_726_692_218,)


def test_noise_in_the_last_digits_changes_nothing_and_other_values_do() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=3_000) + 1j * rng.normal(size=3_000)
    alike = [rounded(np.array([value])) == rounded(np.array([value * (1 + 1e-15)])) for value in values]
    assert np.mean(alike) > 0.999
    assert all(rounded(np.array([value])) != rounded(np.array([value * (1 + 1e-8)])) for value in values)


def test_formulas_without_finite_values_still_have_a_key() -> None:
    assert form("1/0") == form("1/(x-x)")
    assert form("exp(exp(exp(exp(9*x))))")
    assert form("9^9^9^9")
