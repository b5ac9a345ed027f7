"""What is said of two models holds: intervals cover, false alarms stay rare, and the problems asked for decide."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest
from store_samples import MODELS, SOLVER, TASKS, make_record, write_cell, write_run
from typer.testing import CliRunner

from enigmath.bench.cli import app
from enigmath.bench.compare import LEVEL, POWER, mcnemar, paired, problems_needed
from enigmath.bench.contracts import UserError
from enigmath.bench.intervals import holm
from enigmath.reports import Run, load
from enigmath.reports.comparison import comparison, seeds_told, sentence

ADDITION, MULTIPLICATION = TASKS[0], TASKS[2]
TRANSFORMER, MLP = MODELS[0], MODELS[3]
LABELS = TRANSFORMER.label, MLP.label


def most(share: float, simulations: int) -> float:
    """The largest share that so many simulations of a true share may give: four standard deviations above it."""
    return share + 4 * float(np.sqrt(share * (1 - share) / simulations))


def least(share: float, simulations: int) -> float:
    return 2 * share - most(share, simulations)


def answers(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values of two models from how often both, the first alone, the second alone and neither were right."""
    return np.repeat([1, 1, 0, 0], counts), np.repeat([1, 0, 1, 0], counts)


@pytest.mark.parametrize("rates", [(0.5, 0.2, 0.1, 0.2), (0.02, 0.03, 0.03, 0.92), (0.9, 0.06, 0.0, 0.04)])
def test_intervals_of_a_difference_of_shares_cover_the_truth_as_often_as_they_say(rates: tuple[float, ...]) -> None:
    drawn = np.random.default_rng(1).multinomial(400, rates, size=1500)
    found = [paired(*answers(counts), "share") for counts in drawn]
    truth = rates[1] - rates[2]
    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert least(0.95, 1500) <= covered
    assert covered <= most(0.95, 1500) + 0.01  # where few problems tell them apart, the steps of counts cover more


def test_mcnemar_is_the_exact_binomial_test_of_the_problems_that_one_alone_got_right() -> None:
    pairs = [(0, 0), (1, 0), (6, 1), (10, 10), (400, 470), (0, 2000)]
    found = mcnemar(*np.array(pairs).T)
    expected = [binomtest(one, one + other).pvalue if one + other else 1.0 for one, other in pairs]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("alone", [0.01, 0.05, 0.25, 0.5])
def test_false_alarms_of_equal_models_stay_at_five_percent(alone: float) -> None:
    drawn = np.random.default_rng(2).multinomial(600, [alone, alone, 1 - 2 * alone], size=20_000)
    alarms = (mcnemar(drawn[:, 0], drawn[:, 1]) < LEVEL).mean()
    assert alarms <= most(0.05, 20_000)
    assert alarms >= (0.03 if alone >= 0.05 else 0.005)  # a test that never speaks would pass as well


@pytest.mark.parametrize("different", [0, 4])
def test_false_alarms_of_a_family_stay_at_five_percent_after_holm(different: int) -> None:
    family, simulations = 12, 4_000
    rng = np.random.default_rng(3)
    ahead = np.where(np.arange(family) < different, 0.2, 0.1)
    drawn = np.stack([rng.multinomial(500, [share, 0.1, 0.9 - share], size=simulations) for share in ahead], axis=1)
    p = mcnemar(drawn[..., 0], drawn[..., 1])
    corrected = np.array([holm(row) for row in p]) < LEVEL
    assert corrected[:, different:].any(axis=1).mean() <= most(0.05, simulations)
    assert (p[:, different:] < LEVEL).any(axis=1).mean() > 0.2, "without Holm it would be found wanting"
    assert corrected[:, :different].mean() > 0.9 if different else True


