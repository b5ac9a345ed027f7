"""Datasets: shards of problems, the splits taken from them, and the proof that nothing leaks.

A shard is a fixed number of draws from its own stream, named by (task, version, level, seed, index); any worker makes
any shard and gets the same bytes. Each problem goes to the split that its key's hash says, so one shard serves all
three splits and no two splits share a key, by construction. Split by skeleton, a problem belongs to a split only
where the hashes of its key and of its skeleton say the same, and to none otherwise: then no two splits share a
skeleton either. A split is the first n of its problems in shard order: the first n of 2n are the n.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enigmath.bench.contracts import (
    SPLITS,
    Batch,
    Keys,
    Problem,
    Task,
    UserError,
    describe,
    hash_text,
    skeletons,
    split_of,
)
from enigmath.bench.contracts.registry import source_files
from enigmath.bench.streams import stream

FORMAT: Final = 2
"""Rises when the same generator would give other bytes through this module."""

OWN: Final = ("key", "question", "answer")
"""Columns whose values hardly repeat: a dictionary of them would be written for nothing, in twice the time."""

PATIENCE: Final = 16
"""Shards in a row without a new problem after which a space counts as exhausted."""

REJECTED: Final = "rejected"
"""The entry of a shard's metadata that counts its rejected draws by reason, as JSON."""

SplitBy = Literal["key", "skeleton"]
"""What no two splits share: keys; or keys and skeletons, so that the structures of test problems are new."""

Mapper = Callable[[Callable[[int], pa.Table], Iterable[int]], Iterable[pa.Table]]
"""How shards are made: `map`, or the `map` of any executor."""


@dataclass(frozen=True)
class Part:
    """One level of one task at one seed: what a stream of shards is drawn from."""

    task: Task
    number: int
    seed: int

    @property
    def where(self) -> str:
        """How errors name it."""
        return f"{self.task.name} level {self.number} ({describe(self.task.level(self.number))})"


def source_digest(thing: Any) -> str:
    """The hash of the source files that define a plug-in, 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for path in source_files(thing):
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def make_shard(part: Part, index: int) -> pa.Table:
    """One shard, all splits together: task, level, key, question, answer and a column for each trait.

    Raises UserError when the generator raises or returns columns of unequal length.
    """
    level = part.task.level(part.number)
    rng = stream("data", part.task.name, part.task.version, describe(level), part.seed, index)
    try:
        if part.task.bulk:
            batch = part.task(rng, part.task.draws, **level)
        else:
            batch = _columns(part.task, [part.task(rng, **level) for _ in range(part.task.draws)])
        return _table(part, batch)
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UserError(f"the generator failed on shard {index}: {reason}", where=part.where) from error


def _columns(task: Task, drawn: Sequence[Problem | str | None]) -> Batch:
    problems = [problem for problem in drawn if isinstance(problem, Problem)]
    names = list(problems[0].traits) if problems else []
    return Batch(
        question=pa.array([problem.question for problem in problems], pa.string()),
        answer=pa.array([task.answer.write(problem.answer) for problem in problems], pa.string()),
        key=hash_text(pa.array([problem.key or problem.question for problem in problems], pa.string())),
        traits={name: pa.array([problem.traits[name] for problem in problems]) for name in names},
        rejected=Counter(reason or "rejected" for reason in drawn if not isinstance(reason, Problem)),
    )


def _table(part: Part, batch: Batch) -> pa.Table:
    rows = len(batch.question)
    if batch.question.null_count or (rows and pc.min(pc.binary_length(batch.question)).as_py() == 0):
        raise UserError("a question is empty", where=part.where, mend="every problem needs a text to ask")
    answer = batch.answer if isinstance(batch.answer, pa.Array) else pa.array(batch.answer)
    columns = {
        "task": pa.array([part.task.name]).take(pa.array(np.zeros(rows, np.int8))),
        "level": pa.array(np.full(rows, part.number, np.int16)),
        "key": pa.array(batch.key),
        "question": pc.cast(batch.question, pa.string()),
        "answer": pc.cast(answer, pa.string()),
    }
    for name, values in batch.traits.items():
        columns[f"trait.{name}"] = values if isinstance(values, pa.Array) else pa.array(values)
    unexplained = part.task.draws - rows - sum(batch.rejected.values())
    rejected = {**batch.rejected, **({"rejected": unexplained} if unexplained else {})}
    return pa.table(columns).replace_schema_metadata({REJECTED: json.dumps(rejected)})


def read_shard(part: Part, folder: Path | None, index: int) -> pa.Table:
    """One shard from the cache folder, made and kept there when it is missing or torn."""
    if folder is None:
        return make_shard(part, index)
    path = folder / f"seed{part.seed}-{index:05d}.parquet"
    try:
        with pq.ParquetFile(path, memory_map=True) as file:  # half the time of read_table, which looks for folders
            return file.read(use_threads=False)
    except (OSError, pa.ArrowInvalid):
        made = make_shard(part, index)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}.aside")
        try:
            pq.write_table(made, aside, use_dictionary=[name for name in made.column_names if name not in OWN])
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        mend = "set ENIGMATH_CACHE to a folder that can be written"
        raise UserError(f"the cache cannot be written: {error.strerror}", where=str(folder), mend=mend) from None
    return made


def cache_folder(part: Part, cache: Path | None) -> Path | None:
    """Where a part's shards are kept: a folder named by the hash of everything that makes them."""
    if cache is None:
        return None
    level = describe(part.task.level(part.number))
    identity = (
        FORMAT,
        part.task.name,
        part.task.version,
        level,
        part.task.draws,
        part.number,
        source_digest(part.task),
    )
    digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
    return cache / f"{part.task.name.replace('/', '-')}-{digest}"


