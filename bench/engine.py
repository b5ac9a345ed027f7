"""Engines: how cells are spread over processes.

The local engine gives each cell a process of its own, forked from a server that has torch loaded, if any model needs it
(10 ms instead of seconds), and killable singly. Any `concurrent.futures.Executor` will do instead: dask's
`get_executor()`, loky, submitit.
"""

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import wait as wait_for
from multiprocessing.forkserver import ensure_running
from typing import Any

from enigmath.bench.cell import Cell
from enigmath.bench.contracts import Point, UserError
from enigmath.bench.provenance import cores
from enigmath.bench.runner import Place, land_killed, run_cell
from enigmath.bench.store import progress_path

POLL = 0.25
"""Seconds between two looks at the cells at work."""

WORKER = "enigmath-cell"
"""The name of each worker, and of the thread that waits for it."""


@dataclass(frozen=True)
class Event:
    """What happened to a cell: it started, moved (`point`), or ended (`record`)."""

    cell: Cell
    kind: str
    point: Point | None = None
    record: Mapping[str, Any] | None = None


def resolve_device(device: str) -> str:
    """`auto` is cuda where torch finds it, else cpu; torch is only asked on a machine with an NVIDIA driver.

    Raises UserError for a device that this machine does not have.
    """
    if device == "cpu":
        return device
    count = 0
    if os.path.exists("/dev/nvidiactl") or os.path.exists("/proc/driver/nvidia"):
        import torch

        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda" if count else "cpu"
    if device not in {"cuda", *(f"cuda:{number}" for number in range(count))} or not count:
        there = f"cpu, cuda or cuda:0 to cuda:{count - 1}" if count else "auto or cpu: torch finds no GPU here"
        raise UserError(f"no device {device!r}", where="--device", mend=f"give {there}")
    return device


def default_workers(device: str) -> int:
    """One for each GPU on cuda, one for each core otherwise."""
    if device != "cuda":
        return 1 if device.startswith("cuda") else cores()
    import torch

    return torch.cuda.device_count()


def run_cells(
    cells: Iterable[Cell], place: Place, *, workers: int, limit: float | None = None, executor: Executor | None = None
) -> Iterator[Event]:
    """Run cells, `workers` at a time, and tell what happens as it happens.

    A worker that dies or outlives `limit` seconds takes only its own cell with it, which lands as failed. Leaving
    the iteration, by Ctrl-C or otherwise, kills the workers; what had landed stays.
    """
    waiting = deque(cells)
    running: dict[Future[Any], tuple[Cell, int]] = {}
    groups: dict[Future[Any], int] = {}
    slots = list(range(workers))[::-1]
    shown: dict[str, Point] = {}
    try:
        while waiting or running:
            while waiting and slots:
                cell, slot = waiting.popleft(), slots.pop()
                future, group = _start(cell, _on_slot(place, slot), limit, executor)
                running[future], groups[future] = (cell, slot), group
                yield Event(cell, "started")
            done, _ = wait(running, timeout=POLL, return_when=FIRST_COMPLETED)
            for future in done:
                cell, slot = running.pop(future)
                slots.append(slot)
                _kill_group(groups.pop(future))
                yield Event(cell, "ended", record=_result(future, cell, place, limit))
            for cell, _ in running.values():
                point = _newest(cell, place)
                if point is not None and point != shown.get(cell.name):
                    shown[cell.name] = point
                    yield Event(cell, "moved", point=point)
    finally:
        for future in running if executor is not None else ():
            future.cancel()
        _kill_workers()
        for group in groups.values():
            _kill_group(group)


def _on_slot(place: Place, slot: int) -> Place:
    """The place with its share of the machine: the GPUs in turn."""
    device = place.device
    if device == "cuda":
        import torch

        device = f"cuda:{slot % torch.cuda.device_count()}"
    return replace(place, device=device)


def _start(cell: Cell, place: Place, limit: float | None, executor: Executor | None) -> tuple[Future[Any], int]:
    """Start a cell; the future of its record, and the process group that it may leave behind (0 for none of ours)."""
    if executor is not None:
        return executor.submit(run_cell, cell, place), 0
    from pebble import concurrent

    # pebble reads `context`, whatever its signature says: under another name it would fork this very process.
    settings: dict[str, Any] = {"name": WORKER, "daemon": False, "timeout": limit, "context": _forkserver()}
    own_process: Callable[..., Any] = concurrent.process(**settings)
    known = {process.pid for process in multiprocessing.active_children()}
    future: Future[Any] = own_process(run_in_worker)(cell, place)
    started = [child.pid for child in multiprocessing.active_children() if child.name == WORKER]
    return future, next((pid for pid in started if pid and pid not in known), 0)


def run_in_worker(cell: Cell, place: Place) -> dict[str, Any]:
    """Run a cell in a process and a process group of its own, which ends when the process that asked for it is gone.

    The group is there so that what a model starts dies with its cell.
    """
    os.setpgid(0, 0)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent.sentinel,), daemon=True).start()
    return run_cell(cell, place)


def _die_with(sentinel: int) -> None:
    wait_for([sentinel])
    os.killpg(0, signal.SIGKILL)


@cache
def _forkserver() -> Any:
    """The server that workers are forked from, with the slow imports done; threads are set by each worker."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("forkserver")
    # Torch only where a model that was found has asked for it; its first optimizer would import the second for seconds.
    torch = ["torch", "torch._dynamo"] if "torch" in sys.modules else []
    # Arrow asks pandas whether a list that it is given is one of its columns.
    whole = [*torch, "pandas", "pyarrow.parquet", "enigmath.bench.runner", "enigmath.bench.scoring"]
    context.set_forkserver_preload(whole)
    # Ctrl-C is for us alone: the server would die of it while it still imports torch.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return context


def _kill_group(group: int) -> None:
    """Kill what a worker left running; a group that is gone is none, and 0 would be our own."""
    if group:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _result(future: Future[Any], cell: Cell, place: Place, limit: float | None) -> Mapping[str, Any]:
    try:
        record: Mapping[str, Any] = future.result()
        return record
    except TimeoutError:
        return land_killed(cell, place, f"killed after the suite's limit of {limit:g} seconds")
    except Exception as error:
        code = getattr(error, "exitcode", None)
        if code is None:
            return land_killed(cell, place, f"the engine failed: {type(error).__name__}: {error}")
        hint = "; out of memory?" if code == -9 else ""
        return land_killed(cell, place, f"its worker died with exit code {code}{hint}")


def _newest(cell: Cell, place: Place) -> Point | None:
    try:
        point: Point = json.loads(progress_path(place.run, cell.name).read_text())
        return point
    except (OSError, ValueError):
        return None


def _kill_workers(seconds: float = 10.0) -> None:
    """Kill the workers that are left, and wait for the threads that watch them: none outlives the run.

    The processes are killed, not their futures cancelled: pebble's thread stumbles over a future that is cancelled
    while its result comes in.
    """
    for process in multiprocessing.active_children():
        if process.name == WORKER:
            process.kill()
    for thread in threading.enumerate():
        if thread.name == WORKER:
            thread.join(seconds)
