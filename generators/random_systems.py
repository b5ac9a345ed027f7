"""Random systems of equations as arrays: drawn, evaluated, differentiated, written and keyed a batch at a time.

An equation's right-hand side is a random unary-binary tree over + - * / and nine functions, kept as a row of tokens in
prefix order. All unary-binary shapes with the same number of operators are equally likely (the counting argument of
Lample and Charton, "Deep learning for symbolic mathematics", 2020); then each operator, and each leaf, is drawn: a
whole number from -10..-1 or 1..10 in three cases of ten, else a variable. Source: Charton, Hayat and Lample, "Learning
advanced mathematical computations from examples", ICLR 2021.

Gradients come from forward-mode differentiation (dual numbers) over all nodes of one height and operator at once.
Functions take their principal values: sqrt(-2) is i*sqrt(2), ln(-1) is i*pi, asin(u) is -i*ln(i*u+sqrt(1-u^2)).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import Keys, mix
from enigmath.bench.contracts.expression import Tree, write

Tokens = npt.NDArray[np.int16]
"""Prefix order, shape (..., longest): an operator's place in OPERATORS, then VARIABLE + index, or CONSTANT + value."""
Numbers = npt.NDArray[Any]
"""Real or complex floats."""

BINARY: Final = ("+", "-", "*", "/")
UNARY: Final = ("sqrt", "exp", "ln", "sin", "cos", "tan", "asin", "acos", "atan")
OPERATORS: Final = BINARY + UNARY
VARIABLE: Final = len(OPERATORS)
CONSTANT: Final = 100
PADDING: Final = -1
LARGEST_CONSTANT: Final = 10
CONSTANT_SHARE: Final = 0.3

LARGEST: Final = 1e6
"""Values and slopes beyond it, anywhere in an equation, reject it: differences of such numbers lose their digits."""
NEAR_CUT: Final = 1e-9
"""Relative distance from a branch cut within which rounding would choose the branch; points on the cut are fine."""
NOISE: Final = 1e-9
"""Slopes below it may be rounding, and count as none."""
TIME: Final = np.uint64(0x9E3779B97F4A7C15)
"""Sets the words of the time apart from those of controls in keys."""
REDRAWN: Final = 12
"""Times that an equation without a gradient is drawn anew before its system is rejected."""


@cache
def _completions(operators: int) -> npt.NDArray[np.float64]:
    """How many ways lead from so many open places (row) and operators left (column) to a whole tree."""
    places = operators + 2
    ways = np.zeros((places + operators + 1, operators + 1))
    ways[:, 0] = 1
    for left in range(1, operators + 1):
        for open_places in range(1, len(ways) - left):
            ways[open_places, left] = (
                ways[open_places - 1, left] + ways[open_places, left - 1] + ways[open_places + 1, left - 1]
            )
    return ways


