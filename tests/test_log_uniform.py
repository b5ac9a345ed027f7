"""Operands of every length alike: true problems, with the keys of the uniform tasks, and even lengths."""

import re
from math import gcd, prod

import numpy as np
import pytest

from enigmath.bench.contracts.registry import find_task
from enigmath.generators.digits import count_digits
from enigmath.generators.log_uniform import draw_log_uniform

OPERATIONS = {"addition": sum, "multiplication": prod, "gcd": lambda numbers: gcd(*numbers)}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_answers_are_true_at_every_level(name):
    task = find_task(f"arithmetic/{name}-log-uniform")
    for level in task.all_levels:
        drawn = task(np.random.default_rng(0), 200, **level)
        for question, answer in zip(drawn.question.to_pylist(), drawn.answer.to_pylist(), strict=True):
            assert OPERATIONS[name]([int(number) for number in re.findall("[0-9]+", question)]) == int(answer)


@pytest.mark.parametrize("name", OPERATIONS)
def test_both_generators_of_a_family_give_one_problem_one_key(name):
    keys = {}
    for task in (find_task(f"arithmetic/{name}"), find_task(f"arithmetic/{name}-log-uniform")):
        drawn = task(np.random.default_rng(0), 20_000, digits=2)
        known = dict(zip(drawn.question.to_pylist(), drawn.key.tolist(), strict=True))
        shared = keys.keys() & known.keys()
        assert not keys or len(shared) > 1_000
        assert all(keys[question] == known[question] for question in shared)
        keys |= known


@pytest.mark.parametrize("digits", [3, 12, 30])
def test_every_number_of_digits_is_drawn_alike(digits):
    lengths = count_digits(draw_log_uniform(np.random.default_rng(0), 100_000, digits))
    shares = np.bincount(lengths, minlength=digits + 1)[1:] / len(lengths)
    # Of the numbers below 10**k nine in ten have k digits, and what is left over is shorter: a tenth less for the
    # longest, a ninth more for those of one digit.
    expected = np.ones(digits)
    expected[0], expected[-1] = 10 / 9, 0.9
    assert abs(shares * digits - expected).max() < 0.1
