"""The pages of models."""

from collections.abc import Iterator

from enigmath.reports.site import Site


def model_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each model page: its path in the report and its text."""
    yield from ()
