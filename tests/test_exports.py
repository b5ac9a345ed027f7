"""What lies beside the pages: every table in three formats, the board for papers, and a folder that lands whole."""

import json
import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import store_samples as samples

import enigmath.reports
from enigmath.bench.contracts import UserError
from enigmath.reports.folder import land

EVIL = r"\input{/etc/passwd} $x$ & 5% #1 _a^b~ <b> |c| `d` **e**"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = [*samples.MODELS[:3], samples.Model("mlp", EVIL, 0.2, 0.1), samples.MODELS[5]]
    run = tmp_path_factory.mktemp("exports") / "run"
    samples.write_run(run, samples.TASKS[0:4:3], models, seeds=1, rows=60, failed=[("lstm", "arithmetic/comparison")])
    return enigmath.reports.write_report(run).parent


def test_every_table_is_the_same_as_csv_as_json_and_as_parquet(report: Path) -> None:
    loaded = enigmath.reports.load(report.parent)
    wanted = {
        "leaderboard": loaded.leaderboard,
        "cells": loaded.cells,
        "levels": loaded.levels,
        "curves": loaded.curves,
    }
    for name, frame in wanted.items():
        home = report if name == "leaderboard" else report / "tables"
        csv = pd.read_csv(home / f"{name}.csv")
        rows = pd.DataFrame(json.loads((home / f"{name}.json").read_text()))
        table = pq.read_table(home / f"{name}.parquet").to_pandas()
        assert len(csv) == len(rows) == len(table) == len(frame)
        assert list(csv.columns) == list(rows.columns) == list(table.columns)
        assert "folder" not in table
        for column in table.select_dtypes("number").columns:
            for told in (csv, rows):
                values = pd.to_numeric(told[column]).to_numpy(float)
                assert values == pytest.approx(table[column].to_numpy(float), rel=1e-5, nan_ok=True), (name, column)


def test_the_problems_are_one_parquet_file_of_every_prediction(report: Path) -> None:
    table = pq.read_table(report / "tables" / "problems.parquet").to_pandas()
    problems = enigmath.reports.load(report.parent).problems
    assert len(table) == len(problems) == 9 * 60
    for column in ("cell", "label", "seed", "key", "question", "prediction", "exact", "trait.digits"):
        assert table[column].astype(str).to_list() == problems[column].astype(str).to_list(), column


def test_the_board_for_papers_marks_winners_and_ties_and_obeys_no_name(report: Path) -> None:
    latex, markdown = (report / "leaderboard.tex").read_text(), (report / "leaderboard.md").read_text()
    board = enigmath.reports.load(report.parent).leaderboard.query(
        "task == 'arithmetic/addition' and levels == 'trained'"
    )
    best = board.loc[board["exact"].idxmax()]
    reach = board[board["exact_high"] >= best["exact_low"]]
    mark = "textbf" if len(reach) == 1 else "textit"
    rows = [re.split(r"(?<!\\)&", line) for line in latex.splitlines()]
    column = [row[1] for row in rows if len(row) == 3][1:]
    assert sum(mark in cell for cell in column) == len(reach)
    assert len(column) == 5
    assert r"\textbackslash{}input\{/etc/passwd\} \$x\$" in latex
    assert not re.search(r"\\(input|include|write|def)\b", latex.replace(r"\textbackslash{}input", ""))
    assert r"\`d\`" in markdown
    assert "<b>" not in markdown
    assert all(line.count(" | ") == 2 for line in markdown.splitlines() if line.startswith("| "))


def test_a_later_report_takes_away_what_the_earlier_left_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    land(out, [("index.html", b"1"), ("tasks/a.html", b"1"), ("tasks/b.html", b"1"), ("models/c.html", b"1")])
    (out / "tasks" / "notes.html").write_text("mine")
    (out / "models" / "c.html").write_text("edited")
    land(out, [("index.html", b"2"), ("tasks/a.html", b"2")])
    found = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}
    assert found.pop("files.json")
    assert found == {
        "index.html": "2", "tasks/a.html": "2",
        "mine.txt": "mine", "tasks/notes.html": "mine", "models/c.html": "edited",
    }  # fmt: skip


