"""Calculus at its middle levels: problems a second on one core, key and split included, beside the named peers."""

import pyarrow as pa
import pytest

from enigmath.bench.contracts import Task, split_of
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, make_shard

pytestmark = [pytest.mark.speed, pytest.mark.slow]

OWED = {
    "derivative": (5_000, 583.0),
    "antiderivative-backward": (2_000, 3.8),
    "antiderivative-parts": (200, 0.08),
    "differential-equation-first": (200, 0.61),
    "differential-equation-second": (50, 0.03),
}
"""Problems a second owed, and those of the peer: mathematics_dataset for derivatives, else SymbolicMathematics."""


@pytest.mark.parametrize("name", OWED)
def test_problems_a_second_at_the_middle_level(benchmark, name: str) -> None:
    task: Task = find_task(f"calculus/{name}")
    owed, peer = OWED[name]
    part = Part(task, (len(task.levels) + 1) // 2, 0)

    def shards() -> pa.Table:
        made = pa.concat_tables([make_shard(part, index) for index in range(8)])
        split_of(made["key"].to_numpy())
        return made

    made = benchmark.pedantic(shards, rounds=7, warmup_rounds=1)
    rate = len(made) / benchmark.stats.stats.min
    benchmark.extra_info["problems a second"] = round(rate)
    benchmark.extra_info["times the peer"] = round(rate / peer, 1)
    assert rate > owed
