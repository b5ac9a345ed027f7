"""Division modulo a prime, the task on which "grokking" was found: right on the test long after right on the training.

The space is small and all of it is drawn: in passes through all pairs, each pass in an order of its own. So the first
problems for training are all different, and a suite takes the share of the space that it asks for.
"""

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Integer, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.arithmetic import longest
from enigmath.generators.canonical import number, over
from enigmath.generators.digits import join, text


@task(
    "arithmetic/modular-division",
    answer=Integer(),
    levels=[{"modulus": 59}, {"modulus": 97}, {"modulus": 211}],
    beyond=[{"modulus": 997}],
    bulk=True,
    chance=lambda modulus: 1 / modulus,
    perturbations=perturbed.RESIDUE_QUOTIENT,
)
def modular_division(rng: np.random.Generator, n: int, modulus: int) -> Batch:
    """The quotient of two residues modulo a prime, as in `(12/5)%97`, which is 80: five times 80 is 12 modulo 97.

    The dividend is any of 0 .. modulus - 1, the divisor any of 1 .. modulus - 1; all modulus * (modulus - 1) pairs are
    drawn before one comes twice. 80 % of them may be trained on: with the modulus 97, 7,450 of 9,312, and `train =
    4656` is half of all. Guessing scores 1 / modulus. The modulus 97 and the half are those of Power et al.,
    "Grokking: generalization beyond overfitting on small algorithmic datasets", 2022.
    """
    space = modulus * (modulus - 1)
    passes = -(-n // space)
    pairs = np.concatenate([rng.permutation(space) for _ in range(passes)] or [np.empty(0, np.int64)])[:n]
    first, second = pairs // (modulus - 1), pairs % (modulus - 1) + 1
    inverses = np.array([0, *(pow(value, -1, modulus) for value in range(1, modulus))])
    words = over(number(first[None]), number(second[None]))
    left, right = text(first[None]), text(second[None])
    return Batch(
        join("(", left, "/", right, f")%{modulus}"),
        text((first * inverses[second] % modulus)[None]),
        hash_integers("modulo", words.view(np.int64), modulus),
        {"operators": pa.repeat("/", n), "digits": longest(left, right)},
    )
