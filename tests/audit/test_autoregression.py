"""Spreads under autocorrelation that nobody knows: against the definition, and in worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from crosspost.audit.observation import autoregression
from crosspost.audit.observation.autoregression import Series, Spread, spread


def noise(rng: np.random.Generator, worlds: int, length: int, memory: float) -> np.ndarray:
    found = rng.normal(size=(worlds, length))
    for step in range(1, length):
        found[:, step] = memory * found[:, step - 1] + np.sqrt(1 - memory**2) * found[:, step]
    return found


def test_each_coefficient_weighs_what_the_likelihood_of_the_residuals_says() -> None:
    """With whole matrices: what is orthogonal to the design, and its multivariate normal density, σ integrated out."""
    rng = np.random.default_rng(1)
    place = np.array([0, 1, 2, 4, 5, 9, 10, 11, 12, 15])
    n = len(place)
    design = np.column_stack([np.ones(n), place, rng.normal(size=n)])
    seen = rng.normal(size=n) + 3 * place
    error = np.linalg.pinv(design)[2]
    found = spread(design, place, seen, error, place)
    across = np.linalg.svd(design)[0][:, 3:]  # n × (n - k), at right angles to the design
    logs, errors = [], []
    for memory in autoregression._COEFFICIENTS:
        together = memory ** np.abs(place[:, None] - place[None]).astype(int)
        inner = across.T @ together @ across
        squares = float((across.T @ seen) @ np.linalg.solve(inner, across.T @ seen))
        logs.append(-np.log(1 - memory**2) / 2 - np.linalg.slogdet(inner)[1] / 2 - (n - 3) / 2 * np.log(squares))
        errors.append(np.sqrt(squares / (n - 3) * (error @ together @ error)))
    weights = np.exp(np.array(logs) - max(logs))
    assert found.free == n - 3
    assert found.weights == pytest.approx(weights / weights.sum(), rel=1e-7, abs=1e-12)
    assert found.errors == pytest.approx(errors, rel=1e-7)


def test_the_half_width_leaves_just_the_rest_of_the_mixture_outside() -> None:
    one = Spread(np.array([0.2, 0.5, 0.3]), np.array([0.1, 1.0, 40.0]), 7)
    for level in (0.5, 0.95, 0.9875):
        half = one.half(level)
        outside = sum(w * 2 * stats.t.sf(half / e, 7) for w, e in zip(one.weights, one.errors, strict=True))
        assert outside == pytest.approx(1 - level, rel=1e-9)
    single = Spread(np.ones(1), np.array([2.0]), 12)
    assert single.half() == pytest.approx(2 * stats.t.ppf(0.975, 12), rel=1e-12)


def test_where_the_design_leaves_nothing_over_there_is_no_spread() -> None:
    place = np.arange(8)
    design: Series = np.column_stack([np.ones(8), place]).astype(np.float64)
    found = spread(design, place, design @ [5.0, 2.0], np.linalg.pinv(design)[1], place)
    assert found.half() == 0


def test_units_and_columns_that_say_the_same_change_nothing() -> None:
    rng = np.random.default_rng(4)
    place = np.arange(20)
    design: Series = np.column_stack([np.ones(20), place]).astype(np.float64)
    seen = noise(rng, 1, 20, 0.5)[0]
    error = np.linalg.pinv(design)[1]
    one = spread(design, place, seen, error, place).half()
    assert spread(design, place, 1e6 * seen, error, place).half() == pytest.approx(1e6 * one, rel=1e-9)
    twice = np.column_stack([1e5 * design[:, 1], design, design[:, 1] - 3]).astype(np.float64)
    assert spread(twice, place, seen, error, place).half() == pytest.approx(one, rel=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_a_mean_to_come_is_held_where_one_figure_for_the_autocorrelation_fails(memory: float) -> None:
    """30 moments known, the mean of 10 more foretold; 95 % of 400 is 380, give or take 3 standard errors of 4.4.

    The coefficient that the residuals tell, taken for the true one, holds 79 % at 0.8.
    """
    places = np.arange(40)
    error = np.where(places < 30, -1 / 30, 1 / 10)
    ones = np.ones((30, 1))
    held = plain = 0
    for series in noise(np.random.default_rng(5), 400, 40, memory):
        gap = abs(error @ series)
        held += gap <= spread(ones, places[:30], series[:30], error, places).half()
        left = series[:30] - series[:30].mean()
        rho = float(left[1:] @ left[:-1] / (left @ left))
        together = rho ** np.abs(places[:, None] - places[None])
        plain += gap <= 1.96 * left.std(ddof=1) * np.sqrt(error @ together @ error)
    assert held >= 366
    assert held < 400
    assert plain < (360 if memory else 390)
