"""Transpositions: published texts, pycipher on random texts, every answer anew from its question, the attack."""

import re

import numpy as np
import pycipher
import pytest
from question_reader import every_level, problems, texts
from sympy.crypto import crypto

from enigmath.baselines.attacks.transpositions import TranspositionAttack
from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.bench.primitives.english import corpus
from enigmath.bench.primitives.letter_cipher import read, write
from enigmath.bench.primitives.transpositions import COLUMNAR, DOUBLE_COLUMNAR, RAIL_FENCE
from enigmath.generators import transpositions
from enigmath.generators.text_directions import decrypt, encrypt, hidden_key

CIPHERS = {cipher.name: cipher for cipher in (RAIL_FENCE, COLUMNAR, DOUBLE_COLUMNAR)}
LEVELS = every_level(transpositions)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]


def moved(name: str, key: str, text: str, way: str = "encipher") -> str:
    """The text under the cipher, or before it, by pycipher."""
    if name == "rail_fence":
        return getattr(pycipher.Railfence(int(key)), way)(text)
    for word in key.split(",") if way == "encipher" else reversed(key.split(",")):
        text = getattr(pycipher.ColTrans(word), way)(text)
    return text


def test_published_texts() -> None:
    plain = read("WEAREDISCOVEREDFLEEATONCE")
    assert write(RAIL_FENCE.encrypt(plain, np.array([[3]]))) == ["WECRLTEERDSOEEFEAOCAIVDEN"]
    zebras = np.array([[5, 2, 1, 3, 0, 4]])  # ZEBRAS, the example of many textbooks
    assert write(COLUMNAR.encrypt(plain, zebras)) == ["EVLNACDTESEAROFODEECWIREE"]
    stripe = np.array([[4, 5, 3, 1, 2, 0]])
    twice = DOUBLE_COLUMNAR.encrypt(plain, np.concatenate([zebras, stripe], axis=1))
    assert write(twice) == ["CAEENSOIAEDRLEFWEDREEVTOC"]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("rail_fence", [{"most_rails": most} for most in (2, 3, 11)]),
        ("columnar", [{"columns": columns} for columns in (2, 7, 12)]),
        ("double_columnar", [{"columns": columns} for columns in (2, 5, 12)]),
    ],
)
def test_a_thousand_random_texts_agree_with_pycipher_both_ways(name, sizes) -> None:
    rng, cipher = np.random.default_rng(3), CIPHERS[name]
    for size in sizes:
        for length in (12, 13, 31, 40):
            plain = rng.integers(26, size=(90, length)).astype(np.uint8)
            keys = cipher.draw_keys(rng, 90, **size)
            hidden = cipher.encrypt(plain, keys)
            assert (cipher.decrypt(hidden, keys) == plain).all()
            for key, text, secret in zip(cipher.write_keys(keys), write(plain), write(hidden), strict=True):
                assert moved(name, key, text) == secret
                assert moved(name, key, secret, "decipher") == text


def test_sympy_agrees_on_the_rail_fence() -> None:
    rng = np.random.default_rng(4)
    plain = rng.integers(26, size=(100, 37)).astype(np.uint8)
    keys = RAIL_FENCE.draw_keys(rng, 100, most_rails=12)
    for (rails,), text, secret in zip(keys.tolist(), write(plain), write(RAIL_FENCE.encrypt(plain, keys)), strict=True):
        assert crypto.encipher_railfence(text, rails) == secret


@pytest.fixture(scope="module")
def english() -> str:
    return "".join(write(corpus()[None]))


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_holds_by_pycipher(task: Task, number: int, draws: int, english: str) -> None:
    batch = problems(task, number, 1_000)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:draws]:
        name, way, inside = re.fullmatch(r"([a-z_]+)\.([a-z]+)\((.*)\)", question).groups()
        if way in ("encrypt", "decrypt"):
            key, text = inside.rsplit(",", 1)
            assert moved(name, key, text, "encipher" if way == "encrypt" else "decipher") == answer
        elif way == "break":
            (key,) = CIPHERS[name].write_keys(hidden_key(CIPHERS[name], 1, columns=task.level(number)["columns"]))
            assert moved(name, key, inside, "decipher") == answer
        else:
            assert moved(name, answer, inside, "decipher") in english


