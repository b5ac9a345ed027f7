"""Ciphers of shifted mixed alphabets: the four quagmires, Gromark and periodic Gromark, Condi, Wheatstone, Chaocipher.

An alphabet is a key of 26 letters in any order (on paper a key word and the letters that it lacks). Sources: the cipher
guidelines of the American Cryptogram Association, "The ACA and You"; Bean, "Cryptodiagnosis of Kryptos K4", HistoCrypt
2021 (Gromark); Kahn, "The Codebreakers", 1967 (Wheatstone's cryptograph); Rubin, "Chaocipher revealed: the algorithm",
2010.
"""

from collections.abc import Callable
from math import factorial
from typing import Final

import numpy as np

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import (
    KeyColumns,
    LetterCipher,
    Letters,
    count_words,
    draw_words,
    join_keys,
    letter_keys,
    write,
)
from enigmath.bench.primitives.shift_ciphers import vigenere_decrypt, vigenere_encrypt
from enigmath.bench.primitives.substitutions import draw_alphabets, inverse, replace

_ORDERS: Final = factorial(26) - 1
Alphabets = Callable[[KeyColumns], tuple[KeyColumns, KeyColumns, KeyColumns]]
"""A key's plain alphabet, cipher alphabet, and word."""


def _straight(keys: KeyColumns) -> KeyColumns:
    return np.broadcast_to(np.arange(26), (len(keys), 26))


def _quagmire(number: int, alphabets: int, parts: Alphabets) -> LetterCipher:
    """The cipher alphabet slides below the plain one until the word's letter stands under A, a letter after another."""

    def starts(plain: KeyColumns, cipher: KeyColumns, word: KeyColumns) -> KeyColumns:
        return (np.take_along_axis(inverse(cipher), word, axis=1) - inverse(plain)[:, :1]) % 26

    def encrypt(texts: Letters, keys: KeyColumns) -> Letters:
        plain, cipher, word = parts(keys)
        return replace(vigenere_encrypt(replace(texts, inverse(plain)), starts(plain, cipher, word)), cipher)

    def decrypt(texts: Letters, keys: KeyColumns) -> Letters:
        plain, cipher, word = parts(keys)
        return replace(vigenere_decrypt(replace(texts, inverse(cipher)), starts(plain, cipher, word)), plain)

    def draw_keys(rng: np.random.Generator, n: int, key_length: int) -> KeyColumns:
        orders = [draw_alphabets(rng, n) for _ in range(alphabets)]
        return np.concatenate([*orders, draw_words(rng, n, key_length)], axis=1)

    def write_keys(keys: KeyColumns) -> list[str]:
        return join_keys(*(letter_keys(part) for part in np.split(keys, [26, 52][:alphabets], axis=1)))

    def keys_of_size(key_length: int) -> int:
        return int(_ORDERS**alphabets) * count_words(key_length)

    return LetterCipher(f"quagmire_{number}", encrypt, decrypt, draw_keys, write_keys, keys_of_size)


QUAGMIRE_1: Final = _quagmire(1, 1, lambda keys: (keys[:, :26], _straight(keys), keys[:, 26:]))
"""A mixed plain alphabet above the straight one."""
QUAGMIRE_2: Final = _quagmire(2, 1, lambda keys: (_straight(keys), keys[:, :26], keys[:, 26:]))
"""The straight alphabet above a mixed one."""
QUAGMIRE_3: Final = _quagmire(3, 1, lambda keys: (keys[:, :26], keys[:, :26], keys[:, 26:]))
"""A mixed alphabet above itself."""
QUAGMIRE_4: Final = _quagmire(4, 2, lambda keys: (keys[:, :26], keys[:, 26:52], keys[:, 52:]))
"""A mixed alphabet above another one."""


def chain_addition(primers: KeyColumns, length: int) -> KeyColumns:
    """Digits that go on by adding each two neighbours without carry; shape (n, length).

    >>> chain_addition(np.array([[2, 3, 4, 5, 2]]), 12).tolist()
    [[2, 3, 4, 5, 2, 5, 7, 9, 7, 7, 2, 6]]
    """
    size = primers.shape[1]
    digits = np.empty((len(primers), max(length, size)), np.int64)
    digits[:, :size] = primers
    for place in range(size, length):
        digits[:, place] = (digits[:, place - size] + digits[:, place - size + 1]) % 10
    return digits[:, :length]


def gromark_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Each letter moved on by a digit of the running key, then put in the mixed alphabet's terms."""
    return replace(vigenere_encrypt(texts, chain_addition(keys[:, 26:], texts.shape[1])), keys[:, :26])


def gromark_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Both steps undone."""
    return vigenere_decrypt(replace(texts, inverse(keys[:, :26])), chain_addition(keys[:, 26:], texts.shape[1]))


def draw_gromark(rng: np.random.Generator, n: int) -> KeyColumns:
    """An alphabet, and a primer of five digits other than 00000; shape (n, 31)."""
    return np.concatenate([draw_alphabets(rng, n), draw_words(rng, n, 5, 10)], axis=1)


def _periodic_gromark(keys: KeyColumns, length: int) -> KeyColumns:
    """How far each letter is moved: by the running key's digit, and by the place of its group's letter of the word.

    The primer is the order of the word's letters, from 1 (0 for the tenth); a group has as many letters as the word.
    """
    alphabet, word = keys[:, :26], keys[:, 26:]
    order = (np.argsort(np.argsort(word, axis=1, kind="stable"), axis=1) + 1) % 10
    group = np.arange(length) // word.shape[1] % word.shape[1]
    return (chain_addition(order, length) + np.take_along_axis(inverse(alphabet), word[:, group], axis=1)) % 26


def draw_alphabets_and_words(rng: np.random.Generator, n: int, key_length: int) -> KeyColumns:
    """An alphabet and a key word, shape (n, 26 + key_length); UserError for a word of one letter."""
    if key_length < 2:
        raise UserError(f"a key of {key_length} letters", where="periodic gromark", mend="2 or more")
    return np.concatenate([draw_alphabets(rng, n), draw_words(rng, n, key_length)], axis=1)


def _condi_offsets(places: KeyColumns, starts: KeyColumns) -> KeyColumns:
    return np.asarray(np.concatenate([starts, places[:, :-1] + 1], axis=1) % 26)


def condi_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Each letter moved on in the mixed alphabet by the place, from 1, of the one before it; the first by a start."""
    places = replace(texts, inverse(keys[:, :26]))
    return replace(vigenere_encrypt(places, _condi_offsets(places.astype(np.int64), keys[:, 26:])), keys[:, :26])


