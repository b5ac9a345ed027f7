"""Changes of a formula of numbers whose effect on its value is known: operands change places, brackets move, digits
change. Values are exact, fractions all the way.
"""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

import numpy as np

from enigmath.bench.contracts import Answer, Integer, Perturbation, Real, UserError
from enigmath.bench.contracts.expression import Tree, parse, write
from enigmath.generators.perturbations import (
    DECIMAL,
    TIMES_ONE,
    digit_changed,
    negated,
    of_decimals,
    of_numbers,
    perturbation,
    swapped,
)

_COMMUTING: Final = ("+", "*")
Rewrite = Callable[[Tree], Tree | None]
_CALL: Final = re.compile(r"((?:derivative|antiderivative|gradient|limit|integral|taylor)\()(.*?)((?:,[-a-z0-9]+)*\))")


def exact(tree: Tree) -> Fraction | None:
    """The value of a formula of numbers; None where it divides by zero or holds anything but + - * / and signs.

    >>> exact(parse("(3-4)*7/(2+9)")), exact(parse("1/(2-2)"))
    (Fraction(-7, 11), None)
    """
    if isinstance(tree, int):
        return Fraction(tree)
    if isinstance(tree, str) or tree[0] not in ("+", "-", "*", "/", "neg"):
        return None
    values = [exact(part) for part in tree[1:]]
    first, second = values[0], values[-1]
    if first is None or second is None or (tree[0] == "/" and not second):
        return None
    if tree[0] == "neg":
        return -first
    if tree[0] == "/":
        return first / second
    return first + second if tree[0] == "+" else first - second if tree[0] == "-" else first * second


def bracketed(tree: Tree) -> str:
    """The formula with brackets around each operand that is no number.

    >>> bracketed(parse("3*4*(5+1)"))
    '(3*4)*(5+1)'
    """
    if not isinstance(tree, tuple):
        return str(tree)
    inner = [f"({bracketed(part)})" if isinstance(part, tuple) else str(part) for part in tree[1:]]
    return f"{inner[0]}{tree[0]}{inner[1]}" if len(inner) == 2 else f"{tree[0]}({inner[0]})"


def value_of(kind: Answer) -> Callable[[str], str | None]:
    """What a formula comes to, as this kind of answer writes it; None where it comes to none.

    >>> value_of(Real(2))("2/3"), value_of(Integer())("2/3")
    ('0.67', None)
    """

    def solve(question: str) -> str | None:
        value = exact(parse(question))
        whole = value is not None and value.denominator == 1
        return kind.write(value) if value is not None and (whole or not isinstance(kind, Integer)) else None

    return solve


def _rewritten(name: str, rewrite: Rewrite, written: Callable[[Tree], str] = bracketed) -> Perturbation:
    """One node, taken at random among those that `rewrite` changes, becomes what it gives; the value stays.

    The formula is all of the question, or the first argument of a call, as in `derivative(x*sin(x))`. Questions that
    are not written as `written` would write them are left alone.
    """

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        found = _CALL.fullmatch(question)
        before, formula, after = found.groups() if found else ("", question, "")
        try:
            tree = parse(formula)
        except UserError:
            return None
        if written(tree) != formula:
            return None
        made = [written(other) for other in _everywhere(tree, rewrite)]
        return (f"{before}{made[rng.integers(len(made))]}{after}", told) if made else None

    return perturbation(name, change, same=True)


def _everywhere(tree: Tree, rewrite: Rewrite) -> Iterator[Tree]:
    """The formulas that come of rewriting one node."""
    if not isinstance(tree, tuple):
        return
    here = rewrite(tree)
    if here is not None:
        yield here
    for place in range(1, len(tree)):
        for part in _everywhere(tree[place], rewrite):
            yield (*tree[:place], part, *tree[place + 1 :])


def _other_order(tree: Tree) -> Tree | None:
    assert isinstance(tree, tuple)
    return (tree[0], tree[2], tree[1]) if tree[0] in _COMMUTING and tree[1] != tree[2] else None


def _other_brackets(tree: Tree) -> Tree | None:
    """a + (b + c) from (a + b) + c, or the other way round; products likewise."""
    assert isinstance(tree, tuple)
    if tree[0] not in _COMMUTING:
        return None
    operator, first, second = tree
    if isinstance(first, tuple) and first[0] == operator:
        return (operator, first[1], (operator, first[2], second))
    if isinstance(second, tuple) and second[0] == operator:
        return (operator, (operator, first, second[1]), second[2])
    return None


def _appended(ending: str, name: str) -> Perturbation:
    """A term that changes nothing at the end of a call's formula."""

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        found = _CALL.fullmatch(question)
        return None if found is None else (f"{found[1]}{found[2]}{ending}{found[3]}", told)

    return perturbation(name, change, same=True, in_form=False)


def _wrapped(ending: str, name: str) -> Perturbation:
    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        return f"({question}){ending}", told

    return perturbation(name, change, same=True, in_form=False)


def _in_brackets(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    found = re.match("[0-9]+[+-][0-9]+", question)
    return None if found is None else (f"({found[0]}){question[found.end() :]}", told)


SWAP: Final = _rewritten("swap operands", _other_order)
BRACKETS: Final = _rewritten("re-bracket", _other_brackets)
_WRAPPED: Final = (_wrapped("+0", "add zero"), _wrapped("*1", "multiply by one"))
MIXED: Final = (SWAP, digit_changed(value_of(Real(2))), *_WRAPPED)
MIXED_WHOLE: Final = (SWAP, digit_changed(value_of(Integer())), *_WRAPPED)
NESTED: Final = (SWAP, BRACKETS, digit_changed(value_of(Real(2))), *_WRAPPED)
NESTED_WHOLE: Final = (SWAP, BRACKETS, digit_changed(value_of(Integer())), *_WRAPPED)
CHAIN: Final = (
    swapped("[-+][0-9]+", name="swap terms"),
    digit_changed(value_of(Integer())),
    perturbation("re-bracket", _in_brackets, same=True, in_form=False),
)
"""Signed terms after the first change places; brackets around the first two do nothing."""
_QUOTIENT: Final = of_numbers(lambda dividend, divisor: Real(2).write(Fraction(dividend, divisor)) if divisor else None)
QUOTIENT: Final = (digit_changed(_QUOTIENT), TIMES_ONE)
REMAINDER: Final = (digit_changed(of_numbers(lambda a, b: "{}r{}".format(*divmod(a, b)) if b else None)),)


def _decimal(solve: Callable[[Fraction, Fraction], Fraction], places: int) -> Perturbation:
    return digit_changed(of_decimals(lambda first, second: Real(places).write(solve(first, second))))


DECIMAL_SUM: Final = (swapped(DECIMAL), _decimal(lambda first, second: first + second, 9))
DECIMAL_DIFFERENCE: Final = (swapped(DECIMAL, negated), _decimal(lambda first, second: first - second, 9))
DECIMAL_PRODUCT: Final = (swapped(DECIMAL), _decimal(lambda first, second: first * second, 18))
ZERO_IN_CALL: Final = (_appended("+0", "add zero"),)
"""In calls whose formulas have an order of their own."""
CALL: Final = (_rewritten("swap operands", _other_order, write), *ZERO_IN_CALL)
"""In calls whose formulas are drawn at random, in any order."""
