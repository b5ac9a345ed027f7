"""The Mersenne Twister MT19937: Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform
pseudo-random number generator", ACM Transactions on Modeling and Computer Simulation, 1998; seeded as in their
revision of 2002. Words have 32 bits. In part, the tempering is the first of its four lines; past four it starts anew.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.words import Word, Words

BITS: Final = 32
STATE_WORDS: Final = 624
MIDDLE: Final = 397
"""How far ahead the third of the words is that a new one is made of."""
LINES: Final = 4
"""Lines of the tempering."""
_UPPER: Final = np.uint32(0x80000000)
_LOWER: Final = np.uint32(0x7FFFFFFF)
_MATRIX: Final = np.uint32(0x9908B0DF)
_SEEDING: Final = np.uint32(1812433253)
_TEMPERING: Final = ((11, 0xFFFFFFFF), (-7, 0x9D2C5680), (-15, 0xEFC60000), (18, 0xFFFFFFFF))
"""Places to the right, less than 0 to the left, and the mask."""


def twist(word: Word, following: Word, middle: Word) -> Any:
    """The state's word 624 places after `word`, from it, the next one, and that 397 places on; all uint32."""
    mixed = joined(word, following)
    return middle ^ (mixed >> 1) ^ (mixed & 1) * _MATRIX


def joined(word: Word, following: Word) -> Any:
    """The highest bit of one word and the others of the next: all of them that the twist uses."""
    return (word & _UPPER) | (following & _LOWER)


def temper(word: Word, lines: int = LINES) -> Any:
    """What comes out for a word of the state, after so many lines of the tempering.

    >>> temper(np.array([1], np.uint32)).tolist()
    [4194449]
    """
    for places, mask in _chosen(lines):
        word = word ^ _shifted(word, places) & np.uint32(mask)
    return word


def untemper(word: Word, lines: int = LINES) -> Any:
    """The word of the state for what came out.

    >>> untemper(temper(np.array([123456789], np.uint32))).tolist()
    [123456789]
    """
    for places, mask in reversed(_chosen(lines)):
        found = word
        for _ in range(BITS // abs(places)):
            found = word ^ _shifted(found, places) & np.uint32(mask)
        word = found
    return word


def seeded(seeds: Word, count: int = STATE_WORDS) -> list[Any]:
    """The first `count` of the state's 624 words for seeds of 32 bits."""
    if not 1 <= count <= STATE_WORDS:
        raise UserError(f"{count} words of the state", where="mersenne", mend=f"from 1 to {STATE_WORDS}")
    state = [seeds]
    for number in range(1, count):
        state.append(_following(state[-1], number))
    return state


def next_words(state: Words, count: int) -> list[Any]:
    """So many new words of the state after its last 624, not tempered."""
    words = list(state)
    if len(words) != STATE_WORDS:
        raise UserError(f"a state of {len(words)} words", where="mersenne", mend=f"it has {STATE_WORDS}")
    for place in range(count):
        words.append(twist(words[place], words[place + 1], words[place + MIDDLE]))
    return words[STATE_WORDS:]


def first_outputs(seeds: Word, count: int) -> list[Any]:
    """The first outputs of fresh generators, at most 227, without the rest of their states.

    >>> [int(word[0]) for word in first_outputs(np.array([5489], np.uint32), 2)]
    [3499211612, 581869302]
    """
    if not 1 <= count <= STATE_WORDS - MIDDLE:
        raise UserError(f"{count} first outputs", where="mersenne", mend=f"from 1 to {STATE_WORDS - MIDDLE}")
    early, middle, last = [seeds], [], seeds
    for number in range(1, MIDDLE + count):
        last = _following(last, number)
        if number <= count:
            early.append(last)
        if number >= MIDDLE:
            middle.append(last)
    return [temper(twist(*words)) for words in zip(early, early[1:], middle, strict=False)]


def _following(word: Word, number: int) -> Any:
    """The state's word of that number as seeding makes it from the one before."""
    return (word ^ word >> 30) * _SEEDING + np.uint32(number)


def _chosen(lines: int) -> Sequence[tuple[int, int]]:
    if lines < 0:
        raise UserError(f"{lines} lines of tempering", where="mersenne", mend="0 or more")
    return [_TEMPERING[number % LINES] for number in range(lines)]


def _shifted(word: Word, places: int) -> Any:
    return word >> places if places > 0 else word << -places
