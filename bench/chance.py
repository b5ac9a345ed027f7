"""Chance, measured: what the best constant would score, from the training answers alone, never assumed.

A model at chance knows how answers are distributed and nothing of the questions. The best constant answer is the
commonest one; the best constant text has the commonest character at each place, and the best constant bits the
commoner value at each. All are read off the training answers, so that the test is not looked at.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Answer, Text
from enigmath.bench.contracts.binary import Binary

MEASURED: Final = ("exact", "characters", "bits")
"""The metrics whose chance is measured."""


def chances(kind: Answer, answers: pa.Array) -> dict[str, float]:
    """The expected score of the best constant by metric: exact, and characters and bits where the kind has them.

    >>> from enigmath.bench.contracts import Hexadecimal
    >>> chances(Hexadecimal(1), pa.array(["0", "1", "1", "3"]))
    {'exact': 0.5, 'characters': 0.5, 'bits': 0.875}
    """
    answers = answers.combine_chunks() if isinstance(answers, pa.ChunkedArray) else answers
    if not len(answers):
        return {}
    found = {"exact": _commonest(answers)}
    if isinstance(kind, Text | Binary):
        found["characters"] = _by_place(answers)
    if isinstance(kind, Binary):
        lengths = pc.binary_length(answers).to_numpy()
        groups = [kind.bits(answers.filter(pa.array(lengths == length))) for length in np.unique(lengths)]
        ones = [(group.mean(axis=0), len(group)) for group in groups]
        found["bits"] = float(sum(np.maximum(one, 1 - one).mean() * count for one, count in ones) / len(answers))
    return found


def sigmas_above(values: npt.NDArray[np.floating], chance: float) -> float:
    """How many standard deviations the mean of the values, shape (n,), lies above chance; shares by the exact binomial.

    >>> round(sigmas_above(np.ones(100), 0.5), 1), abs(round(sigmas_above(np.array([1.0, 0.0] * 50), 0.5), 1))
    (11.5, 0.0)
    """
    from scipy.stats import binom, norm

    kept = values[~np.isnan(values)]
    if not len(kept):
        return 0.0
    if np.isin(kept, (0.0, 1.0)).all():
        right = int(kept.sum())
        # Half the weight of this very count: exactly chance is then 0 deviations above it.
        tail = (binom.sf(right - 1, len(kept), chance) + binom.sf(right, len(kept), chance)) / 2
        return float(norm.isf(np.clip(tail, 1e-300, 1 - 1e-15)))
    spread = max(float(kept.std()), 1e-12)
    return (float(kept.mean()) - chance) / (spread / math.sqrt(len(kept)))


def _commonest(answers: pa.Array) -> float:
    return float(pc.max(answers.value_counts().field("counts")).as_py() / len(answers))


def _by_place(answers: pa.Array) -> float:
    """The share of characters that the commonest one at each place gets right, of the longer text's."""
    width = pc.max(pc.utf8_length(answers)).as_py() or 1
    lengths = pc.utf8_length(answers).to_numpy()
    right = np.zeros(len(answers))
    for place in range(width):
        column = pc.utf8_slice_codeunits(answers, place, place + 1)
        counts: Mapping[str, int] = dict(
            zip(*(part.to_pylist() for part in column.value_counts().flatten()), strict=True)
        )
        commonest = max(counts, key=lambda symbol: counts[symbol])
        right += np.where(lengths > place, pc.equal(column, commonest).to_numpy(zero_copy_only=False), 0.0)
    return float((right / np.maximum(lengths, 1)).mean())
