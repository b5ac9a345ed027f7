"""The talk's expressions and division modulo a prime: each answer and key is worked out anew from the question."""

from operator import add, mul, sub, truediv

import pyarrow as pa
import pytest
from question_reader import Node, agreement, canonical, every_level, leaves, parse, problems, traits

from enigmath.bench.contracts import Task
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, take
from enigmath.bench.scoring import score
from enigmath.generators import talk

TALK = find_task("expressions/talk")
LEVELS = [level for level in every_level(talk) if level.values[0].name == TALK.name]
OPERATIONS = {"+": add, "-": sub, "*": mul, "/": truediv}


def python(node: Node) -> int | float:
    """What Python computes: whole numbers stay whole until something is divided."""
    return node if isinstance(node, int) else OPERATIONS[str(node[0])](python(node[1]), python(node[2]))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_the_answer_is_what_python_prints_and_keys_meet_where_forms_do(task: Task, number: int) -> None:
    batch = problems(task, number, 300)
    questions = batch.question.to_pylist()
    assert pa.array(batch.answer).to_pylist() == [str(python(parse(question))) for question in questions]
    forms = [canonical(task.name, question) for question in questions]
    assert len(set(forms)) == len(set(batch.key.tolist())) == len(set(zip(forms, batch.key.tolist(), strict=True)))


def test_operands_and_brackets_are_those_of_the_level() -> None:
    batch = problems(TALK, 4, 2000)
    numbers = [leaves(parse(question)) for question in batch.question.to_pylist()]
    assert {len(found) for found in numbers} == set(range(2, 10))
    assert min(map(min, numbers)) > 0
    assert max(map(max, numbers)) <= 99_999
    assert {given["brackets"] for given in traits(batch)} == {0, 1, 2, 3}
    kinds = [given["kind"] for given in traits(batch)]
    assert 0.5 < kinds.count("sixteen digits") / len(kinds) < 0.9


def test_a_number_is_right_however_it_is_written() -> None:
    test = take(Part(TALK, 4, 0), {"test": 50})["test"]
    answers = test["answer"].to_pylist()
    assert set(score(TALK, test, [f"{float(text):.17g}" for text in answers], {}).outcomes.to_pylist()) == {"right"}
    near = [f"{float(text) * (1 + 1e-9):.17g}" for text in answers]
    assert set(score(TALK, test, near, {}).outcomes.to_pylist()) == {"wrong"}


def test_operands_to_twenty_are_what_an_independent_reader_finds() -> None:
    task = find_task("expressions/nested-to-twenty")
    batch = problems(task, 3, 300)
    agreement(task.name, batch)
    numbers = [number for question in batch.question.to_pylist() for number in leaves(parse(question))]
    assert (min(numbers), max(numbers)) == (1, 20)


def test_division_modulo_a_prime_undoes_multiplication_and_half_the_space_is_what_is_asked() -> None:
    task = find_task("arithmetic/modular-division")
    drawn = take(Part(task, 2, 0), {"train": 4656, "test": 800})
    for split in drawn.values():
        for question, answer in zip(split["question"].to_pylist(), split["answer"].to_pylist(), strict=True):
            _, (_, first, second), modulus = parse(question)  # type: ignore[misc]
            assert int(answer) * second % modulus == first
            assert 0 <= int(answer) < modulus == 97
    assert len(set(drawn["train"]["question"].to_pylist())) == 4656
