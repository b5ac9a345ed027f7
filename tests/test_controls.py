"""Controls: chance is measured, what should not be learnt is caught when it is, and what must be found is found."""

import resource
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from test_cli import enigmath, in_process

from enigmath.baselines.constant import Majority, MajoritySymbols
from enigmath.baselines.neighbours import NearestAligned
from enigmath.baselines.shuffled import Shuffled
from enigmath.baselines.solver import Solver
from enigmath.bench.chance import chances, sigmas_above
from enigmath.bench.contracts import Bits, Budget, Choice, Examples, Hexadecimal, Integer, Text, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, take
from enigmath.bench.session import plan
from enigmath.bench.store import open_run

LEAK = '''
from enigmath.bench.contracts import Choice, Problem, task

def bits(rng, leak):
    label = int(rng.integers(2))
    first = label if rng.random() < leak else int(rng.integers(2))
    digits = f"{int(rng.integers(2**60)):016x}"
    return Problem(f"{digits}{'xy'[first]}", ("random", "real")[label])

@task("leak/none", answer=Choice(("random", "real")), levels=[dict(leak=0.0)], chance=0.5)
def sound(rng, leak):
    """Whether noise is real."""
    return bits(rng, leak)

@task("leak/some", answer=Choice(("random", "real")), levels=[dict(leak=0.2)], chance=0.5)
def leaking(rng, leak):
    """Whether noise is real, its last letter telling one time in five."""
    return bits(rng, leak)
'''
SUITE = """
name = "leak"
train = 3000
validation = 50
test = 3000
[[tasks]]
name = "tasks.py:{task}"
title = "control"
[[models]]
name = "linear"
[require.control.linear]
exact = {{ at_chance = 5 }}
"""


