"""A store that is poor, damaged or hostile: its report, its board and its watch say what is there, and do no harm."""

import csv
import json
import math
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import store_samples as samples
from test_cli import in_process

from enigmath.reports.text import FORMULA

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    SCRIPT,
    "../../x",
    "m" * 300,
    "\x1b[31mred\x00\x07",
    "=HYPERLINK(1)",
    "@SUM(1)",
    "\u202etxt.exe",
    "[red]a[/b]",
    "",
)
MEGABYTE = 1_000_000


def write(folder: Path, *, labels: tuple[str, ...] = ("one", "two", "three"), rows: int = 30) -> Path:
    """A run of one task and a few models, the last of which looks up."""
    last = len(labels) - 1
    models = [samples.Model("x", text, 0.5, 0.1, shortcut=place == last) for place, text in enumerate(labels)]
    return samples.write_run(folder, samples.TASKS[:1], models, seeds=1, rows=rows, failed=[])


def tables(run: Path, name: str) -> list[Path]:
    return sorted(run.glob(f"cells/*/{name}.parquet"))


def set_column(path: Path, name: str, values: list[object]) -> None:
    table = pq.read_table(path)
    kind = table.schema.field(name).type
    column = pa.array([values[row % len(values)] for row in range(table.num_rows)], kind)
    pq.write_table(table.set_column(table.column_names.index(name), name, column), path)


def set_record(run: Path, place: int = 0, **changes: object) -> None:
    path = sorted(run.glob("cells/*/cell.json"))[place]
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def empty(folder: Path) -> Path:
    (folder / "cells").mkdir(parents=True)
    (folder / "suite.toml").write_text("")
    return folder


def one_row(folder: Path) -> Path:
    return write(folder, labels=("only",), rows=1)


def no_numbers(folder: Path) -> Path:
    run = write(folder)
    for path in tables(run, "scores"):
        for name in pq.read_schema(path).names[4:]:
            set_column(path, name, [math.nan])
    for path in tables(run, "curve"):
        for name in pq.read_schema(path).names:
            set_column(path, name, [math.nan])
    return run


def ties(folder: Path) -> Path:
    run = write(folder)
    first = tables(run, "scores")[0]
    told = tables(run, "predictions")[0]
    for path in tables(run, "scores"):
        path.write_bytes(first.read_bytes())
        path.with_name("predictions.parquet").write_bytes(told.read_bytes())
    return run


def newer(folder: Path) -> Path:
    """One cell of a newer format, and one with fields that this version does not know."""
    run = write(folder)
    set_record(run, format=2)
    facts = {"odd": [1, 2], SCRIPT: "\x1b[2J", "huge": 10**400, "parameters": -(10**400)}
    set_record(run, 1, surprise={"new": [1, {"deep": None}]}, facts=facts)
    return run


def edited(folder: Path) -> Path:
    run = write(folder)
    for path, value in zip(tables(run, "scores"), (7.0, -1.0, math.inf), strict=True):
        set_column(path, "exact", [value, 0.5])
        set_column(path, "relative-error", [-value, math.nan])
    return run


def truncated(folder: Path) -> Path:
    run = write(folder)
    for path in (tables(run, "predictions")[0], tables(run, "scores")[1], tables(run, "curve")[2]):
        path.write_bytes(path.read_bytes()[:-20])
    return run


def hostile_names(folder: Path) -> Path:
    run = write(folder, labels=HOSTILE, rows=10)
    for place, text in enumerate(HOSTILE):
        path = sorted(run.glob("cells/*/cell.json"))[place]
        task = json.loads(path.read_text())["tasks"][0]
        task |= {"doc": text, "levels": [level | {"name": text} for level in task["levels"]]}
        failed = {"status": "failed", "error": text, "traceback": text} if place == 3 else {}
        set_record(run, place, suite=text, tasks=[task], hardware={"cpu": text, "device": text}, fit=text, **failed)
    return run


def hostile_answers(folder: Path) -> Path:
    run = write(folder)
    texts = [*HOSTILE, "9" * MEGABYTE, "\x00" * MEGABYTE, None]
    for path in tables(run, "predictions"):
        set_column(path, "prediction", [*texts])
        set_column(path, "question", [*texts[:-1]])
        set_column(path, "trait.operators", [*HOSTILE, "9" * 9_999])
        set_column(path, "outcome", ["wrong"])
    return run


