"""A stranger can tell whether a run is true: honest failures, other sources, borrowed answers, the command."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner
from verified_runs import SLOW, check, edit_record, edit_table, home, put, run_here

from enigmath.bench.cli import app
from enigmath.bench.contracts import UserError
from enigmath.bench.place import Place
from enigmath.bench.runner import run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import open_run
from enigmath.bench.verify import verify_run
from enigmath.reports import load
from enigmath.reports.leaderboard import to_csv


def test_a_cell_that_failed_honestly_is_no_lie(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Calculator", "Broken")), out=tmp_path / "run")
    open_run(session.run, "")
    for cell in session.cells:
        run_cell(cell, Place(session.run, tmp_path / "cache"))
    found = list(verify_run(session.run))
    assert sorted(cell.status for cell in found) == ["failed", "finished"]
    assert not any(cell.untrue for cell in found)


def test_what_hostile_models_said_is_judged_again_without_harm(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Hostile")), out=tmp_path / "run")
    open_run(session.run, "")
    run_cell(session.cells[0], Place(session.run, tmp_path / "cache"))
    assert check(session.run) == []
    path = next((session.run / "cells").glob("[!.]*")) / "predictions.parquet"
    edit_table(path, put("outcome", 2, "\x1b[31mright\x00"))
    edit_table(path, put("question", 2, "\x1b[2J" + "9" * 10**6))
    done = CliRunner().invoke(app, ["verify", str(session.run)])
    assert done.exit_code == 1
    assert "\x1b" not in done.output
    assert "\\x1b[31mright\\x00" in done.output
    assert max(map(len, done.output.splitlines())) < 1_000


def test_a_changed_source_is_told_apart_from_changed_data(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Calculator")), out=tmp_path / "run")
    open_run(session.run, "")
    run_cell(session.cells[0], Place(session.run, tmp_path / "cache"))
    source = tmp_path / "tasks.py"
    text = source.read_text()
    source.write_text(text + "\n# a remark\n")
    (remarked,) = verify_run(session.run)
    assert remarked.untrue == []
    assert remarked.notes == ["toy/sum: made by another source of the same version 1"]
    source.write_text(text.replace("top + 1, 2", "top + 2, 2"))
    (changed,) = verify_run(session.run)
    (line,) = changed.untrue
    assert line.what == "data"
    assert line.found == "made by another source or version: other train, validation, test"
    assert changed.predictions == 150, "predictions are judged again by the stored answers"
    source.unlink()
    assert any("no file" in line for line in check(session.run))


def test_predictions_borrowed_from_another_model_are_found_by_asking_it_again(edited_run: Path) -> None:
    assert not any(cell.untrue or cell.notes for cell in verify_run(edited_run, predict=True))
    for name in ("predictions.parquet", "scores.parquet"):
        shutil.copy(home(edited_run) / name, home(edited_run, "majority") / name)
    assert check(edited_run) == []
    (checked,) = (cell for cell in verify_run(edited_run, predict=True) if cell.untrue)
    ((_, what, expected, found),) = checked.untrue
    assert what.startswith("prediction of problem 1, ")
    assert found == pq.read_table(home(edited_run) / "predictions.parquet")["prediction"][0].as_py() != expected


def test_a_model_that_cannot_be_asked_again_as_it_was_is_noted(edited_run: Path) -> None:
    (found, *_) = verify_run(edited_run, quick=True, predict=True)
    assert found.notes == ["its model was not asked again: it keeps no weights, and its data were not drawn again"]
    folder = home(edited_run)
    edit_record(folder, hardware__cpu="another")
    told = pq.read_table(folder / "predictions.parquet")
    edit_table(folder / "predictions.parquet", put("prediction", 0, "x" + str(told["prediction"][0])))
    (checked,) = (cell for cell in verify_run(edited_run, predict=True) if cell.notes)
    assert checked.notes == ["its model answers 1 of 120 otherwise here: another cpu"]


def test_the_command_ends_with_what_was_found(edited_run: Path) -> None:
    done = CliRunner().invoke(app, ["verify", str(edited_run)])
    assert done.exit_code == 0, done.output
    assert "is true: 2 finished cells; 2,170 problems drawn again, 240 predictions judged again" in done.output
    edit_table(home(edited_run, "majority") / "scores.parquet", put("exact", 0, 1.0))
    done = CliRunner().invoke(app, ["verify", str(edited_run), "--quick"])
    assert done.exit_code == 1
    assert "arithmetic-addition-majority-seed0-" in done.output.splitlines()[0]
    assert "expected 0, found 1" in done.output
    assert "is not true: 3 untrue things in 1 of 2 cells (" in done.output


def test_an_edited_leaderboard_is_found(edited_run: Path) -> None:
    board = edited_run / "report" / "leaderboard.csv"
    board.parent.mkdir()
    text = to_csv(load(edited_run).leaderboard)
    board.write_text(text)
    assert CliRunner().invoke(app, ["verify", str(edited_run), "--quick"]).exit_code == 0
    rows = text.splitlines(keepends=True)
    header = rows[0].strip().split(",")
    cells = rows[1].split(",")
    cells[header.index("exact")] = "0.99"
    board.write_text("".join([rows[0], ",".join(cells), *rows[2:-1]]))
    done = CliRunner().invoke(app, ["verify", str(edited_run), "--quick"])
    assert done.exit_code == 1
    assert "report/leaderboard.csv: exact of arithmetic/addition, trained, " in done.output
    assert "found 0.99" in done.output
    assert "report/leaderboard.csv: row of " in done.output


def test_what_is_no_run_and_a_run_without_a_finished_cell_are_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "hollow" / "cells").mkdir(parents=True)
    told = {"gone": "no such folder", "": "is not a run", "hollow": "no model of this run has finished"}
    for name, message in told.items():
        done = CliRunner().invoke(app, ["verify", str(tmp_path / name)])
        assert isinstance(done.exception, UserError)
        assert message in str(done.exception)


@pytest.mark.slow
def test_a_task_with_its_own_judge_is_judged_again(tmp_path: Path) -> None:
    run = run_here(SLOW, tmp_path)
    assert check(run) == []
    path = home(run) / "predictions.parquet"
    told = pq.read_table(path)
    row = int(np.flatnonzero(pc.equal(told["outcome"], "wrong").to_numpy())[0])
    edit_table(path, put("prediction", row, told["answer"][row].as_py()))
    assert any("expected right, found wrong" in line for line in check(run))


def test_verifying_imports_no_torch_and_no_pandas() -> None:
    code = "import sys, enigmath.bench.verify; assert not {'torch', 'pandas', 'scipy', 'sympy'} & {*sys.modules}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
