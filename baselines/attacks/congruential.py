"""Linear congruential generators recovered from what they put out.

A difference of numbers in a row is the one before times the multiplier, so d[i+1] d[i-1] - d[i]**2 is 0 modulo the
modulus, and the greatest common divisor of a few of these is a small multiple of it: Boyar, "Inferring sequences
produced by pseudo-random number generators", Journal of the ACM, 1989.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd
from typing import ClassVar, Final

import numpy as np

from enigmath.bench.contracts import Budget, Examples, Fit
from enigmath.bench.primitives.linear_congruential import next_word

SEARCHED: Final = 16
"""Bits of a state that are tried."""
_SMALL: Final = 1_000
_HIDDEN: Final = re.compile(r"lcg\.ahead\(([0-9]{1,4}),([0-9]{1,19}),([0-9]{1,19})\)")


@dataclass
class HiddenCongruential:
    """Learns a multiplier and an increment that no question says from two problems of one step, for each modulus.

    The other problems of one step must agree, or it has no answer; more steps it makes one by one. Right on all of 170
    to 203 test problems of each level of `lcg-next-hidden`, also those of two steps after training on one, in some 1
    microsecond each.

    >>> from enigmath.bench.contracts import Budget, Examples
    >>> import pyarrow as pa
    >>> model = HiddenCongruential()
    >>> table = pa.table({"question": ["lcg.ahead(1,251,0)", "lcg.ahead(1,251,1)"], "answer": ["34", "175"]})
    >>> model.fit(Examples(table), Examples(table), Budget()).facts
    {'moduli': 1}
    >>> model.predict(["lcg.ahead(1,251,17)", "lcg.ahead(2,251,0)", "lcg.ahead(1,7,1)"])
    ['172', '59', None]
    """

    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True
    _found: dict[int, tuple[int, int]] = field(default_factory=dict, init=False, repr=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Solve for both, modulus by modulus."""
        runs: dict[int, dict[int, int]] = {}
        for question, answer in zip(train.questions, train.answers, strict=True):
            found = _HIDDEN.fullmatch(question.strip())
            if found is not None and found[1] == "1" and answer.isdecimal():
                runs.setdefault(int(found[2]), {})[int(found[3])] = int(answer)
        solved = {modulus: _through(list(pairs.items()), modulus) for modulus, pairs in runs.items()}
        self._found = {modulus: both for modulus, both in solved.items() if both is not None}
        return Fit(facts={"moduli": len(self._found)})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The number so many steps later for each `lcg.ahead(steps,modulus,number)`."""
        return [self._answer(_HIDDEN.fullmatch(question.strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None or int(found[2]) not in self._found:
            return None
        modulus, x = int(found[2]), int(found[3])
        multiplier, increment = self._found[modulus]
        for _ in range(int(found[1])):
            x = (multiplier * x + increment) % modulus
        return str(x)


def next_number(parts: Sequence[str]) -> str | None:
    """Of multiplier, increment, modulus and number."""
    multiplier, increment, modulus, x = map(int, parts)
    return str((multiplier * x + increment) % modulus) if modulus else None


def continued(parts: Sequence[str]) -> str | None:
    """The number after those shown, the modulus, or `?`, before them."""
    numbers = [int(part) for part in parts[1:]]
    for period in range(1, len(numbers)):
        if numbers[period:] == numbers[:-period]:
            return str(numbers[-period])
    found = _fitted(parts[0], numbers)
    if found is None:
        return None
    multiplier, increment, modulus = found
    return str((multiplier * numbers[-1] + increment) % modulus)


def parameters(parts: Sequence[str]) -> str | None:
    """Multiplier, increment and modulus, with commas between."""
    found = _fitted(parts[0], [int(part) for part in parts[1:]])
    return None if found is None else ",".join(map(str, found))


def next_top(parts: Sequence[str]) -> str | None:
    """The next top of a state modulo a power of two, all values tried of the bits below, up to 16."""
    bits, top, multiplier, increment, *outputs = map(int, parts)
    if not 1 <= top <= bits <= 62 or bits - top > SEARCHED or max(multiplier, increment, *outputs) >> bits:
        return None
    low = bits - top
    states = np.arange(1 << low, dtype=np.uint64) | np.uint64(outputs[0] << low & (1 << bits) - 1)
    step = np.uint64(multiplier), np.uint64(increment), bits
    for output in outputs[1:]:
        states = next_word(states, *step)
        states = states[states >> np.uint64(low) == output]
    return str(int(next_word(states, *step)[0]) >> low) if len(states) == 1 else None


def is_real(parts: Sequence[str]) -> str | None:
    """`real` or `random` for whole states modulo a power of two; None where only their top is shown."""
    bits, top, *numbers = map(int, parts)
    if bits != top or bits > 64:
        return None
    return "random" if any(value % 2**bits for value in _multiples(numbers)) else "real"


def _multiples(numbers: Sequence[int]) -> list[int]:
    """Multiples of the modulus."""
    steps = [after - before for before, after in pairwise(numbers)]
    return [steps[i + 1] * steps[i - 1] - steps[i] ** 2 for i in range(1, len(steps) - 1)]


def _fitted(said: str, numbers: Sequence[int]) -> tuple[int, int, int] | None:
    """Multiplier, increment and prime modulus that give the numbers, which are at least three."""
    modulus = _prime_part(gcd(*_multiples(numbers)), max(numbers)) if said == "?" else int(said)
    if modulus <= max(numbers) or gcd(numbers[1] - numbers[0], modulus) != 1:
        return None
    multiplier = (numbers[2] - numbers[1]) * pow(numbers[1] - numbers[0], -1, modulus) % modulus
    increment = (numbers[1] - multiplier * numbers[0]) % modulus
    fits = all((multiplier * before + increment) % modulus == after for before, after in pairwise(numbers))
    return (multiplier, increment, modulus) if fits else None


def _through(pairs: Sequence[tuple[int, int]], modulus: int) -> tuple[int, int] | None:
    """Multiplier and increment that turn the first number of every pair into the second."""
    if len(pairs) < 2 or gcd(pairs[1][0] - pairs[0][0], modulus) != 1:
        return None
    multiplier = (pairs[1][1] - pairs[0][1]) * pow(pairs[1][0] - pairs[0][0], -1, modulus) % modulus
    increment = (pairs[0][1] - multiplier * pairs[0][0]) % modulus
    fits = all((multiplier * before + increment) % modulus == after for before, after in pairs)
    return (multiplier, increment) if fits else None


def _prime_part(multiple: int, largest: int) -> int:
    """The multiple of a prime modulus without its small factors, as far as it stays above the largest number."""
    for factor in range(2, _SMALL):
        while multiple and multiple % factor == 0 and multiple // factor > largest:
            multiple //= factor
    return multiple
