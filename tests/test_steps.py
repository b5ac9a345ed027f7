"""Worked steps: every one is true, the last one comes to the answer, and a network that writes them answers alone."""

import re
from fractions import Fraction
from math import gcd

import numpy as np
import pyarrow as pa
import pytest
import torch

from enigmath.baselines.encodings import from_arrow
from enigmath.baselines.scratchpad import worked_out
from enigmath.baselines.tokens import learn_tokens
from enigmath.baselines.transformer import Transformer
from enigmath.bench.cli.listing import show_sample
from enigmath.bench.contracts import Budget, Examples, UserError
from enigmath.bench.contracts.registry import find_task, tasks
from enigmath.bench.data import Part, take
from enigmath.bench.session import plan, try_models

OFFERED = sorted(name for name, task in tasks().plugins.items() if task.steps is not None)
EXACT = ("plain", "reversed", "zero-padded", "reversed-padded", "prefix", "base-1000", "xval")
"""Number encodings that lose nothing of whole numbers and short decimals."""


def numbers(text):
    return [int(found) for found in re.findall("[0-9]+", text)]


def digits_of(number, count):
    return [number // 10**place % 10 for place in range(count)]


def from_sum(question, steps):
    first, second = numbers(question)
    totals, count = [int(step) for step in steps], max(map(len, question.split("+")))
    carries = [0, *(total // 10 for total in totals)]
    columns = zip(digits_of(first, count), digits_of(second, count), carries, strict=False)
    assert [sum(column) for column in columns] == totals
    return str(sum(total % 10 * 10**place for place, total in enumerate(totals)) + totals[-1] // 10 * 10**count)


def from_difference(question, steps):
    assert sorted(numbers(question)) == numbers(steps[0])[::-1]
    larger, smaller = numbers(steps[0])
    columns = [int(step) for step in steps[1:]]
    borrowed = [0, *(int(column < 0) for column in columns)]
    pairs = zip(digits_of(larger, 99), digits_of(smaller, 99), borrowed, strict=False)
    assert [one - other - borrow for one, other, borrow in pairs][: len(columns)] == columns
    value = sum(column % 10 * 10**place for place, column in enumerate(columns))
    return str(value if numbers(question)[0] == larger else -value)


def from_product(question, steps):
    first, second = numbers(question)
    partial = [first * digit * 10**place for place, digit in enumerate(digits_of(second, len(str(second))))]
    written = [*map(int, steps)]
    if len(partial) == 1:
        assert written == []
        return str(partial[0])
    assert [written[0], *written[1::2]] == partial
    assert written[2::2] == [sum(partial[:count]) for count in range(2, len(partial))]
    before = written[0] if len(partial) == 2 else written[-2]
    return str(before + written[-1])


def long_division(dividend, divisor, steps, decimals):
    rest, quotient = 0, ""
    for digit, step in zip(str(dividend) + "0" * decimals, steps, strict=True):
        one, left = numbers(step)
        assert rest * 10 + int(digit) == one * divisor + left
        assert 0 <= one <= 9
        assert 0 <= left < divisor
        rest, quotient = left, f"{quotient}{one}"
    return int(quotient), rest


def from_remainder(question, steps):
    quotient, rest = long_division(*numbers(question), steps, 0)
    return f"{quotient}r{rest}"


def from_quotient(question, steps, sign=""):
    dividend, divisor = numbers(question)
    hundredths, rest = long_division(dividend, divisor, steps, 2)
    return decimal(sign, hundredths + (2 * rest >= divisor))


def decimal(sign, hundredths):
    text = f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    return text if text == "0" else sign + text


def from_even_quotient(question, steps):
    quotient, rest = long_division(*numbers(question), steps, 0)
    assert rest == 0
    return str(quotient)


def from_divisor(question, steps):
    row = [*numbers(question), *map(int, steps)]
    assert all(row[place] % row[place + 1] == row[place + 2] for place in range(len(steps)))
    assert row[-1] == 0
    return str(row[-2])


VALUE = r"(-?[0-9]+|\(-?[0-9]+/[0-9]+\))"


def operation(text):
    """The operands and the value of one operation."""
    first, sign, second = re.fullmatch(f"{VALUE}([-+*/]){VALUE}", text).groups()
    one, other = (Fraction(operand.strip("()")) for operand in (first, second))
    value = {"+": one + other, "-": one - other, "*": one * other, "/": one / other if other else None}[sign]
    return (one, other), value


def from_operations(question, steps):
    """Each operation uses numbers of the question or values before it, each of them once."""
    there = [Fraction(number) for number in numbers(question)]
    division = [step for step in steps if "r" in step]
    for step in steps[: len(steps) - len(division)]:
        asked, _, told = step.partition("=")
        operands, value = operation(asked)
        for operand in operands:
            there.remove(operand)
        assert not told or Fraction(told) == value
        there.append(value)
    (value,) = there
    if value.denominator == 1:
        assert not division
        return str(value)
    fraction = abs(value)
    return from_quotient(f"{fraction.numerator}/{fraction.denominator}", division, "-" if value < 0 else "")


def from_chain(question, steps):
    known = {}
    for statement, step in zip(question.split(";"), steps, strict=True):
        asked, _, told = step.partition("=")
        name, _, wanted = statement.rpartition("=")
        for letter, value in known.items():
            wanted = re.sub(rf"\b{letter}\b", value, wanted)
        assert asked == wanted
        value = str(gcd(*numbers(asked))) if "gcd" in asked else str(operation(asked)[1])
        known[name] = value
        assert told == (value if name else "")
    return value


def from_mixed(question, steps):
    if "/" in question:
        return from_quotient(question, steps)
    return {"+": from_sum, "-": from_difference, "*": from_product}[re.search("[-+*]", question)[0]](question, steps)


def from_mixed_whole(question, steps):
    return from_even_quotient(question, steps) if "/" in question else from_mixed(question, steps)


def from_modular_power(question, steps):
    """Each value is the square of the one before, or its product with the base: the exponents add up."""
    order = numbers(question)
    modulus, base, exponent = order if "residues" in question else [order[2], *order[:2]]
    exponents = [1]
    for bit in bin(exponent)[3:]:
        exponents.append(2 * exponents[-1])
        if bit == "1":
            exponents.append(exponents[-1] + 1)
    *before, last = [pow(base, one, modulus) for one in exponents]
    assert [int(step) for step in steps] == before[1:]
    return str(last)


READERS = {  # of a family all are read alike
    "arithmetic/addition": from_sum,
    "arithmetic/subtraction": from_difference,
    "arithmetic/multiplication": from_product,
    "arithmetic/division-remainder": from_remainder,
    "arithmetic/division-decimal": from_quotient,
    "arithmetic/chain": from_operations,
    "arithmetic/gcd": from_divisor,
    "chains/arithmetic-chain": from_chain,
    "expressions/mixed": from_mixed,
    "expressions/mixed-whole": from_mixed_whole,
    "expressions/nested": from_operations,
    "expressions/nested-to-twenty": from_operations,
    "expressions/nested-whole": from_operations,
    "modular/residue-power": from_modular_power,
    "numbers/modular-power": from_modular_power,
}


def drawn(name, number, count):
    task = find_task(name)
    made = task(np.random.default_rng(number), 100 * count, **task.level(number))
    return made.question.to_pylist()[:count], [str(answer) for answer in made.answer.tolist()[:count]]


def require_true_steps(name, count):
    task, reader = find_task(name), READERS[name.removesuffix("-log-uniform")]
    for number in range(1, len(task.all_levels) + 1):
        questions, answers = drawn(name, number, count)
        assert len(questions) == count
        steps = task.steps(questions)
        for question, text, answer in zip(questions, steps, answers, strict=True):
            assert reader(question, text.split(";") if text else []) == answer, (question, text)


def test_these_tasks_offer_their_steps():
    assert set(READERS) == {name.removesuffix("-log-uniform") for name in OFFERED}


@pytest.mark.parametrize("name", OFFERED)
def test_every_step_is_true_and_they_lead_to_the_answer(name):
    require_true_steps(name, 20)


@pytest.mark.slow
@pytest.mark.parametrize("name", OFFERED)
def test_every_step_of_many_is_true(name):
    require_true_steps(name, 200)


@pytest.mark.parametrize("encoding", EXACT)
def test_steps_and_answers_come_back_from_every_exact_number_encoding(encoding):
    for name in OFFERED:
        questions, answers = drawn(name, 3, 50)
        texts = [f"{steps};{answer}" for steps, answer in zip(find_task(name).steps(questions), answers, strict=True)]
        tokenizer = learn_tokens(encoding, *(from_arrow(pa.array(column)) for column in (questions, texts)))
        assert tokenizer.strings(tokenizer.answers(from_arrow(pa.array(texts)))) == texts, name


@pytest.fixture
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("_one_thread")
def test_a_network_writes_the_steps_and_predicts_the_answer_alone(tmp_path):
    problems = Examples(take(Part(find_task("arithmetic/multiplication"), 2, 0), {"train": 10})["train"])
    model = Transformer(width=32, scratchpad=True, learning_rate=0.01, warmup=10)
    fit = model.fit(problems, problems, Budget(steps=120))
    assert model.predict(problems.questions) == problems.answers
    whole = model.work(problems.questions)
    assert whole == worked_out(problems, "here").answers
    assert any(";" in text for text in whole)
    assert model.sample(problems.questions, temperature=0.0) == problems.answers
    assert fit.facts["tokens_per_answer"] > max(map(len, problems.answers)) + 1
    model.save(tmp_path / "weights.safetensors")
    other = Transformer(width=32, scratchpad=True, learning_rate=0.01, warmup=10)
    other.load(tmp_path / "weights.safetensors")
    assert other.predict(problems.questions) == problems.answers


def test_without_a_scratchpad_an_answer_costs_its_own_tokens():
    problems = Examples(pa.table({"question": ["1+1", "5+5"], "answer": ["2", "10"]}))
    assert Transformer(width=8).fit(problems, problems, Budget(steps=1)).facts["tokens_per_answer"] == 3.0


def test_each_problem_of_a_mixture_is_worked_out_by_its_own_task_and_so_is_a_fresh_one():
    table = pa.table(
        {
            "question": ["57+68", "12*3", "5+1", "12*34"],
            "answer": ["125", "36", "6", "408"],
            "task": pa.array(["arithmetic/addition", "arithmetic/multiplication"] * 2).dictionary_encode(),
        }
    )
    made = worked_out(Examples(table, fresh=lambda first: iter([table.slice(first)])), "here")
    assert made.answers == ["15;12;125", "36", "6;6", "48;360;408"]
    assert [one["answer"].to_pylist() for one in made.fresh(2)] == [["6;6", "48;360;408"]]


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"task": ["arithmetic/rounding"]}, "arithmetic/rounding offers no steps to write; leave scratchpad out"),
        ({}, "the problems do not name their task"),
        ({"task": ["arithmetic/addition"], "answer": ["1;2"]}, "cannot be told from steps"),
    ],
)
def test_what_has_no_steps_is_refused_before_training(columns, complaint):
    problems = Examples(pa.table({"question": ["1+2"], "answer": ["3"], **columns}))
    with pytest.raises(UserError, match=complaint):
        Transformer(scratchpad=True).fit(problems, problems, Budget(steps=1))


