"""The page docs/tasks.md is what the tasks make today; `make tasks` writes it anew."""

import re
from itertools import groupby
from pathlib import Path

import pytest

from enigmath.bench.cli.task_page import contents, section, task_page
from enigmath.bench.contracts import Rational, Task, task
from enigmath.bench.contracts.problem import Problem
from enigmath.bench.contracts.registry import tasks

PAGE = Path(__file__).resolve().parent.parent / "docs" / "tasks.md"


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    """The sections of the page by the name of their task."""
    return sections_of(PAGE.read_text(encoding="utf-8"))


def sections_of(page: str) -> dict[str, str]:
    found = re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
    return {name: text.rstrip() for name, text in found}


def test_the_contents_of_the_page_are_true_and_each_task_stands_once_in_its_area() -> None:
    found = tasks()
    assert not found.broken
    page = PAGE.read_text(encoding="utf-8")
    known = list(found.plugins.values())
    assert page.startswith(contents(known) + "\n\n## "), "the tasks have changed: `make tasks` writes the page anew"
    headings = []
    for area, names in groupby(sorted(found.plugins), key=lambda name: found.plugins[name].area):
        headings += [f"## {area}", *(f"### {name}" for name in names)]
    assert re.findall(r"^##.*", page, re.MULTILINE) == headings


@pytest.mark.parametrize("name", sorted(tasks().plugins))
def test_the_section_of_a_task_is_true_and_has_all_levels_and_three_samples(
    name: str, sections: dict[str, str]
) -> None:
    known = tasks().plugins[name]
    text = sections[name]
    assert text == sections_of(section(known))[name], "the task has changed: `make tasks` writes the page anew"
    levels = re.findall(r"^\| (\d+)(\*?) \|", text, re.MULTILINE)
    assert [int(number) for number, _ in levels] == list(range(1, len(known.all_levels) + 1))
    assert sum(star == "*" for _, star in levels) == len(known.beyond)
    block = re.search(r"```text\n(.*?)\n```", text, re.DOTALL)
    assert block is not None
    assert len(re.findall(r"^.+  ->  .+$", block[1], re.MULTILINE)) == 3


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
