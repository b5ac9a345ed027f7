"""Eigenvalues, eigenvectors and singular values, after Charton, "Linear algebra with transformers", 2022.

Matrices are written as in `matrices`, their entries with at most two decimals; answers have four significant digits
and come from the entries as written. `spectrum` says how a symmetric matrix is drawn: with independent entries
uniform over -10..10 (`wigner`: its eigenvalues follow the semicircle law), or as Q diag(v) Q' with a uniformly random
orthogonal Q and eigenvalues v that are independently `uniform`, `gaussian`, `laplace`, or `positive` (the absolute
values of Gaussian ones), with the root mean square of a wigner matrix of that size, 10 * sqrt(size / 3).
"""

import math
from typing import Final

import numpy as np

from enigmath.bench.contracts import Batch, Keys, Level, Matrix, UserError, task
from enigmath.bench.contracts.formal import read_matrix
from enigmath.generators import matrix_perturbations as perturbed
from enigmath.generators.digits import join
from enigmath.generators.matrices import DIGITS, LARGER, SQUARE, UNIT
from enigmath.generators.matrix_text import (
    DECIMALS,
    DEVIATION,
    LARGEST,
    Floats,
    Units,
    draw_matrices,
    hash_unordered,
    mirrored,
    write_floats,
    write_units,
)
from enigmath.generators.quantities import square_matrix_quantities

DRAWS: Final = 2**11
CLOSEST: Final = 0.02
"""The least distance of two eigenvalues, as a share of the largest one, at which eigenvectors are asked for."""

SYMMETRIC: Final[list[Level]] = [
    *({"size": size, "spectrum": "wigner"} for size in (2, 3, 4, 5)),
    *({"size": 5, "spectrum": spectrum} for spectrum in ("uniform", "gaussian", "positive")),
]
BEYOND: Final[list[Level]] = [
    *({"size": size, "spectrum": "wigner"} for size in (6, 8)),
    {"size": 5, "spectrum": "laplace"},
]


def draw_symmetric(rng: np.random.Generator, n: int, size: int, spectrum: str) -> Units:
    """Symmetric matrices in units of 0.01, shape (n, size, size), their entries cut at 100: only laplace comes near."""
    if spectrum == "wigner":
        return draw_matrices(rng, (n, size, size), "wigner")
    values = _draw_spectra(rng, (n, size), spectrum) * DEVIATION * size**0.5
    vectors, triangle = np.linalg.qr(rng.normal(size=(n, size, size)))
    # The signs of the triangle's diagonal make Q uniform (Mezzadri, 2007).
    vectors = vectors * np.sign(np.diagonal(triangle, axis1=1, axis2=2))[:, None, :]
    made = np.rint((vectors * values[:, None, :]) @ vectors.swapaxes(1, 2)).astype(np.int64)
    return mirrored(np.clip(made, -10 * LARGEST, 10 * LARGEST))


def _draw_spectra(rng: np.random.Generator, shape: tuple[int, int], spectrum: str) -> Floats:
    if spectrum == "uniform":
        return rng.uniform(-(3**0.5), 3**0.5, shape)
    if spectrum == "gaussian":
        return rng.normal(size=shape)
    if spectrum == "positive":
        return np.abs(rng.normal(size=shape))
    if spectrum == "laplace":
        return rng.laplace(scale=0.5**0.5, size=shape)
    known = "wigner, uniform, gaussian, positive or laplace"
    raise UserError(f"no spectrum is named {spectrum!r}", where="linear-algebra", mend=f"take {known}")


def hash_symmetric(name: str, matrices: Units) -> Keys:
    """A key that does not depend on the order of the coordinates, nor on the sign of the whole matrix; shape (n,)."""
    diagonal = np.diagonal(matrices, axis1=1, axis2=2).copy()
    return np.minimum(
        hash_unordered(name, matrices, diagonal, diagonal), hash_unordered(name, -matrices, -diagonal, -diagonal)
    )


@task(
    "linear-algebra/eigenvalues",
    answer=Matrix(DIGITS),
    levels=SYMMETRIC,
    beyond=BEYOND,
    bulk=True,
    draws=DRAWS,
    perturbations=perturbed.TURN_BOTH,
    quantities=square_matrix_quantities,
)
def eigenvalues(rng: np.random.Generator, n: int, size: int, spectrum: str) -> Batch:
    """The eigenvalues of a symmetric matrix, largest first, as in `eigenvalues([1,2;2,4])` with the answer `5,0`.

    Levels grow in size, then go over the spectra; those beyond are larger, or follow a law that no level has. The
    mean of all answers is right for less than 1 %. The key knows no order of the coordinates, nor the sign of the
    matrix. Source: section 4.4 of Charton, 2022, and its section on generalisation from Wigner matrices to others.
    """
    matrices = draw_symmetric(rng, n, size, spectrum)
    values = np.linalg.eigvalsh(matrices * UNIT)[:, None, ::-1]
    question = join("eigenvalues([", write_units(matrices, DECIMALS), "])")
    traits = {"size": np.full(n, size), "negative": (values < 0).sum(axis=(1, 2))}
    return Batch(question, write_floats(values, DIGITS), hash_symmetric("eigenvalues", matrices), traits)


