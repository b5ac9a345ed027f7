"""Ciphers that replace letter by letter: monoalphabetic substitution, and homophonic substitution by numbers.

Sources: Kahn, "The Codebreakers", 1967; Simmons, "Cryptology", Encyclopædia Britannica (homophones in proportion to the
frequencies of the letters); Beker and Piper, "Cipher Systems", 1982 (those frequencies).
"""

from functools import cache
from math import factorial, prod
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.letter_cipher import ALPHABET, KeyColumns, LetterCipher, Letters, letter_keys, read

FREQUENCIES: Final = dict(
    zip(
        "ETAOINSHRDLCUMWFGYPBVKJXQZ",
        (127, 91, 82, 75, 70, 67, 63, 61, 60, 43, 40, 28, 28, 24, 23, 22, 20, 20, 19, 15, 10, 8, 2, 1, 1, 1),
        strict=True,
    )
)
"""How often each letter stands among 1,000 of English, rounded as Beker and Piper give it."""
MOST_NUMBERS: Final = 100
_TWO_DIGITS: Final = np.stack(np.divmod(np.arange(MOST_NUMBERS, dtype=np.uint8), np.uint8(10)), axis=1)


def replace(texts: Letters, tables: KeyColumns) -> Letters:
    """Each symbol by what its row's table has for it; shapes (n, length) and (n, symbols)."""
    rows, symbols = tables.shape
    first = np.arange(rows, dtype=np.int32)[:, None] * np.int32(symbols)
    return np.asarray(tables.astype(np.uint8).ravel()[first + texts])


def inverse(tables: KeyColumns) -> KeyColumns:
    """The permutation that undoes each row's."""
    undone = np.empty_like(tables)
    np.put_along_axis(undone, tables, np.arange(tables.shape[1])[None], axis=1)
    return undone


def draw_alphabets(rng: np.random.Generator, n: int) -> KeyColumns:
    """Uniform orders of the 26 letters other than the alphabet's own; shape (n, 26)."""
    keys: KeyColumns = rng.permuted(np.tile(np.arange(26), (n, 1)), axis=1)
    while len(again := np.flatnonzero((keys == np.arange(26)).all(axis=1))):
        keys[again] = rng.permuted(keys[again], axis=1)
    return keys


def read_alphabet(text: str) -> KeyColumns:
    """An order of all letters, shape (1, 26)."""
    if sorted(text) != list(ALPHABET):
        raise UserError(f"{text[:40]!r} as a key", where="substitution", mend="each of the 26 letters once")
    return read(text).astype(np.int64)


def _of_26(keys: KeyColumns) -> KeyColumns:
    if keys.shape[1] != 26:
        raise UserError(f"a key of {keys.shape[1]} letters", where="substitution", mend="exactly 26")
    return keys


@cache
def homophones(numbers: int) -> npt.NDArray[np.int64]:
    """How many of the numbers stand for each letter, shape (26,).

    Each letter has one; each further number goes to the letter with the highest frequency a number (D'Hondt's rule,
    the earlier letter of two equal ones). UserError for fewer numbers than letters, or more than two digits write.

    >>> dict(zip("AEIZ", homophones(50)[[0, 4, 8, 25]].tolist()))
    {'A': 4, 'E': 6, 'I': 3, 'Z': 1}
    """
    if not 26 <= numbers <= MOST_NUMBERS:
        raise UserError(f"{numbers} numbers for 26 letters", where="homophonic", mend=f"from 26 to {MOST_NUMBERS}")
    frequency = np.array([FREQUENCIES[letter] for letter in ALPHABET])
    count = np.ones(26, np.int64)
    for _ in range(numbers - 26):
        count[np.argmax(frequency / (count + 1))] += 1
    return count


def draw_homophones(rng: np.random.Generator, n: int, numbers: int) -> KeyColumns:
    """Uniform keys: keys[:, i] is the letter that number i stands for; shape (n, numbers)."""
    letters = np.repeat(np.arange(26), homophones(numbers))
    return rng.permuted(np.tile(letters, (n, 1)), axis=1)


def read_homophones(text: str) -> KeyColumns:
    """The letters of the numbers from 00 on, shape (1, numbers)."""
    drawn = [letter for letter, count in zip(ALPHABET, homophones(len(text)), strict=True) for _ in range(count)]
    if sorted(text) != drawn:
        mend = f"{len(text)} letters, each as often as it has homophones"
        raise UserError(f"{text[:40]!r} as a key", where="homophonic", mend=mend)
    return read(text).astype(np.int64)


def homophonic_encrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """A letter's numbers in turn, from the lowest on and around, each as two digits; shape (n, 2 * length).

    So nothing is drawn, and the key and the text decide the ciphertext.
    """
    count = homophones(keys.shape[1])
    start = np.cumsum(count) - count
    by_letter = np.argsort(keys.astype(np.uint8), axis=1, kind="stable").astype(np.uint8)  # A's numbers, then B's, ...
    times = np.arange(texts.shape[1])
    turns = (start[:, None] + times % count[:, None]).astype(np.uint8)  # which of them it is at a letter's each time
    seen = np.zeros(len(texts) * 26, np.int16)
    first = np.arange(len(texts)) * 26
    earlier = np.empty(texts.T.shape, np.int16)
    for place, letters in enumerate(texts.T):
        spot = first + letters
        earlier[place] = seen.take(spot)
        seen[spot] = earlier[place] + 1
    turn = turns.ravel().take(texts * np.int32(len(times)) + earlier.T)
    numbers = by_letter.ravel().take(np.arange(len(texts))[:, None] * keys.shape[1] + turn)
    return np.asarray(_TWO_DIGITS.take(numbers, axis=0).reshape(len(texts), -1))


def homophonic_decrypt(texts: Letters, keys: KeyColumns) -> Letters:
    """The letter of each two digits; UserError for an odd digit left, or a number that the key does not have."""
    if texts.shape[1] % 2:
        raise UserError(f"{texts.shape[1]} digits", where="homophonic", mend="an even number: two a letter")
    numbers = texts[:, ::2] * np.uint8(10) + texts[:, 1::2]
    if numbers.size and int(numbers.max()) >= keys.shape[1]:
        mend = f"with this key the numbers go from 00 to {keys.shape[1] - 1:02d}"
        raise UserError(f"the number {int(numbers.max()):02d}", where="homophonic", mend=mend)
    return replace(numbers, keys)


SUBSTITUTION: Final = LetterCipher(
    "substitution",
    lambda texts, keys: replace(texts, _of_26(keys)),
    lambda texts, keys: replace(texts, inverse(_of_26(keys))),
    draw_alphabets,
    letter_keys,
    lambda: factorial(26) - 1,
    read_key=read_alphabet,
)
"""The key is the cipher alphabet: its first letter stands for A, its second for B."""
HOMOPHONIC: Final = LetterCipher(
    "homophonic",
    homophonic_encrypt,
    homophonic_decrypt,
    draw_homophones,
    letter_keys,
    lambda numbers: factorial(numbers) // prod(factorial(int(count)) for count in homophones(numbers)),
    symbols="0123456789",
    read_key=read_homophones,
)
"""The key has a letter for each number from 00 on."""
