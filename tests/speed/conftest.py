"""The table that `make speed` ends with: what each kind of task promises, what was measured, and the peers."""

import pytest
from promises import Measured, table

MEASURED = pytest.StashKey[list[Measured]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MEASURED] = []
    # `make test` collects these tests without pytest-benchmark, whose mark must be known all the same.
    config.addinivalue_line("markers", "benchmark: a timer of its own for pytest-benchmark")


@pytest.fixture
def measured(pytestconfig: pytest.Config) -> list[Measured]:
    """Where a test leaves what it measured, for the table."""
    return pytestconfig.stash[MEASURED]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash[MEASURED]
    if found:
        terminalreporter.section("problems a second on one core, key and split included")
        for line in table(found):
            terminalreporter.write_line(line)
