"""The pages of predictions."""

from collections.abc import Iterator

from enigmath.reports.site import Site


def prediction_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each prediction page: its path in the report and its text."""
    yield from ()
