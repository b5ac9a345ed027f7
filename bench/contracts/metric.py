"""A metric is a vectorised function from a batch of answers and predictions to a value for each problem."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts.answer import Answer

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """A batch of n answers with their predictions, parsed once for all metrics.

    `answers` and `predictions` are canonical texts (Arrow strings, null where the text does not parse);
    `answer_values` and `prediction_values` are numbers of shape (n, k), NaN where there are none (k is the number of
    components of the answer kind); `parsed` is a mask of shape (n,); `right` is the judge's verdict, shape (n,).
    `error` is the relative error by norm, shape (n,), of a kind or a task that has one, 0 for the answer itself and NaN
    where there is none to tell; None for all others. `log_likelihood` is that of each answer in nats, shape (n,), of a
    task that asks for it and a model that tells it; None for all others.
    """

    kind: Answer
    answers: pa.Array
    predictions: pa.Array
    answer_values: Values
    prediction_values: Values
    parsed: npt.NDArray[np.bool_]
    right: npt.NDArray[np.bool_]
    error: Values | None = None
    log_likelihood: Values | None = None


@dataclass(frozen=True)
class Metric:
    """A named metric: `function(judged)` gives shape (n,), NaN where the metric does not apply.

    `summary` says how problems become one score: a share (Wilson interval) or a mean or median (bootstrap interval).
    `numeric` metrics hold only for answer kinds that are numbers, `normed` ones for those with an error by norm.
    """

    name: str
    function: Callable[[Judged], npt.NDArray[Any]]
    summary: Literal["share", "mean", "median"]
    better: Literal["higher", "lower"]
    numeric: bool = False
    normed: bool = False

    @property
    def doc(self) -> str:
        """The definition, from the function's docstring, on one line."""
        return " ".join((self.function.__doc__ or "").split("\n\n")[0].split())


def metric(
    name: str,
    *,
    summary: Literal["share", "mean", "median"] = "share",
    better: Literal["higher", "lower"] = "higher",
    numeric: bool = False,
    normed: bool = False,
) -> Callable[[Callable[[Judged], npt.NDArray[Any]]], Metric]:
    """Make a function a metric; see Metric for the fields."""
    return lambda function: Metric(name, function, summary, better, numeric, normed)
