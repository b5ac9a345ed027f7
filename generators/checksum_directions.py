"""The directions of a checksum: forward, and the missing end of a message whose checksum is given.

Messages, keys and values are hexadecimal, a value's most significant digit first.
"""

from typing import Any, Literal

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, UserError, hash_integers, hash_text, within
from enigmath.bench.primitives.checksum import Checksum
from enigmath.bench.primitives.hash_function import Octets
from enigmath.bench.primitives.siphash import siphash
from enigmath.generators.fixed_width import hexadecimal, lines, octets
from enigmath.generators.messages import draw_messages, message_keys

Shown = Literal["hash", "low", "high"]
"""The whole value, its last byte, or its first."""


def forward(rng: np.random.Generator, n: int, checksum: Checksum, *, length: int, shown: Shown = "hash") -> Batch:
    """`crc32.hash(313233343536373839)`; with `low` or `high`, only the last or first two digits of the value."""
    messages = draw_messages(rng, n, length, checksum.name)
    question = lines(f"{checksum.name}.{shown}(", octets(messages), ")")
    key = message_keys(messages, checksum.name)
    return Batch(question, values(messages, checksum, shown), key, {"length": np.full(n, length)})


def values(messages: Octets, checksum: Checksum, shown: Shown = "hash") -> pa.Array:
    """What is shown of the checksums of messages, shape (n, bytes)."""
    digits = hexadecimal([checksum.of(messages)], checksum.bits)
    return lines({"hash": digits, "low": digits[:, -2:], "high": digits[:, :2]}[shown])


def preimage(rng: np.random.Generator, n: int, checksum: Checksum, *, length: int) -> Batch:
    """`crc32.preimage(3132333435????????,cbf43926)`, answered by the bytes that stand at the marks."""
    messages = draw_messages(rng, n, length, checksum.name, least=checksum.missing + 1)
    if length % checksum.taken:
        mend = f"a multiple of {checksum.taken}"
        raise UserError(f"messages of {length} bytes with an end missing", where=checksum.name, mend=mend)
    known, ending = messages[:, : -checksum.missing], messages[:, -checksum.missing :]
    value = hexadecimal([checksum.of(messages)], checksum.bits)
    question = lines(f"{checksum.name}.preimage(", octets(known), "??" * checksum.missing + ",", value, ")")
    keys = message_keys(messages, checksum.name)
    return Batch(question, lines(octets(ending)), keys, {"length": np.full(n, length)})


def keyed(
    rng: np.random.Generator, n: int, *, length: int, word_rounds: int = 2, final_rounds: int = 4, hidden: int = 0
) -> Batch:
    """`siphash.hash(2-4,000102030405060708090a0b0c0d0e0f,616263)`; with `hidden`, that key stays unsaid.

    Keys of the question are in one split each; under a hidden key, messages are.
    """
    messages = draw_messages(rng, n, length, "siphash")
    source = _hidden(hidden) if hidden else rng
    keys = np.broadcast_to(source.integers(256, size=(1 if hidden else n, 16), dtype=np.uint8), (n, 16))
    value = siphash(messages, keys, word_rounds, final_rounds)
    said: list[Any] = [] if hidden else [octets(keys), ","]
    question = lines(f"siphash.hash({word_rounds}-{final_rounds},", *said, octets(messages), ")")
    problem = message_keys(messages, f"siphash {word_rounds} {final_rounds} {hidden}")
    if not hidden:
        families = hash_integers("key of siphash", np.ascontiguousarray(keys).view("<i8").astype(np.int64))
        problem = within(families, problem)
    traits = {"length": length, "word_rounds": word_rounds, "final_rounds": final_rounds}
    return Batch(question, lines(hexadecimal([value], 64)), problem, {k: np.full(n, v) for k, v in traits.items()})


def _hidden(number: int) -> np.random.Generator:
    """Where the hidden key of that number comes from: the same in every dataset."""
    (seed,) = hash_text(pa.array([f"siphash {number}"]))
    return np.random.Generator(np.random.Philox(int(seed)))
