"""Controls: what any model that learns at all must find, and what memory alone can answer.

A harness that misses the first measures nothing, and one in which the second is answered for new problems leaks.
"""

from dataclasses import replace

import numpy as np

from enigmath.bench.contracts import Batch, Hexadecimal, hash_integers, hash_text, task
from enigmath.bench.primitives.sha256 import SHA256
from enigmath.bench.primitives.words import draw_words
from enigmath.generators import bit_perturbations as perturbed
from enigmath.generators import hash_directions as directions
from enigmath.generators.fixed_width import hexadecimal, lines


@task(
    "control/identity",
    answer=Hexadecimal(),
    levels=[{"digits": digits} for digits in (6, 8, 12, 16)],
    beyond=[{"digits": 20}, {"digits": 32}],
    bulk=True,
    chance=lambda digits: 16.0**-digits,
    perturbations=perturbed.COPY,
)
def identity(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The hexadecimal digits that were given, as in `identity(0f1e2d)` with the answer `0f1e2d`.

    Levels grow by the number of digits. Guessing scores 1 in 16 to the power of it.
    """
    copied = hexadecimal(draw_words(rng, n, digits, 4), 4)
    question = lines("identity(", copied, ")")
    return Batch(question, lines(copied), hash_text(question), {"digits": np.full(n, digits)})


@task(
    "control/preimage-memory",
    answer=Hexadecimal(8),
    levels=[{"space": space, "known": known} for known in (1, 0) for space in (8, 12, 16)],
    bulk=True,
    chance=lambda space, known: 2.0**-space,
)
def preimage_memory(rng: np.random.Generator, n: int, space: int, known: int) -> Batch:
    """Four bytes from a SHA-256 digest, of so few that training holds all: `sha256.preimage(64,8,d2febf3079d64fcc)`
    has the answer `00000061`.

    The control of memory, in spaces of 2**8, 2**12 and 2**16 messages. At the first three levels every split draws from
    the whole space, so that questions of the test stand word for word in training, on purpose: a model that remembers
    answers them all. At the last three, which ask the same, a message is in one split alone, and the same memory stays
    at chance on the test: nothing but the function leads there. Guessing scores one in the space.
    """
    batch = directions.preimage(rng, n, SHA256, steps=SHA256.steps, space=space)
    traits = {**batch.traits, "known": np.full(n, known)}
    if not known:
        return replace(batch, traits=traits)
    drawn = rng.integers(2**62, size=n)  # each draw is a problem of its own, in whatever split
    return replace(batch, key=hash_integers("preimage from memory", drawn), traits=traits)