def test_a_suite_that_asks_for_steps_where_there_are_none_is_told_so_before_it_starts(tmp_path):
    suite = tmp_path / "suite.toml"
    suite.write_text(
        """
        name = "suite"
        description = "steps where there are none"
        train = 20
        validation = 10
        test = 10
        [budget]
        steps = 1
        [[tasks]]
        name = "arithmetic/addition"
        levels = [1]
        [[tasks]]
        name = "arithmetic/rounding"
        levels = [1]
        [[models]]
        name = "transformer"
        config = { scratchpad = true }
        """
    )
    with pytest.raises(UserError, match=r"models, transformer: .*arithmetic/rounding offers no steps"):
        try_models(plan(str(suite)).cells, "cpu")
    try_models(plan(str(suite), tasks=["arithmetic/addition"]).cells, "cpu")


def test_a_sample_shows_the_steps_of_a_task_that_offers_them(capsys):
    show_sample("arithmetic/multiplication", 2, 5, seed=0, split="train", steps=True)
    shown = capsys.readouterr().out
    problems = take(Part(find_task("arithmetic/multiplication"), 2, 0), {"train": 5})["train"]
    whole = worked_out(Examples(problems), "here").answers
    for question, text in zip(problems["question"].to_pylist(), whole, strict=True):
        steps, _, answer = text.rpartition(";")
        assert re.search(rf"{re.escape(question)} +{steps} +{answer} ", shown)
    with pytest.raises(UserError, match="arithmetic/rounding offers no steps"):
        show_sample("arithmetic/rounding", 1, 5, seed=0, split="train", steps=True)
