"""Changes of a question whose effect on the answer is known: operands change places, digits and names change.

Each is a pure function of the texts, and gives nothing for a question that it does not fit. What a digit changes is
worked out anew, by exact arithmetic. For formulas see `formula_perturbations`, for ciphers `letter_perturbations`, for
hashes and checksums `bit_perturbations`.
"""

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from enigmath.bench.contracts import Changed, Perturbation

Change = Callable[[str, str, np.random.Generator], tuple[str, str] | None]
"""From one question with its answer to the new ones; None where it does not apply."""
Solve = Callable[[str], str | None]
"""The answer to a question; None where the question is none of the task's."""

WHOLE: Final = "[0-9]+"
DECIMAL: Final = r"[0-9]+(?:\.[0-9]+)?"
FRACTION: Final = "[0-9]+/[0-9]+"
SIGNED: Final = "-?[0-9]+"
_MIRRORED: Final = {"<": ">", ">": "<", "=": "="}
_LETTERS: Final = "pqrstuvwxyz"
"""The letters that variables of algebra have."""
_VARIABLE: Final = re.compile(rf"(?<![a-z])[{_LETTERS}](?![a-z])")


def perturbation(name: str, change: Change, *, same: bool, in_form: bool = True) -> Perturbation:
    """A perturbation from what it does to one problem; where that is nothing at all, it does not apply.

    It does not apply either where the answer ought to change and does not, or the other way round.
    """

    def apply(questions: Sequence[str], answers: Sequence[str], rng: np.random.Generator) -> Changed:
        made: Changed = ([], [])
        for question, answer in zip(questions, answers, strict=True):
            changed = change(question, answer, rng)
            kept = changed is not None and changed[0] != question and (changed[1] == answer) == same
            made[0].append(changed[0] if changed and kept else None)
            made[1].append(changed[1] if changed and kept else None)
        return made

    return Perturbation(name, apply, same, in_form)


def swapped(
    operand: str = WHOLE,
    answer: Callable[[str], str] | None = None,
    *,
    name: str = "swap operands",
    start: int = 0,
    stop: int | None = None,
    in_form: bool = True,
) -> Perturbation:
    """Two of the operands change places, those that `operand` fits from the `start`-th up to the `stop`-th.

    The answer stays as it is, or becomes `answer` of what it was.

    >>> swapped().function(["12+345", "7+7"], ["357", "14"], np.random.default_rng(0))
    (['345+12', None], ['357', None])
    """
    reader = re.compile(operand)

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        found = list(reader.finditer(question))[start:stop]
        if len(found) < 2:
            return None
        first, second = (found[place] for place in sorted(rng.choice(len(found), 2, replace=False)))
        between = question[first.end() : second.start()]
        made = question[: first.start()] + second[0] + between + first[0] + question[second.end() :]
        return made, answer(told) if answer else told

    return perturbation(name, change, same=answer is None, in_form=in_form)


def digit_changed(
    solve: Solve, operand: str = WHOLE, *, start: int = 0, stop: int | None = None, name: str = "change one digit"
) -> Perturbation:
    """One digit of one operand becomes another, 1 to 9, and the answer what `solve` says of the new question.

    >>> digit_changed(of_numbers(lambda first, second: first + second)).function(
    ...     ["12+345"], ["357"], np.random.default_rng(0)
    ... )
    (['12+365'], ['377'])
    """
    reader = re.compile(operand)

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        spans = [found.span() for found in list(reader.finditer(question))[start:stop]]
        if not spans:
            return None
        first, end = spans[rng.integers(len(spans))]
        places = [place for place in range(first, end) if question[place].isdigit()]
        place = places[rng.integers(len(places))]
        others = [digit for digit in "123456789" if digit != question[place]]
        made = question[:place] + others[rng.integers(len(others))] + question[place + 1 :]
        answer = solve(made)
        return None if answer is None else (made, answer)

    return perturbation(name, change, same=False)


def of_numbers(solve: Callable[..., object]) -> Solve:
    """What `solve` says of the whole numbers that stand in a question, as text; it says None of what is not asked.

    >>> of_numbers(lambda first, second: first - second)("What is 12 minus 345?")
    '-333'
    """
    return _of(WHOLE, int, solve)


def of_decimals(solve: Callable[..., object]) -> Solve:
    """What `solve` says of the decimals of a question, each an exact Fraction."""
    return _of(DECIMAL, Fraction, solve)


def of_fractions(solve: Callable[..., object]) -> Solve:
    """What `solve` says of the fractions of a question, each an exact Fraction."""
    return _of(FRACTION, Fraction, solve)


def _of(operand: str, read: Callable[[str], object], solve: Callable[..., object]) -> Solve:
    reader = re.compile(operand)

    def solved(question: str) -> str | None:
        answer = solve(*map(read, reader.findall(question)))
        return None if answer is None else str(answer)

    return solved


def mirrored(sign: str) -> str:
    """The sign between two numbers that change places.

    >>> mirrored("<")
    '>'
    """
    return _MIRRORED[sign]


def negated(answer: str) -> str:
    """The number with the other sign, and each of a list of numbers likewise.

    >>> negated("-12"), negated("0"), negated("-0.5,3")
    ('12', '0', '0.5,-3')
    """
    turned = [part[1:] if part.startswith("-") else part if part == "0" else f"-{part}" for part in answer.split(",")]
    return ",".join(turned)


