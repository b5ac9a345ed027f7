"""Probes are asked by a suite and by the command: of whom, what lands, what is told, and what bad input gets."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from test_cli import in_process

from enigmath.bench.session import plan
from enigmath.reports import load

SUITE = """
name = "probed"
train = 2_000
validation = 50
test = 100
seeds = [0, 1]

[[tasks]]
name = "arithmetic/addition"
levels = [2, 3]

[[models]]
name = "nearest-aligned"

[[models]]
name = "majority"

[[probes]]
name = "neighbours"
models = ["nearest-aligned"]

[[probes]]
name = "beyond-shortcut"
"""

MINE = '''
from enigmath.bench.contracts import probe
from enigmath.bench.probes import findings, number


@probe("sizes")
def sizes(subject):
    """How many test problems there are."""
    return findings([number("problems", subject.told.num_rows, n=subject.told.num_rows)])


@probe("raises")
def raises(subject):
    """Nothing."""
    raise ZeroDivisionError("\\x1b[31mno")


@probe("nonsense")
def nonsense(subject):
    """Nothing of use."""
    return 7
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite, a file of probes, and the run of the suite."""
    made = tmp_path_factory.mktemp("probing")
    (made / "probed.toml").write_text(SUITE)
    (made / "mine.py").write_text(MINE)
    done = in_process("run", "probed.toml", "--workers", "1", "--out", "run", cwd=made)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "looks up (2): neighbours, beyond-shortcut" in " ".join(done.stdout.split())
    return made


def landed(folder: Path) -> dict[str, int]:
    """The files of findings by model, seed and probe, and when each was written."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in (folder / "run/probes").rglob("*")}


def test_a_suite_asks_the_cells_that_it_names_of_the_smallest_seed(folder: Path) -> None:
    found = load(folder / "run").probes
    asked = set(found[["label", "probe", "seed"]].itertuples(index=False, name=None))
    assert {("nearest-aligned", "neighbours", 0), ("nearest-aligned", "beyond-shortcut", 0)} <= asked
    assert ("majority", "neighbours", 0) not in asked
    assert {seed for _, _, seed in asked} == {0}
    nearest = found[(found["label"] == "nearest-aligned") & (found["probe"] == "neighbours")]
    assert "looks up" in set(nearest["says"])


def test_what_has_landed_is_left_as_it_is_and_a_torn_file_is_made_anew(folder: Path) -> None:
    before = landed(folder)
    words = ("probe", folder / "run", "--probe", "neighbours", "--model", "nearest-aligned")
    assert in_process(*words).returncode == 0
    assert landed(folder) == before
    (torn,) = (folder / "run/probes").glob("*nearest-aligned-seed0*/neighbours.parquet")
    torn.write_bytes(torn.read_bytes()[:100])
    assert any("torn" in note for note in load(folder / "run").notes)
    assert in_process(*words).returncode == 0
    assert pq.read_metadata(torn).num_rows
    assert not load(folder / "run").notes


def test_a_probe_of_ones_own_is_asked_and_one_that_fails_is_told_while_others_go_on(folder: Path) -> None:
    mine = folder / "mine.py"
    words = [word for name in ("raises", "nonsense", "sizes") for word in ("--probe", f"{mine}:{name}")]
    done = in_process("probe", folder / "run", "--model", "majority", "--seed", "1", *words)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "raises: ZeroDivisionError: \\x1b[31mno" in said
    assert "\x1b" not in done.stdout
    assert "nonsense: probe 'nonsense': gives no column 'measure'" in said
    assert "3 probes" in said
    assert "2 failed" in said
    found = load(folder / "run").probes
    (row,) = found[found["probe"] == "sizes"].to_dict("records")
    assert (row["label"], row["seed"], row["value"]) == ("majority", 1, 200)


def test_findings_of_a_probe_of_ones_own_are_not_doubted(folder: Path) -> None:
    assert (
        in_process("probe", folder / "run", "--model", "majority", "--probe", f"{folder / 'mine.py'}:sizes").returncode
        == 0
    )
    run = load(folder / "run")
    assert "sizes" in set(run.probes["probe"])
    assert not run.notes


def test_a_probe_that_applies_to_no_model_is_one_clear_line(folder: Path) -> None:
    done = in_process("probe", folder / "run", "--probe", "hidden-states")
    assert done.returncode == 2
    assert "--probe hidden-states: no model that is chosen is Inspectable; choose other models" in done.stderr


def test_a_torn_cell_is_told_and_not_probed(folder: Path, tmp_path: Path) -> None:
    run = shutil.copytree(folder / "run", tmp_path / "run")
    (torn,) = (run / "cells").glob("*majority-seed0*/predictions.parquet")
    torn.write_bytes(torn.read_bytes()[:100])
    done = in_process("probe", run, "--probe", "beyond-shortcut")
    assert done.returncode == 0
    assert f"Note: {torn.parent.name}: predictions.parquet is torn or no Parquet file; not probed" in done.stdout


def test_a_narrowed_suite_keeps_the_probes_of_what_is_left(folder: Path) -> None:
    suite = str(folder / "probed.toml")
    assert [spec.name for spec in plan(suite, models=["majority"]).suite.probes] == ["beyond-shortcut"]
    assert len(plan(suite, models=["nearest-aligned"]).suite.probes) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--probe", "neighbors"), "no probe 'neighbors'; did you mean 'neighbours'?"),
        (("--model", "majorty"), "no model 'majorty'; did you mean 'majority'?"),
        (("--task", "arithmetic/adition"), "no task 'arithmetic/adition'; did you mean 'arithmetic/addition'?"),
        (("--seed", "7"), "no seed '7'"),
        (("--probe", "mine.py"), "names a file alone"),
        (("--probe", "mine.py:size"), "no name 'size'; did you mean 'sizes'?"),
    ],
)
def test_a_wrong_name_is_one_clear_line(folder: Path, words: tuple[str, ...], told: str) -> None:
    done = in_process("probe", "run", *words, cwd=folder)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"neighbours"', '"neighbors"', "no probe 'neighbors'; did you mean 'neighbours'?"),
        ('models = ["nearest-aligned"]', 'models = ["nearest"]', "no model 'nearest'"),
        ('models = ["nearest-aligned"]', 'tasks = ["addition"]', "no task 'addition'"),
        ('models = ["nearest-aligned"]', 'labels = ["nearest-aligned"]', "no key 'labels'"),
    ],
)
def test_a_wrong_word_of_a_suite_is_told_before_anything_runs(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "wrong.toml").write_text(SUITE.replace(old, new))
    done = in_process("run", "wrong.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_is_no_run_is_one_clear_line(tmp_path: Path) -> None:
    done = in_process("probe", tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "is not a run" in done.stderr
