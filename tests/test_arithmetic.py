"""Arithmetic: every answer, trait and key is worked out anew, at every level, by Python's own numbers."""

import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import sympy
from question_reader import (
    agreement,
    answer,
    arguments,
    conversion,
    every_level,
    leaves,
    parse,
    problems,
    signs,
    texts,
    traits,
)

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import arithmetic

LEVELS = every_level(arithmetic)
FORMS = {
    "arithmetic/addition": r"\d+\+\d+",
    "arithmetic/subtraction": r"\d+-\d+",
    "arithmetic/multiplication": r"\d+\*\d+",
    "arithmetic/division-remainder": r"divmod\(\d+,\d+\)",
    "arithmetic/division-decimal": r"\d+/\d+",
    "arithmetic/chain": r"\d+([+-]\d+){2,}",
    "arithmetic/comparison": r"\d+\?\d+",
    "arithmetic/gcd": r"gcd\(\d+,\d+\)",
    "arithmetic/modular-addition": r"\(\d+\+\d+\)%\d+",
    "arithmetic/modular-multiplication": r"\(\d+\*\d+\)%\d+",
    "arithmetic/base-conversion": r"base\([0-9a-f]+,\d+,\d+\)",
}


def operands(task: Task, question: str) -> list[int]:
    if task.name in ("arithmetic/division-remainder", "arithmetic/gcd"):
        return arguments(question)
    if task.name == "arithmetic/comparison":
        return [int(number) for number in question.split("?")]
    return leaves(parse(question.split("%")[0]))


def carries(first: int, second: int) -> int:
    count = carry = 0
    while first or second or carry:
        carry = (first % 10 + second % 10 + carry) // 10
        count += carry
        first, second = first // 10, second // 10
    return count


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_and_every_key_is_what_an_independent_reader_finds(task: Task, number: int) -> None:
    batch = problems(task, number, 400)
    assert len(batch.question) == 400
    agreement(task.name, batch)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form_without_leading_zeros(task: Task, number: int) -> None:
    batch = problems(task, number, 200)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question in batch.question.to_pylist():
        assert re.fullmatch(FORMS[task.name], question)
        assert not re.search(r"(?<![0-9a-f])0[0-9a-f]", question)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_traits_are_right(task: Task, number: int) -> None:
    batch = problems(task, number, 200)
    for question, given in zip(batch.question.to_pylist(), traits(batch), strict=True):
        if task.name == "arithmetic/base-conversion":
            numerals, source, target = conversion(question)
            assert given == {"digits": len(numerals), "source": source, "target": target}
            continue
        numbers = operands(task, question)
        expected = {"digits": max(len(str(one)) for one in numbers)}
        if task.name not in ("arithmetic/gcd", "arithmetic/comparison"):
            used = "/" if "divmod" in question else "".join(sorted(set(signs(parse(question.split("%")[0])))))
            expected["operators"] = used
        if task.name == "arithmetic/addition":
            expected["carries"] = carries(*numbers)
        if task.name == "arithmetic/subtraction":
            expected["carries"] = carries(min(numbers), max(numbers) - min(numbers))
        if task.name == "arithmetic/chain":
            expected["operands"] = len(numbers)
        if task.name == "arithmetic/modular-addition":
            expected["wraps"] = int(sum(numbers) >= int(question.split("%")[1]))
        assert given == expected


@pytest.mark.parametrize(("task", "number"), [level for level in LEVELS if level.values[0].chance is not None])
def test_the_declared_chance_is_what_the_commonest_answer_scores_without_duplicates(task: Task, number: int) -> None:
    chance = task.chance(**task.level(number))
    batch = problems(task, number, 40_000)
    answers = texts(batch.answer)
    distinct = [answers[row] for row in np.unique(batch.key, return_index=True)[1].tolist()]
    share = Counter(distinct).most_common(1)[0][1] / len(distinct)
    spread = 6 * (chance / len(distinct)) ** 0.5
    assert share < chance + spread + 10 / len(distinct)
    assert share > chance - spread


