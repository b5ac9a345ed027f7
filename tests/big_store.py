"""A store of many cells, written once and linked: titles of one task, so that every title's tables may be the same."""

import json
import os
from pathlib import Path

import store_samples as samples

NETWORKS = tuple(
    samples.Model(f"network-{place}", f"network-{place}", 1 - place / 15, 0.05 + place / 40, False, 9_000 * (place + 1))
    for place in range(14)
)
SHORTCUTS = tuple(
    samples.Model(f"shortcut-{place}", f"shortcut-{place}", place / 60, 0.1 + place / 9, True) for place in range(6)
)


def write_big_run(folder: Path, titles: int = 50, rows: int = 5_000) -> Path:
    """Write a run of `titles` titles by 20 models by 2 seeds, each cell of `rows` test problems."""
    samples.write_run(folder, samples.TASKS[2:3], (*NETWORKS, *SHORTCUTS), seeds=2, rows=rows, failed=[])
    first = sorted((folder / "cells").iterdir())
    for number in range(1, titles):
        for home in first:
            record = json.loads((home / "cell.json").read_text())
            record |= {"title": f"area-{number % 7}/task-{number}", "id": f"{number:03d}{record['id']}"}
            copy = home.parent / f"task-{number}-{record['id']}"
            copy.mkdir()
            (copy / "cell.json").write_text(json.dumps(record))
            for table in home.glob("*.parquet"):
                os.link(table, copy / table.name)
    return folder
