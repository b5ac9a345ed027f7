"""Exclusive or: Python's own operator byte by byte, splits, a pad that tells nothing, the attack."""

import re
from itertools import cycle

import numpy as np
import pytest
from Crypto.Util.strxor import strxor
from question_reader import every_level, problems, texts

from enigmath.baselines.attacks.exclusive_or import ExclusiveOrAttack
from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.bench.primitives.english import corpus
from enigmath.bench.primitives.exclusive_or import exclusive_or
from enigmath.bench.primitives.letter_cipher import draw_words, write
from enigmath.generators import exclusive_or as tasks

LEVELS = every_level(tasks)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]


def xored(text: bytes, key: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(text, cycle(key), strict=False))


def test_a_published_text() -> None:
    """Cryptopals, challenge 5."""
    plain = b"Burning 'em, if you ain't quick and nimble\nI go crazy when I hear a cymbal"
    key = np.frombuffer(b"ICE", np.uint8).astype(np.int64)[None]
    hidden = bytes(exclusive_or(np.frombuffer(plain, np.uint8)[None], key)[0]).hex()
    assert hidden.startswith(
        "0b3637272a2b2e63622c2e69692a23693a2a3c6324202d623d63343c2a26226324272765272a282b2f20430a65"
    )
    assert hidden.endswith("2e2c652a3124333a653e2b2027630c692b20283165286326302e27282f")


def test_a_thousand_random_texts_agree_with_pycryptodome_both_ways() -> None:
    rng = np.random.default_rng(3)
    for length, key_bytes in ((1, 1), (16, 3), (17, 16), (40, 32), (32, 32)):
        plain = rng.integers(256, size=(220, length), dtype=np.uint8)
        keys = draw_words(rng, 220, key_bytes, 256)
        hidden = exclusive_or(plain, keys)
        assert (exclusive_or(hidden, keys) == plain).all()
        for key, text, secret in zip(keys.astype(np.uint8), plain, hidden, strict=True):
            repeated = (bytes(key) * length)[:length]
            assert strxor(bytes(text), repeated) == bytes(secret)


@pytest.fixture(scope="module")
def english() -> bytes:
    return "".join(write(corpus()[None])).encode()


