"""Linear algebra on small matrices, after Charton, "Linear algebra with transformers", 2022.

Rows are separated by `;`, entries by `,`. Unless a task says otherwise entries have at most two decimals, a matrix is
square, and `entries` names their distribution: `uniform` over -10..10, `gaussian` with the same standard deviation
(10 / sqrt(3), cut at 40), `wigner` (uniform and symmetric: the eigenvalues follow the semicircle) or `positive`
(uniform over 0..10). Every answer is computed from the entries as written, and has four significant digits unless it
is exact (an inverse has five). It is right when its error, summed over the entries, is at most 5 % of the sum of the
answer's entries without their signs.
"""

import math
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import Batch, Integer, Level, Matrix, UserError, task
from enigmath.bench.contracts.formal import read_matrix
from enigmath.generators import matrix_perturbations as perturbed
from enigmath.generators.digits import join
from enigmath.generators.matrix_text import (
    DECIMALS,
    Floats,
    Units,
    draw_matrices,
    hash_matrices,
    hash_unordered,
    write_floats,
    write_units,
)
from enigmath.generators.quantities import square_matrix_quantities

DIGITS: Final = 4
INVERSE_DIGITS: Final = 5
DRAWS: Final = 2**12
UNIT: Final = 1 / 10**DECIMALS
PRODUCT_UNITS: Final = 10.0 ** (2 * DECIMALS)
"""Products of two entries in units, divided by this, are rounded but once."""
WORST_CONDITION: Final = 100.0
"""The largest condition number by the 1-norm: five digits of an inverse then invert to within 0.5 %."""

SQUARE: Final[list[Level]] = [
    *({"size": size, "entries": "uniform"} for size in (2, 3, 4, 5)),
    *({"size": 5, "entries": entries} for entries in ("gaussian", "wigner", "positive")),
]
LARGER: Final[list[Level]] = [{"size": size, "entries": "uniform"} for size in (6, 8)]
SHAPES: Final[list[Level]] = [
    *({"rows": rows, "columns": columns, "entries": "uniform"} for rows, columns in ((2, 2), (2, 3), (4, 3), (5, 5))),
    *({"rows": 5, "columns": 6, "entries": entries} for entries in ("uniform", "gaussian", "positive")),
]
LARGER_SHAPES: Final[list[Level]] = [
    {"rows": rows, "columns": columns, "entries": "uniform"} for rows, columns in ((7, 6), (8, 8), (10, 10))
]


@task("linear-algebra/transpose", answer=Matrix(DIGITS), levels=SHAPES, beyond=LARGER_SHAPES, bulk=True, draws=DRAWS)
def transpose(rng: np.random.Generator, n: int, rows: int, columns: int, entries: str) -> Batch:
    """The transpose of a matrix, as in `transpose([1,2.5;-3,4])` with the answer `1,-3;2.5,4`.

    Levels grow in rows and columns, then go over the distributions of the entries. Guessing scores nothing. A matrix
    and its transpose share a key. Source: section 4.1 of Charton, 2022.
    """
    matrices = draw_matrices(rng, (n, rows, columns), entries)
    turned = matrices.swapaxes(1, 2)
    key = np.minimum(hash_matrices("transpose", matrices), hash_matrices("transpose", turned))
    question = join("transpose([", write_units(matrices, DECIMALS), "])")
    return Batch(question, write_units(turned, DECIMALS), key, {"numbers": np.full(n, rows * columns)})


@task(
    "linear-algebra/matrix-sum",
    answer=Matrix(DIGITS),
    levels=SHAPES,
    beyond=LARGER_SHAPES,
    bulk=True,
    draws=DRAWS,
    perturbations=perturbed.SWAP_MATRICES,
)
def matrix_sum(rng: np.random.Generator, n: int, rows: int, columns: int, entries: str) -> Batch:
    """The sum of two matrices of one shape, as in `[1,2.5;-3,4]+[0.5,1;1,1]` with the answer `1.5,3.5;-2,5`.

    Levels grow in rows and columns, then go over the distributions of the entries; sums are exact. Guessing scores
    nothing. The key knows no order of the two, nor whether both are transposed. Source: section 4.2 of Charton, 2022.
    """
    first, second = (draw_matrices(rng, (n, rows, columns), entries) for _ in range(2))
    ways = [(first, second), (second, first)]
    ways += [(one.swapaxes(1, 2), other.swapaxes(1, 2)) for one, other in ways]
    key = np.min([hash_matrices("matrix-sum", *way) for way in ways], axis=0)
    question = join("[", write_units(first, DECIMALS), "]+[", write_units(second, DECIMALS), "]")
    return Batch(question, write_units(first + second, DECIMALS), key, {"numbers": np.full(n, 2 * rows * columns)})


