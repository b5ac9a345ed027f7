"""Shift ciphers: published texts, pycipher and sympy on random texts, every answer anew from its question, attacks."""

import re

import numpy as np
import pycipher
import pytest
from question_reader import every_level, problems, texts
from sympy.crypto import crypto

from enigmath.baselines.attacks.english import log_likelihood, log_probabilities
from enigmath.baselines.attacks.shift_ciphers import ShiftCipherAttack
from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.bench.primitives.english import corpus, spans
from enigmath.bench.primitives.letter_cipher import count_words, draw_words, read, write
from enigmath.bench.primitives.shift_ciphers import AFFINE, ATBASH, AUTOKEY, BEAUFORT, CAESAR, UNITS, VIGENERE
from enigmath.generators import shift_ciphers
from enigmath.generators.text_directions import decrypt, encrypt, hidden_key

CIPHERS = {cipher.name: cipher for cipher in (CAESAR, AFFINE, ATBASH, VIGENERE, BEAUFORT, AUTOKEY)}
SIZES = {"vigenere": {"key_length": 7}, "beaufort": {"key_length": 7}, "autokey": {"key_length": 7}}
LEVELS = every_level(shift_ciphers)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]


def encrypted(name: str, key: str, text: str, way: str = "encipher") -> str:
    """The text under the cipher by pycipher."""
    match name:
        case "caesar":
            cipher = pycipher.Caesar(ord(key) - ord("A"))
        case "affine":
            cipher = pycipher.Affine(*map(int, key.split(",")))
        case "atbash":
            cipher = pycipher.Atbash()
        case "vigenere":
            cipher = pycipher.Vigenere(key)
        case "beaufort":
            cipher = pycipher.Beaufort(key)
        case "autokey":
            cipher = pycipher.Autokey(key)
    return getattr(cipher, way)(text)


def by_sympy(name: str, key: str, text: str) -> str:
    match name:
        case "caesar":
            return crypto.encipher_shift(text, ord(key) - ord("A"))
        case "affine":
            return crypto.encipher_affine(text, tuple(map(int, key.split(","))))
        case "atbash":
            return crypto.encipher_atbash(text)
        case "vigenere":
            return crypto.encipher_vigenere(text, key)
    raise AssertionError(name)


@pytest.mark.parametrize(
    ("name", "key", "plain", "hidden"),
    [
        ("caesar", "D", "THEQUICKBROWNFOX", "WKHTXLFNEURZQIRA"),
        ("affine", (5, 8), "AFFINECIPHER", "IHHWVCSWFRCP"),
        ("atbash", "", "WIZARD", "DRAZIW"),
        ("vigenere", "LEMON", "ATTACKATDAWN", "LXFOPVEFRNHR"),
        ("autokey", "QUEENLY", "ATTACKATDAWN", "QNXEPVYTWTWP"),
        ("beaufort", "FORTIFICATION", "DEFENDTHEEASTWALLOFTHECASTLE", "CKMPVCPVWPIWUJOGIUAPVWRIWUUK"),
    ],
)
def test_published_texts(name, key, plain, hidden) -> None:
    keys = np.array([key]) if name == "affine" else read(key).astype(np.int64)
    assert write(CIPHERS[name].encrypt(read(plain), keys)) == [hidden]
    assert write(CIPHERS[name].decrypt(read(hidden), keys)) == [plain]


@pytest.mark.parametrize("name", CIPHERS)
def test_a_thousand_random_texts_agree_with_pycipher_both_ways(name) -> None:
    rng, cipher = np.random.default_rng(3), CIPHERS[name]
    for length in (1, 5, 7, 40):
        plain = rng.integers(26, size=(300, length)).astype(np.uint8)
        keys = cipher.draw_keys(rng, 300, **SIZES.get(name, {}))
        hidden = cipher.encrypt(plain, keys)
        assert (cipher.decrypt(hidden, keys) == plain).all()
        rows = zip(cipher.write_keys(keys), write(plain), write(hidden), strict=True)
        for key, text, secret in rows:
            assert encrypted(name, key, text) == secret
            assert encrypted(name, key, secret, "decipher") == text


@pytest.mark.parametrize("name", ["caesar", "affine", "atbash", "vigenere"])
def test_sympy_agrees_as_well(name) -> None:
    rng, cipher = np.random.default_rng(4), CIPHERS[name]
    plain = rng.integers(26, size=(100, 30)).astype(np.uint8)
    keys = cipher.draw_keys(rng, 100, **SIZES.get(name, {}))
    for key, text, secret in zip(
        cipher.write_keys(keys), write(plain), write(cipher.encrypt(plain, keys)), strict=True
    ):
        assert by_sympy(name, key, text) == secret


