"""Near-duplicates: accuracy on problems whose like is in training, and on those whose like is not."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Keys, hash_text, probe, skeletons
from enigmath.bench.intervals import difference, interval
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.shortcut import ABOVE_CHANCE, METRICS, chance
from enigmath.bench.probes.subject import Mask, Subject

if TYPE_CHECKING:
    import pandas as pd

ENOUGH: Final = 50
"""Fewer matched pairs than these say nothing."""
NO_LOSS: Final = 0.1
"""A loss on problems without their like in training whose interval ends below it is none."""
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)


@probe("near-duplicates")
def near_duplicates(subject: Subject) -> "pd.DataFrame":
    """Is it right more often on test problems whose like is in training than on equally hard ones whose like is not?

    The like is, by turns: a problem of the same skeleton (numbers and variables masked); one of the same skeleton with
    all numbers but one the same; one with the same numbers and signs in another order. Each problem without is paired
    with one that has it, of the same level, traits and length: `accuracy` of both sides, `with less without` (paired),
    exactly right and within ten percent. `share with` tells how many test problems have it: at 0 or 1, as of the
    skeletons of plain sums, there is nothing to compare, and the likeness does not discriminate.

    Says, from 50 pairs on: `looks up` where accuracy with, by either metric, exceeds that without, and that without is
    under half of that with, intervals and all; `computes` where accuracy without, exactly right, lies a tenth above
    chance, and less than a tenth below that with, intervals and all. Weakness: a new structure may be harder than its
    length and traits tell, so a model that computes known structures and generalises badly may seem to look up.
    """
    return findings(
        row for likeness, known in _likenesses(subject).items() for row in _compared(subject, likeness, known)
    )


def _likenesses(subject: Subject) -> Mapping[str, Mask]:
    """Which test problems have their like in training, shape (n,), by what is alike."""
    train, test = (table["question"].combine_chunks() for table in (subject.data.train, subject.told))
    shapes = skeletons(train), skeletons(test)
    numbers = [[_NUMBER.findall(text) for text in texts.to_pylist()] for texts in (train, test)]
    found = {"skeleton": np.isin(shapes[1], shapes[0])}
    width = max(map(len, numbers[1]), default=0)
    if 2 <= width <= 8:
        all_but_one = np.zeros(len(test), dtype=bool)
        for place in range(width):
            known, asked = (_without(place, *both) for both in zip(shapes, numbers, strict=True))
            has = np.array([len(row) > place for row in numbers[1]])
            all_but_one |= np.isin(asked, known) & has
        found["all numbers but one"] = all_but_one
    known, asked = (_unordered(texts) for texts in (train, test))
    found["another order"] = np.isin(asked, known) & ~np.isin(hash_text(test), hash_text(train))
    return found


def _without(place: int, shapes: Keys, numbers: list[list[str]]) -> Keys:
    """A key of each question's skeleton and numbers but that at the place."""
    rest = [",".join([*row[:place], "?", *row[place + 1 :]]) for row in numbers]
    return hash_text(pa.array(rest, pa.string())) ^ shapes


def _unordered(questions: pa.Array) -> Keys:
    """A key of each question's numbers and other characters, whatever their order."""
    parts = [sorted(re.findall(r"[0-9.]+|[a-z]+|\S", text)) for text in questions.to_pylist()]
    return hash_text(pa.array([" ".join(part) for part in parts], pa.string()))


def _compared(subject: Subject, likeness: str, known: Mask) -> Iterator[Row]:
    yield share("share with", known, by=likeness)
    having, lacking = _pairs(_difficulty(subject), known)
    yield number("matched pairs", len(having), by=likeness, n=len(having))
    if not len(having):
        return
    for metric in METRICS:
        values = subject.scores[metric].to_numpy().astype(np.float64)
        ours, theirs = values[having], values[lacking]
        if np.isnan(ours).all():
            continue
        part = {"by": likeness, "metric": metric}
        more = difference(ours, theirs)
        rest = share("accuracy", theirs, group="without", **part)
        says = ""
        if len(having) >= ENOUGH:
            if more.low > 0 and interval(theirs - ours / 2, "mean").high < 0:
                says = LOOKS_UP
            elif metric == "exact" and more.high < NO_LOSS and rest["low"] > chance(subject) + ABOVE_CHANCE:
                says = COMPUTES
        yield share("accuracy", ours, group="with", **part)
        yield rest
        yield number("with less without", more.estimate, low=more.low, high=more.high, n=more.size, says=says, **part)


def _difficulty(subject: Subject) -> Keys:
    """A key of what makes each test problem hard: its task, level, traits and length, of many values by fifths."""
    told = subject.told
    columns = [told["task"], told["level"], *(told[name] for name in told.schema.names if name.startswith("trait."))]
    lengths = pc.utf8_length(told["question"])
    texts = [_coarse(column) for column in (*columns, lengths)]
    return hash_text(pc.binary_join_element_wise(*texts, "|"))


def _coarse(column: pa.ChunkedArray) -> pa.Array:
    """A column as texts; numbers of more than 10 values by fifths."""
    values = column.combine_chunks()
    if (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)) and pc.count_distinct(
        values
    ).as_py() > 10:
        numbers = values.to_numpy(zero_copy_only=False).astype(np.float64)
        edges = np.nanquantile(numbers, [0.2, 0.4, 0.6, 0.8])
        return pa.array(np.searchsorted(edges, numbers).astype(str), pa.string())
    return pc.fill_null(pc.cast(values, pa.string()), "")


def _pairs(strata: Keys, known: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows with and rows without, pair by pair of one stratum; each row in one pair at most, in test order."""
    having, lacking = [], []
    order = np.argsort(strata, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(strata[order])) + 1):
        one, other = rows[known[rows]], rows[~known[rows]]
        count = min(len(one), len(other))
        having.append(one[:count])
        lacking.append(other[:count])
    return np.concatenate(having), np.concatenate(lacking)
