"""The page that compares two models."""

from collections.abc import Iterator

from enigmath.reports.site import Site


def compare_page(site: Site) -> Iterator[tuple[str, str]]:
    """The page compare.html: its path in the report and its text; none where there are not two models."""
    yield from ()
