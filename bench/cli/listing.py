"""What `enigmath list` and `enigmath sample` show."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from enigmath.bench.contracts import SPLITS, Probe, Task, UserError, describe, kind_of, unknown
from enigmath.bench.contracts.registry import (
    Found,
    find_task,
    metrics,
    models,
    probes,
    read_tasks,
    reader_names,
    tasks,
)
from enigmath.bench.data import Part, take
from enigmath.reports.text import visible

MOST = 10_000
"""Problems that one sample shows at most; a dataset is what `enigmath run` draws."""


def listings(rates: bool = False) -> dict[str, Callable[[Sequence[str]], Table]]:
    """What can be listed; with `rates`, tasks with how fast they draw."""
    listed = {"models": _models, "metrics": _metrics, "probes": _probes, "suites": _suites}
    return {"tasks": partial(_tasks, rates), **listed}


def show(name: str, areas: Sequence[str], rates: bool = False) -> None:
    """Print one listing."""
    out = console()
    out.print(listings(rates)[name](areas))
    if name == "tasks":
        more = " and ".join(f"{reader}:…" for reader in reader_names())
        out.print(f"More by {more}; `enigmath list tasks --from NAME` lists what such a reader knows.", highlight=False)


def show_from(reader: str, rates: bool = False) -> None:
    """Print the tasks that a reader knows by name."""
    found = read_tasks(reader)
    console().print(_task_table(f"Tasks from {reader} ({len(found.plugins)})", found.plugins, rates))


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


def _tasks(rates: bool, areas: Sequence[str]) -> Table:
    """By area, each with its levels; with `rates`, problems a second at the middle level, key and split included."""
    found = tasks()
    known = {task.area for task in found.plugins.values()}
    for area in areas:
        if area not in known:
            raise unknown("area", area, known, where="--area")
    kept = {name: task for name, task in found.plugins.items() if not areas or task.area in areas}
    table = _task_table(f"Tasks ({len(kept)})", kept, rates)
    return _rows(table, Found({}, found.broken), lambda name, _: (name,))


def _task_table(title: str, kept: Mapping[str, Task], rates: bool) -> Table:
    table = _table(title, "name", "what is asked", "levels", "beyond", *(["a second"] if rates else []))

    def row(name: str, task: Task) -> tuple[str, ...]:
        figures = name, task.doc, str(len(task.levels)), str(len(task.beyond))
        return (*figures, f"{measured_rate(task):,.0f}") if rates else figures

    for area in sorted({task.area for task in kept.values()}):
        members = {name: kept[name] for name in sorted(kept) if kept[name].area == area}
        _rows(table, Found(members, {}), row)
        table.add_section()
    return table


def measured_rate(task: Task) -> float:
    """Problems a second at the task's middle level: the best of three shards after a first one."""
    from enigmath.bench.audit import draw

    part = Part(task, (len(task.levels) + 1) // 2, 0)
    drawn = [draw(part) for _ in range(4)][1:]
    return max(float(problems.num_rows / seconds) for problems, _, seconds in drawn)


def _models(_: Sequence[str]) -> Table:
    def row(name: str, model: type) -> tuple[str, ...]:
        doc = " ".join((model.__doc__ or "").split("\n\n")[0].split())
        return name, doc, {"network": "", "method": "textbook method"}.get(kind_of(model), "shortcut")

    return _rows(_table("Models", "name", "how it answers", ""), models(), row)


def _metrics(_: Sequence[str]) -> Table:
    return _rows(_table("Metrics", "name", "definition"), metrics(), lambda name, metric: (name, metric.doc))


def _probes(_: Sequence[str]) -> Table:
    def row(name: str, probe: Probe) -> tuple[str, ...]:
        needs = [needed.__name__ for needed in probe.needs] + ["fits anew"] * probe.fits
        return name, probe.doc, ", ".join(needs)

    return _rows(_table("Probes", "name", "what it asks", ""), probes(), row)


def _suites(_: Sequence[str]) -> Table:
    from enigmath.bench.suite import read_suite, shipped

    table = _table("Suites", "name", "what it runs")
    for name, path in shipped().items():
        table.add_row(escape(name), escape(read_suite(path).description))
    return table


def show_sample(name: str, number: int, count: int, seed: int, split: str, steps: bool = False) -> None:
    """Print problems of one level of a task, with their traits, and with `steps` what is written to work them out."""
    if split not in SPLITS:
        raise unknown("split", split, SPLITS, where="--split")
    if not 1 <= count <= MOST:
        raise UserError(f"cannot show {count} problems", where="--count", mend=f"give 1 to {MOST:,}")
    task = find_task(name)
    level = task.level(number)
    if steps and task.steps is None:
        raise UserError(f"{task.name} offers no steps", where="--steps", mend="leave it out")
    problems = take(Part(task, number, seed), {split: count})[split]
    shown = ["question", "answer"]
    if steps and task.steps is not None:
        shown.insert(1, "steps")
        problems = problems.append_column("steps", [task.steps(problems["question"].to_pylist())])
    traits = [column for column in problems.column_names if column.startswith("trait.")]
    beyond = ", beyond" if task.is_beyond(number) else ""
    title = f"{task.name}, level {number} ({describe(level)}{beyond}), {split}"
    table = _table("", *shown)
    for trait in traits:
        table.add_column(escape(visible(trait.removeprefix("trait."))), style="dim", justify="right")
    for row in problems.to_pylist():
        table.add_row(*(escape(visible(row[column])) for column in (*shown, *traits)))
    out = console()
    out.print(escape(visible(task.doc)), highlight=False, style="dim")
    out.print(escape(visible(title)), highlight=False, style="italic")
    out.print(table)
    if steps and not any(row["steps"] for row in problems.to_pylist()):
        out.print("Nothing is to be worked out on the way at this level: no step.", style="dim")
