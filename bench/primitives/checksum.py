"""What every checksum here offers: a word of so many bits for each message of a column."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from enigmath.bench.primitives.hash_function import Octets
from enigmath.bench.primitives.words import Word, unsigned


@dataclass(frozen=True)
class Checksum:
    """A checksum over columns.

    `of(messages)` gives the values, of shape (n,) and the unsigned type of `bits`, for messages of shape (n, bytes).
    `missing` is how many bytes at a message's end the value determines once the others are known: exactly one ending
    fits. `taken` is how many bytes go in at a time: there the length must be a multiple of it.
    """

    name: str
    bits: int
    of: Callable[[Octets], Word]
    missing: int
    taken: int = 1


def start(messages: Octets, value: int, bits: int) -> npt.NDArray[np.unsignedinteger]:
    """The value that a checksum begins with, once for each message."""
    return np.full(len(messages), value, unsigned(bits))
