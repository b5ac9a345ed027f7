"""Differential equations of first and second order, drawn backward from their solutions.

After Lample and Charton, "Deep learning for symbolic mathematics", ICLR 2020: a random formula y = f(x, c) in which c
stands once is solved for c, and the result differentiated, so that c vanishes; with two constants this is done twice. A
prediction is substituted into the equation and judged by its values: any family of solutions is right that depends
on its constants. Roots, logarithms and arc functions in an equation are principal values. Keys come from the equation
solved for its highest derivative, so that an equation and its multiples share one.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

import numpy as np

from enigmath.bench.contracts import Expression, Problem, task
from enigmath.bench.contracts.expression import FUNCTIONS, Tree, evaluate, nodes_of, parse, variables_of, write
from enigmath.generators.derivatives import LONGEST_ANSWER, LONGEST_QUESTION
from enigmath.generators.formulas import (
    Factors,
    Number,
    add,
    apply,
    count_of,
    derivative,
    divide,
    factors_of,
    has_large_number,
    merged,
    multiply,
    power,
    product_of,
    random_tree,
    rational,
    simplify,
    substitute,
    subtract,
    sum_of,
    terms_of,
)
from enigmath.generators.jets import Values, is_tame, jet, points
from enigmath.generators.semantics import fingerprint

INVERTIBLE: Final = ("exp", "ln", "sqrt", "sin", "cos", "tan", "square")
"""Functions in a solution: for each, what undoes it is known."""
INVERSES: Final[Mapping[str, str]] = {
    "exp": "ln",
    "ln": "exp",
    "sqrt": "square",
    "sin": "asin",
    "cos": "acos",
    "tan": "atan",
}
ALONG_X: Final[Mapping[str, Tree]] = {"x": 1, "y": "y'", "y'": "y''"}
NAMES: Final = ("x", "y", "y'", "y''")

TRIES: Final = 20
"""Random formulas that are drawn at most for one with its constants in it."""
_STEP: Final = 1e-4
_NEAR: Final = 1e-3


def is_first_order_solution(question: str, answer: str, prediction: str) -> bool:
    """Whether a prediction solves the equation at random x and c, and changes with c."""
    return _solves(_equation(question, NAMES[:3]), parse(prediction, ("x", "c")), ("c",))


def is_second_order_solution(question: str, answer: str, prediction: str) -> bool:
    """Whether a prediction solves the equation at random x, c1 and c2, and changes with both apart from one another."""
    return _solves(_equation(question, NAMES), parse(prediction, ("x", "c1", "c2")), ("c1", "c2"))


def _equation(question: str, names: tuple[str, ...]) -> Tree:
    return parse(question.partition("(")[2].removesuffix("=0)"), names)


def _solves(equation: Tree, solution: Tree, constants: tuple[str, ...]) -> bool:
    """Whether the equation's left side is as near 0 as changes of y and its derivatives by a ten-millionth make it."""
    at = points(("x", *constants))
    values = dict(zip(NAMES, (at["x"], *jet(solution, at, "x")), strict=True))
    if not all(np.isfinite(column).all() for column in values.values()):
        return False
    # Where a value is infinite or none, no comparison below holds.
    with np.errstate(all="ignore"):
        left = _residual(equation, values)
        moved = sum(
            np.abs(_residual(equation, {**values, name: values[name] + _STEP * (np.abs(values[name]) + 0.01)}) - left)
            for name in variables_of(equation)
            if name != "x"
        )
        return bool((np.abs(left) <= _NEAR * moved).all()) and _depends(solution, at, constants)


def _residual(equation: Tree, values: Mapping[str, Values]) -> Values:
    return np.broadcast_to(evaluate(equation, values), values["x"].shape)


def _depends(solution: Tree, at: Mapping[str, Values], constants: tuple[str, ...]) -> bool:
    """Whether the slopes along the constants are not 0, nor multiples of one another when x alone changes."""
    slopes = []
    for x in (at["x"], at["x"] * 1.3 + 0.1):
        jets = [jet(solution, {**at, "x": x}, name) for name in constants]
        slopes.append([one[1] / (1 + np.abs(one[0])) for one in jets])
    table = np.array(slopes[: len(constants)])
    if not np.isfinite(table).all():
        return False
    volume = table[0, 0] if len(constants) == 1 else table[0, 0] * table[1, 1] - table[0, 1] * table[1, 0]
    size = 1.0 if len(constants) == 1 else np.abs(table).max(axis=(0, 1)) ** 2
    return bool((np.abs(volume) > 1e-9 * size).all())


