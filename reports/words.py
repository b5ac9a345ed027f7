"""Figures and findings in words: how the page and the terminal write a share, and what the board shows at a glance."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

COMPUTES = 0.9
"""The exact share that the interval's lower bound must reach before a model is said to compute a task."""

NEAR = 0.1
"""How much more often an answer of a shortcut must be within ten percent than right before it is said to come near."""

APART = 0.05
"""An advantage over a shortcut that is worth a word."""

NAMED = 5
"""Networks that one sentence tells by name; the others are counted."""

TOLD = 0.05
"""The chance from which on a score is told beside it."""


def percent(share: float) -> str:
    """A share as a percentage; only all is 100 and only none is 0.

    >>> [percent(share) for share in (1, 0.99999, 0.123, 0, 0.00001, float("nan"), -0.25)]
    ['100', '>99.9', '12.3', '0', '<0.1', '–', '−25.0']
    """
    if not math.isfinite(share):
        return "–"
    if share in (-1, 0, 1):
        return f"{100 * share:.0f}".replace("-", "−")
    sign, whole = "−" if share < 0 else "", math.floor(1000 * abs(share) + 0.5) / 10
    if whole in (0, 100):
        return f"{sign}<0.1" if whole == 0 else f"{sign}>99.9"
    return f"{sign}{whole:.1f}"


def span(low: float, high: float) -> str:
    """An interval of shares in percent, with as many decimals as the shares themselves.

    >>> span(0.9952, 1), span(-0.1, 0.25), span(0.9, 0.99999), span(float("nan"), 1)
    ('99.5–100', '−10.0…25.0', '90.0–99.9', '')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    bounds = [percent(bound).replace("<", "").replace(">", "") for bound in (low, high)]
    return ("…" if low < 0 or high < 0 else "–").join(bounds)


def compact(number: float) -> str:
    """A count with three significant figures.

    >>> [compact(count) for count in (950, 68_480, 1_234_567, 2.5e9, 4e14, float("nan"))]
    ['950', '68.5 k', '1.23 M', '2.5 G', '400 T', '–']
    """
    if not math.isfinite(number):
        return "–"
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f}"


def duration(seconds: float) -> str:
    """Seconds with two significant figures, or minutes, or hours.

    >>> [duration(seconds) for seconds in (0.0123, 9.53, 75, 5000, float("nan"))]
    ['0.012 s', '9.5 s', '75 s', '83 min', '–']
    """
    if not math.isfinite(seconds):
        return "–"
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def listed(words: Iterable[str]) -> str:
    """Words as an English list.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    found = list(words)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


@dataclass(frozen=True)
class Claim:
    """One sentence of the headline: who (None for the board as a whole), and what is said of it."""

    who: str | None
    text: str


def headline(board: pd.DataFrame) -> list[Claim]:
    """What the leaderboard shows, in sentences whose every figure stands on it.

    A network *computes* a task where its exact share, by the interval's lower bound, is at least COMPUTES and beyond
    the best shortcut; of a textbook method, which knows what is asked, nothing of the kind is said, only on how many
    tasks it is ahead. A shortcut *comes near* where far more of its answers are near than right. The task told of is
    the one where the two stand furthest apart; of models that do equally well there, the one with fewest parameters,
    then the one that was fitted fastest.
    """
    trained = board[(board["levels"] == "trained") & board.get("exact", pd.Series(dtype=float)).notna()]
    if trained.empty:
        return [Claim(None, "No cell of this run has finished yet.")]
    networks = trained[trained["kind"] == "network"]
    solved = networks[(networks["exact_low"] >= COMPUTES) & ~(networks["beyond_shortcut_low"] <= 0)]
    best, claims = _contrast(trained, solved)
    reach = _reach(board, best) if len(solved) else []
    return claims + reach + _past_shortcut(networks) + _methods(trained)


def _so_does(best: "pd.Series[Any]", solved: pd.DataFrame) -> str:
    """Who else computes the task of the best."""
    here = solved[(solved["title"] == best["title"]) & (solved["task"] == best["task"])]
    others = [label for label in here["label"] if label != best["label"]]
    told = listed(others) if len(others) < 3 else f"{len(others)} other networks"
    return f"; so {'does' if len(others) == 1 else 'do'} {told}" if others else ""


