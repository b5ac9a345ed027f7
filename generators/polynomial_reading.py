"""Predicted polynomials, products and fractions, read from trees: what the judges of algebra compare.

Everything is bounded: the parser bounds the tree, and what is multiplied out is given up beyond MOST_DEGREE and
MOST_BITS. Each reader gives None for a formula of another form, so that repeating the question is wrong.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd
from typing import Final

from enigmath.bench.contracts.expression import CONSTANTS, Tree, parse

Monomial = tuple[tuple[str, int], ...]
Terms = dict[Monomial, Fraction]
Whole = tuple[int, ...]
"""Whole coefficients by rising power."""

MOST_DEGREE: Final = 32
MOST_BITS: Final = 2_000
"""Of a coefficient while a prediction is multiplied out."""


def summands(tree: Tree, sign: int = 1) -> Iterator[tuple[int, Tree]]:
    """The parts of a sum, each with its sign."""
    if isinstance(tree, tuple) and tree[0] in ("+", "-"):
        yield from summands(tree[1], sign)
        yield from summands(tree[2], sign if tree[0] == "+" else -sign)
    elif isinstance(tree, tuple) and tree[0] == "neg":
        yield from summands(tree[1], -sign)
    else:
        yield sign, tree


def factors(tree: Tree, power: int = 1) -> Iterator[tuple[int, Tree]]:
    """The parts of a product or quotient, each with 1 or -1 for its power; a sign is a factor -1."""
    if isinstance(tree, tuple) and tree[0] in ("*", "/"):
        yield from factors(tree[1], power)
        yield from factors(tree[2], power if tree[0] == "*" else -power)
    elif isinstance(tree, tuple) and tree[0] == "neg":
        yield power, -1
        yield from factors(tree[1], power)
    else:
        yield power, tree


def expanded(tree: Tree) -> Terms | None:
    """The terms of a polynomial that is written as a sum of different monomials; None in any other form.

    >>> from enigmath.bench.contracts.expression import parse
    >>> expanded(parse("x-2")) == expanded(parse("-2+x")), expanded(parse("x+x")), expanded(parse("2*(x-1)"))
    (True, None, None)
    """
    terms: Terms = {}
    for sign, part in summands(tree):
        found = _monomial(part)
        if found is None or found[1] in terms:
            return None
        terms[found[1]] = sign * found[0]
    if 0 in terms.values():
        return {} if len(terms) == 1 else None
    return terms


def _monomial(tree: Tree) -> tuple[Fraction, Monomial] | None:
    """The coefficient and the powers, where each number and each variable stands once."""
    coefficient, powers, numbers = Fraction(1), dict[str, int](), list[int]()
    for power, part in factors(tree):
        base, exponent = part[1:] if isinstance(part, tuple) and part[0] == "^" else (part, 1)
        if isinstance(part, int):
            if part == 0 and power < 0:
                return None
            coefficient *= Fraction(part) ** power
            if part != -1:
                numbers.append(power)
        elif (
            not isinstance(base, str)
            or base in CONSTANTS
            or base in powers
            or power < 0
            or not isinstance(exponent, int)
            or exponent < 1
        ):
            return None
        else:
            powers[base] = exponent
    return (coefficient, tuple(sorted(powers.items()))) if len(set(numbers)) == len(numbers) else None


def same_expanded(question: str, answer: str, prediction: str) -> bool:
    """A judge: the prediction is the answer's polynomial, multiplied out and collected, its terms in any order."""
    del question
    return expanded(parse(prediction)) == expanded(parse(answer))


def dense(terms: Terms) -> tuple[str | None, Whole] | None:
    """The variable and whole coefficients by rising power; None for several variables, fractions, or high degree."""
    names = {name for monomial in terms for name, _ in monomial}
    if len(names) > 1 or any(value.denominator > 1 for value in terms.values()):
        return None
    by_power = {monomial[0][1] if monomial else 0: int(value) for monomial, value in terms.items()}
    degree = max(by_power, default=0)
    if degree > MOST_DEGREE:
        return None
    return (names.pop() if names else None), tuple(by_power.get(power, 0) for power in range(degree + 1))


def multiplied_out(tree: Tree, variable: str) -> Whole | None:
    """Whole coefficients by rising power of sums, products and powers in one variable; None beyond the bounds.

    >>> from enigmath.bench.contracts.expression import parse
    >>> multiplied_out(parse("2*(x-1)^2"), "x")
    (2, -4, 2)
    """
    if isinstance(tree, int):
        return _bounded([tree])
    if isinstance(tree, str):
        return (0, 1) if tree == variable else None
    if tree[0] == "^":
        base = multiplied_out(tree[1], variable)
        if base is None or not isinstance(tree[2], int) or not 0 <= tree[2] <= MOST_DEGREE:
            return None
        result: Whole = (1,)
        for _ in range(tree[2]):
            step = _times(result, base)
            if step is None:
                return None
            result = step
        return result
    parts = [multiplied_out(part, variable) for part in tree[1:]]
    if tree[0] == "neg" and parts[0] is not None:
        return tuple(-value for value in parts[0])
    if len(parts) < 2 or parts[0] is None or parts[1] is None:
        return None
    if tree[0] == "*":
        return _times(parts[0], parts[1])
    if tree[0] not in "+-":
        return None
    sign, length = 1 if tree[0] == "+" else -1, max(len(parts[0]), len(parts[1]))
    left, right = (list(part) + [0] * (length - len(part)) for part in (parts[0], parts[1]))
    return _bounded([a + sign * b for a, b in zip(left, right, strict=True)])


