"""Scoring: judge a batch of predictions once, then let every metric look at it.

A task with many right answers brings its own judge (`check=`). Such a judge may be slow, hang or crash, so it works in
a process of its own that is killed at a time limit for each problem; the outcome is then `timeout`, never `wrong`.
All other tasks are judged by comparing canonical texts, a column at a time; matrices by their error in norm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Judged, Metric, Task, UserError
from enigmath.bench.contracts.answer import LONGEST, Normed
from enigmath.bench.contracts.task import TOLERANCE

OUTCOMES: Final = ("right", "wrong", "unparsable", "timeout", "error")
RIGHT, WRONG, UNPARSABLE, TIMEOUT, ERROR = range(len(OUTCOMES))

Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Scored:
    """What became of each prediction: an outcome, and a value of each metric (float32, NaN where it does not apply)."""

    outcomes: pa.DictionaryArray
    values: Mapping[str, npt.NDArray[np.float32]]

    def counts(self) -> dict[str, int]:
        """How many predictions came to each outcome."""
        found = np.bincount(self.outcomes.indices.to_numpy(), minlength=len(OUTCOMES))
        return dict(zip(OUTCOMES, found.tolist(), strict=True))


def score(
    task: Task,
    table: pa.Table,
    predictions: Sequence[str | None],
    metrics: Mapping[str, Metric],
    *,
    seconds: float = 5.0,
    log_likelihood: npt.NDArray[np.float64] | None = None,
) -> Scored:
    """Judge n predictions against the answers of `table` (columns question and answer) and measure them.

    `seconds` is what the task's own judge may take for one problem; `log_likelihood` is what the model told of the
    answers, shape (n,), where it did. Raises UserError when the predictions are not one
    string or None a question, when an answer of the task does not parse as its kind, or when a metric does not
    give one value a problem.
    """
    judged, codes = judge(task, table, predictions, seconds=seconds)
    judged = replace(judged, log_likelihood=log_likelihood)
    outcomes = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(OUTCOMES))
    return Scored(outcomes, {name: _measure(metric, judged) for name, metric in metrics.items()})


def judge(
    task: Task, table: pa.Table, predictions: Sequence[str | None], *, seconds: float = 5.0
) -> tuple[Judged, Codes]:
    """Parse answers and predictions once for all metrics; the codes index OUTCOMES, shape (n,)."""
    answers = _answers(task, table)
    given = _texts(predictions, len(answers))
    read = _one_chunk(task.answer.canonical(given))
    parsed = _mask(pc.is_valid(read))
    right = _mask(pc.fill_null(pc.equal(read, answers), False))
    codes = np.where(right, RIGHT, np.where(parsed, WRONG, UNPARSABLE)).astype(np.int8)
    codes[_mask(pc.is_null(given))] = ERROR
    error = task.answer.distances(answers, read) if isinstance(task.answer, Normed) else None
    doubtful = np.flatnonzero(codes == WRONG)
    if task.check is not None:
        from enigmath.bench.judges import verdicts

        columns = (table["question"].take(doubtful), table["answer"].take(doubtful), read.take(pa.array(doubtful)))
        problems = list(zip(*(column.to_pylist() for column in columns), strict=True))
        words, errors = zip(*verdicts(task, problems, seconds=seconds), strict=True) if problems else ((), ())
        codes[doubtful] = [OUTCOMES.index(word) for word in words]
        if error is not None:  # where the judge tells no error, the norm of the answer's kind stands
            error[doubtful] = np.where(np.isnan(errors), error[doubtful], errors)
            error[np.isin(codes, (TIMEOUT, ERROR))] = np.nan
    elif error is not None:
        codes[doubtful[error[doubtful] <= TOLERANCE]] = RIGHT
    judged = Judged(
        kind=task.answer,
        answers=answers,
        predictions=read,
        answer_values=task.answer.values(answers),
        prediction_values=task.answer.values(read),
        parsed=parsed,
        right=codes == RIGHT,
        error=error,
    )
    return judged, codes


def _answers(task: Task, table: pa.Table) -> pa.Array:
    read = _one_chunk(task.answer.canonical(_one_chunk(table["answer"].cast(pa.string()))))
    if read.null_count:
        row = table.slice(int(np.flatnonzero(_mask(pc.is_null(read)))[0]), 1).to_pylist()[0]
        raise UserError(
            f"the answer {row['answer']!r} of {row['question']!r} does not parse as {task.answer}",
            where=task.name,
            mend="let the task yield what its answer kind writes",
        )
    return read


def _texts(predictions: Sequence[str | None], count: int) -> pa.Array:
    """The predictions as Arrow strings. What is longer than any answer may be is cut to what is still too long."""
    if len(predictions) != count:
        raise UserError(
            f"{len(predictions)} predictions for {count} questions",
            where="predict",
            mend="return one string a question, in their order, None where the model failed",
        )
    odd = next((index for index, text in enumerate(predictions) if not isinstance(text, (str, NoneType))), None)
    if odd is not None:
        raise UserError(
            f"prediction {odd} is {predictions[odd]!r:.80}, a {type(predictions[odd]).__name__}",
            where="predict",
            mend="return strings, or None",
        )
    cut = [text if text is None else text[: LONGEST + 1] for text in predictions]
    try:
        return _one_chunk(pa.array(cut, pa.string()))
    except UnicodeEncodeError:  # a lone surrogate, which no text in UTF-8 can hold
        clean = [text if text is None else text.encode(errors="replace").decode() for text in cut]
        return pa.array(clean, pa.string())


def _measure(metric: Metric, judged: Judged) -> npt.NDArray[np.float32]:
    count = len(judged.right)
    if (metric.numeric and judged.kind.components == 0) or (metric.normed and judged.error is None):
        return np.full(count, np.nan, dtype=np.float32)
    values = np.asarray(metric.function(judged))
    if values.shape != (count,):
        raise UserError(
            f"gives the shape {values.shape} for {count} problems",
            where=f"metric {metric.name!r}",
            mend=f"return one value a problem, the shape ({count},)",
        )
    with np.errstate(over="ignore"):  # beyond 3.4e38 a stored error is infinite
        return values.astype(np.float32)


def _mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _one_chunk(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
