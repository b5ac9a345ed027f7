"""A run folder as the store leaves it, with models of known habits: some compute, some look up, some fail.

The problems are real sums, products and so on; the predictions are drawn: a model is right with a probability that
falls with the level, and otherwise lands within some relative distance of the answer.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TOLERANCES = (10, 5, 2, 1, 0.1)
HARDWARE = {
    "cpu": "Example CPU at 2.5 GHz",
    "cores": 2,
    "device": "cpu",
    "gpu": None,
    "threads": 2,
    "memory_bytes": 8 * 2**30,
}
VERSIONS = {"enigmath": "0.1.0", "python": "3.11.2", "torch": "2.13.0", "numpy": "2.4.6"}


@dataclass(frozen=True)
class Task:
    """A task with its operators, the digits of its levels (of several the last is beyond), and how hard it is."""

    name: str
    operators: tuple[str, ...]
    hardness: float
    numeric: bool = True
    digits: tuple[int, ...] = (1, 2, 3, 5, 8)
    chance: float | None = None


@dataclass(frozen=True)
class Model:
    """A model: its skill at computing (0 to 1), and the relative distance at which its wrong answers lie."""

    name: str
    label: str
    skill: float
    distance: float
    shortcut: bool = False
    parameters: int = 0
    kind: str = ""


TASKS = (
    Task("arithmetic/addition", ("+",), 0.05),
    Task("arithmetic/subtraction", ("-",), 0.15),
    Task("arithmetic/multiplication", ("*",), 0.7),
    Task("arithmetic/comparison", ("<",), 0.02, numeric=False, chance=0.5),
    Task("expressions/mixed-operators", ("+", "-", "*", "/"), 0.5),
    Task("expressions/nested-parentheses", ("+", "-", "*", "/", "+*", "-*"), 0.8),
)
MODELS = (
    Model("transformer", "transformer reversed", 1.0, 0.3, parameters=68_480),
    Model("encoder-decoder", "encoder-decoder", 0.85, 0.2, parameters=121_344),
    Model("lstm", "lstm", 0.6, 0.1, parameters=210_112),
    Model("mlp", "mlp", 0.2, 0.07, parameters=90_000),
    Model("linear", "linear", 0.02, 0.4, shortcut=True, parameters=1_400),
    Model("nearest-aligned", "nearest-aligned", 0.0, 0.07, shortcut=True),
    Model("nearest-edit", "nearest-edit", 0.01, 0.15, shortcut=True),
    Model("majority", "majority", 0.0, 3.0, shortcut=True),
)


SUITE = """
name = "sample"
description = "Models of known habits"
tasks = [{ name = "arithmetic/addition" }, { name = "arithmetic/multiplication" }, { name = "never/asked" }]
models = [{ name = "transformer", label = "transformer reversed" }, { name = "mlp" }, { name = "solve" }]

[require."arithmetic/addition"]
"transformer reversed" = { exact = 0.5, within-10 = { at_most = 0.9 } }
mlp = { exact = 0.9 }
solve = { exact = { at_least = 0.9, at_most = 1 } }
gone = { exact = 0.9 }

[[published]]
task = "arithmetic/addition"
value = 0.45
source = "Somebody, 2020: other digits"

[[published]]
task = "arithmetic/addition"
level = 2
metric = "within-10"
value = 1
model = "mlp"
source = "Somebody, 2021"

[[published]]
task = "arithmetic/multiplication"
metric = "nats"
value = 2.17
source = "=HYPERLINK(1) <script>alert(1)</script>"

