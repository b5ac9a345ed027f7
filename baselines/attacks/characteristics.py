"""A setting from many messages under it: Rejewski's characteristics, which no plugboard changes.

Each place of the messages has one alphabet, an exchange of letters in pairs. Two places one after the other make a
permutation whose cycles have the same lengths with any plugboard, since plugs only rename the letters. While nothing
but the right rotor turns, such lengths in a row tell rotors and offsets; then the bombe tells the plugs. Source:
Rejewski, "How Polish mathematicians deciphered the Enigma", Annals of the History of Computing, 1981 (there from the
first six letters of a day's messages).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.bombe import plugboards
from enigmath.baselines.attacks.plug_climbing import with_plugs
from enigmath.baselines.attacks.ring_settings import at_offsets, offsets, settings_through
from enigmath.bench.primitives.enigma import ORDER, REFLECTORS, encrypt, orders
from enigmath.bench.primitives.letter_cipher import KeyColumns, Letters

_RUN: Final = 9
"""Places in a row without a turnover: a right rotor with two notches turns its neighbour every 13."""
_STARTS: Final = (0, 4, 8, 12, 16)
_POWERS: Final = 4
"""Powers of a permutation whose fixed letters are counted: cycles of up to so many letters."""
_TEXTS: Final = 3
"""Messages by which rings are told."""

Alphabets = npt.NDArray[np.uint8]
"""What each place of the messages makes of each letter, shape (places, 26)."""


def alphabets(plain: Letters, hidden: Letters) -> Mapping[int, Letters]:
    """The whole alphabet, shape (26,), of each place of texts of shape (n, length) that shows all but two letters."""
    found = {}
    for place in range(plain.shape[1]):
        alphabet = np.full(26, 26, np.uint8)
        alphabet[plain[:, place]], alphabet[hidden[:, place]] = hidden[:, place], plain[:, place]
        left = np.flatnonzero(alphabet == 26)
        if len(left) == 2:  # what is left is one pair
            alphabet[left] = left[::-1]
        if len(left) in (0, 2):
            found[place] = alphabet
    return found


def settings_of_messages(plain: Letters, hidden: Letters) -> KeyColumns:
    """All keys, shape (m, k), that bring the plaintexts to the ciphertexts, both of shape (n, length); m may be 0.

    They have the same rotors, offsets and plugs, and differ in rings that the messages do not tell.
    """
    known = alphabets(plain, hidden)
    runs = [start for start in _STARTS if all(start + place in known for place in range(_RUN))]
    shown = {start: np.stack([known[start + place] for place in range(_RUN)]) for start in runs}
    wanted = {start: _lengths(run[:-1], run[1:]) for start, run in shown.items()}
    for reflector, order in _machines() if runs else ():
        table = at_offsets(reflector, order)
        turned = table.reshape(26, 26, 26, 26)
        lengths = _lengths(table, np.roll(turned, -1, axis=2).reshape(-1, 26)).reshape(26, 26, 26)
        for start in runs:
            fits = np.ones_like(lengths, bool)
            for place, length in enumerate(wanted[start]):
                fits &= np.roll(lengths, -place, axis=2) == length
            for offset in offsets()[np.flatnonzero(fits)]:
                keys = _keys(reflector, order, table, offset, start, shown[start], (plain[:_TEXTS], hidden[:_TEXTS]))
                if len(keys):
                    return keys
    return np.empty((0, 10), np.int64)


def _machines() -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Reflectors with orders, those of rotors I to V first."""
    later = [order for order in orders(8) if order.max() >= 5]
    return product(range(len(REFLECTORS)), [*orders(5), *later])


def _lengths(first: Letters, second: Letters) -> npt.NDArray[np.int64]:
    """How many letters have cycles of length 1, of 1 or 2, and so on in `first` and then `second`, as one number.

    Shapes (n, 26) to (n,).
    """
    rows = np.arange(len(first))[:, None] * 26
    step = (second.ravel().take(rows + first) + rows).ravel()
    now, number = step, np.zeros(len(first), np.int64)
    for _ in range(_POWERS):
        number = number * 27 + (now.reshape(-1, 26) == rows + np.arange(26)).sum(axis=1)
        now = step.take(now)
    return number


def _keys(
    reflector: int,
    order: npt.NDArray[np.int64],
    table: Letters,
    offset: npt.NDArray[np.int64],
    start: int,
    run: Alphabets,
    texts: Sequence[Letters],
) -> KeyColumns:
    """The keys with these offsets at place `start` that bring the texts to their ciphertexts, shape (m, k)."""
    left, middle, right = offset.tolist()
    machine = table[(left * 26 + middle) * 26 + (right + np.arange(_RUN)) % 26]
    crib = np.tile(np.arange(26, dtype=np.uint8), _RUN)
    numbers, boards = plugboards(crib, run.ravel(), np.repeat(machine, 26, axis=0)[:, None])
    for board in boards[: len(numbers)]:
        settings = np.zeros((1, 10), np.int64)
        settings[:, 0], settings[:, ORDER] = reflector, order
        settings = settings_through(settings[0], np.array([left, middle, right - start]))
        for plain, hidden in zip(*texts, strict=True):
            tried = board[encrypt(np.broadcast_to(board[plain], (len(settings), len(plain))), settings)]
            settings = settings[(tried == hidden).all(axis=1)]
        if len(settings):
            return np.concatenate([with_plugs(setting[None], board) for setting in settings])
    return np.empty((0, 10), np.int64)
