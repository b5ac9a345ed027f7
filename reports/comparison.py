"""Two models head to head: a row a task, kind of levels and metric, over the problems that both answered.

Problems are paired by title, task, level, seed and key, and the seeds that both have are pooled. What is told of a
difference: its interval, its p-value after Holm over all rows of the frame, and, where that leaves it open, how many
problems more would decide it were it as large as observed. Statistics stand in `enigmath.bench.compare`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

import pandas as pd

from enigmath.bench.compare import LEVEL, Paired, paired
from enigmath.bench.contracts import UserError, unknown
from enigmath.bench.contracts.registry import metrics as installed_metrics
from enigmath.bench.intervals import holm
from enigmath.reports.frames import Run
from enigmath.reports.leaderboard import GROUP, summaries
from enigmath.reports.published import METRICS, is_share
from enigmath.reports.text import clipped
from enigmath.reports.words import listed, percent

A: Final = "A"
B: Final = "B"
TIE: Final = "tie"
"""The verdicts: who is better after Holm at the 5 % level, or neither."""

PLACE: Final = ["title", "seed", "task", "level", "beyond", "key"]
"""What a problem of two models is the same by."""

COLUMNS: Final = [
    "title", "task", "levels", "metric", "n", "seeds", "seeds_a", "seeds_b", "score_a", "score_b", "difference", "low",
    "high", "only_a", "only_b", "p", "p_holm", "family", "verdict", "more",
]  # fmt: skip


def comparison(
    run: Run,
    a: str,
    b: str,
    metrics: Sequence[str] = ("exact",),
    tasks: Sequence[str] = (),
    other: Run | None = None,
) -> pd.DataFrame:
    """Compare the model labelled `a` with the one labelled `b`, which is of the run `other` where that is given.

    `tasks` keeps titles that match a pattern (`arithmetic/*`). One row a title, task, kind of levels and metric where
    both have values on common problems. Columns: title, task, levels (trained or beyond), metric, n (problems), seeds
    (in common, a tuple), seeds_a and seeds_b (finished, of each); score_a, score_b; difference (A less B) with its 95 %
    interval, low and high, by itself; only_a and only_b (problems on which that one's value is higher); p, p_holm and
    family (the number of rows that Holm corrects over); verdict (A, B or tie; of errors the lower is better); more: how
    many further problems would decide a tie with 80 % power were the difference the observed one, at the level that
    Holm leaves to the first of the ties; infinite where no difference is observed, NaN where it is decided.

    Raises UserError for a label, metric or task that is not there, and where two runs asked different versions.
    """
    second = other or run
    _require(run, second, a, b, metrics, tasks)
    sides = [_rows(of, label, metrics, tasks) for of, label in ((run, a), (second, b))]
    seeds = [{title: tuple(sorted(of)) for title, of in _seeds(side)} for side in sides]
    both = _paired(sides[0], sides[1], metrics)
    kinds = summaries(metrics, sides[0])
    groups: list[tuple[Any, pd.DataFrame]] = list(both.groupby(GROUP, observed=True))
    groups.sort(key=lambda group: (run.titles.index(group[0][0]), *group[0][1:]))
    found = []
    for (title, task, beyond), here in groups:
        place = {
            "title": str(title), "task": str(task), "levels": "beyond" if beyond else "trained",
            "seeds": tuple(sorted(here["seed"].unique().tolist())), "seeds_a": seeds[0][title],
            "seeds_b": seeds[1][title],
        }  # fmt: skip
        for name in metrics:
            result = paired(here[f"{name}_a"], here[f"{name}_b"], kinds[name])
            if result.size:
                found.append(({**place, "metric": name}, result))
    return judged(found, kinds)


def sentence(row: Mapping[Any, Any], a: str, b: str) -> str:
    """One row in plain words, with the names of the two models."""
    metric, where = str(row["metric"]), _where(row)
    size = _apart(metric, abs(row["difference"]))
    if row["verdict"] == TIE:
        return f"tie on {where}: {_undecided(row, size)}"
    winner = a if row["verdict"] == A else b
    bounds = sorted((abs(row["low"]), abs(row["high"]))) if row["low"] * row["high"] >= 0 else (row["low"], row["high"])
    told = f"{_figure(metric, bounds[0])} to {_figure(metric, bounds[1])}; {p_value(row['p_holm'])}"
    family = f" after Holm over {row['family']}" if row["family"] > 1 else ""
    return f"{clipped(winner, 80)} is better on {where} by {size} ({told}{family})"


def seeds_told(found: pd.DataFrame, a: str, b: str) -> list[str]:
    """A line a title whose models do not have the same seeds: which are compared, and which are left out."""
    lines = []
    for row in found.drop_duplicates("title").to_dict("records"):
        extra = [
            f"{_counted(left)} of {clipped(label, 80)}"
            for label, theirs in ((a, row["seeds_a"]), (b, row["seeds_b"]))
            if (left := sorted(set(theirs) - set(row["seeds"])))
        ]
        if extra:
            lines.append(f"{clipped(row['title'], 80)}: {_counted(row['seeds'])} in common; {listed(extra)} left out")
    return lines


def p_value(p: float) -> str:
    """A p-value as it is written.

    >>> p_value(0.0), p_value(0.0321), p_value(1.0)
    ('p < 0.001', 'p = 0.032', 'p = 1')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def _require(run: Run, second: Run, a: str, b: str, metrics: Sequence[str], tasks: Sequence[str]) -> None:
    for of, label in ((run, a), (second, b)):
        labels = set(of.cells["label"].astype(str))
        if label not in labels:
            raise unknown("model", label, labels, where=str(of.path))
        if label not in set(of.finished["label"]):
            raise UserError(f"no cell of {clipped(label, 80)} has finished", where=str(of.path), mend="run it again")
        for name in metrics:
            if name not in of.metrics:
                raise unknown("metric", name, of.metrics, where="--metric")
    if run is second and a == b:
        raise UserError(f"{clipped(a, 80)} is compared with itself", where="compare", mend="name two models")
    titles = [set(of.finished.loc[of.finished["label"] == label, "title"]) for of, label in ((run, a), (second, b))]
    for pattern in tasks:
        if not any(fnmatchcase(title, pattern) for title in titles[0] | titles[1]):
            raise unknown("task", pattern, titles[0] | titles[1], where="--task")
    if run is not second:
        _require_versions(run, second, titles[0] & titles[1])


def _require_versions(run: Run, second: Run, titles: set[str]) -> None:
    """UserError where a task of a common title asked other problems in the other run."""
    place = ["title", "task", "level"]
    mine, theirs = (of.levels[of.levels["title"].isin(titles)].drop_duplicates(place) for of in (run, second))
    joined = mine.merge(theirs, on=place, suffixes=("", "_b"))
    apart = joined[(joined["version"] != joined["version_b"]) | (joined["name"] != joined["name_b"])]
    if len(apart):
        first = apart.iloc[0]
        told = [f"version {first[f'version{side}']} ({first[f'name{side}']})" for side in ("", "_b")]
        where = f"level {first['level']} of {clipped(first['task'], 80)}"
        what = f"{where} is {told[0]} in one run and {told[1]} in the other"
        raise UserError(what, where=str(second.path), mend="run both with one version of the task")


def _rows(run: Run, label: str, metrics: Sequence[str], tasks: Sequence[str]) -> pd.DataFrame:
    """The scores of one model on the titles that are asked for; NaN where a cell has no such metric."""
    of = run.only(label=label)
    if tasks:
        wanted = [title for title in run.titles if any(fnmatchcase(title, pattern) for pattern in tasks)]
        of = replace(of, cells=of.cells[of.cells["title"].isin(wanted)])
    return of.columns("task", "level", "beyond", "key", *metrics).reindex(columns=[*PLACE, *metrics])


def _seeds(rows: pd.DataFrame) -> Iterator[tuple[str, list[int]]]:
    for title, here in rows.groupby("title", observed=True)["seed"]:
        yield str(title), here.unique().tolist()


def _paired(mine: pd.DataFrame, theirs: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """A row a common problem, each metric twice. Models of one run mostly have the same rows in the same order."""
    if len(mine) == len(theirs) and all((mine[n].to_numpy() == theirs[n].to_numpy()).all() for n in reversed(PLACE)):
        values = {f"{name}_b": theirs[name].to_numpy() for name in metrics}
        return mine.rename(columns={name: f"{name}_a" for name in metrics}).assign(**values)
    plain = [side.astype({"title": str, "task": str}) for side in (mine, theirs)]
    named = [
        side.rename(columns={n: f"{n}_{end}" for n in metrics}) for side, end in zip(plain, ("a", "b"), strict=True)
    ]
    try:
        return named[0].merge(named[1], on=PLACE, validate="one_to_one")
    except pd.errors.MergeError:
        raise UserError("a problem stands in a cell twice", where="compare", mend="`enigmath verify` the run") from None


def judged(found: Sequence[tuple[dict[str, Any], Paired]], kinds: Mapping[str, str]) -> pd.DataFrame:
    """The frame, with what Holm leaves of each p-value and what would decide the ties."""
    corrected = holm([result.p for _, result in found])
    ties = int((corrected >= LEVEL).sum())
    rows = []
    for (place, result), p in zip(found, corrected.tolist(), strict=True):
        metric, verdict, more = place["metric"], TIE, math.nan
        if p < LEVEL:
            verdict = A if (result.difference > 0) == (_better(metric) > 0) else B
        else:
            needed = result.needed(kinds[metric], LEVEL / ties)
            more = needed if math.isinf(needed) else float(max(math.ceil(needed) - result.size, 1))
        told = {
            "n": result.size, "score_a": result.first, "score_b": result.second, "difference": result.difference,
            "low": result.low, "high": result.high, "only_a": result.first_only, "only_b": result.second_only,
            "p": result.p, "p_holm": p, "family": len(found), "verdict": verdict, "more": more,
        }  # fmt: skip
        rows.append(place | told)
    return pd.DataFrame(rows, columns=COLUMNS)


def _better(metric: str) -> int:
    known = installed_metrics().plugins.get(metric)
    return -1 if known is not None and known.better == "lower" else 1


def _where(row: Mapping[Any, Any]) -> str:
    """The task, with its metric and kind of levels as far as they are not the usual ones."""
    name = row["task"] if row["task"] == row["title"] else f"{row['title']}, {row['task']}"
    beside = ["beyond training"] if row["levels"] == "beyond" else []
    beside += [METRICS.get(row["metric"], row["metric"])] if row["metric"] != "exact" else []
    return clipped(name, 80) + (f" ({clipped(', '.join(beside), 60)})" if beside else "")


def _counted(seeds: Sequence[int]) -> str:
    return f"seed{'' if len(seeds) == 1 else 's'} {listed(map(str, seeds))}"


def _figure(metric: str, value: float) -> str:
    return percent(value) if is_share(metric) else f"{value:.3g}"


def _apart(metric: str, value: float) -> str:
    """A difference with its unit: points of a hundred for shares."""
    return _figure(metric, value) + (" points" if is_share(metric) else "")


def _undecided(row: Mapping[Any, Any], size: str) -> str:
    """What a tie leaves open."""
    if not row["difference"]:
        return f"no difference seen on {row['n']:,} problems"
    if not math.isfinite(row["more"]):
        return f"{size} apart on {row['n']:,} problems, and no number of problems is known to decide it"
    return f"{more_problems(row['more'])} more problems would decide a difference of {size} (80 % power)"


def more_problems(count: float) -> str:
    """A number of problems that was worked out from an estimate, with three significant figures.

    >>> more_problems(34), more_problems(28_623), more_problems(3e12)
    ('34', 'about 28,600', 'more than a billion')
    """
    if count >= 1e9:
        return "more than a billion"
    return f"{count:,.0f}" if count < 1000 else f"about {float(f'{count:.3g}'):,.0f}"
