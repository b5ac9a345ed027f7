"""Published figures beside ours: a row a figure that the suite states, with the score of this run that repeats it.

The figure and its source are the suite's own words. Ours is the score of the model that the suite names, or of the
best network, over all trained levels or the one level of which the figure holds; seeds are pooled, as everywhere.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from enigmath.bench.contracts.registry import metrics as installed_metrics
from enigmath.bench.specs import Published, Suite
from enigmath.reports.frames import Run
from enigmath.reports.leaderboard import measure, summaries
from enigmath.reports.text import clipped
from enigmath.reports.words import percent, span

COLUMNS: Final = [
    "title", "levels", "level", "metric", "published", "source", "model", "score", "low", "high", "n", "seeds",
    "shortcut", "shortcut_score", "method", "method_score", "chance", "verdict",
]  # fmt: skip
METRICS: Final = {
    "exact": "exact",
    "within-10": "within 10 %",
    "within-1": "within 1 %",
    "within-order": "within one order",
    "bits": "of bits",
    "characters": "of characters",
    "nats": "nats",
}
"""What stands under a figure; another metric is told by its name."""
BETTER, LEVEL, WORSE, NOT_RUN = "better", "level", "worse", "not run"


def published(run: Run) -> pd.DataFrame:
    """A row a published figure whose task has a cell in this run, in the order of the suite.

    Columns: title, levels (trained or beyond), level (0 for all trained levels), metric, published,
    source; model, score, low, high, n and seeds of ours; the best shortcut and textbook method with their scores;
    chance; and verdict: ours is better, level (its 95 % interval holds the figure), worse, or not run.
    """
    figures = run.wanted.published if isinstance(run.wanted, Suite) else ()
    found = [_row(run, figure) for figure in figures if figure.task in run.titles]
    return pd.DataFrame(found, columns=COLUMNS)


def _row(run: Run, figure: Published) -> dict[str, Any]:
    here = run.levels[run.levels["title"] == figure.task]
    beyond = bool(here.loc[here["level"] == figure.level, "beyond"].any())
    scores = _scores(run, figure)
    better = _better(figure.metric)
    kinds = run.cells.drop_duplicates("label").set_index("label")["kind"]
    scores = scores.assign(kind=scores["label"].astype(str).map(kinds), rank=better * scores["score"])
    scores = scores.sort_values(["rank", "label"], ascending=[False, True], kind="stable")
    named = scores[scores["label"] == figure.model] if figure.model else scores[scores["kind"] == "network"]
    found: Mapping[Any, Any] = next(iter(named.to_dict("records")), {})
    score, low, high = (float(found.get(name, math.nan)) for name in ("score", "low", "high"))
    others = {kind: _first(scores[scores["kind"] == kind]) for kind in ("shortcut", "method")}
    return {
        "title": figure.task,
        "levels": "beyond" if beyond else "trained",
        "level": figure.level or 0,
        "metric": figure.metric,
        "published": figure.value,
        "source": figure.source,
        "model": str(found.get("label", figure.model)),
        "score": score,
        "low": low,
        "high": high,
        "n": int(found.get("n", 0)),
        "seeds": int(found.get("seeds", 0)),
        **{kind: label for kind, (label, _) in others.items()},
        **{f"{kind}_score": value for kind, (_, value) in others.items()},
        "chance": _chance(run, figure),
        "verdict": verdict(figure.value, low, high, better),
    }


def verdict(figure: float, low: float, high: float, better: int = 1) -> str:
    """Where ours stands: its interval lies past the figure, holds it, or falls short; `better` is -1 for losses.

    >>> verdict(0.45, 0.6, 0.7), verdict(0.45, 0.4, 0.5), verdict(0.45, 0.1, 0.2), verdict(2.17, 2.1, 2.1, better=-1)
    ('better', 'level', 'worse', 'better')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOT_RUN
    # A figure of three digits is met by what rounds to it.
    if low <= figure + 5e-4 and high >= figure - 5e-4:
        return LEVEL
    return BETTER if better * (low - figure) > 0 else WORSE


def _scores(run: Run, figure: Published) -> pd.DataFrame:
    """The score of each model on what the figure speaks of: label, score, low, high, n and seeds."""
    cells = run.finished[run.finished["title"] == figure.task]
    seeds = cells.groupby("label")["seed"].nunique()
    here = run.only(figure.task).scores
    here = here[here["level"] == figure.level if figure.level is not None else ~here["beyond"].astype(bool)]
    if here.empty or figure.metric not in here:
        return pd.DataFrame(columns=["label", "score", "low", "high", "n", "seeds"])
    scores = measure(here, ["label"], summaries([figure.metric], here))
    return scores.assign(seeds=scores["label"].astype(str).map(seeds))


def _first(scores: pd.DataFrame) -> tuple[str, float]:
    kept = scores.dropna(subset=["score"])
    return (str(kept["label"].iloc[0]), float(kept["score"].iloc[0])) if len(kept) else ("", math.nan)


