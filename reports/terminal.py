"""The board in the terminal: models down, tasks across, folded into several tables where the window is narrow."""

from collections.abc import Iterator

import pandas as pd
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from enigmath.reports.frames import Run
from enigmath.reports.leaderboard import KINDS
from enigmath.reports.published import BETTER, LEVEL, NOT_RUN, WORSE, between, in_words, published, tally
from enigmath.reports.text import clipped
from enigmath.reports.words import headline, percent, span

LABEL_WIDTH = 22
SCORE_WIDTH = 9
"""Characters of an interval such as 93.7–96.6."""
TITLES = {
    "exact": "exact",
    "within-10": "within 10 %",
    "within-1": "within 1 %",
    "within-order": "within one order of magnitude",
}
STYLES = {BETTER: "green", LEVEL: "", WORSE: "red", NOT_RUN: "dim"}
"""How a verdict on a published figure is coloured; the word says it too."""


class Board:
    """A rich renderable: the headline, and each score with its interval, chance and the best shortcut below.

    `metric` is any metric that is a share; `beyond` shows the levels beyond training instead of the trained ones.
    Names of models and tasks are shown with control characters written out.
    """

    def __init__(self, run: Run, metric: str = "exact", *, beyond: bool = False) -> None:
        self.run, self.metric, self.levels = run, metric, "beyond" if beyond else "trained"
        self.board = run.leaderboard

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        rows = self.board[self.board["levels"] == self.levels]
        for claim in headline(self.board):
            who = Text(clipped(claim.who, 80) + " ", "bold") if claim.who else Text()
            yield who + Text(clipped(claim.text, 400))
        if len(figures := published(self.run)) and self.levels == "trained":
            yield Padding(_beside(figures), (1, 0, 0, 0))
            yield Text(f"{tally(figures)} Sources are in suite.toml and on the page.", "dim")
        if len(rows):
            tasks = list(dict.fromkeys(zip(rows["title"], rows["task"], strict=True)))
            for some in _folded(tasks, options.max_width):
                yield Padding(self._table(rows, some), (1, 0, 0, 0))
            yield Text(self._caption(rows), "dim")
        for note in (*self.run.notes, *_failures(self.run)):
            yield Text(clipped(note), "yellow")

    def _table(self, rows: pd.DataFrame, tasks: list[tuple[str, str]]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        table.add_column("")
        for name in _headings(tasks):
            table.add_column(name, justify="right", vertical="bottom", overflow="fold")
        cells = {(row["label"], row["title"], row["task"]): row for _, row in rows.iterrows()}
        best = {key: rows[(rows["title"] == key[0]) & (rows["task"] == key[1])] for key in tasks}
        ranked = rows.sort_values("kind", key=lambda kinds: kinds.map(KINDS.index), kind="stable")
        for label, kind in ranked.drop_duplicates("label")[["label", "kind"]].itertuples(index=False):
            row = [self._score(cells.get((label, *task)), best[task]) for task in tasks]
            table.add_row(Text(clipped(label, LABEL_WIDTH * 2)).append(_mark(kind), "dim"), *row)
        if self.metric == "exact":
            table.add_section()
            table.add_row(Text("best shortcut", "italic"), *(_shortcut(best[task]) for task in tasks))
            table.add_row(Text("chance", "italic"), *(Text(percent(best[task]["chance"].mean())) for task in tasks))
        return table

    def _score(self, row: "pd.Series | None", others: pd.DataFrame) -> Text:
        """A score over its interval; the best of the column stands bold."""
        if row is None:
            return Text("")
        if not row["seeds"]:
            return Text("failed", "red")
        score = row.get(self.metric, float("nan"))
        style = "bold green" if score > 0 and score == others[self.metric].max() else ""
        mark = "†" if "diverged" in row["fit"] else ""
        text = Text(percent(score) + mark, style)
        if pd.isna(score):  # a metric that no problem of the cell has
            return text
        return text.append("\n" + span(row[f"{self.metric}_low"], row[f"{self.metric}_high"]), "dim")

    def _caption(self, rows: pd.DataFrame) -> str:
        if not (rows["n"] > 0).any():
            return f"No scores on {self.levels} levels."
        n, seeds = rows.loc[rows["n"] > 0, "n"], rows.loc[rows["n"] > 0, "seeds"]
        counted = f"{_range(n)} problems a score, {_range(seeds)} seed{'s' if seeds.max() != 1 else ''} pooled"
        marked = ", † diverged" if rows["fit"].str.contains("diverged").any() else ""
        name = TITLES.get(self.metric, self.metric)
        return f"{name}, percent, below it the 95 % interval; {self.levels} levels; {counted}{marked}"


def _mark(kind: str) -> str:
    return {"method": "\ntextbook method", "shortcut": "\nshortcut"}.get(kind, "")


def _beside(figures: pd.DataFrame) -> Table:
    """Tasks down; the published figure first, then ours with its interval, the best shortcut and chance."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", "published", "ours", "", "shortcut", "chance"):
        table.add_column(name, justify="right" if name else "left", vertical="top", overflow="fold")
    for row in figures.to_dict("records"):
        level = f", level {row['level']}" if row["level"] else ""
        metric = "" if row["metric"] == "exact" else f"\n{TITLES.get(row['metric'], row['metric'])}"
        ours = Text(in_words(row["metric"], row["score"]), "bold")
        ours.append(f"\n{between(row['metric'], row['low'], row['high'])}", "dim")
        who = Text(clipped(row["model"], LABEL_WIDTH)).append(f"\n{row['verdict']}", STYLES[row["verdict"]])
        others = [in_words(row["metric"], row[name]) for name in ("shortcut_score", "chance")]
        told = Text(in_words(row["metric"], row["published"])).append(metric, "dim")
        table.add_row(Text(clipped(row["title"], 40) + level), told, ours, who, *others)
    return table


def _folded(tasks: list[tuple[str, str]], width: int) -> Iterator[list[tuple[str, str]]]:
    """As many tasks side by side as the window holds, at least one."""
    some: list[tuple[str, str]] = []
    left = 0
    for task, head in zip(tasks, _headings(tasks), strict=True):
        needed = max([SCORE_WIDTH, *(len(part) for part in head.plain.split("\n"))]) + 2
        if some and needed > left:
            yield some
            some = []
        left = (left if some else width - LABEL_WIDTH) - needed
        some.append(task)
    if some:
        yield some


def _headings(tasks: list[tuple[str, str]]) -> list[Text]:
    """Column heads: the task without its area, broken at its hyphens; a mixture's title above."""
    heads = []
    for title, task in tasks:
        name = task if title == task else f"{title}/{task.rpartition('/')[2]}"
        parts = name.split("/")
        kept = parts if title != task else parts[-1:]
        heads.append(Text("\n".join(clipped(word, 14) for part in kept for word in part.split("-"))))
    return heads


def _shortcut(rows: pd.DataFrame) -> Text:
    found = rows.dropna(subset=["best_shortcut"])
    if found.empty:
        return Text("–")
    return Text(percent(found["best_shortcut_exact"].iloc[0]))


def _range(values: "pd.Series[int]") -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _failures(run: Run) -> Iterator[str]:
    """A line for each reason on each task, with the models and the number of cells that it felled."""
    failed = run.cells[run.cells["status"] != "finished"]
    for (title, error), cells in failed.groupby(["title", "error"], sort=False, dropna=False):
        labels = ", ".join(dict.fromkeys(cells["label"]))
        yield f"{len(cells)} failed on {title} ({labels}): {error}"
