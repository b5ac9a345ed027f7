"""Tasks on ciphers that shift letters; the ciphers themselves are in `bench/primitives/shift_ciphers.py`."""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Integers, Text, task
from enigmath.bench.primitives.letter_cipher import ALPHABET
from enigmath.bench.primitives.shift_ciphers import AFFINE, ATBASH, AUTOKEY, BEAUFORT, CAESAR, VIGENERE
from enigmath.generators import letter_perturbations as perturbed
from enigmath.generators import text_directions as directions
from enigmath.generators.quantities import key_letter_quantities, shift_quantities

ATTACK: Final = "shift-cipher-attack"
LETTERS: Final = Text("[A-Z]")
LENGTHS = [{"length": 10}, {"length": 20}, {"length": 50}, {"length": 100}]
LONGER = [{"length": 200}]
HIDDEN = [{**level, "hidden": 1} for level in LENGTHS]
HIDDEN_LONGER = [{**level, "hidden": 1} for level in LONGER]
WORDS = [
    {"length": 10, "key_length": 3},
    {"length": 20, "key_length": 5},
    {"length": 50, "key_length": 5},
    {"length": 50, "key_length": 8},
]
WORDS_BEYOND = [{"length": 100, "key_length": 8}, {"length": 50, "key_length": 13}]
WORDS_HIDDEN = [
    {"length": 20, "key_length": 3, "hidden": 1},
    {"length": 50, "key_length": 5, "hidden": 1},
    {"length": 100, "key_length": 8, "hidden": 1},
]
WORDS_HIDDEN_BEYOND = [{"length": 200, "key_length": 8, "hidden": 1}]
WORDS_SOUGHT = [
    {"length": 20, "key_length": 3},
    {"length": 50, "key_length": 5},
    {"length": 50, "key_length": 8},
    {"length": 100, "key_length": 8},
    {"length": 100, "key_length": 13},
]
WORDS_SOUGHT_BEYOND = [{"length": 200, "key_length": 13}, {"length": 100, "key_length": 17}]


def one_word(length: int, key_length: int) -> float:
    """What guessing a key word of so many letters scores."""
    return 1 / VIGENERE.keys_of_size(key_length)


@task(
    "cipher/caesar-encrypt",
    answer=LETTERS,
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    perturbations=perturbed.PERIODIC,
    quantities=shift_quantities(1),
)
def caesar_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Every letter moved on by the key, as in `caesar.encrypt(D,ATTACKATDAWN)` with the answer `DWWDFNDWGDZQ`.

    Levels grow by the length of the text. The keys are too few to hold out: all 25 stand in training, the test's
    English does not.
    """
    return directions.encrypt(rng, n, CAESAR, **level)


@task(
    "cipher/caesar-decrypt",
    answer=LETTERS,
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    perturbations=perturbed.PERIODIC_BACK,
    quantities=shift_quantities(-1),
)
def caesar_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before the shift, as in `caesar.decrypt(D,DWWDFNDWGDZQ)` with the answer `ATTACKATDAWN`.

    The inverse of `caesar-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, CAESAR, **level)


@task("cipher/caesar-break", answer=LETTERS, levels=HIDDEN, beyond=HIDDEN_LONGER, bulk=True, solve=ATTACK)
def caesar_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden key, as in `caesar.break(DWWDFNDWGDZQ)` with the answer `ATTACKATDAWN`.

    The key is the same in every dataset: a network can learn it from examples, while the attack works from each
    ciphertext alone. Levels grow by length; the test's English is not in training.
    """
    return directions.break_hidden(rng, n, CAESAR, **level)


@task(
    "cipher/caesar-key",
    answer=Choice(tuple(ALPHABET[1:])),
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    chance=1 / CAESAR.keys_of_size(),
    solve=ATTACK,
    perturbations=perturbed.KEY_WORD,
)
def caesar_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The shift that turns a ciphertext into English, as in `caesar.key(DWWDFNDWGDZQ)` with the answer `D`.

    Levels grow by length, which makes it easier: ten letters do not always say it. Guessing scores 1 in 25.
    """
    return directions.find_key(rng, n, CAESAR, **level)


@task("cipher/affine-encrypt", answer=LETTERS, levels=LENGTHS, beyond=LONGER, bulk=True, perturbations=perturbed.AFFINE)
def affine_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Every letter p becomes a p + b, as in `affine.encrypt(5,8,AFFINECIPHER)` with the answer `IHHWVCSWFRCP`.

    The letters count from A = 0, modulo 26. Levels grow by length. The keys are too few to hold out: all 311 stand in
    training, the test's English does not.
    """
    return directions.encrypt(rng, n, AFFINE, **level)


