"""Eigenvalues, eigenvectors and singular values: worked out anew by sympy's or scipy's own algorithms."""

import math
import re

import numpy as np
import pyarrow as pa
import pytest
import scipy.linalg
import sympy
from question_reader import every_level, problems, texts
from test_matrices import HOSTILE, TABLE, exact

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import spectra

LEVELS = every_level(spectra)
FORM = rf"(eigenvalues|eigenvectors|svd)\({TABLE}\)"


def table(question: str) -> np.ndarray:
    found = re.fullmatch(FORM, question)
    assert found is not None, question
    return np.array(exact(found[2]).tolist(), dtype=float)


def numbers(text: str) -> np.ndarray:
    return np.array([[float(entry) for entry in row.split(",")] for row in text.split(";")])


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_what_another_algorithm_finds(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, 2 * count)
    questions, answers = batch.question.to_pylist()[:count], texts(batch.answer)[:count]
    assert len(questions) == count
    for question, given in zip(questions, answers, strict=True):
        matrix, found = table(question), numbers(given)
        if question.startswith("eigenvectors"):
            # The general, not the symmetric, algorithm; then each row against its own.
            values, columns = scipy.linalg.eig(matrix)
            right = columns[:, np.argsort(-values.real)].T.real
            right *= np.sign((right * found).sum(axis=1, keepdims=True))
            assert np.abs(found - right).max() < 6e-5
            first = [row[np.abs(row) > 1e-4][0] for row in found]
            assert min(first) > 0
            continue
        if question.startswith("eigenvalues"):
            right = np.sort(scipy.linalg.eigvals(matrix).real)[::-1]
        else:
            right = np.sqrt(np.maximum(np.sort(scipy.linalg.eigvals(matrix.T @ matrix).real)[::-1], 0))
        assert np.abs(found[0] - right).sum() < 5.1e-4 * np.abs(right).sum()
        assert (np.diff(found[0]) <= 0).all()


@pytest.mark.parametrize("size", [2, 3])
def test_sympy_agrees_to_the_last_digit_written(size: int) -> None:
    batch = problems(find_task("linear-algebra/eigenvalues"), size - 1, 25)
    for question, given in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        found = re.fullmatch(FORM, question)
        roots = sympy.Poly(exact(found[2]).charpoly().as_expr()).nroots(n=30)
        right = sorted((sympy.re(root) for root in roots), reverse=True)
        assert [float(f"{float(one):.4g}") for one in right] == numbers(given)[0].tolist()


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_right_and_keys_unique(task: Task, number: int) -> None:
    batch = problems(task, number, 500)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    assert len(batch.question) + sum(batch.rejected.values()) == 500
    assert len(batch.question) > 300
    assert len(set(batch.key.tolist())) == len(batch.question)
    for row, (question, given) in enumerate(zip(batch.question.to_pylist(), texts(batch.answer), strict=True)):
        assert re.fullmatch(FORM, question)
        if "negative" in batch.traits:
            assert batch.traits["negative"][row] == (np.linalg.eigvals(table(question)).real < 0).sum()
        if task.check is not None:
            assert task.check(question, given, given) < 0.002


def test_spectra_follow_the_law_that_they_are_named_after() -> None:
    for spectrum, kurtosis in (("wigner", 2), ("uniform", 1.8), ("gaussian", 3), ("laplace", 6)):
        drawn = spectra.draw_symmetric(stream("law", spectrum), 6_000, 8, spectrum) / 100
        assert (drawn == drawn.swapaxes(1, 2)).all()
        values = np.linalg.eigvalsh(drawn)
        assert abs((values**2).mean() ** 0.5 / (10 * (8 / 3) ** 0.5) - 1) < 0.05
        found = (values**4).mean() / (values**2).mean() ** 2
        assert abs(found / kurtosis - 1) < 0.1
    assert np.linalg.eigvalsh(spectra.draw_symmetric(stream("positive"), 500, 5, "positive") / 100).min() > -0.03
    with pytest.raises(UserError, match="no spectrum"):
        spectra.draw_symmetric(stream("law"), 2, 2, "cauchy")


def test_a_renamed_or_negated_matrix_shares_its_key() -> None:
    drawn = spectra.draw_symmetric(stream("renamed"), 300, 4, "wigner")
    key = spectra.hash_symmetric("eigenvalues", drawn)
    order = [2, 0, 3, 1]
    assert (spectra.hash_symmetric("eigenvalues", drawn[:, order][:, :, order]) == key).all()
    assert (spectra.hash_symmetric("eigenvalues", -drawn) == key).all()
    assert len(set(key.tolist())) == 300
    changed = drawn.copy()
    changed[:, [0, 1], [0, 1]] = changed[:, [1, 0], [1, 0]]
    assert not (spectra.hash_symmetric("eigenvalues", changed) == key).any()


def test_eigenvectors_are_judged_up_to_length_and_sign_and_not_further() -> None:
    check = find_task("linear-algebra/eigenvectors").check
    question = "eigenvectors([1,2;2,4])"
    for right in ("0.4472,0.8944;0.8944,-0.4472", "1,2;-2,1", "-100,-200;0.02,-0.01"):
        assert check(question, "", right) < 1e-3
    for wrong in ("2,-1;1,2", "1,2;1,2", "1,0;0,1", "1,2;0,0", "1,2", "1,2,0;2,-1,0"):
        assert check(question, "", wrong) > 0.05
    for prediction in HOSTILE:
        assert check(question, "", prediction) > 0.05
    assert check(question, "", "1,2;3") == math.inf


def test_answers_that_repeat_a_vector_are_wrong_at_every_size() -> None:
    task = find_task("linear-algebra/eigenvectors")
    for number in range(1, len(task.all_levels) + 1):
        batch = problems(task, number, 60)
        for question, given in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
            rows = given.split(";")
            assert task.check(question, given, ";".join([rows[0]] * len(rows))) > 0.05
            assert task.check(question, given, ";".join(rows[::-1])) > 0.05


def test_no_problems_are_no_problem() -> None:
    batch = find_task("linear-algebra/singular-values")(stream("none"), 0, size=2, entries="uniform")
    assert batch.question.equals(pa.array([], pa.string()))
