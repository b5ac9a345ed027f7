"""Arithmetic modulo primes and RSA: Python's pow and sympy on the question's text, the paper's own text, attacks."""

import re
from functools import cache
from itertools import pairwise
from math import gcd, lcm

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import every_level, problems, texts

from enigmath.baselines.attacks.hidden_modulus import HiddenModulus
from enigmath.baselines.attacks.logarithms import rho
from enigmath.baselines.attacks.modular import SquareRootMethods
from enigmath.bench.contracts import Budget, Examples, Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.bench.primitives import modular
from enigmath.generators import modular_cryptography, rsa

LEVELS = every_level(modular_cryptography) + every_level(rsa)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]
PEN_AND_PAPER = [920, 1900, 112, 1200, 718, 505, 1100, 2015, 13, 500]
ENCIPHERED = [948, 2342, 1084, 1444, 2663, 2390, 778, 774, 219, 1655]
"""ITS ALL GREEK TO ME, in blocks of two letters, under n = 47 * 59, e = 17, d = 157: the paper's own text."""


def column(*values: int) -> modular.Numbers:
    return np.array(values, np.uint64)


def test_the_text_of_rivest_shamir_and_adleman() -> None:
    p, q = np.full(10, 47, np.uint64), np.full(10, 59, np.uint64)
    assert modular.rsa(column(*PEN_AND_PAPER), 17, p, q).tolist() == ENCIPHERED
    assert modular.private_exponent(17, p, q).tolist() == [157] * 10
    assert modular.rsa(column(*ENCIPHERED), 157, p, q).tolist() == PEN_AND_PAPER


def test_a_thousand_powers_are_pythons() -> None:
    rng = np.random.default_rng(1)
    for bits in (2, 8, 20, 31, 32):
        modulus = modular.uniform(rng, 1, 2**bits, 250)
        base, exponent = modular.uniform(rng, 0, 2**32, 250), modular.uniform(rng, 0, 2 ** (2 * bits), 250)
        expected = [pow(*map(int, row)) for row in zip(base, exponent, modulus, strict=True)]
        assert modular.power(base, exponent, modulus).tolist() == expected


def test_primality_is_sympys() -> None:
    assert np.flatnonzero(modular.is_prime(np.arange(100_000))).tolist() == list(sympy.primerange(100_000))
    assert len(modular._table()[1]) == 1_077_871  # the primes below 2**24, OEIS A007053
    values = np.random.default_rng(2).integers(2**24, 2**32, 5_000) | 1
    # Strong pseudoprimes to the bases 2; 2, 3, 5; 2, 3, 5, 7; and what stands at the ends.
    values = np.concatenate([values, [25326001, 161304001, 3215031751, 4294967291, 4294967295, 2**24 - 3, 2**24 + 43]])
    assert modular.is_prime(values).tolist() == [sympy.isprime(int(value)) for value in values]


@pytest.mark.parametrize("bits", [8, 20, 32, 48, 64])
def test_a_thousand_texts_are_encrypted_and_decrypted_as_python_does(bits: int) -> None:
    rng = np.random.default_rng(bits)
    p, q = modular.draw_prime_pairs(rng, 250, bits)
    plain, e = modular.uniform(rng, 0, p * q, 250), modular.public_exponent(bits)
    secret, d = modular.rsa(plain, e, p, q), modular.private_exponent(e, p, q)
    assert secret.tolist() == [pow(int(m), e, int(a) * int(b)) for m, a, b in zip(plain, p, q, strict=True)]
    assert d.tolist() == [pow(e, -1, lcm(int(a) - 1, int(b) - 1)) for a, b in zip(p, q, strict=True)]
    assert (modular.rsa(secret, d, p, q) == plain).all()
    assert all(sympy.isprime(int(one)) for one in [*p[:50], *q[:50]])
    assert ((p * q) >> np.uint64(bits - 4) > 0).all()


