"""Random formulas, kept in a light normal form, and their derivatives.

Trees are those of `contracts.expression`. Sums collect equal terms and products equal factors, by exact fractions, so
that `x*x^2` is `x^3` and `2*x*3` is `6*x`; nothing is expanded. Every rule used holds at all complex points where both
sides have a value. What divides by zero raises ZeroDivisionError.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, Final

import numpy as np

from enigmath.bench.contracts.expression import FUNCTIONS, Tree

Number = int | Fraction
Factors = tuple[Number, dict[Tree, Number]]
"""A coefficient, and each base with its exponent."""

ELEMENTARY: Final = ("exp", "ln", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "square", "cube")
"""Operators of one operand in random formulas; `square` and `cube` write `^2` and `^3`."""
HYPERBOLIC: Final = (*ELEMENTARY, "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
MOST_DIGITS: Final = 5
"""Digits of a whole number in a formula that is asked or answered, at most."""

_LARGE: Final = re.compile(f"[0-9]{{{MOST_DIGITS + 1}}}")
_HALF: Final = Fraction(1, 2)
_AT_ZERO: Final = {"exp": 1, "cos": 1, "cosh": 1, **dict.fromkeys(("sin", "tan", "asin", "atan", "sinh", "tanh"), 0)}


def add(*terms: Tree) -> Tree:
    """The sum.

    >>> add("x", ("*", 2, "x"), 3)
    ('+', ('*', 3, 'x'), 3)
    """
    return sum_of((1, term) for term in terms)


def subtract(first: Tree, second: Tree) -> Tree:
    """The difference."""
    return sum_of(((1, first), (-1, second)))


def multiply(*factors: Tree) -> Tree:
    """The product."""
    return product_of(merged((factors_of(factor), 1) for factor in factors))


def divide(first: Tree, second: Tree) -> Tree:
    """The quotient; ZeroDivisionError for 0 below."""
    return product_of(merged(((factors_of(first), 1), (factors_of(second), -1))))


def power(base: Tree, exponent: Number) -> Tree:
    """A power with a constant exponent."""
    return product_of(factors_of(_power(base, exponent)))


def apply(function: str, operand: Tree) -> Tree:
    """A function of a formula, with its value at 0 where that is whole; exp and ln undo one another one way.

    >>> apply("exp", ("ln", "x")), apply("cos", 0), apply("square", ("sqrt", "x"))
    ('x', 1, 'x')
    """
    if function in ("square", "cube"):
        return power(operand, 2 if function == "square" else 3)
    if function == "sqrt":
        return power(operand, _HALF)
    if operand == 0 and function in _AT_ZERO:
        return _AT_ZERO[function]
    if function == "ln" and isinstance(operand, int) and operand in (0, 1):
        return 0 // operand
    if function == "exp" and isinstance(operand, tuple) and operand[0] == "ln":
        inner: Tree = operand[1]
        return inner
    return function, operand


def simplify(tree: Tree) -> Tree:
    """The same formula in normal form.

    >>> from enigmath.bench.contracts.expression import parse, write
    >>> write(simplify(parse("x*x^2 - 3*2*x + x/4 + 1*sin(x - x)")))
    'x^3-23*x/4'
    """
    if not isinstance(tree, tuple):
        return tree
    operator, parts = tree[0], [simplify(part) for part in tree[1:]]
    if operator == "+":
        return add(*parts)
    if operator in ("-", "neg"):
        return subtract(parts[0] if operator == "-" else 0, parts[-1])
    if operator in FUNCTIONS:
        return apply(operator, parts[0])
    return product_of(factors_of((operator, *parts)))


def rational(tree: Tree) -> Number | None:
    """The value of a number, which may be a quotient or have a sign; None for anything else."""
    if isinstance(tree, int):
        return tree
    if isinstance(tree, tuple) and tree[0] == "neg":
        value = rational(tree[1])
        return None if value is None else -value
    if isinstance(tree, tuple) and tree[0] == "/":
        above, below = rational(tree[1]), rational(tree[2])
        return None if above is None or below is None else Fraction(above) / below
    return None


def number(value: Number) -> Tree:
    """A number as a tree."""
    return value.numerator if value.denominator == 1 else ("/", value.numerator, value.denominator)


def factors_of(tree: Tree) -> Factors:
    """The tree taken apart as a product of powers."""
    if isinstance(tree, str):
        return 1, {tree: 1}
    if isinstance(tree, int):
        return tree, {}
    operator = tree[0]
    if operator in ("*", "/"):
        return merged(((factors_of(tree[1]), 1), (factors_of(tree[2]), 1 if operator == "*" else -1)))
    if operator == "neg":
        coefficient, factors = factors_of(tree[1])
        return -coefficient, factors
    if operator == "sqrt":
        return 1, {tree[1]: _HALF}
    if operator == "^" and (exponent := rational(tree[2])) is not None:
        if exponent.denominator == 1:
            return merged(((factors_of(tree[1]), exponent),))
        return 1, {tree[1]: exponent}
    return 1, {tree: 1}


def merged(parts: Iterable[tuple[Factors, Number]]) -> Factors:
    """The product of parts, each to a whole power."""
    whole: Number = 1
    together: dict[Tree, Number] = {}
    for (coefficient, factors), exponent in parts:
        if coefficient != 1:
            whole = whole * (coefficient if exponent == 1 else Fraction(coefficient) ** int(exponent))
        if not together and exponent == 1:
            together = dict(factors)
            continue
        for base, times in factors.items():
            together[base] = together.get(base, 0) + (times if exponent == 1 else times * exponent)
    return whole, together


def product_of(product: Factors) -> Tree:
    """The tree of a product: powers above and below one fraction bar, the sign in front."""
    coefficient, factors = product
    above: list[Tree] = []
    below: list[Tree] = []
    for base, exponent in factors.items():
        if isinstance(base, int) and exponent.denominator == 1:
            coefficient = coefficient * Fraction(base) ** int(exponent)
        elif exponent > 0:
            above.append(_power(base, exponent))
        elif exponent < 0:
            below.append(_power(base, -exponent))
    if coefficient == 0:
        return 0
    top = coefficient.numerator
    if abs(top) != 1 or not above:
        above.insert(0, top)
    elif top < 0:
        above[0] = ("neg", above[0])
    if coefficient.denominator != 1:
        below.insert(0, coefficient.denominator)
    return ("/", _chain(above), _chain(below)) if below else _chain(above)


def _power(base: Tree, exponent: Number) -> Tree:
    if isinstance(exponent, int):  # first, as fractions are slow to compare
        return base if exponent == 1 else ("^", base, exponent)
    if exponent == 1:
        return base
    return ("sqrt", base) if exponent == _HALF else ("^", base, number(exponent))


def _chain(factors: Sequence[Tree]) -> Tree:
    tree = factors[0]
    for factor in factors[1:]:
        tree = ("*", tree, factor)
    return tree


def terms_of(tree: Tree) -> list[Factors]:
    """The tree taken apart as a sum of products.

    >>> terms_of(("-", ("*", 2, "x"), 3))
    [(2, {'x': 1}), (-3, {})]
    """
    found: list[Factors] = []
    _collect(1, tree, found)
    return found


def _collect(scale: Number, tree: Tree, found: list[Factors]) -> None:
    if isinstance(tree, tuple) and tree[0] in ("+", "-"):
        _collect(scale, tree[1], found)
        _collect(scale if tree[0] == "+" else -scale, tree[2], found)
    elif isinstance(tree, tuple) and tree[0] == "neg":
        _collect(-scale, tree[1], found)
    else:
        coefficient, factors = factors_of(tree)
        found.append((coefficient if scale == 1 else scale * coefficient, factors))


def sum_of(parts: Iterable[tuple[Number, Tree]]) -> Tree:
    """The tree of a sum of numbers times trees: equal terms once, a number last, a positive term first."""
    together: dict[frozenset[Any], Factors] = {}
    found: list[Factors] = []
    for scale, part in parts:
        _collect(scale, part, found)
    for coefficient, factors in found:
        same = frozenset(factors.items())
        before = together.get(same)
        total: Number = coefficient + before[0] if before else coefficient
        together[same] = total, factors
    if len(together) == 1:
        return product_of(*together.values())
    kept = [term for term in together.values() if term[0] != 0]
    kept.sort(key=lambda term: not term[1])
    first = next((place for place, term in enumerate(kept) if term[0] > 0), 0)
    if not kept:
        return 0
    tree = product_of(kept[first])
    for coefficient, factors in kept[:first] + kept[first + 1 :]:
        tree = (
            "+" if coefficient > 0 else "-",
            tree,
            product_of((coefficient if coefficient > 0 else -coefficient, factors)),
        )
    return tree


def derivative(tree: Tree, seeds: Mapping[str, Tree]) -> Tree:
    """The derivative in normal form, where `seeds` gives that of each variable; others are constants.

    >>> from enigmath.bench.contracts.expression import parse, write
    >>> write(derivative(parse("x^2*sin(3*x)"), {"x": 1})), write(derivative(parse("x*y"), {"x": 1, "y": "y'"}))
    ('2*x*sin(3*x)+3*x^2*cos(3*x)', "y+x*y'")
    """
    if isinstance(tree, int):
        return 0
    if isinstance(tree, str):
        return seeds.get(tree, 0)
    if tree[0] in "+-":
        sign = 1 if tree[0] == "+" else -1
        return sum_of(((1, derivative(tree[1], seeds)), (sign, derivative(tree[2], seeds))))
    if tree[0] in FUNCTIONS and tree[0] != "sqrt":
        inner = derivative(tree[1], seeds)
        if inner in (0, 1):
            return _outer(tree[0], tree[1]) if inner else 0
        return multiply(_outer(tree[0], tree[1]), inner)
    coefficient, factors = factors_of(tree)
    if factors.keys() == {tree}:
        raise ValueError(f"no rule for the operator {tree[0]!r} here")
    terms = []
    for base, exponent in factors.items():
        inner = derivative(base, seeds)
        if inner == 1 and exponent == 1 and len(factors) == 1:
            return number(coefficient)
        if inner != 0:
            whole = merged((((coefficient, factors), 1), ((exponent, {base: -1}), 1), (factors_of(inner), 1)))
            terms.append((1, product_of(whole)))
    return sum_of(terms)


def _outer(function: str, operand: Tree) -> Tree:
    """The derivative of a function at an operand."""
    match function:
        case "exp":
            return function, operand
        case "ln":
            return divide(1, operand)
        case "sin" | "sinh":
            return ("cos" if function == "sin" else "cosh"), operand
        case "cos":
            return "neg", ("sin", operand)
        case "cosh":
            return "sinh", operand
        case "tan":
            return "+", ("^", (function, operand), 2), 1
        case "tanh":
            return "-", 1, ("^", (function, operand), 2)
        case "atan":
            return divide(1, add(power(operand, 2), 1))
        case "atanh":
            return divide(1, subtract(1, power(operand, 2)))
        case "asin":
            return power(subtract(1, power(operand, 2)), -_HALF)
        case "acos":
            return multiply(-1, power(subtract(1, power(operand, 2)), -_HALF))
        case "asinh":
            return power(add(power(operand, 2), 1), -_HALF)
        case "acosh":
            return multiply(power(subtract(operand, 1), -_HALF), power(add(operand, 1), -_HALF))
    raise ValueError(f"no rule for {function}")


def substitute(tree: Tree, name: str, instead: Tree) -> Tree:
    """The tree with a formula in a variable's place, not yet in normal form."""
    if isinstance(tree, tuple):
        return (tree[0], *(substitute(part, name, instead) for part in tree[1:]))
    return instead if tree == name else tree


