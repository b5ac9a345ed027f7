"""A cell: one task or mixture, its levels, one model, one seed, one budget; and the identity that tells cells apart."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from enigmath.bench.contracts import Budget, Task, UserError, describe
from enigmath.bench.contracts.registry import find_model, find_task
from enigmath.bench.data import FORMAT, SplitBy, source_digest

CELL_FORMAT: Final = 1
"""Rises when what a cell's folder holds changes."""


@dataclass(frozen=True)
class Sizes:
    """How many problems: for training and validation over all levels together, for the test at each level."""

    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class Identity:
    """Two hashes of all that decides a cell's result: `group` leaves the seed out, `whole` holds it."""

    group: str
    whole: str


@dataclass(frozen=True)
class Cell:
    """The unit of work. Plain values only, so that any engine can carry it."""

    suite: str
    title: str
    tasks: tuple[str, ...]
    levels: tuple[int, ...]
    beyond: tuple[int, ...]
    sizes: Sizes
    model: str
    label: str
    config: Mapping[str, Any]
    seed: int
    budget: Budget
    folder: str
    """Where `path/to/file.py:Name` starts from."""
    split: SplitBy = "key"
    """What no two splits share: keys, or keys and skeletons."""

    def found_tasks(self) -> list[Task]:
        """The tasks themselves."""
        return [find_task(name, Path(self.folder)) for name in self.tasks]

    def found_model(self) -> type:
        """The model's class."""
        return find_model(self.model, Path(self.folder))

    @cached_property
    def identity(self) -> Identity:
        """What tells it from every other cell; it hashes source files, so it is worked out once."""
        return identify(self)

    @property
    def name(self) -> str:
        """Its folder in a run: readable, bounded, safe in any file system, and ended by its identity."""
        return f"{stem(self.title, self.label, self.seed)}-{self.identity.whole}"


def stem(title: str, label: str, seed: int) -> str:
    """What a cell's folder is called before its identity.

    >>> stem("arithmetic/addition", "../../x", 0)
    'arithmetic-addition-x-seed0'
    """
    slug = re.sub(r"[^A-Za-z0-9]+", "-", f"{title}-{label}").strip("-")[:80].lower()
    return f"{slug}-seed{seed}"


def identify(cell: Cell) -> Identity:
    """A changed config, size, budget, generator, model or version is another cell."""
    made: dict[str, Any] = {
        "formats": [CELL_FORMAT, FORMAT],
        "enigmath": version("enigmath"),
        "title": cell.title,
        "tasks": [
            {
                "name": task.name,
                "version": task.version,
                "source": source_digest(task),
                "levels": [describe(task.level(number)) for number in cell.levels],
                "beyond": [describe(task.level(number)) for number in cell.beyond],
            }
            for task in cell.found_tasks()
        ],
        "sizes": vars(cell.sizes),
        "model": {"label": cell.label, "config": cell.config, "source": source_digest(cell.found_model())},
        "budget": [cell.budget.steps, cell.budget.examples, cell.budget.seconds],
    }
    if cell.split != "key":
        made["split"] = cell.split
    return Identity(_hash(made), _hash([made, cell.seed]))


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def from_record(record: Mapping[str, Any]) -> Cell:
    """The cell that a cell.json describes.

    UserError where plug-ins would be sought from a relative folder, which no run of ours writes: a stranger's run must
    not choose code that lies beside it.
    """
    named = [record["model"]["name"], *(task["asked"] for task in record["tasks"])]
    if any(":" in name for name in named) and not Path(record["folder"]).is_absolute():
        raise UserError(f"{record['folder']!r} is no absolute folder", where="cell.json", mend="run its suite again")
    levels = record["tasks"][0]["levels"]
    return Cell(
        suite=record["suite"],
        title=record["title"],
        tasks=tuple(task["asked"] for task in record["tasks"]),
        levels=tuple(level["number"] for level in levels if not level["beyond"]),
        beyond=tuple(level["number"] for level in levels if level["beyond"]),
        sizes=Sizes(**record["sizes"]),
        model=record["model"]["name"],
        label=record["model"]["label"],
        config=record["model"]["config"],
        seed=record["seed"],
        budget=Budget(**record["budget"]),
        folder=record["folder"],
        split=record.get("split", "key"),
    )
