"""Positive controls: what any model that learns at all must find. A harness that misses them measures nothing."""

import numpy as np

from enigmath.bench.contracts import Batch, Hexadecimal, hash_text, task
from enigmath.bench.primitives.words import draw_words
from enigmath.generators.fixed_width import hexadecimal, lines


@task(
    "control/identity",
    answer=Hexadecimal(),
    levels=[{"digits": digits} for digits in (6, 8, 12, 16)],
    beyond=[{"digits": 20}, {"digits": 32}],
    bulk=True,
    chance=lambda digits: 16.0**-digits,
)
def identity(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The hexadecimal digits that were given, as in `identity(0f1e2d)` with the answer `0f1e2d`.

    Levels grow by the number of digits. Guessing scores 1 in 16 to the power of it.
    """
    copied = hexadecimal(draw_words(rng, n, digits, 4), 4)
    question = lines("identity(", copied, ")")
    return Batch(question, lines(copied), hash_text(question), {"digits": np.full(n, digits)})
