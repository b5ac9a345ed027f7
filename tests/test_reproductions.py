"""The suite of reproductions that needs a GPU, at a hundredth of its steps: every network learns and answers."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import Budget
from enigmath.bench.runner import Place, run_cell
from enigmath.bench.session import plan
from enigmath.bench.suite import suite_path

CELLS = [cell for cell in plan(str(suite_path("reproductions-gpu"))).cells if cell.seed == 0 and cell.config]


def shrunk(cell: Cell) -> Cell:
    """The same task and kind of network: a hundredth of the steps, an eighth of width and batch."""
    config = dict(cell.config)
    if "width" in config:
        config |= {"width": config["width"] // 8, "batch": config["batch"] // 8, "check": 10}
        config["warmup"] //= 100
    sizes = replace(cell.sizes, train=min(max(cell.sizes.train // 100, 2_000), 5_000), validation=50, test=50)
    return replace(cell, config=config, sizes=sizes, budget=Budget(steps=(cell.budget.steps or 0) // 100))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("cell", CELLS, ids=[f"{cell.title} · {cell.label}" for cell in CELLS])
def test_every_network_of_the_gpu_suite_learns_and_answers(cell: Cell, tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    record = run_cell(shrunk(cell), Place(tmp_path, None))
    assert record["status"] == "finished", record["error"]
    assert record["fit"] != "diverged"
    if "width" in cell.config:
        losses = pq.read_table(tmp_path / "cells" / shrunk(cell).name / "curve.parquet")["loss"].to_pylist()
        assert losses[-1] < 0.95 * losses[0]
