"""Linear algebra: every answer is worked out anew from the question's text alone, by sympy's exact fractions."""

import math
import re
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import every_level, problems, texts

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import matrices
from enigmath.generators.matrix_text import hash_unordered, write_floats, write_units

LEVELS = every_level(matrices)
NUMBER = r"-?\d+(?:\.\d{1,2})?"
ROW = rf"{NUMBER}(?:,{NUMBER})*"
TABLE = rf"\[({ROW}(?:;{ROW})*)\]"
VECTOR = rf"\(({ROW})\)"
FORMS = {
    "transpose": rf"transpose\({TABLE}\)",
    "matrix-sum": rf"{TABLE}\+{TABLE}",
    "matrix-vector": rf"{TABLE}\*{VECTOR}",
    "matrix-product": rf"{TABLE}\*{TABLE}",
    "determinant": rf"det\({TABLE}\)",
    "rank": rf"rank\({TABLE}\)",
    "inverse": rf"inverse\({TABLE}\)",
    "solve": rf"solve\({TABLE},{VECTOR}\)",
}
HOSTILE = [
    "",
    "junk",
    "1,2;3",
    "9" * 900,
    "[" * 500,
    "1e308,1e308;1e308,1e308",
    "nan,nan;nan,nan",
    "0,0;0,0",
    "1i,2;3,4",
    "1e999,1;1,1",
    ",;,",
    ";" * 900,
]


def exact(text: str) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(entry) for entry in row.split(",")] for row in text.split(";")])


def operands(task: Task, question: str) -> list[sympy.Matrix]:
    found = re.fullmatch(FORMS[task.name.partition("/")[2]], question)
    assert found is not None, question
    return [exact(text) for text in found.groups()]


def expected(task: Task, question: str) -> sympy.Matrix | int:
    first, *others = operands(task, question)
    name = task.name.partition("/")[2]
    if name == "determinant":
        return first.det()
    if name == "rank":
        return first.rank()
    if name == "solve":
        return first.LUsolve(others[0].T).T
    if name == "matrix-vector":
        return (first * others[0].T).T
    return {
        "transpose": lambda: first.T,
        "matrix-sum": lambda: first + others[0],
        "matrix-product": lambda: first * others[0],
        "inverse": lambda: first.inv(),
    }[name]()


def off_by(given: str, right: sympy.Matrix) -> float:
    """The norm of the error over the norm of the right answer."""
    read = [[Fraction(entry) for entry in row.split(",")] for row in given.split(";")]
    true = [[Fraction(entry.p, entry.q) for entry in right.row(row)] for row in range(right.rows)]
    pairs = [(a, b) for one, other in zip(read, true, strict=True) for a, b in zip(one, other, strict=True)]
    return float(sum(abs(a - b) for a, b in pairs) / sum(abs(b) for _, b in pairs))


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_the_exact_one(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, 2 * count)
    questions, answers = batch.question.to_pylist()[:count], texts(batch.answer)[:count]
    assert len(questions) == count
    for question, given in zip(questions, answers, strict=True):
        right = expected(task, question)
        if not isinstance(right, sympy.MatrixBase):
            assert given == str(right)
        elif "transpose" in task.name or "sum" in task.name:
            assert exact(given) == right
        else:
            assert off_by(given, right) < 5.1e-4


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_keys_unique_and_rejections_counted(task: Task, number: int) -> None:
    batch = problems(task, number, 1_000)
    answers = pa.array(texts(batch.answer))
    assert task.answer.canonical(answers).equals(answers)
    assert len(batch.question) + sum(batch.rejected.values()) == 1_000
    assert len(batch.question) > 600
    assert len(set(batch.key.tolist())) >= 0.99 * len(batch.question)
    assert max(len(answer) for answer in answers.to_pylist()) < 1_000
    for values in batch.traits.values():
        assert len(values) == len(batch.question)
    for question in batch.question.to_pylist():
        assert re.fullmatch(FORMS[task.name.partition("/")[2]], question)
        assert not re.search(r"-0(?![.\d])|(?<![\d.])0\d|\.\d*0(?!\d)", question)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_the_stored_answer_is_right_by_the_narrowest_tolerance(task: Task, number: int) -> None:
    if task.check is None:
        return
    batch = problems(task, number, 100)
    for question, given in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        assert task.check(question, given, given) < 0.005


