"""Datasets: the same bytes everywhere, no leak, and clear errors where a space is too small."""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enigmath.bench.contracts import Batch, Integer, Problem, Task, UserError, hash_integers, task
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, Taken, cache_folder, digest, prove, read_shard, take, together

COUNTS = {"train": 30_000, "validation": 300, "test": 300}


def addition(seed: int = 0) -> Part:
    return Part(find_task("arithmetic/addition"), 3, seed)


@task("toy/pairs", answer=Integer(), levels=[{"top": 10}, {"top": 1000}])
def pairs(rng: np.random.Generator, top: int) -> Problem | None:
    """The product of two numbers; odd first numbers are rejected."""
    a, b = (int(number) for number in rng.integers(0, top, 2))
    if a % 2:
        return None
    return Problem(f"{a}*{b}", a * b, key=f"{min(a, b)}*{max(a, b)}", traits={"even": b % 2 == 0})


def backwards(make: Any, indices: Iterable[int]) -> list[pa.Table]:
    """Make the shards last first, and hand them over in order: an executor's map keeps no order of work."""
    made = {index: make(index) for index in reversed(list(indices))}
    return [made[index] for index in sorted(made)]


def digests(tables: dict[str, pa.Table]) -> dict[str, str]:
    return {split: digest(table) for split, table in tables.items()}


def test_one_worker_four_workers_and_any_order_of_shards_give_the_same_bytes(tmp_path: Path) -> None:
    alone = digests(take(addition(), COUNTS))
    assert digests(take(addition(), COUNTS, mapper=backwards)) == alone
    with ProcessPoolExecutor(4) as pool:
        assert digests(take(addition(), COUNTS, tmp_path, mapper=pool.map)) == alone
    assert digests(take(addition(), COUNTS, tmp_path)) == alone


@pytest.mark.parametrize("part", [addition(), Part(pairs, 2, 0)], ids=["bulk", "one by one"])
def test_the_first_n_of_twice_n_are_the_n(part: Part) -> None:
    small = {"train": 700, "validation": 90, "test": 80}
    few = take(part, small)
    many = take(part, {split: 2 * count for split, count in small.items()})
    for split, count in small.items():
        assert many[split].slice(0, count).equals(few[split])


def test_another_seed_level_or_task_is_another_dataset() -> None:
    seen = {digest(take(addition(seed), {"test": 100})["test"]) for seed in (0, 1, 2)}
    seen.add(digest(take(Part(find_task("arithmetic/addition"), 4, 0), {"test": 100})["test"]))
    assert len(seen) == 4


def test_validation_and_test_hold_no_key_twice_and_say_how_many_were_dropped() -> None:
    taken = Taken()
    drawn = take(Part(pairs, 1, 0), {"train": 2_000, "test": 3}, taken=taken)
    assert len(set(drawn["test"]["key"].to_pylist())) == drawn["test"].num_rows == 3
    assert taken.duplicates > 0
    assert drawn["train"].num_rows == 2_000


def test_levels_that_share_problems_do_not_test_one_twice() -> None:
    taken = Taken()
    part = find_task("arithmetic/addition")
    tests = [take(Part(part, number, 0), {"test": 300}, taken=taken)["test"] for number in (2, 3)]
    keys = together(tests)["key"].to_pylist()
    assert len(keys) == len(set(keys)) == 600


def test_a_space_too_small_says_how_many_problems_exist() -> None:
    with pytest.raises(
        UserError, match=r"toy/pairs level 1 \(top=10\): asked for 400 test problems, and only \d+ diff"
    ):
        take(Part(pairs, 1, 0), {"test": 400})


@pytest.mark.parametrize("count", [-1, -100])
def test_a_negative_count_is_one_clear_line(count: int) -> None:
    with pytest.raises(UserError, match=f"cannot take {count} test problems; ask for 0 or more"):
        take(addition(), {"test": count})