def _better(metric: str) -> int:
    """1 where more is better, -1 where less is."""
    known = installed_metrics().plugins.get(metric)
    return -1 if known is not None and known.better == "lower" else 1


def _chance(run: Run, figure: Published) -> float:
    """The chance of exact answers at those levels, of characters and bits as it was measured; NaN for the others."""
    if figure.metric != "exact":
        column = f"chance.{figure.metric}"
        cells = run.cells[run.cells["title"] == figure.task]
        return float(cells[column].mean()) if column in cells else math.nan
    levels = run.levels[run.levels["title"] == figure.task]
    kept = levels["level"] == figure.level if figure.level is not None else ~levels["beyond"].astype(bool)
    return float(levels.loc[kept, "chance"].mean())


def in_words(metric: str, value: float) -> str:
    """A score as tables write it: a share in percent, a mean with three significant figures.

    >>> in_words("exact", 0.45), in_words("nats", 2.1689), in_words("exact", float("nan"))
    ('45.0', '2.17', '–')
    """
    if not math.isfinite(value):
        return "–"
    return percent(value) if is_share(metric) else f"{value:.3g}"


def between(metric: str, low: float, high: float) -> str:
    """The interval of a score as tables write it."""
    if is_share(metric) or not (math.isfinite(low) and math.isfinite(high)):
        return span(low, high)
    return f"{low:.3g}–{high:.3g}"


def tally(figures: pd.DataFrame) -> str:
    """Than how many published figures ours is better, level and worse, in a sentence.

    >>> tally(pd.DataFrame({"verdict": ["better", "worse", "better", "not run"]}))
    'Beside 3 published figures ours is better than 2, level with 0 and worse than 1.'
    """
    counts = figures["verdict"].value_counts()
    told = sum(int(counts.get(word, 0)) for word in (BETTER, LEVEL, WORSE))
    better, level, worse = (int(counts.get(word, 0)) for word in (BETTER, LEVEL, WORSE))
    figures_told = f"{told} published figure{'' if told == 1 else 's'}"
    return f"Beside {figures_told} ours is better than {better}, level with {level} and worse than {worse}."


def is_share(metric: str) -> bool:
    """Whether a metric's figures are shares, told in percent."""
    return _better(metric) == 1


def alike(run: Run, figures: pd.DataFrame) -> pd.DataFrame:
    """The figures that speak of just the levels that a score of the board pools.

    Those of all trained levels, and those of one level where the suite asks no other of its kind.
    """
    asked = run.levels.drop_duplicates(["title", "level"]).groupby(["title", "beyond"])["level"].agg(list)
    kept = [
        not row["level"] or asked.get((row["title"], row["levels"] == "beyond"), []) == [row["level"]]
        for row in figures.to_dict("records")
    ]
    return figures[np.array(kept, bool)].drop_duplicates(["title", "levels", "metric"])


def with_published(board: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """The leaderboard with the figures, and their sources, in its first columns after the task.

    `figures` are those of `alike`; without any the leaderboard is returned as it is.
    """
    if figures.empty:
        return board
    wide = board.copy()
    places = pd.MultiIndex.from_frame(wide[["title", "levels"]])
    by_place = figures.set_index(["title", "levels"])
    sources = figures.groupby(["title", "levels"])["source"].agg(lambda texts: "; ".join(dict.fromkeys(texts)))
    wide.insert(2, "published_source", sources.reindex(places).to_numpy())
    for metric in reversed(list(dict.fromkeys(figures["metric"]))):
        told = by_place.loc[by_place["metric"] == metric, "published"]
        wide.insert(2, f"published_{metric}", told.reindex(places).to_numpy())
    return wide


def rows(figures: pd.DataFrame) -> list[dict[str, str]]:
    """The figures as the page shows them, every text visible and clipped."""
    return [
        {
            "task": clipped(row["title"], 120),
            "level": "" if not row["level"] else f"level {row['level']}",
            "metric": METRICS.get(row["metric"], clipped(row["metric"], 40)),
            "unit": " %" if is_share(row["metric"]) else "",
            "published": in_words(row["metric"], row["published"]),
            "source": clipped(row["source"]),
            "ours": in_words(row["metric"], row["score"]),
            "between": between(row["metric"], row["low"], row["high"]),
            "model": clipped(row["model"], 60),
            "n": f"{row['n']:,} problems, {row['seeds']} seed{'' if row['seeds'] == 1 else 's'}" if row["n"] else "",
            "verdict": row["verdict"],
            "shortcut": in_words(row["metric"], row["shortcut_score"]),
            "shortcut_name": clipped(row["shortcut"], 60),
            "method": in_words(row["metric"], row["method_score"]),
            "method_name": clipped(row["method"], 60),
            "chance": in_words(row["metric"], row["chance"]),
        }
        for row in figures.to_dict("records")
    ]
