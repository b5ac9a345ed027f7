"""TEA and XTEA: Wheeler and Needham, "TEA, a tiny encryption algorithm", FSE 1994; Needham and Wheeler, "TEA
extensions", 1997. Two words of 32 bits, four key words, 32 cycles of two rounds: 64 rounds here. An odd number of
rounds ends within a cycle; nothing else is left out.

TEA's keys come in fours that encrypt alike (both highest bits of the words 0 and 1, or of 2 and 3, turned over: Kelsey,
Schneier and Wagner, 1996), so a key of TEA cannot be told from any number of texts.
"""

from collections.abc import Sequence
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.words import Words, shift_right, wrap

BITS: Final = 32
DELTA: Final = 0x9E3779B9
"""2**32 over the golden ratio."""


def _total(cycles: int) -> int:
    """So many times delta."""
    return cycles * DELTA % (1 << BITS)


def tea_expand(key: Words, rounds: int) -> list[Words]:
    """Round keys: the first two key words for even rounds, the other two for odd ones, counted from 0."""
    return [key[2:] if number % 2 else key[:2] for number in range(rounds)]


def _tea_mix(word: Any, key: Words, number: int) -> Any:
    """((v << 4) + a) ^ (v + sum) ^ ((v >> 5) + b)."""
    a, b = key
    total = _total(number // 2 + 1)
    return wrap((word << 4) + a, BITS) ^ wrap(word + total, BITS) ^ wrap(shift_right(word, 5, BITS) + b, BITS)


def tea_encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's two words."""
    v = list(block)
    for number, key in enumerate(round_keys):
        here, there = number % 2, 1 - number % 2
        v[here] = wrap(v[here] + _tea_mix(v[there], key, number), BITS)
    return v


def tea_decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's two words."""
    v = list(block)
    for number, key in reversed(list(enumerate(round_keys))):
        here, there = number % 2, 1 - number % 2
        v[here] = wrap(v[here] - _tea_mix(v[there], key, number), BITS)
    return v


def xtea_expand(key: Words, rounds: int) -> list[Words]:
    """Round keys: the running sum plus the key word that two of its bits choose."""
    chosen = [
        (_total(number // 2 + 1), _total(number // 2 + 1) >> 11) if number % 2 else (_total(number // 2),) * 2
        for number in range(rounds)
    ]
    return [[wrap(key[choice & 3] + total, BITS)] for total, choice in chosen]


def _xtea_mix(word: Any, key: Any) -> Any:
    """(((v << 4) ^ (v >> 5)) + v) ^ k."""
    return wrap((wrap(word << 4, BITS) ^ shift_right(word, 5, BITS)) + word, BITS) ^ key


def xtea_encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's two words."""
    v = list(block)
    for number, (key,) in enumerate(round_keys):
        here, there = number % 2, 1 - number % 2
        v[here] = wrap(v[here] + _xtea_mix(v[there], key), BITS)
    return v


def xtea_decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's two words."""
    v = list(block)
    for number, (key,) in reversed(list(enumerate(round_keys))):
        here, there = number % 2, 1 - number % 2
        v[here] = wrap(v[here] - _xtea_mix(v[there], key), BITS)
    return v


TEA: Final = BlockCipher("tea", 32, 2, 32, 4, 64, tea_expand, tea_encrypt, tea_decrypt)
XTEA: Final = BlockCipher("xtea", 32, 2, 32, 4, 64, xtea_expand, xtea_encrypt, xtea_decrypt)
