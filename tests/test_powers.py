"""Powers, whole roots and surds: every answer is worked out anew by Python's integers and by sympy."""

import re
from collections import Counter
from collections.abc import Hashable
from functools import reduce

import numpy as np
import pyarrow as pa
import pytest
import sympy
from question_reader import every_level, normal, problems, texts, traits

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import powers

LEVELS = every_level(powers)
FORMS = {
    "arithmetic/power": r"(\d+)\^(\d)",
    "arithmetic/integer-root": r"floor\((\d+)\^\(1/(\d)\)\)",
    "arithmetic/nearest-root": r"round\((\d+)\^\(1/(\d)\)\)",
    "arithmetic/surd-simplify": r"sqrt\((\d+)\)",
    "arithmetic/surd-sum": r"\d\*sqrt\(\d+\)([+-]\d\*sqrt\(\d+\))+",
}


def terms(question: str) -> list[tuple[int, int]]:
    """The signed coefficients and the radicands of a sum of surds."""
    return [(int(count), int(under)) for count, under in re.findall(r"([+-]?\d+)\*sqrt\((\d+)\)", question)]


def numbers(task: Task, question: str) -> list[int]:
    found = re.fullmatch(FORMS[task.name], question)
    assert found is not None, question
    return [int(number) for number in found.groups()]


def answer(task: Task, question: str) -> str:
    if task.name.startswith("arithmetic/surd"):
        return str(sympy.sympify(question)).replace(" ", "")
    first, second = numbers(task, question)
    if task.name == "arithmetic/power":
        return str(first**second)
    root, _ = sympy.integer_nthroot(first, second)
    past_the_half = 2**second * first > (2 * root + 1) ** second
    return str(root + (past_the_half and task.name == "arithmetic/nearest-root"))


def form(task: Task, question: str) -> Hashable:
    """What equivalent questions share, written down anew."""
    if task.name == "arithmetic/surd-sum":
        total: Counter = Counter()
        for count, under in terms(question):
            total[abs(count), under] += 1 if count > 0 else -1
        return frozenset((term, times) for term, times in total.items() if times)
    if task.name == "arithmetic/power":
        base, exponent = numbers(task, question)
        return normal(reduce(lambda left, right: ("*", left, right), [base] * exponent))
    return question


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_and_every_key_is_what_an_independent_route_finds(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, count, seed=count)
    questions = batch.question.to_pylist()
    assert texts(batch.answer) == [answer(task, question) for question in questions]
    forms, keys = [form(task, question) for question in questions], batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_answers_are_canonical_and_questions_have_one_form(task: Task, number: int) -> None:
    batch = problems(task, number, 200)
    assert len(batch.question) == 200
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question in batch.question.to_pylist():
        assert re.fullmatch(FORMS[task.name], question)
        assert not re.search(r"(?<!\d)0\d", question)


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_traits_are_right(task: Task, number: int) -> None:
    batch, level = problems(task, number, 100), task.level(number)
    for question, written, given in zip(batch.question.to_pylist(), texts(batch.answer), traits(batch), strict=True):
        if task.name == "arithmetic/surd-sum":
            inside = sympy.factorint(terms(question)[0][1])
            free = int(sympy.prod(prime for prime, power in inside.items() if power % 2))
            assert given == {"operands": level["terms"], "inside": free}
            assert len(terms(question)) == level["terms"]
            continue
        found = numbers(task, question)
        digits = {"digits": len(str(found[0]))}
        if task.name == "arithmetic/surd-simplify":
            assert given == digits | {"whole": "sqrt" not in written}
        else:
            assert given == digits | {"exponent" if task.name == "arithmetic/power" else "order": found[1]}


def test_every_root_and_every_order_is_as_frequent() -> None:
    for name in ("arithmetic/integer-root", "arithmetic/nearest-root"):
        batch = find_task(name)(stream("roots", name), 45_000, digits=1, order=3)
        assert all(abs(count - 5_000) < 6 * 5_000**0.5 for count in Counter(texts(batch.answer)).values())
        assert all(abs(count - 22_500) < 6 * 22_500**0.5 for count in Counter(batch.traits["order"].tolist()).values())


def test_every_radicand_of_a_root_is_reached_and_halves_fall_on_the_right_side() -> None:
    batch = find_task("arithmetic/nearest-root")(stream("every radicand"), 200_000, digits=1, order=2)
    under = [int(question[6:].split("^")[0]) for question in batch.question.to_pylist()]
    found = dict(zip(under, map(int, texts(batch.answer)), strict=True))
    assert found == {under: round(under**0.5) for under in range(1, 91)}


def test_guessing_a_root_scores_what_the_docstring_says() -> None:
    batch = problems(find_task("arithmetic/integer-root"), 1, 100_000)
    rows = np.unique(batch.key, return_index=True)[1].tolist()
    answers = texts(batch.answer)
    assert Counter(answers[row] for row in rows).most_common(1)[0][1] / len(rows) == pytest.approx(0.27, abs=0.01)


def test_floor_and_nearest_share_keys_and_terms_may_be_swapped() -> None:
    names = ("arithmetic/integer-root", "arithmetic/nearest-root")
    floor, nearest = (find_task(name)(stream("shared"), 20_000, digits=1, order=2) for name in names)
    keys = dict(zip((question[5:] for question in floor.question.to_pylist()), floor.key.tolist(), strict=True))
    shared = [
        keys[question[5:]] == key
        for question, key in zip(nearest.question.to_pylist(), nearest.key.tolist(), strict=True)
        if question[5:] in keys
    ]
    assert len(shared) > 1_000
    assert all(shared)
    batch = find_task("arithmetic/surd-sum")(stream("swapped"), 100_000, terms=2, outside=2, inside=5)
    keys = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    assert keys["3*sqrt(8)+2*sqrt(2)"] == keys["2*sqrt(2)+3*sqrt(8)"]
    assert len({keys["3*sqrt(8)+2*sqrt(2)"], keys["2*sqrt(8)+3*sqrt(2)"], keys["3*sqrt(8)-2*sqrt(2)"]}) == 3


def test_a_power_shares_its_key_with_the_product() -> None:
    power = find_task("arithmetic/power")(stream("power"), 20_000, digits=2, exponent=2)
    product = find_task("arithmetic/multiplication")(stream("product"), 200_000, digits=2)
    products = dict(zip(product.question.to_pylist(), product.key.tolist(), strict=True))
    keys = dict(zip(power.question.to_pylist(), power.key.tolist(), strict=True))
    assert all(products[f"{base}*{base}"] == keys[f"{base}^2"] for base in range(2, 100))


def test_a_surd_that_is_not_simplified_is_wrong_and_another_way_of_writing_it_is_right() -> None:
    given = pa.array(["6 * sqrt(2)", "(6)*sqrt(2)", "3*sqrt(8)", "sqrt(72)", "9" * 900, "(" * 900, "", "6*root(2)"])
    read = find_task("arithmetic/surd-simplify").answer.canonical(given).to_pylist()
    assert [text == "6*sqrt(2)" for text in read] == [True, True] + [False] * 6


def test_a_level_outside_the_bounds_is_one_clear_error() -> None:
    for level in ({"digits": 9, "order": 3}, {"digits": 2, "order": 1}):
        with pytest.raises(UserError, match="roots of order"):
            find_task("arithmetic/nearest-root")(stream("bounds"), 4, **level)
