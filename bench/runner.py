"""The runner: one cell from its datasets to the store. Each step is a function with plain values in and out."""

import contextlib
import inspect
import json
import math
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enigmath.bench.cell import Cell
from enigmath.bench.chance import chances
from enigmath.bench.contracts import (
    Budget,
    Choice,
    Examples,
    Fit,
    Keeper,
    Learner,
    Likelihood,
    Model,
    Point,
    Task,
    UserError,
)
from enigmath.bench.contracts.registry import metrics
from enigmath.bench.data import digest
from enigmath.bench.datasets import Data, datasets
from enigmath.bench.place import Place, default_cache, limit_threads
from enigmath.bench.provenance import cores
from enigmath.bench.record import describe_cell, failure
from enigmath.bench.store import checkpoint_path, find_landed, land, locked, progress_path
from enigmath.bench.tracking import Log, tracked

__all__ = [
    "Clock",
    "Data",
    "Place",
    "constant_share",
    "datasets",
    "default_cache",
    "describe_cell",
    "failure",
    "land_killed",
    "likelihoods",
    "limit_threads",
    "make_model",
    "predict",
    "revive",
    "run_cell",
    "score_all",
]

PREDICT_BLOCK = 65_536
"""Questions given to a model at once: bounds the memory of a prediction."""


@dataclass
class Clock:
    """Seconds that each step took, wall clock."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - began


def make_model(cell: Cell, device: str) -> Model:
    """The cell's model from its keywords; `seed` and `device` are added where the constructor takes them."""
    made = cell.found_model()
    takes = inspect.signature(made).parameters
    given = {name: value for name, value in (("seed", cell.seed), ("device", device)) if name in takes}
    model: Model = made(**{**given, **cell.config})
    return model


def predict(model: Model, questions: Sequence[str]) -> list[str | None]:
    """One prediction a question, in blocks; UserError when the model returns another number of them, or no texts."""
    predictions: list[str | None] = []
    for start in range(0, len(questions), PREDICT_BLOCK):
        block = questions[start : start + PREDICT_BLOCK]
        given = model.predict(block)
        answers = [] if given is None or isinstance(given, str) else list(given)
        if len(answers) != len(block):
            raise UserError(
                f"gave {len(answers)} predictions for {len(block)} questions",
                where=type(model).__name__,
                mend="predict must return one string a question, in order",
            )
        odd = next((answer for answer in answers if answer is not None and not isinstance(answer, str)), None)
        if odd is not None:
            mend = "predict must return strings, or None where it failed"
            raise UserError(f"predicted {odd!r}, a {type(odd).__name__}", where=type(model).__name__, mend=mend)
        # A text that is no Unicode (a lone surrogate) is a bad answer, not a broken cell.
        predictions += [answer and answer.encode("utf-8", "replace").decode() for answer in answers]
    return predictions


def likelihoods(model: Model, found: Sequence[Task], test: pa.Table) -> npt.NDArray[np.float64] | None:
    """Nats of each true answer, shape (n,), NaN but for the tasks that ask; None where none does or the model cannot.

    It is asked after the model has predicted: a model never sees an answer before.
    """
    asked = [task.name for task in found if task.likelihood]
    if not asked or not isinstance(model, Likelihood):
        return None
    told = np.full(test.num_rows, np.nan)
    rows = np.flatnonzero(pc.is_in(pc.cast(test["task"], pa.string()), value_set=pa.array(asked)))
    for start in range(0, len(rows), PREDICT_BLOCK):
        block = rows[start : start + PREDICT_BLOCK]
        questions, answers = (test[name].take(pa.array(block)).to_pylist() for name in ("question", "answer"))
        given = np.asarray(model.log_likelihood(questions, answers))
        if given.shape != (len(block),):
            mend = "log_likelihood must return one number a problem"
            raise UserError(f"gave likelihoods of shape {given.shape}", where=type(model).__name__, mend=mend)
        told[block] = given
    return told