def periods(text: bytes) -> list[int]:
    """The key lengths under which the text can be capital letters."""
    top = [byte >> 5 for byte in text]
    return [size for size in range(1, len(top) // 2 + 1) if top[size:] == top[:-size]]


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_holds_by_pythons_own_operator(task: Task, number: int, draws: int, english: bytes) -> None:
    batch, level = problems(task, number, 1_000), task.level(number)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:draws]:
        form = r"(xor|one_time_pad)\.(break|key|distinguish)\((?:([0-9a-f]+)=)?([0-9a-f]+)\)"
        name, way, plain, hidden = re.fullmatch(form, question).groups()
        secret = bytes.fromhex(hidden)
        assert len(secret) == level["length"]
        if plain:
            assert xored(bytes.fromhex(plain), bytes.fromhex(answer)) == secret
        elif way == "key":
            assert len(answer) == 2 * level.get("key_bytes", level["length"])
            assert xored(secret, bytes.fromhex(answer)) in english
        elif way == "break":
            assert bytes.fromhex(answer) in english
            if name == "xor":
                (key,) = tasks.hidden_key(1, level["key_bytes"]).astype(np.uint8)
                assert xored(secret, bytes(key)).hex() == answer
        elif name == "xor":
            assert (level["key_bytes"] in periods(secret)) == (answer == "real")


@pytest.mark.parametrize(("task", "number"), [one for one in LEVELS if one.values[0].chance == 0.5])
def test_real_and_random_are_equally_many(task: Task, number: int) -> None:
    answers = np.array(texts(problems(task, number, 20_000).answer))
    assert abs(np.mean(answers == "real") - 0.5) < 0.02


def test_under_a_one_time_pad_every_byte_is_uniform_for_both_answers_and_apart_from_the_plaintext() -> None:
    """Chi-squared over 256 values at the 10**-6 level, position by position, and of text against ciphertext."""
    batch = problems(find_task("stream/one-time-pad-distinguish"), 1, 100_000)
    shown = np.array([list(bytes.fromhex(question[25:-1])) for question in batch.question.to_pylist()])
    real = np.array(texts(batch.answer)) == "real"
    for rows in (shown[real], shown[~real]):
        expected = len(rows) / 256
        for column in rows.T:
            assert ((np.bincount(column, minlength=256) - expected) ** 2 / expected).sum() < 380
    batch = problems(find_task("stream/one-time-pad-break"), 1, 50_000)
    first = np.array([int(question[19:21], 16) for question in batch.question.to_pylist()]) >> 3
    plain = np.array([int(answer[:2], 16) for answer in texts(batch.answer)]) & 31
    table = np.zeros((32, 32))
    np.add.at(table, (first, plain), 1)
    table = table[:, table.sum(axis=0) > 500]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    degrees = 31 * (table.shape[1] - 1)
    assert ((table - expected) ** 2 / expected).sum() < degrees + 5 * (2 * degrees) ** 0.5


@pytest.mark.parametrize("name", ["xor-key", "one-time-pad-key"])
def test_no_key_of_the_test_stands_in_training(name) -> None:
    batch = problems(find_task(f"stream/{name}"), 2, 20_000)
    splits, keys = split_of(batch.key), np.array(texts(batch.answer))
    assert not set(keys[splits == 0]) & set(keys[splits != 0])


def test_the_hidden_key_is_the_same_in_every_batch() -> None:
    task = find_task("stream/xor-break")
    streams = {
        int(question[10:-1], 16) ^ int(answer, 16)
        for seed in (0, 1)
        for question, answer in zip(*(texts(column) for column in _columns(problems(task, 2, 20, seed))), strict=True)
    }
    assert len(streams) == 1


def _columns(batch):
    return batch.question, batch.answer


def test_bad_levels_are_user_errors() -> None:
    with pytest.raises(UserError, match="a text of 0 letters"):
        tasks.xor_key(np.random.default_rng(0), 5, length=0, key_bytes=1)
    with pytest.raises(UserError, match="a key of -1 letters"):
        tasks.xor_key(np.random.default_rng(0), 5, length=8, key_bytes=-1)
    with pytest.raises(UserError, match="a longest key of 0 bytes"):
        ExclusiveOrAttack(longest=0)


@pytest.mark.parametrize(
    ("name", "number"), [("xor-key", 4), ("xor-break", 2), ("xor-key-from-pair", 3), ("xor-distinguish", 3)]
)
def test_the_attack_succeeds_where_the_ciphertext_says_enough(name, number) -> None:
    task = find_task(f"stream/{name}")
    assert task.solve == "exclusive-or-attack"
    batch = problems(task, number, 200)
    tested = np.flatnonzero(split_of(batch.key) == 2)[:10]
    questions, answers = np.array(batch.question.to_pylist())[tested].tolist(), np.array(texts(batch.answer))[tested]
    found = models().plugins[task.solve]().predict(questions)
    assert sum(one == other for one, other in zip(found, answers, strict=True)) >= 9


def test_the_attack_gives_none_or_a_text_on_questions_that_are_not_its_own() -> None:
    junk = [
        "", "xor.key()", "xor.key(abc)", "xor.key(00=0000)", "xor.break(41=41)", "one_time_pad.key(00)", "12+34",
        "xor.break(00ff10e020d03080)", "xor.key(41)", "xor.distinguish(41)", "xor.key(" + "00" * 1_000 + ")",
    ]  # fmt: skip
    found = ExclusiveOrAttack().predict(junk)
    assert found[:9] == [None] * 9
    assert found[9] == "random"
    assert isinstance(found[10], str)
