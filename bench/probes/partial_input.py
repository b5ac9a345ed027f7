"""Partial input: questions of which a part is hidden, and what remains of the score."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Task, probe
from enigmath.bench.intervals import Interval, interval
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.bench.probes.perturbations import (
    ENOUGH,
    HALF,
    LITTLE,
    NEARLY_ALL,
    Asked,
    on_test,
    on_training,
    perturbed,
)
from enigmath.bench.probes.subject import Mask, Subject, mask
from enigmath.bench.streams import stream

if TYPE_CHECKING:
    import pandas as pd

PROBLEMS: Final = 500
"""Test problems of trained levels whose parts are hidden, and training problems, at most."""

_RUN: Final = re.compile(
    r"(?<![A-Za-z0-9.])(?:[A-Z]{2,}|(?<=[(,])[A-Z](?=,)|[0-9]+\.[0-9]+|[0-9a-f]*[0-9][0-9a-f]*)(?![A-Za-z])"
)
"""An operand: a number, a hexadecimal text, or a text of capital letters; not the digits in a name."""
_OPERATORS: Final = "+-*/^"
_DIGITS: Final = "0123456789"
_HEXADECIMAL: Final = "0123456789abcdef"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Hide = Callable[[str, np.random.Generator], str | None]
"""A question with a part of it hidden; None where it has no such part."""


@dataclass(frozen=True)
class Whole:
    """What is known of the score before anything is hidden: its interval, and what a constant answer scores."""

    score: Interval
    constant: float


@probe("partial-input")
def partial_input(subject: Subject) -> "pd.DataFrame":
    """What remains of the score when operators, operands or digits are hidden, or the characters shuffled?

    What is hidden is put in another symbol's words: another digit, letter or operator of those that training has, so
    that a model reads what it knows. Of test problems of trained levels, `accuracy` against the answer of the whole
    question: with nothing hidden, with one operand or all of them replaced at random, their first or last digits,
    the operators replaced or dropped, and from a bag of tokens, the question's characters in any order. `constant` is
    what the commonest training answer scores. Of training problems in which one symbol is another one, and the answer
    with it, where the task knows such a change: `old answer` is how often the answer that was learnt comes back, and
    `neighbour's answer` how often the prediction is wrong, and that of a training problem one symbol away.

    Says `computes` where the whole score is nine in ten or more and at most a tenth above the constant remains without
    some of the operands or operators; `looks up` where at least half of the score, and more than a tenth above the
    constant, remains when all operands are random or the characters shuffled, and where at least half of the
    predictions are a neighbour's: all by intervals. Weakness: that a score needs all of the question says little where
    a good memory has it, and much may rightly remain where a part seldom matters, so most rows say nothing.
    """
    asked = on_test(subject, PROBLEMS)
    if not asked.problems.num_rows:
        return findings([])
    whole = Whole(interval(asked.right, "share"), float(subject.landed.record.get("constant") or 0.0))
    lines: list[Row] = [
        share("accuracy", asked.right, by="hidden", group="nothing"),
        number("constant", whole.constant, n=asked.problems.num_rows),
    ]
    for name, hide in hidings(_operators(subject)).items():
        lines += _remaining(subject, asked, whole, name, hide)
    for task in subject.tasks:
        lines += _recalled(subject, task)
    return findings(lines)


def hidings(operators: str) -> Mapping[str, Hide]:
    """What may be hidden of a question, by name; operators are replaced only where training has several.

    >>> hidings("+")["all operands"]("gcd(12,7)", np.random.default_rng(0))
    'gcd(86,5)'
    """
    made: dict[str, Hide] = {
        "first operand": lambda question, rng: _operands(question, rng, lambda place, count: place == 0 < count - 1),
        "last operand": lambda question, rng: _operands(question, rng, lambda place, count: 0 < place == count - 1),
        "all operands": lambda question, rng: _operands(question, rng, lambda place, count: True),
        "first symbols of operands": lambda question, rng: _ends(question, rng, 0),
        "last symbols of operands": lambda question, rng: _ends(question, rng, -1),
        "order (bag of characters)": _shuffled,
    }
    if operators:
        made["operators dropped"] = lambda question, rng: _changed(question, re.sub(r"[-+*/^]", "", question))
    if len(operators) > 1:
        made["operators"] = lambda question, rng: _changed(
            question, re.sub(r"[-+*/^]", lambda found: _other(found[0], operators, rng), question)
        )
    return made


def _changed(question: str, made: str) -> str | None:
    return None if made == question or not made else made


def _other(symbol: str, symbols: str, rng: np.random.Generator) -> str:
    """Another of those symbols."""
    others = [other for other in symbols if other != symbol]
    return others[rng.integers(len(others))] if others else symbol


def _replaced(operand: str, place: int, rng: np.random.Generator) -> str:
    """The symbol at that place of an operand, or another of its kind; a number's first digit is not 0."""
    symbol = operand[place]
    if symbol.isupper():
        return _other(symbol, _LETTERS, rng)
    if symbol == ".":
        return symbol
    numeric = operand.replace(".", "").isdigit()
    leading = numeric and place == 0
    return _other(symbol, _HEXADECIMAL if not numeric else "123456789" if leading else "0123456789", rng)


