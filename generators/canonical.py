"""Canonical keys of numbers, sums, differences, products and quotients, modulo the laws of arithmetic.

A value's word is 63 bits of magnitude and a sign, in two's complement. Sums add the words. Products carry the
magnitudes through a bijection into another group and add there. So `3+x` and `x+3`, `a-(b-c)` and `a+c-b`,
`a/(b/c)` and `a*c/b`, `(a-b)*(c-d)` and `(b-a)*(d-c)` meet by construction; 0 and 1 are neutral, and 0 absorbs.
The distributive law is not applied, nor is anything computed: `2+3` and `1+4` stay apart. Words of two different
forms collide by chance alone, once in about 2**63 pairs. All tasks share these words, so `12+34` falls into one
split in every task.
"""

from functools import cache
from typing import Final

import numpy as np

from enigmath.bench.contracts import Keys, mix
from enigmath.generators.digits import SMALL, Limbs, is_small, words

_BITS: Final = np.uint64(2**63 - 1)
_HALF: Final = np.uint64(32)
_OFFSET: Final = np.uint64(0x1F83D9ABFB41BD6B)
_FACTOR: Final = 0x5ABA0B6EB09322E3
_MULTIPLIER: Final = np.uint64(_FACTOR)
_INVERSE: Final = np.uint64(pow(_FACTOR, -1, 2**63))


def number(limbs: Limbs) -> Keys:
    """The words of natural numbers; 0 for the number 0, whose place is neutral in sums."""
    if len(limbs) == 1 and is_small(limbs[0]):
        looked_up: Keys = _small_words()[limbs[0]]
        return looked_up
    return _words(limbs)


@cache
def _small_words() -> Keys:
    return _words(np.arange(SMALL)[None])


def _words(limbs: Limbs) -> Keys:
    logarithm = np.zeros(limbs.shape[1], dtype=np.uint64)
    zero = np.ones(limbs.shape[1], dtype=bool)
    for place, word in enumerate(words(limbs)):
        salt = np.uint64(place) << np.uint64(60)
        neutral = mix(np.array([1 if place == 0 else 0], dtype=np.uint64) ^ salt)
        logarithm += mix(word.astype(np.uint64) ^ salt) - neutral
        zero &= word == 0
    return np.where(zero, np.uint64(0), _exponential(logarithm & _BITS))


def times(first: Keys, second: Keys) -> Keys:
    """The words of products."""
    return _product(first, second, _logarithm(_magnitude(first)) + _logarithm(_magnitude(second)))


def over(dividend: Keys, divisor: Keys) -> Keys:
    """The words of quotients."""
    return _product(dividend, divisor, _logarithm(_magnitude(dividend)) - _logarithm(_magnitude(divisor)))


def _product(first: Keys, second: Keys, logarithm: Keys) -> Keys:
    magnitude = _exponential(logarithm & _BITS)
    negative = (first ^ second) > _BITS
    word = np.where(negative, np.uint64(0) - magnitude, magnitude)
    return np.where(first == 0, first, np.where(second == 0, second, word))


def _magnitude(word: Keys) -> Keys:
    return np.where(word > _BITS, np.uint64(0) - word, word)


def _exponential(logarithm: Keys) -> Keys:
    """A bijection of 63-bit words that has no structure in common with addition."""
    word = (logarithm + _OFFSET) & _BITS
    for _ in range(2):
        word = ((word ^ (word >> _HALF)) * _MULTIPLIER) & _BITS
    return word ^ (word >> _HALF)


def _logarithm(magnitude: Keys) -> Keys:
    """The inverse of `_exponential`: a shift by more than half of the bits undoes itself."""
    word = magnitude ^ (magnitude >> _HALF)
    for _ in range(2):
        word = (word * _INVERSE) & _BITS
        word ^= word >> _HALF
    return (word - _OFFSET) & _BITS
