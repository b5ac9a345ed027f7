"""Antiderivatives: drawn backward, forward and by parts; any formula whose derivative is the integrand is right.

The three ways of Lample and Charton, "Deep learning for symbolic mathematics", ICLR 2020. They differ in what they make
likely: backward, short answers to long questions; forward, long answers to short ones; by parts, both short. No
constant of integration is asked for, and any is right. Keys are semantic forms of the integrand.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from enigmath.bench.contracts import Expression, Problem, UserError, task
from enigmath.bench.contracts.expression import Tree, nodes_of, parse, variables_of, write
from enigmath.generators import formula_perturbations as formulas
from enigmath.generators.derivatives import LONGEST_ANSWER, LONGEST_QUESTION, polynomial, random_coefficients
from enigmath.generators.formulas import (
    Number,
    add,
    apply,
    derivative,
    divide,
    factors_of,
    has_large_number,
    multiply,
    power,
    product_of,
    random_tree,
    subtract,
    sum_of,
    terms_of,
)
from enigmath.generators.jets import agree, is_tame, jet, points
from enigmath.generators.semantics import semantic_form

KINDS: Final = ("power", "exp", "sin", "cos", "ln", "exp*sin", "exp*cos", "partial")
"""Integrands of the forward way; `partial` is a quotient of polynomials with whole roots below."""
SIMPLE: Final = ("ln", "atan", "asin", "sqrt", "exp", "sin", "cos")
"""Functions of the first factor of an integral by parts."""


def is_antiderivative(question: str, answer: str, prediction: str) -> bool:
    """Whether the derivative of a prediction has the values of the integrand at fixed complex points."""
    integrand = parse(question.partition("(")[2].removesuffix(")"), ("x",))
    return _fits(integrand, parse(prediction, ("x",)))


def _fits(integrand: Tree, antiderivative: Tree) -> bool:
    at = points(("x",))
    return agree(jet(antiderivative, at, "x")[1], jet(integrand, at, "x")[0])


def _problem(integrand: Tree, antiderivative: Tree, **traits: int | str) -> Problem | str:
    """The problem, or why it is left out."""
    if not variables_of(integrand):
        return "constant"
    inner, outer = write(integrand), write(antiderivative)
    if len(inner) > LONGEST_QUESTION or len(outer) > LONGEST_ANSWER:
        return "too long"
    if has_large_number(inner) or has_large_number(outer):
        return "large numbers"
    at = points(("x",))
    values = jet(integrand, at, "x")[0]
    if not (is_tame(values) and agree(jet(antiderivative, at, "x")[1], values)):
        return "not tame at the points"
    traits = {**traits, "nodes": nodes_of(integrand)}
    return Problem(f"antiderivative({inner})", antiderivative, semantic_form(integrand), traits)


@task(
    "calculus/antiderivative-backward",
    answer=Expression(("x",)),
    levels=[{"operators": count} for count in (3, 4, 5, 6, 8)],
    beyond=[{"operators": count} for count in (10, 12)],
    check=is_antiderivative,
    family="antiderivative",
    draws=2**7,
    version=2,
    perturbations=formulas.ZERO_IN_CALL,
)
def antiderivative_backward(rng: np.random.Generator, operators: int) -> Problem | str:
    """An antiderivative of the derivative of a random formula, as in `antiderivative(2*x*cos(x^2))`: `sin(x^2)`.

    Any formula is right whose derivative has the values of the integrand at six complex points; `ln(abs(x))` counts as
    `ln(x)`. Formulas are drawn as in calculus/derivative and differentiated; the answer kept is without a number that
    is added to it. Levels grow in operators. Guessing scores next to nothing. Source: the backward data (BWD) of
    Lample and Charton, ICLR 2020.
    """
    try:
        tree = random_tree(rng, operators)
        integrand = derivative(tree, {"x": 1})
    except ZeroDivisionError:
        return "divides by zero"
    return _problem(integrand, without_constant(tree), operators=operators)


def without_constant(tree: Tree) -> Tree:
    """An antiderivative of the same, without numbers that stand beside it or beside what a logarithm is taken of.

    >>> write(without_constant(("-", 12, ("exp", "x")))), write(without_constant(("ln", ("*", 3, "x"))))
    ('-exp(x)', 'ln(x)')
    """
    terms = [(coefficient, product_of((1, factors))) for coefficient, factors in terms_of(tree)]
    return sum_of((coefficient, _bare(term)) for coefficient, term in terms if variables_of(term))


def _bare(term: Tree) -> Tree:
    """A term without the number in its logarithm, or beside the sum that the term is once its factor is off."""
    if isinstance(term, tuple) and term[0] == "ln":
        return "ln", product_of((1, factors_of(term[1])[1]))
    return without_constant(term) if isinstance(term, tuple) and term[0] in "+-" else term


@task(
    "calculus/antiderivative-forward",
    answer=Expression(("x",)),
    levels=[{"terms": terms, "degree": degree} for terms, degree in ((1, 1), (1, 2), (2, 2), (2, 3), (3, 3))],
    beyond=[{"terms": 2, "degree": 5}, {"terms": 4, "degree": 3}],
    check=is_antiderivative,
    family="antiderivative",
    draws=2**6,
    perturbations=formulas.ZERO_IN_CALL,
)
def antiderivative_forward(rng: np.random.Generator, terms: int, degree: int) -> Problem | str:
    """An antiderivative of a sum from a class that rules integrate, as in `antiderivative(x*exp(2*x))`.

    Judged as the backward task. The answer here is `x*exp(2*x)/2-exp(2*x)/4`. Each term is a polynomial of a degree
    from 0 to `degree` times 1, exp(a*x), sin(b*x), cos(b*x), exp(a*x)*sin(b*x), exp(a*x)*cos(b*x) or ln(x), or it is
    a quotient of polynomials with two or more different whole roots below. Levels grow in terms and in degree.
    Guessing scores next to nothing. Source: the forward data (FWD) of Lample and Charton, ICLR 2020, with a class
    that is integrated in full in the place of a computer algebra system that may fail.
    """
    integrands, results, kinds = [], [], []
    for _ in range(terms):
        kind = KINDS[int(rng.integers(len(KINDS)))]
        integrand, result = _term(rng, kind, int(rng.integers(degree + 1)))
        integrands.append(integrand)
        results.append(result)
        kinds.append(kind)
    try:
        return _problem(add(*integrands), add(*results), terms=terms, kind=min(kinds))
    except ZeroDivisionError:
        return "divides by zero"


def _term(rng: np.random.Generator, kind: str, degree: int) -> tuple[Tree, Tree]:
    """An integrand of a kind, and its antiderivative."""
    a, b = (int(one) for one in rng.integers(1, 6, 2))
    coefficients = random_coefficients(rng, degree, 5)
    if kind == "power":
        return polynomial(coefficients), integrated(coefficients)
    if kind == "partial":
        roots = [int(root) for root in rng.choice(11, 2 + degree % 2, replace=False) - 5]
        return partial_fractions(coefficients[: len(roots)], roots)
    if kind == "ln":
        inner = integrated(coefficients)
        rest = integrated([Fraction(one, place + 1) for place, one in enumerate(coefficients)])
        return multiply(polynomial(coefficients), ("ln", "x")), subtract(multiply(inner, ("ln", "x")), rest)
    grows, turns = kind.startswith("exp"), kind.removeprefix("exp*")
    rate = (a * (-1 if rng.integers(2) else 1) if grows else 0, b if kind != "exp" else 0)
    return exponential_times(coefficients, rate, turns)


def integrated(coefficients: Sequence[Number]) -> Tree:
    """The antiderivative of a polynomial, its coefficients constant first."""
    terms = [(Fraction(one) / (place + 1), power("x", place + 1)) for place, one in enumerate(coefficients)]
    return sum_of(reversed(terms))


def exponential_times(coefficients: Sequence[int], rate: tuple[int, int], kind: str) -> tuple[Tree, Tree]:
    """P(x) e^(a*x) times 1, sin(b*x) or cos(b*x) with its antiderivative; `rate` is (a, b), not both 0.

    With s = a + b*i the antiderivative of P e^(s*x) is Q e^(s*x), Q = P/s - P'/s^2 + P''/s^3 - ..., of which the real
    part belongs to cos and the imaginary one to sin.

    >>> [write(tree) for tree in exponential_times([0, 1], (0, 1), "cos")]
    ['x*cos(x)', 'cos(x)+x*sin(x)']
    """
    a, b = rate
    size = Fraction(a * a + b * b)
    inverse = (a / size, -b / size)
    real, imaginary = [Fraction()] * len(coefficients), [Fraction()] * len(coefficients)
    rest, scale = [Fraction(one) for one in coefficients], inverse
    while any(rest):
        for place, one in enumerate(rest):
            real[place] += one * scale[0]
            imaginary[place] += one * scale[1]
        rest = [one * place for place, one in enumerate(rest)][1:]
        scale = (-(scale[0] * inverse[0] - scale[1] * inverse[1]), -(scale[0] * inverse[1] + scale[1] * inverse[0]))
    growth = apply("exp", multiply(a, "x"))
    if b == 0:
        return multiply(polynomial(coefficients), growth), _spread(real, growth)
    sine, cosine = ("sin", multiply(b, "x")), ("cos", multiply(b, "x"))
    integrand = multiply(polynomial(coefficients), growth, sine if kind == "sin" else cosine)
    if kind == "sin":
        return integrand, add(_spread(real, multiply(growth, sine)), _spread(imaginary, multiply(growth, cosine)))
    minus = [-one for one in imaginary]
    return integrand, add(_spread(real, multiply(growth, cosine)), _spread(minus, multiply(growth, sine)))


def _spread(coefficients: Sequence[Number], factor: Tree) -> Tree:
    terms = [(one, multiply(power("x", place), factor)) for place, one in enumerate(coefficients)]
    return sum_of(reversed(terms))


def partial_fractions(coefficients: Sequence[int], roots: Sequence[int]) -> tuple[Tree, Tree]:
    """A polynomial over (x-r)(x-s)..., with its antiderivative; its degree is below the number of roots.

    >>> [write(tree) for tree in partial_fractions([2], [1, -1])]
    ['2/((x-1)*(x+1))', 'ln(x-1)-ln(x+1)']
    """
    terms = []
    for root in roots:
        value = sum(one * root**place for place, one in enumerate(coefficients))
        below = 1
        for other in roots:
            below *= root - other if other != root else 1
        terms.append((Fraction(value, below), apply("ln", subtract("x", root))))
    factors = [subtract("x", root) for root in roots]
    return divide(polynomial(coefficients), multiply(*factors)), sum_of(terms)


@task(
    "calculus/antiderivative-parts",
    answer=Expression(("x",)),
    levels=[{"operators": count} for count in (1, 2, 3, 4)],
    beyond=[{"operators": 5}, {"operators": 6}],
    check=is_antiderivative,
    family="antiderivative",
    draws=2**6,
    version=2,
    perturbations=formulas.ZERO_IN_CALL,
)
def antiderivative_parts(rng: np.random.Generator, operators: int) -> Problem | str:
    """An antiderivative that parts give, as in `antiderivative(-x*cos(x+5))`: `-x*sin(x+5)-cos(x+5)`.

    Judged as the backward task. F and H are random: G = H'/F', and the integrand is F*G', so that by parts its
    antiderivative is F*G - H, since that of F'*G is known to be H. F is a function of x such as ln(x), a power, or
    a product of them, H a formula of so many operators. Levels grow in operators. Guessing scores next to nothing.
    Source: the data by parts (IBP) of Lample and Charton, ICLR 2020, who look the second integral up in a table
    of known ones; here it is known by construction, so that few draws are lost.
    """
    if operators < 1:
        raise UserError(f"{operators} operators", where="calculus/antiderivative-parts", mend="take 1 or more")
    try:
        first = _first_factor(rng)
        known = random_tree(rng, operators, functions=(*SIMPLE, "square", "cube"))
        second = divide(derivative(known, {"x": 1}), derivative(first, {"x": 1}))
        slope = derivative(second, {"x": 1})
        integrand = multiply(first, slope)
        answer = subtract(multiply(first, second), known)
    except ZeroDivisionError:
        return "divides by zero"
    if slope == 0:
        return "constant"
    return _problem(integrand, without_constant(answer), operators=operators)


def _first_factor(rng: np.random.Generator) -> Tree:
    """A power of x, a simple function of a*x, or x times one."""
    which, slope = int(rng.integers(4)), int(rng.integers(1, 6))
    if which == 0:
        return power("x", int(rng.integers(1, 4)))
    simple = apply(SIMPLE[int(rng.integers(len(SIMPLE)))], multiply(slope, "x"))
    return multiply("x", simple) if which == 1 else simple
