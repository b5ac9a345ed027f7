"""Learning with errors: predict a sample under a hidden secret, find the secret, tell samples from random numbers.

Questions name the modulus q and the secret's Hamming weight h, as attackers are granted, then the samples: the numbers
of a vector with commas between, then, where b is known, `=` and b, and `;` between samples. The error's deviation
is not said.
"""

from math import comb
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Bits, Choice, Integer, hash_integers, hash_text, task
from enigmath.bench.primitives.lattice import Numbers, Parameters
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import join, pick, small_texts
from enigmath.generators.fixed_width import binary, lines

LABELS: Final = ("random", "real")
MODULUS: Final = 251
"""That of SALSA."""
NEAR: Final = 0.05
"""A predicted sample is right within this share of the modulus."""


def _level(dimension: int, weight: int, sigma: float, **more: Any) -> dict[str, Any]:
    return {"dimension": dimension, "modulus": MODULUS, "weight": weight, "sigma": sigma, **more}


def distance(question: str, answer: str, prediction: str) -> float:
    """How far two residues are apart on the circle of the question's modulus, as a share of it.

    >>> distance("lwe.value(251,3;1,2,3)", "250", "1")
    0.00796812749003984
    """
    modulus = int(question.partition("(")[2].partition(",")[0])
    apart = (int(answer) - int(prediction)) % modulus
    return min(apart, modulus - apart) / modulus


def _guessed(modulus: int = MODULUS, **_: Any) -> float:
    """The share of residues that are near any given one."""
    return (2 * int(NEAR * modulus) + 1) / modulus


def _vectors(vectors: Numbers) -> pa.Array:
    """Numbers of shape (k, dimension) as k texts with commas between."""
    texts = small_texts().take(pa.array(vectors.reshape(-1)))
    ends = np.arange(0, vectors.size + 1, vectors.shape[1], dtype=np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), texts), ",")


def _samples(vectors: Numbers, values: Numbers) -> pa.Array:
    """Samples of shape (n, m, dimension) and (n, m) as n texts `1,2,3=4;...`."""
    n, count, dimension = vectors.shape
    texts = join(_vectors(vectors.reshape(-1, dimension)), "=", small_texts().take(pa.array(values.reshape(-1))))
    ends = np.arange(0, n * count + 1, count, dtype=np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), texts), ";")


def _traits(n: int, made: Parameters, **more: int) -> dict[str, npt.NDArray[Any]]:
    named = {"dimension": made.dimension, "weight": made.weight, "sigma": made.sigma, "secret": made.secret, **more}
    return {name: np.full(n, value) for name, value in named.items()}


def hidden_secret(made: Parameters, hidden: int) -> Numbers:
    """The hidden secret of that number, shape (1, dimension): the same in every dataset, whatever the error."""
    text = f"lwe {made.dimension} {made.modulus} {made.weight} {made.secret} {hidden}"
    (seed,) = hash_text(pa.array([text]))
    return made.draw_secrets(np.random.Generator(np.random.Philox(int(seed))), 1)


@task(
    "modular/lwe-value",
    answer=Integer(),
    levels=[
        *(_level(dimension, 3, 3, hidden=1) for dimension in (8, 16, 30, 50)),
        _level(24, 3, 3, secret="ternary", hidden=1),
        _level(80, 4, 3, hidden=1),
    ],
    beyond=[_level(dimension, 3, 0, hidden=1) for dimension in (16, 30)],
    bulk=True,
    draws=2**13,
    chance=_guessed,
    check=distance,
    solve="error-search",
)
def lwe_value(rng: np.random.Generator, n: int, hidden: int, **level: Any) -> Batch:
    """The noisy product of a vector with a secret that is never said, modulo 251: `lwe.value(251,3;17,201,5,90)`.

    All problems of a dimension, weight and kind share the secret, in every dataset; the vector is uniform. An answer is
    right within 5 % of the modulus, which the errors stay within but for 3 in 100,000; guessing scores 10 %. Levels
    grow by the dimension; one has a ternary secret. Beyond there is no error, under the same secrets. Wenger, Chen,
    Charton and Lauter, "SALSA", 2022: once a transformer predicts, its secret is read off.
    """
    made = Parameters(**level)
    secret = np.broadcast_to(hidden_secret(made, hidden), (n, made.dimension))
    vectors, values = made.draw_samples(rng, secret, 1)
    question = join(f"lwe.value({made.modulus},{made.weight};", _vectors(vectors[:, 0]), ")")
    key = hash_integers(f"lwe value {made.modulus} {made.weight} {made.secret} {hidden}", vectors[:, 0])
    return Batch(question, values[:, 0], key, _traits(n, made))


