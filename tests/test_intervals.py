"""Every score has company: its interval covers what endless problems would give about as often as it says."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import binomtest, bootstrap, norm

from enigmath.bench.intervals import difference, interval, wilson


def test_wilson_is_scipys_wilson() -> None:
    successes = np.array([0, 1, 7, 50, 99, 100])
    low, high = wilson(successes, 100, confidence=0.9)
    for index, count in enumerate(successes):
        expected = binomtest(int(count), 100).proportion_ci(0.9, method="wilson")
        assert low[index] == pytest.approx(expected.low, abs=1e-12)
        assert high[index] == pytest.approx(expected.high, abs=1e-12)


def test_wilson_stays_within_zero_and_one_and_holds_its_own_share() -> None:
    trials = np.arange(1, 400)
    for share in (np.zeros(399), trials // 3, trials):
        low, high = wilson(share, trials)
        assert (low >= 0).all()
        assert (high <= 1).all()
        assert (low <= share / trials).all()
        assert (share / trials <= high).all()


def test_no_trial_gives_nan_without_a_warning() -> None:
    low, high = wilson(0, 0)
    assert np.isnan(low)
    assert np.isnan(high)


def test_wilson_covers_the_true_share_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = []
    for share in (0.02, 0.2, 0.5, 0.97):
        low, high = wilson(rng.binomial(300, share, size=4000), 300)
        covered.append(((low <= share) & (share <= high)).mean())
    assert 0.93 < np.mean(covered) < 0.97


@pytest.mark.parametrize(
    ("summary", "draw", "truth"),
    [
        ("mean", lambda rng: rng.lognormal(size=300), float(np.exp(0.5))),
        ("mean", lambda rng: rng.integers(0, 5, size=300), 2.0),
        ("median", lambda rng: rng.lognormal(size=200), 1.0),
        ("median", lambda rng: rng.standard_cauchy(size=61), 0.0),
    ],
)
def test_bootstrap_covers_the_truth_about_as_often_as_it_says(summary, draw, truth) -> None:
    rng = np.random.default_rng(2)
    found = [interval(draw(rng), summary) for _ in range(300)]
    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.91 < covered < 0.985  # 300 simulations: 0.95 give or take 0.025


def test_paired_differences_cover_the_true_difference() -> None:
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(300):
        hard = rng.random(500)
        first, second = hard + 0.1 * rng.random(500) < 0.75, hard < 0.6
        truth = 0.1  # P(hard + u/10 < 0.75) - P(hard < 0.6) = 0.7 - 0.6
        found = difference(first, second)
        covered.append(found.low <= truth <= found.high)
    assert 0.91 < np.mean(covered) < 0.985


def test_pairing_tells_apart_what_separate_intervals_cannot() -> None:
    rng = np.random.default_rng(4)
    hard = rng.random(2000)
    first, second = hard < 0.61, hard < 0.60
    one, other, both = interval(first, "share"), interval(second, "share"), difference(first, second)
    assert one.low < other.high  # they overlap
    assert both.low > 0


def test_pairs_that_all_differ_alike_still_have_an_interval() -> None:
    found = difference(np.ones(500), np.zeros(500))
    assert (found.estimate, found.high) == (1.0, 1.0)
    assert 0.98 < found.low < 0.995
    same = difference(np.ones(500), np.ones(500))
    assert same.low < 0 < same.high


def test_newcombes_own_example_of_paired_shares() -> None:
    """Newcombe 1998, method 10: 36 pairs right in both, 12 and 2 in one alone, none in neither: 0.0569 to 0.3404."""
    first = np.repeat([1, 1, 0, 0], [36, 12, 2, 0])
    second = np.repeat([1, 0, 1, 0], [36, 12, 2, 0])
    found = difference(first, second)
    assert found.estimate == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0569, 0.3404), abs=5e-4)


def test_the_exact_median_agrees_with_scipys_drawing() -> None:
    values = np.random.default_rng(5).exponential(size=401)
    drawn = bootstrap((values,), np.median, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    exact = interval(values, "median")
    ordered = np.sort(values)
    ranks = np.searchsorted(ordered, [exact.low, exact.high, drawn.low, drawn.high])
    assert abs(ranks[0] - ranks[2]) <= 2
    assert abs(ranks[1] - ranks[3]) <= 2
    assert exact.estimate == np.median(values)


def test_drawing_by_counts_agrees_with_drawing_one_by_one() -> None:
    values = np.random.default_rng(6).binomial(9, 0.3, size=1000).astype(float)
    few = interval(values, "mean")
    many = interval(values + np.linspace(0, 1e-6, 1000), "mean")  # all distinct: scipy draws
    assert few.low == pytest.approx(many.low, abs=0.01)
    assert few.high == pytest.approx(many.high, abs=0.01)
    half = norm.ppf(0.975) * values.std() / np.sqrt(1000)
    assert few.high - few.low == pytest.approx(2 * half, rel=0.1)


def test_one_set_of_scores_has_one_interval() -> None:
    values = np.random.default_rng(7).random(500)
    assert interval(values, "mean") == interval(values.tolist(), "mean")


def test_nan_is_left_out_and_nothing_gives_nan() -> None:
    assert interval([1.0, np.nan, 3.0], "mean").size == 2
    assert interval([1.0, np.nan, 3.0], "median").estimate == 2.0
    for summary in ("share", "mean", "median"):
        empty = interval([np.nan, np.nan], summary)
        assert empty.size == 0
        assert np.isnan([empty.estimate, empty.low, empty.high]).all()
    assert difference([1.0, np.nan, 0.0], [0.0, 1.0, np.nan]).size == 1


def test_a_single_value_and_equal_values_have_an_interval() -> None:
    for summary in ("mean", "median"):
        assert interval([3.0], summary)[:3] == (3.0, 3.0, 3.0)
        assert interval([3.0] * 50, summary)[:3] == (3.0, 3.0, 3.0)


def test_infinite_errors_leave_the_median_finite_until_half_are_infinite() -> None:
    some = interval([1.0] * 60 + [np.inf] * 40, "median")
    assert some.estimate == 1.0
    assert np.isfinite(some.low)
    most = interval([1.0] * 40 + [np.inf] * 60, "median")
    assert most.estimate == np.inf
    assert most.high == np.inf
    assert np.isinf(interval([1.0, np.inf], "mean").estimate)


def test_scipy_is_not_imported_before_an_interval_is_asked_for() -> None:
    program = "import sys, enigmath.bench.intervals; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
