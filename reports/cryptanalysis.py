"""What a cryptanalyst reads off a run: which bits of an answer are found, and how well real pairs are told from random.

Both are frames of the problems that a run has stored. Chance is measured: a bit's is the share of its commoner value
among the test answers, a distinguisher's the two shares themselves.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from enigmath.bench.contracts import Bits, Hexadecimal
from enigmath.bench.contracts.binary import Binary, BitMatrix
from enigmath.bench.intervals import clopper_pearson, holm
from enigmath.reports.frames import Run
from enigmath.reports.text import clipped
from enigmath.reports.words import percent, span

PLACE: Final = ["title", "task", "level", "label"]
REAL: Final = "real"
OTHERS: Final = ("random", "masked")
SIGNIFICANT: Final = 0.05
"""The level of the tests after Holm's correction."""


def bit_scores(run: Run) -> pd.DataFrame:
    """A row a bit of the answers that are bits, by title, task, level and label.

    Columns: shortcut, bit (0 is the most significant), n, share right, low and high (95 %, Clopper and Pearson),
    chance, p (one-sided binomial against chance) and found: p is at most 0.05 after Holm's correction over the bits
    of the row's group. A prediction that does not parse has every bit wrong.
    """
    parts = []
    for place, rows, kind in _binary(run):
        from scipy.stats import binom

        truth, said, parsed = _bits(rows, kind)
        right = ((truth == said) & parsed[:, None]).sum(axis=0)
        n, ones = len(rows), truth.mean(axis=0)
        chance = np.maximum(ones, 1 - ones)
        p = binom.sf(right - 1, n, chance)
        low, high = clopper_pearson(right, np.full(len(right), n))
        scores = pd.DataFrame({"bit": np.arange(len(right)), "n": n, "share": right / n, "low": low, "high": high})
        names = dict(zip(PLACE, place, strict=True)) | {"shortcut": bool(rows["shortcut"].iloc[0])}
        parts.append(scores.assign(chance=chance, p=p, found=holm(p) <= SIGNIFICANT, **names))
    columns = [*PLACE, "shortcut", "bit", "n", "share", "low", "high", "chance", "p", "found"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def distinguishers(run: Run) -> pd.DataFrame:
    """A row a model that tells real from random, by title, task, level and label.

    Columns: shortcut, n, accuracy, true positives' share (TPR: real pairs called real), true negatives' (TNR: random
    or masked ones), and advantage, TPR + TNR - 1, each with its 95 % bounds by Clopper and Pearson (Biometrika 26,
    1934). The advantage's bounds are those of TPR and TNR at 97.5 % each together, which is on the safe side. No
    answer is a wrong answer.
    """
    if not run.levels["answer"].astype(str).str.contains(f"'{REAL}'", regex=False).any():
        return pd.DataFrame()
    if not run.levels["answer"].astype(str).str.contains(REAL).any():
        return pd.DataFrame()
    problems = run.columns("task", "level", "answer", "outcome")
    told = problems[problems["answer"].isin([REAL, *OTHERS])]
    rows = []
    for place, here in told.groupby(PLACE, observed=True, sort=False):
        real = here["answer"].eq(REAL).to_numpy()
        right = here["outcome"].astype(str).eq("right").to_numpy()
        if not real.any() or real.all():
            continue
        hits, trials = _counts(right, real)
        low, high = clopper_pearson(hits, trials)
        safe_low, safe_high = clopper_pearson(hits[1:], trials[1:], confidence=0.975)
        share = hits / trials
        row: dict[str, Any] = dict(zip(PLACE, place, strict=True))
        row |= {"shortcut": bool(here["shortcut"].iloc[0]), "n": len(here)}
        for index, name in enumerate(("accuracy", "tpr", "tnr")):
            row |= {name: share[index], f"{name}_low": low[index], f"{name}_high": high[index]}
        row |= {"advantage": share[1] + share[2] - 1}
        row |= {"advantage_low": safe_low.sum() - 1, "advantage_high": safe_high.sum() - 1}
        rows.append(row)
    return pd.DataFrame(rows)


def _counts(right: npt.NDArray[np.bool_], real: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Right answers and questions: of all, of the real, of the others."""
    groups = (np.ones(len(real), bool), real, ~real)
    return np.array([right[group].sum() for group in groups]), np.array([group.sum() for group in groups])


def _binary(run: Run) -> Iterator[tuple[Any, pd.DataFrame, Binary]]:
    """The test problems whose answers are bits, a model and level at a time, with the kind of their answers.

    Of answers of several lengths in one level, the commonest length is taken.
    """
    if "bits" not in run.metrics:
        return
    problems = run.columns("task", "level", "answer", "prediction", "bits")
    problems = problems[problems["bits"].notna()]
    kinds = run.levels.drop_duplicates("task").set_index("task")["answer"]
    for place, rows in problems.groupby(PLACE, observed=True, sort=False):
        kind: Binary = Bits() if str(kinds[rows["task"].iloc[0]]).startswith("Bits") else Hexadecimal()
        lengths = rows["answer"].str.len()
        yield place, rows[lengths == lengths.mode().iloc[0]], kind


def _bits(rows: pd.DataFrame, kind: Any) -> tuple[BitMatrix, BitMatrix, npt.NDArray[np.bool_]]:
    """The bits of answers and of predictions, and which predictions parse with the answer's length."""
    answers = pa.array(rows["answer"].tolist(), pa.string())
    width = len(rows["answer"].iloc[0])
    said = kind.canonical(
        pa.array([text if isinstance(text, str) else None for text in rows["prediction"]], pa.string())
    )
    kept = [text if text is not None and len(text) == width else None for text in said.to_pylist()]
    parsed = np.array([text is not None for text in kept])
    filled = pa.array([text or "0" * width for text in kept], pa.string())
    return kind.bits(answers), kind.bits(filled), parsed


STRIPS: Final = 12
"""Models whose bits are shown for one task and level at most."""
WIDEST: Final = 256
"""Bits of an answer that are shown at most, the most significant first."""


def strips(run: Run) -> list[dict[str, Any]]:
    """The bits as the page shows them: one entry a task and level, in it one row of cells a model, best first.

    A cell is its class, which colours it by how far the bit lies above chance, and its title, which says the figures.
    """
    scores = bit_scores(run)
    entries = []
    for (title, _, level), here in scores.groupby(["title", "task", "level"], observed=True, sort=False):
        means = here.groupby("label", observed=True)["share"].mean().sort_values(ascending=False, kind="stable")
        rows = []
        for label in means.index[:STRIPS]:
            bits = here[here["label"] == label].sort_values("bit").head(WIDEST)
            cells = [_cell(*bit) for bit in bits[["bit", "share", "chance", "n", "found"]].to_numpy().tolist()]
            told = f"{int(bits['found'].sum())} of {len(bits)}"
            rows.append(
                {"label": clipped(str(label), 60), "mean": percent(float(means[label])), "found": told, "cells": cells}
            )
        entries.append(
            {"task": clipped(str(title), 120), "level": int(str(level)), "bits": len(rows[0]["cells"]), "rows": rows}
        )
    return entries


def _cell(bit: int, share: float, chance: float, n: int, found: bool) -> tuple[str, str]:
    above = max(0.0, (share - chance) / max(1 - chance, 1e-9))
    told = "found" if found else "at chance"
    title = f"bit {int(bit)}: {percent(share)} % of {int(n):,} right, chance {percent(chance)} %, {told}"
    return f"heat h{round(10 * above)}" + (" found" if found else ""), title


def verdicts(run: Run) -> list[list[str]]:
    """The distinguishers as the page's table shows them: task, level, model, and four figures with their bounds."""
    rows = []
    for row in distinguishers(run).to_dict("records"):
        figures = [
            f"{percent(row[name])} ({span(row[f'{name}_low'], row[f'{name}_high'])})"
            for name in ("accuracy", "tpr", "tnr", "advantage")
        ]
        rows.append(
            [clipped(row["title"], 120), str(row["level"]), clipped(row["label"], 60), *figures, f"{row['n']:,}"]
        )
    return rows
