"""Changes of a cipher's text or key whose effect is known without working the cipher out: letters move by one, change,
change places.

A plaintext that is no longer English, or not quite, is out of form where it is what the model has to write.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np

from enigmath.bench.contracts import Perturbation
from enigmath.bench.primitives.letter_cipher import ALPHABET
from enigmath.generators.perturbations import perturbation

_CALL: Final = re.compile(r"([a-z_]+\.[a-z]+\()(?:(.+),)?([A-Z]+)\)")
"""What is asked, the key where one is said, and the text."""
_PAIR: Final = re.compile(r"([a-z_]+\.key\()(?:([A-Z]+)=)?([A-Z]+)\)")


def moved(text: str, by: int) -> str:
    """Each letter moved on by so many.

    >>> moved("HAL", 1), moved("ABC", -1)
    ('IBM', 'ZAB')
    """
    return "".join(ALPHABET[(ALPHABET.index(letter) + by) % 26] for letter in text)


def _at(text: str, place: int, letter: str) -> str:
    return text[:place] + letter + text[place + 1 :]


def letter_changed(factor: Callable[[str], int], *, in_form: bool = True) -> Perturbation:
    """One letter of the text moves on by d, and the same letter of the answer by d times `factor(key)`.

    So in ciphers that put one letter for each, whatever their key does to it.

    >>> letter_changed(lambda key: 1).function(["caesar.encrypt(D,AB)"], ["DE"], np.random.default_rng(0))
    (['caesar.encrypt(D,AR)'], ['DU'])
    """

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        found = _CALL.fullmatch(question)
        if found is None:
            return None
        key, text = found[2] or "", found[3]
        place, by = int(rng.integers(len(text))), int(rng.integers(1, 26))
        made = _at(text, place, moved(text[place], by))
        said = f"{key}," if key else ""
        return f"{found[1]}{said}{made})", _at(told, place, moved(told[place], by * factor(key)))

    return perturbation("change one letter", change, same=False, in_form=in_form)


def key_moved(sign: int, *, repeated: bool = True, in_form: bool = True) -> Perturbation:
    """One letter of a key word moves on by one, or one digit of a numeric key is one more.

    Of the answer, those letters move by `sign` that stand under it: all of the period, or the first alone where the key
    is not repeated. A key of one letter does not become A, which no cipher has.
    """

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        found = _CALL.fullmatch(question)
        if found is None:
            return None
        key = found[2]
        place = int(rng.integers(len(key)))
        if key[place] == "9" or key == "Z":
            return None
        letter = str(int(key[place]) + 1) if key[place].isdigit() else moved(key[place], 1)
        under = range(place, len(told) if repeated else place + 1, len(key))
        answer = "".join(moved(told[at], sign * (at in under)) for at in range(len(told)))
        return f"{found[1]}{_at(key, place, letter)},{found[3]})", answer

    return perturbation("shift the key by one", change, same=False, in_form=in_form)


def _affine_key_moved(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    found = _CALL.fullmatch(question)
    if found is None:
        return None
    factor, shift = map(int, found[2].split(","))
    if (factor, shift) == (1, 25):
        return None
    return f"{found[1]}{factor},{(shift + 1) % 26},{found[3]})", moved(told, 1)


def ciphertext_moved(answer: Callable[[str], str | None]) -> Perturbation:
    """The ciphertext moves on by one; the key that is sought becomes `answer` of what it was.

    The plaintext stays, so that the new ciphertext is as likely as the old one.
    """

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        found, key = _PAIR.fullmatch(question), answer(told)
        if found is None or key is None:
            return None
        plain = f"{found[2]}=" if found[2] else ""
        return f"{found[1]}{plain}{moved(found[3], 1)})", key

    return perturbation("shift the ciphertext by one", change, same=False)


def _word(key: str) -> str | None:
    """Each letter of the key moves on by one; a single letter never to A."""
    return None if key == "Z" else moved(key, 1)


def _affine(key: str) -> str | None:
    factor, shift = map(int, key.split(","))
    return None if (factor, shift) == (1, 25) else f"{factor},{(shift + 1) % 26}"


def _only_one(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    """A letter that stands once in the text becomes one that does not: wherever it goes, it is told again."""
    found = _CALL.fullmatch(question)
    if found is None:
        return None
    text = found[3]
    single = [letter for letter in ALPHABET if text.count(letter) == told.count(letter) == 1]
    absent = [letter for letter in ALPHABET if letter not in text]
    if not (single and absent):
        return None
    old, new = single[rng.integers(len(single))], absent[rng.integers(len(absent))]
    return f"{found[1]}{found[2]},{text.replace(old, new)})", told.replace(old, new)


def _key_letters_swapped(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    """Two letters of a substitution's alphabet change places, and so in the ciphertext."""
    found = _CALL.fullmatch(question)
    if found is None or not told:
        return None
    first = told[rng.integers(len(told))]
    others = [letter for letter in found[2] if letter != first]
    turn = str.maketrans({first: (second := others[rng.integers(len(others))]), second: first})
    return f"{found[1]}{found[2].translate(turn)},{found[3]})", told.translate(turn)


def _one(key: str) -> int:
    return 1


def _minus_one(key: str) -> int:
    return -1


def _factor(key: str) -> int:
    return int(key.split(",")[0])


_NOT_QUITE: Final = {"in_form": False}
PERIODIC: Final = (letter_changed(_one), key_moved(1))
"""Encryption by c = p + k."""
PERIODIC_BACK: Final = (letter_changed(_one, **_NOT_QUITE), key_moved(-1, **_NOT_QUITE))
BEAUFORT: Final = (letter_changed(_minus_one), key_moved(1))
AUTOKEY: Final = (key_moved(1, repeated=False),)
ATBASH: Final = (letter_changed(_minus_one),)
AFFINE: Final = (
    letter_changed(_factor),
    perturbation("shift the key by one", _affine_key_moved, same=False),
)
AFFINE_BACK: Final = (letter_changed(lambda key: pow(_factor(key), -1, 26), **_NOT_QUITE),)
SUBSTITUTION: Final = (perturbation("swap letters of the key", _key_letters_swapped, same=False),)
TRANSPOSITION: Final = (perturbation("change one letter", _only_one, same=False),)
TRANSPOSITION_BACK: Final = (perturbation("change one letter", _only_one, same=False, **_NOT_QUITE),)
KEY_WORD: Final = (ciphertext_moved(_word),)
AFFINE_KEY: Final = (ciphertext_moved(_affine),)
