"""Files become tasks: a level a file, duplicates dropped and counted, and bad input told by file and line."""

import copy
import csv
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enigmath.bench.audit import source_of
from enigmath.bench.cli.auditing import run_audit
from enigmath.bench.cli.working import check_suite
from enigmath.bench.contracts import Integer, Text, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, cache_folder, make_shard, take
from enigmath.bench.judges import address
from enigmath.bench.runner import Place, run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import landed, open_run
from enigmath.generators.files import from_path, read_problems


def module(path: Path, pairs: list[tuple[str, object]]) -> Path:
    """Write a file as mathematics_dataset does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{question}\n{answer}\n" for question, answer in pairs))
    return path


def sums(first: int, count: int) -> list[tuple[str, object]]:
    return [(f"What is {number} plus {number + 3}?", 2 * number + 3) for number in range(first, first + count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The layout of mathematics_dataset; 10 questions of train-easy stand in interpolate too, 5 stand twice."""
    root = tmp_path / "mathematics_dataset-v1.0"
    module(root / "extrapolate" / "add_big.txt", sums(10**6, 300))
    module(root / "interpolate" / "add.txt", sums(390, 300))
    module(root / "train-hard" / "add.txt", sums(2_000, 300))
    module(root / "train-easy" / "add.txt", sums(0, 400) + sums(0, 5))
    (root / "README.md").write_text("one line\n")
    return root


def test_a_folder_becomes_levels_by_file_name_with_extrapolation_beyond(folder: Path) -> None:
    task = from_path(folder)
    assert [level["file"] for level in task.levels] == [
        "train-easy/add.txt",
        "train-hard/add.txt",
        "interpolate/add.txt",
    ]
    assert [level["file"] for level in task.beyond] == ["extrapolate/add_big.txt"]
    assert (task.name, task.answer, task.bulk) == ("files/mathematics-dataset-v1-0", Integer(), True)


def test_duplicates_and_overlaps_are_counted(folder: Path) -> None:
    assert source_of(from_path(folder)) == {
        "problems": {
            "train-easy/add.txt": 400,
            "train-hard/add.txt": 300,
            "interpolate/add.txt": 300,
            "extrapolate/add_big.txt": 300,
        },
        "duplicates": {
            "train-easy/add.txt": 5,
            "train-hard/add.txt": 0,
            "interpolate/add.txt": 0,
            "extrapolate/add_big.txt": 0,
        },
        "overlaps": [{"files": ["train-easy/add.txt", "interpolate/add.txt"], "questions": 10}],
    }
    assert source_of(find_task("arithmetic/addition")) is None


def test_every_problem_of_a_file_is_drawn_with_its_answer_and_none_else(folder: Path) -> None:
    task = from_path(folder)
    shard = make_shard(Part(task, 1, 0), 0)
    drawn = dict(zip(shard["question"].to_pylist(), shard["answer"].to_pylist(), strict=True))
    assert drawn == {question: str(answer) for question, answer in sums(0, 400)}
    assert shard["trait.characters"].to_pylist() == [len(question) for question in shard["question"].to_pylist()]


def test_no_split_shares_a_question_even_where_files_do(folder: Path) -> None:
    task = from_path(folder)
    splits = [take(Part(task, number, 0), {"train": 200, "test": 15}) for number in (1, 3)]
    trained = {question for split in splits for question in split["train"]["question"].to_pylist()}
    assert not any(trained & set(split["test"]["question"].to_pylist()) for split in splits)
    with pytest.raises(UserError, match="asked for 500 test problems, and only"):
        take(Part(task, 1, 0), {"test": 500})


def test_white_space_makes_no_other_question_but_is_kept_in_the_text(tmp_path: Path) -> None:
    task = from_path(module(tmp_path / "one.txt", [("What  is 1?", " 1"), ("What is 1? ", "+1"), ("2?", "02")]))
    assert task.function.report()["duplicates"] == {"one.txt": 1}
    assert sorted(set(make_shard(Part(task, 1, 0), 0)["question"].to_pylist())) == ["2?", "What  is 1?"]
    assert set(make_shard(Part(task, 1, 0), 0)["answer"].to_pylist()) == {"1", "2"}


def test_answers_are_text_unless_all_are_whole_numbers(tmp_path: Path) -> None:
    module(tmp_path / "a.txt", [("1+1", 2)])
    assert from_path(tmp_path).answer == Integer()
    module(tmp_path / "b.txt", [("1/2", "1/2")])
    assert from_path(tmp_path).answer == Text()


