"""Probes that ask changed questions tell a planted lookup table from a planted exact solver."""

import re
from functools import cache

import numpy as np
import pytest

from enigmath.bench.contracts import Perturbation, UserError, task
from enigmath.bench.contracts.answer import Integer
from enigmath.bench.contracts.registry import probes
from enigmath.bench.probes import COLUMNS, COMPUTES, LOOKS_UP, verdict
from enigmath.bench.probes.partial_input import hidings, partial_input
from enigmath.bench.probes.perturbations import perturbations


def row(found, measure, by, group):
    """The only row of a figure."""
    (one,) = found[(found.measure == measure) & (found.by == by) & (found.group == group)].to_dict("records")
    return one


@pytest.fixture(scope="module")
def found_of(planted):
    """The findings of a probe on a planted model by label, made once."""
    return cache(lambda probe, label: probe.function(planted[label]))


@pytest.mark.parametrize("probe", [perturbations, partial_input], ids=lambda probe: probe.name)
def test_the_planted_models_come_out_at_the_two_ends(found_of, probe):
    assert probes().plugins[probe.name].doc == probe.doc
    for label, said in (("solver", COMPUTES), ("table", LOOKS_UP)):
        found = found_of(probe, label)
        assert verdict(found) == said, found.to_string()
        assert list(found)[: len(COLUMNS)] == list(COLUMNS)
        assert (found.n > 0).any()


def test_a_solver_is_right_after_every_change_and_a_table_after_none(found_of):
    solver, table = (found_of(perturbations, label) for label in ("solver", "table"))
    for group in ("swap operands", "change one digit"):
        for source in ("test problems", "training problems"):
            assert row(solver, "right after", f"in form, {source}", group)["value"] == 1
        of_table = row(table, "right after", "in form, training problems", group)
        assert of_table["high"] < 0.2
        assert of_table["n"] > 100
        assert row(table, "accuracy lost", "in form, training problems", group)["low"] > 0.8
        assert row(table, "right before", "in form, training problems", group)["value"] == 1
    assert row(solver, "right after", "out of form, test problems", "add zero")["value"] == 1
    assert row(solver, "same answer", "in form, test problems", "swap operands")["value"] == 1
    assert row(solver, "another answer", "in form, test problems", "change one digit")["value"] == 1


def test_changes_out_of_form_say_nothing(found_of):
    for label in ("solver", "table"):
        found = found_of(perturbations, label)
        assert not found[found.by.str.startswith("out of form")].says.any()


def test_a_constant_answer_is_insensitive_and_looks_nothing_up(found_of):
    found = found_of(perturbations, "majority")
    assert verdict(found) == ""
    assert row(found, "another answer", "in form, test problems", "change one digit")["value"] == 0


def test_what_stands_in_training_after_a_change_is_left_out(found_of):
    found = found_of(perturbations, "table")
    told = row(found, "share that stands in training", "in form, training problems", "change one digit")
    before = row(found, "right before", "in form, training problems", "change one digit")
    assert before["n"] == round(told["n"] * (1 - told["value"]))


def test_the_same_findings_come_of_the_same_subject(planted, found_of):
    for probe in (perturbations, partial_input):
        assert probe.function(planted["solver"]).equals(found_of(probe, "solver"))


def test_a_task_without_perturbations_has_no_findings(planted_shapes):
    assert perturbations.function(planted_shapes["solver"]).empty


def test_a_solver_needs_every_operand_and_reads_the_order(found_of):
    found = found_of(partial_input, "solver")
    assert row(found, "accuracy", "hidden", "nothing")["value"] == 1
    for part in ("first operand", "last operand", "all operands", "order (bag of characters)", "operators dropped"):
        assert row(found, "accuracy", "hidden", part)["high"] < 0.1, part
    assert row(found, "old answer", "hidden", "one symbol of training problems")["value"] == 0
    table, group = found_of(partial_input, "table"), "one symbol of training problems"
    assert row(table, "old answer", "hidden", group)["low"] > 0.5
    assert row(table, "neighbour's answer", "hidden", group)["low"] > 0.9
    assert row(found, "neighbour's answer", "hidden", group)["value"] == 0


def test_operators_are_replaced_where_there_are_several(planted_shapes):
    found = partial_input.function(planted_shapes["solver"])
    assert row(found, "accuracy", "hidden", "operators")["value"] < 0.3
    assert verdict(found) == COMPUTES


QUESTIONS = [
    ("all operands", "12+345", r"[0-9]{2}\+[0-9]{3}"),
    ("first operand", "gcd(12,18)", r"gcd\([0-9]{2},18\)"),
    ("last operand", "3.75*0.2", r"3\.75\*[1-9]\.[0-9]"),
    ("all operands", "sha256.hash(64,32,61ff)", r"sha256\.hash\([0-9]{2},[0-9]{2},[0-9a-f]{4}\)"),
    ("all operands", "caesar.encrypt(D,ATTACK)", r"caesar\.encrypt\([A-Z],[A-Z]{6}\)"),
    ("all operands", "stable(x1*x2-7) at 0.01", r"stable\(x1\*x2-[0-9]\) at [0-9]\.[0-9]{2}"),
    ("last symbols of operands", "12+345", r"1[0-9]\+34[0-9]"),
    ("operators", "12+345", r"12-345"),
    ("operators dropped", "12+345", r"12345"),
]


@pytest.mark.parametrize(("name", "question", "form"), QUESTIONS)
def test_what_is_hidden_keeps_the_form_and_nothing_of_what_was_there(name, question, form):
    rng = np.random.default_rng(0)
    for _ in range(20):
        made = hidings("+-")[name](question, rng)
        assert re.fullmatch(form, made), made
        if question == "12+345" and name == "all operands":
            assert [one == other for one, other in zip(question, made, strict=True)].count(True) == 1


def test_a_question_without_the_part_is_left_alone():
    rng = np.random.default_rng(0)
    for name in ("first operand", "last operand", "last symbols of operands"):
        assert hidings("+-")[name]("prime(7)", rng) is None
    assert "operators" not in hidings("+")


def test_two_perturbations_of_one_name_are_refused():
    change = Perturbation("swap", lambda questions, answers, rng: ([], []), same=True)
    with pytest.raises(UserError, match="'swap' stands twice"):

        @task("toy/twice", answer=Integer(), levels=[{}], perturbations=[change, change])
        def twice(rng):
            """Nothing."""
