"""Ciphers that shift letters: Caesar, Vigenère, Beaufort, autokey; and affine and Atbash, which stretch them as well.

Sources: Vigenère, "Traicté des chiffres", 1586 (the autokey; the repeating key that bears his name is Bellaso's, 1553);
Kahn, "The Codebreakers", 1967. Letters are 0 to 25, sums modulo 26.
"""

from typing import Final

import numpy as np

from enigmath.bench.primitives.letter_cipher import KeyColumns, LetterCipher, Letters, draw_words, letter_keys

_WRAPPED: Final = (np.arange(78, dtype=np.uint8) % 26).astype(np.uint8)
"""Sums of up to three letters modulo 26: a look-up costs a third of a division."""


def _stream(texts: Letters, keys: KeyColumns) -> Letters:
    """The key word repeated under the text, shape (n, length)."""
    return np.asarray(keys.astype(np.uint8)[:, np.arange(texts.shape[1]) % keys.shape[1]])


def vigenere_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """c = p + k."""
    return np.asarray(_WRAPPED[texts + _stream(texts, keys)])


def vigenere_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """p = c - k."""
    return np.asarray(_WRAPPED[texts + np.uint8(26) - _stream(texts, keys)])


CAESAR: Final = LetterCipher(
    "caesar",
    vigenere_encrypt,
    vigenere_decrypt,
    lambda rng, n: draw_words(rng, n, 1),
    letter_keys,
    lambda: 25,
)
VIGENERE: Final = LetterCipher(
    "vigenere",
    vigenere_encrypt,
    vigenere_decrypt,
    draw_words,
    letter_keys,
    lambda key_length: 26**key_length - 1,
)
