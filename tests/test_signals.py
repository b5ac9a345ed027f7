"""Signals: the samples alone, as written, determine every answer; it is found anew by fitting a model to them."""

import re
from itertools import pairwise

import numpy as np
import pytest
from question_reader import every_level, problems, texts
from scipy.optimize import least_squares

from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.streams import stream
from enigmath.generators import signals

LEVELS = every_level(signals)
NUMBER = r"-?\d+(?:\.\d{1,3})?"
LIST = rf"\[({NUMBER}(?:,{NUMBER})*)\]"
FORMS = {
    "signals/sine-continuation": rf"sine\((){LIST},(\d+)\)",
    "signals/sine-mixture": rf"sines\((\d),{LIST},(\d+)\)",
    "signals/recurrence-continuation": rf"recurrence\((\d),{LIST},(\d+)\)",
}


def read(task: Task, question: str) -> tuple[int, np.ndarray, int]:
    """Sines or order, samples, and how many values are asked for."""
    found = re.fullmatch(FORMS[task.name], question)
    assert found is not None, question
    return int(found[1] or 1), np.array([float(one) for one in found[2].split(",")]), int(found[3])


def fitted_sines(count: int, samples: np.ndarray, asked: int) -> np.ndarray:
    """Frequencies by the rotation of the signal's subspace, refined by least squares, then carried on."""
    rows = len(samples) // 2
    hankel = np.lib.stride_tricks.sliding_window_view(samples, rows).T
    space = np.linalg.svd(hankel)[0][:, : 2 * count]
    poles = np.linalg.eigvals(np.linalg.lstsq(space[:-1], space[1:], rcond=None)[0])
    guess = np.sort(np.abs(np.angle(poles)))[::2]
    times = np.arange(len(samples) + asked)

    def waves(frequencies: np.ndarray, at: np.ndarray) -> np.ndarray:
        angles = np.outer(at, frequencies)
        return np.hstack([np.sin(angles), np.cos(angles)])

    def remainder(frequencies: np.ndarray) -> np.ndarray:
        basis = waves(frequencies, times[: len(samples)])
        return samples - basis @ np.linalg.lstsq(basis, samples, rcond=None)[0]

    best = least_squares(remainder, guess, xtol=1e-12, ftol=1e-12).x
    sizes = np.linalg.lstsq(waves(best, times[: len(samples)]), samples, rcond=None)[0]
    return waves(best, times[len(samples) :]) @ sizes


def fitted_recurrence(order: int, samples: np.ndarray, asked: int) -> np.ndarray:
    rows = [samples[start : start + order] for start in range(len(samples) - order)]
    coefficients = np.linalg.lstsq(np.array(rows), samples[order:], rcond=None)[0]
    values = list(samples)
    for _ in range(asked):
        values.append(float(np.dot(coefficients, values[-order:])))
    return np.array(values[len(samples) :])


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_the_samples_as_written_determine_every_answer_to_half_a_percent(task: Task, number: int, count: int) -> None:
    batch = problems(task, number, 2 * count)
    questions, answers = batch.question.to_pylist()[:count], texts(batch.answer)[:count]
    assert len(questions) == count
    fit = fitted_recurrence if "recurrence" in task.name else fitted_sines
    for question, given in zip(questions, answers, strict=True):
        parts, samples, asked = read(task, question)
        found, right = np.array([float(one) for one in given.split(",")]), fit(parts, samples, asked)
        assert found.shape == right.shape == (asked,)
        assert np.abs(found - right).sum() < 0.005 * np.abs(found).sum(), question


@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_questions_have_one_form_and_the_length_that_their_level_says(task: Task, number: int) -> None:
    level, batch = task.level(number), problems(task, number, 500)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    assert len(batch.question) + sum(batch.rejected.values()) == 500
    assert len(batch.question) > 350
    assert len(set(batch.key.tolist())) == len(batch.question)
    for row, question in enumerate(batch.question.to_pylist()):
        parts, samples, asked = read(task, question)
        assert (len(samples), asked) == (level["samples"], level["asked"])
        assert parts == level.get("sines", level.get("order", 1))
        if "order" in batch.traits:
            assert batch.traits["order"][row] == parts
    for name, values in batch.traits.items():
        assert len(values) == len(batch.question), name


def test_the_trait_cycles_is_that_of_the_slowest_sine() -> None:
    batch = problems(find_task("signals/sine-continuation"), 5, 300)
    for question, cycles in zip(batch.question.to_pylist(), batch.traits["cycles"].tolist(), strict=True):
        _, samples, _ = read(find_task("signals/sine-continuation"), question)
        crossings = sum(first * second < 0 for first, second in pairwise(samples))
        assert abs(crossings / 2 - cycles) <= 1.01


def test_the_key_is_that_of_the_samples_whatever_their_sign() -> None:
    values = stream("signs").normal(0, 3, (50, 16))
    one = signals._continuation("sine([", values, 12, {}, np.ones(50, bool))
    other = signals._continuation("sine([", -values, 12, {}, np.ones(50, bool))
    assert one.key.tolist() == other.key.tolist()
    assert len(set(one.key.tolist())) == len(one.key)


def test_what_the_samples_do_not_determine_is_rejected() -> None:
    batch = find_task("signals/recurrence-continuation")(stream("rejected"), 4_000, order=4, samples=9, asked=4)
    assert batch.rejected["not determined"] > 1_000
    with pytest.raises(UserError, match="do not determine"):
        find_task("signals/recurrence-continuation")(stream("few"), 4, order=4, samples=8, asked=1)
    with pytest.raises(UserError, match="too many"):
        find_task("signals/sine-mixture")(stream("few"), 4, sines=8, samples=16, asked=1)


def test_repeating_the_last_sample_is_no_shortcut() -> None:
    for name in ("signals/recurrence-continuation", "signals/sine-continuation", "signals/sine-mixture"):
        task = find_task(name)
        for number in range(1, len(task.all_levels) + 1):
            batch = problems(task, number, 1_000)
            right = 0
            for question, given in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
                _, samples, _ = read(task, question)
                values = np.array([float(one) for one in given.split(",")])
                right += np.abs(values - samples[-1]).sum() <= 0.05 * np.abs(values).sum()
            assert right < 60
            if "recurrence" in name and task.level(number)["order"] == 1:
                assert right == 0
