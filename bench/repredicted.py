"""What a cell's model answers again, against what the cell says it answered: borrowed predictions are false ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from enigmath.bench.cell import Cell
from enigmath.bench.checked import Checked, and_more, written
from enigmath.bench.contracts import Examples, Keeper, Learner, Model
from enigmath.bench.data import source_digest
from enigmath.bench.datasets import Data
from enigmath.bench.place import limit_threads
from enigmath.bench.provenance import environment, hardware
from enigmath.bench.runner import make_model, predict


def check_predictions(
    checked: Checked, folder: Path, record: Mapping[str, Any], cell: Cell, told: pa.Table, data: Data | None
) -> None:
    """Ask the model again: with its weights, or fitted anew on the data where it keeps none.

    What it answers otherwise is untrue where all that made it is the same here: source, libraries, processor, and a
    budget without seconds. Elsewhere the last bits of weights may differ, and so may an answer: that is noted.
    """
    limit_threads(1)
    try:
        model = _model(folder, cell, data)
        given = None if model is None else predict(model, told["question"].to_pylist())
    except (Exception, SystemExit) as error:
        checked.notes.append(f"its model cannot answer again ({type(error).__name__}: {error})")
        return
    if given is None:
        checked.notes.append("its model was not asked again: it keeps no weights, and its data were not drawn again")
        return
    checked.answered += len(given)
    stored = told["prediction"].to_pylist()
    differing = [row for row, pair in enumerate(zip(stored, given, strict=True)) if pair[0] != pair[1]]
    elsewhere = _elsewhere(record, cell)
    if differing and elsewhere:
        checked.notes.append(f"its model answers {len(differing):,} of {len(given):,} otherwise here: {elsewhere}")
    elif differing:
        row = differing[0]
        what = f"prediction of problem {row + 1}, {written(told['question'][row].as_py())}{and_more(len(differing))}"
        checked.tell(what, written(given[row]), written(stored[row]))


def _model(folder: Path, cell: Cell, data: Data | None) -> Model | None:
    """The model as it was when it answered; None where that takes data that are not at hand."""
    model = make_model(cell, "cpu")
    weights = folder / "weights.safetensors"
    if isinstance(model, Keeper) and weights.is_file():
        model.load(weights)
    elif isinstance(model, Learner):
        if data is None:
            return None
        model.fit(Examples(data.train, data.fresh), Examples(data.validation), cell.budget)
    return model


def _elsewhere(record: Mapping[str, Any], cell: Cell) -> str:
    """What is not here as it was where the cell ran; empty where nothing is known to differ."""
    if record["model"]["source"] != source_digest(cell.found_model()):
        return "another source of the model"
    if cell.budget.seconds is not None:
        return "a budget of seconds"
    versions = environment()["versions"]
    for name in ("python", "torch", "numpy"):
        if record["versions"].get(name) != versions[name]:
            return f"another {name}"
    here = hardware("cpu")
    return next((f"another {name}" for name in ("device", "cpu") if record["hardware"].get(name) != here[name]), "")
