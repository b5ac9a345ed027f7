"""A task's own judge at work in a process that can be killed: it may hang, crash or print, and nothing hangs here.

The process is spawned, not forked (a fork of a process with torch's threads may lock up), so it finds the task again
by its name or by its file. It ends by itself when whoever waits for it is gone.
"""

import math
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, TimeoutError
from multiprocessing import get_context, parent_process
from typing import Any, Final

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task, tasks
from enigmath.bench.contracts.task import TOLERANCE

Asked = tuple[str, str, str]
"""Question, stored answer, and the prediction in canonical form: what `check` is called with."""

_SLICE: Final = 10_000
"""Problems that wait in the judge's queue at most."""


Verdict = tuple[str, float]
"""The outcome, and the relative error where the judge gives one; NaN where it does not."""


def verdicts(task: Task, problems: Sequence[Asked], *, seconds: float) -> Iterator[Verdict]:
    """The outcome of each problem in order: right, wrong, timeout (more than `seconds`), or error.

    `error` is a judge that raised or died on a problem. A hung judge is killed and a fresh one goes on with the next
    problem. Raises UserError when the task stands where another process cannot find it.
    """
    if not problems:
        return
    from pebble import ProcessPool

    pool = ProcessPool(max_workers=1, context=get_context("spawn"), initializer=_open, initargs=(address(task),))
    try:
        for start in range(0, len(problems), _SLICE):
            waiting = [
                pool.schedule(_verdict, args=problem, timeout=seconds) for problem in problems[start : start + _SLICE]
            ]
            yield from map(_outcome, waiting)
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def address(task: Task) -> str:
    """What `find_task` finds the task by in another process: its name, `reader:path` or `file.py:attribute`."""
    if task.found_by:
        return task.found_by
    if tasks().plugins.get(task.name) is task:
        return task.name
    module = sys.modules.get(task.function.__module__)
    file = getattr(module, "__file__", None)
    for attribute, value in vars(module).items() if module else ():
        if value is task and file is not None:
            return f"{os.path.abspath(file)}:{attribute}"
    raise UserError(
        "its judge works in a process of its own and cannot be found from there",
        where=task.name,
        mend="define the task at the top of a module",
    )


_task: Task | None = None
"""In the judge's process: the task whose check is asked."""


def _open(name: str) -> None:
    global _task
    _task = find_task(name)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _verdict(question: str, answer: str, prediction: str) -> Verdict:
    """Plain words and numbers cross the processes, never what the judge returned or raised."""
    assert _task is not None
    assert _task.check is not None
    try:
        found = _task.check(question, answer, prediction)
        if isinstance(found, float):  # numpy's floats among them, its booleans not
            return "right" if found <= TOLERANCE else "wrong", float(found)
        return "right" if found else "wrong", math.nan
    except BaseException:  # SystemExit included: the judge works on
        return "error", math.nan


def _outcome(waiting: "Future[Any]") -> Verdict:
    from pebble import ProcessExpired

    try:
        word, error = waiting.result()
        return str(word), float(error)
    except TimeoutError:
        return "timeout", math.nan
    except ProcessExpired:
        return "error", math.nan
