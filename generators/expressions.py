"""Expressions of several operators: two operands with any of + - * /, and nested brackets over three to ten.

All values are exact: fractions of 64-bit integers within bounds that are proven below, never floating point.
Every operation in a nested expression has brackets of its own, except the outermost, so the questions measure
calculation, not the rules of precedence. Division is exact in the whole-number tasks and rounded to two decimals,
half away from zero, in the others. Keys are canonical modulo the laws of arithmetic: see `canonical`.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Integer, Keys, Real, UserError, mix, task
from enigmath.generators import formula_perturbations as formulas
from enigmath.generators.arithmetic import longest
from enigmath.generators.canonical import number, over, times
from enigmath.generators.digits import (
    Column,
    Limbs,
    add,
    divide,
    draw,
    draw_divisor,
    draw_multiple,
    from_integers,
    join,
    multiply,
    pick,
    ratio_text,
    signed_text,
    subtract,
    text,
)
from enigmath.generators.steps_of_expressions import mixed_steps, mixed_whole_steps, nested_steps
from enigmath.generators.trees import OPERATORS, Table, Trees, draw_trees, write

DIVISION: Final = OPERATORS.index("/")
ONE_TO_TWENTY: Final = [{"digits": digits} for digits in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)]
PAST_TWENTY: Final = [{"digits": digits} for digits in (25, 30, 40)]
THREE_TO_SIX: Final = [
    *({"digits": 1, "operands": operands} for operands in (3, 4, 5, 6)),
    *({"digits": 2, "operands": operands} for operands in (3, 4, 5, 6)),
    *({"digits": 3, "operands": operands} for operands in (3, 4, 5)),
]
DEEPER: Final = [{"digits": 1, "operands": 6, "depth": depth} for depth in (3, 4, 5)]
PAST_SIX: Final = [
    *({"digits": 1, "operands": operands} for operands in (7, 8, 10)),
    {"digits": 2, "operands": 7},
    {"digits": 1, "operands": 8, "depth": 7},
]

_OPERATOR: Final = tuple(OPERATORS)
_OPERATOR_SETS: Final = tuple(
    "".join(sign for place, sign in enumerate(OPERATORS) if chosen >> place & 1) for chosen in range(16)
)


@task(
    "expressions/mixed",
    answer=Real(2),
    levels=ONE_TO_TWENTY,
    beyond=PAST_TWENTY,
    bulk=True,
    steps=mixed_steps,
    perturbations=formulas.MIXED,
)
def mixed(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """One of + - * / between two natural numbers, quotients rounded to two decimals half away from zero, as `17/8`.

    The four operators are equally likely. Operands are uniform over 0 .. 10**digits - 1, except that a divisor has 1
    to min(digits, 9) digits, each length equally likely, and is never zero. Levels grow in digits. Guessing scores
    next to nothing from three digits on. Known experiment: sentdex's recurrent networks on mixed operators between
    two numbers.
    """
    return _mixed(rng, n, digits, whole=False)


@task(
    "expressions/mixed-whole",
    answer=Integer(),
    levels=ONE_TO_TWENTY,
    beyond=PAST_TWENTY,
    bulk=True,
    steps=mixed_whole_steps,
    perturbations=formulas.MIXED_WHOLE,
)
def mixed_whole(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """One of + - * / between two natural numbers where every division comes out even, as `18/3`.

    Drawn as in mixed, but for divisions: a divisor has at most digits - 1 digits (or one), else most quotients would
    be 1. Up to nine digits the quotient is uniform over 1 .. (10**digits - 1) // divisor; from ten digits on the
    dividend is a uniform number rounded down to a multiple of the divisor. Guessing 1 scores 20 % of the draws with one
    digit, 7 % without duplicates, and 2 % or less from two digits on. Source: as mixed.
    """
    return _mixed(rng, n, digits, whole=True)


@task(
    "expressions/nested",
    answer=Real(2),
    levels=[*THREE_TO_SIX, *DEEPER],
    beyond=PAST_SIX,
    bulk=True,
    version=2,
    steps=nested_steps,
    perturbations=formulas.NESTED,
)
def nested(rng: np.random.Generator, n: int, digits: int, operands: int, depth: int | None = None) -> Batch:
    """Nested brackets over several operators, rounded to two decimals half away from zero, as `((3-4)*7)/(2+9)`.

    Every shape of tree, every operator and every operand of 0 .. 10**digits - 1 is equally likely; what divides by zero
    is rejected. Only the final value is rounded. Levels grow in operands, then in digits, then six operands grow in
    depth alone; those beyond have seven to ten operands. Guessing 0 scores 2 to 9 %: small quotients are rounded to
    it. The trait `depth` is the number of operations on the longest path through the tree. Known experiment:
    sentdex's recurrent networks on nested brackets over three to six operands.
    """
    _require_exact(201 * 2 ** (operands - 1) * 10 ** (digits * operands), digits, operands)
    trees, numbers, operators = _draw_nested(rng, n, digits, operands, depth)
    numerator, denominator = evaluate(trees, numbers, operators)
    kept = denominator > 0
    trees, numbers, operators = trees.take(kept), numbers[:, kept], operators[:, kept]
    whole, remainder = np.divmod(abs(numerator[kept]), denominator[kept])
    answer = ratio_text(numerator[kept] < 0, from_integers(whole), remainder, denominator[kept])
    return _nested(trees, numbers, operators, answer)


@task(
    "expressions/nested-whole",
    answer=Integer(),
    levels=[*THREE_TO_SIX, {"digits": 3, "operands": 6}, *DEEPER],
    beyond=PAST_SIX,
    bulk=True,
    version=2,
    steps=nested_steps,
    perturbations=formulas.NESTED_WHOLE,
)
def nested_whole(rng: np.random.Generator, n: int, digits: int, operands: int, depth: int | None = None) -> Batch:
    """Nested brackets over several operators where every division comes out even, as `((3-4)*8)/(2+2)`.

    Drawn as in nested, then each division is made even from the inside out: a dividend that is an operand is rounded
    down to a multiple of the divisor, a divisor that is an operand becomes its greatest common divisor with the
    dividend; where that would leave 0 or 1, or neither is an operand, the division becomes + - or * at random. So
    divisions are half as frequent as each other operator, and nothing is rejected. Guessing 0 scores about 10 % with
    one digit, 1 % with two, before duplicates are dropped. Source: as nested.
    """
    _require_exact(10 ** (digits * operands), digits, operands)
    trees, numbers, operators = _draw_nested(rng, n, digits, operands, depth)
    numbers, operators, values = make_even(trees, numbers, operators, rng.integers(3, size=operators.shape))
    return _nested(trees, numbers, operators, signed_text(values < 0, from_integers(abs(values))))


def _mixed(rng: np.random.Generator, n: int, digits: int, whole: bool) -> Batch:
    operator = rng.integers(len(OPERATORS), size=n)
    first, second = draw(rng, n, digits), draw(rng, n, digits)
    divisor = draw_divisor(rng, n, max(digits - 1, 1) if whole else digits)
    division = operator == DIVISION
    second = np.where(division, 0, second)
    second[0] += np.where(division, divisor, 0)
    if whole:
        first = np.where(division, draw_multiple(rng, divisor, digits), first)
    left, right = text(first), text(second)
    sign = pick(_OPERATOR, operator)
    key = mix(_word(operator, number(first), number(second)))
    traits = {"operators": sign, "digits": longest(left, right)}
    return Batch(join(left, sign, right), _mixed_answers(operator, first, second), key, traits)


def _mixed_answers(operator: Column, first: Limbs, second: Limbs) -> pa.Array:
    """Each operator's rows are worked out together, then put back in their order."""
    rows = [np.flatnonzero(operator == code) for code in range(len(OPERATORS))]
    plus, minus, multiplied, divided = ((first[:, chosen], second[:, chosen]) for chosen in rows)
    divisor = divided[1][0]
    whole, remainder = divide(divided[0], divisor)
    answers = [
        text(add(*plus)),
        signed_text(*subtract(*minus)),
        text(multiply(*multiplied)),
        ratio_text(np.zeros(len(divisor), dtype=bool), whole, remainder, divisor),
    ]
    place = np.argsort(np.concatenate(rows))
    return pa.concat_arrays(answers).take(pa.array(place))