def test_ranks_are_balanced_and_their_entries_alike() -> None:
    task = find_task("linear-algebra/rank")
    for number, level in enumerate(task.all_levels, start=1):
        batch = problems(task, number, 6_000)
        answers = np.array(batch.answer)[np.unique(batch.key, return_index=True)[1]]
        shares = np.bincount(answers)[1:] / len(answers)
        assert abs(shares - task.chance(**level)).max() < 0.03
        entries = [re.findall(r"\d+", question) for question in batch.question.to_pylist()]
        sizes = np.array([np.mean([int(entry) for entry in row]) for row in entries])
        means = [sizes[batch.answer == rank].mean() for rank in range(1, level["size"] + 1)]
        assert max(means) < 1.4 * min(means)


def test_entries_follow_the_law_that_they_are_named_after() -> None:
    rng = stream("entries")
    uniform = matrices.draw_matrices(rng, (20_000, 2, 2), "uniform") / 100
    gaussian = matrices.draw_matrices(rng, (20_000, 2, 2), "gaussian") / 100
    positive = matrices.draw_matrices(rng, (20_000, 2, 2), "positive") / 100
    wigner = matrices.draw_matrices(rng, (1_000, 4, 4), "wigner")
    assert (uniform.min(), uniform.max(), positive.min(), positive.max()) == (-10, 10, 0, 10)
    assert abs(uniform.std() - 10 / 3**0.5) < 0.05
    assert abs(gaussian.std() - 10 / 3**0.5) < 0.05
    assert abs((gaussian**4).mean() / (gaussian**2).mean() ** 2 - 3) < 0.1
    assert (wigner == wigner.swapaxes(1, 2)).all()
    with pytest.raises(UserError, match="no distribution"):
        matrices.draw_matrices(rng, (1, 2, 2), "cauchy")


def test_conditions_are_bounded() -> None:
    batch = problems(find_task("linear-algebra/inverse"), 4, 500)
    for question in batch.question.to_pylist():
        matrix = np.array(operands(find_task("linear-algebra/inverse"), question)[0].tolist(), dtype=float)
        assert np.linalg.cond(matrix, 1) < 100.01


def test_determinants_that_would_not_fit_are_refused() -> None:
    with pytest.raises(UserError, match="do not fit"):
        find_task("linear-algebra/determinant")(stream("large"), 4, size=8, largest=99)


def test_large_determinants_and_ranks_are_exact() -> None:
    drawn = stream("laplace").integers(-9, 10, (20, 7, 7))
    assert matrices.determinants(drawn).tolist() == [int(sympy.Matrix(one.tolist()).det()) for one in drawn]
    low = drawn.copy()
    low[:, 3] = 2 * low[:, 1] - low[:, 5]
    low[:10, :, 0] = 0
    found = matrices._ranks_modulo(low).tolist()
    assert found == [sympy.Matrix(one.tolist()).rank() for one in low]


def test_the_key_of_a_matrix_knows_no_order_of_rows_and_columns() -> None:
    rng = stream("orders")
    drawn = rng.integers(-9, 10, (500, 4, 4))
    rows, columns = rng.permutation(4), rng.permutation(4)
    key = hash_unordered("any", drawn)
    assert (hash_unordered("any", drawn[:, rows][:, :, columns]) == key).all()
    assert (hash_unordered("any", drawn.swapaxes(1, 2)) == key).all()
    assert len(set(key.tolist())) == 500
    changed = drawn.copy()
    changed[:, 1, 2] += 1
    assert not np.isin(hash_unordered("any", changed), key).any()
    swapped = drawn.copy()
    swapped[:, [0, 1], 0] = swapped[:, [1, 0], 0]
    moved = (swapped != drawn).any(axis=(1, 2)) & (drawn[:, 0, 1:] != drawn[:, 1, 1:]).any(axis=1)
    assert not (hash_unordered("any", swapped) == key)[moved].any()


