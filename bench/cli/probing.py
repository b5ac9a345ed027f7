"""What `enigmath probe` does and says: which cells, which probes, and what they speak for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from enigmath.bench.cli.asking import printable
from enigmath.bench.contracts import Probe, UserError, unknown
from enigmath.bench.contracts.registry import find_model, find_probe, probes
from enigmath.bench.engine import resolve_device
from enigmath.bench.place import Place, default_cache
from enigmath.bench.probes.finding import BROKEN, COMPUTES, LOOKS_UP
from enigmath.bench.probes.probing import Probed, applies, probe_one, subjects
from enigmath.bench.specs import ProbeSpec
from enigmath.bench.store import Landed, fault, landed

NEITHER = "speaks for neither"
COLOURS = {COMPUTES: "green", LOOKS_UP: "yellow", "mixed": "magenta", BROKEN: "bold red", "failed": "red"}
WORDS = (BROKEN, COMPUTES, LOOKS_UP, "mixed", NEITHER, "failed")


@dataclass(frozen=True)
class Asked:
    """A cell and the probes that are asked of it."""

    cell: Landed
    probes: tuple[Probe, ...]


def run_probes(
    run: Path, *, names: Sequence[str], models: Sequence[str], tasks: Sequence[str], seeds: Sequence[int], device: str,
    fits: bool,
) -> int:  # fmt: skip
    """Probe the cells of a run that are chosen; 0 when every probe gave its findings and none calls the run broken."""
    chosen = [find_probe(name) for name in names] or [
        probe for probe in probes().plugins.values() if fits or not probe.fits
    ]
    asked = []
    for cell in choose(run, models=models, tasks=tasks, seeds=seeds):
        model = find_model(cell.record["model"]["name"], Path(cell.record["folder"]))
        asked.append(Asked(cell, tuple(probe for probe in chosen if applies(probe, model))))
    for probe in chosen if names else ():
        if not any(probe in item.probes for item in asked):
            needed = " and ".join(need.__name__ for need in probe.needs)
            mend = "choose other models; `enigmath list probes` says what each probe needs"
            raise UserError(f"no model that is chosen is {needed}", where=f"--probe {probe.name}", mend=mend)
    console = Console()
    for line in torn(run):
        console.print(printable(line), style="yellow", markup=False, highlight=False, soft_wrap=True)
    return show_probed(run, asked, device, console)


def torn(run: Path) -> Iterator[str]:
    """A line for each cell that has run to its end and cannot be read: it is not probed."""
    for cell in landed(run).values():
        reason = fault(cell.folder) if cell.record.get("status") == "finished" else None
        if reason:
            yield f"Note: {cell.folder.name}: {reason}; not probed"


def run_suite_probes(run: Path, specs: Sequence[ProbeSpec], folder: Path, device: str, console: Console) -> int:
    """What the `[[probes]]` of a suite ask of the cells of the smallest seed that have finished; as run_probes."""
    asked = []
    for cell in choose(run, models=(), tasks=(), seeds=()):
        title, label = cell.record["title"], cell.record["model"]["label"]
        model = find_model(cell.record["model"]["name"], Path(cell.record["folder"]))
        found = [
            find_probe(spec.name, folder)
            for spec in specs
            if title in (spec.tasks or {title}) and label in (spec.models or {label})
        ]
        asked.append(Asked(cell, tuple(probe for probe in dict.fromkeys(found) if applies(probe, model))))
    return show_probed(run, [item for item in asked if item.probes], device, console)


def choose(run: Path, *, models: Sequence[str], tasks: Sequence[str], seeds: Sequence[int]) -> list[Landed]:
    """The newest finished cell of each model, task and seed that is chosen; of all seeds the smallest when left out."""
    if not (run / "cells").is_dir():
        raise UserError("is not a run", where=str(run), mend="give the folder that `enigmath run` wrote")
    finished = [cell for cell in landed(run).values() if cell.finished]
    if not finished:
        raise UserError("no model of this run has finished", where=str(run), mend="run its suite first")
    for word, wanted, known in (
        ("model", models, {cell.record["model"]["label"] for cell in finished}),
        ("task", tasks, {cell.record["title"] for cell in finished}),
        ("seed", [str(seed) for seed in seeds], {str(cell.record["seed"]) for cell in finished}),
    ):
        for name in wanted:
            if name not in known:
                raise unknown(word, name, known, where=f"--{word}")
    newest: dict[tuple[str, str, int], Landed] = {}
    for cell in sorted(finished, key=lambda cell: str(cell.record["began"])):
        title, label, seed = cell.record["title"], cell.record["model"]["label"], int(cell.record["seed"])
        if title in (tasks or {title}) and label in (models or {label}) and seed in (seeds or {seed}):
            newest[title, label, seed] = cell
    if not seeds:
        least = {(title, label): min(s for t, m, s in newest if (t, m) == (title, label)) for title, label, _ in newest}
        newest = {place: cell for place, cell in newest.items() if least[place[:2]] == place[2]}
    return [newest[place] for place in sorted(newest)]


def show_probed(run: Path, asked: Sequence[Asked], device: str, console: Console) -> int:
    """Probe cell by cell, and say at the end what the probes speak for; see run_probes for the exit code."""
    place = Place(run.resolve(), default_cache(), resolve_device(device))
    told: list[Probed] = []
    for subject, item in zip(subjects(place, [item.cell for item in asked]), asked, strict=True):
        for number, probe in enumerate(item.probes, start=1):
            name = printable(f"{subject.cell.title} · {subject.cell.label} · {probe.name}")
            with console.status(f"{len(told)} done; {number} of {len(item.probes)}: {name}", spinner="line"):
                told.append(probe_one(subject, probe))
            if told[-1].reason:
                console.print(f"{name}: {printable(told[-1].reason)}", style="red", markup=False, highlight=False)
    for line in _summary(told):
        console.print(line)
    failed = sum(bool(one.reason) for one in told)
    broken = sum(one.verdict == BROKEN for one in told)
    seconds = sum(one.seconds for one in told)
    console.print(
        f"{len(told)} probe{'' if len(told) == 1 else 's'} in {seconds:.0f} s, "
        f"{sum(one.rows for one in told):,} findings in {run / 'probes'}"
        + (f"; {failed} failed" if failed else "")
        + (f"; {broken} say that the run is broken: its scores cannot be trusted" if broken else ""),
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
    return 1 if failed or broken else 0


def _summary(told: Sequence[Probed]) -> Iterator[Padding | Text]:
    """For each cell what its probes speak for, a line a word, the names of the probes behind it."""
    for cell in dict.fromkeys((one.subject.cell.title, one.subject.cell.label) for one in told):
        yield Text(printable(" · ".join(cell)), style="bold")
        said: dict[str, list[str]] = {}
        for one in told:
            if (one.subject.cell.title, one.subject.cell.label) == cell:
                said.setdefault(_word(one), []).append(one.probe.name)
        for word in WORDS:
            if word in said:
                line = Text.assemble((word, COLOURS.get(word, "dim")), f" ({len(said[word])}): {', '.join(said[word])}")
                yield Padding(line, (0, 0, 0, 2))


def _word(one: Probed) -> str:
    return "failed" if one.reason else one.verdict or NEITHER
