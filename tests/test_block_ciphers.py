"""Block ciphers of additions and rotations: the designers' vectors, a second implementation, tasks and controls."""

import re

import numpy as np
import pytest
import torch
from plain_block_ciphers import PLAIN

from enigmath.baselines.attacks.last_round import LastRoundSearch
from enigmath.bench.contracts import Task, UserError, hash_integers, split_of
from enigmath.bench.primitives.chacha import CHACHA
from enigmath.bench.primitives.hight import HIGHT
from enigmath.bench.primitives.lea import LEA
from enigmath.bench.primitives.simeck import SIMECK
from enigmath.bench.primitives.simon import SIMON
from enigmath.bench.primitives.speck import SPECK
from enigmath.bench.primitives.tea import TEA, XTEA
from enigmath.bench.primitives.words import draw_words, from_hexadecimal, to_hexadecimal
from enigmath.generators import addition_ciphers, block_ciphers, block_directions

CIPHERS = {cipher.name: cipher for cipher in (SPECK, SIMON, SIMECK, TEA, XTEA, LEA, HIGHT, CHACHA)}
TASKS = [
    value for module in (block_ciphers, addition_ciphers) for value in vars(module).values() if isinstance(value, Task)
]
LEVELS = [
    pytest.param(task, number, id=f"{task.name}-{number}")
    for task in TASKS
    for number in range(1, len(task.all_levels) + 1)
]


def in_words(octets: str) -> str:
    """Bytes as LEA and ChaCha write them, the lowest of a word first, as words."""
    return "".join(bytes.fromhex(octets[start : start + 8])[::-1].hex() for start in range(0, len(octets), 8))


