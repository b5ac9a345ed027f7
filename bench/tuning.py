"""Tuning: a learning rate by a range test, keywords by a search. Both read training and validation problems alone.

The test problems are read once, at the end, when the winner of a search runs as an ordinary cell. The value of a trial
is the share of validation problems that the model answers right; where two are equal, the lower validation loss wins.
Budgets by steps or examples and a seed make a search repeatable: the same trials, values and winner.
"""

import csv
import inspect
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import Examples, Fit, Learner, Model, UserError
from enigmath.bench.runner import Data, Place, datasets, limit_threads, make_model, predict, score_all
from enigmath.bench.specs import Spec
from enigmath.bench.suite import check_config

HIGHEST_RATE: Final = 1.0
"""Where a range test ends; it begins at a millionth of it."""

POINTS: Final = 100
"""Points of the curve of a range test."""

WITHIN: Final = 0.05
"""Of the whole fall of the loss: what counts as the bottom of the valley."""

MOST_TRIALS: Final = 10_000


@dataclass(frozen=True)
class RateCurve:
    """Loss by learning rate, both shape (points,): the rate rises exponentially within one fit."""

    rates: Sequence[float]
    losses: Sequence[float]

    @property
    def smoothed(self) -> list[float]:
        """The losses with the noise of single batches taken out: a Gaussian over two points."""
        losses = np.array(self.losses)
        bell = np.exp(-0.5 * (np.arange(-6, 7) / 2) ** 2)
        padded = np.pad(losses, 6, mode="edge")
        smooth: list[float] = (np.convolve(padded, bell, "valid") / bell.sum()).tolist()
        return smooth

    @property
    def suggested(self) -> float:
        """A third of the rate of the least loss, or the left edge of its valley if that is lower.

        At the least loss itself descent is about to become unstable (Smith, "Cyclical learning rates for training
        neural networks", 2017), and a whole fit lasts longer than a test.
        """
        smoothed = self.smoothed
        least = int(np.argmin(smoothed))
        bound = smoothed[least] + WITHIN * (max(smoothed[: least + 1]) - smoothed[least])
        edge = next(rate for rate, loss in zip(self.rates, smoothed, strict=True) if loss <= bound)
        return float(f"{min(self.rates[least] / 3, edge):.1e}")


def range_test(cell: Cell, place: Place) -> RateCurve:
    """Fit once while the rate rises from 1e-6 to 1 (Smith 2017). UserError for a model that has no such schedule."""
    takes = inspect.signature(cell.found_model()).parameters
    if not {"schedule", "learning_rate", "check"} <= takes.keys():
        reason = f"{cell.label} has no schedule of a learning rate"
        raise UserError(reason, where="tune", mend="take a model with the keywords schedule and learning_rate")
    steps = cell.budget.steps
    if steps is None or steps < POINTS:
        raise UserError(f"{steps} steps", where="--steps", mend=f"give at least {POINTS}")
    plain = {"warmup": 0, "average": 0.0, "curriculum": 0.0, "patience": 0}
    changed: dict[str, Any] = {name: value for name, value in plain.items() if name in takes}
    changed |= {"schedule": "rising", "learning_rate": HIGHEST_RATE, "check": steps // POINTS}
    data = datasets(cell, place.cache)
    _, fit = fitted(replace(cell, config={**cell.config, **changed}), data, place)
    points = [point for point in (fit.curve if fit else ()) if math.isfinite(point["loss"])]
    if len(points) < 10:
        raise UserError("the loss was not finite from the start", where="tune")
    return RateCurve([point["learning_rate"] for point in points], [point["loss"] for point in points])


def fitted(cell: Cell, data: Data, place: Place) -> tuple[Model, Fit | None]:
    """A model of the cell, fitted on its training problems."""
    model = make_model(cell, place.device)
    if not isinstance(model, Learner):
        raise UserError(f"{cell.label} learns nothing", where="tune", mend="name a model that is fitted")
    limit_threads(place.threads)
    return model, model.fit(Examples(data.train, data.fresh), Examples(data.validation), cell.budget)


class Range(Spec, frozen=True):
    """`width = { low = 32, high = 128, step = 32 }`: whole numbers if both ends are; `log = true` for a rate."""

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None

    def suggest(self, trial: Any, name: str) -> float:
        """Ask optuna for a value."""
        if isinstance(self.low, int) and isinstance(self.high, int) and isinstance(self.step or 1, int):
            whole: int = trial.suggest_int(name, self.low, self.high, log=self.log, step=self.step or 1)
            return whole
        value: float = trial.suggest_float(name, self.low, self.high, log=self.log, step=self.step)
        return value


Space = Mapping[str, Range | tuple[Any, ...]]
"""The values that each keyword may take: a range, or a list of choices."""


def read_space(path: Path, cell: Cell) -> Space:
    """Read a space from TOML, a line for each keyword of the cell's model; UserError with the place of a mistake."""
    try:
        space = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Range | tuple[Any, ...]])
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(path), mend="give a TOML file") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        mend = "write `name = { low = 1e-4, high = 1e-2, log = true }` or `name = [1, 2]`"
        raise UserError(str(error).splitlines()[0], where=str(path), mend=mend) from None
    if not space:
        raise UserError("names no keyword", where=str(path), mend="write `learning_rate = { low = 1e-4, high = 1e-2 }`")
    for name, values in space.items():
        place = f"{path}, {name}"
        ends = values if isinstance(values, tuple) else (values.low, values.high)
        for value in ends:
            check_config(cell.model, {name: value}, Path(cell.folder))
        if isinstance(values, Range):
            if not -math.inf < values.low < values.high < math.inf or (values.log and values.low <= 0):
                raise UserError(f"from {values.low} to {values.high}", where=place, mend="low must lie under high")
            if values.step is not None and (values.log or values.step <= 0):
                raise UserError(f"step = {values.step}", where=place, mend="make it positive, and leave log out")
        elif not values or not all(isinstance(value, bool | int | float | str) for value in values):
            raise UserError("is no choice", where=place, mend="give a list of numbers, texts or booleans")
    return space


