"""A chain's answer is its last step's, worked out step by step by Python's own numbers."""

import copy
import math
import re
from collections import Counter

import pyarrow as pa
import pytest
from question_reader import every_level

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.data import Part, make_shard
from enigmath.bench.streams import stream
from enigmath.generators import arithmetic, chains

LEVELS = every_level(chains)
STEP = re.compile(r"(?:gcd\((\w+),(\w+)\)|(\w+)([-+*])(\w+))")


def value(text: str, known: dict[str, int]) -> int:
    return known[text] if text in known else int(text)


def last(question: str) -> int:
    known: dict[str, int] = {}
    for statement in question.split(";"):
        name, _, step = statement.rpartition("=")
        found = STEP.fullmatch(step)
        assert found is not None, question
        if found[1]:
            known[name] = math.gcd(value(found[1], known), value(found[2], known))
        else:
            a, b = value(found[3], known), value(found[5], known)
            known[name] = {"+": a + b, "-": a - b, "*": a * b}[found[4]]
    return known[""]


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_is_that_of_the_last_step(task: Task, number: int) -> None:
    level = task.level(number)
    shard = make_shard(Part(task, number, 0), 0).slice(0, 500)
    assert shard.num_rows == 500
    for question, given in zip(shard["question"].to_pylist(), shard["answer"].to_pylist(), strict=True):
        assert question.count(";") == level["steps"] - 1
        assert str(last(question)) == given
    pairs = set(zip(shard["question"].to_pylist(), shard["key"].to_pylist(), strict=True))
    assert len(pairs) == len(set(shard["question"].to_pylist()))


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_no_step_is_trivial_and_the_commonest_answer_scores_what_is_declared(task: Task, number: int) -> None:
    drawn = [make_shard(Part(task, number, 1), index) for index in range(2)]
    keys, given = (pa.concat_tables(drawn)[name].to_pylist() for name in ("key", "answer"))
    answers = dict(zip(keys, given, strict=True))
    commonest, count = Counter(answers.values()).most_common(1)[0]
    assert commonest == "1"
    assert count / len(answers) == pytest.approx(0.16, abs=0.035)
    for question in drawn[0]["question"].to_pylist()[:500]:
        *inner, _ = question.split(";")
        assert all(last(";".join([*inner[:place], inner[place][2:]])) > 1 for place in range(len(inner)))


def test_each_step_uses_the_one_before() -> None:
    batch = chains.arithmetic_chain(stream("chains"), 2_000, digits=2, steps=4)
    for question in batch.question.to_pylist():
        steps = question.split(";")
        assert all(re.search(rf"\b{name}\b", steps[place + 1].rpartition("=")[2]) for place, name in enumerate("abc"))
    assert sum(batch.rejected.values()) + len(batch.question) == 2_000


def test_commuted_first_steps_share_a_key() -> None:
    batch = chains.arithmetic_chain(stream("chains"), 20_000, digits=1, steps=2)
    keys = dict(zip(batch.question.to_pylist(), batch.key.tolist(), strict=True))
    twins = [(a, f"a={a[4]}+{a[2]};{a[6:]}") for a in keys if re.fullmatch(r"a=\d\+\d;a.\d", a)]
    both = [(one, other) for one, other in twins if other in keys and one != other]
    assert len(both) > 20
    assert all(keys[one] == keys[other] for one, other in both)
    assert keys["a=1+2;a+3"] != keys["a=1+2;a-3"]


def test_a_chain_is_found_again_in_another_process() -> None:
    assert copy.copy(chains.arithmetic_chain) is chains.arithmetic_chain


def test_a_task_that_no_chain_can_hold_is_one_clear_line() -> None:
    with pytest.raises(UserError, match="arithmetic/comparison: is not a bulk task with whole answers"):
        chains.chained("a/b", [arithmetic.comparison], [{"steps": 2}], [], "Doc.", module=__name__)