@task("linear-algebra/matrix-vector", answer=Matrix(DIGITS), levels=SQUARE, beyond=LARGER, bulk=True, draws=DRAWS)
def matrix_vector(rng: np.random.Generator, n: int, size: int, entries: str) -> Batch:
    """A matrix times a vector, which stands in round brackets, as in `[1,2;3,4]*(5,6)` with the answer `17,39`.

    Levels grow in size, then go over the distributions of the entries, which the vector shares (for `wigner` it is
    uniform). Guessing scores nothing. The key knows no order of the rows, nor of the columns with the vector's entries.
    Source: section 4.3 of Charton, 2022.
    """
    matrices, vectors = draw_matrices(rng, (n, size, size), entries), _draw_vectors(rng, n, size, entries)
    product = (matrices * vectors).sum(axis=2)[:, None, :] / PRODUCT_UNITS
    question = join("[", write_units(matrices, DECIMALS), "]*(", write_units(vectors, DECIMALS), ")")
    key = hash_unordered("matrix-vector", matrices, columns=vectors[:, 0])
    return Batch(question, write_floats(product, DIGITS), key, {"size": np.full(n, size)})


@task("linear-algebra/matrix-product", answer=Matrix(DIGITS), levels=SQUARE, beyond=LARGER, bulk=True, draws=DRAWS)
def matrix_product(rng: np.random.Generator, n: int, size: int, entries: str) -> Batch:
    """The product of two square matrices, as in `[1,2;3,4]*[5,6;7,8]` with the answer `19,22;43,50`.

    Levels grow in size, then go over the distributions of the entries. Guessing scores nothing. A product shares its
    key with the one of the transposes in the other order. Source: section 4.3 of Charton, 2022.
    """
    first, second = (draw_matrices(rng, (n, size, size), entries) for _ in range(2))
    question = join("[", write_units(first, DECIMALS), "]*[", write_units(second, DECIMALS), "]")
    turned = hash_matrices("matrix-product", second.swapaxes(1, 2), first.swapaxes(1, 2))
    key = np.minimum(hash_matrices("matrix-product", first, second), turned)
    return Batch(question, write_floats((first @ second) / PRODUCT_UNITS, DIGITS), key, {"size": np.full(n, size)})


@task(
    "linear-algebra/determinant",
    answer=Integer(),
    levels=[
        {"size": size, "largest": largest} for size, largest in ((2, 99), (3, 9), (3, 99), (4, 9), (4, 99), (5, 9))
    ],
    beyond=[{"size": size, "largest": 9} for size in (6, 7, 8)],
    bulk=True,
    draws=DRAWS,
    perturbations=perturbed.SWAP_ROWS_NEGATED,
    quantities=square_matrix_quantities,
)
def determinant(rng: np.random.Generator, n: int, size: int, largest: int) -> Batch:
    """The determinant of a matrix of whole numbers, exactly, as in `det([1,2;3,4])` with the answer `-2`.

    Entries are uniform over -largest .. largest; levels grow in size and in entries. Guessing 0 scores 0.6 % at most.
    The key knows no order of the rows, nor of the columns, nor which are which; they change the sign at most. Source:
    every first course of linear algebra.
    """
    if math.factorial(size) * largest**size >= 2**63:
        raise UserError(
            f"determinants of size {size} with entries up to {largest} do not fit 64 bits",
            where="linear-algebra/determinant",
            mend="take a smaller size or smaller entries",
        )
    matrices = rng.integers(-largest, largest + 1, (n, size, size))
    question = join("det([", write_units(matrices), "])")
    return Batch(question, determinants(matrices), hash_unordered("det", matrices), {"size": np.full(n, size)})


