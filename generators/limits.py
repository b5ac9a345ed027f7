"""Limits with exact answers: of rational functions at a point and at infinity, and of the well-known quotients at 0.

Answers are whole numbers, fractions in lowest terms as `3/4`, or `inf` and `-inf` where the values grow without bound.
Keys are semantic forms of the function, beside the point that x goes to.
"""

import re
from fractions import Fraction
from typing import Final

import numpy as np

from enigmath.bench.contracts import Problem, Rational, Text, UserError, task
from enigmath.bench.contracts.expression import Tree, nodes_of, write
from enigmath.generators import formula_perturbations as formulas
from enigmath.generators.derivatives import polynomial, random_coefficients
from enigmath.generators.formulas import add, divide, multiply, subtract
from enigmath.generators.semantics import semantic_form

LIMIT: Final = Text("[-+0-9/inf]")
"""A fraction, a whole number, `inf` or `-inf`."""

_FRACTION: Final = re.compile(r"([+-]?[0-9]{1,200})(?:/([+-]?[0-9]{1,200}))?")


def is_limit(question: str, answer: str, prediction: str) -> bool:
    """Whether a prediction is the answer's number in other terms, as `2/4` for `1/2`, or `+inf` for `inf`."""
    if answer.endswith("inf"):
        return prediction.removeprefix("+") == answer
    found, right = _FRACTION.fullmatch(prediction), Fraction(answer)
    if found is None:
        return False
    top, bottom = int(found[1]), int(found[2] or 1)
    return bottom != 0 and Fraction(top, bottom) == right


