"""Tracking: what is logged is what the store holds, it changes no result, and whoever lacks the package is told."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_cli import enigmath, in_process
from toys import MODELS, SUITE, TASKS

from enigmath.bench.contracts.registry import find_tracker
from enigmath.bench.place import Place
from enigmath.bench.runner import run_cell
from enigmath.bench.session import Session, plan
from enigmath.bench.tracking import by_level, by_trait, tracked

pytest.importorskip("tensorboard", reason="tensorboard is not installed: pip install 'enigmath[track]'")

NETWORK = """
[[models]]
name = "mlp"
config = { width = 16 }

[budget]
steps = 60
"""


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard itself reads in a folder: steps and values by tag."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(folder)).Reload()
    return {tag: [(event.step, event.value) for event in read.Scalars(tag)] for tag in read.Tags()["scalars"]}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path, Path]:
    """The same cell of a network, run with a tracker and without, and where each landed."""
    folder = tmp_path_factory.mktemp("tracking")
    (folder / "models.py").write_text(MODELS)
    (folder / "tasks.py").write_text(TASKS)
    (folder / "toy.toml").write_text(SUITE + NETWORK)
    session = plan(str(folder / "toy.toml"), out=folder / "run")
    (cell,) = session.cells
    for run, track in ((folder / "run", ("tensorboard",)), (folder / "plain", ())):
        (run / "cells").mkdir(parents=True)
        assert run_cell(cell, Place(run, folder / "cache", track=track))["status"] == "finished"
    return session, folder / "run" / "cells" / cell.name, folder / "plain" / "cells" / cell.name


def test_the_same_weights_and_predictions_come_with_a_tracker_and_without(twice: tuple[Session, Path, Path]) -> None:
    _, tracked_cell, plain_cell = twice
    assert tracked_cell.name == plain_cell.name
    for name in ("weights.safetensors", "predictions.parquet", "scores.parquet"):
        assert (tracked_cell / name).read_bytes() == (plain_cell / name).read_bytes()
    assert not (plain_cell.parents[1] / "tensorboard").exists()


def test_what_tensorboard_reads_is_what_the_store_holds(twice: tuple[Session, Path, Path]) -> None:
    _, cell, _ = twice
    read = scalars(cell.parents[1] / "tensorboard" / cell.name)
    curve = pq.read_table(cell / "curve.parquet").to_pandas()
    for name in ("loss", "validation_exact", "learning_rate"):
        steps, values = zip(*read[f"fit/{name}"], strict=True)
        assert steps == tuple(curve["step"])
        np.testing.assert_allclose(values, curve[name], rtol=1e-6)
    examples = np.diff(curve["examples"], prepend=0) / np.diff(curve["seconds"], prepend=0)
    np.testing.assert_allclose([value for _, value in read["fit/examples a second"]], examples, rtol=1e-5)
    scores = pq.read_table(cell / "scores.parquet").to_pandas()
    for name in ("exact", "within-10", "coverage"):
        means = scores.groupby("level")[name].mean()
        steps, values = zip(*read[f"levels/toy/sum/{name}"], strict=True)
        assert steps == (1, 2, 3)
        np.testing.assert_allclose(values, means, rtol=1e-6)
    told = pq.read_table(cell / "predictions.parquet").to_pandas()
    trained = scores["exact"][~told["beyond"]].groupby(told["trait.digits"]).mean()
    assert len(trained) > 1
    for digits, share in trained.items():
        assert read[f"digits/toy/sum/{digits}"] == [(curve["step"].iloc[-1], pytest.approx(share))]


def test_tags_are_those_of_metrics_that_apply_and_of_trained_levels() -> None:
    scores = pa.table(
        {
            "task": ["a/b"] * 4 + ["c/d"] * 2,
            "level": [1, 1, 2, 2, 1, 1],
            "beyond": [False, False, True, True, False, False],
            "exact": [1.0, 0.0, 0.0, 0.0, 1.0, 1.0],
            "bits": [0.5, float("nan"), 0.25, 0.75, float("nan"), float("nan")],
            "order": [1.0] * 6,
        }
    )
    assert list(by_level(scores)) == [
        (1, {"levels/a/b/exact": 0.5, "levels/a/b/bits": 0.5}),
        (2, {"levels/a/b/exact": 0.0, "levels/a/b/bits": 0.5}),
        (1, {"levels/c/d/exact": 1.0}),
    ]
    traits = pa.table({"trait.operators": ["+", "-", "+", "*", None, None], "trait.same": [1, 1, 1, 1, 2, 2]})
    assert by_trait(scores, traits) == {"operators/a/b/+": 1.0, "operators/a/b/-": 0.0}
    assert by_trait(scores, traits.select([])) == {}


def test_a_cell_that_goes_on_after_a_kill_has_one_curve(tmp_path: Path) -> None:
    for attempt, steps in enumerate((range(1, 6), range(4, 8))):
        with tracked(tmp_path, "cell", ["tensorboard"]) as log:
            for step in steps:
                log.point({"step": step, "loss": attempt})
    read = scalars(tmp_path / "tensorboard" / "cell")
    assert read["fit/loss"] == [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1), (6, 1), (7, 1)]


def test_every_record_lies_on_the_disk_at_once(tmp_path: Path) -> None:
    with tracked(tmp_path, "cell", ["tensorboard"]) as log:
        log.point({"step": 1, "loss": 0.5})
        assert scalars(tmp_path / "tensorboard" / "cell")["fit/loss"] == [(1, 0.5)]


def test_odd_values_and_names_are_logged_and_harm_nothing(tmp_path: Path) -> None:
    with tracked(tmp_path, "cell", ["tensorboard"]) as log:
        log.point({"step": 1, "loss": float("inf"), "\x1b[31m" + "x" * 500: 1e300})
        log.point({"step": 2, "loss": 0.25})
        assert list(log.writers) == ["tensorboard"]
    read = scalars(tmp_path / "tensorboard" / "cell")
    assert read.pop("fit/loss") == [(1, float("inf")), (2, 0.25)]
    (odd,) = read
    assert odd.startswith("fit/?[31mxxx")
    assert len(odd) == 200


def test_a_tracker_that_fails_is_told_and_its_cell_goes_on(
    twice: tuple[Session, Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session, cell, _ = twice
    run = tmp_path / "run"
    (run / "cells").mkdir(parents=True)
    (run / "tensorboard").write_text("no folder")
    assert run_cell(session.cells[0], Place(run, None, track=("tensorboard",)))["status"] == "finished"
    (said,) = caplog.messages
    assert said.startswith(f"tensorboard does not track {cell.name} any more: ")
    weights = (run / "cells" / cell.name / "weights.safetensors").read_bytes()
    assert weights == (cell / "weights.safetensors").read_bytes()


def test_a_run_logs_every_cell_from_its_workers(toy: Callable[..., Path], tmp_path: Path) -> None:
    path = toy("Calculator", "Broken")
    done = enigmath("run", path, "--track", "tensorboard", "--out", tmp_path / "run", "--workers", "1")
    assert done.returncode == 1
    assert "failed" in done.stdout
    logged = {folder.name: scalars(folder) for folder in (tmp_path / "run" / "tensorboard").iterdir()}
    assert set(logged) == {cell.name for cell in plan(str(path)).cells}
    told = {name.partition("-seed")[0]: read for name, read in logged.items()}
    assert told["toy-sum-calculator"]["levels/toy/sum/exact"] == [(1, 1.0), (2, 1.0), (3, 1.0)]
    assert told["toy-sum-broken"] == {}


def test_without_the_package_a_run_says_so_before_anything_runs(toy: Callable[..., Path], tmp_path: Path) -> None:
    path = toy("Calculator")
    program = "import sys; sys.modules['tensorboard'] = None; from enigmath.bench.cli import main; main()"
    words = ["run", str(path), "--track", "tensorboard", "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs the package tensorboard; pip install 'enigmath[track]'" in done.stderr
    assert not (tmp_path / "run").exists()


def test_an_unknown_tracker_is_one_clear_line(toy: Callable[..., Path], tmp_path: Path) -> None:
    done = in_process("run", toy("Calculator"), "--track", "tensorbord", "--out", tmp_path / "run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no tracker 'tensorbord'" in done.stderr
    assert "tensorboard" in done.stderr
    assert not (tmp_path / "run").exists()


def test_no_tracker_is_imported_where_none_is_asked_for() -> None:
    code = "import enigmath.bench.session, sys; print([name for name in sys.modules if 'tensorboard' in name])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    assert callable(find_tracker("tensorboard"))
