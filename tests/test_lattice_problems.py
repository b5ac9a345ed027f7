"""Learning with errors: secrets found again by trying them all in plain Python, error sizes, splits, the attack."""

import re
from itertools import combinations
from math import comb, erfc

import numpy as np
import pyarrow as pa
import pytest
from question_reader import every_level, problems, texts

from enigmath.baselines.attacks.lattices import ErrorSearch
from enigmath.bench.contracts import Budget, Examples, Task, UserError, describe, split_of
from enigmath.bench.contracts.registry import models
from enigmath.bench.primitives.lattice import Parameters, centred
from enigmath.bench.streams import stream
from enigmath.generators import lattice_problems as tasks

LEVELS = every_level(tasks)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]
DEVIATIONS = 6
"""No error is larger; a normal number is, twice in a thousand million."""

Samples = list[tuple[list[int], int | None]]


def read(question: str) -> tuple[str, int, int, Samples]:
    way, modulus, weight, rest = re.fullmatch(r"lwe\.([a-z]+)\((\d+),(\d+);([0-9,;=]+)\)", question).groups()
    samples = []
    for sample in rest.split(";"):
        vector, _, value = sample.partition("=")
        samples.append(([int(number) for number in vector.split(",")], int(value) if value else None))
    return way, int(modulus), int(weight), samples


def worst_error(chosen, modulus: int, samples: Samples) -> int:
    """The largest error under a binary secret with ones at the chosen places."""
    rests = ((value - sum(vector[place] for place in chosen)) % modulus for vector, value in samples)
    return max(min(rest, modulus - rest) for rest in rests)


def bound(level) -> float:
    return DEVIATIONS * level["sigma"] + 0.5


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), [one for one in LEVELS if one.values[0].name != "modular/lwe-value"])
def test_every_answer_holds_by_trying_every_secret(task: Task, number: int, draws: int) -> None:
    """In plain Python up to 600 secrets; beyond, the secret of the answer alone is tried."""
    level, batch = task.level(number), problems(task, number, 200)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:draws]:
        way, modulus, weight, samples = read(question)
        assert (modulus, weight, len(samples)) == (level["modulus"], level["weight"], level["samples"])
        assert all(len(vector) == level["dimension"] and max(vector) < modulus for vector, _ in samples)
        every = combinations(range(level["dimension"]), weight)
        small = comb(level["dimension"], weight) <= 600
        fitting = [one for one in every if worst_error(one, modulus, samples) <= bound(level)] if small else []
        if way == "distinguish":
            assert not small or bool(fitting) == (answer == "real")
        else:
            secret = tuple(place for place, bit in enumerate(answer) if bit == "1")
            assert fitting == [secret] if small else len(secret) == weight
            assert worst_error(secret, modulus, samples) <= bound(level)


@pytest.mark.parametrize("number", range(1, len(tasks.lwe_value.all_levels) + 1))
def test_a_hidden_secret_explains_every_value_up_to_the_errors(number: int) -> None:
    level, batch = tasks.lwe_value.level(number), problems(tasks.lwe_value, number, 4_000)
    questions = [read(question) for question in batch.question.to_pylist()]
    vectors = np.array([samples[0][0] for *_, samples in questions])
    made = Parameters(**{name: value for name, value in level.items() if name != "hidden"})
    (secret,) = tasks.hidden_secret(made, 1)
    assert np.count_nonzero(secret) == level["weight"]
    assert set(secret.tolist()) <= ({0, 1} if made.secret == "binary" else {0, 1, -1})
    errors = (np.asarray(batch.answer) - vectors @ secret) % made.modulus
    errors = np.minimum(errors, made.modulus - errors)
    assert errors.max() <= bound(level)
    # Rounding adds a twelfth to the variance.
    expected = (level["sigma"] ** 2 + 1 / 12) ** 0.5 if level["sigma"] else 0
    assert abs((errors**2.0).mean() ** 0.5 - expected) < 0.15