@task(
    "cipher/affine-decrypt",
    answer=LETTERS,
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    perturbations=perturbed.AFFINE_BACK,
)
def affine_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before a p + b, as in `affine.decrypt(5,8,IHHWVCSWFRCP)` with the answer `AFFINECIPHER`.

    The inverse of `affine-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, AFFINE, **level)


@task("cipher/affine-break", answer=LETTERS, levels=HIDDEN, beyond=HIDDEN_LONGER, bulk=True, solve=ATTACK)
def affine_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden key, as in `affine.break(IHHWVCSWFRCP)` with the answer `AFFINECIPHER`.

    The key is the same in every dataset: a network can learn it from examples, while the attack works from each
    ciphertext alone. Levels grow by length; the test's English is not in training.
    """
    return directions.break_hidden(rng, n, AFFINE, **level)


@task(
    "cipher/affine-key",
    answer=Integers(2),
    levels=LENGTHS[1:],
    beyond=LONGER,
    bulk=True,
    chance=1 / AFFINE.keys_of_size(),
    solve=ATTACK,
    perturbations=perturbed.AFFINE_KEY,
)
def affine_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The factor and the shift, from a ciphertext alone, as in `affine.key(IHHWVCSWFRCP)` with the answer `5,8`.

    Levels grow by length, which makes it easier. Guessing scores 1 in 311.
    """
    return directions.find_key(rng, n, AFFINE, **level)


@task(
    "cipher/affine-key-from-pair",
    answer=Integers(2),
    levels=LENGTHS[1:],
    beyond=LONGER,
    bulk=True,
    chance=1 / AFFINE.keys_of_size(),
    solve=ATTACK,
    perturbations=perturbed.AFFINE_KEY,
)
def affine_key_from_pair(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The factor and the shift, as in `affine.key(AFFINECIPHER=IHHWVCSWFRCP)` with the answer `5,8`.

    Two letters an odd distance apart, other than 13, say them both. Levels grow by length; guessing scores 1 in 311.
    In 20 letters no such two stand once in some 5,000 texts: then several keys fit, and one of them is the answer.
    """
    return directions.find_key(rng, n, AFFINE, known=True, **level)


@task("cipher/atbash-encrypt", answer=LETTERS, levels=LENGTHS, beyond=LONGER, bulk=True, perturbations=perturbed.ATBASH)
def atbash_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The alphabet backwards, as in `atbash.encrypt(WIZARD)` with the answer `DRAZIW`; it is its own inverse.

    There is no key: one fixed table of 26 letters, to be learnt from the examples. Levels grow by length.
    """
    return directions.encrypt(rng, n, ATBASH, **level)


@task(
    "cipher/vigenere-encrypt",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    perturbations=perturbed.PERIODIC,
    quantities=shift_quantities(1),
)
def vigenere_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """English under a repeated key, as in `vigenere.encrypt(LEMON,ATTACKATDAWN)` with the answer `LXFOPVEFRNHR`.

    Levels grow by the length of the text and of the key. From four letters on no cipher key is in two splits (of three
    there are too few to hold out); no stretch of English ever is. Greydanus, "Learning the Enigma with
    recurrent neural networks", 2017, has a network do it.
    """
    return directions.encrypt(rng, n, VIGENERE, **level)


@task(
    "cipher/vigenere-decrypt",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    perturbations=perturbed.PERIODIC_BACK,
    quantities=shift_quantities(-1),
)
def vigenere_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `vigenere.decrypt(LEMON,LXFOPVEFRNHR)` with the answer `ATTACKATDAWN`.

    The inverse of `vigenere-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, VIGENERE, **level)


@task("cipher/vigenere-break", answer=LETTERS, levels=WORDS_HIDDEN, beyond=WORDS_HIDDEN_BEYOND, bulk=True, solve=ATTACK)
def vigenere_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden key word, as in `vigenere.break(LXFOPVEFRNHR)` with the answer `ATTACKATDAWN`.

    The key is the same in every dataset of a level: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by the lengths of text and key; beyond, the text is longer under the same key.
    """
    return directions.break_hidden(rng, n, VIGENERE, **level)


@task(
    "cipher/vigenere-key",
    answer=LETTERS,
    levels=WORDS_SOUGHT,
    beyond=WORDS_SOUGHT_BEYOND,
    bulk=True,
    chance=one_word,
    solve=ATTACK,
    perturbations=perturbed.KEY_WORD,
)
def vigenere_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The key word from a ciphertext alone, as in `vigenere.key(LXFOPVEFRNHR)` with the answer `LEMON`.

    Levels grow by the lengths of text and key word, which the question does not say. No key is a shorter word repeated.
    Guessing scores 1 in 26 to the power of the key's length, about.
    """
    return directions.find_key(rng, n, VIGENERE, **level)


