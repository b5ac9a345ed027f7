"""A million predictions are scored with every metric in under five seconds on one core."""

import time

import numpy as np
import pyarrow as pa
import pytest

from enigmath.bench.contracts import Integer, Integers, Real, task
from enigmath.bench.contracts.registry import metrics
from enigmath.bench.scoring import score

pytestmark = [pytest.mark.speed, pytest.mark.slow]

MILLION = 1_000_000


@pytest.mark.parametrize("kind", [Integer(), Real(2), Integers(2, "r")], ids=str)
def test_a_million_predictions_all_wrong(benchmark, kind) -> None:
    """All wrong is the dearest case: right ones need neither digits nor edit distance."""

    @task("test/number", answer=kind, levels=[{}])
    def number(rng):
        """A number."""

    rng = np.random.default_rng(0)
    answers, predictions = (_texts(kind, rng.integers(1, 10**6, MILLION)) for _ in range(2))
    table = pa.table({"question": answers, "answer": answers})
    plugins = metrics().plugins
    found = benchmark.pedantic(score, (number, table, predictions, plugins), rounds=3, warmup_rounds=1)
    assert found.counts()["wrong"] > 0.99 * MILLION
    assert set(found.values) == set(plugins)
    benchmark.extra_info["predictions a second"] = round(MILLION / benchmark.stats.stats.min)
    benchmark.extra_info["predictions a second owed"] = MILLION // 5
    benchmark.extra_info["times a plain comparison of strings"] = benchmark.stats.stats.min / _plainly(
        answers, predictions
    )


def _plainly(answers: list[str], predictions: list[str]) -> float:
    """The named peer: what a plain Python loop takes to compare the texts and the numbers once."""
    began = time.perf_counter()
    [answer.strip() == prediction.strip() for answer, prediction in zip(answers, predictions, strict=True)]
    return time.perf_counter() - began


def _texts(kind, numbers) -> list[str]:
    if isinstance(kind, Integers):
        return [f"{number}r{number % 97}" for number in numbers.tolist()]
    return [kind.write(number) if isinstance(kind, Integer) else f"{number / 100:.2f}" for number in numbers.tolist()]
