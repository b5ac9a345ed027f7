"""Tasks on block ciphers of additions, rotations and exclusive ors; the ciphers are in `bench/primitives/`."""

from typing import Any

import numpy as np

from enigmath.bench.contracts import Batch, Choice, task
from enigmath.bench.primitives.speck import SPECK
from enigmath.generators import block_directions as directions

GOHR = "00400000"
"""The input difference of Gohr's distinguishers for Speck32/64."""


@task(
    "block/speck-distinguish",
    answer=Choice(directions.LABELS),
    levels=[{"rounds": rounds, "difference": GOHR} for rounds in (3, 4, 5, 6)],
    beyond=[{"rounds": rounds, "difference": GOHR} for rounds in (7, 8)],
    bulk=True,
    chance=0.5,
)
def speck_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two Speck32/64 ciphertexts are of related plaintexts, as in `speck.distinguish(5,a86842f21b2c3d4e)`.

    Real pairs have plaintexts that differ by 0040 0000; the others' are random. Levels grow by rounds.
    Gohr, "Improving attacks on round-reduced Speck32/64 using deep learning", CRYPTO 2019: .929 at five rounds.
    """
    return directions.distinguish(rng, n, SPECK, **level)
