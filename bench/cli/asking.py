"""Talking to a model that a run has trained."""

from collections.abc import Sequence
from pathlib import Path

from enigmath.bench.cell import from_record
from enigmath.bench.contracts import UserError, unknown
from enigmath.bench.engine import resolve_device
from enigmath.bench.runner import Place, default_cache, predict, revive
from enigmath.bench.store import Landed, landed

LONGEST = 2_000
"""Characters of a question that are asked at most: attention over more would ask for all the memory there is."""


def answers(run: Path, label: str, questions: Sequence[str], title: str, device: str) -> list[str]:
    """The model's answer to each question; a line for each task where it was trained for several."""
    if not (run / "cells").is_dir():
        raise UserError(f"{run} is not a run", mend="give the folder that `enigmath run` wrote")
    longest = max(map(len, questions))
    if longest > LONGEST:
        raise UserError(f"a question of {longest:,} characters", where="ask", mend=f"ask at most {LONGEST:,}")
    finished = [cell for cell in landed(run).values() if cell.finished]
    chosen = _newest(_choose(finished, label, title))
    lines = []
    for cell in chosen:
        device = resolve_device(device)
        model = revive(cell.folder, from_record(cell.record), Place(run, default_cache(), device))
        for question, answer in zip(questions, predict(model, questions), strict=True):
            name = f"{cell.record['title']}: " if len(chosen) > 1 else ""
            lines.append(
                f"{name}{question} = {'(no answer)' if answer is None else printable(answer) or '(empty text)'}"
            )
    return lines


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
