"""Tasks on checksums; the checksums themselves are in `bench/primitives/`.

Messages are uniform bytes, and no message is in two splits. Where every message has a value of its own, or all values
are as likely, chance is exact; for Adler-32, djb2 and FNV-1a whole, values are not equally likely, and it is measured.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Hexadecimal, Task, task
from enigmath.bench.primitives.byte_sums import ADLER32, DJB2, FNV1A, PEARSON, SUM
from enigmath.bench.primitives.checksum import Checksum
from enigmath.bench.primitives.crc import CRC8, CRC16, CRC32
from enigmath.bench.primitives.murmur import MURMUR3
from enigmath.generators import checksum_directions as directions
from enigmath.generators.bit_perturbations import bit_of_message

Levels = list[dict[str, int]]

LENGTHS: Final = [{"length": length} for length in (2, 3, 4, 8, 16)]
LONGER: Final = [{"length": 32}, {"length": 64}]
SHORT: Final = [{"length": length} for length in (2, 3, 4, 8)]
WRAPPED: Final = [{"length": length} for length in (5, 6, 7, 8)]
"""Where the first byte of djb2 is not nearly always the same, as it is for up to four bytes."""
OVER_EIGHT: Final = [{"length": length} for length in (16, 32)]
OPEN_ENDED: Final = [{"length": length} for length in (8, 16, 32)]
OPEN_ENDED_BEYOND: Final = [{"length": 64}]
NINE: Final = "313233343536373839"
"""The digits 1 to 9 in ASCII, the message of the published check values."""


def hash_task(checksum: Checksum, title: str, nine: str, source: str, even: bool = True) -> Task:
    """The task `checksum/<name>`; `nine` is the value of the digits 1 to 9; `even` where all values are as likely."""
    name = checksum.name

    def ask(rng: np.random.Generator, n: int, **level: Any) -> Batch:
        return directions.forward(rng, n, checksum, **level)

    ask.__doc__ = f"""
    {title} of a message, as in `{name}.hash({NINE})` with the answer `{nine}`.

    Levels grow by the length of the message in bytes. {source}
    """
    made = task(
        f"checksum/{name}",
        answer=Hexadecimal(checksum.bits // 4),
        levels=LENGTHS,
        beyond=LONGER,
        bulk=True,
        chance=(lambda length: 2.0 ** -min(checksum.bits, 8 * length)) if even else None,
        perturbations=[bit_of_message(lambda messages: directions.values(messages, checksum))],
    )
    return made(ask)


def byte_task(
    checksum: Checksum, shown: directions.Shown, title: str, nine: str, why: str, levels: Levels = SHORT
) -> Task:
    """The task `checksum/<name>-low` or `-high`: two digits of the value."""
    name = checksum.name

    def ask(rng: np.random.Generator, n: int, **level: Any) -> Batch:
        return directions.forward(rng, n, checksum, shown=shown, **level)

    place = {"low": "last", "high": "first"}[shown]
    ask.__doc__ = f"""
    The {place} byte of a message's {title}, as in `{name}.{shown}({NINE})` with the answer `{nine}`.

    {why} Levels grow by the length of the message in bytes.
    """
    made = task(
        f"checksum/{name}-{shown}",
        answer=Hexadecimal(2),
        levels=levels,
        beyond=OVER_EIGHT,
        bulk=True,
        chance=2.0**-8 if shown == "low" else None,
        perturbations=[bit_of_message(lambda messages: directions.values(messages, checksum, shown))],
    )
    return made(ask)


def preimage_task(checksum: Checksum, title: str, nine: str, how: str) -> Task:
    """The task `checksum/<name>-preimage`: the end of a message from its beginning and its value."""
    name, missing = checksum.name, checksum.missing
    whole = NINE if not len(NINE) // 2 % checksum.taken else NINE[2:]

    def ask(rng: np.random.Generator, n: int, **level: Any) -> Batch:
        return directions.preimage(rng, n, checksum, **level)

    count = {1: "byte", 2: "two bytes", 4: "four bytes"}[missing]
    ask.__doc__ = f"""
    The last {count} of a message whose {title} is given, as in
    `{name}.preimage({whole[: -2 * missing]}{"??" * missing},{nine})` with the answer `{whole[-2 * missing :]}`.

    {how} Exactly one ending fits. Levels grow by the length of the whole message in bytes.
    """
    made = task(
        f"checksum/{name}-preimage",
        answer=Hexadecimal(2 * missing),
        levels=OPEN_ENDED,
        beyond=OPEN_ENDED_BEYOND,
        bulk=True,
        chance=2.0 ** (-8 * missing),
        solve="linear-inversion",
    )
    return made(ask)


LOW: Final = (
    "A product's low bits depend on low bits alone: bit k of this byte on bits 0 to k of the message's bytes, and bit "
    "0 is a parity. So this byte leaks while the message is short, bit by bit from the right."
)
FNV_HIGH: Final = "The factor's 2**24 and carries bring every lower bit into this byte, unlike the last one."
DJB_HIGH: Final = (
    "Over five and six bytes the sum passes 2**32 so seldom that this byte is nearly a smooth function of the "
    "message's first bytes, which networks learn; from eight on it depends on everything."
)
CRC_SOURCE: Final = "Peterson and Brown, 1961; parameters after Williams, 1993. Every bit is a parity of message bits."
CRC_HOW: Final = "The value is linear over GF(2), and of the last bytes a bijection."

BYTE_SUM = hash_task(SUM, "The sum modulo 256", "dd", "It is the easiest of all: one addition a byte.")
ADLER_32 = hash_task(ADLER32, "The Adler-32", "091e01de", "RFC 1950, 1996.", even=False)
CRC_8 = hash_task(CRC8, "The CRC-8 (SMBUS)", "f4", CRC_SOURCE)
CRC_16 = hash_task(CRC16, "The CRC-16 (IBM-3740)", "29b1", CRC_SOURCE)
CRC_32 = hash_task(CRC32, "The CRC-32 (of zlib)", "cbf43926", CRC_SOURCE)
DJB_2 = hash_task(DJB2, "Bernstein's djb2 hash", "35cdbb82", "Bernstein, 1991.", even=False)
FNV_1A = hash_task(FNV1A, "The FNV-1a hash", "bb86b11c", "Fowler, Noll and Vo, 1991.", even=False)
PEARSON_8 = hash_task(PEARSON, "Pearson's hash", "2f", "Pearson, CACM 33(6), 1990.")
MURMUR_3 = hash_task(MURMUR3, "The MurmurHash3 (32 bits, seed 0)", "b4fef382", "Appleby, 2011.")

DJB_2_LOW = byte_task(DJB2, "low", "djb2 hash", "82", LOW)
DJB_2_HIGH = byte_task(DJB2, "high", "djb2 hash", "35", DJB_HIGH, WRAPPED)
FNV_1A_LOW = byte_task(FNV1A, "low", "FNV-1a hash", "1c", LOW)
FNV_1A_HIGH = byte_task(FNV1A, "high", "FNV-1a hash", "bb", FNV_HIGH)

SUM_PREIMAGE = preimage_task(SUM, "sum modulo 256", "dd", "One subtraction.")
ADLER_32_PREIMAGE = preimage_task(ADLER32, "Adler-32", "091e01de", "Two linear equations in two bytes.")
CRC_8_PREIMAGE = preimage_task(CRC8, "CRC-8 (SMBUS)", "f4", CRC_HOW)
CRC_16_PREIMAGE = preimage_task(CRC16, "CRC-16 (IBM-3740)", "29b1", CRC_HOW)
CRC_32_PREIMAGE = preimage_task(CRC32, "CRC-32 (of zlib)", "cbf43926", CRC_HOW)
DJB_2_PREIMAGE = preimage_task(DJB2, "djb2 hash", "35cdbb82", "One subtraction modulo 2**32.")
FNV_1A_PREIMAGE = preimage_task(
    FNV1A, "FNV-1a hash", "bb86b11c", "The factor is odd and can be undone; one byte is tried."
)
PEARSON_8_PREIMAGE = preimage_task(PEARSON, "Pearson hash", "2f", "The table is a permutation and can be undone.")
MURMUR_3_PREIMAGE = preimage_task(MURMUR3, "MurmurHash3", "f3ba7197", "Each step is a bijection and can be undone.")


@task(
    "checksum/siphash",
    answer=Hexadecimal(16),
    levels=[
        {"length": 4, "word_rounds": 1, "final_rounds": 1},
        {"length": 4, "word_rounds": 1, "final_rounds": 3},
        {"length": 4, "word_rounds": 2, "final_rounds": 4},
        {"length": 15, "word_rounds": 2, "final_rounds": 4},
    ],
    beyond=[{"length": 15, "word_rounds": 1, "final_rounds": 1}, {"length": 4, "word_rounds": 1, "final_rounds": 2}],
    bulk=True,
)
def siphash_known(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The SipHash-c-d of a message, as in
    `siphash.hash(2-4,000102030405060708090a0b0c0d0e0f,000102030405060708090a0b0c0d0e)` with the answer
    `a129ca6149be45e5`.

    The rounds for a word and at the end, the key of 16 bytes, and the message; the answer is a number of 64 bits.
    Levels grow by rounds up to SipHash-2-4, made to be beyond learning, then by the message's bytes. No key is in two
    splits. Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
    """
    return directions.keyed(rng, n, **level)


@task(
    "checksum/siphash-hidden",
    answer=Hexadecimal(16),
    levels=[
        {"length": 4, "word_rounds": 1, "final_rounds": 1, "hidden": 1},
        {"length": 4, "word_rounds": 1, "final_rounds": 3, "hidden": 1},
        {"length": 4, "word_rounds": 2, "final_rounds": 4, "hidden": 1},
    ],
    beyond=[{"length": 4, "word_rounds": 1, "final_rounds": 2, "hidden": 1}],
    bulk=True,
)
def siphash_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The SipHash-c-d of a message under one key that nobody is told, as `siphash.hash(2-4,00010203)`.

    The key is the same in every dataset. Levels grow by rounds up to SipHash-2-4, which is made so that no number of
    answers lets the next one be guessed. No message is in two splits. Aumasson and Bernstein, 2012.
    """
    return directions.keyed(rng, n, **level)
