"""The pages of tasks."""

from collections.abc import Iterator

from enigmath.reports.site import Site


def task_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each task page: its path in the report and its text."""
    yield from ()
