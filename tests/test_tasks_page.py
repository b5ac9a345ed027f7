"""The page docs/tasks.md is what the tasks make today; `make tasks` writes it anew."""

import re
from pathlib import Path

import pytest

from enigmath.bench.cli.task_page import task_page
from enigmath.bench.contracts import Rational, Task, task
from enigmath.bench.contracts.problem import Problem
from enigmath.bench.contracts.registry import tasks

PAGE = Path(__file__).resolve().parent.parent / "docs" / "tasks.md"


@pytest.fixture(scope="module")
def made() -> str:
    found = tasks()
    assert not found.broken
    return task_page(list(found.plugins.values()))


def test_the_page_is_true(made: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == made, "the tasks have changed: `make tasks` writes the page anew"


def test_the_page_names_every_task_with_all_levels_and_three_samples(made: str) -> None:
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", made, re.MULTILINE | re.DOTALL))
    known = tasks().plugins
    assert sections.keys() == known.keys()
    for name, text in sections.items():
        levels = re.findall(r"^\| (\d+)(\*?) \|", text, re.MULTILINE)
        assert [int(number) for number, _ in levels] == list(range(1, len(known[name].all_levels) + 1)), name
        assert sum(star == "*" for _, star in levels) == len(known[name].beyond), name
        block = re.search(r"```text\n(.*?)\n```", text, re.DOTALL)
        assert block is not None
        assert len(re.findall(r"^.+  ->  .+$", block[1], re.MULTILINE)) == 3, name


@task("toy/half", answer=Rational(), levels=[{"top": 4}], beyond=[{"top": 9}], chance=0.25, draws=40)
def half(rng, top: int) -> Problem:
    """Half of a number, as in `half(3)`.

    The second paragraph.
    """
    number = int(rng.integers(0, top))
    return Problem(f"half({number})", f"{number}/2")


def test_a_section_holds_the_whole_docstring_the_levels_and_no_timing() -> None:
    assert isinstance(half, Task)
    page = task_page([half])
    assert task_page([half]) == page
    assert "1 tasks in 1 areas, 2 levels." in page
    for line in (
        "### toy/half",
        "Half of a number, as in `half(3)`.",
        "The second paragraph.",
        "Answers: `Rational(lowest=False)`",
    ):
        assert line in page
    assert re.search(r"^\| 1 \| `top=4` \| 1[0-3]% \| \d\d\.\d% \| 25\.00% \|  \|$", page, re.MULTILINE)
    assert re.search(r"^\| 2\* \| `top=9` \|", page, re.MULTILINE)