def determinants(matrices: Units) -> Units:
    """Exact determinants of square matrices of whole numbers below 2**63 / size! in their products; shape (n,).

    Laplace's expansion: the minors of the first k rows, for every choice of k columns, from those of k - 1 rows. A
    minor is a sum of k! products, so no sum overflows.

    >>> determinants(np.array([[[1, 2], [3, 4]]])).tolist()
    [-2]
    """
    size = matrices.shape[1]
    columns = matrices.transpose(1, 2, 0).copy()
    minors: dict[tuple[int, ...], Any] = {(): np.ones(len(matrices), np.int64)}
    for row in range(size):
        minors = {
            chosen: sum(
                (-1) ** (row - place) * columns[row, column] * minors[chosen[:place] + chosen[place + 1 :]]
                for place, column in enumerate(chosen)
            )
            for chosen in combinations(range(size), row + 1)
        }
    found: Units = minors[tuple(range(size))]
    return found


@task(
    "linear-algebra/rank",
    answer=Integer(),
    levels=[{"size": size} for size in (3, 4, 5, 6)],
    beyond=[{"size": size} for size in (7, 8)],
    bulk=True,
    draws=2**11,
    chance=lambda size: 1 / size,
    perturbations=perturbed.SWAP_ROWS,
)
def rank(rng: np.random.Generator, n: int, size: int) -> Batch:
    """The rank of a square matrix of whole numbers, as in `rank([1,2,3;2,4,6;0,1,1])` with the answer `2`.

    Every rank from 1 to the size is equally likely, so guessing scores 1 / size. A matrix of rank r is the product of
    one with r columns, of numbers in -5..5, and one with r rows, of numbers within 40 / sqrt(r), which gives the
    entries the same spread for every r. Levels grow in size. The key knows no order of the rows or of the columns.
    Source: every first course of linear algebra.
    """
    ranks = rng.integers(1, size + 1, n)
    matrices, sound = np.zeros((n, size, size), np.int64), np.zeros(n, bool)
    for _ in range(4):
        drawn = _products_of_rank(rng, ranks, size)
        matrices, sound = np.where(sound[:, None, None], matrices, drawn), sound | (_ranks_modulo(drawn) == ranks)
    matrices, ranks = matrices[sound], ranks[sound]
    question = join("rank([", write_units(matrices), "])")
    rejected = {"the rank fell by chance": int(n - sound.sum())}
    key = np.minimum(hash_unordered("rank", matrices), hash_unordered("rank", -matrices))
    return Batch(question, ranks, key, {"size": np.full(len(ranks), size)}, rejected)


def _products_of_rank(rng: np.random.Generator, ranks: Units, size: int) -> Units:
    """Matrices of at most the given ranks; entries below 5 * 40 * sqrt(size)."""
    used = np.arange(size) < ranks[:, None]
    left = rng.integers(-5, 6, (len(ranks), size, size)) * used[:, None, :]
    bound = np.rint(40 / np.sqrt(ranks)).astype(np.int64)[:, None, None]
    right: Units = left @ rng.integers(-bound, bound + 1, (len(ranks), size, size))
    return right


def _ranks_modulo(matrices: Units, prime: int = 2**31 - 1) -> Units:
    """The ranks in the field of `prime` elements, which are the true ones or below; by elimination, exactly."""
    rest, found = matrices % prime, np.zeros(len(matrices), np.int64)
    rows, every = np.arange(matrices.shape[1]), np.arange(len(matrices))
    for column in rows:
        open_rows = (rest[:, :, column] != 0) & (rows >= found[:, None])
        pivot = open_rows.argmax(axis=1)
        usable = open_rows.any(axis=1)
        place = np.where(usable, found, pivot)
        chosen, other = rest[every, pivot].copy(), rest[every, place].copy()
        rest[every, pivot], rest[every, place] = other, chosen
        # Cross-multiplying needs no inverse; entries and prime stay below 2**31, so products fit.
        below = (rows > place[:, None]) & usable[:, None]
        reduced = (rest * chosen[:, None, column, None] - rest[:, :, column, None] * chosen[:, None, :]) % prime
        rest = np.where(below[:, :, None], reduced, rest)
        found += usable
    return found