@pytest.mark.parametrize("task", ["sound", "leaking"])
def test_a_leaked_control_is_caught_and_a_sound_one_passes(task: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(LEAK)
    (tmp_path / "leak.toml").write_text(SUITE.format(task=task))
    done = enigmath("run", tmp_path / "leak.toml", cwd=tmp_path)
    said = " ".join(done.stdout.split())
    if task == "sound":
        assert done.returncode == 0, done.stdout
        assert "Every requirement holds." in said
    else:
        assert done.returncode == 1
        assert "deviations above chance, 50" in said


@pytest.mark.parametrize(
    ("require", "said"),
    [
        ("exact = { at_chance = 0 }", "at_chance"),
        ("coverage = { at_chance = 5 }", "coverage has no chance; try exact or characters or bits"),
        ("edit-distance = { at_chance = 5 }", "edit-distance is not a share"),
    ],
)
def test_a_control_that_cannot_be_judged_is_one_line(require: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(LEAK)
    (tmp_path / "leak.toml").write_text(SUITE.format(task="sound").replace("exact = { at_chance = 5 }", require))
    done = in_process("run", tmp_path / "leak.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert said in " ".join((done.stdout + done.stderr).split())


def test_chance_is_what_the_best_constant_scores() -> None:
    letters = pa.array(["EXE", "EAT", "TEE", "EEL"])
    assert chances(Text("[A-Z]"), letters) == {"exact": 0.25, "characters": pytest.approx((3 + 2 + 2) / 12)}
    assert chances(Bits(2), pa.array(["00", "01", "01", "10"])) == {
        "exact": 0.5,
        "characters": pytest.approx((3 + 2) / 8),
        "bits": pytest.approx((3 + 2) / 8),
    }
    assert chances(Integer(), pa.array(["1", "1", "2"])) == {"exact": pytest.approx(2 / 3)}
    assert chances(Hexadecimal(), pa.array([], pa.string())) == {}


def test_the_chance_of_noise_is_half_its_bits() -> None:
    noise = pa.array([f"{number:08x}" for number in np.random.default_rng(0).integers(2**32, size=20_000)])
    found = chances(Hexadecimal(8), noise)
    assert found["bits"] == pytest.approx(0.5, abs=0.005)
    assert found["characters"] == pytest.approx(1 / 16, abs=0.004)


def test_sigmas_are_rarely_many_where_there_is_only_chance() -> None:
    rng = np.random.default_rng(1)
    found = np.array([sigmas_above((rng.random(500) < 0.3).astype(float), 0.3) for _ in range(400)])
    assert abs(found.mean()) < 0.2
    assert 0.8 < found.std() < 1.2
    assert sigmas_above((rng.random(500) < 0.6).astype(float), 0.3) > 10
    assert sigmas_above(rng.random(1000), 0.5) < 4
    assert sigmas_above(np.full(5, np.nan), 0.5) == 0


def identity(count: int = 2000) -> dict[str, pa.Table]:
    return take(Part(find_task("control/identity"), 1, 0), {"train": count, "validation": 200, "test": 400})


def share(model, test: pa.Table) -> float:
    said = model.predict(test["question"].to_pylist())
    return sum(a == b for a, b in zip(said, test["answer"].to_pylist(), strict=True)) / test.num_rows


@pytest.mark.parametrize(("number", "least", "most"), [(1, 1, 1), (2, 1, 1), (5, 0, 0.02)])
def test_memory_answers_every_digest_that_it_has_seen_and_none_that_it_has_not(number: int, least, most) -> None:
    part = Part(find_task("control/preimage-memory"), number, 0)
    drawn = take(part, {"train": 60_000, "validation": 20, "test": 300})
    memory = NearestAligned()
    memory.fit(Examples(drawn["train"]), Examples(drawn["validation"]), Budget())
    assert least <= share(memory, drawn["test"]) <= most
    space = len(set(drawn["train"]["question"].to_pylist()))
    assert space == 2 ** part.task.level(number)["space"] if least else space < 0.85 * 2**12


def test_a_suite_narrowed_to_some_tasks_leaves_out_what_is_for_others() -> None:
    made = plan("controls", tasks=["Identity", "Speck, 3 rounds"]).cells
    labels = [(cell.title, cell.label) for cell in made]
    assert ("Identity", "shuffled labels") in labels
    assert ("Speck, 3 rounds", "difference-table") in labels
    assert {title for title, _ in labels} == {"Identity", "Speck, 3 rounds"}
    with pytest.raises(UserError, match="no model is for these tasks"):
        plan("controls", tasks=["Identity"], models=["gohr"])


def test_a_model_on_shuffled_answers_falls_to_chance() -> None:
    numbers = take(Part(find_task("arithmetic/comparison"), 3, 0), {"train": 2000, "validation": 100, "test": 400})
    for fitted, low, high in ((Shuffled("linear"), 0.0, 0.62), (Shuffled("linear", seed=1), 0.0, 0.62)):
        fitted.fit(Examples(numbers["train"]), Examples(numbers["validation"]), Budget(steps=50))
        assert low <= share(fitted, numbers["test"]) <= high
    shuffled = Shuffled("majority")
    shuffled.fit(Examples(numbers["train"]), Examples(numbers["validation"]), Budget())
    plain = Majority()
    plain.fit(Examples(numbers["train"]), Examples(numbers["validation"]), Budget())
    assert shuffled.predict(["1?2"]) == plain.predict(["1?2"])  # the same answers, in another order


@pytest.mark.parametrize(
    ("model", "task", "said"),
    [
        (
            '"gohr"',
            "hash/md5-distinguish",
            "no task of telling pairs apart; it learns tasks that end in",
        ),
        ('"dilated"', "cipher/caesar-encrypt", "Dilated: cipher/caesar-encrypt is no task of telling pairs apart"),
        ('"gohr"', "block/speck-distinguish", "has several levels; gohr learns one level a cell"),
        ('"solve"', "cipher/caesar-encrypt", "cipher/caesar-encrypt: has no reference solver; leave"),
        ('"difference-table"', "block/simon-distinguish", "it answers block/speck-distinguish, block/speck-pairs"),
        ('"shuffled"\nconfig = { model = "gohr" }', "cipher/caesar-encrypt", "is no task of telling pairs apart"),
        (
            '"shuffled"\nconfig = { config = { widht = 8 } }',
            "cipher/caesar-encrypt",
            "no keyword 'widht'; did you mean 'width'?",
        ),
        (
            '"majority"',
            'cipher/caesar-encrypt"\ntrain = 100_000_000_000 #',
            "train = 100000000000; ask for 100,000,000 problems at most",
        ),
    ],
)
def test_a_model_that_does_not_fit_a_task_is_told_before_anything_runs(model, task, said, tmp_path: Path) -> None:
    text = f'name = "wrong"\ntest = 10\n[[tasks]]\nname = "{task}"\n[[models]]\nname = {model}\n'
    (tmp_path / "wrong.toml").write_text(text)
    done = in_process("run", tmp_path / "wrong.toml", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2
    assert said in " ".join((done.stdout + done.stderr).split())
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_nothing_aside(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # no file may have a byte, as on a full disk
    try:
        with pytest.raises(UserError, match="cannot write"):
            open_run(tmp_path / "run", 'name = "x"')
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["cells"]


@pytest.mark.parametrize("name", ["nobody", "gcd-of-base"])
def test_what_cannot_be_shuffled_is_a_user_error(name: str) -> None:
    with pytest.raises(UserError, match=name):
        Shuffled(name)


def test_the_constant_text_is_the_commonest_at_each_place() -> None:
    train = Examples(pa.table({"question": list("abcd"), "answer": ["AB", "AC", "BC", "AAA"]}))
    model = MajoritySymbols()
    model.fit(train, train, Budget())
    assert model.predict(["x", ""]) == ["AC", "AC"]


def test_a_task_without_a_solver_is_a_user_error_and_one_with_a_function_is_solved() -> None:
    table = identity(50)["train"]
    with pytest.raises(UserError, match=r"control/identity: has no reference solver"):
        Solver().fit(Examples(table), Examples(table), Budget())


def test_the_solver_answers_by_the_attack_that_the_task_names(tmp_path: Path) -> None:
    source = '''
from enigmath.bench.contracts import Choice, Problem, Text, task

@task("toy/echo", answer=Text(), levels=[dict()], solve=lambda question: question[2:])
def echo(rng):
    """What comes after two characters."""
    word = f"{int(rng.integers(10**9))}"
    return Problem("> " + word, word)

@task("toy/constant", answer=Text(), levels=[dict()], solve="majority")
def constant(rng):
    """Always the same."""
    return Problem(f"{int(rng.integers(10**9))}", "x")
'''
    (tmp_path / "tasks.py").write_text(source)
    suite = 'name = "solved"\ntrain = 20\nvalidation = 5\ntest = 20\n[[models]]\nname = "solve"\n'
    suite += "".join(f'[[tasks]]\nname = "tasks.py:{name}"\ntitle = "{name}"\n' for name in ("echo", "constant"))
    suite += "".join(f"[require.{name}]\nsolve = {{ exact = 0.8 }}\n" for name in ("echo", "constant"))
    (tmp_path / "solved.toml").write_text(suite)
    done = enigmath("run", tmp_path / "solved.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_answers_of_two_kinds_have_only_exact_chance() -> None:
    assert chances(Choice(("mixed",)), pa.array(["1", "x", "1"])) == {"exact": pytest.approx(2 / 3)}
