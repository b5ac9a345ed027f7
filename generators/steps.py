"""Worked steps: what a person writes on paper on the way to an answer, made from the question's text alone.

A function here is what a task gives as `steps=`. The steps of a text are divided by `;`, in the order in which they are
worked out, and what the last one comes to is the answer, which is not written a second time. Numbers have no leading
zeros, so that every number encoding holds them. Written or not, they change no byte of a dataset.

Source of the idea: Nye et al., "Show your work: scratchpads for intermediate computation with language models", 2021.
The algorithms are those of every school book.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

DIVIDER: Final = ";"
DECIMALS: Final = 2
"""To which quotients are rounded where they are not whole."""
_NUMBERS: Final = re.compile("[0-9]+")


def sum_steps(questions: Sequence[str]) -> list[str]:
    """What each column comes to with its carry, from the units up; a total of two digits carries one.

    >>> sum_steps(["57+68", "5+123"])
    ['15;12', '8;2;1']
    """
    return [_sum_columns(*question.split("+")) for question in questions]


def difference_steps(questions: Sequence[str]) -> list[str]:
    """The larger number minus the smaller, then what each column comes to; a negative one borrows ten.

    >>> difference_steps(["52-37", "12-345"])
    ['52-37;-5;1', '345-12;3;3;3']
    """
    return [_difference_columns(*question.split("-")) for question in questions]


def product_steps(questions: Sequence[str]) -> list[str]:
    """The first number times each digit of the second, from the units up, and from the second on the running sums.

    The last running sum is the answer; where the second number has one digit, there is nothing else to write.

    >>> product_steps(["123*456", "12*34", "12*3"])
    ['738;6150;6888;49200', '48;360', '']
    """
    return [_partial_products(*question.split("*")) for question in questions]


def remainder_steps(questions: Sequence[str]) -> list[str]:
    """Long division: for each digit of the dividend one of the quotient, and what remains, as in `divmod(1234,7)`.

    >>> remainder_steps(["divmod(1234,7)"])
    ['0r1;1r5;7r4;6r2']
    """
    return [_long_division(_NUMBERS.findall(question)) for question in questions]


def quotient_steps(questions: Sequence[str]) -> list[str]:
    """Long division to two decimals; the answer is rounded up where the last remainder is half of the divisor or more.

    >>> quotient_steps(["17/8"])
    ['0r1;2r1;1r2;2r4']
    """
    return [_long_division(question.split("/"), DECIMALS) for question in questions]


def even_quotient_steps(questions: Sequence[str]) -> list[str]:
    """Long division that comes out even.

    >>> even_quotient_steps(["96/8"])
    ['1r1;2r0']
    """
    return [_long_division(question.split("/")) for question in questions]


def divisor_steps(questions: Sequence[str]) -> list[str]:
    """Euclid's remainders of the first number by the second, then of each by the next, down to 0.

    >>> divisor_steps(["gcd(252,198)", "gcd(12,18)", "gcd(5,0)"])
    ['54;36;18;0', '12;6;0', '']
    """
    return [DIVIDER.join(map(str, _euclid(*map(int, _NUMBERS.findall(question))))) for question in questions]


def signed_sum_steps(questions: Sequence[str]) -> list[str]:
    """Running sums from the left.

    >>> signed_sum_steps(["12-345+6"])
    ['12-345=-333;-333+6']
    """
    return [_running_sums(question) for question in questions]


def residue_power_steps(questions: Sequence[str]) -> list[str]:
    """Squares, and products with the base where a bit of the exponent is 1, from its second highest bit down.

    >>> residue_power_steps(["residues.power(97,3,20)"])  # 3**2, 3**4, 3**5, 3**10; the answer is 3**20
    ['9;81;49;73']
    """
    numbers = [map(int, _NUMBERS.findall(question)) for question in questions]
    return [_powers(base, exponent, modulus) for modulus, base, exponent in numbers]


def power_steps(questions: Sequence[str]) -> list[str]:
    """The same for `powmod(base,exponent,modulus)`; an exponent of 0 or 1 needs none.

    >>> power_steps(["powmod(3,20,97)", "powmod(3,1,97)"])
    ['9;81;49;73', '']
    """
    numbers = [map(int, _NUMBERS.findall(question)) for question in questions]
    return [_powers(base, exponent, modulus) for base, exponent, modulus in numbers]


def _columns(first: str, second: str) -> Iterator[tuple[int, int]]:
    """The digits of two numbers, units first, with zeros above the shorter one."""
    width = max(len(first), len(second))
    return zip(map(int, first.zfill(width)[::-1]), map(int, second.zfill(width)[::-1]), strict=True)


def _sum_columns(first: str, second: str) -> str:
    totals, carry = [], 0
    for one, other in _columns(first, second):
        total = one + other + carry
        carry = total > 9
        totals.append(str(total))
    return DIVIDER.join(totals)


def _difference_columns(first: str, second: str) -> str:
    larger, smaller = (first, second) if int(first) >= int(second) else (second, first)
    written, borrowed = [f"{larger}-{smaller}"], 0
    for one, other in _columns(larger, smaller):
        difference = one - other - borrowed
        borrowed = difference < 0
        written.append(str(difference))
    return DIVIDER.join(written)


def _partial_products(first: str, second: str) -> str:
    factor, total, written = int(first), 0, []
    for place, digit in enumerate(reversed(second)):
        product = factor * int(digit) * 10**place
        total += product
        written.append(str(product))
        if place:
            written.append(str(total))
    return DIVIDER.join(written[:-1])


def _long_division(numbers: Sequence[str], decimals: int = 0) -> str:
    dividend, divisor = numbers
    by, rest, written = int(divisor), 0, []
    for digit in dividend + "0" * decimals:
        quotient, rest = divmod(10 * rest + int(digit), by)
        written.append(f"{quotient}r{rest}")
    return DIVIDER.join(written)


def _euclid(first: int, second: int) -> Iterator[int]:
    while second:
        first, second = second, first % second
        yield second


def _running_sums(question: str) -> str:
    first, *terms = re.findall("[-+]?[0-9]+", question)
    written, total = [], int(first)
    for term in terms:
        written.append(f"{total}{term}")
        total += int(term)
        written[-1] += f"={total}"
    written[-1] = written[-1].partition("=")[0]
    return DIVIDER.join(written)


def _powers(base: int, exponent: int, modulus: int) -> str:
    written, power = [], base
    for bit in f"{exponent:b}"[1:]:
        power = power * power % modulus
        written.append(power)
        if bit == "1":
            power = power * base % modulus
            written.append(power)
    return DIVIDER.join(map(str, written[:-1]))
