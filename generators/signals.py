"""Signals: how a sum of sines, or the solution of a hidden linear recurrence, goes on after its samples.

Samples are written with at most three decimals and stand at the times 0, 1, 2 …; what is asked are the values at the
next times, with four significant digits. The ranges given below make the samples determine the continuation, their
rounding included, to well within 0.5 %. An answer is right when its error, summed over the values, is at most 5 % of
the sum of their absolute values.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import Batch, Matrix, UserError, hash_integers, task
from enigmath.generators import matrix_perturbations as perturbed
from enigmath.generators.digits import join
from enigmath.generators.matrix_text import Floats, write_floats, write_units

DECIMALS: Final = 3
DIGITS: Final = 4
DRAWS: Final = 2**11
FASTEST: Final = 0.4
"""The highest frequency, in cycles a step: 0.5 could not be told from lower ones."""
SMALLEST_MEAN: Final = 0.3
"""The least mean size of the values asked for, below which a relative error would mean little."""
LARGEST_DOUBT: Final = 0.002
"""By how much, relatively, the continuation that is fitted to the samples as written may miss the true one."""


@task(
    "signals/sine-continuation",
    answer=Matrix(DIGITS),
    levels=[{"samples": samples, "asked": asked} for samples, asked in ((12, 1), (12, 2), (16, 4), (16, 8), (24, 12))],
    beyond=[{"samples": samples, "asked": asked} for samples, asked in ((16, 12), (24, 24))],
    bulk=True,
    draws=DRAWS,
    perturbations=perturbed.NEGATE_SAMPLES,
)
def sine_continuation(rng: np.random.Generator, n: int, samples: int, asked: int) -> Batch:
    """The next values of a sine, as in `sine([0,1,0,-1,0,1,0,-1,0,1,0,-1],2)` with the answer `0,1`.

    The sine is a*sin(2*pi*f*t + p) with a uniform over 1..10, f from one cycle in all samples to 0.4 cycles a step,
    and p uniform over a cycle. Levels grow in the number of values asked for; those beyond ask for more of them.
    Draws whose values asked for have a mean size below 0.3 are rejected. Guessing scores nothing; repeating the last
    sample next to nothing. The key is that of the samples, whatever their sign. Source: the sines on which recurrent
    networks are shown, as in the examples of PyTorch.
    """
    values, traits = _sines(rng, n, 1, samples, asked)
    return _continuation("sine([", values, samples, traits, np.ones(n, bool))


@task(
    "signals/sine-mixture",
    answer=Matrix(DIGITS),
    levels=[
        {"sines": sines, "samples": samples, "asked": asked}
        for sines, samples, asked in ((2, 24, 1), (2, 24, 4), (2, 32, 8), (3, 32, 1), (3, 32, 4), (3, 40, 8))
    ],
    beyond=[{"sines": 2, "samples": 32, "asked": 16}, {"sines": 4, "samples": 40, "asked": 8}],
    bulk=True,
    draws=DRAWS,
    perturbations=perturbed.NEGATE_SAMPLES,
)
def sine_mixture(rng: np.random.Generator, n: int, sines: int, samples: int, asked: int) -> Batch:
    """The next values of a sum of two or more sines, as in `sines(2,[3.1,...],4)`: two sines, samples, four values.

    Each sine is drawn as in sine-continuation; their frequencies are at least 1.5 cycles in all samples apart. Levels
    grow in the values asked for and in sines. Rejections, guessing and key as in sine-continuation. Source: the problem
    of Prony, 1795, without damping.
    """
    values, traits = _sines(rng, n, sines, samples, asked)
    return _continuation(f"sines({sines},[", values, samples, traits, np.ones(n, bool))


@task(
    "signals/recurrence-continuation",
    answer=Matrix(DIGITS),
    levels=[
        {"order": order, "samples": samples, "asked": asked}
        for order, samples, asked in ((1, 6, 1), (1, 6, 4), (2, 12, 1), (2, 12, 4), (3, 16, 4), (4, 24, 4))
    ],
    beyond=[{"order": 2, "samples": 12, "asked": 8}, {"order": 5, "samples": 24, "asked": 4}],
    bulk=True,
    draws=DRAWS,
    perturbations=perturbed.NEGATE_SAMPLES,
)
def recurrence_continuation(rng: np.random.Generator, n: int, order: int, samples: int, asked: int) -> Batch:
    """The next values of a sequence in which each is the same linear form, unknown and with real coefficients, of the
    `order` values before it, as in `recurrence(1,[8,4,2,1,0.5,0.25],2)` with the answer `0.125,0.0625`.

    The sequence is a sum of order // 2 waves a*r**t*sin(2*pi*f*t + p), and of b*s**t where the order is odd: a and
    the size of b are uniform over 1..5, r over 0.9..1.02, f over 0.05..0.45 and the size of s over 0.8..0.94, so that
    repeating the last sample is never right for order 1; signs are even. Draws are rejected whose samples as written do
    not determine the values asked for to 0.2 % by least squares, or whose values have a mean size below 0.3. Levels
    grow in order and in the values asked for. Guessing scores nothing. The key is that of the samples, whatever their
    sign. Source: the problem of Prony, 1795.
    """
    if samples < 2 * order + 1:
        raise UserError(
            f"{samples} samples do not determine a recurrence of order {order}",
            where="signals/recurrence-continuation",
            mend=f"take at least {2 * order + 1}",
        )
    waves, times = order // 2, np.arange(samples + asked)
    size, growth = rng.uniform(1, 5, (n, waves, 1)), rng.uniform(0.9, 1.02, (n, waves, 1))
    frequency, phase = rng.uniform(0.05, 0.45, (n, waves, 1)), rng.uniform(0, 1, (n, waves, 1))
    values = (size * growth**times * np.sin(2 * np.pi * (frequency * times + phase))).sum(axis=1)
    if order % 2:
        first, ratio = (
            rng.uniform(low, high, (n, 1)) * rng.choice([-1.0, 1.0], (n, 1)) for low, high in ((1, 5), (0.8, 0.94))
        )
        values += first * ratio**times
    expected = continued(_as_written(values[:, :samples]), order, asked)
    doubt = np.abs(expected - values[:, samples:]).sum(axis=1) / np.abs(values[:, samples:]).sum(axis=1)
    return _continuation(f"recurrence({order},[", values, samples, {"order": np.full(n, order)}, doubt <= LARGEST_DOUBT)


def continued(samples: Floats, order: int, asked: int) -> Floats:
    """The next values by the linear recurrence that fits the samples best, by least squares; shape (n, asked)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, order + 1, axis=1)
    coefficients = np.linalg.pinv(windows[:, :, :order]) @ windows[:, :, order:]
    values = samples
    for _ in range(asked):
        following = (values[:, -order:] * coefficients[:, :, 0]).sum(axis=1, keepdims=True)
        values = np.concatenate([values, following], axis=1)
    return values[:, samples.shape[1] :]


