"""Talking to a model that a run has trained: its answers, and samples of them."""

from collections.abc import Sequence
from pathlib import Path

from enigmath.bench.cell import from_record
from enigmath.bench.contracts import Model, Sampler, UserError, unknown
from enigmath.bench.engine import resolve_device
from enigmath.bench.runner import Place, default_cache, predict, revive
from enigmath.bench.store import Landed, landed

LONGEST = 2_000
"""Characters of a question that are asked at most: attention over more would ask for all the memory there is."""

MOST_SAMPLES = 10_000
"""Answers to a question that are drawn at most."""


def answers(
    run: Path,
    label: str,
    questions: Sequence[str],
    title: str,
    device: str,
    *,
    samples: int = 0,
    temperature: float = 1.0,
    seed: int = 0,
) -> list[str]:
    """The model's answer to each question; a line for each task where it was trained for several.

    With `samples`, so many answers to each question, drawn at the temperature.
    """
    longest = max(map(len, questions))
    if longest > LONGEST:
        raise UserError(f"a question of {longest:,} characters", where="ask", mend=f"ask at most {LONGEST:,}")
    if not 0 <= samples <= MOST_SAMPLES:
        mend = f"ask for 1 to {MOST_SAMPLES:,}"
        raise UserError(f"cannot draw {samples:,} answers", where="--sample", mend=mend)
    asked = [question for question in questions for _ in range(max(samples, 1))]
    lines = []
    chosen = find_cells(run, label, title)
    for cell in chosen:
        model = revived(run, cell, device)
        if not samples:
            given: Sequence[str | None] = predict(model, asked)
        elif isinstance(model, Sampler):
            given = model.sample(asked, temperature, seed=seed)
        else:
            raise UserError(f"the model {label!r} draws no answers", where="--sample", mend="ask without --sample")
        for question, answer in zip(asked, given, strict=True):
            name = f"{cell.record['title']}: " if len(chosen) > 1 else ""
            lines.append(
                f"{name}{question} = {'(no answer)' if answer is None else printable(answer) or '(empty text)'}"
            )
    return lines


def find_cells(run: Path, label: str, title: str) -> list[Landed]:
    """The landed cells of a model, one a task, of the smallest seed; UserError where there is none."""
    if not (run / "cells").is_dir():
        raise UserError(f"{run} is not a run", mend="give the folder that `enigmath run` wrote")
    finished = [cell for cell in landed(run).values() if cell.finished]
    return _newest(_choose(finished, label, title))


def revived(run: Path, cell: Landed, device: str) -> Model:
    """The model of a landed cell, ready to be asked."""
    return revive(cell.folder, from_record(cell.record), Place(run, default_cache(), resolve_device(device)))


def printable(text: str) -> str:
    """A model's text with control characters made visible: what it prints must not steer a terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _choose(finished: Sequence[Landed], label: str, title: str) -> list[Landed]:
    if not finished:
        raise UserError("no model of this run has finished", where="ask", mend="run its suite first")
    labels = {cell.record["model"]["label"] for cell in finished}
    if label not in labels:
        raise unknown("model", label, labels, where="ask")
    of_model = [cell for cell in finished if cell.record["model"]["label"] == label]
    titles = {cell.record["title"] for cell in of_model}
    if title and title not in titles:
        raise unknown("task", title, titles, where="--task")
    return [cell for cell in of_model if not title or cell.record["title"] == title]


def _newest(cells: Sequence[Landed]) -> list[Landed]:
    """One cell a task: the one that began last, of the smallest seed."""
    by_title: dict[str, Landed] = {}
    for cell in sorted(cells, key=lambda cell: (cell.record["began"], -cell.record["seed"])):
        by_title[cell.record["title"]] = cell
    return [by_title[title] for title in sorted(by_title)]
