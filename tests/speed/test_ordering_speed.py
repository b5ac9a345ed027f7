"""Powers, measures, lists and formulas: problems a second on one core, keys and splits too, beside what peers reach."""

from types import ModuleType

import numpy as np
import pytest
from question_reader import every_level

from enigmath.bench.contracts import Task, split_of
from enigmath.bench.streams import stream
from enigmath.generators import measures, ordering, powers, substitution

pytestmark = [pytest.mark.speed, pytest.mark.slow]

MODULES: tuple[ModuleType, ...] = (powers, measures, ordering, substitution)
ROUNDING = ("sort", "integer-root", "nearest-root", "surd-simplify", "surd-sum", "unit-conversion", "evaluate")
"""What owes as much as sorting and rounding; the others are plain columns of whole numbers."""
LEVELS = [
    level
    for module in MODULES
    for level in every_level(module)
    if level.values[0].function.__module__ == module.__name__ and not level.values[0].is_beyond(level.values[1])
]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_problems_a_second_at_every_trained_level(benchmark, task: Task, number: int) -> None:
    level, made = task.level(number), []

    def shard() -> np.ndarray:
        batch = task(stream("speed", task.name, number), task.draws, **level)
        made.append(len(batch.question))
        return split_of(batch.key)

    splits = benchmark.pedantic(shard, rounds=15, warmup_rounds=2)
    assert len(splits) == made[-1] > 0.8 * task.draws
    rate = made[-1] / benchmark.stats.stats.min
    # The peers' rates, measured on one core: mathematics_dataset and reasoning-gym.
    owed, dataset, gym = (
        (300_000, 13_800, 150_000) if task.name.split("/")[1] in ROUNDING else (1_000_000, 5_600, 134_000)
    )
    benchmark.extra_info["problems a second"] = round(rate)
    benchmark.extra_info["times mathematics_dataset"] = round(rate / dataset, 1)
    benchmark.extra_info["times reasoning-gym"] = round(rate / gym, 1)
    assert rate > owed
