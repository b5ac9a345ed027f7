"""What `enigmath list` and `enigmath sample` show."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from enigmath.bench.contracts import SPLITS, UserError, describe, unknown
from enigmath.bench.contracts.registry import Found, find_task, metrics, models, tasks
from enigmath.bench.data import Part, take

MOST = 10_000
"""Problems that one sample shows at most; a dataset is what `enigmath run` draws."""


def listings() -> dict[str, Callable[[Sequence[str]], Table]]:
    """What can be listed."""
    return {"tasks": _tasks, "models": _models, "metrics": _metrics, "suites": _suites}


def show(name: str, areas: Sequence[str]) -> None:
    """Print one listing."""
    console().print(listings()[name](areas))


def console() -> Console:
    """The terminal; in a pipe, lines are wide enough to be cut by other programs rather than folded."""
    return Console() if sys.stdout.isatty() else Console(width=160)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _rows(table: Table, found: Found[Any], row: Callable[[str, Any], tuple[str, ...]]) -> Table:
    for name, plugin in found.plugins.items():
        table.add_row(*(escape(cell) for cell in row(name, plugin)))
    for name, reason in found.broken.items():
        table.add_row(escape(name), f"[red]broken: {escape(reason)}[/red]")
    return table


def _tasks(areas: Sequence[str]) -> Table:
    found = tasks()
    known = {task.area for task in found.plugins.values()}
    for area in areas:
        if area not in known:
            raise unknown("area", area, known, where="--area")
    kept = {name: task for name, task in found.plugins.items() if not areas or task.area in areas}
    table = _table("Tasks", "name", "what is asked", "levels", "beyond")
    row = lambda name, task: (name, task.doc, str(len(task.levels)), str(len(task.beyond)))
    return _rows(table, Found(kept, found.broken), row)


def _models(_: Sequence[str]) -> Table:
    def row(name: str, model: type) -> tuple[str, ...]:
        doc = " ".join((model.__doc__ or "").split("\n\n")[0].split())
        return name, doc, "shortcut" if getattr(model, "shortcut", False) else ""

    return _rows(_table("Models", "name", "how it answers", ""), models(), row)


def _metrics(_: Sequence[str]) -> Table:
    return _rows(_table("Metrics", "name", "definition"), metrics(), lambda name, metric: (name, metric.doc))


def _suites(_: Sequence[str]) -> Table:
    from enigmath.bench.suite import read_suite, shipped

    table = _table("Suites", "name", "what it runs")
    for name, path in shipped().items():
        table.add_row(escape(name), escape(read_suite(path).description))
    return table


def show_sample(name: str, number: int, count: int, seed: int, split: str) -> None:
    """Print problems of one level of a task, with their traits."""
    if split not in SPLITS:
        raise unknown("split", split, SPLITS, where="--split")
    if not 1 <= count <= MOST:
        raise UserError(f"cannot show {count} problems", where="--count", mend=f"give 1 to {MOST:,}")
    task = find_task(name)
    level = task.level(number)
    problems = take(Part(task, number, seed), {split: count})[split]
    traits = [column for column in problems.column_names if column.startswith("trait.")]
    beyond = ", beyond" if task.is_beyond(number) else ""
    table = _table(f"{task.name}, level {number} ({describe(level)}{beyond}), {split}", "question", "answer")
    for trait in traits:
        table.add_column(trait.removeprefix("trait."), style="dim", justify="right")
    for row in problems.to_pylist():
        table.add_row(*(escape(str(row[column])) for column in ("question", "answer", *traits)))
    out = console()
    out.print(escape(task.doc), highlight=False, style="dim")
    out.print(table)
