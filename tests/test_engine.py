"""Workers can be killed singly; whatever is killed, the next run does only what is missing."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from enigmath.bench.contracts import UserError
from enigmath.bench.engine import run_cells
from enigmath.bench.runner import Place
from enigmath.bench.session import Session, plan, start
from enigmath.bench.store import landed, locked


def outcomes(session: Session) -> dict[str, tuple[str, str | None]]:
    found = landed(session.run).values()
    return {cell.record["model"]["label"]: (cell.record["status"], cell.record.get("error")) for cell in found}


def test_a_worker_that_is_killed_takes_only_its_own_cell(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Calculator", "Killed", "Broken", "Guesser")), out=tmp_path / "run")
    events = list(start(session, device="cpu", workers=2))
    assert [event.kind for event in events].count("ended") == 4
    assert outcomes(session) == {
        "Calculator": ("finished", None),
        "Guesser": ("finished", None),
        "Broken": ("failed", "RuntimeError: broken on purpose"),
        "Killed": ("failed", "its worker died with exit code -9; out of memory?"),
    }
    assert [cell.label for cell in session.missing()] == ["Killed", "Broken"]


def test_a_model_that_exits_or_breaks_its_contract_ends_its_own_cell_and_not_the_run(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Exits", "Interrupts", "Mumbles", "Guesser")), out=tmp_path / "run")
    list(start(session, device="cpu", workers=1))
    assert outcomes(session) == {
        "Exits": ("failed", "SystemExit: 0"),
        "Interrupts": ("failed", "KeyboardInterrupt: "),
        "Mumbles": ("failed", "Mumbles: fit returned a str; return a Fit, or nothing"),
        "Guesser": ("finished", None),
    }


def test_a_device_that_is_not_there_is_one_clear_line(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Guesser")), out=tmp_path / "run")
    for device in ("cuda:99", "bogus"):
        with pytest.raises(UserError, match=f"--device: no device '{device}'; give"):
            start(session, device=device)


def test_workers_are_forked_from_a_server_and_not_from_a_process_with_threads(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Parent", head="seeds = [0, 1]\n")), out=tmp_path / "run")
    list(start(session, device="cpu", workers=2))
    tables = [pq.read_table(cell.folder / "predictions.parquet") for cell in landed(session.run).values()]
    parents = {said for table in tables for said in table["prediction"].to_pylist()}
    assert len(parents) == 1
    assert parents != {str(os.getpid())}


def test_a_cell_that_outlives_the_limit_is_killed(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Slow", "Guesser", head="limit = 8\n")), out=tmp_path / "run")
    list(start(session, device="cpu", workers=2))
    assert outcomes(session)["Slow"] == ("failed", "killed after the suite's limit of 8 seconds")
    assert outcomes(session)["Guesser"] == ("finished", None)


def test_what_a_model_has_started_dies_with_its_cell(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Spawner", head="limit = 3\n")), out=tmp_path / "run")
    list(start(session, device="cpu", workers=1))
    assert outcomes(session)["Spawner"][0] == "failed"
    running = subprocess.run(["pgrep", "-f", "sleep 304.25"], capture_output=True, text=True)
    assert running.stdout == ""


def test_any_executor_is_an_engine(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Calculator", "Guesser", "Broken")), out=tmp_path / "run")
    with ThreadPoolExecutor(2) as pool:
        events = list(run_cells(session.cells, Place(session.run, None), workers=2, executor=pool))
    assert sum(event.kind == "ended" for event in events) == 3
    assert [cell.label for cell in session.missing()] == ["Broken"]


def test_leaving_in_the_middle_keeps_what_has_landed_and_kills_the_rest(toy, tmp_path: Path) -> None:
    session = plan(str(toy("Guesser", "Slow")), out=tmp_path / "run")
    events = start(session, device="cpu", workers=1)
    for event in events:
        if event.kind == "started" and event.cell.label == "Slow":
            break
    began = time.monotonic()
    events.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 50, "it waited for a model that takes a minute"
    assert [cell.label for cell in session.missing()] == ["Slow"]


def enigmath(*words: str | Path, **more) -> subprocess.Popen:
    command = [sys.executable, "-c", "from enigmath.bench.cli import main; main()", *map(str, words)]
    # Where tests run in the background SIGINT is ignored, and children inherit that; ours must hear it.
    hear = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear, **more)


def wait_for_cells(run: Path, count: int) -> None:
    deadline = time.monotonic() + 200
    while len(landed(run)) < count:
        assert time.monotonic() < deadline, "no cell landed in 200 seconds"
        time.sleep(0.05)


def test_kill_nine_in_the_middle_then_run_again_loses_nothing_and_does_nothing_twice(toy, tmp_path: Path) -> None:
    path, run = toy("Nap", head="seeds = [0, 1, 2, 3, 4, 5]\n"), tmp_path / "run"
    killed = enigmath("run", path, "--out", run, "--workers", "2")
    wait_for_cells(run, 2)
    killed.kill()
    killed.wait()
    kept = {name: cell.folder.stat().st_mtime_ns for name, cell in landed(run).items()}
    assert 2 <= len(kept) < 6
    again = enigmath("run", path, "--out", run, "--workers", "2")
    out, error = again.communicate(timeout=250)
    assert again.returncode == 0, error
    session = plan(str(path), out=run)
    assert session.missing() == []
    assert len(landed(run)) == 6
    assert {name: landed(run)[name].folder.stat().st_mtime_ns for name in kept} == kept
    assert not list((run / "cells").glob(".*.aside"))
    assert f"6 cells, {len(kept)} done" in out


def test_workers_die_with_the_process_that_asked_for_them(toy, tmp_path: Path) -> None:
    run = tmp_path / "run"
    killed = enigmath("run", toy("Slow"), "--out", run, "--workers", "1", start_new_session=True)
    deadline = time.monotonic() + 120
    while not list((run / "cells").glob(".*.aside")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    deadline = time.monotonic() + 50
    while _session_members(killed.pid):
        assert time.monotonic() < deadline, "a worker outlived its run"
        time.sleep(0.1)


def _session_members(session: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def test_ctrl_c_stops_cleanly_and_loses_nothing(toy, tmp_path: Path) -> None:
    path, run = toy("Nap", head="seeds = [0, 1, 2, 3, 4, 5]\n"), tmp_path / "run"
    stopped = enigmath("run", path, "--out", run, "--workers", "1", start_new_session=True)
    wait_for_cells(run, 1)
    os.killpg(stopped.pid, signal.SIGINT)
    out, error = stopped.communicate(timeout=250)
    assert stopped.returncode == 130, error
    assert "Stopped." in out
    assert "Traceback" not in out + error
    assert 1 <= len(landed(run)) < 6


def test_two_runs_at_once_do_no_cell_twice(toy, tmp_path: Path) -> None:
    path, run = toy("Nap", head="seeds = [0, 1, 2]\n"), tmp_path / "run"
    both = [enigmath("run", path, "--out", run, "--workers", "1") for _ in range(2)]
    for one in both:
        _, error = one.communicate(timeout=250)
        assert one.returncode == 0, error
    began = sorted(cell.record["began"] for cell in landed(run).values())
    assert len(began) == 3


def test_a_lock_waits_and_sweeps_what_its_last_holder_left(tmp_path: Path) -> None:
    (tmp_path / "cells" / ".one.aside").mkdir(parents=True)
    (tmp_path / "cells" / ".one.aside" / "torn").write_text("half")
    with locked(tmp_path, "one") as aside:
        assert list(aside.iterdir()) == []
    assert not aside.exists()


def test_no_worker_at_all_is_one_clear_line(toy, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--workers: 0 workers; give 1 or more"):
        start(plan(str(toy("Guesser")), out=tmp_path / "run"), device="cpu", workers=0)
