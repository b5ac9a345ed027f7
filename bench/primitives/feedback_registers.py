"""Linear feedback shift registers in Fibonacci's form, 1 to 64 bits, and the shortest register that gives a sequence.

A register of `size` bits gives s[t+size] = taps[0] s[t] ^ ... ^ taps[size-1] s[t+size-1], so its state is its next
`size` output bits. State and taps are words (uint64, shape (n,)), their first bit the most significant of the `size`:
the exclusive or of the bits of `state & taps` is the next one. Sources: Golomb, "Shift register sequences", 1967;
Massey, "Shift-register synthesis and BCH decoding", IEEE Transactions on Information Theory, 1969.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError

Registers = npt.NDArray[np.uint64]
"""States or taps, one a problem; shape (n,)."""

Bits = npt.NDArray[np.uint8]
"""Zeros and ones in the order in which they come out, shape (n, count)."""

LARGEST: Final = 64
_ONE: Final = np.uint64(1)


def require_size(size: int) -> None:
    """UserError for a register of no bit or of more than 64."""
    if not 1 <= size <= LARGEST:
        raise UserError(f"a register of {size} bits", where="lfsr", mend=f"from 1 to {LARGEST}")


def draw_taps(rng: np.random.Generator, n: int, size: int) -> Registers:
    """Uniform taps with the first one set, so that every bit of the state matters and every step can be undone."""
    require_size(size)
    return rng.integers(1 << (size - 1), size=n, dtype=np.uint64) | np.uint64(1 << (size - 1))


def draw_states(rng: np.random.Generator, n: int, size: int) -> Registers:
    """Uniform states but for zero, which a register never leaves."""
    require_size(size)
    return rng.integers(1, 1 << size, size=n, dtype=np.uint64)


def outputs(states: Registers, taps: Registers, size: int, count: int) -> Bits:
    """The next `count` bits of each register, of which the first `size` are its state.

    >>> outputs(np.array([0b1000], np.uint64), np.array([0b1001], np.uint64), 4, 12).tolist()
    [[1, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1]]
    """
    require_size(size)
    bits = np.empty((count, len(states)), np.uint8)
    top = np.uint64(size - 1)
    for place in range(count):
        bits[place] = states >> top
        states = _pushed(states, parity(states & taps), size)
    return bits.T


def run(states: Registers, taps: Registers, size: int, steps: int) -> Registers:
    """The states after so many steps."""
    require_size(size)
    for _ in range(steps):
        states = _pushed(states, parity(states & taps), size)
    return states


def run_back(states: Registers, taps: Registers, size: int, steps: int) -> Registers:
    """The states so many steps before, for taps whose first is set.

    >>> taps = np.array([0b1001], np.uint64)
    >>> run_back(run(np.array([0b0110], np.uint64), taps, 4, 9), taps, 4, 9).tolist()
    [6]
    """
    require_size(size)
    others = taps & np.uint64((1 << (size - 1)) - 1)
    for _ in range(steps):
        before = states >> _ONE
        states = before | (parity(before & others) ^ (states & _ONE)) << np.uint64(size - 1)
    return states


def parity(words: Registers) -> Registers:
    """The exclusive or of the bits of each word."""
    counts: Registers = np.bitwise_count(words).astype(np.uint64)
    return counts & _ONE


def shortest_registers(bits: Bits) -> tuple[npt.NDArray[np.int64], Registers]:
    """Size and taps of the shortest register that gives each sequence: the algorithm of Berlekamp and Massey.

    Taps are right aligned: those of a register of `size` bits fill the lowest `size`. Where the size is above 64, it
    and the taps say no more than that. A size above half the sequence's length is not the only one that fits.

    >>> size, taps = shortest_registers(np.array([[1, 0, 0, 0, 1, 1, 1, 1]], np.uint8))
    >>> size.tolist(), bin(taps[0])
    ([4], '0b1001')
    """
    n, count = bits.shape
    columns = np.ascontiguousarray(bits.T).astype(np.uint64)
    size = np.zeros(n, np.int64)
    taps, seen = np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    correction = np.ones(n, np.uint64)  # what taps are mended by: those before the last growth, and when that was
    for place in range(count):
        wrong = columns[place] ^ parity(taps & seen)
        grows = (wrong == 1) & (2 * size <= place)
        mended = taps ^ correction * wrong
        correction = np.where(grows, taps << _ONE | _ONE, correction << _ONE)
        size = np.where(grows, place + 1 - size, size)
        taps, seen = mended, seen << _ONE | columns[place]
    return size, taps


def _pushed(states: Registers, bits: Registers, size: int) -> Registers:
    """The first bit goes out, the new one comes in at the end."""
    pushed: Registers = states << _ONE | bits
    return pushed & np.uint64((1 << size) - 1)
