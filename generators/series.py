"""Taylor series of systems of equations along time: values and gradients as truncated power series, a batch at a time.

A series of order k is an array whose last axis holds its k + 1 coefficients: c[0] + c[1]*h + c[2]*h^2 + ..., where h is
the distance from the time at which it is taken. Products are convolutions; a function f of a series u follows from its
slope, since d/dh f(u) = f'(u) du/dh gives one coefficient of f(u) from those before it. Source: Griewank and Walther,
"Evaluating derivatives", 2008, chapter 13. All values are real: what has none is NaN.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from enigmath.generators.random_systems import BINARY, LARGEST, OPERATORS, VARIABLE, Tokens, leaves, steps

Series = npt.NDArray[np.float64]
"""Shape (..., order + 1)."""


def times(u: Series, v: Series) -> Series:
    """The product of two series, as long as the shorter; the other axes are broadcast.

    >>> times(np.array([1.0, 1.0, 0.0]), np.array([1.0, -1.0, 0.0])).tolist()
    [1.0, 0.0, -1.0]
    """
    length = min(u.shape[-1], v.shape[-1])
    return np.stack([(u[..., : k + 1] * v[..., k::-1]).sum(axis=-1) for k in range(length)], axis=-1)


def over(u: Series, v: Series) -> Series:
    """The quotient of two series.

    >>> over(np.array([1.0, 0.0, 0.0]), np.array([1.0, -1.0, 0.0])).tolist()
    [1.0, 1.0, 1.0]
    """
    quotient = np.zeros_like(u + v)
    for k in range(quotient.shape[-1]):
        known = (quotient[..., :k] * v[..., k:0:-1]).sum(axis=-1)
        quotient[..., k] = (u[..., k] - known) / v[..., 0]
    return quotient


def root(u: Series) -> Series:
    """The square root of a series.

    >>> root(np.array([1.0, 2.0, 1.0])).tolist()
    [1.0, 1.0, 0.0]
    """
    found = np.zeros_like(u)
    found[..., 0] = np.sqrt(u[..., 0])
    for k in range(1, u.shape[-1]):
        known = (found[..., 1:k] * found[..., k - 1 : 0 : -1]).sum(axis=-1)
        found[..., k] = (u[..., k] - known) / (2 * found[..., 0])
    return found


def derivative(u: Series) -> Series:
    """The derivative along h, one order lower.

    >>> derivative(np.array([5.0, 1.0, 3.0])).tolist()
    [1.0, 6.0]
    """
    return np.asarray(u[..., 1:] * np.arange(1, u.shape[-1]))


def _followed(u: Series, first: Series, slope: Callable[[Series], Series]) -> Series:
    """f(u) from its first coefficient and from its slope, which may need the coefficients of f(u) found so far."""
    found = np.zeros_like(u)
    found[..., 0] = first
    change = derivative(u)
    for k in range(1, u.shape[-1]):
        found[..., k] = (change[..., :k] * slope(found[..., :k])[..., ::-1]).sum(axis=-1) / k
    return found


def _sine(u: Series) -> tuple[Series, Series]:
    sine, cosine, change = np.zeros_like(u), np.zeros_like(u), derivative(u)
    sine[..., 0], cosine[..., 0] = np.sin(u[..., 0]), np.cos(u[..., 0])
    for k in range(1, u.shape[-1]):
        sine[..., k] = (change[..., :k] * cosine[..., k - 1 :: -1]).sum(axis=-1) / k
        cosine[..., k] = -(change[..., :k] * sine[..., k - 1 :: -1]).sum(axis=-1) / k
    return sine, cosine


def _one_and(u: Series) -> Series:
    return np.asarray(u + np.eye(1, u.shape[-1])[0])


def through(name: str, u: Series) -> tuple[Series, Series]:
    """A function of a series and its slope there, both as series."""
    if name in ("sin", "cos"):
        sine, cosine = _sine(u)
        return (sine, cosine) if name == "sin" else (cosine, -sine)
    if name == "exp":
        value = _followed(u, np.exp(u[..., 0]), lambda found: found)
        return value, value
    if name == "tan":
        value = _followed(u, np.tan(u[..., 0]), lambda found: _one_and(times(found, found)))
        return value, _one_and(times(value, value))
    one = np.broadcast_to(np.eye(1, u.shape[-1])[0], u.shape)
    if name == "sqrt":
        value = root(u)
        return value, over(0.5 * one, value)
    if name == "ln":
        slope = over(one, u)
    elif name == "atan":
        slope = over(one, _one_and(times(u, u)))
    else:
        slope = over(one if name == "asin" else -one, root(times(_one_and(-u), _one_and(u))))
    first = {"ln": np.log, "atan": np.arctan, "asin": np.arcsin, "acos": np.arccos}[name](u[..., 0])
    return _followed(u, first, lambda found: slope[..., : found.shape[-1]]), slope


def gradient_series(tokens: Tokens, point: Series, order: int) -> tuple[Series, npt.NDArray[np.bool_]]:
    """The gradients of n trees along time, shape (n, variables - 1, order + 1), and which are sound, shape (n,).

    The last variable is the time: gradients are with respect to the others, which stay at `point`, shape
    (variables,), and each is a series around the point's time. Not sound: a coefficient anywhere in the tree is
    infinite, undefined or beyond LARGEST.
    """
    held = len(point) - 1
    values = np.zeros((tokens.size, order + 1))
    values[:, :1] = leaves(tokens, point[:, None])
    slopes = np.zeros((tokens.size, held, order + 1))
    flat = tokens.ravel()
    values[flat == VARIABLE + held, 1:2] = 1
    places = np.flatnonzero((flat >= VARIABLE) & (flat < VARIABLE + held))
    slopes[places, flat[places] - VARIABLE, 0] = 1
    sound = np.ones(tokens.size, bool)
    with np.errstate(all="ignore"):
        for operator, nodes, first, second in steps(tokens):
            u, du = values[first], slopes[first]
            if operator >= len(BINARY):
                value, slope = through(OPERATORS[operator], u)
                change = times(slope[:, None], du)
            else:
                value, change = _joined(BINARY[operator], u, values[second], du, slopes[second])
            values[nodes], slopes[nodes] = value, change
            sound[nodes] = (np.abs(value) <= LARGEST).all(axis=1) & (np.abs(change) <= LARGEST).all(axis=(1, 2))
    top = np.arange(len(tokens)) * tokens.shape[1]
    return slopes[top], np.asarray(sound.reshape(tokens.shape).all(axis=1))


def _joined(name: str, u: Series, v: Series, du: Series, dv: Series) -> tuple[Series, Series]:
    if name == "+":
        return u + v, du + dv
    if name == "-":
        return u - v, du - dv
    if name == "*":
        return times(u, v), times(u[:, None], dv) + times(v[:, None], du)
    quotient = over(u, v)
    return quotient, over(du - times(quotient[:, None], dv), v[:, None])
