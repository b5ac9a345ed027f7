"""Questions of algebra read anew by sympy, and the promises that every task of algebra keeps."""

import re
import time
from collections.abc import Callable, Hashable, Iterator

import pyarrow as pa
import sympy
from question_reader import problems, texts

from enigmath.bench.contracts import Batch, Task
from enigmath.bench.contracts.expression import parse
from enigmath.bench.streams import stream
from enigmath.generators.semantics import fingerprint

FEW, MANY = 25, 200
HOSTILE = [
    "",
    "none",
    "x",
    "-",
    "9" * 900,
    "-" * 900,
    "(" * 400 + "x" + ")" * 400,
    "9^9^9^9^9^9",
    "x^999999999999",
    "(x+1)^(9^9^9)",
    "((x+1)^16)^16",
    "1/0",
    "x/0",
    "0^(-1)",
    "1/(x-x)",
    "0/0,0/0",
    "," * 300,
    "x<1/0",
    "1/0<x",
    "x<" + "9" * 400,
    "i*pi*e",
    "sin(x)",
    "n^n^n^n",
    "2^(n^99)",
    "(1/2)^(-9999999)",
    "+".join(["x"] * 240),
    "*".join(["(x+1)"] * 90),
    "__import__('os')",
    "\x00",
    "Ⅷ",
]
"""Predictions that must be wrong or unparsable for every question, and judged at once."""


def sympified(text: str, **assumptions: bool) -> sympy.Expr:
    """A formula in single lower-case letters as sympy reads it."""
    names = {name: sympy.Symbol(name, **assumptions) for name in re.findall(r"[a-z]", text)}
    return sympy.sympify(text.replace("^", "**"), locals=names)


def inside(question: str) -> str:
    """What stands in the outermost brackets after the prefix word."""
    found = re.fullmatch(r"[a-z]+\((.*)\)", question)
    assert found is not None, question
    return found[1]


def letter(text: str) -> sympy.Symbol:
    """The one unknown of a text in which no other letter stands."""
    (name,) = set(re.findall(r"[a-z]", text))
    return sympy.Symbol(name)


def pieces(text: str, at: str) -> Iterator[str]:
    """The text cut at the characters that stand outside of brackets."""
    depth = start = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character in at and not depth:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def value_form(text: str) -> Hashable:
    """What formulas in one variable, whatever its name, share exactly when they are equal."""
    return fingerprint(parse(text))


def every_answer_holds(task: Task, number: int, count: int, form: str, holds: Callable[[str, str], bool]) -> None:
    """Questions have the form, answers are canonical and right, and a judge accepts them."""
    batch = problems(task, number, task.draws)
    assert len(batch.question) > 0.6 * task.draws
    answers = pa.array(texts(batch.answer), pa.string())
    assert task.answer.canonical(answers).equals(answers)
    assert {len(column) for column in batch.traits.values()} == {len(batch.key)}
    for question, answer in list(zip(batch.question.to_pylist(), answers.to_pylist(), strict=True))[:count]:
        assert re.fullmatch(form, question), question
        assert holds(question, answer), (question, answer)
        if task.check is not None:
            assert task.check(question, answer, answer) is True


def keys_meet_exactly_where_forms_do(task: Task, level: dict[str, object], form: Callable[[str], Hashable]) -> None:
    """On a level so small that many problems are equivalent without being the same text."""
    batch: Batch = task(stream("keys", task.name), 800, **level)
    questions = batch.question.to_pylist()
    keys = batch.key.tolist()
    forms = [form(question) for question in questions]
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))
    assert len(set(keys)) < len(set(questions))


def hostile_predictions_are_wrong_at_once(task: Task) -> None:
    """Through the answer kind and then the judge, as scoring does it."""
    assert task.check is not None
    batch = problems(task, 2, 40)
    (question, answer), *_ = zip(batch.question.to_pylist(), batch.answer.to_pylist(), strict=True)
    began = time.process_time()
    for prediction in task.answer.canonical(pa.array(HOSTILE)).to_pylist():
        assert prediction is None or task.check(question, answer, prediction) is False, prediction
    assert time.process_time() - began < 5