@task(
    "calculus/limit-rational",
    answer=LIMIT,
    levels=[{"degree": degree, "largest": largest} for degree, largest in ((1, 5), (1, 9), (2, 5), (2, 9), (3, 9))],
    beyond=[{"degree": 4, "largest": 9}, {"degree": 3, "largest": 20}],
    check=is_limit,
    draws=2**8,
    perturbations=formulas.ZERO_IN_CALL,
)
def limit_rational(rng: np.random.Generator, degree: int, largest: int) -> Problem | str:
    """The limit of a quotient of polynomials at a point where it has no value, as in `limit((x^2-1)/(x-1),1)`: `2`.

    Above and below stand random polynomials of the degree, not 0 at the point, times powers of x minus the point, all
    multiplied out. Of eight quotients five have that factor once above and below, one twice; one has it once more
    above, so that the limit is 0, and one twice below alone: `inf` or `-inf`. An odd pole, which has no limit, is never
    asked. Any way of writing the number is right. Levels grow in degree, then in coefficients. Guessing 0 scores about
    13 %. Source: every first course of calculus.
    """
    point = int(rng.integers(-5, 6))
    above, below = random_coefficients(rng, degree, largest), random_coefficients(rng, degree, largest)
    top, bottom = _at(above, point), _at(below, point)
    if top == 0 or bottom == 0:
        return "zero beside the factor"
    orders = ((1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (2, 2), (2, 1), (0, 2))[int(rng.integers(8))]
    if orders == (0, 2):
        answer = "inf" if top * bottom > 0 else "-inf"
    else:
        answer = Rational().write(Fraction(top, bottom) if orders[0] == orders[1] else 0)
    for _ in range(orders[0]):
        above = _times(above, [-point, 1])
    for _ in range(orders[1]):
        below = _times(below, [-point, 1])
    return _problem(("/", polynomial(above), polynomial(below)), str(point), answer, degree)


FIRST_COEFFICIENTS: Final = {
    (1, 9): 0.592,
    (2, 9): 0.638,
    (3, 9): 0.65,
    (4, 9): 0.656,
    (4, 20): 0.654,
    (6, 20): 0.659,
    (4, 99): 0.645,
}
"""What the quotient of the first coefficients scores by degree and largest: measured on 8,000 limits each."""


@task(
    "calculus/limit-infinity",
    answer=LIMIT,
    levels=[{"degree": degree, "largest": largest} for degree, largest in ((1, 9), (2, 9), (3, 9), (4, 9), (4, 20))],
    beyond=[{"degree": 6, "largest": 20}, {"degree": 4, "largest": 99}],
    check=is_limit,
    ceiling=lambda degree, largest: FIRST_COEFFICIENTS.get((degree, largest), 0.65),
    draws=2**8,
    perturbations=formulas.ZERO_IN_CALL,
)
def limit_infinity(rng: np.random.Generator, degree: int, largest: int) -> Problem | str:
    """The limit of a quotient of polynomials at inf or -inf, as in `limit((3*x^2+1)/(x^2-4),inf)` with the answer `3`.

    Two quotients in three have the same degree above and below, from 1 to `degree`; the others differ by one, so that
    the limit is 0 or infinite. Any way of writing the number is right. Levels grow in degree, then in
    coefficients. Guessing 0 scores about 17 %, and the quotient of the first coefficients as they stand 59 to 66 %, the
    declared ceiling, measured. Source: every first course of calculus.
    """
    size, way = int(rng.integers(1, degree + 1)), (0, 0, 0, 0, 1, -1)[int(rng.integers(6))]
    above = random_coefficients(rng, size + max(way, 0), largest)
    below = random_coefficients(rng, size + max(-way, 0), largest)
    if not (any(above[:-1]) or any(below[:-1])):
        return "a quotient of powers"
    sign = 1 if rng.integers(2) else -1
    if way == 1:
        answer = "inf" if above[-1] * below[-1] * sign > 0 else "-inf"
    else:
        answer = Rational().write(Fraction(above[-1], below[-1]) if way == 0 else 0)
    return _problem(("/", polynomial(above), polynomial(below)), "inf" if sign > 0 else "-inf", answer, size)


@task(
    "calculus/limit-quotient",
    answer=LIMIT,
    levels=[{"order": order, "largest": largest} for order, largest in ((1, 9), (1, 20), (2, 9), (2, 20), (3, 9))],
    beyond=[{"order": 1, "largest": 99}, {"order": 4, "largest": 9}],
    check=is_limit,
    draws=2**8,
    perturbations=formulas.ZERO_IN_CALL,
)
def limit_quotient(rng: np.random.Generator, order: int, largest: int) -> Problem | str:
    """The limit at 0 of a quotient of functions that vanish there, as in `limit(sin(3*x)/(2*x),0)`, which is 3/2.

    Above and below stand products of `order` of sin(a*x), tan(a*x), exp(a*x)-1, ln(1+a*x), a*x and, from order 2 on,
    1-cos(a*x), which counts twice; a is -largest to largest. Any way of writing the number is right. Levels grow in
    order and in a. Guessing the commonest answer, 1 or -1, scores 2 to 7 %. Source: every first course of calculus.
    """
    if order < 1 or largest < 1:
        raise UserError(f"order {order}, largest {largest}", where="calculus/limit-quotient", mend="take 1 or more")
    (above, top), (below, bottom) = _vanishing(rng, order, largest), _vanishing(rng, order, largest)
    tree = divide(above, below)
    if not isinstance(tree, tuple):
        return "constant"
    problem = _problem(tree, "0", Rational().write(top / bottom), order)
    return "constant" if "x" not in problem.question else problem


def _vanishing(rng: np.random.Generator, order: int, largest: int) -> tuple[Tree, Fraction]:
    """A product that vanishes at 0 to an order, and the coefficient of x to that order in it."""
    trees: list[Tree] = []
    value = Fraction(1)
    while order:
        slope = int(rng.integers(1, largest + 1)) * (-1 if rng.integers(2) else 1)
        kind = ("sin", "tan", "exp", "ln", "x", "cos")[int(rng.integers(6 if order > 1 else 5))]
        inner = multiply(slope, "x")
        if kind == "cos":
            trees.append(subtract(1, ("cos", inner)))
        elif kind == "exp":
            trees.append(subtract(("exp", inner), 1))
        elif kind == "ln":
            trees.append(("ln", add(inner, 1)))
        else:
            trees.append(inner if kind == "x" else (kind, inner))
        value *= Fraction(slope * slope, 2) if kind == "cos" else slope
        order -= 2 if kind == "cos" else 1
    return multiply(*trees), value


def _problem(tree: Tree, point: str, answer: str, degree: int) -> Problem:
    traits: dict[str, int | str] = {
        "degree": degree,
        "point": point,
        "infinite": answer.endswith("inf"),
        "nodes": nodes_of(tree),
    }
    return Problem(f"limit({write(tree)},{point})", answer, f"{semantic_form(tree)} {point}", traits)


def _at(coefficients: list[int], point: int) -> int:
    return sum(one * point**place for place, one in enumerate(coefficients))


def _times(first: list[int], second: list[int]) -> list[int]:
    result = [0] * (len(first) + len(second) - 1)
    for left, one in enumerate(first):
        for right, other in enumerate(second):
            result[left + right] += one * other
    return result
