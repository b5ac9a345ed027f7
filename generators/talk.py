"""Nested expressions as the first experiments asked them: Python's floats for answers, or operands to twenty.

The talk's expressions (of the experiment with a ten-layer encoder and beam search) have up to nine operands and a few
brackets and follow Python's precedence, so most operations stand without brackets. The answer is what Python prints: a
whole number of any length where nothing is divided, else a float, most often with all of its sixteen digits. Keys are
canonical modulo the laws of arithmetic, as those of `expressions`.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import add, mul, sub, truediv
from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Keys, Real, mix, task
from enigmath.generators import formula_perturbations as formulas
from enigmath.generators.arithmetic import longest
from enigmath.generators.canonical import number, over, times
from enigmath.generators.digits import Column, from_integers, pick, ratio_text, text
from enigmath.generators.expressions import evaluate
from enigmath.generators.steps_of_expressions import nested_steps
from enigmath.generators.trees import OPERATORS, Table, draw_trees, write

OPERATIONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = dict(zip(OPERATORS, (add, sub, mul, truediv), strict=True))
KINDS: Final = ("whole number", "few decimals", "sixteen digits")
FEW: Final = 14
"""Significant digits that a float has at most whose decimals are called few; one that never ends prints 15 to 17."""

OPERATOR_SETS: Final = tuple(
    "".join(sign for place, sign in enumerate(OPERATORS) if chosen >> place & 1) for chosen in range(16)
)
"""The operators of an expression by the bits of a number from 0 to 15."""

Merge = tuple[int, int]
"""Two slots whose values are combined into the first; a value lives in the slot of its leftmost operand."""


@task(
    "expressions/talk",
    answer=Real(),
    levels=[
        {"operands": 3, "largest": 99, "brackets": 1},
        {"operands": 5, "largest": 999, "brackets": 2},
        {"operands": 7, "largest": 9_999, "brackets": 3},
        {"operands": 9, "largest": 99_999, "brackets": 3},
    ],
    beyond=[{"operands": 12, "largest": 99_999, "brackets": 4}],
    bulk=True,
)
def talk(rng: np.random.Generator, n: int, operands: int, largest: int, brackets: int) -> Batch:
    """Operands with + - * / and a few brackets, by Python's precedence, answered as Python prints the float: `7/2-1`.

    The number of operands is uniform over 2 .. operands, each operand over 1 .. largest, each operator equally likely.
    Up to `brackets` pairs, their number uniform too, go each round a run of two or more neighbours that is not the
    whole, where one is left. What divides by zero is rejected. Level 4 is the talk's. The trait `kind` tells whole
    numbers, few decimals, and sixteen digits of a division. Right is what reads as the same float: a whole number past
    2**53 may differ in its last digits. Known experiment: 1.2 % exact after eleven days of training.
    """
    counts = rng.integers(2, operands + 1, size=n)
    numbers = rng.integers(1, largest + 1, size=(n, operands))
    signs = rng.integers(len(OPERATORS), size=(n, operands - 1))
    wanted = rng.integers(brackets + 1, size=n)
    places = rng.random((n, brackets, 2))
    questions, answers, merges, kept = [], [], [], []
    for row, (count, some) in enumerate(zip(counts.tolist(), wanted.tolist(), strict=True)):
        given = numbers[row, :count].tolist()
        operators = [OPERATORS[code] for code in signs[row, : count - 1].tolist()]
        try:
            question, value, order = written(given, operators, places[row, :some].tolist())
        except ZeroDivisionError:
            continue
        questions.append(question)
        answers.append(repr(value))
        merges.append(order)
        kept.append(row)
    key = mix(_words(numbers[kept].T, signs[kept].T, merges))
    sets = [np.bitwise_or.reduce(1 << signs[row, : counts[row] - 1]) for row in kept]
    traits = {
        "kind": pa.array([kind_of_number(answer) for answer in answers], pa.string()),
        "operands": counts[kept],
        "brackets": np.array([question.count("(") for question in questions], np.int64),
        "operators": pa.array([OPERATOR_SETS[chosen] for chosen in sets], pa.string()),
    }
    rejected = {"divides by zero": n - len(kept)} if len(kept) < n else {}
    return Batch(pa.array(questions, pa.string()), pa.array(answers, pa.string()), key, traits, rejected)


@task(
    "expressions/nested-to-twenty",
    answer=Real(2),
    levels=[{"operands": operands} for operands in (3, 4, 5, 6)],
    beyond=[{"operands": operands} for operands in (7, 8)],
    bulk=True,
    steps=nested_steps,
    perturbations=(formulas.SWAP, formulas.BRACKETS),
)
def nested_to_twenty(rng: np.random.Generator, n: int, operands: int) -> Batch:
    """Nested brackets over operands of 1 to 20, rounded to two decimals half away from zero, as `((3-14)*7)/(2+19)`.

    Drawn as expressions/nested, but for the size of the operands: every shape of tree and every operator is equally
    likely, and what divides by zero is rejected. Levels grow in operands. Known experiment: sentdex's recurrent
    networks on nested brackets.
    """
    trees = draw_trees(rng, n, operands)
    numbers = rng.integers(1, 21, size=(operands, n))
    operators = rng.integers(len(OPERATORS), size=(operands - 1, n))
    numerator, denominator = evaluate(trees, numbers, operators)
    kept = denominator > 0
    trees, numbers, operators = trees.take(kept), numbers[:, kept], operators[:, kept]
    whole, remainder = np.divmod(abs(numerator[kept]), denominator[kept])
    answer = ratio_text(numerator[kept] < 0, from_integers(whole), remainder, denominator[kept])
    merges = np.stack([trees.left, trees.right], axis=-1).transpose(1, 0, 2).tolist()
    traits = {
        "operators": pick(OPERATOR_SETS, np.bitwise_or.reduce(1 << operators, axis=0)),
        "digits": longest(text(numbers.max(axis=0)[None])),
        "operands": np.full(numbers.shape[1], operands),
        "depth": trees.depth,
    }
    rejected = {"divides by zero": n - int(kept.sum())} if not kept.all() else {}
    return Batch(write(trees, numbers, operators), answer, mix(_words(numbers, operators, merges)), traits, rejected)


def written(
    numbers: Sequence[int], operators: Sequence[str], places: Sequence[Sequence[float]]
) -> tuple[str, int | float, list[Merge]]:
    """The text of an expression, its value and the merges that give it, in their order.

    Each of `places`, two shares from 0 to 1, puts a pair of brackets round a run of neighbours: the first share says
    how many, the second which. Raises ZeroDivisionError.

    >>> written([7, 2, 1], ["/", "-"], []), written([7, 2, 1], ["/", "-"], [(0.0, 0.9)])
    (('7/2-1', 2.5, [(0, 1), (0, 2)]), ('7/(2-1)', 7.0, [(1, 2), (0, 1)]))
    """
    values: list[int | float] = list(numbers)
    texts = [str(value) for value in numbers]
    slots, signs = list(range(len(numbers))), list(operators)
    merges: list[Merge] = []
    for length, start in places:
        if len(slots) < 3:
            break
        count = 2 + int(length * (len(slots) - 2))
        first = int(start * (len(slots) - count + 1))
        inside = slice(first, first + count)
        run, between = slots[inside], signs[first : first + count - 1]
        texts[run[0]] = f"({_text(texts, run, between)})"
        _reduce(values, run, between, merges)
        slots[inside] = run[:1]
        del signs[first : first + count - 1]
    question = _text(texts, slots, signs)
    _reduce(values, slots, signs, merges)
    return question, values[0], merges


def _text(texts: Sequence[str], slots: Sequence[int], signs: Sequence[str]) -> str:
    return texts[slots[0]] + "".join(sign + texts[slot] for sign, slot in zip(signs, slots[1:], strict=True))


def _reduce(values: list[int | float], slots: Sequence[int], signs: Sequence[str], merges: list[Merge]) -> None:
    """Combine the slots into the first by Python's precedence: products and quotients first, each from the left."""
    for binding in ("*/", "+-"):
        left_slots, left_signs = [slots[0]], []
        for sign, slot in zip(signs, slots[1:], strict=True):
            if sign in binding:
                into = left_slots[-1]
                values[into] = OPERATIONS[sign](values[into], values[slot])
                merges.append((into, slot))
            else:
                left_slots.append(slot)
                left_signs.append(sign)
        slots, signs = left_slots, left_signs


