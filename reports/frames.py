"""Tidy pandas frames of a run: its cells, their test problems, their learning curves.

Cells are read at once, since they are small. Problems are read when they are first asked for, and the scores alone,
without questions and answers, when only they are needed: a run may hold ten million predictions.
A cell that cannot be read is kept as failed with the reason, and told in `notes`; the others are shown.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.specs import Suite
from enigmath.bench.store import fault
from enigmath.bench.suite import read_suite
from enigmath.reports.probed import doubts_of, found_of
from enigmath.reports.record import Record, Unreadable, read, variant
from enigmath.reports.rows import CELL_COLUMNS, LEVEL_COLUMNS, cell_row, level_rows

PLACE = ("task", "level", "beyond", "key")
NAMES = ("cell", "title", "label", "shortcut", "seed")
"""What every row of problems and curves says of its cell."""
_KINDS = (pa.string(), pa.string(), pa.string(), pa.bool_(), pa.int64())
_TABLES = ("predictions.parquet", "scores.parquet")


@dataclass(frozen=True)
class Run:
    """A run as frames.

    - `cells`: a row a cell: id, title, label, model, kind (network, shortcut or method), shortcut, seed, status, fit,
      error, n, parameters, constant, chance, ceiling, chance.* (of other metrics, measured), seconds.*, sizes, proof,
      versions, hardware, facts.*, config.*
    - `levels`: a row a level of a cell: cell, title, task, level, name, beyond, chance, ceiling, doc, numeric, answer,
      version, source
    - `problems`: a row a test problem: cell, title, label, shortcut, seed, task, level, beyond, key, question,
      answer, prediction, outcome, trait.*, and a column a metric
    - `scores`: the same rows with the metrics only
    - `curves`: a row a point of a learning curve: cell, title, label, shortcut, seed, step, examples, seconds, loss …
    - `probes`: a row a finding of a probe: cell, title, label, seed, probe, measure, by, group, value …
    - `leaderboard`: a row a model, task and kind of levels, every score with its company
    - `titles`: the tasks' titles in the order of the suite
    - `description`: what the suite says of itself
    - `wanted`: the suite itself, with what it requires and what was published; None where it cannot be read
    - `notes`: what could not be read, a line each
    """

    path: Path
    suite: str
    cells: pd.DataFrame
    levels: pd.DataFrame
    titles: tuple[str, ...]
    notes: tuple[str, ...]
    description: str = ""
    wanted: Suite | None = None

    @cached_property
    def scores(self) -> pd.DataFrame:
        """A row a test problem: its cell, its place and its metrics."""
        return self._rows(lambda folder: read_table(folder / "scores.parquet"), PLACE)

    @cached_property
    def problems(self) -> pd.DataFrame:
        """A row a test problem, with texts, outcome, traits and metrics."""
        return self._rows(_told_and_scored, (*PLACE, "question", "answer", "prediction", "outcome"))

    @cached_property
    def curves(self) -> pd.DataFrame:
        """A row a point of a learning curve; a model that does not learn by steps has none."""
        return self._rows(lambda folder: read_table(folder / "curve.parquet"), ("step", "loss"))

    @cached_property
    def probes(self) -> pd.DataFrame:
        """A row a finding of a probe, of the cells that were probed."""
        return found_of(self.finished)

    @cached_property
    def leaderboard(self) -> pd.DataFrame:
        """The tidy leaderboard; see enigmath.reports.leaderboard."""
        from enigmath.reports.leaderboard import leaderboard

        return leaderboard(self)

    @cached_property
    def metrics(self) -> list[str]:
        """The names of the metrics that are stored."""
        kept = (pq.read_schema(Path(folder) / "scores.parquet").names for folder in self.finished["folder"])
        return list(dict.fromkeys(name for names in kept for name in names if name not in PLACE))

    def only(self, title: str | None = None, label: str | None = None) -> "Run":
        """The cells of one title, of one model or both, as a run: its rows are read when they are asked for.

        The part that was asked for last is kept, so that what is made of it one after the other is read once.
        """
        if self._last.get((title, label)) is None:
            cells = self.cells
            cells = cells[cells["title"] == title] if title is not None else cells
            cells = cells[cells["label"] == label] if label is not None else cells
            levels = self.levels[self.levels["cell"].isin(cells["id"])]
            part = replace(self, cells=cells.reset_index(drop=True), levels=levels.reset_index(drop=True))
            self._last.clear()
            self._last[title, label] = part
        return self._last[title, label]

    @cached_property
    def _last(self) -> "dict[tuple[str | None, str | None], Run]":
        return {}

    def columns(self, *names: str) -> pd.DataFrame:
        """Some columns of `problems`, each read from the one file that holds it: cheaper than all of them."""
        return self._rows(lambda folder: _chosen(folder, names), names)

    def tables(self) -> Iterator[pa.Table]:
        """`problems` as arrow tables of one schema, a cell at a time: ten million rows need not be held at once."""
        finished = self.finished
        if finished.empty:
            return
        names = [pa.field(name, kind) for name, kind in zip(NAMES, _KINDS, strict=True)]
        folders = [Path(folder) for folder in finished["folder"]]
        schema = _together([pq.read_schema(folder / name) for folder in folders for name in _TABLES])
        schema = pa.schema([*names, *(field for field in schema if field.name not in NAMES)])
        rows = finished[["id", *NAMES[1:]]].itertuples(index=False)
        for folder, said in zip(folders, rows, strict=True):
            table = _told_and_scored(folder)
            columns = {name: pa.repeat(value, len(table)) for name, value in zip(NAMES, said, strict=True)}
            columns |= {name: table[name] for name in table.column_names}
            missing = pa.nulls(len(table))
            yield pa.table({f.name: columns.get(f.name, missing).cast(f.type) for f in schema}, schema=schema)

    @property
    def finished(self) -> pd.DataFrame:
        """The cells that have predictions."""
        return self.cells[self.cells["status"] == "finished"]

    def _rows(self, reader: Callable[[Path], pa.Table], columns: Sequence[str]) -> pd.DataFrame:
        """The rows of all finished cells, one below the other, each with its cell's names."""
        finished = self.finished
        tables = [reader(Path(folder)) for folder in finished["folder"]]
        lengths = [table.num_rows for table in tables]
        if not sum(lengths):
            return pd.DataFrame({name: pd.Series(dtype=object) for name in (*NAMES, *columns)})
        rows = pa.concat_tables(agreeing(tables), promote_options="permissive")
        rows = rows.to_pandas(categories=[name for name in ("task", "outcome") if name in rows.column_names])
        owner = np.repeat(np.arange(len(tables)), lengths)
        names = {name: _repeated(finished["id" if name == "cell" else name], owner) for name in NAMES}
        joined: pd.DataFrame = pd.concat([pd.DataFrame(names), rows], axis=1)
        return joined