@task(
    "cipher/vigenere-key-from-pair",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    chance=one_word,
    solve=ATTACK,
    perturbations=perturbed.KEY_WORD,
    quantities=key_letter_quantities,
)
def vigenere_key_from_pair(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The key word, as in `vigenere.key(ATTACKATDAWN=LXFOPVEFRNHR)` with the answer `LEMON`: a subtraction, cut short.

    Levels grow by the lengths of text and key word, which the question does not say. Guessing scores 1 in 26 to the
    power of the key's length, about.
    """
    return directions.find_key(rng, n, VIGENERE, known=True, **level)


@task(
    "cipher/autokey-encrypt",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    perturbations=perturbed.AUTOKEY,
)
def autokey_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """A key word, then the text itself as key: `autokey.encrypt(QUEENLY,ATTACKATDAWN)` has the answer `QNXEPVYTWTWP`.

    Levels grow by the length of the text and of the key. From four letters on no cipher key is in two splits (of three
    there are too few to hold out); no stretch of English ever is.
    """
    return directions.encrypt(rng, n, AUTOKEY, **level)


@task("cipher/autokey-decrypt", answer=LETTERS, levels=WORDS, beyond=WORDS_BEYOND, bulk=True)
def autokey_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `autokey.decrypt(QUEENLY,QNXEPVYTWTWP)` with the answer `ATTACKATDAWN`.

    Each letter needs the one a key's length before it, so an error runs on. The inverse of `autokey-encrypt`, with the
    same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, AUTOKEY, **level)


@task("cipher/autokey-break", answer=LETTERS, levels=WORDS_HIDDEN, beyond=WORDS_HIDDEN_BEYOND, bulk=True, solve=ATTACK)
def autokey_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden key word, as in `autokey.break(QNXEPVYTWTWP)` with the answer `ATTACKATDAWN`.

    The key is the same in every dataset of a level: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by the lengths of text and key; beyond, the text is longer under the same key.
    """
    return directions.break_hidden(rng, n, AUTOKEY, **level)


@task(
    "cipher/autokey-key",
    answer=LETTERS,
    levels=WORDS_SOUGHT,
    beyond=WORDS_SOUGHT_BEYOND,
    bulk=True,
    chance=one_word,
    solve=ATTACK,
)
def autokey_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The key word from a ciphertext alone, as in `autokey.key(QNXEPVYTWTWP)` with the answer `QUEENLY`.

    Levels grow by the lengths of text and key word, which the question does not say. No key is a shorter word repeated.
    Guessing scores 1 in 26 to the power of the key's length, about.
    """
    return directions.find_key(rng, n, AUTOKEY, **level)


@task(
    "cipher/autokey-key-from-pair",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    chance=one_word,
    solve=ATTACK,
)
def autokey_key_from_pair(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The key word, as in `autokey.key(ATTACKATDAWN=QNXEPVYTWTWP)` with the answer `QUEENLY`.

    Levels grow by the lengths of text and key word, which the question does not say. Guessing scores 1 in 26 to the
    power of the key's length, about.
    """
    return directions.find_key(rng, n, AUTOKEY, known=True, **level)


@task(
    "cipher/beaufort-encrypt",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    perturbations=perturbed.BEAUFORT,
)
def beaufort_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The key less the text, as in `beaufort.encrypt(LEMON,ATTACKATDAWN)` with the answer `LLTOLBETLNPR`.

    Levels grow by the length of the text and of the key. From four letters on no cipher key is in two splits (of three
    there are too few to hold out); no stretch of English ever is. The cipher is its own inverse.
    """
    return directions.encrypt(rng, n, BEAUFORT, **level)


@task("cipher/beaufort-break", answer=LETTERS, levels=WORDS_HIDDEN, beyond=WORDS_HIDDEN_BEYOND, bulk=True, solve=ATTACK)
def beaufort_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden key word, as in `beaufort.break(LLTOLBETLNPR)` with the answer `ATTACKATDAWN`.

    The key is the same in every dataset of a level: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by the lengths of text and key; beyond, the text is longer under the same key.
    """
    return directions.break_hidden(rng, n, BEAUFORT, **level)


@task(
    "cipher/beaufort-key",
    answer=LETTERS,
    levels=WORDS_SOUGHT,
    beyond=WORDS_SOUGHT_BEYOND,
    bulk=True,
    chance=one_word,
    solve=ATTACK,
    perturbations=perturbed.KEY_WORD,
)
def beaufort_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The key word from a ciphertext alone, as in `beaufort.key(LLTOLBETLNPR)` with the answer `LEMON`.

    Levels grow by the lengths of text and key word, which the question does not say. No key is a shorter word repeated.
    Guessing scores 1 in 26 to the power of the key's length, about.
    """
    return directions.find_key(rng, n, BEAUFORT, **level)
