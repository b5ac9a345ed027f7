"""`enigmath watch`: what it says of a run that others are at is so, ends when it should, and obeys no file."""

import io
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import store_samples as samples
from rich.console import Console
from test_cli import in_process

from enigmath.bench.cli.standing import Standing, Watch, read_point
from enigmath.bench.cli.watching import picture, plain
from enigmath.bench.session import Session, plan, start
from enigmath.bench.store import locked, progress_path

STEPS = '''
import time

class Steps:
    """Learns nothing, a point at a time, for half a minute."""

    def fit(self, train, validation, budget):
        meter = budget.start()
        while meter.steps < 100:
            meter.spend(examples=10)
            meter.point(loss=1 / meter.steps, validation_exact=0.25)
            time.sleep(0.3)

    def predict(self, questions):
        return ["1"] * len(questions)
'''


@pytest.fixture
def session(toy, tmp_path: Path) -> Session:
    """One of each: a cell that ends, one that fails, one that takes its time, and one that has to wait."""
    (tmp_path / "steps.py").write_text(STEPS)
    path = toy("Guesser", "Broken", extra='\n[[models]]\nname = "steps.py:Steps"\n[[models]]\nname = "models.py:Nap"\n')
    path.write_text(path.read_text().replace("test = 50", "test = 50\n\n[budget]\nsteps = 100"))
    return plan(str(path), out=tmp_path / "run")


def in_the_middle(session: Session) -> Iterator[None]:
    """Run the session up to the third point of `Steps`, and kill it when this is closed."""
    moved = 0
    for event in start(session, device="cpu", workers=1):
        moved += event.kind == "moved"
        if moved == 3:
            yield


def states(standings: list[Standing]) -> dict[str, str]:
    return {standing.label: standing.state for standing in standings}


def shown(standings: list[Standing], width: int = 80, height: int = 24, note: str = "") -> str:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    console.print(picture(standings, console, note))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_each_cell_stands_as_it_is_and_one_whose_worker_was_killed_is_not_at_work(
    session: Session,
) -> None:
    watch = Watch(session.run)
    running = in_the_middle(session)
    with closing(running):
        next(running)
        middle = watch.look()
        assert states(middle) == {"Guesser": "done", "Broken": "failed", "Steps": "at work", "Nap": "to do"}
        (steps,) = [standing for standing in middle if standing.label == "Steps"]
        assert steps.point["step"] == pytest.approx(100 * steps.point["spent"])
        assert steps.point["loss"] == pytest.approx(1 / steps.point["step"])
        time.sleep(0.7)
        (later,) = [standing for standing in watch.look() if standing.label == "Steps"]
        assert later.point["step"] > steps.point["step"]
        assert later.losses == (steps.point["loss"], later.point["loss"])
        text = shown(watch.look())
        assert "25.0%" in text
        assert "█▁" in text
        assert "1 at work, 1 failed, 1 done, 1 to do" in text
        assert "RuntimeError: broken on purpose" in text
        elsewhere = in_process("watch", session.run)
    assert (elsewhere.returncode, elsewhere.stderr) == (0, "")
    lines = elsewhere.stdout.splitlines()
    assert lines[0] == "4 cells: 1 at work, 1 failed, 1 done, 1 to do"
    assert lines[1].startswith("toy/sum · Steps · seed 0: at work, step ")
    assert "validation 25.0%" in lines[1]
    assert lines[2].startswith("toy/sum · Broken · seed 0: failed, ")
    assert lines[3].startswith("toy/sum · Guesser · seed 0: done, exact 0.0%, ")
    assert lines[4] == "toy/sum · Nap · seed 0: to do"
    left = list((session.run / "cells").glob(".*.aside"))
    assert [path.name.partition("-seed")[0] for path in left] == [".toy-sum-steps"]
    assert states(watch.look())["Steps"] == "to do"


def in_a_terminal(*words: str | Path) -> tuple[subprocess.Popen[bytes], int]:
    """A process of the command line at a terminal of its own, and the end that reads what it shows."""
    ours, theirs = pty.openpty()
    # Where the tests themselves run in the background, their children would ignore Ctrl-C.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heed}; from enigmath.bench.cli import main; main()", *map(str, words)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    os.close(theirs)
    return process, ours


def read_until(end: int, text: str = "") -> str:
    """What a terminal shows, up to a text, or to its end."""
    told = b""
    while not text or text.encode() not in told:
        try:
            told += os.read(end, 1 << 16)
        except OSError:  # the other end is closed
            break
    return told.decode()


