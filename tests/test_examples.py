"""The example in the first sentence of a task's docstring is right: worked out by the route of the task's own tests."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import question_reader
import sympy
import test_bases
import test_control
import test_curves
import test_decimals
import test_divisibility
import test_equations
import test_matrices
import test_measures
import test_ordering
import test_polynomials
import test_powers
import test_probability
import test_rational_functions
import test_rationals
import test_recurrences
import test_residues
import test_signals
import test_stability
import test_substitution
import test_transport
import test_words
from calculus_reader import NAMES, formula, inside

from enigmath.bench.contracts import Task
from enigmath.bench.contracts.formal import read_matrix
from enigmath.bench.contracts.registry import tasks

EXAMPLE = re.compile(
    r"(?:as|as in|modulo the second:|to the second:) `([^`]+)`"
    r"(?: with the answer | = |, which is |, whose answer is |: )(?:`([^`]+)`|(-?[0-9/]+)(?=[.;,]))"
)
"""A question between backticks, and the answer that follows it, with backticks or a plain number."""


def examples() -> list[object]:
    """Task, question and answer of every docstring that gives both, where a route is known."""
    found = [(task, EXAMPLE.search(task.doc)) for task in tasks().plugins.values() if module(task) in HOLDS]
    return [pytest.param(task, match[1], match[2] or match[3], id=task.name) for task, match in found if match]


def module(task: Task) -> str:
    return task.function.__module__.rpartition(".")[2]


def bare(task: Task) -> str:
    return task.name.partition("/")[2]


def summed(question: str) -> str:
    a, b, prime, one, other = test_curves.read(question)
    return test_curves.shown(test_curves.third_by_line(a, b, prime, one, other))


def continued(task: Task, question: str) -> np.ndarray:
    fit = test_signals.fitted_recurrence if question.startswith("recurrence") else test_signals.fitted_sines
    return fit(*test_signals.read(task, question))


def spectrum(question: str) -> np.ndarray:
    matrix = np.array(test_matrices.exact(inside(question)[1:-1]).tolist(), float)
    return np.sort(np.linalg.eigvalsh(matrix) if question[0] == "e" else np.linalg.svd(matrix)[1])[::-1]


def near(given: str, right: np.ndarray) -> bool:
    return bool(np.allclose(read_matrix(given), right, rtol=0, atol=1e-9))


def unreached(question: str) -> str:
    a, b = test_control.parts(question)
    return str(len(a) - test_control.reached(a, b))


def slowest(question: str) -> float:
    return float(np.linalg.eigvals(test_stability.matrix_of(question)).real.max())


def matrix(task: Task, question: str, given: str) -> bool:
    right = test_matrices.expected(task, question)
    return test_matrices.off_by(given, right) == 0 if hasattr(right, "rows") else given == str(right)


def accepted(task: Task, question: str, given: str) -> bool:
    assert task.check is not None
    found = task.check(question, given, given)
    return found is True or (not isinstance(found, bool) and found < 1e-3)


def calculus(task: Task, question: str, given: str) -> bool:
    """Definite integrals by their antiderivative, coefficients by differentiating; the rest by the judge."""
    if task.check is not None:
        return accepted(task, question, given)
    function, *numbers = inside(question).split(",")
    if question.startswith("taylor"):
        order = int(numbers[0])
        found = sympy.diff(formula(function), NAMES["x"], order).subs(NAMES["x"], 0) / sympy.factorial(order)
    else:
        found = sympy.integrate(formula(function), (NAMES["x"], *map(int, numbers)))
    return given == str(found)


def limit(task: Task, question: str, given: str) -> bool:
    function, _, point = inside(question).rpartition(",")
    return str(sympy.limit(formula(function), NAMES["x"], sympy.oo if point == "inf" else int(point))) == given


def substituted(question: str) -> str:
    return str(test_substitution.polynomial(question).eval(tuple(test_substitution.read(question)[1].values())))


def said(question: str) -> str:
    found = [(work, match) for pattern, work in test_words.READ.items() if (match := re.search(pattern, question))]
    assert len(found) == 1
    return str(found[0][0](*found[0][1].groups()))


HOLDS: dict[str, Callable[[Task, str, str], bool]] = {
    "antiderivatives": calculus,
    "arithmetic": lambda task, question, given: question_reader.answer(task.name, question) == given,
    "bases": lambda task, question, given: test_bases.answer(task, question) == given,
    "control": lambda task, question, given: (
        accepted(task, question, given) if task.check else unreached(question) == given
    ),
    "curves": lambda task, question, given: summed(question) == given,
    "decimals": lambda task, question, given: test_decimals.answer(task, question) == given,
    "derivatives": calculus,
    "differential_equations": calculus,
    "divisibility": lambda task, question, given: test_divisibility.solved(question) == given,
    "equations": lambda task, question, given: test_equations.holds(question, given),
    "limits": limit,
    "matrices": matrix,
    "measures": test_measures.right,
    "ordering": lambda task, question, given: test_ordering.answer(task, question) == given,
    "polynomials": lambda task, question, given: test_polynomials.holds(bare(task), question, given),
    "powers": lambda task, question, given: test_powers.answer(task, question) == given,
    "probability": lambda task, question, given: str(test_probability.expected(task, question)) == given,
    "rational_functions": lambda task, question, given: test_rational_functions.holds(bare(task), question, given),
    "rationals": lambda task, question, given: test_rationals.answer(task, question) == given,
    "recurrences": lambda task, question, given: test_recurrences.holds(bare(task), question, given),
    "residues": lambda task, question, given: test_residues.solved(question) == given,
    "signals": lambda task, question, given: near(given, continued(task, question)),
    "spectra": lambda task, question, given: (
        accepted(task, question, given) if task.check else near(given, spectrum(question))
    ),
    "stability": lambda task, question, given: float(given) == -slowest(question),
    "substitution": lambda task, question, given: substituted(question) == given,
    "transport": lambda task, question, given: test_transport.solved(question) == given,
    "words": lambda task, question, given: said(question) == given,
}


@pytest.mark.parametrize(("task", "question", "given"), examples())
def test_the_example_of_the_docstring_is_right(task: Task, question: str, given: str) -> None:
    assert HOLDS[module(task)](task, question, given), (question, given)


def test_most_docstrings_have_an_example_with_its_answer() -> None:
    assert len(examples()) >= 95
