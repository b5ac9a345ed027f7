"""A tiny real run in which tests edit, swap, cut or hide things, and what verify then finds of it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enigmath.bench.place import Place
from enigmath.bench.runner import run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import open_run
from enigmath.bench.verify import verify_run

SUITE = """
name = "tiny"
train = 2_000
validation = 50
test = 40

[[tasks]]
name = "arithmetic/addition"
levels = [2, 3]
beyond = [4]

[[tasks]]
name = "text/names"
levels = [1]

[[models]]
name = "nearest-aligned"
tasks = ["arithmetic/addition"]

[[models]]
name = "majority"
tasks = ["arithmetic/addition"]

[[models]]
name = "ngrams"
tasks = ["text/names"]
"""

SLOW = """
name = "judged"
train = 200
validation = 20
test = 20

[[tasks]]
name = "calculus/derivative"
levels = [1]

[[models]]
name = "nearest-aligned"
"""

Edit = Callable[[pa.Table], pa.Table]


def run_here(text: str, folder: Path) -> Path:
    """Run a suite's cells one after another in this process; the run's folder."""
    suite = folder / "suite.toml"
    suite.write_text(text)
    session = plan(str(suite), out=folder / "run")
    open_run(session.run, text)
    for cell in session.cells:
        record = run_cell(cell, Place(session.run, folder / "cache"))
        assert record["status"] == "finished", record
    return session.run


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_here(SUITE, tmp_path_factory.mktemp("verify"))


@pytest.fixture
def edited_run(verified: Path, tmp_path: Path) -> Path:
    """A copy of the run's two cells of addition, to be edited."""
    return Path(shutil.copytree(verified, tmp_path / "run", ignore=shutil.ignore_patterns("*-ngrams-*")))


def home(run: Path, label: str = "nearest-aligned") -> Path:
    return next((run / "cells").glob(f"*-{label}-seed0-*"))


def edit_record(folder: Path, **changes: Any) -> None:
    """Change entries of cell.json, named by their path with `__` between its parts."""
    record = json.loads((folder / "cell.json").read_text())
    for name, value in changes.items():
        *path, last = name.split("__")
        part: Any = record
        for step in path:
            part = part[int(step)] if step.isdigit() else part[step]
        part[last] = value
    (folder / "cell.json").write_text(json.dumps(record))


def edit_table(path: Path, edit: Edit) -> None:
    pq.write_table(edit(pq.read_table(path)), path)


def put(column: str, row: int, value: Any) -> Edit:
    """An edit of one value of a table."""

    def edit(table: pa.Table) -> pa.Table:
        values = table[column].to_pylist()
        assert values[row] != value
        values[row] = value
        place = table.column_names.index(column)
        return table.set_column(place, column, pa.array(values, table.schema.field(column).type))

    return edit


def check(run: Path, quick: bool = False) -> list[str]:
    """What verify finds: its lines."""
    return [
        f"{cell}: {what}: expected {expected}, found {found}"
        for checked in verify_run(run, quick=quick)
        for cell, what, expected, found in checked.untrue
    ]
