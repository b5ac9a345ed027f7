"""The leaderboard: models by tasks, every score in company.

A score stands with its interval, the number of problems and seeds behind it, its chance level, and the best shortcut
on the same problems with what the model scores beyond it. Seeds are pooled, never picked: an interval speaks of fresh
problems for the models that were trained. Trained levels and levels beyond them are kept apart.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from enigmath.bench.contracts.registry import metrics as installed_metrics
from enigmath.bench.intervals import difference, interval, newcombe, wilson
from enigmath.reports.frames import NAMES, PLACE, Run
from enigmath.reports.peaks import utilisation
from enigmath.reports.text import spreadsheet

Summary = Literal["share", "mean", "median"]

GROUP = ["title", "task", "beyond"]
"""What models are compared on: a task as part of its title (a mixture has several), on trained levels or beyond."""

PROBLEM = ["seed", "level", "key"]
"""What two models that answered the same problem of a task agree on."""

LONG = ["score", "low", "high", "n", "best_shortcut", "shortcut_score", "past", "past_low", "past_high"]
"""The columns of the long board that hold what was measured."""

PAIRED = ("exact", "characters", "bits", "within-10", "within-1", "within-order")
"""The metrics for which the best shortcut is sought and the score beyond it is measured."""

KINDS = ("network", "method", "shortcut")
"""The kinds of models in the order in which tables show them."""

COSTS = (
    "parameters",
    "examples",
    "operations",
    "fit_seconds",
    "examples_per_second",
    "operations_per_second",
    "utilisation",
    "predict_seconds",
    "problems_per_second",
)
"""What a score cost: means over seeds that stand beside it."""

BESIDE = (
    "fact.examples",
    "fact.examples_per_second",
    "fact.operations",
    "fact.precision",
    "seconds.fit",
    "seconds.predict",
    "size.train",
    "hardware.device",
    "hardware.gpu",
)
"""The columns of cells from which costs are told; a run of failed cells may lack some."""

CHANCES = ("chance.characters", "chance.bits")
"""The columns of cells that hold the measured chance of other metrics than exact."""


def summaries(names: Sequence[str], rows: pd.DataFrame) -> dict[str, Summary]:
    """How each metric becomes one score: share, mean or median; one that is not installed is judged by its values."""
    known = {name: metric.summary for name, metric in installed_metrics().plugins.items()}
    return {name: known.get(name) or ("share" if rows[name].dropna().isin([0, 1]).all() else "mean") for name in names}


def measure(rows: pd.DataFrame, by: Sequence[str], kinds: dict[str, Summary]) -> pd.DataFrame:
    """One row a group and metric: the columns of `by`, metric, score, low, high (95 % interval), n.

    Shares have Wilson intervals, means and medians bootstrap intervals; rows where a metric does not apply are left
    out of its n, and groups where it applies to none are left out.
    """
    numbers = rows.groupby(list(by), observed=True).ngroup().to_numpy()
    order = np.argsort(numbers, kind="stable")[(numbers < 0).sum() :]
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    groups = rows[list(by)].iloc[order[starts]].reset_index(drop=True)
    parts = [
        _measured(groups, rows[name].to_numpy(np.float64)[order], starts, kind).assign(metric=name)
        for name, kind in kinds.items()
    ]
    columns = [*by, "metric", "score", "low", "high", "n"]
    found: pd.DataFrame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return found[columns]


def _measured(groups: pd.DataFrame, values: Any, starts: Any, kind: Summary) -> pd.DataFrame:
    """One metric of each group, whose values are those from its start to the next; groups without values left out."""
    if not len(starts):
        return groups.assign(score=np.nan, low=np.nan, high=np.nan, n=0)
    known = ~np.isnan(values)
    n = np.add.reduceat(known, starts, dtype=int)
    if kind == "share":
        right = np.add.reduceat(np.where(known, values, 0.0), starts).round()
        score, (low, high) = right / np.maximum(n, 1), wilson(right, n)
    else:
        found = [interval(part, kind)[:3] for part in np.split(values, starts[1:])]
        score, low, high = np.array(found, dtype=np.float64).T
    measured: pd.DataFrame = groups.assign(score=score, low=low, high=high, n=n)[n > 0]
    return measured


def long_board(run: Run) -> pd.DataFrame:
    """One row a model, task, kind of levels, and metric.

    Columns: title, task, beyond, label, metric, score, low, high, n, and for the metrics in PAIRED also
    best_shortcut (its label), shortcut_score, and past, past_low, past_high: the model's score less the shortcut's on
    the same problems, with a paired bootstrap interval; NaN for shortcuts themselves. One title is read at a time.
    """
    parts = [_long_board(run.only(title).scores) for title in sorted(run.finished["title"].unique())]
    parts = [part for part in parts if len(part)] or [pd.DataFrame(columns=[*GROUP, "label", "metric", *LONG])]
    return pd.concat(parts, ignore_index=True)


def _long_board(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = summaries([name for name in rows.columns if name not in (*NAMES, *PLACE)], rows)
    board = measure(rows, [*GROUP, "label"], kinds)
    compared = _against_shortcuts(rows, board, [name for name in PAIRED if name in kinds])
    return board.merge(compared, on=[*GROUP, "label", "metric"], how="left").astype(
        dict.fromkeys(["title", "task", "label"], str)
    )


def _against_shortcuts(rows: pd.DataFrame, board: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    columns = [*GROUP, "label", "metric", "best_shortcut", "shortcut_score", "past", "past_low", "past_high"]
    found = []
    for group, here in rows.groupby(GROUP, observed=True):
        scores = board[(board[GROUP] == list(group)).all(axis=1)]
        looking_up = here.loc[here["shortcut"], "label"].unique()
        if not len(looking_up):
            continue
        labels, places, count = _paired(here)
        for metric in metrics:
            candidates = scores[(scores["metric"] == metric) & scores["label"].isin(looking_up)]
            if candidates.empty:
                continue
            best = candidates.sort_values(["score", "label"], ascending=[False, True]).iloc[0]
            values = np.full((len(labels), count), np.nan, np.float32)
            values[places] = here[metric].to_numpy(np.float32)
            theirs = values[labels.index(best["label"])].copy()
            values[np.isin(labels, looking_up)] = np.nan
            for label, *past in zip(labels, *_differences(values, theirs), strict=True):
                found.append((*group, label, metric, best["label"], best["score"], *past))
    return pd.DataFrame(found, columns=columns)


def _differences(values: Any, theirs: Any) -> tuple[Any, Any, Any]:
    """By row of (models, problems): the mean difference from one model's values, with its bounds, as `difference` has
    them; NaN in a row without a value. Rows of right and wrong answers are measured all at once, from their counts.
    """
    known = ~np.isnan(values) & ~np.isnan(theirs)
    if not _binary(values[known]) or not _binary(theirs[~np.isnan(theirs)]):
        return tuple(np.array([difference(mine, theirs)[:3] for mine in values], dtype=np.float64).T)
    first, second = known & (values == 1), known & (theirs == 1)
    counts = [first & second, first & ~second, ~first & second, known & ~first & ~second]
    with np.errstate(invalid="ignore", divide="ignore"):
        return newcombe(*(count.sum(axis=1) for count in counts))


def _binary(values: Any) -> bool:
    return bool(((values == 0) | (values == 1)).all())


def _paired(here: pd.DataFrame) -> tuple[list[str], tuple[Any, Any], int]:
    """The labels in their order, each row's label and problem by number, and how many problems there are."""
    labels = here["label"].astype("category").cat.remove_unused_categories().cat
    problems = here.groupby(PROBLEM, sort=False).ngroup().to_numpy()
    return [str(label) for label in labels.categories], (labels.codes.to_numpy(), problems), int(problems.max()) + 1


