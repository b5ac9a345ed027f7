"""Prefix order: formulas come back with their meaning, answers to the letter; networks read and write its tokens."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enigmath.baselines.encodings import Encoding, from_arrow, learn
from enigmath.baselines.encodings.prefix import FUNCTIONS, NAMES, VERBATIM, WORDS, decode, encode, names
from enigmath.bench.contracts import UserError, expression
from enigmath.bench.contracts.expression import evaluate, parse
from enigmath.bench.contracts.registry import find_task, tasks
from enigmath.bench.data import Part, make_shard
from enigmath.bench.runner import Place, run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import landed, open_run

AREAS = ("algebra", "arithmetic", "calculus", "expressions", "systems")
BRACKETS_KEPT_FOR_CLARITY = (
    "algebra/partial-fractions",
    "arithmetic/fraction-division",
    "arithmetic/fraction-multiplication",
    "expressions/nested",
    "expressions/nested-to-twenty",
    "expressions/nested-whole",
    "expressions/talk",
)
"""Their questions hold brackets that precedence does not need; all others come back to the letter."""


def formula_tasks() -> list[str]:
    return sorted(name for name in tasks().plugins if name.partition("/")[0] in AREAS)


@pytest.mark.parametrize("every_level", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", formula_tasks())
def test_questions_and_answers_of_formula_tasks_come_back(name: str, every_level: bool) -> None:
    task = find_task(name)
    for number in range(1 if every_level else len(task.levels), len(task.levels) + 1):
        shard = make_shard(Part(task, number, 0), 0).slice(0, 50)
        for question in shard["question"].to_pylist():
            back = decode(encode(question.encode())).decode()
            if name in BRACKETS_KEPT_FOR_CLARITY:
                assert back.replace("(", "").replace(")", "") == question.replace("(", "").replace(")", "")
            else:
                assert back == question
        for answer in shard["answer"].to_pylist():
            tokens = encode(answer.encode(), exact=True)
            assert decode(tokens) == answer.encode()
            assert tokens[0] != VERBATIM


@pytest.mark.parametrize("name", ["expressions/nested-whole", "expressions/nested"])
def test_what_comes_back_without_brackets_has_the_same_value(name: str) -> None:
    shard = make_shard(Part(find_task(name), 12, 0), 0).slice(0, 200)
    for question in shard["question"].to_pylist():
        values = [evaluate(parse(text), {}) for text in (question, decode(encode(question.encode())).decode())]
        np.testing.assert_allclose(values[0], values[1], rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("x1*(x2-3)", "* x1 - x2 INT+ 3"),
        ("-12", "INT- 1 2"),
        ("0.03463", "FLOAT+ 3 . 4 6 3 10^ INT- 2"),
        ("-1250.0", "FLOAT- 1 . 2 5 0 0 10^ INT+ 3"),
        ("-x^2", "neg ^ x INT+ 2"),
        ("sqrt(2)*sin(pi)", "* sqrt INT+ 2 sin pi"),
        ("3*f(y)", "* INT+ 3 call1 f y"),
        ("gcd(12,8)", "g c d ( INT+ 1 2 , INT+ 8 )"),
        ("(a+b)%7", "( + a b ) % INT+ 7"),
        ("2*alpha", "* INT+ 2 NAME a l p h a NAME"),
    ],
)
def test_tokens_are_those_of_prefix_order(text: str, tokens: str) -> None:
    assert names(encode(text.encode())) == tokens
    assert decode(encode(text.encode())).decode() == text


@given(st.one_of(st.text(), st.text("0123456789.+-*/^()xyin'u,;= ", max_size=40)))
def test_any_text_comes_back_to_the_letter_where_it_must(text: str) -> None:
    assert decode(encode(text.encode(), exact=True)) == text.encode()


@given(st.text("0123456789.+-*/^()xy,%", max_size=30))
def test_reading_back_loses_nothing_but_brackets(text: str) -> None:
    back = decode(encode(text.encode())).decode()
    assert back.replace("(", "").replace(")", "") == text.replace("(", "").replace(")", "")


@given(st.binary(max_size=60))
def test_any_tokens_that_a_network_writes_are_read_without_an_error(tokens: bytes) -> None:
    decode(tokens).decode("utf-8", "replace")


def test_tokens_that_make_no_formula_are_no_answer() -> None:
    broken = encode(b"3*x+1")[:-2]
    assert decode(broken) == b"+ * INT+ 3 x"
    with pytest.raises(UserError):
        parse(decode(broken).decode())


@pytest.mark.parametrize("text", ["(" * 5_000, "1+" * 5_000, "-" * 5_000, "f(" * 3_000, "2^" * 3_000])
def test_texts_without_end_are_read_in_time_that_grows_with_their_length(text: str) -> None:
    assert decode(encode(text.encode(), exact=True)) == text.encode()


def test_all_functions_of_formulas_have_a_token_and_no_two_words_share_one() -> None:
    assert set(FUNCTIONS) == set(expression.FUNCTIONS)
    assert len(set(WORDS)) == len(WORDS) < VERBATIM - 128
    assert set(NAMES) < set(WORDS)


def test_questions_of_a_column_may_lose_brackets_and_answers_never_do() -> None:
    column = from_arrow(pa.array(["(2*x)+3", "π", ""]))
    questions, answers = learn("prefix", column), learn("prefix", column, decodable=True)
    assert questions == Encoding("prefix")
    assert answers.decode(answers.encode(column)).flat.tobytes() == column.flat.tobytes()
    assert questions.decode(questions.encode(column)).flat.tobytes() == "2*x+3π".encode()


@pytest.mark.parametrize("model", ["transformer", "lstm"])
def test_a_suite_trains_a_network_on_stability_in_prefix_order(model: str, tmp_path: Path) -> None:
    suite = tmp_path / "prefix.toml"
    suite.write_text(
        f"""
        name = "prefix"
        train = 300
        validation = 50
        test = 100
        budget = {{steps = 12}}
        tasks = [{{name = "systems/stability", levels = [1]}}]
        models = [{{name = "{model}", config = {{encoding = "prefix", width = 32, check = 4}}}}]
        """
    )
    session = plan(str(suite), out=tmp_path / "run")
    open_run(session.run, session.path.read_text())
    (cell,) = session.cells
    run_cell(cell, Place(session.run, tmp_path / "cache"))
    (landing,) = landed(session.run).values()
    assert (landing.record["status"], landing.record["fit"]) == ("finished", "fitted")
    assert landing.record["facts"]["answer_encoding"] == "prefix"