def _contrast(trained: pd.DataFrame, solved: pd.DataFrame) -> tuple["pd.Series[Any]", list[Claim]]:
    """Who computes and who only comes near, on the task where they differ most."""
    by_kind = [trained[trained["kind"] == kind] for kind in ("network", "method")]
    first = next(rows for rows in (solved, *by_kind, trained) if len(rows))
    first = first.sort_values(["parameters", "fit_seconds"], kind="stable")
    first = first.assign(past_chance=first["exact_low"] > first["chance"].fillna(0))
    columns = ["title", "task", "label", "exact", "n"]
    near = trained[trained["shortcut"]].assign(gap=lambda rows: rows.get("within-10", float("nan")) - rows["exact"])
    pairs = first[[*columns, "chance", "past_chance"]].merge(
        near[[*columns, "gap"]], on=["title", "task"], how="left", suffixes=("", "_near")
    )
    apart = pairs[["gap"]].assign(lead=pairs["exact"] - pairs["exact_near"]).min(axis=1, skipna=False).fillna(-1)
    best = pairs.iloc[int((apart + pairs["exact"] * 1e-3).argmax())]
    told = f"{_share(best['exact'])} exact on {best['n']:,} problems it never saw"
    verb = "computes" if len(solved) else "comes nearest to computing"
    claims = [Claim(best["label"], f"{verb} {_task(best)}: {told}{_so_does(best, solved)}.")]
    if best["exact"] == 0:
        claims = [Claim(None, f"No model got a single answer right on {_task(best)}.")]
    elif not pairs["past_chance"].any():
        told = f"{_share(best['exact'])} exact on {_task(best)}, where chance is {_share(best['chance'])}"
        claims = [Claim(None, f"No model is surely above chance; {best['label']} is {told}.")]
    if best["gap"] > NEAR:
        claims.append(_near(best["label_near"], "comes near", best["gap"], best["exact_near"]))
    elif near["gap"].max() > NEAR:
        other = near.iloc[int(near["gap"].fillna(-1).argmax())]
        claims.append(_near(other["label"], f"comes near on {_task(other)}", other["gap"], other["exact"]))
    return best, claims


def _near(who: str, does: str, gap: float, exact: float) -> Claim:
    told = f"{_share(gap + exact)} within ten percent of the answer, {_share(exact)} exact"
    return Claim(who, f"{does} without computing: {told}.")


def _task(row: "pd.Series[Any]") -> str:
    """A task as a reader would say it: `nested parentheses`, with the title of the mixture that it is part of."""
    name = str(row["task"]).rpartition("/")[2].replace("-", " ")
    return name if row["title"] == row["task"] else f"{name} ({row['title']})"


def _share(share: float) -> str:
    """A percentage whose sign stays on its line."""
    return f"{percent(share)}\N{NO-BREAK SPACE}%"


def _reach(board: pd.DataFrame, best: "pd.Series[Any]") -> list[Claim]:
    """What is left of the computing model's score past the levels that it was trained on."""
    same = (board[["title", "task", "label"]] == best[["title", "task", "label"]]).all(axis=1)
    past = board[same & (board["levels"] == "beyond") & board["exact"].notna()]
    claims = []
    for exact, chance in past[["exact", "chance"]].itertuples(index=False):
        beside = f", where chance is {_share(chance)}" if chance >= TOLD else ""
        claims.append(Claim(None, f"On levels beyond its training, {best['label']} keeps {_share(exact)}{beside}."))
    return claims


def _past_shortcut(networks: pd.DataFrame) -> list[Claim]:
    """On how many tasks each network is surely more than APART beyond the best shortcut."""
    learners = networks[networks["best_shortcut"].notna()]
    if learners.empty:
        return []
    wins = (learners["beyond_shortcut_low"] > APART).groupby(learners["label"]).agg(["sum", "count"])
    wins = wins.sort_values(["sum"], ascending=False, kind="stable")
    told = [f"{label} on {row['sum']} of {row['count']}" for label, row in wins[:NAMED].iterrows()]
    others = wins[NAMED:]
    if len(others):
        told.append(f"{len(others)} other{'s' * (len(others) > 1)} on {others['sum'].sum()} of {others['count'].sum()}")
    return [Claim(None, f"More than {100 * APART:g} points beyond the best shortcut: {listed(told)} tasks.")]


def _methods(trained: pd.DataFrame) -> list[Claim]:
    """On how many tasks the best textbook method is ahead of the best network, and behind it, by both intervals."""
    columns = ["exact", "exact_low", "exact_high"]
    methods, networks = (
        trained[trained["kind"] == kind].sort_values("exact").groupby(["title", "task"])[columns].last()
        for kind in ("method", "network")
    )
    pairs = methods.merge(networks, left_index=True, right_index=True, suffixes=("", "_network"))
    if pairs.empty:
        return []
    ahead = int((pairs["exact_low"] > pairs["exact_high_network"]).sum())
    behind = int((pairs["exact_high"] < pairs["exact_low_network"]).sum())
    told = f"ahead of the best network on {ahead} of {len(pairs)} tasks and behind it on {behind}"
    return [Claim(None, f"Where a textbook method was asked as well, it is {told}.")]
