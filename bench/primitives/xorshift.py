"""xorshift with a state of 32 bits, shifts 13, 17 and 5: Marsaglia, "Xorshift RNGs", Journal of Statistical Software,
2003. The state is the output, and never zero; a step is linear over GF(2), and its period is 2**32 - 1.
"""

from typing import Any, Final

from enigmath.bench.primitives.words import Word, shift_right, wrap

BITS: Final = 32
SHIFTS: Final = (13, 17, 5)


def forward(state: Word, steps: int = 1) -> Any:
    """The state after so many steps."""
    first, second, third = SHIFTS
    for _ in range(steps):
        state = state ^ wrap(state << first, BITS)
        state = state ^ shift_right(state, second, BITS)
        state = state ^ wrap(state << third, BITS)
    return state


def backward(state: Word, steps: int = 1) -> Any:
    """The state so many steps before."""
    first, second, third = SHIFTS
    for _ in range(steps):
        state = _unshifted_left(state, third)
        state = state ^ shift_right(state, second, BITS)  # a shift by more than half of the word undoes itself
        state = _unshifted_left(state, first)
    return state


def _unshifted_left(word: Word, places: int) -> Any:
    """The x with x ^ (x << places) = word: x = word ^ (word << places) ^ (word << 2 places) ^ ..."""
    found = word
    for _ in range(BITS // places):
        found = word ^ wrap(found << places, BITS)
    return found
