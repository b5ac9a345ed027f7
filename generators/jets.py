"""Values of a formula with its first two derivatives at complex points, carried forward through the tree.

The judges of calculus stand on it: a predicted antiderivative is differentiated, a predicted solution substituted, by
numbers alone, in time that grows with the length of the text. Points lie near the positive real axis, so that laws
which hold for positive numbers hold there too.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.expression import CONSTANTS, FUNCTIONS, Tree

Values = npt.NDArray[np.complex128]
Jet = tuple[Any, Any, Any]
"""Value, first and second derivative; None for the second where it is not asked for."""
Bend = Callable[[], Any]
"""What works out a second derivative."""

POINTS: Final = 6
NEAR: Final = 1e-7
"""The relative error up to which two values count as equal."""
_SEED: Final = 20_200_426


@cache
def points(names: tuple[str, ...]) -> dict[str, Values]:
    """Fixed points, a column of shape (POINTS,) for each name: sizes 0.4 to 1.6, angles within 0.3 of the real axis."""
    rng = np.random.Generator(np.random.Philox(_SEED))
    size, angle = rng.uniform(0.4, 1.6, (len(names), POINTS)), rng.uniform(-0.3, 0.3, (len(names), POINTS))
    return dict(zip(names, size * np.exp(1j * angle), strict=True))


def jet(tree: Tree, at: Mapping[str, Values], along: str) -> Jet:
    """Value, first and second derivative along a variable at points; NaN where there is none.

    `abs` is read only as in `ln(abs(x))`, whose derivative is that of `ln(x)`; elsewhere it gives NaN.

    >>> [part.real.tolist() for part in jet(("^", "x", 3), {"x": np.array([2 + 0j])}, "x")]
    [[8.0], [12.0], [12.0]]
    """
    with np.errstate(all="ignore"):
        parts = np.broadcast_arrays(*_jet(tree, at, along, 0), next(iter(at.values())))
    return parts[0], parts[1], parts[2]


def rate_of_change(tree: Tree, at: Mapping[str, Values], along: str) -> Values:
    """The first derivative alone, in less time.

    >>> rate_of_change(("^", "x", 3), {"x": np.array([2 + 0j])}, "x").real.tolist()
    [12.0]
    """
    with np.errstate(all="ignore"):
        found = _jet(tree, at, along, None)[1]
    return np.broadcast_to(np.asarray(found, np.complex128), next(iter(at.values())).shape)


def _jet(tree: Tree, at: Mapping[str, Values], along: str, bend: int | None) -> Jet:
    """`bend` is the second derivative of whatever has none: 0, or None where none is asked for."""
    if isinstance(tree, int):
        return np.complex128(tree if abs(tree) < 10**300 else np.inf), 0, bend
    if isinstance(tree, str):
        return (at[tree] if tree in at else np.complex128(CONSTANTS[tree])), int(tree == along), bend
    operator = tree[0]
    if operator == "ln" and isinstance(tree[1], tuple) and tree[1][0] == "abs":
        return _jet(("ln", tree[1][1]), at, along, bend)
    first = _jet(tree[1], at, along, bend)
    if operator == "neg":
        return -first[0], -first[1], None if bend is None else -first[2]
    if operator in FUNCTIONS:
        return _through(first, *_function(operator, np.asarray(first[0], np.complex128)))
    second = _jet(tree[2], at, along, bend)
    if operator in "+-":
        sign = 1 if operator == "+" else -1
        bent = None if bend is None else first[2] + sign * second[2]
        return first[0] + sign * second[0], first[1] + sign * second[1], bent
    if operator == "*":
        return _times(first, second)
    if operator == "/":
        return _over(first, second)
    return _raised(first, second)


def _times(first: Jet, second: Jet) -> Jet:
    (a, da, dda), (b, db, ddb) = first, second
    return a * b, da * b + a * db, None if dda is None else dda * b + 2 * da * db + a * ddb


def _over(first: Jet, second: Jet) -> Jet:
    (a, da, dda), (b, db, ddb) = first, second
    quotient = a / b
    change = (da - quotient * db) / b
    return quotient, change, None if dda is None else (dda - 2 * change * db - quotient * ddb) / b


def _raised(base: Jet, exponent: Jet) -> Jet:
    """A constant exponent by the power rule, any other through exp and ln."""
    n = exponent[0]
    if np.ndim(exponent[1]) == 0 and exponent[1] == 0 and np.ndim(exponent[2]) == 0:
        a = np.asarray(base[0], np.complex128)
        whole = np.ndim(n) == 0 and n.imag == 0 and abs(n.real) < 100 and n.real == int(n.real)
        raised = a ** int(n.real) if whole else a**n
        return _through(base, raised, n * raised / a, lambda: n * (n - 1) * raised / a / a)
    log = _through(base, *_function("ln", np.asarray(base[0], np.complex128)))
    inner = _times(exponent, log)
    return _through(inner, *_function("exp", inner[0]))


def _through(inner: Jet, value: Any, change: Any, bend: Bend) -> Jet:
    """The chain rule."""
    bent = None if inner[2] is None else bend() * inner[1] * inner[1] + change * inner[2]
    return value, change * inner[1], bent


def _function(name: str, u: Values) -> tuple[Any, Any, Bend]:
    """A function's value, first and second derivative at u."""
    value: Values = FUNCTIONS[name](u)
    change: Any
    match name:
        case "exp":
            return value, value, lambda: value
        case "ln":
            return value, 1 / u, lambda: -1 / u**2
        case "sqrt":
            return value, 0.5 / value, lambda: -0.25 / (u * value)
        case "sin" | "cos":
            return value, (np.cos(u) if name == "sin" else -np.sin(u)), lambda: -value
        case "sinh" | "cosh":
            return value, (np.cosh(u) if name == "sinh" else np.sinh(u)), lambda: value
        case "tan":
            return value, 1 + value**2, lambda: 2 * value * (1 + value**2)
        case "tanh":
            return value, 1 - value**2, lambda: -2 * value * (1 - value**2)
        case "asin" | "acos":
            change = (1 if name == "asin" else -1) / np.sqrt(1 - u**2)
            return value, change, lambda: change * u / (1 - u**2)
        case "atan":
            change = 1 / (1 + u**2)
            return value, change, lambda: -2 * u * change**2
        case "atanh":
            change = 1 / (1 - u**2)
            return value, change, lambda: 2 * u * change**2
        case "asinh":
            change = 1 / np.sqrt(1 + u**2)
            return value, change, lambda: -u * change / (1 + u**2)
        case "acosh":
            change = 1 / (np.sqrt(u - 1) * np.sqrt(u + 1))
            return value, change, lambda: -u * change / (u**2 - 1)
    nothing = np.full_like(u, np.nan)
    return nothing, nothing, lambda: nothing


def agree(first: npt.ArrayLike, second: npt.ArrayLike) -> bool:
    """Whether two columns of values are finite and equal up to NEAR, noise beside the largest left out."""
    a, b = np.asarray(first), np.asarray(second)
    size = np.abs(b)
    if not (np.isfinite(a).all() and np.isfinite(size).all()):
        return False
    return bool((np.abs(a - b) <= NEAR * size + 1e-11 * size.max()).all())


def is_tame(values: npt.ArrayLike) -> bool:
    """Whether all values are finite and of sizes at which rounding does no harm."""
    size = np.abs(np.asarray(values))
    return bool(np.isfinite(size).all() and (size < 1e6).all() and (size > 1e-6).any())
