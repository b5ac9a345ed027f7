"""What a report is made of, without a browser: groups of traits, and a folder that cannot be written."""

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import store_samples as samples
from rich.console import Console

import enigmath.reports
from enigmath.bench.contracts import UserError
from enigmath.reports.figures import grouped
from enigmath.reports.published import published
from enigmath.reports.requirements import requirements
from enigmath.reports.words import headline


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tasks by three networks, two shortcuts and a solver, of a suite that requires and that states figures."""
    models = [*samples.MODELS[:2], samples.MODELS[3], *samples.MODELS[4:6], samples.SOLVER]
    tasks = (samples.TASKS[0], samples.TASKS[2])
    run = samples.write_run(tmp_path_factory.mktemp("report") / "run", tasks, models, seeds=2, rows=100, failed=[])
    (run / "suite.toml").write_text(samples.SUITE)
    for path in run.glob("cells/arithmetic-multiplication-*/scores.parquet"):
        scores = pq.read_table(path)
        pq.write_table(scores.append_column("nats", pa.array([2.0] * scores.num_rows, pa.float32())), path)
    return run


@pytest.fixture(scope="module")
def page(run: Path) -> str:
    """The page of that run; the CSV lies beside it."""
    return enigmath.reports.write_report(run).read_text()


def test_published_figures_stand_beside_the_scores_that_repeat_them(run: Path, page: str) -> None:
    loaded = enigmath.reports.load(run)
    exact, near, nats = published(loaded).to_dict("records")
    best = loaded.leaderboard.query("task == 'arithmetic/addition' and levels == 'trained' and kind == 'network'")
    best = best.loc[best["exact"].idxmax()]
    assert (exact["published"], exact["model"], exact["verdict"]) == (0.45, best["label"], "better")
    assert exact["score"] == best["exact"]
    assert (exact["shortcut"], exact["method"], exact["chance"]) == (best["best_shortcut"], "solve", 0.013)
    mine = loaded.scores.query("title == 'arithmetic/addition' and level == 2 and label == 'mlp'")
    assert near["score"] == pytest.approx(mine["within-10"].mean())
    assert (near["level"], near["model"], near["verdict"]) == (2, "mlp", "worse")
    assert (nats["score"], nats["verdict"]) == (2.0, "better"), "of nats, less is better"
    assert ">2</b>" in page


def test_the_csv_begins_with_what_was_published_and_a_run_without_figures_is_as_it_was(run: Path, page: str) -> None:
    assert "Published, and ours" in page
    table = pd.read_csv(run / "report" / "leaderboard.csv")
    assert list(table.columns[:6]) == [
        "title", "task", "published_exact", "published_nats", "published_source", "levels",
    ]  # fmt: skip
    told = table[table["published_exact"].notna()]
    assert set(told["title"]) == {"arithmetic/addition"}
    assert set(told["levels"]) == {"trained"}
    assert set(told["published_exact"]) == {0.45}
    assert "'=HYPERLINK(1) <script>alert(1)</script>" in set(table["published_source"])
    loaded = enigmath.reports.load(run)
    assert list(loaded.leaderboard.columns) == [name for name in table.columns if not name.startswith("published")]


def test_a_published_figure_is_inert_on_the_page_and_in_the_terminal(run: Path, page: str) -> None:
    assert "<script>alert" not in page
    console = Console(width=100, file=io.StringIO(), force_terminal=False)
    console.print(enigmath.reports.Board(enigmath.reports.load(run)))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.index("published") < text.index("\nbest shortcut")
    assert "Beside 3 published figures ours is better than 2, level with 0 and worse than 1." in " ".join(text.split())


def test_requirements_are_judged_from_the_store_alone_and_those_not_met_stand_first(run: Path, page: str) -> None:
    found = requirements(enigmath.reports.load(run))
    assert found[["label", "metric", "status"]].to_numpy().tolist() == [
        ["transformer reversed", "within-10", "not met"],
        ["mlp", "exact", "not met"],
        ["gone", "exact", "not judged"],
        ["transformer reversed", "exact", "met"],
        ["solve", "exact", "met"],
    ]
    for word in ("not met", "not judged", "met"):
        assert f">{word}</td>" in page


def test_a_textbook_method_is_no_network_in_the_headline_and_marked_on_the_board(run: Path, page: str) -> None:
    loaded = enigmath.reports.load(run)
    assert dict(loaded.cells[["label", "kind"]].to_numpy().tolist())["solve"] == "method"
    claims = headline(loaded.leaderboard)
    assert all(claim.who != "solve" and "solve on" not in claim.text for claim in claims)
    assert "ahead of the best network on" in claims[-1].text
    alone = loaded.leaderboard[loaded.leaderboard["kind"] != "network"]
    assert "computes" not in " ".join(claim.text for claim in headline(alone))
    assert "<small>textbook method</small>" in page


def test_traits_that_are_numbers_stand_in_their_order() -> None:
    assert grouped(pd.Series(["9", "10", None, "11", "9"]))[1] == ["9", "10", "11"]
    assert grouped(pd.Series([2.0, float("nan"), 1.0]))[1] == ["1", "2"]
    assert grouped(pd.Series(["+", "10", "9"]))[1] == ["+", "10", "9"]
    assert grouped(pd.Series(["007", "7"]))[1] == ["007", "7"]


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", samples.TASKS[:1], samples.MODELS[:1], seeds=1, rows=20, failed=[])
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        enigmath.reports.write_report(run, tmp_path / "file" / "report")
