"""A stranger can tell whether a run is true: whatever is edited, swapped, cut or hidden is found and named."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from enigmath.bench.checked import Checked
from enigmath.bench.cli import app
from enigmath.bench.contracts import UserError
from enigmath.bench.place import Place
from enigmath.bench.runner import run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import open_run
from enigmath.bench.verify import _identity, verify_run
from enigmath.reports import load
from enigmath.reports.leaderboard import to_csv

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
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_here(SUITE, tmp_path_factory.mktemp("verify"))


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of the run's two cells of addition, to be edited."""
    return Path(shutil.copytree(made, tmp_path / "run", ignore=shutil.ignore_patterns("*-ngrams-*")))


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


@pytest.mark.parametrize("quick", [False, True])
def test_an_untouched_run_is_true_and_all_of_it_was_looked_at(made: Path, quick: bool) -> None:
    found: list[Checked] = list(verify_run(made, quick=quick))
    assert [line for cell in found for line in cell.untrue] == []
    assert [note for cell in found for note in cell.notes] == []
    assert [cell.status for cell in found] == ["finished"] * 3
    assert sum(cell.predictions for cell in found) == 2 * 120 + 40
    columns = len(pq.read_schema(home(made) / "scores.parquet").names) - 4
    assert sum(cell.scores for cell in found) == (2 * 120 + 40) * columns
    # The two models of addition share their problems: they are drawn once.
    assert sum(cell.drawn for cell in found) == (160 if quick else 2 * 2050 + 160)


def test_an_edited_score_is_found(run: Path) -> None:
    edit_table(home(run, "majority") / "scores.parquet", put("within-5", 7, 1.0))
    found = check(run, quick=True)
    assert any("score within-5 of problem 8, " in line and "expected 0, found 1" in line for line in found)
    assert all(line.startswith("arithmetic-addition-majority-seed0-") for line in found)
    assert any("within-5 of problem 8: expected at most within-10, found 1" in line for line in found)


def test_every_score_of_every_metric_is_compared(run: Path) -> None:
    path = home(run) / "scores.parquet"
    table = pq.read_table(path)
    names = table.column_names[4:]
    for row, name in enumerate(names):
        value = table[name][row].as_py()
        table = put(name, row, 0.5 if value is None or value != value else value + 0.25)(table)
    pq.write_table(table, path)
    found = check(run, quick=True)
    for row, name in enumerate(names):
        assert any(f"score {name} of problem {row + 1}, " in line for line in found), name


def test_a_likelihood_that_was_edited_is_found(made: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(made, tmp_path / "run", ignore=shutil.ignore_patterns("arithmetic-*")))
    folder = home(run, "ngrams")
    nats = pq.read_table(folder / "predictions.parquet")["log_likelihood"][3].as_py()
    assert nats < 0
    edit_table(folder / "predictions.parquet", put("log_likelihood", 3, nats / 2))
    (line,) = check(run, quick=True)
    assert "score nats of problem 4, first name" in line


def test_an_edited_prediction_is_found(run: Path) -> None:
    folder = home(run)
    told = pq.read_table(folder / "predictions.parquet")
    wrong = next(row for row, outcome in enumerate(told["outcome"].to_pylist()) if outcome == "wrong")
    edit_table(folder / "predictions.parquet", put("prediction", wrong, told["answer"][wrong].as_py()))
    found = check(run, quick=True)
    assert any("outcome of problem" in line and "expected right, found wrong" in line for line in found)
    assert any("score exact of problem" in line and "expected 1, found 0" in line for line in found)


def test_a_swapped_answer_is_found_and_nothing_else_is_blamed(run: Path) -> None:
    path = home(run) / "predictions.parquet"
    answers = pq.read_table(path)["answer"].to_pylist()
    edit_table(path, put("answer", 0, answers[1]))
    edit_table(path, put("answer", 1, answers[0]))
    (line,) = check(run, quick=True)
    assert f"answer of problem 1 and 1 more: expected {answers[0]}, found {answers[1]}" in line


def test_an_answer_and_its_scores_and_its_digest_edited_together_are_found(run: Path) -> None:
    """Whoever scores a false answer consistently still cannot draw it."""
    folder = home(run, "majority")
    told = pq.read_table(folder / "predictions.parquet")
    edit_table(folder / "predictions.parquet", put("answer", 5, told["prediction"][5].as_py()))
    edit_table(folder / "predictions.parquet", put("outcome", 5, "right"))
    for name in ("exact", "within-0.1", "within-1", "within-2", "within-5", "within-10", "within-order"):
        table = pq.read_table(folder / "scores.parquet")
        if table[name][5].as_py() != 1:
            pq.write_table(put(name, 5, 1.0)(table), folder / "scores.parquet")
    found = check(run, quick=True)
    assert any("answer of problem 6" in line for line in found)
    assert any("score exact of problem 6" in line and "expected 0, found 1" in line for line in found)


