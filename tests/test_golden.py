"""Each version of each task yields the same bytes for ever: the hashes in golden_tasks.json say which.

A change that alters what a task yields must raise its `version`. Then `python tests/test_golden.py` writes the hashes
of the new versions, and refuses to touch those of a version that stands.
"""

import json
import sys
from pathlib import Path

import pytest

from enigmath.bench.contracts import Task, describe
from enigmath.bench.contracts.registry import find_task, tasks
from enigmath.bench.data import Part, digest, make_shard

GOLDEN = Path(__file__).with_name("golden_tasks.json")
ROWS = 1_000


def ours() -> dict[str, Task]:
    """The installed tasks of this project by `name@version`; a stranger's package may add its own."""
    found = tasks().plugins.values()
    return {f"{task.name}@{task.version}": task for task in found if task.function.__module__.startswith("enigmath.")}


def hashes(task: Task) -> dict[str, str]:
    """For each level, the hash of the first problems of the first shard, traits included."""
    shards = (make_shard(Part(task, number, 0), 0) for number in range(1, len(task.all_levels) + 1))
    levels = map(describe, task.all_levels)
    return {level: digest(shard.slice(0, ROWS))[:16] for level, shard in zip(levels, shards, strict=True)}


def test_every_task_of_this_version_has_golden_hashes_and_no_others_do() -> None:
    assert sorted(json.loads(GOLDEN.read_text())) == sorted(ours())


@pytest.mark.parametrize("name", sorted(ours()))
def test_a_version_of_a_task_yields_the_same_bytes_for_ever(name: str) -> None:
    task = find_task(name.partition("@")[0])
    assert hashes(task) == json.loads(GOLDEN.read_text())[name], "raise the task's version, then write its hashes"


def test_another_seed_gives_other_problems() -> None:
    task = find_task("arithmetic/addition")
    assert digest(make_shard(Part(task, 5, 1), 0).slice(0, ROWS))[:16] != hashes(task)["digits=5"]


def write() -> int:
    """Add the hashes of new versions; 1 when a version that stands would change."""
    known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    made = {name: hashes(task) for name, task in sorted(ours().items())}
    changed = [name for name in made if known.get(name, made[name]) != made[name]]
    if changed:
        print(f"{', '.join(changed)}: what is yielded has changed; raise the version")
        return 1
    GOLDEN.write_text(json.dumps(made, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(write())
