"""The page of all tasks, docs/tasks.md: what is asked, its levels and figures, and three samples a task.

It holds no timing, so that the same tasks make the same bytes.
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.audit import draw
from enigmath.bench.contracts import Task, describe
from enigmath.bench.data import Part

FEWEST, MOST = 32, 1_024
LONGEST = 160
HEAD = """# Tasks

Made by `enigmath audit --all --page docs/tasks.md`; a test keeps it true. Figures are of small draws (from {fewest} to
{most:,} problems a level): *different* is the share of different keys, *commonest* the share of the commonest answer,
*chance* what guessing scores where that is known exactly, *ceiling* what a known shortcut reaches. Levels with a star
lie beyond: suites test on them and never train on them. Rates are measured by `enigmath list tasks --rates`.
"""


def task_page(found: Sequence[Task]) -> str:
    """The page as Markdown, by area and name."""
    lines = [contents(found)]
    for area, members in _areas(found).items():
        lines.append(f"\n## {area}")
        lines += [section(task) for task in members]
    return "\n".join(lines).rstrip() + "\n"


def contents(found: Sequence[Task]) -> str:
    """What stands before the sections: how to read them, how many there are, and a link to each."""
    areas = _areas(found)
    lines = [HEAD.format(fewest=FEWEST, most=MOST)]
    lines.append(f"{len(found)} tasks in {len(areas)} areas, {sum(len(task.all_levels) for task in found)} levels.\n")
    lines += [
        f"- [{area}](#{area}): " + ", ".join(f"[{task.name.partition('/')[2]}](#{_anchor(task)})" for task in members)
        for area, members in areas.items()
    ]
    return "\n".join(lines)


def _areas(found: Sequence[Task]) -> dict[str, list[Task]]:
    areas: dict[str, list[Task]] = defaultdict(list)
    for task in sorted(found, key=lambda task: task.name):
        areas[task.area].append(task)
    return areas


def _anchor(task: Task) -> str:
    return task.name.replace("/", "")


def section(task: Task) -> str:
    """One task's part of the page: its docstring, a line for each level, and three samples."""
    # A page has little time: of a shard, only some of the draws.
    small = replace(task, draws=min(max(task.draws // 4, FEWEST), MOST))
    drawn = [_drawn(Part(small, number, 0)) for number in range(1, len(task.all_levels) + 1)]
    notes = "judged by a check of its own" if task.check else "compared as text in canonical form"
    return "\n".join(
        [
            f"\n### {task.name}\n",
            inspect.getdoc(task.function) or "",
            f"\nAnswers: {_code(repr(task.answer))}, {notes}.\n",
            "| level | | different | commonest | chance | ceiling |",
            "|---|---|---|---|---|---|",
            *(_row(task, number, problems) for number, problems in enumerate(drawn, start=1)),
            "",
            "```text",
            *_samples(drawn[: len(task.levels)]),
            "```",
            *_steps(task, drawn[: len(task.levels)]),
        ]
    )


def _drawn(part: Part) -> pa.Table:
    """The problems of one small shard, or of as many as give the fewest that a figure may be of."""
    problems = draw(part)[0]
    return problems if problems.num_rows >= FEWEST else draw(part, FEWEST)[0]


def _row(task: Task, number: int, problems: pa.Table) -> str:
    level, rows = task.level(number), problems.num_rows
    known: list[float | Callable[..., float] | None] = [task.chance, task.ceiling]
    shares = [share(**level) if callable(share) else share for share in known]
    commonest = pc.max(problems["answer"].value_counts().field("counts")).as_py()
    cells = [
        f"{number}{'*' if task.is_beyond(number) else ''}",
        _code(describe(level)) if level else "",
        f"{len(pc.unique(problems['key'])) / rows:.0%}",
        f"{commonest / rows:.1%}",
        *("" if share is None else f"{share:.2%}" for share in shares),
    ]
    return "| " + " | ".join(cells) + " |"


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def _samples(drawn: Sequence[pa.Table]) -> list[str]:
    """One problem each of the first, the middle and the last level that suites train on, or three of the only one."""
    found = []
    for place, number in enumerate((0, (len(drawn) - 1) // 2, len(drawn) - 1)):
        row = drawn[number].slice(min(place, drawn[number].num_rows - 1), 1).to_pylist()[0]
        found.append(f"{_clipped(row['question'])}  ->  {_clipped(row['answer'])}")
    return found


def _steps(task: Task, drawn: Sequence[pa.Table]) -> list[str]:
    """What the task offers as the steps of the first problem that takes two or more, if it offers any."""
    if task.steps is None:
        return []
    questions = [question for problems in drawn for question in problems["question"].slice(0, 3).to_pylist()]
    question, steps = max(zip(questions, task.steps(questions), strict=True), key=lambda pair: ";" in pair[1])
    return [f"\nIt offers its steps; those of {_code(_clipped(question))} are {_code(_clipped(steps))}."]


def _clipped(text: str) -> str:
    shown = text.replace("\n", "\\n")
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