def company(run: Run) -> pd.DataFrame:
    """One row a model, task and kind of levels, failed ones too: what stands beside its scores.

    Columns: title, task, beyond, label, model, kind, shortcut, chance, ceiling, seeds, failed, fit, parameters,
    examples (seen in training; what a shortcut was fitted on), operations (floating-point, of training), fit_seconds,
    examples_per_second and operations_per_second (while training, without validation), utilisation (their share of the
    device's peak, see peaks), predict_seconds, problems_per_second (answered), device, and chance_bits and
    chance_characters where the answers have them.
    Chance and ceiling are means over the levels; the rest are means over seeds, `fit` the outcomes and `device` the
    devices that occurred. `seeds` counts finished cells, `failed` those that failed.
    """
    cells = run.cells.reindex(columns=[*run.cells.columns, *(n for n in BESIDE if n not in run.cells)])
    known = pd.to_numeric(cells["fact.examples"], errors="coerce")
    pace = pd.to_numeric(cells["fact.examples_per_second"], errors="coerce")
    operations = pd.to_numeric(cells["fact.operations"], errors="coerce")
    predicting = cells["seconds.predict"].where(cells["seconds.predict"] > 0)
    cells = cells.assign(
        finished=cells["status"].eq("finished"),
        fit_seconds=cells["seconds.fit"],
        predict_seconds=cells["seconds.predict"],
        problems_per_second=cells["n"].where(cells["n"] > 0) / predicting,
        examples=known.where(known.notna() | ~cells["shortcut"].astype(bool), cells["size.train"]),
        operations=operations,
        examples_per_second=pace,
        operations_per_second=operations / known.where(known > 0) * pace,
        device=cells["hardware.gpu"].where(cells["hardware.gpu"].notna(), cells["hardware.device"]),
    )
    cells["utilisation"] = utilisation(cells["operations_per_second"], cells["device"], cells["fact.precision"])
    levels = run.levels.groupby(["cell", "title", "task", "beyond"])[["chance", "ceiling"]].agg(_mean_of_all)
    joined = levels.reset_index().merge(
        cells.drop(columns=["title", "chance", "ceiling"]), left_on="cell", right_on="id", how="left"
    )
    found = joined.groupby([*GROUP, "label"], observed=True).agg(
        model=("model", "first"),
        kind=("kind", "first"),
        shortcut=("shortcut", "first"),
        chance=("chance", "mean"),
        ceiling=("ceiling", "mean"),
        seeds=("finished", "sum"),
        failed=("finished", lambda column: int((~column).sum())),
        fit=("fit", _those_that_occur),
        **{name: (name, "mean") for name in COSTS},
        device=("device", _those_that_occur),
        **{name.replace(".", "_"): (name, "mean") for name in CHANCES if name in joined},
    )
    order = ["place", "task", "beyond", "rank", "label"]
    placed = found.reset_index().assign(
        place=lambda rows: rows["title"].map(run.titles.index), rank=lambda rows: rows["kind"].map(KINDS.index)
    )
    return placed.sort_values(order, ignore_index=True).drop(columns=["place", "rank"])


