"""The directions of a cipher over letters: encrypt, decrypt, break, and find the key. One place for all such ciphers.

Splits go by the plaintext's stretch of English, so that no test plaintext overlaps a training one, and by the cipher
key as well where there are at least `KEYS_APART` keys: then no key of the test stands in training. Of few keys
(Caesar's 25) all stand everywhere, since what is never seen in training can be neither learnt nor looked up.
A problem and its inverse share their key (the canonical one), so a mixture of directions leaks nothing.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Keys, UserError, hash_integers, hash_text, split_of, within
from enigmath.bench.primitives.english import spans, split_numbers
from enigmath.bench.primitives.letter_cipher import ALPHABET, KeyColumns, LetterCipher, Letters, read
from enigmath.generators.digits import join
from enigmath.generators.fixed_width import lines

KEYS_APART: Final = 2**16
"""From so many keys on, those of training, validation and test are different ones."""


def encrypt(rng: np.random.Generator, n: int, cipher: LetterCipher, *, length: int, **size: Any) -> Batch:
    """`vigenere.encrypt(LEMON,ATTACKATDAWN)`, answered by the ciphertext."""
    texts, keys, key = _drawn(rng, n, cipher, length, size)
    question = join(f"{cipher.name}.encrypt(", *_said(cipher, keys), _letters(texts), ")")
    return Batch(question, _symbols(cipher, cipher.encrypt(texts, keys)), key, _traits(n, length, size))


def decrypt(rng: np.random.Generator, n: int, cipher: LetterCipher, *, length: int, **size: Any) -> Batch:
    """`vigenere.decrypt(LEMON,LXFOPVEFRNHR)`, answered by the plaintext."""
    texts, keys, key = _drawn(rng, n, cipher, length, size)
    hidden = _symbols(cipher, cipher.encrypt(texts, keys))
    question = join(f"{cipher.name}.decrypt(", *_said(cipher, keys), hidden, ")")
    return Batch(question, _letters(texts), key, _traits(n, length, size))


def break_hidden(
    rng: np.random.Generator, n: int, cipher: LetterCipher, *, length: int, hidden: int, **size: Any
) -> Batch:
    """`vigenere.break(LXFOPVEFRNHR)`, answered by the plaintext: one key, the `hidden`-th of its size, stays unsaid."""
    texts, families = spans(rng, split_numbers(rng, n), length)
    texts = cipher.prepare(texts)
    keys = np.repeat(hidden_key(cipher, hidden, **size), n, axis=0)
    question = join(f"{cipher.name}.break(", _symbols(cipher, cipher.encrypt(texts, keys)), ")")
    key = within(families, _problem_keys(cipher, texts, keys))
    return Batch(question, _letters(texts), key, _traits(n, length, size))


def find_key(
    rng: np.random.Generator,
    n: int,
    cipher: LetterCipher,
    *,
    length: int,
    known: bool = False,
    part: Callable[[list[str]], tuple[list[str], list[str]]] | None = None,
    **size: Any,
) -> Batch:
    """The key from a ciphertext alone, `vigenere.key(LXFOPVEFRNHR)`, or with `known` from plaintext and ciphertext.

    `part` divides the keys' texts into what the question says before these and what is sought.
    """
    texts, keys, key = _drawn(rng, n, cipher, length, size)
    given = _symbols(cipher, cipher.encrypt(texts, keys))
    shown = (_letters(texts), "=", given) if known else (given,)
    stated, sought = part(cipher.write_keys(keys)) if part else (None, cipher.write_keys(keys))
    said = (pa.array(stated, pa.string()), ",") if stated else ()
    question = join(f"{cipher.name}.key(", *said, *shown, ")")
    return Batch(question, pa.array(sought, pa.string()), key, _traits(n, length, size))


def opens(cipher: LetterCipher) -> Callable[[str, str, str], bool]:
    """The check of a task of finding a key of which several do the same: whether one decrypts as the answer does.

    Of a key that a ciphertext says only in part (a letter that does not stand in it), or of which others are only
    another writing (the 25 turns of a Playfair square), each is right.
    """
    assert cipher.read_key is not None

    def check(question: str, answer: str, prediction: str) -> bool:
        assert cipher.read_key is not None
        given = question.partition("(")[2].rstrip(")").rpartition("=")[2]
        texts = read(given, cipher.symbols)
        try:
            found = cipher.decrypt(texts, cipher.read_key(prediction))
        except UserError:
            return False
        return bool((found == cipher.decrypt(texts, cipher.read_key(answer))).all())

    return check


def hidden_key(cipher: LetterCipher, hidden: int, **size: Any) -> KeyColumns:
    """The key that a task of breaking hides, shape (1, k): the same in every dataset of a level."""
    (seed,) = hash_text(pa.array([f"{cipher.name} {sorted(size.items())} {hidden}"]))
    return cipher.draw_keys(np.random.Generator(np.random.Philox(int(seed))), 1, **size)


def _drawn(
    rng: np.random.Generator, n: int, cipher: LetterCipher, length: int, size: dict[str, Any]
) -> tuple[Letters, KeyColumns, Keys]:
    """Plaintexts, cipher keys, and the problems' own keys."""
    keys = cipher.draw_keys(rng, n, **size)
    families = hash_integers(f"key of {cipher.name}", keys)
    apart = cipher.keys_of_size(**size) >= KEYS_APART
    texts, stretches = spans(rng, split_of(families) if apart else split_numbers(rng, n), length)
    texts = cipher.prepare(texts)
    return texts, keys, within(families if apart else stretches, _problem_keys(cipher, texts, keys))


def _problem_keys(cipher: LetterCipher, texts: Letters, keys: KeyColumns) -> Keys:
    return hash_integers(cipher.name, hash_text(_letters(texts)).view(np.int64), keys)


def _said(cipher: LetterCipher, keys: KeyColumns) -> tuple[pa.Array | str, ...]:
    """The key as it stands in the question; nothing for a cipher without a key."""
    return (_key_texts(cipher, keys), ",") if keys.shape[1] else ()


def _key_texts(cipher: LetterCipher, keys: KeyColumns) -> pa.Array:
    return pa.array(cipher.write_keys(keys), pa.string())


def _letters(texts: Letters) -> pa.Array:
    return lines(texts + np.uint8(ord("A")))


def _symbols(cipher: LetterCipher, texts: Letters) -> pa.Array:
    if cipher.symbols == ALPHABET:
        return _letters(texts)
    return lines(np.frombuffer(cipher.symbols.encode("ascii"), np.uint8)[texts])


def _traits(n: int, length: int, size: dict[str, Any]) -> dict[str, Any]:
    return {"length": np.full(n, length), **{name: np.full(n, value) for name, value in size.items()}}
