"""Any bulk task can be asked in English, by the same numbers, keys and answers; test frames are never trained."""

import copy
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from question_reader import every_level, rounded, texts

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import arithmetic, words

LEVELS = every_level(words)
READ = {
    r"(\d+) plus (\d+)": lambda a, b: int(a) + int(b),
    r"(\d+) minus (\d+)": lambda a, b: int(a) - int(b),
    r"(\d+) times (\d+)": lambda a, b: int(a) * int(b),
    r"(\d+) divided by (\d+) to two decimals": lambda a, b: rounded(Fraction(int(a), int(b))),
    r"the greatest common divisor of (\d+) and (\d+)": lambda a, b: math.gcd(int(a), int(b)),
    r"the number ([0-9a-f]+) of base (\d+) in base (\d+)": lambda number, source, target: numerals(
        int(number, int(source)), int(target)
    ),
}


def numerals(number: int, base: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, base)
        digits = "0123456789abcdef"[digit] + digits
    return digits


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_a_reader_of_the_sentence_finds(task: Task, number: int) -> None:
    batch = task(stream("words", task.name, number), 200, **task.level(number))
    for sentence, given in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        found = [(work, match) for pattern, work in READ.items() if (match := re.search(pattern, sentence))]
        assert len(found) == 1, sentence
        work, match = found[0]
        assert str(work(*match.groups())) == given, sentence


def test_a_problem_has_the_key_of_the_bare_question() -> None:
    bare = arithmetic.addition(stream("words"), 1_000, digits=3)
    said = words.addition(stream("words"), 1_000, digits=3, family="held-out")
    assert np.array_equal(bare.key, said.key)
    assert texts(bare.answer) == texts(said.answer)


def test_frames_beyond_share_no_words_with_those_that_are_trained() -> None:
    seen, held = (
        {word for frame in words.TEMPLATES[family] for part in frame for word in re.findall(r"[a-z]{4,}", part.lower())}
        for family in ("seen", "held-out")
    )
    assert not seen & held
    for task in (words.addition, words.gcd):
        assert {level["family"] for level in task.levels} == {"seen"}
        assert task.beyond[0]["family"] == "held-out"


def test_a_task_made_by_a_combinator_is_found_again_in_another_process() -> None:
    assert copy.copy(words.addition) is words.addition
    assert find_task("words/addition-in-words") is words.addition


def test_a_question_that_the_pattern_does_not_fit_is_one_clear_line() -> None:
    wrong = words.in_words(arithmetic.addition, r"(\d+)-(\d+)", r"\1 minus \2", module=__name__)
    with pytest.raises(UserError, match=r"words/addition-in-words: the question '.*' does not fit"):
        wrong(stream("words"), 10, digits=1, family="seen")
