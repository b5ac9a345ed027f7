"""Rules of the domain answer as they say, score what is declared, and answer nothing else."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from question_reader import arguments, problems, texts

from enigmath.baselines.rules import ControlReach, GcdOfBase, LastDigitPrimality, TraceSign
from enigmath.bench.contracts import Batch, UserError
from enigmath.bench.contracts.registry import find_model, find_task

NAMES = {
    "gcd-of-base": GcdOfBase,
    "last-digit-primality": LastDigitPrimality,
    "trace-sign": TraceSign,
    "control-reach": ControlReach,
}
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


def operand(question: str) -> int:
    """The one whole number between the brackets of a call."""
    return int(re.fullmatch(r"[a-z]+\(([0-9]+)\)", question)[1])


@pytest.mark.parametrize("name", NAMES)
def test_each_is_found_by_its_name_and_is_a_shortcut_that_learns_nothing(name: str) -> None:
    assert find_model(name) is NAMES[name]
    assert NAMES[name].shortcut is True
    assert not hasattr(NAMES[name], "fit")


@pytest.mark.timeout(100)
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


@pytest.mark.parametrize(
    "name",
    ["systems/controllability", "systems/controllability-time-varying", "systems/uncontrollable-dimension"],
)
def test_chains_of_names_score_the_declared_ceiling_of_control(name: str) -> None:
    task = find_task(name)
    for level in range(1, len(task.levels) + 1):
        batch = problems(task, level, 10_000 if task.chance else 2_000)
        share = right(ControlReach().predict(batch.question.to_pylist()), batch).mean()
        assert abs(share - task.ceiling(**task.level(level))) < 0.05


def test_what_no_chain_of_names_reaches_is_never_steered() -> None:
    batch = problems(find_task("systems/controllability"), 2, 3_000)
    given = ControlReach().predict(batch.question.to_pylist())
    answers = texts(batch.answer)
    refused = {answer for answer, word in zip(answers, given, strict=True) if word == "uncontrollable"}
    assert refused == {"uncontrollable"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("numbers/totient", lambda number: str(number - 1)),
        ("numbers/divisor-sum", lambda number: str(number + 1)),
        ("numbers/primality-controlled", lambda number: "yes" if number % 3 else "no"),
        ("arithmetic/digit-reverse", str),
    ],
)
def test_rules_of_a_line_score_the_declared_ceiling(name: str, rule) -> None:
    task = find_task(name)
    for level in (1, 2, 3, 4):
        batch = problems(task, level, 10_000)
        share = right([rule(operand(question)) for question in batch.question.to_pylist()], batch).mean()
        assert abs(share - task.ceiling(**task.level(level))) < 0.03


def test_the_product_is_the_least_common_multiple_for_as_many_as_have_no_common_divisor() -> None:
    task = find_task("numbers/lcm")
    for level in (3, 6, 10):
        batch = problems(task, level, 10_000)
        pairs = [arguments(question) for question in batch.question.to_pylist()]
        share = right([str(first * second) for first, second in pairs], batch).mean()
        assert abs(share - (task.ceiling(**task.level(level)) if callable(task.ceiling) else task.ceiling)) < 0.02


def test_the_last_argument_less_one_is_the_order_for_as_many_as_artins_constant_says() -> None:
    task = find_task("numbers/multiplicative-order")
    batch = problems(task, 4, 10_000)
    given = [str(arguments(question)[1] - 1) for question in batch.question.to_pylist()]
    assert abs(right(given, batch).mean() - task.ceiling) < 0.02


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_drawing_out_small_squares_scores_the_declared_ceiling_of_surds(level: int) -> None:
    task = find_task("arithmetic/surd-simplify")
    batch = problems(task, level, 10_000)
    given = []
    for question in batch.question.to_pylist():
        inside, outside = operand(question), 1
        for prime in (2, 3, 5, 7):
            while inside % prime**2 == 0:
                inside, outside = inside // prime**2, outside * prime
        given.append("*".join([str(outside)] * (outside > 1) + [f"sqrt({inside})"] * (inside > 1)) or "1")
    assert abs(right(given, batch).mean() - task.ceiling(**task.level(level))) < 0.02


@pytest.mark.parametrize("level", [1, 3, 5])
def test_the_quotient_of_the_first_coefficients_scores_the_declared_ceiling_of_limits(level: int) -> None:
    task = find_task("calculus/limit-infinity")
    rng = np.random.default_rng(level)
    made = [task(rng, **task.level(level)) for _ in range(3_000)]
    asked = {one.question: one.answer for one in made if not isinstance(one, str)}
    correct = 0
    for question, answer in asked.items():
        found = re.match(r"limit\(\(?(-?[0-9]*).*?/\(?(-?[0-9]*)", question)
        assert found is not None
        above, below = (int(part if part not in ("", "-") else f"{part}1") for part in found.groups())
        correct += task.check(question, answer, str(Fraction(above, below)))
    assert abs(correct / len(asked) - task.ceiling(**task.level(level))) < 0.03
