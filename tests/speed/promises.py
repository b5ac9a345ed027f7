"""What each kind of task promises, in problems a second on one core, key and split included; and the table of it.

The peers' rates were measured on one core of a machine like those that tests run on, each with its own generator of the
same kind of problem. What promises nothing is measured all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from enigmath.bench.contracts import Task

DATASET, GYM = "mathematics_dataset", "reasoning-gym"
SYMBOLIC, EXAMPLES = "SymbolicMathematics", "MathsFromExamples"


@dataclass(frozen=True, eq=False)
class Promise:
    """A line of the table: problems a second, 0 for nothing promised, and those of each peer."""

    line: str
    owed: int
    peers: Mapping[str, float] = field(default_factory=dict)


INTEGERS = Promise("whole numbers", 1_000_000, {DATASET: 5_600, GYM: 134_000})
ADDITION = Promise("addition", 1_000_000, {DATASET: 4_900, GYM: 134_000})
NESTED = Promise("nested expressions", 100_000, {DATASET: 2_400})
FRACTIONS = Promise("fractions, bases, sorting, rounding", 300_000, {DATASET: 13_800, GYM: 150_000})
EQUATIONS = Promise("linear equations", 100_000, {DATASET: 2_200})
ALGEBRA = Promise("other algebra", 10_000)
FREE = Promise("nothing promised", 0)
FREE_CIPHERS = Promise("other cryptography, nothing promised", 0)
_STABILITY = Promise("stability, balanced", 300, {EXAMPLES: 1.6})
_CONTROLLABILITY = Promise("controllability, autonomous", 1_000, {EXAMPLES: 4.8})
_FOURIER = Promise("Fourier", 100, {EXAMPLES: 4.7})

MODULES = {
    **dict.fromkeys(("arithmetic", "expressions", "powers", "measures", "ordering"), INTEGERS),
    **dict.fromkeys(("divisibility", "residues", "curves"), INTEGERS),
    **dict.fromkeys(("rationals", "decimals", "bases", "substitution"), FRACTIONS),
    **dict.fromkeys(("equations", "polynomials", "rational_functions", "recurrences"), ALGEBRA),
    **dict.fromkeys(("matrices", "spectra", "signals", "probability"), FREE),
    **dict.fromkeys(
        ("shift_ciphers", "transpositions", "substitution_ciphers", "polygraphic_ciphers", "rotors"),
        Promise("classical ciphers", 300_000, {GYM: 110_000}),
    ),
    **dict.fromkeys(
        ("exclusive_or", "keystreams", "number_generators", "congruential_generators", "block_ciphers"),
        FREE_CIPHERS,
    ),
    **dict.fromkeys(
        ("addition_ciphers", "network_ciphers", "aes_ciphers", "feistel_ciphers", "checksums", "hashes"), FREE_CIPHERS
    ),
}
"""What all tasks of a module promise, but for those that TASKS names."""

TASKS = {
    "arithmetic/addition": ADDITION,
    "expressions/nested": NESTED,
    "expressions/nested-whole": NESTED,
    **dict.fromkeys((f"arithmetic/{name}" for name in ("sort", "integer-root", "nearest-root")), FRACTIONS),
    **dict.fromkeys((f"arithmetic/{name}" for name in ("surd-simplify", "surd-sum", "unit-conversion")), FRACTIONS),
    "algebra/linear-equation": EQUATIONS,
    "algebra/linear-system": EQUATIONS,
    "algebra/polynomial-roots": Promise("polynomial roots", 10_000, {DATASET: 218}),
    "algebra/expand": Promise("expand", 10_000, {DATASET: 148}),
    "algebra/compose": Promise("compose", 10_000, {DATASET: 440}),
    "algebra/collect": Promise("collect", 10_000, {DATASET: 1_234}),
    "calculus/derivative": Promise("derivative", 5_000, {DATASET: 583}),
    "calculus/antiderivative-backward": Promise("antiderivative, backward", 2_000, {SYMBOLIC: 3.8}),
    "calculus/antiderivative-parts": Promise("antiderivative, by parts", 200, {SYMBOLIC: 0.08}),
    "calculus/differential-equation-first": Promise("differential equation, first order", 200, {SYMBOLIC: 0.61}),
    "calculus/differential-equation-second": Promise("differential equation, second order", 50, {SYMBOLIC: 0.03}),
    "systems/stability": Promise("stability, unbalanced", 3_000, {EXAMPLES: 16.5}),
    "systems/stability-balanced": _STABILITY,
    "systems/stability-real": _STABILITY,
    "systems/stability-jacobian": _STABILITY,
    "systems/stability-speed": Promise("speed of convergence", 3_000, {EXAMPLES: 16.5}),
    "systems/controllability": _CONTROLLABILITY,
    "systems/uncontrollable-dimension": _CONTROLLABILITY,
    "systems/controllability-time-varying": Promise("controllability, not autonomous", 100, {EXAMPLES: 0.69}),
    "systems/feedback": Promise("feedback matrix", 100, {EXAMPLES: 0.17}),
    "block/present-distinguish": Promise("PRESENT pairs", 1_000_000, {"published code": 900_000}),
    "systems/transport": _FOURIER,
    "systems/transport-limit": _FOURIER,
}

ORDER = list(dict.fromkeys([ADDITION, INTEGERS, NESTED, FRACTIONS, *TASKS.values(), *MODULES.values()]))


def promise_of(task: Task) -> Promise | None:
    """What a task promises; None for those that are not measured."""
    return TASKS.get(task.name) or MODULES.get(task.function.__module__.rpartition(".")[2])


@dataclass(frozen=True)
class Measured:
    """One task at one level."""

    task: Task
    number: int
    promise: Promise
    rate: float

    @property
    def is_middle(self) -> bool:
        """Whether this is the level that the promise is about, the middle one of those that suites train on."""
        return self.number == (len(self.task.levels) + 1) // 2

    @property
    def name(self) -> str:
        return f"{self.task.name} level {self.number}"


def table(found: list[Measured]) -> list[str]:
    """A row for each promise, by its slowest task at the middle level; then all levels below what is promised."""
    rows = [("", "owed", "measured", "", "slowest task, at its middle level", "peers, and how many times their rate")]
    for promise in ORDER:
        middle = [one for one in found if one.promise is promise and one.is_middle]
        if middle:
            slowest = min(middle, key=lambda one: one.rate)
            mark = "below" if slowest.rate < promise.owed else ""
            peers = ", ".join(f"{peer} {rate:,} ({slowest.rate / rate:,.0f}x)" for peer, rate in promise.peers.items())
            owed = f"{promise.owed:,}" if promise.owed else "-"
            rows.append((promise.line, owed, f"{slowest.rate:,.0f}", mark, slowest.task.name, peers))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numbers = (1, 2)
    lines = [
        "  ".join(
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    below = [f"  {one.name}: {one.rate:,.0f} of {one.promise.owed:,}" for one in found if one.rate < one.promise.owed]
    return [*lines, "", *(["Levels below what is owed at the middle one:", *below] if below else [])]