def test_the_hidden_secret_is_found_by_trying_every_one_in_plain_python() -> None:
    batch = problems(tasks.lwe_value, 1, 40)
    shown = [read(question) for question in batch.question.to_pylist()]
    samples = [(samples[0][0], int(value)) for (*_, samples), value in zip(shown, texts(batch.answer), strict=True)]
    fitting = [one for one in combinations(range(8), 3) if worst_error(one, 251, samples) <= 18]
    made = Parameters(8, 251, 3, 3)
    assert fitting == [tuple(np.flatnonzero(tasks.hidden_secret(made, 1)[0]).tolist())]


def test_what_a_question_says_fixes_the_hidden_secret() -> None:
    """Levels of one modulus, weight and dimension differ in the error alone."""
    secrets: dict[tuple, set] = {}
    for level in tasks.lwe_value.all_levels:
        made = Parameters(**{name: value for name, value in level.items() if name != "hidden"})
        public = (made.modulus, made.weight, made.dimension)
        secrets.setdefault(public, set()).add(tuple(tasks.hidden_secret(made, 1)[0].tolist()))
    assert {len(one) for one in secrets.values()} == {1}
    assert len(secrets) == len(tasks.lwe_value.levels)


def test_secrets_are_uniform_and_of_their_weight() -> None:
    secrets = Parameters(6, 251, 2, 3).draw_secrets(np.random.default_rng(0), 30_000)
    _, counts = np.unique(secrets, axis=0, return_counts=True)
    assert len(counts) == 15
    assert abs(counts / 2_000 - 1).max() < 0.12
    signs = Parameters(6, 251, 2, 3, "ternary").draw_secrets(np.random.default_rng(0), 30_000)
    assert (np.abs(signs).sum(axis=1) == 2).all()
    assert abs(signs.sum() / 60_000) < 0.02


def test_real_and_random_are_equally_likely() -> None:
    for number in range(1, 8):
        answers = np.array(texts(problems(tasks.lwe_distinguish, number, 4_000).answer))
        assert abs(np.mean(answers == "real") - 0.5) < 0.04


def test_a_random_problem_shows_what_a_real_one_shows_but_for_the_secret() -> None:
    """Vectors and values are uniform for both answers: chi-squared at the 10**-6 level."""
    batch = problems(tasks.lwe_distinguish, 3, 8_000)
    answers = np.array(texts(batch.answer))
    shown = [read(question)[3] for question in batch.question.to_pylist()]
    for answer in tasks.LABELS:
        values = np.array(
            [value for one, label in zip(shown, answers, strict=True) if label == answer for _, value in one]
        )
        counts = np.bincount(values, minlength=251)
        assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 370


def test_a_value_is_judged_around_the_circle() -> None:
    question = "lwe.value(251,3;1,2,3)"
    assert tasks.distance(question, "250", "1") == 2 / 251
    assert tasks.distance(question, "0", "125") == tasks.distance(question, "0", "126") == 125 / 251
    assert tasks.distance(question, "7", "-244") == 0.0
    near = [one for one in range(251) if tasks.distance(question, "5", str(one)) <= 0.05]
    assert len(near) / 251 == tasks.lwe_value.chance(**tasks.lwe_value.levels[0])
    assert erfc(12.5 / 3 / 2**0.5) < 4e-5  # three in a hundred thousand errors are larger than 12


def test_splits_are_by_the_vectors_alone() -> None:
    """The same vector with another error is the same problem."""
    task, level = tasks.lwe_value, dict(tasks.lwe_value.levels[1])
    one, other = (task(np.random.default_rng(3), 50, **{**level, "sigma": sigma}) for sigma in (0, 3))
    assert (one.key == other.key).all()
    assert one.question.equals(other.question)
    assert texts(one.answer) != texts(other.answer)


