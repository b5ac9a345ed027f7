"""What cell.json says of a cell: all that made it, or how it failed."""

import inspect
import traceback
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from enigmath.bench.cell import CELL_FORMAT, Cell
from enigmath.bench.contracts import Task, UserError, describe, kind_of
from enigmath.bench.data import source_digest
from enigmath.bench.place import Place
from enigmath.bench.provenance import environment, hardware


def describe_cell(cell: Cell, place: Place) -> dict[str, Any]:
    """What cell.json says of a cell before it has run."""
    model = cell.found_model()
    return {
        "format": CELL_FORMAT,
        "id": cell.identity.whole,
        "group": cell.identity.group,
        "suite": cell.suite,
        "title": cell.title,
        "tasks": [
            _describe_task(asked, task, cell) for asked, task in zip(cell.tasks, cell.found_tasks(), strict=True)
        ],
        "model": {
            "name": cell.model,
            "label": cell.label,
            "config": dict(cell.config),
            "source": source_digest(model),
            "kind": kind_of(model),
            "shortcut": bool(getattr(model, "shortcut", False)),
            "doc": " ".join((inspect.getdoc(model) or "").split("\n\n")[0].split()),
        },
        "seed": cell.seed,
        "budget": {name: getattr(cell.budget, name) for name in ("steps", "examples", "seconds")},
        "sizes": asdict(cell.sizes),
        "split": cell.split,
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "folder": cell.folder,
        **environment(),
        "hardware": hardware(place.device) | {"threads": place.threads or "auto"},
    }


def _describe_task(asked: str, task: Task, cell: Cell) -> dict[str, Any]:
    def known(share: float | Callable[..., float] | None, number: int) -> float | None:
        return share(**task.level(number)) if callable(share) else share

    return {
        "name": task.name,
        "asked": asked,
        "version": task.version,
        "doc": task.doc,
        "answer": repr(task.answer),
        "numeric": task.answer.components > 0,
        "source": source_digest(task),
        "levels": [
            {
                "number": number,
                "name": describe(task.level(number)),
                "beyond": number in cell.beyond,
                "chance": known(task.chance, number),
                "ceiling": known(task.ceiling, number),
            }
            for number in (*cell.levels, *cell.beyond)
        ],
    }


def failure(error: BaseException) -> dict[str, Any]:
    """What cell.json says of a cell that raised."""
    mistake = isinstance(error, UserError)
    line = str(error) if mistake else f"{type(error).__name__}: {error}"
    return {
        "status": "failed",
        "fit": "not fitted",
        "error": (line.splitlines() or [type(error).__name__])[0],
        "traceback": None if mistake else "".join(traceback.format_exception(error)),
    }
