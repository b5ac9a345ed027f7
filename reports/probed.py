"""What the probes found of a run's cells, as one tidy frame; see enigmath.bench.probes for its columns."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from enigmath.bench.contracts.registry import probes as installed_probes
from enigmath.bench.data import source_digest
from enigmath.bench.probes.finding import COLUMNS
from enigmath.bench.probes.probing import SOURCE

NAMES = ("cell", "title", "label", "seed", "probe")
"""What every finding says of where it is from."""


def found_of(cells: pd.DataFrame) -> pd.DataFrame:
    """The findings of these finished cells, each with the names of its cell and probe; a torn file is left out.

    What one probe adds beside the columns of all is empty for the others.
    """
    parts = []
    for row in cells.to_dict("records"):
        for path in sorted(_files(Path(row["folder"]))):
            table = _readable(path)
            if table is not None:
                names = {"cell": row["id"], **{name: row[name] for name in NAMES[1:4]}, "probe": path.stem}
                parts.append(table.to_pandas().assign(**names))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in (*NAMES, *COLUMNS)})
    joined: pd.DataFrame = pd.concat(parts, ignore_index=True)
    ordered: pd.DataFrame = joined[[*NAMES, *(name for name in joined.columns if name not in NAMES)]]
    return ordered


def doubts_of(folder: Path) -> Iterator[str]:
    """A line for each file of findings of a cell that cannot be read, or that another version of its probe has made."""
    for path in _files(folder):
        table = _readable(path)
        if table is None:
            yield f"{path.name} of {folder.name} is torn; left out"
        elif _source(path.stem) not in ("", (table.schema.metadata or {}).get(SOURCE, b"").decode()):
            yield f"{path.stem} of {folder.name} is of another version of the probe; `enigmath probe` makes it anew"


@cache
def _source(name: str) -> str:
    """What an installed probe's findings say that they were made by; "" of a user's own, whose file is not known."""
    known = installed_probes().plugins.get(name)
    return source_digest(known) if known is not None else ""


def _files(folder: Path) -> list[Path]:
    """Where the findings of a cell lie: beside the cells of its run."""
    return sorted((folder.parent.parent / "probes" / folder.name).glob("[!.]*.parquet"))


def _readable(path: Path) -> pa.Table | None:
    """A file of findings, if it is one: whole, and with every column that findings have."""
    try:
        table = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowInvalid):
        return None
    return table if set(COLUMNS) <= set(table.column_names) else None