def test_in_a_terminal_it_goes_on_until_it_is_interrupted(session: Session) -> None:
    running = in_the_middle(session)
    with closing(running):
        next(running)
        process, end = in_a_terminal("watch", session.run)
        assert "1 at work" in read_until(end, "1 at work")
        time.sleep(0.7)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest = read_until(end)
        assert process.wait(60) == 130
        assert "Traceback" not in rest
    os.close(end)


def test_in_a_terminal_it_ends_when_every_cell_has_landed(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", samples.TASKS[:1], samples.MODELS[:2], seeds=1, rows=10)
    process, end = in_a_terminal("watch", run)
    assert "2 cells: 2 done" in read_until(end)
    assert process.wait(60) == 0
    os.close(end)


def test_no_run_is_one_clear_line(tmp_path: Path) -> None:
    done = in_process("watch", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a run" in done.stderr


def test_cells_of_other_sizes_budget_or_config_are_to_do_again(session: Session, toy) -> None:
    def guesser() -> str:
        return states(Watch(session.run).look())["Guesser"]

    for event in start(session, device="cpu", workers=1):
        if event.kind == "ended":
            break
    suite = (session.run / "suite.toml").read_text()
    assert guesser() == "done"
    for old, new in (
        ("test = 50", "test = 60"),
        ("steps = 100", "steps = 200"),
        ('Guesser"', 'Guesser"\nconfig = { width = 3 }'),
    ):
        (session.run / "suite.toml").write_text(suite.replace(old, new, 1))
        assert guesser() == "to do"


@pytest.mark.parametrize(
    ("content", "point"),
    [
        (b"", {}),
        (b"\xff\x00", {}),
        (b"[1]", {}),
        (b"[" * 60_000, {}),
        (b'{"loss": ' + b"9" * 5_000 + b"}", {}),
        (b'{"loss": ' + b"9" * 400 + b', "step": 2}', {"step": 2.0}),
        (b'{"step": "\x1b[31m", "spent": null, "loss": [1]}', {}),
        (b'{"step": 3, "spent": 0.5, "loss": -0.25}', {"step": 3.0, "spent": 0.5, "loss": -0.25}),
    ],
)
def test_a_point_is_what_numbers_there_are(tmp_path: Path, content: bytes, point: dict[str, float]) -> None:
    (tmp_path / "progress.json").write_bytes(content)
    assert read_point(tmp_path / "progress.json") == point


@pytest.mark.parametrize("loss", ["NaN", "Infinity", "-1", "0", "1e999", "0.5"])
def test_any_point_can_be_shown(tmp_path: Path, loss: str) -> None:
    run = samples.write_run(tmp_path / "run", samples.TASKS[:1], samples.MODELS[:1], seeds=1, rows=10)
    with locked(run, "some-cell-seed0-0123456789ab"):
        watch = Watch(run)
        for value in ("1", loss):
            told = f'{{"loss": {value}, "spent": -7, "seconds": NaN, "step": 1e200, "validation_exact": {loss}}}'
            progress_path(run, "some-cell-seed0-0123456789ab").write_text(told)
            standings = watch.look()
        assert [standing.state for standing in standings] == ["done", "at work"]
        assert "some-cell-seed0" in shown(standings)
        assert len(plain(standings)) == 3


def test_what_is_shown_fits_the_window_and_obeys_no_name(tmp_path: Path) -> None:
    hostile = ["\x1b[31mred\x00", "[bold]x[/nothing]", "../../x", "m" * 300, "a\nb\r\tc", "\u202eabc"]
    models = [samples.Model("x", text, 0.5, 0.1) for text in hostile]
    run = samples.write_run(tmp_path / "run", samples.TASKS, models, seeds=2, rows=10, failed=[])
    for path in list(run.glob("cells/*/scores.parquet"))[:5]:
        path.write_bytes(path.read_bytes()[:-9])
    (run / "cells" / "strange-0" / "cell.json").parent.mkdir()
    (run / "cells" / "strange-0" / "cell.json").write_text('{"format": 99}')
    standings = Watch(run).look()
    assert len(standings) == len(samples.TASKS) * len(models) * 2 + 1
    for width, height in ((40, 10), (80, 24), (140, 50)):
        text = shown(standings, width, height, note="a note of the suite " * 20)
        assert len(text.splitlines()) <= height
        assert max(map(len, text.splitlines())) <= width
        assert "73 cells: 6 failed, 67 done" in " ".join(text.split()) or width == 40
        assert not [char for char in text if not char.isprintable() and char != "\n"]
    told = "\n".join(plain(standings))
    assert "written by a newer Enigmath (format 99; this one reads 1)" in told
    assert "scores.parquet is torn or no Parquet file" in told
    assert "[bold]x[/nothing]" in told
    assert not [char for char in told if not char.isprintable() and char != "\n"]
