"""Learning with errors (LWE): products with a secret vector, modulo q, each with a small error.

A sample is a vector a, uniform modulo q, and b = <a, s> + e modulo q, where the secret s has `weight` entries that are
1 (binary), or 1 or -1 (ternary), all others 0, and the error e is a normal number of deviation sigma, rounded. Sources:
Regev, "On lattices, learning with errors, random linear codes, and cryptography", 2005; Wenger, Chen, Charton and
Lauter, "SALSA: attacking lattice cryptography with transformers", 2022, whose q is 251 and whose sigma is 3; Li et al.,
"SALSA PICANTE: a machine learning attack on LWE with binary secrets", 2023.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.modular import require_prime

Numbers = npt.NDArray[np.int64]
Secret = Literal["binary", "ternary"]

LARGEST: Final = 128
"""The largest dimension, that of SALSA."""
_WHERE: Final = "lwe"


@dataclass(frozen=True)
class Parameters:
    """What is public: the dimension n, the modulus q, the secret's Hamming weight h and kind, the error's deviation."""

    dimension: int
    modulus: int
    weight: int
    sigma: float
    secret: Secret = "binary"

    def __post_init__(self) -> None:
        """Raises UserError for what makes no sense or is too large to draw."""
        require_prime(self.modulus, _WHERE)
        if self.modulus >= 2**16:
            raise UserError(f"the modulus {self.modulus}", where=_WHERE, mend="below 65536")
        if not 1 <= self.dimension <= LARGEST:
            raise UserError(f"a dimension of {self.dimension}", where=_WHERE, mend=f"from 1 to {LARGEST}")
        if not 1 <= self.weight <= self.dimension:
            raise UserError(f"a weight of {self.weight}", where=_WHERE, mend=f"from 1 to {self.dimension}")
        if not 0 <= self.sigma <= self.modulus / 4:
            raise UserError(f"a deviation of {self.sigma}", where=_WHERE, mend=f"from 0 to {self.modulus / 4}")
        if self.secret not in ("binary", "ternary"):
            raise UserError(f"a secret of the kind {self.secret!r}", where=_WHERE, mend="binary or ternary")

    def draw_secrets(self, rng: np.random.Generator, n: int) -> Numbers:
        """Uniform over the secrets of that weight; shape (n, dimension)."""
        places = np.argsort(rng.random((n, self.dimension)), axis=1)[:, : self.weight]
        secrets = np.zeros((n, self.dimension), np.int64)
        signs = 1 if self.secret == "binary" else rng.integers(2, size=places.shape) * 2 - 1
        np.put_along_axis(secrets, places, signs, axis=1)
        return secrets

    def draw_samples(self, rng: np.random.Generator, secrets: Numbers, count: int) -> tuple[Numbers, Numbers]:
        """So many samples of each secret: the vectors, shape (n, count, dimension), and b, shape (n, count)."""
        if not 1 <= count <= 2 * LARGEST:
            raise UserError(f"{count} samples", where=_WHERE, mend=f"from 1 to {2 * LARGEST}")
        vectors = rng.integers(self.modulus, size=(len(secrets), count, self.dimension))
        errors = np.rint(self.sigma * rng.standard_normal((len(secrets), count))).astype(np.int64)
        return vectors, (np.einsum("nij,nj->ni", vectors, secrets) + errors) % self.modulus


def centred(values: npt.NDArray[np.int64], modulus: int) -> npt.NDArray[np.int64]:
    """The same residues, between -modulus / 2 and modulus / 2.

    >>> centred(np.array([0, 3, 4, 6, 8]), 7).tolist()
    [0, 3, -3, -1, 1]
    """
    half = modulus // 2
    return np.asarray((values + half) % modulus - half)
