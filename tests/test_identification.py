"""Identification: each cipher as likely, each ciphertext made by the cipher that is named, nothing else told."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from question_reader import every_level, problems, texts
from scipy.stats import chi2

from enigmath.baselines.attacks.identification import IdentifyFeatures
from enigmath.baselines.attacks.text_statistics import SHORTEST, statistics
from enigmath.bench.contracts import Budget, Examples, Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.bench.primitives.english import corpus
from enigmath.bench.primitives.letter_cipher import read, write
from enigmath.bench.primitives.shift_ciphers import AFFINE, CAESAR
from enigmath.generators import identification

LEVELS = every_level(identification)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_cipher_is_as_likely_and_every_text_as_long_and_of_letters(task: Task, number: int) -> None:
    batch = problems(task, number, 4_000)
    count = Counter(texts(batch.answer))
    assert set(count) == set(task.answer.options)
    assert task.chance == 1 / len(count)
    expected = 4_000 / len(count)
    assert sum((one - expected) ** 2 / expected for one in count.values()) < chi2.isf(1e-4, len(count) - 1)
    length = task.level(number)["length"]
    for question in batch.question.to_pylist():
        assert question.startswith("identify(")
        assert question.endswith(")")
        assert len(question) == length + 10
        assert set(question[9:-1]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def coincidence(text: str) -> float:
    """The index of coincidence: how often two of its letters are the same."""
    return sum(count * (count - 1) for count in Counter(text).values()) / (len(text) * (len(text) - 1))


def test_ciphertexts_have_the_marks_of_the_ciphers_that_they_are_named_for() -> None:
    """Told without our ciphers: by frequencies, the index of coincidence, and what stands in English."""
    batch = problems(find_task("cipher/identify-twelve"), 4, 3_000)
    frequency = np.bincount(corpus(), minlength=26) / len(corpus())
    made = {}
    for question, answer in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        made.setdefault(answer, []).append(question[9:-1])
    same = {name: np.mean([coincidence(text) for text in some[:80]]) for name, some in made.items()}
    plainlike = {name: np.mean([_fit(text, frequency) for text in some[:80]]) for name, some in made.items()}
    for name in ("caesar", "atbash", "affine", "substitution", "columnar", "double_columnar", "rail_fence"):
        assert same[name] > 0.06, name
    for name in ("vigenere", "beaufort", "autokey", "hill"):
        assert same[name] < 0.05, name
    assert 0.042 < same["playfair"] < 0.06
    for name in made:
        assert (plainlike[name] > 0.95) == (name in ("columnar", "double_columnar", "rail_fence")), name
    assert not any("J" in text for text in made["playfair"])
    assert all(_pairs_differ(text) for text in made["playfair"])


def _fit(text: str, frequency) -> float:
    """The cosine between the letters of a text and those of English."""
    count = np.bincount(read(text)[0], minlength=26)
    return float(count @ frequency / np.linalg.norm(count) / np.linalg.norm(frequency))


def _pairs_differ(text: str) -> bool:
    return all(one != other for one, other in zip(text[::2], text[1::2], strict=True))


def test_fifty_ciphertexts_have_the_marks_of_the_ciphers_that_they_are_named_for() -> None:
    batch = problems(find_task("cipher/identify-fifty"), 3, 2_000)
    frequency = np.bincount(corpus(), minlength=26) / len(corpus())
    made: dict[str, list[str]] = {}
    for question, answer in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        made.setdefault(answer, []).append(question[9:-1])
    moved = {
        "rail_fence", "redefence", "scytale", "columnar", "double_columnar", "myszkowski", "amsco", "route", "swagman",
        "grille", "nihilist_transposition",
    }  # fmt: skip
    one_alphabet = {"caesar", "atbash", "affine", "substitution", "bazeries"} | moved
    few = {"adfgx": set("ADFGX"), "adfgvx": set("ADFGVX")}
    squares = {"playfair", "seriated_playfair", "two_square", "four_square", "phillips", "phillips_rc", "bifid",
               "cm_bifid", "bazeries"}  # fmt: skip
    flat = {"enigma", "chaocipher", "gromark", "running_key", "quagmire_4", "condi", "progressive_key", "hill"}
    for name, some in made.items():
        same, fit = np.mean([coincidence(text) for text in some]), np.mean([_fit(text, frequency) for text in some])
        assert (fit > 0.95) == (name in moved), name
        assert (0.058 < same < 0.08) == (name in one_alphabet), name
        assert (same < 0.047) or name not in flat, name
        assert not any("J" in text for text in some) or name not in squares, name
        assert all(set(text) <= few.get(name, set(text)) for text in some)
    assert all(len(set(text[::2])) <= 5 and len(set(text[1::2])) <= 5 for text in made["checkerboard"])


def test_an_affine_ciphertext_is_never_a_caesar_or_an_atbash_one() -> None:
    keys = identification.draw_proper_affine(np.random.default_rng(0), 20_000)
    assert len(np.unique(keys, axis=0)) == AFFINE.keys_of_size() - CAESAR.keys_of_size() - 1
    batch = problems(find_task("cipher/identify-twelve"), 2, 2_000)
    english = "".join(write(corpus()[None]))
    for question, answer in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        if answer not in ("caesar", "affine", "atbash"):
            continue
        text = read(question[9:-1])
        shifts = CAESAR.decrypt(np.repeat(text, 25, axis=0), np.arange(1, 26)[:, None])
        if answer == "atbash":
            assert write(25 - text)[0] in english
        else:
            assert any(shifted in english for shifted in _likely(write(shifts))) == (answer == "caesar")


def _likely(shifted: list[str]) -> list[str]:
    """The texts with letters that English has: only those are worth looking for."""
    return [text for text in shifted if sum(text.count(letter) for letter in "ETAOINSHR") > 0.45 * len(text)]


def test_no_stretch_of_the_test_stands_in_training() -> None:
    """Transpositions undone by sorting: a stretch's letters in order name it."""
    batch = problems(find_task("cipher/identify-five"), 2, 20_000)
    splits = split_of(batch.key)
    forms = np.array(["".join(sorted(question)) for question in batch.question.to_pylist()])
    moved = np.array(texts(batch.answer)) == "columnar"
    assert not set(forms[moved & (splits == 0)]) & set(forms[moved & (splits != 0)])
    assert 0.75 < np.mean(splits == 0) < 0.85


