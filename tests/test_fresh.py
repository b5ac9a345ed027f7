"""Fresh problems: drawn without end, of the training split alone, the same again for the same seed; mixtures train."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from enigmath.baselines.mlp import CharacterMLP
from enigmath.bench.cell import Cell, Sizes
from enigmath.bench.contracts import SPLITS, Budget, Examples, UserError, split_of
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, make_shard
from enigmath.bench.runner import Place, datasets, run_cell
from enigmath.bench.session import try_models

MIXTURE = Cell(
    suite="fresh",
    title="sums and differences",
    tasks=("arithmetic/addition", "arithmetic/subtraction"),
    levels=(2, 3),
    beyond=(),
    sizes=Sizes(train=400, validation=100, test=100),
    model="mlp",
    label="mlp",
    config={"width": 32, "fresh": True, "check": 5},
    seed=0,
    budget=Budget(steps=20),
    folder="",
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return datasets(MIXTURE, tmp_path_factory.mktemp("cache"))


def test_nothing_of_validation_or_test_is_ever_drawn_fresh(data) -> None:
    tables = data.fresh(0)
    held_out = np.concatenate([data.validation["key"].to_numpy(), data.test["key"].to_numpy()])
    for _ in range(3):
        keys = next(tables)["key"].to_numpy()
        assert len(keys) > 10_000
        assert (split_of(keys) == SPLITS.index("train")).all()
        assert not np.isin(keys, held_out).any()


def test_fresh_tables_begin_after_the_shards_of_the_datasets_and_come_in_equal_shares(data) -> None:
    table = next(data.fresh(0))
    counts = table.group_by(["task", "level"]).aggregate([("key", "count")])["key_count"].to_pylist()
    assert len(counts) == 4
    assert len(set(counts)) == 1
    first = make_shard(Part(find_task("arithmetic/addition"), 3, 0), 1)[
        "key"
    ].to_numpy()  # shard 0 went to the datasets
    mine = table.filter((table["task"].to_numpy() == "arithmetic/addition") & (table["level"].to_numpy() == 3))
    assert np.isin(mine["key"].to_numpy(), first).all()


def test_fresh_tables_are_the_same_again_from_any_one_on(data) -> None:
    tables = data.fresh(0)
    whole = [next(tables) for _ in range(3)]
    assert next(data.fresh(2)).equals(whole[2])
    assert not whole[2].equals(whole[1])


def test_a_mixture_learns_from_fresh_problems_by_a_curriculum_and_says_how_many_it_drew(tmp_path: Path) -> None:
    cell = replace(MIXTURE, config={**MIXTURE.config, "curriculum": 0.5})
    record = run_cell(cell, Place(tmp_path / "run", tmp_path / "cache"))
    assert record["status"] == "finished", record["error"]
    facts = record["facts"]
    assert (facts["fresh"], facts["examples"]) == (True, 20 * 128)
    assert facts["drawn"] >= facts["examples"]
    losses = pq.read_table(tmp_path / "run" / "cells" / cell.name / "curve.parquet")["loss"].to_pylist()
    assert losses[-1] < losses[0]


def test_where_nothing_is_fresh_one_line_says_so(data) -> None:
    with pytest.raises(UserError, match=r"^CharacterMLP: nothing draws fresh problems here; leave fresh out"):
        CharacterMLP(fresh=True).fit(Examples(data.train), Examples(data.validation), Budget(steps=1))
    slow = replace(MIXTURE, tasks=("calculus/derivative",), levels=(1,))
    with pytest.raises(UserError, match="calculus/derivative draws its problems one by one: too slow to be fresh"):
        try_models([slow], "cpu")