@dataclass(frozen=True)
class Trial:
    """One set of keywords and what it came to; `error` where it could not be fitted."""

    number: int
    config: Mapping[str, Any]
    right: float = math.nan
    """Share of validation problems that are answered right, over all cells."""
    loss: float = math.nan
    """The lowest validation loss on the curve, its mean over the cells; NaN where the model tells none."""
    error: str = ""

    def value(self, problems: int) -> float:
        """What is searched for: the share that is right, and by less than one problem of `problems` the loss."""
        return self.right + (1 / (1 + self.loss) / problems if math.isfinite(self.loss) else 0.0)


def search(cells: Sequence[Cell], space: Space, trials: int, seed: int, place: Place, record: Path) -> Iterator[Trial]:
    """Try sets of keywords one after another on every cell, and write each to the CSV file `record`.

    The sampler is optuna's tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kégl 2011). Keywords that a
    model refuses are a failed trial, not the end.
    """
    optuna = _optuna()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    drawn = [datasets(cell, place.cache) for cell in cells]
    problems = sum(data.validation.num_rows for data in drawn)
    known: dict[str, Trial] = {}
    with record.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["trial", *space, "validation_exact", "validation_loss", "error"])
        for number in range(trials):
            asked = study.ask()
            config = {name: _suggested(asked, name, values) for name, values in space.items()}
            told = repr(config)
            if told not in known:  # a fit that is repeated says the same again
                known[told] = _tried(number, config, cells, drawn, place)
            trial = replace(known[told], number=number)
            failed = optuna.trial.TrialState.FAIL if trial.error else None
            study.tell(asked, None if failed else trial.value(problems), state=failed)
            figures = ["" if math.isnan(figure) else figure for figure in (trial.right, trial.loss)]
            table.writerow([number, *config.values(), *figures, trial.error])
            file.flush()
            yield trial


def best_of(trials: Sequence[Trial], problems: int) -> Trial:
    """The trial of the highest value, the first of equals; UserError where none could be fitted."""
    sound = [trial for trial in trials if not trial.error]
    if not sound:
        raise UserError(f"no trial could be fitted: {trials[0].error}", where="tune")
    return max(sound, key=lambda trial: trial.value(problems))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise UserError("a search needs optuna", where="tune", mend="pip install 'enigmath[tune]'") from None
    return optuna


def _suggested(trial: Any, name: str, values: Range | tuple[Any, ...]) -> Any:
    return values.suggest(trial, name) if isinstance(values, Range) else trial.suggest_categorical(name, values)


def _tried(number: int, config: Mapping[str, Any], cells: Sequence[Cell], drawn: Sequence[Data], place: Place) -> Trial:
    right, losses = 0, []
    try:
        for cell, data in zip(cells, drawn, strict=True):
            model, fit = fitted(replace(cell, config={**cell.config, **config}), data, place)
            right += _right(cell, model, data.validation)
            told = [point.get("validation_loss", math.nan) for point in (fit.curve if fit else ())]
            losses.append(min(filter(math.isfinite, told), default=math.nan))
    except (Exception, SystemExit) as error:
        return Trial(number, config, error=(str(error).splitlines() or [type(error).__name__])[0])
    return Trial(number, config, right / sum(data.validation.num_rows for data in drawn), float(np.mean(losses)))


def _right(cell: Cell, model: Model, validation: pa.Table) -> int:
    """How many validation problems the model answers right, by the judgement that the test uses."""
    asked = validation.append_column("beyond", pa.array(np.zeros(validation.num_rows, bool)))
    told, _ = score_all(cell.found_tasks(), asked, predict(model, asked["question"].to_pylist()))
    return int(pc.sum(pc.equal(told["outcome"], "right")).as_py())
