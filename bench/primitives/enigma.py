"""Enigma, models I and M3: plugboard, three rotors that turn, a reflector, and back. Encrypting twice gives the text.

Sources: Rejewski, "How Polish mathematicians deciphered the Enigma", Annals of the History of Computing, 1981; Hamer,
"Enigma: actions involved in the double stepping of the middle rotor", Cryptologia, 1997; Crypto Museum, "Enigma
wirings" (rotors I to V of model I, VI to VIII besides in the navy's M3, reflectors B and C).

Before each letter the right rotor takes one step. A rotor that shows its notch letter takes its left neighbour along
and, in the middle, itself as well: the double step. What a rotor does depends on its offset, the letter in the window
less the ring setting; when it takes its neighbour along, on the letter in the window alone.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import permutations
from math import factorial
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import ALPHABET, KeyColumns, LetterCipher, Letters, read

ROTORS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
_WIRINGS: Final = (
    "EKMFLGDQVZNTOWYHXUSPAIBRCJ",
    "AJDKSIRUXBLHWTMCQGZNPYFVOE",
    "BDFHJLCPRTXVZNYEIWGAKMUSQO",
    "ESOVPZJAYQUIRHXLNFTGKDCMWB",
    "VZBRGITYUPSDNHLXAWMJQOFECK",
    "JPGVOUMFYQBENHZRDKASXLICTW",
    "NZJHGRCXMYSWBOUFAIVLPEKQDT",
    "FKQHTLXOCBJSPDZRAMEWNIUYGV",
)
_NOTCH_LETTERS: Final = ("Q", "E", "V", "J", "Z", "ZM", "ZM", "ZM")
REFLECTORS: Final = "BC"
_REFLECTED: Final = np.concatenate([read("YRUHQSLDPXNGOKMIEBFZCWVJAT"), read("FVPJIAOYEDRZXWGCTKUQSBNMHL")])
NOTCHES: Final = np.array([[letter in notches for letter in ALPHABET] for notches in _NOTCH_LETTERS])
"""Whether each rotor takes its left neighbour along when it shows each letter; shape (8, 26)."""
MOST_PLUGS: Final = 13
ORDER, RINGS, WINDOW, PLUGS = slice(1, 4), slice(4, 7), slice(7, 10), slice(10, None)
"""Columns of a key: first the reflector (0 for B, 1 for C), then rotors (0 for I), ring settings and window, each from
left to right (0 for A), then the plugged pairs, letter by letter, the smaller first and the pairs in order."""
_BLOCK: Final = 8192
"""Texts encrypted together: so many that their columns stay near the processor."""

_ROTOR = r"(?:I{1,3}|IV|VI{0,3})"
_KEY: Final = re.compile(
    rf"([BC]) ({_ROTOR}-{_ROTOR}-{_ROTOR}) ([A-Z]{{3}}) ([A-Z]{{3}}) (-|[A-Z]{{2}}(?:-[A-Z]{{2}}){{0,12}})"
)


@cache
def _rotor_tables() -> tuple[Letters, Letters]:
    """What each rotor at each offset makes of each letter on the way in, and on the way out; shape (8, 26, 26)."""
    offset, letter = np.ogrid[:26, :26]
    wires = np.concatenate([read(wiring) for wiring in _WIRINGS]).astype(np.int64)
    ways = (wires, np.argsort(wires, axis=1))
    inward, outward = (((way[:, (letter + offset) % 26] - offset) % 26).astype(np.uint8) for way in ways)
    return inward, outward


@cache
def _reflecting_halves() -> Letters:
    """Middle rotor, left rotor, reflector and back, as one table.

    Shape (2, 8, 8, 26, 26, 26): reflector, left and middle rotor, their offsets, the letter.
    """
    inward, outward = _rotor_tables()
    reflector, left, middle, left_offset, middle_offset, letter = np.ogrid[:2, :8, :8, :26, :26, :26]
    reached = inward[left, left_offset, inward[middle, middle_offset, letter]]
    returned = outward[left, left_offset, _REFLECTED[reflector, reached]]
    return np.asarray(outward[middle, middle_offset, returned])


def _steps(keys: KeyColumns, length: int) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """For each letter in turn, where its tables begin: those of the right rotor, and those of what lies left of it.

    Both of shape (n,), as places in the flat tables of `_rotor_tables` and `_reflecting_halves`.
    """
    reflector, left, middle, right = keys[:, 0], *keys[:, ORDER].T
    left_offset, middle_offset, right_offset = ((keys[:, WINDOW] - keys[:, RINGS]) % 26).T.astype(np.uint8)
    middle_window, right_window = keys[:, WINDOW][:, 1:].T.astype(np.uint8)
    middle_notches, right_notches = (rotor.astype(np.uint8) * np.uint8(26) for rotor in (middle, right))
    notches = NOTCHES.ravel()
    halves, rights = ((reflector * 8 + left) * 8 + middle) * 676, right * 26
    for _ in range(length):
        double = notches.take(middle_notches + middle_window)
        carried = double | notches.take(right_notches + right_window)
        for place, moves in (
            (left_offset, double),
            (middle_offset, carried),
            (middle_window, carried),
            (right_offset, np.True_),
            (right_window, np.True_),
        ):
            place += moves
            place -= (place == 26) * np.uint8(26)
        yield (rights + right_offset) * 26, (halves + left_offset.astype(np.int64) * 26 + middle_offset) * 26


def _plugboards(keys: KeyColumns) -> Letters:
    """What each plugboard makes of each letter; shape (n, 26)."""
    boards = np.tile(np.arange(26, dtype=np.uint8), (len(keys), 1))
    pairs = keys[:, PLUGS]
    for first, second in ((pairs[:, ::2], pairs[:, 1::2]), (pairs[:, 1::2], pairs[:, ::2])):
        np.put_along_axis(boards, first, second.astype(np.uint8), axis=1)
    return boards


def encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The texts under their keys, shape (n, length); the machine in the same setting gives the texts again."""
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(texts), _BLOCK)]
    return np.concatenate([_encrypt_block(texts[block], keys[block]) for block in blocks] or [texts])


