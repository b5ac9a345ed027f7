"""MurmurHash3, the 32-bit one for x86, after Appleby, 2011: little-endian words of 32 bits, and a rest of 1 to 3 bytes.

Every step is a bijection of the state, so whoever knows all words but one finds that one: it is no lock.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.primitives.checksum import Checksum, start
from enigmath.bench.primitives.hash_function import Octets
from enigmath.bench.primitives.words import Word, rotate_left

WORD_FACTORS: Final = (0xCC9E2D51, 0x1B873593)
STATE_FACTOR: Final = 5
STATE_ADDEND: Final = 0xE6546B64
FINAL_FACTORS: Final = (0x85EBCA6B, 0xC2B2AE35)


def scrambled(word: Any) -> Any:
    """What goes into the state for a word of the message."""
    return rotate_left(word * WORD_FACTORS[0], 15, 32) * WORD_FACTORS[1]


def finished(state: Any, length: int) -> Any:
    """The length added, then every bit made to depend on every bit."""
    state = state ^ length
    state = (state ^ state >> 16) * FINAL_FACTORS[0]
    state = (state ^ state >> 13) * FINAL_FACTORS[1]
    return state ^ state >> 16


def murmur3(messages: Octets) -> Word:
    """The hash with seed 0, shape (n,)."""
    return finished(state_before_end(messages), messages.shape[1])


def state_before_end(messages: Octets) -> Word:
    """The state after all words and the rest, shape (n,)."""
    n, length = messages.shape
    rest = length % 4
    filled = np.concatenate([messages, np.zeros((n, -length % 4), np.uint8)], axis=1)
    words = np.ascontiguousarray(filled).view("<u4").astype(np.uint32)
    state = start(messages, 0, 32)
    for number, word in enumerate(words.T):
        state = state ^ scrambled(word)
        if number < length // 4 or not rest:
            state = rotate_left(state, 13, 32) * STATE_FACTOR + STATE_ADDEND
    return state


MURMUR3: Final = Checksum("murmur3", 32, murmur3, 4, 4)
