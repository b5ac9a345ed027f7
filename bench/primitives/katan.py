"""KATAN32, after De Cannière, Dunkelman and Knežević, "KATAN and KTANTAN: a family of small and efficient
hardware-oriented block ciphers", CHES 2009. One word of 32 bits, in two shift registers of 13 and 19; five key words of
16; 254 rounds of one clock each. The key's lowest bit is the first to be used. Reduced to r rounds, the first 2 r key
bits and the first r bits that choose the rounds are used; there is no whitening.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.words import Words, resized

LONGER: Final = 19
SHORTER: Final = 13
ROUNDS: Final = 254


def irregular() -> Iterator[int]:
    """IR, the bit of each round that takes L1's fifth tap in or not.

    From a register of eight ones, clocked once, with the polynomial x**8 + x**7 + x**5 + x**3 + 1.

    >>> bits = irregular()
    >>> [next(bits) for _ in range(12)]
    [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1]
    """
    state = [1] * 8
    while True:
        state = [state[7] ^ state[6] ^ state[4] ^ state[2], *state[:7]]
        yield state[7]


def expand(key: Words, rounds: int) -> list[Words]:
    """Two bits a round, from the register k[i + 80] = k[i] ^ k[i + 19] ^ k[i + 30] ^ k[i + 67]."""
    bits = [resized(word >> place & 1, 8) for word in reversed(key) for place in range(16)]
    for i in range(2 * rounds - len(bits)):
        bits.append(bits[i] ^ bits[i + 19] ^ bits[i + 30] ^ bits[i + 67])
    return [bits[start : start + 2] for start in range(0, 2 * rounds, 2)]


def _from_shorter(l1: Any, irregular_bit: int) -> Any:
    """L1[12] ^ L1[7] ^ L1[8] L1[5] ^ L1[3] IR, in the lowest bit; above it stands what is not wanted."""
    return l1 >> 12 ^ l1 >> 7 ^ (l1 >> 8 & l1 >> 5) ^ (l1 >> 3 if irregular_bit else 0)


def _from_longer(l2: Any) -> Any:
    """L2[18] ^ L2[7] ^ L2[12] L2[10] ^ L2[8] L2[3], in the lowest bit."""
    return l2 >> 18 ^ l2 >> 7 ^ (l2 >> 12 & l2 >> 10) ^ (l2 >> 8 & l2 >> 3)


def encrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The ciphertext's one word: both registers clocked once a round, each fed by the other."""
    (word,) = block
    l1, l2 = resized(word >> LONGER, SHORTER), resized(word, 32) & (1 << LONGER) - 1
    for (a, b), bit in zip(round_keys, irregular(), strict=False):
        to_longer, to_shorter = _from_shorter(l1, bit) ^ a, _from_longer(l2) ^ b
        l1 = (l1 << 1 | resized(to_shorter & 1, SHORTER)) & (1 << SHORTER) - 1
        l2 = (l2 << 1 | resized(to_longer & 1, LONGER)) & (1 << LONGER) - 1
    return [resized(l1, 32) << LONGER | l2]


def decrypt(block: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The plaintext's one word: the highest bit of each register follows from the lowest bit of the other."""
    (word,) = block
    l1, l2 = resized(word >> LONGER, SHORTER), resized(word, 32) & (1 << LONGER) - 1
    rounds = list(zip(round_keys, irregular(), strict=False))
    for (a, b), bit in reversed(rounds):
        before1, before2 = l1 >> 1, l2 >> 1  # all but the highest bits, which count as 0 in what follows
        high1 = resized(l2, SHORTER) ^ _from_shorter(before1, bit) ^ a
        high2 = resized(l1, LONGER) ^ _from_longer(before2) ^ b
        l1 = before1 | (high1 & 1) << SHORTER - 1
        l2 = before2 | (high2 & 1) << LONGER - 1
    return [resized(l1, 32) << LONGER | l2]


KATAN: Final = BlockCipher("katan", 32, 1, 16, 5, ROUNDS, expand, encrypt, decrypt)
