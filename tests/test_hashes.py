"""Hash functions: the standards' vectors, hashlib, reduced steps by a second route; their tasks and attacks."""

import copy
import hashlib
import re

import hash_reader
import numpy as np
import pytest
import torch

from enigmath.baselines.attacks import hashes as attacks
from enigmath.baselines.neighbours import NearestAligned
from enigmath.bench.audit import audit
from enigmath.bench.contracts import Budget, Examples, Task, UserError, split_of
from enigmath.bench.data import Part, make_shard, take
from enigmath.bench.primitives import blake2s, md5, sha1, sha256
from enigmath.bench.primitives.hash_function import columns
from enigmath.bench.primitives.sha3 import SHA3
from enigmath.generators import hash_directions, hashes
from enigmath.generators.messages import message_keys

FUNCTIONS = {f.name: f for f in (md5.MD5, sha1.SHA1, sha256.SHA256, SHA3, blake2s.BLAKE2S)}
TASKS = {task.name: task for task in vars(hashes).values() if isinstance(task, Task)}
PREIMAGES = [task for name, task in TASKS.items() if name.endswith("-preimage")]
DISTINGUISHERS = [task for name, task in TASKS.items() if name.endswith("-distinguish")]
LONG = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

VECTORS = [
    ("md5", b"", "d41d8cd98f00b204e9800998ecf8427e"),
    ("md5", b"a", "0cc175b9c0f1b6a831c399e269772661"),
    ("md5", b"message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("md5", b"1234567890" * 8, "57edf4a22be3c955ac49da2e2107b67a"),
    ("sha1", b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("sha1", LONG, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sha256", LONG, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ("sha3", b"", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
    ("sha3", b"abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
    ("sha3", LONG, "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376"),
    ("blake2s", b"abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),
]
"""RFC 1321, appendix A.5; FIPS 180's examples; NIST's SHA-3 examples; RFC 7693, appendix B."""


def digest(name: str, message: bytes, steps: int | None = None) -> bytes:
    return FUNCTIONS[name].digest(np.frombuffer(message, np.uint8)[None], steps).tobytes()


def rows(task: Task, number: int, count: int) -> list[tuple[str, str]]:
    table = make_shard(Part(task, number, 11), 0).slice(0, count)
    return list(zip(table["question"].to_pylist(), table["answer"].to_pylist(), strict=True))


@pytest.mark.parametrize(("name", "message", "expected"), VECTORS)
def test_digests_are_those_that_the_standards_print(name: str, message: bytes, expected: str) -> None:
    assert digest(name, message).hex() == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_full_digests_of_a_thousand_random_messages_are_hashlibs(name: str) -> None:
    rng = np.random.default_rng(1)
    edges = {0, 1, 3, 4, 8, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 135, 136, 137, 143, 144, 271, 272, 273}
    lengths = sorted(edges | set(rng.integers(300, size=30).tolist()))
    for length in lengths:
        messages = rng.integers(256, size=(1_000 // len(lengths) + 1, length), dtype=np.uint8)
        expected = [hashlib.new(name.replace("sha3", "sha3_256"), row.tobytes()).digest() for row in messages]
        assert [row.tobytes() for row in FUNCTIONS[name].digest(messages)] == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_digests_of_every_number_of_steps_agree_with_a_second_implementation(name: str) -> None:
    """The second one is right where both can be compared with hashlib, at full steps."""
    plain = hash_reader.FUNCTIONS[name]
    assert plain(LONG * 3) == digest(name, LONG * 3)
    message = bytes(range(70)) if name != "sha3" else b"columns of lanes"
    for steps in range(1, FUNCTIONS[name].steps + 1):
        assert digest(name, message, steps) == plain(message, steps), steps


def test_more_messages_than_a_chunk_are_hashed_as_each_alone() -> None:
    messages = np.random.default_rng(2).integers(256, size=(40_000, 4), dtype=np.uint8)
    found = md5.MD5.digest(messages)
    for row in (0, 16_383, 16_384, 32_768, 39_999):
        assert found[row].tobytes() == hashlib.md5(messages[row].tobytes()).digest()


def test_no_message_at_all_has_no_digest() -> None:
    assert sha256.SHA256.digest(np.empty((0, 4), np.uint8)).shape == (0, 32)


@pytest.mark.parametrize("module", [md5, sha1, sha256, blake2s], ids=lambda module: module.__name__.rpartition(".")[2])
def test_compression_is_the_same_in_torch(module) -> None:
    rng = np.random.default_rng(3)
    state, block = columns(module.INITIAL), [rng.integers(2**32, size=50, dtype=np.uint32) for _ in range(16)]
    more = (64, True, 7) if module is blake2s else (20,)
    ours = module.compress(state, block, *more)
    theirs = module.compress(
        *([torch.from_numpy(w.astype(np.int64)) for w in words] for words in (state, block)), *more
    )
    assert all((a.astype(np.int64) == b.numpy()).all() for a, b in zip(ours, theirs, strict=True))


# The tasks.

FORWARD = re.compile(r"(\w+)\.hash\((\d+),(\d+),((?:[0-9a-f]{2})+)\)")
PREIMAGE = re.compile(r"(\w+)\.preimage\((\d+),(\d+),([0-9a-f]{16})\)")
PAIR = re.compile(r"(\w+)\.distinguish\((\d+),([0-9a-f]{16}),([0-9a-f]{16})\)")


def is_right(question: str, answer: str) -> bool:
    """Worked out from the question's text by the second implementation."""
    if match := FORWARD.fullmatch(question):
        message = bytes.fromhex(match[4])
        return hash_reader.FUNCTIONS[match[1]](message, int(match[2])).hex()[: int(match[3]) // 4] == answer
    match = PREIMAGE.fullmatch(question)
    assert match
    assert int(answer, 16) < 2 ** int(match[3])
    return hash_reader.FUNCTIONS[match[1]](bytes.fromhex(answer), int(match[2])).hex().startswith(match[4])


def check(task: Task, count: int) -> None:
    for number in range(1, len(task.all_levels) + 1):
        for question, answer in rows(task, number, count):
            assert is_right(question, answer), (number, question)


@pytest.mark.parametrize("task", [t for t in TASKS.values() if t not in DISTINGUISHERS], ids=lambda task: task.name)
def test_answers_are_right_by_the_question_alone(task: Task) -> None:
    check(task, 25 if "sha3" not in task.name else 3)  # on single bits a digest takes 20 milliseconds


@pytest.mark.slow
@pytest.mark.parametrize("task", [t for t in TASKS.values() if t not in DISTINGUISHERS], ids=lambda task: task.name)
def test_many_answers_are_right_by_the_question_alone(task: Task) -> None:
    check(task, 200 if "sha3" not in task.name else 40)


@pytest.mark.parametrize("task", DISTINGUISHERS, ids=lambda task: task.name)
def test_real_pairs_are_digests_of_messages_that_differ_in_their_last_bit_and_labels_are_balanced(task: Task) -> None:
    name = task.name.removeprefix("hash/").removesuffix("-distinguish")
    plain = hash_reader.FUNCTIONS[name]
    few = FUNCTIONS[name].steps > 24
    batch = hash_directions.distinguish(np.random.default_rng(5), 4_000, FUNCTIONS[name], steps=3)
    assert 0.45 < np.mean([answer == "real" for answer in batch.answer.to_pylist()]) < 0.55
    rng = np.random.default_rng(5)
    label, messages = rng.integers(2, size=4_000, dtype=np.uint8), rng.integers(256, size=(4_000, 8), dtype=np.uint8)
    for row in range(20 if few else 4):
        message = messages[row].tobytes()
        related = message[:-1] + bytes([message[-1] ^ 1])
        match = PAIR.fullmatch(batch.question[row].as_py())
        assert match
        as_made = [plain(text, 3).hex()[:16] == shown for text, shown in ((message, match[3]), (related, match[4]))]
        assert as_made == [bool(label[row])] * 2
        assert batch.answer[row].as_py() == ("real" if label[row] else "random")


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_the_example_of_the_docstring_is_right(task: Task) -> None:
    match = re.search(r"as in `([^`]+)` with the answer `([^`]+)`", task.doc)
    assert match
    if task in DISTINGUISHERS:
        name, steps, first, second = PAIR.fullmatch(match[1]).groups()
        assert [first, second] == [digest(name, bytes([0] * 7 + [last]), int(steps)).hex()[:16] for last in (0, 1)]
        assert match[2] == "real"
    else:
        assert is_right(match[1], match[2])


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_no_level_leaks_or_contradicts(task: Task) -> None:
    found = audit(task, count=2_000)
    assert found.faults == []
    assert (found.overlaps.text, found.overlaps.key) == (0, 0)


def test_a_message_is_in_one_split_whatever_is_asked_of_it() -> None:
    rng = [np.random.default_rng(9) for _ in range(4)]
    few = hash_directions.forward(rng[0], 500, md5.MD5, steps=4, bits=8, length=4)
    many = hash_directions.forward(rng[1], 500, md5.MD5, steps=64, bits=8, length=4)
    wide = hash_directions.forward(rng[2], 500, md5.MD5, steps=4, bits=32, length=4)
    assert (few.key == wide.key).all()
    assert (few.key != many.key).all()
    assert (split_of(few.key) == split_of(many.key)).all()
    back = hash_directions.preimage(rng[3], 500, md5.MD5, steps=4, space=32)
    messages = np.array([list(bytes.fromhex(text)) for text in back.answer.to_pylist()], np.uint8)
    assert (message_keys(messages, "md5 4") == back.key).all()  # as a forward problem on the same message


@pytest.mark.parametrize("task", PREIMAGES, ids=lambda task: task.name)
def test_no_two_messages_of_a_small_space_have_the_digest_that_is_shown(task: Task) -> None:
    function = FUNCTIONS[task.name.removeprefix("hash/").removesuffix("-preimage")]
    numbers = np.arange(2**16, dtype=np.uint64).astype(">u4")[:, None].view(np.uint8)
    for steps in {level["steps"] for level in task.all_levels if level["space"] <= 16}:
        shown = np.ascontiguousarray(function.digest(numbers, steps)[:, :8]).view("<u8")
        assert len(np.unique(shown)) == 2**16


@pytest.mark.slow
@pytest.mark.parametrize("task", PREIMAGES, ids=lambda task: task.name)
def test_no_two_messages_of_24_bits_have_the_digest_that_is_shown(task: Task) -> None:
    function = FUNCTIONS[task.name.removeprefix("hash/").removesuffix("-preimage")]
    parts = []
    for start in range(0, 2**24, 2**20):
        numbers = np.arange(start, start + 2**20, dtype=np.uint64).astype(">u4")[:, None].view(np.uint8)
        parts.append(np.ascontiguousarray(function.digest(numbers)[:, :8]).view("<u8")[:, 0])
    shown = np.sort(np.concatenate(parts))
    assert (shown[1:] != shown[:-1]).all()


def test_the_control_of_memory_holds_its_whole_space_in_the_three_splits_together() -> None:
    table = make_shard(Part(hashes.SHA256_PREIMAGE, 2, 0), 0)
    splits = split_of(table["key"].to_numpy())
    asked = [set(table["question"].to_numpy()[splits == split]) for split in range(3)]
    assert sum(len(questions) for questions in asked) == len(set.union(*asked)) == 256
    assert 180 < len(asked[0]) < 230


@pytest.mark.parametrize("number", [2, 3])
def test_memory_answers_all_of_its_own_messages_and_none_of_the_test(number: int) -> None:
    """The control of memory: a look-up knows every digest that training shows, and the function it knows not at all."""
    taken = take(Part(hashes.SHA256_PREIMAGE, number, 0), {"train": 3_000, "test": 20})
    train, test = Examples(taken["train"]), Examples(taken["test"])
    model = NearestAligned()
    model.fit(train, test, Budget())
    assert model.predict(train.questions) == train.answers
    assert not set(test.answers) & set(train.answers)
    assert not any(a == b for a, b in zip(model.predict(test.questions), test.answers, strict=True))


def test_tasks_made_by_one_function_go_to_other_processes() -> None:
    for task in TASKS.values():
        assert copy.copy(task) is task  # by the same way as to another process


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda rng: hash_directions.forward(rng, 4, SHA3, steps=25, bits=8, length=4), "sha3: 25 steps; from 1 to 24"),
        (lambda rng: hash_directions.forward(rng, 4, SHA3, steps=0, bits=8, length=4), "sha3: 0 steps; from 1 to 24"),
        (lambda rng: hash_directions.forward(rng, 4, md5.MD5, steps=4, bits=12, length=4), "md5: 12 bits"),
        (lambda rng: hash_directions.forward(rng, 4, md5.MD5, steps=4, bits=136, length=4), "md5: 136 bits"),
        (lambda rng: hash_directions.forward(rng, 4, md5.MD5, steps=4, bits=8, length=0), "messages of 0 bytes"),
        (lambda rng: hash_directions.preimage(rng, 4, md5.MD5, steps=4, space=0), "a space of 0 bits"),
        (lambda rng: hash_directions.preimage(rng, 4, md5.MD5, steps=4, space=33), "a space of 33 bits"),
        (lambda rng: attacks.ExhaustiveSearch(tries=0), "exhaustive-search: 0 tries"),
        (lambda rng: attacks.DifferenceBias(pairs=0), "difference-bias: 0 pairs"),
    ],
)
def test_what_a_hash_function_has_not_is_a_user_error(ask, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        ask(np.random.default_rng(0))


# The attacks.


@pytest.mark.parametrize("task", PREIMAGES, ids=lambda task: task.name)
def test_exhaustive_search_finds_every_preimage_in_spaces_up_to_2_to_the_16(task: Task) -> None:
    for number, level in enumerate(task.all_levels, start=1):
        if level["space"] <= 16:
            questions, answers = zip(*rows(task, number, 200), strict=True)
            assert attacks.ExhaustiveSearch().predict(questions) == list(answers)


def test_exhaustive_search_stops_after_its_tries() -> None:
    found = attacks.ExhaustiveSearch(tries=1_000)
    near, far = (hashlib.md5(number.to_bytes(4, "big")).hexdigest()[:16] for number in (999, 1_000))
    questions = [f"md5.preimage(64,32,{shown})" for shown in (near, far)]
    assert found.predict(questions) == ["000003e7", None]


@pytest.mark.parametrize("task", DISTINGUISHERS, ids=lambda task: task.name)
def test_biased_differences_tell_few_steps_and_never_all(task: Task) -> None:
    model = attacks.DifferenceBias(pairs=2**13)
    full = next(number for number, level in enumerate(task.levels, 1) if level == task.levels[-1])
    for number, least, most in ((1, 0.97, 1.0), (full, 0.42, 0.58)):  # 5 standard deviations of 1,000
        questions, answers = zip(*rows(task, number, 1_000), strict=True)
        right = np.mean([a == b for a, b in zip(model.predict(questions), answers, strict=True)])
        assert least <= right <= most


@pytest.mark.parametrize("model", [attacks.ExhaustiveSearch(), attacks.DifferenceBias(64)], ids=["search", "bias"])
def test_what_an_attack_cannot_read_gets_no_answer(model) -> None:
    junk = ["", "md5.preimage(65,8,0000000000000000)", "md5.preimage(0,8,0000000000000000)", "what?", "9" * 5_000]
    junk += ["md5.preimage(64,33,0000000000000000)", "md4.preimage(1,8,0000000000000000)", "md5.preimage(64,8,00)"]
    junk += ["md5.distinguish(65,0000000000000000,0000000000000000)", "md4.distinguish(1,0000000000000000,00)"]
    assert model.predict(junk) == [None] * len(junk)
