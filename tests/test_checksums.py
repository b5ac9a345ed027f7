"""Checksums: published values, zlib, crccheck, mmh3 and Python's own SipHash; their tasks and the attack."""

import copy
import json
import os
import re
import subprocess
import sys
import zlib

import crccheck.crc
import mmh3
import numpy as np
import pytest

from enigmath.baselines.attacks.checksums import LinearInversion
from enigmath.bench.audit import audit
from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.data import Part, make_shard
from enigmath.bench.primitives.byte_sums import ADLER32, DJB2, FNV1A, PEARSON, PEARSON_TABLE, SUM
from enigmath.bench.primitives.crc import CRC8, CRC16, CRC32
from enigmath.bench.primitives.murmur import MURMUR3
from enigmath.bench.primitives.siphash import siphash
from enigmath.generators import checksum_directions, checksums

TASKS = {task.name: task for task in vars(checksums).values() if isinstance(task, Task)}
PREIMAGES = [task for name, task in TASKS.items() if name.endswith("-preimage")]
CHECKSUMS = {c.name: c for c in (SUM, ADLER32, CRC8, CRC16, CRC32, DJB2, FNV1A, PEARSON, MURMUR3)}


def djb2(message: bytes) -> int:
    value = 5381
    for octet in message:
        value = ((value << 5) + value + octet) % 2**32
    return value


def fnv1a(message: bytes) -> int:
    value = 2166136261
    for octet in message:
        value = (value ^ octet) * 16777619 % 2**32
    return value


def pearson(message: bytes) -> int:
    value = 0
    for octet in message:
        value = int(PEARSON_TABLE[value ^ octet])
    return value


def plain_siphash(message: bytes, key: bytes, word_rounds: int = 2, final_rounds: int = 4) -> int:
    """One message in Python's integers, from section 2 of the paper."""
    size = 2**64
    k = [int.from_bytes(key[start : start + 8], "little") for start in (0, 8)]
    v = [
        k[number % 2] ^ int.from_bytes(b"somepseudorandomlygeneratedbytes"[8 * number :][:8], "big")
        for number in range(4)
    ]
    whole = message + bytes(7 - len(message) % 8) + bytes([len(message) % 256])

    def rounds(count: int) -> None:
        for _ in range(count):
            for first, second, third, fourth in ((0, 1, 13, 32), (2, 3, 16, 0), (0, 3, 21, 0), (2, 1, 17, 32)):
                v[first] = (v[first] + v[second]) % size
                v[second] = (v[second] << third | v[second] >> 64 - third) % size ^ v[first]
                v[first] = (v[first] << fourth | v[first] >> 64 - fourth) % size if fourth else v[first]

    for start in range(0, len(whole), 8):
        word = int.from_bytes(whole[start : start + 8], "little")
        v[3] ^= word
        rounds(word_rounds)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(final_rounds)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


REFERENCES = {
    "byte-sum": lambda message: sum(message) % 256,
    "adler32": zlib.adler32,
    "crc8": crccheck.crc.Crc8Smbus.calc,
    "crc16": crccheck.crc.Crc16Ibm3740.calc,
    "crc32": zlib.crc32,
    "djb2": djb2,
    "fnv1a": fnv1a,
    "pearson": pearson,
    "murmur3": lambda message: mmh3.hash(message, 0, signed=False),
}

VECTORS = [
    ("crc8", b"123456789", 0xF4),
    ("crc16", b"123456789", 0x29B1),
    ("crc32", b"123456789", 0xCBF43926),
    ("adler32", b"Wikipedia", 0x11E60398),
    ("fnv1a", b"a", 0xE40C292C),
    ("fnv1a", b"foobar", 0xBF9CF968),
    ("djb2", b"hello", 261238937),
    ("murmur3", b"Hello, world!", 0xC0363E43),
]
"""The check values of the catalogue of CRCs, and what the makers of the others, and encyclopedias, print."""


def of(name: str, message: bytes) -> int:
    return int(CHECKSUMS[name].of(np.frombuffer(message, np.uint8)[None])[0])


