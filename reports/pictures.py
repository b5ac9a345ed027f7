"""The figures of a report as files for papers and talks: SVG to scale, PNG to paste. They need matplotlib.

They show what the pages show, in the same colours and marks: networks in colours, textbook methods in ink, shortcuts in
grey and hollow. The same store gives the same bytes with the same version of matplotlib.
"""

import io
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from enigmath.bench.contracts import UserError
from enigmath.reports.figures import difficulty, levels, tolerance
from enigmath.reports.site import Site
from enigmath.reports.text import clipped, slug

INKS = ("#0068a8", "#c95000", "#00805c", "#b1508c", "#846800", "#3b8dc4", "#7a4fc0")
GREYS = ("#6b6f76", "#8b8f96", "#7a7468", "#9a958a")
MARKS = ("o", "s", "D", "^", "v")
DASHES = ((0, (2, 3)), (0, (6, 3)), (0, (8, 3, 2, 3)), (0, (1, 4)))
"""The looks of the pages: see page.css and charts.js."""

SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "enigmath",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#5c6068",
    "axes.grid": True,
    "grid.color": "#e3e0d8",
    "axes.axisbelow": True,
    "legend.frameon": False,
}
DOTS = 200
"""Dots an inch of a PNG."""
TOLD = 24
"""Models that a legend names at most."""


def drawn(site: Site) -> Iterator[tuple[str, bytes]]:
    """Every figure as PNG and SVG: its path in the report and its bytes. Raises UserError without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        what, mend = "need matplotlib, which is not installed", "pip install 'enigmath[figures]'"
        raise UserError(what, where="--figures", mend=mend) from None
    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        for name, figure in _figures(site):
            for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
                sink = io.BytesIO()
                figure.savefig(sink, format=kind, dpi=DOTS, metadata=metadata, bbox_inches="tight")
                yield f"figures/{name}.{kind}", sink.getvalue()


def _figures(site: Site) -> Iterator[tuple[str, Any]]:
    """Each figure with its name; one without a mark is left out."""
    board = site.places.locate(site.board[site.board["levels"] == "trained"])
    looks = _looks(site)
    wanted = {"exact", "within-10"} <= set(board)
    if wanted:
        yield from _marked("near-or-right", board, "within-10", "within ten percent, %", looks, site)
    if "exact" in board:
        spent = board.assign(spent=pd.to_numeric(board["operations"]).where(board["operations"] > 0))
        yield from _marked("score-against-compute", spent, "spent", "floating-point operations", looks, site)
        learned = board[~board["shortcut"].astype(bool)]
        yield from _marked("score-against-shortcut", learned, "best_shortcut_exact", "best shortcut, %", looks, site)
    for title in site.titles:
        yield from _by_level_and_tolerance(site, title, looks)


def _looks(site: Site) -> list[dict[str, Any]]:
    """How each model is drawn, in the order of the board."""
    counts = {"network": 0, "method": 0, "shortcut": 0}
    looks = []
    for model in site.data["models"]:
        place, network = counts[model["kind"]], model["kind"] == "network"
        counts[model["kind"]] += 1
        colour = INKS[place % 7] if network else GREYS[place % 4] if model["shortcut"] else "#1d1f22"
        look = {"color": colour, "marker": MARKS[place % 5], "markersize": 4.5, "label": clipped(model["label"], 40)}
        look |= {} if network else {"linestyle": DASHES[place % 4]}
        looks.append(look | ({"markerfacecolor": "white"} if model["shortcut"] else {}))
    return looks


def _axes(width: float, height: float, columns: int = 1) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for one in axes:
        one.set_ylim(-3, 103)
    return figure, list(axes)


def _marked(
    name: str, board: pd.DataFrame, across: str, words: str, looks: list[dict[str, Any]], site: Site
) -> Iterator[tuple[str, Any]]:
    """The exact score against a column, a mark a model and task; shares in percent beside the line where both agree."""
    known = board[board["exact"].notna() & board[across].notna()]
    if known.empty:
        return
    figure, (axes,) = _axes(5.2, 3.6)
    share = across != "spent"
    for model, rows in known.groupby("model"):
        x = rows[across].to_numpy(float) * (100 if share else 1)
        axes.plot(x, 100 * rows["exact"].to_numpy(float), **(looks[int(str(model))] | {"linestyle": "none"}))
    if share:
        axes.plot([0, 100], [0, 100], color="#5c6068", linewidth=0.8, zorder=0)
        axes.set_xlim(-3, 103)
    else:
        axes.set_xscale("log")
    axes.set_xlabel(words)
    axes.set_ylabel("exact, %")
    _legend(figure, axes)
    yield name, figure


def _by_level_and_tolerance(site: Site, title: str, looks: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The exact score by level, and the share within each tolerance: a figure a task of the title."""
    run = site.run.only(title)
    told, graded, near = levels(run, site.places), difficulty(run, site.places), tolerance(run, site.places)
    for panel, (other, task) in enumerate(site.places.panels):
        exact = [entry for entry in graded if entry["panel"] == panel and entry["metric"] == "exact"]
        if other != title or not exact:
            continue
        within = [entry for entry in near if entry["panel"] == panel]
        figure, axes = _axes(7.4 if within else 4.8, 2.9, 2 if within else 1)
        level = told[panel]
        _curves(axes[0], [(entry, [level["number"].index(one) for one in entry["level"]]) for entry in exact], looks)
        axes[0].set_xticks(range(len(level["ticks"])), level["ticks"])
        axes[0].set_xlabel(level["axis"])
        axes[0].set_ylabel("exact, %")
        first = next((place for place, beyond in enumerate(level["beyond"]) if beyond), None)
        if first is not None:
            axes[0].axvspan(first - 0.5, len(level["beyond"]) - 0.5, color="#efece4", zorder=0)
        if within:
            _curves(axes[1], [(entry, list(range(len(entry["names"])))) for entry in within], looks)
            words = [name if name == "exact" else f"{name[7:]} %" for name in within[0]["names"]]
            axes[1].set_xticks(range(len(words)), words)
            axes[1].set_xlabel("within")
        figure.suptitle(clipped(task if task == title else f"{title}: {task}", 80), fontsize=9)
        _legend(figure, axes[0])
        yield f"{slug(f'{title} {task}' if task != title else title)}", figure


def _curves(axes: Any, entries: list[tuple[Mapping[str, Any], list[int]]], looks: list[dict[str, Any]]) -> None:
    """A line a model with its intervals, in percent."""
    for entry, x in entries:
        score, low, high = (100 * np.array(entry[name], float) for name in ("score", "low", "high"))
        spread = np.maximum(np.stack([score - low, high - score]), 0)
        axes.errorbar(x, score, spread, linewidth=1.2, elinewidth=0.7, **looks[entry["model"]])


def _legend(figure: Any, axes: Any) -> None:
    """The names of the models beside the figure, as many as there is room for."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles[:TOLD], names[:TOLD], loc="outside right upper", fontsize=7)
