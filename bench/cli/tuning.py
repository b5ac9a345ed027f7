"""What `enigmath tune` does and says."""

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.markup import escape

from enigmath.bench.cell import Cell
from enigmath.bench.cli.listing import console
from enigmath.bench.cli.progress import exact_share
from enigmath.bench.contracts import Budget, UserError
from enigmath.bench.engine import resolve_device
from enigmath.bench.runner import Place, default_cache, run_cell
from enigmath.bench.session import plan
from enigmath.bench.specs import BudgetSpec, ModelSpec, Suite, TaskSpec
from enigmath.bench.store import open_run
from enigmath.bench.suite import cells, shipped
from enigmath.bench.tuning import MOST_TRIALS, RateCurve, Trial, best_of, range_test, read_space, search

Say = Callable[[str], None]

STEPS = 500
"""Of a fit for a task, where none are asked for."""

HELD_OUT = 400
"""Problems of validation, and of the test at each level, where a task is tuned: small levels have as many."""

ROWS, BARS = 25, 40
"""Lines of the chart of a curve, and characters of its longest bar."""


def run_tuning(
    subject: str, *, model: str, learning_rate: bool, space: Path | None, trials: int, levels: str, task: Sequence[str],
    steps: int | None, seed: int, device: str, out: Path | None,
) -> int:  # fmt: skip
    """Tune one model on a task or a suite: a range test, or a search and its winner's test. UserError for a mistake."""
    if learning_rate == (space is not None):
        mend = "give --learning-rate, or --space space.toml"
        raise UserError("either looks for a learning rate or searches a space", where="tune", mend=mend)
    chosen = _cells(subject, model, levels, task, steps, seed)
    run = out or Path("runs") / f"tune-{_slug(chosen[0].label)}-{_slug(subject)}"
    place = Place(run.resolve(), default_cache(), resolve_device(device))
    say = partial(console().print, highlight=False, soft_wrap=True)
    if space is None:
        return _rate(chosen, place, say)
    if not 1 <= trials <= MOST_TRIALS:
        raise UserError(f"{trials} trials", where="--trials", mend=f"give 1 to {MOST_TRIALS:,}")
    return _search(chosen, space, trials, seed, place, say)


def _cells(
    subject: str, model: str, levels: str, task: Sequence[str], steps: int | None, seed: int
) -> tuple[Cell, ...]:
    """The cells that are tuned together: one model on a task, or on the tasks of a suite."""
    if subject in shipped() or subject.endswith(".toml"):
        if levels:
            raise UserError("a suite says its levels", where="--levels", mend="leave them out")
        found = plan(subject, models=[model] if model else [], tasks=task).cells
    else:
        if not model:
            raise UserError("a task needs a model", where="--model", mend="name one: `enigmath list models`")
        suite = Suite(
            name="tune",
            tasks=(TaskSpec(name=subject, levels=_numbers(levels)),),
            models=(ModelSpec(name=model),),
            budget=BudgetSpec(steps=STEPS),
            seeds=(seed,),
            validation=HELD_OUT,
            test=HELD_OUT,
        )
        found = tuple(cells(suite, Path.cwd()))
    labels = sorted({cell.label for cell in found})
    if len(labels) > 1:
        raise UserError(f"{len(labels)} models: {', '.join(labels)}", where="tune", mend="choose one with --model")
    if steps is not None:
        if steps < 1:
            raise UserError(f"{steps} steps", where="--steps", mend="give 1 or more")
        found = tuple(replace(cell, budget=Budget(steps=steps)) for cell in found)
    return found


def _numbers(levels: str) -> tuple[int, ...]:
    words = [word.strip() for word in levels.split(",") if word.strip()]
    if not all(word.isdecimal() for word in words):
        raise UserError(f"{levels!r} is no list of levels", where="--levels", mend="write 1,2,3")
    return tuple(map(int, words))


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", Path(text).stem if text.endswith(".toml") else text).strip("-").lower()


def _rate(chosen: Sequence[Cell], place: Place, say: Say) -> int:
    """Print the curve of loss by rate, and keep it as CSV."""
    if len(chosen) > 1:
        mend = "choose one with --task, in a suite of one seed"
        raise UserError(f"a rate is looked for on one cell, and these are {len(chosen)}", where="tune", mend=mend)
    curve = range_test(chosen[0], place)
    path = place.run / "learning_rate.csv"
    open_run(place.run, _suite_text(chosen[0]))
    rows = zip(curve.rates, curve.losses, curve.smoothed, strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("learning_rate", "loss", "smoothed"), *rows])
    say(escape(chart(curve)))
    say(f"Suggested: learning_rate = {curve.suggested:g}")
    say(f"The curve: {escape(str(path))}")
    return 0


def chart(curve: RateCurve) -> str:
    """The smoothed loss by rate as bars of text, with marks at the least loss and at the suggestion.

    >>> print(chart(RateCurve([1e-4, 1e-3, 1e-2], [4.0, 2.0, 3.0])).splitlines()[0])
    learning rate    loss
    """
    smoothed = curve.smoothed
    most = max(loss for loss in smoothed[: max(len(smoothed) // 2, 1)])
    least = min(range(len(smoothed)), key=smoothed.__getitem__)
    near = min(range(len(smoothed)), key=lambda place: abs(curve.rates[place] - curve.suggested))
    every = max(1, -(-len(smoothed) // ROWS))
    lines = ["learning rate    loss"]
    for place in sorted({*range(0, len(smoothed), every), least, near}):
        bar = "█" * max(1, min(BARS, round(BARS * smoothed[place] / most)))
        notes = [" the least" * (place == least), " suggested" * (place == near)]
        lines.append(f"{curve.rates[place]:13.1e} {smoothed[place]:7.3f}  {bar}{''.join(notes)}")
    return "\n".join(lines)


def _search(chosen: Sequence[Cell], space: Path, count: int, seed: int, place: Place, say: Say) -> int:
    """Try, print and keep every trial; then run the winner and read the test, once."""
    values = read_space(space, chosen[0])
    open_run(place.run, _suite_text(chosen[0]))
    record = place.run / "trials.csv"
    made: list[Trial] = []
    for trial in search(chosen, values, count, seed, place, record):
        made.append(trial)
        told = escape(trial.error) if trial.error else f"validation {trial.right:.1%}, loss {trial.loss:.4f}"
        say(f"\\[{trial.number + 1}/{count}] {escape(as_toml(trial.config))}: {told}")
    winner = best_of(made, sum(cell.sizes.validation for cell in chosen))
    say(f"The winner, trial {winner.number + 1}: config = {escape(as_toml(winner.config))}")
    failed = 0
    for cell in (replace(cell, config={**cell.config, **winner.config}) for cell in chosen):
        landed = run_cell(cell, place)
        done = landed["status"] == "finished"
        failed += not done
        told = f"exact {exact_share(place.run, cell):.1%} on the test, read this once" if done else landed["error"]
        say(f"{escape(cell.title)} · {escape(cell.label)} · seed {cell.seed}: {escape(told)}")
    say(f"The trials: {escape(str(record))}")
    return 1 if failed else 0


def _suite_text(cell: Cell) -> str:
    """What the run's folder says of itself: the name alone, as the cells hold all the rest."""
    return f"name = {json.dumps(cell.suite)}\n"


def as_toml(config: Mapping[str, Any]) -> str:
    """Keywords as TOML writes them in one line.

    >>> as_toml({"width": 64, "encoding": "plain", "fresh": True})
    '{ width = 64, encoding = "plain", fresh = true }'
    """
    return "{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in config.items()) + " }"