def score_all(
    found: Sequence[Task],
    test: pa.Table,
    predictions: Sequence[str | None],
    log_likelihood: npt.NDArray[np.float64] | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Outcomes and metrics of every test problem: the tables predictions and scores, row for row, in test order.

    What the model told of the answers, where it did, is kept beside the predictions.
    """
    from enigmath.bench.scoring import score

    told = metrics().plugins
    names = pc.cast(test["task"], pa.string()).to_numpy(zero_copy_only=False)
    outcomes = np.empty(test.num_rows, dtype=object)
    values = {name: np.full(test.num_rows, np.nan, np.float32) for name in told}
    given = np.array(predictions, dtype=object)
    for task in found:
        rows = np.flatnonzero(names == task.name)
        nats = log_likelihood[rows] if log_likelihood is not None and task.likelihood else None
        scored = score(task, test.take(pa.array(rows)), given[rows].tolist(), told, log_likelihood=nats)
        outcomes[rows] = scored.outcomes.dictionary_decode().to_numpy(zero_copy_only=False)
        for name, column in scored.values.items():
            values[name][rows] = column
    kept = test.append_column("prediction", pa.array(predictions, pa.string()))
    kept = kept.append_column("outcome", pa.array(outcomes, pa.string()))
    if log_likelihood is not None:
        kept = kept.append_column("log_likelihood", pa.array(log_likelihood))
    same = {name: test[name] for name in ("task", "level", "beyond", "key")}
    return kept, pa.table({**same, **{name: pa.array(column) for name, column in values.items()}})


def constant_share(data: Data, *, beyond: bool) -> float | None:
    """What the commonest training answer scores on the test: chance, measured; None where no level is of that kind."""
    counts = data.train["answer"].value_counts()
    commonest = counts.field("values")[int(np.argmax(counts.field("counts").to_numpy()))]
    asked = data.test.filter(pc.equal(data.test["beyond"], beyond))["answer"]
    share = pc.mean(pc.cast(pc.equal(asked, commonest), pa.float64())).as_py()
    return None if share is None else float(share)


def _chances(cell: Cell, data: Data) -> dict[str, float]:
    """What the best constant would score by metric; of a mixture of answer kinds, only how often it is right."""
    kinds = {task.answer for task in cell.found_tasks()}
    return chances(kinds.pop() if len(kinds) == 1 else Choice(("mixed",)), data.train["answer"])


def run_cell(cell: Cell, place: Place) -> dict[str, Any]:
    """Run one cell and land it; what raises is landed as failed with its traceback. Returns the cell's record.

    A cell that has landed as finished already, perhaps by another process meanwhile, is returned as it is.
    """
    with locked(place.run, cell.name) as aside:
        known = find_landed(place.run, cell.name)
        if known is not None and known.finished:
            return known.record
        clock = Clock()
        record = describe_cell(cell, place)
        try:
            with tracked(place.run, cell.name, place.track) as log, clock.step("total"):
                record |= _work(cell, place, aside, clock, _watcher(place.run, cell.name, log))
                log.tested(aside)
        except BaseException as error:  # a model may call sys.exit; that ends its cell, not the run
            if isinstance(error, KeyboardInterrupt) and multiprocessing.parent_process() is None:
                raise
            record |= failure(error)
            for path in aside.iterdir():
                path.unlink()
        record["seconds"] = clock.seconds
        record["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        (aside / "progress.json").unlink(missing_ok=True)
        land(place.run, cell.name, aside, record)
        if record["status"] == "finished":  # what failed or was killed goes on from there when it is run again
            checkpoint_path(place.run, cell.name).unlink(missing_ok=True)
    return record


def _work(cell: Cell, place: Place, aside: Path, clock: Clock, watch: Callable[[Point], None]) -> dict[str, Any]:
    """The steps of a cell, each timed; writes the tables aside and returns what cell.json says of them."""
    model = make_model(cell, place.device)
    limit_threads(place.threads)
    with clock.step("data"):
        data = datasets(cell, place.cache)
        beyond = np.isin(data.test["level"].to_numpy(), cell.beyond)
        data = replace(data, test=data.test.append_column("beyond", pa.array(beyond)))
    fit: Any = None  # what a stranger's model returns is anything
    outcome = "not fitted"
    if isinstance(model, Learner):
        with clock.step("fit"):
            budget = replace(_budget(cell, place), watch=watch)
            fit = model.fit(Examples(data.train, data.fresh), Examples(data.validation), budget)
            if fit is not None and not isinstance(fit, Fit):
                mend = "return a Fit, or nothing"
                raise UserError(f"fit returned a {type(fit).__name__}", where=type(model).__name__, mend=mend)
            outcome = fit.outcome if fit is not None else "fitted"
    with clock.step("predict"):
        predictions = predict(model, data.test["question"].to_pylist())
        nats = likelihoods(model, cell.found_tasks(), data.test)
    with clock.step("score"):
        told, scores = score_all(cell.found_tasks(), data.test, predictions, nats)
    pq.write_table(told, aside / "predictions.parquet")
    pq.write_table(scores, aside / "scores.parquet")
    pq.write_table(pa.Table.from_pylist([dict(point) for point in (fit.curve if fit else ())]), aside / "curve.parquet")
    if isinstance(model, Keeper):
        model.save(aside / "weights.safetensors")
    return {
        "status": "finished",
        "fit": outcome,
        "constant": constant_share(data, beyond=False),
        "constant_beyond": constant_share(data, beyond=True),
        "chance": _chances(cell, data),
        "proof": asdict(data.proof),
        "data": {
            "train": {"rows": data.train.num_rows, "sha256": data.train_digest},
            "validation": {"rows": data.validation.num_rows, "sha256": digest(data.validation)},
            "test": {"rows": data.test.num_rows, "sha256": digest(data.test)},
        },
        "facts": {name: _finite(value) for name, value in fit.facts.items()} if fit else {},
    }


def _finite(value: Any) -> Any:
    """A fact as JSON can hold it: what is not a finite number becomes its text."""
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _watcher(run: Path, name: str, log: Log) -> Callable[[Point], None]:
    """Tell the trackers each point of the learning curve; leave it, whole, where a watcher finds it, four times a
    second at most."""
    path = progress_path(run, name)
    last = 0.0

    def watch(point: Point) -> None:
        nonlocal last
        log.point(point)
        if time.monotonic() - last >= 0.25:
            last = time.monotonic()
            aside = path.with_suffix(".aside")
            aside.write_text(json.dumps(dict(point)))
            aside.replace(path)

    return watch


def _budget(cell: Cell, place: Place) -> Budget:
    """The cell's budget with where its fit keeps checkpoints, and the numbers of threads that it may choose among."""
    threads = () if place.threads else tuple(2**power for power in range(cores().bit_length()))
    checkpoint = checkpoint_path(place.run, cell.name)
    return replace(cell.budget, checkpoint=checkpoint, checkpoint_seconds=place.checkpoint, threads=threads)


def land_killed(cell: Cell, place: Place, reason: str) -> dict[str, Any]:
    """Land a cell as failed whose worker died before it could say so itself."""
    record = describe_cell(cell, place) | {"status": "failed", "fit": "not fitted", "error": reason, "traceback": None}
    with locked(place.run, cell.name) as aside:
        land(place.run, cell.name, aside, record)
    return record


def revive(folder: Path, cell: Cell, place: Place) -> Model:
    """A landed cell's model again: its weights read back, or, for a model that keeps none, fitted anew the same way."""
    model = make_model(cell, place.device)
    weights = folder / "weights.safetensors"
    if isinstance(model, Keeper) and weights.is_file():
        model.load(weights)
    elif isinstance(model, Learner):
        data = datasets(cell, place.cache)
        model.fit(Examples(data.train, data.fresh), Examples(data.validation), cell.budget)
    return model
