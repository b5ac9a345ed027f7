"""Residues: every answer is worked out anew by sympy or Python's own powers, from the question alone."""

import re

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import every_level, problems, texts, traits
from sympy.ntheory.modular import crt

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.generators import residues

LEVELS = every_level(residues)
FORMS = {
    "numbers/modular-inverse": r"modinverse\(\d+,\d+\)",
    "numbers/modular-power": r"powmod\(\d+,\d+,\d+\)",
    "numbers/chinese-remainder": r"crt\(x%\d+=\d+(,x%\d+=\d+)+\)",
    "numbers/quadratic-residue": r"square\(\d+,\d+\)",
    "numbers/multiplicative-order": r"order\(\d+,\d+\)",
    "numbers/discrete-logarithm": r"dlog\(\d+,\d+,\d+\)",
}
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]


def numbers(question: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", question)]


def solved(question: str) -> str:
    """The answer by sympy or by Python's own powers."""
    word, operands = question.partition("(")[0], numbers(question)
    match word, operands:
        case "modinverse", [value, modulus]:
            return str(sympy.mod_inverse(value, modulus))
        case "powmod", [base, exponent, modulus]:
            return str(pow(base, exponent, modulus))
        case "crt", _:
            number, product = crt(operands[::2], operands[1::2])
            assert product == np.prod(operands[::2])
            return str(number)
        case "square", [value, modulus]:
            return "yes" if sympy.is_quad_residue(value, modulus) else "no"
        case "order", [value, modulus]:
            return str(sympy.n_order(value, modulus))
        case "dlog", [base, power, modulus]:
            return str(sympy.discrete_log(modulus, power, base))
    raise AssertionError(question)


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_sympy_finds(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, 1_000)
    assert len(batch.question) == 1_000
    for question, given in zip(batch.question.to_pylist()[:draws], texts(batch.answer)[:draws], strict=True):
        assert given == solved(question), question


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_questions_have_one_form_answers_are_canonical_and_traits_right(task: Task, number: int) -> None:
    batch = problems(task, number, 300)
    answers = pa.array(texts(batch.answer))
    assert task.answer.canonical(answers).equals(answers)
    for question, trait in zip(batch.question.to_pylist(), traits(batch), strict=True):
        assert re.fullmatch(FORMS[task.name], question)
        operands = numbers(question)
        assert [str(one) for one in operands] == re.findall(r"\d+", question)
        assert max(operands) < 10 ** task.level(number)["digits"]
        expected = {"digits": len(str(operands[-1]))}
        if task.name == "numbers/modular-power":
            expected["exponent-digits"] = len(str(operands[1]))
        if task.name == "numbers/chinese-remainder":
            moduli = operands[::2]
            expected = {"digits": max(len(str(modulus)) for modulus in moduli), "moduli": len(moduli)}
            assert len(moduli) == task.level(number)["moduli"]
            assert min(moduli) > 1
        if task.name == "numbers/multiplicative-order":
            expected["index"] = (operands[1] - 1) // sympy.n_order(*operands)
        assert trait == expected, question


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_equivalent_questions_share_a_key_and_others_do_not(task: Task, number: int) -> None:
    batch = problems(task, number, 3_000)
    questions, keys = batch.question.to_pylist(), batch.key.tolist()
    forms = [frozenset(question[4:-1].split(",")) if question.startswith("crt") else question for question in questions]
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


def test_conditions_in_another_order_are_the_same_problem() -> None:
    batch = problems(find_task("numbers/chinese-remainder"), 1, 8_000)
    made = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    one, other, different = "crt(x%3=2,x%5=3)", "crt(x%5=3,x%3=2)", "crt(x%3=1,x%5=3)"
    assert made[one] == made[other]
    assert made[one] != made[different]


@pytest.mark.parametrize(("task", "number"), [level for level in LEVELS if level.values[0].chance is not None])
def test_squares_and_others_are_equally_many(task: Task, number: int) -> None:
    batch = problems(task, number, 40_000)
    answers = np.array(texts(batch.answer))
    assert abs(np.mean(answers == "yes") - task.chance) < 0.015
    distinct = answers[np.unique(batch.key, return_index=True)[1]]
    assert abs(np.mean(distinct == "yes") - task.chance) < 0.015 + 4 / len(distinct) ** 0.5


def test_moduli_of_squares_and_logarithms_are_odd_primes_and_bases_are_primitive_roots() -> None:
    for level in (1, 2, 3, 5):
        for question in problems(find_task("numbers/discrete-logarithm"), level, 100).question.to_pylist():
            base, power, prime = numbers(question)
            assert sympy.isprime(prime)
            assert prime > 2
            assert sympy.n_order(base, prime) == prime - 1
            assert 1 <= power < prime
        for question in problems(find_task("numbers/quadratic-residue"), level, 100).question.to_pylist():
            value, prime = numbers(question)
            assert sympy.isprime(prime)
            assert 1 <= value < prime
            assert prime > 2


def test_every_primitive_root_and_every_exponent_of_a_small_prime_comes_up() -> None:
    batch = problems(find_task("numbers/discrete-logarithm"), 1, 20_000)
    of_eleven = [numbers(question) for question in batch.question.to_pylist() if question.endswith(",11)")]
    assert {base for base, _, _ in of_eleven} == {2, 6, 7, 8}
    assert {power for _, power, _ in of_eleven} == set(range(1, 11))


def test_the_share_of_the_commonest_answer_is_as_the_docstrings_say() -> None:
    shares = {
        ("modular-inverse", 1): 0.05,
        ("modular-power", 1): 0.28,
        ("modular-power", 2): 0.10,
        ("modular-power", 3): 0.04,
        ("chinese-remainder", 1): 0.05,
        ("discrete-logarithm", 1): 0.10,
        ("discrete-logarithm", 2): 0.02,
    }
    for (name, level), share in shares.items():
        answers = np.array(texts(problems(find_task(f"numbers/{name}"), level, 20_000).answer))
        assert abs(np.unique(answers, return_counts=True)[1].max() / 20_000 - share) < 0.01


def test_the_answers_that_the_docstring_of_orders_gives_score_as_it_says() -> None:
    for level in (3, 5):
        index = problems(find_task("numbers/multiplicative-order"), level, 20_000).traits["index"]
        assert abs(np.mean(index == 1) - 0.37) < 0.02
        assert abs(np.mean(index == 2) - 0.28) < 0.02


def test_levels_that_do_not_fit_are_refused_in_one_line() -> None:
    rng = np.random.default_rng(0)
    for name in FORMS:
        keywords = {"moduli": 3} if "chinese" in name else {}
        for digits in (0, 19):
            with pytest.raises(UserError, match="digits"):
                find_task(name)(rng, 4, digits=digits, **keywords)
    with pytest.raises(UserError, match="moduli"):
        find_task("numbers/chinese-remainder")(rng, 4, digits=3, moduli=1)
    with pytest.raises(UserError, match="digits"):
        find_task("numbers/chinese-remainder")(rng, 4, digits=1, moduli=5)
