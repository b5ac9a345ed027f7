"""Fractions, decimals and bases: problems a second on one core at every level, keys and splits too."""

import numpy as np
import pytest

from enigmath.bench.contracts import Task, describe, split_of
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.streams import stream

pytestmark = [pytest.mark.speed, pytest.mark.slow]

OWED = 300_000
PEERS = {"mathematics_dataset": 13_800, "reasoning-gym": 150_000}
"""Fractions, bases and rounding in other generators, problems a second on one core."""
LEVELS = [
    pytest.param(task, number, id=f"{task.name}-{describe(level)}")
    for name, task in sorted(tasks().plugins.items())
    if task.function.__module__.rpartition(".")[2] in ("rationals", "decimals", "bases")
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
    assert len(splits) == made[-1] == task.draws
    rate = made[-1] / benchmark.stats.stats.min
    benchmark.extra_info["problems a second"] = round(rate)
    for peer, one in PEERS.items():
        benchmark.extra_info[f"times {peer}"] = round(rate / one, 1)
    assert rate > OWED