def load(path: Path | str, *others: Path | str) -> Run:
    """Read a run folder, or several as one (see enigmath.reports.merge). Raises UserError where a folder is no run.

    A run without cells gives empty frames; a cell that cannot be read is kept as failed.
    """
    if others:
        from enigmath.reports.merge import merged

        return merged([load(each) for each in dict.fromkeys(Path(each) for each in (path, *others))])
    folder = Path(path)
    if not folder.is_dir():
        raise UserError("no such folder", where=str(path), mend="name the folder that `enigmath run` wrote")
    if not (folder / "cells").is_dir() and not (folder / "suite.toml").is_file():
        raise UserError(
            "is not a run: it holds neither suite.toml nor cells", where=str(path), mend="name the run's own folder"
        )
    records, notes = _records(folder)
    records, more = _current(records)
    written = _written(folder)
    titles = _titles(written, {record.title for _, record in records})
    rows = [cell_row(record, home) for home, record in records]
    rows.sort(key=lambda row: (titles.index(row["title"]), row["shortcut"], row["label"], row["seed"], row["id"]))
    cells = pd.DataFrame(rows, columns=None if rows else CELL_COLUMNS)
    levels = [level for _, record in records for level in level_rows(record)]
    levels.sort(key=lambda level: titles.index(level["title"]))
    suite = next((record.suite for _, record in records if record.suite), folder.resolve().name)
    told = pd.DataFrame(levels, columns=LEVEL_COLUMNS)
    description = str(written.get("description", ""))
    return Run(folder, suite, cells, told, titles, tuple(notes + more), description, _wanted(folder))


