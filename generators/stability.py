"""Stability of systems of differential equations, told by the eigenvalues of their Jacobian.

A question holds the right-hand sides f1;...;fn of x1'=f1, ..., xn'=fn, in order. Their Jacobian is taken where every
variable is 0.01; the linearised system is stable when all its eigenvalues have a negative real part. See
`random_systems` for how equations are drawn: each has 3 to 2n+2 operators. As in the source, an equation without a
finite gradient is drawn anew, and a system is left out when some variable has no effect at the point. Unlike there,
systems are also left out whose answer hangs on rounding: eigenvalues on the margin, slopes beyond a million, and
arguments beside a branch cut. Values may be complex on the way, and so may be the Jacobian, except in the *real* tasks.
Source: Charton, Hayat and Lample, "Learning advanced mathematical computations from examples", ICLR 2021.

Keys are semantic, and the same for all tasks that show systems: renaming variables together with their equations
does not change them.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, Keys, Real, UserError, task
from enigmath.generators import matrix_perturbations as perturbed
from enigmath.generators.random_systems import (
    NOISE,
    Numbers,
    Systems,
    colours,
    combine,
    draw_systems,
    operators_in,
    system_keys,
    texts,
    words_of,
)

POINT: Final = 0.01
"""Where every variable stands when the Jacobian is taken."""
MARGIN: Final = 1e-6
"""The largest real part must be farther from 0 than this."""
ORDERS: Final = 24
"""Orders of a system's equations that are tried for a stable one; equations are drawn alike, so all are as likely."""
WORDS: Final = ("stable", "unstable")

Flags = npt.NDArray[np.bool_]


def by_equations(*counts: int) -> list[dict[str, int]]:
    """Levels that differ in the number of equations alone."""
    return [{"equations": count} for count in counts]


def growth(jacobians: Numbers) -> npt.NDArray[np.float64]:
    """The largest real part of the eigenvalues of each matrix, shape (n,): minus the speed of convergence.

    Parts under 1e-100 count as nothing: LAPACK's iteration does not end where they stand beside ones of usual size.
    """
    parts = np.ascontiguousarray(jacobians).view(np.float64)
    heard = np.where(np.abs(parts) < 1e-100, 0.0, parts).view(jacobians.dtype)
    return np.asarray(np.linalg.eigvals(heard).real.max(axis=1))


def sound(jacobians: Numbers, largest: npt.NDArray[np.float64]) -> Flags:
    """Where neither the sign of the growth nor its fourth digit hangs on rounding: a nudge of 1e-9 changes neither."""
    size = jacobians.shape[1]
    nudge = np.cos(np.arange(1, size * size + 1) ** 2).reshape(size, size)
    nudged = growth(jacobians + 1e-9 * (1 + np.abs(jacobians)) * nudge)
    return (np.abs(largest) > MARGIN) & (np.abs(nudged - largest) < 1e-5 * np.abs(largest))


def _draw(rng: np.random.Generator, n: int, equations: int, real: bool, where: str) -> Systems:
    if not 2 <= equations <= 12:
        raise UserError(f"{equations} equations", where=where, mend="a system has 2 to 12")
    point = np.full(equations, POINT, np.float64 if real else np.complex128)
    drawn = draw_systems(rng, n, equations=equations, operators=(3, 2 * equations + 2), point=point, states=equations)
    return drawn[np.all(np.any(np.abs(drawn.jacobians) > NOISE, axis=1), axis=1)]


def _as_drawn(rng: np.random.Generator, n: int, equations: int, where: str) -> tuple[Systems, Any, dict[str, int]]:
    """Systems as they come, their growths, and the rejected draws."""
    drawn = _draw(rng, n, equations, False, where)
    largest = growth(drawn.jacobians)
    kept = sound(drawn.jacobians, largest)
    rejected = {
        "no finite gradient": drawn.missed,
        "a variable without effect": n - drawn.missed - len(kept),
        "on the margin": int((~kept).sum()),
    }
    return drawn[kept], largest[kept], rejected


def _batch(name: str, systems: Systems, answer: pa.Array, rejected: dict[str, int]) -> Batch:
    equations = systems.tokens.shape[1]
    names = [f"x{place + 1}" for place in range(equations)]
    question = pa.array([f"{name}({text}) at {POINT}" for text in texts(systems.tokens, names)], pa.string())
    traits = {"equations": np.full(len(question), equations), "operators": operators_in(systems.tokens)}
    return Batch(question, answer, system_keys(systems.tokens, equations), traits, rejected)


