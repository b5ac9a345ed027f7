"""Attacks on hash functions: every message tried, and the bits of a difference that lean to one side."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import UserError
from enigmath.bench.primitives.blake2s import BLAKE2S
from enigmath.bench.primitives.hash_function import CHUNK, RELATED, SHOWN, HashFunction, related_digests
from enigmath.bench.primitives.md5 import MD5
from enigmath.bench.primitives.sha1 import SHA1
from enigmath.bench.primitives.sha3 import SHA3
from enigmath.bench.primitives.sha256 import SHA256

FUNCTIONS: Final = {function.name: function for function in (MD5, SHA1, SHA256, SHA3, BLAKE2S)}
_PREIMAGE: Final = re.compile(r"([a-z0-9]{1,10})\.preimage\(([0-9]{1,3}),([0-9]{1,2}),([0-9a-f]{16})\)")
_DISTINGUISH: Final = re.compile(r"([a-z0-9]{1,10})\.distinguish\(([0-9]{1,3}),([0-9a-f]{16}),([0-9a-f]{16})\)")


@dataclass
class ExhaustiveSearch:
    """Hashes one message after another until the digest fits: `sha256.preimage(64,16,...)` and its like.

    Questions on one space are searched together, so that many cost little more than one. At most `tries` messages are
    hashed a space: 2**24 answer every question in spaces up to 2**24 and 1 in 256 of those in 2**32. Measured on 200
    questions a space: all answered up to 2**24; 200 of MD5 in 2**24 take 2 s on one core, of SHA-256 9 s.
    """

    tries: int = 2**24
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raises UserError for a number of tries that is not 1 to 2**32."""
        if not 1 <= self.tries <= 2**32:
            raise UserError(f"{self.tries} tries", where="exhaustive-search", mend="from 1 to 4294967296")

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """Four bytes in hexadecimal for each digest that was met."""
        asked: defaultdict[tuple[str, int, int], set[int]] = defaultdict(set)
        read = [_PREIMAGE.fullmatch(question.strip()) for question in questions]
        for match in read:
            if match and _known(match[1], int(match[2])) and 1 <= int(match[3]) <= 32:
                asked[match[1], int(match[2]), int(match[3])].add(int(match[4], 16))
        met = {which: self._search(*which, digests) for which, digests in asked.items()}
        return [
            met.get((match[1], int(match[2]), int(match[3])), {}).get(int(match[4], 16)) if match else None
            for match in read
        ]

    def _search(self, name: str, steps: int, space: int, digests: set[int]) -> dict[int, str]:
        """The message of each digest that one of the first `tries` numbers has."""
        wanted = np.array(sorted(digests), np.uint64)
        found: dict[int, str] = {}
        end = min(self.tries, 1 << space)
        for start in range(0, end, CHUNK):
            numbers = np.arange(start, min(start + CHUNK, end), dtype=np.uint64).astype(">u4")
            shown = FUNCTIONS[name].digest(numbers[:, None].view(np.uint8), steps)[:, :SHOWN]
            values = np.ascontiguousarray(shown).view(">u8")[:, 0].astype(np.uint64)
            place = np.minimum(np.searchsorted(wanted, values), len(wanted) - 1)
            for row in np.flatnonzero(wanted[place] == values).tolist():
                found.setdefault(int(values[row]), f"{int(numbers[row]):08x}")
            if len(found) == len(wanted):
                break
        return found


@dataclass
class DifferenceBias:
    """Tells related digests by the bits in which they differ more often, or less, than half the time.

    For each function and number of steps it hashes `pairs` related messages of its own, counts how often each bit of
    the exclusive or is 1, and adds up the logarithms of how much more likely a real pair's bits are than random ones,
    as though the bits were independent; the threshold is the one that is right most often on as many other pairs.
    Right of 4,000: MD5 at 4, 7, 8, 9, 10, 11 steps 100, 97, 90, 70, 60, 52 %; SHA-1 at 2, 6, 8, 9, 10, 11, 12 steps
    100, 100, 94, 85, 74, 60, 54 %; SHA-256 at 3, 4, 5, 6 steps 100, 93, 54, 51 %; SHA3-256 at 2, 3, 4 rounds 100, 62,
    50 %; BLAKE2s at 1, 2 rounds 99, 50 %; at full steps 50 %, as it must. 20 microseconds a question.
    """

    pairs: int = 2**15
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True
    _learnt: dict[tuple[str, int], tuple[npt.NDArray[np.float64], float]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Raises UserError for a number of pairs that is not 1 to 2**24."""
        if not 1 <= self.pairs <= 2**24:
            raise UserError(f"{self.pairs} pairs", where="difference-bias", mend="from 1 to 16777216")

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """`real` or `random` for each pair of digests."""
        return [self._answer(_DISTINGUISH.fullmatch(question.strip())) for question in questions]

    def _answer(self, match: re.Match[str] | None) -> str | None:
        if match is None or not _known(match[1], int(match[2])):
            return None
        which = match[1], int(match[2])
        if which not in self._learnt:
            self._learnt[which] = self._learn(FUNCTIONS[match[1]], int(match[2]))
        weights, threshold = self._learnt[which]
        bits = np.unpackbits(np.frombuffer((int(match[3], 16) ^ int(match[4], 16)).to_bytes(SHOWN, "big"), np.uint8))
        return "real" if _score(weights, bits[None])[0] > threshold else "random"

    def _learn(self, function: HashFunction, steps: int) -> tuple[npt.NDArray[np.float64], float]:
        """Each bit's weights where it is 0 and where it is 1, shape (2, 64), and the threshold."""
        rng = np.random.Generator(np.random.Philox(steps))
        real, other = (self._differences(rng, function, steps) for _ in range(2))
        random = np.unpackbits(rng.integers(256, size=(self.pairs, SHOWN), dtype=np.uint8), axis=1)
        ones = (real.sum(axis=0) + 1) / (self.pairs + 2)
        weights = np.log2(2 * np.stack([1 - ones, ones]))
        scores = np.concatenate([_score(weights, other), _score(weights, random)])
        order = np.argsort(scores)
        below = np.where(order < self.pairs, -1, 1).cumsum()  # random pairs less real ones, up to each score
        return weights, float(scores[order[int(below.argmax())]])

    def _differences(self, rng: np.random.Generator, function: HashFunction, steps: int) -> npt.NDArray[np.uint8]:
        messages = rng.integers(256, size=(self.pairs, RELATED), dtype=np.uint8)
        first, second = related_digests(function, messages, steps)
        return np.unpackbits(first ^ second, axis=1)


def _score(weights: npt.NDArray[np.float64], bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.asarray(np.where(bits == 1, weights[1], weights[0]).sum(axis=1))


def _known(name: str, steps: int) -> bool:
    return name in FUNCTIONS and 1 <= steps <= FUNCTIONS[name].steps
