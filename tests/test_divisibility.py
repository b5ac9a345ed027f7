"""Divisors and primes: every answer is worked out anew by sympy, from the question alone, at every level."""

import re
from collections import Counter
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import arguments, every_level, problems, texts, traits

from enigmath.bench.contracts import Batch, Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.generators import divisibility
from enigmath.generators.primes import PRIMES_BELOW, inverse_modulo, is_prime, power_modulo, prime_factors, primes_below

LEVELS = every_level(divisibility)
FORMS = {
    "numbers/lcm": r"lcm\(\d+,\d+\)",
    "numbers/divides": r"divides\(\d+,\d+\)",
    "numbers/primality": r"prime\(\d+\)",
    "numbers/primality-controlled": r"prime\(\d*[1379]\)",
    "numbers/factorisation": r"primefactors\(\d+\)",
    "numbers/divisor-count": r"divisorcount\(\d+\)",
    "numbers/divisor-sum": r"divisorsum\(\d+\)",
    "numbers/abundance": r"abundance\(\d+\)",
    "numbers/totient": r"totient\(\d+\)",
    "numbers/collatz-steps": r"collatz\(\d+\)",
    "numbers/continued-fraction": r"contfrac\(\d+/\d+\)",
}
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]


def numbers(question: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", question)]


def solved(question: str) -> str:
    """The answer by sympy, or by Python where sympy has no word for it."""
    word, operands = question.partition("(")[0], numbers(question)
    match word, operands:
        case "lcm", [first, second]:
            return str(sympy.ilcm(first, second))
        case "divides", [divisor, dividend]:
            return "yes" if dividend % divisor == 0 else "no"
        case "prime", [number]:
            return "yes" if sympy.isprime(number) else "no"
        case "primefactors", [number]:
            return "*".join(str(prime) for prime in sorted(sympy.factorint(number, multiple=True)))
        case "divisorcount", [number]:
            return str(sympy.divisor_count(number))
        case "divisorsum", [number]:
            return str(sympy.divisor_sigma(number))
        case "abundance", [number]:
            excess = sum(sympy.divisors(number, generator=True)) - 2 * number
            return "abundant" if excess > 0 else "deficient" if excess < 0 else "perfect"
        case "totient", [number]:
            return str(sympy.totient(number))
        case "collatz", [number]:
            return str(collatz(number))
        case "contfrac", [numerator, denominator]:
            return ",".join(map(str, sympy.continued_fraction(sympy.Rational(numerator, denominator))))
    raise AssertionError(question)


def collatz(number: int) -> int:
    steps = 0
    while number != 1:
        number, steps = (3 * number + 1 if number % 2 else number // 2), steps + 1
    return steps


def made_of(questions: list[str], batch: Batch) -> dict[str, tuple[str, int]]:
    """Answer and key of each question that the batch has."""
    rows = zip(batch.question.to_pylist(), texts(batch.answer), batch.key.tolist(), strict=True)
    return {question: (given, key) for question, given, key in rows if question in questions}


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_sympy_finds(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, draws)
    assert len(batch.question) == draws
    for question, given in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        assert given == solved(question), question


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_questions_have_one_form_answers_are_canonical_and_traits_right(task: Task, number: int) -> None:
    batch = problems(task, number, 300)
    answers = pa.array(texts(batch.answer))
    assert task.answer.canonical(answers).equals(answers)
    for question, given, trait in zip(batch.question.to_pylist(), answers.to_pylist(), traits(batch), strict=True):
        assert re.fullmatch(FORMS[task.name], question)
        assert [str(one) for one in numbers(question)] == re.findall(r"\d+", question)
        largest = max(numbers(question))
        assert largest < 10 ** task.level(number)["digits"]
        expected = {"digits": len(str(largest))}
        if task.name == "numbers/divides":
            expected = {"digits": len(str(largest)), "divisor-digits": len(str(numbers(question)[0]))}
        if "primality" in task.name:
            expected["last-digit"] = largest % 10
        if "factors" in trait:
            factors = sympy.factorint(largest, multiple=True)
            expected["factors"] = len(factors)
            if task.name == "numbers/factorisation":
                expected["largest"] = len(str(max(factors)))
        if task.name == "numbers/continued-fraction":
            expected["quotients"] = given.count(",") + 1
        assert trait == expected, question


def normal(question: str) -> object:
    """What equivalent questions share, written down anew."""
    if question.startswith("lcm"):
        return frozenset(arguments(question))
    if question.startswith("contfrac"):
        return Fraction(*numbers(question))
    return question


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_equivalent_questions_share_a_key_and_others_do_not(task: Task, number: int) -> None:
    batch = problems(task, number, 2_000)
    forms, keys = [normal(question) for question in batch.question.to_pylist()], batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


def test_swapped_operands_and_unreduced_fractions_meet() -> None:
    pairs = made_of(["lcm(4,6)", "lcm(6,4)", "lcm(4,7)"], problems(find_task("numbers/lcm"), 1, 4_000))
    assert pairs["lcm(4,6)"] == pairs["lcm(6,4)"]
    assert pairs["lcm(4,6)"][0] == "12"
    assert pairs["lcm(4,7)"][1] != pairs["lcm(4,6)"][1]
    wanted = ["contfrac(1/2)", "contfrac(2/4)", "contfrac(2/1)"]
    fractions = made_of(wanted, problems(find_task("numbers/continued-fraction"), 1, 100_000))
    assert fractions["contfrac(1/2)"] == fractions["contfrac(2/4)"]
    assert fractions["contfrac(2/4)"][0] == "0,2"
    assert fractions["contfrac(2/1)"][1] != fractions["contfrac(1/2)"][1]


def test_both_tasks_of_primality_give_one_question_one_key() -> None:
    plain, controlled = (
        problems(find_task(f"numbers/{name}"), 1, 5_000) for name in ("primality", "primality-controlled")
    )
    questions = controlled.question.to_pylist()
    shared = made_of(questions, plain)
    assert len(shared) > 100
    assert shared.items() <= made_of(questions, controlled).items()


@pytest.mark.parametrize(("task", "number"), [level for level in LEVELS if level.values[0].chance is not None])
def test_the_two_answers_are_balanced_with_duplicates_and_without(task: Task, number: int) -> None:
    batch = problems(task, number, 40_000)
    answers = np.array(texts(batch.answer))
    assert abs(np.mean(np.isin(answers, ("yes", "abundant"))) - 0.5) < 0.03
    if task.name != "numbers/divides":
        distinct = answers[np.unique(batch.key, return_index=True)[1]]
        assert abs(np.mean(np.isin(distinct, ("yes", "abundant"))) - 0.5) < 0.06


BY_DIGITS = ("numbers/divides", "numbers/abundance", "numbers/primality")
"""Tasks whose shortcut reads digits alone; the other ceilings are held by tests/test_rules.py."""


@pytest.mark.parametrize(("task", "number"), [level for level in LEVELS if level.values[0].name in BY_DIGITS])
def test_the_declared_ceiling_is_what_the_shortcut_of_the_docstring_reaches(task: Task, number: int) -> None:
    batch = problems(task, number, 40_000)
    questions = [numbers(question) for question in batch.question.to_pylist()]
    if task.name == "numbers/divides":
        taken = [dividend % np.gcd(divisor, 10) == 0 for divisor, dividend in questions]
    elif task.name == "numbers/abundance":
        taken = [number % 6 == 0 or number % 20 == 0 for (number,) in questions]
    else:
        taken = [number % 10 in (1, 3, 7, 9) or number in (2, 5) for (number,) in questions]
    right = np.mean(np.array(taken) == np.isin(texts(batch.answer), ("yes", "abundant")))
    declared = task.ceiling(**task.level(number)) if callable(task.ceiling) else task.ceiling
    assert abs(right - declared) < 0.03


def test_perfect_numbers_are_all_there() -> None:
    batch = problems(find_task("numbers/abundance"), 1, 20_000)
    rows = zip(batch.question.to_pylist(), texts(batch.answer), strict=True)
    assert {question for question, given in rows if given == "perfect"} == {
        "abundance(6)",
        "abundance(28)",
        "abundance(496)",
    }


def test_the_last_digit_says_nothing_of_controlled_primality() -> None:
    batch = problems(find_task("numbers/primality-controlled"), 4, 40_000)
    digits = np.array(batch.traits["last-digit"])
    answers = np.array(texts(batch.answer))
    assert set(digits.tolist()) == {1, 3, 7, 9}
    for digit in (1, 3, 7, 9):
        assert abs(np.mean(answers[digits == digit] == "yes") - 0.5) < 0.03


def test_factors_are_right_in_any_order_and_wrong_otherwise() -> None:
    kind = find_task("numbers/factorisation").answer
    given = ["3*2*2", "2 * 2 * 3", "4*3", "2*2*3*1", "", "*", "2**2*3", "x", "9" * 900, "((" * 400, "none"]
    read = kind.canonical(pa.array(given)).to_pylist()
    assert read[:2] == ["2*2*3", "2*2*3"]
    assert "2*2*3" not in read[2:]


def test_too_many_digits_are_refused_in_one_line() -> None:
    rng = np.random.default_rng(0)
    for name in FORMS:
        for digits in (0, 19):
            with pytest.raises(UserError, match="digits"):
                find_task(name)(rng, 4, digits=digits)


def test_primes_and_factors_are_those_of_sympy_at_every_small_number_and_at_the_largest() -> None:
    small = np.arange(1, 10_000)
    for digits in (4, 8):
        prime, factors = is_prime(small, digits), prime_factors(small, digits)
        assert prime.tolist() == [sympy.isprime(number) for number in small.tolist()]
        assert factors.prod(axis=0).tolist() == small.tolist()
        assert is_prime(factors[factors > 1], digits).all()
        assert (np.diff(np.where(factors == 1, 10**9, factors), axis=0) >= 0).all()
    large = np.arange(10**9 - 2_000, 10**9)
    assert is_prime(large, 9).tolist() == [sympy.isprime(number) for number in large.tolist()]
    # Strong pseudoprimes to the bases 2, 7 and 61 one by one and in pairs, squares of primes, Carmichael numbers.
    hard = [2047, 1373653, 25326001, 31609**2, 31607**2, 561, 825265, 321197185, 2152302898747 % 10**9, 31607 * 31601]
    values = np.array([number for number in hard if number < 10**9])
    assert is_prime(values, 9).tolist() == [sympy.isprime(number) for number in values.tolist()]
    assert [len(primes_below(digits)) for digits in range(1, 8)] == [PRIMES_BELOW[digits] for digits in range(1, 8)]
    assert [PRIMES_BELOW[digits] for digits in (8, 9)] == [sympy.primepi(10**8), 50_847_534]


def test_inverses_and_powers_are_those_of_python_up_to_the_largest_moduli() -> None:
    rng = np.random.default_rng(1)
    for bound in (10, 1_000, 10**9):
        moduli = rng.integers(2, bound, size=500)
        values, exponents = rng.integers(moduli), rng.integers(bound, size=500)
        rows = list(zip(values.tolist(), exponents.tolist(), moduli.tolist(), strict=True))
        assert power_modulo(values, exponents, moduli).tolist() == [pow(*row) for row in rows]
    moduli = rng.integers(10**18 - 10**6, 10**18, size=2_000)
    values = rng.integers(1, moduli)
    coprime = np.gcd(values, moduli) == 1
    found = inverse_modulo(values[coprime], moduli[coprime]).tolist()
    pairs = zip(values[coprime].tolist(), moduli[coprime].tolist(), strict=True)
    assert found == [pow(value, -1, modulus) for value, modulus in pairs]


def test_collatz_walks_of_record_height_do_not_overflow() -> None:
    table = divisibility._steps_table(2**14)
    records = np.array([319_804_831, 670_617_279, 63_728_127, 837_799, 27])
    assert divisibility._steps(records, table).tolist() == [collatz(number) for number in records.tolist()]


def test_the_largest_share_of_one_answer_is_as_the_docstrings_say() -> None:
    for name, level, share in (("divisor-count", 1, 0.29), ("divisor-count", 4, 0.22), ("collatz-steps", 1, 0.03)):
        answers = texts(problems(find_task(f"numbers/{name}"), level, 40_000).answer)
        assert abs(Counter(answers).most_common(1)[0][1] / 40_000 - share) < 0.015
