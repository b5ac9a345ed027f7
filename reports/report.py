"""The page: one HTML file that opens from disk, asks for nothing, and runs no script but its own.

Its content-security policy allows one script and one style sheet, each by its hash; data lies in a block that is never
executed, with every character escaped that could end it. What a model printed reaches the page as text only. The same
store gives the same bytes: nothing on the page says when it was made.

The figures are drawn by a script of this package (`page/*.js`), not by plotly: the copy of plotly in its wheel weighs
4.9 MB, and what is needed here are lines and points.
"""

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from enigmath.bench.contracts import UserError
from enigmath.reports import published, requirements
from enigmath.reports.about import about
from enigmath.reports.boards import board_views, places_of
from enigmath.reports.cryptanalysis import strips, verdicts
from enigmath.reports.figures import difficulty, errors, learning, levels, readings, tolerance
from enigmath.reports.frames import Run, load
from enigmath.reports.leaderboard import company, long_board, to_csv, wide
from enigmath.reports.text import clipped
from enigmath.reports.words import headline

SCRIPTS = ("board.js", "charts.js", "figures.js", "tables.js")


def write_report(run: Path | str | Run, out: Path | None = None) -> Path:
    """Write leaderboard.csv and index.html to `out` (RUN/report when left out) and return the page's path.

    Each file lands whole or not at all. Raises UserError where the run cannot be read or `out` not be written.
    """
    loaded = run if isinstance(run, Run) else load(run)
    folder = Path(out) if out is not None else loaded.path / "report"
    long, beside = long_board(loaded), company(loaded)
    figures = published.published(loaded)
    board = published.with_published(wide(long, beside), published.alike(loaded, figures))
    texts = {"leaderboard.csv": to_csv(board), "index.html": page(loaded, long, beside, figures)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            aside = folder / f".{name}.{os.getpid()}.aside"
            aside.write_bytes(text.encode("utf-8"))
            aside.replace(folder / name)
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}", where=str(folder), mend="choose another --out"
        ) from None
    return folder / "index.html"


def page(run: Run, long: Any, beside: Any, figures: Any) -> str:
    """The whole page as text."""
    board = wide(long, beside)
    places = places_of(board)
    views = board_views(board, long, places, published.alike(run, figures))
    demands = requirements.requirements(run)
    data = {
        **views.data,
        "levels": levels(run, places),
        "difficulty": difficulty(run, places),
        "tolerance": tolerance(run, places),
        "learning": learning(run, places),
        "errors": errors(run, places),
        "readings": readings(run, places),
    }
    said = headline(board)
    claims = [claim for claim in said if claim.who] or said[:1]
    leads = [claim for claim in said if claim not in claims]
    style = _source("page.css")
    script = '"use strict";\n' + "\n".join(_source(name) for name in SCRIPTS)
    return str(
        _template().render(
            policy=_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            data=Markup(embedded(data)),
            suite=clipped(run.suite, 80),
            description=clipped(run.description, 300),
            claims=[(clipped(claim.who or "", 80), clipped(claim.text, 400)) for claim in claims],
            leads=[clipped(claim.text, 400) for claim in leads],
            published=published.rows(figures),
            published_told=published.tally(figures),
            demands=requirements.rows(demands),
            demands_told=requirements.tally(demands),
            views=views,
            strips=strips(run),
            verdicts=verdicts(run),
            about=about(run, board),
            notes=[clipped(note) for note in run.notes],
        )
    )


def embedded(data: Mapping[str, Any]) -> str:
    r"""JSON that may stand inside a script block: nothing in it can end the block or open another.

    >>> embedded({"name": "</script><!-- & \u2028"})
    '{"name":"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028"}'
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _policy(style: str, script: str) -> str:
    """The content-security policy: nothing at all but this one style sheet and this one script."""
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _template() -> Any:
    environment = Environment(
        loader=DictLoader({"page": _source("page.html.jinja")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page")


def _source(name: str) -> str:
    return files("enigmath.reports").joinpath("page", name).read_text(encoding="utf-8")
