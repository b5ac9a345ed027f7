"""The page index.html: what a report shows at a glance, and the way to everything else."""

from collections.abc import Iterator

from enigmath.reports import published, requirements
from enigmath.reports.boards import COSTS, FIRST_COSTS, board_views
from enigmath.reports.exports import listed
from enigmath.reports.site import Site, render
from enigmath.reports.text import clipped
from enigmath.reports.verdicts import probe_verdicts, verdict_table
from enigmath.reports.words import headline


def board_page(site: Site) -> Iterator[tuple[str, str]]:
    """The page index.html: its path in the report and its text."""
    run, places = site.run, site.places
    figures = published.published(run)
    views = board_views(site.board, site.long, places, published.alike(run, figures))
    demands = requirements.requirements(run)
    said = headline(site.board)
    claims = [claim for claim in said if claim.who] or said[:1]
    leads = [claim for claim in said if claim not in claims]
    text = render(
        "index.html.jinja",
        site,
        "index.html",
        run.suite,
        views.data,
        scripts=("charts.js", "figures.js", "board.js", "scatter.js"),
        styles=("pages.css",),
        claims=[(clipped(claim.who or "", 80), clipped(claim.text, 400)) for claim in claims],
        leads=[clipped(claim.text, 400) for claim in leads],
        published=published.rows(figures),
        published_told=published.tally(figures),
        demands=requirements.rows(demands),
        demands_told=requirements.tally(demands),
        views=views,
        costs=COSTS,
        first_costs=FIRST_COSTS,
        answered=verdict_table(probe_verdicts(run), "label", places.models),
        links={clipped(label, 120): site.model_path(label) for label in places.models},
        files=listed(run),
        notes=[clipped(note) for note in run.notes],
    )
    yield "index.html", text
