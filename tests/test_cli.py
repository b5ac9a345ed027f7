"""The command line, as its user meets it: what it prints, its exit codes, and one line for a mistake."""

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from enigmath.bench.cli import main


def enigmath(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from enigmath.bench.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=250)


def in_process(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The same without an interpreter of its own, which takes ten times as long as most commands."""
    out, error = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(error), chdir(cwd or "."), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["enigmath", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(words, code, out.getvalue(), error.getvalue())


@pytest.mark.parametrize("words", [("list", "suites"), ("sample", "additon")])
def test_a_process_of_its_own_says_the_same(words: tuple[str, ...]) -> None:
    within, alone = in_process(*words), enigmath(*words)
    assert (within.returncode, within.stdout, within.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_help_comes_without_the_slow_imports() -> None:
    heavy = "('torch', 'pandas', 'scipy', 'sympy', 'numpy', 'pyarrow')"
    code = f"import sys; from enigmath.bench.cli import app; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    done = enigmath("--help")
    assert done.returncode == 0
    for command in ("list", "sample", "run", "report", "show", "ask", "suite"):
        assert f"  {command} " in done.stdout


def test_the_whole_way_from_a_suite_to_a_board_and_an_answer(toy, tmp_path: Path) -> None:
    path = toy("Calculator", "Guesser", extra='\n[require."toy/sum"]\nCalculator = { exact = 0.9 }\n')
    done = enigmath("run", path, "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[2/2] toy/sum · Guesser · seed 0: exact" in done.stdout
    assert "[1/2] toy/sum · Calculator · seed 0: exact 100.0%" in done.stdout
    assert "No leak: 63,000 pairs of problems compared across splits, 0 overlaps by key" in done.stdout.replace(
        "\n", " "
    )
    assert "Every requirement holds." in done.stdout
    page = tmp_path / "runs" / "toy" / "report" / "index.html"
    assert str(page) in done.stdout
    assert page.is_file()
    again = enigmath("run", path, cwd=tmp_path)
    assert (again.returncode, "2 cells, 2 done, 0 to run" in again.stdout) == (0, True)
    shown = enigmath("show", tmp_path / "runs" / "toy")
    assert "Calculator" in shown.stdout
    asked = enigmath("ask", tmp_path / "runs" / "toy", "Calculator", "12+34", "1+1")
    assert asked.stdout == "12+34 = 46\n1+1 = 2\n"
    reported = enigmath("report", tmp_path / "runs" / "toy", "--out", tmp_path / "page")
    assert reported.stdout.strip() == str(tmp_path / "page" / "index.html")


def test_a_failed_cell_and_an_unmet_requirement_are_told_and_exit_with_one(toy, tmp_path: Path) -> None:
    path = toy("Guesser", "Broken", extra='\n[require."toy/sum"]\nGuesser = { exact = 0.9 }\n')
    done = enigmath("run", path, "--workers", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert "failed" in done.stdout
    assert "RuntimeError: broken on purpose" in done.stdout
    assert "must be at least 90.0%" in " ".join(done.stdout.split())
    assert "Traceback" not in done.stdout + done.stderr


def test_no_requirement_holds_of_a_cell_that_failed(toy, tmp_path: Path) -> None:
    path = toy("Broken", extra='\n[require."toy/sum"]\nBroken = { exact = { at_chance = 5 } }\n')
    done = enigmath("run", path, "--workers", "1", cwd=tmp_path)
    said = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert "Not met: toy/sum, Broken, seed 0: exact cannot be judged, the cell failed" in said
    assert "Every requirement holds" not in said
    assert "Nothing was compared across splits: no cell finished." in said


def test_list_names_everything_that_is_installed() -> None:
    out = in_process("list").stdout
    for name in ("arithmetic/addition", "expressions/nested", "transformer", "within-10", "quick"):
        assert name in out
    assert "expressions/nested" not in in_process("list", "tasks", "--area", "arithmetic").stdout
    both = in_process("list", "tasks", "--area", "expressions, algebra").stdout
    assert "expressions/nested" in both
    assert "algebra/expand" in both


def test_sample_shows_problems_of_a_level() -> None:
    done = in_process("sample", "arithmetic/addition", "--level", "3", "-n", "4")
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines() if "+" in line]
    sums = [(question.split("+"), answer) for question, answer, *_ in rows if question.count("+") == 1]
    assert len(sums) == 4
    assert all(int(a) + int(b) == int(answer) for (a, b), answer in sums)


HOSTILE = """
from enigmath.bench.contracts import Problem, Text, task


@task("toy/hostile", answer=Text("ab\\x1b[]m"), levels=[{"top": 9}])
def hostile(rng, top):
    "Paints \\x1b[31mred."
    return Problem(f"{rng.integers(top)}\\x1b[31m[bold]\\x07", "a\\x1b[m", traits={"tra\\x1bit": "\\x9b2J"})
"""


def test_a_sample_of_a_hostile_task_does_not_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "hostile.py").write_text(HOSTILE)
    done = in_process("sample", "hostile.py:hostile", "-n", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout) & set("\x1b\x07\x9b")
    for shown in ("Paints \\x1b[31mred.", "\\x1b[31m[bold]\\x07", "a\\x1b[m", "tra\\x1bit", "\\x9b2J"):
        assert shown in done.stdout


def test_the_title_of_a_sample_is_one_line() -> None:
    done = in_process("sample", "arithmetic/addition", "--level", "1", "-n", "2", "--split", "validation")
    assert "arithmetic/addition, level 1 (digits=1), validation" in done.stdout.splitlines()


def test_an_empty_answer_and_a_run_without_any_are_told_as_such(toy, tmp_path: Path) -> None:
    from enigmath.bench.cli.asking import answers
    from enigmath.bench.contracts import UserError
    from enigmath.bench.runner import Place, run_cell
    from enigmath.bench.session import plan

    (tmp_path / "silent.py").write_text(
        "class Silent:\n    def predict(self, asked):\n        return ['' if '+' in one else None for one in asked]\n"
    )
    run = tmp_path / "run"
    (run / "cells").mkdir(parents=True)
    with pytest.raises(UserError, match="ask: no model of this run has finished; run its suite first"):
        answers(run, "Silent", ["1+1"], "", "cpu")
    (cell,) = plan(str(toy(extra='\n[[models]]\nname = "silent.py:Silent"\n'))).cells
    assert run_cell(cell, Place(run, tmp_path / "cache"))["status"] == "finished"
    told = answers(run, "Silent", ["1+1", "what?"], "", "cpu")
    assert told == ["1+1 = (empty text)", "what? = (no answer)"]


def test_suite_check_says_what_would_run(toy) -> None:
    done = in_process("suite", "check", toy("Calculator", "Guesser", head="seeds = [0, 1]\n"))
    assert (done.returncode, done.stdout) == (0, "toy is sound: 1 tasks x 2 models x 2 seeds, 4 cells\n")


@pytest.mark.parametrize("words", [("suite", "check"), ("run",)])
def test_a_space_too_small_is_told_before_anything_runs(words: tuple[str, ...], toy, tmp_path: Path) -> None:
    path = toy("Guesser")
    path.write_text(path.read_text().replace("test = 50", "test = 5000"))
    (tmp_path / "here").mkdir()
    done = in_process(*words, path, cwd=tmp_path / "here")
    assert done.returncode == 2
    assert "toy/sum level 1 (top=99): asked for 5,000 test problems, and only" in done.stderr
    assert list((tmp_path / "here").iterdir()) == []


OWN = """
class Own:
    def __init__(self, size=1, file=""):
        if size < 1:
            raise ValueError(f"a size of {size}")
        if file:
            open(file)

    def predict(self, questions):
        return ["1"] * len(questions)
"""


@pytest.mark.parametrize("words", [("suite", "check"), ("run",)])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        ('name = "lstm"\nconfig = { width = -4 }', "models, lstm: Seq2Seq: width -4, layers 1, heads 2; make them"),
        ('name = "own.py:Own"\nconfig = { size = 0 }', "models, Own: cannot be made with {'size': 0}: a size of 0"),
    ],
)
def test_a_value_that_a_model_cannot_take_is_told_before_anything_runs(
    words: tuple[str, ...], model: str, message: str, toy, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    path = toy("Guesser", extra=f"\n[[models]]\n{model}\n")
    (tmp_path / "here").mkdir()
    done = in_process(*words, path, cwd=tmp_path / "here")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert list((tmp_path / "here").iterdir()) == []


def test_a_model_that_cannot_be_made_for_another_reason_fails_alone(toy, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    path = toy("Guesser", extra='\n[[models]]\nname = "own.py:Own"\nconfig = { file = "nowhere" }\n')
    done = enigmath("run", path, "--workers", "1", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "FileNotFoundError" in done.stdout
    assert "1 of 2 cells failed" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "quik"), "no suite 'quik'; did you mean 'quick'?"),
        (("run", "none.toml"), "suite: no file none.toml"),
        (("sample", "arithmetic/adition"), "no task 'arithmetic/adition'; did you mean 'arithmetic/addition'?"),
        (("sample", "additon"), "no task 'additon'; did you mean 'arithmetic/addition'?"),
        (("sample", "arithmetic/*"), "begin with 'arithmetic/', such as 'arithmetic/addition'"),
        (("sample", "mine.py"), "mine.py: names a file alone; give mine.py:function"),
        (("list", "models", "--area", "algebra"), "list models: --area and --rates are for tasks; leave them out"),
        (("sample", "zzzz"), "no task 'zzzz'; `enigmath list tasks` lists all "),
        (("sample", "arithmetic/addition", "--level", "99"), "arithmetic/addition: no level 99; its levels are 1 to"),
        (("sample", "arithmetic/addition", "-n", "0"), "--count: cannot show 0 problems; give 1 to 10,000"),
        (("sample", "arithmetic/addition", "--split", "tset"), "--split: no split 'tset'; did you mean 'test'?"),
        (("list", "taks"), "list: no listing 'taks'; did you mean 'tasks'?"),
        (("list", "tasks", "--area", "arithmetics"), "--area: no area 'arithmetics'; did you mean 'arithmetic'?"),
        (("show", "nowhere"), "nowhere"),
        (("report", "nowhere"), "nowhere"),
        (("ask", "nowhere", "transformer", "1+1"), "nowhere is not a run; give the folder that `enigmath run` wrote"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = in_process(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_help_takes_under_four_tenths_of_a_second() -> None:
    times = []
    for _ in range(3):
        began = children_seconds()
        enigmath("--help")
        times.append(children_seconds() - began)
    assert min(times) < 0.4


def children_seconds() -> float:
    """What the processes that have ended took of the processor: other work does not count."""
    times = os.times()
    return times.children_user + times.children_system
