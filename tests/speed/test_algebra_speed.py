"""Algebra on one core, keys and splits included, beside what was measured of mathematics_dataset."""

import numpy as np
import pytest

from enigmath.bench.contracts import Task, describe, split_of
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.streams import stream
from enigmath.generators import equations, polynomials, rational_functions, recurrences

pytestmark = [pytest.mark.speed, pytest.mark.slow]

OWED = {"linear-equation": 100_000, "linear-system": 100_000}
PEERS = {
    "linear-equation": 2_200,
    "polynomial-roots": 218,
    "quadratic-roots": 218,
    "expand": 148,
    "compose": 440,
    "collect": 1_234,
}
"""Problems a second of mathematics_dataset's tasks of the same kind, measured on one core."""
OURS = {module.__name__ for module in (equations, polynomials, rational_functions, recurrences)}
LEVELS = [
    pytest.param(task, number, id=f"{task.name}-{describe(level)}")
    for name, task in sorted(tasks().plugins.items())
    if task.function.__module__ in OURS
    for number, level in enumerate(task.levels, start=1)
]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_problems_a_second_at_every_trained_level(benchmark, task: Task, number: int) -> None:
    level, made = task.level(number), []

    def shard() -> np.ndarray:
        batch = task(stream("speed", task.name, number), task.draws, **level)
        made.append(len(batch.question))
        return split_of(batch.key)

    splits = benchmark.pedantic(shard, rounds=7, warmup_rounds=1)
    assert len(splits) == made[-1] > 0.6 * task.draws
    rate = made[-1] / benchmark.stats.stats.min
    name = task.name.partition("/")[2]
    benchmark.extra_info["problems a second"] = round(rate)
    if name in PEERS:
        benchmark.extra_info["times mathematics_dataset"] = round(rate / PEERS[name], 1)
    assert rate > OWED.get(name, 10_000)
