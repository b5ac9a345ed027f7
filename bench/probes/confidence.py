"""Confidence: how likely a model holds right and wrong answers, how far to believe it, what else it would say."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Likelihood, Sampler, probe
from enigmath.bench.intervals import CONFIDENCE, Interval, interval, wilson
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.nearest import Floats, Memory, evenly, judged_each, mirrored
from enigmath.bench.probes.subject import Mask, Subject

if TYPE_CHECKING:
    import pandas as pd

PROBLEMS: Final = 500
"""Test problems of trained levels that are looked at, at most."""
SAMPLED: Final = 300
"""Those of them of which answers are drawn, at most."""
SAMPLES: Final = 5
BINS: Final = 10
ENOUGH: Final = 30
"""Fewer problems than these say nothing."""
NEIGHBOUR: Final = "a neighbour's answer"
MIRRORED: Final = "a neighbour's answer mirrored"
CHANGED: Final = "the truth with one character changed"
SURE: Final = 0.9
"""A share of problems on which the truth is likelier than what is near it that speaks for computing."""

DRAWN: Final = 0.75
"""A share of problems on which a neighbour's answer is likelier than its mirror image that speaks for looking up."""


@probe("confidence", needs=(Likelihood,))
def confidence(subject: Subject) -> "pd.DataFrame":
    """Does it hold the truth likelier than the answers of problems nearby, and is it right as often as it is sure?

    Of test problems of trained levels none of whose neighbours, the five training problems with most characters in
    common, has the right answer: `truth likelier than` a neighbour's answer (the likeliest), such a one mirrored at the
    truth (of texts: that of another problem), another problem's answer, and the truth with one character changed, the
    share of problems (ties count half); `neighbour's answer likelier than that mirrored` likewise; `area under the
    curve`, right answers against the same wrong ones over all problems (DeLong's interval). Of all of them
    `calibration`: how often its own answer is right, by the probability that it gives it (mean of each part in the
    column place), with the `expected calibration error`; and of a Sampler, of five answers drawn at temperature 1:
    `truth among five drawn`, `neighbour's answer among five drawn`, `two drawn agree`.

    Says `computes` where the truth is likelier than both a neighbour's answer and the truth with one character changed
    on more than nine problems in ten, intervals and all; `looks up` where a neighbour's answer is likelier than the
    truth on more than half, and likelier than its mirror image on more than three quarters, intervals and all.
    Weakness: it looks at five neighbours of one kind, so a model that looks up by another likeness says nothing.
    """
    rows = evenly(subject.rows(), PROBLEMS)
    if not len(rows) or not subject.data.train.num_rows:
        return findings([])
    asked = subject.told.take(pa.array(rows))
    return findings([*_pairs(subject, asked), *_calibration(subject, asked, subject.right[rows])])


def _pairs(subject: Subject, asked: pa.Table) -> Iterator[Row]:
    """The truth against wrong answers to the same problems; and what is drawn."""
    memory = Memory(subject)
    nearby = memory.answers[memory.near("aligned", asked["question"].to_pylist()).rows]
    alone = ~judged_each(subject, asked, nearby).any(axis=1)
    if isinstance(subject.model, Sampler):
        yield from _drawn(subject, asked, nearby)
    if not alone.any():
        return
    asked, nearby = asked.filter(pa.array(alone)), nearby[alone]
    truth = asked["answer"].to_pylist()
    # Where answers are no numbers there is nothing to mirror at; the next problem's neighbours stand in for it.
    across = mirrored(subject, asked["task"].cast(pa.string()).to_pylist(), truth, nearby)
    wrong = {
        NEIGHBOUR: nearby,
        MIRRORED: np.roll(nearby, 1, axis=0) if across is None else across,
        "another problem's answer": np.array([truth[1:] + truth[:1]], dtype=object).T,
        CHANGED: np.array([[_changed(text, row)] for row, text in enumerate(truth)], object),
    }
    likely = likelihoods(subject, asked["question"].to_pylist(), truth)
    told = {name: _likeliest_wrong(subject, asked, answers) for name, answers in wrong.items()}
    wins = {name: _beats(likely, other) for name, other in told.items()}
    shares = {name: _share(won) for name, won in wins.items()}
    prefers = _share(_beats(told[NEIGHBOUR], told[MIRRORED]))
    neighbour = shares[NEIGHBOUR]
    says = ""
    if neighbour.size >= ENOUGH:
        if min(neighbour.low, shares[CHANGED].low) > SURE:
            says = COMPUTES
        elif neighbour.high < 0.5 and prefers.size >= ENOUGH and prefers.low > DRAWN:
            says = LOOKS_UP
    for name, found in shares.items():
        part = {"by": "instead", "group": name, "says": says if name == NEIGHBOUR else ""}
        yield _row("truth likelier than", found, **part)
        yield area_row(likely, told[name], name)
    yield _row("neighbour's answer likelier than that mirrored", prefers)
    missed = np.array([outcome != "right" for outcome in asked["outcome"].to_pylist()])
    yield _row("truth likelier than", _share(wins[NEIGHBOUR][missed]), by="instead, where it is wrong", group=NEIGHBOUR)


def _share(won: Floats) -> Interval:
    """The share of problems won, ties being half of one."""
    return interval(won, "mean" if (won == 0.5).any() else "share")


def _row(measure: str, found: Interval, by: str = "", group: str = "", says: str = "") -> Row:
    return number(
        measure, found.estimate, by=by, group=group, low=found.low, high=found.high, n=found.size, says=says
    )  # fmt: skip


def _beats(one: Floats, other: Floats) -> Floats:
    """1 where one is likelier, 0 where the other is, a half where they are equal; NaN where one is NaN."""
    won = np.where(one > other, 1.0, np.where(one < other, 0.0, 0.5))
    return np.where(np.isnan(one) | np.isnan(other), np.nan, won)


