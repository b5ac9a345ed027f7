"""Hidden states: does the state after a question hold the steps that its answer needs?

Each step (see `sought`) is read off the states of each layer by a linear map (see `readout`), learnt on problems that
no model was fitted on, judged on the test problems. High accuracy alone says little, so each reading has three others
beside it, over the same problems:

- *the input*: the same map of the question's symbols, aligned by place. What it reads as well is no merit of the model:
  the carry of an addition, for one, is a linear threshold of the digits.
- *untrained*: the same map of the states of the same network with the weights that it began with, where it can be had.
  What random weights spread out as well was not learnt.
- *random labels*, the control task of Hewitt and Liang ("Designing and interpreting probes with control tasks", 2019):
  labels drawn from the step's own, one for each pair of symbols at the two places of the question that tell most of
  the step. They hang on the same symbols and mean nothing; *selectivity* is how much better the step is read than
  they are. A map of a wide layer reads both, so, as they advise, maps of low rank are tried beside it: of the layer's
  leading principal components alone.

The step, layer and rank for which the smallest of the three differences is largest is chosen on problems that are not
judged: one choice, one test a cell. **Computes**, where its intervals on the test problems all lie above 0, and the map
reads right at least half of the problems that input and untrained state leave wrong. Magnitudes are told and decide
nothing: a rough size is what interpolating between neighbours gives. Nor does a step that is held make a computation of
a model that is hardly ever right: where not surely a tenth of the test problems is, nothing is said of it.

A model that looks up cannot tell a problem from the training problem that answers for it. So the state's distance to
that of the nearest training problem (by characters aligned) is measured, relative to the distance of problems at
random, and the same in the input; over the test problems whose answer is another than their neighbour's. **Looks up**,
where no step is held so and the last layer's distance is, beyond its interval, less than half of the input's.

Weaknesses. One step held says that this step is computed, not that all are: a network that is wrong in nine products of
ten computes their last digit. A network that writes the right first symbol must hold that symbol in its last layer:
there `computes` says no more than its accuracy does, and the layers below say more. A network may compute a step later,
while it writes, or hold it in a form that no linear map reads: a step not found is not a step not done. A state that
falls together for another reason than a neighbour's (a network that learnt nothing but a rough size) is taken for one
that looks up.
"""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import Budget, Examples, Inspectable, Learner, UserError, probe
from enigmath.bench.contracts.registry import find_model
from enigmath.bench.intervals import Interval, difference, interval
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number
from enigmath.bench.probes.layout import Layout, laid_out
from enigmath.bench.probes.readout import Parts, Quantity, Vectors, held, scaled
from enigmath.bench.probes.sought import problems, quantities
from enigmath.bench.probes.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

RANKS: Final = (64, 16)
"""Of the maps of leading principal components."""
WIDEST: Final = 256
"""Components of a layer that any map reads; wider layers are read by as many leading ones."""
HELD: Final = 0.5
"""Of the problems that others leave wrong: fewer than that read right, and a step is not held."""
RIGHT: Final = 0.1
"""The share of right answers that there must surely be: below that, a step that is held makes no computation."""
NEIGHBOURS: Final = 500
"""Test problems whose nearest training problem is sought, at most."""
FEWEST: Final = 30
"""Test problems with another answer than their neighbour's that make a distance worth telling."""
CLOSE: Final = 0.5
"""Of the input's distance: nearer than that, a state has lost what tells a problem from its neighbour."""

Floats = npt.NDArray[np.floating[Any]]


@probe("hidden-states", needs=(Inspectable,))
def hidden_states(subject: Subject) -> "pd.DataFrame":
    """Does the state after a question hold the steps that its answer needs, beyond what the question itself shows?"""
    table, parts = problems(subject)
    questions = table["question"].to_pylist()
    layers = states(subject.model, questions)
    parts = readable(layers, parts)
    if not len(parts.judge) or not len(parts.learn):
        return findings([])
    layout = laid_out(questions)
    symbols = scaled(layout.indicators(), parts.learn)
    views = [leading(layer, parts) for layer in layers]
    untrained = [leading(layer, parts)[0] for layer in untrained_states(subject, questions, layers)]
    rows: list[Row] = []
    readings: list[Reading] = []
    for order, quantity in enumerate(quantities(subject, table, parts)):
        control = random_labels(layout, quantity, parts, order)
        asked = held(symbols, quantity, parts)
        rows.append(_reading("read from the input", asked, quantity, parts))
        rows.append(_reading("guessed without a look", _guessed(quantity, parts), quantity, parts))
        for layer, ranked in enumerate(views):
            unlearnt = held(untrained[layer], quantity, parts) if untrained else None
            tried = [
                Reading(
                    quantity, layer, view.shape[1], parts, held(view, quantity, parts), held(view, control, parts),
                    asked, unlearnt,
                )
                for view in ranked
            ]  # fmt: skip
            readings.append(max(tried, key=Reading.promise))
            rows += readings[-1].rows()
    decided, computes = _decision(readings)
    if interval(subject.right[subject.rows()], "share").low < RIGHT:
        decided = [{**row, "says": ""} for row in decided]
    return findings([*decided, *_distances(subject, layers, computes), *rows])