def appended(ending: str, name: str) -> Perturbation:
    """A term that changes nothing, `+0` or `*1`, at a question's end.

    >>> ADD_ZERO.function(["12+345"], ["357"], np.random.default_rng(0))[0]
    ['12+345+0']
    """

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        return question + ending, told

    return perturbation(name, change, same=True, in_form=False)


def _rename(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    names = sorted(set(_VARIABLE.findall(question)))
    if not names:
        return None
    old = names[rng.integers(len(names))]
    others = [letter for letter in _LETTERS if letter not in names]
    new = others[rng.integers(len(others))]

    def renamed(found: re.Match[str]) -> str:
        return new if found[0] == old else found[0]

    return _VARIABLE.sub(renamed, question), _VARIABLE.sub(renamed, told)


ADD_ZERO: Final = appended("+0", "add zero")
TIMES_ONE: Final = appended("*1", "multiply by one")
RENAME: Final = perturbation("rename a variable", _rename, same=True)
"""Another letter for a variable of which the answer does not speak."""
RENAME_BOTH: Final = perturbation("rename a variable", _rename, same=False)
"""Another letter for a variable, in the question and in the answer."""


def _residues(solve: Callable[[int, int, int], int]) -> Solve:
    """The answer to `(12+90)%97`; None where an operand is not below the modulus."""
    return of_numbers(lambda a, b, m: solve(a, b, m) if max(a, b) < m else None)


SWAP: Final = swapped()
SUM: Final = (SWAP, digit_changed(of_numbers(lambda a, b: a + b)), ADD_ZERO)
DIFFERENCE: Final = (swapped(answer=negated), digit_changed(of_numbers(lambda a, b: a - b)), ADD_ZERO)
PRODUCT: Final = (SWAP, digit_changed(of_numbers(lambda a, b: a * b)), TIMES_ONE)
COMPARISON: Final = (swapped(answer=mirrored), digit_changed(of_numbers(lambda a, b: "<" if a < b else "=>"[a > b])))
GCD: Final = (SWAP, digit_changed(of_numbers(math.gcd)))
LCM: Final = (SWAP, digit_changed(of_numbers(math.lcm)))
RESIDUE_SUM: Final = (swapped(stop=2), digit_changed(_residues(lambda a, b, m: (a + b) % m), stop=2))
RESIDUE_PRODUCT: Final = (swapped(stop=2), digit_changed(_residues(lambda a, b, m: a * b % m), stop=2))
RESIDUE_QUOTIENT: Final = (digit_changed(_residues(lambda a, b, m: a * pow(b, -1, m) % m), stop=2),)
FRACTION_SUM: Final = (swapped(FRACTION), digit_changed(of_fractions(lambda a, b: a + b)))
FRACTION_DIFFERENCE: Final = (swapped(FRACTION, negated), digit_changed(of_fractions(lambda a, b: a - b)))
FRACTION_PRODUCT: Final = (swapped(FRACTION), digit_changed(of_fractions(lambda a, b: a * b)))
FRACTION_QUOTIENT: Final = (digit_changed(of_fractions(lambda a, b: a / b if b else None)),)
FRACTION_COMPARISON: Final = (swapped(FRACTION, mirrored),)
FRACTION_SIMPLIFY: Final = (digit_changed(of_fractions(lambda a: a)),)
BASES: Final = (swapped("[0-9a-f]+", stop=2),)
BASES_DIFFERENCE: Final = (swapped("[0-9a-f]+", negated, stop=2),)
BASES_COMPARISON: Final = (swapped("[0-9a-f]+_[0-9]+", mirrored),)
DIGIT_SUM: Final = (
    swapped("(?<=[0-9])[0-9]", name="swap digits"),
    digit_changed(of_numbers(lambda number: sum(map(int, str(number))))),
)
"""All digits but the first change places, so that no number begins with 0."""
REVERSE: Final = (digit_changed(of_numbers(lambda number: str(number)[::-1])),)
LIST: Final = (swapped(SIGNED, name="swap entries"),)
LIST_AFTER_ONE: Final = (swapped(SIGNED, name="swap entries", start=1),)
CONGRUENCES: Final = (swapped("x%[0-9]+=[0-9]+", name="swap congruences"),)
EQUATIONS: Final = (swapped("[^(),]+=[^(),]+", name="swap equations"),)
POINTS: Final = (swapped("(?<=[:+])(?:[0-9]+,[0-9]+|O)", name="swap operands"),)
ARGUMENTS_AFTER_ONE: Final = (swapped("(?<=,)[0-9]+"),)
LETTERS_OF_LAST: Final = (swapped(r"[a-z](?=[a-z]*\))", name="swap letters"),)
"""Two letters of the last word in a call change places."""
LETTERS_OF_FIRST: Final = (swapped(r"[a-z](?=[a-z]*,)", name="swap letters of the bag"),)
SAMPLES: Final = (swapped("[0-9,]+=[0-9]+", name="swap samples"),)
STATEMENTS: Final = (swapped(r"(?<=^a=)[0-9]+(?=[+*])|(?<=^a=gcd\()[0-9]+|(?<=[0-9][+*,])[0-9]+(?=\)?;)"),)
"""Operands of the first statement, where it adds, multiplies or takes a greatest common divisor; in all others, the
first operand is a name.
"""
DICE: Final = (swapped(r"[0-9]+(?=[0-9,]*\),)", name="swap dice"),)
SWAP_FACTORS: Final = swapped(r"\([^()]*\)(?:\^[0-9]+)?", name="swap factors")