@dataclass
class Taken:
    """What has been taken so far, over one part or several: the keys per split, the repeats left out, the shards."""

    keys: dict[str, set[int]] = field(default_factory=lambda: {split: set() for split in SPLITS})
    duplicates: int = 0
    shards: list[int] = field(default_factory=list)
    """How many shards were made of each part, in the order of the parts."""


def take(
    part: Part,
    counts: Mapping[str, int],
    cache: Path | None = None,
    mapper: Mapper = map,
    taken: Taken | None = None,
    split_by: SplitBy = "key",
) -> dict[str, pa.Table]:
    """The first problems of each split, as many as `counts` says; those for validation and test without duplicates.

    With `taken`, problems that earlier parts gave to validation or test are left out as well. Split by skeleton,
    problems whose key and skeleton fall into different splits are in none (about a third of them). Raises UserError
    when a count is negative, or when the level has fewer different problems, or skeletons, than asked.
    """
    for split, count in counts.items():
        if count < 0:
            raise UserError(f"cannot take {count} {split} problems", where=part.where, mend="ask for 0 or more")
    make = partial(read_shard, part, cache_folder(part, cache))
    taken = taken or Taken()
    gathered: dict[str, list[pa.Table]] = {split: [] for split in counts}
    have = dict.fromkeys(counts, 0)
    made = draws = stale = 0
    while any(have[split] < count for split, count in counts.items()):
        window = _window(made, have, counts)
        for shard in mapper(make, range(made, made + window)):
            draws += shard.num_rows
            before = dict(have)
            splits = splits_of(shard, split_by)
            for split, count in counts.items():
                rows = np.flatnonzero(splits == SPLITS.index(split))
                if split != "train":
                    rows = _unseen(shard, rows, count - have[split], taken, split)
                kept = rows[: count - have[split]]
                gathered[split].append(shard.take(pa.array(kept)))
                have[split] += len(kept)
            stale = 0 if have != before else stale + 1
            if stale >= PATIENCE:
                _require_enough(part, counts, have, draws, split_by)
        made += window
    taken.shards.append(made)
    return {split: _joined(tables, make) for split, tables in gathered.items()}


NO_SPLIT: Final = 255
"""The split of a problem that belongs to none."""


def splits_of(problems: pa.Table, split_by: SplitBy = "key") -> npt.NDArray[np.uint8]:
    """The split of each problem as an index into SPLITS; NO_SPLIT where its key and its skeleton disagree."""
    splits = split_of(problems["key"].to_numpy())
    if split_by == "skeleton":
        splits[splits != split_of(skeletons(problems["question"]))] = NO_SPLIT
    return splits


def _window(made: int, have: Mapping[str, int], counts: Mapping[str, int]) -> int:
    """How many shards to make next: one to begin with, then as many as the yield so far suggests."""
    if not made:
        return 1
    wanted = max(
        (counts[split] - have[split]) * made / max(have[split], 1) for split in counts if counts[split] > have[split]
    )
    return int(min(max(1, np.ceil(wanted)), 64, 4 * made))


def _unseen(shard: pa.Table, rows: Any, wanted: int, taken: Taken, split: str) -> Any:
    """The first `wanted` rows whose keys are new to the split; they count as taken, repeats before them as dropped."""
    known = taken.keys[split]
    kept: list[int] = []
    for row, key in zip(rows.tolist(), shard["key"].to_numpy()[rows].tolist(), strict=True):
        if len(kept) >= wanted:
            break
        if key in known:
            taken.duplicates += 1
        else:
            known.add(key)
            kept.append(row)
    return np.array(kept, np.int64)


