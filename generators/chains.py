"""Chains: tasks composed, the answer of one being an operand of the next, as `a=12+5;b=gcd(a,34);b*3`.

One combinator over existing tasks. Nothing is computed anew: of each task a pool of problems is drawn, and a step is
joined to those problems of the next pool whose first operand is the step's answer. So every answer is the last
task's own. A step whose answer no problem begins with is rejected, which favours small values; so is one with the
answer 0 or 1, after which a greatest common divisor or a product would be trivial. Source of the idea: the "composed"
modules of Saxton et al., "Analysing mathematical reasoning abilities of neural models", 2019.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Integer, Keys, Level, Perturbation, Task, UserError, hash_integers, task
from enigmath.bench.contracts.task import Steps
from enigmath.generators import arithmetic
from enigmath.generators.digits import Column, join
from enigmath.generators.perturbations import STATEMENTS
from enigmath.generators.steps_of_expressions import chained_steps

VARIABLES: Final = "abc"
_PARTS: Final = r"^(?P<before>[^0-9]*)(?P<operand>[0-9]{1,18})(?P<after>[^0-9].*)$"
_NATURAL: Final = "^[0-9]{1,18}$"


@dataclass(frozen=True)
class Pool:
    """Problems of several tasks, shape (m,) each, in the order of their first operand."""

    operand: Column
    before: pa.Array
    after: pa.Array
    answer: pa.Array
    key: Keys

    def take(self, rows: npt.NDArray[np.int64]) -> "Pool":
        """Those rows."""
        return Pool(**{name: _rows(column, rows) for name, column in vars(self).items()})


def chained(
    name: str,
    tasks: Sequence[Task],
    levels: Sequence[Level],
    beyond: Sequence[Level],
    doc: str,
    *,
    module: str,
    steps: Steps | None = None,
    perturbations: Sequence[Perturbation] = (),
) -> Task:
    """The task `name`, whose problems are two to four problems of the given tasks, each an operand of the next.

    The tasks are bulk, their answers whole numbers, and their questions hold a natural number with something after it.
    A level says how many `steps`; its other keywords go to every task. `module` is the caller's `__name__`,
    `steps` and `perturbations` what the task may offer as such.
    """
    for part in tasks:
        if not part.bulk or part.answer != Integer():
            raise UserError("is not a bulk task with whole answers", where=part.name, mend=f"leave it out of {name}")

    def compose(rng: np.random.Generator, n: int, steps: int, **level: Any) -> Batch:
        pools = [_pool(rng, n, tasks, level) for _ in range(steps)]
        current = pools[0].take(rng.integers(len(pools[0].operand), size=n))
        asked = [join(current.before, pa.array(current.operand).cast(pa.string()), current.after)]
        keys = [current.key]
        for pool, variable in zip(pools[1:], VARIABLES, strict=False):
            kept, matching = _join(rng, current.answer, pool)
            current = pool.take(matching)
            asked = [*(_rows(one, kept) for one in asked), join(current.before, variable, current.after)]
            keys = [*(one[kept] for one in keys), current.key]
        *named, last = asked
        statements = [
            piece for letter, one in zip(VARIABLES, named, strict=False) for piece in (f"{letter}=", one, ";")
        ]
        key = hash_integers(name, *(one.view(np.int64) for one in keys))
        traits = {"steps": np.full(len(key), steps)}
        lost = {"no problem begins with that answer, or it is 0 or 1": n - len(key)}
        return Batch(join(*statements, last), current.answer, key, traits, lost)

    compose.__module__ = module
    compose.__doc__ = doc
    kind = task(
        name,
        answer=Integer(),
        levels=levels,
        beyond=beyond,
        bulk=True,
        version=2,
        steps=steps,
        perturbations=perturbations,
    )
    return kind(compose)


def _pool(rng: np.random.Generator, n: int, tasks: Sequence[Task], level: Level) -> Pool:
    batches = [part(rng, n, **level) for part in tasks]
    question = pa.concat_arrays([batch.question for batch in batches])
    answer = pa.concat_arrays([batch.answer for batch in batches])
    parts = pc.extract_regex(question, _PARTS)
    operand = pc.cast(pc.struct_field(parts, "operand"), pa.int64()).to_numpy()
    whole = Pool(
        operand=operand,
        before=pc.struct_field(parts, "before"),
        after=pc.struct_field(parts, "after"),
        answer=answer,
        key=np.concatenate([batch.key for batch in batches]),
    )
    return whole.take(np.argsort(operand, kind="stable"))


def _join(rng: np.random.Generator, answer: pa.Array, pool: Pool) -> tuple[Column, Column]:
    """The rows whose answer, 2 or more, some problem of the pool begins with, and one such for each, at random."""
    natural = np.flatnonzero(pc.match_substring_regex(answer, _NATURAL).to_numpy(zero_copy_only=False))
    value = pc.cast(_rows(answer, natural), pa.int64()).to_numpy()
    first, last = (np.searchsorted(pool.operand, value, side=side) for side in ("left", "right"))
    chosen = first + np.floor(rng.random(len(value)) * (last - first)).astype(np.int64)
    found = (last > first) & (value > 1)
    return natural[found], chosen[found]


def _rows(column: Any, rows: npt.NDArray[np.int64]) -> Any:
    return column.take(pa.array(rows)) if isinstance(column, pa.Array) else column[rows]


arithmetic_chain = chained(
    "chains/arithmetic-chain",
    [arithmetic.addition, arithmetic.subtraction, arithmetic.multiplication, arithmetic.gcd],
    levels=[{"digits": digits, "steps": steps} for digits in (1, 2, 3) for steps in (2, 3)],
    beyond=[{"digits": digits, "steps": 4} for digits in (1, 2)],
    module=__name__,
    steps=chained_steps,
    perturbations=STATEMENTS,
    doc="""The last of two to four steps, each of which uses the answer of the one before, as in `a=12+5;gcd(a,34)`.

    Each step is a sum, a difference, a product or a greatest common divisor of natural numbers up to `digits` digits;
    the answer of one, 2 or more, is the first operand of the next, so negative and large answers stand last. Levels
    grow in steps, then in digits; beyond them are four steps. Guessing 1 scores 14 to 18 %: the last step is a
    greatest common divisor in one problem of four. Source: the composed modules of Saxton et al., 2019.
    """,
)
