"""Running probes over a run: which cells, which probes, and where their findings land.

RUN/probes/<cell>/<probe>.parquet, written aside and renamed. A finding is made once: a probe that has landed for a cell
is left as it is, unless its own source has changed since, which the file's metadata tells.
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from enigmath.bench.cell import from_record
from enigmath.bench.contracts import Probe, UserError
from enigmath.bench.data import source_digest
from enigmath.bench.place import Place
from enigmath.bench.probes.finding import COLUMNS, VERDICTS, verdict
from enigmath.bench.probes.subject import Subject, read_subject
from enigmath.bench.store import Landed, landed

if TYPE_CHECKING:
    import pandas as pd

SOURCE: Final = b"enigmath.source"


@dataclass(frozen=True)
class Probed:
    """What became of one probe of one cell: its verdict and rows, or why there are none."""

    subject: Subject
    probe: Probe
    verdict: str
    rows: int
    seconds: float
    reason: str = ""


def subjects(place: Place, chosen: Iterable[Landed]) -> Iterator[Subject]:
    """These cells of the run at `place` as probes see them, one after another: each lets go of its model and data."""
    everything = [cell for cell in landed(place.run).values() if cell.finished]
    return (read_subject(from_record(cell.record), cell, place, everything) for cell in chosen)


def applies(probe: Probe, model: type) -> bool:
    """Whether a model of this class has what the probe needs of it."""
    return all(issubclass(model, needed) for needed in probe.needs)


def probe_one(subject: Subject, probe: Probe) -> Probed:
    """Probe a subject, unless that has landed; one that fails is told with its reason, so that others can go on."""
    began = time.perf_counter()
    known = find_finding(subject, probe)
    try:
        if known is None:
            known = probed(subject, probe)
            land_finding(subject, probe, known)
    except (Exception, SystemExit) as error:
        reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        return Probed(subject, probe, "", 0, time.perf_counter() - began, reason.splitlines()[0])
    return Probed(subject, probe, verdict(known), len(known), time.perf_counter() - began)


def probed(subject: Subject, probe: Probe) -> "pd.DataFrame":
    """The findings of one probe; UserError where the model lacks what it needs, or where it gives no findings."""
    if not applies(probe, subject.cell.found_model()):
        lacking = " and ".join(needed.__name__ for needed in probe.needs)
        raise UserError(f"{subject.cell.label} is not {lacking}", where=probe.name)
    found: pd.DataFrame = probe.function(subject)
    missing = [name for name in COLUMNS if name not in getattr(found, "columns", ())]
    if missing:
        mend = "return findings([...]), see enigmath.bench.probes"
        raise UserError(f"gives no column {missing[0]!r}", where=f"probe {probe.name!r}", mend=mend)
    odd = sorted({str(word) for word in found["says"]} - {"", *VERDICTS})
    if odd:
        mend = f"say one of {', '.join(VERDICTS)}, or nothing"
        raise UserError(f"says {odd[0]!r}", where=f"probe {probe.name!r}", mend=mend)
    return found


def finding_path(subject: Subject, probe: Probe) -> Path:
    """Where the findings of one probe of one cell lie."""
    return subject.place.run / "probes" / subject.landed.folder.name / f"{probe.name}.parquet"


def find_finding(subject: Subject, probe: Probe) -> "pd.DataFrame | None":
    """What has landed for a probe and a cell, by this very source of the probe; None where nothing has."""
    path = finding_path(subject, probe)
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):
        return None
    made_by = (table.schema.metadata or {}).get(SOURCE, b"").decode()
    return table.to_pandas() if made_by == source_digest(probe) else None


def land_finding(subject: Subject, probe: Probe, found: "pd.DataFrame") -> None:
    """Write a probe's findings aside and rename them into place."""
    path = finding_path(subject, probe)
    table = pa.Table.from_pandas(found, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), SOURCE: source_digest(probe)})
    aside = path.with_suffix(f".{os.getpid()}.aside")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, aside)
        aside.replace(path)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        aside.unlink(missing_ok=True)
