"""Series: functions of a series, and their slopes, have the Taylor coefficients that mpmath finds by differences."""

import mpmath
import numpy as np
import pytest

from enigmath.generators import series
from enigmath.generators.random_systems import UNARY, draw_trees, gradients, values_at

ORDER = 6


@pytest.mark.parametrize("name", UNARY)
def test_functions_and_their_slopes_have_the_coefficients_of_mpmath(name: str) -> None:
    mpmath.mp.dps = 40
    inner = np.random.default_rng(0).normal(size=(3, ORDER + 1)) * 0.3
    inner[:, 0] = 0.2, 0.5, 0.7
    function = getattr(mpmath, {"ln": "log"}.get(name, name))
    found = series.through(name, inner)
    for row, coefficients in enumerate(inner.tolist()):

        def at(distance: mpmath.mpf, coefficients: list[float] = coefficients) -> mpmath.mpf:
            return mpmath.polyval(coefficients[::-1], distance)

        for part, outer in zip(found, (function, lambda point: mpmath.diff(function, point)), strict=True):
            expected = mpmath.taylor(lambda distance, outer=outer, at=at: outer(at(distance)), 0, ORDER)
            np.testing.assert_allclose(part[row], [float(one) for one in expected], rtol=1e-9, atol=1e-12)


def test_products_quotients_and_roots_undo_each_other() -> None:
    u, v = np.random.default_rng(1).normal(size=(2, 50, ORDER + 1)) * 0.5 + np.eye(1, ORDER + 1) * 2
    np.testing.assert_allclose(series.over(series.times(u, v), v), u, rtol=1e-7, atol=1e-9)
    square = series.root(series.times(u, u)) * np.sign(u[:, :1])
    np.testing.assert_allclose(square, u, rtol=1e-6, atol=1e-8)


def test_the_first_coefficient_is_the_gradient_and_the_series_meets_it_a_little_later() -> None:
    trees = draw_trees(np.random.default_rng(2), np.full(300, 6), 4, 13)
    point = np.array([0.5, 0.5, 0.5, 0.9])
    found, sound = series.gradient_series(trees, point, ORDER)
    now, at_the_point = gradients(trees, point)
    assert sound.sum() > 100
    assert not (sound & ~at_the_point).any()
    np.testing.assert_allclose(found[sound, :, 0], now[sound, :3], rtol=1e-9, atol=1e-12)
    calm = sound & (np.abs(found).max(axis=(1, 2)) < 100)
    later, _ = gradients(trees, np.array([0.5, 0.5, 0.5, 0.901]))
    np.testing.assert_allclose((found * 1e-3 ** np.arange(ORDER + 1)).sum(axis=2)[calm], later[calm, :3], atol=1e-9)
    assert np.isfinite(values_at(trees[calm], point[:, None])).all()


def test_what_is_not_real_is_not_sound() -> None:
    trees = draw_trees(np.random.default_rng(3), np.full(500, 3), 1, 7)
    sound = series.gradient_series(trees, np.array([0.5]), 2)[1]
    assert 0 < sound.sum() < len(sound)
    assert not (sound & ~np.isfinite(values_at(trees, np.array([[0.5]]))[:, 0])).any()
