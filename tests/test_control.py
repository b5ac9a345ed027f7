"""Control: ranks by another route, Gramians by quadrature; any stabilising feedback is right, junk is wrong."""

import re

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from question_reader import every_level, problems
from scipy.integrate import quad_vec
from system_reader import derivatives, moving_derivatives, rows

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.expression import parse
from enigmath.bench.contracts.formal import read_matrix
from enigmath.bench.contracts.registry import metrics
from enigmath.bench.data import Part, take
from enigmath.bench.scoring import score
from enigmath.generators import control
from enigmath.generators.random_systems import system_keys, tokens_of

FORM = re.compile(r"(unreached|controllable|feedback)\([-+*/()0-9a-z;]+\) at 0\.5(, t=0\.9)?")


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


def reached_in_time(question: str, order: int) -> int:
    """The rank of the Taylor coefficients of P(t) B(t), where P carries the state at t back to t = 0.9: P' = -P A."""
    jacobians, size = moving_derivatives(question, order)
    a, b = [jacobian[:, :size] for jacobian in jacobians], [jacobian[:, size:] for jacobian in jacobians]
    back = [np.array(mpmath.eye(size).tolist(), object)]
    for index in range(order):
        back.append(-sum(back[place] @ a[index - place] for place in range(index + 1)) / (index + 1))
    carried = [sum(back[place] @ b[index - place] for place in range(index + 1)) for index in range(order + 1)]
    columns = [column for block in carried for column in block.T]
    lengths = [mpmath.norm(column.tolist()) for column in columns]
    matrix = [list(column / length) for column, length in zip(columns, lengths, strict=True) if length > 1e-15]
    mpmath.mp.dps = 30
    return sum(singular > 1e-9 for singular in mpmath.svd_r(mpmath.matrix(matrix), compute_uv=False))


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("number", range(1, 5))
def test_ranks_in_time_are_those_of_another_route(number: int, count: int) -> None:
    task = control.controllability_time_varying
    level = task.level(number)
    for question, answer in rows(task, number, count):
        rank = reached_in_time(question, 2 * level["equations"] // level["controls"])
        assert answer == control.WORDS[rank < level["equations"]], question


def test_a_system_may_be_steered_only_because_it_changes_with_the_time() -> None:
    # x1' = t*u1, x2' = u1: frozen at any time it cannot be steered, for A = 0; but B turns.
    a, b = np.zeros((1, 2, 2, 3)), np.array([[[[0.9, 1, 0]], [[1, 0, 0]]]], float)
    matrix, certain = control.moving_controllability_matrix(a, b)
    assert certain.all()
    assert control.ranks(matrix)[0].tolist() == [2]
    still, _ = control.moving_controllability_matrix(a, b * [1, 0, 0])
    assert control.ranks(still)[0].tolist() == [1]


def test_without_the_time_ranks_are_those_of_the_autonomous_system() -> None:
    systems, rank, _ = control._ranked(np.random.default_rng(1), 400, 3, 1, "test")
    series = np.concatenate([systems.jacobians[..., None], np.zeros((*systems.jacobians.shape, 6))], axis=3)
    found, clear = control.ranks(control.moving_controllability_matrix(series[:, :, :3], series[:, :, 3:])[0])
    assert (found == rank)[clear].all()
    assert clear.mean() > 0.9
    assert (rank < 3).any()


def test_keys_tell_the_time_from_a_control() -> None:
    names = ["x1", "x2", "u1", "t"]
    tokens = [
        tokens_of([parse(part) for part in text.split(";")], names)[None]
        for text in ("x1*u1;x2*t", "x2*u1;x1*t", "x1*t;x2*u1", "x1*t;x2*t*u1")
    ]
    one, other, renamed, last = (int(system_keys(system, 4, timed=True)[0]) for system in tokens)
    assert one == renamed
    assert len({one, other, last}) == 3
    exchanged = (
        tokens_of([parse("x1*u1"), parse("x2*x1*t")], names),
        tokens_of([parse("x1*t"), parse("x2*x1*u1")], names),
    )
    assert len({int(system_keys(system[None], 4, timed=True)[0]) for system in exchanged}) == 2
    assert len({int(system_keys(system[None], 4)[0]) for system in exchanged}) == 1


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


def test_how_near_a_feedback_is_to_the_gramians_is_scored_whether_or_not_it_steers() -> None:
    table = take(Part(control.feedback, 1, 0), {"test": 30})["test"]
    first = [read_matrix(answer) for answer in table["answer"].to_pylist()]
    for factor, within in ((1.0, [1, 1]), (1.08, [0, 1]), (1.5, [0, 0])):
        said = [control.feedback.answer.write(matrix * factor) for matrix in first]
        scored = score(control.feedback, table, said, metrics().plugins)
        found = [np.unique(scored.values[name]).tolist() for name in ("norm-5", "norm-10")]
        assert found == [[share] for share in within]
    assert scored.values["exact"].mean() > 0.5  # half as much again often steers as well, far as it is


@pytest.mark.parametrize(
    "junk",
    ["", "x", "1", "1,2,3", "1;2", "1,2;3,4", "i,1", "9" * 900 + ",1", "(" * 500, "1e308,1e308", "nan,1", ",", ";"],
)
def test_hostile_feedback_is_wrong(junk: str) -> None:
    assert control.steers("feedback(x1+u1;x1-x2) at 0.5", "1,1", junk) is False


def test_levels_that_cannot_be_are_refused_in_one_line() -> None:
    with pytest.raises(UserError, match="controls"):
        control.controllability(np.random.default_rng(0), 8, equations=2, controls=3)
