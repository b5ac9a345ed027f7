"""Block ciphers of S-boxes: published vectors, two libraries, a second implementation, tasks, controls, attacks."""

import re

import numpy as np
import pyarrow as pa
import pytest
from plain_network_ciphers import PLAIN
from question_reader import problems

from enigmath.baselines.attacks.box_by_box import MOST, BoxByBox
from enigmath.baselines.attacks.key_search import KeySearch
from enigmath.bench.contracts import Budget, Examples, Task, UserError, hash_integers, split_of
from enigmath.bench.primitives.catalogue import BLOCK_CIPHERS
from enigmath.bench.primitives.des import DES
from enigmath.bench.primitives.small_aes import SMALL_AES
from enigmath.bench.primitives.words import draw_words, from_hexadecimal, to_hexadecimal
from enigmath.generators import aes_ciphers, block_directions, feistel_ciphers, network_ciphers

CIPHERS = {name: BLOCK_CIPHERS[name] for name in PLAIN}
TASKS = [
    value
    for module in (network_ciphers, aes_ciphers, feistel_ciphers)
    for value in vars(module).values()
    if isinstance(value, Task)
]
LEVELS = [
    pytest.param(task, number, id=f"{task.name}-{number}")
    for task in TASKS
    for number in range(1, len(task.all_levels) + 1)
]


def name_of(task: Task) -> str:
    return re.fullmatch(r"block/((?:small-)?[a-z]+)-.*", task.name)[1]


VECTORS = [
    # Bogdanov and others, CHES 2007, appendix I
    ("present", "00000000000000000000", "0000000000000000", "5579c1387b228445"),
    ("present", "ffffffffffffffffffff", "0000000000000000", "e72c46c0f5945049"),
    ("present", "00000000000000000000", "ffffffffffffffff", "a112ffc72f68417b"),
    ("present", "ffffffffffffffffffff", "ffffffffffffffff", "3333dcd3213210d2"),
    # Beierle and others, CRYPTO 2016, appendix B
    ("skinny", "f5269826fc681238", "06034f957724d19d", "bb39dfb2429b8ac7"),
    # the designers' vectors, at their page on KATAN
    ("katan", "ffffffffffffffffffff", "00000000", "7e1ff945"),
    ("katan", "00000000000000000000", "ffffffff", "432e61da"),
    # NIST SP 800-17: variable plaintext, variable key, substitution tables
    ("des", "0101010101010101", "8000000000000000", "95f8a5e5dd31d900"),
    ("des", "0101010101010101", "4000000000000000", "dd7f121ca5015619"),
    ("des", "8001010101010101", "0000000000000000", "95a8d72813daa94d"),
    ("des", "4001010101010101", "0000000000000000", "0eec1487dd8c26d5"),
    ("des", "7ca110454a1a6e57", "01a1d6d039776742", "690f5b0d9a26939b"),
    ("des", "0131d9619dc1376e", "5cd54ca83def57da", "7a389d10354bd271"),
    # a walk through DES that many texts print
    ("des", "133457799bbcdff1", "0123456789abcdef", "85e813540f0ab405"),
    # FIPS 197, appendices B and C.1
    ("aes", "2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734", "3925841d02dc09fbdc118597196a0b32"),
    ("aes", "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"),
]


def encrypted(name: str, key: str, plain: str, rounds: int) -> str:
    cipher = CIPHERS[name]
    round_keys = cipher.expand(from_hexadecimal(key, cipher.key_word_bits), rounds)
    return to_hexadecimal(cipher.encrypt(from_hexadecimal(plain, cipher.word_bits), round_keys), cipher.word_bits)[0]


@pytest.mark.parametrize(("name", "key", "plain", "secret"), VECTORS)
def test_the_published_vectors_hold(name: str, key: str, plain: str, secret: str) -> None:
    assert encrypted(name, key, plain, CIPHERS[name].rounds) == secret
    assert PLAIN[name].run(int(key, 16), int(plain, 16), PLAIN[name].rounds) == int(secret, 16)


