"""Running probes over a run: which cells, which probes, and where their findings land.

RUN/probes/<cell>/<probe>.parquet, written aside and renamed. A finding is made once: a probe that has landed for a cell
is left as it is, unless its own source has changed since, which the file's metadata tells.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from enigmath.bench.cell import from_record
from enigmath.bench.contracts import Probe, UserError
from enigmath.bench.data import source_digest
from enigmath.bench.place import Place
from enigmath.bench.probes.finding import COLUMNS, verdict
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
    reason: str = ""


def subjects(run: Path, place: Place, cells: Iterable[Landed] | None = None) -> list[Subject]:
    """The finished cells of a run, or those chosen among them, as probes see them."""
    everything = [cell for cell in landed(run).values() if cell.finished]
    chosen = everything if cells is None else list(cells)
    return [read_subject(from_record(cell.record), cell, place, everything) for cell in chosen]


def probe_all(chosen: Sequence[Subject], probes: Sequence[Probe]) -> Iterator[Probed]:
    """Each probe of each subject, told as it lands; one that fails is told with its reason, and the others go on."""
    for subject in chosen:
        for probe in probes:
            known = find_finding(subject, probe)
            if known is None:
                try:
                    known = probed(subject, probe)
                except (Exception, SystemExit) as error:
                    reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
                    yield Probed(subject, probe, "", 0, reason or type(error).__name__)
                    continue
                land_finding(subject, probe, known)
            yield Probed(subject, probe, verdict(known), len(known))


def probed(subject: Subject, probe: Probe) -> "pd.DataFrame":
    """The findings of one probe; UserError where the model lacks what it needs, or where it gives no findings."""
    for needed in probe.needs:
        if not isinstance(subject.model, needed):
            raise UserError(f"{subject.cell.label} is not {needed.__name__}", where=probe.name)
    found: pd.DataFrame = probe.function(subject)
    missing = [name for name in COLUMNS if name not in getattr(found, "columns", ())]
    if missing:
        mend = "return findings([...]), see enigmath.bench.probes"
        raise UserError(f"gives no column {missing[0]!r}", where=f"probe {probe.name!r}", mend=mend)
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
