"""What `enigmath run` and `enigmath suite check` do and say."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace

from rich.console import Console
from rich.markup import escape

from enigmath.bench.audit import source_line
from enigmath.bench.cell import Cell
from enigmath.bench.cli.progress import told
from enigmath.bench.contracts import UserError
from enigmath.bench.contracts.registry import find_tracker
from enigmath.bench.engine import resolve_device
from enigmath.bench.requirements import unmet
from enigmath.bench.runner import datasets, default_cache
from enigmath.bench.session import Session, plan, start, try_models
from enigmath.bench.store import landed


def run_session(
    session: Session, *, device: str, workers: int | None, threads: str, checkpoint: float, track: Sequence[str] = ()
) -> int:
    """Run a session and print the board; 0 when every cell finished and every requirement holds, 1 otherwise."""
    count = threads_in(threads)
    for name in track:
        find_tracker(name)
    console = Console(soft_wrap=False)
    todo = session.missing()
    try_models(todo, resolve_device(device))
    draw_tests(todo, console)
    events = start(session, device=device, workers=workers, threads=count, checkpoint=checkpoint, track=track)
    missing = len(todo)
    done = len(session.cells) - missing
    console.print(f"{escape(session.suite.name)}: {len(session.cells)} cells, {done} done, {missing} to run")
    failed = []
    try:
        for event in told(events, session.run, missing, console):
            if event.kind == "ended" and (event.record or {}).get("status") != "finished":
                failed.append(event.cell)
    except KeyboardInterrupt:
        left = len(session.missing())
        console.print(f"Stopped. {len(session.cells) - left} cells are kept; the same command runs the other {left}.")
        return 130
    broken = 0
    if session.suite.probes:
        from enigmath.bench.cli.probing import run_suite_probes

        broken = run_suite_probes(session.run, session.suite.probes, session.path.resolve().parent, device, console)
    return max(broken, _conclude(session, failed, console))


def _conclude(session: Session, failed: Sequence[Cell], console: Console) -> int:
    """Print the board, the proof and what fell short, and write the page."""
    from enigmath.reports import Board, load, write_report

    console.print(Board(load(session.run)))
    console.print(leak_proof(session), highlight=False)
    _print_sources(session.cells, console)
    lines = [line for cell in session.cells for line in unmet(session.suite, cell, session.run)]
    if session.suite.require:
        console.print("Every requirement holds." if not lines else "Not met:", highlight=False)
    for line in lines:
        console.print(f"  {escape(line)}", highlight=False)
    if failed:
        console.print(
            f"[red]{len(failed)} of {len(session.cells)} cells failed[/red]; their tracebacks are in cell.json."
        )
    page = write_report(session.run)
    console.print(f"The page: {escape(str(page.resolve()))}", soft_wrap=True, highlight=False)
    return 1 if failed or lines else 0


def threads_in(word: str) -> int | None:
    """A number of threads, or None for "auto": whichever is fastest, by a quick measurement."""
    if word != "auto" and not word.isdecimal():
        raise UserError(f"{word!r} is no number of threads", where="--threads", mend='give a number, or "auto"')
    return None if word == "auto" else int(word)


def leak_proof(session: Session) -> str:
    """One line: how many pairs of problems were compared across splits, each dataset once, and what was found."""
    there = landed(session.run)
    proofs = {
        (cell.title, cell.seed): found.record["proof"]
        for cell in session.cells
        if (found := there.get(cell.identity.whole)) and found.finished
    }
    if not proofs:
        return "Nothing was compared across splits: no cell finished."
    pairs, overlaps, duplicates = (
        sum(proof[name] for proof in proofs.values()) for name in ("pairs", "overlaps", "duplicates")
    )
    return (
        f"No leak: {pairs:,} pairs of problems compared across splits, {overlaps} overlaps by key; "
        f"{duplicates:,} duplicates kept out of validation and test."
    )


def check_suite(name: str) -> None:
    """Read a suite, draw the validation and test problems of every level, and say what it would run."""
    console = Console()
    session = plan(name)
    try_models(session.cells, "cpu")
    draw_tests(session.cells, console)
    titles = len({cell.title for cell in session.cells})
    labels = len({cell.label for cell in session.cells})
    console.print(
        f"{escape(session.suite.name)} is sound: {titles} tasks x {labels} models x {len(session.suite.seeds)} seeds, "
        f"{len(session.cells)} cells",
        highlight=False,
    )
    _print_sources(session.cells, console)


def _print_sources(cells: Iterable[Cell], console: Console) -> None:
    """A line for each task that is made from files: the duplicates and overlaps that they came with."""
    for line in dict.fromkeys(source_line(task) for cell in cells for task in cell.found_tasks()):
        if line:
            console.print(escape(line), highlight=False)


def draw_tests(cells: Iterable[Cell], console: Console) -> None:
    """Draw each dataset's validation and test problems, so that a space too small is told before anything runs.

    The shards stay in the cache, where the cells find them.
    """
    drawn = {(cell.title, cell.seed): cell for cell in cells}.values()
    with console.status("drawing problems") if console.is_terminal else nullcontext() as status:
        for number, cell in enumerate(drawn, 1):
            if status is not None:
                status.update(f"drawing problems of {escape(cell.title)}, {number} of {len(drawn)}")
            few = replace(cell.sizes, train=len(cell.tasks) * len(cell.levels))
            datasets(replace(cell, sizes=few), default_cache())
