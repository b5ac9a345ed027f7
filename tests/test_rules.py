"""Rules of the domain answer as they say, score what is declared, and answer nothing else."""

import math

import numpy as np
import pytest
import sympy
from question_reader import arguments, problems, texts

from enigmath.baselines.rules import GcdOfBase, LastDigitPrimality, TraceSign
from enigmath.bench.contracts import Batch, UserError
from enigmath.bench.contracts.registry import find_model, find_task

NAMES = {"gcd-of-base": GcdOfBase, "last-digit-primality": LastDigitPrimality, "trace-sign": TraceSign}
HOSTILE = [
    "",
    " ",
    "12+34",
    "gcd(,)",
    "gcd(1,2",
    "gcd(1,2)" * 500,
    "gcd(" + "9" * 5000 + ",3)",
    "prime()",
    "prime(-7)",
    "prime(" + "9" * 5000 + ")",
    "prime(\u0661)",
    "\x00",
    "\ud800",
    ";" * 100_000,
    "1" * 100_000,
    "1," * 50_000 + ";1",
    "((((" * 20_000,
    "1,2;3",
    "a,b;c,d",
    "1e999,1;1,1",
]


def right(predicted: list[str | None], batch: Batch) -> np.ndarray:
    return np.array([one == other for one, other in zip(predicted, texts(batch.answer), strict=True)])


@pytest.mark.parametrize("name", NAMES)
def test_each_is_found_by_its_name_and_is_a_shortcut_that_learns_nothing(name: str) -> None:
    assert find_model(name) is NAMES[name]
    assert NAMES[name].shortcut is True
    assert not hasattr(NAMES[name], "fit")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("model", NAMES.values())
def test_what_a_rule_does_not_speak_of_gets_no_answer(model) -> None:
    assert model().predict(HOSTILE) == [None] * len(HOSTILE)
    assert model().predict([]) == []


@pytest.mark.parametrize("base", [2, 10, 30, 1000])
def test_the_gcd_rule_gives_the_part_that_is_made_of_primes_of_the_base(base: int) -> None:
    batch = problems(find_task("arithmetic/gcd"), 4, 300)
    questions = batch.question.to_pylist()
    for question, given in zip(questions, GcdOfBase(base=base).predict(questions), strict=True):
        factors = sympy.factorint(math.gcd(*arguments(question)))
        assert given == str(math.prod(prime**power for prime, power in factors.items() if base % prime == 0))
    assert GcdOfBase(base).predict(["gcd(0,0)", "gcd(0,12)", "gcd(7,0)"])[0] == "0"


@pytest.mark.parametrize(("base", "ceiling"), [(2, 0.811), (10, 0.844), (1000, 0.844), (30, 0.950)])
def test_the_gcd_rule_scores_the_ceiling_of_its_base(base: int, ceiling: float) -> None:
    primes = sympy.primefactors(base)
    assert abs(6 / math.pi**2 / math.prod(1 - prime**-2 for prime in primes) - ceiling) < 0.001
    batch = problems(find_task("arithmetic/gcd"), 6, 40_000)
    assert abs(right(GcdOfBase(base).predict(batch.question.to_pylist()), batch).mean() - ceiling) < 0.01


def test_a_base_below_two_is_refused() -> None:
    with pytest.raises(UserError, match="base"):
        GcdOfBase(base=1)


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5, 6])
def test_the_last_digit_scores_the_declared_ceiling_of_primality_and_half_where_it_is_controlled(level: int) -> None:
    task, controlled = find_task("numbers/primality"), find_task("numbers/primality-controlled")
    batch = problems(task, level, 20_000)
    share = right(LastDigitPrimality().predict(batch.question.to_pylist()), batch).mean()
    assert abs(share - task.ceiling(**task.level(level))) < 0.03
    batch = problems(controlled, level, 20_000)
    assert abs(right(LastDigitPrimality().predict(batch.question.to_pylist()), batch).mean() - 0.5) < 0.03


def test_no_prime_is_called_composite() -> None:
    questions = [f"prime({prime})" for prime in sympy.primerange(2, 2_000)]
    assert set(LastDigitPrimality().predict(questions)) == {"yes"}


@pytest.mark.parametrize("size", [2, 3, 4])
def test_the_sign_of_the_trace_never_misses_a_stable_system(size: int) -> None:
    rng = np.random.default_rng(size)
    matrices = rng.normal(size=(4_000, size, size)).round(3)
    stable = np.linalg.eigvals(matrices).real.max(axis=1) < 0
    texts_of = [";".join(",".join(f"{entry:g}" for entry in row) for row in matrix) for matrix in matrices]
    given = np.array(TraceSign().predict([f"stable? jacobian {text}" for text in texts_of]))
    assert set(given) == {"stable", "unstable"}
    assert (given[stable] == "stable").all()
    assert (np.trace(matrices, axis1=1, axis2=2) < 0).tolist() == (given == "stable").tolist()


def test_the_first_square_matrix_counts_in_whatever_brackets_and_complex_ones_too() -> None:
    questions = ["stable([-1,2;3,-4])", "x=1 jacobian:-1,0;0,2 5,5;5,5", "1,2,3;4,5,6 -1,0;0,-1", "-1+2i,0;0,-1-2i"]
    assert TraceSign().predict(questions) == ["stable", "unstable", "stable", "stable"]
    assert TraceSign().predict(["0,1;-1,0"]) == ["unstable"]