def rows(task: Task, number: int, count: int) -> list[tuple[str, str]]:
    table = make_shard(Part(task, number, 11), 0).slice(0, count)
    return list(zip(table["question"].to_pylist(), table["answer"].to_pylist(), strict=True))


@pytest.mark.parametrize(("name", "message", "expected"), VECTORS)
def test_checksums_are_those_that_are_published(name: str, message: bytes, expected: int) -> None:
    assert of(name, message) == expected


@pytest.mark.parametrize("name", CHECKSUMS)
def test_checksums_of_a_thousand_random_messages_are_another_implementations(name: str) -> None:
    rng = np.random.default_rng(1)
    for length in (*range(20), 31, 32, 33, 63, 64, 100, 1_000):
        messages = rng.integers(256, size=(40, length), dtype=np.uint8)
        expected = [REFERENCES[name](row.tobytes()) for row in messages]
        assert CHECKSUMS[name].of(messages).tolist() == expected, length


def test_adler_sums_stay_exact_over_long_messages() -> None:
    message = b"\xff" * 100_000
    assert of("adler32", message) == zlib.adler32(message)


def test_the_table_of_pearson_is_a_permutation() -> None:
    assert sorted(PEARSON_TABLE.tolist()) == list(range(256))


# SipHash.

DESIGNERS = [
    "310e0edd47db6f72",
    "fd67dc93c539f874",
    "5a4fa9d909806c0d",
    "2d7efbd796666785",
    "b7877127e09427cf",
    "8da699cd64557618",
    "cee3fe586e46c9cb",
    "37d1018bf50002ab",
    "6224939a79f5f593",
    "b0e4a90bdf82009e",
    "f3b9dd94c5bb5d7a",
    "a7ad6b22462fb3f4",
    "fbe50e86bc8f1e75",
    "903d84c02756ea14",
    "eef27a8e90ca23f7",
    "e545be4961ca29a1",
]
"""The first 16 of the designers' vectors: messages 00 01 02 ... under the key 00 01 ... 0f, bytes little-endian."""


def test_siphash_gives_its_designers_vectors() -> None:
    key = np.arange(16, dtype=np.uint8)[None]
    for length, expected in enumerate(DESIGNERS):
        (tag,) = siphash(np.arange(length, dtype=np.uint8)[None], key)
        assert int(tag).to_bytes(8, "little").hex() == expected


def test_siphash_of_a_thousand_random_messages_and_keys_is_a_second_implementations() -> None:
    rng = np.random.default_rng(2)
    for length in range(25):
        messages, keys = (rng.integers(256, size=(40, size), dtype=np.uint8) for size in (length, 16))
        for rounds in ((2, 4), (1, 1)):
            expected = [plain_siphash(m.tobytes(), k.tobytes(), *rounds) for m, k in zip(messages, keys, strict=True)]
            assert siphash(messages, keys, *rounds).tolist() == expected


@pytest.mark.skipif(sys.hash_info.algorithm != "siphash13", reason="Python hashes bytes by another function here")
def test_siphash_1_3_under_the_key_zero_is_pythons_own_hash() -> None:
    rng = np.random.default_rng(3)
    messages = [rng.integers(256, size=(50, length), dtype=np.uint8) for length in range(1, 25)]
    texts = [row.tobytes().hex() for rows in messages for row in rows]
    code = "import json, sys; print(json.dumps([hash(bytes.fromhex(text)) for text in json.load(sys.stdin)]))"
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(texts), text=True, capture_output=True, env=environment
    )
    ours = [
        tag for rows in messages for tag in siphash(rows, np.zeros((50, 16), np.uint8), 1, 3).view(np.int64).tolist()
    ]
    assert json.loads(done.stdout) == ours


# The tasks.

HASH = re.compile(r"([\w-]+)\.(hash|low|high)\(((?:[0-9a-f]{2})+)\)")
SIPHASH = re.compile(r"siphash\.hash\((\d)-(\d),([0-9a-f]{32}),((?:[0-9a-f]{2})+)\)")
PREIMAGE = re.compile(r"([\w-]+)\.preimage\(((?:[0-9a-f]{2})+)((?:\?\?)+),([0-9a-f]+)\)")


