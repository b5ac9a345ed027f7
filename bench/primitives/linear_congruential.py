"""Linear congruential generators: x becomes a x + c modulo m, for any modulus up to 2**32 or a power of two to 2**64.

Sources: Lehmer, "Mathematical methods in large-scale computing units", 1951; Hull and Dobell, "Random number
generators", 1962, for when the period is m; Knuth, "The art of computer programming", volume 2, section 3.2.1.
"""

from functools import lru_cache
from math import isqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError

Numbers = npt.NDArray[np.uint64]
"""One number a problem, shape (n,)."""

LARGEST: Final = 32
"""Bits of a modulus that is no power of two."""
_WINDOW: Final = 4096


def next_number(x: Any, multiplier: Any, increment: Any, modulus: Any) -> Any:
    """(multiplier x + increment) mod modulus, all uint64 and below a modulus of at most 2**32: nothing overflows.

    >>> MINSTD = np.uint64(16807), np.uint64(0), np.uint64(2**31 - 1)
    >>> next_number(np.array([1], np.uint64), *MINSTD).tolist()
    [16807]
    """
    return (multiplier * x + increment) % modulus


def next_word(x: Any, multiplier: Any, increment: Any, bits: int) -> Any:
    """(multiplier x + increment) mod 2**bits, for up to 64 bits, where the type wraps by itself."""
    return (multiplier * x + increment) & np.uint64((1 << bits) - 1)


@lru_cache
def prime_moduli(bits: int) -> Numbers:
    """The primes of so many bits among the 4096 numbers below 2**bits, ascending; 3 to 32 bits.

    >>> prime_moduli(8)[-3:].tolist(), prime_moduli(31)[-1:].tolist()
    ([239, 241, 251], [2147483647])
    """
    if not 3 <= bits <= LARGEST:
        raise UserError(f"a prime modulus of {bits} bits", where="lcg", mend=f"from 3 to {LARGEST}")
    low = max(1 << (bits - 1), (1 << bits) - _WINDOW)
    candidate = np.ones((1 << bits) - low, np.bool_)
    for factor in range(2, isqrt(1 << bits) + 1):
        first = max(-(-low // factor), 2) * factor - low
        candidate[first::factor] = False
    return np.flatnonzero(candidate).astype(np.uint64) + np.uint64(low)