@task(
    "calculus/differential-equation-first",
    answer=Expression(("x", "c")),
    levels=[{"operators": count} for count in (3, 4, 5, 6, 7)],
    beyond=[{"operators": count} for count in (8, 10)],
    check=is_first_order_solution,
    draws=2**6,
    version=2,
)
def differential_equation_first(rng: np.random.Generator, operators: int) -> Problem | str:
    """The solutions y of an equation in x, y and y', as in `solve(x*y'-y=0)` with the answer `c*x`.

    The answer is a formula in x and the constant c. Any is right that satisfies the equation at six complex values of
    x and c and changes with c; a single solution is not. Equations come from random formulas in x and c of so many
    operators, with c in them once; numbers beside c are taken into it, so that `c*x` stands for `3*c*x`. Levels grow
    in operators. Guessing the commonest answer, `c*x`, scores 7 % of the draws of level 1 and next to nothing without
    duplicates. Source: the first-order data (ODE 1) of Lample and Charton, ICLR 2020.
    """
    try:
        solution = with_constants(rng, operators, ("c",))
        if solution is None:
            return "not one constant"
        constant = isolated(solution, "c", "y")
        equation = without_denominators(derivative(constant, ALONG_X))
    except ZeroDivisionError:
        return "divides by zero"
    return _problem(equation, solution, ("c",), operators)


@task(
    "calculus/differential-equation-second",
    answer=Expression(("x", "c1", "c2")),
    levels=[{"operators": count} for count in (3, 4, 5, 6)],
    beyond=[{"operators": 7}, {"operators": 8}],
    check=is_second_order_solution,
    draws=2**6,
    version=2,
)
def differential_equation_second(rng: np.random.Generator, operators: int) -> Problem | str:
    """The solutions y of an equation in x, y, y' and y'', as in `solve(y''+y=0)`: `c1*sin(x)+c2*cos(x)`.

    The answer is a formula in x and the constants c1 and c2. Any is right that satisfies the equation at six complex
    values of x, c1 and c2 and changes with both, each in its own way. Equations come from random formulas of so many
    operators, with each constant in them once and numbers beside it taken into it. Levels grow in operators. Guessing
    the commonest answer, `c1/(x+c2)`, scores 8 % of the draws of level 1 and next to nothing without duplicates.
    Source: the second-order data (ODE 2) of Lample and Charton, ICLR 2020.
    """
    try:
        solution = with_constants(rng, operators, ("c1", "c2"))
        if solution is None:
            return "not two constants"
        first = isolated(solution, "c2", "y")
        second = solved_for(without_denominators(derivative(first, ALONG_X)), "c1")
        if second is None:
            return "not solved for c1"
        equation = without_denominators(derivative(second, ALONG_X))
    except ZeroDivisionError:
        return "divides by zero"
    return _problem(equation, solution, ("c1", "c2"), operators)


def with_constants(rng: np.random.Generator, operators: int, constants: tuple[str, ...]) -> Tree | None:
    """A random formula in x and constants that holds each of them once; None where TRIES draws give none."""
    for _ in range(TRIES):
        try:
            solution = random_tree(rng, operators, ("x", "c"), INVERTIBLE)
        except ZeroDivisionError:
            continue
        if count_of(solution, "c") == len(constants) and count_of(solution, "x"):
            solution = simplify(_renamed(solution, iter(rng.permutation(constants).tolist())))
            for name in constants:
                solution = absorbed(solution, name)
            return solution
    return None


def absorbed(tree: Tree, name: str) -> Tree:
    """The same family of formulas, with what depends on a constant alone taken into it: c for 3*c+8 or exp(c).

    The constant stands in the tree once. After the simplification of constants of Lample and Charton, 2020.

    >>> write(absorbed(("-", "x", ("*", 3, "c")), "c")), write(absorbed(("/", 2, ("*", ("+", "c", 8), "x")), "c"))
    ('x+c', 'c/x')
    """
    if set(variables_of(tree)) == {name} or not count_of(tree, name):
        return name if count_of(tree, name) else tree
    assert isinstance(tree, tuple)
    if tree[0] in FUNCTIONS and tree[0] != "sqrt":
        return apply(tree[0], absorbed(tree[1], name))
    terms = [product_of(term) for term in terms_of(tree)]
    if len(terms) > 1:
        rest, taken = _apart(terms, name)
        return add(*rest, name) if taken else add(*(absorbed(term, name) for term in terms))
    coefficient, factors = factors_of(tree)
    rest, taken = _apart([power(base, exponent) for base, exponent in factors.items()], name)
    if taken:
        return multiply(name, *rest)
    return product_of((coefficient, {absorbed(base, name): exponent for base, exponent in factors.items()}))


def _apart(parts: list[Tree], name: str) -> tuple[list[Tree], bool]:
    """The parts that hold other variables, and whether the constant stands in one that holds no other."""
    rest = [part for part in parts if set(variables_of(part)) - {name}]
    return rest, not any(count_of(part, name) for part in rest)