def test_a_length_that_not_all_ciphers_take_is_a_user_error() -> None:
    with pytest.raises(UserError, match="texts of 50 letters"):
        identification.identify_five(np.random.default_rng(0), 5, length=50)
    with pytest.raises(UserError, match="a text of 0 letters"):
        identification.identify_five(np.random.default_rng(0), 5, length=0)
    with pytest.raises(UserError, match="texts of 51 letters"):
        identification.identify_fifty(np.random.default_rng(0), 5, length=51)


def examples(name: str, number: int, split: int, most: int) -> Examples:
    batch = problems(find_task(name), number, 2 * most if split == 0 else 12 * most)
    rows = np.flatnonzero(split_of(batch.key) == split)[:most]
    table = pa.table({"question": batch.question.take(rows), "answer": pa.array(texts(batch.answer)).take(rows)})
    return Examples(table)


def test_statistics_tell_five_ciphers_apart() -> None:
    train, validation, test = (
        examples("cipher/identify-five", 2, split, most) for split, most in enumerate((500, 60, 100))
    )
    model = models().plugins[find_task("cipher/identify-five").solve](epochs=12, hidden=64, batch=32)
    fit = model.fit(train, validation, Budget())
    found = model.predict(test.questions)
    assert np.mean([one == other for one, other in zip(found, test.answers, strict=True)]) > 0.85
    assert fit.curve[-1]["validation_exact"] > 0.85
    assert model.predict(test.questions[7:8]) == found[7:8], "the answer depends on the question alone"
    twins = [IdentifyFeatures(epochs=2, hidden=16, seed=3) for _ in range(2)]
    for twin in twins:
        twin.fit(test, Examples(test.table[:0]), Budget())
    assert twins[0].predict(test.questions) == twins[1].predict(test.questions), "one seed, one network"
    junk = ["", "identify()", "identify(ABC)", "identify(abc)", "12+34", f"identify({'A' * 5_000})"]
    assert model.predict(junk) == [None] * 6
    assert model.predict([]) == []
    assert all(isinstance(one, str) for one in model.predict([f"identify({'Q' * size})" for size in (24, 60, 120)]))


def test_statistics_are_finite_and_as_many_whatever_the_length() -> None:
    rng = np.random.default_rng(2)
    widths = {
        statistics(rng.integers(26, size=(3, size)).astype(np.uint8)).shape[1] for size in (SHORTEST, 25, 60, 101, 333)
    }
    assert len(widths) == 1
    assert np.isfinite(statistics(np.zeros((2, 50), np.uint8))).all()


def test_a_model_of_statistics_that_cannot_be_is_a_user_error() -> None:
    with pytest.raises(UserError, match="epochs 0"):
        IdentifyFeatures(epochs=0)
    with pytest.raises(UserError, match="not fitted yet"):
        IdentifyFeatures().predict(["identify(ABC)"])
    nothing = Examples(pa.table({"question": ["1+1"], "answer": ["2"]}))
    with pytest.raises(UserError, match="no question reads"):
        IdentifyFeatures().fit(nothing, nothing, Budget())


def test_a_shard_may_be_smaller_than_the_number_of_kinds() -> None:
    assert len(find_task("cipher/identify-fifty")(np.random.default_rng(0), 5, length=100).question) == 5
