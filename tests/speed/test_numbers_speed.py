"""Divisors, primes, residues and curve points: a million problems a second on one core, keys and splits included.

Four tasks stay below it by what they ask: a discrete logarithm needs a primitive root, which six candidates in ten
are not; an order takes a power for each prime factor, a sum of points an inverse and two texts a point; and half of
the numbers that abundance factorises are left out for balance.
"""

import numpy as np
import pytest

from enigmath.bench.contracts import Task, split_of
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.streams import stream

pytestmark = [pytest.mark.speed, pytest.mark.slow]

OWED = {
    "numbers/abundance": 600_000,
    "numbers/curve-addition": 400_000,
    "numbers/discrete-logarithm": 300_000,
    "numbers/multiplicative-order": 300_000,
}
PEERS = {
    "numbers/lcm": ("mathematics_dataset", 5_600),
}
"""What was measured of its gcd, which its lcm is made like."""

MIDDLE = [
    pytest.param(task, (len(task.levels) + 1) // 2, id=name)
    for name, task in sorted(tasks().plugins.items())
    if task.area == "numbers" and task.bulk
]


@pytest.mark.parametrize(("task", "number"), MIDDLE)
def test_problems_a_second_at_the_middle_level(benchmark, task: Task, number: int) -> None:
    level, made = task.level(number), []

    def shard() -> np.ndarray:
        batch = task(stream("speed", task.name, number), task.draws, **level)
        made.append(len(batch.question))
        return split_of(batch.key)

    splits = benchmark.pedantic(shard, rounds=15, warmup_rounds=2)
    assert len(splits) == made[-1] > 0.95 * task.draws
    rate = made[-1] / benchmark.stats.stats.min
    benchmark.extra_info["problems a second"] = round(rate)
    if task.name in PEERS:
        peer, figure = PEERS[task.name]
        benchmark.extra_info[f"times {peer}"] = round(rate / figure, 1)
    assert rate > OWED.get(task.name, 1_000_000)