def _written(folder: Path) -> dict[str, Any]:
    """The suite as it was run; empty where it cannot be read."""
    try:
        return tomllib.loads((folder / "suite.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _wanted(folder: Path) -> Suite | None:
    """The suite that was run, strictly read; None for one that this version cannot read."""
    try:
        return read_suite(folder / "suite.toml")
    except UserError:
        return None


def _titles(suite: dict[str, Any], found: set[str]) -> tuple[str, ...]:
    """The titles of the cells in the order of the suite; those that it does not name follow."""
    try:
        named = [task.get("title") or task.get("name", "").rpartition(":")[2] for task in suite.get("tasks", [])]
    except AttributeError:
        named = []
    return tuple(dict.fromkeys([title for title in named if title in found] + sorted(found)))


def _records(folder: Path) -> tuple[list[tuple[Path, Record]], list[str]]:
    """The cells that can be read, each with its folder, and a note for each that cannot."""
    found: list[tuple[Path, Record]] = []
    notes: list[str] = []
    for home in sorted((folder / "cells").glob("[!.]*/")):
        try:
            record = read(home / "cell.json")
        except Unreadable as error:
            notes.append(f"{home.name}: {error}; left out")
            continue
        reason = fault(home) if record.status == "finished" else None
        if reason:
            notes.append(f"{home.name}: {reason}; shown as failed")
            record = msgspec.structs.replace(record, status="failed", error=reason)
        notes += doubts_of(home)
        found.append((home, record))
    return found, notes


def _current(records: Sequence[tuple[Path, Record]]) -> tuple[list[tuple[Path, Record]], list[str]]:
    """The cells of the newest variant of each model and title, and a note for each that is left out of the board.

    A changed config, source, size or budget is another variant; its scores are never pooled with the earlier one's.
    """
    newest: dict[tuple[str, str], Record] = {}
    for _, record in sorted(records, key=lambda found: (found[1].began, found[1].id)):
        newest[record.title, record.model.label] = record
    kept, left = [], []
    for home, record in records:
        if variant(record) == variant(newest[record.title, record.model.label]):
            kept.append((home, record))
        else:
            left.append((record.model.label, record.title))
    notes = [
        f"{label} on {title}: {count} cells of an earlier config, source, size or budget left out"
        for (label, title), count in sorted(Counter(left).items())
    ]
    return kept, notes


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """One Parquet file of the store, or those of some columns that it has. Raises UserError where pages are damaged."""
    try:
        # Files are small and many: looking ahead, threads and dataset discovery cost more than the reading.
        file = pq.ParquetFile(path, pre_buffer=False)
        known = set(file.schema_arrow.names)
        return file.read(columns=None if columns is None else [n for n in columns if n in known], use_threads=False)
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"is damaged ({reason})", where=str(path), mend="remove its folder and run again") from None


def _told_and_scored(folder: Path) -> pa.Table:
    """Predictions and scores of one cell side by side: the store keeps both in the same order."""
    told, scores = read_table(folder / "predictions.parquet"), read_table(folder / "scores.parquet")
    for name in scores.column_names:
        if name not in told.column_names:
            told = told.append_column(name, scores[name])
    return told


def _chosen(folder: Path, names: Sequence[str]) -> pa.Table:
    """Some columns of one cell's predictions and scores; those that neither has are left out."""
    columns: dict[str, Any] = {}
    for file in ("scores.parquet", "predictions.parquet"):
        missing = [name for name in names if name not in columns]
        if missing:
            found = read_table(folder / file, missing)
            columns |= {name: found[name] for name in found.column_names}
    return pa.table({name: columns[name] for name in names if name in columns})


def agreeing(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """The tables with each trait as text wherever two tasks give it different types."""
    mixed = _mixed([table.schema for table in tables])
    return [
        pa.table({n: table[n].cast(pa.string()) if n in mixed else table[n] for n in table.column_names})
        for table in tables
    ]


def _together(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """One schema for all tables, in which a trait of different types is text."""
    mixed = _mixed(schemas)
    texts = {name: pa.field(name, pa.string()) for name in mixed}
    told = [pa.schema([texts.get(field.name, field) for field in schema]) for schema in schemas]
    return pa.unify_schemas(told, promote_options="permissive")


def _mixed(schemas: Sequence[pa.Schema]) -> set[str]:
    """The traits to which two tasks give different types."""
    types: dict[str, set[pa.DataType]] = {}
    for schema in schemas:
        for field in schema:
            types.setdefault(field.name, set()).add(field.type)
    return {name for name, kinds in types.items() if name.startswith("trait.") and len(kinds) > 1}


def _repeated(values: "pd.Series[Any]", owner: np.ndarray[Any, Any]) -> Any:
    """A cell's value on each of its rows; texts as categories, which cost one byte or two a row."""
    if values.dtype.kind in "biuf":
        return values.to_numpy()[owner]
    categories = pd.Index(sorted(values.unique()))
    return pd.Categorical.from_codes(categories.get_indexer(values)[owner], categories)
