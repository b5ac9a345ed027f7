"""Two models on the same problems: by how much they differ, how sure that is, and how many problems would decide it.

Shares are told apart by McNemar's test, from the problems that one of the two alone got right, and have Newcombe's
interval; means and medians a paired bootstrap. The tests of a family are corrected by Holm (`intervals.holm`). All of
it speaks of fresh problems for these two models as they were trained, not of further trainings.
"""

import math
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from enigmath.bench.intervals import RESAMPLES, difference, resampled_means

Floats = npt.NDArray[np.float64]

LEVEL: Final = 0.05
"""How often a test may find a difference where there is none."""

POWER: Final = 0.8
"""How often the number of problems that is said to decide shall decide, were the difference the observed one."""

DRAWN: Final = 2**18
"""Values of resamples that are held at once: bounds the memory of a bootstrap."""

FEWEST: Final = 10
"""Resamples beyond zero from which a p-value is counted; of fewer, it is read off a normal of the same spread."""


class Paired(NamedTuple):
    """First against second over the problems that both have a value for; NaN throughout where there are none."""

    first: float
    second: float
    difference: float
    """First less second."""
    low: float
    high: float
    p: float
    """Two-sided: how often models that do not differ would seem to differ as much."""
    size: int
    first_only: int
    """Problems on which the first is higher: for shares, those that it alone got right."""
    second_only: int
    spread: float
    """The standard error of the difference."""

    def needed(self, summary: str, level: float = LEVEL) -> float:
        """How many problems would tell the two apart at a level with POWER, were the difference the observed one.

        Infinite where none is observed.
        """
        if summary == "share":
            ahead, behind = (count / max(self.size, 1) for count in (self.first_only, self.second_only))
            return problems_needed(ahead, behind, level)
        if not self.difference or not math.isfinite(self.difference) or not math.isfinite(self.spread):
            return math.inf
        return self.size * (_deviations(level, POWER) * self.spread / self.difference) ** 2


def paired(first: npt.ArrayLike, second: npt.ArrayLike, summary: Literal["share", "mean", "median"]) -> Paired:
    """Compare two models' values of a metric on the same problems, shapes (n,), by the metric's own summary.

    >>> found = paired([1] * 30 + [0] * 70, [1] * 20 + [0] * 80, "share")
    >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3), round(found.p, 4)
    (0.1, 0.038, 0.165, 0.002)
    """
    pairs = np.stack([np.asarray(side, dtype=np.float64) for side in (first, second)])
    pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
    size = pairs.shape[1]
    ahead, behind = int((pairs[0] > pairs[1]).sum()), int((pairs[0] < pairs[1]).sum())
    if not size:
        nan = math.nan
        return Paired(nan, nan, nan, nan, nan, nan, 0, 0, 0, nan)
    one, other = (np.median(pairs, axis=1) if summary == "median" else pairs.mean(axis=1)).tolist()
    if summary == "share":
        apart, low, high, _ = difference(pairs[0], pairs[1])
        p = float(mcnemar(ahead, behind))
        spread = math.sqrt(max((ahead + behind) / size - apart**2, 0) / size)
    else:
        apart = float(_less(one, other))
        drawn = _resampled(pairs, summary)
        low, high = np.quantile(drawn, [LEVEL / 2, 1 - LEVEL / 2], method="inverted_cdf").tolist()
        spread = float(drawn.std()) if np.isfinite(drawn).all() else math.nan
        p = _p_value(apart, spread, drawn, ahead + behind)
    return Paired(one, other, apart, low, high, p, size, ahead, behind, spread)


def mcnemar(first_only: npt.ArrayLike, second_only: npt.ArrayLike) -> Floats:
    """The two-sided p-values of paired shares, of any shape at once, from the problems that one alone got right.

    Exact at any number of them (McNemar, Psychometrika 12, 1947, by the binomial): were the two equally good, each such
    problem would be either's with probability 1/2. So false alarms are never more than the level, and fewer where
    few problems tell the two apart.

    >>> mcnemar([10, 3, 0], [0, 2, 0]).round(4).tolist()
    [0.002, 1.0, 1.0]
    """
    from scipy.stats import binom

    one, other = np.asarray(first_only), np.asarray(second_only)
    tail: Floats = np.asarray(binom.cdf(np.minimum(one, other), one + other, 0.5), dtype=np.float64)
    return np.minimum(2 * tail, 1.0)


def problems_needed(first_only: float, second_only: float, level: float = LEVEL, power: float = POWER) -> float:
    """How many problems let McNemar's test find such a difference, from the shares that one model alone gets right.

    Connor's number (Biometrics 43, 1987) and what the steps of the exact test ask for more; infinite for equal shares.

    >>> round(problems_needed(0.15, 0.05)), problems_needed(0.1, 0.1)
    (175, inf)
    """
    from scipy.special import ndtri

    apart, either = abs(first_only - second_only), first_only + second_only
    if not apart:
        return math.inf
    sure, found = float(ndtri(1 - level / 2)), float(ndtri(power))
    root = sure * math.sqrt(either) + found * math.sqrt(max(either - apart**2, 0))
    return (root / apart) ** 2 + 2 / apart


def _resampled(pairs: Floats, summary: str) -> Floats:
    """First less second in RESAMPLES resamples of the pairs, shape (2, n)."""
    apart = _less(pairs[0], pairs[1])
    if summary == "mean":
        return resampled_means(apart) if np.isfinite(apart).all() else np.full(RESAMPLES, apart.mean())
    from scipy.stats import bootstrap

    def statistic(first: Floats, second: Floats, axis: int) -> Floats:
        return _less(np.median(first, axis=axis), np.median(second, axis=axis))

    count = pairs.shape[1]
    if count == 1:
        return np.full(RESAMPLES, apart[0])
    rng = np.random.Generator(np.random.Philox(count))
    options: dict[str, Any] = {"paired": True, "n_resamples": RESAMPLES, "batch": max(DRAWN // count, 1)}
    with np.errstate(invalid="ignore"):  # scipy takes a standard deviation of infinite medians as well
        found = bootstrap((pairs[0], pairs[1]), statistic, method="percentile", rng=rng, **options)
    return np.asarray(found.bootstrap_distribution, dtype=np.float64)


def _less(first: npt.ArrayLike, second: npt.ArrayLike) -> Floats:
    """First less second; 0 for two infinities of one sign, which do not differ."""
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(one == other, 0.0, one - other)


def _p_value(apart: float, spread: float, drawn: Floats, unequal: int) -> float:
    """Twice the share of resamples at or past zero, never surer than so many signs alone could make it."""
    from scipy.stats import norm

    if not apart:
        return 1.0
    past = int((drawn <= 0).sum() if apart > 0 else (drawn >= 0).sum())
    if past >= FEWEST or not spread > 0:
        p = 2 * (past + 1) / (len(drawn) + 1)
    else:
        p = 2 * float(norm.sf(abs(apart) / spread))
    return min(max(p, math.ldexp(2.0, -unequal)), 1.0)


def _deviations(level: float, power: float) -> float:
    """How many standard errors apart two models must be to be told apart at a level with a power."""
    from scipy.special import ndtri

    return float(ndtri(1 - level / 2) + ndtri(power))
