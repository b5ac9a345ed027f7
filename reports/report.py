"""The report: a folder of pages that open from disk, offline, and the tables that they show.

The same store gives the same bytes: nothing in a report says when or where it was made. The figures are drawn by
scripts of this package (`page/*.js`), not by plotly: the copy of plotly in its wheel weighs 4.9 MB, and what is needed
here are lines and points.
"""

from collections.abc import Iterator
from pathlib import Path

from enigmath.reports import published, requirements
from enigmath.reports.about import about
from enigmath.reports.boards import board_views
from enigmath.reports.compare_page import compare_page
from enigmath.reports.cryptanalysis import strips, verdicts
from enigmath.reports.figures import difficulty, errors, learning, levels, readings, tolerance
from enigmath.reports.folder import land
from enigmath.reports.frames import Run, load
from enigmath.reports.leaderboard import to_csv
from enigmath.reports.model_pages import model_pages
from enigmath.reports.prediction_pages import prediction_pages
from enigmath.reports.site import Site, render, site_of
from enigmath.reports.task_pages import task_pages
from enigmath.reports.text import clipped
from enigmath.reports.words import headline


def write_report(run: Path | str | Run, out: Path | None = None) -> Path:
    """Write the report of a run to `out` (RUN/report when left out) and return the path of its board, index.html.

    It lands whole or not at all. Raises UserError where the run cannot be read or `out` not be written.
    """
    loaded = run if isinstance(run, Run) else load(run)
    folder = Path(out) if out is not None else loaded.path / "report"
    land(folder, _files(loaded))
    return folder / "index.html"


def _files(run: Run) -> Iterator[tuple[str, bytes | Path]]:
    """Every file of a report: its path in the folder and its content."""
    site = site_of(run)
    figures = published.published(run)
    yield "leaderboard.csv", to_csv(published.with_published(site.board, published.alike(run, figures))).encode()
    for pages in (board_page, about_page, task_pages, model_pages, prediction_pages, compare_page):
        for path, text in pages(site):
            yield path, text.encode()


def board_page(site: Site) -> Iterator[tuple[str, str]]:
    """The page index.html: what the report shows at a glance."""
    run, places = site.run, site.places
    figures = published.published(run)
    views = board_views(site.board, site.long, places, published.alike(run, figures))
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
    said = headline(site.board)
    claims = [claim for claim in said if claim.who] or said[:1]
    leads = [claim for claim in said if claim not in claims]
    yield (
        "index.html",
        render(
            "index.html.jinja",
            site,
            "index.html",
            run.suite,
            data,
            scripts=("charts.js", "board.js", "figures.js", "tables.js"),
            claims=[(clipped(claim.who or "", 80), clipped(claim.text, 400)) for claim in claims],
            leads=[clipped(claim.text, 400) for claim in leads],
            published=published.rows(figures),
            published_told=published.tally(figures),
            demands=requirements.rows(demands),
            demands_told=requirements.tally(demands),
            views=views,
            strips=strips(run),
            verdicts=verdicts(run),
            notes=[clipped(note) for note in run.notes],
        ),
    )


def about_page(site: Site) -> Iterator[tuple[str, str]]:
    """The page about.html: what stands behind the scores, and how to check them."""
    told = about(site.run, site.board)
    yield "about.html", render("about.html.jinja", site, "about.html", "About this run", {}, about=told)
