"""Problems a second of every task that promises a rate, at every level, keys and splits included, beside the peers.

Processor time is measured, so that a busy machine tells little less than a quiet one; and nothing fails by it: the
table at the end marks what is below its promise.
"""

import time

import numpy as np
import pyarrow as pa
import pytest
from promises import Measured, promise_of

from enigmath.bench.contracts import Integer, Keys, Problem, Task, describe, hash_text, split_of
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.data import Part, make_shard
from enigmath.bench.streams import stream

pytestmark = [pytest.mark.speed, pytest.mark.slow, pytest.mark.benchmark(timer=time.process_time)]

LEVELS = [
    pytest.param(task, number, id=f"{task.name}-{describe(level)}")
    for _, task in sorted(tasks().plugins.items())
    if promise_of(task)
    for number, level in enumerate(task.all_levels, start=1)
]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_problems_a_second_at_every_level(benchmark, measured, task: Task, number: int) -> None:
    promise = promise_of(task)
    assert promise
    keys = benchmark.pedantic(draw, (task, number), rounds=7 if task.bulk else 3, warmup_rounds=1)
    rate = len(keys) / benchmark.stats.stats.min
    measured.append(Measured(task, number, promise, rate))
    benchmark.extra_info["problems a second"] = round(rate)
    benchmark.extra_info["owed at the middle level"] = promise.owed
    for peer, one in promise.peers.items():
        benchmark.extra_info[f"times {peer}"] = round(rate / one, 1)
    assert len(keys) > 0


def draw(task: Task, number: int) -> Keys:
    """The keys of one shard, or of a few where each problem is made by itself; all else is made and dropped."""
    if task.bulk:
        keys = task(stream("speed", task.name, number), task.draws, **task.level(number)).key
    else:
        shards = max(1, 2**9 // task.draws)
        keys = np.concatenate([make_shard(Part(task, number, 0), index)["key"] for index in range(shards)])
    assert len(split_of(keys)) == len(keys)
    return keys


def test_additions_made_one_by_one(benchmark) -> None:
    """The peer within this run: additions of five digits through the contract of a task that is not bulk."""
    count = 10_000
    benchmark.pedantic(one_by_one, (count,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["problems a second"] = round(count / benchmark.stats.stats.min)


def one_by_one(count: int) -> None:
    rng = stream("speed", "one by one")
    problems = [addition(rng) for _ in range(count)]
    questions = pa.array([problem.question for problem in problems])
    answers = pa.array([Integer().write(problem.answer) for problem in problems])
    splits = split_of(hash_text(pa.array([problem.key for problem in problems])))
    assert len(questions) == len(answers) == len(splits)


def addition(rng: np.random.Generator) -> Problem:
    first, second = (int(number) for number in rng.integers(10**5, size=2))
    lower, higher = sorted((first, second))
    return Problem(f"{first}+{second}", first + second, key=f"{lower}+{higher}")
