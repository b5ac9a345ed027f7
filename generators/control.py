"""Control of systems of differential equations: can their states be steered, and by which feedback.

A question holds the right-hand sides f1;...;fn of x1'=f1, ..., xn'=fn, with states x1..xn and controls u1..up. Their
derivatives are taken where every state and control is 0.5: A with respect to the states, B to the controls. All values
are real there. Each equation has n+p to 2(n+p)+2 operators; see `random_systems` for how equations are drawn. An
equation without a finite gradient is drawn anew, and a system is left out when some state or control has no effect.
Source: Charton, Hayat and Lample, "Learning advanced mathematical computations from examples", ICLR 2021.

Ranks are those of the controllability matrix [B, AB, ..., A^(n-1)B] with every column divided by its norm, which
changes no rank. Singular values below 1e-6 count as zero; systems with one in the twilight, from 1e-13 to 1e-5, are
left out, so that no answer hangs on that choice.

Where equations hold the time t as well, A(t) and B(t) are functions of it, and the columns are those of D0 = B and
D(i+1) = A Di - dDi/dt at t = 0.9, for i up to 2n/p as in the source's published code (Silverman and Meadows,
"Controllability and observability in time-variable linear systems", 1967). With A and B constant they are the above.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, Integer, Matrix, UserError, task
from enigmath.bench.contracts.expression import parse
from enigmath.bench.contracts.formal import read_matrix
from enigmath.generators import matrix_perturbations as perturbed
from enigmath.generators.controllable import TWILIGHT, balanced_rows, controllability_matrix, in_orders, ranks
from enigmath.generators.random_systems import (
    NOISE,
    Numbers,
    Systems,
    draw_systems,
    gradients,
    operators_in,
    system_keys,
    texts,
    tokens_of,
)
from enigmath.generators.series import Series, derivative, gradient_series, times

POINT: Final = 0.5
"""Where every state and control stands when the derivatives are taken."""
TIME: Final = 0.9
"""When the derivatives of a system that holds the time are taken."""
DIGITS: Final = 4
"""Significant digits of a feedback matrix."""
DECAY: Final = 1e-3
"""A feedback answer makes the normalised system decay at least this fast."""
WORST_GRAMIAN: Final = 1e12
"""The largest condition number of a Gramian: up to it, rounding moves no feedback matrix by a thousandth."""
WORDS: Final = ("controllable", "uncontrollable")

Flags = npt.NDArray[np.bool_]
LEVELS: Final = [{"equations": n, "controls": p} for n, p in ((2, 1), (3, 1), (4, 1), (4, 2), (5, 2))]
BEYOND: Final = [{"equations": 6, "controls": 2}]
STEERABLE: Final = [{"equations": n, "controls": p} for n, p in ((2, 1), (3, 1), (4, 1), (3, 2))]
STEERABLE_BEYOND: Final = [{"equations": 5, "controls": 1}]
"""Where one system in a hundred at least cannot be controlled: rarer ones leave too few to balance."""
TIMED: Final = [{"equations": n, "controls": p} for n, p in ((2, 1), (3, 1), (3, 2))]
TIMED_BEYOND: Final = [{"equations": 4, "controls": 1}]
REACHED: Final = {(2, 1): 0.906, (3, 1): 0.873, (4, 1): 0.847, (3, 2): 0.870, (5, 1): 0.804}
REACHED_IN_TIME: Final = {(2, 1): 0.961, (3, 1): 0.932, (3, 2): 0.925, (4, 1): 0.904}
REACHED_DIMENSION: Final = {
    (2, 1): 0.979,
    (3, 1): 0.978,
    (4, 1): 0.984,
    (4, 2): 0.994,
    (5, 2): 0.995,
    (6, 2): 0.996,
}
"""What is right when a state counts as steered where a chain of names leads to it from a control, by equations and
controls: measured on 3,000 to 6,200 systems each. Lin, "Structural controllability", 1974."""


def names_of(equations: int, controls: int) -> list[str]:
    """The variables: states, then controls."""
    return [f"x{place + 1}" for place in range(equations)] + [f"u{place + 1}" for place in range(controls)]


def _variables(equations: int, controls: int, where: str) -> int:
    if not (2 <= equations <= 10 and 1 <= controls <= equations):
        mend = "a system has 2 to 10 equations, and 1 to as many controls"
        raise UserError(f"{equations} equations with {controls} controls", where=where, mend=mend)
    return equations + controls


def _draw(
    rng: np.random.Generator, n: int, equations: int, controls: int, where: str
) -> tuple[Systems, dict[str, int]]:
    variables = _variables(equations, controls, where)
    drawn = draw_systems(
        rng,
        n,
        equations=equations,
        operators=(variables, 2 * variables + 2),
        point=np.full(variables, POINT),
        states=equations,
    )
    whole = np.all(np.any(np.abs(drawn.jacobians) > NOISE, axis=1), axis=1)
    return drawn[whole], {"no finite gradient": drawn.missed, "a variable without effect": int((~whole).sum())}


def _ranked(
    rng: np.random.Generator, n: int, equations: int, controls: int, where: str
) -> tuple[Systems, npt.NDArray[np.int64], dict[str, int]]:
    drawn, rejected = _draw(rng, n, equations, controls, where)
    a, b = drawn.jacobians[:, :, :equations], drawn.jacobians[:, :, equations:]
    rank, clear = ranks(controllability_matrix(a, b))
    return drawn[clear], rank[clear], {**rejected, "rank in doubt": int((~clear).sum())}


def _batch(
    name: str, systems: Systems, answer: Any, controls: int, rejected: dict[str, int], *, timed: bool = False
) -> Batch:
    equations = systems.tokens.shape[1]
    names = names_of(equations, controls) + ["t"] * timed
    place = f"{POINT}, t={TIME}" if timed else f"{POINT}"
    question = pa.array([f"{name}({text}) at {place}" for text in texts(systems.tokens, names)], pa.string())
    traits = {
        "equations": np.full(len(question), equations),
        "controls": np.full(len(question), controls),
        "operators": operators_in(systems.tokens),
    }
    return Batch(question, answer, system_keys(systems.tokens, len(names), timed=timed), traits, rejected)


@task(
    "systems/uncontrollable-dimension",
    answer=Integer(),
    levels=LEVELS,
    beyond=BEYOND,
    bulk=True,
    ceiling=lambda equations, controls: REACHED_DIMENSION.get((equations, controls), 0.98),
    draws=2**9,
    perturbations=perturbed.SWAP_STATES,
)
def uncontrollable_dimension(rng: np.random.Generator, n: int, equations: int, controls: int) -> Batch:
    """The dimension of what no control can reach, as in `unreached(u1;x2) at 0.5` with the answer 1.

    It is n - rank [B, AB, ..., A^(n-1)B]. Systems come as they are drawn: 0 is the commonest answer and scores 89, 92,
    95, 98 and 99 percent at the five levels; counting the states to which no chain of names leads from a control
    scores more (`ceiling`, measured). Levels grow in equations, then in controls. See the module for how systems are
    drawn, for how ranks are taken and for the source.
    """
    systems, rank, rejected = _ranked(rng, n, equations, controls, "systems/uncontrollable-dimension")
    return _batch("unreached", systems, equations - rank, controls, rejected)


@task(
    "systems/controllability",
    answer=Choice(WORDS),
    levels=STEERABLE,
    beyond=STEERABLE_BEYOND,
    bulk=True,
    chance=0.5,
    ceiling=lambda equations, controls: REACHED.get((equations, controls), 0.8),
    draws=2**10,
    version=2,
    perturbations=perturbed.SWAP_STATES,
)
def controllability(rng: np.random.Generator, n: int, equations: int, controls: int) -> Batch:
    """Whether a system can be steered to any state nearby, as in `controllable(u1-x1;x1*x2) at 0.5`.

    It can be where [B, AB, ..., A^(n-1)B] has rank n. Half of the systems can; guessing scores one half. A shortcut
    scores more: to say so where from every state a chain of names leads back to a control, each standing in the
    equation of the one before (`ceiling`, measured). Levels grow in equations, then in controls. See the module for
    how systems are drawn, how ranks are taken and for the source.
    """
    systems, rejected = _draw(rng, n, equations, controls, "systems/controllability")
    ordered, steered, clear = in_orders(rng, systems, equations)
    lost = ~steered & clear
    # Uncontrollable systems are rare: in most draws one is looked for among the orders of the equations, and just so
    # many draws are left as they came, for the controllable half.
    some = int(len(systems.tokens) * (share := lost.any(axis=0).mean()) / (share + 1)) if len(systems.tokens) else 0
    yes = np.flatnonzero(steered[0, :some] & clear[0, :some])
    no = some + np.flatnonzero(lost[:, some:].any(axis=0))
    half = min(len(yes), len(no))
    rows = np.concatenate([yes[:half], no[:half]])
    order = np.concatenate([np.zeros(half, np.int64), lost[:, no[:half]].argmax(axis=0)])
    mixed = rng.permutation(2 * half)
    kept = ordered(rows[mixed], order[mixed])
    rejected["rank in doubt, or unbalanced"] = len(systems.tokens) - len(rows)
    answer = pa.array(np.repeat(WORDS, half)[mixed].tolist(), pa.string())
    return _batch("controllable", kept, answer, controls, rejected)


def _draw_timed(
    rng: np.random.Generator, n: int, equations: int, controls: int, where: str
) -> tuple[Systems, dict[str, int]]:
    """Systems that hold the time, with Jacobians as series, shape (k, equations, equations + controls, order + 1)."""
    variables = _variables(equations, controls, where)
    point = np.append(np.full(variables, POINT), TIME)
    operators = variables, 2 * variables + 2
    drawn = draw_systems(rng, n, equations=equations, operators=operators, point=point, states=equations)
    flat = drawn.tokens.reshape(-1, drawn.tokens.shape[2])
    slopes, sound = gradient_series(flat, point, 2 * equations // controls)
    slopes, finite = slopes.reshape(-1, equations, *slopes.shape[1:]), sound.reshape(-1, equations).all(axis=1)
    felt = np.abs(slopes) > NOISE
    whole = finite & np.all(np.any(felt, axis=(1, 3)), axis=1)
    moving = np.any(felt[..., 1:], axis=(1, 2, 3))
    rejected = {
        "no finite gradient": drawn.missed + int((~finite).sum()),
        "a variable without effect": int((finite & ~whole).sum()),
        "no effect of time": int((whole & ~moving).sum()),
    }
    kept = whole & moving
    return Systems(drawn.tokens[kept], slopes[kept], drawn.missed), rejected


def moving_controllability_matrix(a: Series, b: Series) -> tuple[Series, Flags]:
    """[D0, D1, ..., Dm] with columns of norm 1, or 0, shape (k, n, (m+1)*p), and where no column is in doubt.

    A(t) has shape (k, n, n, m+1) and B(t) (k, n, p, m+1): Taylor coefficients. D0 = B, D(i+1) = A Di - dDi/dt. Beside
    each Di runs what it would be without any cancellation: a column that small against it is rounding.
    """
    block, bound, sizes = b, np.abs(b), np.abs(a)
    columns, limits = [b[..., 0]], [bound[..., 0]]
    for _ in range(b.shape[-1] - 1):
        block, bound = (
            np.asarray(times(left[:, :, :, None], right[:, None])[..., :-1].sum(axis=2) + sign * derivative(right))
            for left, right, sign in ((a, block, -1), (sizes, bound, 1))
        )
        columns.append(block[..., 0])
        limits.append(bound[..., 0])
    matrix, limit = np.concatenate(columns, axis=2), np.concatenate(limits, axis=2)
    norm, largest = np.linalg.norm(matrix, axis=1, keepdims=True), np.linalg.norm(limit, axis=1, keepdims=True)
    nothing = norm <= TWILIGHT[0] * largest
    doubtful = ~nothing & (norm < TWILIGHT[1] * largest)
    return np.where(nothing, 0, matrix / np.where(nothing, 1, norm)), ~doubtful.any(axis=(1, 2))


@task(
    "systems/controllability-time-varying",
    answer=Choice(WORDS),
    levels=TIMED,
    beyond=TIMED_BEYOND,
    bulk=True,
    chance=0.5,
    ceiling=lambda equations, controls: REACHED_IN_TIME.get((equations, controls), 0.9),
    draws=2**10,
)
def controllability_time_varying(rng: np.random.Generator, n: int, equations: int, controls: int) -> Batch:
    """Whether a system that holds the time can be steered, as in `controllable(u1*t-x1;t+x1*x2) at 0.5, t=0.9`.

    States and controls stay at 0.5 while the time moves on; the system can be steered where the matrices Di of the
    module have rank n at t = 0.9. A or B changes with the time in all systems. Half of the systems can be steered;
    guessing scores one half; which names stand in which equations tells more (`ceiling`, as for controllability), and
    the rank of [B, AB, ...] with A and B as they are at that time is right in 99.5 to 99.96 percent, measured. Levels
    grow in equations, then in controls. See the module for how systems are drawn, how ranks are taken and for the
    source.
    """
    systems, rejected = _draw_timed(rng, n, equations, controls, "systems/controllability-time-varying")
    matrix, certain = moving_controllability_matrix(*np.split(systems.jacobians, [equations], axis=2))
    rank, clear = ranks(matrix)
    clear &= certain
    rows = np.flatnonzero(clear)
    rows = rows[balanced_rows(rng, rank[rows] == equations)]
    rejected |= {"rank in doubt": int((~clear).sum()), "unbalanced": int(clear.sum()) - len(rows)}
    answer = pa.array(np.where(rank[rows] == equations, *WORDS).tolist(), pa.string())
    return _batch("controllable", systems[rows], answer, controls, rejected, timed=True)


def gramian_feedback(a: Numbers, b: Numbers) -> tuple[Numbers, Flags]:
    """K = -B' C^-1 with C the integral of exp(-sA) B B' exp(-sA') over 0..1, shape (k, p, n); A + B K is stable.

    Beside it, shape (k,): whether C is far enough from singular for K to be known (see WORST_GRAMIAN).

    A and B are both divided by A's norm first, which only changes the unit of time. (The source's published code
    divides A first and B then by the norm of the new A, which is 1: there B is never scaled, and K belongs to another
    system.) The integral comes out of one matrix exponential: Van Loan, "Computing integrals involving the matrix
    exponential", 1978.
    """
    from scipy.linalg import expm

    size = a.shape[1]
    norm = np.linalg.norm(a, axis=(1, 2), keepdims=True)
    a, b = a / norm, b / norm
    whole = np.zeros((len(a), 2 * size, 2 * size))
    transposed = np.swapaxes(a, 1, 2)
    whole[:, :size, :size], whole[:, size:, size:] = a, -transposed
    whole[:, :size, size:] = b @ np.swapaxes(b, 1, 2)
    power = expm(whole)
    gramian = np.swapaxes(power[:, size:, size:], 1, 2) @ power[:, :size, size:]
    gramian = (gramian + np.swapaxes(gramian, 1, 2)) / 2
    known = np.linalg.cond(gramian) < WORST_GRAMIAN
    # Where the Gramian is singular to rounding, its pseudo-inverse gives some K, which is not to be used.
    inverse = np.linalg.pinv(gramian, rcond=1e-15, hermitian=True)
    return np.asarray(-np.swapaxes(inverse @ b, 1, 2)), known


def steers(question: str, answer: str, prediction: str) -> bool:
    """Whether A + B K has only eigenvalues with a negative real part, for the K of the prediction."""
    given = read_matrix(prediction)
    inside = question[len("feedback(") : question.rindex(")")].split(";")
    controls = len(answer.split(";"))
    if (
        given is None
        or given.shape != (controls, len(inside))
        or np.iscomplexobj(given)
        or not np.isfinite(given).all()
    ):
        return False
    names = names_of(len(inside), controls)
    slopes, _ = gradients(tokens_of([parse(text, names) for text in inside], names), np.full(len(names), POINT))
    with np.errstate(all="ignore"):
        closed = slopes[:, : len(inside)] + slopes[:, len(inside) :] @ given
    return bool(np.isfinite(closed).all() and np.linalg.eigvals(closed).real.max() < 0)


@task(
    "systems/feedback",
    answer=Matrix(DIGITS),
    levels=LEVELS,
    beyond=BEYOND,
    bulk=True,
    check=steers,
    draws=2**8,
    version=2,
)
def feedback(rng: np.random.Generator, n: int, equations: int, controls: int) -> Batch:
    """A feedback K, one row a control, that makes A + B K stable, as in `feedback(x1-u1;x1-x2) at 0.5`: `3,0`.

    Any such K is right; the answer is the Gramian's (see gramian_feedback), rounded to four significant digits, and
    the metrics by norm say how near a prediction is to it: norm-10 is the source's share within 10 percent. Only
    controllable systems are asked. Answering zeros scores the share of systems that are stable by themselves: 19
    percent at level 1, 2 at level 3, below 1 at level 5. Levels grow in equations, then in controls. See the module for
    how systems are drawn and for the source.
    """
    systems, rank, rejected = _ranked(rng, n, equations, controls, "systems/feedback")
    systems = systems[rank == equations]
    rejected["not controllable"] = int((rank < equations).sum())
    a, b = systems.jacobians[:, :, :equations], systems.jacobians[:, :, equations:]
    found, known = gramian_feedback(a, b)
    answers = [Matrix(DIGITS).write(matrix) for matrix in found]
    written = np.array([read_matrix(text) for text in answers]).reshape(-1, controls, equations)
    norm = np.linalg.norm(a, axis=(1, 2))
    good = known & (np.linalg.eigvals(a + b @ written).real.max(axis=1) < -DECAY * norm)
    rejected["hardly controllable"] = int((~good).sum())
    answer = pa.array([text for text, kept in zip(answers, good, strict=True) if kept], pa.string())
    return _batch("feedback", systems[good], answer, controls, rejected)
