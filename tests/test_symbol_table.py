"""The shortcut that one hidden key leaves open: a table of what stands for what, and no more than that."""

from pathlib import Path

import pytest

from enigmath.baselines.symbol_table import SymbolTable
from enigmath.bench.contracts import Budget, Examples
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, take


def exact(name: str, number: int, train: int = 2_000) -> float:
    """The share of 200 problems of the test that the table answers."""
    parts = take(Part(find_task(name, Path()), number, 0), {"train": train, "validation": 10, "test": 200})
    model = SymbolTable()
    model.fit(Examples(parts["train"]), Examples(parts["validation"]), Budget().start())
    test = Examples(parts["test"])
    told = model.predict(test.questions)
    return sum(a == b for a, b in zip(told, test.answers, strict=True)) / len(told)


@pytest.mark.parametrize(
    "name", ["cipher/vigenere-break", "cipher/substitution-break", "cipher/polybius-break", "stream/xor-break"]
)
def test_a_hidden_key_that_replaces_letter_by_letter_is_looked_up(name: str) -> None:
    assert exact(name, 1) >= 0.9


@pytest.mark.parametrize("name", ["cipher/columnar-break", "cipher/autokey-break", "cipher/vigenere-decrypt"])
def test_what_no_table_holds_is_not(name: str) -> None:
    assert exact(name, 1) <= 0.02


@pytest.mark.parametrize("question", ["", "()", "\ud800", "é" * 5_000, "break()"])
def test_any_question_has_an_answer(question: str) -> None:
    assert isinstance(SymbolTable().predict([question])[0], str)
