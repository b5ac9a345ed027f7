"""What computations pass through, as columns: what a task gives as `quantities=`, a pure function of its questions.

Whole numbers and truth values are classes, floats magnitudes (in logarithms, the sign kept); None stands where a
question has no such quantity. Places are counted from the units, letters from the first. Nothing here changes a byte of
a dataset. Numbers in a worked calculation need no such function: `steps` has them.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.primitives.speck import expand, round_forward
from enigmath.generators.steps import difference_steps, divisor_steps, product_steps, sum_steps

Columns = Mapping[str, pa.Array]

PLACES: Final = 4
"""Digits, letters and bits that are told one by one."""
MOST_TAKEN_OFF: Final = 99
"""Moduli that are counted at most."""
_NUMBERS: Final = re.compile(r"[0-9]+")
_LETTERS: Final = re.compile("[A-Z]+")
_SIGNED: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PRIMES: Final = (2, 3, 5, 7)


def sum_quantities(questions: Sequence[str]) -> Columns:
    """The sum's digits, and the carry into each place.

    >>> {name: column.to_pylist() for name, column in sum_quantities(["57+68"]).items() if name.endswith("place 2")}
    {'digit of the sum, place 2': [2], 'carry into place 2': [True]}
    """
    pairs = _whole(questions)
    made = _digits("digit of the sum", [first + second for first, second in pairs])
    for place in range(1, PLACES + 1):
        ten = 10**place
        made[f"carry into place {place + 1}"] = [first % ten + second % ten >= ten for first, second in pairs]
    return _columns(made)


def difference_quantities(questions: Sequence[str]) -> Columns:
    """The difference's digits and sign, and where the larger number borrows from the next place.

    >>> difference_quantities(["12-345"])["negative"].to_pylist()
    [True]
    """
    pairs = _whole(questions)
    made = _digits("digit of the difference", [abs(first - second) for first, second in pairs])
    made["negative"] = [first < second for first, second in pairs]
    for place in range(1, PLACES + 1):
        made[f"borrowed from place {place + 1}"] = [max(p) % 10**place < min(p) % 10**place for p in pairs]
    return _columns(made)


def product_quantities(questions: Sequence[str]) -> Columns:
    """The product's digits, and its magnitude; partial products are in the steps.

    >>> product_quantities(["12*34"])["digit of the product, place 1"].to_pylist()
    [8]
    """
    products = [first * second for first, second in _whole(questions)]
    return _columns({**_digits("digit of the product", products), "product": _magnitudes(products)})


def comparison_quantities(questions: Sequence[str]) -> Columns:
    """The highest place at which two numbers differ, 0 for none, and the difference of their digits there.

    >>> [column.to_pylist() for column in comparison_quantities(["123?173", "5?5"]).values()]
    [[2, 0], [-5, 0]]
    """
    made = [_first_difference(*question.split("?")) for question in questions]
    return _columns(
        {"highest differing place": [place for place, _ in made], "difference there": [apart for _, apart in made]}
    )


def common_divisor_quantities(questions: Sequence[str]) -> Columns:
    """Which small primes divide both numbers.

    >>> common_divisor_quantities(["gcd(12,18)"])["both divisible by 3"].to_pylist()
    [True]
    """
    pairs = _whole(questions)
    return _columns(
        {
            f"both divisible by {prime}": [first % prime == second % prime == 0 for first, second in pairs]
            for prime in _PRIMES
        }
    )


def modular_quantities(operation: Callable[[int, int], int]) -> Callable[[Sequence[str]], Columns]:
    """What a sum or product comes to before the modulus is taken off, and how often it is, for `(5+6)%7`.

    >>> import operator
    >>> {name: column.to_pylist() for name, column in modular_quantities(operator.add)(["(5+6)%7"]).items()}
    {'before the modulus, last digit': [1], 'before the modulus': [2.48], 'moduli taken off': [1]}
    """

    def quantities(questions: Sequence[str]) -> Columns:
        triples = _whole(questions, 3)
        values = [operation(first, second) for first, second, _ in triples]
        return _columns(
            {
                "before the modulus, last digit": [value % 10 for value in values],
                "before the modulus": _magnitudes(values),
                "moduli taken off": [
                    min(value // (modulus or 1), MOST_TAKEN_OFF)
                    for value, (_, _, modulus) in zip(values, triples, strict=True)
                ],
            }
        )

    return quantities


def digit_sum_quantities(questions: Sequence[str]) -> Columns:
    """The running sums of the digits from the left, modulo ten and in all.

    >>> digit_sum_quantities(["digitsum(907)"])["after 3 digits, last digit"].to_pylist()
    [6]
    """
    digits = [[int(digit) for digit in re.sub("[^0-9]", "", question)] for question in questions]
    made: dict[str, list[Any]] = {}
    for count in range(2, PLACES + 2):
        sums = [sum(row[:count]) if len(row) >= count else None for row in digits]
        made[f"after {count} digits, last digit"] = [None if value is None else value % 10 for value in sums]
    made["sum"] = _magnitudes(map(sum, digits))
    return _columns(made)


def shift_quantities(sign: int) -> Callable[[Sequence[str]], Columns]:
    """Of `cipher.encrypt(KEY,TEXT)` by added (1) or subtracted (-1) keys: the first letters, and where they wrap.

    >>> {name: column.to_pylist() for name, column in shift_quantities(1)(["caesar.encrypt(D,XA)"]).items()}
    {'letter 1': [0], 'wraps at letter 1': [True], 'letter 2': [3], 'wraps at letter 2': [False]}
    """

    def quantities(questions: Sequence[str]) -> Columns:
        made: dict[str, list[Any]] = {}
        pairs = [tuple(map(_alphabetic, _LETTERS.findall(question)[-2:])) for question in questions]
        for place in range(min(PLACES, max((len(text) for _, text in pairs), default=0))):
            sums = [
                text[place] + sign * key[place % len(key)] if place < len(text) and key else None for key, text in pairs
            ]
            made[f"letter {place + 1}"] = [None if value is None else value % 26 for value in sums]
            made[f"wraps at letter {place + 1}"] = [None if value is None else not 0 <= value < 26 for value in sums]
        return _columns(made)

    return quantities


def key_letter_quantities(questions: Sequence[str]) -> Columns:
    """Of `cipher.key(TEXT=CIPHERTEXT)` by added keys: the first letters of the key.

    >>> key_letter_quantities(["vigenere.key(ATTACK=LXFOPV)"])["key letter 2"].to_pylist()
    [4]
    """
    pairs = [tuple(map(_alphabetic, _LETTERS.findall(question)[-2:])) for question in questions]
    return _columns(
        {
            f"key letter {place + 1}": [
                (cipher[place] - text[place]) % 26 if place < min(len(text), len(cipher)) else None
                for text, cipher in pairs
            ]
            for place in range(PLACES)
        }
    )


def speck_quantities(questions: Sequence[str]) -> Columns:
    """Low bits of both words after the first and the second round, for `speck.encrypt(22,1918111009080100,6574694c)`.

    >>> state = speck_quantities(["speck.encrypt(1,1918111009080100,6574694c)"])
    >>> len(state), state["round 2, x, bit 0"].to_pylist()
    (16, [None])
    """
    made: dict[str, list[Any]] = {}
    texts = [re.findall("[0-9a-f]+(?=[,)])", question) for question in questions]
    rounds = np.array([int(text[0]) for text in texts])
    keys = np.array([[int(text[1][at : at + 4], 16) for at in range(0, 16, 4)] for text in texts], np.uint16)
    x, y = np.array([[int(text[2][at : at + 4], 16) for at in (0, 4)] for text in texts], np.uint16).T
    for number, (key,) in enumerate(expand(list(keys.T), 2), start=1):
        x, y = round_forward(x, y, key)
        for name, word in (("x", x), ("y", y)):
            for bit in range(PLACES):
                told = ((word >> bit) & 1).tolist()
                made[f"round {number}, {name}, bit {bit}"] = [
                    value if count >= number else None for value, count in zip(told, rounds.tolist(), strict=True)
                ]
    return _columns(made)


def square_matrix_quantities(questions: Sequence[str]) -> Columns:
    """Trace and determinant of the first square matrix: their signs and magnitudes.

    >>> [column.to_pylist() for column in square_matrix_quantities(["det([1,2;3,4])"]).values()]
    [[1], [1.79], [-1], [-1.1]]
    """
    made: dict[str, list[Any]] = {}
    matrices = [_matrix(question) for question in questions]
    for name, of in (("trace", np.trace), ("determinant", np.linalg.det)):
        values = [float(of(matrix)) for matrix in matrices]
        made[f"sign of the {name}"] = [int(np.sign(round(value, 6))) for value in values]
        made[name] = _magnitudes(values)
    return _columns(made)


def _matrix(question: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    rows = question[question.index("[") + 1 : question.index("]")].split(";")
    return np.array([[float(entry) for entry in _SIGNED.findall(row)] for row in rows])


def _first_difference(first: str, second: str) -> tuple[int, int]:
    width = max(len(first), len(second))
    for place, (one, other) in enumerate(zip(first.zfill(width), second.zfill(width), strict=True)):
        if one != other:
            return width - place, int(one) - int(other)
    return 0, 0


def _whole(questions: Sequence[str], count: int = 2) -> list[tuple[int, ...]]:
    """The first natural numbers of each question."""
    return [tuple(map(int, _NUMBERS.findall(question)[:count])) for question in questions]


def _alphabetic(text: str) -> list[int]:
    return [ord(letter) - ord("A") for letter in text]


def _digits(name: str, values: Sequence[int]) -> dict[str, list[Any]]:
    return {f"{name}, place {place}": [value // 10 ** (place - 1) % 10 for value in values] for place in _FROM_UNITS}


_FROM_UNITS: Final = range(1, PLACES + 1)


def _magnitudes(values: Iterable[float]) -> list[float]:
    return [round(math.copysign(math.log1p(abs(value)), value), 2) for value in values]


def _columns(made: Mapping[str, Sequence[Any]]) -> Columns:
    return {name: pa.array(values) for name, values in made.items()}


SUM: Final[dict[str, Any]] = {"steps": sum_steps, "quantities": sum_quantities}
DIFFERENCE: Final[dict[str, Any]] = {"steps": difference_steps, "quantities": difference_quantities}
PRODUCT: Final[dict[str, Any]] = {"steps": product_steps, "quantities": product_quantities}
COMMON_DIVISOR: Final[dict[str, Any]] = {"steps": divisor_steps, "quantities": common_divisor_quantities}
"""Keywords of tasks whose steps are worked out on paper."""
