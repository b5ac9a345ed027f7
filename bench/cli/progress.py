"""What a run shows while it works: bars in a terminal, plain lines anywhere else."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import Point
from enigmath.bench.engine import Event
from enigmath.bench.store import find_landed
from enigmath.reports.text import clipped


def told(events: Iterable[Event], run: Path, total: int, console: Console) -> Iterator[Event]:
    """Pass events on and show them on the console as they come."""
    return (_bars if console.is_terminal else _lines)(events, run, total, console)


def _lines(events: Iterable[Event], run: Path, total: int, console: Console) -> Iterator[Event]:
    ended = 0
    for event in events:
        if event.kind == "ended":
            ended += 1
            console.print(f"{_count(ended, total)} {_outcome(event, run)}", highlight=False, soft_wrap=True)
        yield event


def _bars(events: Iterable[Event], run: Path, total: int, console: Console) -> Iterator[Event]:
    columns = (TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        whole = progress.add_task("cells", total=total, note=f"0/{total}")
        rows: dict[str, TaskID] = {}
        began: dict[str, float] = {}
        ended = 0
        for event in events:
            name = event.cell.name
            if event.kind == "started":
                began[name] = time.monotonic()
                rows[name] = progress.add_task(f"  {escape(_title(event.cell))}", total=1.0, note=newest({}, 0.0))
            elif event.kind == "moved" and event.point is not None:
                spent = float(event.point.get("spent", 0.0))
                progress.update(rows[name], completed=spent, note=newest(event.point, time.monotonic() - began[name]))
            elif event.kind == "ended":
                ended += 1
                progress.remove_task(rows.pop(name))
                progress.update(whole, completed=ended, note=f"{ended}/{total}")
                progress.console.print(f"{_count(ended, total)} {_outcome(event, run)}", highlight=False)
            yield event


def newest(point: Point, seconds: float) -> str:
    """The newest loss and the seconds that are left of the budget, by the pace so far.

    >>> newest({}, 1.0), newest({"loss": 0.5, "spent": 0.25}, 10.0)
    ('no curve yet', '30 s left, loss 0.5000')
    """
    if not point:
        return "no curve yet"
    words = [f"loss {point['loss']:.4f}"] if "loss" in point else []
    if "validation_exact" in point:
        words.append(f"validation {point['validation_exact']:.1%}")
    spent = float(point.get("spent", 0.0))
    if 0.02 < spent < 1.0:
        words.insert(0, f"{seconds * (1 - spent) / spent:.0f} s left")
    return ", ".join(words)


def _count(ended: int, total: int) -> str:
    return f"\\[{ended:>{len(str(total))}}/{total}]"


def _title(cell: Cell) -> str:
    return clipped(f"{cell.title} · {cell.label} · seed {cell.seed}", 80)


def _outcome(event: Event, run: Path) -> str:
    record = event.record or {}
    title = escape(_title(event.cell))
    seconds = record.get("seconds", {}).get("total")
    took = f", {seconds:.1f} s" if seconds is not None else ""
    if record.get("status") != "finished":
        return f"{title}: [red]failed[/red]{took}: {escape(clipped(str(record.get('error')), 300))}"
    share = exact_share(run, event.cell)
    note = f", {record['fit']}" if record["fit"] in ("diverged", "stopped early") else ""
    return f"{title}: exact {share:.1%}{took}{note}"


def exact_share(run: Path, cell: Cell) -> float:
    """The share of exact answers on the levels that were trained."""
    found = find_landed(run, cell.name)
    assert found is not None
    return exact_in(found.folder)


def exact_in(folder: Path) -> float:
    """The same, of the cell that lies in that folder."""
    scores = pq.read_table(folder / "scores.parquet", columns=["exact", "beyond"])
    return float(pc.mean(scores.filter(pc.invert(scores["beyond"]))["exact"]).as_py() or 0.0)
