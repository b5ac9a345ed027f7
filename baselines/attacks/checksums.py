"""Checksums undone: the end of a message from its beginning and its checksum."""

import re
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

import numpy as np

from enigmath.bench.primitives.byte_sums import (
    ADLER,
    ADLER32,
    DJB2,
    DJB_FACTOR,
    FNV1A,
    FNV_FACTOR,
    PEARSON,
    PEARSON_TABLE,
    SUM,
)
from enigmath.bench.primitives.checksum import Checksum
from enigmath.bench.primitives.crc import CRC8, CRC16, CRC32
from enigmath.bench.primitives.murmur import (
    FINAL_FACTORS,
    MURMUR3,
    STATE_ADDEND,
    STATE_FACTOR,
    WORD_FACTORS,
    state_before_end,
)

_QUESTION: Final = re.compile(r"([a-z0-9-]{1,10})\.preimage\(((?:[0-9a-f]{2}){1,256})((?:\?\?){1,4}),([0-9a-f]{2,8})\)")
_ALL: Final = 2**32


class LinearInversion:
    """Solves for the missing bytes: by elimination over GF(2) for a CRC, modulo 256, 65521 or 2**32 for a sum.

    Pearson's table and the steps of FNV-1a and MurmurHash3 are bijections, which it runs backwards. An ending is given
    only if it has the checksum. Measured on 200 questions of each task and level: all right.

    >>> LinearInversion().predict(["crc32.preimage(3132333435????????,cbf43926)", "crc32.preimage(31,00)"])
    ['36373839', None]
    """

    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The missing bytes in hexadecimal for each `name.preimage(beginning??,value)`."""
        return [_answer(_QUESTION.fullmatch(question.strip())) for question in questions]


def _answer(match: re.Match[str] | None) -> str | None:
    if match is None or match[1] not in ENDINGS:
        return None
    checksum, ending = ENDINGS[match[1]]
    known, missing, value = bytes.fromhex(match[2]), len(match[3]) // 2, int(match[4], 16)
    if missing != checksum.missing or (len(known) + missing) % checksum.taken or value >> checksum.bits:
        return None
    found = ending(known, value)
    return found.hex() if found is not None and _of(checksum, known + found) == value else None


def _of(checksum: Checksum, message: bytes) -> int:
    return int(checksum.of(np.frombuffer(message, np.uint8)[None])[0])


def _of_sum(known: bytes, value: int) -> bytes | None:
    return bytes([(value - sum(known)) % 256])


def _of_adler(known: bytes, value: int) -> bytes | None:
    """The last two bytes x and y add x + y to the first sum and 2 x + y, beside twice that sum, to the second."""
    before = _of(ADLER32, known)
    both = ((value & 0xFFFF) - (before & 0xFFFF)) % ADLER
    twice = ((value >> 16) - (before >> 16) - 2 * (before & 0xFFFF)) % ADLER
    first = (twice - both) % ADLER
    second = (both - first) % ADLER
    return bytes([first, second]) if max(first, second) < 256 else None


def _of_djb2(known: bytes, value: int) -> bytes | None:
    last = (value - DJB_FACTOR * _of(DJB2, known)) % _ALL
    return bytes([last]) if last < 256 else None


def _of_fnv1a(known: bytes, value: int) -> bytes | None:
    before, wanted = _of(FNV1A, known), value * pow(FNV_FACTOR, -1, _ALL) % _ALL
    for first in range(256):
        last = (before ^ first) * FNV_FACTOR % _ALL ^ wanted
        if last < 256:
            return bytes([first, last])
    return None


def _of_pearson(known: bytes, value: int) -> bytes | None:
    return bytes([int(np.argmax(value == PEARSON_TABLE)) ^ _of(PEARSON, known)])


def _of_crc(checksum: Checksum) -> Callable[[bytes, int], bytes | None]:
    def ending(known: bytes, value: int) -> bytes | None:
        """Each missing bit flips fixed bits of the value: a square system over GF(2)."""
        count = 8 * checksum.missing
        bits = np.concatenate([np.zeros((1, count), np.uint8), np.eye(count, dtype=np.uint8)])
        endings = np.packbits(bits, axis=1)
        beginning = np.frombuffer(known, np.uint8)
        beginnings = np.broadcast_to(beginning, (count + 1, len(known)))
        values = [int(one) for one in checksum.of(np.concatenate([beginnings, endings], axis=1))]
        columns = [one ^ values[0] for one in values[1:]]
        chosen = _combination(columns, value ^ values[0])
        return None if chosen is None else chosen.to_bytes(checksum.missing, "big")

    return ending


def _combination(columns: Sequence[int], wanted: int) -> int | None:
    """Which columns have `wanted` as their exclusive or, the first as the highest bit: Gaussian elimination."""
    pivots: list[tuple[int, int]] = []
    for place, column in enumerate(columns):
        chosen = 1 << (len(columns) - 1 - place)
        for pivot, made in pivots:
            if column ^ pivot < column:
                column, chosen = column ^ pivot, chosen ^ made
        if column:
            pivots.append((column, chosen))
            pivots.sort(reverse=True)
    answer = 0
    for pivot, made in pivots:
        if wanted ^ pivot < wanted:
            wanted, answer = wanted ^ pivot, answer ^ made
    return None if wanted else answer


def _of_murmur(known: bytes, value: int) -> bytes | None:
    """The end's mixing undone, then the last word's step, then the word's own scrambling."""
    state = value ^ value >> 16
    state = _unshifted(state * pow(FINAL_FACTORS[1], -1, _ALL) % _ALL, 13)
    state = _unshifted(state * pow(FINAL_FACTORS[0], -1, _ALL) % _ALL, 16)
    state = (state ^ (len(known) + 4)) - STATE_ADDEND
    state = _rotated_right(state * pow(STATE_FACTOR, -1, _ALL) % _ALL, 13)
    word = state ^ int(state_before_end(np.frombuffer(known, np.uint8)[None])[0])
    word = _rotated_right(word * pow(WORD_FACTORS[1], -1, _ALL) % _ALL, 15)
    return (word * pow(WORD_FACTORS[0], -1, _ALL) % _ALL).to_bytes(4, "little")


def _unshifted(word: int, places: int) -> int:
    """The word that gives this one when itself, shifted right, is exclusive-ored onto it."""
    found = word
    for _ in range(32 // places):
        found = word ^ found >> places
    return found


def _rotated_right(word: int, places: int) -> int:
    return (word >> places | word << 32 - places) % _ALL


ENDINGS: Final[dict[str, tuple[Checksum, Callable[[bytes, int], bytes | None]]]] = {
    "byte-sum": (SUM, _of_sum),
    "adler32": (ADLER32, _of_adler),
    "djb2": (DJB2, _of_djb2),
    "fnv1a": (FNV1A, _of_fnv1a),
    "pearson": (PEARSON, _of_pearson),
    "murmur3": (MURMUR3, _of_murmur),
    **{checksum.name: (checksum, _of_crc(checksum)) for checksum in (CRC8, CRC16, CRC32)},
}