def count_of(tree: Tree, name: str) -> int:
    """How often a variable stands in a tree."""
    if isinstance(tree, tuple):
        return sum(count_of(part, name) for part in tree[1:])
    return int(tree == name)


def has_large_number(text: str) -> bool:
    """Whether a written formula holds a number of more than MOST_DIGITS digits."""
    return _LARGE.search(text) is not None


def random_tree(
    rng: np.random.Generator, operators: int, names: Sequence[str] = ("x",), functions: Sequence[str] = ELEMENTARY
) -> Tree:
    """A formula in normal form from a tree of so many operators, every shape of unary-binary tree equally likely.

    Leaves are whole numbers from 1 to 9 with probability 0.3, else variables; binary operators are + - * / alike. A
    function of a number becomes one of the first variable. ZeroDivisionError where it divides by 0. After Lample and
    Charton, "Deep learning for symbolic mathematics", ICLR 2020.
    """
    dice = iter(rng.random(6 * operators + 4).tolist())
    return _random(dice, operators, names, functions)


def _random(dice: Iterator[float], operators: int, names: Sequence[str], functions: Sequence[str]) -> Tree:
    if operators == 0:
        is_number, which = next(dice) < 0.3, next(dice)
        return 1 + int(9 * which) if is_number else names[int(len(names) * which)]
    place = next(dice) * _shapes(operators)
    if place < _shapes(operators - 1):
        function = functions[int(len(functions) * next(dice))]
        operand = _random(dice, operators - 1, names, functions)
        return apply(function, names[0] if rational(operand) is not None else operand)
    place -= _shapes(operators - 1)
    left = 0
    while left < operators - 1 and place >= (these := _shapes(left) * _shapes(operators - 1 - left)):
        place -= these
        left += 1
    operator = (add, subtract, multiply, divide)[int(4 * next(dice))]
    first = _random(dice, left, names, functions)
    return operator(first, _random(dice, operators - 1 - left, names, functions))


@cache
def _shapes(operators: int) -> int:
    """The number of unary-binary trees with so many operators (the large Schröder numbers).

    >>> [_shapes(count) for count in range(4)]
    [1, 2, 6, 22]
    """
    if operators == 0:
        return 1
    binary = sum(_shapes(left) * _shapes(operators - 1 - left) for left in range(operators))
    return _shapes(operators - 1) + binary
