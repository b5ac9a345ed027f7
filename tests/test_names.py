"""Names: read from the package, each in one split; likelihoods become nats a character on the way through a run."""

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from question_reader import texts
from test_cli import in_process

from enigmath.bench.audit import audit
from enigmath.bench.contracts import UserError, split_of
from enigmath.bench.contracts.registry import tasks
from enigmath.bench.data import Part, take
from enigmath.bench.runner import Place, run_cell
from enigmath.bench.session import plan
from enigmath.bench.store import landed, open_run
from enigmath.generators import names

SUITE = """
name = "few-names"
train = 200
validation = 20
test = 60
[budget]
steps = 30
[[tasks]]
name = "text/names"
levels = [1]
[[tasks]]
name = "arithmetic/addition"
levels = [1]
validation = 4
test = 4
[[models]]
name = "ngrams"
config = { order = 2, smoothing = "add-one" }
[[models]]
name = "mlp"
tasks = ["text/names"]
config = { window = 3, vector = 4, width = 8, layers = 1, select = "loss" }
[[models]]
name = "majority"
"""


def test_the_first_pass_holds_each_name_of_the_list_once_in_lower_case() -> None:
    package = pytest.importorskip("names")
    files = [package.FILES["first:male"], package.FILES["first:female"]]
    listed = {line.split()[0].lower() for file in files for line in Path(file).read_text().splitlines()}
    batch = names.names(np.random.default_rng(0), len(listed), of="first")
    assert sorted(texts(batch.answer)) == sorted(listed)
    again = names.names(np.random.default_rng(0), 2 * len(listed), of="first")
    assert texts(again.answer)[: len(listed)] == texts(batch.answer) != texts(again.answer)[len(listed) :]
    assert set(texts(batch.question)) == {"first name"}
    assert len(names.names(np.random.default_rng(0), 0, of="last").question) == 0


def test_a_name_stands_in_one_split_whichever_list_it_is_on() -> None:
    first, last = (names.names(np.random.default_rng(1), 100_000, of=of) for of in ("first", "last"))
    keys = dict(zip(texts(first.answer), first.key.tolist(), strict=True))
    both = [(name, key) for name, key in zip(texts(last.answer), last.key.tolist(), strict=True) if name in keys]
    assert len(both) > 1_000
    assert all(keys[name] == key for name, key in both)
    shares = np.bincount(split_of(last.key)) / len(last.key)
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.01)


def test_all_names_of_a_split_can_be_had_and_the_audit_is_clean() -> None:
    drawn = take(Part(names.names, 1, 0), {"train": 4163, "validation": 489, "test": 511})
    found = [set(table["answer"].to_pylist()) for table in drawn.values()]
    assert [len(part) for part in found] == [4163, 489, 511]
    assert not audit(names.names, [1], 6_000).faults


def test_without_the_package_the_task_is_listed_and_one_line_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "names", None)
    names._names.cache_clear()
    assert "text/names" in tasks().plugins
    with pytest.raises(UserError, match=r"pip install enigmath\[names\]"):
        names.names(np.random.default_rng(0), 5, of="first")
    with pytest.raises(UserError, match="no list of middle names; take one of first, last"):
        names.names(np.random.default_rng(0), 5, of="middle")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the small suite, its cells one after another."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "suite.toml").write_text(SUITE)
    session = plan(str(folder / "suite.toml"), out=folder / "run")
    open_run(session.run, session.path.read_text())
    for cell in session.cells:
        assert run_cell(cell, Place(session.run, folder / "cache"))["status"] == "finished"
    return session.run


def test_a_run_keeps_likelihoods_and_their_mean_is_the_cross_entropy_a_character(run: Path) -> None:
    for cell in landed(run).values():
        told, scores = (pq.read_table(cell.folder / f"{name}.parquet") for name in ("predictions", "scores"))
        values = scores["nats"].to_numpy()
        if cell.record["title"] == "text/names" and cell.record["model"]["label"] != "majority":
            characters = sum(len(answer) + 1 for answer in told["answer"].to_pylist())
            assert values.mean() == pytest.approx(-told["log_likelihood"].to_numpy().sum() / characters)
            assert 2.0 < values.mean() < 4.0
        else:
            assert np.isnan(values).all()
            assert "log_likelihood" not in told.column_names


def test_samples_and_a_map_of_letters_can_be_had_of_a_run(run: Path, tmp_path: Path) -> None:
    asked = ("ask", run, "mlp", "first name", "--sample", "20", "--temperature", "0.9", "--seed", "2")
    drawn = in_process(*asked)
    assert (drawn.returncode, len(drawn.stdout.splitlines())) == (0, 20)
    assert drawn.stdout == in_process(*asked).stdout
    assert len(set(drawn.stdout.splitlines())) > 10
    done = in_process("embedding", run, "mlp", "--out", tmp_path / "map.svg")
    assert "text/names, mlp: " in done.stdout
    assert ">a</text>" in (tmp_path / "map.svg").read_text()
    in_process("embedding", run, "mlp", "--out", tmp_path / "map.csv")
    header, *rows = (tmp_path / "map.csv").read_text().splitlines()
    assert header == "symbol,x,y,v0,v1,v2,v3"
    assert {row.split(",")[0] for row in rows} >= {'"a"', '"END"'}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask", "{run}", "majority", "first name", "--task", "text/names", "--sample", "2"), "draws no answers"),
        (("ask", "{run}", "mlp", "first name", "--sample", "-2"), "cannot draw -2 answers"),
        (("ask", "{run}", "mlp", "first name", "--sample", "2", "--temperature", "-1"), "a temperature of -1.0"),
        (("embedding", "{run}", "ngrams", "--task", "text/names", "--out", "map.svg"), "has no vectors of symbols"),
        (("embedding", "{run}", "ngrams", "--out", "map.svg"), "was trained for 2 tasks; choose one by --task"),
        (("embedding", "{run}", "mlp", "--out", "map.png"), "cannot draw a .png; end it in .svg or .csv"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(run: Path, words: tuple[str, ...], said: str) -> None:
    done = in_process(*(str(run) if word == "{run}" else word for word in words))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr
