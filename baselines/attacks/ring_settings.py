"""Rings that are unknown: pieces of a crib in which nothing but the right rotor turns, and rings one after the other.

A ring says when the next rotor is taken along, not what a rotor does: that, its offset, is window less ring. A right
rotor with one notch takes the middle one along once in 26 letters, so in one of the two halves of each 26 only the
right one turns. All offsets with either half, instead of all windows with all rings, are 2 times 17,576 an order.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.bombe import plugboards
from enigmath.baselines.attacks.plug_climbing import NO_PLUGS, with_plugs
from enigmath.bench.primitives.enigma import NOTCHES, ORDER, RINGS, WINDOW, scramblers
from enigmath.bench.primitives.letter_cipher import KeyColumns, Letters

_HALF: Final = 13
_PIECES: Final = ((0, 3), (2, 2))
"""The first piece and how many: where the left rotor moves among the first three, two later ones remain."""

Scores = Callable[[KeyColumns], npt.NDArray[Any]]
"""How good settings are, shape (n, 10) to (n,)."""


@cache
def offsets() -> npt.NDArray[np.int64]:
    """All offsets of left, middle and right rotor, shape (26**3, 3)."""
    return np.stack(np.unravel_index(np.arange(26**3), (26,) * 3), axis=1)


def at_offsets(reflector: int, order: npt.NDArray[np.int64]) -> Letters:
    """What three rotors without a plugboard make of each letter at all offsets, shape (26**3, 26)."""
    keys = np.zeros((26**3, 10), np.int64)
    keys[:, 0], keys[:, ORDER] = reflector, order
    far = NOTCHES[order].argmax(axis=1) + 5  # windows in which no notch is near, so that one step turns one rotor
    keys[:, WINDOW][:, 0] = offsets()[:, 0]
    keys[:, WINDOW][:, 1:] = far[1:] % 26
    keys[:, RINGS][:, 1] = (far[1] - offsets()[:, 1]) % 26
    keys[:, RINGS][:, 2] = (far[2] + 1 - offsets()[:, 2]) % 26
    return np.asarray(scramblers(keys, 1)[0])


def ringed_bombe(crib: Letters, hidden: Letters, blocks: Iterator[KeyColumns]) -> KeyColumns | None:
    """A key with rings, window and plugs found for the first reflector and order that fits; shape (1, k).

    `crib` and `hidden` have shape (length,); of each block of settings only reflector and order count. Right rotors
    with two notches are left out.
    """
    machines = [block[0] for block in blocks if NOTCHES[block[0, 3]].sum() == 1]
    for (first, count), half in product(_PIECES, (0, 1)):
        piece = np.repeat(np.arange(count), _HALF)
        places = 26 * (first + piece) + _HALF * half + np.tile(np.arange(_HALF), count)
        piece, places = piece[places < len(crib)], places[places < len(crib)]
        if len(places) <= _HALF:
            continue
        for machine in machines:
            found = _stops(crib, hidden, places, piece, machine)
            for start in found:
                key = _whole(crib, hidden, machine, start)
                if key is not None:
                    return key
    return None


def _stops(
    crib: Letters, hidden: Letters, places: npt.NDArray[np.int64], piece: npt.NDArray[np.int64], machine: KeyColumns
) -> KeyColumns:
    """The offsets that some plugboard brings from crib to ciphertext at the places, shape (m, 3).

    Left and middle as in the first piece, from which the middle rotor has moved by one a piece; right at place 0.
    """
    left, middle, right = offsets().T
    table = at_offsets(int(machine[0]), machine[ORDER])
    turned = left * 676 + (middle + piece[:, None]) % 26 * 26 + (right + places[:, None]) % 26
    numbers, _ = plugboards(crib[places], hidden[places], table[turned])
    return np.asarray(offsets()[np.unique(numbers)])


def _whole(crib: Letters, hidden: Letters, machine: KeyColumns, stop: KeyColumns) -> KeyColumns | None:
    """The key of a stop, with the rings under which it fits to the whole crib, shape (1, k)."""
    settings = settings_through(machine, stop)
    numbers, boards = plugboards(crib, hidden, scramblers(settings, len(crib)))
    if not len(numbers):
        return None
    best = int((boards != NO_PLUGS).sum(axis=1).argmin())
    return with_plugs(settings[numbers[best]][None], boards[best])


def settings_through(machine: KeyColumns, stop: KeyColumns) -> KeyColumns:
    """All settings of a reflector and an order that may come to these offsets, with all rings; shape (n, 10).

    The stop has the left and middle offsets of a later place, up to which the left rotor moved once at most and the
    middle one four times, and the right one's at place 0.
    """
    ways = np.array(list(product(range(2), range(5), range(26), range(26))))
    moved_left, moved_middle, middle_ring, right_ring = ways.T
    settings = np.repeat(machine[None, :10], len(ways), axis=0)
    settings[:, RINGS] = np.stack([np.zeros(len(ways), np.int64), middle_ring, right_ring], axis=1)
    settings[:, 7] = (stop[0] - moved_left) % 26
    settings[:, 8] = (stop[1] - moved_middle + middle_ring) % 26
    settings[:, 9] = (stop[2] + right_ring - 1) % 26
    return settings


def with_rings(settings: KeyColumns, score: Scores) -> KeyColumns:
    """Each setting with the right ring, then the middle ring, under which it scores most; shape (n, 10).

    So Gillogly, 1995: with the right offsets, a text is partly right under any ring.
    """
    for wheel in (2, 1):
        settings = _best_of_each(about(settings, wheel), len(settings), score)
    return settings


def _best_of_each(tried: KeyColumns, count: int, score: Scores) -> KeyColumns:
    scores = score(tried).reshape(count, -1)
    return np.asarray(tried.reshape(count, -1, 10)[np.arange(count), scores.argmax(axis=1)])


def about(settings: KeyColumns, wheel: int) -> KeyColumns:
    """The settings with every ring of the middle (1) or right (2) rotor and its offset as it was; shape (n * 234, 10).

    Left and middle rotor also one off: under a wrong ring they have moved too early or too late.
    """
    near = np.array(list(product((-1, 0, 1), (-1, 0, 1), range(26))))
    left, middle, ring = np.tile(near, (len(settings), 1)).T
    settings = np.repeat(settings, len(near), axis=0)
    more = (ring - settings[:, 4 + wheel]) % 26
    settings[:, 4 + wheel] = ring
    settings[:, 7] = (settings[:, 7] + left) % 26
    settings[:, 8] = (settings[:, 8] + middle) % 26
    settings[:, 7 + wheel] = (settings[:, 7 + wheel] + more) % 26
    return settings
