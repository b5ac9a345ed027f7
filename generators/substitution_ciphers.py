"""Tasks on ciphers that replace letter by letter: substitution, homophonic, Polybius, and ADFGVX, which transposes too.

The ciphers themselves are in `bench/primitives/substitutions.py` and `bench/primitives/squares.py`. A ciphertext may
say its key only in part, so in the tasks of finding a key each is right that decrypts the question as the answer does.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Text, task
from enigmath.bench.primitives.squares import ADFGVX, POLYBIUS
from enigmath.bench.primitives.substitutions import HOMOPHONIC, SUBSTITUTION
from enigmath.generators import letter_perturbations as perturbed
from enigmath.generators import text_directions as directions

ATTACK: Final = "hill-climbing"
LETTERS: Final = Text("[A-Z]")
LENGTHS = [{"length": 50}, {"length": 100}, {"length": 200}, {"length": 500}]
LONGER = [{"length": 1000}]
HIDDEN = [{**level, "hidden": 1} for level in LENGTHS]
HIDDEN_LONGER = [{**level, "hidden": 1} for level in LONGER]
PAIRS, PAIRS_LONGER = LENGTHS[:3], LENGTHS[3:]
"""Two symbols a letter, so that a ciphertext of up to 500 letters is an answer still."""
NUMBERS = [{"length": 50, "numbers": 40}, {"length": 100, "numbers": 60}, {"length": 200, "numbers": 100}]
NUMBERS_BEYOND = [{"length": 500, "numbers": 100}]
NUMBERS_SOUGHT = [{"length": 100, "numbers": 30}, {"length": 200, "numbers": 40}, {"length": 500, "numbers": 60}]
NUMBERS_SOUGHT_BEYOND = [{"length": 1000, "numbers": 100}]
NUMBERS_HIDDEN = [{**level, "hidden": 1} for level in NUMBERS_SOUGHT]
NUMBERS_HIDDEN_BEYOND = [{"length": 1000, "numbers": 60, "hidden": 1}]
COLUMNS = [{"length": 50, "columns": 5}, {"length": 100, "columns": 6}, {"length": 200, "columns": 7}]
COLUMNS_BEYOND = [{"length": 500, "columns": 7}, {"length": 200, "columns": 10}]
COLUMNS_SOUGHT = [{"length": 200, "columns": 5}, {"length": 200, "columns": 6}, {"length": 500, "columns": 7}]
COLUMNS_SOUGHT_BEYOND = [{"length": 500, "columns": 10}]
COLUMNS_HIDDEN = [{**level, "hidden": 1} for level in COLUMNS_SOUGHT]
COLUMNS_HIDDEN_BEYOND = [{"length": 1000, "columns": 7, "hidden": 1}]


@task(
    "cipher/substitution-encrypt",
    answer=LETTERS,
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    perturbations=perturbed.SUBSTITUTION,
)
def substitution_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Each letter by the one below it: `substitution.encrypt(QWERTYUIOPASDFGHJKLZXCVBNM,ATTACK)` gives `QZZQEA`.

    The key is the cipher alphabet: its first letter stands for A, its second for B. Levels grow by the length of the
    text. No key and no stretch of English is in two splits.
    """
    return directions.encrypt(rng, n, SUBSTITUTION, **level)


@task("cipher/substitution-decrypt", answer=LETTERS, levels=LENGTHS, beyond=LONGER, bulk=True)
def substitution_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `substitution.decrypt(QWERTYUIOPASDFGHJKLZXCVBNM,QZZQEA)` with the answer `ATTACK`.

    The inverse of `substitution-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, SUBSTITUTION, **level)


@task("cipher/substitution-break", answer=LETTERS, levels=HIDDEN, beyond=HIDDEN_LONGER, bulk=True, solve=ATTACK)
def substitution_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden alphabet, as in `substitution.break(QZZQEA)` with the answer `ATTACK`.

    The key is the same in every dataset: a network can learn it from examples, while the attack works from each
    ciphertext alone. Levels grow by length, which makes it easier for
    the attack. It is the cryptogram of newspapers, without its spaces.
    """
    return directions.break_hidden(rng, n, SUBSTITUTION, **level)


@task(
    "cipher/substitution-key",
    answer=LETTERS,
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    check=directions.opens(SUBSTITUTION),
    solve=ATTACK,
)
def substitution_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The alphabet from a ciphertext alone: `substitution.key(QZZQEA)` has the answer `QWERTYUIOPASDFGHJKLZXCVBNM`.

    Levels grow by length, which makes it easier. Letters that do not stand in the plaintext leave their places open:
    each key is right that gives the same plaintext. No key and no stretch of English is in two splits. From some 28
    letters on one English text alone should fit (Shannon, "Communication theory of secrecy systems", 1949).
    """
    return directions.find_key(rng, n, SUBSTITUTION, **level)


@task("cipher/homophonic-encrypt", answer=Text("[0-9]"), levels=NUMBERS, beyond=NUMBERS_BEYOND, bulk=True)
def homophonic_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Several numbers a letter: `homophonic.encrypt(SNEACYMIVRUZWTBOJHDEFAGLPTKXEQ,THETREE)` gives `13170225091928`.

    The key says which letter each number from 00 on stands for; frequent letters have more numbers, and a letter's
    numbers take turns from the lowest on. Levels grow by the length of the text and by how many numbers there are. No
    key and no stretch of English is in two splits.
    """
    return directions.encrypt(rng, n, HOMOPHONIC, **level)


@task("cipher/homophonic-decrypt", answer=LETTERS, levels=NUMBERS, beyond=NUMBERS_BEYOND, bulk=True)
def homophonic_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it: `homophonic.decrypt(SNEACYMIVRUZWTBOJHDEFAGLPTKXEQ,13170225091928)` gives `THETREE`.

    The inverse of `homophonic-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, HOMOPHONIC, **level)