@task(
    "modular/lwe-key",
    answer=Bits(),
    levels=[
        _level(8, 3, 0, samples=12),
        _level(8, 3, 3, samples=12),
        _level(12, 3, 3, samples=16),
        _level(16, 3, 3, samples=16),
        _level(16, 8, 3, samples=24),
    ],
    beyond=[_level(24, 4, 3, samples=24), _level(32, 4, 3, samples=24)],
    bulk=True,
    draws=2**11,
    chance=lambda dimension, weight, **_: 1 / comb(dimension, weight),
    solve="error-search",
    perturbations=perturbed.SAMPLES,
)
def lwe_key(rng: np.random.Generator, n: int, samples: int, **level: Any) -> Batch:
    """The binary secret from samples, as in (with one more sample than numbers)
    `lwe.key(251,1;10,20,30=21;5,6,7=6;100,3,50=4;9,90,9=88)` with the answer `010`.

    Each problem has its own secret, one bit a number, the first one's first. Levels grow by dimension, then by weight;
    the first has no error and falls to linear algebra. There are too few secrets to hold any out: 56 in dimension 8,
    12,870 in dimension 16 with weight 8; the vectors are always new. Guessing scores 1 / (n choose h). Source: Regev,
    2005; small binary secrets as in Wenger et al., 2022.
    """
    made = Parameters(**level)
    secrets = made.draw_secrets(rng, n)
    vectors, values = made.draw_samples(rng, secrets, samples)
    question = join(f"lwe.key({made.modulus},{made.weight};", _samples(vectors, values), ")")
    answer = lines(binary(list(secrets.T.astype(np.uint8)), 1))
    key = hash_integers("lwe key", vectors.reshape(n, -1), values)
    return Batch(question, answer, key, _traits(n, made, samples=samples))


@task(
    "modular/lwe-distinguish",
    answer=Choice(LABELS),
    levels=[
        _level(4, 2, 1, samples=8),
        _level(8, 3, 0, samples=12),
        _level(8, 3, 3, samples=12),
        _level(12, 3, 3, samples=16),
        _level(16, 3, 3, samples=16),
    ],
    beyond=[_level(16, 8, 3, samples=24), _level(32, 4, 3, samples=24)],
    bulk=True,
    draws=2**11,
    chance=0.5,
    solve="error-search",
    perturbations=perturbed.SAMPLES,
)
def lwe_distinguish(rng: np.random.Generator, n: int, samples: int, **level: Any) -> Batch:
    """Whether numbers stand beside vectors as LWE's do, or by chance: `lwe.distinguish(251,1;10,20=21;5,6=6;9,90=88)`
    is `real`.

    Real samples share a binary secret of the weight that is said; random ones have uniform numbers after `=`. Each
    problem has its own secret. Levels grow by dimension and error. Exactly half are expected to be real. The decision
    problem of Regev, 2005, which the security of LWE encryption rests on.
    """
    made = Parameters(**level)
    vectors, values = made.draw_samples(rng, made.draw_secrets(rng, n), samples)
    real = rng.integers(2, size=n)
    values = np.where(real[:, None] == 1, values, rng.integers(made.modulus, size=values.shape))
    question = join(f"lwe.distinguish({made.modulus},{made.weight};", _samples(vectors, values), ")")
    key = hash_integers("lwe distinguish", vectors.reshape(n, -1), values)
    return Batch(question, pick(LABELS, real), key, _traits(n, made, samples=samples))
