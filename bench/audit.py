"""Audits: what a task's problems are, level by level, in plain figures, and whether anything leaks or contradicts.

Everything here is a pure function of the task, the level, the seed and the number of problems, but for the rate.
"""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import SPLITS, Task, UserError, describe, skeletons
from enigmath.bench.data import PATIENCE, REJECTED, Part, make_shard, splits_of


@dataclass(frozen=True)
class Overlaps:
    """What stands in more than one split of the problems drawn. The first two are zero, or the task leaks."""

    text: int
    """Different questions, word for word, that stand in two splits or more."""
    key: int
    """Different keys that stand in two splits or more."""
    skeleton: float
    """The share of validation and test problems whose skeleton stands in training; only a split by it makes this 0."""


@dataclass(frozen=True)
class Answers:
    """How the answers are distributed."""

    distinct: int
    entropy: float
    """In bits."""
    commonest: str
    commonest_share: float
    signs: Mapping[str, float] | None
    """Shares of negative, zero and positive numbers; None for a kind that is not numeric."""
    magnitudes: Mapping[int, float] | None
    """Shares of the numbers that are not zero by the whole part of log10; None for a kind that is not numeric."""
    contradictions: int
    """Questions that stand twice with different answers: zero, unless the task has a judge of its own."""


@dataclass(frozen=True)
class LevelAudit:
    """One level. Lengths are in characters, each with how many problems have it; `rate` is in problems a second."""

    level: int
    name: str
    beyond: bool
    draws: int
    problems: int
    unique: float
    """The share of different keys among the problems."""
    rejected: Mapping[str, int]
    skeletons: int
    overlaps: Overlaps
    answers: Answers
    question_lengths: Mapping[int, int]
    answer_lengths: Mapping[int, int]
    rate: float


@dataclass(frozen=True)
class Audit:
    """One task: its levels, and the overlaps over all of them together."""

    task: str
    version: int
    seed: int
    levels: Sequence[LevelAudit]
    overlaps: Overlaps
    source: Mapping[str, Any] | None = None
    """What the files hold that the task is made from: see `source_of`."""
    faults: Sequence[str] = field(default_factory=tuple)
    """One line for each thing that must not be; none means clean."""


def audit(task: Task, numbers: Sequence[int] = (), count: int | None = None, seed: int = 0) -> Audit:
    """Draw `count` problems a level, or the first shard where it is None, and describe them.

    `numbers` are the levels; all of them when empty. Raises UserError for a level that does not exist, a count below 1
    and a level that yields no problem.
    """
    if count is not None and count < 1:
        raise UserError(f"cannot audit {count} problems", where="--count", mend="give 1 or more")
    levels, drawn = [], []
    for number in numbers or range(1, len(task.all_levels) + 1):
        problems, rejected, seconds = draw(Part(task, number, seed), count)
        drawn.append(problems.select(["key", "question"]))
        levels.append(_describe(task, number, problems, rejected, seconds))
    whole = overlaps(pa.concat_tables(drawn))
    return Audit(task.name, task.version, seed, levels, whole, source_of(task), faults(task, levels, whole))


def source_of(task: Task) -> Mapping[str, Any] | None:
    """What a task that is made from files says of them, where its function has a `report()`; None for any other.

    The entries: `problems` and `duplicates` by file, and `overlaps`, each with its two `files` and how many `questions`
    they share.
    """
    report = getattr(task.function, "report", None)
    return report() if report else None


def source_line(task: Task) -> str:
    """The duplicates and overlaps of a task's files in one line; empty where it is made from none."""
    source = source_of(task)
    if source is None:
        return ""
    files, pairs = len(source["problems"]), len(source["overlaps"])
    twice, shared = sum(source["duplicates"].values()), sum(overlap["questions"] for overlap in source["overlaps"])
    return (
        f"{task.name}: {twice:,} duplicates within files ({files} in all), {shared:,} questions in two files "
        f"({pairs} pairs of files); here no two splits share one."
    )


def draw(part: Part, count: int | None = None) -> tuple[pa.Table, Counter[str], float]:
    """The first `count` problems (None: the first shard's), the rejected draws by reason, and the seconds it took."""
    tables: list[pa.Table] = []
    rejected: Counter[str] = Counter()
    rows = empty = 0
    began = time.perf_counter()
    while not tables or (count is not None and rows < count):
        shard = make_shard(part, len(tables))
        splits_of(shard)
        rejected.update(json.loads(shard.schema.metadata[REJECTED.encode()]))
        empty = 0 if shard.num_rows else empty + 1
        if empty >= PATIENCE or (count is None and empty):
            raise UserError(f"no problem in {empty * part.task.draws:,} draws", where=part.where)
        tables.append(shard)
        rows += shard.num_rows
    seconds = time.perf_counter() - began
    whole = pa.concat_tables(tables).combine_chunks()
    # The time is that of all the problems; the share that is kept took its share of it.
    kept = whole.slice(0, count)
    return kept, rejected, seconds * kept.num_rows / whole.num_rows