class Texts(HTMLParser):
    """What a page says: its elements, their attributes, and its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.attributes: set[str] = set()
        self.elements: set[str] = set()
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        if self._in == "script":
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in = ""


def is_inert(text: str) -> bool:
    """Whether a text holds nothing that a terminal or an eye would be misled by."""
    return not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def check_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert is_inert(text), path.name
    assert len(text) < MEGABYTE, path.name
    found = Texts()
    found.feed(text)
    assert "h1" in found.elements, path.name
    assert not [name for name in found.attributes if name.startswith("on") or name in ("style", "srcdoc")], path.name
    assert not found.elements & {"img", "iframe", "object", "embed"}, path.name
    assert not [script for script in found.scripts if SCRIPT in script], path.name
    assert SCRIPT not in text, path.name


def check_csv(path: Path) -> None:
    """No cell that a spreadsheet would take for a formula, but for numbers below zero."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            for cell in row:
                risky = cell.startswith(FORMULA) and not re.fullmatch(r"-(\d[\d.]*(e[-+]?\d+)?|inf)", cell)
                assert not risky, (path.name, cell[:40])
                assert is_inert(cell), path.name


SAID: dict[Callable[[Path], Path], tuple[str, str]] = {
    empty: ("", "no cells"),
    one_row: ("only", "1 cell: 1 done"),
    no_numbers: ("one", "3 cells: 3 done"),
    ties: ("one", "3 cells: 3 done"),
    newer: ("written by a newer Enigmath", "written by a newer Enigmath (format 2; this one reads 1)"),
    edited: ("one", "3 cells: 3 done"),
    truncated: ("predictions.parquet is torn", "3 cells: 3 failed"),
    hostile_names: (SCRIPT, "../../x"),
    hostile_answers: ("one", "3 cells: 3 done"),
}
"""What the board in the terminal and the watch must say of each."""
POOR = (empty, one_row, no_numbers)
"""Those whose pages are looked at in a browser, beside the other pages."""


@pytest.mark.parametrize("make", SAID, ids=lambda make: make.__name__)
def test_a_bad_store_has_sane_pages_tables_and_lines(make: Callable[[Path], Path], tmp_path: Path) -> None:
    run = make(tmp_path / "deep" / "down" / "run")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    on_board, watched = SAID[make]
    commands = [(on_board, "show", run), (watched, "watch", run, "--once")]
    commands += [("index.html", "report", run)] if make not in POOR else []
    for said, *words in commands:
        done = in_process(*words)
        assert done.returncode == 0, words[0]
        left_out = words[0] == "report" and make in (newer, truncated)
        assert done.stderr.startswith("Note: ") if left_out else not done.stderr, words[0]
        assert is_inert(done.stderr), words[0]
        assert said.replace(" ", "") in "".join(done.stdout.split()), words[0]
        assert is_inert(done.stdout), words[0]
    made = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert {path.relative_to(run).parts[0] for path in made} == (set() if make in POOR else {"report"})
    for path in made:
        {".html": check_page, ".csv": check_csv}.get(path.suffix, lambda path: None)(path)
        assert len(path.name) < 150
    for path in (run / "report").rglob("*.json"):
        json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"JSON knows no {name}"))


def test_a_table_whose_pages_are_damaged_is_one_clear_line(tmp_path: Path) -> None:
    run = write(tmp_path / "run")
    for path in tables(run, "scores"):
        content = bytearray(path.read_bytes())
        end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        path.write_bytes(content[:4] + bytes(end - 4) + content[end:])
    for command in ("show", "report"):
        done = in_process(command, run)
        assert (done.returncode, done.stdout) == (2, "")
        assert "is damaged" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not list((run / "report").rglob("*"))
    done = in_process("watch", run, "--once")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no exact answers are kept" in done.stdout


def test_equal_models_are_shown_as_equal(tmp_path: Path) -> None:
    from enigmath.reports import load

    board = load(ties(tmp_path / "run")).leaderboard
    assert len(board) == 6
    assert board.groupby("levels")["exact"].nunique().eq(1).all()
    assert board.loc[~board["shortcut"], "beyond_shortcut"].eq(0).all()
