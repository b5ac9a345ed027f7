"""Answer kinds of cryptography: words of so many bits, as hexadecimal digits or as zeros and ones."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts.answer import LONGEST, select
from enigmath.bench.contracts.errors import UserError

BitMatrix = npt.NDArray[np.uint8]
"""Zeros and ones, shape (n, bits), the most significant bit first."""


@runtime_checkable
class Binary(Protocol):
    """A kind whose answers are so many bits, so that each of them can be right or wrong."""

    def bits(self, canonical: pa.Array) -> BitMatrix:
        """The bits of canonical texts of one length, shape (n, bits); a row of null is all zero."""
        ...


@dataclass(frozen=True)
class Hexadecimal:
    """So many hexadecimal digits, the most significant first; lower case, though capitals are read as well.

    Without a number of digits, any number up to 1,000, for a task whose levels differ in it.

    >>> Hexadecimal(4).canonical(pa.array(["00FF", "0xff", " 1234 ", "123"])).to_pylist()
    ['00ff', None, '1234', None]
    >>> Hexadecimal(1).bits(pa.array(["a", None])).tolist()
    [[1, 0, 1, 0], [0, 0, 0, 0]]
    """

    digits: int | None = None

    def __post_init__(self) -> None:
        """Raises UserError for a number of digits that no answer has."""
        _require_length(self.digits, "digits", "Hexadecimal")

    @property
    def components(self) -> int:
        """Not a number to be near of."""
        return 0

    def write(self, value: str) -> str:
        """The digits themselves, lower case."""
        return str(value).lower()

    def canonical(self, texts: pa.Array) -> pa.Array:
        """Exactly so many digits, in lower case."""
        return pc.ascii_lower(select(texts, f"[0-9a-fA-F]{_exactly(self.digits)}"))

    def values(self, canonical: pa.Array) -> npt.NDArray[np.float64]:
        """Shape (n, 0)."""
        return np.empty((len(canonical), 0))

    def bits(self, canonical: pa.Array) -> BitMatrix:
        """Shape (n, 4 * digits)."""
        codes = _codes(canonical)
        nibbles = np.where(codes >= ord("a"), codes - (ord("a") - 10), codes - ord("0")).astype(np.uint8)
        return np.unpackbits(nibbles[:, :, None], axis=2)[:, :, 4:].reshape(len(nibbles), -1)


@dataclass(frozen=True)
class Bits:
    """So many zeros and ones, the most significant first; any number up to 1,000 where none is given.

    >>> Bits(3).canonical(pa.array(["101", "10", "102"])).to_pylist()
    ['101', None, None]
    """

    count: int | None = None

    def __post_init__(self) -> None:
        """Raises UserError for a number of bits that no answer has."""
        _require_length(self.count, "bits", "Bits")

    @property
    def components(self) -> int:
        """Not a number to be near of."""
        return 0

    def write(self, value: str) -> str:
        """The bits themselves."""
        return str(value)

    def canonical(self, texts: pa.Array) -> pa.Array:
        """Exactly so many of them."""
        return select(texts, f"[01]{_exactly(self.count)}")

    def values(self, canonical: pa.Array) -> npt.NDArray[np.float64]:
        """Shape (n, 0)."""
        return np.empty((len(canonical), 0))

    def bits(self, canonical: pa.Array) -> BitMatrix:
        """Shape (n, count)."""
        return _codes(canonical) - np.uint8(ord("0"))


def _require_length(length: int | None, unit: str, where: str) -> None:
    if length is not None and not 1 <= length <= LONGEST:
        raise UserError(f"{length} {unit}", where=where, mend=f"from 1 to {LONGEST}")


def _exactly(length: int | None) -> str:
    return "+" if length is None else f"{{{length}}}"


def _codes(canonical: pa.Array) -> BitMatrix:
    """ASCII codes of texts of one width, shape (n, width); those of `0` for null."""
    width = pc.max(pc.binary_length(canonical)).as_py() or 0
    text = "".join(pc.fill_null(canonical, "0" * width).to_pylist()).encode("ascii")
    return np.frombuffer(text, np.uint8).reshape(len(canonical), width)
