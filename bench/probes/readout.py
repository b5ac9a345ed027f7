"""Linear readouts: how well a linear map tells a quantity from a vector, on problems that the map was not learnt on.

A map is learnt on some problems, chosen among its kin on others, and judged on a third part. Classes are told by
linear discriminant analysis (Fisher 1936; its shared covariance shrunk towards a multiple of the identity) or by
logistic regression, magnitudes by ridge regression; all are linear, and none is the best everywhere: the first finds
ordered classes, the second those with an exact boundary. Guessing the commonest, or the mean, is always among the
choices, so that no readout is far below chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

SHRINKAGES: Final = (1e-3, 1e-1)
PENALTY: Final = 1e-4
"""Of the squared weights of a logistic regression, per problem."""
RIDGES: Final = (1e-4, 1e-2, 1.0)
"""Times the number of problems."""
ROUNDS: Final = 60
"""Of the quasi-Newton method, at most."""


@dataclass(frozen=True)
class Quantity:
    """A column of what is sought: `values`, shape (n,), are class numbers, -1 for none; or magnitudes, NaN for none.

    `classes` counts the classes; 0 says that the values are magnitudes.
    """

    name: str
    values: npt.NDArray[Any]
    classes: int

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which problems have it, shape (n,)."""
        return self.values >= 0 if self.classes else ~np.isnan(self.values)


@dataclass(frozen=True)
class Parts:
    """Rows of the problems to learn on, to choose by, and to judge on: no problem is in two."""

    learn: Rows
    choose: Rows
    judge: Rows


def scaled(vectors: npt.NDArray[Any], learn: Rows) -> Vectors:
    """Each column with mean 0 and deviation 1 over the problems to learn on; constant columns are left out."""
    wide = np.asarray(vectors, dtype=np.float64)
    deviation = wide[learn].std(axis=0)
    varying = deviation > 1e-7 * np.maximum(1.0, np.abs(wide[learn]).max(axis=0, initial=0))
    made: Vectors = (wide[:, varying] - wide[learn][:, varying].mean(axis=0)) / deviation[varying]
    return made


def held(vectors: Vectors, quantity: Quantity, parts: Parts) -> Vectors:
    """How well each problem's quantity is read off its vector, shape (n,): NaN on `learn` and where there is none.

    A class: 1 where it is told right, else 0; the mean is the accuracy. A magnitude: 1 - error² / variance; the mean
    over the problems that are judged is R², and that of guessing the mean 0.
    """
    found = np.full(len(vectors), np.nan)
    learn, rest = (rows[quantity.known[rows]] for rows in (parts.learn, np.concatenate([parts.choose, parts.judge])))
    choosing = np.isin(rest, parts.choose)
    if len(learn) == 0 or not choosing.any() or choosing.all():
        return found
    truth = quantity.values[rest]
    fit = _class_maps if quantity.classes else _ridges
    told = list(fit(vectors[learn], quantity, learn, vectors[rest]))
    if quantity.classes:
        scores = [(guess == truth).astype(np.float64) for guess in told]
    else:
        variance = np.where(choosing, truth[choosing].var(), truth[~choosing].var())
        scores = [1 - (guess - truth) ** 2 / np.maximum(variance, 1e-30) for guess in told]
    found[rest] = max(scores, key=lambda score: score[choosing].mean())
    return found


def _class_maps(x: Vectors, quantity: Quantity, learn: Rows, asked: Vectors) -> Iterator[npt.NDArray[np.int64]]:
    """The classes that each way tells for the rows of `asked`: the commonest, discriminants, logistic regression."""
    labels = quantity.values[learn].astype(np.int64)
    counts = np.bincount(labels, minlength=quantity.classes)
    yield np.full(len(asked), counts.argmax())
    if x.shape[1] == 0:
        return
    indicators = np.eye(quantity.classes)[labels]
    means = indicators.T @ x / np.maximum(counts, 1)[:, None]
    apart = x - means[labels]
    within = apart.T @ apart / len(x)
    for shrinkage in SHRINKAGES:
        shared = (1 - shrinkage) * within
        shared[np.diag_indices_from(shared)] += shrinkage * np.trace(within) / len(within) + 1e-9
        weights = np.linalg.solve(shared, means.T)
        with np.errstate(divide="ignore"):
            constant = np.log(counts / len(x)) - (means.T * weights).sum(axis=0) / 2
        yield (asked @ weights + constant).argmax(axis=1)
    weights, constant = _logistic(x, indicators)
    yield (asked @ weights + constant).argmax(axis=1)


def _logistic(x: Vectors, indicators: Vectors) -> tuple[Vectors, Vectors]:
    """Weights (width, classes) and constants of the multinomial logistic regression, in single precision."""
    from scipy.optimize import minimize

    one_more = np.concatenate([x, np.ones((len(x), 1))], axis=1).astype(np.float32)
    wanted = indicators.astype(np.float32)
    shape = one_more.shape[1], wanted.shape[1]

    def loss_and_slope(flat: Vectors) -> tuple[float, Vectors]:
        weights = flat.reshape(shape).astype(np.float32)
        logits = one_more @ weights
        logits -= logits.max(axis=1, keepdims=True)
        likely = np.exp(logits)
        total = likely.sum(axis=1, keepdims=True)
        loss = (np.log(total)[:, 0] - (logits * wanted).sum(axis=1)).mean() + PENALTY / 2 * (weights**2).sum()
        slope = one_more.T @ ((likely / total - wanted) / np.float32(len(x))) + np.float32(PENALTY) * weights
        return float(loss), slope.ravel().astype(np.float64)

    best = minimize(loss_and_slope, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options=_OPTIONS).x
    weights = best.reshape(shape)
    return weights[:-1], weights[-1]


_OPTIONS: Final = {"maxiter": ROUNDS}


def _ridges(x: Vectors, quantity: Quantity, learn: Rows, asked: Vectors) -> Iterator[Vectors]:
    """The magnitudes that each ridge tells for the rows of `asked` (Hoerl and Kennard 1970), and their mean."""
    values = quantity.values[learn]
    yield np.full(len(asked), values.mean())
    if x.shape[1] == 0:
        return
    gram, product = x.T @ x, x.T @ (values - values.mean())
    for ridge in RIDGES:
        penalised = gram + np.diag(np.full(len(gram), ridge * len(x)))
        yield asked @ np.linalg.solve(penalised, product) + values.mean()
