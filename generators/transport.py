"""Linear transport and diffusion equations on the whole space: is there a solution, and what becomes of it.

A question holds an operator and an initial condition: `evolve(3*d1^4-d2^2+2*d1;exp(5*i*x1)*sinc(3*x1)*gauss(2*x2))`
asks about du/dt + P u = 0 with P = 3*d1^4-d2^2+2*d1, where d1 is the derivative with respect to x1, and u = u0 at
t = 0. In an initial condition sinc(a*x) is sin(a*x)/(a*x), gauss(a*x) is exp(-(a*x)^2), delta(x) is Dirac's, and a
variable that is not named has the constant 1. Source: Charton, Hayat and Lample, "Learning advanced mathematical
computations from examples", ICLR 2021, who call it the Fourier task.

In frequencies the solution is exp(-t*P(i*eta)) times the transform of u0. All hangs on the least real part of P(i*eta)
over the frequencies that u0 holds: those from -a to a for sinc, 0 for 1, all for gauss and delta, shifted by b where a
factor exp(b*i*x) stands. Coefficients are whole numbers, and so are the ends of these intervals: the least value is
exact. (The source finds it by a local optimiser, which may miss it; so here the terms with a real part in frequencies
each hold one variable, squared or to the fourth, and terms with several variables have odd order.)
"""

from dataclasses import dataclass
from itertools import chain, groupby, permutations, product, starmap
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, UserError, hash_text, task

Whole = npt.NDArray[np.int64]
Terms = dict[tuple[int, ...], int]
"""The operator: the coefficient of each product of derivatives, by the order in each variable."""
Start = tuple[tuple[str, int, int], ...]
"""The initial condition: for each variable its shape, its scale a and its shift b."""

WORDS: Final = ("none", "unbounded", "bounded")
LIMITS: Final = ("none", "grows", "stays", "vanishes")
LEVELS: Final = [{"variables": count} for count in (1, 2, 3, 4)]
BEYOND: Final = [{"variables": count} for count in (5, 6)]
SHAPES: Final = ("1", "sinc", "delta", "gauss")
SCALED: Final = (SHAPES.index("sinc"), SHAPES.index("gauss"))
LARGEST_COEFFICIENT: Final = 10
LARGEST_FREQUENCY: Final = 99
SCALE: Final = 4 * 2520
"""Makes the least value b^2/(4a) whole for all coefficients a from 1 to 10; sums stay below 10^16."""


