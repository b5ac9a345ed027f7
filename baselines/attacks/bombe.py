"""The bombe: from a crib and its ciphertext to the plugboard, for many settings of the rotors at once.

Where the crib has letter p and the ciphertext c, the rotors turn what p is plugged to into what c is plugged to. So one
plug that is guessed says others, these say more, and most guesses soon contradict themselves. Sources: Turing, "Prof's
book", 1940 (The National Archives, HW 25/3); Welchman, "The Hut Six story", 1982 (the diagonal board: a plug works both
ways).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.primitives.letter_cipher import Letters

UNKNOWN: Final = 26
"""Stands for a letter of which it is not known what it is plugged to."""

Menu = list[tuple[int, int, int]]
"""Places of the crib with the letter that is known there and the other one."""


def plugboards(crib: Letters, hidden: Letters, scramblers: Letters) -> tuple[npt.NDArray[np.int64], Letters]:
    """The settings that some plugboard brings from the crib to the ciphertext, and these plugboards.

    `crib` and `hidden` have shape (length,), `scramblers` (length, n, 26). Returns the numbers of the settings, shape
    (m,), with the same one as often as it has plugboards, and the boards, shape (m, 26); letters of which the texts say
    nothing are not plugged.
    """
    settings = np.arange(scramblers.shape[1])
    boards = np.full((len(settings), 26), UNKNOWN, np.uint8)
    for first, menu in _menus(crib, hidden):
        settings, boards = np.repeat(settings, 26), np.repeat(boards, 26, axis=0)
        guess = np.tile(np.arange(26, dtype=np.uint8), len(settings) // 26)
        settings, boards = _plugged(settings, boards, first, guess)
        for place, known, other in menu:
            implied = scramblers[place, settings, boards[:, known]]
            settings, boards = _plugged(settings, boards, other, implied)
    return settings, np.where(boards == UNKNOWN, np.arange(26, dtype=np.uint8), boards)


def _plugged(
    settings: npt.NDArray[np.int64], boards: Letters, letter: int, other: Letters
) -> tuple[npt.NDArray[np.int64], Letters]:
    """The boards with `letter` plugged to `other`, shape (n,), without those that contradict it."""
    one, two = boards[:, letter], boards[np.arange(len(boards)), other]
    holds = ((one == UNKNOWN) & (two == UNKNOWN)) | (one == other)
    settings, boards, other = settings[holds], boards[holds], other[holds]
    boards[:, letter] = other
    boards[np.arange(len(boards)), other] = letter
    return settings, boards


def _menus(crib: Letters, hidden: Letters) -> Iterator[tuple[int, Menu]]:
    """The most frequent letter of each connected part of the texts, and its places in an order that starts there."""
    left = dict(enumerate(zip(crib.tolist(), hidden.tolist(), strict=True)))
    counts = np.bincount(np.concatenate([crib, hidden]), minlength=26)
    while left:
        first = max({letter for pair in left.values() for letter in pair}, key=lambda letter: (counts[letter], letter))
        reached, menu = {first}, Menu()
        while near := [place for place, pair in left.items() if reached & set(pair)]:
            closed = [place for place in near if reached >= set(left[place])]
            place = (closed or near)[0]
            known, other = left.pop(place)
            menu.append((place, known, other) if known in reached else (place, other, known))
            reached |= {known, other}
        yield first, menu
