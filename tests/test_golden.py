"""Each version of each task yields the same bytes for ever, and no question in two splits.

The hashes in golden_tasks.json say which bytes.

A change that alters what a task yields must raise its `version`; a further level need not. Then `python
tests/test_golden.py` writes the hashes of the new versions and levels, and refuses to touch those that stand.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from enigmath.bench.contracts import SPLITS, Task, describe
from enigmath.bench.contracts.registry import find_task, tasks
from enigmath.bench.data import Part, digest, make_shard, splits_of

GOLDEN = Path(__file__).with_name("golden_tasks.json")
ROWS = 1_000


def ours() -> dict[str, Task]:
    """The installed tasks of this project by `name@version`; a stranger's package may add its own."""
    found = tasks().plugins.values()
    return {f"{task.name}@{task.version}": task for task in found if task.function.__module__.startswith("enigmath.")}


def first_shards(task: Task) -> list[pa.Table]:
    """The first shard of each level, at seed 0."""
    return [make_shard(Part(task, number, 0), 0) for number in range(1, len(task.all_levels) + 1)]


def hashes(task: Task, shards: list[pa.Table]) -> dict[str, str]:
    """For each level, the hash of the first problems of the first shard, traits included."""
    levels = map(describe, task.all_levels)
    return {level: digest(shard.slice(0, ROWS))[:16] for level, shard in zip(levels, shards, strict=True)}


def test_every_task_of_this_version_has_golden_hashes_and_no_others_do() -> None:
    assert sorted(json.loads(GOLDEN.read_text())) == sorted(ours())


@pytest.fixture(scope="module", params=sorted(ours()))
def drawn(request: pytest.FixtureRequest) -> tuple[str, list[pa.Table]]:
    """A task by `name@version` with its first shards, drawn once for all that is asked of them."""
    return request.param, first_shards(ours()[request.param])


def test_a_version_of_a_task_yields_the_same_bytes_for_ever(drawn: tuple[str, list[pa.Table]]) -> None:
    name, shards = drawn
    known = json.loads(GOLDEN.read_text())[name]
    assert hashes(ours()[name], shards) == known, "raise the task's version, then write its hashes"


def test_no_question_stands_in_two_splits_at_any_level_of_any_task(drawn: tuple[str, list[pa.Table]]) -> None:
    """Over all levels together: what one level trains on, no other level tests on, word for word.

    Where one question has many answers, a text to be modelled, it is the answers that must not. The control of memory
    repeats its questions on purpose at the levels that it calls known.
    """
    task = ours()[drawn[0]]
    shards = [shard for shard, level in zip(drawn[1], task.all_levels, strict=True) if not level.get("known")]
    asked = "answer" if task.likelihood else "question"
    problems = pa.concat_tables(shard.select(["key", asked]) for shard in shards).rename_columns(["key", "question"])
    splits = splits_of(problems)
    assert (splits == SPLITS.index("train")).any()
    questions = problems["question"].combine_chunks().dictionary_encode()
    homes = np.unique(questions.indices.to_numpy() * len(SPLITS) + splits)
    assert len(homes) == len(questions.dictionary), "a question has keys of two splits: mend the task's key"


def test_another_seed_gives_other_problems() -> None:
    shards = [make_shard(Part(find_task("arithmetic/addition"), 5, seed), 0).slice(0, ROWS) for seed in (0, 1)]
    assert digest(shards[0]) != digest(shards[1])


def write() -> int:
    """Add the hashes of new versions and of further levels; 1 when a level of a version that stands would change."""
    known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    made = {name: hashes(task, first_shards(task)) for name, task in sorted(ours().items())}
    changed = [name for name in made if not known.get(name, {}).items() <= made[name].items()]
    if changed:
        print(f"{', '.join(changed)}: what is yielded has changed; raise the version")
        return 1
    GOLDEN.write_text(json.dumps(made, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(write())
