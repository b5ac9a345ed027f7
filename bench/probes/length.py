"""Length and size: how accuracy goes with a problem's size, past what was trained, and where it falls to a half."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import probe
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.nearest import Floats, evenly, values
from enigmath.bench.probes.subject import Mask, Subject

if TYPE_CHECKING:
    import pandas as pd

HALF: Final = 0.5
GROUPS: Final = 10
"""An axis of more values is read by so many parts of equally many problems."""
TRAINED: Final = 500
"""Training problems that the model is asked again, at most."""
DRAWS: Final = 2_000
ENOUGH: Final = 30
"""A group of fewer problems is no point of a curve."""


MAGNITUDE: Final = "digits before the point of the answer"
CHARACTERS: Final = "characters of the question"
MEASURED: Final = (MAGNITUDE, CHARACTERS)
"""The axes that every task has."""


@dataclass(frozen=True)
class Curve:
    """Accuracy along an axis: where its groups lie (ascending), their right answers and their problems, (groups,)."""

    places: Floats
    right: npt.NDArray[np.int64]
    asked: npt.NDArray[np.int64]


@probe("length-and-size")
def length_and_size(subject: Subject) -> "pd.DataFrame":
    """How large may a problem be until it is right only half of the time, and is that past what was trained?

    `accuracy` by level (those beyond training are marked), by the traits that levels set, by the answer's order of
    magnitude and by the question's length; by other traits at trained levels alone. `falls to one half at` is where
    each curve first does, interpolated between the sizes that it names, with an interval from draws of every group's
    accuracy (Jeffreys' posterior). A curve that never falls so far has the largest size asked as its low end and no
    high end; one that never was so high has the smallest as its high end and no low end.
    `accuracy on training problems` is what it says to problems that it has seen: size past training zero.

    Says `computes` where accuracy at the levels beyond training lies above a half, interval and all: their answers
    can hardly be remembered. Says `looks up` where it is right on more than half of the training problems, and on new
    ones of the same levels less than half as often, intervals and all. Weakness: a model that computes within the sizes
    it was trained on and fails past them, as positions that were never trained make it, says nothing.
    """
    return findings([*_levels(subject), *_axes(subject)])


def _levels(subject: Subject) -> Iterator[Row]:
    rows, past = subject.rows(), subject.rows(beyond=True)
    fresh = share("accuracy", subject.right[rows], by="levels", group="trained")
    beyond = share("accuracy", subject.right[past], by="levels", group="beyond")
    seen = subject.data.train.take(pa.array(evenly(np.arange(subject.data.train.num_rows), TRAINED)))
    again = subject.judged(seen, subject.ask(seen["question"].to_pylist())) if seen.num_rows else np.zeros(0, bool)
    known = share("accuracy on training problems", again, by="levels", group="trained")
    forgets = known["low"] > HALF and fresh["high"] < known["low"] / 2
    yield fresh
    yield {**known, "says": LOOKS_UP if forgets and len(rows) >= ENOUGH else ""}
    if len(past):
        yield {**beyond, "says": COMPUTES if beyond["low"] > HALF and len(past) >= ENOUGH else ""}


def _axes(subject: Subject) -> Iterator[Row]:
    names = {level["number"]: level for task in subject.landed.record["tasks"] for level in task["levels"]}
    levels = subject.told["level"].to_numpy()
    for place in np.unique(levels):
        level = names.get(int(place), {})
        group = f"{level.get('name', place)}{', beyond' if level.get('beyond') else ''}"
        yield share("accuracy", subject.right[levels == place], by="level", group=group, place=float(place))
    yield _fall("level", _curve(levels.astype(np.float64), subject.right))
    grows = {name for level in names.values() for name in re.findall(r"([a-z_]+)=", str(level.get("name", "")))}
    for axis, sizes in _sizes(subject):
        # What no level sets, as the number of carries, is judged at trained levels: beyond them all fails at once.
        kept = slice(None) if axis in grows or axis in MEASURED else subject.rows()
        curve = _curve(sizes[kept], subject.right[kept])
        for place, right, asked in zip(curve.places, curve.right, curve.asked, strict=True):
            outcomes = np.repeat([1.0, 0.0], [right, asked - right])
            yield share("accuracy", outcomes, by=axis, group=f"{place:g}", place=float(place))
        yield _fall(axis, curve)


def _sizes(subject: Subject) -> Iterator[tuple[str, Floats]]:
    """The axes along which problems grow, with each test problem's size: traits, the answer, the question."""
    told = subject.told
    columns: dict[str, Any] = {
        name.removeprefix("trait."): told[name]
        for name in told.schema.names
        if name.startswith("trait.") and (pa.types.is_integer(told[name].type) or pa.types.is_floating(told[name].type))
    }
    axes = {name: column.to_numpy().astype(np.float64) for name, column in columns.items()}
    answers = values(subject, told["task"].to_pylist(), told["answer"].to_pylist())
    if answers is not None:
        with np.errstate(all="ignore"):
            axes[MAGNITUDE] = np.maximum(np.floor(np.log10(np.abs(answers))), 0) + 1
    axes[CHARACTERS] = pc.utf8_length(told["question"]).to_numpy().astype(np.float64)
    for name, sizes in axes.items():
        if len(np.unique(sizes[np.isfinite(sizes)])) > 1:
            yield name, sizes


def _curve(sizes: Floats, right: Mask) -> Curve:
    """Accuracy by size; sizes of many values by parts, each at its mean size. Groups too small are left out."""
    kept = np.isfinite(sizes)
    sizes, right = sizes[kept], right[kept]
    distinct = np.unique(sizes)
    if len(distinct) > GROUPS:
        edges = np.unique(np.quantile(sizes, np.linspace(0, 1, GROUPS + 1), method="lower"))
        part = np.searchsorted(edges[1:-1], sizes, side="right")
    else:
        part = np.searchsorted(distinct, sizes)
    counts = np.bincount(part)
    large = counts >= min(ENOUGH, max(counts, default=0))
    places = np.bincount(part, sizes)[large] / counts[large]
    return Curve(places, np.bincount(part, right)[large].astype(np.int64), counts[large])


def _fall(axis: str, curve: Curve) -> Row:
    measure, n = "falls to one half at", int(curve.asked.sum())
    if not len(curve.places):
        return number(measure, np.nan, by=axis, group="too few problems", n=n)
    rng = np.random.Generator(np.random.Philox(n))
    missed = curve.asked - curve.right
    drawn = rng.beta(curve.right + 0.5, missed + 0.5, size=(DRAWS, len(curve.places)))
    value = float(crossings(curve.places, (curve.right / curve.asked)[None])[0])
    low, high = np.quantile(crossings(curve.places, drawn), [0.025, 0.975], method="nearest")
    smallest, largest = float(curve.places[0]), float(curve.places[-1])
    if np.isposinf(value):
        return number(measure, np.nan, by=axis, group="never falls so far", low=min(low, largest), n=n)
    if np.isneginf(value):
        return number(measure, np.nan, by=axis, group="never was so high", high=max(high, smallest), n=n)
    ends = [bound if np.isfinite(bound) else np.nan for bound in (low, high)]
    after = int(np.searchsorted(curve.places, value))
    between = f"between {curve.places[max(after - 1, 0)]:g} and {curve.places[min(after, len(curve.places) - 1)]:g}"
    return number(measure, value, by=axis, group=between, low=ends[0], high=ends[1], n=n)


def crossings(places: Floats, accuracies: Floats) -> Floats:
    """Where each curve, rows of shape (curves, groups), first falls to one half, interpolated; shape (curves,).

    Infinite where it never does, minus infinity where its first group lies below already.

    >>> crossings(np.array([1.0, 2.0, 4.0]), np.array([[1, 0.75, 0.25], [1, 1, 1], [0.2, 0.9, 0.9]])).tolist()
    [3.0, inf, -inf]
    """
    below = accuracies < HALF
    first = np.where(below.any(axis=1), below.argmax(axis=1), 0)
    after, rows = np.maximum(first, 1), np.arange(len(accuracies))
    if len(places) == 1:
        return np.where(below[:, 0], -np.inf, np.inf)
    high, low = accuracies[rows, after - 1], accuracies[rows, after]
    with np.errstate(all="ignore"):
        inside = places[after - 1] + (high - HALF) / (high - low) * (places[after] - places[after - 1])
    return np.where(below[:, 0], -np.inf, np.where(below.any(axis=1), inside, np.inf))
