"""The page that sets two models head to head, chosen by its reader: by how much they differ on each task, and how sure.

Every pair is measured when the page is made: the exact score on the problems that both answered, by the statistics of
`enigmath compare` (see enigmath.reports.comparison), Holm's correction over the rows of the pair. Of many models the
networks and textbook methods are paired, as far as they are the best of the board, and the best shortcut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from enigmath.bench.compare import Paired, mcnemar
from enigmath.bench.intervals import newcombe
from enigmath.reports.comparison import TIE, A, judged
from enigmath.reports.figures import plain
from enigmath.reports.frames import Run, read_table
from enigmath.reports.site import Site, render
from enigmath.reports.text import clipped

MANY = 12
"""Models that are paired at most: every pair is measured on every task."""
EXAMPLES = 3
"""Problems that one of a pair alone got right, shown of each title at most."""
LONGEST = 120
"""Characters of an example's texts."""
PROBLEM = ["seed", "task", "level", "beyond", "key"]


@dataclass(frozen=True)
class Matched:
    """One title's problems against its models: `exact` is 0, 1 or NaN, shape (problems, models); `problems` names them
    by PROBLEM, in the order of their keys; `row` is where each model's prediction stands in its cell, -1 for none.
    """

    problems: pd.DataFrame
    exact: npt.NDArray[np.float64]
    row: npt.NDArray[np.int64]


def compare_page(site: Site) -> Iterator[tuple[str, str]]:
    """The page compare.html: its path in the report and its text; none where there are not two models."""
    if len(site.places.models) < 2:
        return
    labels = compared(site)
    pairs = list(combinations(range(len(labels)), 2))
    results: dict[tuple[int, int], list[tuple[dict[str, Any], Paired]]] = {pair: [] for pair in pairs}
    examples: dict[str, Any] = {"problems": [], "said": [], "only": {}}
    for title in site.titles:
        run = site.run.only(title)
        run = replace(run, cells=run.cells[run.cells["label"].isin(labels)])
        if not len(run.finished):
            continue
        matched = match(run, labels)
        for place, result in _results(matched, pairs):
            panel = site.places.panels.index((title, place["task"]))
            results[place.pop("pair")].append(({**place, "panel": panel, "title": title}, result))
        _add_examples(examples, run, labels, matched, site, title)
    order = [site.places.models.index(label) for label in labels]
    data = {
        "compared": order,
        "pairs": {f"{order[one]} {order[other]}": _columns(found) for (one, other), found in results.items()},
        "examples": {name: examples[name] for name in ("problems", "said", "only")},
    }
    left = len(site.places.models) - len(labels)
    yield (
        "compare.html",
        render(
            "compare.html.jinja",
            site,
            "compare.html",
            "Compare",
            data,
            scripts=("charts.js", "tables.js", "compare.js"),
            styles=("pages.css",),
            labels=[clipped(label, 120) for label in labels],
            left=left,
        ),
    )


def compared(site: Site) -> list[str]:
    """The labels that can be chosen, in the order of the board."""
    finished = set(site.run.finished["label"])
    kinds = site.board.groupby("label")["kind"].first()
    labels = [label for label in site.places.models if label in finished]
    if len(labels) <= MANY:
        return labels
    shortcuts = [label for label in labels if kinds[label] == "shortcut"]
    others = [label for label in labels if label not in shortcuts]
    return [*others[: MANY - 1], *shortcuts[: max(1, MANY - len(others))]]


def match(run: Run, labels: Sequence[str]) -> Matched:
    """The problems of one title, each once, with what every model made of them."""
    rows = run.columns(*PROBLEM[1:], "exact")
    cells = np.flatnonzero(np.diff(rows["cell"].cat.codes, prepend=-1))
    problems: list[pd.DataFrame] = []
    parts: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]] = []
    names = pd.factorize(rows["task"], sort=True)[0], rows["level"].to_numpy(), rows["key"].to_numpy()
    ends = [*cells[1:].tolist(), len(rows)]
    blocks = [_Block(rows, names, first, last) for first, last in zip(cells.tolist(), ends, strict=True)]
    for seed in sorted({block.seed for block in blocks}):
        mine = [block for block in blocks if block.seed == seed]
        alike = [_same(block, mine[0]) for block in mine]
        known = mine[0].rows[PROBLEM].reset_index(drop=True)
        if not all(alike):
            others = [block.rows[PROBLEM] for block, same in zip(mine, alike, strict=True) if not same]
            known = pd.concat([known, *others]).drop_duplicates(ignore_index=True)
        exact, row = np.full((len(known), len(labels)), np.nan), np.full((len(known), len(labels)), -1)
        for block, same in zip(mine, alike, strict=True):
            model, size = labels.index(block.label), len(block.rows)
            place = np.arange(size) if same else _places(known, block.rows)  # the first block's rows stand first
            exact[place, model], row[place, model] = block.rows["exact"].to_numpy(float), np.arange(size)
        problems.append(known)
        parts.append((exact, row))
    joined = pd.concat(problems, ignore_index=True).astype({"task": str})
    order = np.argsort(joined["key"].to_numpy(), kind="stable")
    exact, row = (np.concatenate([part[side] for part in parts])[order] for side in (0, 1))
    return Matched(joined.iloc[order].reset_index(drop=True), exact, row)


class _Block:
    """The rows of one cell; `names` are the columns that tell its problems apart, as plain numbers."""

    def __init__(self, rows: pd.DataFrame, names: Sequence[npt.NDArray[Any]], first: int, last: int) -> None:
        self.rows = rows.iloc[first:last]
        self.names = [column[first:last] for column in names]
        self.seed, self.label = int(self.rows["seed"].iloc[0]), str(self.rows["label"].iloc[0])


