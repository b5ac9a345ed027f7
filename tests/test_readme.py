"""The README's examples work word for word."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A folder with the README's files, each named by its first comment."""
    blocks = re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", README, re.DOTALL)
    assert {name for name, _ in blocks} == {"mine.py", "digitsum.py", "digits.toml", "short.py"}
    for name, text in blocks:
        (tmp_path / name).write_text(text)
    return tmp_path


def enigmath(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from enigmath.bench.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=200)


def test_it_opens_with_the_two_commands_and_the_makefile_has_both() -> None:
    commands = re.findall(r"^    (make \w+)", README, re.MULTILINE)
    assert commands == ["make quick", "make test"]
    makefile = (ROOT / "Makefile").read_text()
    assert all(f"\n{command.removeprefix('make ')}:" in makefile for command in commands)


def test_the_task_in_ten_lines_gives_right_answers(examples: Path) -> None:
    done = enigmath("sample", "digitsum.py:digit_sum", "--level", "2", cwd=examples)
    found = re.findall(r"digits\((\d+)\)\s+(\d+)", done.stdout)
    assert len(found) == 10
    assert all(sum(map(int, number)) == int(total) for number, total in found)


def test_the_suite_runs_with_the_model_in_ten_lines_and_the_probe_is_asked(examples: Path) -> None:
    words = ("--model", "nearest-aligned", "--model", "mine.py:Endings", "--workers", "1")
    done = enigmath("run", "digits.toml", *words, cwd=examples)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Endings" in done.stdout
    assert "Every requirement holds." in done.stdout
    done = enigmath("probe", "runs/digits", "--probe", "short.py:short_answers", cwd=examples)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 probes in" in done.stdout


def test_every_command_and_option_that_it_names_exists() -> None:
    table = re.findall(r"^\| `enigmath (.+?)` \|", README, re.MULTILINE)
    assert len(table) == 14
    for row in table:
        words = [word for word in re.split(r"[\s\[\]|\\]+", row) if word]
        commands = [words[0], words[1]] if words[0] == "suite" else [words[0]]
        shown = subprocess.run(
            [sys.executable, "-c", "from enigmath.bench.cli import main; main()", *commands, "--help"],
            capture_output=True,
            text=True,
        ).stdout
        assert shown
        for option in (word for word in words if word.startswith("--")):
            assert option in shown


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+?)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
