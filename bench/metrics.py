"""The metrics: vectorised functions from a judged batch to one value a problem.

Rules that hold for all of them, so that no reader has to guess:

- *Right* is the judge's word: a right prediction is within every tolerance and has every error 0, also where the
  task has many right answers and the prediction is another one than the stored one.
- *Unparsable* predictions (no prediction at all included) count 0 in shares and means of agreement, and NaN in errors:
  the median error speaks of the parsed ones alone, and `coverage` says how many those are.
- *Zero*: nothing but zero is within a percentage of zero, or of its order of magnitude.
- *Sign*: a number of the other sign is within no tolerance up to 10 %, nor within one order; `order` alone ignores it.
- *Infinity*: numbers beyond 1.8e308 are infinite and not within anything, unless right; their errors are infinite,
  or NaN where the answer itself is beyond.
- *Several components* (quotient and remainder): all of them must be within; an error is the largest of theirs.
- Numeric metrics are NaN for answer kinds that are not numbers; the scorer sees to that (`Metric.numeric`). So are
  those by norm where neither the kind nor the task has one (`Metric.normed`). There, *right* is an error of at most
  5 %, not the same text: `norm-0.5` may be below `exact`.

Numbers are compared in double precision, right ones by their text. On each problem, by definition,
exact ≤ within-0.1 ≤ within-1 ≤ within-2 ≤ within-5 ≤ within-10 ≤ within-order.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Judged, Text, metric
from enigmath.bench.contracts.binary import Binary

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_BLOCK: Final = 65_536
"""Rows whose digits are compared at once: bounds the memory that one answer of a thousand digits can take."""


@metric("exact")
def exact(judged: Judged) -> Mask:
    """Share of right answers: the same canonical text as the answer, or what the task's own judge accepts."""
    return judged.right


@metric("within-10", numeric=True)
def within_10(judged: Judged) -> Mask:
    """Share of predictions p with |p - answer| ≤ 10 % of |answer|."""
    return _within(judged, 10)


@metric("within-5", numeric=True)
def within_5(judged: Judged) -> Mask:
    """Share of predictions p with |p - answer| ≤ 5 % of |answer|."""
    return _within(judged, 20)


@metric("within-2", numeric=True)
def within_2(judged: Judged) -> Mask:
    """Share of predictions p with |p - answer| ≤ 2 % of |answer|."""
    return _within(judged, 50)


@metric("within-1", numeric=True)
def within_1(judged: Judged) -> Mask:
    """Share of predictions p with |p - answer| ≤ 1 % of |answer|."""
    return _within(judged, 100)


@metric("within-0.1", numeric=True)
def within_0_1(judged: Judged) -> Mask:
    """Share of predictions p with |p - answer| ≤ 0.1 % of |answer|."""
    return _within(judged, 1000)


@metric("tolerance-area", summary="mean", numeric=True)
def tolerance_area(judged: Judged) -> Floats:
    """Area under the tolerance curve: share within a tolerance, over the tolerance's logarithm, 0.1 % to 10 %.

    One problem's curve is a step at its relative error e, so its area is the share of the logarithmic range that
    lies above e: 1 up to 0.1 %, 0.5 at 1 %, 0 from 10 % on. The mean over problems is the area under their curve.
    """
    error = np.clip(np.nan_to_num(relative_errors(judged), nan=np.inf), 1e-3, 1e-1)
    return -(np.log10(error) + 1) / 2


@metric("within-order", numeric=True)
def within_order(judged: Judged) -> Mask:
    """Share of predictions from a tenth of the answer to ten times it, with its sign."""
    answer, prediction = judged.answer_values, judged.prediction_values
    with np.errstate(all="ignore"):
        near = (np.abs(prediction) <= 10 * np.abs(answer)) & (np.abs(answer) <= 10 * np.abs(prediction))
    near &= (np.sign(answer) == np.sign(prediction)) & np.isfinite(answer) & np.isfinite(prediction)
    return judged.right | near.all(axis=1)


@metric("order", summary="median", better="lower", numeric=True)
def order(judged: Judged) -> Floats:
    """Orders of magnitude between them: |log10 |prediction / answer||, whatever the signs; infinite if one is zero."""
    with np.errstate(all="ignore"):
        apart = np.abs(np.log10(np.abs(judged.prediction_values)) - np.log10(np.abs(judged.answer_values)))
    apart[(judged.prediction_values == 0) & (judged.answer_values == 0)] = 0.0
    apart[np.isinf(judged.answer_values)] = np.nan
    return _largest(judged, apart)


@metric("absolute-error", summary="median", better="lower", numeric=True)
def absolute_error(judged: Judged) -> Floats:
    """|prediction - answer|, in the answer's own unit."""
    with np.errstate(all="ignore"):
        error = np.abs(judged.prediction_values - judged.answer_values)
    error[np.isinf(judged.answer_values)] = np.nan
    return _largest(judged, error)