def _same(one: _Block, other: _Block) -> bool:
    """Whether two cells of a seed have the same problems in the same order, as those of one data set have."""
    return all(np.array_equal(mine, theirs) for mine, theirs in zip(one.names, other.names, strict=True))


def _places(known: pd.DataFrame, block: pd.DataFrame) -> npt.NDArray[np.intp]:
    index = pd.MultiIndex.from_frame(known[["task", "level", "key"]].astype({"task": str}))
    return index.get_indexer(pd.MultiIndex.from_frame(block[["task", "level", "key"]].astype({"task": str})))


def _results(matched: Matched, pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[dict[str, Any], Paired]]:
    """Each pair on each task and kind of levels where both have scores, as `paired` has it, all pairs at once."""
    places: dict[Any, Any] = matched.problems.groupby(["task", "beyond"]).indices
    for (task, beyond), rows in sorted(places.items()):
        exact, seeds = matched.exact[rows], matched.problems["seed"].to_numpy()[rows]
        right, wrong, told = (exact == 1).astype(float), (exact == 0).astype(float), ~np.isnan(exact)
        counts = [one.T @ other for one, other in ((right, right), (right, wrong), (wrong, right), (wrong, wrong))]
        shared = np.sum(
            [np.outer(have, have) for seed in np.unique(seeds) if (have := told[seeds == seed].any(axis=0)).any()],
            axis=0,
        )
        chosen = [pair for pair in pairs if sum(cell[pair] for cell in counts)]
        if not chosen:
            continue
        one, other = np.array(chosen).T
        both, ahead, behind, neither = (cell[one, other] for cell in counts)
        apart, low, high = newcombe(both, ahead, behind, neither)
        p, n = mcnemar(ahead, behind), both + ahead + behind + neither
        spread = np.sqrt(np.maximum((ahead + behind) / n - apart**2, 0) / n)
        columns = (
            (both + ahead) / n,
            (both + behind) / n,
            apart,
            low,
            high,
            p,
            n.astype(int),
            ahead.astype(int),
            behind.astype(int),
            spread,
        )
        for pair, figures in zip(chosen, zip(*(column.tolist() for column in columns), strict=True), strict=True):
            place = {"task": task, "levels": "beyond" if beyond else "trained", "metric": "exact"}
            yield {**place, "pair": pair, "seeds": int(shared[pair])}, Paired(*figures)


def _columns(found: Sequence[tuple[dict[str, Any], Paired]]) -> dict[str, list[Any]]:
    """The rows of one pair as columns for the page's script; `better` is 1 for the first, -1 the second, 0 a tie."""
    places = {"seeds_a": 0, "seeds_b": 0}
    table = judged([({**places, **place}, result) for place, result in found], {"exact": "share"})
    return {
        "panel": [place["panel"] for place, _ in found],
        "beyond": [int(place["levels"] == "beyond") for place, _ in found],
        "seeds": [place["seeds"] for place, _ in found],
        "n": [int(n) for n in table["n"]],
        **{name: plain(table[name]) for name in ("score_a", "score_b", "difference", "low", "high")},
        "only_a": [int(n) for n in table["only_a"]],
        "only_b": [int(n) for n in table["only_b"]],
        "p": plain(table["p_holm"], 2),
        "better": [0 if verdict == TIE else 1 if verdict == A else -1 for verdict in table["verdict"]],
        "more": plain(table["more"], 3),
    }


def _add_examples(
    examples: dict[str, Any], run: Run, labels: Sequence[str], matched: Matched, site: Site, title: str
) -> None:
    """Add to `only`, by two models' places, the problems that the first alone got right; to `problems` their texts;
    to `said` what the models that were wrong on them said.
    """
    places = [site.places.models.index(label) for label in labels]
    right, wrong = matched.exact == 1, matched.exact == 0
    chosen: dict[int, int] = {}
    for one, other in ((a, b) for a in range(len(labels)) for b in range(len(labels)) if a != b):
        rows = np.flatnonzero(right[:, one] & wrong[:, other])[:EXAMPLES]
        numbers = [chosen.setdefault(int(row), len(examples["problems"]) + len(chosen)) for row in rows]
        examples["only"].setdefault(f"{places[one]} {places[other]}", []).extend(numbers)
    problems = matched.problems.iloc[list(chosen)].to_dict("records")
    texts: list[tuple[str, str]] = [("", "")] * len(chosen)
    said: list[dict[int, str | None]] = [{} for _ in chosen]
    wanted = np.array(list(chosen), dtype=int)
    for label, seed, folder in run.finished[["label", "seed", "folder"]].itertuples(index=False):
        model = labels.index(label)
        mine = [place for place, problem in enumerate(problems) if problem["seed"] == seed]
        mine = [place for place in mine if matched.row[wanted[place], model] >= 0]
        if not mine:
            continue
        table = read_table(Path(folder) / "predictions.parquet", ["question", "answer", "prediction"])
        rows = table.take(pa.array(matched.row[wanted[mine], model])).to_pylist()
        for place, row in zip(mine, rows, strict=True):
            texts[place] = (clipped(row["question"], LONGEST), clipped(row["answer"], LONGEST))
            if wrong[wanted[place], model]:
                told = row["prediction"]
                said[place][places[model]] = None if told is None else clipped(told, LONGEST)
    for problem, text in zip(problems, texts, strict=True):
        panel = site.places.panels.index((title, problem["task"]))
        examples["problems"].append([panel, int(problem["level"]), int(problem["beyond"]), *text])
    examples["said"].extend(said)
