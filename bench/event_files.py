"""Event files, which TensorBoard reads: the tracker `tensorboard`.

Records and their checksums are TensorBoard's own; neither TensorFlow nor torch is imported, no thread is started, and
each record lies on the disk as soon as it is written, so that a worker which is killed loses none.
"""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from enigmath.bench.contracts import UserError
from enigmath.bench.tracking import Write

try:
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # type: ignore[import-untyped]
    from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
    from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]
except ImportError:
    mend = "pip install 'enigmath[track]'"
    raise UserError("needs the package tensorboard", where="--track tensorboard", mend=mend) from None


@contextmanager
def tensorboard(folder: Path) -> Iterator[Write]:
    """A new event file in that folder, beside those of earlier attempts at the same cell.

    Its first record tells TensorBoard that a session starts at that step: points of an earlier attempt from there on,
    which was killed after its last checkpoint, are dropped from what it shows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}.{os.getpid()}"
    with (folder / name).open("xb") as file:
        records = RecordWriter(file)
        started = False

        def add(**content: Any) -> None:
            records.write(Event(wall_time=time.time(), **content).SerializeToString())
            records.flush()

        def write(step: int, values: Mapping[str, float]) -> None:
            nonlocal started
            if not started:
                add(step=step, session_log=SessionLog(status=SessionLog.START))
                started = True
            told = [Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
            add(step=step, summary=Summary(value=told))

        add(file_version="brain.Event:2")
        yield write
