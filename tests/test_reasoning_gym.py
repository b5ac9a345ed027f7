"""reasoning-gym's datasets as tasks: what is asked, how it is judged, and that every process draws the same."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task, read_tasks
from enigmath.bench.data import Part, make_shard
from enigmath.bench.judges import address, verdicts
from enigmath.bench.runner import Place, run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import landed, open_run
from enigmath.generators.reasoning_gym import DECIMAL, JUDGED, LEFT_OUT, RELEASE, WHOLE, names

SLOW = {"futoshiki", "game_of_life", "zebra_puzzles"}
"""Datasets whose hardest problems take seconds each."""


@pytest.fixture(scope="module")
def known() -> dict[str, Task]:
    pytest.importorskip("reasoning_gym", reason="reasoning-gym is not installed: pip install 'enigmath[reasoning-gym]'")
    return {name.partition(":")[2]: task for name, task in read_tasks("reasoning-gym").plugins.items()}


def drawn(task: Task, number: int, count: int, seed: int = 7) -> tuple[list[str], pa.Array]:
    batch = task(np.random.default_rng(seed), count, **task.level(number))
    return batch.question.to_pylist(), batch.answer


def test_every_registered_dataset_is_a_task_or_is_left_out_with_a_reason(known: dict[str, Task]) -> None:
    from reasoning_gym.factory import DATASETS

    assert set(known) | set(LEFT_OUT) == set(DATASETS)
    assert not set(known) & set(LEFT_OUT)
    assert set(known) >= WHOLE | DECIMAL | set(JUDGED)
    for name, reason in LEFT_OUT.items():
        with pytest.raises(UserError, match=f"reasoning-gym:{name}: is no task, because {reason}"):
            find_task(f"reasoning-gym:{name}")


def test_every_answer_is_of_its_tasks_kind_and_right_by_its_own_judge(known: dict[str, Task]) -> None:
    for name, task in known.items():
        for number in (1, len(task.all_levels)) if name not in SLOW else (1,):
            questions, answers = drawn(task, number, 4)
            assert task.answer.canonical(answers).null_count == 0, (name, number)
            if task.check is not None:
                for question, answer in zip(questions, answers.to_pylist(), strict=True):
                    assert task.check(question, answer, answer), (name, answer)


def test_another_process_with_other_hashes_draws_the_same_bytes(known: dict[str, Task]) -> None:
    code = (
        "import hashlib, numpy as np\n"
        "from enigmath.bench.contracts.registry import read_tasks\n"
        "for name, task in read_tasks('reasoning-gym').plugins.items():\n"
        "    batch = task(np.random.default_rng(7), 6, **task.level(1))\n"
        "    text = repr((batch.question.to_pylist(), batch.answer.to_pylist()))\n"
        "    print(name, hashlib.sha256(text.encode()).hexdigest())\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert len(told[0].splitlines()) == len(known)


def test_levels_are_the_steps_of_the_curriculum_with_the_last_beyond(known: dict[str, Task]) -> None:
    task = known["chain_sum"]
    digits = [level["max_digits"] for level in task.all_levels]
    assert digits == sorted(digits)
    assert len(task.levels) == 7
    assert len(task.beyond) == 1
    assert {level["release"] for level in task.all_levels} == {RELEASE}
    assert all(1 <= len(one.all_levels) <= 8 for one in known.values())


@pytest.mark.parametrize(
    ("name", "answer", "right", "wrong"),
    [
        ("prime_factorization", "2 × 3 × 7", "7×2 × 3", "6 × 7"),
        ("palindrome_generation", "abccba", "cbaabc", "abcabc"),
        ("palindrome_partitioning", '[["a", "a"], ["aa"]]', '[["aa"],["a","a"]]', '[["aa"]]'),
        ("group_anagrams", '[["eat", "tea"], ["no", "on"]]', '[["on", "no"], ["tea", "eat"]]', '[["eat", "tea"]]'),
        ("knights_knaves", "Ann is a knight, and Bob is a knave.", "bob is a knave, Ann is a knight", "Ann is a knave"),
        ("polynomial_equations", "-2.5, 1.0", "1,-2.5", "1, -2.4"),
        ("power_function", "1234.5", "1230", "1300"),
        ("word_sorting", "act, bat", "act,bat", "bat, act"),
    ],
)  # fmt: skip
def test_its_own_judge_takes_other_ways_of_writing_and_no_wrong_answer(
    name: str, answer: str, right: str, wrong: str, known: dict[str, Task]
) -> None:
    check = known[name].check
    assert check is not None
    assert check("", answer, right)
    assert not check("", answer, wrong)


def test_hostile_predictions_are_wrong_or_an_error_and_nothing_runs(known: dict[str, Task], tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    hostile = [f"open({str(mark)!r}, 'w')", "[" * 1000, "9" * 1000, "1e999999", "__import__('os')", "\u00d7" * 999]
    for name in JUDGED:
        check, answer = known[name].check, drawn(known[name], 1, 1)[1][0].as_py()
        assert check is not None
        taken = []
        for text in hostile:
            with suppress(Exception):  # in a run, the outcome is then `error`
                taken += [text] if check("", answer, text) else []
        assert not taken, name
    task = known["polynomial_equations"]
    told = [word for word, _ in verdicts(task, [("", "1.0", text) for text in hostile], seconds=20)]
    assert set(told) <= {"wrong", "error"}
    assert not mark.exists()


def test_shards_are_seeded_by_our_streams(known: dict[str, Task]) -> None:
    task = known["basic_arithmetic"]
    shards = [make_shard(Part(task, 1, seed), index) for seed, index in ((0, 0), (0, 0), (0, 1), (1, 0))]
    texts = [shard["question"].to_pylist() for shard in shards]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2] != texts[3]
    assert shards[0]["trait.characters"].to_pylist() == pc.utf8_length(shards[0]["question"]).to_pylist()
    assert find_task(address(task)) is task


def test_a_name_is_read_with_hyphens_too_and_a_wrong_one_is_one_clear_line(known: dict[str, Task]) -> None:
    assert find_task("reasoning-gym:chain-sum") is known["chain_sum"]
    with pytest.raises(UserError, match="no dataset 'chain_sun'; did you mean 'chain_sum'"):
        find_task("reasoning-gym:chain_sun")


def test_where_it_is_not_installed_the_user_is_told_what_to_install() -> None:
    # An import that finds nothing, in a process of its own: what a machine without the package sees.
    code = "import sys; sys.modules['reasoning_gym'] = None; from enigmath.bench.cli import main; main()"
    for words in (["sample", "reasoning-gym:gcd"], ["list", "tasks", "--from", "reasoning-gym"]):
        told = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
        assert told.returncode == 2
        assert "reasoning-gym is not installed; pip install 'enigmath[reasoning-gym]'" in told.stderr
        assert len(told.stderr.splitlines()) == 1


def test_another_release_is_refused_because_it_was_not_read(
    known: dict[str, Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reasoning_gym-9.0.dist-info").mkdir()
    (tmp_path / "reasoning_gym-9.0.dist-info" / "METADATA").write_text("Name: reasoning-gym\nVersion: 9.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UserError, match=r"reasoning-gym 9\.0 is installed, and .* is needed; pip install"):
        names()


def test_a_suite_runs_with_a_dataset_of_reasoning_gym(known: dict[str, Task], tmp_path: Path) -> None:
    suite = tmp_path / "gym.toml"
    suite.write_text(
        'name = "gym"\ntrain = 150\nvalidation = 20\ntest = 20\n[[tasks]]\nname = "reasoning-gym:prime_factorization"\n'
        'levels = [1]\nbeyond = true\n[[models]]\nname = "majority"\n[[models]]\nname = "nearest-ngrams"\n'
    )
    session = plan(str(suite), out=tmp_path / "run")
    open_run(session.run, session.path.read_text())
    for cell in session.cells:
        run_cell(cell, Place(session.run, tmp_path / "cache"))
    for cell in landed(session.run).values():
        assert cell.record["status"] == "finished"
        assert cell.record["proof"]["overlaps"] == cell.record["proof"]["text_overlaps"] == 0
    assert len(landed(session.run)) == 2