def test_bad_levels_are_user_errors() -> None:
    good = {"dimension": 8, "modulus": 251, "weight": 3, "sigma": 3}
    bad = {
        "the modulus 250": {"modulus": 250},
        "the modulus 2": {"modulus": 2},
        "the modulus 65537": {"modulus": 65537},
        "a dimension of 129": {"dimension": 129},
        "a dimension of 0": {"dimension": 0},
        "a weight of 9": {"weight": 9},
        "a weight of 0": {"weight": 0},
        "a deviation of -1": {"sigma": -1},
        "a deviation of 100": {"sigma": 100},
        "a secret of the kind 'normal'": {"secret": "normal"},
        "0 samples": {"samples": 0},
        "257 samples": {"samples": 257},
    }
    for message, change in bad.items():
        with pytest.raises(UserError, match=message):
            tasks.lwe_key(np.random.default_rng(0), 3, **{"samples": 12, **good, **change})
    with pytest.raises(UserError, match="0 candidates"):
        ErrorSearch(candidates=0)


@pytest.mark.parametrize(("task", "number"), [one for one in LEVELS if one.values[0].name != "modular/lwe-value"])
def test_the_attack_finds_secrets_and_tells_samples_from_random_numbers(task: Task, number: int) -> None:
    assert task.solve == "error-search"
    batch = problems(task, number, 40)
    found = models().plugins[task.solve]().predict(batch.question.to_pylist())
    assert sum(one == other for one, other in zip(found, texts(batch.answer), strict=True)) == 40


def examples(level, count: int, split: int) -> Examples:
    batch = tasks.lwe_value(stream("test", "lwe", describe(level)), 20 * count, **level)
    table = pa.table({"question": batch.question, "answer": texts(batch.answer)})
    return Examples(table.take(pa.array(np.flatnonzero(split_of(batch.key) == split)[:count])))


@pytest.mark.parametrize("number", range(1, len(tasks.lwe_value.levels) + 1))
def test_the_attack_learns_the_hidden_secret_from_32_problems(number: int) -> None:
    level = tasks.lwe_value.level(number)
    attack, tested = ErrorSearch(), examples(level, 60, 2)
    assert attack.predict(tested.questions[:1]) == [None]
    assert attack.fit(examples(level, 32, 0), examples(level, 1, 1), Budget()).facts == {"secrets": 1}
    rows = zip(tested.questions, tested.answers, attack.predict(tested.questions), strict=True)
    assert sum(tasks.distance(*row) <= tasks.NEAR for row in rows) == 60


def test_without_errors_linear_algebra_finds_what_is_too_much_to_try() -> None:
    level = {"dimension": 40, "modulus": 251, "weight": 20, "sigma": 0, "samples": 44}
    batch = tasks.lwe_key(np.random.default_rng(1), 10, **level)
    assert ErrorSearch().predict(batch.question.to_pylist()) == texts(batch.answer)
    noisy = tasks.lwe_key(np.random.default_rng(1), 3, **{**level, "sigma": 3})
    assert ErrorSearch().predict(noisy.question.to_pylist()) == [None] * 3
    few = tasks.lwe_key(np.random.default_rng(1), 3, **{**level, "samples": 40})
    assert ErrorSearch().predict(few.question.to_pylist()) == [None] * 3


def test_the_attack_gives_none_on_questions_that_are_not_its_own() -> None:
    junk = [
        "", "lwe.key()", "lwe.key(251,1;)", "lwe.key(250,1;1,2=3)", "lwe.key(251,3;1,2=3)", "lwe.key(251,1;1,2=3;1=2)",
        "lwe.key(251,1;1,2)", "lwe.value(251,1;1,2=3)", "lwe.value(251,1;1,2;3,4)", "lwe.key(251,0;1,2=3)", "12+34",
        "lwe.key(251,1;1,,2=3)", "lwe.key(0,1;1,2=3)", "lwe.key(251,1;=1=2)", "lwe.distinguish(251,1;1=1=1,2,3)",
    ]  # fmt: skip
    assert ErrorSearch().predict(junk) == [None] * len(junk)


def test_centred_residues_are_the_nearest_to_0() -> None:
    values = np.arange(-600, 600)
    found = centred(values, 251)
    assert ((found - values) % 251 == 0).all()
    assert np.abs(found).max() == 125
