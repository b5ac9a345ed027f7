"""Systems of differential equations are drawn, judged and keyed thousands a second on one core."""

import numpy as np
import pytest

from enigmath.bench.contracts import split_of
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream

pytestmark = [pytest.mark.speed, pytest.mark.slow]

# The task, its middle level, the problems a second that it owes, and those of the source's published code.
OWED = [
    ("systems/stability", 3, 3_000, 16.5),
    ("systems/stability-balanced", 3, 300, 1.6),
    ("systems/stability-real", 3, 300, 1.6),
    ("systems/stability-speed", 3, 3_000, 16.5),
    ("systems/stability-jacobian", 3, 300, 1.6),
    ("systems/uncontrollable-dimension", 3, 1_000, 4.8),
    ("systems/controllability", 3, 1_000, 4.8),
    ("systems/feedback", 3, 100, 0.17),
    ("systems/transport", 2, 100, 4.7),
]


@pytest.mark.parametrize(("name", "number", "owed", "peer"), OWED, ids=[name for name, *_ in OWED])
def test_problems_a_second(benchmark, name: str, number: int, owed: int, peer: float) -> None:
    task = find_task(name)
    made: list[int] = []

    def shard() -> np.ndarray:
        batch = task(stream("speed", task.name, number), task.draws, **task.level(number))
        made.append(len(batch.question))
        return split_of(batch.key)

    benchmark.pedantic(shard, rounds=10, warmup_rounds=2)
    rate = made[-1] / benchmark.stats.stats.min
    benchmark.extra_info["problems a second"] = round(rate)
    benchmark.extra_info["times the source's code"] = round(rate / peer)
    assert rate > owed