def _draw_nested(
    rng: np.random.Generator, n: int, digits: int, operands: int, depth: int | None
) -> tuple[Trees, Table, Table]:
    """Trees, their operands of shape (operands, n), and their operators of shape (operands - 1, n)."""
    trees = draw_trees(rng, n, operands, depth)
    numbers = rng.integers(10**digits, size=(operands, n))
    return trees, numbers, rng.integers(len(OPERATORS), size=(operands - 1, n))


def _nested(trees: Trees, numbers: Table, operators: Table, answer: pa.Array) -> Batch:
    operands, n = numbers.shape
    traits: Mapping[str, Any] = {
        "operators": pick(_OPERATOR_SETS, np.bitwise_or.reduce(1 << operators, axis=0)),
        "digits": longest(text(numbers.max(axis=0)[None])),
        "operands": np.full(n, operands),
        "depth": trees.depth,
    }
    return Batch(write(trees, numbers, operators), answer, mix(_words(trees, numbers, operators)), traits)


def evaluate(trees: Trees, numbers: Table, operators: Table) -> tuple[Column, Column]:
    """The exact values as (numerator, denominator), or (0, 0), which then absorbs all, where a divisor was zero.

    With k operands below b both stay below 2**(k-1) * b**k: each is a sum of at most 2**(k-1) products (a + or - adds
    two sums, every other operation multiplies their counts) in which no operand stands twice.
    """
    numerators, denominators = numbers.copy(), np.ones_like(numbers)
    rows = np.arange(numbers.shape[1])
    for left, right in zip(trees.left, trees.right, strict=True):
        operator = operators[right - 1, rows]
        a, b = numerators[left, rows], denominators[left, rows]
        c, d = numerators[right, rows], denominators[right, rows]
        c, d = np.where(operator == DIVISION, (np.sign(c) * d, abs(c)), (c, d))
        crossed, other = a * d, c * b
        numerators[left, rows] = np.choose(operator, [crossed + other, crossed - other, a * c, a * c])
        denominators[left, rows] = b * d
    return numerators[0], denominators[0]