def solved(question: str, answer: str, task: Task, number: int) -> None:
    """The answer holds, by pycipher, from the question and what the task says of itself."""
    name, way, inside = re.fullmatch(r"([a-z]+)\.([a-z]+)\((.*)\)", question).groups()
    if way in ("encrypt", "decrypt"):
        key, text = inside.rsplit(",", 1) if "," in inside else ("", inside)
        assert encrypted(name, key, text, "encipher" if way == "encrypt" else "decipher") == answer
    elif way == "break":
        size = {"key_length": task.level(number)["key_length"]} if name in SIZES else {}
        (key,) = CIPHERS[name].write_keys(hidden_key(CIPHERS[name], 1, **size))
        assert encrypted(name, key, inside, "decipher") == answer
    elif "=" in inside:
        plain, hidden = inside.split("=")
        assert encrypted(name, answer, plain) == hidden
    else:
        assert encrypted(name, answer, inside, "decipher") in english()


def english() -> str:
    return "".join(write(corpus()[None]))


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_holds_by_pycipher(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, 1_000)
    answers = texts(batch.answer)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question, answer in list(zip(batch.question.to_pylist(), answers, strict=True))[:draws]:
        solved(question, answer, task, number)


def test_questions_are_whole_in_large_batches_too() -> None:
    """In memory, ciphertexts may lie column by column; a text is a row all the same."""
    batch = problems(find_task("cipher/beaufort-key"), 2, 16_384)
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:: 16_383 // 5]:
        solved(question, answer, find_task("cipher/beaufort-key"), 2)


def key_and_text(question: str) -> tuple[str, str]:
    inside = question.partition("(")[2][:-1]
    return tuple(inside.split(","))


@pytest.mark.parametrize("name", ["vigenere-encrypt", "autokey-decrypt", "beaufort-encrypt"])
def test_no_key_word_of_the_test_stands_in_training(name) -> None:
    batch = problems(find_task(f"cipher/{name}"), 2, 20_000)
    splits = split_of(batch.key)
    keys = np.array([key_and_text(question)[0] for question in batch.question.to_pylist()])
    assert not set(keys[splits == 0]) & set(keys[splits != 0])
    assert 0.75 < np.mean(splits == 0) < 0.85


def test_no_stretch_of_the_test_stands_in_training_even_where_all_keys_do() -> None:
    batch = problems(find_task("cipher/caesar-encrypt"), 4, 20_000)
    splits = split_of(batch.key)
    pairs = [key_and_text(question) for question in batch.question.to_pylist()]
    pieces = [{text[start : start + 25] for start in range(76)} for _, text in pairs]
    trained = set().union(*(piece for piece, split in zip(pieces, splits, strict=True) if split == 0))
    tested = [piece for piece, split in zip(pieces, splits, strict=True) if split == 2]
    shared = np.mean([len(piece & trained) / len(piece) for piece in tested])
    assert shared < 0.05, "the Bible repeats itself now and then, and no more than that"
    assert {key for (key, _), split in zip(pairs, splits, strict=True) if split == 2} == set(
        "BCDEFGHIJKLMNOPQRSTUVWXYZ"
    )


@pytest.mark.parametrize("cipher", [CAESAR, AFFINE, VIGENERE, AUTOKEY], ids=lambda cipher: cipher.name)
def test_a_problem_and_its_inverse_share_their_key(cipher) -> None:
    size = {"length": 20, **SIZES.get(cipher.name, {})}
    one, other = (way(np.random.default_rng(5), 500, cipher, **size) for way in (encrypt, decrypt))
    assert (one.key == other.key).all()
    assert other.answer.to_pylist() == [question[:-1].rpartition(",")[2] for question in one.question.to_pylist()]
    assert len(np.unique(one.key)) == len(set(one.question.to_pylist()))


def test_hidden_keys_are_the_same_in_every_batch_and_differ_by_number() -> None:
    assert (hidden_key(VIGENERE, 1, key_length=5) == hidden_key(VIGENERE, 1, key_length=5)).all()
    assert (hidden_key(VIGENERE, 1, key_length=5) != hidden_key(VIGENERE, 2, key_length=5)).any()
    first, second = (problems(find_task("cipher/caesar-break"), 1, 50, index) for index in (0, 1))
    shift = {
        (ord(secret) - ord(plain)) % 26
        for batch in (first, second)
        for question, answer in zip(batch.question.to_pylist(), texts(batch.answer), strict=True)
        for secret, plain in zip(question[13:-1], answer, strict=True)
    }
    assert len(shift) == 1