def test_round_keys_are_those_that_are_published() -> None:
    (last,) = CIPHERS["aes"].expand(from_hexadecimal("2b7e151628aed2a6abf7158809cf4f3c", 32), 10)[-1:]
    assert to_hexadecimal(last, 32) == ["d014f9a8c9ee2589e13f0cc8b6630ca6"]  # FIPS 197, appendix A.1
    (last,) = SMALL_AES.expand(from_hexadecimal("0000", 16), 10)[-1:]
    assert to_hexadecimal(last, 16) == ["b420"]  # Sage's mq.SR(10, 2, 2, 4) from the key of zeros
    (last,) = DES.expand(from_hexadecimal("133457799bbcdff1", 64), 16)[-1:]
    assert to_hexadecimal(last, 48) == ["cb3d8b0e17f5"]


def drawn(cipher, n: int, seed: int = 11):
    rng = np.random.default_rng(seed)
    key = draw_words(rng, n, cipher.key_words, cipher.key_word_bits)
    return key, draw_words(rng, n, cipher.block_words, cipher.word_bits)


def integers(words, bits: int) -> list[int]:
    return [int(text, 16) for text in to_hexadecimal(words, bits)]


def reduced(name: str) -> list[int]:
    rounds = CIPHERS[name].rounds
    return list(range(1, rounds)) if rounds < 64 else [*range(1, 45), 79, 80, 81, 160, 253]


@pytest.mark.parametrize("name", sorted(CIPHERS))
def test_a_second_implementation_agrees_on_random_texts_at_full_and_at_reduced_rounds(name: str) -> None:
    cipher, plain = CIPHERS[name], PLAIN[name]
    full = 1_000 if name not in ("aes", "des") else 100  # those two are compared with libraries
    for rounds, n in ((cipher.rounds, full), *((rounds, 10) for rounds in reduced(name))):
        key, block = drawn(cipher, n)
        round_keys = cipher.expand(key, rounds)
        secret = cipher.encrypt(block, round_keys)
        keys, blocks = integers(key, cipher.key_word_bits), integers(block, cipher.word_bits)
        found = integers(secret, cipher.word_bits)
        assert found == [plain.run(one, text, rounds) for one, text in zip(keys, blocks, strict=True)]
        again = [plain.run(one, text, rounds, decrypt=True) for one, text in zip(keys, found, strict=True)]
        assert again == blocks == integers(cipher.decrypt(secret, round_keys), cipher.word_bits)
        if name != "katan":
            last = integers(round_keys[-1], cipher.round_key_word_bits or cipher.word_bits)
            assert last == [plain.last_key(one, rounds) for one in keys]


def libraries():
    from Crypto.Cipher import AES as CRYPTO_AES
    from Crypto.Cipher import DES as CRYPTO_DES
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    def openssl(key: bytes):
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update

    return [
        ("aes", openssl),
        ("aes", lambda key: CRYPTO_AES.new(key, CRYPTO_AES.MODE_ECB).encrypt),
        ("des", lambda key: CRYPTO_DES.new(key, CRYPTO_DES.MODE_ECB).encrypt),
    ]


@pytest.mark.parametrize("which", range(3), ids=["aes-cryptography", "aes-pycryptodome", "des-pycryptodome"])
def test_aes_and_des_are_those_of_the_libraries_on_random_texts(which: int) -> None:
    name, library = libraries()[which]
    cipher = CIPHERS[name]
    key, block = drawn(cipher, 1_000, seed=which)
    round_keys = cipher.expand(key, cipher.rounds)
    secret = cipher.encrypt(block, round_keys)
    keys, blocks = to_hexadecimal(key, cipher.key_word_bits), to_hexadecimal(block, cipher.word_bits)
    right = [library(bytes.fromhex(one))(bytes.fromhex(text)).hex() for one, text in zip(keys, blocks, strict=True)]
    assert to_hexadecimal(secret, cipher.word_bits) == right
    given = np.concatenate(from_hexadecimal("".join(right), cipher.word_bits)).reshape(-1, cipher.block_words).T
    assert to_hexadecimal(cipher.decrypt(list(given), round_keys), cipher.word_bits) == blocks


