"""The ground floor: what a task, answer, model, metric and probe are. It imports nothing above numpy and Arrow."""

from enigmath.bench.contracts.answer import Answer, Choice, Integer, Integers, Real, Text
from enigmath.bench.contracts.binary import Bits, Hexadecimal
from enigmath.bench.contracts.errors import UserError, unknown
from enigmath.bench.contracts.formal import Complex, Expression, Items, Matrix, Rational
from enigmath.bench.contracts.key import SPLITS, Keys, hash_integers, hash_text, mix, skeletons, split_of, within
from enigmath.bench.contracts.metric import Judged, Metric, metric
from enigmath.bench.contracts.model import (
    Budget,
    Embedded,
    Examples,
    Fit,
    Inspectable,
    Keeper,
    Kind,
    Learner,
    Likelihood,
    Meter,
    Model,
    Point,
    Sampler,
    Selective,
    kind_of,
)
from enigmath.bench.contracts.perturbation import Changed, Perturbation
from enigmath.bench.contracts.probe import Probe, probe
from enigmath.bench.contracts.problem import Batch, Problem
from enigmath.bench.contracts.task import Level, Task, describe, task

__all__ = [
    "SPLITS",
    "Answer",
    "Batch",
    "Bits",
    "Budget",
    "Changed",
    "Choice",
    "Complex",
    "Embedded",
    "Examples",
    "Expression",
    "Fit",
    "Hexadecimal",
    "Inspectable",
    "Integer",
    "Integers",
    "Items",
    "Judged",
    "Keeper",
    "Keys",
    "Kind",
    "Learner",
    "Level",
    "Likelihood",
    "Matrix",
    "Meter",
    "Metric",
    "Model",
    "Perturbation",
    "Point",
    "Probe",
    "Problem",
    "Rational",
    "Real",
    "Sampler",
    "Selective",
    "Task",
    "Text",
    "UserError",
    "describe",
    "hash_integers",
    "hash_text",
    "kind_of",
    "metric",
    "mix",
    "probe",
    "skeletons",
    "split_of",
    "task",
    "unknown",
    "within",
]
