"""Probes that fit anew, and the matrix over generators, tell a planted lookup table from a planted exact solver."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from probe_samples import ExactSolver

from enigmath.bench.contracts import Budget, Examples, Probe, Task, UserError
from enigmath.bench.contracts.registry import find_task, tasks
from enigmath.bench.data import Part
from enigmath.bench.probes import BROKEN, COMPUTES, LOOKS_UP, Subject, findings, number, verdict
from enigmath.bench.probes.cross_generator import cross_generator, drawn_problems
from enigmath.bench.probes.data_efficiency import data_efficiency
from enigmath.bench.probes.probing import SOURCE, find_finding, finding_path, land_finding, probed
from enigmath.bench.probes.shuffled_labels import shuffled_labels, with_shuffled
from enigmath.reports.probed import doubts_of


class Informed(ExactSolver):
    """A model that says that it learns, and knows the answers whatever it is taught: what a leak looks like."""

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> None:
        """Learn nothing."""


class OfLongNumbers(ExactSolver):
    """Right where both operands have three digits, the range that it was trained on, and nowhere else."""

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The value of long operands, or 0."""
        long = [all(len(number) == 3 for number in question.split("+")) for question in questions]
        return [answer if fits else "0" for answer, fits in zip(super().predict(questions), long, strict=True)]


def with_model(subject: Subject, model: object) -> Subject:
    """The same cell, answered by another model."""
    other = replace(subject)
    other.__dict__["model"] = model
    return other


def value(found, measure: str) -> float:
    """The one figure of a measure."""
    (kept,) = found.loc[found["measure"] == measure, "value"]
    return float(kept)


def test_shuffled_labels_are_memorised_by_a_table_and_leave_a_solver_alone(planted):
    table, solver = (probed(planted[label], shuffled_labels) for label in ("table", "solver"))
    assert verdict(table) == LOOKS_UP
    assert verdict(solver) == COMPUTES
    assert value(table, "share of shuffled labels memorised") > 0.95
    assert value(table, "accuracy with shuffled labels, on the test") < 0.05


def test_a_test_above_chance_after_shuffled_labels_marks_the_run_broken(planted, monkeypatch):
    informed = with_model(planted["table"], Informed())
    monkeypatch.setattr(Subject, "refitted", lambda *_: Informed())
    assert verdict(probed(informed, shuffled_labels)) == BROKEN


def test_shuffling_keeps_the_answers_and_moves_nearly_all(planted):
    data = planted["table"].data
    shuffled = with_shuffled(data, "addition", 0)
    before, after = (one.train["answer"].to_pylist() for one in (data, shuffled))
    assert sorted(before) == sorted(after)
    assert sum(x == y for x, y in zip(before, after, strict=True)) < len(before) / 100
    assert shuffled.train["question"].equals(data.train["question"])
    assert shuffled.test.equals(data.test)


def test_a_table_keeps_to_the_neighbours_curve_and_a_solver_departs_from_it(planted):
    nearest, solver = (probed(planted[label], data_efficiency) for label in ("nearest-aligned", "solver"))
    assert verdict(nearest) == LOOKS_UP
    assert verdict(solver) == COMPUTES
    sizes = nearest.loc[nearest["measure"] == "exact, the model", "size"].tolist()
    assert sizes == [78, 312, 1250, 5000]
    assert value(solver, "slope of exact a fourfold of the data, the model") == pytest.approx(0)


def test_another_generator_of_the_family_tells_the_operation_from_the_range(planted):
    solver = probed(planted["solver"], cross_generator)
    ranged = probed(with_model(planted["solver"], OfLongNumbers()), cross_generator)
    assert verdict(solver) == COMPUTES
    assert verdict(ranged) == LOOKS_UP
    assert set(solver["group"]) == {"arithmetic/addition", "arithmetic/addition-log-uniform"}


def test_a_probe_that_says_what_no_verdict_is_gives_no_findings(planted):
    odd = Probe("odd", lambda subject: findings([number("x", 1, says="proves it")]))
    with pytest.raises(UserError, match="says 'proves it'"):
        probed(planted["solver"], odd)


def test_findings_of_another_version_of_a_probe_are_told(planted):
    subject = planted["solver"]
    land_finding(subject, data_efficiency, probed(subject, data_efficiency))
    assert list(doubts_of(subject.landed.folder)) == []
    path = finding_path(subject, data_efficiency)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({SOURCE: b"another"}), path)
    assert "another version" in next(doubts_of(subject.landed.folder))
    assert find_finding(subject, data_efficiency) is None, "and made anew"
    path.unlink()


def families() -> dict[str, list[Task]]:
    """The installed tasks of each family."""
    found: dict[str, list[Task]] = {}
    for task in tasks().plugins.values():
        found.setdefault(task.family, []).append(task)
    del found[""]
    return found


@pytest.mark.parametrize("family", sorted(families()))
def test_a_family_has_several_generators_whose_problems_one_judge_reads(family):
    members = families()[family]
    assert len(members) > 1
    assert len({repr(task.answer) for task in members}) == 1
    assert len({task.check for task in members}) == 1


def test_a_generator_of_few_problems_is_asked_as_many_as_it_has() -> None:
    part = Part(find_task("arithmetic/addition"), 1, 0)
    assert 1 <= drawn_problems(part, None).num_rows <= 55, "of 55 different sums of two digits those of the test"
