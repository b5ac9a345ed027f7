"""RC4, Rivest 1987, as in Schneier, "Applied cryptography", 1996, section 17.1; test vectors in RFC 6229.

Reduced to s steps, the key schedule stops after its first s swaps, and all else stays; the full one has 256. RC4-drop-n
throws the first n bytes away (Mironov, "(Not so) random shuffles of RC4", CRYPTO 2002). RFC 7465 forbids RC4 in TLS.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError

Octets = npt.NDArray[np.uint8]
"""Bytes, shape (n, length)."""

SIZE: Final = 256
_TOGETHER: Final = 2048
"""Permutations that are shuffled at once: half a megabyte, which a core keeps near."""


def keystream(keys: Octets, count: int, dropped: int = 0, steps: int = SIZE) -> Octets:
    """`count` bytes under each key, of 1 to 256 bytes, after the first `dropped`; shape (n, count).

    >>> keystream(np.frombuffer(b"Key", np.uint8)[None], 5).tobytes().hex()
    'eb9f7781b7'
    """
    if not 1 <= keys.shape[1] <= SIZE:
        raise UserError(f"a key of {keys.shape[1]} bytes", where="rc4", mend=f"from 1 to {SIZE}")
    if not 0 <= steps <= SIZE:
        raise UserError(f"{steps} steps", where="rc4", mend=f"from 0 to {SIZE}")
    if dropped < 0 or count < 1:
        raise UserError(f"{count} bytes after {dropped}", where="rc4", mend="1 or more after 0 or more")
    pieces = [keys[start : start + _TOGETHER] for start in range(0, len(keys), _TOGETHER)]
    made = [_generated(*_scheduled(piece, steps), count, dropped) for piece in pieces]
    return np.concatenate(made) if made else np.empty((0, count), np.uint8)


def _scheduled(keys: Octets, steps: int) -> tuple[Any, Any]:
    """The shuffled permutations in one flat array, and where each begins."""
    n, length = keys.shape
    columns = np.ascontiguousarray(keys.T)
    rows = np.arange(n) * SIZE
    s = np.tile(np.arange(SIZE, dtype=np.uint8), n)
    table = s.reshape(n, SIZE)
    j = np.zeros(n, np.uint8)
    for i in range(steps):
        one = table[:, i].copy()
        j += one
        j += columns[i % length]
        _swap(s, table[:, i], one, rows + j)
    return s, rows


def _generated(s: Any, rows: Any, count: int, dropped: int) -> Octets:
    table = s.reshape(-1, SIZE)
    j = np.zeros(len(rows), np.uint8)
    found = np.empty((count, len(rows)), np.uint8)
    for place in range(dropped + count):
        i = (place + 1) % SIZE
        one = table[:, i].copy()
        j += one
        other = _swap(s, table[:, i], one, rows + j)
        if place >= dropped:
            found[place - dropped] = s.take(rows + (one + other))
    return found.T


def _swap(s: Any, places_i: Any, at_i: Octets, places_j: Any) -> Octets:
    """S[i] and S[j] change places; gives what stood at j."""
    at_j: Octets = s.take(places_j)
    places_i[:] = at_j
    s[places_j] = at_i
    return at_j