def write_jsonl(path: Path, pairs: list[tuple[str, object]]) -> None:
    path.write_text("".join(json.dumps({"answer": a, "question": q, "more": None}) + "\n" for q, a in pairs))


def write_csv(path: Path, pairs: list[tuple[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows([("question", "answer"), *pairs])


def write_parquet(path: Path, pairs: list[tuple[str, object]]) -> None:
    questions, answers = zip(*pairs, strict=True)
    pq.write_table(pa.table({"answer": answers, "question": questions}), path)


WRITERS: dict[str, Callable[..., object]] = {
    "txt": module,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_gives_the_same_problems(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"sums.{kind}"
    WRITERS[kind](path, sums(7, 50))
    table = read_problems(path)
    assert table["question"].to_pylist() == [question for question, _ in sums(7, 50)]
    assert table["answer"].to_pylist() == [str(answer) for _, answer in sums(7, 50)]
    lines = {"txt": range(1, 101, 2), "csv": range(2, 52)}.get(kind, range(1, 51))
    assert table["line"].to_pylist() == list(lines)
    assert from_path(path).levels[0]["file"] == path.name


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"1+1\n2\n3+3\n", "a.txt, line 3: a question without an answer"),
        ("a.txt", b"1+1\n\n", "a.txt, line 1: the answer is empty"),
        ("a.txt", b"1+1\n2\n\n4\n", "a.txt, line 3: the question is empty"),
        ("a.txt", b"", "a.txt: holds no problem"),
        ("a.txt", b"1+1\n\xff\n", "a.txt, line 2: is not UTF-8 at byte 0"),
        ("a.txt", b"1+1\n" + b"9" * 10**7, "a.txt, line 2: is longer than 1,000,000 bytes"),
        ("a.txt", b"1+1\n2\n1+2\n3\n1+1\n3\n", r"a.txt, line 5: the question of .*a.txt, line 1 has another answer"),
        ("a.txt", b"1+1\n" + b"x" * 1_001 + b"\n", "a.txt, line 1: the answer cannot be judged"),
        ("a.jsonl", b'{"question": "1", "answer": 1}\n{"question":', "a.jsonl, line 2: is not JSON"),
        ("a.jsonl", b"[" * 100_000, "a.jsonl, line 1: is not JSON"),
        ("a.jsonl", b'{"question": "1", "reply": 1}\n', "a.jsonl, line 1: has no column 'answer'"),
        ("a.jsonl", b"[1]\n", "a.jsonl, line 1: has no column 'question'"),
        ("a.jsonl", b'{"question": "1", "answer": [1]}\n', "a.jsonl, line 1: a list is no question or answer"),
        ("a.jsonl", b'{"question": "1", "answer": "\\ud800"}\n', "a.jsonl, line 1: holds half a surrogate"),
        ("a.csv", b"question,reply\n1,2\n", "a.csv, line 1: has no column 'answer' but 'question', 'reply'"),
        ("a.csv", b"question,answer\n1,1\n\n2,2\n", "a.csv, line 3: is empty"),
        ("a.csv", b"question;answer\n1;1\n", "a.csv, line 1: has no column 'question' but 'question;answer'"),
        ("a.jsonl", b'\n{"question": "1", "answer": 1}\n', "a.jsonl, line 1: is empty; leave the line out"),
        ("a.jsonl", b'{"question": null, "answer": 1}\n', "a.jsonl, line 1: an empty value is no question"),
        ("a.csv", b"question,answer,answer\n1,2,3\n", "a.csv, line 1: has 2 columns 'answer'"),
        ("a.csv", b"question,answer\n1,2\n3\n", "a.csv, line 3: has 1 cells where the head has 2"),
        ("a.csv", b'question,answer\n1,"2\n', "a.csv, line 2: is not CSV: .*; see whether a quote is left open"),
        ("a.csv", b"question,answer\n", "a.csv: holds no problem"),
        ("a.parquet", b"PAR1 no", "a.parquet: is not Parquet"),
        ("a.xlsx", b"x", "a.xlsx: is none of .txt, .jsonl"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_clear_line(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as told:
        find_task(f"files:{tmp_path / name}")
    assert len(str(told.value)) < 600


def test_parquet_with_wrong_columns_or_nulls_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"question": ["1"], "reply": ["1"]}), path)
    with pytest.raises(UserError, match="has no column 'answer'"):
        from_path(path)
    pq.write_table(pa.table({"question": ["1", "2"], "answer": ["1", None]}), path)
    with pytest.raises(UserError, match="line 2: an empty value is no question or answer"):
        from_path(path)


def test_a_contradiction_between_files_names_both(tmp_path: Path) -> None:
    module(tmp_path / "a.txt", [("0", 0), ("1+1", 2)])
    module(tmp_path / "b.txt", [("1+1", 3)])
    with pytest.raises(UserError, match=r"b.txt, line 1: the question of .*a.txt, line 3 has another answer"):
        from_path(tmp_path)


def test_a_missing_path_and_a_folder_without_files_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: no such file or folder"):
        find_task("files:nowhere", tmp_path)
    with pytest.raises(UserError, match="files:: names nothing after the colon"):
        find_task("files:", tmp_path)
    with pytest.raises(UserError, match=r"holds no file; put \.txt, \.jsonl, \.csv, \.parquet files there"):
        find_task("files:.", tmp_path)


def test_another_process_finds_the_task_again(folder: Path) -> None:
    task = find_task(f"files:{folder.name}", folder.parent)
    assert copy.copy(task) is task
    assert find_task(address(task)) is task
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).levels[0])"
    told = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(task), capture_output=True, check=True)
    assert told.stdout.decode().strip() == str(task.levels[0])


