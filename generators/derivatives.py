"""Derivatives, gradients, definite integrals of polynomials and Taylor coefficients.

Formulas are in a light normal form (see `formulas`): a derivative is judged by its values, whatever its form. Keys are
semantic: formulas that are equal everywhere share one, variables renamed.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from enigmath.bench.contracts import Expression, Items, Problem, Rational, UserError, task
from enigmath.bench.contracts.expression import Tree, nodes_of, parse, variables_of, write
from enigmath.generators import formula_perturbations as formulas
from enigmath.generators.formulas import add, derivative, has_large_number, multiply, power, random_tree
from enigmath.generators.jets import agree, is_tame, jet, points, rate_of_change
from enigmath.generators.semantics import semantic_form

LONGEST_QUESTION: Final = 120
LONGEST_ANSWER: Final = 400
AXES: Final = ("x", "y", "z")
POLYNOMIAL: Final = ("square", "cube", "sin", "cos", "exp")
"""Functions of a gradient's formula: tame ones, since it has several variables already."""
KINDS: Final = ("exp", "sin", "cos", "ln", "geometric")
"""Factors of a function to expand."""


def is_derivative(question: str, answer: str, prediction: str) -> bool:
    """Whether a prediction has the values of the derivative at fixed complex points."""
    inner = parse(question.partition("(")[2].removesuffix(")"), ("x",))
    at = points(("x",))
    return agree(jet(parse(prediction, ("x",)), at, "x")[0], jet(inner, at, "x")[1])


@task(
    "calculus/derivative",
    answer=Expression(("x",)),
    levels=[{"operators": count} for count in (3, 4, 5, 6, 8)],
    beyond=[{"operators": count} for count in (10, 12)],
    check=is_derivative,
    draws=2**7,
    perturbations=formulas.CALL,
)
def derivative_of(rng: np.random.Generator, operators: int) -> Problem | str:
    """The derivative by x of a random formula, as in `derivative(x*sin(3*x))` with the answer `sin(3*x)+3*x*cos(3*x)`.

    Every form is right that has the values of the derivative at six complex points. The formula comes from a random
    unary-binary tree over + - * /, exp ln sqrt sin cos tan asin acos atan ^2 ^3, whole numbers 1 to 9 and x; equal
    terms and factors are collected, so that fewer operators may be left. Levels grow in operators. Guessing scores
    next to nothing: the commonest answer, 1, has under 3 % of level 1. Source: the data of Lample and Charton, "Deep
    learning for symbolic mathematics", ICLR 2020, read forward; `calculus__differentiate` of mathematics_dataset.
    """
    try:
        tree = random_tree(rng, operators)
        slope = derivative(tree, {"x": 1})
    except ZeroDivisionError:
        return "divides by zero"
    if not variables_of(tree):
        return "constant"
    inner, outer = write(tree), write(slope)
    if len(inner) > LONGEST_QUESTION or len(outer) > LONGEST_ANSWER:
        return "too long"
    if has_large_number(inner) or has_large_number(outer):
        return "large numbers"
    if not is_tame(rate_of_change(tree, points(("x",)), "x")):
        return "not tame at the points"
    traits = {"operators": operators, "nodes": nodes_of(tree)}
    return Problem(f"derivative({inner})", slope, semantic_form(tree), traits)


def is_gradient(question: str, answer: str, prediction: str) -> bool:
    """Whether each predicted component has the values of its partial derivative at fixed complex points."""
    inner = parse(question.removeprefix("gradient(").removesuffix(")"), AXES)
    names, parts = sorted(variables_of(inner)), prediction.split(",")
    at = points(AXES)
    return len(parts) == len(names) and all(
        agree(jet(parse(part, AXES), at, name)[0], jet(inner, at, name)[1])
        for part, name in zip(parts, names, strict=True)
    )