@metric("relative-error", summary="median", better="lower", numeric=True)
def relative_error(judged: Judged) -> Floats:
    """|prediction - answer| / |answer|, as a share; where the answer is zero, 0 for zero and infinite for all else."""
    return relative_errors(judged)


@metric("digits", summary="mean", numeric=True)
def digits(judged: Judged) -> Floats:
    """Share of the places, aligned at the decimal point, that hold the right digit.

    The places are those that the answer or the prediction has, so a digit too many or too few is a wrong place. A
    minus sign is one place more where either has it. The places of several components are counted together.
    """
    share = judged.right.astype(np.float64)
    for rows, answers, predictions in _wrong_blocks(judged):
        same = np.zeros(len(rows), dtype=np.int64)
        places = np.zeros(len(rows), dtype=np.int64)
        for answer, prediction in zip(
            _numbers(answers, judged.kind.components), _numbers(predictions, judged.kind.components), strict=True
        ):
            _count_places(answer, prediction, same, places)
        share[rows] = same / places
    return share


@metric("edit-distance", summary="mean", better="lower")
def edit_distance(judged: Judged) -> Floats:
    """Insertions, deletions and substitutions that turn the prediction into the answer (Levenshtein 1966)."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    distance = np.where(judged.right, 0.0, np.nan)
    wrong = judged.parsed & ~judged.right
    mask = pa.array(wrong)
    pairs = (judged.predictions.filter(mask).to_pylist(), judged.answers.filter(mask).to_pylist())
    distance[wrong] = cpdist(*pairs, scorer=Levenshtein.distance, dtype=np.int32)
    return distance


@metric("characters", summary="mean")
def characters(judged: Judged) -> Floats:
    """Share of the characters, from the left, that are the answer's; of the longer text's. For texts and bits alone."""
    if not isinstance(judged.kind, Text | Binary):
        return np.full(len(judged.right), np.nan)
    share = judged.right.astype(np.float64)
    for rows, answers, predictions in _wrong_blocks(judged):
        width = int(max(pc.max(pc.utf8_length(texts)).as_py() for texts in (answers, predictions)))
        # Two kinds of padding, so that an empty place never agrees with an empty place.
        same = _letters(answers, width, "\x01") == _letters(predictions, width, "\x02")
        longer = np.maximum(*(_to_numpy(pc.utf8_length(texts)) for texts in (answers, predictions)))
        share[rows] = same.sum(axis=1) / longer
    return share


@metric("bits", summary="mean")
def bits(judged: Judged) -> Floats:
    """Share of the answer's bits that are right; 0 for a text of another length. For answers that are bits alone."""
    if not isinstance(judged.kind, Binary):
        return np.full(len(judged.right), np.nan)
    share = judged.right.astype(np.float64)
    for rows, answers, predictions in _wrong_blocks(judged):
        lengths = [_to_numpy(pc.binary_length(texts)) for texts in (answers, predictions)]
        for length in np.unique(lengths[0]):
            alike = (lengths[0] == length) & (lengths[1] == length)
            if alike.any():
                ours, theirs = (judged.kind.bits(texts.filter(pa.array(alike))) for texts in (answers, predictions))
                share[rows[alike]] = (ours == theirs).mean(axis=1)
    return share


@metric("nats", summary="mean", better="lower")
def nats(judged: Judged) -> Floats:
    """Nats a character, for tasks of texts to be modelled and models that tell likelihoods: minus the log-likelihood of
    the answer, over the mean number of characters of all answers, the end counted as one.

    So the mean over problems is the cross-entropy a character of the whole test, as language models report it.
    """
    if judged.log_likelihood is None:
        return np.full(len(judged.right), np.nan)
    characters = _to_numpy(pc.utf8_length(judged.answers)) + 1
    return -judged.log_likelihood / characters.mean() if len(characters) else judged.log_likelihood


@metric("norm-10", normed=True)
def norm_10(judged: Judged) -> Mask:
    """Share of predictions whose error by the task's norm is at most 10 %, of right ones as well as of wrong ones."""
    return _by_norm(judged, 0.1)


@metric("norm-5", normed=True)
def norm_5(judged: Judged) -> Mask:
    """Share of predictions whose error by the task's norm is at most 5 % (matrices: sum |p - a| over sum |a|)."""
    return _by_norm(judged, 0.05)


@metric("norm-2", normed=True)
def norm_2(judged: Judged) -> Mask:
    """Share of predictions whose error by the task's norm is at most 2 %."""
    return _by_norm(judged, 0.02)


@metric("norm-1", normed=True)
def norm_1(judged: Judged) -> Mask:
    """Share of predictions whose error by the task's norm is at most 1 %."""
    return _by_norm(judged, 0.01)


@metric("norm-0.5", normed=True)
def norm_0_5(judged: Judged) -> Mask:
    """Share of predictions whose error by the task's norm is at most 0.5 %."""
    return _by_norm(judged, 0.005)