def _encrypt_block(texts: Letters, keys: KeyColumns) -> Letters:
    inward, outward, halves = (table.ravel() for table in (*_rotor_tables(), _reflecting_halves()))
    boards, rows = _plugboards(keys).ravel(), np.arange(len(keys)) * 26
    plugged = keys.shape[1] > PLUGS.start
    letters = (boards.take(rows[:, None] + texts) if plugged else texts).T.copy()
    for place, (right, rest) in enumerate(_steps(keys, texts.shape[1])):
        letters[place] = outward.take(right + halves.take(rest + inward.take(right + letters[place])))
    hidden = np.ascontiguousarray(letters.T)
    return boards.take(rows[:, None] + hidden) if plugged else hidden


def scramblers(keys: KeyColumns, length: int) -> Letters:
    """What the machine without its plugboard makes of each letter at each place of a text; shape (length, n, 26)."""
    inward, outward, halves = (table.ravel() for table in (*_rotor_tables(), _reflecting_halves()))
    made, letters = np.empty((length, len(keys), 26), np.uint8), np.arange(26)
    for place, (right, rest) in enumerate(_steps(keys, length)):
        right, rest = right[:, None], rest[:, None]
        made[place] = outward.take(right + halves.take(rest + inward.take(right + letters)))
    return made


def starts_twice(keys: KeyColumns) -> npt.NDArray[np.bool_]:
    """Whether another window does the same; shape (n,).

    Of a middle rotor that shows its notch and a right one that does not, the first letter moves all three. The window
    with left and middle already moved then shows the same.
    """
    middle, right = keys[:, ORDER][:, 1:].T
    return np.asarray(NOTCHES[middle, keys[:, 8]] & ~NOTCHES[right, keys[:, 9]])


@cache
def orders(rotors: int) -> KeyColumns:
    """All orders of three of the first `rotors` rotors, shape (m, 3); UserError for fewer than 3 or more than 8."""
    if not 3 <= rotors <= len(ROTORS):
        raise UserError(f"{rotors} rotors to choose from", where="enigma", mend=f"from 3 to {len(ROTORS)}")
    return np.array(list(permutations(range(rotors), 3)))


def draw_keys(rng: np.random.Generator, n: int, rotors: int, rings: int, plugs: int) -> KeyColumns:
    """Uniform keys with three of the first `rotors` rotors, `rings` of which 0 or 2 are set, and so many plugged pairs.

    Shape (n, 10 + 2 * plugs). No two keys do the same to every text: the left ring stays A, since it does only what the
    left window does; the rings of VI to VIII, whose two notches are half a turn apart, are A to M, since half a turn of
    ring and window changes nothing; and windows that do what another does (`starts_twice`) are left out.
    UserError for rotors other than 3 to 8, rings other than 0 or 2, and plugs other than 0 to 13.
    """
    if rings not in (0, 2) or not 0 <= plugs <= MOST_PLUGS:
        raise UserError(f"{rings} rings and {plugs} plugs", where="enigma", mend=f"0 or 2 rings, 0 to {MOST_PLUGS}")
    keys = np.zeros((n, 10 + 2 * plugs), np.int64)
    keys[:, 0] = rng.integers(2, size=n)
    keys[:, ORDER] = orders(rotors)[rng.integers(len(orders(rotors)), size=n)]
    if rings:
        keys[:, 5:7] = rng.integers(26, size=(n, 2)) % ring_settings()[keys[:, 2:4]]
    keys[:, WINDOW] = rng.integers(26, size=(n, 3))
    while len(again := np.flatnonzero(starts_twice(keys))):
        keys[again, WINDOW] = rng.integers(26, size=(len(again), 3))
    if plugs:
        shuffled = rng.permuted(np.tile(np.arange(26), (n, 1)), axis=1)
        keys[:, PLUGS] = _in_order(shuffled[:, : 2 * plugs])
    return keys


