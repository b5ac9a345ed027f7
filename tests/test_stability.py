"""Stability: answers agree with other derivatives and another eigenvalue routine; classes are even; equal ones meet."""

import re

import numpy as np
import pyarrow as pa
import pytest
import scipy.linalg
from question_reader import every_level, problems
from system_reader import derivatives, rows

from enigmath.bench.contracts import Task, UserError
from enigmath.generators import stability

FORM = re.compile(r"(stable|speed)\([-+*/()0-9a-z;]+\) at 0\.01|stable matrix [-0-9.,;]+")


def matrix_of(question: str) -> np.ndarray:
    if question.startswith("stable matrix "):
        return np.array([row.split(",") for row in question.removeprefix("stable matrix ").split(";")], float)
    return derivatives(question)


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), every_level(stability))
def test_answers_are_those_of_another_route(task: Task, number: int, count: int) -> None:
    for question, answer in rows(task, number, count):
        jacobian = matrix_of(question)
        largest = scipy.linalg.eigvals(jacobian).real.max()
        if answer in stability.WORDS:
            assert answer == ("stable" if largest < 0 else "unstable"), question
        else:
            assert float(answer) == pytest.approx(-largest, rel=6e-4), question
        if task.name == "systems/stability-real":
            assert abs(jacobian.imag).max() == 0


@pytest.mark.parametrize(("task", "number"), every_level(stability))
def test_questions_have_one_form_and_answers_are_canonical(task: Task, number: int) -> None:
    batch = problems(task, number, 200)
    assert all(FORM.fullmatch(question) for question in batch.question.to_pylist())
    assert batch.answer.equals(task.answer.canonical(batch.answer))
    size = task.level(number)["equations"]
    assert set(batch.traits["equations"].tolist()) <= {size}
    assert all(question.count(";") == size - 1 for question in batch.question.to_pylist())
    assert len(batch.key) == len(set(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True)))


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("task", [stability.stability_balanced, stability.stability_real, stability.stability_jacobian])
def test_half_of_a_balanced_shard_is_stable(task: Task, number: int) -> None:
    answers = problems(task, number, task.draws).answer.to_pylist()
    assert len(answers) > 20
    assert answers.count("stable") * 2 == len(answers)


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_sign_of_the_trace_scores_the_ceiling(number: int) -> None:
    task = stability.stability_jacobian
    found = [
        (np.trace(matrix_of(question)) < 0) == (answer == "stable") for question, answer in rows(task, number, 4_000, 1)
    ]
    assert np.mean(found) == pytest.approx(task.ceiling(**task.level(number)), abs=0.025)


def test_the_traits_count_operators() -> None:
    batch = problems(stability.stability, 2, 50)
    for question, operators in zip(batch.question.to_pylist(), batch.traits["operators"].tolist(), strict=True):
        inside = re.sub(r"-([0-9])", r"-\1", question[7 : question.rindex(")")])
        functions = len(re.findall(r"[a-z]+\(", inside))
        signs = len(re.findall(r"(?<=[0-9a-z)])[-+*/]", inside))
        assert operators == functions + signs


def test_a_matrix_meets_its_transpose_and_its_renamed_forms() -> None:
    matrices = np.random.default_rng(0).normal(size=(50, 4, 4)).round(2)
    order = [2, 0, 3, 1]

    def keys(given: np.ndarray) -> np.ndarray:
        return stability.matrix_keys(given)

    assert (keys(matrices) == keys(np.swapaxes(matrices, 1, 2))).all()
    assert (keys(matrices) == keys(matrices[:, order][:, :, order])).all()
    assert not (keys(matrices) == keys(matrices[:, order])).any()
    assert len(set(keys(matrices).tolist())) == 50


def test_fewer_than_two_equations_are_refused_in_one_line() -> None:
    with pytest.raises(UserError, match="systems/stability"):
        stability.stability(np.random.default_rng(0), 8, equations=1)


def test_answers_of_speed_have_four_digits() -> None:
    answers = problems(stability.stability_speed, 2, 100).answer
    assert isinstance(answers, pa.Array)
    assert all(
        f"{float(answer):.4g}" == f"{float(answer):.10g}" or abs(float(answer)) >= 1e4 for answer in answers.to_pylist()
    )


def test_parts_that_are_all_but_nothing_do_not_keep_the_eigenvalues_from_an_end() -> None:
    tiny = 9.9e-273
    matrix = np.array(
        [
            [-0.99, 0, 0.99, 0.9999, 0.505],
            [0, 0, 0, 0, -0.01],
            [147.2, 0, 0, 0, -1],
            [0, -0.319, 0, -0.001, -0.0032],
            [0, 0.9999j - tiny / 17, tiny, -tiny / 34 - 1j * tiny / 64, -tiny],
        ]
    )
    cleaned = np.where(np.abs(matrix) < 1e-200, 0, matrix)
    assert stability.growth(matrix[None]) == pytest.approx(scipy.linalg.eigvals(cleaned).real.max())
