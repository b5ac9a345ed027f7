"""Tuning looks at validation alone, comes out the same for the same seed, and reads the test once, at the end."""

import csv
import sys
from contextlib import chdir
from pathlib import Path

import pytest
import torch

from enigmath.bench.cli.tuning import chart, run_tuning
from enigmath.bench.contracts import UserError
from enigmath.bench.tuning import RateCurve, Trial, best_of

MODEL = '''
from pathlib import Path


class Asked:
    """Knows that sums are `shift` too high, and keeps what it is asked."""

    def __init__(self, shift: int = 0, sort: str = "up", seed: int = 0):
        if shift == 7:
            raise ValueError("seven is refused")
        self.shift = shift

    def fit(self, train, validation, budget):
        self.known = len(train)

    def predict(self, questions):
        with Path("asked.txt").open("a") as file:
            file.write(" ".join(questions) + "\\n")
        return [str(sum(map(int, question.split("+"))) + self.shift * (len(question) < 5)) for question in questions]
'''


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def tune(subject: str | Path, **words) -> int:
    plain = {"model": "", "learning_rate": False, "space": None, "trials": 6, "levels": "", "task": []}
    plain |= {"steps": None, "seed": 0, "device": "cpu", "out": None}
    return run_tuning(str(subject), **{**plain, **words})


@pytest.fixture
def suite(toy, tmp_path: Path) -> Path:
    path = toy("Asked")
    (tmp_path / "models.py").write_text(MODEL)
    (tmp_path / "space.toml").write_text('shift = { low = 0, high = 8 }\nsort = ["up", "down"]\n')
    return path


def test_a_search_looks_at_validation_alone_and_the_test_is_read_once_at_the_end(suite, tmp_path, capsys) -> None:
    with chdir(tmp_path):
        assert tune(suite, space=Path("space.toml"), trials=12, out=Path("out")) == 0
    asked = [line.split() for line in (tmp_path / "asked.txt").read_text().splitlines()]
    assert [len(questions) for questions in asked] == [40] * (len(asked) - 1) + [150]
    assert not {question for line in asked[:-1] for question in line} & set(asked[-1])
    rows = list(csv.DictReader((tmp_path / "out" / "trials.csv").open()))
    assert [int(row["trial"]) for row in rows] == list(range(12))
    shares = {int(row["shift"]): row["validation_exact"] for row in rows}
    assert {shift: share == "1.0" for shift, share in shares.items() if share} == {
        shift: shift == 0 for shift in shares if shift != 7
    }
    assert {row["error"] for row in rows if row["shift"] == "7"} <= {"seven is refused"}
    assert {row["error"] for row in rows if row["shift"] != "7"} == {""}
    said = capsys.readouterr().out
    assert "The winner" in said
    assert "exact 100.0% on the test, read this once" in said


def test_the_same_seed_makes_the_same_search_and_another_makes_another(suite, tmp_path) -> None:
    with chdir(tmp_path):
        for name, seed in (("a", 0), ("b", 0), ("c", 1)):
            tune(suite, space=Path("space.toml"), seed=seed, out=Path(name))
    tables = [(tmp_path / name / "trials.csv").read_text() for name in "abc"]
    assert tables[0] == tables[1] != tables[2]


def test_of_equal_shares_the_lower_loss_wins_and_one_problem_more_outweighs_any_loss() -> None:
    trials = [Trial(0, {}, 0.5, 0.9), Trial(1, {}, 0.5, 0.1), Trial(2, {}, 0.51, 9.0), Trial(3, {}, error="refused")]
    assert best_of(trials, 100).number == 2
    assert best_of(trials[:2], 100).number == 1
    with pytest.raises(UserError, match="no trial could be fitted: refused"):
        best_of(trials[3:], 100)


def test_a_range_test_leaves_its_curve_and_suggests_a_rate_under_the_least_loss(suite, tmp_path, capsys) -> None:
    small = SUITE.replace("[[models]]", "[[models]]\nconfig = { width = 16, layers = 1 }")
    (tmp_path / "small.toml").write_text(small)
    with chdir(tmp_path):
        assert tune("small.toml", learning_rate=True, steps=100, out=Path("out")) == 0
    rows = list(csv.DictReader((tmp_path / "out" / "learning_rate.csv").open()))
    rates, losses = ([float(row[name]) for row in rows] for name in ("learning_rate", "smoothed"))
    assert rates == sorted(rates)
    assert (rates[0], rates[-1]) == (pytest.approx(1e-6, rel=0.2), pytest.approx(1.0, rel=0.2))
    curve = RateCurve(rates, [float(row["loss"]) for row in rows])
    assert 1e-4 < curve.suggested < rates[losses.index(min(losses))]
    said = capsys.readouterr().out
    assert f"Suggested: learning_rate = {curve.suggested:g}" in said
    assert chart(curve) in said


SUITE = """
name = "small"
train = 2_000
validation = 100
test = 100

[[tasks]]
name = "arithmetic/addition"
levels = [2]

[[models]]
name = "mlp"
"""


def test_the_suggestion_is_the_left_edge_of_a_flat_valley() -> None:
    rates = [10 ** (-6 + place / 10) for place in range(60)]
    flat = RateCurve(rates, [3.0 if rate < 1e-4 else 1.0 if rate < 0.3 else 5.0 for rate in rates])
    assert 1e-4 <= flat.suggested < 3e-4
    sharp = RateCurve(rates, [3.0 - 2 * (0.02 < rate < 0.04) for rate in rates])
    assert 0.006 < sharp.suggested < 0.013


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "space.toml: names no keyword; write"),
        ("width = [1]", "config: no keyword 'width'"),
        ("shift = { low = 5, high = 2 }", "space.toml, shift: from 5 to 2; low must lie under high"),
        ("shift = { low = 0, high = 2, log = true }", "space.toml, shift: from 0 to 2"),
        ("shift = []", "space.toml, shift: is no choice"),
        ("shift = { low = 1 }", "space.toml: .*high"),
        ("shift = ", "space.toml: Invalid value"),
        ('shift = ["a"]', "config, shift = 'a'"),
    ],
)
def test_a_mistake_in_a_space_is_one_line_with_its_place(suite, tmp_path, text, message) -> None:
    (tmp_path / "space.toml").write_text(text)
    with chdir(tmp_path), pytest.raises(UserError, match=message) as raised:
        tune(suite, space=Path("space.toml"), out=Path("out"))
    assert "\n" not in str(raised.value)


def test_without_optuna_the_mend_is_told(suite, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with chdir(tmp_path), pytest.raises(UserError, match=r"a search needs optuna; pip install 'enigmath\[tune\]'"):
        tune(suite, space=Path("space.toml"), out=Path("out"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "either looks for a learning rate or searches a space"),
        ({"learning_rate": True}, "Asked has no schedule of a learning rate"),
        ({"learning_rate": True, "levels": "1"}, "a suite says its levels"),
        ({"learning_rate": True, "steps": 0}, "0 steps; give 1 or more"),
    ],
)
def test_what_cannot_be_tuned_is_told_in_a_line(suite, tmp_path, words, message) -> None:
    with chdir(tmp_path), pytest.raises(UserError, match=message):
        tune(suite, out=Path("out"), **words)
