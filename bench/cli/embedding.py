"""Embedding maps: the vectors that a model gives its symbols, seen from where they lie most apart.

The map shows the first two principal components of the centred vectors, the plane that keeps most of their variance
(Pearson 1901). Symbols that a model treats alike lie close to each other: vowels among letters, digits in order.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from enigmath.bench.cli.asking import find_cells, revived
from enigmath.bench.cli.auditing import write_whole
from enigmath.bench.contracts import Embedded, UserError
from enigmath.reports.text import spreadsheet, visible

SIDE, MARGIN = 640, 40
"""Of the picture, in pixels."""

Vectors = npt.NDArray[np.floating[Any]]


def draw_map(run: Path, label: str, title: str, out: Path) -> str:
    """Write the map of a model of a run to a .svg or .csv file; the line that says what it shows."""
    if out.suffix not in (".svg", ".csv"):
        what = f"cannot draw a {out.suffix or 'file without an ending'}"
        raise UserError(what, where=str(out), mend="end it in .svg or .csv")
    cells = find_cells(run, label, title)
    if len(cells) > 1:
        titles = ", ".join(cell.record["title"] for cell in cells)
        what = f"the model {label!r} was trained for {len(cells)} tasks"
        raise UserError(what, where="embedding", mend=f"choose one by --task: {titles}")
    model = revived(run, cells[0], "cpu")
    if not isinstance(model, Embedded):
        raise UserError(f"the model {label!r} has no vectors of symbols", where="embedding", mend="take a network")
    names, vectors = model.embedding()
    kept = np.flatnonzero(np.ptp(vectors, axis=1) > 0)  # what stands for nothing has a vector of zeros
    symbols, vectors = [names[place] for place in kept], vectors[kept]
    points, share = plane(vectors)
    shown = f"{len(symbols)} symbols, {share:.0%} of the variance of {vectors.shape[1]} dimensions"
    heading = f"{cells[0].record['title']}, {label}: {shown}"
    write_whole(out, svg(symbols, points, heading) if out.suffix == ".svg" else csv(symbols, points, vectors))
    return f"{out}: {visible(heading)}"


def plane(vectors: Vectors) -> tuple[Vectors, float]:
    """The first two principal components, shape (n, 2), and the share of the variance that they keep.

    >>> points, share = plane(np.array([[0.0, 0, 1], [3, 0, 1], [0, 4, 1], [3, 4, 1]]))
    >>> sorted(np.abs(points).max(axis=0).round(1).tolist()), round(share, 3)
    ([1.5, 2.0], 1.0)
    """
    left, sizes, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    points = np.zeros((len(vectors), 2))
    points[:, : min(2, len(sizes))] = (left * sizes)[:, :2]
    # An axis may be turned round at will: the symbol farthest out lies right, and up.
    farthest = points[np.abs(points).argmax(axis=0), [0, 1]]
    return points * np.where(farthest < 0, -1.0, 1.0), float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-30))


def csv(symbols: Sequence[str], points: Vectors, vectors: Vectors) -> str:
    """A row a symbol: its name, its place on the map, and its vector."""
    header = ["symbol", "x", "y", *(f"v{place}" for place in range(vectors.shape[1]))]
    rows = [
        [f'"{spreadsheet(symbol).replace(chr(34), chr(34) * 2)}"', *(f"{value:.6g}" for value in (*point, *vector))]
        for symbol, point, vector in zip(symbols, points, vectors, strict=True)
    ]
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


def svg(symbols: Sequence[str], points: Vectors, heading: str) -> str:
    """The symbols at their places, both axes to one scale."""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (SIDE - 2 * MARGIN) / max(float((high - low).max()), 1e-12)
    places = SIDE / 2 + (points - (low + high) / 2) * scale * (1, -1)
    marks = "\n".join(
        f'<text x="{x:.1f}" y="{y:.1f}">{escape(visible(symbol) if symbol != " " else "␣")}</text>'
        for symbol, (x, y) in zip(symbols, places.tolist(), strict=True)
    )
    middle = "text-anchor:middle;dominant-baseline:middle"
    style = f"text{{font:15px sans-serif;{middle};fill:#222}}.head{{font-size:12px;fill:#666}}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">\n'
        f"<title>{escape(heading)}</title>\n<style>{style}</style>\n"
        f'<rect width="100%" height="100%" style="fill:#fff"/>\n'
        f'<text x="{SIDE / 2}" y="14" class="head">{escape(visible(heading))}</text>\n{marks}\n</svg>\n'
    )