def test_changed_content_is_another_task_and_a_stale_one_refuses_to_draw(folder: Path, tmp_path: Path) -> None:
    before = from_path(folder)
    easy = folder / "train-easy" / "add.txt"
    module(easy, sums(0, 399))
    os.utime(easy, (1, 1))
    after = from_path(folder)
    levels = [(cache_folder(Part(task, n, 0), tmp_path)) for n in (1, 2) for task in (before, after)]
    assert levels[0] != levels[1]
    assert levels[2] == levels[3]
    with pytest.raises(UserError, match="has changed since the task was made"):
        after(np.random.default_rng(0), 3, **before.level(1))


def test_a_suite_runs_with_a_task_from_files(folder: Path, tmp_path: Path) -> None:
    suite = tmp_path / "filed.toml"
    suite.write_text(
        'name = "filed"\ntrain = 200\nvalidation = 20\ntest = 15\n'
        f'[[tasks]]\nname = "files:{folder.name}"\nlevels = [1, 3]\nbeyond = true\n[[models]]\nname = "majority"\n'
    )
    session = plan(str(suite), out=tmp_path / "run")
    open_run(session.run, session.path.read_text())
    identities = [cell.identity.whole for cell in session.cells]
    for cell in session.cells:
        run_cell(cell, Place(session.run, tmp_path / "cache"))
    (cell,) = landed(session.run).values()
    assert cell.record["status"] == "finished"
    assert cell.record["proof"]["overlaps"] == cell.record["proof"]["text_overlaps"] == 0
    module(folder / "train-easy" / "add.txt", sums(0, 398))
    assert [cell.identity.whole for cell in plan(str(suite)).cells] != identities


def test_an_audit_and_a_run_tell_of_duplicates_and_overlaps_of_the_files(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    figures = tmp_path / "audit.json"
    options = {"everything": False, "level": None, "count": 100, "seed": 0, "out": None, "page": None}
    assert run_audit(f"files:{folder.name}", json_file=figures, **options) == 0
    (audited,) = json.loads(figures.read_text())["audits"]
    assert audited["source"]["duplicates"]["train-easy/add.txt"] == 5
    assert audited["source"]["overlaps"] == [{"files": ["train-easy/add.txt", "interpolate/add.txt"], "questions": 10}]
    told = capsys.readouterr().out
    assert re.search(r"train-easy/add.txt +400 +5 +interpolate/add.txt 10", told)
    assert re.search(r"interpolate/add.txt +300 +0 +train-easy/add.txt 10", told)
    suite = tmp_path / "filed.toml"
    suite.write_text(
        'name = "filed"\ntrain = 50\nvalidation = 5\ntest = 5\n'
        f'[[tasks]]\nname = "files:{folder.name}"\nlevels = [1]\n[[models]]\nname = "majority"\n'
    )
    check_suite(str(suite))
    told = " ".join(capsys.readouterr().out.split())
    assert "5 duplicates within files (4 in all), 10 questions in two files (1 pairs of files)" in told