def _likeliest_wrong(subject: Subject, asked: pa.Table, answers: npt.NDArray[np.object_]) -> Floats:
    """Nats of the likeliest of each problem's answers, which are wrong, shape (n,); NaN where one of them is right."""
    right = judged_each(subject, asked, answers)
    questions = asked["question"].to_pylist()
    nats = np.stack([likelihoods(subject, questions, list(column)) for column in answers.T], axis=1)
    best = np.where(np.isnan(nats), -np.inf, nats).max(axis=1)
    return np.where(right.any(axis=1), np.nan, best)


def likelihoods(subject: Subject, questions: Sequence[str], answers: Sequence[str | None]) -> Floats:
    """Nats of each answer, shape (n,); NaN where there is none."""
    told = np.full(len(questions), np.nan)
    rows = [row for row, answer in enumerate(answers) if answer is not None]
    model: Any = subject.model
    if rows:
        told[rows] = model.log_likelihood([questions[row] for row in rows], [str(answers[row]) for row in rows])
    return told


def _changed(text: str, row: int) -> str:
    """The text with one character another: a digit one more (9 becomes 8), a letter the next; by turns of place."""
    place = row % max(1, len(text))
    given = text[place : place + 1]
    other = "8" if given == "9" else "1" if given == "-" else chr(ord(given) + 1) if given.isalnum() else "1"
    return text[:place] + other + text[place + 1 :]


def area_row(right: Floats, wrong: Floats, name: str) -> Row:
    """The area under the receiver's curve of right against wrong answers' likelihoods, as a row."""
    value, low, high = area(right[~np.isnan(right)], wrong[~np.isnan(wrong)])
    n = int((~np.isnan(wrong)).sum())
    return number("area under the curve", value, by="instead", group=name, low=low, high=high, n=n)


def area(right: Floats, wrong: Floats) -> tuple[float, float, float]:
    """The chance that one of `right` (n,) exceeds one of `wrong` (m,), ties half, and its interval.

    The interval is that of DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated
    receiver operating characteristic curves", Biometrics 44, 1988.

    >>> area(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0]))[0]
    0.9166666666666666
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    n, m = len(right), len(wrong)
    if not n or not m:
        return float("nan"), float("nan"), float("nan")
    both = rankdata(np.concatenate([right, wrong]))
    above = (both[:n] - rankdata(right)) / m
    below = 1 - (both[n:] - rankdata(wrong)) / n
    value = float(above.mean())
    spread = np.sqrt(sum(part.var(ddof=1) / len(part) for part in (above, below) if len(part) > 1))
    if spread == 0:  # all in order: nothing varies, and the fewer of both sides bound what could
        low, high = wilson(value * min(n, m), min(n, m))
        return value, float(low), float(high)
    half = float(ndtri((1 + CONFIDENCE) / 2)) * float(spread)
    return value, max(0.0, value - half), min(1.0, value + half)


def _calibration(subject: Subject, asked: pa.Table, right: Mask) -> Iterator[Row]:
    """How often its own answer is right, by the probability that it gives it."""
    nats = likelihoods(subject, asked["question"].to_pylist(), asked["prediction"].to_pylist())
    told = np.flatnonzero(~np.isnan(nats))
    if not len(told):
        return
    sure, right = np.exp(np.minimum(nats[told], 0.0)), right[told]
    part = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    for place in np.unique(part):
        group, rows = f"{place / BINS:g} to {(place + 1) / BINS:g}", part == place
        yield share("calibration", right[rows], by="its own probability", group=group, place=float(sure[rows].mean()))
    gaps = [calibration_error(sure, right)]
    rng = np.random.Generator(np.random.Philox(len(sure)))
    for _ in range(400):
        drawn = rng.integers(0, len(sure), len(sure))
        gaps.append(calibration_error(sure[drawn], right[drawn]))
    low, high = np.quantile(gaps[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    yield number("expected calibration error", gaps[0], low=min(low, gaps[0]), high=max(high, gaps[0]), n=len(sure))


def calibration_error(sure: Floats, right: Mask) -> float:
    """The mean gap between probability and share of right answers, (n,) each, over 10 parts by their sizes.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.

    >>> round(calibration_error(np.array([0.95, 0.95, 0.15, 0.15]), np.array([True, False, False, False])), 2)
    0.3
    """
    part = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(part, sure, BINS) - np.bincount(part, right, BINS))
    return float(gaps.sum() / len(sure))


def _drawn(subject: Subject, asked: pa.Table, nearby: npt.NDArray[np.object_]) -> Iterator[Row]:
    """What five draws say."""
    rows = evenly(np.arange(asked.num_rows), SAMPLED)
    some, nearby = asked.take(pa.array(rows)), nearby[rows]
    questions, model = some["question"].to_pylist(), subject.model
    assert isinstance(model, Sampler)
    drawn = np.array([list(model.sample(questions, 1.0, seed=seed)) for seed in range(SAMPLES)], dtype=object).T
    right = judged_each(subject, some, drawn)
    known = [(set(row) & set(theirs)) - {None, truth} for row, theirs, truth in zip(
        drawn.tolist(), nearby.tolist(), some["answer"].to_pylist(), strict=True
    )]  # fmt: skip
    alike = [np.mean([row[one] == row[other] for other in range(SAMPLES) for one in range(other)]) for row in drawn]
    together = interval(alike, "mean")
    yield share("truth among five drawn", right.any(axis=1))
    yield share("share of draws that are right", right.ravel())
    yield share("neighbour's answer among five drawn", [bool(found) for found in known])
    yield number("two drawn agree", together.estimate, low=together.low, high=together.high, n=together.size)