def _those_that_occur(column: "pd.Series[Any]") -> str:
    return ", ".join(sorted({str(value) for value in column if not pd.isna(value)}))


def _mean_of_all(column: "pd.Series[float]") -> float:
    return float(column.mean(skipna=False))


def leaderboard(run: Run) -> pd.DataFrame:
    """The tidy board: one row a model, task and kind of levels (`levels`: trained or beyond).

    A column for each metric, with `<metric>_low` and `<metric>_high`; n, seeds, failed; chance, ceiling; best_shortcut,
    best_shortcut_exact, beyond_shortcut with its interval (exact, paired); what it cost (COSTS), and the device.
    """
    return wide(long_board(run), company(run))


def wide(long: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """The leaderboard from its long form and what stands beside it."""
    index = [*GROUP, "label"]
    board = beside.set_index(index)
    for metric in long["metric"].unique():
        found = long[long["metric"] == metric].set_index(index)
        board[metric], board[f"{metric}_low"], board[f"{metric}_high"] = found["score"], found["low"], found["high"]
    exact = long[long["metric"] == "exact"].set_index(index)
    board["n"] = exact["n"].reindex(board.index).fillna(0).astype(int)
    names = {"shortcut_score": "best_shortcut_exact", "past": "beyond_shortcut"}
    names |= {"past_low": "beyond_shortcut_low", "past_high": "beyond_shortcut_high"}
    board = board.join(exact[["best_shortcut", *names]].rename(columns=names))
    board = board.reset_index()
    board.insert(2, "levels", np.where(board.pop("beyond").astype(bool), "beyond", "trained"))
    first = ["title", "task", "levels", "label", "model", "kind", "shortcut", "n", "seeds", "failed", "fit"]
    chances = [name for name in board.columns if name.startswith("chance")]
    last = ["best_shortcut", *names.values(), *chances, "ceiling", *COSTS, "device"]
    return board[[*first, *(name for name in board.columns if name not in (*first, *last)), *last]]


def to_csv(board: pd.DataFrame) -> str:
    """The leaderboard as CSV: six significant figures, and no text that a spreadsheet takes for a formula."""
    safe = board.copy()
    for name in safe.columns:
        if not (pd.api.types.is_numeric_dtype(safe[name]) or pd.api.types.is_bool_dtype(safe[name])):
            safe[name] = [spreadsheet(text) if isinstance(text, str) else "" for text in safe[name]]
    return safe.rename(columns=spreadsheet).to_csv(index=False, float_format="%.6g", lineterminator="\n")
