"""A record of the store as rows of the frames of cells and of levels."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from enigmath.reports.record import Proof, Record, variant

CELL_COLUMNS = [
    "id", "title", "label", "model", "kind", "shortcut", "seed", "status", "fit", "error", "n", "parameters",
    "constant", "chance", "ceiling", "folder", "variant",
]  # fmt: skip
LEVEL_COLUMNS = [
    "cell", "title", "task", "level", "name", "beyond", "chance", "ceiling", "doc",
    "numeric", "answer", "version", "source",
]  # fmt: skip


def cell_row(record: Record, home: Path) -> dict[str, Any]:
    """One row of the frame of cells."""
    trained = [level for task in record.tasks for level in task.levels if not level.beyond]
    proof = record.proof
    finished = record.status == "finished"
    return {
        "id": record.id,
        "title": record.title,
        "label": record.model.label,
        "model": record.model.name,
        "kind": "shortcut" if record.model.shortcut else "method" if record.model.kind == "method" else "network",
        "shortcut": record.model.shortcut,
        "seed": record.seed,
        "status": record.status,
        "fit": record.fit,
        "error": record.error,
        "n": pq.read_metadata(home / "scores.parquet").num_rows if finished else 0,
        "parameters": _number(record.facts.get("parameters")),
        "constant": _number(record.constant),
        "chance": _mean([level.chance for level in trained]),
        "ceiling": _mean([level.ceiling for level in trained]),
        "folder": str(home),
        "variant": hashlib.sha256(variant(record)).hexdigest()[:16],
        "doc": record.model.doc,
        "commit": (record.git or {}).get("commit"),
        "dirty": (record.git or {}).get("dirty"),
        "peak_memory_bytes": record.peak_memory_bytes,
        **{f"proof.{name}": getattr(proof, name, None) for name in Proof.__struct_fields__},
        **_flat("seconds", record.seconds),
        **_flat("size", record.sizes),
        **_flat("budget", record.budget),
        **_flat("version", record.versions),
        **_flat("chance", {name: value for name, value in record.chance.items() if name != "exact"}),
        **_flat("hardware", record.hardware),
        **_flat("fact", record.facts),
        **_flat("config", record.model.config),
    }


def level_rows(record: Record) -> list[dict[str, Any]]:
    """The rows of the frame of levels that one cell gives."""
    return [
        {
            "cell": record.id,
            "title": record.title,
            "task": task.name,
            "level": level.number,
            "name": level.name,
            "beyond": level.beyond,
            # Where a task declares no chance, it is what the commonest training answer scores.
            "chance": _number(
                level.chance
                if level.chance is not None
                else record.constant_beyond
                if level.beyond
                else record.constant
            ),
            "ceiling": _number(level.ceiling),
            "doc": task.doc,
            "numeric": task.numeric,
            "answer": task.answer,
            "version": task.version,
            "source": task.source,
        }
        for task in record.tasks
        for level in task.levels
    ]


def _flat(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """A dict's entries as columns `prefix.name`; what is not a plain value becomes its text."""
    return {f"{prefix}.{name}": _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """A value that a column can hold: a whole number of more than 64 bits is told by its length."""
    if isinstance(value, int) and value.bit_length() > 63:
        return f"a number of {value.bit_length()} bits"
    return value if isinstance(value, str | int | float | None) else repr(value)


def _number(value: Any) -> float:
    number = _plain(value)
    return float(number) if isinstance(number, int | float) else float("nan")


def _mean(values: Sequence[float | None]) -> float:
    """The mean of what is declared at every level; NaN where a level declares nothing."""
    return float(np.mean([_number(value) for value in values])) if values else float("nan")