def condi_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Letter by letter, since each says how far the next one was moved."""
    places = replace(texts, inverse(keys[:, :26]))
    moved = keys[:, 26]
    for place in range(texts.shape[1]):
        places[:, place] = (places[:, place] - moved) % 26
        moved = places[:, place] + np.int64(1)
    return replace(places, keys[:, :26])


def draw_condi(rng: np.random.Generator, n: int) -> KeyColumns:
    """An alphabet and a start from 1 to 25, shape (n, 27)."""
    return np.concatenate([draw_alphabets(rng, n), rng.integers(1, 26, size=(n, 1))], axis=1)


def without_doubles(texts: Letters) -> Letters:
    """No letter after its like: X instead, Q after X; shape (n, length)."""
    texts = texts.copy()
    for place in range(1, texts.shape[1]):
        before, letter = texts[:, place - 1], texts[:, place]
        texts[:, place] = np.where(before != letter, letter, np.where(before == 23, 16, 23))
    return texts


def wheatstone_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """Two hands on rings of 27 and of 26: as the one goes on to each letter, the other passes as many places.

    The outer ring has a blank before A, where both hands start; the inner one has the mixed alphabet.
    """
    places: KeyColumns = texts.astype(np.int64) + 1
    turned: KeyColumns = np.cumsum(np.diff(places, axis=1, prepend=0) % 27, axis=1)
    return replace((turned % 26).astype(np.uint8), keys)


def wheatstone_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The places that the inner hand passes, 1 to 26, are those of the outer one."""
    places: KeyColumns = replace(texts, inverse(keys)).astype(np.int64)
    turned: KeyColumns = np.cumsum((np.diff(places, axis=1, prepend=0) - 1) % 26 + 1, axis=1)
    return ((turned - 1) % 27 % 26).astype(np.uint8)


_AFTER_LEFT: Final = np.r_[0, 2:14, 1, 14:26]
_AFTER_RIGHT: Final = np.r_[0:2, 3:14, 2, 14:26] + 1


def _chaocipher(texts: Letters, keys: KeyColumns, into: int) -> Letters:
    """Both alphabets turn to the letter just used, and one letter each is taken out and put back at the nadir."""
    left, right = keys[:, :26], keys[:, 26:]
    result = np.empty_like(texts)
    for place in range(texts.shape[1]):
        given = (right, left)[into]
        at = np.argmax(given == texts[:, place, None], axis=1)[:, None]
        result[:, place] = np.take_along_axis((left, right)[into], at, axis=1)[:, 0]
        left = np.take_along_axis(left, (at + _AFTER_LEFT) % 26, axis=1)
        right = np.take_along_axis(right, (at + _AFTER_RIGHT) % 26, axis=1)
    return result


def draw_two_alphabets(rng: np.random.Generator, n: int) -> KeyColumns:
    """Two alphabets side by side, shape (n, 52)."""
    return np.concatenate([draw_alphabets(rng, n), draw_alphabets(rng, n)], axis=1)


GROMARK: Final = LetterCipher(
    "gromark",
    gromark_encrypt,
    gromark_decrypt,
    draw_gromark,
    lambda keys: join_keys(letter_keys(keys[:, :26]), write(keys[:, 26:].astype(np.uint8), "0123456789")),
    lambda: _ORDERS * count_words(5, 10),
)
PERIODIC_GROMARK: Final = LetterCipher(
    "periodic_gromark",
    lambda texts, keys: replace(vigenere_encrypt(texts, _periodic_gromark(keys, texts.shape[1])), keys[:, :26]),
    lambda texts, keys: vigenere_decrypt(
        replace(texts, inverse(keys[:, :26])), _periodic_gromark(keys, texts.shape[1])
    ),
    draw_alphabets_and_words,
    lambda keys: join_keys(letter_keys(keys[:, :26]), letter_keys(keys[:, 26:])),
    lambda key_length: _ORDERS * count_words(key_length),
)
CONDI: Final = LetterCipher(
    "condi",
    condi_encrypt,
    condi_decrypt,
    draw_condi,
    lambda keys: join_keys(letter_keys(keys[:, :26]), [str(start) for start in keys[:, 26].tolist()]),
    lambda: _ORDERS * 25,
)
WHEATSTONE: Final = LetterCipher(
    "wheatstone",
    wheatstone_encrypt,
    wheatstone_decrypt,
    draw_alphabets,
    letter_keys,
    lambda: _ORDERS,
    without_doubles,
)
CHAOCIPHER: Final = LetterCipher(
    "chaocipher",
    lambda texts, keys: _chaocipher(texts, keys, 0),
    lambda texts, keys: _chaocipher(texts, keys, 1),
    draw_two_alphabets,
    lambda keys: join_keys(letter_keys(keys[:, :26]), letter_keys(keys[:, 26:])),
    lambda: _ORDERS**2,
)
"""The left alphabet, of the ciphertext, and the right one, of the plaintext, each from its zenith on."""
