"""A fit that is killed goes on from its last checkpoint and ends with the same weights; a damaged one is told."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn
from training_samples import Table, copying, recipe

from enigmath.baselines.batches import Tokenized
from enigmath.baselines.training import train
from enigmath.bench.contracts import Budget, Fit
from enigmath.bench.runner import Place, run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import landed


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Noisy(Table):
    """It draws random numbers in training, as dropout does."""

    def forward(self, questions, answers):
        return nn.functional.dropout(super().forward(questions, answers), 0.2, self.training)


class Killed(Exception):
    pass


def fitted(path: Path | None, *, until: int | None = None, steps: int = 90, **changes) -> tuple[Noisy, Fit]:
    """Fit with a checkpoint after each step, killed at the first point of the curve from step `until` on."""

    def watch(point):
        if until is not None and point["step"] >= until:
            raise Killed

    torch.manual_seed(3)
    network = Noisy()
    budget = Budget(examples=32 * steps, watch=watch, checkpoint=path, checkpoint_seconds=0.0)
    fresh = tables if changes.pop("fresh", False) else None
    levels = torch.arange(500) % 3
    problems = copying(500)
    data = Tokenized(problems.questions, problems.answers, levels)
    return network, train(network, recipe(learning_rate=0.004, **changes), data, copying(100, 1), budget, 5, fresh)


def tables(first: int):
    """Fresh problems, 50 to a table."""
    while True:
        yield copying(50, 100 + first)
        first += 1


@pytest.mark.parametrize(
    "changes",
    [{}, {"average": 0.9, "schedule": "cosine"}, {"curriculum": 0.7}, {"fresh": True}],
    ids=["plain", "averaged", "curriculum", "fresh"],
)
def test_a_killed_fit_goes_on_and_ends_with_the_same_weights(changes, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("enigmath.baselines.checkpoints.SPARING", 0)
    whole, expected = fitted(None, **changes)
    path = tmp_path / "fit.safetensors"
    with pytest.raises(Killed):
        fitted(path, until=25, **changes)
    with pytest.raises(Killed):
        fitted(path, until=61, **changes)
    network, fit = fitted(path, **changes)
    assert fit.facts["resumed_at"] == 69  # the last step before the point at which it was killed
    assert torch.equal(network.logits.weight, whole.logits.weight)
    assert [{**point, "seconds": 0} for point in fit.curve] == [{**point, "seconds": 0} for point in expected.curve]
    assert fit.facts["best_step"] == expected.facts["best_step"]


@pytest.mark.parametrize("damage", ["truncated", "empty", "another seed", "another budget", "another network"])
def test_a_checkpoint_that_cannot_be_used_is_told_in_a_line_and_the_fit_begins_anew(damage, tmp_path, caplog) -> None:
    path = tmp_path / "fit.safetensors"
    with pytest.raises(Killed):
        fitted(path, until=30, steps=91 if damage == "another budget" else 90)
    whole = path.read_bytes()
    if damage in ("truncated", "empty"):
        path.write_bytes(whole[: len(whole) // 2 if damage == "truncated" else 0])
    seed = 6 if damage == "another seed" else 5
    torch.manual_seed(3)
    network, problems = Noisy(), copying(500)
    if damage == "another network":
        network.heads = 2  # no weight tells it
    budget = Budget(examples=32 * 90, checkpoint=path)
    data = Tokenized(problems.questions, problems.answers, torch.arange(500) % 3)
    fit = train(network, recipe(learning_rate=0.004), data, copying(100, 1), budget, seed)
    assert "resumed_at" not in fit.facts
    assert fit.facts["steps"] == 90
    (line,) = caplog.messages
    assert "is no checkpoint to go on from" in line
    assert line.endswith("; the fit begins anew")
    assert "\n" not in line


def test_a_checkpoint_holds_tensors_and_json_alone(tmp_path: Path) -> None:
    path = tmp_path / "fit.safetensors"
    with pytest.raises(Killed):
        fitted(path, until=30)
    tensors = load_file(path)
    assert {name.partition("/")[0] for name in tensors} == {"network", "optimizer", "best", "batches", "loss", "random"}
    assert tensors["random/cpu"].dtype == torch.uint8
    assert path.with_suffix(".aside").exists() is False
    with safe_open(path, framework="pt") as file:
        assert set(file.metadata()) == {"about"}


def test_a_disk_that_takes_no_checkpoint_does_not_end_the_fit(tmp_path: Path, caplog) -> None:
    (tmp_path / "file").write_text("in the way")
    _, fit = fitted(tmp_path / "file" / "fit.safetensors")
    assert fit.facts["steps"] == 90
    assert ["the fit goes on without" in line for line in caplog.messages] == [True]


SUITE = """
name = "killed"
train = 3_000
validation = 100
test = 100
budget = { steps = 250 }
tasks = [{ name = "arithmetic/addition", levels = [2] }]
models = [{ name = "mlp", config = { width = 32, check = 20 } }]
"""


def test_kill_nine_in_the_middle_of_a_run_then_again_ends_with_the_same_weights(tmp_path: Path) -> None:
    (tmp_path / "killed.toml").write_text(SUITE)
    _killed_in_the_fit(tmp_path, tmp_path / "again")
    (cell,) = plan(str(tmp_path / "killed.toml")).cells
    again, whole = (run_cell(cell, Place(tmp_path / name, tmp_path / "cache")) for name in ("again", "whole"))
    assert again["facts"]["resumed_at"] > 0
    assert "resumed_at" not in whole["facts"]
    weights = [load_file(tmp_path / name / "cells" / cell.name / "weights.safetensors") for name in ("again", "whole")]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
    assert list((tmp_path / "again" / "cells" / ".checkpoints").glob("*")) == []


def _killed_in_the_fit(folder: Path, run: Path) -> None:
    """Start a run and kill it, its workers dying with it, as soon as a checkpoint is there."""
    words = ["run", folder / "killed.toml", "--out", run, "--workers", "1", "--checkpoint", "0"]
    command = [sys.executable, "-c", "from enigmath.bench.cli import main; main()", *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    while not list((run / "cells" / ".checkpoints").glob("*.safetensors")):
        assert time.monotonic() < deadline
        assert process.poll() is None, "it ended before it kept a checkpoint"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert landed(run) == {}