@task(
    "cipher/homophonic-break",
    answer=LETTERS,
    levels=NUMBERS_HIDDEN,
    beyond=NUMBERS_HIDDEN_BEYOND,
    bulk=True,
    solve=ATTACK,
)
def homophonic_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden key, as in `homophonic.break(13170225091928)` with the answer `THETREE`.

    The key is the same in every dataset of a level: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by length and numbers; beyond, the text is longer under the same key.
    """
    return directions.break_hidden(rng, n, HOMOPHONIC, **level)


@task(
    "cipher/homophonic-key",
    answer=LETTERS,
    levels=NUMBERS_SOUGHT,
    beyond=NUMBERS_SOUGHT_BEYOND,
    bulk=True,
    check=directions.opens(HOMOPHONIC),
    solve=ATTACK,
)
def homophonic_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Each number's letter: `homophonic.key(13170225091928)` has the answer `SNEACYMIVRUZWTBOJHDEFAGLPTKXEQ`.

    Levels grow by length and by how many numbers there are. How many stand for each letter is the same for every key of
    a length. Each key is right that gives the same plaintext.
    """
    return directions.find_key(rng, n, HOMOPHONIC, **level)


@task("cipher/polybius-encrypt", answer=Text("[1-5]"), levels=PAIRS, beyond=PAIRS_LONGER, bulk=True)
def polybius_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Row and column in a square: `polybius.encrypt(PLAYFIREXMBCDGHKNOQSTUVWZ,ATTACK)` gives `135151133241`.

    The key is the square of 25 letters row by row; I stands for J. Levels grow by the length of the text. No key and no
    stretch of English is in two splits.
    """
    return directions.encrypt(rng, n, POLYBIUS, **level)


@task("cipher/polybius-decrypt", answer=LETTERS, levels=PAIRS, beyond=PAIRS_LONGER, bulk=True)
def polybius_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it: `polybius.decrypt(PLAYFIREXMBCDGHKNOQSTUVWZ,135151133241)` gives `ATTACK`.

    The inverse of `polybius-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, POLYBIUS, **level)


@task("cipher/polybius-break", answer=LETTERS, levels=HIDDEN, beyond=HIDDEN_LONGER, bulk=True, solve=ATTACK)
def polybius_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden square, as in `polybius.break(135151133241)` with the answer `ATTACK`.

    The key is the same in every dataset: a network can learn it from examples, while the attack works from each
    ciphertext alone. Levels grow by length, which makes it easier for
    the attack.
    """
    return directions.break_hidden(rng, n, POLYBIUS, **level)


@task(
    "cipher/polybius-key",
    answer=LETTERS,
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    check=directions.opens(POLYBIUS),
    solve=ATTACK,
)
def polybius_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The square from a ciphertext: `polybius.key(135151133241)` has the answer `PLAYFIREXMBCDGHKNOQSTUVWZ`.

    Levels grow by length, which makes it easier. Each square is right that gives the same plaintext. No key and no
    stretch of English is in two splits.
    """
    return directions.find_key(rng, n, POLYBIUS, **level)


@task("cipher/adfgvx-encrypt", answer=Text("[ADFGVX]"), levels=COLUMNS, beyond=COLUMNS_BEYOND, bulk=True)
def adfgvx_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """A square, then columns: `adfgvx.encrypt(NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ,CAB,ATTACK)` gives `DDDVDDAGADAG`.

    The key is the square of 36 letters and digits row by row and the order of the columns, as in `columnar-encrypt`:
    row and column of each letter are read out transposed. Levels grow by the length of the text and by the columns. No
    key and no stretch of English is in two splits.
    """
    return directions.encrypt(rng, n, ADFGVX, **level)


@task("cipher/adfgvx-decrypt", answer=LETTERS, levels=COLUMNS, beyond=COLUMNS_BEYOND, bulk=True)
def adfgvx_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it: `adfgvx.decrypt(NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ,CAB,DDDVDDAGADAG)` gives `ATTACK`.

    The inverse of `adfgvx-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, ADFGVX, **level)


@task(
    "cipher/adfgvx-break", answer=LETTERS, levels=COLUMNS_HIDDEN, beyond=COLUMNS_HIDDEN_BEYOND, bulk=True, solve=ATTACK
)
def adfgvx_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden key, as in `adfgvx.break(DDDVDDAGADAG)` with the answer `ATTACK`.

    The key is the same in every dataset of a level: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by length and columns; beyond, the text is longer under the same key.
    """
    return directions.break_hidden(rng, n, ADFGVX, **level)


@task(
    "cipher/adfgvx-key",
    answer=Text("[A-Z0-9,]"),
    levels=COLUMNS_SOUGHT,
    beyond=COLUMNS_SOUGHT_BEYOND,
    bulk=True,
    check=directions.opens(ADFGVX),
    solve=ATTACK,
)
def adfgvx_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Square and columns: `adfgvx.key(DDDVDDAGADAG)` has the answer `NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ,CAB`.

    From one ciphertext alone, without its number of columns. Levels grow by length and columns. Each key is right that
    gives the same plaintext.
    """
    return directions.find_key(rng, n, ADFGVX, **level)