def test_labels_move_with_their_rows() -> None:
    rng = stream("labels")
    drawn, right = rng.integers(-99, 100, (200, 3, 3)), rng.integers(-99, 100, (200, 3))
    key = hash_unordered("solve", drawn, rows=right)
    assert (hash_unordered("solve", drawn[:, [2, 0, 1]], rows=right[:, [2, 0, 1]]) == key).all()
    assert (hash_unordered("solve", drawn[:, :, [2, 0, 1]], rows=right) == key).all()
    assert not (hash_unordered("solve", drawn[:, [2, 0, 1]], rows=right) == key).any()
    assert not (hash_unordered("solve", drawn, columns=right) == hash_unordered("solve", drawn)).any()


def test_an_inverse_is_judged_by_what_it_does() -> None:
    check = find_task("linear-algebra/inverse").check
    question = "inverse([1,2;3,4])"
    assert check(question, "", "-2,1;1.5,-0.5") == 0
    assert check(question, "", "-2,1;1.5,-0.6") == pytest.approx((0.3 + 0.4) / 2)
    assert check(question, "", "-2,1,0;1.5,-0.5,0") == math.inf
    for prediction in HOSTILE:
        assert check(question, "-2,1;1.5,-0.5", prediction) > 0.5


def test_numbers_are_written_as_the_answer_kind_writes_them() -> None:
    kind = find_task("linear-algebra/solve").answer
    values = stream("writing").normal(size=(300, 2, 2)) * 10.0 ** stream("powers").integers(-6, 9, (300, 1, 1))
    written = write_floats(values, 4)
    assert written.to_pylist() == [kind.write(one) for one in values]
    units = stream("units").integers(-(10**4), 10**4, (300, 2, 3))
    assert write_units(units, 2).to_pylist() == [kind.write(one) for one in units / 100]
    assert write_units(units[:0], 2).to_pylist() == []


class Given:
    """In place of a random generator: draws what it is given, one matrix after another."""

    def __init__(self, *drawn: np.ndarray) -> None:
        self.drawn = iter(drawn)

    def integers(self, low: int, high: int, shape: tuple[int, ...]) -> np.ndarray:
        found = next(self.drawn)
        assert found.shape == shape
        assert low <= found.min() <= found.max() < high
        return found


def test_equal_problems_share_a_key_and_others_do_not() -> None:
    first, second = stream("equal").integers(-999, 1_000, (2, 50, 3, 3))
    vector = stream("vector").integers(1, 1_000, (50, 1, 3))
    order = [1, 2, 0]

    def keys(name: str, *drawn: np.ndarray) -> list[int]:
        shape = {"rows": 3, "columns": 3} if name in ("transpose", "matrix-sum") else {"size": 3}
        return find_task(f"linear-algebra/{name}")(Given(*drawn), 50, entries="uniform", **shape).key.tolist()

    turned, other = first.swapaxes(1, 2), second.swapaxes(1, 2)
    assert keys("transpose", first) == keys("transpose", turned) != keys("transpose", second)
    assert keys("matrix-sum", first, second) == keys("matrix-sum", second, first) == keys("matrix-sum", other, turned)
    assert keys("matrix-sum", first, second) != keys("matrix-sum", first, other)
    assert keys("matrix-product", first, second) == keys("matrix-product", other, turned)
    assert not set(keys("matrix-product", first, second)) & set(keys("matrix-product", second, first))
    assert keys("inverse", first) == keys("inverse", turned[:, order]) != keys("inverse", second)
    asked = keys("solve", first, vector)
    assert asked == keys("solve", first[:, order], vector[:, :, order]) == keys("solve", -first, -vector)
    assert asked == keys("solve", first[:, :, order], vector)
    assert not set(asked) & (set(keys("solve", turned, vector)) | set(keys("solve", first[:, order], vector)))
    asked = keys("matrix-vector", first, vector)
    assert asked == keys("matrix-vector", first[:, :, order], vector[:, :, order])
    assert not set(asked) & (set(keys("matrix-vector", first[:, :, order], vector)) | set(keys("solve", first, vector)))
