"""Two planted models at the two ends of every probe, and runs in which both stand beside shortcuts.

`LookupTable` keeps its training problems and answers everything with the answer of the nearest; `ExactSolver` knows
nothing of its training and computes. Both have every optional protocol, so that every probe applies to them. The
fixtures `planted` and `planted_shapes` give their Subjects by label, made once a session.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from enigmath.bench.contracts import Budget, Examples, Integer, Problem, task
from enigmath.bench.place import Place, default_cache
from enigmath.bench.probes import Subject
from enigmath.bench.probes.probing import subjects
from enigmath.bench.runner import run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import landed, open_run

NUMBER = re.compile(r"[0-9]+")
WIDTH = 48
"""The length of a lookup table's hidden state."""

ADDITION = """
name = "planted"
train = 5_000
validation = 100
test = 200
seeds = [0]
[[tasks]]
name = "arithmetic/addition"
levels = [3]
beyond = [4, 5]
"""

SHAPES = f"""
name = "shapes"
train = 2_000
validation = 100
test = 1_000
seeds = [0]
[[tasks]]
name = "{Path(__file__).resolve()}:shapes"
title = "shapes"
levels = [1]
"""

MODELS = f"""
[[models]]
name = "{Path(__file__).resolve()}:LookupTable"
label = "table"
[[models]]
name = "{Path(__file__).resolve()}:ExactSolver"
label = "solver"
[[models]]
name = "majority"
[[models]]
name = "nearest-aligned"
"""


@task("toy/shapes", answer=Integer(), levels=[{"operands": 12}])
def shapes(rng: np.random.Generator, operands: int) -> Problem:
    """A chain of + and - over fives and some sixes: of so many shapes that a test meets new ones.

    The shape all but settles the answer, so that remembering shapes is worth something.
    """
    numbers = np.where(rng.random(operands) < 0.85, 5, 6)
    question = str(numbers[0])
    for number in numbers[1:]:
        question += f"{'+-'[rng.integers(2)]}{number}"
    return Problem(question, evaluate(question), traits={"operands": operands})