def draw_trees(rng: np.random.Generator, operators: npt.NDArray[np.int64], variables: int, longest: int) -> Tokens:
    """One tree for each number of operators, shape (n, longest)."""
    n = len(operators)
    ways = _completions(int((longest - 1) // 2))
    shape, kind = rng.random((longest, n)), rng.random((longest, n))
    numbers = rng.integers(1, LARGEST_CONSTANT + 1, (longest, n)) * rng.choice([-1, 1], (longest, n))
    leaf = np.where(
        kind < CONSTANT_SHARE,
        CONSTANT + numbers,
        VARIABLE + (variables * (kind - CONSTANT_SHARE) / (1 - CONSTANT_SHARE)).astype(np.int64),
    )
    unary, binary = len(BINARY) + (len(UNARY) * kind).astype(np.int64), (len(BINARY) * kind).astype(np.int64)
    tokens = np.full((n, longest), PADDING, np.int16)
    open_places, left = np.ones(n, np.int64), operators.copy()
    for place in range(longest):
        if not open_places.any():
            break
        draw = shape[place] * ways[open_places, left]
        as_leaf = ways[open_places - 1, left]
        is_leaf = draw < as_leaf
        is_unary = ~is_leaf & (draw < as_leaf + ways[open_places, left - 1])
        chosen = np.where(is_leaf, leaf[place], np.where(is_unary, unary[place], binary[place]))
        going = open_places > 0
        tokens[:, place] = np.where(going, chosen, PADDING)
        left -= going & ~is_leaf
        open_places += going * np.where(is_leaf, -1, np.where(is_unary, 0, 1))
    return tokens


Step = tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]


def steps(tokens: Tokens) -> Iterator[Step]:
    """All nodes of one height and operator at a time, lowest first: operator, flat places of nodes and operands."""
    n, longest = tokens.shape
    rows = np.arange(n)
    arity = np.where(tokens < 0, 0, np.where(tokens < len(BINARY), 2, np.where(tokens < VARIABLE, 1, 0)))
    size, height = np.ones((longest + 2, n), np.int64), np.zeros((longest + 2, n), np.int64)
    second = np.zeros((longest, n), np.int64)
    for place in range(longest - 1, -1, -1):
        count = arity[:, place]
        second[place] = np.where(count == 2, place + 1 + size[place + 1], longest)
        beyond = second[place], rows
        size[place] = 1 + (count > 0) * size[place + 1] + (count == 2) * size[beyond]
        height[place] = (count > 0) * (1 + np.maximum(height[place + 1], (count == 2) * height[beyond]))
    nodes = np.flatnonzero(arity)
    row, place = nodes // longest, nodes % longest
    order = height[place, row] * len(OPERATORS) + tokens[row, place]
    sorted_order = np.argsort(order, kind="stable")
    nodes, order = nodes[sorted_order], order[sorted_order]
    row, place = row[sorted_order], place[sorted_order]
    other = row * longest + np.minimum(second[place, row], longest - 1)
    bounds = np.flatnonzero(np.r_[True, order[1:] != order[:-1], True]) if len(order) else np.zeros(1, np.int64)
    for start, end in pairwise(bounds.tolist()):
        yield int(order[start] % len(OPERATORS)), nodes[start:end], nodes[start:end] + 1, other[start:end]


def _off_cut(u: Numbers, on_cut_side: npt.NDArray[np.bool_], distance: Numbers) -> Numbers:
    """NaN where rounding decides on which side of a cut a point lies; else the same, with +0 for -0."""
    near = on_cut_side & (distance != 0) & (np.abs(distance) < NEAR_CUT * np.abs(u))
    return np.where(near, np.nan, u + 0)


def _unary(name: str, u: Numbers) -> tuple[Numbers, Numbers]:
    """The value and the slope; NaN where a real function has none, and next to a cut."""
    if name in ("exp", "sin", "cos", "tan"):
        value = {"exp": np.exp, "sin": np.sin, "cos": np.cos, "tan": np.tan}[name](u)
        slope = {"exp": lambda: value, "sin": lambda: np.cos(u), "cos": lambda: -np.sin(u)}
        return value, slope[name]() if name != "tan" else 1 + value * value
    is_complex = np.iscomplexobj(u)
    if name in ("sqrt", "ln"):
        u = _off_cut(u, u.real < 0, u.imag) if is_complex else u
        value = np.sqrt(u) if name == "sqrt" else np.log(u)
        return value, 0.5 / value if name == "sqrt" else 1 / u
    if name == "atan":
        if not is_complex:
            return np.arctan(u), 1 / (1 + u * u)
        u = _off_cut(u, np.abs(u.imag) > 1, u.real)
        return 0.5j * (np.log(1 - 1j * u + 0) - np.log(1 + 1j * u + 0)), 1 / (1 + u * u)
    if is_complex:
        u = _off_cut(u, np.abs(u.real) > 1, u.imag)
        value = np.arcsin(u)
        value = np.where((u.imag == 0) & (u.real > 1), value.conj(), value)
    else:
        value = np.arcsin(u)
    slope_of_asin = 1 / np.sqrt((1 - u) * (1 + u) + 0)
    return (value, slope_of_asin) if name == "asin" else (np.pi / 2 - value, -slope_of_asin)


def leaves(tokens: Tokens, points: Numbers) -> Numbers:
    """Every leaf's values at all points, shape (nodes, points), for `points` as in values_at."""
    flat = tokens.ravel()
    values = np.zeros((len(flat), points.shape[-1]), points.dtype)
    is_variable = np.flatnonzero((flat >= VARIABLE) & (flat < CONSTANT - LARGEST_CONSTANT))
    variable = flat[is_variable] - VARIABLE
    values[is_variable] = points[variable] if points.ndim == 2 else points[is_variable // tokens.shape[1], variable]
    is_constant = flat >= CONSTANT - LARGEST_CONSTANT
    values[is_constant] = (flat[is_constant] - CONSTANT)[:, None]
    return values


def values_at(tokens: Tokens, points: Numbers) -> Numbers:
    """The values of n trees, shape (n, points); `points` is (variables, points), or one such array for each tree."""
    values = leaves(tokens, points)
    with np.errstate(all="ignore"):
        for operator, nodes, first, second in steps(tokens):
            u = values[first]
            if operator >= len(BINARY):
                values[nodes] = _unary(OPERATORS[operator], u)[0]
            else:
                values[nodes] = _BINARY_VALUES[operator](u, values[second])
    return values.reshape(*tokens.shape, points.shape[-1])[:, 0]


_BINARY_VALUES: Final = (np.add, np.subtract, np.multiply, np.divide)


def gradients(tokens: Tokens, point: Numbers) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """The gradients of n trees, shape (n, variables), and which of them are sound, shape (n,).

    `point` has shape (variables,), or (n, variables) when each tree has its own.

    Not sound: a value or a slope inside the tree is infinite, undefined, beyond LARGEST, or beside a branch cut.
    """
    variables = point.shape[-1]
    values = leaves(tokens, point[..., None])[:, 0]
    slopes = np.zeros((len(values), variables), point.dtype)
    flat = tokens.ravel()
    places = np.flatnonzero((flat >= VARIABLE) & (flat < CONSTANT - LARGEST_CONSTANT))
    slopes[places, flat[places] - VARIABLE] = 1
    sound = np.ones(len(values), bool)
    with np.errstate(all="ignore"):
        for operator, nodes, first, second in steps(tokens):
            u, du = values[first], slopes[first]
            if operator >= len(BINARY):
                value, slope = _unary(OPERATORS[operator], u)
                change = slope[:, None] * du
            else:
                v, dv = values[second], slopes[second]
                value, change = _binary(BINARY[operator], u, v, du, dv)
            values[nodes], slopes[nodes] = value, change
            sound[nodes] = (np.abs(value) <= LARGEST) & (np.abs(change).max(axis=1) <= LARGEST)
    root = np.arange(len(tokens)) * tokens.shape[1]
    return slopes[root], np.asarray(sound.reshape(tokens.shape).all(axis=1))


def _binary(name: str, u: Numbers, v: Numbers, du: Numbers, dv: Numbers) -> tuple[Numbers, Numbers]:
    if name == "+":
        return u + v, du + dv
    if name == "-":
        return u - v, du - dv
    if name == "*":
        return u * v, u[:, None] * dv + v[:, None] * du
    quotient = u / v
    return quotient, (du - quotient[:, None] * dv) / v[:, None]


@dataclass(frozen=True)
class Systems:
    """Systems whose equations all have a gradient: tokens (n, equations, longest), Jacobians (n, equations, variables).

    `missed` counts the draws that were given up.
    """

    tokens: Tokens
    jacobians: Numbers
    missed: int

    def __getitem__(self, rows: Any) -> "Systems":
        """Some of them."""
        return Systems(self.tokens[rows], self.jacobians[rows], self.missed)


def draw_systems(
    rng: np.random.Generator,
    n: int,
    *,
    equations: int,
    operators: tuple[int, int],
    point: Numbers,
    states: int,
) -> Systems:
    """At most n systems, each equation with a number of operators from the two ends of `operators`, both included.

    An equation is drawn anew, with as many operators, while it has no sound gradient at `point` (shape (variables,);
    real floats admit only what is real throughout) or does not depend there on any of the first `states` variables.
    """
    longest, variables = 2 * operators[1] + 1, len(point)
    counts = rng.integers(operators[0], operators[1] + 1, n * equations)
    tokens = np.full((n * equations, longest), PADDING, np.int16)
    found = np.zeros((n * equations, variables), point.dtype)
    waiting = np.arange(n * equations)
    for _ in range(1 + REDRAWN):
        drawn = draw_trees(rng, counts[waiting], variables, longest)
        slopes, sound = gradients(drawn, point)
        sound &= (np.abs(slopes[:, :states]) > NOISE).any(axis=1)
        tokens[waiting[sound]], found[waiting[sound]] = drawn[sound], slopes[sound]
        waiting = waiting[~sound]
        if not len(waiting):
            break
    whole = np.ones(n, bool)
    whole[waiting // equations] = False
    kept = tokens.reshape(n, equations, longest)[whole], found.reshape(n, equations, variables)[whole]
    return Systems(*kept, missed=int(n - whole.sum()))


def tree_of(tokens: Sequence[int], names: Sequence[str]) -> Tree:
    """The tree of one row of tokens."""
    stack: list[Tree] = []
    for token in reversed(tokens):
        if token < 0:
            continue
        if token < len(BINARY):
            stack.append((OPERATORS[token], stack.pop(), stack.pop()))
        elif token < VARIABLE:
            stack.append((OPERATORS[token], stack.pop()))
        elif token < CONSTANT - LARGEST_CONSTANT:
            stack.append(names[token - VARIABLE])
        else:
            stack.append(token - CONSTANT)
    return stack[0]


def tokens_of(trees: Sequence[Tree], names: Sequence[str]) -> Tokens:
    """The reverse, for parsed trees: one row each. KeyError for an operator or a name that no system has."""
    codes = {name: code for code, name in enumerate(OPERATORS)} | {
        name: VARIABLE + place for place, name in enumerate(names)
    }

    def prefix(tree: Tree) -> list[int]:
        if isinstance(tree, tuple) and tree[0] == "neg" and isinstance(tree[1], int):
            tree = -tree[1]
        if isinstance(tree, int):
            if abs(tree) > LARGEST_CONSTANT:
                raise KeyError(tree)
            return [CONSTANT + tree]
        if isinstance(tree, str):
            return [codes[tree]]
        return [codes[tree[0]], *(token for part in tree[1:] for token in prefix(part))]

    rows = [prefix(tree) for tree in trees]
    tokens = np.full((len(rows), max(map(len, rows))), PADDING, np.int16)
    for row, found in zip(tokens, rows, strict=True):
        row[: len(found)] = found
    return tokens


def texts(tokens: Tokens, names: Sequence[str]) -> list[str]:
    """Each system in infix, its equations' right-hand sides in order with `;` between."""
    return [";".join(write(tree_of(row, names)) for row in system) for system in tokens.tolist()]


def operators_in(tokens: Tokens) -> npt.NDArray[np.int64]:
    """How many operators and functions each system has, shape (n,)."""
    return np.asarray(((tokens >= 0) & (tokens < VARIABLE)).sum(axis=(1, 2)))


def system_keys(tokens: Tokens, variables: int, *, timed: bool = False) -> Keys:
    """Keys that systems share when they are equal up to the names of states and of controls; shape (n,).

    The first variables are the states, one for each equation and renamed together with it; the others are controls,
    renamed freely. When `timed`, the last variable is the time, which is told from any control. Each variable gets a
    colour from the equations' values where it alone has another value than the rest. Where all colours differ, they
    order the variables, and the key holds the values at points that are different in every variable; where some do
    not, the key holds the colours. So what is equal always meets.
    """
    n, equations, longest = tokens.shape
    flat = tokens.reshape(n * equations, longest)
    one_apart = np.full((variables, variables), 0.7 + 0.4j) + np.diag(np.full(variables, 0.3 + 0.5j))
    seen = words_of(values_at(flat, one_apart)).reshape(n, equations, variables)
    if timed:
        seen[:, :, -1] = mix(seen[:, :, -1] ^ TIME)
    states, controls = colours(seen[:, :, :equations], seen[:, :, equations:])
    distinct = _all_differ(states) & _all_differ(controls)
    rank = np.concatenate([_ranks(states), equations + _ranks(controls)], axis=1)
    generic = (
        np.exp(1j * np.arange(1, 2 * variables + 1)).reshape(variables, 2) * (1 + 0.1 * np.arange(variables))[:, None]
    )
    points = np.repeat(generic[rank], equations, axis=0)
    values = words_of(values_at(flat, points)).reshape(n, equations, 2)
    ordered = np.take_along_axis(values, np.argsort(states, axis=1)[:, :, None], axis=1).reshape(n, 2 * equations)
    ordered = np.where(distinct[:, None], ordered, np.uint64(0))
    return combine(np.concatenate([np.sort(states, axis=1), np.sort(controls, axis=1), ordered], axis=1))


def colours(square: Keys, rest: Keys) -> tuple[Keys, Keys]:
    """A word for each state and each control that does not depend on their order.

    `square` has shape (n, equations, equations) and `rest` (n, equations, controls).
    """
    diagonal = np.einsum("nii->ni", square)
    pairs = mix(square ^ mix(np.swapaxes(square, 1, 2)))
    parts = [diagonal[:, :, None], np.sort(pairs, axis=2), np.sort(rest, axis=2)]
    states = combine(np.concatenate(parts, axis=2))
    return states, combine(np.swapaxes(np.sort(mix(rest ^ mix(states)[:, :, None]), axis=1), 1, 2))


def combine(words: Keys) -> Keys:
    """One word for the words along the last axis, in their order."""
    total = np.zeros(words.shape[:-1], np.uint64)
    for place in range(words.shape[-1]):
        total = mix(total ^ mix(words[..., place]))
    return total


def words_of(values: Numbers) -> Keys:
    """A word for each number rounded to about nine digits; one word for all that are not finite."""
    values = np.asarray(values, np.complex128)
    with np.errstate(all="ignore"):
        size = np.abs(values)
        finite, tiny = size < 1e300, size < 1e-11
        # The factor keeps whole numbers off the steps of the exponent, where noise would decide.
        exponent = np.where(finite & ~tiny, np.frexp(1.37 * size)[1], 0)
        scaled = np.where(finite & ~tiny, values * np.exp2(30.0 - exponent), 0)
    columns = np.rint(scaled.real), np.rint(scaled.imag), np.where(finite, exponent, 10_000)
    return combine(np.stack([column.astype(np.int64).view(np.uint64) for column in columns], axis=-1))


def _all_differ(words: Keys) -> npt.NDArray[np.bool_]:
    ordered = np.sort(words, axis=1)
    return np.asarray((ordered[:, 1:] != ordered[:, :-1]).all(axis=1))


def _ranks(words: Keys) -> npt.NDArray[np.int64]:
    return np.argsort(np.argsort(words, axis=1), axis=1)
