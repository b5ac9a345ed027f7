"""Exclusive or with a key that repeats, and with one that does not: the one-time pad.

Sources: Vernam, "Cipher printing telegraph systems", Journal of the AIEE, 1926; Shannon, "Communication theory of
secrecy systems", 1949, proves that a uniform key as long as the text, used once, tells nothing of it.
"""

import numpy as np
import numpy.typing as npt

from enigmath.bench.primitives.letter_cipher import Letters

Octets = npt.NDArray[np.uint8]
"""Bytes, shape (n, length)."""


def exclusive_or(texts: Octets, keys: npt.NDArray[np.int64]) -> Octets:
    """Each byte of the text with the byte of the key under it, the key repeated; its own inverse.

    Keys have shape (n, k). A key of the text's length that is uniform and used once is a one-time pad.

    >>> bytes(exclusive_or(np.frombuffer(b"ATTACK", np.uint8)[None], np.array([[0x20, 0]]))[0])
    b'aTtAcK'
    """
    places = np.arange(texts.shape[1]) % keys.shape[1]
    return np.asarray(texts ^ np.take(keys.astype(np.uint8), places, axis=1))


def as_octets(letters: Letters) -> Octets:
    """Letters 0 to 25 as their ASCII codes, 0x41 for A."""
    return letters + np.uint8(ord("A"))