def inverse_error(question: str, answer: str, prediction: str) -> float:
    """The norm of P*M - I over the norm of I, for a predicted inverse P; infinite for another shape."""
    matrix, given = read_matrix(question.removeprefix("inverse([").removesuffix("])")), read_matrix(prediction)
    if matrix is None or given is None or given.shape != matrix.shape:
        return math.inf
    with np.errstate(all="ignore"):
        error = float(np.abs(given @ matrix - np.eye(len(matrix))).sum() / len(matrix))
    return error if math.isfinite(error) else math.inf


@task(
    "linear-algebra/inverse",
    answer=Matrix(INVERSE_DIGITS),
    levels=SQUARE,
    beyond=LARGER,
    bulk=True,
    draws=DRAWS,
    check=inverse_error,
)
def inverse(rng: np.random.Generator, n: int, size: int, entries: str) -> Batch:
    """The inverse of a matrix, as in `inverse([1,2;3,4])` with the answer `-2,1;1.5,-0.5`.

    A prediction P for the matrix M is judged by the norm of P*M - I over that of I, so that what inverts well enough is
    right. Levels grow in size, then go over the distributions of the entries; matrices with a condition number above
    100 (by the 1-norm) are rejected. Guessing scores nothing. The key knows no order of rows or columns, nor which are
    which. Source: section 4.6 of Charton, 2022.
    """
    matrices = draw_matrices(rng, (n, size, size), entries)
    found, kept = inverted(matrices * UNIT)
    matrices, traits = matrices[kept], {"size": np.full(int(kept.sum()), size)}
    question, key = join("inverse([", write_units(matrices, DECIMALS), "])"), hash_unordered("inverse", matrices)
    return Batch(question, write_floats(found[kept], INVERSE_DIGITS), key, traits, _rejected(kept))


@task("linear-algebra/solve", answer=Matrix(DIGITS), levels=SQUARE, beyond=LARGER, bulk=True, draws=DRAWS)
def solve(rng: np.random.Generator, n: int, size: int, entries: str) -> Batch:
    """The vector x with A x = b, as in `solve([1,2;3,4],(5,6))` with the answer `-4,4.5`.

    Drawn as for inverse, with the same bound on the condition; b shares the distribution of the entries (for `wigner`
    it is uniform). Levels as for inverse. Guessing scores nothing. The key knows no order of the equations nor of the
    unknowns, nor the sign of an equation whose right side is not 0. Source: every first course of linear algebra.
    """
    matrices, vectors = draw_matrices(rng, (n, size, size), entries), _draw_vectors(rng, n, size, entries)
    found, kept = inverted(matrices * UNIT)
    matrices, vectors = matrices[kept], vectors[kept]
    solutions = (found[kept] * (vectors * UNIT)).sum(axis=2)[:, None, :]
    question = join("solve([", write_units(matrices, DECIMALS), "],(", write_units(vectors, DECIMALS), "))")
    signs = np.where(vectors[:, 0] < 0, -1, 1)
    key = hash_unordered("solve", matrices * signs[:, :, None], rows=vectors[:, 0] * signs)
    traits = {"size": np.full(len(matrices), size)}
    return Batch(question, write_floats(solutions, DIGITS), key, traits, _rejected(kept))


def inverted(matrices: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The inverses, and which of them are of matrices with a bounded condition; the others are not to be used."""
    size = matrices.shape[1]
    regular = np.abs(np.linalg.det(matrices)) > 1e-9
    found = np.linalg.inv(np.where(regular[:, None, None], matrices, np.eye(size)))
    condition = np.abs(matrices).sum(axis=1).max(axis=1) * np.abs(found).sum(axis=1).max(axis=1)
    return found, regular & (condition <= WORST_CONDITION)


def _draw_vectors(rng: np.random.Generator, n: int, size: int, entries: str) -> Units:
    """Shape (n, 1, size); a vector of zeros would have no direction, so its first entry becomes 1."""
    vectors = draw_matrices(rng, (n, 1, size), "uniform" if entries == "wigner" else entries)
    vectors[~vectors.any(axis=(1, 2)), 0, 0] = 10**DECIMALS
    return vectors


def _rejected(kept: npt.NDArray[np.bool_]) -> dict[str, int]:
    return {"condition above 100": int((~kept).sum())}
