"""Outcomes are told apart and counted apart; nothing that a judge does can hang or crash the scorer."""

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from enigmath.bench.contracts import Choice, Integer, Metric, Task, Text, UserError, task
from enigmath.bench.contracts.registry import find_task, metrics
from enigmath.bench.judges import address
from enigmath.bench.scoring import OUTCOMES, Scored, score

METRICS = metrics().plugins

JUDGED = '''
import os, signal, sys, time
from enigmath.bench.contracts import Integer, Text, task


def judge(question, answer, prediction):
    print("what a judge prints harms nobody")
    if prediction == "HANG":
        while True:
            pass
    if prediction == "DEAF":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
    if prediction == "RAISE":
        raise ZeroDivisionError
    if prediction == "EXIT":
        sys.exit(0)
    if prediction == "DIE":
        os._exit(3)
    if prediction == "KILLED":
        os.kill(os.getpid(), signal.SIGKILL)
    return sorted(prediction) == sorted(answer)


@task("test/anagram", answer=Text("[A-Z]"), levels=[{}], check=judge)
def anagram(rng):
    """Any anagram of the word."""
'''


@pytest.fixture
def anagram(tmp_path: Path) -> Task:
    (tmp_path / "anagram.py").write_text(JUDGED)
    return find_task("anagram.py:anagram", tmp_path)


@task("test/number", answer=Integer(), levels=[{}])
def number(rng):
    """A number."""


def words(task: Task, answers: list[str], predictions: list[str | None], **options: float) -> list[str]:
    return list(scored(task, answers, predictions, **options).outcomes.to_pylist())


def scored(task: Task, answers: list[str], predictions: list[str | None], **options: float) -> Scored:
    table = pa.table({"question": [f"ask {answer}" for answer in answers], "answer": answers})
    return score(task, table, predictions, METRICS, **options)


def test_each_prediction_has_one_outcome() -> None:
    found = scored(number, ["12"] * 5, ["+012", "13", "a dozen", None, " 12 "])
    assert found.outcomes.to_pylist() == ["right", "wrong", "unparsable", "error", "right"]
    assert found.counts() == {"right": 2, "wrong": 1, "unparsable": 1, "timeout": 0, "error": 1}
    assert found.values["exact"].tolist() == [1, 0, 0, 0, 1]
    assert found.values["coverage"].tolist() == [1, 1, 0, 0, 1]
    assert all(values.dtype == np.float32 for values in found.values.values())


def test_a_judge_that_never_ends_is_a_timeout_and_the_next_problem_is_judged(anagram) -> None:
    found = scored(anagram, ["TEA"] * 5, ["EAT", "HANG", "ATE", "TOE", "TEA"], seconds=0.5)
    assert found.outcomes.to_pylist() == ["right", "timeout", "right", "wrong", "right"]
    assert found.values["exact"].tolist() == [1, 0, 1, 0, 1]
    assert found.values["coverage"].tolist() == [1, 1, 1, 1, 1]
    assert found.values["edit-distance"].tolist()[0] == 0  # right, though another text than the stored answer


def test_a_judge_that_ignores_the_polite_signal_is_killed_all_the_same(anagram) -> None:
    assert words(anagram, ["TEA"] * 2, ["DEAF", "EAT"], seconds=0.5) == ["timeout", "right"]


def test_a_judge_that_raises_or_dies_is_an_error_not_a_wrong_answer(anagram) -> None:
    predictions = ["RAISE", "EXIT", "DIE", "KILLED", "ATE", None, "eat"]
    expected = ["error", "error", "error", "error", "right", "error", "unparsable"]
    assert words(anagram, ["TEA"] * 7, predictions, seconds=5) == expected


def test_the_limit_is_for_one_problem_not_for_all(anagram) -> None:
    many = 3000
    assert words(anagram, ["TEA"] * many, ["EAT"] * many, seconds=1) == ["right"] * many


def test_a_judge_works_where_the_scorer_itself_is_a_child_process(anagram, tmp_path) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=_score_in_child, args=(str(tmp_path), queue))
    child.start()
    assert queue.get(timeout=60) == ["right", "timeout"]
    child.join(20)
    assert child.exitcode == 0


def _score_in_child(folder: str, queue: "multiprocessing.Queue[list[str]]") -> None:
    found = find_task("anagram.py:anagram", Path(folder))
    queue.put(words(found, ["TEA"] * 2, ["EAT", "HANG"], seconds=0.5))