@metric("coverage")
def coverage(judged: Judged) -> Mask:
    """Share of predictions that parse as an answer of the task's kind, right or wrong."""
    return judged.parsed


def relative_errors(judged: Judged) -> Floats:
    """The largest relative error of the components, shape (n,); 0 where right, NaN where unparsable."""
    with np.errstate(all="ignore"):
        error = np.abs(judged.prediction_values - judged.answer_values) / np.abs(judged.answer_values)
    error[(judged.answer_values == 0) & (judged.prediction_values == 0)] = 0.0
    return _largest(judged, error)


def _within(judged: Judged, parts: int) -> Mask:
    """Within one part in so many of the answer. Whole numbers are multiplied, not divided: exact at the boundary."""
    with np.errstate(all="ignore"):
        error = np.abs(judged.prediction_values - judged.answer_values)
        near = (error * parts <= np.abs(judged.answer_values)) & np.isfinite(judged.answer_values)
    return judged.right | near.all(axis=1)


def _by_norm(judged: Judged, tolerance: float) -> Mask:
    assert judged.error is not None
    return np.nan_to_num(judged.error, nan=np.inf) <= tolerance


def _largest(judged: Judged, errors: Floats) -> Floats:
    return cast(Floats, np.where(judged.right, 0.0, errors.max(axis=1)))


def _wrong_blocks(judged: Judged) -> Iterator[tuple[npt.NDArray[np.int64], pa.Array, pa.Array]]:
    """The rows that parse and are not right, a block at a time, with their answers and predictions."""
    rows = np.flatnonzero(judged.parsed & ~judged.right)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        yield block, judged.answers.take(pa.array(block)), judged.predictions.take(pa.array(block))


def _letters(texts: pa.Array, width: int, padding: str) -> npt.NDArray[np.uint32]:
    """Texts as code points, shape (n, width)."""
    whole = "".join(pc.utf8_rpad(texts, width, padding).to_pylist())
    return np.frombuffer(whole.encode("utf-32-le"), np.uint32).reshape(len(texts), width)


def _numbers(texts: pa.Array, components: int) -> list[pa.Array]:
    """The plain decimal texts of each component; what stands between numbers is neither digit, point nor sign."""
    if components > 1:
        marked = pc.replace_substring_regex(texts, r"([0-9])e([+-][0-9])", r"\1^\2")
        spaced = pc.replace_substring_regex(pc.utf8_trim(marked, " "), r"[^0-9.^+-]+", " ")
        parts = pc.split_pattern(pc.replace_substring(pc.utf8_trim(spaced, " "), "^", "e"), " ")
        return [pc.list_element(parts, index) for index in range(components)]
    return [texts]


def _count_places(
    answer: pa.Array, prediction: pa.Array, same: npt.NDArray[np.int64], places: npt.NDArray[np.int64]
) -> None:
    """Add this component's right places and all its places to the running counts."""
    minus_answer, minus_prediction = (_to_numpy(pc.starts_with(text, "-")) for text in (answer, prediction))
    same += minus_answer & minus_prediction
    places += minus_answer | minus_prediction
    wholes, fractions = zip(*(_halves(_plain(text)) for text in (answer, prediction)), strict=True)
    for (left, right), align in ((wholes, pc.utf8_lpad), (fractions, pc.utf8_rpad)):
        lengths = [_to_numpy(pc.binary_length(half)) for half in (left, right)]
        width = int(max(length.max() for length in lengths))
        places += np.maximum(*lengths)
        if width:
            # Two kinds of padding, so that an empty place never agrees with an empty place.
            same += (_matrix(align(left, width, "_")) == _matrix(align(right, width, "~"))).sum(axis=1)


def _plain(texts: pa.Array) -> pa.Array:
    """Without a sign, and with an exponent written out: `-1e+3` → `1000`."""
    unsigned = pc.utf8_ltrim(texts, "-")
    raised = pc.match_substring(unsigned, "e")
    if not pc.any(raised).as_py():
        return unsigned
    written = [f"{Decimal(text):f}" for text in unsigned.filter(raised).to_pylist()]
    return pc.replace_with_mask(unsigned, raised, pa.array(written, unsigned.type))


def _halves(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """What stands before and after the decimal point."""
    if not pc.any(pc.match_substring(texts, ".")).as_py():
        return texts, pa.array(np.full(len(texts), ""), pa.string())
    return pc.replace_substring_regex(texts, r"\..*$", ""), pc.replace_substring_regex(texts, r"^[^.]*\.?", "")


def _matrix(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """ASCII texts of one length as bytes, shape (n, length)."""
    start = texts.offset
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[start : start + len(texts) + 1]
    return np.frombuffer(texts.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]].reshape(len(texts), -1)


def _to_numpy(values: pa.Array) -> npt.NDArray[np.int64]:
    return cast(npt.NDArray[np.int64], values.to_numpy(zero_copy_only=False).astype(np.int64))