def _sines(
    rng: np.random.Generator, n: int, sines: int, samples: int, asked: int
) -> tuple[Floats, dict[str, npt.NDArray[np.int64]]]:
    """Values at all times, shape (n, samples + asked)."""
    slowest, apart = 1 / samples, 1.5 / samples
    room = FASTEST - slowest - (sines - 1) * apart
    if room <= 0:
        raise UserError(f"{sines} sines are too many for {samples} samples", where="signals", mend="take more samples")
    frequency = slowest + np.sort(rng.uniform(0, room, (n, sines)), axis=1) + apart * np.arange(sines)
    size, phase = rng.uniform(1, 10, (n, sines, 1)), rng.uniform(0, 1, (n, sines, 1))
    angle = 2 * np.pi * (frequency[:, :, None] * np.arange(samples + asked) + phase)
    cycles = np.rint(frequency[:, 0] * samples).astype(np.int64)
    return (size * np.sin(angle)).sum(axis=1), {"cycles": cycles}


def _as_written(values: Floats) -> Floats:
    rounded: Floats = np.rint(values * 10**DECIMALS) / 10**DECIMALS
    return rounded


def _continuation(
    opening: str,
    values: Floats,
    samples: int,
    traits: dict[str, npt.NDArray[np.int64]],
    determined: npt.NDArray[np.bool_],
) -> Batch:
    """The problems whose answers are determined and not too near zero."""
    large = np.abs(values[:, samples:]).mean(axis=1) >= SMALLEST_MEAN
    kept = determined & large
    values, asked = values[kept], values.shape[1] - samples
    written = np.rint(values[:, :samples] * 10**DECIMALS).astype(np.int64)
    question = join(opening, write_units(written[:, None, :], DECIMALS), f"],{asked})")
    name = opening.partition("(")[0]
    key = np.minimum(hash_integers(name, written), hash_integers(name, -written))
    rejected = {"values near zero": int((~large).sum()), "not determined": int((large & ~determined).sum())}
    answer = write_floats(values[:, None, samples:], DIGITS)
    return Batch(question, answer, key, {name: column[kept] for name, column in traits.items()}, rejected)
