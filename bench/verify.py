"""Whether a run is true: its problems are drawn again, its predictions judged again, its records held against both.

Nothing is taken from the cache, and nothing that the run says of itself is believed: what it says is compared. A cell
whose task has another source or version by now is told as such, for then it is the software that changed. A prediction
that was edited together with all its scores is seen only where the model is asked again (`predict`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from enigmath.bench.cell import Cell, from_record
from enigmath.bench.chance import chances
from enigmath.bench.checked import Checked
from enigmath.bench.contracts import Choice, Task, UserError
from enigmath.bench.data import FORMAT, Part, Taken, digest, source_digest, take, together
from enigmath.bench.datasets import Data, datasets
from enigmath.bench.invariants import broken
from enigmath.bench.place import Place
from enigmath.bench.provenance import environment
from enigmath.bench.rejudged import check_problems, check_scores
from enigmath.bench.repredicted import check_predictions
from enigmath.bench.runner import constant_share, describe_cell
from enigmath.bench.store import TABLES, fault

MADE_ELSEWHERE: Final = "made by another source"
PLACE: Final = ("task", "level", "beyond", "key")
"""The columns that predictions and scores share."""
TOLD: Final = ("question", "answer", "prediction", "outcome")
"""The columns that predictions have beside them, traits apart."""


@dataclass(frozen=True)
class _Again:
    """A cell's data, drawn again: all of it, or the test alone."""

    test: pa.Table
    whole: Data | None


def verify_run(run: Path, *, quick: bool = False, predict: bool = False) -> Iterator[Checked]:
    """Check every cell of a run, those with the same data after each other. Raises UserError where it is no run.

    `quick` draws the test problems again and leaves those for training and validation, and what follows from them.
    With `predict` the models answer again: from their weights, or, those that keep none, fitted anew.
    """
    if not (run / "cells").is_dir():
        what = "is not a run: it holds no cells" if run.is_dir() else "no such folder"
        raise UserError(what, where=str(run), mend="name the folder that `enigmath run` wrote")
    found = [(folder, _record(folder)) for folder in sorted((run / "cells").glob("[!.]*"))]
    found.sort(key=lambda cell: (_data_key(cell[1]), cell[0].name))
    known: tuple[str, _Again | UserError] | None = None
    for folder, record in found:
        checked = Checked(folder.name)
        cell = _cell(checked, record)
        if cell is None:
            pass
        elif record.get("status") != "finished":
            _check_failed(checked, folder, record)
        else:
            checked.status = "finished"
            again: _Again | UserError | None = None
            if _consistent(checked, record):
                if known is None or known[0] != _data_key(record):
                    known = _data_key(record), _drawn_again(cell, quick)
                    checked.drawn = sum(table.num_rows for table in _splits(known[1]).values())
                again = known[1]
            try:
                _check_finished(checked, folder, record, cell, again, predict)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                checked.tell("cell.json", "what a run writes", f"other fields ({type(error).__name__}: {error})")
        yield checked


