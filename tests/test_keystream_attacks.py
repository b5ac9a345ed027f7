"""Attacks on generators: where they must be right, where they have no answer, and what elimination learns."""

import inspect
import re

import numpy as np
import pyarrow as pa
import pytest
from question_reader import every_level, problems, texts

from enigmath.baselines.attacks.affine import AffineMap
from enigmath.baselines.attacks.congruential import HiddenCongruential
from enigmath.baselines.attacks.keystreams import StateRecovery
from enigmath.bench.contracts import Budget, Examples, Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.generators import congruential_generators, keystreams, number_generators

MODULES = (congruential_generators, number_generators, keystreams)
LEVELS = [one for module in MODULES for one in every_level(module)]
TASKS = [task for module in MODULES for task in vars(module).values() if isinstance(task, Task)]

NOT_ATTACKED = {
    ("lcg-truncated", 6), ("lcg-distinguish", 5), ("lcg-distinguish", 6), ("mersenne-seed", 4), ("mersenne-seed", 5),
    ("rc4-key", 4), ("rc4-key", 5), ("rc4-distinguish", 5),
}  # fmt: skip


@pytest.mark.parametrize(
    ("task", "number"),
    [one for one in LEVELS if one.values[0].solve == "state-recovery" and one.id != "stream/mersenne-seed-space=20"],
)
def test_the_attack_is_right_wherever_it_answers_and_answers_where_it_should(task: Task, number: int) -> None:
    batch = problems(task, number, 200 if task.draws < 2**14 else 40, seed=3)
    questions, answers = batch.question.to_pylist(), texts(batch.answer)
    attack = models().plugins[task.solve]()
    found = attack.predict(questions)
    if (task.name.removeprefix("stream/"), number) in NOT_ATTACKED:
        assert set(found) == {None}
    elif task.name == "stream/rc4-distinguish":
        right = np.mean([one == other for one, other in zip(found, answers, strict=True)])
        assert abs(right - (0.59, 0.67, 0.8, 0.88)[number - 1]) < 0.14
    else:
        assert found == answers


def test_the_attack_gives_none_or_a_text_on_questions_that_are_not_its_own() -> None:
    junk = [
        "", "lfsr", "lfsr.next", "lfsr.next(", "lfsr.next()", "lfsr.next(1,10)", "lfsr.state(0111,4,1111)", "12+34",
        "lfsr.state(1001,99999999,1111)", "lfsr.taps(011)", "lfsr.taps(2)",
        "lfsr.continue(011)", "lfsr.distinguish(99,0101)", "lfsr.distinguish(8,0101)", "lcg.next(1,2,0,3)",
        "lcg.parameters(7,1,1,1,2)", "lcg.parameters(?,1,1,1,2,2)", "lcg.continue(0,1,2,3,9)", "lcg.top(8,0,5,1,2,3)",
        "lcg.parameters(12,2,4,8,9)", "lcg.parameters(?,1,2,4,8,16)", "lcg.continue(?,0,0,0,0,5)", "rc4.key(2,0,)",
        "lcg.top(62,1,5,1,0,0)", "lcg.top(8,4,5,1,99,3)", "lcg.distinguish(8,4,1,2,3,4)", "xorshift.key(0,aaaa)",
        "xorshift.key(8,a)", "xorshift.key(4,a)", "xorshift.next(99999999,aaaaaaaa)", "xorshift.distinguish(4,a)",
        "mersenne.seed(99,aaaaaaaaaaaaaaaa)", "mersenne.ahead(1,abc)", "mersenne.next(99999,aaaaaaaabbbbbbbbcccccccc)",
        "rc4.key(9,0,aaaaaaaaaaaaaaaa)", "rc4.key(1,999999999,aaaaaaaaaaaaaaaa)", "rc4.distinguish(2,aa)",
        "rc4.key(1,0,0000000000000000)", "mersenne.seed(8,0000000000000000)", "lcg.next(" + "9" * 100_000 + ",1,2,3)",
    ]  # fmt: skip
    assert [pair for pair in zip(junk, StateRecovery().predict(junk), strict=True) if pair[1] is not None] == []
    texts_found = StateRecovery().predict(["lfsr.continue(0000000000000000)", "lcg.continue(?,5,5,5,5,5,5,5,5)"])
    assert texts_found == ["00000000", "5"]


