"""Looking up by value: exact neighbours, forms apart, and what it is worth on addition."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial import cKDTree

from enigmath.baselines.nearest_numbers import NearestNumbers, nearest_rows
from enigmath.bench.contracts import Budget, Examples


def examples(questions: list[str], answers: list[str]) -> Examples:
    return Examples(pa.table({"question": questions, "answer": answers}))


@pytest.mark.parametrize(("rows", "queries", "width", "k"), [(20_000, 700, 5, 3), (9, 4, 2, 9), (1, 3, 1, 1)])
def test_the_neighbours_are_those_of_a_tree(rows, queries, width, k) -> None:
    rng = np.random.default_rng(0)
    known, asked = (rng.standard_normal((n, width)).astype(np.float32) for n in (rows, queries))
    _, index = cKDTree(known).query(asked, k)
    assert (nearest_rows(known, asked, k) == index.reshape(queries, k)).all()


def test_a_question_is_answered_as_the_nearest_of_its_form() -> None:
    model = NearestNumbers()
    nothing = examples([], [])
    model.fit(examples(["1+1", "10+10", "10*10", "1.5-2"], ["2", "20", "100", "-0.5"]), nothing, Budget())
    assert model.predict(["9+8", "9*8", "2+1", "1-2"]) == ["20", "100", "2", "-0.5"]


def test_an_unknown_form_and_texts_without_numbers_are_answered_too() -> None:
    model = NearestNumbers()
    model.fit(examples(["1+1", "10+10"], ["2", "20"]), examples([], []), Budget())
    assert model.predict(["gcd(9,9,9)", "", "x", "9" * 5_000]) == ["20", "2", "2", "20"]
    assert model.predict([]) == []


def test_near_in_value_is_near_in_answer_and_never_equal() -> None:
    rng = np.random.default_rng(1)
    pairs = rng.permutation(10**6)[:21_000]
    questions, answers = [f"{p // 1000}+{p % 1000}" for p in pairs], [str(p // 1000 + p % 1000) for p in pairs]
    model = NearestNumbers()
    model.fit(examples(questions[:20_000], answers[:20_000]), examples([], []), Budget())
    said = np.array(model.predict(questions[20_000:]), dtype=float)
    truth = np.array(answers[20_000:], dtype=float)
    assert (abs(said - truth) <= 0.1 * truth).mean() > 0.95
    assert (said == truth).mean() < 0.15
