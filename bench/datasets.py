"""A cell's datasets: its three splits, drawn over its tasks and levels, and the proof that they share nothing."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import UserError
from enigmath.bench.data import Mapper, Part, Proof, Taken, prove, take, together
from enigmath.bench.fresh import Tables, fresh_tables


@dataclass(frozen=True)
class Data:
    """A cell's three splits and the proof that they share nothing."""

    train: pa.Table
    validation: pa.Table
    test: pa.Table
    proof: Proof
    fresh: Tables | None = None
    """Further training problems without end, where all tasks are bulk."""


def datasets(cell: Cell, cache: Path | None, mapper: Mapper = map) -> Data:
    """Draw a cell's splits: training and validation shared out evenly over its levels and tasks, test for each.

    The order of training and validation is shuffled by a stream of its own, so that levels meet in every batch.
    """
    found = cell.found_tasks()
    parts = [Part(task, number, cell.seed) for task in found for number in (*cell.levels, *cell.beyond)]
    trained = len(found) * len(cell.levels)
    taken = Taken()
    drawn: dict[str, list[pa.Table]] = {"train": [], "validation": [], "test": []}
    turn = 0
    for part in parts:
        counts = {"test": cell.sizes.test}
        if part.number in cell.levels:
            counts |= {
                split: total // trained + (turn < total % trained)
                for split, total in (("train", cell.sizes.train), ("validation", cell.sizes.validation))
            }
            turn += 1
        for split, table in take(part, counts, cache, mapper, taken, cell.split).items():
            drawn[split].append(table)
    train = together(drawn["train"], cell.title, cell.seed, "train")
    validation = together(drawn["validation"], cell.title, cell.seed, "validation")
    test = together(drawn["test"])
    proof = prove(train, validation, test, taken.duplicates, cell.split)
    if proof.overlaps:
        raise UserError(f"{proof.overlaps} keys stand in two splits", where=cell.title, mend="mend the task's key")
    if proof.skeleton_overlaps:
        raise UserError(f"{proof.skeleton_overlaps} skeletons stand in two splits", where=cell.title)
    after = [(part, made) for part, made in zip(parts, taken.shards, strict=True) if part.number in cell.levels]
    bulk = all(task.bulk for task in found)
    fresh = fresh_tables(after, cell.split, cell.title, cell.seed) if bulk else None
    return Data(train, validation, test, proof, fresh)
