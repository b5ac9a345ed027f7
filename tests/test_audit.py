"""Audits: figures against a count by hand, leaks and contradictions found, and bad input in one line."""

import json
import math
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from test_cli import in_process

from enigmath.bench.audit import audit, draw, overlaps, spread
from enigmath.bench.cli.auditing import picture, run_audit
from enigmath.bench.contracts import Integer, Problem, UserError, hash_text, split_of, task
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, make_shard

LEAKY = '''
from enigmath.bench.contracts import Integer, Problem, task

@task("toy/leaky", answer=Integer(), levels=[dict(top=5)])
def leaky(rng, top):
    """A question whose key is another one at every draw, and whose answer is too."""
    number = int(rng.integers(0, top))
    return Problem(f"q{number}", int(rng.integers(0, 9)), key=str(rng.random()))
'''


@task("toy/differences", answer=Integer(), levels=[{"top": 6}, {"top": 40}], beyond=[{"top": 90}], draws=256)
def differences(rng: np.random.Generator, top: int) -> Problem | str:
    """The difference of two numbers; equal ones are rejected."""
    a, b = (int(number) for number in rng.integers(0, top, 2))
    return "equal" if a == b else Problem(f"{a}-{b}", a - b)


@task("toy/never", answer=Integer(), levels=[{"top": 6}])
def never(rng: np.random.Generator, top: int) -> str:
    """No problem at all."""
    return "never"


def test_figures_are_those_of_a_count_by_hand() -> None:
    found = audit(differences, [2], count=400)
    (level,) = found.levels
    shards = [make_shard(Part(differences, 2, 0), index) for index in (0, 1)]
    rows = [row for shard in shards for row in shard.to_pylist()][:400]
    answers = Counter(row["answer"] for row in rows)
    assert (level.level, level.name, level.beyond, level.problems) == (2, "top=40", False, 400)
    assert level.rejected.keys() == {"equal"}
    assert level.rejected["equal"] == 512 - sum(shard.num_rows for shard in shards)
    assert level.unique == len({row["key"] for row in rows}) / 400
    assert level.question_lengths == Counter(len(row["question"]) for row in rows)
    assert level.answer_lengths == Counter(len(row["answer"]) for row in rows)
    assert level.skeletons == 1
    entropy = -sum(count / 400 * math.log2(count / 400) for count in answers.values())
    assert level.answers.entropy == pytest.approx(entropy)
    assert (level.answers.distinct, level.answers.contradictions) == (len(answers), 0)
    assert answers[level.answers.commonest] == max(answers.values()) == round(level.answers.commonest_share * 400)
    values = [int(row["answer"]) for row in rows]
    assert level.answers.signs == {
        "negative": sum(value < 0 for value in values) / 400,
        "zero": 0,
        "positive": sum(value > 0 for value in values) / 400,
    }
    orders = Counter(len(str(abs(value))) - 1 for value in values)
    assert level.answers.magnitudes == {order: count / 400 for order, count in sorted(orders.items())}
    assert level.rate > 0


def test_the_same_draws_make_the_same_figures_and_another_seed_others() -> None:
    def told(seed: int) -> str:
        return repr([{**vars(level), "rate": 0} for level in audit(differences, seed=seed).levels])

    assert told(0) == told(0) != told(1)


def test_without_a_count_the_first_shard_of_every_level_is_drawn() -> None:
    levels = audit(differences).levels
    assert [(level.level, level.beyond) for level in levels] == [(1, False), (2, False), (3, True)]
    assert [level.problems for level in levels] == [
        make_shard(Part(differences, number, 0), 0).num_rows for number in (1, 2, 3)
    ]
    assert all(level.draws == 256 for level in levels)


def test_overlaps_are_counted_by_text_key_and_skeleton() -> None:
    keys = hash_text(pa.array([f"key {number}" for number in range(200)]))
    splits = split_of(keys)
    train, test = keys[splits == 0][:4], keys[splits == 2][:2]
    table = pa.table(
        {
            "key": np.concatenate([train, test]),
            "question": ["1+2", "2+2", "sin(x)", "7", "1+2", "4*y"],
        }
    )
    found = overlaps(table)
    assert (found.text, found.key, found.skeleton) == (1, 0, 0.5)


