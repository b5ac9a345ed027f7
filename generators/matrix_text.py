"""Matrices as columns of text, and the keys that matrices share when their rows or columns only change places.

A column of n matrices is an array of shape (n, rows, columns); a column of vectors has one row. Entries that stand in
questions are whole numbers of units, a unit being 10**-decimals, so that what is written is what is computed with.
"""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Keys, UserError, hash_integers, hash_text, mix

Units = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]

DECIMALS: Final = 2
LARGEST: Final = 10 * 10**DECIMALS
"""The largest entry of a uniform matrix, in units."""
DEVIATION: Final = LARGEST / 3**0.5
"""The standard deviation of uniform entries, which Gaussian ones share."""

_SEPARATORS: Final = (",", ";", "")
_NOISE: Final = 1e-9


def draw_matrices(rng: np.random.Generator, shape: tuple[int, int, int], entries: str) -> Units:
    """Independent entries in units of 0.01: `uniform` over -10..10, `positive` over 0..10, or `gaussian`, with the
    standard deviation of the uniform ones and cut at 40. `wigner` matrices are uniform and symmetric.

    >>> draw_matrices(np.random.default_rng(0), (1, 2, 2), "wigner").shape
    (1, 2, 2)
    """
    if entries == "uniform":
        return rng.integers(-LARGEST, LARGEST + 1, shape)
    if entries == "positive":
        return rng.integers(0, LARGEST + 1, shape)
    if entries == "gaussian":
        drawn = np.rint(rng.normal(0, DEVIATION, shape)).astype(np.int64)
        return np.clip(drawn, -4 * LARGEST, 4 * LARGEST)
    if entries == "wigner":
        return mirrored(rng.integers(-LARGEST, LARGEST + 1, shape))
    known = "uniform, gaussian, wigner or positive"
    raise UserError(f"no distribution of entries is named {entries!r}", where="linear-algebra", mend=f"take {known}")


def mirrored(matrices: Units) -> Units:
    """Symmetric matrices with the same diagonals and upper triangles."""
    return np.triu(matrices) + np.triu(matrices, 1).swapaxes(1, 2)


def write_units(units: Units, decimals: int = 0) -> pa.Array:
    """Rows with `;` and entries with `,` between, exactly and without needless zeros; shape (n,).

    >>> write_units(np.array([[[150, -5], [0, 1000]]]), 2).to_pylist()
    ['1.5,-0.05;0,10']
    """
    n, rows, columns = units.shape
    if not units.size:
        return pa.array([""] * n, pa.string())
    largest = 1 << int(np.abs(units).max()).bit_length()
    separator = np.zeros((rows, columns), np.int64)
    separator[:, -1] = 1
    separator[-1, -1] = 2
    index = (units + largest) * len(_SEPARATORS) + separator
    # The pieces of one matrix stand side by side in the buffer, so longer strings are the same bytes with fewer cuts.
    pieces = _pieces(largest, decimals).take(pa.array(index.ravel()))
    cuts = np.frombuffer(pieces.buffers()[1], np.int32)[: units.size + 1 : rows * columns]
    return pa.StringArray.from_buffers(n, pa.py_buffer(cuts.tobytes()), pieces.buffers()[2])


@cache
def _pieces(largest: int, decimals: int) -> pa.Array:
    """Every number from -largest to largest, followed by each separator."""
    numbers = (_decimal(unit, decimals) for unit in range(-largest, largest + 1))
    return pa.array([number + separator for number in numbers for separator in _SEPARATORS])


def _decimal(unit: int, decimals: int) -> str:
    text = f"{unit / 10**decimals:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def write_floats(values: Floats, digits: int) -> pa.Array:
    """The same for floats, with so many significant digits, as the answer kind Matrix writes them.

    What is 10**9 times smaller than the largest entry of its matrix is the noise of a computation, and written as 0.

    >>> write_floats(np.array([[[1 / 3, -1e-17, 123456.0]]]), 4).to_pylist()
    ['0.3333,0,1.235e5']
    """
    n, rows, columns = values.shape
    size = np.abs(values).max(axis=(1, 2), keepdims=True, initial=0)
    kept = np.where(np.abs(values) < _NOISE * size, 0.0, values)
    line = ";".join([",".join([f"%.{digits}g"] * columns)] * rows)
    texts = pa.array([line % tuple(row) for row in kept.reshape(n, rows * columns).tolist()], pa.string())
    return pc.replace_substring_regex(pc.replace_substring_regex(texts, r"e\+0?", "e"), "e-0", "e-")


def hash_matrices(name: str, *matrices: Units) -> Keys:
    """A key for matrices as they stand, side by side; shape (n,)."""
    shapes = [side for matrix in matrices for side in matrix.shape[1:]]
    entries = [matrix.reshape(len(matrix), matrix.shape[1] * matrix.shape[2]) for matrix in matrices]
    return hash_integers(name, *shapes, *entries)


def hash_unordered(name: str, matrices: Units, rows: Units | None = None, columns: Units | None = None) -> Keys:
    """A key that does not depend on the order of rows and of columns, nor on which is which; shape (n,).

    `rows` and `columns`, of shapes (n, rows) and (n, columns), are numbers that belong to a row or a column and move
    with it. Each row is hashed from its entries, and each entry with its column, twice over (the refinement of
    Weisfeiler and Leman, 1968).

    >>> one, other = hash_unordered("any", np.array([[[1, 2], [3, 4]], [[4, 2], [3, 1]]])).tolist()
    >>> one == other
    True
    """
    n, height, width = matrices.shape
    entries = mix(matrices.view(np.uint64))
    down = mix(np.zeros((n, height), np.uint64) if rows is None else ~rows.view(np.uint64))
    across = mix(np.zeros((n, width), np.uint64) if columns is None else ~columns.view(np.uint64))
    for _ in range(2):
        down, across = (
            mix(down + mix(entries + across[:, None, :]).sum(axis=2)),
            mix(across + mix(entries + down[:, :, None]).sum(axis=1)),
        )
    sides = np.sort([mix(down.sum(axis=1) + np.uint64(height)), mix(across.sum(axis=1) + np.uint64(width))], axis=0)
    return mix(hash_text(pa.array([name])) + mix(sides[0] + mix(sides[1])))