@pytest.mark.parametrize(("key_length", "symbols"), [(1, 3), (2, 3), (4, 2), (6, 2)])
def test_key_words_are_all_those_that_are_no_shorter_word_repeated(key_length, symbols) -> None:
    drawn = {tuple(word) for word in draw_words(np.random.default_rng(0), 5_000, key_length, symbols).tolist()}
    every = np.stack(np.meshgrid(*[range(symbols)] * key_length), -1).reshape(-1, key_length).tolist()
    whole = {
        tuple(word)
        for word in every
        if any(word) and not any(word == word[:size] * (key_length // size) for size in range(1, key_length))
    }
    assert drawn == whole
    assert count_words(key_length, symbols) == len(whole)


def test_affine_keys_are_the_311_that_change_something_and_can_be_undone() -> None:
    drawn = {tuple(key) for key in AFFINE.draw_keys(np.random.default_rng(0), 20_000).tolist()}
    assert drawn == {(factor, shift) for factor in UNITS for shift in range(26)} - {(1, 0)}
    assert AFFINE.keys_of_size() == 311


@pytest.mark.parametrize(
    ("level", "line"),
    [
        ({"length": 0, "key_length": 3}, "a text of 0 letters"),
        ({"length": 10_000, "key_length": 3}, "a text of 10000 letters"),
        ({"length": 10, "key_length": 0}, "a key of 0 letters"),
    ],
)
def test_bad_levels_are_user_errors(level, line) -> None:
    with pytest.raises(UserError, match=line):
        shift_ciphers.vigenere_encrypt(np.random.default_rng(0), 5, **level)


def test_a_caesar_key_of_two_letters_is_a_user_error() -> None:
    with pytest.raises(UserError, match="a key of 2 letters"):
        CAESAR.encrypt(read("ABC"), read("BC").astype(np.int64))


@pytest.mark.parametrize(
    ("name", "number", "least"),
    [
        ("caesar-key", 2, 10),
        ("caesar-break", 3, 10),
        ("affine-key", 2, 10),
        ("affine-key-from-pair", 1, 10),
        ("vigenere-key", 4, 9),
        ("vigenere-break", 2, 9),
        ("vigenere-key-from-pair", 4, 10),
        ("beaufort-key", 4, 9),
        ("autokey-key", 4, 9),
        ("autokey-key-from-pair", 4, 10),
    ],
)
def test_the_attack_succeeds_where_the_ciphertext_says_enough(name, number, least) -> None:
    task = find_task(f"cipher/{name}")
    assert task.solve == "shift-cipher-attack"
    batch = problems(task, number, 200)
    tested = np.flatnonzero(split_of(batch.key) == 2)[:10]
    questions, answers = np.array(batch.question.to_pylist())[tested], np.array(texts(batch.answer))[tested]
    found = models().plugins[task.solve]().predict(questions.tolist())
    assert sum(one == other for one, other in zip(found, answers, strict=True)) >= least


def test_the_attack_gives_none_or_a_text_on_questions_that_are_not_its_own() -> None:
    junk = [
        "", "caesar.key()", "caesar.key(A)", "caesar.break(A=B)", "vigenere.key(AB=ABC)", "vigenere.key(Z)",
        "enigma.key(ABC)", "affine.key(AAAA=AZAZ)", "autokey.break(" + "Q" * 900 + ")", "12+34",
        "vigenere.key(" + "A" * 5_000 + ")", "beaufort.key(QZ)", "vigenere.encrypt(LEMON,ABC)",
    ]  # fmt: skip
    found = ShiftCipherAttack().predict(junk)
    assert [found[place] for place in (0, 1, 3, 4, 6, 7, 9, 10, 12)] == [None] * 9
    assert all(one is None or isinstance(one, str) for one in found)


def test_the_statistics_of_english_are_probabilities_and_prefer_english() -> None:
    for order in (1, 2, 3):
        assert np.allclose(np.exp(log_probabilities(order)[(slice(26),) * order]).sum(axis=-1), 1, atol=1e-4)
    rng = np.random.default_rng(2)
    real, _ = spans(rng, np.full(500, 2, np.uint8), 30)
    other = rng.permuted(real, axis=1)
    assert np.mean(log_likelihood(real) > log_likelihood(other)) > 0.99


def test_guessing_a_key_scores_one_in_the_number_of_keys() -> None:
    chances = {
        task.name: task.chance(**task.level(1)) if callable(task.chance) else task.chance
        for task, number in (level.values for level in LEVELS)
        if task.name.endswith(("-key", "-pair"))
    }
    assert chances["cipher/caesar-key"] == 1 / 25
    assert chances["cipher/affine-key"] == chances["cipher/affine-key-from-pair"] == 1 / 311
    assert chances["cipher/vigenere-key"] == chances["cipher/beaufort-key"] == 1 / (26**3 - 26)
    assert len(chances) == 8
