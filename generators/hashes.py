"""Tasks on hash functions; the functions themselves are in `bench/primitives/`.

Five functions, five tasks each: the first byte of the digest, its first word of 32 bits, all of it, the message back
from the digest, and digests of related messages told from random bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Hexadecimal, Task, task
from enigmath.bench.primitives.blake2s import BLAKE2S
from enigmath.bench.primitives.hash_function import HashFunction
from enigmath.bench.primitives.md5 import MD5
from enigmath.bench.primitives.sha1 import SHA1
from enigmath.bench.primitives.sha3 import SHA3
from enigmath.bench.primitives.sha256 import SHA256
from enigmath.generators import hash_directions as directions
from enigmath.generators.bit_perturbations import bit_of_message


@dataclass(frozen=True)
class Ladder:
    """A hash function, what people call it and its steps, where it is defined, and the steps of its levels.

    `forward` and `told_apart` end with the full function, the control that nothing should learn; `further` and
    `told_further` are never trained on. `abc` is the digest of "abc",
    `number` begins that of 00000061, and `pair` those of 0000000000000000 and 0000000000000001.
    """

    function: HashFunction
    title: str
    unit: str
    source: str
    forward: Sequence[int]
    further: int
    told_apart: Sequence[int]
    told_further: Sequence[int]
    abc: str
    number: str
    pair: str


def forward_task(ladder: Ladder, size: str, bits: int) -> Task:
    """The task `hash/<name>-<size>`: so many bits of the digest."""
    function = ladder.function
    name, full = function.name, function.steps

    def ask(rng: np.random.Generator, n: int, **level: Any) -> Batch:
        return directions.forward(rng, n, function, bits=bits, **level)

    ask.__doc__ = f"""
    The first {bits} bits of a message's {ladder.title} digest, as in
    `{name}.hash({full},{bits},616263)` with the answer `{ladder.abc[: bits // 4]}`.

    The numbers are the {ladder.unit} made, the bits asked for and the message. Levels grow by {ladder.unit}; at all
    {full} this is a control, which nothing should learn. Guessing scores one in 2**{min(bits, 32)} on messages of four
    bytes. No message is in two splits. {ladder.source}
    """
    made = task(
        f"hash/{name}-{size}",
        answer=Hexadecimal(bits // 4),
        levels=[{"steps": steps, "length": 4} for steps in ladder.forward],
        beyond=[{"steps": ladder.forward[0], "length": 8}, {"steps": ladder.further, "length": 4}],
        bulk=True,
        chance=lambda steps, length: 2.0 ** -min(bits, 8 * length),
        perturbations=[
            bit_of_message(lambda messages, steps: directions.digests(messages, function, int(steps), bits))
        ],
    )
    return made(ask)


def preimage_task(ladder: Ladder) -> Task:
    """The task `hash/<name>-preimage`: a number below 2**space from its digest."""
    function = ladder.function
    name, full = function.name, function.steps

    def ask(rng: np.random.Generator, n: int, **level: Any) -> Batch:
        return directions.preimage(rng, n, function, **level)

    ask.__doc__ = f"""
    The four bytes whose {ladder.title} digest begins so, as in
    `{name}.preimage({full},8,{ladder.number})` with the answer `00000061`.

    The numbers are the {ladder.unit} made, how many bits of the message are free (the last ones; the others are 0) and
    the first 64 bits of the digest. Levels are few {ladder.unit}, then all {full} in spaces of 2**8 to 2**32 messages.
    Up to 2**24 no two messages of a level have the same 64 bits, so the answer is the only one; in 2**32 another fits
    with a probability of 2**-32. Guessing scores one in the space.

    Spaces of 2**8 and 2**16 are the control of memory: training may hold every message of its own, four fifths of the
    space, and a model that remembers them answers those again; but those of the test, which no training problem shows,
    stay at chance (one in the space; in the fifth of it that training leaves out, for who guesses among those; never,
    for who repeats an answer of the training), since nothing short of the function itself leads from one to the other.
    2**32 is the control that neither memory nor search reaches.
    {ladder.source}
    """
    few, more = ladder.forward[:2]
    made = task(
        f"hash/{name}-preimage",
        answer=Hexadecimal(8),
        levels=[{"steps": few, "space": 16}, *({"steps": full, "space": space} for space in (8, 16, 24, 32))],
        beyond=[{"steps": more, "space": 16}],
        bulk=True,
        chance=lambda steps, space: 2.0**-space,
        solve="exhaustive-search",
    )
    return made(ask)


def distinguish_task(ladder: Ladder) -> Task:
    """The task `hash/<name>-distinguish`: two digests of related messages, or random bits."""
    function = ladder.function
    name, full = function.name, function.steps

    def ask(rng: np.random.Generator, n: int, **level: Any) -> Batch:
        return directions.distinguish(rng, n, function, **level)

    ask.__doc__ = f"""
    Whether two {ladder.title} digests are of messages that differ in their last bit, as in
    `{name}.distinguish({full},{ladder.pair})` with the answer `real`.

    The number is that of the {ladder.unit} made; the digests are their first 64 bits. The messages have eight bytes,
    which nobody sees; the others' digests are random bits. Levels grow by {ladder.unit}, and the last, all {full}, is a
    control, which nothing should learn. Guessing scores a half. {ladder.source}
    """
    made = task(
        f"hash/{name}-distinguish",
        answer=Choice(directions.LABELS),
        levels=[{"steps": steps} for steps in ladder.told_apart],
        beyond=[{"steps": steps} for steps in ladder.told_further],
        bulk=True,
        chance=0.5,
        solve="difference-bias",
    )
    return made(ask)


def forward_tasks(ladder: Ladder) -> tuple[Task, Task, Task]:
    """The first byte, the first word, the whole digest."""
    sizes = {"byte": 8, "word": 32, "digest": ladder.function.digest_bits}
    byte, word, digest = (forward_task(ladder, size, bits) for size, bits in sizes.items())
    return byte, word, digest


OF_MD5: Final = Ladder(
    MD5,
    "MD5",
    "steps",
    "Rivest, RFC 1321, 1992; the digest's first word is that of three steps before, so step 4 is the first it shows.",
    forward=(4, 5, 6, 8, 64),
    further=16,
    told_apart=(4, 7, 8, 9, 10, 64),
    told_further=(11, 12),
    abc="900150983cd24fb0d6963f7d28e17f72",
    number="8b41d42570561ece",
    pair="7dea362b3fac8e00,fa5ad9a8557e5a84",
)
OF_SHA1: Final = Ladder(
    SHA1,
    "SHA-1",
    "steps",
    "FIPS 180-4, 2015; RFC 3174, 2001.",
    forward=(1, 2, 3, 4, 8, 80),
    further=16,
    told_apart=(2, 6, 8, 9, 10, 80),
    told_further=(11, 12),
    abc="a9993e364706816aba3e25717850c26c9cd0d89d",
    number="92985ba6cfd97df5",
    pair="05fe405753166f12,cb473678976f425d",
)
OF_SHA256: Final = Ladder(
    SHA256,
    "SHA-256",
    "steps",
    "FIPS 180-4, 2015.",
    forward=(1, 2, 3, 4, 8, 64),
    further=16,
    told_apart=(2, 3, 4, 5, 64),
    told_further=(6, 8),
    abc="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    number="d2febf3079d64fcc",
    pair="af5570f5a1810b7a,cd2662154e6d76b2",
)
OF_SHA3: Final = Ladder(
    SHA3,
    "SHA3-256",
    "rounds",
    "FIPS 202, 2015. One round still shows the message's first bytes as they are.",
    forward=(1, 2, 3, 24),
    further=4,
    told_apart=(1, 2, 3, 24),
    told_further=(4, 5),
    abc="3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    number="2a7e409378a03dac",
    pair="48dda5bbe9171a66,6c70d57af53dbf4d",
)
OF_BLAKE2S: Final = Ladder(
    BLAKE2S,
    "BLAKE2s",
    "rounds",
    "Saarinen and Aumasson, RFC 7693, 2015.",
    forward=(1, 2, 10),
    further=3,
    told_apart=(1, 2, 10),
    told_further=(3, 4),
    abc="508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
    number="827bda7f1040e85b",
    pair="50dfdb12f464323c,4bd3a3255713f33d",
)

MD5_BYTE, MD5_WORD, MD5_DIGEST = forward_tasks(OF_MD5)
SHA1_BYTE, SHA1_WORD, SHA1_DIGEST = forward_tasks(OF_SHA1)
SHA256_BYTE, SHA256_WORD, SHA256_DIGEST = forward_tasks(OF_SHA256)
SHA3_BYTE, SHA3_WORD, SHA3_DIGEST = forward_tasks(OF_SHA3)
BLAKE2S_BYTE, BLAKE2S_WORD, BLAKE2S_DIGEST = forward_tasks(OF_BLAKE2S)

MD5_PREIMAGE = preimage_task(OF_MD5)
SHA1_PREIMAGE = preimage_task(OF_SHA1)
SHA256_PREIMAGE = preimage_task(OF_SHA256)
SHA3_PREIMAGE = preimage_task(OF_SHA3)
BLAKE2S_PREIMAGE = preimage_task(OF_BLAKE2S)

MD5_DISTINGUISH = distinguish_task(OF_MD5)
SHA1_DISTINGUISH = distinguish_task(OF_SHA1)
SHA256_DISTINGUISH = distinguish_task(OF_SHA256)
SHA3_DISTINGUISH = distinguish_task(OF_SHA3)
BLAKE2S_DISTINGUISH = distinguish_task(OF_BLAKE2S)
