"""Control: ranks by another route, Gramians by quadrature; any stabilising feedback is right, junk is wrong."""

import re

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from question_reader import every_level, problems
from scipy.integrate import quad_vec
from system_reader import derivatives, rows

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.formal import read_matrix
from enigmath.generators import control

FORM = re.compile(r"(unreached|controllable|feedback|controllable-in-time)\([-+*/()0-9a-z;]+\) at 0\.[59]")


def parts(question: str) -> tuple[np.ndarray, np.ndarray]:
    """A and B, by differences of 30 digits."""
    slopes = derivatives(question)
    assert abs(slopes.imag).max() == 0
    return slopes.real[:, : len(slopes)], slopes.real[:, len(slopes) :]


def reached(a: np.ndarray, b: np.ndarray) -> int:
    """The dimension of the least subspace that holds B and that A maps into itself, built direction by direction."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b, axis=0)
    basis, waiting = np.zeros((len(a), 0)), list(b.T)
    while waiting:
        vector = waiting.pop(0)
        for _ in range(2):
            vector = vector - basis @ (basis.T @ vector)
        if np.linalg.norm(vector) > 1e-8:
            basis = np.column_stack([basis, vector / np.linalg.norm(vector)])
            waiting.append(a @ basis[:, -1])
    return basis.shape[1]


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("task", "number"),
    [
        (task, number)
        for task in (control.uncontrollable_dimension, control.controllability)
        for number in range(1, len(task.all_levels) + 1)
    ],
)
def test_ranks_are_those_of_another_route(task: Task, number: int, count: int) -> None:
    for question, answer in rows(task, number, count):
        a, b = parts(question)
        missing = len(a) - reached(a, b)
        expected = control.WORDS[missing > 0] if answer in control.WORDS else str(missing)
        assert answer == expected, question


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("number", range(1, 7))
def test_feedback_stabilises_and_is_the_gramians(number: int, count: int) -> None:
    for question, answer in rows(control.feedback, number, count):
        a, b = parts(question)
        given = read_matrix(answer)
        assert scipy.linalg.eigvals(a + b @ given).real.max() < 0, question
        assert control.steers(question, answer, answer)
        norm = np.linalg.norm(a)
        a, b = a / norm, b / norm
        gramian, _ = quad_vec(lambda s, a=a, b=b: (half := scipy.linalg.expm(-s * a) @ b) @ half.T, 0, 1)
        if np.linalg.cond(gramian) < 1e9:
            expected = -b.T @ np.linalg.inv(gramian)
            assert np.abs(given - expected).sum() <= 2e-3 * np.abs(expected).sum(), question


@pytest.mark.parametrize(("task", "number"), every_level(control))
def test_questions_have_one_form_and_answers_are_canonical(task: Task, number: int) -> None:
    batch = problems(task, number, task.draws)
    level, questions = task.level(number), batch.question.to_pylist()
    assert all(FORM.fullmatch(question) for question in questions)
    if hasattr(batch.answer, "to_pylist"):
        assert batch.answer.equals(task.answer.canonical(batch.answer))
    assert all(question.count(";") == level["equations"] - 1 for question in questions)
    assert all(len(set(re.findall(r"u[0-9]", question))) == level["controls"] for question in questions)
    assert len(questions) + sum(batch.rejected.values()) == task.draws
    if task.chance == 0.5:
        answers = batch.answer.to_pylist()
        assert 2 * answers.count("controllable") == len(answers) > 0


def test_any_stabilising_feedback_is_right_and_others_are_wrong() -> None:
    question = "feedback(x1+x2*0+u1;x1-x2) at 0.5".replace("*0", "*1")
    a, b = parts(question)
    chosen = scipy.signal.place_poles(a, b, [-1, -2]).gain_matrix
    text = ",".join(f"{-number:.6f}" for number in chosen[0])
    assert control.steers(question, "1,1", text)
    assert not control.steers(question, "1,1", "0,0")
    assert control.gramian_error("1,1", "1,2") == 0.5


@pytest.mark.parametrize(
    "junk",
    ["", "x", "1", "1,2,3", "1;2", "1,2;3,4", "i,1", "9" * 900 + ",1", "(" * 500, "1e308,1e308", "nan,1", ",", ";"],
)
def test_hostile_feedback_is_wrong(junk: str) -> None:
    assert control.steers("feedback(x1+u1;x1-x2) at 0.5", "1,1", junk) is False


def test_levels_that_cannot_be_are_refused_in_one_line() -> None:
    with pytest.raises(UserError, match="controls"):
        control.controllability(np.random.default_rng(0), 8, equations=2, controls=3)
