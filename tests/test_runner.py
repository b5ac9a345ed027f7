"""A cell lands whole, with all that made it, or as failed with its traceback; a finished one is never done twice."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from enigmath.bench.cell import Cell, from_record
from enigmath.bench.contracts import Budget, UserError
from enigmath.bench.data import digest
from enigmath.bench.runner import Place, datasets, predict, revive, run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import landed, open_run


@pytest.fixture
def run_toy(toy, tmp_path: Path):
    """Run the toy suite's cells one after another, here, and give the run's folder."""

    def run(*models: str, extra: str = "", head: str = "") -> Path:
        session = plan(str(toy(*models, extra=extra, head=head)), out=tmp_path / "run")
        open_run(session.run, session.path.read_text())
        for cell in session.cells:
            run_cell(cell, Place(session.run, tmp_path / "cache"))
        return session.run

    return run


def records(run: Path) -> dict[str, dict[str, Any]]:
    return {cell.record["model"]["label"]: cell.record for cell in landed(run).values()}


def test_a_finished_cell_holds_all_that_made_it(run_toy) -> None:
    run = run_toy("Calculator")
    (folder,) = (run / "cells").glob("[!.]*")
    record = json.loads((folder / "cell.json").read_text())
    assert sorted(path.name for path in folder.iterdir()) == [
        "cell.json", "curve.parquet", "predictions.parquet", "scores.parquet",
    ]  # fmt: skip
    assert (record["status"], record["fit"], record["seed"]) == ("finished", "not fitted", 0)
    assert record["proof"]["overlaps"] == record["proof"]["text_overlaps"] == 0
    assert record["proof"]["pairs"] == 300 * 40 + 300 * 150 + 40 * 150
    assert {level["name"]: level["beyond"] for level in record["tasks"][0]["levels"]} == {
        "top=99": False, "top=999": False, "top=9999": True,
    }  # fmt: skip
    assert set(record["seconds"]) == {"data", "predict", "score", "total"}
    assert record["constant"] is not None
    assert record["constant_beyond"] is not None
    assert record["peak_memory_bytes"] > 10_000_000
    assert record["versions"]["numpy"]
    assert record["hardware"]["cores"] >= 1
    assert len(record["data"]["test"]["sha256"]) == 64


def test_predictions_and_scores_match_row_for_row(run_toy) -> None:
    run = run_toy("Calculator", "Guesser")
    for folder in (run / "cells").glob("[!.]*"):
        told = pq.read_table(folder / "predictions.parquet")
        scores = pq.read_table(folder / "scores.parquet")
        assert told.num_rows == scores.num_rows == 150
        assert told["key"].equals(scores["key"])
        right = [outcome == "right" for outcome in told["outcome"].to_pylist()]
        assert right == [value == 1.0 for value in scores["exact"].to_pylist()]
        assert all(right) == ("calculator" in folder.name)
        assert set(told.column_names) >= {"task", "level", "beyond", "question", "answer", "trait.digits"}


def test_a_cell_that_raises_is_kept_as_failed_with_its_traceback_and_run_again(run_toy) -> None:
    run = run_toy("Broken", "Calculator")
    broken = records(run)["Broken"]
    assert (broken["status"], broken["error"]) == ("failed", "RuntimeError: broken on purpose")
    assert "in predict" in broken["traceback"]
    assert records(run)["Calculator"]["status"] == "finished"
    began = records(run)["Calculator"]["began"]
    folders = {folder.name for folder in (run / "cells").glob("[!.]*")}
    assert run_toy("Broken", "Calculator") == run
    assert {folder.name for folder in (run / "cells").glob("[!.]*")} == folders
    assert records(run)["Calculator"]["began"] == began


def test_a_changed_config_size_seed_budget_or_source_is_another_cell(toy, tmp_path: Path) -> None:
    def identities(head: str = "", extra: str = "") -> str:
        (cell,) = plan(str(toy("Calculator", head=head, extra=extra))).cells
        return cell.identity.whole

    same = identities()
    assert identities() == same
    seen = {same, identities(head="seeds = [1]\n"), identities(extra="\nbudget = {steps = 3}\n")}
    path = toy("Calculator")
    path.write_text(path.read_text().replace("test = 50", "test = 51"))
    seen.add(plan(str(path)).cells[0].identity.whole)
    toy("Calculator")
    (tmp_path / "tasks.py").write_text((tmp_path / "tasks.py").read_text() + "\n# changed\n")
    seen.add(plan(str(tmp_path / "toy.toml")).cells[0].identity.whole)
    assert len(seen) == 5


def test_two_seeds_share_their_group_and_not_their_identity(toy) -> None:
    first, second = plan(str(toy("Calculator", head="seeds = [0, 1]\n"))).cells
    assert first.identity.group == second.identity.group
    assert first.identity.whole != second.identity.whole


def test_the_same_suite_elsewhere_gives_the_same_datasets(toy, tmp_path: Path) -> None:
    (cell,) = plan(str(toy("Calculator"))).cells
    here, there = (datasets(cell, tmp_path / name) for name in ("a", "b"))
    assert here.train.equals(there.train)
    assert here.test.equals(there.test)


def test_what_was_drawn_is_mapped_from_one_file_by_further_cells(toy, tmp_path: Path) -> None:
    (cell,) = plan(str(toy("Calculator"))).cells
    cache = tmp_path / "cache"
    drawn = datasets(cell, cache)
    for shard in cache.rglob("*.parquet"):
        shard.unlink()
    kept = datasets(cell, cache)
    assert not list(cache.rglob("*.parquet"))  # nothing was made for it
    assert all(getattr(kept, split).equals(getattr(drawn, split)) for split in ("train", "validation", "test"))
    assert kept.train.schema.equals(drawn.train.schema)
    assert (kept.proof, kept.train_digest) == (drawn.proof, digest(drawn.train))
    larger = datasets(replace(cell, sizes=replace(cell.sizes, test=60)), cache)
    assert larger.test.num_rows == 180
    assert larger.train.equals(drawn.train)


@pytest.mark.parametrize("damage", [lambda whole: whole[:-100], lambda whole: b"", lambda whole: b"other" + whole])
def test_a_torn_file_of_what_was_drawn_is_drawn_again(toy, tmp_path: Path, damage) -> None:
    (cell,) = plan(str(toy("Calculator"))).cells
    drawn = datasets(cell, tmp_path)
    (kept,) = tmp_path.glob("drawn-*.arrow")
    whole = kept.read_bytes()
    kept.unlink()  # not written over: what was read lies in it
    kept.write_bytes(damage(whole))
    assert datasets(cell, tmp_path).test.equals(drawn.test)
    assert kept.read_bytes() == whole


def test_training_problems_are_shared_out_over_the_levels(toy) -> None:
    (cell,) = plan(str(toy("Calculator"))).cells
    data = datasets(cell, None)
    assert data.train["level"].value_counts().to_pylist() == [
        {"values": level, "counts": 150} for level in dict.fromkeys(data.train["level"].to_pylist())
    ]
    assert data.test["level"].to_pylist() == [1] * 50 + [2] * 50 + [3] * 50


def test_a_strangers_record_cannot_choose_code_that_lies_beside_it():
    with pytest.raises(UserError, match="no absolute folder"):
        from_record({"folder": "runs/theirs", "model": {"name": "theirs.py:Model"}, "tasks": []})


def test_a_cell_comes_back_from_its_record(toy, run_toy, tmp_path: Path) -> None:
    run = run_toy("Calculator")
    (cell,) = plan(str(tmp_path / "toy.toml")).cells
    (found,) = landed(run).values()
    assert from_record(found.record).identity == cell.identity
    model = revive(found.folder, from_record(found.record), Place(run, None))
    assert predict(model, ["2+2"]) == ["4"]


def test_whatever_a_model_says_its_cell_finishes_and_nothing_counts_as_right(run_toy) -> None:
    run = run_toy("Hostile")
    (found,) = landed(run).values()
    outcomes = pq.read_table(found.folder / "predictions.parquet")["outcome"].to_pylist()
    assert set(outcomes) == {"unparsable", "error"}
    assert outcomes.count("error") == 19


class Odd:
    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers

    def predict(self, questions: list[str]) -> list[Any]:
        return self.answers


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (["1"], "Odd: gave 1 predictions for 2 questions; predict must return one string a question, in order"),
        (["1", 2], "Odd: predicted 2, a int; predict must return strings, or None"),
    ],
)
def test_a_model_that_breaks_its_contract_is_told_so(answers: list[Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        predict(Odd(answers), ["1+1", "1+2"])


def test_a_budget_counts_steps_examples_and_seconds() -> None:
    meter = Budget(examples=100).start()
    while meter.left():
        meter.spend(examples=30)
    assert (meter.steps, meter.examples) == (4, 120)
    assert not Budget(seconds=0.0).start().left() if Budget(seconds=0.0).seconds else True
    seen: list[Any] = []
    watched = Budget(steps=1, watch=seen.append).start()
    watched.spend(examples=1)
    watched.point(loss=0.5)
    assert (seen[0]["loss"], seen[0]["spent"], watched.curve) == (0.5, 1.0, seen)


def test_a_folder_that_is_no_run_is_left_alone(toy, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    for path in (tmp_path / "mine", tmp_path / "mine" / "thesis.tex", Path(os.devnull)):
        with pytest.raises(UserError, match="is neither an empty folder nor a run; choose another folder with --out"):
            open_run(path, "")
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "years of work"
    assert isinstance(plan(str(toy("Calculator"))).cells[0], Cell)


@pytest.mark.parametrize("name", ["predictions.parquet", "scores.parquet", "curve.parquet", "cell.json"])
def test_a_cell_whose_files_are_torn_or_gone_is_done_again(run_toy, name: str) -> None:
    run = run_toy("Calculator")
    (folder,) = (run / "cells").glob("[!.]*")
    whole = pq.read_table(folder / "predictions.parquet")
    (folder / name).write_bytes((folder / name).read_bytes()[:40])
    run_toy("Calculator")
    (found,) = landed(run).values()
    assert found.finished
    assert pq.read_table(folder / "predictions.parquet").equals(whole)
