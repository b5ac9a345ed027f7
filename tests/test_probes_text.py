"""Probes of questions, answers and likelihoods tell a planted lookup table from a planted exact solver."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from probe_samples import run_planted
from scipy.stats import mannwhitneyu

from enigmath.bench.contracts import Embedded, Inspectable, Keeper, Likelihood, Sampler, UserError
from enigmath.bench.contracts.registry import probes
from enigmath.bench.probes import COMPUTES, LOOKS_UP, verdict
from enigmath.bench.probes.confidence import area, calibration_error, confidence
from enigmath.bench.probes.length import crossings, length_and_size
from enigmath.bench.probes.near_duplicates import near_duplicates
from enigmath.bench.probes.nearest import STATES, Memory, mirrored
from enigmath.bench.probes.neighbours import neighbours, tenths
from enigmath.bench.probes.probing import probed
from enigmath.bench.probes.shortcut import beyond_shortcut

PROBES = (beyond_shortcut, length_and_size, confidence)


@pytest.fixture(scope="session")
def found_nearby(planted) -> pd.DataFrame:
    """What `neighbours` finds of the table."""
    return probed(planted["table"], neighbours)


def row(found: pd.DataFrame, measure: str, **where: object) -> pd.Series:
    """The one row of a measure where columns have these values."""
    kept = found[found["measure"] == measure]
    for name, value in where.items():
        kept = kept[kept[name] == value]
    assert len(kept) == 1, kept
    return kept.iloc[0]


def guesses(subject, share: float):
    """The subject as if it had been right on that share of problems at random, and wrong by one elsewhere."""
    right = np.random.default_rng(0).random(subject.told.num_rows) < share
    truth = subject.told["answer"].to_pylist()
    given = [text if well else str(int(text) + 1) for text, well in zip(truth, right, strict=True)]
    outcome = np.where(right, "right", "wrong")
    place = subject.told.schema.get_field_index
    told = subject.told.set_column(place("prediction"), "prediction", pa.array(given))
    told = told.set_column(told.schema.get_field_index("outcome"), "outcome", pa.array(outcome, pa.string()))
    names = subject.scores.schema.get_field_index
    scores = subject.scores.set_column(names("exact"), "exact", pa.array(right.astype(np.float32)))
    return replace(subject, told=told, scores=scores)


def test_the_planted_models_are_at_the_two_ends_and_have_every_protocol(planted, planted_shapes):
    for made in (planted, planted_shapes):
        assert made["solver"].right.all()
        assert made["table"].right[made["table"].rows()].mean() < 0.4
        for label in ("table", "solver"):
            for protocol in (Embedded, Inspectable, Likelihood, Sampler):
                assert isinstance(made[label].model, protocol)
        assert isinstance(made["table"].model, Keeper)
        train = made["table"].data.train.slice(0, 300)
        assert made["table"].judged(train, made["table"].ask(train["question"].to_pylist())).all()
        assert set(made["table"].shortcuts) == {"majority", "nearest-aligned"}


def test_every_probe_is_installed_with_a_question_for_its_title():
    installed = probes().plugins
    for probe in (*PROBES, neighbours, near_duplicates):
        assert installed[probe.name] is probe
        assert probe.doc.endswith("?")


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_lookup_table_looks_up_and_an_exact_solver_computes(planted, probe):
    assert verdict(probed(planted["table"], probe)) == LOOKS_UP
    assert verdict(probed(planted["solver"], probe)) == COMPUTES


def test_a_lookup_table_says_what_its_neighbours_say_and_an_exact_solver_does_not(planted, found_nearby):
    assert verdict(found_nearby) == LOOKS_UP
    assert verdict(probed(planted["solver"], neighbours)) == COMPUTES


def test_a_table_of_shapes_fails_on_new_shapes_and_a_solver_does_not(planted_shapes):
    table, solver = (probed(planted_shapes[label], near_duplicates) for label in ("table", "solver"))
    assert (verdict(table), verdict(solver)) == (LOOKS_UP, COMPUTES)
    part = {"by": "skeleton", "metric": "exact"}
    assert (
        row(table, "accuracy", group="with", **part)["value"] > row(table, "accuracy", group="without", **part)["value"]
    )
    assert row(solver, "with less without", **part)["value"] == 0


MEMORY = """
name = "memory"
train = 2_000
validation = 50
test = 100
seeds = [0]
[[tasks]]
name = "control/preimage-memory"
levels = [1]
"""


def test_what_memory_alone_answers_speaks_for_no_computing(tmp_path):
    table = run_planted(tmp_path, MEMORY)["table"]
    assert table.right.mean() > 0.9
    for probe in (*PROBES, neighbours, near_duplicates):
        assert verdict(probed(table, probe)) in ("", LOOKS_UP)


def test_where_all_skeletons_are_alike_near_duplicates_say_nothing(planted):
    for label in ("table", "solver"):
        found = probed(planted[label], near_duplicates)
        assert verdict(found) == ""
        assert row(found, "share with", by="skeleton")["value"] == 1
        assert row(found, "matched pairs", by="skeleton")["value"] == 0


def test_a_majority_answer_has_no_neighbour_and_no_advantage(planted):
    found = probed(planted["majority"], neighbours)
    assert verdict(found) == ""
    beside = probed(planted["majority"], beyond_shortcut)
    assert verdict(beside) == "", "a model that knows nothing does not look up either"
    assert row(beside, "above the best shortcut", metric="exact", group="trained")["high"] < 0.05


def test_without_a_shortcut_beside_it_nothing_is_beyond_one(planted):
    assert len(probed(replace(planted["solver"], shortcuts={}, shortcut_scores={}), beyond_shortcut)) == 0


def test_beyond_shortcut_takes_the_best_shortcut_of_each_metric_on_the_same_problems(planted):
    found = probed(planted["table"], beyond_shortcut)
    best = row(found, "best shortcut", group="trained", metric="within-10")
    assert best["shortcut"] == "nearest-aligned"
    shares = [np.mean(planted[label].scores["within-10"].to_numpy()[:200]) for label in ("majority", "nearest-aligned")]
    assert best["value"] == pytest.approx(max(shares))
    gained = row(found, "above the best shortcut", group="trained", metric="within-10")
    assert gained["low"] < 0 < gained["high"]


def test_the_nearest_of_all_is_among_the_nearest_of_the_parts(planted):
    subject = planted["table"]
    memory, asked = Memory(subject), subject.told["question"].to_pylist()[:60]
    near = memory.near("aligned", asked)
    assert (np.diff(near.distances, axis=1) >= 0).all()
    given = memory.answers[near.rows[:, 0]]
    assert (given == np.array(subject.ask(asked))).mean() > 0.9
    trained = memory.rows[:60]
    beside = memory.near("aligned", subject.data.train["question"].take(pa.array(trained)).to_pylist(), trained)
    assert not (beside.rows == trained[:, None]).any()
    assert (beside.distance > 0).all()


def test_a_mistake_as_near_as_a_neighbours_answer_is_not_its_answer(planted):
    found = probed(guesses(planted["solver"], 0.5), neighbours)
    agreement, across = (
        row(found, measure, by="numbers") for measure in ("agreement", "agreement with the neighbours mirrored")
    )
    assert agreement["low"] < across["high"]
    assert verdict(found) == ""


def test_neighbours_answers_are_mirrored_at_the_truth(planted):
    task = planted["solver"].tasks[0].name
    near = np.array([["90", "115"], [None, "x"]], dtype=object)
    assert mirrored(planted["solver"], [task, task], ["100", "7"], near).tolist() == [["110", "85"], [None, None]]


def test_neighbours_keep_problems_with_their_nearest_training_problem(planted, found_nearby):
    found = found_nearby
    shown = found[found["measure"] == "nearest problem"]
    assert 0 < len(shown) <= 200
    train = dict(zip(planted["table"].data.train["question"].to_pylist(),
                     planted["table"].data.train["answer"].to_pylist(), strict=True))  # fmt: skip
    assert all(
        train[one] == other for one, other in zip(shown["neighbour_question"], shown["neighbour_answer"], strict=True)
    )
    assert (shown["prediction"] == shown["neighbour_answer"]).mean() > 0.9
    assert row(found, "agreement", by=STATES)["value"] == 1


def test_equal_distances_stay_in_one_tenth():
    assert {group: len(rows) for group, rows in tenths(np.array([0.0] * 50 + [1.0] * 50)).items()} == {"0": 50, "1": 50}
    parts = tenths(np.arange(1000.0))
    assert len(parts) == 10
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(1000))


def test_the_size_at_which_accuracy_falls_to_one_half_is_interpolated_within_its_interval(planted):
    solver = planted["solver"]
    digits = solver.told["level"].to_numpy()
    right = np.random.default_rng(1).random(len(digits)) < np.select([digits == 3, digits == 4], [0.95, 0.8], 0.2)
    outcome = pa.array(np.where(right, "right", "wrong"), pa.string())
    told = solver.told.set_column(solver.told.schema.get_field_index("outcome"), "outcome", outcome)
    fall = row(probed(replace(solver, told=told), length_and_size), "falls to one half at", by="level")
    assert fall["low"] < 4.5 < fall["high"]
    assert fall["high"] - fall["low"] < 0.5


def test_a_curve_that_never_falls_or_never_was_high_says_so(planted):
    never = row(probed(planted["solver"], length_and_size), "falls to one half at", by="level")
    assert (never["group"], never["low"]) == ("never falls so far", 5)
    always = row(probed(planted["table"], length_and_size), "falls to one half at", by="level")
    assert (always["group"], always["high"]) == ("never was so high", 3)
    assert np.isnan([never["value"], always["value"], never["high"], always["low"]]).all()
    assert crossings(np.array([2.0]), np.array([[0.4], [0.6]])).tolist() == [-np.inf, np.inf]


def test_half_right_at_random_is_not_sure_of_anything_past_training(planted):
    assert verdict(probed(guesses(planted["solver"], 0.5), length_and_size)) == ""


def test_confidence_needs_likelihoods(planted):
    with pytest.raises(UserError, match="is not Likelihood"):
        probed(planted["majority"], confidence)


def test_confidence_tells_what_is_held_likelier_and_how_far_it_may_be_believed(planted):
    table, solver = (probed(planted[label], confidence) for label in ("table", "solver"))
    instead = {"by": "instead", "group": "a neighbour's answer"}
    assert row(table, "truth likelier than", **instead)["high"] < 0.05
    assert row(solver, "truth likelier than", **instead)["low"] > 0.95
    assert row(table, "expected calibration error")["value"] == pytest.approx(0.9)
    assert row(solver, "expected calibration error")["value"] == pytest.approx(0.01)
    assert row(table, "truth among five drawn")["high"] < 0.1
    assert row(solver, "truth among five drawn")["low"] > 0.9
    assert row(table, "neighbour's answer among five drawn")["low"] > 0.9


def test_a_model_that_is_merely_unsure_does_not_look_up(planted):
    subject = guesses(planted["solver"], 0.3)

    class Unsure:
        """The nearer a number is to the truth plus an error of its own, the likelier."""

        def predict(self, questions):
            return planted["solver"].model.predict(questions)

        def log_likelihood(self, questions, answers):
            errors = np.random.default_rng(len(questions)).normal(0, 300, len(questions))
            truth = [int(text) for text in self.predict(questions)]
            return -np.abs(np.array([int(text) for text in answers]) - truth - errors) / 100

    subject.__dict__["model"] = Unsure()
    found = probed(subject, confidence)
    assert row(found, "truth likelier than", by="instead", group="a neighbour's answer")["high"] < 0.5
    assert verdict(found) == ""


def test_the_area_under_the_curve_is_that_of_mann_and_whitney_and_its_interval_covers():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(300):
        right, wrong = rng.normal(1, 1, 80), rng.normal(0, 1, 60)
        value, low, high = area(right, wrong)
        assert value == pytest.approx(mannwhitneyu(right, wrong).statistic / (80 * 60))
        covered.append(low <= 0.7602 <= high)  # the normal distribution function at 1 over the root of 2
    assert 0.91 <= np.mean(covered) <= 0.985
    assert area(np.ones(50), np.zeros(50))[1] < 1


def test_a_calibrated_model_has_a_small_calibration_error():
    rng = np.random.default_rng(4)
    sure = rng.random(20_000)
    assert calibration_error(sure, rng.random(20_000) < sure) < 0.02
    assert calibration_error(sure, np.zeros(20_000, bool)) == pytest.approx(sure.mean(), abs=1e-9)


def test_probes_bear_predictions_that_are_none(planted):
    solver = planted["solver"]
    none = pa.nulls(solver.told.num_rows, pa.string())
    place = solver.told.schema.get_field_index
    silent = solver.told.set_column(place("prediction"), "prediction", none)
    wrong = pa.array(["error"] * solver.told.num_rows)
    silent = silent.set_column(place("outcome"), "outcome", wrong)
    for probe in (*PROBES, neighbours, near_duplicates):
        assert "says" in probed(replace(solver, told=silent), probe)