@pytest.mark.parametrize(("bits", "kind"), [(7, "smooth"), (7, "safe"), (24, "safe"), (28, "safe"), (32, "smooth")])
def test_primes_are_of_their_kind_and_generators_generate(bits, kind) -> None:
    rng = np.random.default_rng(bits)
    primes = modular.draw_primes_of(rng, 60, bits, kind)
    for prime, generator in zip(primes.tolist(), modular.draw_generators(rng, primes, kind).tolist(), strict=True):
        assert sympy.isprime(prime)
        assert prime.bit_length() == bits
        assert sympy.is_primitive_root(generator, prime)
        assert sympy.isprime(prime // 2) if kind == "safe" else max(sympy.primefactors(prime - 1)) <= 47


def test_generators_are_uniform() -> None:
    for kind, prime in (("smooth", 73), ("smooth", 127), ("safe", 83)):
        drawn = modular.draw_generators(np.random.default_rng(7), np.full(30_000, prime, np.uint64), kind)
        values, counts = np.unique(drawn, return_counts=True)
        assert values.tolist() == [g for g in range(1, prime) if sympy.is_primitive_root(g, prime)]
        mean = counts.mean()
        assert ((counts - mean) ** 2 / mean).sum() < len(counts) + 6 * (2 * len(counts)) ** 0.5


def test_every_safe_and_smooth_prime_of_few_bits_is_drawn() -> None:
    rng = np.random.default_rng(4)
    for kind in ("safe", "smooth"):
        drawn = set(modular.draw_primes_of(rng, 3_000, 10, kind).tolist())
        every = list(sympy.primerange(512, 1024))
        safe = {p for p in every if sympy.isprime(p // 2)}
        assert drawn == (safe if kind == "safe" else {p for p in every if max(sympy.primefactors(p - 1)) <= 47})


def read(question: str) -> tuple[str, list[int]]:
    """What is asked, and the numbers without the name of a hidden prime."""
    name, numbers = re.fullmatch(r"([a-z.]+)\((?:p[0-9]+,)?([0-9,]+)\)", question).groups()
    return name, [int(number) for number in numbers.split(",")]


@cache
def primes_of(n: int) -> tuple[int, int]:
    ((p, once), (q, also)) = sympy.factorint(n).items()
    assert (once, also) == (1, 1)
    return p, q


@cache
def hidden_prime(bits: int) -> int:
    """From questions and answers alone: it divides every plain sum less its residue."""
    task = find_task("modular/residue-sum-hidden")
    number = next(i for i, level in enumerate(task.levels, start=1) if level["bits"] == bits)
    batch = problems(task, number, 200)
    rows = zip(batch.question.to_pylist(), texts(batch.answer), strict=True)
    return gcd(*(sum(read(question)[1]) - int(answer) for question, answer in rows))


def expected(name: str, numbers: list[int], level: dict) -> str:
    """The answer by Python's pow and sympy."""
    first, *rest = numbers
    if name.startswith("residues."):
        modulus, *operands = numbers if len(numbers) == 3 else [hidden_prime(level["bits"]), *numbers]
        assert sympy.isprime(modulus)
        assert modulus.bit_length() == level["bits"]
        assert all(0 < one < modulus for one in operands)
        a, b = operands
        return str({"sum": (a + b) % modulus, "product": a * b % modulus, "power": pow(a, b, modulus)}[name[9:]])
    if name.startswith("logarithm."):
        generator, image = rest
        assert first.bit_length() == level["bits"]
        if name == "logarithm.parity":
            return "even" if sympy.legendre_symbol(image, first) == 1 else "odd"
        exponent = sympy.discrete_log(first, image, generator)
        return str(exponent) if name == "logarithm.key" else "high" if exponent >= (first - 1) / 2 else "low"
    if name == "residuosity.prime":
        return "yes" if sympy.is_quad_residue(rest[0], first) else "no"
    p, q = primes_of(first)
    if name == "residuosity.composite":
        assert sympy.jacobi_symbol(rest[0], first) == 1
        return "yes" if sympy.is_quad_residue(rest[0], p) else "no"
    order = lcm(p - 1, q - 1)
    if name == "rsa.encrypt":
        return str(pow(rest[1], rest[0], first))
    if name == "rsa.decrypt":
        assert pow(rest[0], -1, order) == level_exponent(level) % order
        return str(pow(rest[1], rest[0], first))
    d = pow(rest[0], -1, order)
    return str(d) if name == "rsa.key" else ("even", "odd")[pow(rest[1], d, first) % 2]


def level_exponent(level: dict) -> int:
    return 17 if level["bits"] < 20 else 65537


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_holds_by_pythons_pow_and_sympy(task: Task, number: int, draws: int) -> None:
    level, batch = task.level(number), problems(task, number, 300)
    assert task.answer.canonical(batch.question.take([0])).null_count == 1
    # Sympy takes a fifth of a second for a logarithm modulo a safe prime of 32 bits and to factor 64 bits.
    few = draws // 5 if level["bits"] == (32 if level.get("kind") == "safe" else 64) else draws
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:few]:
        assert expected(*read(question), level) == answer, question


@pytest.mark.parametrize(("task", "number"), [one for one in LEVELS if one.values[0].chance == 0.5])
def test_both_answers_are_equally_likely(task: Task, number: int) -> None:
    answers = np.array(texts(problems(task, number, 20_000).answer))
    assert abs(np.mean(answers == answers[0]) - 0.5) < 0.02


def test_squares_are_drawn_uniformly_among_those_with_jacobi_symbol_1() -> None:
    task = find_task("modular/residuosity-composite")
    batch = task(np.random.default_rng(5), 40_000, bits=8)
    shown = [read(question)[1] for question in batch.question.to_pylist()]
    for n in {n for n, _ in shown}:
        numbers, counts = np.unique([a for m, a in shown if m == n], return_counts=True)
        assert numbers.tolist() == [a for a in range(1, n) if sympy.jacobi_symbol(a, n) == 1]
        mean = counts.mean()
        assert ((counts - mean) ** 2 / mean).sum() < len(counts) + 6 * (2 * len(counts)) ** 0.5


def test_log_uniform_operands_are_uniform_in_their_logarithm() -> None:
    primes = np.full(50_000, 4294967291, np.uint64)
    drawn = modular_cryptography.operands(np.random.default_rng(6), primes, "log")
    shares = np.histogram(np.log2(drawn.astype(float)), bins=8, range=(0, 32))[0] / len(drawn)
    assert 1 <= drawn.min() < drawn.max() < 4294967291
    assert abs(shares - 1 / 8).max() < 0.04  # rounded down, the smallest operands stand unevenly
    assert abs(shares[2:] - 1 / 8).max() < 0.01


def test_wraps_says_whether_the_plain_result_reaches_the_modulus() -> None:
    plain = {"sum": lambda a, b: a + b, "product": lambda a, b: a * b, "power": lambda a, b: a**b}
    for name, result in plain.items():
        for number in (1, 2):
            batch = problems(find_task(f"modular/residue-{name}"), number, 500)
            for question, wraps in zip(batch.question.to_pylist(), batch.traits["wraps"].tolist(), strict=True):
                modulus, a, b = read(question)[1]
                assert wraps == (result(a, b) >= modulus)


def test_the_hidden_prime_is_one_whatever_the_operands_and_the_operation() -> None:
    for bits in (7, 10, 16, 24):
        assert hidden_prime(bits) == modular_cryptography.hidden_prime(bits, 1)
        assert modular_cryptography.hidden_prime(bits, 2) != hidden_prime(bits) or bits == 7


MODULI_HELD_OUT = [
    one for one in LEVELS if one.values[0].level(one.values[1])["bits"] >= 16 and "hidden" not in one.values[0].name
]


@pytest.mark.parametrize(("task", "number"), MODULI_HELD_OUT)
def test_no_modulus_of_the_test_stands_in_training(task: Task, number: int) -> None:
    batch = problems(task, number, 5_000)
    moduli, splits = np.array([read(question)[1][0] for question in batch.question.to_pylist()]), split_of(batch.key)
    parts = [set(moduli[splits == split].tolist()) for split in range(3)]
    assert all(parts)
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]


def test_a_modulus_is_in_one_split_whatever_is_asked_of_it() -> None:
    found: dict[int, set[int]] = {}
    for name, number in (("rsa-key", 1), ("rsa-parity", 3), ("rsa-encrypt", 3), ("residuosity-composite", 2)):
        batch = problems(find_task(f"modular/{name}"), number, 3_000)
        for question, split in zip(batch.question.to_pylist(), split_of(batch.key).tolist(), strict=True):
            found.setdefault(read(question)[1][0], set()).add(split)
    assert len(found) > 500
    assert {len(splits) for splits in found.values()} == {1}


def test_a_text_and_its_ciphertext_share_their_key() -> None:
    p, q = column(61), column(53)
    batches = [
        rsa._batch(12, "encrypt", p * q, 17, column(65), column(65), None),
        rsa._batch(12, "decrypt", p * q, column(413), column(2790), column(65), None),
    ]
    assert batches[0].question.to_pylist() == ["rsa.encrypt(3233,17,65)"]
    assert batches[1].question.to_pylist() == ["rsa.decrypt(3233,413,2790)"]
    assert batches[0].key == batches[1].key


def test_sums_and_products_the_other_way_round_share_their_key_and_powers_do_not() -> None:
    for name, shared in (("sum", True), ("product", True), ("power", False)):
        batch = problems(find_task(f"modular/residue-{name}-hidden"), 1, 30_000)
        keys = dict(zip((tuple(read(text)[1]) for text in batch.question.to_pylist()), batch.key.tolist(), strict=True))
        pairs = [(one, one[::-1]) for one in keys if one[::-1] in keys and one[0] != one[1]]
        assert len(pairs) > 100
        assert {keys[one] == keys[other] for one, other in pairs} == {shared}


def test_bad_levels_are_user_errors() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(UserError, match="a modulus of 33 bits"):
        modular_cryptography.residue_sum(rng, 5, bits=33, skew="uniform")
    with pytest.raises(UserError, match="a modulus of 2 bits"):
        modular_cryptography.residuosity_prime(rng, 5, bits=2)
    with pytest.raises(UserError, match="operands drawn 'normal'"):
        modular_cryptography.residue_power(rng, 5, bits=8, skew="normal")
    with pytest.raises(UserError, match="a modulus of 6 bits"):
        modular_cryptography.logarithm_key(rng, 5, bits=6, kind="safe")
    with pytest.raises(UserError, match="primes of the kind 'strong'"):
        modular_cryptography.logarithm_parity(rng, 5, bits=8, kind="strong")
    with pytest.raises(UserError, match="a modulus of 66 bits"):
        rsa.rsa_encrypt(rng, 5, bits=66)
    with pytest.raises(UserError, match="an even number"):
        rsa.rsa_key(rng, 5, bits=17)
    with pytest.raises(UserError, match="the modulus 91"):
        modular.require_prime(91, "lwe")
    with pytest.raises(UserError, match="0 steps"):
        SquareRootMethods(steps=0)
    with pytest.raises(UserError, match="giant-steps"):
        SquareRootMethods(logarithms="giant-step")


SOLVED = [one for one in LEVELS if one.values[0].solve == "square-root-methods"]


@pytest.mark.parametrize(("task", "number"), SOLVED)
def test_the_attack_answers_every_question_of_its_tasks(task: Task, number: int) -> None:
    batch = problems(task, number, 20)
    assert models().plugins[task.solve]().predict(batch.question.to_pylist()) == texts(batch.answer)


@pytest.mark.parametrize("number", [7, 8, 9, 10])
def test_rho_finds_logarithms_as_giant_steps_do(number: int) -> None:
    batch = problems(find_task("modular/logarithm-key"), number, 20)
    assert SquareRootMethods(logarithms="rho").predict(batch.question.to_pylist()) == texts(batch.answer)
    assert rho(4, 3, 11, 23, 100) == sympy.discrete_log(23, 3, 4)
    assert rho(4, 5, 11, 23, 100) is None  # no square, so no power of a square
    assert rho(9, 1234**2 % 2027, 1013, 2027, 4) is None  # no walk of four steps meets itself


@pytest.mark.parametrize("operation", ["sum", "product", "power"])
def test_a_hidden_modulus_is_learnt_from_uniform_operands_and_serves_all(operation: str) -> None:
    task = find_task(f"modular/residue-{operation}-hidden")
    batches = [problems(task, number, 500) for number in range(1, len(task.levels) + 1)]
    rows = {
        "question": [one for batch in batches for one in batch.question.to_pylist()],
        "answer": [one for batch in batches for one in texts(batch.answer)],
    }
    attack = models().plugins[task.solve]()
    examples = Examples(pa.table(rows))
    assert attack.fit(examples, examples, Budget()).facts == {"moduli": 4}
    for number in range(1, len(task.all_levels) + 1):
        batch = problems(task, number, 500, seed=1)
        assert attack.predict(batch.question.to_pylist()) == texts(batch.answer)


def test_no_modulus_is_learnt_where_none_explains_the_answers() -> None:
    wrong = {"question": ["residues.sum(p7,3,4)", "12+34", "residues.sum(97,1,2)"], "answer": ["6", "46", "3"]}
    attack, examples = HiddenModulus(candidates=5_000), Examples(pa.table(wrong))
    assert attack.fit(examples, examples, Budget()).facts == {"moduli": 0}
    assert attack.predict([*wrong["question"], "", "residues.root(p7,1,2)"]) == [None] * 5
    with pytest.raises(UserError, match="0 candidates"):
        HiddenModulus(candidates=0)


def test_the_examples_of_the_docstrings_hold() -> None:
    for task in {one.values[0].name: one.values[0] for one in LEVELS}.values():
        question, answer = re.search(r"`([a-z]+\.[a-z]+\([p0-9,]+\))`[^`]*`([a-z0-9]+)`", task.doc).groups()
        name, numbers = read(question)
        if name.startswith("residues.") and len(numbers) == 2:
            numbers = [97, *numbers]
        level = {"bits": numbers[0].bit_length()}
        assert expected(name, numbers, level) == answer


def test_what_needs_more_steps_than_allowed_gets_no_answer() -> None:
    p, q, safe = 4294967291, 2147483659, 4294967087
    assert all(map(sympy.isprime, (p, q, safe, safe // 2)))
    few = SquareRootMethods(steps=64).predict([f"logarithm.key({safe},5,7)", f"rsa.key({p * q},65537)"])
    assert few == [None, None]


def test_the_attack_gives_none_on_questions_that_are_not_its_own() -> None:
    junk = [
        "", "logarithm.key(83,2)", "logarithm.key(84,2,16)", "logarithm.key(83,0,16)", "rsa.key(0,17)", "rsa.key(1,1)",
        "rsa.key(97,17)", "rsa.parity(3233,2,5)", "residuosity.prime(97,0)", "residuosity.composite(97,2)", "12+34",
        "logarithm.key(18446744073709551557,2,3)", "rsa.key(3233,17,1)", "logarithm.parity(83,1,0)", "rsa.key(9,3)",
        "residuosity.prime(2,1)", "logarithm.half(3,0,0)", "rsa.key(123456789012345678901,3)",
    ]  # fmt: skip
    assert SquareRootMethods().predict(junk) == [None] * len(junk)


def test_levels_grow() -> None:
    for task in {one.values[0].name: one.values[0] for one in LEVELS}.values():
        bits = [level["bits"] for level in task.levels]
        assert all(one <= other for one, other in pairwise(bits))