@pytest.mark.parametrize(
    ("column", "value", "line"),
    [
        ("outcome", "right", "outcome of problem 3"),
        ("outcome", "unparsable", "coverage of problem 3: expected 1 where the prediction parses, else 0, found"),
        ("outcome", "nonsense", "outcome of problem 3"),
        ("question", "1+1", "question of problem 3"),
        ("key", 17, "column key: expected the same in predictions and scores, found another"),
        ("beyond", True, "column beyond: expected the same in predictions and scores, found another"),
        ("trait.digits", 99, "trait.digits of problem 3"),
    ],
)
def test_an_edited_column_of_the_predictions_is_found(run: Path, column: str, value: Any, line: str) -> None:
    path = home(run, "majority") / "predictions.parquet"
    if column not in pq.read_schema(path).names:
        column = next(name for name in pq.read_schema(path).names if name.startswith("trait."))
        line = f"{column} of problem 3"
    edit_table(path, put(column, 2, value))
    found = check(run, quick=True)
    assert any(line in text for text in found), found


def test_problems_left_out_of_both_tables_are_missed(run: Path) -> None:
    for name in ("predictions.parquet", "scores.parquet"):
        edit_table(home(run) / name, lambda table: table.slice(0, 100))
    assert any("problems in predictions.parquet: expected 120, found 100" in line for line in check(run, quick=True))


@pytest.mark.parametrize("name", ["predictions.parquet", "scores.parquet", "curve.parquet"])
def test_a_truncated_or_missing_table_is_found(run: Path, name: str) -> None:
    path = home(run) / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (line,) = check(run, quick=True)
    assert line.endswith(f"files: expected tables that can be read, found {name} is torn or no Parquet file")
    path.unlink()
    assert check(run, quick=True)[0].endswith(f"found {name} is missing")


def test_a_table_with_damaged_pages_is_found(run: Path) -> None:
    path = home(run) / "scores.parquet"
    whole = bytearray(path.read_bytes())
    whole[20:400] = bytes(380)
    path.write_bytes(bytes(whole))
    assert check(run, quick=True)


SHA = "0" * 64
OF_TRAINING = {"data__train__sha256", "data__validation__rows", "proof__duplicates", "chance__exact"}
OF_TRAINING |= {"constant", "constant_beyond"}
"""What a quick look leaves out."""


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"tasks__0__version": 7}, "version of arithmetic/addition: expected 1, found 7"),
        ({"tasks__0__source": SHA}, "fields of cell.json: expected those of id "),
        ({"tasks__0__levels__0__chance": 0.5}, "chance of arithmetic/addition, level 2: expected None, found 0.5"),
        ({"tasks__0__levels__2__beyond": False}, "fields of cell.json: expected those of id "),
        ({"sizes__test": 39}, "fields of cell.json: expected those of id "),
        ({"sizes__train": 1_000_000}, "fields of cell.json: expected those of id "),
        ({"seed": 1}, "fields of cell.json: expected those of id "),
        ({"budget__steps": 10**6}, "fields of cell.json: expected those of id "),
        ({"model__label": "transformer"}, "fields of cell.json: expected those of id "),
        ({"model__shortcut": False}, "shortcut of the model: expected True, found False"),
        ({"model__kind": "network"}, "kind of the model: expected shortcut, found network"),
        ({"id": "0123456789ab"}, "found 0123456789ab"),
        ({"versions__enigmath": "9.9"}, "fields of cell.json: expected those of id "),
        ({"data__test__sha256": SHA}, f"found {SHA}"),
        ({"data__train__sha256": SHA}, f"found {SHA}"),
        ({"data__validation__rows": 51}, "data.validation.rows: expected 50, found 51"),
        ({"proof__duplicates": 0, "proof__train_distinct": 1}, "proof.train_distinct: expected "),
        ({"constant": 0.25}, "constant: expected "),
        ({"constant_beyond": 0.25}, "constant_beyond: expected "),
        ({"chance__exact": 0.25}, "chance: expected "),
        ({"status": "failed"}, "predictions.parquet: expected none in a failed cell, found a table"),
        ({"status": "done"}, "status: expected failed, found done"),
        ({"sizes": 3}, "cell.json: expected what a run writes, found other fields"),
        ({"tasks": []}, "cell.json: expected what a run writes, found other fields"),
        ({"data": 7}, "cell.json: expected what a run writes, found other fields"),
    ],
)
def test_an_edited_cell_json_is_found(run: Path, changes: dict[str, Any], line: str) -> None:
    edit_record(home(run), **changes)
    found = check(run, quick=not changes.keys() & OF_TRAINING)
    assert any(line in text for text in found), found