def _in_order(pairs: KeyColumns) -> KeyColumns:
    """Each pair with the smaller letter first, and the pairs by their first letters."""
    smaller, larger = np.minimum(pairs[:, ::2], pairs[:, 1::2]), np.maximum(pairs[:, ::2], pairs[:, 1::2])
    both = np.sort(smaller * 26 + larger, axis=1)
    return np.stack([both // 26, both % 26], axis=2).reshape(pairs.shape)


@cache
def ring_settings() -> npt.NDArray[np.int64]:
    """How many rings of each rotor differ in what they do, shape (8,): 26, or 13 where two notches face each other."""
    return np.asarray(26 // NOTCHES.sum(axis=1))


def settings_of(middle: int, right: int, rings: int) -> int:
    """How many windows with rings `draw_keys` draws from, of these two rotors.

    >>> settings_of(1, 2, rings=0), settings_of(5, 6, rings=0), settings_of(0, 5, rings=2)
    (16926, 16328, 5729776)
    """
    windows = 26 * (676 - int(NOTCHES[middle].sum()) * (26 - int(NOTCHES[right].sum())))
    return windows * (int(ring_settings()[[middle, right]].prod()) if rings else 1)


def plugboards_of(plugs: int) -> int:
    """How many plugboards of so many pairs there are.

    >>> plugboards_of(0), plugboards_of(1), plugboards_of(10)
    (1, 325, 150738274937250)
    """
    return factorial(26) // (factorial(26 - 2 * plugs) * factorial(plugs) << plugs)


def keys_of_size(rotors: int, rings: int, plugs: int) -> int:
    """How many keys `draw_keys` draws from."""
    starts = sum(settings_of(middle, right, rings) for _, middle, right in orders(rotors).tolist())
    return 2 * starts * plugboards_of(plugs)


def write_keys(keys: KeyColumns) -> list[str]:
    """Reflector, rotors, rings, window and plugs as operators wrote them, with `-` where nothing is plugged.

    >>> write_keys(np.array([[0, 0, 1, 2, 0, 0, 0, 0, 0, 25, 0, 16, 4, 17]]))
    ['B I-II-III AAA AAZ AQ-ER']
    """
    plugs = (keys.shape[1] - PLUGS.start) // 2
    width = 9 + max(1, 3 * plugs - 1)
    rest = np.full((len(keys), width), ord(" "), np.uint8)
    rest[:, 1:4], rest[:, 5:8] = keys[:, RINGS] + 65, keys[:, WINDOW] + 65
    rest[:, 9:] = ord("-")
    if plugs:
        rest[:, 9::3], rest[:, 10::3] = keys[:, 10::2] + 65, keys[:, 11::2] + 65
    text = rest.tobytes().decode("ascii")
    fronts = [f"{REFLECTORS[0]} {a}-{b}-{c}" for a in ROTORS for b in ROTORS for c in ROTORS]
    fronts += [REFLECTORS[1] + front[1:] for front in fronts]
    numbers = (keys[:, :4] @ np.array([512, 64, 8, 1])).tolist()
    return [fronts[number] + text[row * width : (row + 1) * width] for row, number in enumerate(numbers)]


def read_key(text: str) -> KeyColumns:
    """The key that `write_keys` writes so, shape (1, 10 + 2 * plugs), the pairs in any order.

    UserError for another form, a rotor that stands twice, and a letter that is plugged twice.
    """
    found = _KEY.fullmatch(text)
    form = "write it as B I-II-III AAA AAA AQ-ER, or with - where nothing is plugged"
    if found is None:
        raise UserError(f"{text[:60]!r} is no key", where="enigma", mend=form)
    rotors, plugged = found[2].split("-"), found[5].replace("-", "")
    if len(set(rotors)) < 3 or len(set(plugged)) < len(plugged):
        raise UserError(f"{text!r} has a rotor or a plug twice", where="enigma", mend=form)
    front = [REFLECTORS.index(found[1]), *map(ROTORS.index, rotors)]
    return np.concatenate([[front], read(found[3]), read(found[4]), _in_order(read(plugged).astype(np.int64))], axis=1)


ENIGMA: Final = LetterCipher("enigma", encrypt, encrypt, draw_keys, write_keys, keys_of_size, read_key=read_key)