def _words(stable: Flags) -> pa.Array:
    return pa.array(np.where(stable, *WORDS).tolist(), pa.string())


@task(
    "systems/stability",
    answer=Choice(WORDS),
    family="stability",
    levels=by_equations(2, 3, 4, 5, 6),
    beyond=by_equations(7),
    bulk=True,
    draws=2**10,
    perturbations=perturbed.SWAP_STATES,
)
def stability(rng: np.random.Generator, n: int, equations: int) -> Batch:
    """Whether a system of differential equations is stable at a point, as in `stable(x1-x2;-3*x2) at 0.01`.

    Systems come as they are drawn, which is unbalanced: always answering `unstable` scores 83.5, 94.8, 98.5, 99.6 and
    99.9 percent for 2 to 6 equations. Levels grow in equations. See the module for how systems are drawn and for the
    source.
    """
    systems, largest, rejected = _as_drawn(rng, n, equations, "systems/stability")
    return _batch("stable", systems, _words(largest < 0), rejected)


def _balanced(
    rng: np.random.Generator, n: int, equations: int, real: bool, where: str, digits: int | None = None
) -> tuple[Systems, Flags, dict[str, int]]:
    """As many stable as unstable systems, mixed; with `digits`, Jacobians are rounded before they are judged.

    Stable systems are rare when there are many equations. The equations of a draw are alike in distribution, so for
    a stable system several orders of them are tried, and the first that is stable is taken.
    """
    drawn = _draw(rng, n, equations, real, where)
    jacobians = drawn.jacobians if digits is None else significant(drawn.jacobians, digits)
    largest = growth(jacobians)
    unstable = (largest > 0) & sound(jacobians, largest)
    # Which draws may serve as unstable is settled beforehand, so that they are not those that no order makes stable.
    unstable[len(unstable) // 4 :] = False
    found = np.zeros(len(jacobians), bool)
    order = np.tile(np.arange(equations), (len(jacobians), 1))
    waiting = np.arange(len(jacobians) // 4, len(jacobians))
    for _ in range(ORDERS):
        tried = rng.permutation(equations)
        turned = jacobians[waiting][:, tried]
        # The trace is the sum of the eigenvalues: where it is not negative, some eigenvalue is not either.
        hopeful = np.flatnonzero(np.trace(turned, axis1=1, axis2=2).real < 0)
        largest = growth(turned[hopeful])
        good = waiting[hopeful[(largest < 0) & sound(turned[hopeful], largest)]]
        order[good], found[good] = tried, True
        waiting = waiting[~found[waiting]]
    half = min(int(found.sum()), int(unstable.sum()))
    rows = np.concatenate([rng.permutation(np.flatnonzero(one))[:half] for one in (found, unstable)])
    rows = rng.permutation(rows)
    chosen = Systems(
        np.take_along_axis(drawn.tokens[rows], order[rows][:, :, None], axis=1),
        np.take_along_axis(jacobians[rows], order[rows][:, :, None], axis=1),
        drawn.missed,
    )
    rejected = {
        "no finite gradient": drawn.missed,
        "a variable without effect": n - drawn.missed - len(jacobians),
        "unbalanced, or on the margin": len(jacobians) - len(rows),
    }
    return chosen, found[rows], rejected


@task(
    "systems/stability-balanced",
    answer=Choice(WORDS),
    family="stability",
    levels=by_equations(2, 3, 4, 5),
    beyond=by_equations(6),
    bulk=True,
    chance=0.5,
    draws=2**10,
    perturbations=perturbed.SWAP_STATES,
)
def stability_balanced(rng: np.random.Generator, n: int, equations: int) -> Batch:
    """Whether a system is stable, half of the systems being so, as in `stable(x1-x2;-3*x2) at 0.01`.

    Systems are those of systems/stability, with as many stable as unstable ones; guessing scores one half. Levels
    grow in equations. See the module for how systems are drawn and for the source.
    """
    systems, stable, rejected = _balanced(rng, n, equations, False, "systems/stability-balanced")
    return _batch("stable", systems, _words(stable), rejected)


@task(
    "systems/stability-real",
    answer=Choice(WORDS),
    family="stability",
    levels=by_equations(2, 3, 4, 5),
    beyond=by_equations(6),
    bulk=True,
    chance=0.5,
    draws=2**10,
    perturbations=perturbed.SWAP_STATES,
)
def stability_real(rng: np.random.Generator, n: int, equations: int) -> Batch:
    """Whether a system that is real throughout is stable, as in `stable(x1-x2;-3*x2) at 0.01`.

    As systems/stability-balanced, but no value or slope in an equation is complex at the point: so sqrt and ln have
    positive arguments there, asin and acos arguments below 1 in size. Guessing scores one half. Levels grow in
    equations. See the module for how systems are drawn and for the source.
    """
    systems, stable, rejected = _balanced(rng, n, equations, True, "systems/stability-real")
    return _batch("stable", systems, _words(stable), rejected)


@task(
    "systems/stability-speed",
    answer=Real(),
    levels=by_equations(2, 3, 4, 5, 6),
    beyond=by_equations(7),
    bulk=True,
    draws=2**10,
    perturbations=perturbed.SWAP_STATES,
)
def stability_speed(rng: np.random.Generator, n: int, equations: int) -> Batch:
    """The speed of convergence, -max Re of the eigenvalues, as in `speed(x1-x2;-3*x2) at 0.01` with the answer -1.

    Systems are those of systems/stability, as drawn: the speed is negative where the system is unstable, which most
    are. It is given with four significant digits; the source counts an error below 10 percent as right, which is the
    metric within-10. Guessing -1 scores 5 percent for 2 equations, 3 for 3 and 1 or less from 5 on. Levels grow in
    equations.
    """
    systems, largest, rejected = _as_drawn(rng, n, equations, "systems/stability-speed")
    answer = Real().canonical(pa.array([f"{-value:.4g}" for value in largest.tolist()], pa.string()))
    return _batch("speed", systems, answer, rejected)


CEILINGS: Final = {2: 0.86, 3: 0.807, 4: 0.79, 5: 0.77, 6: 0.766}
"""What the sign of the trace scores, by the number of equations: measured on 2,100 to 16,000 matrices each."""


@task(
    "systems/stability-jacobian",
    answer=Choice(WORDS),
    levels=by_equations(2, 3, 4, 5),
    beyond=by_equations(6),
    bulk=True,
    chance=0.5,
    ceiling=lambda equations: CEILINGS.get(equations, 0.75),
    draws=2**10,
)
def stability_jacobian(rng: np.random.Generator, n: int, equations: int) -> Batch:
    """Whether all eigenvalues of a given matrix have a negative real part, as in `stable matrix -1,2;0,-3`.

    The matrices are the Jacobians of systems/stability-real, rounded to three significant digits, as many stable as
    unstable ones; the answer is that of the rounded matrix. Guessing scores one half. A shortcut scores more: to say
    stable exactly where the trace is negative (`ceiling`). Levels grow in equations. A matrix, its transpose
    and what comes of renaming the variables share a key. See the module for the source.
    """
    systems, stable, rejected = _balanced(rng, n, equations, True, "systems/stability-jacobian", digits=3)
    matrices = systems.jacobians
    written = [";".join(",".join(map(short, row)) for row in matrix) for matrix in matrices.tolist()]
    question = pa.array([f"stable matrix {text}" for text in written], pa.string())
    traits = {"equations": np.full(len(question), equations), "zeros": (matrices == 0).sum(axis=(1, 2))}
    return Batch(question, _words(stable), matrix_keys(matrices), traits, rejected)


def matrix_keys(matrices: Numbers) -> Keys:
    """Keys of shape (n,) that a matrix shares with its transpose, and with itself when rows and columns change places.

    They are hashed from the colours of the variables, for the matrix and for its transpose, in no order.
    """
    words = words_of(matrices)
    sides = [colours(side, side[:, :, :0])[0] for side in (words, np.swapaxes(words, 1, 2))]
    return combine(np.sort(np.stack([combine(np.sort(side, axis=1)) for side in sides], axis=1), axis=1))


def significant(numbers: Numbers, digits: int) -> Numbers:
    """Rounded to so many significant digits, exactly as they are written; zero where they are below 1e-9."""
    rounded = [0.0 if abs(number) < 1e-9 else float(f"{number:.{digits}g}") for number in numbers.ravel().tolist()]
    return np.array(rounded).reshape(numbers.shape)


def short(number: float) -> str:
    """The shortest text of a number without an exponent's needless zeros.

    >>> short(-0.5), short(3.0), short(120000.0), short(1.5e-07)
    ('-0.5', '3', '120000', '0.00000015')
    """
    return np.format_float_positional(number, trim="-")