class LookupTable:
    """The answer of the training question of the same form whose digits, aligned by place, agree most.

    It holds that answer for nine in ten likely, whatever the truth.
    """

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.answers: list[str] = []

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> None:
        """Keep the training problems."""
        self._keep(train.questions, train.answers)

    def save(self, path: Path) -> None:
        """All problems as one text."""
        text = "\n".join([*self.questions, *self.answers]).encode()
        save_file({"problems": np.frombuffer(text, np.uint8).copy()}, path)

    def load(self, path: Path) -> None:
        """Read them back."""
        lines = load_file(path)["problems"].tobytes().decode().split("\n")
        self._keep(lines[: len(lines) // 2], lines[len(lines) // 2 :])

    def _keep(self, questions: Sequence[str], answers: Sequence[str]) -> None:
        self.questions, self.answers = list(questions), list(answers)
        self.count = max(len(NUMBER.findall(question)) for question in questions)
        self.digits = max(len(number) for question in questions for number in NUMBER.findall(question))
        self.forms = np.array([NUMBER.sub("#", question) for question in questions])
        self.known = self._digits(questions)
        self.rows = {question: row for row, question in reversed(list(enumerate(questions)))}

    def _digits(self, questions: Sequence[str]) -> np.ndarray:
        """Shape (n, count * digits): the last digits of the first numbers, zeros where there are none."""
        made = np.zeros((len(questions), self.count * self.digits), np.int8)
        for row, question in enumerate(questions):
            for place, number in enumerate(NUMBER.findall(question)[: self.count]):
                last = [int(digit) for digit in number[-self.digits :]]
                made[row, (place + 1) * self.digits - len(last) : (place + 1) * self.digits] = last
        return made

    def ranked(self, questions: Sequence[str], k: int = 1) -> np.ndarray:
        """The k nearest training rows of each question, nearest first; of equally near ones the first, shape (n, k)."""
        found = np.zeros((len(questions), k), np.int64)
        for row, (question, digits) in enumerate(zip(questions, self._digits(questions), strict=True)):
            if k == 1 and question in self.rows:
                found[row] = self.rows[question]
                continue
            apart = (self.known != digits).sum(axis=1) + 100 * (self.forms != NUMBER.sub("#", question))
            found[row] = np.argsort(apart, kind="stable")[:k] if k > 1 else np.argmin(apart)
        return found

    def predict(self, questions: Sequence[str]) -> list[str]:
        """The nearest one's answer."""
        return [self.answers[row] for row in self.ranked(questions)[:, 0]]

    def log_likelihood(self, questions: Sequence[str], answers: Sequence[str]) -> np.ndarray:
        """Nine tenths for the nearest one's answer, a thousandth of the rest for any other."""
        known = np.array([given == answer for given, answer in zip(self.predict(questions), answers, strict=True)])
        return np.where(known, np.log(0.9), np.log(1e-4))

    def sample(self, questions: Sequence[str], temperature: float = 1.0, *, seed: int = 0) -> list[str]:
        """One of the five nearest ones' answers."""
        drawn = np.random.default_rng(seed).integers(0, 5 if temperature else 1, len(questions))
        rows = self.ranked(questions, 5)
        return [self.answers[row[place]] for row, place in zip(rows, drawn, strict=True)]

    def hidden_states(self, questions: Sequence[str]) -> np.ndarray:
        """A random vector for each training problem: the nearest one's. Nothing can be read off it but which."""
        vectors = np.random.default_rng(0).normal(size=(len(self.questions), WIDTH)).astype(np.float32)
        return vectors[self.ranked(questions)[:, 0]]

    def embedding(self) -> tuple[list[str], np.ndarray]:
        """A random vector for each symbol."""
        symbols = list("0123456789+-*")
        return symbols, np.random.default_rng(1).normal(size=(len(symbols), 8))


class ExactSolver:
    """Computes + - * with brackets, and holds the truth for 99 in 100 likely. What is no formula it does not answer."""

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The value."""
        values = [evaluate(question) for question in questions]
        return [None if value is None else str(value) for value in values]

    def log_likelihood(self, questions: Sequence[str], answers: Sequence[str]) -> np.ndarray:
        """Nearly everything for the truth, a thousandth of the rest for any other."""
        true = np.array([given == answer for given, answer in zip(self.predict(questions), answers, strict=True)])
        return np.where(true, np.log(0.99), np.log(1e-5))

    def sample(self, questions: Sequence[str], temperature: float = 1.0, *, seed: int = 0) -> list[str | None]:
        """The truth, one in a hundred times one more."""
        slips = np.random.default_rng(seed).random(len(questions)) < (0.01 if temperature else 0)
        values = [evaluate(question) for question in questions]
        return [None if value is None else str(value + int(slip)) for value, slip in zip(values, slips, strict=True)]

    def hidden_states(self, questions: Sequence[str]) -> np.ndarray:
        """Digits of the first two numbers, of the carries and of the value, and the value itself; shape (n, 33)."""
        return np.array([_states(question) for question in questions])

    def embedding(self) -> tuple[list[str], np.ndarray]:
        """Digits in their order on a line, operators apart from them."""
        symbols = list("0123456789+-*")
        return symbols, np.array([[place, 0.0] if place < 10 else [4.5, 9.0 + place] for place in range(len(symbols))])


def _states(question: str, places: int = 8) -> np.ndarray:
    numbers, value = [int(number) for number in NUMBER.findall(question)][:2], evaluate(question)
    if value is None or not numbers:
        return np.full(4 * places + 1, np.nan)
    first, second = numbers[0], numbers[-1]
    tens = 10 ** np.arange(places)
    carries = (first % (10 * tens) + second % (10 * tens)) >= 10 * tens
    parts = [first // tens % 10, second // tens % 10, carries, abs(value) // tens % 10, [value / 10**places]]
    return np.concatenate(parts).astype(np.float64)


def evaluate(text: str) -> int | None:
    """The value of a formula of whole numbers, + - * and brackets; None where the text is none."""
    tokens = re.findall(r"[0-9]+|\S", text)
    try:
        value, rest = _sum(tokens)
    except (IndexError, ValueError):
        return None
    return None if rest else value


def _sum(tokens: list[str]) -> tuple[int, list[str]]:
    value, tokens = _product(tokens)
    while tokens and tokens[0] in "+-":
        other, rest = _product(tokens[1:])
        value, tokens = (value + other if tokens[0] == "+" else value - other), rest
    return value, tokens


def _product(tokens: list[str]) -> tuple[int, list[str]]:
    value, tokens = _factor(tokens)
    while tokens and tokens[0] == "*":
        other, tokens = _factor(tokens[1:])
        value *= other
    return value, tokens


def _factor(tokens: list[str]) -> tuple[int, list[str]]:
    if tokens[0] == "-":
        value, rest = _factor(tokens[1:])
        return -value, rest
    if tokens[0] == "(":
        value, rest = _sum(tokens[1:])
        if rest[0] != ")":
            raise ValueError(rest[0])
        return value, rest[1:]
    return int(tokens[0]), tokens[1:]


def run_planted(folder: Path, suite: str = ADDITION) -> Mapping[str, Subject]:
    """Run a suite of the planted models and two shortcuts in this process; their Subjects by label."""
    (folder / "suite.toml").write_text(suite + MODELS)
    session = plan(str(folder / "suite.toml"), out=folder / "run")
    open_run(session.run, suite + MODELS)
    place = Place(session.run, default_cache())
    for cell in session.cells:
        record = run_cell(cell, place)
        assert record["status"] == "finished", record["traceback"]
    return {subject.cell.label: subject for subject in subjects(place, landed(session.run).values())}


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Subject]:
    """Addition of 3 digits, and of 4 and 5 beyond: Subjects `table`, `solver`, `majority`, `nearest-aligned`."""
    return run_planted(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def planted_shapes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Subject]:
    """Chains of + and - with shapes that training has and has not: the same labels."""
    return run_planted(tmp_path_factory.mktemp("shapes"), SHAPES)