def kind_of_number(answer: str) -> str:
    """The kind of a number as Python prints it.

    >>> kind_of_number("12"), kind_of_number("12.0"), kind_of_number("-3.25"), kind_of_number("0.3333333333333333")
    ('whole number', 'whole number', 'few decimals', 'sixteen digits')
    """
    if "." not in answer or answer.endswith(".0"):
        return KINDS[0]
    digits = answer.partition("e")[0].replace(".", "").lstrip("-0")
    return KINDS[1] if len(digits) <= FEW else KINDS[2]


def _words(numbers: Table, signs: Table, merges: Sequence[Sequence[Sequence[int]]]) -> Keys:
    """The canonical words of whole expressions, shape (n,), from their merges; rows may have different numbers."""
    operands, n = numbers.shape
    words = number(numbers.reshape(1, -1)).reshape(operands, n)
    steps = max(map(len, merges), default=0)
    order = np.zeros((steps, n, 2), np.int64)
    for row, some in enumerate(merges):
        order[: len(some), row] = some
    for left, right in order.transpose(0, 2, 1):
        rows = np.flatnonzero(right > 0)
        into, slot = left[rows], right[rows]
        words[into, rows] = _word(signs[slot - 1, rows], words[into, rows], words[slot, rows])
    root: Keys = words[0]
    return root


def _word(operator: Column, first: Keys, second: Keys) -> Keys:
    words: Keys = np.choose(operator, [first + second, first - second, times(first, second), over(first, second)])
    return words
