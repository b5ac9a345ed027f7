"""Random streams: one counter-based Philox stream for each shard, named by what it makes.

Counter-based streams (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) need no order: any
worker makes any shard, today or next year, and gets the same bytes.
"""

import hashlib

import numpy as np


def stream(*identity: str | int) -> np.random.Generator:
    """The random stream of that identity; another identity gives an independent stream.

    >>> first, again = (stream("arithmetic/addition", 1, 0).integers(1000) for _ in range(2))
    >>> bool(first == again)
    True
    """
    name = "\x1f".join(str(part) for part in identity)
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(int.from_bytes(digest, "little"))))
