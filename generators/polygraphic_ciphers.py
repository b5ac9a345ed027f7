"""Tasks on ciphers that replace several letters at once: Playfair, of pairs, and Hill, of blocks of two to four.

The ciphers themselves are in `bench/primitives/playfair.py` and `bench/primitives/hill.py`. A ciphertext may say its
key only in part, and a Playfair square has 25 writings, so in the tasks of finding a key each one is right that
decrypts the question as the answer does.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Text, task
from enigmath.bench.primitives.hill import HILL
from enigmath.bench.primitives.playfair import PLAYFAIR
from enigmath.generators import text_directions as directions

ATTACK: Final = "hill-climbing"
LETTERS: Final = Text("[A-Z]")
LENGTHS = [{"length": 50}, {"length": 100}, {"length": 200}, {"length": 500}]
LONGER = [{"length": 1000}]
HIDDEN = [{**level, "hidden": 1} for level in LENGTHS]
HIDDEN_LONGER = [{**level, "hidden": 1} for level in LONGER]
BLOCKS = [{"length": 60, "size": 2}, {"length": 60, "size": 3}, {"length": 60, "size": 4}, {"length": 120, "size": 4}]
BLOCKS_BEYOND = [{"length": 240, "size": 4}]
BLOCKS_SOUGHT = [
    {"length": 60, "size": 2},
    {"length": 60, "size": 3},
    {"length": 120, "size": 4},
    {"length": 240, "size": 4},
]
BLOCKS_SOUGHT_BEYOND = [{"length": 480, "size": 4}]
BLOCKS_HIDDEN = [{**level, "hidden": 1} for level in BLOCKS_SOUGHT]
BLOCKS_HIDDEN_BEYOND = [{**level, "hidden": 1} for level in BLOCKS_SOUGHT_BEYOND]


def one_matrix(length: int, size: int) -> float:
    """What guessing a matrix scores."""
    return 1 / HILL.keys_of_size(size=size)


@task("cipher/playfair-encrypt", answer=LETTERS, levels=LENGTHS, beyond=LONGER, bulk=True)
def playfair_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Pairs in a square: `playfair.encrypt(PLAYFIREXMBCDGHKNOQSTUVWZ,HIDETHEGOLDS)` gives `BMODZBXDNAHO`.

    The key is the square of 25 letters row by row; I stands for J, and the second of two equal letters in a pair is
    replaced by X (Q in XX). Levels grow by the length of the text. No key and no stretch of English is in two splits.
    """
    return directions.encrypt(rng, n, PLAYFAIR, **level)


@task("cipher/playfair-decrypt", answer=LETTERS, levels=LENGTHS, beyond=LONGER, bulk=True)
def playfair_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it: `playfair.decrypt(PLAYFIREXMBCDGHKNOQSTUVWZ,BMODZBXDNAHO)` gives `HIDETHEGOLDS`.

    The inverse of `playfair-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, PLAYFAIR, **level)


@task("cipher/playfair-break", answer=LETTERS, levels=HIDDEN, beyond=HIDDEN_LONGER, bulk=True, solve=ATTACK)
def playfair_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden square, as in `playfair.break(BMODZBXDNAHO)` with the answer `HIDETHEGOLDS`.

    The key is the same in every dataset: a network can learn it from examples, while the attack works from each
    ciphertext alone. Levels grow by length, which makes it easier for
    the attack.
    """
    return directions.break_hidden(rng, n, PLAYFAIR, **level)


@task(
    "cipher/playfair-key",
    answer=LETTERS,
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    check=directions.opens(PLAYFAIR),
    solve=ATTACK,
)
def playfair_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The square from a ciphertext: `playfair.key(BMODZBXDNAHO)` has the answer `PLAYFIREXMBCDGHKNOQSTUVWZ`.

    Levels grow by length, which makes it easier. Each square is right that gives the same plaintext: rows and columns
    turned around are only another writing. No key and no stretch of English is in two splits.
    """
    return directions.find_key(rng, n, PLAYFAIR, **level)


@task("cipher/hill-encrypt", answer=LETTERS, levels=BLOCKS, beyond=BLOCKS_BEYOND, bulk=True)
def hill_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """A matrix times each block, as in `hill.encrypt(DDCF,ATTACKATDAWN)` with the answer `FRFMKCFRJGBF`.

    The key is the matrix row by row, A = 0, here 3, 3, 2, 5; a block is a column, and sums are modulo 26. Levels grow
    by the matrix and the length of the text. No key and no stretch of English is in two splits.
    """
    return directions.encrypt(rng, n, HILL, **level)


@task("cipher/hill-decrypt", answer=LETTERS, levels=BLOCKS, beyond=BLOCKS_BEYOND, bulk=True)
def hill_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `hill.decrypt(DDCF,FRFMKCFRJGBF)` with the answer `ATTACKATDAWN`.

    The inverse of `hill-encrypt`, with the same levels and the same keys of problems: the matrix must be inverted.
    """
    return directions.decrypt(rng, n, HILL, **level)


@task("cipher/hill-break", answer=LETTERS, levels=BLOCKS_HIDDEN, beyond=BLOCKS_HIDDEN_BEYOND, bulk=True, solve=ATTACK)
def hill_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden matrix, as in `hill.break(FRFMKCFRJGBF)` with the answer `ATTACKATDAWN`.

    The key is the same in every dataset of a size: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by the matrix and by length; beyond, the text is longer under the same key.
    """
    return directions.break_hidden(rng, n, HILL, **level)


@task(
    "cipher/hill-key",
    answer=LETTERS,
    levels=BLOCKS_SOUGHT,
    beyond=BLOCKS_SOUGHT_BEYOND,
    bulk=True,
    chance=one_matrix,
    check=directions.opens(HILL),
    solve=ATTACK,
)
def hill_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The matrix from a ciphertext alone, as in `hill.key(FRFMKCFRJGBF)` with the answer `DDCF`.

    Levels grow by the matrix, whose size the question does not say, and by length, which makes it easier.
    """
    return directions.find_key(rng, n, HILL, **level)


@task(
    "cipher/hill-key-from-pair",
    answer=LETTERS,
    levels=BLOCKS,
    beyond=BLOCKS_BEYOND,
    bulk=True,
    chance=one_matrix,
    check=directions.opens(HILL),
    solve=ATTACK,
)
def hill_key_from_pair(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The matrix, as in `hill.key(ATTACKATDAWN=FRFMKCFRJGBF)` with the answer `DDCF`: linear algebra modulo 26.

    Levels grow by the matrix, whose size the question does not say, and by the length of the text. Where the blocks of
    a plaintext do not span modulo 2 or 13 several keys fit, and each is right.
    """
    return directions.find_key(rng, n, HILL, known=True, **level)
