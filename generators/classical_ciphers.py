"""Tasks on classical ciphers of periods, squares and columns: Gronsfeld, Porta, bifid, four squares, Myszkowski.

The ciphers themselves are in `bench/primitives/`: `periodic_ciphers.py`, `fractionation.py`, `square_ciphers.py` and
`routes.py`. There are more of them there, which stand in `cipher/identify-fifty` alone.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Text, task
from enigmath.bench.primitives.fractionation import BIFID
from enigmath.bench.primitives.periodic_ciphers import GRONSFELD, PORTA
from enigmath.bench.primitives.routes import MYSZKOWSKI
from enigmath.bench.primitives.square_ciphers import FOUR_SQUARE
from enigmath.generators import letter_perturbations as perturbed
from enigmath.generators import text_directions as directions
from enigmath.generators.shift_ciphers import WORDS, WORDS_BEYOND
from enigmath.generators.transpositions import COLUMNS, COLUMNS_BEYOND

LETTERS: Final = Text("[A-Z]")
LENGTHS = [{"length": 20}, {"length": 50}, {"length": 100}, {"length": 200}]
LONGER = [{"length": 500}]
PERIODS = [
    {"length": 20, "period": 5},
    {"length": 50, "period": 5},
    {"length": 50, "period": 9},
    {"length": 100, "period": 9},
]
PERIODS_BEYOND = [{"length": 200, "period": 9}, {"length": 100, "period": 12}]


@task(
    "cipher/gronsfeld-encrypt",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    perturbations=perturbed.PERIODIC,
)
def gronsfeld_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Vigenère's cipher under a number, as in `gronsfeld.encrypt(31415,ATTACKATDAWN)` with the answer `DUXBHNBXEFZO`.

    Levels grow by the length of the text and of the number. From five digits on no key is in two splits (of fewer there
    are too few to hold out), and no stretch of English ever is. Kahn, "The Codebreakers", 1967.
    """
    return directions.encrypt(rng, n, GRONSFELD, **level)


@task(
    "cipher/gronsfeld-decrypt",
    answer=LETTERS,
    levels=WORDS,
    beyond=WORDS_BEYOND,
    bulk=True,
    perturbations=perturbed.PERIODIC_BACK,
)
def gronsfeld_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `gronsfeld.decrypt(31415,DUXBHNBXEFZO)` with the answer `ATTACKATDAWN`.

    The inverse of `gronsfeld-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, GRONSFELD, **level)


@task("cipher/porta-encrypt", answer=LETTERS, levels=WORDS, beyond=WORDS_BEYOND, bulk=True)
def porta_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Half the alphabet for the other half, as in `porta.encrypt(KEY,ATTACKATDAWN)` with the answer `SEHSRWSEPSHB`.

    Each two key letters turn the second half on by one; the keys have the first of these. The cipher is its own
    inverse, so decryption would be the same task. Levels grow by the length of the text and of the key word. From five
    letters on no key is in two splits (of fewer there are too few to hold out), and no stretch of English ever is.
    Porta, 1563; Kahn, "The Codebreakers", 1967.
    """
    return directions.encrypt(rng, n, PORTA, **level)


@task("cipher/bifid-encrypt", answer=LETTERS, levels=PERIODS, beyond=PERIODS_BEYOND, bulk=True)
def bifid_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Rows, then columns, two by two: `bifid.encrypt(BGWKZQPNDSIOAXEFCLUMTHYVR,10,FLEEATONCE)` gives `UAEOLWRINS`.

    The key is the square row by row, I standing for J, and the period: of so many letters all rows are read, and then
    all columns, each two the coordinates of a new letter. Levels grow by the length of the text and by the period. No
    key and no stretch of English is in two splits. Delastelle, 1902; Kahn, "The Codebreakers", 1967.
    """
    return directions.encrypt(rng, n, BIFID, **level)


@task("cipher/bifid-decrypt", answer=LETTERS, levels=PERIODS, beyond=PERIODS_BEYOND, bulk=True)
def bifid_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it: `bifid.decrypt(BGWKZQPNDSIOAXEFCLUMTHYVR,10,UAEOLWRINS)` gives `FLEEATONCE`.

    The inverse of `bifid-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, BIFID, **level)


@task("cipher/four-square-encrypt", answer=LETTERS, levels=LENGTHS, beyond=LONGER, bulk=True)
def four_square_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Pairs sought in two straight squares, found in the key's two: `four_square.encrypt(…,ATTACKATDAWN)`.

    Under the squares ZGPTFOIHMUWDRCNYKEQAXVSBL and MFNBDCRHSAXYOGVITUEWLQZKP that is `TIYBFHTIZBSY`. The key is both
    squares row by row, I standing for J. Levels grow by the length of the text. No key and no stretch of English is in
    two splits. Delastelle, "Traité élémentaire de cryptographie", 1902.
    """
    return directions.encrypt(rng, n, FOUR_SQUARE, **level)


@task("cipher/four-square-decrypt", answer=LETTERS, levels=LENGTHS, beyond=LONGER, bulk=True)
def four_square_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it: `four_square.decrypt(…,TIYBFHTIZBSY)` gives `ATTACKATDAWN`, under the squares named there.

    The inverse of `four-square-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, FOUR_SQUARE, **level)


@task(
    "cipher/myszkowski-encrypt",
    answer=LETTERS,
    levels=COLUMNS,
    beyond=COLUMNS_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION,
)
def myszkowski_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Columns of one letter read together: `myszkowski.encrypt(CBAACB,WEAREDISCO)` gives `ARCOEDSWEI`.

    The key word's letters are the order of the columns, and at least one stands twice: columns that share a letter are
    read row by row, all of them before the next letter's. The last row may be short. Levels grow by the length of the
    text and by the columns; from nine columns on no key is in two splits, and no stretch of English ever is.
    Myszkowski, "Cryptographie indéchiffrable", 1902.
    """
    return directions.encrypt(rng, n, MYSZKOWSKI, **level)


@task(
    "cipher/myszkowski-decrypt",
    answer=LETTERS,
    levels=COLUMNS,
    beyond=COLUMNS_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION_BACK,
)
def myszkowski_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `myszkowski.decrypt(CBAACB,ARCOEDSWEI)` with the answer `WEAREDISCO`.

    The inverse of `myszkowski-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, MYSZKOWSKI, **level)
