"""What `enigmath verify` prints: a line for each untrue thing, then what was checked."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.text import Text

from enigmath.bench.checked import Checked, Untrue, written
from enigmath.bench.cli.listing import console
from enigmath.bench.contracts import UserError
from enigmath.reports.text import clipped

LONGEST = 120
"""Characters of a value, a question perhaps, that a line shows."""

BOARD = Path("report") / "leaderboard.csv"


def verify(run: Path, *, quick: bool, predict: bool) -> int:
    """Check a run and print what is untrue; the exit code: 0 where nothing is, 1 else. UserError where it is no run."""
    from enigmath.bench.verify import verify_run

    out = console()
    shown = out if out.is_terminal else Console(stderr=True)
    checked: list[Checked] = []
    with shown.status("drawing problems again") if shown.is_terminal else nullcontext() as status:
        for cell in verify_run(run, quick=quick, predict=predict):
            checked.append(cell)
            _print(out, cell.untrue)
            if status is not None:
                status.update(f"{len(checked)} cells checked")
        if not any(cell.status == "finished" for cell in checked):
            mend = "run its suite first"
            raise UserError("no model of this run has finished, so nothing can be checked", where=str(run), mend=mend)
        board = list(_board(run))
    _print(out, board)
    for note, count in Counter(note for cell in checked for note in cell.notes).items():
        cells = f"{count} cells" if count > 1 else "1 cell"
        out.print(Text(f"note: {clipped(note, LONGEST)} ({cells})", "dim"))
    untrue = any(cell.untrue for cell in checked) or bool(board)
    for line in _summary(run, checked, board, quick):
        out.print(Text(line, "bold red" if untrue else ""), soft_wrap=not out.is_terminal)
    return 1 if untrue else 0


def _print(out: Console, untrue: Sequence[Untrue]) -> None:
    """One line each, however long: they are for other programs too."""
    for cell, *told in untrue:
        what, expected, found = (clipped(part, LONGEST) for part in told)
        line = Text(clipped(cell, LONGEST), "bold")
        line.append(f": {what}: expected {expected}, found {found}", "not bold")
        out.print(line, soft_wrap=True)


def _summary(run: Path, checked: Sequence[Checked], board: Sequence[Untrue], quick: bool) -> Iterator[str]:
    name = clipped(run, LONGEST)
    counts = Counter(cell.status for cell in checked)
    cells = f"{counts['finished']:,} finished cells" + (f", {counts['failed']:,} failed" if counts["failed"] else "")
    drawn, predictions, scores, answered = (
        sum(getattr(cell, part) for cell in checked) for part in ("drawn", "predictions", "scores", "answered")
    )
    told = f"{drawn:,} problems drawn again, {predictions:,} predictions judged again, {scores:,} scores compared"
    told += f", {answered:,} questions asked again" if answered else ""
    concerned = [cell for cell in checked if cell.untrue]
    count = sum(len(cell.untrue) for cell in concerned) + len(board)
    if count:
        places = [f"{len(concerned):,} of {len(checked):,} cells"] * bool(concerned) + ["the leaderboard"] * bool(board)
        things = "1 untrue thing" if count == 1 else f"{count:,} untrue things"
        yield f"{name} is not true: {things} in {' and '.join(places)} ({told})."
    else:
        yield f"{name} is true: {cells}; {told}."
    if quick:
        yield "Problems for training and validation were left out (--quick)."


def _board(run: Path) -> Iterator[Untrue]:
    """Exact shares and numbers of problems of the leaderboard that was written, against those of the stored scores."""
    try:
        with (run / BOARD).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        return
    except (OSError, ValueError, csv.Error) as error:
        yield Untrue(str(BOARD), "file", "a table", f"{error}")
        return
    scores = _exact(run)
    for row in rows:
        place = tuple(row.get(name, "") for name in ("title", "task", "levels", "label"))
        where = ", ".join(part for part in dict.fromkeys(place) if part)
        exact, count = scores.pop(place, (math.nan, 0))
        for name, expected in (("exact", exact), ("n", float(count))):
            if name in row and not _same(expected, row[name]):
                yield Untrue(str(BOARD), f"{name} of {where}", written(expected), row[name] or "nothing")
    for place in scores:
        yield Untrue(str(BOARD), f"row of {', '.join(dict.fromkeys(place))}", "one", "none")


def _exact(run: Path) -> dict[tuple[str, ...], tuple[float, int]]:
    """The exact share and the number of problems by title, task, levels and label, as the table writes them."""
    from enigmath.reports import load
    from enigmath.reports.text import spreadsheet

    rows = load(run).columns("task", "beyond", "exact")
    if "exact" not in rows:
        return {}
    groups = rows.groupby(["title", "task", "beyond", "label"], observed=True)["exact"].agg(["mean", "count"])
    return {
        (*map(spreadsheet, (title, task)), "beyond" if beyond else "trained", spreadsheet(label)): (mean, int(count))
        for (title, task, beyond, label), mean, count in groups.itertuples()
    }


def _same(expected: float, text: str) -> bool:
    """Whether a cell of the table, of six figures, is the number."""
    try:
        found = float(text) if text else math.nan
    except ValueError:
        return False
    return math.isclose(expected, found, rel_tol=1e-5, abs_tol=1e-9) or (math.isnan(expected) and math.isnan(found))