def _describe(task: Task, number: int, problems: pa.Table, rejected: Counter[str], seconds: float) -> LevelAudit:
    rows = problems.num_rows
    return LevelAudit(
        level=number,
        name=describe(task.level(number)),
        beyond=task.is_beyond(number),
        draws=rows + sum(rejected.values()),
        problems=rows,
        unique=len(pc.unique(problems["key"])) / rows,
        rejected=dict(sorted(rejected.items())),
        skeletons=len(np.unique(skeletons(problems["question"]))),
        overlaps=overlaps(problems),
        answers=describe_answers(task, problems),
        question_lengths=_lengths(problems["question"]),
        answer_lengths=_lengths(problems["answer"]),
        rate=rows / seconds,
    )


def overlaps(problems: pa.Table) -> Overlaps:
    """What the splits of these problems share, by the columns key and question."""
    splits = splits_of(problems)
    shapes = skeletons(problems["question"])
    held = splits != SPLITS.index("train")
    known = np.isin(shapes[held], shapes[~held])
    return Overlaps(
        text=_in_two_splits(problems["question"], splits),
        key=_in_two_splits(problems["key"], splits),
        skeleton=float(known.mean()) if held.any() else 0.0,
    )


def _in_two_splits(column: pa.ChunkedArray, splits: Any) -> int:
    pairs = pa.table({"value": column, "split": splits}).group_by("value").aggregate([("split", "count_distinct")])
    return int(pc.sum(pc.greater(pairs["split_count_distinct"], 1)).as_py() or 0)


def describe_answers(task: Task, problems: pa.Table) -> Answers:
    """The distribution of the column answer."""
    counted = problems["answer"].value_counts()
    shares = counted.field("counts").to_numpy() / problems.num_rows
    most = int(np.argmax(shares))
    texts = problems.group_by("question").aggregate([("answer", "count_distinct")])
    values = task.answer.values(task.answer.canonical(problems["answer"].combine_chunks())).ravel()
    return Answers(
        distinct=len(shares),
        entropy=abs(float(-(shares * np.log2(shares)).sum())),
        commonest=counted.field("values")[most].as_py(),
        commonest_share=float(shares[most]),
        signs=_signs(values) if len(values) else None,
        magnitudes=_magnitudes(values) if len(values) else None,
        contradictions=int(pc.sum(pc.greater(texts["answer_count_distinct"], 1)).as_py() or 0),
    )


def _signs(values: Any) -> dict[str, float]:
    tests = {"negative": values < 0, "zero": values == 0, "positive": values > 0}
    return {name: float(np.mean(found)) for name, found in tests.items()}


def _magnitudes(values: Any) -> dict[int, float]:
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    orders, counts = np.unique(np.floor(np.log10(sizes)).astype(np.int64), return_counts=True)
    return dict(zip(orders.tolist(), (counts / len(values)).tolist(), strict=True))


def _lengths(texts: pa.ChunkedArray) -> dict[int, int]:
    found, counts = np.unique(pc.utf8_length(texts).to_numpy(), return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def spread(lengths: Mapping[int, int]) -> tuple[int, int, int]:
    """The least, the median (the lower one of two) and the greatest of counted lengths.

    >>> spread({3: 1, 4: 5, 9: 1})
    (3, 4, 9)
    """
    ordered = sorted(lengths)
    below = np.cumsum([lengths[length] for length in ordered])
    return ordered[0], ordered[int(np.searchsorted(below, (below[-1] + 1) // 2))], ordered[-1]


def faults(task: Task, levels: Sequence[LevelAudit], whole: Overlaps) -> list[str]:
    """One line for each thing that must not be."""
    open_ended = task.likelihood  # one question, many answers: what must not stand in two splits are they, by key
    lines = []
    if whole.text and not open_ended:
        lines.append(f"{task.name}: {whole.text:,} questions stand in two splits; mend the task's key")
    if whole.key:
        lines.append(f"{task.name}: {whole.key:,} keys stand in two splits")
    for level in levels:
        twice = level.answers.contradictions
        if twice and task.check is None and not open_ended:
            lines.append(f"{task.name} level {level.level} ({level.name}): {twice:,} questions have two answers")
    return lines


def as_json(audits: Sequence[Audit]) -> str:
    """The audits as JSON text, by their fields' names."""
    return json.dumps({"audits": [asdict(one) for one in audits]}, indent=1, ensure_ascii=False) + "\n"
