"""The tables of a report as files: CSV for spreadsheets, JSON and Parquet for programs, LaTeX and Markdown for papers.

Each table is a frame of enigmath.reports.frames.Run as it stands; the test problems, of which there may be millions,
are Parquet alone and are written a cell at a time.
"""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from enigmath.reports.frames import Run
from enigmath.reports.leaderboard import to_csv
from enigmath.reports.site import Site
from enigmath.reports.text import clipped, visible
from enigmath.reports.words import percent, span

TABLES = {
    "leaderboard": "a row a model, task and kind of levels: every score with its company",
    "cells": "a row a cell: model, task, seed, config, costs, machine, versions",
    "levels": "a row a level of a cell",
    "curves": "a row a point of a learning curve",
    "probes": "a row a finding of a probe",
}
"""The tables that are written as CSV, JSON and Parquet, where they have rows, and what they hold."""

LOCAL = ("folder",)
"""Columns that say where a run lies on this machine: no business of a reader's."""


def tables(site: Site, board: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Every small table in three formats, and the board for papers: paths in the report and contents.

    `board` is the leaderboard with the published figures beside it.
    """
    frames = {"leaderboard": board, **{name: getattr(site.run, name, None) for name in list(TABLES)[1:]}}
    for name, frame in frames.items():
        if frame is None or (frame.empty and name != "leaderboard"):
            continue
        plain = _plain(frame.drop(columns=[column for column in LOCAL if column in frame]))
        home = "" if name == "leaderboard" else "tables/"
        yield f"{home}{name}.csv", to_csv(plain).encode()
        yield f"{home}{name}.json", to_json(plain).encode()
        yield f"{home}{name}.parquet", to_parquet(plain)
    yield "leaderboard.md", to_markdown(site).encode()
    yield "leaderboard.tex", to_latex(site).encode()


def listed(run: Run) -> list[tuple[str, str]]:
    """The files that a report of this run holds beside its pages, each with what it is."""
    names = [name for name in TABLES if name == "leaderboard" or not getattr(run, name, pd.DataFrame()).empty]
    homes = {name: "" if name == "leaderboard" else "tables/" for name in names}
    found = [(f"{homes[name]}{name}.{kind}", TABLES[name]) for name in names for kind in ("csv", "json", "parquet")]
    found += [("leaderboard.md", "the board in Markdown"), ("leaderboard.tex", "the board in LaTeX")]
    if len(run.finished):
        found.append(
            ("tables/problems.parquet", "a row a test problem of a cell: question, answer, prediction, metrics")
        )
    return found


def to_json(frame: pd.DataFrame) -> str:
    """A frame as JSON: a list of objects, one a line; six significant digits, and null for what is not finite.

    >>> to_json(pd.DataFrame({"a": [0.5, float("nan")], "b": ["x", None]}))
    '[\\n{"a":0.5,"b":"x"},\\n{"a":null,"b":null}\\n]\\n'
    """
    rows = (json.dumps(row, separators=(",", ":"), allow_nan=False) for row in map(_told, frame.to_dict("records")))
    return "[\n" + ",\n".join(rows) + "\n]\n"


def to_parquet(frame: pd.DataFrame) -> bytes:
    """A frame as the bytes of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), sink)
    return bytes(sink.getvalue())


def write_problems(run: Run, path: Path) -> None:
    """Write all test problems of a run as one Parquet file, a cell at a time; a run without any gives no file."""
    writer: pq.ParquetWriter | None = None
    try:
        for table in run.tables():
            writer = writer or pq.ParquetWriter(path, table.schema.remove_metadata())
            writer.write_table(table.replace_schema_metadata(None))
    finally:
        if writer is not None:
            writer.close()


CAPTION = (
    "Exact answers in percent on trained levels, with 95 % intervals, seeds pooled. "
    "Bold: the best of its column, whose interval clears all others; italic: those that tie for the best."
)