def _record(folder: Path) -> dict[str, Any]:
    """What cell.json says; nothing where it cannot be read."""
    try:
        record = json.loads((folder / "cell.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _data_key(record: Mapping[str, Any]) -> str:
    """What decides a cell's data, as text."""
    names = ("title", "tasks", "sizes", "seed", "split", "folder")
    return json.dumps([record.get(name) for name in names], sort_keys=True)


def _cell(checked: Checked, record: Mapping[str, Any]) -> Cell | None:
    """The cell that a record describes, as far as it is one."""
    try:
        if not record:
            raise ValueError
        cell = from_record(record)
        checked.expect("id", checked.cell.rpartition("-")[2], record["id"])
        return cell
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, UserError):
        checked.tell("cell.json", "what a run writes", "missing, torn or edited" if not record else "other fields")
        return None


def _consistent(checked: Checked, record: Mapping[str, Any]) -> bool:
    """Whether the id follows from what cell.json says. Where it does not, no data are drawn: they might be endless."""
    try:
        told, follows = str(record["id"]), _identity(record)
        return checked.expect("fields of cell.json", f"those of id {told}", f"those of id {follows}")
    except (KeyError, TypeError, AttributeError):
        checked.tell("cell.json", "what a run writes", "other fields")
        return False


def _identity(record: Mapping[str, Any]) -> str:
    """The identity that follows from what cell.json says, as `enigmath.bench.cell` works it out for a cell."""
    made: dict[str, Any] = {
        "enigmath": record["versions"]["enigmath"],
        "title": record["title"],
        "tasks": [
            {name: task[name] for name in ("name", "version", "source")}
            | {
                kind: [level["name"] for level in task["levels"] if level["beyond"] == (kind == "beyond")]
                for kind in ("levels", "beyond")
            }
            for task in record["tasks"]
        ],
        "sizes": record["sizes"],
        "model": {name: record["model"][name] for name in ("label", "config", "source")},
        "budget": [record["budget"][name] for name in ("steps", "examples", "seconds")],
    }
    if record.get("split", "key") != "key":
        made["split"] = record["split"]
    hashes = []
    for data_format in range(FORMAT, 0, -1):  # cell.json does not say by which format its data were drawn
        whole = [{"formats": [record["format"], data_format], **made}, record["seed"]]
        text = json.dumps(whole, sort_keys=True, ensure_ascii=True, default=str)
        hashes.append(hashlib.sha256(text.encode()).hexdigest()[:12])
    return record["id"] if record["id"] in hashes else hashes[0]


def _check_failed(checked: Checked, folder: Path, record: Mapping[str, Any]) -> None:
    """A failed cell has a reason and no tables: one that has is hidden."""
    checked.status = "failed"
    checked.expect("status", "failed", record.get("status"))
    for name in TABLES:
        if (folder / name).exists():
            checked.tell(name, "none in a failed cell", "a table")


def _drawn_again(cell: Cell, quick: bool) -> _Again | UserError:
    """The cell's data, made and not read from the cache; the reason where they cannot be."""
    try:
        if quick:
            parts = [Part(t, n, cell.seed) for t in cell.found_tasks() for n in (*cell.levels, *cell.beyond)]
            taken = Taken()
            tables = [take(part, {"test": cell.sizes.test}, None, map, taken, cell.split) for part in parts]
            return _Again(_with_beyond(together([table["test"] for table in tables]), cell), None)
        data = datasets(cell, None)
        data = replace(data, test=_with_beyond(data.test, cell))
        return _Again(data.test, data)
    except UserError as error:
        return error
    except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as error:
        return UserError(f"{type(error).__name__}: {error}")


def _with_beyond(test: pa.Table, cell: Cell) -> pa.Table:
    return test.append_column("beyond", pa.array(np.isin(test["level"].to_numpy(), cell.beyond)))


def _check_finished(
    checked: Checked,
    folder: Path,
    record: Mapping[str, Any],
    cell: Cell,
    again: _Again | UserError | None,
    predict: bool,
) -> None:
    tables = _tables(checked, folder)
    try:
        found = cell.found_tasks()
    except UserError as error:
        checked.tell("task", "one that is installed", str(error))
        found = []
    same = _check_plugins(checked, record, cell, found) if found else False
    for name, here in environment()["versions"].items():
        if record["versions"].get(name) not in (None, here):
            checked.notes.append(f"written with {name} {record['versions'][name]}, checked with {here}")
    drawn = again if isinstance(again, _Again) else None
    if found and isinstance(again, UserError):
        checked.tell("data", "problems that can be drawn again", str(again))
    if drawn and not _check_data(checked, record, cell, drawn, same):
        drawn = None
    if tables is None:
        return
    told, scores = tables
    if drawn:
        check_problems(checked, told, drawn.test)
    for what, expected, seen in broken(told, scores, found):
        checked.tell(what, expected, seen)
    if found:
        check_scores(checked, told, scores, found, drawn.test if drawn else told)
    if predict:
        check_predictions(checked, folder, record, cell, told, drawn.whole if drawn else None)


def _tables(checked: Checked, folder: Path) -> tuple[pa.Table, pa.Table] | None:
    """The predictions and scores of a finished cell, where they can be read to their ends."""
    reason = fault(folder)
    if reason:
        checked.tell("files", "tables that can be read", reason)
        return None
    read = []
    for name in TABLES:
        try:
            read.append(pq.read_table(folder / name, partitioning=None))
        except (pa.ArrowException, OSError) as error:
            checked.tell(name, "a table that can be read", str(error).splitlines()[0])
            return None
    told, scores, _ = read
    missing = [name for name in (*PLACE, *TOLD) if name not in told.column_names]
    missing += [name for name in PLACE if name not in scores.column_names]
    if missing:
        checked.tell("tables", f"a column {missing[0]}", "none")
        return None
    for name in PLACE:
        if told[name].to_pylist() != scores[name].to_pylist():  # by value: other programs write other types
            checked.tell(f"column {name}", "the same in predictions and scores", "another")
            return None
    return told, scores


def _check_plugins(checked: Checked, record: Mapping[str, Any], cell: Cell, found: list[Task]) -> bool:
    """What cell.json says of its tasks and its model against those that are installed; whether the tasks are the same.

    Another version or source of a task is another maker; only where it is the same must all else agree.
    """
    same = True
    for said, task in zip(record["tasks"], found, strict=True):
        if not checked.expect(f"version of {task.name}", task.version, said["version"]):
            same = False
        elif said["source"] != source_digest(task):
            checked.notes.append(f"{task.name}: {MADE_ELSEWHERE} of the same version {task.version}")
            same = False
    try:
        expected = describe_cell(cell, Place(Path(), None))
    except UserError as error:
        checked.notes.append(f"its model is not here ({error})")
        return same
    if same:
        for said, task in zip(record["tasks"], expected["tasks"], strict=True):
            for name in ("name", "answer", "numeric"):
                checked.expect(f"{name} of {task['name']}", task[name], said.get(name))
            for level, told in zip(task["levels"], said["levels"], strict=True):
                for name in level.keys() & told.keys():
                    checked.expect(f"{name} of {task['name']}, level {level['number']}", level[name], told[name])
    if record["model"]["source"] != expected["model"]["source"]:
        checked.notes.append(f"its model: {MADE_ELSEWHERE}")
    else:
        for name in {"shortcut", "kind"} & {*record["model"]}:
            checked.expect(f"{name} of the model", expected["model"][name], record["model"][name])
    return same


def _splits(drawn: _Again | UserError) -> dict[str, pa.Table]:
    if isinstance(drawn, UserError):
        return {}
    if drawn.whole is None:
        return {"test": drawn.test}
    return {"train": drawn.whole.train, "validation": drawn.whole.validation, "test": drawn.test}


def _check_data(checked: Checked, record: Mapping[str, Any], cell: Cell, drawn: _Again, same: bool) -> bool:
    """Digests, sizes and what was measured on the data; whether the test problems are those that were drawn again."""
    said = record.get("data", {})
    digests = {split: digest(table) for split, table in _splits(drawn).items()}
    alike = {split: said.get(split, {}).get("sha256") == found for split, found in digests.items()}
    if not same and not all(alike.values()):
        told = "those of its task as it is installed here"
        checked.tell("data", told, f"{MADE_ELSEWHERE} or version: other {', '.join(n for n in alike if not alike[n])}")
        return False
    for split, table in _splits(drawn).items():
        checked.expect(f"data.{split}.sha256", digests[split], said.get(split, {}).get("sha256"))
        checked.expect(f"data.{split}.rows", table.num_rows, said.get(split, {}).get("rows"))
    if drawn.whole is not None:
        for name, value in asdict(drawn.whole.proof).items():
            if name in record.get("proof", {}):
                checked.expect(f"proof.{name}", value, record["proof"][name])
        checked.expect("constant", constant_share(drawn.whole, beyond=False), record.get("constant"))
        checked.expect("constant_beyond", constant_share(drawn.whole, beyond=True), record.get("constant_beyond"))
        kinds = {task.answer for task in cell.found_tasks()}
        kind = kinds.pop() if len(kinds) == 1 else Choice(("mixed",))
        checked.expect("chance", chances(kind, drawn.whole.train["answer"]), record.get("chance"))
    return True
