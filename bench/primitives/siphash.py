"""SipHash-c-d, after Aumasson and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012 (IACR ePrint 2012/351).

A key of 128 bits, four words of 64 bits, little-endian; c rounds for each word of the message and d at the end. The
designers' own is SipHash-2-4; fewer rounds of either are its reduced forms.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.hash_function import Octets
from enigmath.bench.primitives.words import Word, rotate_left

INITIAL: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
"""The letters of "somepseudorandomlygeneratedbytes"."""
MOST_ROUNDS: Final = 8


def sip_round(v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, Any, Any, Any]:
    """Two mixings of two words each, then two more across."""
    v0 = v0 + v1
    v1 = rotate_left(v1, 13, 64) ^ v0
    v0 = rotate_left(v0, 32, 64)
    v2 = v2 + v3
    v3 = rotate_left(v3, 16, 64) ^ v2
    v0 = v0 + v3
    v3 = rotate_left(v3, 21, 64) ^ v0
    v2 = v2 + v1
    v1 = rotate_left(v1, 17, 64) ^ v2
    v2 = rotate_left(v2, 32, 64)
    return v0, v1, v2, v3


def siphash(messages: Octets, keys: Octets, word_rounds: int = 2, final_rounds: int = 4) -> Word:
    """Tags of 64 bits, shape (n,), as numbers; the bytes of a tag are written little-endian. Keys have shape (n, 16).

    UserError for keys of another length, and for rounds that are not 1 to 8.
    """
    n, length = messages.shape
    if keys.shape[1:] != (16,):
        raise UserError(f"keys of {keys.shape[-1]} bytes", where="siphash", mend="16 bytes each")
    for rounds in (word_rounds, final_rounds):
        if not 1 <= rounds <= MOST_ROUNDS:
            raise UserError(f"{rounds} rounds", where="siphash", mend=f"from 1 to {MOST_ROUNDS}")
    k0, k1 = np.ascontiguousarray(keys).view("<u8").astype(np.uint64).T
    v0, v1, v2, v3 = (part ^ key for part, key in zip(np.array(INITIAL, np.uint64), (k0, k1, k0, k1), strict=True))
    filled = np.concatenate([messages, np.zeros((n, 8 - length % 8), np.uint8)], axis=1)
    filled[:, -1] = length % 256
    for word in np.ascontiguousarray(filled).view("<u8").astype(np.uint64).T:
        v3 = v3 ^ word
        for _ in range(word_rounds):
            v0, v1, v2, v3 = sip_round(v0, v1, v2, v3)
        v0 = v0 ^ word
    v2 = v2 ^ 0xFF
    for _ in range(final_rounds):
        v0, v1, v2, v3 = sip_round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3
