"""The directions of a block cipher: encrypt, decrypt, tell from random, find the last round's key. One place for all.

Blocks and keys are written in hexadecimal, most significant digit first. Where a key stands in the question, the keys
of training, validation and test are different ones. A problem and its inverse share their key.
"""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Batch, Keys, UserError, hash_integers, hash_text, within
from enigmath.bench.primitives.block_cipher import Against, BlockCipher, KeyedFunction, labelled_pairs
from enigmath.bench.primitives.words import Words, draw_words, from_hexadecimal
from enigmath.generators.fixed_width import Characters, hexadecimal, lines

LABELS = ("random", "real")
"""The answers of a distinguisher, by label."""
MASKED = ("masked", "real")
"""Its answers where the others are real pairs under a mask."""


def by_rounds(*rounds: int, **more: Any) -> list[dict[str, Any]]:
    """One level for each number of rounds, all else the same.

    >>> by_rounds(3, 5, pairs=2)
    [{'rounds': 3, 'pairs': 2}, {'rounds': 5, 'pairs': 2}]
    """
    return [{"rounds": number, **more} for number in rounds]


def encrypt(rng: np.random.Generator, n: int, cipher: BlockCipher, *, rounds: int, hidden: int = 0) -> Batch:
    """`speck.encrypt(22,1918111009080100,6574694c)`: rounds, key, plaintext; with `hidden`, that key stays unsaid."""
    return _known(rng, n, cipher, "encrypt", rounds, hidden)


def decrypt(rng: np.random.Generator, n: int, cipher: BlockCipher, *, rounds: int, hidden: int = 0) -> Batch:
    """`speck.decrypt(22,1918111009080100,a86842f2)`, answered by the plaintext."""
    return _known(rng, n, cipher, "decrypt", rounds, hidden)


def forward(rng: np.random.Generator, n: int, function: KeyedFunction, *, rounds: int, hidden: int = 0) -> Batch:
    """`chacha.forward(20,key,counter and nonce)`: what a function that is no cipher gives; with `hidden`, as above."""
    return _known(rng, n, function, "forward", rounds, hidden)


def distinguish(
    rng: np.random.Generator,
    n: int,
    cipher: KeyedFunction,
    *,
    rounds: int,
    difference: str,
    pairs: int = 1,
    against: Against = "random",
) -> Batch:
    """`speck.distinguish(5,a86842f2 1b2c3d4e)`: are these two ciphertexts of plaintexts that differ by `difference`?

    Each pair is one word of the question's list; both answers are as likely. Against "masked" the question is
    `speck.masked(5,...)`: are these two ciphertexts, or are they hidden under one mask, their difference kept?
    """
    words = _difference(cipher, difference)
    label, ciphertexts = labelled_pairs(cipher, partial(draw_words, rng, n), rounds, words, pairs, against)
    width = 2 * cipher.ciphertext_words
    blocks = [ciphertexts[start : start + width] for start in range(0, len(ciphertexts), width)]
    texts = [hexadecimal(block, cipher.word_bits) for block in blocks]
    shown: list[str | Characters] = [piece for text in texts for piece in (",", text)]
    way, answers = ("distinguish", LABELS) if against == "random" else ("masked", MASKED)
    question = lines(f"{cipher.name}.{way}({rounds}", *shown, ")")
    key = hash_integers(f"{cipher.name} pair {rounds}", *ciphertexts)
    return Batch(question, pa.array(answers).take(pa.array(label)), key, _traits(n, rounds, pairs=pairs))


def last_round_key(rng: np.random.Generator, n: int, cipher: BlockCipher, *, rounds: int, pairs: int = 2) -> Batch:
    """`speck.key(3,6574694c:a86842f2,...)`: the last round's key, from so many known plaintexts and ciphertexts."""
    cipher.require_rounds(rounds)
    if pairs < 1:
        raise UserError(f"{pairs} pairs", where=cipher.name, mend="at least one")
    key = draw_words(rng, n, cipher.key_words, cipher.key_word_bits)
    round_keys = cipher.expand(key, rounds)
    shown: list[str | Characters] = []
    plaintexts: Words = []
    for _ in range(pairs):
        plain = draw_words(rng, n, cipher.block_words, cipher.word_bits)
        plaintexts = [*plaintexts, *plain]
        shown += [",", _text(cipher, plain), ":", _text(cipher, cipher.encrypt(plain, round_keys))]
    question = lines(f"{cipher.name}.key({rounds}", *shown, ")")
    last = [np.broadcast_to(word, n) for word in round_keys[-1]]
    answer = lines(hexadecimal(last, cipher.round_key_word_bits or cipher.word_bits))
    family = hash_integers(f"key of {cipher.name}", *key)
    problem = hash_integers(f"{cipher.name} texts {rounds}", *key, *plaintexts)
    return Batch(question, answer, within(family, problem), _traits(n, rounds, pairs=pairs))


def _known(rng: np.random.Generator, n: int, cipher: KeyedFunction, way: str, rounds: int, hidden: int) -> Batch:
    cipher.require_rounds(rounds)
    drawn = partial(draw_words, rng, n) if not hidden else partial(draw_words, _hidden(cipher, hidden), 1)
    key = [np.broadcast_to(word, n) for word in drawn(cipher.key_words, cipher.key_word_bits)]
    plain = draw_words(rng, n, cipher.block_words, cipher.word_bits)
    secret = cipher.encrypt(plain, cipher.expand(key, rounds))
    asked, answer = (secret, plain) if way == "decrypt" else (plain, secret)
    said: list[str | Characters] = [hexadecimal(key, cipher.key_word_bits), ","] if not hidden else []
    question = lines(f"{cipher.name}.{way}({rounds},", *said, _text(cipher, asked), ")")
    families = hash_integers(f"key of {cipher.name}", *key)
    problem = hash_integers(f"{cipher.name} {rounds} {hidden}", *key, *plain)
    keys: Keys = problem if hidden else within(families, problem)
    return Batch(question, lines(_text(cipher, answer)), keys, _traits(n, rounds))


def _hidden(cipher: KeyedFunction, hidden: int) -> np.random.Generator:
    """Where the hidden key of that number comes from: the same in every dataset."""
    (seed,) = hash_text(pa.array([f"{cipher.name} {hidden}"]))
    return np.random.Generator(np.random.Philox(int(seed)))


def _difference(cipher: KeyedFunction, difference: str) -> list[int]:
    digits = cipher.block_bits // 4
    if len(difference) != digits or difference.strip("0123456789abcdef") or not difference.strip("0"):
        mend = f"give {digits} hexadecimal digits that are not all 0"
        raise UserError(f"the difference {difference!r}", where=cipher.name, mend=mend)
    return [int(word[0]) for word in from_hexadecimal(difference, cipher.word_bits)]


def _text(cipher: KeyedFunction, block: Words) -> Characters:
    return hexadecimal(block, cipher.word_bits)


def _traits(n: int, rounds: int, **more: int) -> dict[str, npt.NDArray[np.int64]]:
    return {name: np.full(n, value) for name, value in {"rounds": rounds, **more}.items()}