def _renamed(tree: Tree, names: Iterator[str]) -> Tree:
    """The tree with the next of the names for each c."""
    if isinstance(tree, tuple):
        return (tree[0], *(_renamed(part, names) for part in tree[1:]))
    return next(names) if tree == "c" else tree


def _problem(equation: Tree, solution: Tree, constants: tuple[str, ...], operators: int) -> Problem | str:
    """The problem, or why it is left out."""
    highest = NAMES[len(constants) + 1]
    if any(count_of(equation, name) for name in constants) or not count_of(equation, highest):
        return "degenerate"
    left, right = write(equation), write(solution)
    if len(left) > LONGEST_QUESTION or len(right) > LONGEST_ANSWER:
        return "too long"
    if has_large_number(left) or has_large_number(right):
        return "large numbers"
    slope = derivative(equation, {highest: 1})
    if count_of(slope, highest) or slope == 0:
        return "degenerate"
    at = points(("x", *constants))
    if not all(is_tame(column) or not column.any() for column in jet(solution, at, "x")):
        return "not tame at the points"
    if not _solves(equation, solution, constants):
        return "not satisfied at the points"
    rest = substitute(equation, highest, 0)
    # The equation is linear in its highest derivative: solved for it, multiples of the equation are equal.
    key = repr((highest, fingerprint(("/", rest, slope), NAMES[: len(constants) + 1])))
    return Problem(f"solve({left}=0)", solution, key, {"operators": operators, "nodes": nodes_of(equation)})


def isolated(tree: Tree, name: str, value: Tree) -> Tree:
    """What a variable that stands once in a formula is when the formula has a value, on one branch.

    >>> write(isolated(("exp", ("*", "c", "x")), "c", "y"))
    'ln(y)/x'
    """
    while tree != name:
        assert isinstance(tree, tuple)
        operator, inner = tree[0], tree[1]
        inside = count_of(inner, name) > 0
        if operator in INVERSES:
            tree, value = inner, apply(INVERSES[operator], value)
        elif operator == "^":
            exponent = rational(tree[2])
            assert exponent is not None
            tree, value = inner, power(value, 1 / Fraction(exponent))
        elif operator == "neg":
            tree, value = inner, multiply(-1, value)
        else:
            other = tree[2] if inside else inner
            tree = inner if inside else tree[2]
            value = _undone(operator, value, other, inside)
    return value


def _undone(operator: str, value: Tree, other: Tree, first: bool) -> Tree:
    """The first or the second operand of an operation from its value and the other one."""
    match operator:
        case "+":
            return subtract(value, other)
        case "-":
            return add(value, other) if first else subtract(other, value)
        case "*":
            return divide(value, other)
        case "/":
            return multiply(value, other) if first else divide(other, value)
    raise ValueError(f"no inverse of {operator!r}")


def solved_for(left: Tree, name: str) -> Tree | None:
    """A variable from `left = 0` where it stands once, or where the equation is linear in it; else None."""
    if count_of(left, name) == 1:
        return isolated(left, name, 0)
    slope = derivative(left, {name: 1})
    if slope == 0 or count_of(slope, name):
        return None
    return multiply(-1, divide(simplify(substitute(left, name, 0)), slope))


def without_denominators(tree: Tree) -> Tree:
    """A sum divided by the factors that all its terms have in common, those below included: nonzero where it is.

    >>> write(without_denominators(("-", ("/", "y'", "x"), ("/", "y", ("^", "x", 2)))))
    "y'*x-y"
    """
    for _ in range(3):
        terms = terms_of(tree)
        common = _common([factors for _, factors in terms])
        scale = _content([coefficient for coefficient, _ in terms])
        if not common and scale == 1:
            break
        inverse: Factors = (1 / Fraction(scale), {base: -exponent for base, exponent in common.items()})
        tree = sum_of((1, product_of(merged(((term, 1), (inverse, 1))))) for term in terms)
    return tree


def _common(rows: list[dict[Tree, Number]]) -> dict[Tree, Number]:
    """The least exponent of each base over all products; a base that one lacks has exponent 0 there."""
    bases = dict.fromkeys(base for row in rows for base in row)
    least = {base: min(row.get(base, 0) for row in rows) for base in bases}
    return {base: exponent for base, exponent in least.items() if exponent != 0}


def _content(coefficients: list[Number]) -> Number:
    """What to divide by for whole coefficients without a common divisor, the first positive."""
    above = int(np.gcd.reduce([one.numerator for one in coefficients]))
    below = int(np.lcm.reduce([one.denominator for one in coefficients]))
    return Fraction(above or 1, below) * (-1 if coefficients[0] < 0 else 1)
