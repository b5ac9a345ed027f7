"""Where a cell runs: the run's folder, the cache, the device, the threads. Nothing here decides a result."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a cell runs and lands; nothing here changes its result."""

    run: Path
    cache: Path | None
    device: str = "cpu"
    threads: int | None = 1
    """Threads of each worker; None lets a fit choose by a quick measurement, by which the last bits of weights may
    differ between machines. Small nets on contended threads are ten times slower, so it takes a wish to have more."""
    checkpoint: float = 30.0
    """Seconds between two checkpoints of a fit."""
    track: tuple[str, ...] = ()
    """The names of the trackers that are told of it."""


def limit_threads(threads: int | None) -> None:
    """Torch would take every core, and every worker would."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads or 1)


def default_cache() -> Path:
    """Where datasets are kept: $ENIGMATH_CACHE, or the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("ENIGMATH_CACHE") or Path(base) / "enigmath")
