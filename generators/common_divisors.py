"""How often two numbers have which greatest common divisor: what guessing one scores, and what last digits show."""

from collections.abc import Sequence

import numpy as np


def coprime_share(digits: int) -> float:
    """The share of pairs with gcd 1: counted where that is cheap, else its limit 6 / pi**2."""
    return _share(digits, (1,)) if digits <= 3 else float(6 / np.pi**2)


def share_of_the_base(digits: int) -> float:
    """The share of pairs whose gcd is a product of the primes of ten, which the last digits show."""
    products = [2**twos * 5**fives for twos in range(10) for fives in range(5)]
    limit = 6 / np.pi**2 / (1 - 2**-2) / (1 - 5**-2)
    return _share(digits, products) if digits <= 3 else float(limit)


def _share(digits: int, wanted: Sequence[int]) -> float:
    numbers = np.arange(10**digits)
    return float(np.isin(np.gcd.outer(numbers, numbers), wanted).mean())