def _require_enough(part: Part, counts: Mapping[str, int], have: Mapping[str, int], draws: int, by: SplitBy) -> None:
    larger = "level with a larger space" if by == "key" else "level with more skeletons, or split by key"
    for split, count in counts.items():
        if have[split] < count:
            raise UserError(
                f"asked for {count:,} {split} problems, and only {have[split]:,} different ones exist "
                f"(no new one in the last {PATIENCE} shards of {draws:,} draws)",
                where=part.where,
                mend=f"ask for at most {have[split]:,}, or take a {larger}",
            )


def _joined(tables: Sequence[pa.Table], make: Callable[[int], pa.Table]) -> pa.Table:
    return pa.concat_tables(tables) if tables else make(0).slice(0, 0)


def together(tables: Sequence[pa.Table], *order: str | int) -> pa.Table:
    """Tables one after another, columns that only some have filled with null; with `order`, shuffled by that stream."""
    whole = pa.concat_tables(tables, promote_options="default").combine_chunks()
    if not order:
        return whole
    return whole.take(pa.array(stream("order", *order).permutation(whole.num_rows)))


def digest(table: pa.Table) -> str:
    """The hash of a table's content, 64 hexadecimal digits: equal on every machine for equal problems."""
    whole = hashlib.sha256()
    for name in sorted(table.column_names):
        words = table[name].to_numpy() if name == "key" else _hashed(table[name].combine_chunks(), name == "question")
        whole.update(name.encode() + b"\x00" + words.astype("<u8").tobytes())
    return whole.hexdigest()


def _hashed(column: pa.Array, distinct: bool) -> Keys:
    """The hash of each value as text; where values are not all distinct, each is hashed once."""
    if distinct:
        return hash_text(pc.fill_null(pc.cast(column, pa.string()), "\x00"))
    encoded = column.dictionary_encode(null_encoding="encode")
    hashes: Keys = _hashed(encoded.dictionary, True)[encoded.indices.to_numpy()]
    return hashes


@dataclass(frozen=True)
class Proof:
    """The evidence that no problem of one split stands in another."""

    pairs: int
    """Pairs of problems from different splits that the comparison covers."""
    overlaps: int
    """Pairs of splits' problems that share a key: zero, or the run stops."""
    text_overlaps: int
    """Validation and test questions that stand word for word in training."""
    train_distinct: int
    """Different problems among those for training, which may repeat."""
    duplicates: int
    """Draws left out of validation and test because their key was there already."""
    skeleton_overlaps: int | None = None
    """Pairs of splits' problems that share a skeleton: zero where skeletons decide the split, else not counted."""


def prove(train: pa.Table, validation: pa.Table, test: pa.Table, duplicates: int, split_by: SplitBy = "key") -> Proof:
    """Compare every pair of splits by key and by text; split by skeleton, by skeleton too."""
    keys = [_distinct(split["key"].to_numpy()) for split in (train, validation, test)]
    shapes = [_distinct(skeletons(split["question"])) for split in (train, validation, test) if split_by == "skeleton"]
    sizes = [split.num_rows for split in (train, validation, test)]
    texts = [_standing(split["question"], train["question"]) for split in (validation, test)]
    return Proof(
        pairs=sizes[0] * sizes[1] + sizes[0] * sizes[2] + sizes[1] * sizes[2],
        overlaps=_shared(keys),
        text_overlaps=sum(texts),
        train_distinct=len(keys[0]),
        duplicates=duplicates,
        skeleton_overlaps=_shared(shapes) if shapes else None,
    )


def _distinct(words: Keys) -> Keys:
    """The words in order, each once; by sorting: numpy.unique hashes, fifty times as long for a million."""
    ordered = np.sort(words)
    first = np.ones(len(words), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _standing(few: pa.ChunkedArray, many: pa.ChunkedArray) -> int:
    """How many of the few texts stand among the many; only the few are put into a table to look up."""
    found = many.filter(pc.is_in(many, value_set=few))
    return pc.sum(pc.is_in(few, value_set=found)).as_py() or 0


def _shared(words: Sequence[Keys]) -> int:
    """How many words stand in two of three sorted sets, counted for each pair."""
    return sum(_common(*sorted((words[a], words[b]), key=len)) for a, b in ((0, 1), (0, 2), (1, 2)))


def _common(few: Keys, many: Keys) -> int:
    """How many of the few stand among the many, both sorted and without repeats: no need to sort them together."""
    if not len(many):
        return 0
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return int((many[places] == few).sum())
