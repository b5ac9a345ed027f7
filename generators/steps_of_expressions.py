"""Worked steps of expressions and of statements: sub-expressions in the order of evaluation, with their values.

Values are exact. One that is not whole is a fraction in lowest terms, which stands in brackets where it is an operand;
a negative number has none, as in `3--4=7`. See `steps` for what all worked steps have in common.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from typing import Final

from enigmath.generators.steps import (
    DIVIDER,
    difference_steps,
    even_quotient_steps,
    product_steps,
    quotient_steps,
    sum_steps,
)

Value = int | Fraction

_TOKEN: Final = re.compile("[0-9]+|[-+*/()]")
_OPERATOR: Final = re.compile("[-+*/]")
_STATEMENT: Final = re.compile("(?:([a-z])=)?(.*)")
_OF_TWO: Final = {"+": sum_steps, "-": difference_steps, "*": product_steps}


def mixed_steps(questions: Sequence[str]) -> list[str]:
    """What is written for a sum, a difference, a product, or a quotient to two decimals.

    >>> mixed_steps(["57+68", "12*34", "17/8"])
    ['15;12', '48;360', '0r1;2r1;1r2;2r4']
    """
    kinds = _OF_TWO | {"/": quotient_steps}
    return [kinds[_operator(question)]([question])[0] for question in questions]


def mixed_whole_steps(questions: Sequence[str]) -> list[str]:
    """What is written for a sum, a difference, a product, or a quotient that comes out even.

    >>> mixed_whole_steps(["96/8"])
    ['1r1;2r0']
    """
    kinds = _OF_TWO | {"/": even_quotient_steps}
    return [kinds[_operator(question)]([question])[0] for question in questions]


def nested_steps(questions: Sequence[str]) -> list[str]:
    """Each operation with its value, from the innermost brackets on the left outwards.

    What the last one comes to is the answer. Where that is a fraction, it is written as well, and then the long
    division that turns it into a decimal.

    >>> nested_steps(["((3-4)*8)/(2+2)", "((2/6)+2)*3", "(3-4)/(2*3)"])
    ['3-4=-1;-1*8=-8;2+2=4;-8/4', '2/6=1/3;(1/3)+2=7/3;(7/3)*3', '3-4=-1;2*3=6;-1/6;0r1;1r4;6r4']
    """
    return [_nested(question) for question in questions]


def chained_steps(questions: Sequence[str]) -> list[str]:
    """Each statement with the values of earlier ones put in, and its own value.

    >>> chained_steps(["a=12+5;b=gcd(a,34);b*3"])
    ['12+5=17;gcd(17,34)=17;17*3']
    """
    return [_chained(question) for question in questions]


def _operator(question: str) -> str:
    found = _OPERATOR.search(question)
    return found[0] if found else ""


def _nested(question: str) -> str:
    values: list[Value] = []
    operators: list[str] = []
    written: list[str] = []

    def merge() -> None:
        second, first, operator = values.pop(), values.pop(), operators.pop()
        values.append(_value(operator, first, second))
        asked, told = f"{_operand(first)}{operator}{_operand(second)}", str(values[-1])
        written.append(asked if asked == told else f"{asked}={told}")

    for token in _TOKEN.findall(question):
        if token == ")":
            merge()
        elif token in "+-*/":
            operators.append(token)
        elif token != "(":
            values.append(int(token))
    merge()
    value = values[0]
    if isinstance(value, Fraction):
        written += quotient_steps([str(abs(value))])
    else:
        written[-1] = written[-1].partition("=")[0]
    return DIVIDER.join(written)


def _value(operator: str, first: Value, second: Value) -> Value:
    """The exact value, a Fraction only where it is not whole: integers are many times faster."""
    if operator == "/":
        whole = isinstance(first, int) and isinstance(second, int) and first % second == 0
        value = first // second if whole else Fraction(first) / second
    else:
        value = first + second if operator == "+" else first - second if operator == "-" else first * second
    return value.numerator if value.denominator == 1 else value


def _operand(value: Value) -> str:
    return str(value) if isinstance(value, int) else f"({value})"


def _chained(question: str) -> str:
    known: dict[str, int] = {}
    written = []
    for statement in question.split(DIVIDER):
        name, asked = _STATEMENT.fullmatch(statement).groups()  # type: ignore[union-attr]
        asked = re.sub(r"\b[a-z]\b", lambda found: str(known[found[0]]), asked)
        first, second = map(int, re.findall("[0-9]+", asked))
        value = gcd(first, second) if asked.startswith("gcd") else int(_value(_operator(asked), first, second))
        written.append(f"{asked}={value}" if name else asked)
        if name:
            known[name] = value
    return DIVIDER.join(written)
