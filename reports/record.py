"""What a cell's `cell.json` says, as far as the reports read it; unknown fields are left alone."""

from pathlib import Path
from typing import Any, Literal

import msgspec

FORMAT = 1
"""The format of the store that this version reads."""


class Level(msgspec.Struct, frozen=True):
    """One level of a task, with the share of exact answers that guessing and a known shortcut reach."""

    number: int
    name: str
    beyond: bool = False
    chance: float | None = None
    ceiling: float | None = None


class Task(msgspec.Struct, frozen=True):
    """A task of the cell; a mixture has several."""

    name: str
    version: int
    levels: list[Level]
    doc: str = ""
    answer: str = ""
    numeric: bool = False
    source: str = ""


class Model(msgspec.Struct, frozen=True):
    """The model of the cell; `label` tells its variants apart in tables."""

    name: str
    label: str
    shortcut: bool = False
    kind: str = ""
    """Network, shortcut or method; empty where a version wrote it that did not tell methods from networks."""
    doc: str = ""
    source: str = ""
    config: dict[str, Any] = {}


class Proof(msgspec.Struct, frozen=True):
    """The leak proof: pairs of training and test problems compared, and what was found."""

    pairs: int | None = None
    overlaps: int | None = None
    text_overlaps: int | None = None
    duplicates: int | None = None
    skeleton_overlaps: int | None = None
    train_distinct: int | None = None


class Record(msgspec.Struct, frozen=True):
    """One cell, whole or failed."""

    format: int
    id: str
    status: Literal["finished", "failed"]
    title: str
    tasks: list[Task]
    model: Model
    seed: int
    began: str = ""
    fit: str = ""
    suite: str = ""
    error: str | None = None
    constant: float | None = None
    constant_beyond: float | None = None
    chance: dict[str, float] = {}
    budget: dict[str, float | None] = {}
    sizes: dict[str, int | None] = {}
    proof: Proof | None = None
    versions: dict[str, str | None] = {}
    group: str = ""
    git: dict[str, Any] | None = None
    hardware: dict[str, Any] = {}
    seconds: dict[str, float | None] = {}
    peak_memory_bytes: int | None = None
    facts: dict[str, Any] = {}


class _Stamp(msgspec.Struct):
    format: int


class Unreadable(Exception):
    """A cell that cannot be read; the message is the reason in one line."""


def read(path: Path) -> Record:
    """Read one cell.json. Raises Unreadable where it is missing, torn, foreign or newer than this version."""
    try:
        text = path.read_bytes()
        stamp = msgspec.json.decode(text, type=_Stamp)
        if stamp.format > FORMAT:
            raise Unreadable(f"written by a newer Enigmath (format {stamp.format}; this one reads {FORMAT})")
        return msgspec.json.decode(text, type=Record)
    except OSError as error:
        raise Unreadable(f"cell.json cannot be read ({error.strerror})") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"cell.json is not a cell's: {error}") from None


def variant(record: Record) -> bytes:
    """What must agree before seeds may be pooled: the model, its tasks, the budget and the sizes."""
    parts = record.group or (record.model, record.tasks, record.budget, record.sizes)
    return msgspec.json.encode(parts, order="sorted")
