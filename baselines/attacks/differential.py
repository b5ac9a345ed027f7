"""Differential cryptanalysis of Speck32/64: the distribution of differences under the Markov assumption.

The probability that an addition turns two differences into a third is known exactly: Lipmaa and Moriai, "Efficient
algorithms for computing differential properties of addition", FSE 2001. With independent round keys the rounds multiply
(Lai, Massey and Murphy, "Markov ciphers and differential cryptanalysis", 1991), and the best guess from the difference
alone is `real` where the sum over all ways is above that of a random difference, 2**-32.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log2
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.primitives.speck import ALPHA, BETA, BITS
from enigmath.bench.primitives.words import from_hexadecimal, rotate_left, rotate_right

Differences = npt.NDArray[np.uint16]
"""One word of a difference each, shape (m,)."""

Shares = npt.NDArray[np.float64]

_QUESTION: Final = re.compile(r"speck\.distinguish\(([0-9]{1,2})((?:,[0-9a-f]{16}){1,64})\)")
_HALVES: Final = 2.0 ** -np.arange(BITS)
_MOST: Final = 8
"""Rounds that are told from random at all."""
_EXACT: Final = 3
"""Rounds after which all differences are held: after four they would be 188 million."""
_KEPT: Final = 50_000
"""Of more rounds, the differences that are held,"""
_FOLLOWED: Final = 1_000
"""and those of the round before that they are found from."""


def possible(alpha: Any, beta: Any, gamma: Any) -> Any:
    """Whether an addition can turn the input differences alpha and beta into gamma; all of uint16, any one shape.

    >>> word = lambda *values: np.array(values, np.uint16)
    >>> possible(word(0x8000, 1, 1), word(0, 0, 1), word(0x8000, 2, 0)).tolist()
    [True, False, True]
    """
    equal = ~((alpha ^ beta) | (alpha ^ gamma)) << np.uint16(1) | np.uint16(1)
    return equal & (alpha ^ beta ^ gamma ^ (beta << np.uint16(1))) == 0


def probability(alpha: Any, beta: Any, gamma: Any) -> Any:
    """The probability of a possible difference: 2**-w, w the places below the highest where the three are not equal.

    >>> word = lambda value: np.array(value, np.uint16)
    >>> float(probability(word(0x8000), word(0), word(0x8000))), float(probability(word(1), word(0), word(1)))
    (1.0, 0.5)
    """
    return _HALVES[np.bitwise_count(((alpha ^ beta) | (alpha ^ gamma)) << np.uint16(1))]


@dataclass(frozen=True)
class Distribution:
    """Differences x, y after some rounds, each once, and their probabilities; all of shape (m,).

    `rest` is the probability of the differences that are not held.
    """

    x: Differences
    y: Differences
    share: Shares
    rest: float = 0.0

    def most_probable(self, count: int) -> "Distribution":
        """So many of the differences, the others left to the rest."""
        kept = np.argsort(-self.share, kind="stable")[:count]
        lost = float(np.delete(self.share, kept).sum())
        return Distribution(self.x[kept], self.y[kept], self.share[kept], self.rest + lost)

    def after_a_round(self) -> "Distribution":
        """What a round makes of it: of each difference, all that its addition can give."""
        every = np.arange(2**BITS, dtype=np.uint16)
        found, shares = [], []
        for x, y, share in zip(self.x, self.y, self.share, strict=True):
            alpha = rotate_right(x, ALPHA, BITS)
            gamma = every[possible(alpha, y, every)]
            found.append(gamma.astype(np.uint32) << np.uint32(BITS) | rotate_left(y, BETA, BITS) ^ gamma)
            shares.append(share * probability(alpha, y, gamma))
        both, place = np.unique(np.concatenate(found), return_inverse=True)
        share = np.bincount(place, weights=np.concatenate(shares)).astype(np.float64)
        return Distribution((both >> np.uint32(BITS)).astype(np.uint16), both.astype(np.uint16), share, self.rest)

    def two_rounds_later(self, x: np.uint16, y: np.uint16) -> float:
        """The probability of the difference x, y after two more rounds, by meeting in the middle; of the held ones.

        The second word of the difference between the two rounds follows from x and y, and its first word from that and
        the second word before both: so each difference here has one way at most to lead there.
        """
        middle_y = rotate_right(x ^ y, BETA, BITS)
        middle_x = self._turned_y ^ middle_y
        ways = np.flatnonzero(possible(self._alpha, self.y, middle_x))
        alpha = rotate_right(middle_x[ways], ALPHA, BITS)
        kept = possible(alpha, middle_y, x)
        ways, alpha = ways[kept], alpha[kept]
        first = probability(self._alpha[ways], self.y[ways], middle_x[ways])
        return float(np.sum(self.share[ways] * first * probability(alpha, middle_y, x)))

    @cached_property
    def _alpha(self) -> Any:
        return rotate_right(self.x, ALPHA, BITS)

    @cached_property
    def _turned_y(self) -> Any:
        return rotate_left(self.y, BETA, BITS)


def _start() -> Distribution:
    """The input difference of Gohr's distinguishers, for certain."""
    x, y = from_hexadecimal("00400000", BITS)
    return Distribution(x, y, np.ones(1))


@dataclass
class DifferenceTable:
    """Tells related Speck32/64 plaintexts from random ones by the exact probability of the ciphertexts' difference.

    For two to eight rounds after the input difference 0040 0000; several pairs as if they were independent. Exact up to
    five rounds; from six on only the 50,000 most probable differences two rounds before are held, and the others count
    as if they were spread evenly. After more rounds all differences are held to be as likely, and all pairs random.
    Other questions get no answer.

    Right on 10,000 pairs each at three to eight rounds: 1.0000, .9897, .9123, .7548, .5786 and .5111 (of real pairs
    1.000, .986, .876, .649, .419 and .402), where Gohr, "Improving attacks on round-reduced Speck32/64 using deep
    learning", 2019, gives .911, .758, .591 and .512 at five to eight for the whole table of 2**32 differences. Of
    several pairs, 2,000 each: two at five rounds .973, eight at six .983, eight at seven .704. The 42,149 differences
    after three rounds are found in .02 seconds, those for eight rounds in 4; a pair takes .1 to .6 milliseconds.

    >>> DifferenceTable().predict(["speck.distinguish(5,416450bbdb46be4b)", "speck.distinguish(9,416450bbdb46be4b)"])
    ['real', 'random']
    """

    textbook: ClassVar[bool] = True
    _tables: list[Distribution] = field(default_factory=lambda: [_start()], init=False, repr=False)

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """`real` or `random` for each `speck.distinguish(rounds,pair,...)` of two rounds or more."""
        return [self._answer(_QUESTION.fullmatch(question.strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None or int(found[1]) < 2:
            return None
        if int(found[1]) > _MOST:
            return "random"
        table = self._after(int(found[1]) - 2)
        evidence = 0.0
        for pair in found[2][1:].split(","):
            a, b, c, d = (word[0] for word in from_hexadecimal(pair, BITS))
            times = table.two_rounds_later(a ^ c, b ^ d) * 2.0 ** (2 * BITS) + table.rest
            if times == 0:
                return "random"
            evidence += log2(times)
        return "real" if evidence > 0 else "random"

    def _after(self, rounds: int) -> Distribution:
        while len(self._tables) <= rounds:
            last = self._tables[-1]
            if len(self._tables) <= _EXACT:
                self._tables.append(last.after_a_round())
            else:
                self._tables.append(last.most_probable(_FOLLOWED).after_a_round().most_probable(_KEPT))
        return self._tables[rounds]
