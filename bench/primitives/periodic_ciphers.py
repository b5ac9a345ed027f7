"""Ciphers that shift each letter by a key stream: Gronsfeld, Porta, progressive, interrupted and running key, autokey.

Letters are 0 to 25, sums modulo 26; but for Porta's all are Vigenère's cipher under a longer key. Sources: the cipher
guidelines of the American Cryptogram Association, "The ACA and You" (all of them); Kahn, "The Codebreakers", 1967
(Porta, 1563; Gronsfeld, 1734; the autokey by ciphertext is Vigenère's second, 1586).
"""

from typing import Final

import numpy as np

from enigmath.bench.primitives.english import spans, split_numbers
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


def repeated(keys: KeyColumns, length: int) -> KeyColumns:
    """The key word over and over, shape (n, length)."""
    return np.asarray(np.take(keys, np.arange(length) % keys.shape[1], axis=1))


def porta(texts: Letters, keys: KeyColumns) -> Letters:
    """A to M for N to Z and back, each two key letters turning the second half on by one: its own inverse."""
    turn = repeated(keys // 2, texts.shape[1])
    return np.where(texts < 13, 13 + (texts + turn) % 13, (texts - 13 - turn) % 13).astype(np.uint8)


def ciphertext_autokey_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """c = p + k under the key word, and from there on under the ciphertext, a key word's length at a time."""
    hidden = np.empty_like(texts)
    stream = keys
    for start in range(0, texts.shape[1], keys.shape[1]):
        piece = texts[:, start : start + keys.shape[1]]
        hidden[:, start : start + keys.shape[1]] = vigenere_encrypt(piece, stream[:, : piece.shape[1]])
        stream = hidden[:, start : start + keys.shape[1]].astype(np.int64)
    return hidden


def ciphertext_autokey_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """p = c - k; all of the key stands there."""
    return vigenere_decrypt(texts, np.concatenate([keys, texts], axis=1)[:, : texts.shape[1]])


def _progressive(keys: KeyColumns, length: int) -> KeyColumns:
    """The key word moved on by the index, the last column, each time that it is used again; shape (n, length)."""
    word, index = keys[:, :-1], keys[:, -1:]
    return np.asarray((repeated(word, length) + index * (np.arange(length) // word.shape[1])) % 26)


def draw_progressive(rng: np.random.Generator, n: int, key_length: int) -> KeyColumns:
    """Uniform key words, and an index from 1 to 25; shape (n, key_length + 1)."""
    return np.concatenate([draw_words(rng, n, key_length), rng.integers(1, 26, size=(n, 1))], axis=1)


def _interrupted(plain: Letters, keys: KeyColumns) -> KeyColumns:
    """The key word begun anew after each letter of the plaintext that is the last of the key; shape (n, length)."""
    place = np.arange(plain.shape[1])
    begun = np.where(plain == keys[:, -1:], place + 1, 0)
    begun[:, 1:] = np.maximum.accumulate(begun, axis=1)[:, :-1]
    begun[:, :1] = 0
    return np.take_along_axis(keys, (place - begun) % (keys.shape[1] - 1), axis=1)


def interrupted_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """c = p + k, the key word beginning anew after each interrupting letter."""
    return vigenere_encrypt(texts, _interrupted(texts, keys))


def interrupted_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """p = c - k, letter by letter, since the plaintext says where the key begins anew."""
    plain = np.empty_like(texts)
    rows, at = np.arange(len(texts)), np.zeros(len(texts), np.int64)
    for place in range(texts.shape[1]):
        plain[:, place] = (texts[:, place] - keys[rows, at]) % 26
        at = np.where(plain[:, place] == keys[:, -1], 0, (at + 1) % (keys.shape[1] - 1))
    return plain


def draw_interrupted(rng: np.random.Generator, n: int, key_length: int) -> KeyColumns:
    """Uniform key words, and one of the nine most frequent letters as the one that interrupts them."""
    letters = np.array([4, 19, 0, 14, 8, 13, 18, 7, 17])  # E, T, A, O, I, N, S, H, R: rare ones would never interrupt
    return np.concatenate([draw_words(rng, n, key_length), letters[rng.integers(9, size=(n, 1))]], axis=1)


def draw_passages(rng: np.random.Generator, n: int, key_length: int) -> KeyColumns:
    """Stretches of English as keys, shape (n, key_length)."""
    return spans(rng, split_numbers(rng, n), key_length)[0].astype(np.int64)


GRONSFELD: Final = LetterCipher(
    "gronsfeld",
    vigenere_encrypt,
    vigenere_decrypt,
    lambda rng, n, key_length: draw_words(rng, n, key_length, 10),
    lambda keys: write(keys.astype(np.uint8), "0123456789"),
    lambda key_length: count_words(key_length, 10),
)
"""Vigenère's cipher under a number."""
PORTA: Final = LetterCipher(
    "porta",
    porta,
    porta,
    lambda rng, n, key_length: 2 * draw_words(rng, n, key_length, 13),
    letter_keys,
    lambda key_length: count_words(key_length, 13),
)
"""Of the two letters that do the same the keys have the first: A, C, E to Y."""
CIPHERTEXT_AUTOKEY: Final = LetterCipher(
    "ciphertext_autokey", ciphertext_autokey_encrypt, ciphertext_autokey_decrypt, draw_words, letter_keys, count_words
)
PROGRESSIVE_KEY: Final = LetterCipher(
    "progressive_key",
    lambda texts, keys: vigenere_encrypt(texts, _progressive(keys, texts.shape[1])),
    lambda texts, keys: vigenere_decrypt(texts, _progressive(keys, texts.shape[1])),
    draw_progressive,
    lambda keys: join_keys(letter_keys(keys[:, :-1]), [str(index) for index in keys[:, -1].tolist()]),
    lambda key_length: 25 * count_words(key_length),
)
INTERRUPTED_KEY: Final = LetterCipher(
    "interrupted_key",
    interrupted_encrypt,
    interrupted_decrypt,
    draw_interrupted,
    lambda keys: join_keys(letter_keys(keys[:, :-1]), letter_keys(keys[:, -1:])),
    lambda key_length: 9 * count_words(key_length),
)
RUNNING_KEY: Final = LetterCipher(
    "running_key", vigenere_encrypt, vigenere_decrypt, draw_passages, letter_keys, lambda key_length: 26**key_length
)
"""Vigenère's cipher under a passage of a book, as long as the text; how many there are is an upper bound."""