def to_markdown(site: Site) -> str:
    """The board of trained levels in Markdown: exact scores in percent with intervals, winners bold, ties italic."""
    heads, rows = _paper(site)
    marks = {"best": "**", "tied": "*", "": ""}
    told = [[f"{marks[rank]}{_marked(text)}{marks[rank]}" for text, rank in row] for row in rows]
    lines = [[_marked(head) for head in heads], ["---", *["---:"] * (len(heads) - 1)], *told]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + f"\n{CAPTION}\n"


def to_latex(site: Site) -> str:
    r"""The same board as a LaTeX tabular; it needs no package."""
    heads, rows = _paper(site)
    marks = {"best": r"\textbf{%s}", "tied": r"\textit{%s}", "": "%s"}
    told = [[marks[rank] % _latex(text) for text, rank in row] for row in rows]
    lines = [
        f"% {CAPTION}",
        rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
        r"\hline",
        " & ".join(map(_latex, heads)) + r" \\",
        r"\hline",
        *(" & ".join(row) + r" \\" for row in told),
        r"\hline",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _paper(site: Site) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """The board as heads and rows of texts, each with its rank in its column: best, tied for the best, or neither."""
    board = site.board[site.board["levels"] == "trained"]
    names = ["exact", "exact_low", "exact_high"]
    scores = board.reindex(columns=[*board.columns, *(name for name in names if name not in board)])
    scores = scores.drop_duplicates(["title", "task", "label"]).set_index(["title", "task", "label"])[names]
    heads = ["Model", *(task if title == task else f"{title}: {task}" for title, task in site.places.panels)]
    rows: list[list[tuple[str, str]]] = [[(clipped(label, 120), "")] for label in site.places.models]
    for title, task in site.places.panels:
        keys = [(title, task, label) for label in site.places.models]
        column = scores.reindex(pd.MultiIndex.from_tuples(keys)).to_numpy(float)
        for row, (score, low, high), rank in zip(rows, column, _ranks(column), strict=True):
            row.append((f"{percent(score)} ({span(low, high)})" if math.isfinite(score) else "–", rank))
    return [clipped(head, 120) for head in heads], rows


def _ranks(scores: Any) -> list[str]:
    """Of rows (score, low, high): "best" where one clears all others, "tied" for those whose intervals reach its own.

    >>> _ranks(np.array([[0.9, 0.8, 1.0], [0.5, 0.4, 0.6]])), _ranks(np.array([[0.9, 0.5, 1.0], [0.5, 0.4, 0.6]]))
    (['best', ''], ['tied', 'tied'])
    """
    score, low, high = scores.T
    if not np.isfinite(score).any():
        return [""] * len(scores)
    first = int(np.nanargmax(score))
    reach = np.where(np.isfinite(score), high, -np.inf) >= low[first]
    return [("tied" if reach.sum() > 1 else "best") if at else "" for at in reach]


_LATEX = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "–": "--",
    "−": "$-$",
    "…": r"\dots{}",
    "\N{NO-BREAK SPACE}": "~",
}


def _latex(text: str) -> str:
    r"""A text in which LaTeX finds no command.

    >>> print(_latex(r"a_b \input{x} 5 %"))
    a\_b \textbackslash{}input\{x\} 5 \%
    """
    return "".join(_LATEX.get(character, character) for character in visible(text))


def _marked(text: str) -> str:
    """A text in which Markdown finds no mark-up."""
    safe = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#!~])", r"\\\1", safe)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns of one type each: numbers, truth values, or texts; what is neither becomes its text."""
    columns = {}
    for name in frame.columns:
        column = frame[name]
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
            known = [value for value in column if not pd.isna(value)]
            numeric = known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
            column = pd.to_numeric(column) if numeric else column.astype(object).map(str, na_action="ignore")
        columns[name] = column
    return pd.DataFrame(columns, index=frame.index)


def _told(row: dict[Any, Any]) -> dict[str, Any]:
    """A row for JSON: plain values, rounded to six significant digits, null for what is missing or not finite."""
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return None if value is None or value is pd.NA or value is pd.NaT else str(value)