def eigenvector_error(question: str, answer: str, prediction: str) -> float:
    """How far predicted rows Q, each brought to length 1, are from eigenvectors of M in the order of its eigenvalues V.

    The larger one of the norm of Q*M - V*Q over that of V, and the norm of Q*Q' - I over that of I, each norm the sum
    of absolute values. Signs and lengths of the rows do not count. Infinite for another shape, or a row of zeros.
    """
    matrix = read_matrix(question.removeprefix("eigenvectors([").removesuffix("])"))
    given = read_matrix(prediction)
    if matrix is None or given is None or given.shape != matrix.shape:
        return math.inf
    with np.errstate(all="ignore"):
        rows = given / np.abs(given).max(axis=1, keepdims=True)
        rows = rows / np.sqrt((np.abs(rows) ** 2).sum(axis=1, keepdims=True))
        values = np.linalg.eigvalsh(matrix)[::-1]
        residual = np.abs(rows @ matrix - values[:, None] * rows).sum() / np.abs(values).sum()
        skew = np.abs(rows @ rows.conj().T - np.eye(len(rows))).sum() / len(rows)
        error = float(np.maximum(residual, skew))
    return error if math.isfinite(error) else math.inf


@task(
    "linear-algebra/eigenvectors",
    answer=Matrix(DIGITS),
    levels=SYMMETRIC,
    beyond=BEYOND,
    bulk=True,
    draws=DRAWS,
    check=eigenvector_error,
)
def eigenvectors(rng: np.random.Generator, n: int, size: int, spectrum: str) -> Batch:
    """The eigenvectors of a symmetric matrix, one a row, that of the largest eigenvalue first, as in
    `eigenvectors([1,2;2,4])` with the answer `0.4472,0.8944;0.8944,-0.4472`.

    Rows may have any length and sign: they are judged by what the matrix does to them, and by the angles between them
    (see `eigenvector_error`). The stored answer has rows of length 1 whose first entry that is not 0 is positive.
    Matrices with two eigenvalues closer than 2 % of the largest one are rejected. Levels and key as for eigenvalues.
    Guessing scores nothing. Source: section 4.5 of Charton, 2022.
    """
    matrices = draw_symmetric(rng, n, size, spectrum)
    values, columns = np.linalg.eigh(matrices * UNIT)
    kept = np.diff(values, axis=1).min(axis=1) > CLOSEST * np.abs(values).max(axis=1)
    matrices, rows = matrices[kept], columns[kept].swapaxes(1, 2)[:, ::-1]
    first = (np.abs(rows) > 1e-6).argmax(axis=2)[:, :, None]
    rows = rows * np.sign(np.take_along_axis(rows, first, axis=2))
    question = join("eigenvectors([", write_units(matrices, DECIMALS), "])")
    traits = {"size": np.full(len(matrices), size), "negative": (values[kept] < 0).sum(axis=1)}
    rejected = {"eigenvalues too close": int((~kept).sum())}
    return Batch(question, write_floats(rows, DIGITS), hash_symmetric("eigenvectors", matrices), traits, rejected)


@task(
    "linear-algebra/singular-values",
    answer=Matrix(DIGITS),
    levels=SQUARE,
    beyond=LARGER,
    bulk=True,
    draws=DRAWS,
    perturbations=perturbed.SWAP_ROWS,
)
def singular_values(rng: np.random.Generator, n: int, size: int, entries: str) -> Batch:
    """The singular values of a square matrix, largest first, as in `svd([3,0;0,-4])` with the answer `4,3`.

    Levels grow in size, then go over the distributions of the entries, as those of linear-algebra/inverse do. The
    mean of all answers is right for 3 % at most. The key knows no order of rows or columns, nor which are which, nor
    the sign of the matrix. Source: section 4.7 of Charton, 2022.
    """
    matrices = draw_matrices(rng, (n, size, size), entries)
    values = np.linalg.svd(matrices * UNIT, compute_uv=False)[:, None, :]
    key = np.minimum(hash_unordered("svd", matrices), hash_unordered("svd", -matrices))
    question = join("svd([", write_units(matrices, DECIMALS), "])")
    return Batch(question, write_floats(values, DIGITS), key, {"size": np.full(n, size)})
