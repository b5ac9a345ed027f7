"""Exact nearest neighbours by aligned characters against a million training problems, on one core."""

import time

import numpy as np
import pyarrow as pa
import pytest
import torch

from enigmath.baselines.agreement import most_agreeing
from enigmath.baselines.nearest_numbers import nearest_rows
from enigmath.baselines.neighbours import NearestAligned, NearestEdit, NearestNgrams
from enigmath.bench.contracts import Budget, Examples

pytestmark = [pytest.mark.speed, pytest.mark.slow]

MILLION, COLUMNS, SYMBOLS = 1_000_000, 14, 12
QUERIES = 512


@pytest.fixture(scope="module")
def strings() -> tuple[np.ndarray, np.ndarray]:
    """A million strings of 14 characters over 12: 168 one-hot dimensions."""
    rng = np.random.default_rng(0)
    return tuple(rng.integers(0, SYMBOLS, (COLUMNS, n)).astype(np.uint16) for n in (MILLION, QUERIES))


def test_counting_in_bits_outruns_a_blocked_product(benchmark, strings) -> None:
    """At least 1,300 queries a second; the peer is the same search as a blocked bfloat16 product of one-hot rows."""
    index, _ = benchmark.pedantic(most_agreeing, strings, rounds=3, warmup_rounds=1)
    seconds, peer = _blocked_product(*strings)
    assert (index == peer).all()
    benchmark.extra_info["queries a second"] = round(QUERIES / benchmark.stats.stats.min)
    benchmark.extra_info["times the blocked product"] = seconds / benchmark.stats.stats.min
    benchmark.extra_info["queries a second owed"] = 1_300
    assert benchmark.stats.stats.min < seconds


def _blocked_product(known: np.ndarray, queries: np.ndarray) -> tuple[float, np.ndarray]:
    torch.set_num_threads(1)
    began = time.perf_counter()
    asked = _one_hot(queries).T.contiguous()
    best, where = torch.zeros(QUERIES, dtype=torch.bfloat16), torch.zeros(QUERIES, dtype=torch.int64)
    for start in range(0, MILLION, 2_048):
        agree = _one_hot(known[:, start : start + 2_048]) @ asked
        better = torch.nonzero(agree.amax(dim=0) > best)[:, 0]
        if len(better):
            chosen = agree[:, better].float()
            best[better], where[better] = chosen.amax(dim=0).bfloat16(), start + chosen.argmax(dim=0)
    return time.perf_counter() - began, where.numpy()


def _one_hot(cells: np.ndarray) -> torch.Tensor:
    index = torch.from_numpy(cells.T.astype(np.int64)) + torch.arange(COLUMNS) * SYMBOLS
    return torch.zeros(len(index), COLUMNS * SYMBOLS, dtype=torch.bfloat16).scatter_(1, index, 1)


@pytest.mark.parametrize(
    "model", [NearestAligned(), NearestNgrams(), NearestEdit()], ids=lambda each: type(each).__name__
)
def test_a_thousand_questions_against_a_million_take_a_few_seconds(benchmark, model) -> None:
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 1000, (MILLION, 2)).tolist()
    train = Examples(pa.table({"question": [f"{a}+{b}" for a, b in pairs], "answer": [str(a + b) for a, b in pairs]}))
    model.fit(train, train, Budget())
    asked = [f"{a}+{b}" for a, b in rng.integers(0, 1000, (1_000, 2)).tolist()]
    predictions = benchmark.pedantic(model.predict, (asked,), rounds=2)
    benchmark.extra_info["questions a second"] = round(1_000 / benchmark.stats.stats.min)
    benchmark.extra_info["questions a second owed"] = 1_000 // 8
    assert len(predictions) == len(asked)


@pytest.mark.parametrize("k", [1, 5])
def test_vectors_are_found_about_as_fast_as_by_faiss(benchmark, k) -> None:
    """100,000 vectors of 64 numbers, 2,000 queries: at most 1.5 times the seconds of faiss's flat index, same rows."""
    faiss = pytest.importorskip("faiss", reason="the peer: pip install faiss-cpu")
    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    rng = np.random.default_rng(0)
    known, queries = (rng.standard_normal((n, 64), dtype=np.float32) for n in (100_000, 2_000))
    index = faiss.IndexFlatL2(64)
    index.add(known)
    peer = []
    for _ in range(3):
        began = time.perf_counter()
        _, theirs = index.search(queries, k)
        peer.append(time.perf_counter() - began)
    ours = benchmark.pedantic(nearest_rows, (known, queries, k), rounds=3, warmup_rounds=1)
    assert (ours == theirs).mean() > 0.999
    benchmark.extra_info["times the seconds of faiss"] = benchmark.stats.stats.min / min(peer)
    benchmark.extra_info["times the seconds of faiss, at most"] = 1.5