@pytest.mark.parametrize("name", ["arithmetic/comparison", "expressions/nested", "arithmetic/gcd"])
def test_shipped_tasks_are_clean(name: str) -> None:
    found = audit(find_task(name), count=500)
    assert (found.overlaps.text, found.overlaps.key, list(found.faults)) == (0, 0, [])


def test_the_median_of_lengths_is_the_lower_one_of_two() -> None:
    assert spread({5: 1}) == (5, 5, 5)
    assert spread({1: 2, 9: 2}) == (1, 1, 9)
    assert spread({1: 1, 2: 1, 3: 1}) == (1, 2, 3)


def test_what_cannot_be_audited_is_a_user_error() -> None:
    with pytest.raises(UserError, match="cannot audit 0 problems"):
        audit(differences, count=0)
    with pytest.raises(UserError, match="no level 9"):
        audit(differences, [9])
    for count in (None, 5):
        with pytest.raises(UserError, match=r"toy/never level 1 \(top=6\): no problem in"):
            draw(Part(never, 1, 0), count)


def test_a_picture_is_sound_xml_with_a_bar_for_each_length() -> None:
    found = audit(differences)
    root = ElementTree.fromstring(picture(found))
    names = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sum((name or "").startswith("level ") for name in names) == 3
    lengths = len(found.levels[0].question_lengths)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}rect"))) > 3 * lengths


def test_one_task_is_shown_and_written_as_picture_and_json(tmp_path: Path) -> None:
    words = ("arithmetic/subtraction", "--count", "300", "--json", "figures.json", "--out", "audit")
    done = in_process("audit", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("unique by key", "entropy, bits", "commonest answer", "negative answers", "clean: no text and no key"):
        assert name in done.stdout
    (found,) = json.loads((tmp_path / "figures.json").read_text())["audits"]
    assert found["task"] == "arithmetic/subtraction"
    assert {level["problems"] for level in found["levels"]} == {300}
    assert sorted(path.name for path in (tmp_path / "audit").iterdir()) == ["arithmetic-subtraction.svg", "audit.json"]


def test_a_task_that_leaks_fails_with_one_clear_line_each(tmp_path: Path) -> None:
    (tmp_path / "leaky.py").write_text(LEAKY)
    done = in_process("audit", "leaky.py:leaky", "--count", "400", cwd=tmp_path)
    assert done.returncode == 1
    assert "toy/leaky: 5 questions stand in two splits; mend the task's key\n" in done.stdout
    assert "toy/leaky level 1 (top=5): 5 questions have two answers\n" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "audit: name either a task or --all"),
        (("arithmetic/addition", "--all"), "audit: name either a task or --all"),
        (("arithmetic/adition",), "no task 'arithmetic/adition'; did you mean 'arithmetic/addition'?"),
        (("arithmetic/addition", "--level", "99"), "arithmetic/addition: no level 99; its levels are 1 to"),
        (("arithmetic/addition", "--level", "0"), "arithmetic/addition: no level 0; its levels are 1 to"),
        (("arithmetic/addition", "--count", "0"), "--count: cannot audit 0 problems; give 1 or more"),
        (("arithmetic/addition", "--count", "-3"), "--count: cannot audit -3 problems; give 1 or more"),
        (("arithmetic/addition", "--json", "none/here.json"), "none/here.json: cannot be written"),
        (("arithmetic/addition", "--page", "page.md"), "--page: a page tells of all tasks; add --all"),
        (("--all", "--level", "1"), "audit: --level is for one task"),
    ],
)
def test_a_mistake_is_one_line_exit_code_two_and_nothing_written(words, message: str, tmp_path: Path) -> None:
    done = in_process("audit", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_told_before_anything_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    given = {"level": None, "count": None, "seed": 0, "json_file": None, "page": None}
    with pytest.raises(UserError, match="taken: is a file; give a folder to --out"):
        run_audit("arithmetic/addition", everything=False, out=tmp_path / "taken", **given)


def test_list_tasks_goes_by_area_and_measures_rates() -> None:
    done = in_process("list", "tasks", "--area", "expressions", "--rates")
    assert done.returncode == 0
    assert "a second" in done.stdout
    names = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("expressions/")]
    assert names == sorted(names)
    assert len(names) >= 2
