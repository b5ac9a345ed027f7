"""The pytest plug-in: `pytest some-suite.toml` runs a suite, one test item a cell.

A suite is collected only where its path is named on the command line, so that this costs nothing to anybody else;
for the same reason nothing of enigmath is imported before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from enigmath.bench.cell import Cell
    from enigmath.bench.session import Session

RUN_PROPERTY = "enigmath_run"


class NotMet(Exception):
    """A cell that failed, or whose score misses what the suite requires."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of `pytest some-suite.toml`."""
    group = parser.getgroup("enigmath", "suites of Enigmath")
    group.addoption(
        "--enigmath-model", action="append", default=[], help="a model's label, or path.py:Class to add one"
    )
    group.addoption("--enigmath-out", type=Path, help="where results are stored; runs/<suite> when left out")
    group.addoption("--enigmath-device", default="auto", help="auto, cpu, cuda or cuda:0")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a suite that is named on the command line."""
    if file_path.suffix == ".toml" and parent.session.isinitpath(file_path):
        return SuiteFile.from_parent(parent, path=file_path)
    return None


class SuiteFile(pytest.File):
    """A suite's TOML file; its items are its cells."""

    def collect(self) -> Iterable[pytest.Item]:
        """One item for each cell, named by task, model and seed."""
        from enigmath.bench.contracts import UserError
        from enigmath.bench.engine import resolve_device
        from enigmath.bench.session import plan, try_models
        from enigmath.bench.store import open_run

        option = self.config.option
        try:
            session = plan(str(self.path), models=option.enigmath_model, out=option.enigmath_out)
            try_models(session.cells, resolve_device(option.enigmath_device))
            open_run(session.run, session.path.read_text(encoding="utf-8"))
        except UserError as error:
            raise self.CollectError(str(error)) from None
        for cell in session.cells:
            name = f"{cell.title}[{cell.label}-{cell.seed}]"
            yield CellItem.from_parent(self, name=name, cell=cell, plan=session)


class CellItem(pytest.Item):
    """One cell: it passes when it runs to its end and meets what the suite requires."""

    def __init__(self, *, cell: Cell, plan: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cell = cell
        self.plan = plan
        self.user_properties.append((RUN_PROPERTY, str(plan.run.resolve())))

    def runtest(self) -> None:
        """Run the cell, unless it has landed already, in a process of its own."""
        from enigmath.bench.engine import resolve_device, run_cells
        from enigmath.bench.requirements import unmet
        from enigmath.bench.runner import Place, default_cache

        device = resolve_device(self.config.option.enigmath_device)
        place = Place(self.plan.run.resolve(), default_cache(), device)
        for event in run_cells([self.cell], place, workers=1, limit=self.plan.suite.limit):
            if event.record is not None and event.record["status"] != "finished":
                raise NotMet(event.record["traceback"] or event.record["error"])
        lines = unmet(self.plan.suite, self.cell, self.plan.run)
        if lines:
            raise NotMet("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What fell short, without the harness's own traceback."""
        if isinstance(excinfo.value, NotMet):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The suite's path and the cell's name."""
        return self.path, None, self.name


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The board of every suite that ran, under xdist too: its workers report the run's folder with each item."""
    for run in sorted(set(_runs(terminalreporter.stats))):
        from rich.console import Console

        from enigmath.reports import Board, load, write_report

        terminalreporter.section(f"enigmath: {run}")
        console = Console(file=terminalreporter._tw._file, width=terminalreporter._tw.fullwidth)
        console.print(Board(load(Path(run))))
        terminalreporter.write_line(f"The page: {write_report(Path(run))}")


def _runs(stats: dict[str, list[Any]]) -> Iterator[str]:
    for reports in stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == RUN_PROPERTY:
                    yield value