def is_right(question: str, answer: str) -> bool:
    """Worked out from the question's text by another implementation."""
    if match := HASH.fullmatch(question):
        digits = 2 * CHECKSUMS[match[1]].bits // 8
        value = f"{REFERENCES[match[1]](bytes.fromhex(match[3])):0{digits}x}"
        return {"hash": value, "low": value[-2:], "high": value[:2]}[match[2]] == answer
    if match := SIPHASH.fullmatch(question):
        tag = plain_siphash(bytes.fromhex(match[4]), bytes.fromhex(match[3]), int(match[1]), int(match[2]))
        return f"{tag:016x}" == answer
    match = PREIMAGE.fullmatch(question)
    assert match
    return len(answer) == len(match[3]) and REFERENCES[match[1]](bytes.fromhex(match[2] + answer)) == int(match[4], 16)


def check(task: Task, count: int) -> None:
    for number in range(1, len(task.all_levels) + 1):
        for question, answer in rows(task, number, count):
            assert is_right(question, answer), (number, question)


KNOWN = [task for task in TASKS.values() if task.name != "checksum/siphash-hidden"]


@pytest.mark.parametrize("task", KNOWN, ids=lambda task: task.name)
def test_answers_are_right_by_the_question_alone(task: Task) -> None:
    check(task, 25)


@pytest.mark.slow
@pytest.mark.parametrize("task", KNOWN, ids=lambda task: task.name)
def test_many_answers_are_right_by_the_question_alone(task: Task) -> None:
    check(task, 200)


def test_the_hidden_key_of_siphash_is_one_and_the_same() -> None:
    def ask(seed: int, hidden: int) -> dict[str, str]:
        batch = checksum_directions.keyed(np.random.default_rng(seed), 2_000, length=1, hidden=hidden)
        return dict(zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True))

    first, again, other = ask(0, 1), ask(1, 1), ask(1, 2)
    assert first == again
    assert not set(again.values()) & set(other.values())


@pytest.mark.parametrize("task", [t for t in TASKS.values() if "hidden" not in t.name], ids=lambda task: task.name)
def test_the_example_of_the_docstring_is_right(task: Task) -> None:
    match = re.search(r"as in `([^`]+)` with the answer `([^`]+)`", task.doc)
    assert match
    assert is_right(match[1], match[2])


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_no_level_leaks_or_contradicts(task: Task) -> None:
    found = audit(task, count=2_000)
    assert found.faults == []
    assert (found.overlaps.text, found.overlaps.key) == (0, 0)


@pytest.mark.parametrize("task", PREIMAGES, ids=lambda task: task.name)
def test_exactly_one_ending_has_the_checksum(task: Task) -> None:
    """All endings of one and two bytes are tried; for four, as many as fill their last two."""
    question, answer = rows(task, 1, 1)[0]
    name, known, _, value = PREIMAGE.fullmatch(question).groups()
    missing = len(answer) // 2
    tried = min(missing, 2)
    endings = np.arange(2 ** (8 * tried), dtype=">u2" if tried == 2 else np.uint8)[:, None].view(np.uint8)
    start = np.frombuffer(bytes.fromhex(known + answer)[:-tried], np.uint8)
    messages = np.concatenate([np.broadcast_to(start, (len(endings), len(start))), endings], axis=1)
    fits = CHECKSUMS[name].of(messages) == int(value, 16)
    assert [row.tobytes().hex() for row in endings[fits]] == [answer[-2 * tried :]]


def test_a_problem_and_its_inverse_share_their_key_and_every_key_of_siphash_is_in_one_split() -> None:
    forward = checksum_directions.forward(np.random.default_rng(4), 500, CRC32, length=8)
    back = checksum_directions.preimage(np.random.default_rng(4), 500, CRC32, length=8)
    assert (forward.key == back.key).all()
    batches = [checksum_directions.keyed(np.random.default_rng(5), 500, length=n, word_rounds=1) for n in (8, 8)]
    again = checksum_directions.keyed(np.random.default_rng(5), 500, length=8, word_rounds=2)
    assert (batches[0].key == batches[1].key).all()
    assert (batches[0].key != again.key).all()
    assert (split_of(batches[0].key) == split_of(again.key)).all()


