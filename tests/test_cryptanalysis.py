"""What leaks: bits, real pairs and random ones are counted as their docstrings say, and the page shows the same."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from enigmath.bench.intervals import clopper_pearson, holm
from enigmath.bench.session import plan, start
from enigmath.reports.cryptanalysis import bit_scores, distinguishers, strips, verdicts
from enigmath.reports.frames import Run, load
from enigmath.reports.report import write_report

MODELS = '''
class Copier:
    """Knows the first two digits, says 0 for the rest, and nothing at all of questions that end in f."""
    def predict(self, questions):
        digits = [question.partition("(")[2][:-1] for question in questions]
        return [None if word.endswith("f") else word[:2] + "0" * (len(word) - 2) for word in digits]

class Optimist:
    """Calls every third pair random and all others real."""
    def predict(self, questions):
        return ["random" if number % 3 == 0 else "real" for number, _ in enumerate(questions)]
'''
SUITE = """
name = "leaks"
description = "Two leaks & a constant"
train = 100
validation = 10
test = 600
[[tasks]]
name = "control/identity"
levels = [1]
[[tasks]]
name = "block/speck-distinguish"
title = "Speck <b>"
levels = [1]
[[models]]
name = "models.py:Copier"
tasks = ["control/identity"]
[[models]]
name = "models.py:Optimist"
tasks = ["Speck <b>"]
[[models]]
name = "majority-symbols"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "models.py").write_text(MODELS)
    (folder / "leaks.toml").write_text(SUITE)
    session = plan(str(folder / "leaks.toml"), out=folder / "run")
    for _ in start(session, device="cpu", workers=1):
        pass
    return load(folder / "run")


def test_each_bit_is_counted_against_its_own_chance(run: Run) -> None:
    scores = bit_scores(run)
    copier = scores[scores["label"] == "Copier"]
    assert copier["bit"].tolist() == list(range(24))
    here = run.problems[run.problems["label"] == "Copier"]
    answers = np.array([[int(bit) for bit in f"{int(word, 16):024b}"] for word in here["answer"]])
    silent = here["answer"].str.endswith("f").to_numpy()
    known = ~silent
    assert copier["share"].iloc[:8].to_numpy() == pytest.approx(known.mean())
    assert copier["share"].iloc[8:].to_numpy() == pytest.approx(((answers == 0) & known[:, None]).mean(axis=0)[8:])
    ones = answers.mean(axis=0)
    assert copier["chance"].to_numpy() == pytest.approx(np.maximum(ones, 1 - ones))
    assert copier["found"].tolist() == [True] * 8 + [False] * 16
    first = copier.iloc[0]
    exact = binomtest(round(first["share"] * 600), 600, first["chance"], alternative="greater")
    assert first["p"] == pytest.approx(exact.pvalue)
    assert not scores.loc[scores["label"] == "majority-symbols", "found"].any()


def test_real_and_random_are_counted_apart(run: Run) -> None:
    found = distinguishers(run).set_index("label")
    optimist, constant = found.loc["Optimist"], found.loc["majority-symbols"]
    here = run.problems[run.problems["label"] == "Optimist"]
    said = here["prediction"].to_numpy()
    truth = here["answer"].to_numpy()
    assert optimist["accuracy"] == pytest.approx((said == truth).mean())
    assert optimist["tpr"] == pytest.approx((said[truth == "real"] == "real").mean())
    assert optimist["tnr"] == pytest.approx((said[truth == "random"] == "random").mean())
    assert optimist["advantage"] == pytest.approx(optimist["tpr"] + optimist["tnr"] - 1)
    assert optimist["advantage_low"] < 0 < optimist["advantage_high"]
    assert constant["advantage"] == 0
    interval = binomtest(int((said == truth).sum()), 600).proportion_ci(0.95, method="exact")
    assert (optimist["accuracy_low"], optimist["accuracy_high"]) == pytest.approx((interval.low, interval.high))


def test_the_chance_of_bits_and_characters_is_measured_and_stands_on_the_board(run: Run) -> None:
    board = run.leaderboard.set_index("label")
    identity = board[board["title"] == "control/identity"]
    assert identity["chance_bits"].to_numpy() == pytest.approx(0.5, abs=0.06)
    assert identity["chance_characters"].to_numpy() == pytest.approx(1 / 16, abs=0.08)
    assert board.loc[board["title"] == "Speck <b>", "chance_bits"].isna().all()


def test_the_page_shows_both(run: Run, tmp_path: Path) -> None:
    index = write_report(run, tmp_path)
    page = index.read_text() + "".join(path.read_text() for path in sorted(tmp_path.glob("tasks/*.html")))
    assert page.count('class="heat') >= 48
    assert "Speck &lt;b&gt;" in page
    assert "Two leaks &amp; a constant" in page
    assert [row[2] for row in verdicts(run)] == ["Optimist", "majority-symbols"]
    (entry,) = strips(run)
    assert [row["label"] for row in entry["rows"]] == ["Copier", "majority-symbols"]
    assert entry["rows"][0]["found"] == "8 of 24"
    kind, told = entry["rows"][0]["cells"][0]
    assert kind.startswith("heat h")
    assert kind.endswith(" found")
    assert told.startswith("bit 0: 9")


def test_exact_intervals_and_corrected_p_values_are_those_of_scipy_and_of_the_definition() -> None:
    for right, n in ((0, 7), (3, 10), (10, 10), (499, 1000)):
        low, high = clopper_pearson(right, n)
        known = binomtest(right, n).proportion_ci(0.95, method="exact")
        assert (float(low), float(high)) == pytest.approx((known.low, known.high))
    assert holm([0.001, 0.02, 0.5, 0.02]).tolist() == pytest.approx([0.004, 0.06, 0.5, 0.06])
    assert holm([0.6, 0.9]).tolist() == [1.0, 1.0]