def test_a_hung_judge_does_not_outlive_a_killed_scorer(tmp_path) -> None:
    told = tmp_path / "judge.pid"
    (tmp_path / "endless.py").write_text(
        "import os, time\nfrom enigmath.bench.contracts import Text, task\n"
        "def judge(question, answer, prediction):\n"
        f"    open({str(told)!r}, 'w').write(str(os.getpid()))\n"
        "    while True: pass\n"
        "@task('test/endless', answer=Text(), levels=[{}], check=judge)\n"
        "def endless(rng):\n    '''Endless.'''\n"
    )
    program = (
        "import sys, pyarrow as pa\n"
        "from pathlib import Path\n"
        "from enigmath.bench.contracts.registry import find_task\n"
        "from enigmath.bench.scoring import score\n"
        "if __name__ == '__main__':\n"
        "    task = find_task('endless.py:endless', Path(sys.argv[1]))\n"
        "    score(task, pa.table({'question': ['q'], 'answer': ['a']}), ['b'], {}, seconds=1000)\n"
    )
    (tmp_path / "program.py").write_text(program)
    scorer = subprocess.Popen([sys.executable, str(tmp_path / "program.py"), str(tmp_path)])
    try:
        _wait(lambda: told.exists() and told.read_text() != "")
    finally:
        scorer.kill()
        scorer.wait()
    judge = int(told.read_text())
    _wait(lambda: not _alive(judge))


def _wait(done) -> None:
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < 120
        time.sleep(0.05)


def _alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    if status.parent.parent.exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_judge_that_cannot_be_found_again_is_said_so() -> None:
    @task("test/nowhere", answer=Text(), levels=[{}], check=lambda question, answer, prediction: True)
    def nowhere(rng):
        """Defined inside a function."""

    with pytest.raises(UserError, match=r"test/nowhere: its judge .* top of a module"):
        address(nowhere)


def test_an_installed_task_is_found_by_its_name_and_another_by_its_file(anagram, tmp_path) -> None:
    assert address(number) == f"{Path(__file__).resolve()}:number"
    assert address(anagram) == f"{tmp_path / 'anagram.py'}:anagram"


def test_a_wrong_count_of_predictions_is_a_users_error() -> None:
    with pytest.raises(UserError, match="predict: 1 predictions for 2 questions"):
        scored(number, ["1", "2"], ["1"])


@pytest.mark.parametrize("odd", [12, 1.5, b"12", ["12"], np.int64(3)])
def test_a_prediction_that_is_no_string_is_a_users_error(odd) -> None:
    with pytest.raises(UserError, match="prediction 1 is"):
        scored(number, ["1", "2"], ["1", odd])


def test_an_answer_that_does_not_parse_is_the_tasks_error() -> None:
    with pytest.raises(UserError, match="test/number: the answer 'two' of 'ask two' does not parse"):
        scored(number, ["1", "two"], ["1", "2"])


def test_a_metric_of_another_shape_is_its_authors_error() -> None:
    table = pa.table({"question": ["a", "b"], "answer": ["1", "2"]})
    odd = Metric("odd", lambda judged: np.zeros(3), "mean", "higher")
    with pytest.raises(UserError, match=r"metric 'odd': gives the shape \(3,\) for 2 problems"):
        score(number, table, ["1", "2"], {"odd": odd})


def test_a_numeric_metric_is_not_even_asked_about_words() -> None:
    @task("test/word", answer=Choice(("a", "b")), levels=[{}])
    def word(rng):
        """A word."""

    def refuse(judged):
        raise AssertionError("asked")

    table = pa.table({"question": ["q"], "answer": ["a"]})
    found = score(word, table, ["a"], {"odd": Metric("odd", refuse, "mean", "higher", numeric=True)})
    assert np.isnan(found.values["odd"]).all()


def test_endless_and_broken_texts_are_unparsable_and_cheap() -> None:
    hostile = ["9" * 10_000_000, "\ud800", "1" + "\x00", "\U0001f600" * 400, "1" * 1000, "1" * 1001]
    began = time.process_time()
    found = words(number, ["1"] * 6, hostile)
    assert found == ["unparsable", "unparsable", "unparsable", "unparsable", "wrong", "unparsable"]
    assert time.process_time() - began < 2


def test_a_table_in_several_chunks_is_scored_as_one() -> None:
    table = pa.table({"question": ["a"], "answer": ["1"]})
    found = score(number, pa.concat_tables([table] * 3), ["1", "2", "1"], METRICS)
    assert found.outcomes.to_pylist() == ["right", "wrong", "right"]
    assert tuple(found.outcomes.dictionary.to_pylist()) == OUTCOMES


def test_no_problem_is_scored_to_nothing(anagram) -> None:
    for each in (number, anagram):
        empty = pa.table({"question": pa.array([], pa.string()), "answer": pa.array([], pa.string())})
        assert sum(score(each, empty, [], METRICS).counts().values()) == 0
