"""Generators of numbers and keystreams taken apart: the state, the parameters, the next output, or real from random."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import log
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks import congruential
from enigmath.baselines.attacks.binary_systems import Echelon, echelon, solution
from enigmath.bench.primitives import feedback_registers as registers
from enigmath.bench.primitives import mersenne, rc4, xorshift

Answerer = Callable[[Sequence[str]], str | None]
"""From what stands between the commas of a question to its answer."""

_LONGEST: Final = 10_000
_STEPS: Final = 10_000
"""Steps of a generator that are made at most."""
_SEEDS: Final = 20
"""Bits of a seed of the Mersenne Twister that are tried."""
_KEY_BYTES: Final = 2
"""Bytes of an RC4 key that are tried."""
_DROPPED: Final = 256
"""Bytes dropped up to which RC4 keys are tried."""
_TOGETHER: Final = 2**14


class StateRecovery:
    """Recovers what a generator hides, exactly wherever a textbook says how.

    Shift registers of unknown taps by the algorithm of Berlekamp and Massey (1969); xorshift by elimination over GF(2);
    the Mersenne Twister by undoing its tempering, and from seeds up to 2**20 by trying all; congruential generators by
    greatest common divisors, and by trying up to 16 hidden bits; RC4 by trying keys of one and two bytes, and by
    counting zeros among second bytes (Mantin and Shamir, 2001). Beyond these bounds it gives no answer. Of 254 to 400
    problems of each task and level that it answers, all were right, in at most 3 ms each (and .2 s once for each
    table of RC4 keys or MT19937 seeds), but for RC4 told from random bytes: 57, 66, 84 and 88 % of 400, where the best
    count of zeros is right for 58.7, 66.5, 79.8 and 88.1 %.

    >>> StateRecovery().predict(["lfsr.taps(10001111)", "lcg.continue(251,17,172,190,218)", "xorshift.next(1,zz)"])
    ['1001', '150', None]
    """

    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """An answer for each question of the tasks that name this attack."""
        return [_answer(question.strip()) for question in questions]


def _answer(question: str) -> str | None:
    name, bracket, rest = question[:_LONGEST].partition("(")
    if not bracket or name not in ANSWERS or not rest.endswith(")"):
        return None
    form, answer = ANSWERS[name]
    return answer(rest[:-1].split(",")) if re.fullmatch(form, rest[:-1]) else None


# Shift registers.


def _next_bit(parts: Sequence[str]) -> str | None:
    taps, bits = parts
    return str((int(taps, 2) & int(bits, 2)).bit_count() % 2) if len(taps) == len(bits) else None


def _first_state(parts: Sequence[str]) -> str | None:
    taps, dropped, bits = parts
    size = len(taps)
    if size != len(bits) or taps[0] == "0" or int(dropped) > _STEPS:
        return None
    state = registers.run_back(_one(int(bits, 2)), _one(int(taps, 2)), size, int(dropped))
    return f"{int(state[0]):0{size}b}"


def _taps(parts: Sequence[str]) -> str | None:
    size, taps = _shortest(parts[0])
    return f"{taps:0{size}b}" if 0 < 2 * size <= len(parts[0]) and size <= registers.LARGEST else None


def _continued(parts: Sequence[str]) -> str | None:
    (bits,) = parts
    size, taps = _shortest(bits)
    if not size:
        return "0" * 8
    if 2 * size > len(bits) or size > registers.LARGEST:
        return None
    following = registers.outputs(_one(int(bits[-size:], 2)), _one(taps), size, size + 8)[0, size:]
    return "".join(map(str, following))


def _from_register(parts: Sequence[str]) -> str | None:
    size, bits = int(parts[0]), parts[1]
    if not size <= registers.LARGEST or len(bits) <= 2 * size:
        return None
    return "real" if _shortest(bits)[0] <= size else "random"


def _shortest(bits: str) -> tuple[int, int]:
    size, taps = registers.shortest_registers(np.array([[int(bit) for bit in bits]], np.uint8))
    return int(size[0]), int(taps[0])


def _one(value: int) -> npt.NDArray[np.uint64]:
    return np.array([value], np.uint64)


# xorshift.


def _stepped(step: Callable[[Any, int], Any]) -> Answerer:
    def answer(parts: Sequence[str]) -> str | None:
        steps = int(parts[0])
        return f"{int(step(_words(parts[1]), steps)[0]):08x}" if steps <= _STEPS else None

    return answer


@lru_cache(maxsize=64)
def _tops(top: int, words: int) -> Echelon:
    """The tops of the next outputs as a linear function of the state's bits, the highest first."""
    units = np.uint32(1) << np.arange(31, -1, -1, dtype=np.uint32)
    columns = [0] * 32
    for _ in range(words):
        units = xorshift.forward(units)
        columns = [column << top | int(word) >> (32 - top) for column, word in zip(columns, units, strict=True)]
    return echelon(columns)


def _system(parts: Sequence[str]) -> tuple[Echelon, int] | None:
    top = int(parts[0])
    words, rest = divmod(4 * len(parts[1]), max(top, 1))
    return (_tops(top, words), int(parts[1], 16)) if 4 <= top <= 32 and not rest and words <= 100 else None


def _xorshift_state(parts: Sequence[str]) -> str | None:
    found = _system(parts)
    state = solution(*found) if found and len(found[0]) == 32 else None
    return None if state is None else f"{state:08x}"


def _from_xorshift(parts: Sequence[str]) -> str | None:
    found = _system(parts)
    if found is None or 4 * len(parts[1]) <= 32:
        return None
    return "random" if solution(*found) is None else "real"


# The Mersenne Twister.


