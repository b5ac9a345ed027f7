"""The report: a folder of pages that open from disk, offline, and the tables that they show.

The same store gives the same bytes: nothing in a report says when or where it was made. The figures are drawn by
scripts of this package (`page/*.js`), not by plotly: the copy of plotly in its wheel weighs 4.9 MB, and what is needed
here are lines and points.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from enigmath.bench.contracts import UserError
from enigmath.reports import published
from enigmath.reports.about import about
from enigmath.reports.board_page import board_page
from enigmath.reports.compare_page import compare_page
from enigmath.reports.exports import tables, write_problems
from enigmath.reports.folder import land
from enigmath.reports.frames import Run, load
from enigmath.reports.model_pages import model_pages
from enigmath.reports.pictures import drawn
from enigmath.reports.prediction_pages import prediction_pages
from enigmath.reports.site import Site, render, site_of
from enigmath.reports.task_pages import task_pages


def write_report(run: Path | str | Run | Sequence[Path | str], out: Path | None = None, figures: bool = False) -> Path:
    """Write the report of a run, or of several as one, and return the path of its board, index.html.

    It lands in `out` (RUN/report when left out) whole or not at all, with `figures` as pictures too. Raises UserError
    where a run cannot be read, where runs cannot be merged, and where `out` is left out for several or not writable.
    """
    paths = [run] if isinstance(run, Path | str) else [] if isinstance(run, Run) else list(run)
    if out is None and len(paths) > 1:
        raise UserError("several runs have no folder in common", where="report", mend="say where it goes with --out")
    loaded = run if isinstance(run, Run) else load(*paths)
    folder = Path(out) if out is not None else loaded.path / "report"
    _require_no_run(folder)
    with TemporaryDirectory() as aside:
        land(folder, _files(loaded, Path(aside), figures))
    return folder / "index.html"


def _require_no_run(folder: Path) -> None:
    """UserError where the folder is a run, or lies among a run's cells or findings: pages would be taken for it."""
    place = folder.resolve()
    above = [run for run in place.parents if (run / "suite.toml").is_file() and (run / "cells").is_dir()]
    if (place / "cells").is_dir() or any(place.relative_to(run).parts[0] in ("cells", "probes") for run in above):
        raise UserError("is a run, or a part of one", where=str(folder), mend="choose another --out")


def _files(run: Run, aside: Path, pictures: bool) -> Iterator[tuple[str, bytes | Path]]:
    """Every file of a report: its path in the folder and its content, or where `aside` it lies.

    The one large table is written by a thread of its own while the pages are made.
    """
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(write_problems, run, aside / "problems.parquet")
        site = site_of(run)
        figures = published.published(run)
        yield from tables(site, published.with_published(site.board, published.alike(run, figures)))
        for pages in (board_page, about_page, task_pages, model_pages, prediction_pages, compare_page):
            for path, text in pages(site):
                yield path, text.encode()
        if pictures:
            yield from drawn(site)
        writing.result()
    if (aside / "problems.parquet").exists():
        yield "tables/problems.parquet", aside / "problems.parquet"


def about_page(site: Site) -> Iterator[tuple[str, str]]:
    """The page about.html: what stands behind the scores, and how to check them."""
    told = about(site.run, site.board)
    yield "about.html", render("about.html.jinja", site, "about.html", "About this run", {}, about=told)