CHACHA_BLOCK = (
    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
    "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
)
VECTORS = [
    ("speck", "1918111009080100", "6574694c", "a86842f2"),  # IACR ePrint 2013/404, appendix C
    ("simon", "1918111009080100", "65656877", "c69be9bb"),  # IACR ePrint 2013/404, appendix B
    ("simeck", "1918111009080100", "65656877", "770d2c76"),  # IACR ePrint 2015/612, appendix
    # the authors' C code on these keys, as Shepherd's page on TEA gave it and Bouncy Castle tests it
    ("tea", "0" * 32, "0" * 16, "41ea3a0a94baa940"),
    ("tea", "0" * 32, "0102030405060708", "6a2f9cf3fccf3c55"),
    ("tea", "0123456712345678234567893456789a", "0000000000000000", "34e943b0900f5dcb"),
    ("tea", "0123456712345678234567893456789a", "0102030405060708", "773dc179878a81c0"),
    ("xtea", "0" * 32, "0" * 16, "dee9d4d8f7131ed9"),
    ("xtea", "0" * 32, "0102030405060708", "065c1b8975c6a816"),
    ("xtea", "0123456712345678234567893456789a", "0000000000000000", "1ff9a0261ac64264"),
    ("xtea", "0123456712345678234567893456789a", "0102030405060708", "8c67155b2ef91ead"),
    ("xtea", "000102030405060708090a0b0c0d0e0f", "4142434445464748", "497df3d072612cb5"),
    (  # the paper's appendix, and ISO/IEC 29192-2
        "lea",
        in_words("0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
        in_words("101112131415161718191a1b1c1d1e1f"),
        in_words("9fc84e3528c6c6185532c7a704648bfd"),
    ),
    # draft-kisa-hight-00, and ISO/IEC 18033-3
    ("hight", "00112233445566778899aabbccddeeff", "0000000000000000", "00f418aed94f03f2"),
    ("hight", "ffeeddccbbaa99887766554433221100", "0011223344556677", "23ce9f72e543e6d8"),
    ("hight", "000102030405060708090a0b0c0d0e0f", "0123456789abcdef", "7a6fb2a28d23f466"),
    ("hight", "28dbc3bc49ffd87dcfa509b11d422be7", "b41e6be2eba84a14", "cc047a75209c1fc6"),
    (  # RFC 8439, 2.3.2
        "chacha",
        in_words(bytes(range(32)).hex()),
        in_words("01000000" + "000000090000004a00000000"),
        in_words(CHACHA_BLOCK),
    ),
]


@pytest.mark.parametrize(("name", "key", "plain", "secret"), VECTORS)
def test_the_designers_vectors_hold(name: str, key: str, plain: str, secret: str) -> None:
    cipher = CIPHERS[name]
    round_keys = cipher.expand(from_hexadecimal(key, cipher.key_word_bits), cipher.rounds)
    found = cipher.encrypt(from_hexadecimal(plain, cipher.word_bits), round_keys)
    assert to_hexadecimal(found, cipher.word_bits) == [secret]
    assert f"{PLAIN[name].run(int(key, 16), int(plain, 16), cipher.rounds):0{len(secret)}x}" == secret


def drawn(cipher, n: int):
    rng = np.random.default_rng(11)
    key = draw_words(rng, n, cipher.key_words, cipher.key_word_bits)
    return key, draw_words(rng, n, cipher.block_words, cipher.word_bits)


def integers(words, bits: int) -> list[int]:
    return [int(text, 16) for text in to_hexadecimal(words, bits)]


@pytest.mark.parametrize("name", sorted(CIPHERS))
def test_a_second_implementation_agrees_on_random_texts_at_full_and_at_reduced_rounds(name: str) -> None:
    cipher, plain = CIPHERS[name], PLAIN[name]
    for rounds, n in ((cipher.rounds, 1_000), *((rounds, 10) for rounds in range(1, cipher.rounds))):
        key, block = drawn(cipher, n)
        secret = integers(cipher.encrypt(block, cipher.expand(key, rounds)), cipher.word_bits)
        keys, blocks = integers(key, cipher.key_word_bits), integers(block, cipher.word_bits)
        assert secret == [plain.run(one, text, rounds) for one, text in zip(keys, blocks, strict=True)]
        if name != "chacha":
            again = [plain.run(one, text, rounds, decrypt=True) for one, text in zip(keys, secret, strict=True)]
            assert again == blocks
            undone = cipher.decrypt(from_integers(secret, cipher), cipher.expand(key, rounds))
            assert integers(undone, cipher.word_bits) == blocks


def from_integers(values: list[int], cipher):
    joined = "".join(f"{value:0{cipher.block_bits // 4}x}" for value in values)
    column = np.concatenate(from_hexadecimal(joined, cipher.word_bits))
    return list(column.reshape(-1, cipher.block_words).T)


def test_chacha_is_that_of_openssl() -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    key, block = drawn(CHACHA, 1_000)
    found = to_hexadecimal(CHACHA.encrypt(block, CHACHA.expand(key, 20)), 32)
    for secret, nonce, stream in zip(to_hexadecimal(key, 32), to_hexadecimal(block, 32), found, strict=True):
        algorithm = algorithms.ChaCha20(bytes.fromhex(in_words(secret)), bytes.fromhex(in_words(nonce)))
        assert Cipher(algorithm, mode=None).encryptor().update(bytes(64)).hex() == in_words(stream)


def test_chacha_in_torch_is_that_in_numpy() -> None:
    key, block = drawn(CHACHA, 300)
    on_torch = [[torch.from_numpy(word.astype(np.int64)) for word in words] for words in (key, block)]
    for rounds in range(1, 21):
        found = CHACHA.encrypt(on_torch[1], CHACHA.expand(on_torch[0], rounds))
        right = CHACHA.encrypt(block, CHACHA.expand(key, rounds))
        assert all((one.numpy() == two).all() for one, two in zip(found, right, strict=True))


def test_four_keys_of_tea_encrypt_alike() -> None:
    (a, b, c, d), block = drawn(TEA, 200)
    high = np.uint32(1 << 31)
    secret = TEA.encrypt(block, TEA.expand([a, b, c, d], 64))
    for other in ([a ^ high, b ^ high, c, d], [a, b, c ^ high, d ^ high], [a ^ high, b ^ high, c ^ high, d ^ high]):
        again = TEA.encrypt(block, TEA.expand(other, 64))
        assert all((one == two).all() for one, two in zip(secret, again, strict=True))


def recomputed(question: str) -> str:
    """The answer to an encryption or a decryption by the second implementation; the hidden key is looked up."""
    name, way, rounds, rest = re.fullmatch(r"(\w+)\.(\w+)\(([0-9]+),(.*)\)", question).groups()
    *key, block = rest.split(",")
    if not key:
        cipher = CIPHERS[name]
        words = draw_words(block_directions._hidden(cipher, 1), 1, cipher.key_words, cipher.key_word_bits)
        key = to_hexadecimal(words, cipher.key_word_bits)
    undo = {"decrypt": True} if way == "decrypt" else {}
    value = PLAIN[name].run(int(key[0], 16), int(block, 16), int(rounds), **undo)
    return f"{value:0{128 if way == 'forward' else len(block)}x}"


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_follows_from_its_question_alone(task: Task, number: int) -> None:
    batch = task(np.random.default_rng(number), 25, **task.level(number))
    questions, answers = batch.question.to_pylist(), batch.answer.to_pylist()
    assert task.answer.canonical(batch.answer).to_pylist() == answers
    if re.search("crypt|forward", task.name):
        assert [recomputed(question) for question in questions] == answers
    elif task.name.endswith("key"):
        rounds = task.level(number)["rounds"]
        assert all(len(question.split(":")) == 9 for question in questions)
        if rounds <= 3:  # the key that every text agrees with, found without the key schedule
            assert sum(map(str.__eq__, LastRoundSearch().predict(questions), answers)) >= 24
    else:
        assert set(answers) == set(task.answer.options)


EXAMPLE = re.compile(r"as in (?:\(with two\) )?`([^`]+)` with the answer `([^`]+)`")


@pytest.mark.parametrize("task", [task for task in TASKS if EXAMPLE.search(task.doc)], ids=lambda task: task.name)
def test_the_example_of_the_docstring_is_right(task: Task) -> None:
    question, answer = EXAMPLE.search(task.doc).groups()
    if "crypt" in question:
        assert recomputed(question) == answer
    elif ".key(" in question:
        assert LastRoundSearch().predict([question]) == [answer]
    else:
        assert re.search(",([0-9a-f]+)", question)[1] in {shown_pair(task, question, vector) for vector in VECTORS}


def shown_pair(task: Task, question: str, vector: tuple[str, str, str, str]) -> str:
    """The ciphertexts of a vector's text and of the text that differs from it, in the question's rounds."""
    name, key, plain, _ = vector
    rounds, difference = int(re.search(r"\(([0-9]+),", question)[1]), int(task.level(1)["difference"], 16)
    if not question.startswith(f"{name}."):
        return ""
    texts = [int(plain, 16), int(plain, 16) ^ difference]
    return "".join(f"{PLAIN[name].run(int(key, 16), text, rounds):0{len(plain)}x}" for text in texts)


def differing_bits(questions: list[str], width: int):
    """The bits of each first pair's difference, and which neighbours differ; shape (n, 2 * bits - 1)."""
    halves = [re.search(r",([0-9a-f]+)", question)[1] for question in questions]
    values = [int(text[:width], 16) ^ int(text[width:], 16) for text in halves]
    octets = np.frombuffer(b"".join(value.to_bytes(width // 2, "big") for value in values), np.uint8)
    bits = np.unpackbits(octets.reshape(len(values), -1), axis=1)
    return np.concatenate([bits, bits[:, 1:] ^ bits[:, :-1]], axis=1)


def learnt(task: Task, number: int, n: int = 3_000) -> float:
    """What counting the bits of differences on one half scores on the other half."""
    batch = task(np.random.default_rng(3), n, **task.level(number))
    questions = batch.question.to_pylist()
    right = np.array([answer == "real" for answer in batch.answer.to_pylist()])
    bits = differing_bits(questions, len(re.search(r",([0-9a-f]+)", questions[0])[1]) // 2)
    seen, new = slice(None, n // 2), slice(n // 2, None)
    share = [(bits[seen][right[seen] == label].mean(axis=0) * 0.99 + 0.005) for label in (0, 1)]
    score = [(bits[new] * np.log(p) + (1 - bits[new]) * np.log(1 - p)).sum(axis=1) for p in share]
    return float(((score[1] > score[0]) == right[new]).mean())


CHANCE = 0.5 + 5 * np.sqrt(0.25 / 1_500)
DISTINGUISH = [task for task in TASKS if task.name.endswith("distinguish")]


@pytest.mark.parametrize("task", DISTINGUISH, ids=lambda task: task.name)
def test_few_rounds_are_told_from_random_by_counting_bits_and_the_full_cipher_is_not(task: Task) -> None:
    assert learnt(task, 1) > 0.8
    assert task.levels[-1]["rounds"] == CIPHERS[task.name[6:].partition("-")[0]].rounds
    assert learnt(task, len(task.levels)) < CHANCE


@pytest.mark.parametrize("task", [task for task in TASKS if "masked" in task.name], ids=lambda task: task.name)
def test_under_a_mask_the_difference_says_nothing(task: Task) -> None:
    assert learnt(task, 1) < CHANCE


@pytest.mark.parametrize("task", [task for task in TASKS if "pairs" in task.name], ids=lambda task: task.name)
def test_all_pairs_of_a_question_are_of_one_kind(task: Task) -> None:
    level = {**task.level(1), "rounds": 1, "pairs": 6}
    kept = "80008000" if "speck" in task.name else "00400000"  # what the difference is after one round, for certain
    batch = task(np.random.default_rng(5), 200, **level)
    for question, answer in zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
        pairs = question[:-1].split(",")[1:]
        differences = [f"{int(pair[:8], 16) ^ int(pair[8:], 16):08x}" for pair in pairs]
        assert differences.count(kept) == (6 if answer == "real" else 0)


SAID = [task for task in TASKS if re.search("(crypt|forward)$", task.name)]


@pytest.mark.parametrize("task", SAID, ids=lambda task: task.name)
def test_the_key_in_the_question_decides_the_split_whatever_the_text_and_the_direction(task: Task) -> None:
    name = task.name[6:].partition("-")[0]
    batch = task(np.random.default_rng(2), 1_000, **task.level(2))
    keys = [question.split(",")[1] for question in batch.question.to_pylist()]
    words = from_hexadecimal("".join(keys), CIPHERS[name].key_word_bits)
    columns = np.concatenate(words).reshape(-1, CIPHERS[name].key_words).T
    assert (split_of(batch.key) == split_of(hash_integers(f"key of {name}", *columns))).all()
    assert len(np.unique(batch.key)) == len(set(keys)) == 1_000


def test_the_key_that_is_asked_for_decides_the_split_as_the_key_in_the_question_does() -> None:
    said = block_directions.encrypt(np.random.default_rng(4), 1_000, SPECK, rounds=1)
    asked = block_directions.last_round_key(np.random.default_rng(4), 1_000, SPECK, rounds=1)
    keys = [question.split(",")[1] for question in said.question.to_pylist()]
    assert [key[-4:] for key in keys] == asked.answer.to_pylist()  # both draw the key first
    assert (split_of(said.key) == split_of(asked.key)).all()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_rounds_that_a_cipher_does_not_have_are_a_user_error(task: Task) -> None:
    name = task.name[6:].partition("-")[0]
    for rounds in (0, CIPHERS[name].rounds + 1):
        with pytest.raises(UserError, match=f"{name}: {rounds} rounds; from 1 to {CIPHERS[name].rounds}"):
            task(np.random.default_rng(0), 4, **{**task.level(1), "rounds": rounds})


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ({"difference": "0040"}, "give 8 hexadecimal digits"),
        ({"difference": "00000000"}, "that are not all 0"),
        ({"difference": "0040000G"}, "give 8 hexadecimal digits"),
        ({"pairs": 0}, "speck: 0 pairs; at least one"),
    ],
)
def test_a_distinguisher_that_cannot_be_is_a_user_error(level, said: str) -> None:
    with pytest.raises(UserError, match=said):
        block_ciphers.speck_distinguish(np.random.default_rng(0), 4, **{"rounds": 5, "difference": "00400000", **level})


def test_pairs_against_something_unknown_and_keys_from_no_text_are_user_errors() -> None:
    with pytest.raises(UserError, match='against "random" or "masked"'):
        block_directions.distinguish(
            np.random.default_rng(0), 4, SPECK, rounds=3, difference="00400000", against="none"
        )
    with pytest.raises(UserError, match="0 pairs; at least one"):
        block_ciphers.speck_key(np.random.default_rng(0), 4, rounds=1, pairs=0)