def states(model: Any, questions: Sequence[str]) -> list[Floats]:
    """The states of each layer that a model tells apart, the first one first; each of shape (n, width)."""
    if "layer" not in inspect.signature(model.hidden_states).parameters:
        return [np.asarray(model.hidden_states(questions))]
    made: list[Floats] = []
    for layer in count():
        try:
            model.hidden_states(questions[:1], layer=layer)
        except UserError:
            if layer:
                return made
            raise
        made.append(np.asarray(model.hidden_states(questions, layer=layer)))
    return made


def untrained_states(subject: Subject, questions: Sequence[str], layers: Sequence[Floats]) -> list[Floats]:
    """The states of each layer before training; none where a fit without a budget leaves the same model, or none."""
    if not isinstance(subject.model, Learner):
        return []
    try:
        made = states(subject.refitted(subject.data, Budget(steps=0)), questions)
    except UserError:
        return []
    same = all(np.array_equal(one, other, equal_nan=True) for one, other in zip(made, layers, strict=True))
    return [] if same else made


def leading(states: Floats, parts: Parts) -> list[Vectors]:
    """The states, and their leading principal components for each rank below their width; all scaled."""
    vectors = scaled(np.nan_to_num(states), parts.learn)
    _, basis = np.linalg.eigh(vectors[parts.learn].T @ vectors[parts.learn])
    ranks = [rank for rank in (WIDEST, *RANKS) if rank < vectors.shape[1]]
    reduced = [scaled(vectors @ basis[:, -rank:], parts.learn) for rank in ranks]
    return reduced if WIDEST in ranks else [vectors, *reduced]


def readable(layers: Sequence[Floats], parts: Parts) -> Parts:
    """The problems that the model could read: those whose states are finite."""
    sound = np.all([np.isfinite(layer).all(axis=1) for layer in layers], axis=0)
    return Parts(*(rows[sound[rows]] for rows in (parts.learn, parts.choose, parts.judge)))


def random_labels(layout: Layout, quantity: Quantity, parts: Parts, order: int) -> Quantity:
    """The control of a quantity: for each pair of symbols at its two telling places, one of its values at random."""
    pair = layout.telling_pair(quantity, parts)
    values = quantity.values[parts.learn][quantity.known[parts.learn]]
    drawn = np.random.Generator(np.random.Philox(order)).choice(values, int(pair.max(initial=0)) + 1)
    missing = -1 if quantity.classes else np.nan
    return Quantity(quantity.name, np.where(quantity.known, drawn[pair], missing), quantity.classes)


@dataclass(frozen=True)
class Reading:
    """One step read off one layer: each problem's score (see readout.held), and those of what it is compared with."""

    quantity: Quantity
    layer: int
    rank: int
    parts: Parts
    score: Vectors
    by_control: Vectors
    by_input: Vectors
    by_untrained: Vectors | None

    @property
    def others(self) -> dict[str, Vectors]:
        """The scores that it is to exceed, by the name of the difference."""
        more = {} if self.by_untrained is None else {"gain over the untrained": self.by_untrained}
        return {"gain over the input": self.by_input, **more, "selectivity": self.by_control}

    def promise(self) -> float:
        """The smallest difference, on the problems to choose by."""
        rows = self.parts.choose[self.quantity.known[self.parts.choose]]
        return min(float((self.score - other)[rows].mean()) for other in self.others.values())

    def differences(self) -> dict[str, Interval]:
        """Each difference on the test problems."""
        judge = self.parts.judge
        return {name: difference(self.score[judge], other[judge]) for name, other in self.others.items()}

    def is_held(self) -> bool:
        """Whether a class is told where input and untrained state do not tell it, and random labels are told less."""
        bases = [self.by_input] if self.by_untrained is None else [self.by_input, self.by_untrained]
        most = max(float(np.nanmean(base[self.parts.judge])) for base in bases)
        clear = float(np.nanmean(self.score[self.parts.judge])) >= most + HELD * (1 - most)
        return self.quantity.classes > 0 and clear and all(found.low > 0 for found in self.differences().values())

    def rows(self) -> Iterator[Row]:
        """Score, control, and what it is beside the input, the untrained network and the control."""
        yield _reading("read from the state", self.score, self.quantity, self.parts, self)
        yield _reading("random labels, read from the state", self.by_control, self.quantity, self.parts, self)
        if self.by_untrained is not None:
            yield _reading("read from the untrained state", self.by_untrained, self.quantity, self.parts, self)
        for name, found in self.differences().items():
            yield _told(name, found, self.quantity, self)


