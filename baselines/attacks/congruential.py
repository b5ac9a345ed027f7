"""Linear congruential generators recovered from what they put out.

A difference of numbers in a row is the one before times the multiplier, so d[i+1] d[i-1] - d[i]**2 is 0 modulo the
modulus, and the greatest common divisor of a few of these is a small multiple of it: Boyar, "Inferring sequences
produced by pseudo-random number generators", Journal of the ACM, 1989.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import gcd
from typing import Final

import numpy as np

from enigmath.bench.primitives.linear_congruential import next_word

SEARCHED: Final = 16
"""Bits of a state that are tried."""
_SMALL: Final = 1_000


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


def _prime_part(multiple: int, largest: int) -> int:
    """The multiple of a prime modulus without its small factors, as far as it stays above the largest number."""
    for factor in range(2, _SMALL):
        while multiple and multiple % factor == 0 and multiple // factor > largest:
            multiple //= factor
    return multiple