@task(
    "calculus/gradient",
    answer=Items(Expression(AXES)),
    levels=[
        {"operators": operators, "variables": variables}
        for operators, variables in ((3, 2), (4, 2), (5, 2), (5, 3), (6, 3))
    ],
    beyond=[{"operators": 8, "variables": 2}, {"operators": 8, "variables": 3}],
    check=is_gradient,
    draws=2**7,
    perturbations=formulas.CALL,
)
def gradient(rng: np.random.Generator, operators: int, variables: int) -> Problem | str:
    """The partial derivatives by x, y (and z) in that order, as in `gradient(x^2*y)` with the answer `2*x*y,x^2`.

    Every form with the right values is right. Formulas as in calculus/derivative, over + - * /, ^2, ^3, sin, cos and
    exp; all the variables stand in each. Levels grow in operators, then in variables. Guessing scores nothing.
    """
    if not 1 <= variables <= len(AXES):
        raise UserError(f"{variables} variables", where="calculus/gradient", mend=f"from 1 to {len(AXES)}")
    names = AXES[:variables]
    try:
        tree = random_tree(rng, operators, names, POLYNOMIAL)
        slopes = [derivative(tree, {name: 1}) for name in names]
    except ZeroDivisionError:
        return "divides by zero"
    if len(variables_of(tree)) < variables:
        return "a variable is missing"
    inner, outer = write(tree), ",".join(write(slope) for slope in slopes)
    if len(inner) > LONGEST_QUESTION or len(outer) > LONGEST_ANSWER:
        return "too long"
    if has_large_number(inner) or has_large_number(outer):
        return "large numbers"
    if not all(is_tame(rate_of_change(tree, points(AXES), name)) for name in names):
        return "not tame at the points"
    traits = {"operators": operators, "variables": variables, "nodes": nodes_of(tree)}
    return Problem(f"gradient({inner})", slopes, semantic_form(tree), traits)


def polynomial(coefficients: Sequence[int], name: str = "x") -> Tree:
    """The tree of a polynomial from its coefficients, constant first, highest power in front.

    >>> write(polynomial([1, 0, -3]))
    '-3*x^2+1'
    """
    tree: Tree = 0
    for exponent in reversed(range(len(coefficients))):
        if coefficients[exponent]:
            size = multiply(abs(coefficients[exponent]), power(name, exponent))
            if tree == 0:
                tree = multiply(coefficients[exponent], power(name, exponent))
            else:
                tree = ("+" if coefficients[exponent] > 0 else "-", tree, size)
    return tree


def random_coefficients(rng: np.random.Generator, degree: int, largest: int) -> list[int]:
    """A polynomial of just that degree, coefficients -largest .. largest, about half of the lower ones 0."""
    drawn = rng.integers(-largest, largest + 1, degree + 1) * rng.integers(2, size=degree + 1)
    top = int(rng.integers(1, largest + 1)) * (-1 if rng.integers(2) else 1)
    return [int(one) for one in drawn[:-1]] + [top]


@task(
    "calculus/definite-integral",
    answer=Rational(),
    levels=[
        {"degree": degree, "largest": largest} for degree, largest in ((1, 9), (2, 9), (3, 9), (4, 9), (4, 20), (5, 20))
    ],
    beyond=[{"degree": 6, "largest": 20}, {"degree": 8, "largest": 20}],
    perturbations=formulas.ZERO_IN_CALL,
)
def definite_integral(rng: np.random.Generator, degree: int, largest: int) -> Problem:
    """The integral by x of a polynomial between two whole bounds, as in `integral(3*x^2+1,0,2)` with the answer `10`.

    The answer is a fraction in lowest terms, `7/2`, or a whole number. Coefficients are -largest .. largest, about
    half of the lower ones 0; bounds are -5 .. 5, the first the lower. Levels grow in degree, then in coefficients.
    Guessing 0 scores about 4 % at level 1 and under 3 % above it. Source: every first course of calculus.
    """
    coefficients = random_coefficients(rng, degree, largest)
    low, high = sorted(int(bound) for bound in rng.choice(11, 2, replace=False) - 5)
    value = sum(
        Fraction(one * (high ** (place + 1) - low ** (place + 1)), place + 1) for place, one in enumerate(coefficients)
    )
    terms = sum(one != 0 for one in coefficients)
    key = f"{coefficients} {low} {high}"
    return Problem(
        f"integral({write(polynomial(coefficients))},{low},{high})", value, key, {"degree": degree, "terms": terms}
    )