def least_real_part(fourth: Whole, second: Whole, constant: Whole, low: Whole, high: Whole, endless: Any) -> Any:
    """The least of constant + sum of fourth*eta^4 - second*eta^2 over a box, and whether there is one.

    Coefficients and bounds have shape (n, variables), `constant` (n,); where `endless`, the bounds are infinite. The
    value is exact, and SCALE times as large.
    """
    most = np.where(endless, 0, np.maximum(low * low, high * high))
    least = np.where(endless | ((low <= 0) & (high >= 0)), 0, np.minimum(low * low, high * high))
    ends = [SCALE * (fourth * square * square - second * square) for square in (least, most)]
    bent = fourth > 0
    divisor = np.where(bent, 4 * fourth, 1)
    turns = bent & (second > 2 * fourth * least) & (endless | (second < 2 * fourth * most))
    value = np.where(turns, -(second**2) * (SCALE // divisor), np.where(endless, ends[0], np.minimum(*ends)))
    falls = endless & ((fourth < 0) | ((fourth == 0) & (second > 0)))
    return SCALE * constant + value.sum(axis=1), falls.any(axis=1)


def _coefficients(rng: np.random.Generator, shape: tuple[int, ...], share: float) -> Whole:
    """Whole numbers from -10..-1 and 1..10, and 0 where the term is not there."""
    size = rng.integers(1, LARGEST_COEFFICIENT + 1, shape) * rng.choice([-1, 1], shape)
    return np.asarray(np.where(rng.random(shape) < share, size, 0), np.int64)


def _odd_terms(rng: np.random.Generator, variables: int) -> Terms:
    """Terms that are imaginary in frequencies: d1, and d1*d2^2 or d1*d2^4 where there is a second variable."""
    terms: Terms = {}
    for coefficient in _coefficients(rng, (variables,), 0.5).tolist():
        orders = [0] * variables
        first, *others = rng.permutation(variables).tolist()
        orders[first] = 1
        if others and rng.random() < 0.5:
            orders[others[0]] = int(rng.choice([2, 4]))
        if coefficient:
            terms[tuple(orders)] = coefficient
    return terms


def _operator_text(terms: Terms) -> str:
    def factor(place: int, order: int) -> str:
        return f"d{place + 1}" + (f"^{order}" if order > 1 else "")

    pieces = []
    for orders, coefficient in terms.items():
        factors = [factor(place, order) for place, order in enumerate(orders) if order]
        size = [str(abs(coefficient))] if abs(coefficient) > 1 or not factors else []
        pieces.append(("-" if coefficient < 0 else "+") + "*".join(size + factors))
    return "".join(pieces).removeprefix("+") or "0"


def _scaled(scale: int, name: str) -> str:
    return name if scale == 1 else f"{scale}*{name}"


def _start_text(start: Start) -> str:
    factors = []
    for place, (shape, scale, shift) in enumerate(start, 1):
        if shift:
            factors.append(f"exp({shift}*i*x{place})")
        if shape == "delta":
            factors.append(f"delta(x{place})")
        elif shape != "1":
            factors.append(f"{shape}({_scaled(scale, f'x{place}')})")
    return "*".join(factors) or "1"


def _canonical(terms: Terms, start: Start) -> str:
    """The same for problems that differ in the names of variables only, or in the order of terms.

    Variables that are named nowhere are left out. The others are put in the order of what each has by itself; those
    that tie, and stand in a term with others, are tried in all orders.
    """
    start = tuple((shape, scale, 0 if shape == "delta" else shift) for shape, scale, shift in start)
    named = [place for place, factor in enumerate(start) if factor != ("1", 0, 0) or any(key[place] for key in terms)]
    start = tuple(start[place] for place in named)
    terms = {tuple(key[place] for place in named): value for key, value in terms.items()}

    def own(place: int) -> str:
        return repr((start[place], sorted((key[place], sorted(key), terms[key]) for key in terms if key[place])))

    mixed = {place for key in terms for place in range(len(start)) if key[place] and sum(map(bool, key)) > 1}
    tied = [list(group) for _, group in groupby(sorted(range(len(start)), key=own), key=own)]
    orders = product(*(permutations(group) if mixed & set(group) else [group] for group in tied))
    return min(
        repr(
            (
                sorted((tuple(key[place] for place in order), value) for key, value in terms.items()),
                [start[place] for place in order],
            )
        )
        for order in map(list, starmap(chain, orders))
    )


@dataclass(frozen=True)
class _Drawn:
    """Operators and initial conditions without the odd terms, which change no answer; arrays of shape (n, variables).

    `least` is SCALE times the least real part in frequencies, shape (n,), and means nothing where it `falls` for ever.
    """

    fourth: Whole
    second: Whole
    constant: Whole
    shape: Whole
    scale: Whole
    shift: Whole
    least: Whole
    falls: npt.NDArray[np.bool_]


def _draw(rng: np.random.Generator, n: int, variables: int, where: str) -> _Drawn:
    if not 1 <= variables <= 6:
        raise UserError(f"{variables} variables", where=where, mend="from 1 to 6")
    fourth, second = _coefficients(rng, (n, variables), 0.4), _coefficients(rng, (n, variables), 0.7)
    constant = _coefficients(rng, (n,), 0.5)
    shape, scale = (
        rng.integers(len(SHAPES), size=(n, variables)),
        rng.integers(1, LARGEST_FREQUENCY + 1, (n, variables)),
    )
    shift = np.where(
        rng.random((n, variables)) < 0.5, rng.integers(-LARGEST_FREQUENCY, LARGEST_FREQUENCY + 1, (n, variables)), 0
    )
    reach = np.where(shape == SHAPES.index("sinc"), scale, 0)
    endless = shape >= SHAPES.index("delta")
    least, falls = least_real_part(fourth, second, constant, shift - reach, shift + reach, endless)
    return _Drawn(fourth, second, constant, shape, scale, shift, least, falls)


def _batch(rng: np.random.Generator, name: str, drawn: _Drawn, answers: Whole, words: tuple[str, ...]) -> Batch:
    """As many problems of each answer."""
    n, variables = drawn.shape.shape
    share = int(np.bincount(answers, minlength=len(words)).min())
    rows = rng.permutation(
        np.concatenate([rng.permutation(np.flatnonzero(answers == word))[:share] for word in range(len(words))])
    )
    questions, keys = [], []
    unit = np.eye(variables, dtype=int)
    for row in rows.tolist():
        even = {tuple((4 * unit[place]).tolist()): int(drawn.fourth[row, place]) for place in range(variables)}
        even |= {tuple((2 * unit[place]).tolist()): int(drawn.second[row, place]) for place in range(variables)}
        even |= {(0,) * variables: int(drawn.constant[row])}
        terms = {orders: value for orders, value in (even | _odd_terms(rng, variables)).items() if value}
        terms = dict(sorted(terms.items(), reverse=True))
        kinds = [SHAPES[kind] for kind in drawn.shape[row].tolist()]
        scales = [
            size if kind in ("sinc", "gauss") else 0
            for kind, size in zip(kinds, drawn.scale[row].tolist(), strict=True)
        ]
        start = tuple(zip(kinds, scales, drawn.shift[row].tolist(), strict=True))
        questions.append(f"{name}({_operator_text(terms)};{_start_text(start)})")
        keys.append(_canonical(terms, start))
    traits = {"variables": np.full(len(rows), variables), "endless": (drawn.shape[rows] >= 2).sum(axis=1)}
    answer = pa.array([words[word] for word in answers[rows].tolist()], pa.string())
    key = hash_text(pa.array(keys, pa.string()))
    return Batch(pa.array(questions, pa.string()), answer, key, traits, {"unbalanced": n - len(rows)})


@task(
    "systems/transport",
    answer=Choice(WORDS),
    levels=LEVELS,
    beyond=BEYOND,
    bulk=True,
    chance=1 / 3,
    draws=2**9,
    version=2,
)
def transport(rng: np.random.Generator, n: int, variables: int) -> Batch:
    """Whether du/dt + P u = 0 has a solution that lasts, and a bounded one, as in `evolve(d1^2;gauss(x1))`: `none`.

    The answer is `none` where the least real part of P(i*eta) is minus infinity (no solution for all times),
    `unbounded` where it is negative (some frequency grows), and `bounded` where it is not. Each is as frequent as the
    others; guessing scores a third. Levels grow in variables. See the module for notation, method and source.
    """
    drawn = _draw(rng, n, variables, "systems/transport")
    return _batch(rng, "evolve", drawn, np.where(drawn.falls, 0, np.where(drawn.least < 0, 1, 2)), WORDS)


@task(
    "systems/transport-limit",
    answer=Choice(LIMITS),
    levels=LEVELS,
    beyond=BEYOND,
    bulk=True,
    chance=1 / 4,
    draws=2**11,
)
def transport_limit(rng: np.random.Generator, n: int, variables: int) -> Batch:
    """What becomes of the solution of du/dt + P u = 0 in the end, as in `fate(2-d1^2;gauss(x1))`: `vanishes`.

    The frequency eta has the size exp(-t*Re P(i*eta)), times that at first. The answer is `vanishes` where the least
    Re P(i*eta) is positive (all frequencies fall at least so fast), `stays` where it is 0 (none grows, and some keep
    their size or come as near to it as one likes), `grows` where it is negative, and `none` where it is minus
    infinity. Each is as frequent as the others; guessing scores a quarter. Levels grow in variables. See the module
    for notation, method and source, which counts `stays` as `vanishes`.
    """
    drawn = _draw(rng, n, variables, "systems/transport-limit")
    answers = np.where(drawn.falls, 0, 2 + np.sign(drawn.least))
    return _batch(rng, "fate", drawn, answers, LIMITS)