@pytest.mark.parametrize("name", ["djb2", "fnv1a"])
def test_low_bits_know_nothing_of_high_ones_and_high_bits_know_of_all(name: str) -> None:
    """Why the last byte of these leaks, bit by bit, and the first does not."""
    rng = np.random.default_rng(6)
    messages = rng.integers(256, size=(2_000, 12), dtype=np.uint8)
    for bit in range(8):
        flipped = messages.copy()
        flipped[:, rng.integers(12)] ^= np.uint8(1 << bit)
        changed = CHECKSUMS[name].of(messages) ^ CHECKSUMS[name].of(flipped)
        assert not (changed & ((1 << bit) - 1)).any()
        assert (changed >> 24).any()


@pytest.mark.parametrize("name", ["crc8", "crc16", "crc32"])
def test_a_cyclic_code_is_affine_over_gf2(name: str) -> None:
    a, b, c = np.random.default_rng(7).integers(256, size=(3, 500, 10), dtype=np.uint8)
    total = [CHECKSUMS[name].of(each) for each in (a, b, c, a ^ b ^ c)]
    assert (total[0] ^ total[1] ^ total[2] == total[3]).all()


@pytest.mark.parametrize("name", ["djb2-low", "djb2-high", "fnv1a-low", "fnv1a-high"])
def test_no_byte_is_nearly_always_the_same(name: str) -> None:
    task = TASKS[f"checksum/{name}"]
    for number in range(1, len(task.all_levels) + 1):
        answers = make_shard(Part(task, number, 0), 0)["answer"].to_pylist()
        assert np.unique(answers, return_counts=True)[1].max() / len(answers) < 0.1


def test_tasks_made_by_one_function_go_to_other_processes() -> None:
    for task in TASKS.values():
        assert copy.copy(task) is task  # by the same way as to another process


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda rng: checksum_directions.forward(rng, 4, CRC8, length=0), "crc8: messages of 0 bytes; 1 or more"),
        (lambda rng: checksum_directions.preimage(rng, 4, CRC32, length=4), "crc32: messages of 4 bytes; 5 or more"),
        (lambda rng: checksum_directions.preimage(rng, 4, MURMUR3, length=10), "a multiple of 4"),
        (lambda rng: checksum_directions.keyed(rng, 4, length=0), "siphash: messages of 0 bytes"),
        (lambda rng: checksum_directions.keyed(rng, 4, length=4, word_rounds=0), "siphash: 0 rounds; from 1 to 8"),
        (lambda rng: siphash(np.zeros((2, 4), np.uint8), np.zeros((2, 8), np.uint8)), "siphash: keys of 8 bytes"),
    ],
)
def test_what_a_checksum_cannot_take_is_a_user_error(ask, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        ask(np.random.default_rng(0))


# The attack.


@pytest.mark.parametrize("task", PREIMAGES, ids=lambda task: task.name)
def test_linear_inversion_finds_every_ending(task: Task) -> None:
    for number in range(1, len(task.all_levels) + 1):
        questions, answers = zip(*rows(task, number, 200), strict=True)
        assert LinearInversion().predict(questions) == list(answers)


def test_what_linear_inversion_cannot_read_or_solve_gets_no_answer() -> None:
    junk = ["", "what?", "9" * 5_000, "md5.preimage(00??,00)", "crc32.preimage(00??,00000000)", "crc8.preimage(00??,0)"]
    junk += [
        "murmur3.preimage(00????????,00000000)",
        "adler32.preimage(00????,ffffffff)",
        "djb2.preimage(00??,00000000)",
    ]
    junk += ["fnv1a.preimage(00????,00000000)", "byte-sum.preimage(??,00)", "crc16.preimage(00????,123456)"]
    assert LinearInversion().predict(junk) == [None] * len(junk)