def make_even(trees: Trees, numbers: Table, operators: Table, fallback: Table) -> tuple[Table, Table, Column]:
    """Operands and operators changed until every division is even, as nested_whole says, and the whole values.

    With k operands below b no value exceeds b**k: a sum of two numbers is at most the product of their bounds, which
    are at least ten, and a change never enlarges an operand.
    """
    numbers, operators, values = numbers.copy(), operators.copy(), numbers.copy()
    rows = np.arange(numbers.shape[1])
    merges = zip(trees.left, trees.right, trees.left_is_operand, trees.right_is_operand, fallback, strict=True)
    for left, right, left_is_operand, right_is_operand, instead in merges:
        operator, a, b = operators[right - 1, rows], values[left, rows], values[right, rows]
        size = np.maximum(abs(b), 1)
        uneven = (operator == DIVISION) & ((b == 0) | (a % size != 0))
        rounded = uneven & left_is_operand & (b != 0) & (a >= size)
        a = np.where(rounded, a - a % size, a)
        common = np.gcd(a, b)
        reduced = uneven & ~left_is_operand & right_is_operand & (b != 0) & (common > 1)
        b = np.where(reduced, common, b)
        operator = np.where(uneven & ~rounded & ~reduced, instead, operator)
        numbers[left, rows] = np.where(rounded, a, numbers[left, rows])
        numbers[right, rows] = np.where(reduced, b, numbers[right, rows])
        operators[right - 1, rows] = operator
        quotient = a // np.where(operator == DIVISION, b, 1)
        values[left, rows] = np.choose(operator, [a + b, a - b, a * b, quotient])
    return numbers, operators, values[0]


def _words(trees: Trees, numbers: Table, operators: Table) -> Keys:
    """The canonical words of whole trees; shape (n,)."""
    operands, n = numbers.shape
    words = number(numbers.reshape(1, -1)).reshape(operands, n)
    rows = np.arange(n)
    for left, right in zip(trees.left, trees.right, strict=True):
        words[left, rows] = _word(operators[right - 1, rows], words[left, rows], words[right, rows])
    root: Keys = words[0]
    return root


def _word(operator: Column, first: Keys, second: Keys) -> Keys:
    words: Keys = np.choose(operator, [first + second, first - second, times(first, second), over(first, second)])
    return words


def _require_exact(bound: int, digits: int, operands: int) -> None:
    if bound >= 2**63:
        raise UserError(
            f"{operands} operands of {digits} digits do not fit 64 bits", where="expressions", mend="take fewer of one"
        )
