"""What every hash function here offers: digests of columns of messages, at full or at fewer steps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.words import Words, wrap

Octets = npt.NDArray[np.uint8]
"""Messages or digests of one length, one a row: shape (n, bytes)."""

Compress = Callable[[Words, Words, int], list[Any]]
"""The next chaining value from the last one, a block of 16 words and so many steps."""

CHUNK: Final = 16384
"""Messages hashed at a time: a word's column is then 64 KiB, and what a step needs stays in a core's cache."""


@dataclass(frozen=True)
class HashFunction:
    """A hash function over columns: any number of steps from 1 to `steps`, the full function's.

    `hash_octets(messages, steps)` gives digests of shape (n, digest_bits / 8) for messages of shape (n, bytes). A
    reduced function makes the first of its steps in every block, and ends like the full one: the addition of the
    chaining value, the final exclusive or or the squeezing are kept, and so is the padding.
    """

    name: str
    digest_bits: int
    steps: int
    hash_octets: Callable[[Octets, int], Octets]

    def digest(self, messages: Octets, steps: int | None = None) -> Octets:
        """Digests of all rows, at full steps where `steps` is None; UserError for steps that the function has not."""
        steps = self.steps if steps is None else steps
        self.require_steps(steps)
        starts = range(0, max(len(messages), 1), CHUNK)
        return np.concatenate([self.hash_octets(messages[start : start + CHUNK], steps) for start in starts])

    def require_steps(self, steps: int) -> None:
        """UserError for fewer than one step or more than the function has."""
        if not 1 <= steps <= self.steps:
            raise UserError(f"{steps} steps", where=self.name, mend=f"from 1 to {self.steps}")


def merkle_damgard(
    messages: Octets, initial: Sequence[int], compress: Compress, steps: int, order: Literal["<", ">"]
) -> Octets:
    """The digests of a function that chains blocks of 64 bytes (Merkle, 1979; Damgård, 1989).

    The padding is a bit 1, zeros, and the message's length in bits as 64 bits; `order` is that of the bytes in a word
    and in the length, little-endian `<` or big-endian `>`.
    """
    n, length = messages.shape
    bits = np.array([8 * length], f"{order}u8").tobytes()
    padding = np.frombuffer(b"\x80" + bytes(-(length + 9) % 64) + bits, np.uint8)
    state: Words = columns(initial)
    for block in blocks(messages, padding, 4, order):
        state = compress(state, block, steps)
    return octets(state, n, order)


def blocks(
    messages: Octets, padding: Octets, word_bytes: Literal[4, 8], order: Literal["<", ">"], block_words: int = 16
) -> Iterator[list[npt.NDArray[Any]]]:
    """The words of each block of the messages with the padding behind them; one that is all padding has shape (1,)."""
    n, length = messages.shape
    begun = length + -length % word_bytes
    rows = np.concatenate([messages, np.broadcast_to(padding[: begun - length], (n, begun - length))], axis=1)
    rest = padding[begun - length :][None]
    kind = np.dtype(f"{order}u{word_bytes}")
    native = kind.newbyteorder("=")
    words = [
        np.ascontiguousarray(part[:, start : start + word_bytes]).view(kind)[:, 0].astype(native)
        for part in (rows, rest)
        for start in range(0, part.shape[1], word_bytes)
    ]
    for start in range(0, len(words), block_words):
        yield words[start : start + block_words]


def columns(values: Sequence[int], bits: Literal[32, 64] = 32) -> list[npt.NDArray[Any]]:
    """Words that are the same for all messages, each of shape (1,)."""
    return [np.array([value], np.uint32 if bits == 32 else np.uint64) for value in values]


def octets(words: Words, n: int, order: Literal["<", ">"]) -> Octets:
    """The words' bytes side by side, shape (n, bytes)."""
    matrix = np.stack([np.broadcast_to(word, n) for word in words], axis=1)
    return np.ascontiguousarray(matrix.astype(matrix.dtype.newbyteorder(order))).view(np.uint8)


def added(state: Words, fresh: Words) -> list[Any]:
    """Word by word the sums modulo 2**32: how a compression function ends (Davies and Meyer)."""
    return [wrap(old + new, 32) for old, new in zip(state, fresh, strict=True)]


RELATED: Final = 8
"""Bytes of the messages whose digests are compared."""
SHOWN: Final = 8
"""Bytes of a digest that preimages and distinguishers are given: 64 bits, the first."""


def related_digests(function: HashFunction, messages: Octets, steps: int) -> tuple[Octets, Octets]:
    """The first 64 bits of the digests of messages, and of the same with their last bit flipped; shapes (n, 8)."""
    flipped = messages.copy()
    flipped[:, -1] ^= 1
    return function.digest(messages, steps)[:, :SHOWN], function.digest(flipped, steps)[:, :SHOWN]
