"""The store: RUN/cells/<name>-<identity>/, where a cell lands whole or not at all.

A cell is written aside, each file flushed to the disk, and then renamed into place; whoever dies in between leaves
only a `.aside` folder that the next attempt sweeps away. A fit that can go on after a kill keeps its checkpoint beside
the cells, until its cell has finished. A lock file for each cell, which the kernel releases when its
holder dies, keeps two processes from doing one cell twice.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError, safe_open

from enigmath.bench.contracts import UserError

TABLES: Final = ("predictions.parquet", "scores.parquet", "curve.parquet")
"""The tables of every finished cell."""


@dataclass(frozen=True)
class Landed:
    """A cell that lies in the store."""

    folder: Path
    record: dict[str, Any]

    @cached_property
    def finished(self) -> bool:
        """Whether it ran to its end and its tables are whole; any other cell is done again by the next run."""
        return self.record.get("status") == "finished" and fault(self.folder) is None


def fault(folder: Path) -> str | None:
    """Why the files of a finished cell cannot be read, from their headers and footers; None where they can."""
    counts = []
    for name in TABLES:
        try:
            counts.append(pq.read_metadata(folder / name).num_rows)
        except FileNotFoundError:
            return f"{name} is missing"
        except (pa.ArrowInvalid, OSError):
            return f"{name} is torn or no Parquet file"
    weights = folder / "weights.safetensors"
    if weights.exists():
        try:
            with safe_open(weights, framework="np"):
                pass
        except (SafetensorError, OSError):
            return "weights.safetensors is torn"
    return None if counts[0] == counts[1] else "predictions.parquet and scores.parquet differ in length"


def open_run(run: Path, suite_text: str) -> None:
    """Make the run's folder, or accept one that is a run already; the suite is kept beside the cells."""
    if run.exists() and not (run / "cells").is_dir() and not (run.is_dir() and not any(run.iterdir())):
        raise UserError(f"{run} is neither an empty folder nor a run", mend="choose another folder with --out")
    try:
        (run / "cells").mkdir(parents=True, exist_ok=True)
        aside = run / f".suite.{os.getpid()}.aside"
        try:
            _write(aside, suite_text.encode())
            aside.replace(run / "suite.toml")
        finally:
            aside.unlink(missing_ok=True)  # what a full disk left of it
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}", where=str(run), mend="choose another --out") from None


def landed(run: Path) -> dict[str, Landed]:
    """Every cell of a run by its identity, finished or failed; a folder without a sound cell.json does not count."""
    found = {}
    for folder in sorted((run / "cells").glob("[!.]*")):
        cell = find_landed(run, folder.name)
        if cell is not None:
            found[folder.name.rpartition("-")[2]] = cell
    return found


def find_landed(run: Path, name: str) -> Landed | None:
    """One cell of a run, or None while it has not landed."""
    folder = run / "cells" / name
    try:
        record = json.loads((folder / "cell.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Landed(folder, record) if isinstance(record, dict) and {"status", "model", "title"} <= set(record) else None


@contextmanager
def locked(run: Path, name: str) -> Iterator[Path]:
    """Hold a cell's lock, waiting for it, and give a clean folder aside to write the cell in."""
    locks = run / "cells" / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    aside = run / "cells" / f".{name}.aside"
    with (locks / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def land(run: Path, name: str, aside: Path, record: dict[str, Any]) -> Path:
    """Flush everything in `aside`, add cell.json, and rename the whole into place; a failed cell there gives way."""
    text = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False, default=repr)
    _write(aside / "cell.json", text.encode())
    for path in aside.iterdir():
        _flush(path)
    _flush(aside)
    place = run / "cells" / name
    if place.exists():
        shutil.rmtree(place)
    aside.rename(place)
    _flush(place.parent)
    return place


def checkpoint_path(run: Path, name: str) -> Path:
    """Where a fit leaves what it needs to go on after a kill: outside the cell, so that it outlives attempts at it."""
    return run / "cells" / ".checkpoints" / f"{name}.safetensors"


def progress_path(run: Path, name: str) -> Path:
    """Where a cell at work leaves its newest point of the learning curve, for whoever watches."""
    return run / "cells" / f".{name}.aside" / "progress.json"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
