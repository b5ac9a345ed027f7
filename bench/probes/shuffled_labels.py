"""Shuffled labels: how much a model can memorise, and whether the harness leaks."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from enigmath.bench.chance import sigmas_above
from enigmath.bench.contracts import Learner, probe
from enigmath.bench.datasets import Data
from enigmath.bench.probes.finding import BROKEN, COMPUTES, LOOKS_UP, Row, findings, share
from enigmath.bench.probes.subject import Mask, Subject
from enigmath.bench.runner import predict
from enigmath.bench.streams import stream

if TYPE_CHECKING:
    import pandas as pd

ASKED = 2_000
"""Training and test problems that are asked at most."""

MOST_SIGMAS = 5.0
"""Standard deviations above chance from which a test after shuffling is a leak: by chance once in 3.5 million tests."""


@probe("shuffled-labels", fits=True)
def shuffled_labels(subject: Subject) -> "pd.DataFrame":
    """The same model fitted on shuffled answers: what it memorises, and that nothing of the test is known.

    Test problems must fall to chance, what the best constant answer scores; a run that does not is marked broken.
    It speaks for computing where the model answers a larger share of new problems, with its true labels, than it could
    memorise of shuffled ones, both by their intervals: what it knows then is not a memory of problems. It speaks for
    looking up where more is memorised than is answered. A model that does not learn has nothing to memorise. Weakness:
    a model that memorises well may still compute, and says nothing here then; after Zhang et al. 2017, "Understanding
    deep learning requires rethinking generalization".
    """
    trained = subject.rows()
    truly = share("accuracy with true labels, on the test", subject.right[trained])
    if not isinstance(subject.model, Learner):
        return findings([{**truly, "says": COMPUTES if truly["low"] > 0 else ""}])
    data = with_shuffled(subject.data, subject.cell.title, subject.cell.seed)
    model = subject.refitted(data)
    known = data.train.slice(0, ASKED)
    memorised = share(
        "share of shuffled labels memorised",
        subject.judged(known, predict(model, known["question"].to_pylist())),
    )
    new = subject.data.test.take(pa.array(trained[:ASKED]))
    after = subject.judged(new, predict(model, new["question"].to_pylist()))
    return findings([truly, {**memorised, "says": _says(truly, memorised)}, _leak(subject, new, after)])


def with_shuffled(data: Data, *place: str | int) -> Data:
    """The same training problems, their answers shuffled among them; nothing is drawn afresh."""
    order = stream("shuffled labels", *place).permutation(data.train.num_rows)
    answers = data.train["answer"].take(pa.array(order))
    column = data.train.column_names.index("answer")
    return replace(data, train=data.train.set_column(column, "answer", answers), fresh=None)


def _says(truly: Row, memorised: Row) -> str:
    if truly["low"] > memorised["high"]:
        return COMPUTES
    return LOOKS_UP if memorised["low"] > truly["high"] else ""


def _leak(subject: Subject, new: pa.Table, after: Mask) -> Row:
    """The test after shuffling, against the better of the best constant and of what the tasks declare as chance."""
    counts = subject.data.train["answer"].value_counts()
    commonest = counts.field("values")[int(np.argmax(counts.field("counts").to_numpy()))]
    constant = float(np.mean(subject.judged(new, [str(commonest)] * new.num_rows)))
    declared = [
        level["chance"] or 0.0
        for task in subject.landed.record["tasks"]
        for level in task["levels"]
        if not level["beyond"]
    ]
    chance = max(constant, float(np.mean(declared)) if declared else 0.0, 1 / max(len(after), 1))
    sigmas = sigmas_above(after.astype(np.float64), chance)
    leaks = BROKEN if sigmas > MOST_SIGMAS else ""
    return share("accuracy with shuffled labels, on the test", after, says=leaks, chance=chance, deviations=sigmas)