[[published]]
task = "never/asked"
value = 0.5
source = "Nobody"
"""
"""A suite of some of the tasks and models, with requirements and published figures."""

SOLVER = Model("solve", "solve", 1.0, 0.0, kind="method")


def write_run(
    folder: Path,
    tasks: Sequence[Task] = TASKS,
    models: Sequence[Model] = MODELS,
    seeds: int = 2,
    rows: int = 250,
    failed: Sequence[tuple[str, str]] = (("lstm", "expressions/nested-parentheses"),),
) -> Path:
    """Write a run of every model on every task; `rows` is the number of test problems of one cell."""
    folder.mkdir(parents=True)
    (folder / "suite.toml").write_text('name = "sample"\n')
    for task in tasks:
        for seed in range(seeds):
            problems = make_problems(task, seed, rows)
            for model in models:
                record = make_record(task, model, seed, rows)
                if (model.name, task.name) in failed:
                    line = "RuntimeError: out of memory"
                    record |= {"status": "failed", "fit": "not fitted", "error": line, "traceback": f"...\n{line}"}
                    write_cell(folder, record)
                    continue
                predictions = predict(task, model, seed, problems)
                write_cell(folder, record, problems, predictions, curve=make_curve(model, task))
    return folder


def make_record(task: Task, model: Model, seed: int, rows: int) -> dict[str, Any]:
    """What cell.json holds of a finished cell."""
    identity = f"{abs(hash_text(task.name + model.label)) % 16**7:07x}{seed}"
    return {
        "format": 1,
        "id": identity,
        "status": "finished",
        "fit": "fitted",
        "error": None,
        "traceback": None,
        "suite": "sample",
        "title": task.name,
        "tasks": [
            {
                "name": task.name,
                "version": 1,
                "doc": f"What {task.name} asks.",
                "answer": "Integer()" if task.numeric else "Choice('<', '=', '>')",
                "numeric": task.numeric,
                "source": "0" * 16,
                "levels": [
                    {
                        "number": number,
                        "name": f"digits={digits}",
                        "beyond": digits == task.digits[-1] != task.digits[0],
                        "chance": task.chance,
                        "ceiling": None,
                    }
                    for number, digits in enumerate(task.digits, start=1)
                ],
            }
        ],
        "model": {
            "name": model.name,
            "label": model.label,
            "config": {"width": 64},
            "source": "1" * 16,
            "shortcut": model.shortcut,
            "kind": model.kind,
            "doc": f"What {model.name} does.",
        },
        "seed": seed,
        "budget": {"steps": 500, "examples": None, "seconds": None},
        "sizes": {"train": 100_000, "validation": 200, "test": rows},
        "data": {split: {"rows": rows, "sha256": "a" * 64} for split in ("train", "validation", "test")},
        "proof": {
            "pairs": 100_000 * rows,
            "overlaps": 0,
            "text_overlaps": 0,
            "duplicates": 1_234,
            "train_distinct": 98_766,
        },
        "constant": 0.013,
        "versions": VERSIONS,
        "git": {"commit": "c" * 40, "dirty": False},
        "hardware": HARDWARE,
        "seconds": {"data": 0.5, "fit": 0.1 if model.shortcut else 9.5, "predict": 0.4, "score": 0.1, "total": 10.5},
        "peak_memory_bytes": 600_000_000,
        "facts": {"parameters": model.parameters} if model.parameters else {},
    }


def write_cell(
    folder: Path,
    record: dict[str, Any],
    problems: pa.Table | None = None,
    predictions: Sequence[str | None] | None = None,
    curve: pa.Table | None = None,
) -> Path:
    """Write one cell's folder: cell.json alone, or with its predictions, their scores and the learning curve."""
    cell = folder / "cells" / f"{record['title'].replace('/', '-')}-{record['id']}"
    cell.mkdir(parents=True)
    (cell / "cell.json").write_text(json.dumps(record))
    if problems is not None and predictions is not None:
        scores = score(problems["answer"].to_pylist(), predictions, record["tasks"][0]["numeric"])
        outcome = np.where(scores["exact"] > 0, "right", np.where(scores["coverage"] > 0, "wrong", "unparsable"))
        told = problems.append_column("prediction", pa.array(predictions, pa.string()))
        pq.write_table(told.append_column("outcome", pa.array(outcome.tolist())), cell / "predictions.parquet")
        numbers = problems.select(["task", "level", "beyond", "key"])
        for name, values in scores.items():
            numbers = numbers.append_column(name, pa.array(values, pa.float32()))
        pq.write_table(numbers, cell / "scores.parquet")
        pq.write_table(make_curve(None, None) if curve is None else curve, cell / "curve.parquet")
    return cell