def _operands(question: str, rng: np.random.Generator, chosen: Callable[[int, int], bool]) -> str | None:
    found = list(_RUN.finditer(question))
    made = question
    for place, run in enumerate(found):
        if chosen(place, len(found)):
            text = "".join(_replaced(run[0], at, rng) for at in range(len(run[0])))
            made = made[: run.start()] + text + made[run.end() :]
    return _changed(question, made)


def _ends(question: str, rng: np.random.Generator, end: int) -> str | None:
    """The first or last symbol of each operand of two symbols or more replaced."""
    made = question
    for run in _RUN.finditer(question):
        if len(run[0]) > 1:
            at = (run.start() if end == 0 else run.end() - 1) - run.start()
            text = run[0][:at] + _replaced(run[0], at, rng) + run[0][at + 1 :]
            made = made[: run.start()] + text + made[run.end() :]
    return _changed(question, made)


def _shuffled(question: str, rng: np.random.Generator) -> str | None:
    return _changed(question, "".join(rng.permutation(list(question))))


def _operators(subject: Subject) -> str:
    """The operators of the first training questions."""
    texts = "".join(subject.data.train["question"].slice(0, 1_000).to_pylist())
    return "".join(symbol for symbol in _OPERATORS if symbol in texts)


def _remaining(subject: Subject, asked: Asked, whole: Whole, name: str, hide: Hide) -> Iterator[Row]:
    """The score with one part hidden, of the problems that have it; nothing where none has."""
    rng = stream("partial input", subject.cell.title, name)
    questions = [hide(question, rng) for question in asked.problems["question"].to_pylist()]
    rows = np.array([row for row, question in enumerate(questions) if question is not None], dtype=np.int64)
    if not len(rows):
        return
    predictions = subject.ask([question for question in questions if question is not None])
    right = subject.judged(asked.problems.take(pa.array(rows)), predictions)
    yield share("accuracy", right, by="hidden", group=name, says=_of_remaining(interval(right, "share"), whole, name))


def _of_remaining(left: Interval, whole: Whole, name: str) -> str:
    nothing = whole.constant + LITTLE
    parts = ("first operand", "last operand", "all operands", "operators")
    if min(left.size, whole.score.size) < ENOUGH:
        return ""
    if name in parts and whole.score.low >= NEARLY_ALL and left.high <= nothing:
        return COMPUTES
    given_away = name in ("all operands", "order (bag of characters)")
    if given_away and left.low > nothing and left.low >= HALF * whole.score.high:
        return LOOKS_UP
    return ""


def _recalled(subject: Subject, task: Task) -> Iterator[Row]:
    """How often a learnt answer comes back with one symbol changed, of training problems that were right.

    What then stands in training is left out.
    """
    changes = [change for change in task.perturbations if change.in_form and not change.same]
    single = [change for change in changes if change.name in ("change one digit", "change one letter", "flip one bit")]
    asked = on_training(subject, PROBLEMS) if single else None
    for change in single if asked is not None else ():
        assert asked is not None
        rows, questions, answers = perturbed(task, change, asked)
        known = pc.is_in(pa.array(questions, pa.string()), value_set=subject.data.train["question"])
        kept = asked.right[rows] & ~mask(known)
        rows = rows[kept]
        questions, answers = ([text for text, right in zip(one, kept, strict=True) if right]
                              for one in (questions, answers))  # fmt: skip
        if not len(rows):
            continue
        predictions = subject.ask(questions)
        problems = asked.problems.take(pa.array(rows))
        new = problems.set_column(2, "answer", pa.array(answers, pa.string()))
        wrong = ~subject.judged(new, predictions)
        old = subject.judged(problems, predictions)
        near = wrong & (old | _near(subject, questions, predictions))
        told = interval(near, "share")
        says = LOOKS_UP if told.size >= ENOUGH and told.low >= HALF else ""
        group = "one symbol of training problems"
        yield share("old answer", old, by="hidden", group=group, task=task.name)
        yield share("neighbour's answer", near, by="hidden", group=group, says=says, task=task.name)


def _near(subject: Subject, questions: Sequence[str], predictions: Sequence[str | None]) -> Mask:
    """Which predictions are the answer of a training question that differs in one symbol of one operand."""
    train = subject.data.train
    others = [_variants(question) for question in questions]
    found = pc.index_in(pa.array([text for some in others for text in some], pa.string()), value_set=train["question"])
    places = iter(found.to_pylist())
    answers = train["answer"]
    near = []
    for some, prediction in zip(others, predictions, strict=True):
        rows = [place for place in itertools.islice(places, len(some)) if place is not None]
        near.append(prediction is not None and prediction in answers.take(pa.array(rows, pa.int64())).to_pylist())
    return np.array(near, dtype=bool)


def _variants(question: str) -> list[str]:
    """The question with each one symbol of its operands replaced by each other one of its kind."""
    made = []
    for run in _RUN.finditer(question):
        symbols = _LETTERS if run[0].isupper() else _DIGITS if run[0].replace(".", "").isdigit() else _HEXADECIMAL
        for at in range(run.start(), run.end()):
            if question[at] != ".":
                made += [question[:at] + other + question[at + 1 :] for other in symbols if other != question[at]]
    return made
