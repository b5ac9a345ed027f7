"""Ciphers that shift letters: Caesar, Vigenère, Beaufort, autokey; and affine and Atbash, which stretch them as well.

Letters are 0 to 25, sums modulo 26. Sources: Vigenère, "Traicté des chiffres", 1586 (the autokey; the repeating key
that bears his name is Bellaso's, 1553); Kahn, "The Codebreakers", 1967 (Caesar, Atbash, Beaufort); Hill, "Cryptography
in an algebraic alphabet", The American Mathematical Monthly, 1929 (the affine cipher is its smallest case).
"""

from typing import Final

import numpy as np

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import (
    KeyColumns,
    LetterCipher,
    Letters,
    count_words,
    draw_words,
    letter_keys,
)

_WRAPPED: Final = (np.arange(78, dtype=np.uint8) % 26).astype(np.uint8)
"""Sums of up to three letters modulo 26: a look-up costs a third of a division."""
_TIMES: Final = (np.outer(np.arange(26), np.arange(26)) % 26).astype(np.uint8)
"""Products of two letters."""
UNITS: Final = tuple(factor for factor in range(1, 26, 2) if factor != 13)
"""The factors that can be undone: those without a divisor in common with 26."""
_INVERSES: Final = np.array([pow(factor, -1, 26) if factor in UNITS else 0 for factor in range(26)])


def _stream(texts: Letters, keys: KeyColumns) -> Letters:
    """The key word repeated under the text, shape (n, length)."""
    place = np.arange(texts.shape[1]) % keys.shape[1]
    return np.asarray(np.take(keys.astype(np.uint8), place, axis=1))  # which lies row by row in memory


def vigenere_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """c = p + k."""
    return np.asarray(_WRAPPED[texts + _stream(texts, keys)])


def vigenere_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """p = c - k."""
    return np.asarray(_WRAPPED[texts + np.uint8(26) - _stream(texts, keys)])


def beaufort(texts: Letters, keys: KeyColumns) -> Letters:
    """c = k - p, and p = k - c: the cipher is its own inverse."""
    return np.asarray(_WRAPPED[_stream(texts, keys) + np.uint8(26) - texts])


def autokey_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """c = p + k under the key word, and from there on under the plaintext itself."""
    stream = np.concatenate([keys.astype(np.uint8), texts], axis=1)
    return np.asarray(_WRAPPED[texts + stream[:, : texts.shape[1]]])


def autokey_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """p = c - k, a key word's length at a time, since each piece is the next one's key."""
    plain = np.empty_like(texts)
    stream = keys.astype(np.uint8)
    for start in range(0, texts.shape[1], keys.shape[1]):
        piece = texts[:, start : start + keys.shape[1]]
        stream = _WRAPPED[piece + np.uint8(26) - stream[:, : piece.shape[1]]]
        plain[:, start : start + piece.shape[1]] = stream
    return plain


def affine_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """c = a p + b; the columns of the keys are a and b."""
    factors, shifts = keys[:, :1], keys[:, 1:].astype(np.uint8)
    return np.asarray(_WRAPPED[_TIMES[factors, texts] + shifts])


def affine_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """p = (c - b) / a."""
    shifts = keys[:, 1:].astype(np.uint8)
    return np.asarray(_TIMES[_INVERSES[keys[:, :1]], _WRAPPED[texts + np.uint8(26) - shifts]])


def draw_affine(rng: np.random.Generator, n: int) -> KeyColumns:
    """Uniform keys (a, b) other than (1, 0); shape (n, 2)."""
    number = rng.integers(1, len(UNITS) * 26, size=n)
    return np.stack([np.array(UNITS)[number // 26], number % 26], axis=1)


def atbash(texts: Letters, keys: KeyColumns) -> Letters:
    """c = 25 - p, whatever the key, which has no columns: the alphabet backwards, and its own inverse."""
    return np.asarray(np.uint8(25) - texts)


def _only_one_letter(keys: KeyColumns) -> KeyColumns:
    if keys.shape[1] != 1:
        raise UserError(f"a key of {keys.shape[1]} letters", where="caesar", mend="exactly 1")
    return keys


CAESAR: Final = LetterCipher(
    "caesar",
    lambda texts, keys: vigenere_encrypt(texts, _only_one_letter(keys)),
    lambda texts, keys: vigenere_decrypt(texts, _only_one_letter(keys)),
    lambda rng, n: draw_words(rng, n, 1),
    letter_keys,
    lambda: count_words(1),
)
AFFINE: Final = LetterCipher(
    "affine",
    affine_encrypt,
    affine_decrypt,
    draw_affine,
    lambda keys: [f"{factor},{shift}" for factor, shift in keys.tolist()],
    lambda: len(UNITS) * 26 - 1,
)
ATBASH: Final = LetterCipher(
    "atbash",
    atbash,
    atbash,
    lambda rng, n: np.empty((n, 0), np.int64),
    lambda keys: [""] * len(keys),
    lambda: 1,
)
VIGENERE: Final = LetterCipher("vigenere", vigenere_encrypt, vigenere_decrypt, draw_words, letter_keys, count_words)
BEAUFORT: Final = LetterCipher("beaufort", beaufort, beaufort, draw_words, letter_keys, count_words)
AUTOKEY: Final = LetterCipher("autokey", autokey_encrypt, autokey_decrypt, draw_words, letter_keys, count_words)