def _words(digits: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(bytes.fromhex(digits), ">u4").astype(np.uint32)


def _twisted(parts: Sequence[str]) -> str | None:
    lines = int(parts[0])
    if lines > _STEPS:
        return None
    first, second, middle = mersenne.untemper(_words(parts[1])[:3, None], lines)
    return f"{int(mersenne.temper(mersenne.twist(first, second, middle), lines)[0]):08x}"


def _from_mersenne(parts: Sequence[str]) -> str | None:
    made = _twisted(parts)
    return made and ("real" if made == parts[1][-8:] else "random")


def _ahead(parts: Sequence[str]) -> str | None:
    ahead = int(parts[0])
    if not 1 <= ahead <= _STEPS:
        return None
    state = mersenne.untemper(_words(parts[1])[:, None])
    return f"{int(mersenne.temper(mersenne.next_words(list(state), ahead)[-1])[0]):08x}"


@lru_cache(maxsize=4)
def _outputs_of_seeds(space: int) -> npt.NDArray[np.uint64]:
    """The first two outputs of every seed of so many bits, in one number; shape (2**space,)."""
    starts = range(0, 1 << space, _TOGETHER)
    pieces = [np.arange(start, min(start + _TOGETHER, 1 << space), dtype=np.uint32) for start in starts]
    return np.concatenate([_joined(*mersenne.first_outputs(piece, 2)) for piece in pieces])


def _joined(first: npt.NDArray[np.uint32], second: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    return first.astype(np.uint64) << np.uint64(32) | second


def _seed(parts: Sequence[str]) -> str | None:
    space = int(parts[0])
    if not 1 <= space <= _SEEDS:
        return None
    seeds = np.flatnonzero(_outputs_of_seeds(space) == int(parts[1], 16))
    return f"{seeds[0]:08x}" if len(seeds) == 1 else None


# RC4.


@lru_cache(maxsize=4)
def _streams(key_bytes: int, dropped: int) -> npt.NDArray[np.uint64]:
    """Eight bytes of the keystream under every key, big-endian in one number; shape (256**key_bytes,)."""
    keys = np.arange(256**key_bytes, dtype=">u4")[:, None].view(np.uint8)[:, -key_bytes:]
    return np.ascontiguousarray(rc4.keystream(keys, 8, dropped)).view(">u8")[:, 0].astype(np.uint64)


def _key(parts: Sequence[str]) -> str | None:
    key_bytes, dropped = int(parts[0]), int(parts[1])
    if not 1 <= key_bytes <= _KEY_BYTES or dropped > _DROPPED:
        return None
    keys = np.flatnonzero(_streams(key_bytes, dropped) == int(parts[2], 16))
    return f"{keys[0]:0{2 * key_bytes}x}" if len(keys) == 1 else None


def _from_rc4(parts: Sequence[str]) -> str | None:
    """The likelier of a zero in every 128 and in every 256 second bytes."""
    second = bytes.fromhex(parts[1])
    if parts[0] != "1":
        return None
    zeros = second.count(0)
    evidence = zeros * log(2) + (len(second) - zeros) * log((1 - 2 / 256) / (1 - 1 / 256))
    return "real" if evidence > 0 else "random"


_NUMBER: Final = "[0-9]{1,19}"
_RUN: Final = rf"(?:\?(?:,{_NUMBER}){{5,99}}|{_NUMBER}(?:,{_NUMBER}){{3,99}})"
_TEMPERED: Final = rf"{_NUMBER},[0-9a-f]"
ANSWERS: Final[dict[str, tuple[str, Answerer]]] = {
    "lfsr.next": ("[01]{1,64},[01]{1,64}", _next_bit),
    "lfsr.state": (f"[01]{{1,64}},{_NUMBER},[01]{{1,64}}", _first_state),
    "lfsr.taps": ("[01]{1,999}", _taps),
    "lfsr.continue": ("[01]{1,999}", _continued),
    "lfsr.distinguish": (f"{_NUMBER},[01]{{1,999}}", _from_register),
    "lcg.next": (f"{_NUMBER}(?:,{_NUMBER}){{3}}", congruential.next_number),
    "lcg.continue": (_RUN, congruential.continued),
    "lcg.parameters": (_RUN, congruential.parameters),
    "lcg.top": (f"{_NUMBER}(?:,{_NUMBER}){{5,99}}", congruential.next_top),
    "lcg.distinguish": (f"{_NUMBER}(?:,{_NUMBER}){{5,99}}", congruential.is_real),
    "xorshift.next": (f"{_TEMPERED}{{8}}", _stepped(xorshift.forward)),
    "xorshift.state": (f"{_TEMPERED}{{8}}", _stepped(xorshift.backward)),
    "xorshift.key": (f"{_TEMPERED}{{1,999}}", _xorshift_state),
    "xorshift.distinguish": (f"{_TEMPERED}{{1,999}}", _from_xorshift),
    "mersenne.temper": (f"{_TEMPERED}{{8}}", _stepped(mersenne.temper)),
    "mersenne.untemper": (f"{_TEMPERED}{{8}}", _stepped(mersenne.untemper)),
    "mersenne.next": (f"{_TEMPERED}{{24}}", _twisted),
    "mersenne.distinguish": (f"{_TEMPERED}{{32}}", _from_mersenne),
    "mersenne.ahead": (f"{_TEMPERED}{{4992}}", _ahead),
    "mersenne.seed": (f"{_TEMPERED}{{16}}", _seed),
    "rc4.key": (f"{_NUMBER},{_NUMBER},[0-9a-f]{{16}}", _key),
    "rc4.distinguish": (f"{_NUMBER},(?:[0-9a-f]{{2}}){{1,4999}}", _from_rc4),
}
"""What stands between the brackets of each question, and who answers it."""
