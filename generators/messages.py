"""Messages of checksums and hash functions: uniform bytes, written in hexadecimal, each in one split whatever is asked.

A problem's family is its message: all that is asked of one message (its digest at any number of steps, or itself from
its digest) falls into one split, so that no test message stands in training.
"""

import numpy as np

from enigmath.bench.contracts import Keys, UserError, hash_integers, within
from enigmath.bench.primitives.hash_function import Octets


def draw_messages(rng: np.random.Generator, n: int, length: int, where: str, least: int = 1) -> Octets:
    """Uniform messages of so many bytes, shape (n, length); UserError for fewer bytes than `least`."""
    if length < least:
        raise UserError(f"messages of {length} bytes", where=where, mend=f"{least} or more")
    return rng.integers(256, size=(n, length), dtype=np.uint8)


def message_keys(messages: Octets, asked: str) -> Keys:
    """Keys of problems on these messages that fall into the messages' own splits; `asked` tells the problems apart.

    A problem and its inverse have the same `asked`, and so the same key.
    """
    n, length = messages.shape
    filled = np.concatenate([messages, np.zeros((n, -length % 8), np.uint8)], axis=1)
    families = hash_integers(f"message of {length} bytes", np.ascontiguousarray(filled).view("<i8").astype(np.int64))
    return within(families, hash_integers(asked, families.view(np.int64)))