@pytest.mark.parametrize("rates", [(0.15, 0.05), (0.02, 0.005), (0.3, 0.25), (0.01, 0.0), (0.5, 0.1), (0.9, 0.0)])
@pytest.mark.parametrize("level", [0.05, 0.005])
def test_the_problems_that_are_said_to_decide_decide_as_often_as_said(rates: tuple[float, float], level: float) -> None:
    count = int(np.ceil(problems_needed(*rates, level)))
    drawn = np.random.default_rng(4).multinomial(count, [*rates, 1 - sum(rates)], size=10_000)
    decided = (mcnemar(drawn[:, 0], drawn[:, 1]) < level).mean()
    assert decided >= least(POWER, 10_000)
    fewer = np.random.default_rng(5).multinomial(count * 2 // 3, [*rates, 1 - sum(rates)], size=10_000)
    assert (mcnemar(fewer[:, 0], fewer[:, 1]) < level).mean() < POWER, "a third fewer would do as well"


@pytest.mark.parametrize("summary", ["mean", "median"])
def test_bootstraps_of_pairs_cover_the_truth_and_seldom_raise_false_alarms(summary: str) -> None:
    rng = np.random.default_rng(6)
    found = []
    simulations = 200 if summary == "mean" else 100
    for _ in range(simulations):
        hard = rng.integers(0, 5, size=61)
        found.append(paired(*(np.abs(hard + rng.integers(-2, 3, size=61)) for _ in range(2)), summary))
    covered = np.mean([each.low <= 0 <= each.high for each in found])
    assert covered >= least(0.95, simulations)
    assert np.mean([each.p < LEVEL for each in found]) <= most(0.05, simulations)


def test_the_problems_that_decide_a_mean_decide_as_often_as_said() -> None:
    rng = np.random.default_rng(7)

    def draw(count: int) -> tuple[np.ndarray, np.ndarray]:
        """Shares of right digits, in quarters, of which the first model has 0.05 more."""
        return rng.choice(5, count, p=[0.1, 0.2, 0.3, 0.2, 0.2]) / 4, rng.choice(
            5, count, p=[0.2, 0.2, 0.2, 0.2, 0.2]
        ) / 4

    count = int(np.ceil(paired(*draw(200_000), "mean").needed("mean")))
    decided = np.mean([paired(*draw(count), "mean").p < LEVEL for _ in range(200)])
    assert least(POWER, 200) - 0.03 <= decided <= most(POWER, 200) + 0.03  # the number itself is of a sample


def test_few_problems_are_never_sure_however_far_apart_two_models_are() -> None:
    for count in (1, 2, 3, 5):
        for summary in ("share", "mean", "median"):
            assert paired([1.0] * count, [0.0] * count, summary).p >= LEVEL
            assert paired([7.5] * count, [0.5] * count, "mean").p >= LEVEL
    assert paired([1.0] * 12, [0.25] * 12, "median").p < LEVEL


def test_infinite_errors_nan_and_no_pairs_are_borne() -> None:
    endless = paired([np.inf] * 30 + [1.0] * 10, [np.inf] * 30 + [2.0] * 10, "median")
    assert endless.difference == 0
    assert endless.p == 1
    assert np.isinf(endless.needed("median"))
    one_side = paired([np.inf] * 30, [1.0] * 30, "median")
    assert one_side.difference == np.inf
    assert one_side.p < LEVEL
    assert paired([np.inf, 1.0] * 20, [0.5] * 40, "mean").difference == np.inf
    none = paired([np.nan, 1.0], [1.0, np.nan], "mean")
    assert none.size == 0
    assert np.isnan([none.first, none.difference, none.p]).all()
    assert paired([0.0, np.nan, 1.0], [1.0, 1.0, 1.0], "share").size == 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two seeds of four models on two tasks."""
    folder = tmp_path_factory.mktemp("compare") / "run"
    models = (TRANSFORMER, MLP, MODELS[5], SOLVER)
    return load(write_run(folder, (ADDITION, MULTIPLICATION), models, rows=400, failed=()))


def test_a_comparison_says_who_is_better_by_how_much_and_how_sure(run: Run) -> None:
    found = comparison(run, *LABELS, metrics=("exact", "relative-error"))
    assert len(found) == 8
    assert (found["family"] == 8).all()
    first = found.iloc[0]
    rows = run.scores.query("title == 'arithmetic/addition' and not beyond")
    scores = rows.groupby("label", observed=True)["exact"].mean()
    assert (first["title"], first["levels"], first["metric"]) == ("arithmetic/addition", "trained", "exact")
    assert first["score_a"] == pytest.approx(scores[LABELS[0]])
    assert first["difference"] == pytest.approx(scores[LABELS[0]] - scores[LABELS[1]])
    assert first["low"] < first["difference"] < first["high"]
    assert first["verdict"] == "A"
    assert first["n"] == 640
    assert first["seeds"] == first["seeds_a"] == (0, 1)
    assert np.isnan(first["more"])
    told = sentence(first.to_dict(), *LABELS)
    assert told.startswith("transformer reversed is better on arithmetic/addition by ")
    assert told.endswith("p < 0.001 after Holm over 8)")


def test_of_errors_the_lower_is_better_and_turning_the_two_round_turns_the_verdict(run: Run) -> None:
    there, back = (comparison(run, *pair, metrics=("exact", "relative-error")) for pair in (LABELS, LABELS[::-1]))
    errors = there[there["metric"] == "relative-error"]
    assert (errors.loc[errors["verdict"] == "A", "difference"] < 0).all()
    assert (errors["verdict"] == "A").any()
    turned = there["verdict"].map({"A": "B", "B": "A", "tie": "tie"})
    assert back["verdict"].tolist() == turned.tolist()
    assert back["difference"].to_numpy() == pytest.approx(-there["difference"].to_numpy())
    assert back["p"].to_numpy() == pytest.approx(there["p"].to_numpy(), rel=0.1)


def test_a_tie_is_told_as_a_tie_with_what_would_decide_it(run: Run) -> None:
    found = comparison(run, MODELS[5].label, MLP.label, metrics=("within-10",), tasks=["*/multiplication"])
    open_ones = found[found["verdict"] == "tie"]
    assert len(open_ones)
    for row in open_ones.to_dict("records"):
        assert sentence(row, "a", "b").startswith("tie on arithmetic/multiplication (")
        needed = problems_needed(row["only_a"] / row["n"], row["only_b"] / row["n"], LEVEL / len(open_ones))
        assert row["more"] == max(np.ceil(needed) - row["n"], 1) or np.isinf(row["more"])
    same = open_ones.iloc[0].to_dict() | {"difference": 0.0, "more": np.inf, "n": 80}
    assert sentence(same, "a", "b").endswith("no difference seen on 80 problems")


def test_problems_are_paired_by_what_they_are_not_by_where_they_stand(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [ADDITION], [TRANSFORMER, MLP], failed=())
    before = comparison(load(folder), *LABELS)
    home = next((folder / "cells").glob(f"*{make_record(ADDITION, MLP, 1, 250)['id']}"))
    order = np.random.default_rng(8).permutation(250)
    for name in ("predictions.parquet", "scores.parquet"):
        pq.write_table(pq.read_table(home / name).take(pa.array(order)), home / name)
    after = comparison(load(folder), *LABELS)
    assert after.equals(before)
    for name in ("predictions.parquet", "scores.parquet"):
        pq.write_table(pq.read_table(home / name).slice(0, 100), home / name)
    fewer = comparison(load(folder), *LABELS)
    assert fewer["n"].sum() == 350


def test_only_seeds_in_common_are_compared_and_the_others_are_named(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [ADDITION], [TRANSFORMER, MLP], seeds=3, failed=((MLP.name, "no"),))
    home = next((folder / "cells").glob(f"*{make_record(ADDITION, MLP, 2, 250)['id']}"))
    record = json.loads((home / "cell.json").read_text())
    (home / "cell.json").write_text(json.dumps(record | {"status": "failed", "error": "lost"}))
    found = comparison(load(folder), *LABELS)
    assert set(found["seeds"]) == {(0, 1)}
    assert set(found["seeds_a"]) == {(0, 1, 2)}
    assert found["n"].sum() == 500
    told = seeds_told(found, *LABELS)
    assert told == ["arithmetic/addition: seeds 0 and 1 in common; seed 2 of transformer reversed left out"]


def test_two_runs_are_compared_but_not_two_versions_of_a_task(tmp_path: Path) -> None:
    one = load(write_run(tmp_path / "one", [ADDITION], [TRANSFORMER], failed=()))
    two = load(write_run(tmp_path / "two", [ADDITION], [MLP], failed=()))
    both = load(write_run(tmp_path / "both", [ADDITION], [TRANSFORMER, MLP], failed=()))
    assert comparison(one, *LABELS, other=two).equals(comparison(both, *LABELS))
    named = [f"{tmp_path / name}:{TRANSFORMER.label}" for name in ("one", "both")]
    done = CliRunner().invoke(app, ["compare", *named])
    assert "one: transformer reversed" in done.output
    assert "tie on arithmetic/addition: no difference seen on 400 problems" in done.output
    for path in (tmp_path / "two" / "cells").glob("*/cell.json"):
        record = json.loads(path.read_text())
        record["tasks"][0]["version"] = 2
        path.write_text(json.dumps(record))
    with pytest.raises(UserError, match=r"version 1 \(digits=1\) in one run and version 2"):
        comparison(one, *LABELS, other=load(tmp_path / "two"))


def test_the_command_prints_a_table_and_a_sentence_a_row(run: Run) -> None:
    done = CliRunner().invoke(app, ["compare", *LABELS, "--run", str(run.path), "--task", "arithmetic/addition"])
    assert done.exit_code == 0, done.output
    assert "transformer reversed is better on arithmetic/addition by" in done.output
    assert "(beyond training)" in done.output
    assert "seeds 0 and 1 pooled" in done.output
    assert "Holm over 2 rows" in done.output
    named = [f"{run.path}:{label}" for label in LABELS]
    again = CliRunner().invoke(app, ["compare", *named, "--task", "arithmetic/addition"])
    assert again.output == done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["transformer reversed", "mlq", "--run", "RUN"], "no model 'mlq'; did you mean 'mlp'?"),
        (["mlp", "mlp", "--run", "RUN"], "compared with itself"),
        (["mlp", "solve", "--run", "RUN", "--metric", "exakt"], "no metric 'exakt'; did you mean 'exact'?"),
        (["mlp", "solve", "--run", "RUN", "--task", "algebra/*"], "no task 'algebra/*'"),
        (["mlp", "solve", "--run", "RUN/no"], "no such folder"),
        (["mlp", "RUN:solve"], "mlp names no model of a run"),
        (["RUN/nope:mlp", "RUN:solve"], "RUN/nope: no such folder"),
        (["RUN", "RUN:solve"], "2 networks stand in it"),
    ],
)
def test_a_mistake_is_told_in_one_line(run: Run, arguments: list[str], message: str) -> None:
    given = [argument.replace("RUN", str(run.path)) for argument in arguments]
    done = CliRunner().invoke(app, ["compare", *given])
    assert isinstance(done.exception, UserError)
    assert message.replace("RUN", str(run.path)) in str(done.exception)


def test_hostile_names_and_cells_without_common_problems_are_borne(tmp_path: Path) -> None:
    bad = "<script>\x1b[31m=1" + "x" * 300
    folder = tmp_path / "run"
    write_run(folder, [ADDITION], [MLP, type(MLP)("evil", bad, 1.0, 0.1)], seeds=1, failed=())
    done = CliRunner().invoke(app, ["compare", bad, "mlp", "--run", str(folder)])
    assert done.exit_code == 0, done.output
    assert "\x1b[31m=" not in done.output
    assert "\\x1b[31m" in done.output
    apart = tmp_path / "apart"
    write_run(apart, [MULTIPLICATION], [MLP], seeds=1, failed=())
    done = CliRunner().invoke(app, ["compare", f"{folder}:mlp", f"{apart}:mlp"])
    assert "no test problem in common" in str(done.exception)
    record = make_record(ADDITION, SOLVER, 0, 0) | {"status": "failed", "error": "torn"}
    write_cell(folder, record)
    done = CliRunner().invoke(app, ["compare", "mlp", "solve", "--run", str(folder)])
    assert "no cell of solve has finished" in str(done.exception)
