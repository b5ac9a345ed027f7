"""Tracking: learning curves as they come and test scores at the end, written where others look, as TensorBoard does.

A tracker is a function from a folder, `RUN/<tracker>/<cell>`, to a context manager that gives a function
`write(step, values)`: figures by tag, of one step. It is found by the entry points `enigmath.trackers`, and imported
only where it is asked for. What it is given is the same for all of them:

| tag | step | value |
|---|---|---|
| fit/loss, fit/validation_exact, … | of the fit | each figure of a point of the learning curve |
| fit/examples a second | of the fit | since the point before |
| levels/TASK/METRIC | the level | the mean on the test problems of that level, for metrics that are shares |
| TRAIT/TASK/VALUE, as operators/expressions/nested/+* | the last of the fit | exact answers, on trained levels |

A tracker changes no result: one that fails is told once in the log and left out, and its cell goes on.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enigmath.bench.contracts import Point
from enigmath.bench.contracts.registry import find_tracker, metrics

Write = Callable[[int, Mapping[str, float]], None]
Tracker = Callable[[Path], AbstractContextManager[Write]]

MOST_VALUES: Final = 24
"""Values of a trait that are told for a task at most, the commonest."""
LONGEST_TAG: Final = 200
UNITS: Final = frozenset({"step", "examples", "seconds", "spent"})
"""What a point says of the budget that is used, which is no curve."""


@dataclass
class Log:
    """What a cell tells its trackers."""

    cell: str
    writers: dict[str, Write] = field(default_factory=dict)
    _last: Point = field(default_factory=dict)

    def point(self, point: Point) -> None:
        """Tell a point of the learning curve, and how many examples a second went by since the one before."""
        told = {f"fit/{name}": value for name, value in point.items() if name not in UNITS}
        examples, seconds = (point.get(name, 0.0) - self._last.get(name, 0.0) for name in ("examples", "seconds"))
        if seconds > 0:
            told["fit/examples a second"] = examples / seconds
        self._last = dict(point)
        self._tell(self._step, told)

    def tested(self, folder: Path) -> None:
        """Tell the scores of a cell whose tables lie in that folder."""
        if not self.writers:
            return
        try:
            scores = pq.read_table(folder / "scores.parquet")
            told = pq.ParquetFile(folder / "predictions.parquet")
            traits = [name for name in told.schema_arrow.names if name.startswith("trait.")]
            parts = [*by_level(scores), (self._step, by_trait(scores, told.read(traits)))]
        except Exception as error:  # a trait of a kind that cannot be counted
            return _fell_out(", ".join(self.writers), self.cell, error)
        for step, values in parts:
            self._tell(step, values)

    @property
    def _step(self) -> int:
        return int(self._last.get("step", 0))

    def _tell(self, step: int, values: Mapping[str, float]) -> None:
        plain = {_tag(name): float(value) for name, value in values.items()}
        for name, write in list(self.writers.items()):
            try:
                write(step, plain)
            except Exception as error:
                del self.writers[name]
                _fell_out(name, self.cell, error)


@contextmanager
def tracked(run: Path, cell: str, names: Sequence[str]) -> Iterator[Log]:
    """Open a cell's logs by the trackers of these names, and close them at the end."""
    log = Log(cell)
    with ExitStack() as stack:
        for name in names:
            try:
                tracker: Tracker = find_tracker(name)
                log.writers[name] = stack.enter_context(tracker(run / name / cell))
            except Exception as error:
                _fell_out(name, cell, error)
        yield log


def by_level(scores: pa.Table) -> Iterator[tuple[int, dict[str, float]]]:
    """Each level with the mean of every metric that is a share, by task."""
    shares = [name for name, metric in metrics().plugins.items() if metric.better == "higher"]
    shares = [name for name in shares if name in scores.column_names]
    for name in shares:
        scores = scores.set_column(scores.column_names.index(name), name, _known(scores[name]))
    means = scores.group_by(["task", "level"]).aggregate([(name, "mean") for name in shares])
    for row in means.sort_by([("task", "ascending"), ("level", "ascending")]).to_pylist():
        values = {f"levels/{row['task']}/{name}": row[f"{name}_mean"] for name in shares}
        yield row["level"], {tag: value for tag, value in values.items() if value is not None}


def by_trait(scores: pa.Table, traits: pa.Table) -> dict[str, float]:
    """The share of exact answers by task and value of each trait, on the levels that were trained."""
    told: dict[str, float] = {}
    trained = pc.invert(scores["beyond"])
    for name in traits.column_names:
        table = pa.table({"task": scores["task"], "value": traits[name], "exact": _known(scores["exact"])})
        groups = table.filter(trained).drop_null().group_by(["task", "value"])
        counted = groups.aggregate([("exact", "mean"), ("exact", "count")])
        for task in sorted(set(counted["task"].to_pylist())):
            rows = counted.filter(pc.equal(counted["task"], task)).sort_by([("exact_count", "descending")])
            if rows.num_rows > 1:
                kept = rows.slice(0, MOST_VALUES).to_pylist()
                told |= {f"{name.removeprefix('trait.')}/{task}/{row['value']}": row["exact_mean"] for row in kept}
    return told


def _known(values: pa.ChunkedArray) -> pa.Array:
    """A column with null for NaN, which is where a metric does not apply."""
    return pa.array(values.to_numpy(), from_pandas=True)


def _tag(text: str) -> str:
    """A tag on one line and of bounded length, whatever a task or trait is called."""
    return "".join(char if char.isprintable() else "?" for char in text[:LONGEST_TAG])


def _fell_out(name: str, cell: str, error: Exception) -> None:
    logging.getLogger("enigmath").warning("%s does not track %s any more: %s", name, cell, error)
