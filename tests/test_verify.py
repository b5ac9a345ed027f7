"""A stranger can tell whether a run is true: whatever is edited, swapped, cut or hidden is found and named."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from verified_runs import check, edit_record, edit_table, home, put

from enigmath.bench.checked import Checked
from enigmath.bench.verify import _identity, verify_run


@pytest.mark.parametrize("quick", [False, True])
def test_an_untouched_run_is_true_and_all_of_it_was_looked_at(verified: Path, quick: bool) -> None:
    found: list[Checked] = list(verify_run(verified, quick=quick))
    assert [line for cell in found for line in cell.untrue] == []
    assert [note for cell in found for note in cell.notes] == []
    assert [cell.status for cell in found] == ["finished"] * 3
    assert sum(cell.predictions for cell in found) == 2 * 120 + 40
    columns = len(pq.read_schema(home(verified) / "scores.parquet").names) - 4
    assert sum(cell.scores for cell in found) == (2 * 120 + 40) * columns
    # The two models of addition share their problems: they are drawn once.
    assert sum(cell.drawn for cell in found) == (160 if quick else 2 * 2050 + 160)


def test_an_edited_score_is_found(edited_run: Path) -> None:
    edit_table(home(edited_run, "majority") / "scores.parquet", put("within-5", 7, 1.0))
    found = check(edited_run, quick=True)
    assert any("score within-5 of problem 8, " in line and "expected 0, found 1" in line for line in found)
    assert all(line.startswith("arithmetic-addition-majority-seed0-") for line in found)
    assert any("within-5 of problem 8: expected at most within-10, found 1" in line for line in found)


def test_every_score_of_every_metric_is_compared(edited_run: Path) -> None:
    path = home(edited_run) / "scores.parquet"
    table = pq.read_table(path)
    names = table.column_names[4:]
    for row, name in enumerate(names):
        value = table[name][row].as_py()
        table = put(name, row, 0.5 if value is None or value != value else value + 0.25)(table)
    pq.write_table(table, path)
    found = check(edited_run, quick=True)
    for row, name in enumerate(names):
        assert any(f"score {name} of problem {row + 1}, " in line for line in found), name


def test_a_likelihood_that_was_edited_is_found(verified: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(verified, tmp_path / "run", ignore=shutil.ignore_patterns("arithmetic-*")))
    folder = home(run, "ngrams")
    nats = pq.read_table(folder / "predictions.parquet")["log_likelihood"][3].as_py()
    assert nats < 0
    edit_table(folder / "predictions.parquet", put("log_likelihood", 3, nats / 2))
    (line,) = check(run, quick=True)
    assert "score nats of problem 4, first name" in line


def test_an_edited_prediction_is_found(edited_run: Path) -> None:
    folder = home(edited_run)
    told = pq.read_table(folder / "predictions.parquet")
    wrong = next(row for row, outcome in enumerate(told["outcome"].to_pylist()) if outcome == "wrong")
    edit_table(folder / "predictions.parquet", put("prediction", wrong, told["answer"][wrong].as_py()))
    found = check(edited_run, quick=True)
    assert any("outcome of problem" in line and "expected right, found wrong" in line for line in found)
    assert any("score exact of problem" in line and "expected 1, found 0" in line for line in found)


def test_a_swapped_answer_is_found_and_nothing_else_is_blamed(edited_run: Path) -> None:
    path = home(edited_run) / "predictions.parquet"
    answers = pq.read_table(path)["answer"].to_pylist()
    edit_table(path, put("answer", 0, answers[1]))
    edit_table(path, put("answer", 1, answers[0]))
    (line,) = check(edited_run, quick=True)
    assert f"answer of problem 1 and 1 more: expected {answers[0]}, found {answers[1]}" in line


def test_an_answer_and_its_scores_and_its_digest_edited_together_are_found(edited_run: Path) -> None:
    """Whoever scores a false answer consistently still cannot draw it."""
    folder = home(edited_run, "majority")
    told = pq.read_table(folder / "predictions.parquet")
    edit_table(folder / "predictions.parquet", put("answer", 5, told["prediction"][5].as_py()))
    edit_table(folder / "predictions.parquet", put("outcome", 5, "right"))
    for name in ("exact", "within-0.1", "within-1", "within-2", "within-5", "within-10", "within-order"):
        table = pq.read_table(folder / "scores.parquet")
        if table[name][5].as_py() != 1:
            pq.write_table(put(name, 5, 1.0)(table), folder / "scores.parquet")
    found = check(edited_run, quick=True)
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
def test_an_edited_column_of_the_predictions_is_found(edited_run: Path, column: str, value: Any, line: str) -> None:
    path = home(edited_run, "majority") / "predictions.parquet"
    if column not in pq.read_schema(path).names:
        column = next(name for name in pq.read_schema(path).names if name.startswith("trait."))
        line = f"{column} of problem 3"
    edit_table(path, put(column, 2, value))
    found = check(edited_run, quick=True)
    assert any(line in text for text in found), found


def test_problems_left_out_of_both_tables_are_missed(edited_run: Path) -> None:
    for name in ("predictions.parquet", "scores.parquet"):
        edit_table(home(edited_run) / name, lambda table: table.slice(0, 100))
    assert any(
        "problems in predictions.parquet: expected 120, found 100" in line for line in check(edited_run, quick=True)
    )


@pytest.mark.parametrize("name", ["predictions.parquet", "scores.parquet", "curve.parquet"])
def test_a_truncated_or_missing_table_is_found(edited_run: Path, name: str) -> None:
    path = home(edited_run) / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (line,) = check(edited_run, quick=True)
    assert line.endswith(f"files: expected tables that can be read, found {name} is torn or no Parquet file")
    path.unlink()
    assert check(edited_run, quick=True)[0].endswith(f"found {name} is missing")


def test_a_table_with_damaged_pages_is_found(edited_run: Path) -> None:
    path = home(edited_run) / "scores.parquet"
    whole = bytearray(path.read_bytes())
    whole[20:400] = bytes(380)
    path.write_bytes(bytes(whole))
    assert check(edited_run, quick=True)


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
def test_an_edited_cell_json_is_found(edited_run: Path, changes: dict[str, Any], line: str) -> None:
    edit_record(home(edited_run), **changes)
    found = check(edited_run, quick=not changes.keys() & OF_TRAINING)
    assert any(line in text for text in found), found


def test_a_forged_identity_does_not_help(edited_run: Path) -> None:
    """The folder and the id that follow from other sizes and another version are self-consistent, and still untrue."""
    folder = home(edited_run)
    edit_record(folder, sizes__train=4_000, tasks__0__version=2)
    record = json.loads((folder / "cell.json").read_text()) | {"id": ""}
    identity = _identity(record)
    edit_record(folder, id=identity)
    folder.rename(folder.with_name(f"{folder.name.rpartition('-')[0]}-{identity}"))
    found = check(edited_run)
    assert not any("id" in line.split(": ")[1] for line in found), found
    assert any("version of arithmetic/addition: expected 1, found 2" in line for line in found)


def test_a_cell_json_that_is_torn_or_gone_is_found(edited_run: Path) -> None:
    path = home(edited_run) / "cell.json"
    path.write_bytes(path.read_bytes()[:100])
    (line,) = check(edited_run, quick=True)
    assert "cell.json: expected what a run writes, found missing, torn or edited" in line
    path.unlink()
    assert len(check(edited_run, quick=True)) == 1