def make_problems(task: Task, seed: int, rows: int) -> pa.Table:
    """Test problems, the same number at each level."""
    random = np.random.default_rng([hash_text(task.name), seed])
    level = np.sort(np.arange(rows) % len(task.digits))
    highest = 10.0 ** np.array(task.digits)[level]
    left, right = (random.random(rows) * highest).astype(np.int64), (random.random(rows) * highest).astype(np.int64)
    operator = np.array(task.operators)[random.integers(len(task.operators), size=rows)]
    first = np.array([text[0] for text in operator])
    results = {"+": left + right, "-": left - right, "*": left * right, "/": left // np.maximum(right, 1)}
    answer = np.select([first == name for name in results], list(results.values()), default=0).astype(str)
    if not task.numeric:
        answer = np.where(left < right, "<", np.where(left > right, ">", "="))
    questions = [f"{a}{o}{b}" for a, o, b in zip(left, operator, right, strict=True)]
    return pa.table(
        {
            "task": [task.name] * rows,
            "level": pa.array(level + 1, pa.int16()),
            "beyond": (level == len(task.digits) - 1) & (level > 0),
            "key": pa.array(random.integers(2**63, size=rows, dtype=np.uint64) * 2, pa.uint64()),
            "question": questions,
            "answer": answer.tolist(),
            "trait.operators": operator.tolist(),
            "trait.digits": pa.array(np.array(task.digits)[level], pa.int16()),
        }
    )


def predict(task: Task, model: Model, seed: int, problems: pa.Table) -> list[str | None]:
    """Right with a probability that falls with level and hardness; else near, or now and then nonsense."""
    random = np.random.default_rng([hash_text(task.name + model.label), seed])
    level = problems["level"].to_numpy() + 1.5 * problems["beyond"].to_numpy()
    chance = np.clip(model.skill * (1.15 - task.hardness * (level - 0.6) * 0.4), 0, 1)
    chance = np.where(problems["beyond"].to_numpy(), chance * 0.25, chance)
    right = random.random(len(level)) < chance
    factors = 1 + model.distance * random.standard_normal(len(level))
    lost = random.random(len(level)) < 0.01
    answers = problems["answer"].to_pylist()
    if not task.numeric:
        wrong = random.choice(["<", ">"], size=len(level)).tolist()
    else:
        wrong = [str(round(int(answer) * factor) + 1) for answer, factor in zip(answers, factors, strict=True)]
    rows = zip(answers, right.tolist(), lost.tolist(), wrong, strict=True)
    return [answer if good else "" if gone else other for answer, good, gone, other in rows]


def score(answers: Sequence[str], predictions: Sequence[str | None], numeric: bool) -> dict[str, np.ndarray]:
    """The metrics that the reports read, a column each."""
    exact = np.array([answer == told for answer, told in zip(answers, predictions, strict=True)], float)
    if not numeric:
        known = np.array([told in ("<", "=", ">") for told in predictions], float)
        return {"exact": exact, "coverage": known}
    true = np.array([float(answer) for answer in answers])
    told = np.array([_number(text) for text in predictions])
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(true == told, 0.0, np.abs(told - true) / np.abs(true))
        order = np.where((true * told) > 0, np.abs(np.log10(np.abs(told / true))), np.where(true == told, 0, np.inf))
    within = {f"within-{tolerance}": (relative <= tolerance / 100).astype(float) for tolerance in TOLERANCES}
    within |= {"within-order": np.maximum((order <= 1).astype(float), within["within-10"])}
    return {
        "exact": exact,
        **within,
        "tolerance-area": np.mean([within[f"within-{tolerance}"] for tolerance in TOLERANCES], axis=0),
        "relative-error": relative,
        "coverage": (~np.isnan(told)).astype(float),
    }


def make_curve(model: Model | None, task: Task | None) -> pa.Table:
    """A learning curve of twenty points, or of none for a model that does not learn by steps."""
    names = ("step", "examples", "seconds", "spent", "loss", "validation_exact")
    if model is None or task is None or model.shortcut:
        return pa.table({name: pa.array([], pa.float64()) for name in names})
    step = np.linspace(25, 500, 20)
    reached = model.skill * (1.1 - task.hardness)
    columns = {
        "step": step,
        "examples": step * 256,
        "seconds": step / 50,
        "spent": step / 500,
        "loss": 2.5 * np.exp(-step * reached / 120) + 0.02,
        "validation_exact": np.clip(reached / (1 + np.exp(-(step - 220) / 40)), 0, 1),
    }
    return pa.table({name: pa.array(columns[name], pa.float64()) for name in names})


def hash_text(text: str) -> int:
    """A small number that depends on the text alone."""
    return int.from_bytes(text.encode()[-7:], "big") ^ len(text)


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return float("nan")
