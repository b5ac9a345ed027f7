"""Texts of one width as matrices of ASCII bytes: how cipher tasks write questions and answers without a loop."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Characters = npt.NDArray[np.uint8]
"""ASCII codes, shape (n, width)."""

_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_BYTES: Final = np.stack([np.repeat(_DIGITS, 16), np.tile(_DIGITS, 16)], axis=1).view(np.uint16).ravel()
"""The two digits of each byte, side by side in one number: looked up ten times as fast as two. Shape (256,)."""


def lines(*pieces: str | Characters) -> pa.Array:
    """One string a row, the pieces side by side; a plain string stands in every row, at least one piece is a matrix.

    >>> lines("key=", np.array([[72, 73], [74, 75]], np.uint8), ";").to_pylist()
    ['key=HI;', 'key=JK;']
    >>> lines(np.array([[72, 73], [74, 75]], np.uint8, order="F")).to_pylist()
    ['HI', 'JK']
    """
    n = next(len(piece) for piece in pieces if not isinstance(piece, str))
    parts = [
        np.broadcast_to(np.frombuffer(piece.encode("ascii"), np.uint8), (n, len(piece)))
        if isinstance(piece, str)
        else piece
        for piece in pieces
    ]
    whole = np.ascontiguousarray(np.concatenate(parts, axis=1))  # rows one after another, whatever the parts' order
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(whole.shape[1])
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(whole))


def octets(rows: npt.NDArray[np.uint8]) -> Characters:
    """Bytes, shape (n, count), as two lower-case hexadecimal digits each, shape (n, 2 * count).

    >>> lines(octets(np.array([[1, 255]], np.uint8))).to_pylist()
    ['01ff']
    """
    return _BYTES.take(rows).view(np.uint8)


def hexadecimal(words: Sequence[npt.NDArray[Any]], bits: int) -> Characters:
    """Words of so many bits (a multiple of 4) as lower-case hexadecimal digits, shape (n, len(words) * bits / 4).

    >>> lines(hexadecimal([np.array([0xAB, 1], np.uint16), np.array([2, 3], np.uint16)], 12)).to_pylist()
    ['0ab002', '001003']
    """
    digits = bits // 4
    pieces = []
    for word in words:
        swapped = np.ascontiguousarray(word).astype(word.dtype.newbyteorder(">"), copy=False)
        octets = swapped.view(np.uint8).reshape(len(word), -1)
        pieces.append(_BYTES.take(octets).view(np.uint8)[:, -digits:])
    return np.concatenate(pieces, axis=1)


def binary(words: Sequence[npt.NDArray[Any]], bits: int) -> Characters:
    """Words of so many bits as the characters 0 and 1, most significant first, shape (n, len(words) * bits).

    >>> lines(binary([np.array([5, 2], np.uint8)], 3)).to_pylist()
    ['101', '010']
    """
    pieces = []
    for word in words:
        swapped = np.ascontiguousarray(word).astype(word.dtype.newbyteorder(">"), copy=False)
        octets = swapped.view(np.uint8).reshape(len(word), -1)
        pieces.append(np.unpackbits(octets, axis=1)[:, -bits:])
    return np.concatenate(pieces, axis=1) + np.uint8(48)
