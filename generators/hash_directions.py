"""The directions of a hash function: forward, preimage, tell digests of related messages from random bits.

Steps, sizes and digests stand in the question; everything but the counts is hexadecimal. What a function of fewer steps
leaves out and keeps, `bench/primitives/hash_function.py` says. A digest is cut to its first bits, as FIPS 180-4 cuts.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, UserError, hash_integers
from enigmath.bench.primitives.hash_function import RELATED, SHOWN, HashFunction, Octets, related_digests
from enigmath.generators.fixed_width import lines, octets
from enigmath.generators.messages import draw_messages, message_keys

LABELS: Final = ("random", "real")
"""The answers of a distinguisher, by label."""
NUMBER: Final = 4
"""Bytes of the messages that are searched for: numbers of 32 bits, big-endian."""


def forward(rng: np.random.Generator, n: int, function: HashFunction, *, steps: int, bits: int, length: int) -> Batch:
    """`sha256.hash(64,32,616263)`: the first 32 bits of the digest of a message of `length` bytes, at 64 steps."""
    if bits % 8 or not 8 <= bits <= function.digest_bits:
        raise UserError(f"{bits} bits", where=function.name, mend=f"8 to {function.digest_bits}, in steps of 8")
    messages = draw_messages(rng, n, length, function.name)
    question = lines(f"{function.name}.hash({steps},{bits},", octets(messages), ")")
    answer = digests(messages, function, steps, bits)
    return Batch(question, answer, _keys(function, messages, steps), _traits(n, steps=steps, length=length))


def digests(messages: Octets, function: HashFunction, steps: int, bits: int) -> pa.Array:
    """The first bits of the digests of messages, shape (n, bytes)."""
    return lines(octets(function.digest(messages, steps)[:, : bits // 8]))


def preimage(rng: np.random.Generator, n: int, function: HashFunction, *, steps: int, space: int) -> Batch:
    """`sha256.preimage(64,16,9e1c8e5d3ea4a4a3)`: the number below 2**16 whose four bytes have this digest.

    The first 64 bits of the digest are given. In spaces of up to 2**24 no two numbers of a level share them; of 2**32
    numbers another one has them with a probability of 2**-32 at full steps.
    """
    if not 1 <= space <= 8 * NUMBER:
        raise UserError(f"a space of {space} bits", where=function.name, mend=f"from 1 to {8 * NUMBER}")
    numbers = rng.integers(1 << space, size=n, dtype=np.uint64).astype(">u4")
    messages = numbers[:, None].view(np.uint8)
    shown = octets(function.digest(messages, steps)[:, :SHOWN])
    question = lines(f"{function.name}.preimage({steps},{space},", shown, ")")
    keys = _keys(function, messages, steps)
    return Batch(question, lines(octets(messages)), keys, _traits(n, steps=steps, space=space))


def distinguish(rng: np.random.Generator, n: int, function: HashFunction, *, steps: int) -> Batch:
    """`sha256.distinguish(4,febaf204b46b03ba,f01c5a55f862ef38)`: digests of related messages, or random bits?

    The messages, of eight bytes, differ in their last bit alone; the first 64 bits of both digests are given. Both
    answers are as likely.
    """
    label = rng.integers(2, size=n, dtype=np.uint8)
    messages = draw_messages(rng, n, RELATED, function.name)
    both = np.concatenate(related_digests(function, messages, steps), axis=1)
    shown = np.where(label[:, None] == 1, both, rng.integers(256, size=both.shape, dtype=np.uint8))
    first, second = octets(shown[:, :SHOWN]), octets(shown[:, SHOWN:])
    question = lines(f"{function.name}.distinguish({steps},", first, ",", second, ")")
    key = hash_integers(f"{function.name} pair {steps}", np.ascontiguousarray(shown).view("<i8").astype(np.int64))
    return Batch(question, pa.array(LABELS).take(pa.array(label)), key, _traits(n, steps=steps))


def _keys(function: HashFunction, messages: Octets, steps: int) -> Any:
    return message_keys(messages, f"{function.name} {steps}")


def _traits(n: int, **values: int) -> dict[str, Any]:
    return {name: np.full(n, value) for name, value in values.items()}