def test_none_asked_gives_none_with_the_same_columns() -> None:
    drawn = take(addition(), {"train": 10, "test": 0})
    assert drawn["test"].num_rows == 0
    assert drawn["test"].schema == drawn["train"].schema


def test_a_torn_cache_file_is_made_again(tmp_path: Path) -> None:
    part = addition()
    folder = cache_folder(part, tmp_path)
    assert folder is not None
    whole = read_shard(part, folder, 0)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    assert read_shard(part, folder, 0).equals(whole)
    assert pq.read_table(path).equals(whole)


def test_a_cached_shard_is_read_and_not_made(tmp_path: Path) -> None:
    folder = cache_folder(addition(), tmp_path)
    assert folder is not None
    read_shard(addition(), folder, 0)
    (path,) = folder.iterdir()
    marked = pq.read_table(path).slice(0, 7)
    pq.write_table(marked, path)
    assert read_shard(addition(), folder, 0).num_rows == 7


def test_a_changed_generator_has_another_cache(tmp_path: Path) -> None:
    source = '''
from enigmath.bench.contracts import Integer, Problem, task
@task("toy/one", answer=Integer(), levels=[dict(top=9)])
def one(rng, top):
    """A number."""
    return Problem(str(int(rng.integers(top))), 1)
'''
    (tmp_path / "tasks.py").write_text(source)
    first = cache_folder(Part(find_task("tasks.py:one", tmp_path), 1, 0), tmp_path)
    (tmp_path / "tasks.py").write_text(source + "# changed\n")
    assert cache_folder(Part(find_task("tasks.py:one", tmp_path), 1, 0), tmp_path) != first


def test_a_generator_that_raises_is_named_with_its_level_and_reason() -> None:
    @task("toy/raises", answer=Integer(), levels=[{"top": 1}])
    def raises(rng: np.random.Generator, top: int) -> Problem:
        """Never."""
        raise ZeroDivisionError("by zero")

    with pytest.raises(UserError, match=r"toy/raises level 1 \(top=1\): the generator failed on shard 0: ZeroDiv"):
        take(Part(raises, 1, 0), {"test": 1})


def test_columns_of_unequal_length_are_refused() -> None:
    def ragged(rng: np.random.Generator, n: int) -> Batch:
        """Ragged."""
        return Batch(pa.array(["1"] * n), np.ones(n - 1, int), hash_integers("x", np.arange(n)))

    made: Task = task("toy/ragged", answer=Integer(), levels=[{}], bulk=True)(ragged)
    with pytest.raises(UserError, match="the generator failed on shard 0"):
        take(Part(made, 1, 0), {"test": 1})


def test_the_proof_counts_every_overlap() -> None:
    drawn = take(addition(), COUNTS)
    proof = prove(drawn["train"], drawn["validation"], drawn["test"], 0)
    assert (proof.overlaps, proof.text_overlaps) == (0, 0)
    assert proof.pairs == 30_000 * 300 * 2 + 300 * 300
    leaked = prove(
        drawn["train"], drawn["validation"], pa.concat_tables([drawn["test"], drawn["train"].slice(0, 3)]), 0
    )
    assert (leaked.overlaps, leaked.text_overlaps) == (3, 3)


def test_content_hashes_see_every_column_and_every_row() -> None:
    table = take(addition(), {"test": 50})["test"]
    seen = {digest(table), digest(table.slice(1)), digest(table.take(pa.array(range(49, -1, -1))))}
    seen |= {digest(table.drop_columns([name])) for name in table.column_names}
    assert len(seen) == 3 + len(table.column_names)
    assert digest(pa.concat_tables([table.slice(0, 9), table.slice(9)])) == digest(table)


def test_shuffling_is_a_permutation_named_by_its_stream() -> None:
    table = take(addition(), {"train": 500})["train"]
    mixed = together([table], "toy", 0)
    assert not mixed.equals(table)
    assert mixed.equals(together([table], "toy", 0))
    assert not mixed.equals(together([table], "toy", 1))
    assert sorted(mixed["question"].to_pylist()) == sorted(table["question"].to_pylist())