def test_a_forged_identity_does_not_help(run: Path) -> None:
    """The folder and the id that follow from other sizes and another version are self-consistent, and still untrue."""
    folder = home(run)
    edit_record(folder, sizes__train=4_000, tasks__0__version=2)
    record = json.loads((folder / "cell.json").read_text()) | {"id": ""}
    identity = _identity(record)
    edit_record(folder, id=identity)
    folder.rename(folder.with_name(f"{folder.name.rpartition('-')[0]}-{identity}"))
    found = check(run)
    assert not any("id" in line.split(": ")[1] for line in found), found
    assert any("version of arithmetic/addition: expected 1, found 2" in line for line in found)


def test_a_cell_json_that_is_torn_or_gone_is_found(run: Path) -> None:
    path = home(run) / "cell.json"
    path.write_bytes(path.read_bytes()[:100])
    (line,) = check(run, quick=True)
    assert "cell.json: expected what a run writes, found missing, torn or edited" in line
    path.unlink()
    assert len(check(run, quick=True)) == 1


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


def test_predictions_borrowed_from_another_model_are_found_by_asking_it_again(run: Path) -> None:
    assert not any(cell.untrue or cell.notes for cell in verify_run(run, predict=True))
    for name in ("predictions.parquet", "scores.parquet"):
        shutil.copy(home(run) / name, home(run, "majority") / name)
    assert check(run) == []
    (checked,) = (cell for cell in verify_run(run, predict=True) if cell.untrue)
    ((_, what, expected, found),) = checked.untrue
    assert what.startswith("prediction of problem 1, ")
    assert found == pq.read_table(home(run) / "predictions.parquet")["prediction"][0].as_py() != expected


def test_a_model_that_cannot_be_asked_again_as_it_was_is_noted(run: Path) -> None:
    (found, *_) = verify_run(run, quick=True, predict=True)
    assert found.notes == ["its model was not asked again: it keeps no weights, and its data were not drawn again"]
    folder = home(run)
    edit_record(folder, hardware__cpu="another")
    told = pq.read_table(folder / "predictions.parquet")
    edit_table(folder / "predictions.parquet", put("prediction", 0, "x" + str(told["prediction"][0])))
    (checked,) = (cell for cell in verify_run(run, predict=True) if cell.notes)
    assert checked.notes == ["its model answers 1 of 120 otherwise here: another cpu"]


def test_the_command_ends_with_what_was_found(run: Path) -> None:
    done = CliRunner().invoke(app, ["verify", str(run)])
    assert done.exit_code == 0, done.output
    assert "is true: 2 finished cells; 2,170 problems drawn again, 240 predictions judged again" in done.output
    edit_table(home(run, "majority") / "scores.parquet", put("exact", 0, 1.0))
    done = CliRunner().invoke(app, ["verify", str(run), "--quick"])
    assert done.exit_code == 1
    assert "arithmetic-addition-majority-seed0-" in done.output.splitlines()[0]
    assert "expected 0, found 1" in done.output
    assert "is not true: 3 untrue things in 1 of 2 cells (" in done.output


def test_an_edited_leaderboard_is_found(run: Path) -> None:
    board = run / "report" / "leaderboard.csv"
    board.parent.mkdir()
    text = to_csv(load(run).leaderboard)
    board.write_text(text)
    assert CliRunner().invoke(app, ["verify", str(run), "--quick"]).exit_code == 0
    rows = text.splitlines(keepends=True)
    header = rows[0].strip().split(",")
    cells = rows[1].split(",")
    cells[header.index("exact")] = "0.99"
    board.write_text("".join([rows[0], ",".join(cells), *rows[2:-1]]))
    done = CliRunner().invoke(app, ["verify", str(run), "--quick"])
    assert done.exit_code == 1
    assert "report/leaderboard.csv: exact of arithmetic/addition, trained, " in done.output
    assert "found 0.99" in done.output
    assert "report/leaderboard.csv: row of " in done.output


def test_what_is_no_run_is_the_users_mistake_and_an_empty_run_is_told(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "gone", "no such folder"), (tmp_path, "is not a run")):
        done = CliRunner().invoke(app, ["verify", str(path)])
        assert isinstance(done.exception, UserError)
        assert message in str(done.exception)
    (tmp_path / "cells").mkdir()
    done = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert done.exit_code == 0
    assert "no cell has finished, so nothing was checked" in done.output


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
