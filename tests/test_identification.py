"""Identification: each cipher as likely, each ciphertext made by the cipher that is named, nothing else told."""

from collections import Counter

import numpy as np
import pytest
from question_reader import every_level, problems, texts
from scipy.stats import chi2

from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task
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
