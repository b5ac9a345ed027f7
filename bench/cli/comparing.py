"""What `enigmath compare` shows: two models head to head, as a table and in sentences."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from enigmath.bench.cli.listing import console
from enigmath.bench.contracts import UserError
from enigmath.reports.text import clipped

if TYPE_CHECKING:
    from enigmath.reports import Run

LABEL_WIDTH = 40
"""Characters of a model's name over its column."""

NARROW = 100
"""Columns of a terminal under which the names of tasks break after their area."""


def compare_models(first: str, second: str, run: Path | None, metrics: Sequence[str], tasks: Sequence[str]) -> None:
    """Print how two models compare. Raises UserError where a name stands for no model, or they share no problem."""
    from enigmath.reports.comparison import comparison, seeds_told, sentence

    mine, a = _model(first, run)
    theirs, b = _model(second, run)
    other = None if theirs.path.resolve() == mine.path.resolve() else theirs
    found = comparison(mine, a, b, tuple(dict.fromkeys(metrics)) or ("exact",), tasks, other)
    if found.empty:
        mend = "compare models of one run, or of runs with the same tasks, levels and seeds"
        raise UserError("the two have no test problem in common", where="compare", mend=mend)
    if a == b:
        a, b = (f"{of.path.resolve().name}: {label}" for label, of in ((a, mine), (b, theirs)))
    out = console()
    rows = found.to_dict("records")
    out.print(_table(rows, a, b, narrow=out.width < NARROW))
    out.print()
    for row in rows:
        out.print(Text(sentence(row, a, b)))
    _print_notes(out, [*_caption(rows), *seeds_told(found, a, b)], [*mine.notes, *(other.notes if other else ())])


def _print_notes(out: Console, told: Sequence[str], notes: Sequence[str]) -> None:
    out.print()
    for line in told:
        out.print(Text(line, "dim"))
    for note in notes:
        out.print(Text(clipped(note), "yellow"))


def _model(name: str, run: Path | None) -> "tuple[Run, str]":
    """The run and the label that a name stands for: LABEL with --run, else RUN:LABEL, or RUN with one network."""
    from enigmath.reports import load

    if run is not None:
        return load(run), name
    if Path(name).is_dir():
        loaded = load(name)
        return loaded, _only_network(loaded)
    for place in reversed([index for index, symbol in enumerate(name) if symbol == ":"]):
        if Path(name[:place]).is_dir():
            return load(name[:place]), name[place + 1 :]
    folder, colon, _ = name.rpartition(":")
    if colon:
        raise UserError("no such folder", where=clipped(folder, 80), mend="name the folder that `enigmath run` wrote")
    mend = "give LABEL with --run RUN, or RUN:LABEL, or a RUN that has one network"
    raise UserError(f"{clipped(name, 80)} names no model of a run", where="compare", mend=mend)


def _only_network(run: "Run") -> str:
    networks = sorted(set(run.cells.loc[run.cells["kind"] == "network", "label"]))
    if len(networks) != 1:
        labels = networks or sorted(set(run.cells["label"]))
        choices = ", ".join(clipped(label, 40) for label in labels)
        what = f"{len(networks)} networks stand in it"
        raise UserError(what, where=str(run.path), mend=f"say which model: {run.path}:LABEL, of {choices}")
    return str(networks[0])


def _table(rows: Sequence[Mapping[Any, Any]], a: str, b: str, *, narrow: bool) -> Table:
    """A row a task, kind of levels and metric; intervals below the differences, as on the board."""
    from enigmath.reports.comparison import TIE, A, p_value
    from enigmath.reports.published import METRICS, between, in_words

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", overflow="fold")
    for head in (clipped(a, LABEL_WIDTH), clipped(b, LABEL_WIDTH), "difference", "p", "n"):
        table.add_column(Text(head), justify="right", vertical="top", overflow="fold")
    table.add_column("better", vertical="top", overflow="fold")
    for row in rows:
        metric = row["metric"]
        name = row["task"] if row["task"] == row["title"] else f"{row['title']}, {row['task']}"
        below = [row["levels"], *([METRICS.get(metric, metric)] if metric != "exact" else [])]
        name = clipped(name, 60)
        task = Text(name.replace("/", "/\n") if narrow else name).append("\n" + clipped(", ".join(below), 60), "dim")
        scores = [in_words(metric, row[side]) for side in ("score_a", "score_b")]
        apart = Text(in_words(metric, row["difference"])).append("\n" + between(metric, row["low"], row["high"]), "dim")
        tie = row["verdict"] == TIE
        winner = Text(TIE, "dim") if tie else Text(clipped(a if row["verdict"] == A else b, LABEL_WIDTH), "bold green")
        p = p_value(row["p_holm"]).removeprefix("p ").removeprefix("= ")
        table.add_row(task, *(Text(score) for score in scores), apart, p, f"{row['n']:,}", winner)
    return table


def _caption(rows: Sequence[Mapping[Any, Any]]) -> list[str]:
    """What the figures are, in a few sentences."""
    from enigmath.reports.words import listed

    family = rows[0]["family"]
    corrected = f", corrected by Holm over {family} rows" if family > 1 else ""
    seeds = sorted({seed for row in rows for seed in row["seeds"]})
    pooled = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {listed(map(str, seeds))} pooled"
    tests = "p by McNemar's exact test for shares, by a paired bootstrap for means and medians"
    lines = [f"The same problems for both, {pooled}; 95 % intervals, each by itself; {tests}{corrected}."]
    if any(row["verdict"] == "tie" for row in rows):
        lines.append(
            "What would decide a tie is worked out for the difference that is seen, which may not be the true one."
        )
    return lines
