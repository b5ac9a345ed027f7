"""The suite of reproductions that needs a GPU, at a thousandth of its size: every network of it trains and answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import Budget
from enigmath.bench.runner import Place, run_cell
from enigmath.bench.session import plan
from enigmath.bench.suite import suite_path

CELLS = [cell for cell in plan(str(suite_path("reproductions-gpu"))).cells if cell.seed == 0 and cell.config]


def shrunk(cell: Cell) -> Cell:
    """The same task and the same kind of network with an eighth of the width, two steps, a thousandth of the data."""
    config = dict(cell.config)
    config |= {"width": config["width"] // 8, "batch": 32} if "width" in config else {}
    sizes = replace(cell.sizes, train=max(cell.sizes.train // 1_000, 2_000), validation=20, test=20)
    return replace(cell, config=config, sizes=sizes, budget=Budget(steps=2))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cell", CELLS, ids=[f"{cell.title} · {cell.label}" for cell in CELLS])
def test_every_network_of_the_gpu_suite_trains_and_answers(cell: Cell, tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    record = run_cell(shrunk(cell), Place(tmp_path, None))
    assert record["status"] == "finished", record["error"]
    assert record["fit"] != "diverged"
