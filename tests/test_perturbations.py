"""Perturbations: what each does to a question has the effect on the answer that it declares."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from perturbation_reader import holds
from question_reader import texts

from enigmath.bench.contracts import Perturbation, Problem, Task
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.streams import stream

OURS = {
    name: task
    for name, task in sorted(tasks().plugins.items())
    if task.perturbations and task.function.__module__.startswith("enigmath.")
}
COUNTS = [4, pytest.param(150, marks=pytest.mark.slow)]
FORM = re.compile("[0-9]+|[A-Z]+")


@cache
def drawn(task: Task, number: int, count: int) -> tuple[list[str], list[str]]:
    """Questions and answers of a level, at least so many where the level has them; few draws, as few do."""
    questions: list[str] = []
    answers: list[str] = []
    rng = stream("perturbations", task.name, number)
    for _ in range(50):
        if len(questions) >= count:
            break
        if task.bulk:
            batch = task(rng, min(task.draws, 2 * count), **task.level(number))
            questions += batch.question.to_pylist()
            answers += texts(batch.answer)
        elif isinstance(problem := task(rng, **task.level(number)), Problem):
            questions.append(problem.question)
            answers.append(task.answer.write(problem.answer))
    return questions[:count], answers[:count]


def pairs(task: Task, perturbation: Perturbation, number: int, count: int) -> list[tuple[tuple[str, str], ...]]:
    """Problems of a level before and after, where it applies."""
    before = drawn(task, number, count)
    after = perturbation.function(*before, np.random.default_rng(number))
    assert [len(column) for column in after] == [len(before[0])] * 2
    assert [one is None for one in after[0]] == [one is None for one in after[1]]
    kept = zip(zip(*before, strict=True), zip(*after, strict=True), strict=True)
    return [(old, new) for old, new in kept if new[0] is not None]


def test_perturbations_are_declared_by_tasks_of_every_area_where_one_applies():
    areas = Counter(task.area for task in OURS.values())
    assert len(OURS) >= 40
    assert len(areas) >= 15
    missing = {task.area for task in tasks().plugins.values()} - set(areas)
    assert missing <= {"pictures", "text"}, missing


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", OURS)
def test_the_answer_after_a_perturbation_is_right_and_stays_or_changes_as_declared(name: str, count: int) -> None:
    task, applied = OURS[name], Counter()
    levels = (min(2, len(task.levels)),) if count < 10 else range(1, len(task.levels) + 1)
    for number in levels:
        for perturbation in task.perturbations:
            for before, after in pairs(
                task, perturbation, number, count if task.area != "systems" else count // 10 + 2
            ):
                assert after[0] != before[0]
                assert (after[1] == before[1]) == perturbation.same, (perturbation.name, before, after)
                assert holds(task, before, after), (perturbation.name, before, after)
                applied[perturbation.name] += 1
    if count > 10:
        assert set(applied) == {perturbation.name for perturbation in task.perturbations}


@pytest.mark.parametrize("name", OURS)
def test_a_perturbation_is_a_pure_function_of_the_texts_and_of_the_stream(name: str) -> None:
    task = OURS[name]
    questions, answers = drawn(task, 1, 20)
    for perturbation in task.perturbations:
        first, again = (perturbation.function(questions, answers, np.random.default_rng(5)) for _ in range(2))
        assert first == again


def test_a_perturbation_in_form_keeps_the_form() -> None:
    """Numbers and texts keep their number, and what stands between them stays; operands may change places."""
    for task in OURS.values():
        for perturbation in task.perturbations:
            if perturbation.in_form and perturbation.name in ("change one digit", "swap operands", "swap entries"):
                for before, after in pairs(task, perturbation, 1, 10):
                    kept = [Counter(FORM.sub("#", text)) for text in (before[0], after[0])]
                    assert kept[0] == kept[1], (before, after)


def test_perturbations_stand_in_no_golden_hash() -> None:
    """They are no part of what a task yields: its versions are those that have hashes."""
    golden = json.loads(Path(__file__).with_name("golden_tasks.json").read_text())
    assert all(f"{task.name}@{task.version}" in golden for task in OURS.values())
