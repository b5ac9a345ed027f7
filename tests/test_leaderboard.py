"""The leaderboard: every score has company, seeds are pooled, the comparison with the shortcut is paired."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import store_samples as samples
from rich.console import Console

import enigmath.reports
from enigmath.bench.intervals import difference, wilson
from enigmath.reports.leaderboard import leaderboard, to_csv
from enigmath.reports.words import headline, percent

FAILED = [("lstm", "expressions/nested-parentheses")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.write_run(tmp_path_factory.mktemp("leaderboard") / "run", rows=200, failed=FAILED)


@pytest.fixture(scope="module")
def loaded(run: Path) -> "enigmath.reports.Run":
    return enigmath.reports.load(run)


@pytest.fixture(scope="module")
def board(loaded: "enigmath.reports.Run") -> pd.DataFrame:
    return leaderboard(loaded)


def row(board: pd.DataFrame, task: str, label: str, levels: str = "trained") -> "pd.Series[object]":
    """One row of the board."""
    found = board[(board["task"] == task) & (board["label"] == label) & (board["levels"] == levels)]
    assert len(found) == 1
    return found.iloc[0]


def test_one_row_a_model_task_and_kind_of_levels(board: pd.DataFrame) -> None:
    assert len(board) == 8 * 6 * 2
    assert not board.duplicated(["title", "task", "label", "levels"]).any()


def test_scores_pool_seeds_and_carry_wilson_intervals(board: pd.DataFrame, loaded: "enigmath.reports.Run") -> None:
    problems = loaded.problems
    for task, label, levels in (("arithmetic/addition", "lstm", "trained"), ("arithmetic/comparison", "mlp", "beyond")):
        mine = problems[(problems["task"] == task) & (problems["label"] == label)]
        mine = mine[mine["beyond"] == (levels == "beyond")]
        right = int((mine["outcome"] == "right").sum())
        found = row(board, task, label, levels)
        assert found["n"] == len(mine)
        assert found["seeds"] == 2 == mine["seed"].nunique()
        assert found["exact"] == pytest.approx(right / len(mine))
        low, high = wilson(right, len(mine))
        assert (found["exact_low"], found["exact_high"]) == pytest.approx((float(low), float(high)))


def test_every_score_has_company(board: pd.DataFrame) -> None:
    trained = board[(board["levels"] == "trained") & (board["failed"] == 0)]
    for name in ("n", "seeds", "chance", "coverage", "best_shortcut", "best_shortcut_exact", "fit_seconds"):
        assert trained[name].notna().all(), name
    numeric = trained[trained["task"] != "arithmetic/comparison"]
    for name in ("within-10", "within-1", "within-order", "tolerance-area"):
        assert ((numeric[f"{name}_low"] <= numeric[name]) & (numeric[name] <= numeric[f"{name}_high"])).all(), name
    assert trained.loc[trained["task"] == "arithmetic/comparison", "within-10"].isna().all()


def test_chance_is_what_the_task_declares_or_else_the_constant_answer(board: pd.DataFrame) -> None:
    assert row(board, "arithmetic/comparison", "mlp")["chance"] == 0.5
    assert row(board, "arithmetic/comparison", "mlp", "beyond")["chance"] == 0.5
    assert row(board, "arithmetic/addition", "mlp")["chance"] == 0.013
    assert np.isnan(row(board, "arithmetic/addition", "mlp", "beyond")["chance"])


def test_the_best_shortcut_is_sought_on_each_task_and_compared_in_pairs(
    board: pd.DataFrame, loaded: "enigmath.reports.Run"
) -> None:
    shortcuts = board[board["shortcut"] & (board["levels"] == "trained")]
    for task, here in shortcuts.groupby("task"):
        best = here.loc[here["exact"].idxmax()]
        mine = row(board, str(task), "transformer reversed")
        assert mine["best_shortcut"] == best["label"]
        problems = loaded.problems[(loaded.problems["task"] == task) & ~loaded.problems["beyond"]]
        by_key = problems.pivot(index=["seed", "level", "key"], columns="label", values="exact")
        expected = difference(by_key["transformer reversed"], by_key[best["label"]])
        found = mine[["beyond_shortcut", "beyond_shortcut_low", "beyond_shortcut_high"]].astype(float)
        assert tuple(found) == pytest.approx(expected[:3])
    assert board.loc[board["shortcut"], "beyond_shortcut"].isna().all()


def test_pairs_are_matched_by_key_whatever_the_order_of_rows(tmp_path: Path, board: pd.DataFrame, run: Path) -> None:
    shuffled = samples.write_run(tmp_path / "run", rows=200, failed=FAILED)
    for place, path in enumerate(sorted(shuffled.glob("cells/*/scores.parquet"))):
        order = np.random.default_rng(place).permutation(pq.read_metadata(path).num_rows)
        for name in ("scores.parquet", "predictions.parquet"):
            pq.write_table(pq.read_table(path.parent / name).take(pa.array(order)), path.parent / name)
    pd.testing.assert_frame_equal(leaderboard(enigmath.reports.load(shuffled)), board)


def test_a_model_without_shortcuts_beside_it_has_none(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", tasks=samples.TASKS[:1], models=samples.MODELS[:2], rows=50)
    board = leaderboard(enigmath.reports.load(run))
    assert board["best_shortcut"].isna().all()
    assert board["beyond_shortcut"].isna().all()
    assert board["exact"].notna().all()


def test_a_fit_on_a_gpu_says_which_share_of_its_peak_it_took(tmp_path: Path) -> None:
    path = samples.write_run(tmp_path / "run", samples.TASKS[:1], samples.MODELS[:1], seeds=1, rows=30, failed=[])
    cell = next(path.glob("cells/*/cell.json"))
    record = json.loads(cell.read_text())
    pace = {"operations": 3e15, "examples": 100_000, "examples_per_second": 5_000}
    for gpu, precision, share in (
        ("NVIDIA A100-SXM4-80GB", "bfloat16", 150 / 312),
        ("NVIDIA H100 PCIe", "bfloat16", 150 / 756),
        ("NVIDIA A100-SXM4-80GB", "float32", np.nan),
        ("another", "bfloat16", np.nan),
    ):
        record |= {"hardware": record["hardware"] | {"gpu": gpu}, "facts": {**pace, "precision": precision}}
        cell.write_text(json.dumps(record))
        found = leaderboard(enigmath.reports.load(path)).iloc[0]
        assert (found["operations_per_second"], found["examples_per_second"]) == (1.5e14, 5_000)
        assert found["utilisation"] == pytest.approx(share, nan_ok=True), (gpu, precision)


def test_failed_cells_stay_on_the_board(board: pd.DataFrame) -> None:
    failed = row(board, "expressions/nested-parentheses", "lstm")
    assert (failed["n"], failed["seeds"], failed["failed"]) == (0, 0, 2)
    assert np.isnan(failed["exact"])


def test_a_metric_of_a_stranger_stands_on_the_board(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", tasks=samples.TASKS[:1], models=samples.MODELS[-2:], seeds=1, rows=50)
    for path in run.glob("cells/*/scores.parquet"):
        table = pq.read_table(path)
        told = table.append_column("is-even", pa.array(np.arange(50) % 2, pa.float32()))
        pq.write_table(told.append_column("half", pa.array(np.full(50, 0.5), pa.float32())), path)
    board = leaderboard(enigmath.reports.load(run))
    assert board.loc[board["levels"] == "trained", "is-even"].tolist() == [0.5, 0.5]
    assert (board["half"] == 0.5).all()


def test_the_csv_reads_back_and_holds_no_formula(board: pd.DataFrame) -> None:
    hostile = board.copy()
    labels = ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\t=1", "a\x00b\x1b[31m", 'quo"te,comma', "line\nbreak"]
    hostile["label"] = [labels[place % len(labels)] for place in range(len(hostile))]
    rows = list(csv.reader(io.StringIO(to_csv(hostile))))
    assert len(rows) == len(board) + 1
    place = rows[0].index("label")
    shown = {line[place] for line in rows[1:]}
    assert "'=HYPERLINK(1)" in shown
    assert "a\\x00b\\x1b[31m" in shown
    assert not any(text.startswith(("=", "+", "-", "@", "\t")) for text in shown)
    back = pd.read_csv(io.StringIO(to_csv(board)))
    np.testing.assert_allclose(back["exact"], board["exact"], rtol=1e-5)
    assert list(back.columns) == list(board.columns)


def test_the_headline_says_who_computes_and_who_comes_near(board: pd.DataFrame) -> None:
    first, second, *others = headline(board)
    addition = row(board, "arithmetic/addition", "nearest-aligned")
    assert first.who == "transformer reversed"
    assert "computes addition" in first.text
    assert second.who == "nearest-aligned"
    assert second.text.startswith("comes near without computing: ")
    shares = [float(text) for text in re.findall(r"([\d.]+)\N{NO-BREAK SPACE}%", second.text)]
    assert shares == pytest.approx([100 * addition["within-10"], 100 * addition["exact"]], abs=0.051)
    assert any("beyond its training" in claim.text for claim in others)
    assert "lstm on 5 of 5" in others[-1].text


def test_the_headline_names_who_else_computes_the_same(board: pd.DataFrame) -> None:
    alone = board[board["label"].isin(["transformer reversed", "nearest-aligned"])]
    assert "so do" not in headline(alone)[0].text
    mine = alone[alone["label"] == "transformer reversed"]
    for others, told in (
        (["b"], "; so does b."),
        (["b", "c"], "; so do b and c."),
        (list("bcd"), "; so do 3 other networks."),
    ):
        alike = [mine.assign(label=label, parameters=mine["parameters"] + 1) for label in others]
        assert headline(pd.concat([alone, *alike]))[0].text.endswith(told)


def test_the_headline_claims_nothing_where_no_model_computes(board: pd.DataFrame) -> None:
    weak = board[board["label"].isin(["mlp", "nearest-aligned"])]
    assert "comes nearest to computing" in headline(weak)[0].text
    assert headline(board[board["seeds"] == 0])[0].text.startswith("No cell")


def test_the_headline_claims_nothing_of_a_coin_and_says_what_chance_keeps(board: pd.DataFrame) -> None:
    weak = board[(board["label"] == "mlp") & (board["task"] == "arithmetic/addition")]
    coin = weak.assign(exact=0.51, exact_low=0.44, chance=0.5)
    assert headline(coin)[0].text.startswith("No model is surely above chance; mlp is 51.0")
    assert headline(coin)[0].who is None
    seen = board.assign(chance=board["chance"].where(board["levels"] == "trained", 0.5))
    assert any("beyond its training" in claim.text and "where chance is 50.0" in claim.text for claim in headline(seen))
    assert any(
        "beyond its training" in claim.text and "chance" not in claim.text
        for claim in headline(seen.assign(chance=0.0))
    )


@pytest.mark.parametrize("shortcut", ["majority", "nearest-aligned"])
def test_the_headline_says_of_no_constant_that_it_looks_up(board: pd.DataFrame, shortcut: str) -> None:
    told = board[board["label"].isin(["transformer reversed", shortcut])].copy()
    told.loc[told["label"] == shortcut, "within-10"] = 0.3
    computes, near, *_ = headline(told)
    assert near.who == shortcut
    assert "without computing" in near.text
    assert "look" not in computes.text + near.text


def test_of_models_that_do_equally_well_the_headline_names_the_smallest_then_the_fastest(board: pd.DataFrame) -> None:
    tied = board[board["label"].isin(["encoder-decoder", "lstm", "nearest-aligned"])].copy()
    learns = ~tied["shortcut"]
    tied.loc[learns, ["exact", "exact_low", "beyond_shortcut_low", "parameters"]] = 1.0, 0.99, 0.5, 1e6
    for name in ("fit_seconds", "parameters"):
        for smallest in ("encoder-decoder", "lstm"):
            tied.loc[learns, name] = np.where(tied.loc[learns, "label"] == smallest, 1.0, 2.0)
            assert headline(tied)[0].who == smallest, name


def test_the_headline_counts_the_networks_that_it_cannot_name(board: pd.DataFrame) -> None:
    known = board[board["label"] == "lstm"]
    many = pd.concat([board[board["shortcut"]], *(known.assign(label=f"net {number}") for number in range(30))])
    text = next(claim.text for claim in headline(many) if "beyond the best shortcut" in claim.text)
    assert text.count("net ") == 5
    assert re.search(r" and 25 others on \d+ of \d+ tasks\.$", text)


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_the_terminal_board_fits_its_window_and_holds_every_score(
    loaded: "enigmath.reports.Run", board: pd.DataFrame, width: int
) -> None:
    console = Console(width=width, record=True, file=io.StringIO(), force_terminal=False)
    console.print(enigmath.reports.Board(loaded))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    for name in ("addition", "comparison", "best shortcut", "chance", "failed"):
        assert name in text
    assert percent(float(row(board, "arithmetic/addition", "mlp")["exact"])) in text


def test_the_terminal_obeys_no_name(tmp_path: Path) -> None:
    evil = samples.Model("transformer", "\x1b[31mred[/bold]\x07\x9b1m", 1.0, 0.1)
    run = samples.write_run(tmp_path / "run", tasks=samples.TASKS[:1], models=[evil], seeds=1, rows=20)
    console = Console(width=100, file=io.StringIO(), force_terminal=False)
    console.print(enigmath.reports.Board(enigmath.reports.load(run)))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\\x1b[31mred[/bold]\\x07" in text.replace("\n", "")
    assert not any(character in text for character in "\x1b\x07\x9b")
