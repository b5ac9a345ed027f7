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
from enigmath.bench.intervals import difference, interval, wilson
from enigmath.reports.frames import Run
from enigmath.reports.text import spreadsheet

Summary = Literal["share", "mean", "median"]

GROUP = ["title", "task", "beyond"]
"""What models are compared on: a task as part of its title (a mixture has several), on trained levels or beyond."""

PROBLEM = ["seed", "level", "key"]
"""What two models that answered the same problem of a task agree on."""

PAIRED = ("exact", "characters", "bits", "within-10", "within-1", "within-order")
"""The metrics for which the best shortcut is sought and the score beyond it is measured."""

KINDS = ("network", "method", "shortcut")
"""The kinds of models in the order in which tables show them."""

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
    groups = rows.groupby(list(by), observed=True)
    parts = [_shares(groups, name) if kind == "share" else _others(groups, name, kind) for name, kind in kinds.items()]
    columns = [*by, "metric", "score", "low", "high", "n"]
    found: pd.DataFrame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return found[columns]


def _shares(groups: Any, name: str) -> pd.DataFrame:
    counted = groups[name].agg(right="sum", n="count").reset_index().query("n > 0")
    right = counted["right"].to_numpy(float).round()
    low, high = wilson(right, counted["n"].to_numpy(float))
    scored: pd.DataFrame = counted.assign(metric=name, score=right / counted["n"], low=low, high=high)
    return scored


def _others(groups: Any, name: str, kind: Summary) -> pd.DataFrame:
    found = groups[name].agg(lambda column: interval(column.to_numpy(), kind))
    names = ["score", "low", "high", "n"]
    values = pd.DataFrame(found.tolist(), columns=names, index=found.index)
    return values.reset_index().query("n > 0").assign(metric=name)


def long_board(run: Run) -> pd.DataFrame:
    """One row a model, task, kind of levels, and metric.

    Columns: title, task, beyond, label, metric, score, low, high, n, and for the metrics in PAIRED also
    best_shortcut (its label), shortcut_score, and past, past_low, past_high: the model's score less the shortcut's on
    the same problems, with a paired bootstrap interval; NaN for shortcuts themselves.
    """
    rows = run.scores
    kinds = summaries(run.metrics, rows)
    board = measure(rows, [*GROUP, "label"], kinds)
    compared = _against_shortcuts(rows, board, [name for name in PAIRED if name in kinds])
    return board.merge(compared, on=[*GROUP, "label", "metric"], how="left")


def _against_shortcuts(rows: pd.DataFrame, board: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    columns = [*GROUP, "label", "metric", "best_shortcut", "shortcut_score", "past", "past_low", "past_high"]
    found = []
    for group, here in rows.groupby(GROUP, observed=True):
        scores = board[(board[GROUP] == list(group)).all(axis=1)]
        looking_up = here.loc[here["shortcut"], "label"].unique()
        if not len(looking_up):
            continue
        for metric in metrics:
            candidates = scores[(scores["metric"] == metric) & scores["label"].isin(looking_up)]
            if candidates.empty:
                continue
            best = candidates.sort_values(["score", "label"], ascending=[False, True]).iloc[0]
            for label, past in _past(here, metric, best["label"]).items():
                found.append((*group, label, metric, best["label"], best["score"], *past))
    return pd.DataFrame(found, columns=columns)


def _past(here: pd.DataFrame, metric: str, best: str) -> dict[str, tuple[float, float, float]]:
    """What each model scores beyond the best shortcut on the problems that both answered, with its interval."""
    theirs = here.loc[here["label"] == best, [*PROBLEM, metric]]
    paired = here[["label", "shortcut", *PROBLEM, metric]].merge(theirs, on=PROBLEM, suffixes=("", "_shortcut"))
    past = {}
    for label, pairs in paired.groupby("label", observed=True):
        found = difference(pairs[metric], pairs[f"{metric}_shortcut"])
        past[str(label)] = (float("nan"),) * 3 if pairs["shortcut"].iloc[0] else found[:3]
    return past


def company(run: Run) -> pd.DataFrame:
    """One row a model, task and kind of levels, failed ones too: what stands beside its scores.

    Columns: title, task, beyond, label, model, kind, shortcut, chance, ceiling, seeds, failed, fit, parameters,
    fit_seconds, predict_seconds, and chance_bits and chance_characters where the answers have them. Chance and ceiling
    are means over the levels; the rest are means over seeds, `fit` the outcomes that occurred. `seeds` counts finished
    cells, `failed` those that failed.
    """
    cells = run.cells.assign(
        finished=run.cells["status"].eq("finished"),
        fit_seconds=run.cells.get("seconds.fit", np.nan),
        predict_seconds=run.cells.get("seconds.predict", np.nan),
    )
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
        fit=("fit", lambda column: ", ".join(sorted(set(column)))),
        parameters=("parameters", "mean"),
        fit_seconds=("fit_seconds", "mean"),
        predict_seconds=("predict_seconds", "mean"),
        **{name.replace(".", "_"): (name, "mean") for name in CHANCES if name in joined},
    )
    order = ["place", "task", "beyond", "rank", "label"]
    placed = found.reset_index().assign(
        place=lambda rows: rows["title"].map(run.titles.index), rank=lambda rows: rows["kind"].map(KINDS.index)
    )
    return placed.sort_values(order, ignore_index=True).drop(columns=["place", "rank"])


def _mean_of_all(column: "pd.Series[float]") -> float:
    return float(column.mean(skipna=False))


def leaderboard(run: Run) -> pd.DataFrame:
    """The tidy board: one row a model, task and kind of levels (`levels`: trained or beyond).

    A column for each metric, with `<metric>_low` and `<metric>_high`; n, seeds, failed; chance, ceiling; best_shortcut,
    best_shortcut_exact, beyond_shortcut with its interval (exact, paired); parameters, fit_seconds, predict_seconds.
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
    last = ["best_shortcut", *names.values(), *chances, "ceiling", "parameters", "fit_seconds", "predict_seconds"]
    return board[[*first, *(name for name in board.columns if name not in (*first, *last)), *last]]


def to_csv(board: pd.DataFrame) -> str:
    """The leaderboard as CSV: six significant figures, and no text that a spreadsheet takes for a formula."""
    safe = board.copy()
    for name in safe.columns:
        if not (pd.api.types.is_numeric_dtype(safe[name]) or pd.api.types.is_bool_dtype(safe[name])):
            safe[name] = [spreadsheet(text) if isinstance(text, str) else "" for text in safe[name]]
    return safe.rename(columns=spreadsheet).to_csv(index=False, float_format="%.6g", lineterminator="\n")
