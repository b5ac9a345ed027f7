"""What every cipher over letters offers: the classical ones, the rotors, and the controls among them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Letters = npt.NDArray[np.uint8]
"""Letters as numbers, 0 for A to 25 for Z; shape (n, length)."""

KeyColumns = npt.NDArray[np.int64]
"""One key a row, shape (n, k): shifts, permutations, rotor settings; what the columns mean is the cipher's own."""


def _as_it_is(texts: Letters) -> Letters:
    return texts


@dataclass(frozen=True)
class LetterCipher:
    """A cipher over columns of letters.

    `encrypt(texts, keys)` gives the ciphertext as indices into `symbols`, shape (n, length of the ciphertext), and
    `decrypt(ciphertexts, keys)` the plaintext again. `draw_keys(rng, n, **size)` draws uniform keys without those that
    change nothing, `write_keys(keys)` gives each key's text as people write it, and `keys_of_size(**size)` how many
    keys there are (1 for a cipher without a key, whose keys have no column). `prepare(texts)` makes plaintexts such as
    the cipher can carry (Playfair has no J), keeping their shape; `decrypt(encrypt(prepare(t)))` is `prepare(t)`.
    `read_key(text)` is the inverse of `write_keys` for one key, shape (1, k), and raises UserError for a text that is
    no key; only ciphers of which several keys do the same need it.
    """

    name: str
    encrypt: Callable[[Letters, KeyColumns], Letters]
    decrypt: Callable[[Letters, KeyColumns], Letters]
    draw_keys: Callable[..., KeyColumns]
    write_keys: Callable[[KeyColumns], list[str]]
    keys_of_size: Callable[..., int]
    prepare: Callable[[Letters], Letters] = _as_it_is
    symbols: str = ALPHABET
    read_key: Callable[[str], KeyColumns] | None = None


def read(text: str, symbols: str = ALPHABET) -> Letters:
    """One text as a row of indices into `symbols`, shape (1, length).

    >>> read("CAB").tolist()
    [[2, 0, 1]]
    """
    return np.array([[symbols.index(symbol) for symbol in text]], np.uint8)


def write(letters: Letters, symbols: str = ALPHABET) -> list[str]:
    """One text a row.

    >>> write(np.array([[2, 0, 1]], np.uint8))
    ['CAB']
    """
    table = np.frombuffer(symbols.encode("ascii"), np.uint8)
    text, length = table[letters].tobytes().decode("ascii"), letters.shape[1]
    return [text[row * length : (row + 1) * length] for row in range(len(letters))]


def letter_keys(keys: KeyColumns) -> list[str]:
    """Keys that are words, as text."""
    return write(keys.astype(np.uint8))


def join_keys(*parts: list[str]) -> list[str]:
    """Keys of several parts, with commas between them.

    >>> join_keys(["CAB", "BCA"], ["3", "7"])
    ['CAB,3', 'BCA,7']
    """
    return [",".join(parts_of_one) for parts_of_one in zip(*parts, strict=True)]


def draw_words(rng: np.random.Generator, n: int, key_length: int, symbols: int = 26) -> KeyColumns:
    """Uniform key words, none of them a shorter word repeated (nor AAA…, which hides nothing); shape (n, key_length).

    So a key is the only one of its length or less that does what it does. UserError for a key without a letter.
    """
    if key_length < 1:
        raise UserError(f"a key of {key_length} letters", where="cipher key", mend="1 or more")
    keys: KeyColumns = rng.integers(symbols, size=(n, key_length))
    while len(again := np.flatnonzero(_repeats(keys))):
        keys[again] = rng.integers(symbols, size=(len(again), key_length))
    return keys


def count_words(key_length: int, symbols: int = 26) -> int:
    """How many words `draw_words` draws from.

    >>> count_words(1), count_words(2), count_words(4)
    (25, 650, 456300)
    """
    shorter = [count_words(size, symbols) + (size == 1) for size in range(1, key_length) if key_length % size == 0]
    return int(symbols**key_length) - sum(shorter) - (key_length == 1)


def _repeats(keys: KeyColumns) -> npt.NDArray[np.bool_]:
    """Whether each word is a shorter one repeated, or A alone; shape (n,)."""
    length = keys.shape[1]
    repeated: npt.NDArray[np.bool_] = np.asarray(~keys.any(axis=1))
    for size in range(1, length):
        if length % size == 0:
            repeated |= np.all(keys[:, size:] == keys[:, :-size], axis=1)
    return repeated