@pytest.mark.parametrize(
    ("name", "number"), [*(("lfsr-next-hidden", number) for number in range(1, 5)), ("xorshift-state", 4)]
)
def test_elimination_learns_what_is_linear_from_a_few_examples(name: str, number: int) -> None:
    task = find_task(f"stream/{name}")
    batch = problems(task, number, 1_200)
    splits, questions, answers = (
        split_of(batch.key),
        np.array(batch.question.to_pylist()),
        np.array(texts(batch.answer)),
    )
    train = Examples(pa.table({"question": questions[splits == 0][:200], "answer": answers[splits == 0][:200]}))
    model = AffineMap()
    assert model.fit(train, train, Budget()).facts == {"forms": 1, "affine": 1}
    assert model.predict(questions[splits == 2].tolist()) == answers[splits == 2].tolist()


def test_elimination_has_no_answer_where_no_linear_map_fits_or_too_little_is_known() -> None:
    batch = problems(find_task("stream/rc4-keystream"), 1, 300)
    questions, answers = batch.question.to_pylist(), texts(batch.answer)
    model = AffineMap()
    train = Examples(pa.table({"question": questions, "answer": answers}))
    assert model.fit(train, train, Budget()).facts == {"forms": 1, "affine": 0}
    assert set(model.predict(questions)) == {None}
    few = Examples(pa.table({"question": ["a.b(01)", "a.b(11)", "?", "a.b(00)"], "answer": ["1", "1", "1", "?"]}))
    model.fit(few, few, Budget())
    assert model.predict(["a.b(11)", "a.b(10)", "a.b(2)", "a.b(0101)", "", "c.d(01)"]) == ["1", *[None] * 5]
    with pytest.raises(UserError, match="0 examples"):
        AffineMap(examples=0)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_example_in_the_docstring_is_right(task: Task) -> None:
    summary = " ".join(inspect.getdoc(task.function).split("\n\n")[0].split())
    quoted = re.findall(r"`([^`]*)`", summary)
    question = quoted[0]
    if question.endswith("...)") or task.solve != "state-recovery":
        return
    expected = next(text for text in quoted[1:] if text)
    assert StateRecovery().predict([question]) == [expected]


@pytest.mark.parametrize(("trained", "asked"), [(1, 1), (2, 2), (4, 4), (1, 5), (3, 6), (4, 7)])
def test_two_problems_tell_the_hidden_congruential_generator_and_its_later_steps(trained: int, asked: int) -> None:
    task = find_task("stream/lcg-next-hidden")
    train, test = (problems(task, number, 400) for number in (trained, asked))
    few = Examples(pa.table({"question": train.question[:5], "answer": texts(train.answer)[:5]}))
    model = models().plugins[task.solve]()
    assert model.fit(few, few, Budget()).facts == {"moduli": 1}
    assert model.predict(test.question.to_pylist()) == texts(test.answer)


def test_what_no_congruential_generator_makes_is_not_learnt() -> None:
    questions, model = [f"lcg.ahead(1,251,{x})" for x in range(3)], HiddenCongruential()
    for answers, learnt in ((["1", "2", "4"], [None] * 3), (["1", "2", "?"], ["1", "2", "3"])):
        examples = Examples(pa.table({"question": questions, "answer": answers}))
        model.fit(examples, examples, Budget())
        assert model.predict(questions) == learnt
        assert model.predict(["lcg.ahead(1,7,5)", "", "lcg.ahead(1,251)"]) == [None] * 3
    assert HiddenCongruential().predict(questions) == [None] * 3