def _reading(measure: str, score: Vectors, quantity: Quantity, parts: Parts, of: Reading | None = None) -> Row:
    found = interval(score[parts.judge], "share" if quantity.classes else "mean")
    return _told(measure, found, quantity, of)


def _told(measure: str, found: Interval, quantity: Quantity, of: Reading | None, says: str = "") -> Row:
    return number(
        measure, found.estimate, by="step", group=quantity.name, low=found.low, high=found.high, n=found.size,
        says=says, figure="accuracy" if quantity.classes else "R²", layer=of and of.layer, rank=of and of.rank,
    )  # fmt: skip


def _guessed(quantity: Quantity, parts: Parts) -> Vectors:
    """The scores of the commonest class, or of the mean."""
    return held(np.zeros((len(quantity.values), 0)), quantity, parts)


def _decision(readings: Sequence[Reading]) -> tuple[list[Row], bool]:
    """The rows of the step that is held best, by the problems to choose by, and whether it is held on the test."""
    decisive = [reading for reading in readings if reading.quantity.classes]
    if not decisive:
        return [], False
    best = max(decisive, key=Reading.promise)
    computes = best.is_held()
    says = COMPUTES if computes else ""
    rows = [
        _told(f"{name}, of the step held best", found, best.quantity, best, says)
        for name, found in best.differences().items()
    ]
    for layer in sorted({reading.layer for reading in decisive}):
        here = [reading for reading in decisive if reading.layer == layer]
        kept = sum(reading.is_held() for reading in here)
        rows.append(number("steps held", kept, by="layer", group=str(layer), n=len(here), layer=layer))
    return rows, computes


def _distances(subject: Subject, layers: Sequence[Floats], computes: bool) -> Iterator[Row]:
    """How far each layer's states are from those of the nearest training problems, and the questions themselves."""
    train, test = subject.data.train, subject.data.test
    rows = subject.rows()
    rows = rows[np.linspace(0, len(rows) - 1, min(NEIGHBOURS, len(rows))).astype(np.int64)]
    nearest: Any = find_model("nearest-aligned")()
    nearest.fit(Examples(train), Examples(subject.data.validation), Budget())
    asked = test["question"].take(rows).to_pylist()
    found = nearest.nearest(asked)[0]
    apart = test["answer"].take(rows).to_numpy() != train["answer"].take(found).to_numpy()
    if apart.sum() < FEWEST:
        return
    kept = np.flatnonzero(apart).tolist()
    pairs = [asked[row] for row in kept] + train["question"].take(found[kept]).to_pylist()
    given = interval(relative_distances(laid_out(pairs).indicators()), "median")
    yield _distance("distance to the nearest training problem, in the input", given)
    shown = states(subject.model, pairs)
    for layer, vectors in enumerate(shown):
        told = interval(relative_distances(vectors), "median")
        lost = layer == len(shown) - 1 and not computes and told.high < CLOSE * given.low
        measure = "distance to the nearest training problem, in the state"
        yield _distance(measure, told, LOOKS_UP if lost else "", layer)


def _distance(measure: str, found: Interval, says: str = "", layer: int | None = None) -> Row:
    return number(
        measure, found.estimate, by="distance", low=found.low, high=found.high, n=found.size, says=says, layer=layer,
        figure="distance",
    )  # fmt: skip


def relative_distances(vectors: Floats) -> Vectors:
    """How far each of the first half of the rows is from its partner in the second, shape (n / 2,).

    Euclidean, columns brought to deviation 1, and relative to the mean distance of rows of the first half at random.
    NaN where a state is no number, or where all are the same.
    """
    rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    if not len(rows):
        return np.full(len(vectors) // 2, np.nan)
    half = len(vectors) // 2
    even = scaled(vectors, rows)
    if even.shape[1] == 0:
        return np.full(half, np.nan)
    others = np.roll(even[:half], 1 + half // 3, axis=0)
    usual = np.nanmean(np.linalg.norm(even[:half] - others, axis=1))
    apart: Vectors = np.linalg.norm(even[:half] - even[half:], axis=1) / usual if usual > 0 else np.full(half, np.nan)
    return apart