def test_all_bits_of_a_des_key_and_text_turned_over_turn_over_the_ciphertext_at_every_number_of_rounds() -> None:
    (key,), block = drawn(DES, 100)
    for rounds in range(1, 17):
        secret = DES.encrypt(block, DES.expand([key], rounds))
        turned = DES.encrypt([~word for word in block], DES.expand([~key], rounds))
        assert all((word == ~other).all() for word, other in zip(secret, turned, strict=True))
        parity = DES.encrypt(block, DES.expand([key ^ np.uint64(0x0101010101010101)], rounds))
        assert all((word == other).all() for word, other in zip(secret, parity, strict=True))


def test_the_difference_of_des_passes_three_rounds_once_in_sixteen_times() -> None:
    key, block = drawn(DES, 100_000)
    difference = [int(word[0]) for word in from_hexadecimal(feistel_ciphers.DES_DIFFERENCE, 32)]
    round_keys = DES.expand(key, 3)
    first, second = (
        DES.encrypt(text, round_keys)
        for text in (block, [word ^ part for word, part in zip(block, difference, strict=True)])
    )
    between = [word ^ other for word, other in zip(first, second, strict=True)]
    same = (between[0] == difference[0]) & (between[1] == difference[1])  # the last round does not swap
    assert abs(same.mean() - 1 / 16) < 0.004


def test_all_bytes_of_a_real_pair_of_aes_differ_after_three_rounds() -> None:
    batch = aes_ciphers.aes_distinguish(np.random.default_rng(0), 4_000, **aes_ciphers.aes_distinguish.level(3))
    for question, answer in zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
        octets = bytes.fromhex(question[len("aes.distinguish(3,") : -1])
        if answer == "real":
            assert all(a != b for a, b in zip(octets[:16], octets[16:], strict=True))


def recomputed(question: str) -> str:
    """The answer to an encryption or a decryption by the second implementation; the hidden key is looked up."""
    name, way, rounds, rest = re.fullmatch(r"([a-z-]+)\.(\w+)\(([0-9]+),(.*)\)", question).groups()
    *key, block = rest.split(",")
    if not key:
        words = draw_words(block_directions._hidden(SMALL_AES, 1), 1, 1, 16)
        key = to_hexadecimal(words, 16)
    value = PLAIN[name].run(int(key[0], 16), int(block, 16), int(rounds), decrypt=way == "decrypt")
    return f"{value:0{len(block)}x}"


def check(task: Task, number: int, n: int) -> None:
    batch = problems(task, number, n)
    name, level = name_of(task), task.level(number)
    questions, answers = batch.question.to_pylist(), batch.answer.to_pylist()
    assert task.answer.canonical(batch.answer).to_pylist() == answers
    if "crypt" in task.name:
        assert [recomputed(question) for question in questions] == answers
    elif task.name.endswith("key"):
        assert all(len(question.split(":")) == level["pairs"] + 1 for question in questions)
        model = KeySearch() if name == "small-aes" else BoxByBox()
        if level["rounds"] <= MOST.get(name, 10):
            assert model.predict(questions) == answers
        else:
            assert model.predict(questions) == [None] * n
    else:
        assert set(answers) == set(task.answer.options)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_follows_from_its_question_alone(task: Task, number: int) -> None:
    check(task, number, 25)


@pytest.mark.slow
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_of_many_follows_from_its_question_alone(task: Task, number: int) -> None:
    check(task, number, 200)


KEY_TASKS = [task for task in TASKS if task.name.endswith("-key")]


