"""Intervals: how far a score could be from what endless problems would give. Two-sided, 95 % unless told.

Shares get Wilson's interval, paired shares Newcombe's, means a bootstrap by scipy, medians the same bootstrap without
the drawing: how often a resample's median falls on each value is a binomial probability, known exactly. The random
stream is fixed, so one set of scores has one interval. scipy is imported when an interval is asked for: the command
line starts without it.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 2_000


class Interval(NamedTuple):
    """An estimate between its bounds, from so many values; all NaN where there is none."""

    estimate: float
    low: float
    high: float
    size: int


def interval(
    values: npt.ArrayLike, summary: Literal["share", "mean", "median"], confidence: float = CONFIDENCE
) -> Interval:
    """The interval of a metric's values, shape (n,), by the metric's own summary; NaN values are left out.

    >>> [round(part, 3) for part in interval([1, 1, 0, 1], "share")]
    [0.75, 0.301, 0.954, 4]
    """
    kept = np.asarray(values, dtype=np.float64)
    kept = kept[~np.isnan(kept)]
    if len(kept) == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    return _BY_SUMMARY[summary](kept, confidence)


def difference(first: npt.ArrayLike, second: npt.ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """The mean of first - second over the same problems, shapes (n,).

    Right-or-wrong values get Newcombe's score interval for paired shares (method 10 of "Improved confidence intervals
    for the difference between binomial proportions based on paired data", Statistics in Medicine 17, 1998), which has
    a width even where all pairs differ alike; others a bootstrap of the paired differences. Pairs with a NaN are left
    out. It answers "is this model better than that one" where two separate intervals would overlap needlessly.

    >>> [round(part, 3) for part in difference([1] * 500, [0] * 500)]
    [1.0, 0.989, 1.0, 500]
    """
    pairs = np.stack([np.asarray(side, dtype=np.float64) for side in (first, second)])
    pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
    if pairs.shape[1] and np.isin(pairs, (0.0, 1.0)).all():
        return _paired_shares(pairs, confidence)
    return interval(pairs[0] - pairs[1], "mean", confidence)


def _paired_shares(pairs: Floats, confidence: float) -> Interval:
    first, second = pairs == 1
    both, first_only, second_only = (int(cell.sum()) for cell in (first & second, first & ~second, ~first & second))
    neither = pairs.shape[1] - both - first_only - second_only
    estimate, low, high = map(float, newcombe(both, first_only, second_only, neither, confidence))
    return Interval(estimate, low, high, pairs.shape[1])


def newcombe(
    both: npt.ArrayLike,
    first_only: npt.ArrayLike,
    second_only: npt.ArrayLike,
    neither: npt.ArrayLike,
    confidence: float = CONFIDENCE,
) -> tuple[Floats, Floats, Floats]:
    """The difference of paired shares with its bounds (method 10; see `difference`), of any shape at once, from how
    many pairs have both, the first alone, the second alone, and neither.

    >>> [round(float(part), 3) for part in newcombe(0, 500, 0, 0)]
    [1.0, 0.989, 1.0]
    """
    cells = [np.asarray(cell, dtype=np.float64) for cell in (both, first_only, second_only, neither)]
    count = sum(cells)
    one, other = (cells[0] + cells[1]) / count, (cells[0] + cells[2]) / count
    (low_one, high_one), (low_other, high_other) = (wilson(share * count, count, confidence) for share in (one, other))
    agreement = cells[0] * cells[3] - cells[1] * cells[2]
    spread = count**2 * np.sqrt(one * (1 - one) * other * (1 - other))
    agreement = np.where(agreement > 0, np.maximum(agreement - count / 2, 0), agreement)
    phi = np.divide(agreement, spread, out=np.zeros_like(spread), where=spread > 0)
    below = (one - low_one) ** 2 - 2 * phi * (one - low_one) * (high_other - other) + (high_other - other) ** 2
    above = (high_one - one) ** 2 - 2 * phi * (high_one - one) * (other - low_other) + (other - low_other) ** 2
    return one - other, one - other - np.sqrt(below), one - other + np.sqrt(above)


def wilson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float = CONFIDENCE
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Wilson's score interval for shares, of any shape at once; NaN without trials (Wilson, JASA 22, 1927).

    >>> low, high = wilson([0, 50], [100, 100])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.404], [0.037, 0.596])
    """
    from scipy.special import ndtri

    z = float(ndtri((1 + confidence) / 2))
    n = np.asarray(trials, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(successes, dtype=np.float64) / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At no and at all successes the bound is the share itself, which rounding would miss by a hair.
    return np.where(share == 0, 0.0, centre - half), np.where(share == 1, 1.0, centre + half)


def clopper_pearson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float = CONFIDENCE
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The exact interval for shares, never too narrow, of any shape at once (Clopper and Pearson, Biometrika 26, 1934).

    >>> low, high = clopper_pearson([0, 50], [100, 100])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.398], [0.036, 0.602])
    """
    from scipy.stats import beta

    k, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    tail = (1 - confidence) / 2
    low, high = beta.ppf(tail, k, n - k + 1), beta.ppf(1 - tail, k + 1, n - k)
    return np.where(k == 0, 0.0, low), np.where(k == n, 1.0, high)


def holm(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The p-values of a family of tests, corrected for their number (Holm, Scandinavian Journal of Statistics 6, 1979).

    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    scaled = given[order] * np.arange(len(given), 0, -1)
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return corrected


def _share(values: Floats, confidence: float) -> Interval:
    low, high = wilson(values.sum(), len(values), confidence)
    return Interval(float(values.mean()), float(low), float(high), len(values))


def _mean(values: Floats, confidence: float) -> Interval:
    """Percentile bootstrap (Efron 1979)."""
    mean = float(values.mean())
    if values.min() == values.max() or not np.isfinite(values).all():
        return Interval(mean, mean, mean, len(values))
    low, high = np.quantile(resampled_means(values), [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(mean, float(low), float(high), len(values))


def resampled_means(values: Floats) -> npt.NDArray[np.float64]:
    """The means of RESAMPLES resamples of finite values of shape (n,), the same for the same values.

    Few distinct values are drawn by their counts: one multinomial a resample.
    """
    rng = np.random.Generator(np.random.Philox(len(values)))
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= 64:
        drawn = rng.multinomial(len(values), counts / len(values), size=RESAMPLES)
        return np.asarray(drawn @ distinct / len(values), dtype=np.float64)
    from scipy.stats import bootstrap

    found = bootstrap((values,), np.mean, n_resamples=RESAMPLES, batch=64, method="percentile", rng=rng)
    return np.asarray(found.bootstrap_distribution, dtype=np.float64)


def _median(values: Floats, confidence: float) -> Interval:
    """The percentile bootstrap of the median, exact (Efron, "The jackknife, the bootstrap", 1982, chapter 10).

    A resample's (lower) median is at most the k-th smallest of n values when at least half of its n draws are.
    """
    from scipy.special import betaincinv

    ordered = np.sort(values)
    count = len(ordered)
    half = (count + 1) // 2
    # A share p of the values lies at or below the k-th: at least `half` of n draws do with the chance I_p(half, ...).
    shares = betaincinv(half, count - half + 1, np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    low, high = np.ceil(shares * count).astype(int) - 1
    middle = (float(ordered[(count - 1) // 2]) + float(ordered[count // 2])) / 2
    return Interval(middle, float(ordered[int(low)]), float(ordered[min(int(high), count - 1)]), count)


_BY_SUMMARY: Final[Mapping[str, Callable[[Floats, float], Interval]]] = {
    "share": _share,
    "mean": _mean,
    "median": _median,
}