@pytest.mark.parametrize(("columns", "count"), [(3, 36), (4, 576), (5, 14_400)])
@pytest.mark.parametrize("length", [30, 50])
def test_two_different_pairs_of_orders_never_do_the_same(columns, count, length) -> None:
    rng = np.random.default_rng(1)
    keys = np.unique(DOUBLE_COLUMNAR.draw_keys(rng, 15 * count, columns=columns), axis=0)
    assert len(keys) == count
    places = np.repeat(np.arange(length, dtype=np.uint8)[None], count, axis=0)
    assert len(np.unique(DOUBLE_COLUMNAR.encrypt(places, keys), axis=0)) == count


def test_no_order_of_nine_columns_of_the_test_stands_in_training() -> None:
    batch = problems(find_task("cipher/columnar-encrypt"), 3, 20_000)
    splits = split_of(batch.key)
    keys = np.array([question[17:26] for question in batch.question.to_pylist()])
    assert {"".join(sorted(key)) for key in keys} == {"ABCDEFGHI"}
    assert not set(keys[splits == 0]) & set(keys[splits != 0])


@pytest.mark.parametrize("name", CIPHERS)
def test_a_problem_and_its_inverse_share_their_key(name) -> None:
    size = {"length": 30, **({"most_rails": 5} if name == "rail_fence" else {"columns": 5})}
    one, other = (way(np.random.default_rng(5), 500, CIPHERS[name], **size) for way in (encrypt, decrypt))
    assert (one.key == other.key).all()
    assert other.answer.to_pylist() == [question[:-1].rpartition(",")[2] for question in one.question.to_pylist()]


@pytest.mark.parametrize(
    ("task", "level", "line"),
    [
        (transpositions.rail_fence_encrypt, {"length": 0, "most_rails": 3}, "a text of 0 letters"),
        (transpositions.rail_fence_encrypt, {"length": 10, "most_rails": 1}, "at most 1 rails"),
        (transpositions.rail_fence_encrypt, {"length": 3, "most_rails": 9}, "9 rails for 3 letters"),
        (transpositions.columnar_encrypt, {"length": 10, "columns": 1}, "1 columns"),
        (transpositions.columnar_encrypt, {"length": 10, "columns": 27}, "27 columns"),
        (transpositions.double_columnar_encrypt, {"length": 4, "columns": 5}, "5 columns for 4 letters"),
    ],
)
def test_bad_levels_are_user_errors(task, level, line) -> None:
    with pytest.raises(UserError, match=line):
        task(np.random.default_rng(0), 50, **level)


@pytest.mark.parametrize(
    ("name", "number", "least"),
    [
        ("rail-fence-key", 3, 10),
        ("columnar-break", 2, 10),
        ("columnar-key", 2, 8),
        ("double-columnar-key", 1, 9),
        ("double-columnar-break", 2, 9),
    ],
)
def test_the_attack_succeeds_where_the_ciphertext_says_enough(name, number, least) -> None:
    task = find_task(f"cipher/{name}")
    assert task.solve == "transposition-attack"
    batch = problems(task, number, 200)
    tested = np.flatnonzero(split_of(batch.key) == 2)[:10]
    questions, answers = np.array(batch.question.to_pylist())[tested].tolist(), np.array(texts(batch.answer))[tested]
    attack = models().plugins[task.solve]()
    found = attack.predict(questions)
    assert sum(one == other for one, other in zip(found, answers, strict=True)) >= least
    assert attack.predict(questions[3:4]) == found[3:4], "the answer depends on the question alone"


def test_the_attack_gives_none_or_a_text_on_questions_that_are_not_its_own() -> None:
    junk = [
        "", "columnar.key()", "columnar.key(AB)", "caesar.key(ABC)", "columnar.encrypt(AB,ABC)", "12+34",
        "rail_fence.key(ABC)", "columnar.break(QQQQQ)", "double_columnar.break(ZZZZ)",
    ]  # fmt: skip
    found = TranspositionAttack(most_columns=6, restarts=1).predict(junk)
    assert found[:6] == [None] * 6
    assert all(isinstance(one, str) for one in found[6:])
    with pytest.raises(UserError, match="0 restarts"):
        TranspositionAttack(restarts=0)


def test_guessing_a_key_scores_one_in_the_number_of_keys() -> None:
    expected = {"rail-fence-key": 1 / 2, "columnar-key": 1 / 720, "double-columnar-key": 1 / 36}
    for name, chance in expected.items():
        task = find_task(f"cipher/{name}")
        assert task.chance(**task.level(1)) == pytest.approx(chance)
