"""A cell's datasets: its three splits, drawn over its tasks and levels, and the proof that they share nothing.

What was drawn is kept beside the shards as one Arrow file, which every further cell with the same problems, and every
worker at once, maps into its memory instead of gathering and shuffling a million rows again.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import UserError
from enigmath.bench.data import Mapper, Part, Proof, Taken, cache_folder, digest, prove, take, together
from enigmath.bench.fresh import Tables, fresh_tables

KEPT: Final = 1
"""Rises when the same shards would be gathered to other splits, or kept in another layout."""


@dataclass(frozen=True)
class Data:
    """A cell's three splits and the proof that they share nothing."""

    train: pa.Table
    validation: pa.Table
    test: pa.Table
    proof: Proof
    train_digest: str
    """What `digest` says of the training problems."""
    fresh: Tables | None = None
    """Further training problems without end, where all tasks are bulk."""


@dataclass(frozen=True)
class _Drawn:
    """The tables for training, validation and test, as they are kept, and what else the drawing told."""

    tables: tuple[pa.Table, pa.Table, pa.Table]
    duplicates: int
    shards: Sequence[int]
    train_digest: str


def datasets(cell: Cell, cache: Path | None, mapper: Mapper = map) -> Data:
    """A cell's splits: training and validation shared out evenly over its levels and tasks, test for each.

    The order of training and validation is shuffled by a stream of its own, so that levels meet in every batch.
    """
    found = cell.found_tasks()
    parts = [Part(task, number, cell.seed) for task in found for number in (*cell.levels, *cell.beyond)]
    path = None if cache is None else _path(cell, parts, cache)
    drawn = None if path is None else _kept(path)
    if drawn is None:
        drawn = _draw(cell, parts, cache, mapper)
        if path is not None:
            _keep(drawn, path)
    proof = prove(*drawn.tables, drawn.duplicates, cell.split)
    if proof.overlaps:
        raise UserError(f"{proof.overlaps} keys stand in two splits", where=cell.title, mend="mend the task's key")
    if proof.skeleton_overlaps:
        raise UserError(f"{proof.skeleton_overlaps} skeletons stand in two splits", where=cell.title)
    after = [(part, made) for part, made in zip(parts, drawn.shards, strict=True) if part.number in cell.levels]
    bulk = all(task.bulk for task in found)
    fresh = fresh_tables(after, cell.split, cell.title, cell.seed) if bulk else None
    return Data(*drawn.tables, proof, drawn.train_digest, fresh)


def _draw(cell: Cell, parts: Sequence[Part], cache: Path | None, mapper: Mapper) -> _Drawn:
    """Take each part's problems from its shards and put them together."""
    trained = sum(part.number in cell.levels for part in parts)
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
    return _Drawn((train, validation, together(drawn["test"])), taken.duplicates, taken.shards, digest(train))


def _path(cell: Cell, parts: Sequence[Part], cache: Path) -> Path:
    """Where a cell's problems are kept: a name for all that decides them, the generators' sources included."""
    shards = [cache_folder(part, Path()) for part in parts]
    identity = (KEPT, cell.title, cell.seed, cell.levels, cell.beyond, astuple(cell.sizes), cell.split, shards)
    return cache / f"drawn-{hashlib.sha256(repr(identity).encode()).hexdigest()[:32]}.arrow"


def _keep(drawn: _Drawn, path: Path) -> None:
    """Write one file of four streams, aside first; a disk that is full costs the next cell its time and no more."""
    about = {"duplicates": drawn.duplicates, "shards": drawn.shards, "train_digest": drawn.train_digest}
    aside = path.with_suffix(f".{os.getpid()}.aside")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with pa.OSFile(str(aside), "wb") as file:
                for table in (pa.table({"about": [json.dumps(about)]}), *drawn.tables):
                    with pa.ipc.new_stream(file, table.schema) as stream:
                        stream.write_table(table)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def _kept(path: Path) -> _Drawn | None:
    """What a file keeps, without reading more of it than is looked at; None where there is none, or a torn one."""
    try:
        source = pa.memory_map(str(path))
        about, train, validation, test = (pa.ipc.open_stream(source).read_all() for _ in range(4))
        return _Drawn((train, validation, test), **json.loads(about["about"][0].as_py()))
    except (OSError, pa.ArrowException, ValueError, TypeError, LookupError):
        return None