@task(
    "calculus/taylor-coefficient",
    answer=Rational(),
    levels=[
        {"factors": factors, "order": order} for factors, order in ((1, 3), (1, 5), (2, 3), (2, 4), (2, 6), (3, 4))
    ],
    beyond=[{"factors": 2, "order": 8}, {"factors": 3, "order": 6}, {"factors": 4, "order": 4}],
    draws=2**8,
    perturbations=formulas.ZERO_IN_CALL,
)
def taylor_coefficient(rng: np.random.Generator, factors: int, order: int) -> Problem | str:
    """The coefficient of x^n in the Taylor series about 0, as in `taylor(exp(2*x)*sin(x),3)` with the answer `11/6`.

    The second operand is n. The answer is a fraction in lowest terms or a whole number, never 0. The function is a
    product of a polynomial of degree 1 or 2 with so many of exp(a*x), sin(a*x), cos(a*x), ln(1+a*x), 1/(1+a*x), a from
    -9 to 9, each at most once; n is 1 to order, larger ones more likely. Levels grow in factors and in order. Guessing
    the commonest answer scores about 1 %.
    """
    if not 1 <= factors <= len(KINDS):
        raise UserError(f"{factors} factors", where="calculus/taylor-coefficient", mend=f"from 1 to {len(KINDS)}")
    place = int(max(rng.integers(1, order + 1, 2)))
    coefficients = random_coefficients(rng, 1 + int(rng.integers(2)), 9)
    trees, series = [polynomial(coefficients)], [Fraction(one) for one in coefficients]
    for kind in rng.permutation(len(KINDS))[:factors]:
        slope = int(rng.integers(1, 10)) * (-1 if rng.integers(2) else 1)
        tree, other = expansion(KINDS[kind], slope, place)
        trees.append(tree)
        series = product(series, other, place)
    if len(series) <= place or series[place] == 0:
        return "zero"
    tree = multiply(*trees)
    traits = {"order": place, "factors": factors, "nodes": nodes_of(tree)}
    # The order is a part of what is asked: it stands in the key as a formula of its own.
    return Problem(f"taylor({write(tree)},{place})", series[place], semantic_form(tree, place), traits)


def expansion(kind: str, slope: int, order: int) -> tuple[Tree, list[Fraction]]:
    """A function of slope*x and its Taylor coefficients up to an order.

    >>> [str(one) for one in expansion("sin", 2, 3)[1]]
    ['0', '2', '0', '-4/3']
    """
    inner = multiply(slope, "x")
    powers = [Fraction(slope) ** place for place in range(order + 1)]
    if kind == "geometric":
        return power(add(inner, 1), -1), [(-1) ** place * one for place, one in enumerate(powers)]
    if kind == "ln":
        return ("ln", add(inner, 1)), [
            (-1) ** (place + 1) * one / place if place else Fraction() for place, one in enumerate(powers)
        ]
    signs = {"exp": (1, 1, 1, 1), "sin": (0, 1, 0, -1), "cos": (1, 0, -1, 0)}[kind]
    coefficients, factorial = [], 1
    for place, one in enumerate(powers):
        factorial *= max(place, 1)
        coefficients.append(signs[place % 4] * one / factorial)
    return (kind, inner), coefficients


def product(first: Sequence[Fraction], second: Sequence[Fraction], order: int) -> list[Fraction]:
    """The product of two series up to an order."""
    result = [Fraction()] * (order + 1)
    for left, one in enumerate(first[: order + 1]):
        for right, other in enumerate(second[: order + 1 - left]):
            result[left + right] += one * other
    return result
