"""Tasks on ciphers that shift letters; the ciphers themselves are in `bench/primitives/shift_ciphers.py`."""

from typing import Any

import numpy as np

from enigmath.bench.contracts import Batch, Text, task
from enigmath.bench.primitives.shift_ciphers import VIGENERE
from enigmath.generators import text_directions as directions

VIGENERE_LEVELS = [
    {"length": 10, "key_length": 3},
    {"length": 20, "key_length": 5},
    {"length": 50, "key_length": 5},
    {"length": 50, "key_length": 8},
]
VIGENERE_BEYOND = [{"length": 100, "key_length": 8}, {"length": 50, "key_length": 13}]


@task("cipher/vigenere-encrypt", answer=Text("[A-Z]"), levels=VIGENERE_LEVELS, beyond=VIGENERE_BEYOND, bulk=True)
def vigenere_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """English under the Vigenère cipher, as in `vigenere.encrypt(LEMON,ATTACKATDAWN)` with the answer `LXFOPVEFRNHR`.

    Levels grow by the length of the text and of the key; no cipher key and no stretch of the text is in two splits.
    """
    return directions.encrypt(rng, n, VIGENERE, **level)