def test_a_report_that_is_stopped_while_it_lands_is_known_to_the_next(tmp_path: Path, monkeypatch) -> None:
    land(tmp_path, [("index.html", b"1"), ("tasks/old.html", b"1")])
    replace = Path.replace

    def stopped(self: Path, target: Path) -> Path:
        if target.name == "new.html":
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        land(tmp_path, [("index.html", b"2"), ("tasks/new.html", b"2")])
    monkeypatch.undo()
    land(tmp_path, [("index.html", b"3"), ("tasks/new.html", b"3")])
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert found == ["files.json", "index.html", "tasks/new.html"], "what the first left is taken away by the last"


def test_what_no_report_wrote_is_never_overwritten(tmp_path: Path) -> None:
    for path in ("tasks/a.html", "files.json"):
        mine = tmp_path / path.replace("/", "-") / path
        mine.parent.mkdir(parents=True)
        mine.write_text("mine")
        out = tmp_path / path.replace("/", "-")
        with pytest.raises(
            UserError, match=f"{path} would be overwritten, which no report wrote; choose another --out"
        ):
            land(out, [("index.html", b"1"), ("tasks/a.html", b"1")])
        assert [found.read_text() for found in out.rglob("*") if found.is_file()] == ["mine"]


@pytest.mark.parametrize("place", ["", "cells", "cells/deeper", "probes"])
def test_no_report_goes_among_the_cells_of_a_run(report: Path, place: str) -> None:
    run = report.parent
    (run / "suite.toml").touch()
    before = sorted(run.rglob("*"))
    with pytest.raises(UserError, match="is a run, or a part of one; choose another --out"):
        enigmath.reports.write_report(run, run / place)
    assert sorted(run.rglob("*")) == before


def test_a_report_that_fails_midway_leaves_the_earlier_one_as_it_was(tmp_path: Path) -> None:
    land(tmp_path, [("index.html", b"1"), ("tasks/a.html", b"1")])

    def files() -> "list[tuple[str, bytes]]":
        yield "index.html", b"2"  # type: ignore[misc]
        raise UserError("broken", where="here", mend="mend it")

    with pytest.raises(UserError, match="broken"):
        land(tmp_path, files())
    assert (tmp_path / "index.html").read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files.json", "index.html", "tasks"]


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/outside.txt", "tasks/../../outside.txt"])
def test_a_forged_list_removes_nothing_outside_and_no_file_is_written_there(tmp_path: Path, path: str) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside.txt"
    outside.write_text("mine")
    land(out, [("index.html", b"1")])
    digest = "27a0b9a3ad4b09d4a6f8e4d0b0a9c9b3"
    (out / "files.json").write_text(json.dumps({"format": 1, "files": {path: digest, "index.html": 3}}))
    land(out, [("index.html", b"2")])
    assert outside.read_text() == "mine"
    with pytest.raises(ValueError, match="does not lie in the report"):
        land(out, [(path, b"3")])
    assert (out / "index.html").read_bytes() == b"2"


def test_several_runs_need_a_folder_and_a_picture_needs_no_display(report: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--out"):
        enigmath.reports.write_report([report.parent, report.parent])
    pytest.importorskip("matplotlib")
    out = enigmath.reports.write_report([report.parent, report.parent], tmp_path / "out", figures=True).parent
    names = sorted(path.name for path in (out / "figures").iterdir())
    assert {"near-or-right.png", "near-or-right.svg", "score-against-shortcut.svg"} <= set(names)
    assert (out / "figures" / "near-or-right.png").read_bytes().startswith(b"\x89PNG")
    assert "<script" not in (out / "figures" / "near-or-right.svg").read_text()
    assert pd.read_csv(out / "leaderboard.csv").equals(pd.read_csv(report / "leaderboard.csv"))
