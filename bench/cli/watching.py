"""`enigmath watch`: a run as it goes, for whoever did not start it: live in a terminal, plain lines elsewhere."""

import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyarrow as pa
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from enigmath.bench.cli.progress import exact_in, newest
from enigmath.bench.cli.standing import Standing, State, Watch
from enigmath.bench.contracts import UserError
from enigmath.reports.text import clipped

PAUSE: Final = 0.5
"""Seconds between two looks."""

STATES: Final[tuple[State, ...]] = ("at work", "failed", "done", "to do")
STYLES: Final = {"at work": "bold", "failed": "red", "done": "green", "to do": "dim"}
BLOCKS: Final = "▁▂▃▄▅▆▇█"
SPARKS: Final = 12
"""Characters of the picture of a loss."""
TITLE: Final = 80
REASON: Final = 300


def watch_run(run: Path, *, once: bool = False) -> None:
    """Show a run until every cell of its suite has landed and nobody is at work; once, where nobody looks on."""
    if not (run / "cells").is_dir():
        raise UserError(f"{run} is not a run", mend="give the folder that `enigmath run` writes")
    console = Console()
    watch = Watch(run)
    if once or not console.is_terminal:
        standings = watch.look()
        for line in (*([watch.note] if watch.note else []), *plain(standings)):
            console.print(Text(clipped(line, 1_000)), soft_wrap=True)
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            standings = watch.look()
            live.update(picture(standings, console, watch.note), refresh=True)
            if all(standing.state in ("done", "failed") for standing in standings):
                return
            time.sleep(PAUSE)


def plain(standings: Sequence[Standing]) -> list[str]:
    """The totals and a line for each cell, those at work first."""
    lines = [f"{_named(standing)}: {standing.state}{_told(standing)}" for standing in _ordered(standings)]
    return [totals(standings), *lines]


def totals(standings: Iterable[Standing]) -> str:
    """How many cells stand how.

    >>> totals([])
    'no cells'
    """
    counts = Counter(standing.state for standing in standings)
    if not counts:
        return "no cells"
    every = f"{counts.total()} cell{'s' if counts.total() > 1 else ''}"
    return f"{every}: {', '.join(f'{counts[state]} {state}' for state in STATES if counts[state])}"


def picture(standings: Sequence[Standing], console: Console, note: str = "") -> RenderableType:
    """What the terminal shows: the totals, the cells at work, and of the others as many as its height allows."""
    counts = Counter(standing.state for standing in standings)
    left = max(4, console.height - counts["at work"] - (4 if counts["at work"] else 2) - bool(note))
    bar = ProgressBar(total=max(1, len(standings)), completed=counts["done"] + counts["failed"], width=24)
    head = Table.grid(padding=(0, 1))
    head.add_row(bar, Text(totals(standings)))
    parts: list[RenderableType] = [head]
    if note:
        parts.append(Text(clipped(note, 200), "yellow", no_wrap=True, overflow="ellipsis"))
    ordered = _ordered(standings)
    if counts["at work"]:
        parts.append(_at_work([standing for standing in ordered if standing.state == "at work"], console))
    others = [standing for standing in ordered if standing.state != "at work"]
    others.sort(key=lambda standing: (STATES.index(standing.state), -standing.landed))
    shown = others if len(others) <= left else others[: left - 1]
    for standing in shown:
        line = Text(no_wrap=True, overflow="ellipsis").append(f"{standing.state:<8}", STYLES[standing.state])
        parts.append(line.append(f"{_named(standing)}{_told(standing)}"))
    if len(others) > len(shown):
        parts.append(Text(f"and {len(others) - len(shown)} more", "dim"))
    return Group(*parts)


def spark(values: Sequence[float], width: int = SPARKS) -> str:
    """The course of some values above 0, as the height of blocks on a logarithmic scale; the newest at the right.

    >>> spark([8, 4, 2, 1])
    '█▆▃▁'
    >>> spark([1, float("nan")]), spark([3, 3]), spark([])
    ('', '▁▁', '')
    """
    heights = [math.log(max(value, 1e-12)) for value in values]
    if len(heights) < 2 or not all(map(math.isfinite, heights)):
        return ""
    places = [round(place * (len(heights) - 1) / (width - 1)) for place in range(width)]
    heights = heights if len(heights) <= width else [heights[place] for place in places]
    low, high = min(heights), max(heights)
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(BLOCKS[int((height - low) * scale + 0.5)] for height in heights)


def _at_work(standings: Sequence[Standing], console: Console) -> Table:
    """A table of the cells at work; a narrow terminal leaves columns out, one that is plain ASCII the picture."""
    columns = {
        "step": ("step", ",.0f", console.width >= 100),
        "spent": ("spent", ".0%", True),
        "loss": ("loss", ".4g", True),
        "validation": ("validation_exact", ".1%", console.width >= 60),
        "seconds": ("seconds", ",.0f", True),
    }
    shown = {name: (key, form) for name, (key, form, fits) in columns.items() if fits}
    pictured = console.width >= 70 and not console.options.ascii_only
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("at work", ratio=1, no_wrap=True, overflow="ellipsis", min_width=12)
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
    if pictured:
        table.add_column("", no_wrap=True, width=SPARKS)
    for standing in standings:
        point = {"seconds": standing.seconds, **standing.point}
        texts = [format(point[key], form) if point.get(key) is not None else "" for key, form in shown.values()]
        texts += [spark(standing.losses)] if pictured else []
        table.add_row(Text(_named(standing), STYLES["at work"]), *map(Text, texts))
    return table


def _ordered(standings: Iterable[Standing]) -> list[Standing]:
    return sorted(standings, key=lambda standing: STATES.index(standing.state))


def _named(standing: Standing) -> str:
    parts = (standing.title, standing.label, "" if standing.seed is None else f"seed {standing.seed}")
    return clipped(" · ".join(part for part in parts if part), TITLE)


def _told(standing: Standing) -> str:
    """What there is to say of a cell beside its name and state."""
    took = f", {standing.seconds:.1f} s" if standing.seconds is not None else ""
    if standing.state == "at work":
        step = f", step {standing.point['step']:,.0f}" if "step" in standing.point else ""
        words = newest(standing.point, standing.seconds or 0.0)
        return f"{step}{took}{', ' if words else ''}{words}"
    if standing.state == "failed":
        return f"{took}: {clipped(standing.reason, REASON)}"
    if standing.state == "done":
        note = f", {standing.reason}" if standing.reason else ""
        return f", {_exact(standing.folder)}{took}{note}"
    return ""


@lru_cache(maxsize=10_000)
def _exact(folder: Path) -> str:
    """The share of exact answers of a cell that has landed, as text, whatever its table holds."""
    try:
        return f"exact {exact_in(folder):.1%}"
    except (pa.ArrowException, OSError, KeyError, TypeError):
        return "no exact answers are kept"
