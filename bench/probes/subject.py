"""A subject: a landed cell as probes see it. Its data are drawn again, its model comes back when asked for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import Budget, Examples, Learner, Model, Task, UserError
from enigmath.bench.datasets import Data, datasets
from enigmath.bench.place import Place, limit_threads
from enigmath.bench.runner import make_model, predict, revive
from enigmath.bench.scoring import judge
from enigmath.bench.store import Landed

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Subject:
    """A finished cell with all that a probe may look at.

    `told` are its predictions as they were stored (task, level, beyond, key, question, answer, prediction, outcome,
    trait.*), `scores` its metrics, both row for row in the order of the test problems. `shortcuts` are the stored
    predictions of the shortcuts that answered the same problems, by label, each in the same order.
    """

    cell: Cell
    landed: Landed
    place: Place
    told: pa.Table
    scores: pa.Table
    shortcuts: Mapping[str, pa.Table] = field(default_factory=dict)
    shortcut_scores: Mapping[str, pa.Table] = field(default_factory=dict)
    """The metrics of the same shortcuts, row for row."""

    @cached_property
    def data(self) -> Data:
        """The three splits, drawn again; UserError where they are not those that the cell was tested on."""
        drawn = datasets(self.cell, self.place.cache)
        if not drawn.test["key"].combine_chunks().equals(self.told["key"].combine_chunks()):
            mend = "run its suite again with this version"
            raise UserError("its test problems are no longer those of its task", where=self.cell.title, mend=mend)
        return drawn

    @cached_property
    def model(self) -> Model:
        """The fitted model: its weights read back, or, for one that keeps none, fitted anew in the same way."""
        limit_threads(self.place.threads)
        return revive(self.landed.folder, self.cell, self.place)

    @cached_property
    def tasks(self) -> list[Task]:
        """The cell's tasks; a mixture has several."""
        return self.cell.found_tasks()

    @cached_property
    def right(self) -> Mask:
        """Which test problems were answered right, shape (n,)."""
        return mask(pc.equal(self.told["outcome"], "right"))

    @cached_property
    def beyond(self) -> Mask:
        """Which test problems are of levels beyond those of training, shape (n,)."""
        return mask(self.told["beyond"])

    def rows(self, *, beyond: bool = False) -> npt.NDArray[np.int64]:
        """The rows of the test problems of trained levels, or of those beyond."""
        return np.flatnonzero(self.beyond == beyond)

    def ask(self, questions: Sequence[str]) -> list[str | None]:
        """The model's answers to any questions."""
        return predict(self.model, questions)

    def judged(self, problems: pa.Table, predictions: Sequence[str | None]) -> Mask:
        """Which predictions are right, by the tasks' own judges, of problems with columns task, question, answer."""
        right = np.zeros(problems.num_rows, dtype=bool)
        names = pc.cast(problems["task"], pa.string()).to_numpy(zero_copy_only=False)
        given = np.array(predictions, dtype=object)
        for task in self.tasks:
            rows = np.flatnonzero(names == task.name)
            if len(rows):
                right[rows] = judge(task, problems.take(pa.array(rows)), given[rows].tolist())[0].right
        return right

    def refitted(self, data: Data, budget: Budget | None = None) -> Model:
        """A fresh model of the cell's config and seed, fitted on other data with the cell's budget, or another."""
        limit_threads(self.place.threads)
        model = make_model(self.cell, self.place.device)
        if isinstance(model, Learner):
            budget = budget or self.cell.budget
            model.fit(Examples(data.train, data.fresh), Examples(data.validation), replace(budget, watch=None))
        return model


def mask(values: pa.ChunkedArray | pa.Array) -> Mask:
    """Arrow's truth values as numpy's, null as false."""
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def read_subject(cell: Cell, landed: Landed, place: Place, others: Sequence[Landed]) -> Subject:
    """The subject that a landed cell is; `others` are the cells of its run, among which its shortcuts are."""
    told = pq.read_table(landed.folder / "predictions.parquet")
    same = _problems(landed)
    shortcuts = {
        other.record["model"]["label"]: other.folder
        for other in others
        if other.finished
        and other.record["model"].get("shortcut")
        and other.folder != landed.folder
        and _problems(other) == same
    }
    kept, scores = (
        {label: pq.read_table(folder / f"{name}.parquet") for label, folder in shortcuts.items()}
        for name in ("predictions", "scores")
    )
    return Subject(cell, landed, place, told, pq.read_table(landed.folder / "scores.parquet"), kept, scores)


def _problems(landed: Landed) -> str:
    """What two cells with the same test problems share: title, seed, and the test's hash."""
    record = landed.record
    test = record.get("data", {}).get("test", {}).get("sha256")
    return json.dumps([record["title"], record.get("seed"), test])