def _times(first: Sequence[int], second: Sequence[int]) -> Whole | None:
    result = [0] * (len(first) + len(second) - 1)
    for place, a in enumerate(first):
        for shift, b in enumerate(second):
            result[place + shift] += a * b
    return _bounded(result)


def _bounded(values: list[int]) -> Whole | None:
    while len(values) > 1 and not values[-1]:
        values.pop()
    fits = len(values) <= MOST_DEGREE + 1 and all(value.bit_length() <= MOST_BITS for value in values)
    return tuple(values) if fits else None


def factored(tree: Tree) -> tuple[int, Counter[tuple[str, Whole]]] | None:
    """The constant and the primitive factors, each with how often it stands; None in any other form.

    A factor is multiplied out, or a power of one that is; no number divides all its coefficients, and its sign is moved
    to the constant, which is written once.
    """
    constant, numbers, found = 1, 0, Counter[tuple[str, Whole]]()
    for power, part in factors(tree):
        base, exponent = part[1:] if isinstance(part, tuple) and part[0] == "^" else (part, 1)
        if power < 0 or not isinstance(exponent, int) or exponent < 1:
            return None
        if isinstance(part, int):
            constant, numbers = constant * part, numbers + (abs(part) != 1)
            continue
        terms = expanded(base)
        read = None if terms is None else dense(terms)
        if read is None or read[0] is None or gcd(*read[1]) != 1:
            return None
        name, values = read[0], read[1]
        if values[-1] < 0:
            values = tuple(-value for value in values)
            constant *= (-1) ** (exponent % 2)
        found[name, values] += exponent
    return (constant, found) if numbers <= 1 else None


def same_factors(question: str, answer: str, prediction: str) -> bool:
    """A judge: the same factors, in any order, with signs moved among them, repeated or as powers."""
    del question
    return factored(parse(prediction)) == factored(parse(answer))


def fraction(tree: Tree, variable: str) -> tuple[Whole, Whole] | None:
    """Numerator and denominator of one quotient of polynomials, multiplied out."""
    sides: dict[int, Whole | None] = {1: (1,), -1: (1,)}
    for power, part in factors(tree):
        before, other = sides[power], multiplied_out(part, variable)
        sides[power] = None if before is None or other is None else _times(before, other)
    top, bottom = sides[1], sides[-1]
    return None if top is None or bottom is None or not any(bottom) else (top, bottom)


def same_fraction(question: str, answer: str, prediction: str) -> bool:
    """A judge: one fraction in lowest terms with the answer's numerator and denominator, up to a sign of both."""
    name = _unknown(question)
    given, right = fraction(parse(prediction), name), fraction(parse(answer), name)
    if given is None or right is None:
        return False
    return right in (given, tuple(tuple(-value for value in side) for side in given))


def partial_fractions(tree: Tree, variable: str) -> dict[Fraction, Fraction] | None:
    """The residue at each pole of a sum of constants over linear polynomials; None in any other form."""
    residues: dict[Fraction, Fraction] = {}
    for sign, part in summands(tree):
        found = fraction(part, variable)
        if found is None or len(found[0]) != 1 or len(found[1]) != 2:
            return None
        (top,), (constant, slope) = found
        pole = Fraction(-constant, slope)
        if pole in residues:
            return None
        residues[pole] = Fraction(sign * top, slope)
    return residues


def same_partial_fractions(question: str, answer: str, prediction: str) -> bool:
    """A judge: the same residues at the same poles, each pole in one term."""
    name = _unknown(question)
    found = partial_fractions(parse(prediction), name)
    return found is not None and found == partial_fractions(parse(answer), name)


def _unknown(question: str) -> str:
    """The one-letter name in a question's innermost formula: the last letter of the text."""
    return next(character for character in reversed(question) if character.isalpha())


def powers(tree: Tree) -> dict[str, Fraction] | None:
    """The exponent of each variable in a product of powers in which each stands once; None in any other form."""
    found: dict[str, Fraction] = {}
    for power, part in factors(tree):
        base, exponent = part[1:] if isinstance(part, tuple) and part[0] == "^" else (part, 1)
        value = _rational(exponent)
        if part == 1:
            continue
        if not isinstance(base, str) or base in CONSTANTS or base in found or value is None:
            return None
        found[base] = power * value
    return {name: value for name, value in found.items() if value}


def same_powers(question: str, answer: str, prediction: str) -> bool:
    """A judge: the same exponent for each variable, each written once; `1/x^2` is `x^(-2)`."""
    del question
    found = powers(parse(prediction))
    return found is not None and found == powers(parse(answer))


def _rational(tree: Tree) -> Fraction | None:
    """A fraction of two whole numbers, with a sign."""
    if isinstance(tree, int):
        return Fraction(tree)
    if isinstance(tree, str):
        return None
    parts = [_rational(part) for part in tree[1:]] if tree[0] in ("neg", "/") else []
    if len(parts) == 1 and parts[0] is not None:
        return -parts[0]
    if len(parts) == 2 and parts[0] is not None and parts[1]:
        return parts[0] / parts[1]
    return None
