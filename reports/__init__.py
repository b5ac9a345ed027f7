"""What is shown: tidy frames, the leaderboard, figures and the page.

Nothing heavy is imported until it is asked for.

    import enigmath.reports
    run = enigmath.reports.load("runs/quick")
    run.problems.groupby(["label", "task"])["exact"].mean()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if __name__ != "enigmath.reports":
    raise ImportError("import enigmath.reports, not reports: the bare name would make a second copy of every module")

if TYPE_CHECKING:
    from enigmath.reports.frames import Run, load
    from enigmath.reports.report import write_report
    from enigmath.reports.terminal import Board

__all__ = ["Board", "Run", "load", "write_report"]

_HOMES = {
    "Board": "terminal",
    "Run": "frames",
    "load": "frames",
    "write_report": "report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
