"""The stored problems, predictions and scores of a cell against those that are drawn and judged again."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.checked import Checked, agree, and_more, written
from enigmath.bench.contracts import Task, UserError
from enigmath.bench.runner import score_all

ADDED: Final = ("prediction", "outcome", "log_likelihood")
"""What predictions.parquet holds beside the test problems."""

PLACE: Final = ("task", "level", "beyond", "key")
"""What scores.parquet holds beside the metrics."""


def check_problems(checked: Checked, told: pa.Table, test: pa.Table) -> None:
    """The problems that stand beside the predictions against the test that was drawn again, column by column."""
    if not checked.expect("problems in predictions.parquet", test.num_rows, told.num_rows):
        return
    columns = [name for name in told.column_names if name not in ADDED]
    if not checked.expect("columns of problems", sorted(test.column_names), sorted(columns)):
        return
    for name in columns:
        if test[name].combine_chunks().equals(told[name].combine_chunks()):
            continue
        pairs = zip(test[name].to_pylist(), told[name].to_pylist(), strict=True)
        differing = [row for row, (expected, found) in enumerate(pairs) if not agree(expected, found)]
        if differing:
            what = f"{name} of problem {differing[0] + 1}{and_more(len(differing))}"
            checked.tell(what, *(written(table[name][differing[0]].as_py()) for table in (test, told)))


def check_scores(checked: Checked, told: pa.Table, scores: pa.Table, tasks: Sequence[Task], test: pa.Table) -> None:
    """Judge the stored predictions once more, and compare every outcome and every value of every metric.

    They are judged by the answers of `test`, or, where that holds other problems, which is told elsewhere, by the
    stored ones. Where a judge runs out of time, then or now, nothing can be said.
    """
    if test.num_rows != told.num_rows or not test["key"].combine_chunks().equals(told["key"].combine_chunks()):
        test = told
    plain = test.drop_columns([name for name in ADDED if name in test.column_names])
    nats = told["log_likelihood"].to_numpy() if "log_likelihood" in told.column_names else None
    try:
        again, values = score_all(tasks, plain, told["prediction"].to_pylist(), nats)
    except (UserError, TypeError, AttributeError, pa.ArrowException) as error:
        return checked.tell("scores", "predictions that can be judged", str(error).splitlines()[0])
    found, expected = (np.array(table["outcome"].to_pylist(), dtype=object) for table in (told, again))
    ended = (found != "timeout") & (expected != "timeout")
    if not ended.all():
        checked.notes.append(f"{int((~ended).sum())} predictions whose judge ran out of time, then or now")
    questions = test["question"]
    _compare(checked, "outcome", expected, found, ended & (expected != found), questions)
    for name in values.column_names:
        if name in PLACE:
            continue
        if name not in scores.column_names:
            checked.notes.append(f"metric {name}: none in the store")
        elif not pa.types.is_floating(scores[name].type):
            checked.tell(f"score {name}", "numbers", str(scores[name].type))
        else:
            ours, theirs = (table[name].to_numpy() for table in (values, scores))
            apart = ~np.isclose(ours, theirs, rtol=1e-5, atol=1e-7, equal_nan=True)
            _compare(checked, f"score {name}", ours, theirs, ended & apart, questions)
            checked.scores += int(ended.sum())
    checked.predictions = told.num_rows
    checked.notes += [
        f"metric {name}: not installed" for name in scores.column_names if name not in values.column_names
    ]


def _compare(
    checked: Checked, what: str, expected: Any, found: Any, apart: npt.NDArray[np.bool_], questions: pa.ChunkedArray
) -> None:
    rows = np.flatnonzero(apart)
    if len(rows):
        row = int(rows[0])
        told = f"{what} of problem {row + 1}, {written(questions[row].as_py())}{and_more(len(rows))}"
        checked.tell(told, written(expected[row]), written(found[row]))
