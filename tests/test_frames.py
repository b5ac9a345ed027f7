"""A run as frames: every cell and problem once, bad input told in one line, never a traceback."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import store_samples as samples

import enigmath.reports
from enigmath.bench.contracts import UserError
from enigmath.reports.leaderboard import leaderboard
from enigmath.reports.text import clipped, spreadsheet, visible

SMALL = {"tasks": samples.TASKS[:1] + samples.TASKS[3:4], "models": samples.MODELS[::3], "seeds": 2, "rows": 50}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return samples.write_run(tmp_path / "run", **SMALL, failed=[("nearest-edit", "arithmetic/comparison")])


def cell_of(run: Path, title: str, label: str, seed: int) -> Path:
    """The folder of one cell."""
    for path in run.glob("cells/*/cell.json"):
        record = json.loads(path.read_text())
        if (record["title"], record["model"]["label"], record["seed"]) == (title, label, seed):
            return path.parent
    raise AssertionError(f"no such cell: {title}, {label}, {seed}")


def edit(cell: Path, **changes: object) -> None:
    """Change fields of a cell.json."""
    record = json.loads((cell / "cell.json").read_text())
    (cell / "cell.json").write_text(json.dumps(record | changes))


def test_the_package_imports_nothing_heavy() -> None:
    code = "import sys, enigmath.reports; print([n for n in ('pandas', 'torch', 'jinja2', 'rich') if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_reading_and_writing_a_report_needs_no_torch(run: Path) -> None:
    code = f"import sys, enigmath.reports as r; r.write_report({str(run)!r}); print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_every_cell_stands_once_failed_ones_too(run: Path) -> None:
    cells = enigmath.reports.load(run).cells
    assert len(cells) == 2 * 3 * 2
    assert cells["id"].is_unique
    assert cells.groupby("status").size().to_dict() == {"finished": 10, "failed": 2}
    failed = cells[cells["status"] == "failed"]
    assert set(failed["error"]) == {"RuntimeError: out of memory"}
    assert set(failed["n"]) == {0}


def test_every_test_problem_stands_once_with_texts_traits_and_metrics(run: Path) -> None:
    loaded = enigmath.reports.load(run)
    problems = loaded.problems
    assert len(problems) == 10 * 50 == len(loaded.scores)
    assert not problems.duplicated(["cell", "task", "level", "key"]).any()
    assert {"question", "answer", "prediction", "outcome", "trait.operators", "trait.digits", "exact"} <= set(problems)
    one = cell_of(run, "arithmetic/addition", "mlp", 1)
    told = pq.read_table(one / "predictions.parquet").to_pandas()
    mine = problems[
        (problems["title"] == "arithmetic/addition") & (problems["label"] == "mlp") & (problems["seed"] == 1)
    ]
    pd.testing.assert_series_equal(
        mine["prediction"].reset_index(drop=True), told["prediction"], check_dtype=False, check_names=False
    )
    assert (mine["exact"].to_numpy() == (mine["prediction"] == mine["answer"]).to_numpy()).all()


def test_curves_are_those_of_models_that_learn_by_steps(run: Path) -> None:
    curves = enigmath.reports.load(run).curves
    assert set(curves["label"]) == {"transformer reversed", "mlp"}
    assert {"step", "seconds", "loss", "validation_exact"} <= set(curves)


def test_a_trait_with_two_types_becomes_text(run: Path) -> None:
    for path in run.glob("cells/arithmetic-comparison*/predictions.parquet"):
        table = pq.read_table(path)
        place = table.column_names.index("trait.digits")
        pq.write_table(table.set_column(place, "trait.digits", table["trait.digits"].cast(pa.string())), path)
    assert set(enigmath.reports.load(run).problems["trait.digits"]) == {"1", "2", "3", "5", "8"}


def test_tasks_come_in_the_order_of_the_suite(run: Path) -> None:
    assert enigmath.reports.load(run).titles == ("arithmetic/addition", "arithmetic/comparison")
    (run / "suite.toml").write_text(
        '[[tasks]]\nname = "arithmetic/comparison"\n[[tasks]]\nname = "arithmetic/addition"\n'
    )
    loaded = enigmath.reports.load(run)
    assert loaded.titles == ("arithmetic/comparison", "arithmetic/addition")
    assert list(loaded.cells["title"].unique()) == list(loaded.titles)


def test_the_newest_variant_under_a_label_is_shown_and_never_pooled_with_an_earlier_one(run: Path) -> None:
    cell = cell_of(run, "arithmetic/addition", "mlp", 0)
    record = json.loads((cell / "cell.json").read_text())
    edit(cell, model=record["model"] | {"config": {"width": 128}}, began="2030-01-01T00:00:00+00:00")
    loaded = enigmath.reports.load(run)
    shown = loaded.cells[(loaded.cells["title"] == "arithmetic/addition") & (loaded.cells["label"] == "mlp")]
    assert shown["config.width"].to_list() == [128]
    assert "mlp on arithmetic/addition: 1 cells of an earlier config, source, size or budget left out" in loaded.notes


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("predictions.parquet", "predictions.parquet is torn or no Parquet file"),
        ("scores.parquet", "scores.parquet is torn or no Parquet file"),
        ("curve.parquet", "curve.parquet is torn or no Parquet file"),
    ],
)
def test_a_truncated_table_makes_its_cell_failed_and_the_others_stand(run: Path, name: str, reason: str) -> None:
    path = cell_of(run, "arithmetic/addition", "mlp", 0) / name
    path.write_bytes(path.read_bytes()[:-20])
    loaded = enigmath.reports.load(run)
    assert any(reason in note for note in loaded.notes)
    assert (loaded.cells["status"] == "failed").sum() == 3
    assert len(loaded.problems) == 9 * 50


def test_a_missing_table_and_tables_of_different_length_are_told(run: Path) -> None:
    (cell_of(run, "arithmetic/addition", "mlp", 0) / "scores.parquet").unlink()
    path = cell_of(run, "arithmetic/addition", "mlp", 1) / "scores.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    notes = " ".join(enigmath.reports.load(run).notes)
    assert "scores.parquet is missing" in notes
    assert "differ in length" in notes


def test_pages_damaged_inside_a_table_are_one_clear_line(run: Path) -> None:
    path = cell_of(run, "arithmetic/addition", "mlp", 0) / "scores.parquet"
    content = bytearray(path.read_bytes())
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[4:end] = bytes(end - 4)
    path.write_bytes(bytes(content))
    with pytest.raises(UserError, match="is damaged") as caught:
        _ = enigmath.reports.load(run).scores
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a cell's"),
        (b'{"format": 1', "not a cell's"),
        (b'{"format": 2}', "newer Enigmath"),
        (b'{"format": 1, "id": 7}', "not a cell's"),
        (b"[1, 2]", "not a cell's"),
        (b"\xff\xfe", "not a cell's"),
        (b"[" * 100_000, "not a cell's"),
    ],
)
def test_a_bad_record_is_left_out_with_a_note(run: Path, content: bytes, reason: str) -> None:
    (cell_of(run, "arithmetic/addition", "mlp", 0) / "cell.json").write_bytes(content)
    loaded = enigmath.reports.load(run)
    assert len(loaded.cells) == 11
    assert len(loaded.notes) == 1
    assert reason in loaded.notes[0]


def test_a_foreign_folder_and_no_folder_are_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    for name, reason in (("foreign", "is not a run"), ("absent", "no such folder")):
        with pytest.raises(UserError, match=reason) as caught:
            enigmath.reports.load(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_an_empty_run_and_a_run_of_failures_give_empty_frames(tmp_path: Path, run: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "suite.toml").write_text("")
    for path in run.glob("cells/*/*.parquet"):
        path.unlink()
    for folder in (tmp_path / "empty", run):
        loaded = enigmath.reports.load(folder)
        assert loaded.problems.empty
        assert loaded.curves.empty
        assert {"cell", "task", "key", "prediction", "outcome"} <= set(loaded.problems)
        assert leaderboard(loaded)["n"].sum() == 0


def test_a_cell_that_is_being_written_aside_is_not_read(run: Path) -> None:
    cell = cell_of(run, "arithmetic/addition", "mlp", 0)
    shutil.copytree(cell, cell.parent / f".{cell.name}.aside")
    (cell.parent / ".locks").mkdir()
    loaded = enigmath.reports.load(run)
    assert (len(loaded.cells), loaded.notes) == (12, ())


def test_texts_are_made_visible_bounded_and_inert() -> None:
    assert visible("\x1b]0;title\x07\u202e\ud800\r\n") == "\\x1b]0;title\\x07\\u202e\\ud800\\r\\n"
    assert visible("π ≈ 3,14 – 日本") == "π ≈ 3,14 – 日本"
    assert clipped("x" * 1_000_000) == "x" * 300 + " … (1,000,000 characters)"
    for risky in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\n=1"):
        assert spreadsheet(risky).startswith("'")
        assert "\t" not in spreadsheet(risky)
    assert spreadsheet("") == ""
    assert spreadsheet("nearest-aligned") == "nearest-aligned"


def copied(run: Path, name: str) -> Path:
    """Another run with the same cells."""
    shutil.copytree(run, run.parent / name)
    return run.parent / name


def test_a_cell_that_two_runs_hold_counts_once_and_new_cells_join(run: Path) -> None:
    other = copied(run, "other")
    for path in other.glob("cells/*/cell.json"):
        record = json.loads(path.read_text())
        if record["model"]["label"] == "mlp":
            path.write_text(
                json.dumps(record | {"model": record["model"] | {"label": "fresh"}, "id": f"x{record['id']}"})
            )
    alone, both = enigmath.reports.load(run), enigmath.reports.load(run, other)
    assert len(both.cells) == len(alone.cells) + 4
    assert both.cells["id"].is_unique
    assert set(both.cells["label"]) == {*alone.cells["label"], "fresh"}
    board = leaderboard(both)
    old = board[board["label"] != "fresh"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        old[["label", "n", "seeds", "exact"]], leaderboard(alone)[["label", "n", "seeds", "exact"]]
    )
    fresh, mlp = (board.loc[board["label"] == label, "exact"].to_list() for label in ("fresh", "mlp"))
    assert fresh == mlp


def test_a_finished_cell_of_one_run_replaces_the_failed_one_of_the_other(run: Path) -> None:
    other = copied(run, "other")
    edit(cell_of(other, "arithmetic/addition", "mlp", 0), status="failed", error="RuntimeError: lost")
    for order in ((run, other), (other, run)):
        cells = enigmath.reports.load(*order).cells
        assert cells.groupby("status").size().to_dict() == {"finished": 10, "failed": 2}


def test_models_of_one_label_that_differ_are_labelled_apart(run: Path) -> None:
    other = copied(run, "other")
    for seed in (0, 1):
        cell = cell_of(other, "arithmetic/addition", "mlp", seed)
        record = json.loads((cell / "cell.json").read_text())
        edit(cell, id=f"x{record['id']}", budget={"steps": 9_000, "examples": None, "seconds": None})
    cells = enigmath.reports.load(run, other).cells
    assert set(cells.loc[cells["model"] == "mlp", "label"]) == {"mlp (run)", "mlp (other)"}
    assert "transformer reversed" in set(cells["label"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 2}, "version 1 in the one, of version 2"),
        ({"source": "f" * 16}, "different sources"),
        ({"levels": [{"number": 1, "name": "digits=9"}]}, "level 1 is digits=1 in the one, digits=9"),
    ],
)
def test_runs_that_ask_different_things_under_one_title_are_refused(
    run: Path, change: dict[str, object], reason: str
) -> None:
    other = copied(run, "other")
    for path in other.glob("cells/arithmetic-addition-*/cell.json"):
        record = json.loads(path.read_text())
        path.write_text(json.dumps(record | {"id": f"x{record['id']}", "tasks": [record["tasks"][0] | change]}))
    with pytest.raises(UserError, match="cannot be merged: arithmetic/addition") as caught:
        enigmath.reports.load(run, other)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
