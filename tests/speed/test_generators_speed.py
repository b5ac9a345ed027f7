"""Bulk tasks yield a million problems a second on one core, nested ones a hundred thousand, keys and splits too."""

import time

import numpy as np
import pyarrow as pa
import pytest

from enigmath.bench.contracts import Integer, Problem, Task, describe, hash_text, split_of
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.streams import stream

pytestmark = [pytest.mark.speed, pytest.mark.slow]

OWED = {"nested": 100_000, "nested-whole": 100_000}
LEVELS = [
    pytest.param(task, number, id=f"{task.name}-{describe(level)}")
    for name, task in sorted(tasks().plugins.items())
    if task.function.__module__ in ("enigmath.generators.arithmetic", "enigmath.generators.expressions")
    for number, level in enumerate(task.all_levels, start=1)
]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_problems_a_second_at_every_level(benchmark, task: Task, number: int) -> None:
    level, made = task.level(number), []

    def shard() -> np.ndarray:
        batch = task(stream("speed", task.name, number), task.draws, **level)
        made.append(len(batch.question))
        return split_of(batch.key)

    splits = benchmark.pedantic(shard, rounds=15, warmup_rounds=2)
    assert len(splits) == made[-1] > 0.8 * task.draws
    rate = made[-1] / benchmark.stats.stats.min
    benchmark.extra_info["problems a second"] = round(rate)
    benchmark.extra_info["times additions made one by one"] = round(rate / _one_by_one(), 1)
    assert rate > OWED.get(task.name.partition("/")[2], 1_000_000)


def _one_by_one(count: int = 10_000) -> float:
    """The named peer: additions of five digits a second through the contract of a task that is not bulk."""
    rng = stream("speed", "one by one")
    began = time.perf_counter()
    problems = [_addition(rng) for _ in range(count)]
    questions = pa.array([problem.question for problem in problems])
    answers = pa.array([Integer().write(problem.answer) for problem in problems])
    splits = split_of(hash_text(pa.array([problem.key for problem in problems])))
    assert len(questions) == len(answers) == len(splits)
    return count / (time.perf_counter() - began)


def _addition(rng: np.random.Generator) -> Problem:
    first, second = (int(number) for number in rng.integers(10**5, size=2))
    lower, higher = sorted((first, second))
    return Problem(f"{first}+{second}", first + second, key=f"{lower}+{higher}")