def test_operands_are_uniform_over_all_numbers_of_the_level() -> None:
    draws = 200_000
    for name in ("addition", "subtraction", "multiplication"):
        batch = find_task(f"arithmetic/{name}")(stream("uniform", name), draws, digits=2)
        pairs = [leaves(parse(question)) for question in batch.question.to_pylist()[:50_000]]
        counts = np.zeros((100, 100))
        np.add.at(counts, tuple(np.array(pairs).T), 1)
        expected = len(pairs) / 10_000
        statistic = ((counts - expected) ** 2 / expected).sum()
        assert abs(statistic - 9_999) < 6 * (2 * 9_999) ** 0.5


def test_divisors_are_never_zero_and_every_length_is_as_frequent() -> None:
    batch = find_task("arithmetic/division-remainder")(stream("divisors"), 30_000, digits=5)
    divisors = [arguments(question)[1] for question in batch.question.to_pylist()]
    assert min(divisors) == 1
    lengths = Counter(len(str(divisor)) for divisor in divisors)
    assert sorted(lengths) == [1, 2, 3, 4, 5]
    assert all(abs(count - 6_000) < 6 * 6_000**0.5 for count in lengths.values())


def test_decimals_are_rounded_half_away_from_zero() -> None:
    batch = find_task("arithmetic/division-decimal")(stream("halves"), 200_000, digits=3)
    halves = 0
    for question, given in zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True):
        dividend, divisor = map(int, question.split("/"))
        if 200 * dividend % divisor == 0 and 200 * dividend // divisor % 2:
            halves += 1
            assert given == answer("arithmetic/division-decimal", question)
            assert float(given) > dividend / divisor
    assert halves > 100


def test_the_moduli_are_the_largest_primes_of_their_lengths() -> None:
    for name in ("arithmetic/modular-addition", "arithmetic/modular-multiplication"):
        moduli = [level["modulus"] for level in find_task(name).all_levels]
        assert moduli == [sympy.prevprime(10 ** len(str(modulus))) for modulus in moduli]


def test_level_n_has_n_digits_up_to_five_and_twenty_is_reached() -> None:
    for name in ("addition", "subtraction", "multiplication", "division-remainder", "division-decimal", "comparison"):
        task = find_task(f"arithmetic/{name}")
        digits = [level["digits"] for level in task.all_levels]
        assert digits[:5] == [1, 2, 3, 4, 5]
        assert task.levels[-1] == {"digits": 20}
        assert digits == sorted(digits)


def test_a_fifth_of_the_gcds_that_models_miss_have_a_prime_that_ten_lacks() -> None:
    """The declared ceiling is what the part of twos and fives scores."""
    task = find_task("arithmetic/gcd")
    for number in (2, 5, 10):
        answers = [int(text) for text in texts(problems(task, number, 20_000).answer)]
        share = np.mean([answer in {2**a * 5**b for a in range(12) for b in range(6)} for answer in answers])
        assert abs(share - task.ceiling(**task.level(number))) < 0.015


def test_a_question_falls_into_one_split_whichever_task_asks_it() -> None:
    keys = {}
    shared = 0
    for name in ("arithmetic/addition", "arithmetic/division-decimal", "arithmetic/subtraction", "expressions/mixed"):
        batch = find_task(name)(stream("shared", name), 20_000, digits=2)
        for question, key in zip(batch.question.to_pylist(), batch.key.tolist(), strict=True):
            shared += question in keys
            assert keys.setdefault(question, key) == key
    assert shared > 1_000


def test_a_level_outside_the_bounds_is_an_error_not_a_wrong_answer() -> None:
    with pytest.raises((UserError, ValueError), match="81 digits"):
        find_task("arithmetic/multiplication")(stream("bounds"), 4, digits=91)


def test_generators_import_without_torch_sympy_pandas_and_scipy() -> None:
    code = (
        "import sys; import enigmath.generators.arithmetic, enigmath.generators.expressions;"
        "print([name for name in ('torch', 'sympy', 'pandas', 'scipy') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
