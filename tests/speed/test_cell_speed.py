"""The share of a cell's time that is neither training, decoding nor generating, on quick's largest cell."""

import importlib
import time
from pathlib import Path

import pytest

from enigmath.bench.cell import Cell
from enigmath.bench.data import Part, make_shard
from enigmath.bench.datasets import datasets
from enigmath.bench.place import Place
from enigmath.bench.runner import run_cell
from enigmath.bench.store import open_run
from enigmath.bench.suite import cells, read_suite, suite_path

pytestmark = [pytest.mark.speed, pytest.mark.slow]

OWED = 0.10
"""Of the whole time, at most."""


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """As the server has it from which workers are forked."""
    for name in ("torch._dynamo", "pandas"):
        importlib.import_module(name)


@pytest.fixture
def cell() -> Cell:
    """A million problems of addition; the transformer is right on all before its steps are spent."""
    path = suite_path("quick")
    found = cells(read_suite(path), path.parent)
    return next(cell for cell in found if cell.tasks == ("arithmetic/addition",) and cell.label == "transformer")


def generating(cell: Cell, place: Place) -> float:
    """Seconds that the generators alone take for the shards that the cell's problems were taken from."""
    count = len([*place.cache.glob("arithmetic-addition-*/*.parquet")]) if place.cache else 0
    assert count > 50
    began = time.perf_counter()
    part = Part(cell.found_tasks()[0], cell.levels[0], cell.seed + 1)
    for index in range(count):
        make_shard(part, index)
    return time.perf_counter() - began


@pytest.mark.parametrize("first", [True, False], ids=["first of its data", "further"])
def test_a_cell_trains_and_answers_nearly_all_of_its_time(benchmark, cell: Cell, tmp_path: Path, first: bool) -> None:
    """The first cell of a dataset draws, shares out, proves and keeps its problems, which all is generating; a further
    one finds them. What the generators alone take of that is told beside."""
    open_run(tmp_path / "run", suite_path("quick").read_text())
    place = Place(tmp_path / "run", tmp_path / "cache")
    if not first:
        datasets(cell, place.cache)
    record = benchmark.pedantic(lambda: run_cell(cell, place), rounds=1)
    assert record["status"] == "finished"
    seconds, facts = record["seconds"], record["facts"]
    training = facts["examples"] / facts["examples_per_second"] / facts["training_share"]
    work = training + seconds["predict"] + (seconds["data"] if first else 0.0)
    share = 1 - work / seconds["total"]
    if first:
        making = 1 - (training + seconds["predict"] + generating(cell, place)) / seconds["total"]
        benchmark.extra_info["share beside the generators alone"] = round(making, 3)
    benchmark.extra_info["share of other work"] = round(share, 3)
    benchmark.extra_info["owed"] = OWED
    assert share < 1.5 * OWED  # a machine that others use as well