@pytest.mark.parametrize("task", KEY_TASKS, ids=lambda task: task.name)
def test_the_texts_of_a_question_are_under_the_key_whose_last_round_is_asked_for(task: Task) -> None:
    name = name_of(task)
    cipher, plain = CIPHERS[name], PLAIN[name]
    for level in task.all_levels:
        batch = task(np.random.default_rng(8), 10, **level)
        keys = integers(drawn(cipher, 10, seed=8)[0], cipher.key_word_bits)  # the key is drawn first
        for key, question, answer in zip(keys, batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
            assert int(answer, 16) == plain.last_key(key, level["rounds"])
            for pair in question[:-1].split(",")[1:]:
                text, secret = (int(part, 16) for part in pair.split(":"))
                assert plain.run(key, text, level["rounds"]) == secret


PAIRS = [task for task in TASKS if re.search("distinguish|pairs|masked", task.name)]


@pytest.mark.parametrize("task", PAIRS, ids=lambda task: task.name)
def test_real_pairs_are_of_the_difference_and_the_others_are_not(task: Task) -> None:
    """Undone by the second implementation, under the key that is drawn after the label."""
    name, n = name_of(task), 40
    cipher = CIPHERS[name]
    for level in task.all_levels[:3]:
        rng = np.random.default_rng(3)
        batch = task(np.random.default_rng(3), n, **level)
        draw_words(rng, n, 1, 1)
        keys = integers(draw_words(rng, n, cipher.key_words, cipher.key_word_bits), cipher.key_word_bits)
        digits = cipher.block_bits // 4
        for key, question, answer in zip(keys, batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
            pairs = question[:-1].split(",")[1:]
            assert len(pairs) == level.get("pairs", 1)
            for pair in pairs:
                texts = [int(pair[:digits], 16), int(pair[digits:], 16)]
                first, second = (PLAIN[name].run(key, text, level["rounds"], decrypt=True) for text in texts)
                assert (first ^ second == int(level["difference"], 16)) == (answer == "real")


EXAMPLE = re.compile(r"as in (?:\(with \w+\) )?`([^`]+)` with the answer `([^`]+)`")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_example_of_the_docstring_is_right(task: Task) -> None:
    question, answer = EXAMPLE.search(task.doc).groups()
    name = name_of(task)
    if "crypt" in question:
        assert recomputed(question) == answer
    elif ".key(" in question:
        assert [answer] in (BoxByBox().predict([question]), KeySearch().predict([question]))
    else:  # the first pair is of a text and a key that stand above, or of the small cipher's own example
        vectors = [*VECTORS, ("small-aes", "2b7e", "1a0f", "")]
        rounds, pair = re.search(r"\(([0-9]+),([0-9a-f]+)", question).groups()
        difference = int(task.level(1)["difference"], 16)
        shown = set()
        for own, key, plain, _ in vectors:
            if own == name:
                texts = (int(plain, 16), int(plain, 16) ^ difference)
                found = [PLAIN[name].run(int(key, 16), text, int(rounds)) for text in texts]
                shown.add("".join(f"{value:0{len(plain)}x}" for value in found))
        assert pair in shown
        assert answer == "real"


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_full_cipher_is_the_last_level_that_is_trained_on(task: Task) -> None:
    assert 3 <= len(task.levels) <= 8
    assert task.levels[-1]["rounds"] == CIPHERS[name_of(task)].rounds
    assert all(level["rounds"] < CIPHERS[name_of(task)].rounds for level in task.beyond)


def cells(questions: list[str], digits: int):
    """The difference of each first pair, nibble by nibble; shape (n, digits)."""
    halves = [re.search(r",([0-9a-f]+)", question)[1] for question in questions]
    values = [f"{int(text[:digits], 16) ^ int(text[digits:], 16):0{digits}x}" for text in halves]
    return np.array([[int(digit, 16) for digit in value] for value in values])


def learnt(task: Task, number: int, n: int = 8_000) -> float:
    """How often a naive Bayes guess from the nibbles of the difference is right on problems it has not seen."""
    digits = CIPHERS[name_of(task)].block_bits // 4
    batch = problems(task, number, n)
    real = np.array([answer == "real" for answer in batch.answer.to_pylist()])
    found = cells(batch.question.to_pylist(), digits)
    old = np.arange(n) < 3 * n // 4
    score = np.zeros(n)
    for column in found.T:
        counts = [np.bincount(column[old & (real == label)], minlength=16) + 1 for label in (True, False)]
        yes, no = (count / count.sum() for count in counts)
        score += np.log(yes[column] / no[column])
    return float(((score > 0) == real)[~old].mean())


CHANCE = 0.5 + 5 * np.sqrt(0.25 / 2_000)


@pytest.mark.parametrize("task", [task for task in PAIRS if "dist" in task.name], ids=lambda task: task.name)
def test_few_rounds_are_told_from_random_by_counting_nibbles_and_the_full_cipher_is_not(task: Task) -> None:
    assert learnt(task, 1) > 0.8
    assert learnt(task, len(task.levels)) < CHANCE


@pytest.mark.parametrize("task", [task for task in PAIRS if "masked" in task.name], ids=lambda task: task.name)
def test_under_a_mask_the_difference_says_nothing(task: Task) -> None:
    assert learnt(task, 1) < CHANCE


SAID = [task for task in TASKS if re.search("crypt$", task.name)]


@pytest.mark.parametrize("task", SAID, ids=lambda task: task.name)
def test_the_key_in_the_question_decides_the_split_whatever_the_text_and_the_direction(task: Task) -> None:
    cipher = CIPHERS[name_of(task)]
    batch = problems(task, 2, 1_000)
    keys = [question.split(",")[1] for question in batch.question.to_pylist()]
    columns = np.concatenate(from_hexadecimal("".join(keys), cipher.key_word_bits)).reshape(-1, cipher.key_words).T
    assert (split_of(batch.key) == split_of(hash_integers(f"key of {cipher.name}", *columns))).all()
    assert len(np.unique(batch.key)) == 1_000


def test_the_search_finds_the_hidden_key_of_small_aes_from_training_and_then_every_answer() -> None:
    task = aes_ciphers.small_aes_encrypt_hidden
    for number in range(1, len(task.all_levels) + 1):
        batch = problems(task, number, 100)
        table = pa.table({"question": batch.question, "answer": batch.answer})
        model = KeySearch()
        fit = model.fit(Examples(table.slice(0, 50)), Examples(table.slice(50)), Budget())
        assert fit.facts["key"] == "bbb5"
        assert model.predict(batch.question.to_pylist()) == batch.answer.to_pylist()


JUNK = [
    "",
    "des.key(1)",
    "des.key(2,0123:4567,89ab:cdef)",
    "des.key(4,0123456789abcdef:4472457288eeddea,0123456789abcdef:4472457288eeddea)",
    "des.key(2,0123456789abcdef:4472457288eeddea,0123456789abcdef:0000000000000000)",
    "present.key(1,0123456789abcdef:4472457288eeddea,0123456789abcdef:0000000000000000)",
    "skinny.key(3,0123456789abcdef:4472457288eeddea,0123456789abcdef:0000000000000000)",
    "skinny.key(1,0123456789abcdef:4472457288eeddea,1123456789abcdef:0000000000000000)",
    "aes.key(1,0123456789abcdef:4472457288eeddea,0123456789abcdef:0000000000000000)",
    "katan.key(1,00000000:00080001,78cf02df:f19e05be)",
    "small-aes.key(11,1a0f:a7c6)",
    "small-aes.key(1,1a0f:a7c6,1a0f:a7c7)",
    "small-aes.encrypt(2,1a0f)",
    "des.key(1," + "0" * 10_000,
]


@pytest.mark.parametrize("question", JUNK, ids=lambda question: question[:40])
def test_the_attacks_give_no_answer_to_what_has_none(question: str) -> None:
    assert BoxByBox().predict([question]) == [None]
    assert KeySearch().predict([question]) == [None]


def test_a_search_that_was_fitted_on_contradictions_gives_no_answer() -> None:
    table = pa.table({"question": ["small-aes.encrypt(2,1a0f)"] * 2, "answer": ["39e7", "39e8"]})
    model = KeySearch()
    model.fit(Examples(table), Examples(table), Budget())
    assert model.predict(["small-aes.encrypt(2,1a0f)"]) == [None]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_rounds_that_a_cipher_does_not_have_are_a_user_error(task: Task) -> None:
    name = name_of(task)
    for rounds in (0, CIPHERS[name].rounds + 1):
        with pytest.raises(UserError, match=f"{name}: {rounds} rounds; from 1 to {CIPHERS[name].rounds}"):
            task(np.random.default_rng(0), 4, **{**task.level(1), "rounds": rounds})


@pytest.mark.parametrize("task", PAIRS, ids=lambda task: task.name)
def test_a_difference_of_another_length_is_a_user_error(task: Task) -> None:
    digits = CIPHERS[name_of(task)].block_bits // 4
    for difference in ("1", "0" * digits, "g" * digits):
        with pytest.raises(UserError, match=f"give {digits} hexadecimal digits that are not all 0"):
            task(np.random.default_rng(0), 4, **{**task.level(1), "difference": difference})
