"""Intervals of ratios, rates and curves, against published figures and against brute force."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from crosspost.audit import estimate
from crosspost.audit.counting.lags import curve, reached
from crosspost.audit.counting.pooling import pooled

calm = settings(deadline=None, max_examples=40)

# Weeks in remission of 21 patients on 6-MP (Freireich 1963), True where it ended: the set most books show.
REMISSION = [
    (6, True), (6, True), (6, True), (7, True), (10, True), (13, True), (16, True), (22, True), (23, True),
    *((week, False) for week in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
]  # fmt: skip
# What Stata prints of it (sts list): week, share left, and its interval on the log-log scale.
LEFT = [
    (6, 0.8571, 0.6197, 0.9516), (7, 0.8067, 0.5631, 0.9228), (10, 0.7529, 0.5032, 0.8894),
    (13, 0.6902, 0.4316, 0.8491), (16, 0.6275, 0.3675, 0.8049), (22, 0.5378, 0.2678, 0.7468),
    (23, 0.4482, 0.1881, 0.6801),
]  # fmt: skip


def test_the_curve_is_that_of_the_books() -> None:
    points = curve((float(week), ended) for week, ended in REMISSION)
    assert [(p.day, p.risk) for p in points] == [(6, 21), (7, 17), (10, 15), (13, 12), (16, 11), (22, 7), (23, 6)]
    for point, (_, left, low, high) in zip(points, LEFT, strict=True):
        assert (1 - point.won, 1 - point.high, 1 - point.low) == pytest.approx((left, low, high), abs=5e-5)
    assert reached(points, 0.5) == (23, 13, None)  # as R's survfit(conf.type = "log-log")


def test_without_censoring_the_curve_is_the_share() -> None:
    points = curve([(1.0, True), (2.0, True), (2.0, True), (5.0, True), (9.0, False)])
    assert [point.won for point in points] == pytest.approx([0.2, 0.6, 0.8])
    whole = curve([(1.0, True), (4.0, True)])
    assert (whole[-1].won, whole[-1].high) == (1.0, 1.0)
    assert whole[-1].low == whole[0].low
    assert reached(whole, 0.5)[0] == 1.0
    assert curve([]) == curve([(3.0, False)]) == []


@calm
@given(st.lists(st.tuples(st.integers(0, 30).map(float), st.booleans()), max_size=40))
def test_the_curve_rises_within_its_interval_in_any_order(spans: list[tuple[float, bool]]) -> None:
    points = curve(spans)
    assert points == curve(reversed(spans))
    assert all(0 <= p.low <= p.won <= p.high <= 1 for p in points)
    assert all(a.won <= b.won and a.day < b.day for a, b in pairwise(points))


def test_the_score_interval_is_koopmans() -> None:
    low, high = estimate.score_ratio(36, 40, 16, 80)  # the example of his paper: 2.94 to 7.15
    assert (low, high) == pytest.approx((2.94, 7.15), abs=0.005)
    assert estimate.score_ratio(0, 30, 5, 30)[0] == 0
    assert estimate.score_ratio(5, 30, 0, 30)[1] == math.inf
    assert estimate.score_ratio(0, 30, 0, 30) == (0, math.inf)


@calm
@given(st.integers(1, 30), st.integers(0, 30), st.integers(1, 30), st.integers(0, 30))
def test_the_score_interval_holds_the_ratio_and_turns_with_it(x: int, more: int, y: int, more_y: int) -> None:
    n, m = x + more, y + more_y
    low, high = estimate.score_ratio(x, n, y, m)
    assert low <= (x / n) / (y / m) * (1 + 1e-9)
    assert (x / n) / (y / m) <= high * (1 + 1e-9)
    other = estimate.score_ratio(y, m, x, n)
    if more or more_y:  # with all won on both sides nothing can be turned: the upper limit lies at the edge
        assert (1 / other[1], 1 / other[0]) == pytest.approx((low, high), rel=1e-6)


def test_the_score_limits_are_where_the_likelihood_under_the_ratio_says() -> None:
    """The most likely rates under the ratio by search over a grid, and the score there."""
    x, n, y, m = 7, 40, 19, 60
    rest = np.linspace(1e-6, 1 - 1e-6, 2_000_001)
    for ratio in estimate.score_ratio(x, n, y, m):
        held = rest[rest * ratio < 1]
        ours = held * ratio
        likelihood = x * np.log(ours) + (n - x) * np.log1p(-ours) + y * np.log(held) + (m - y) * np.log1p(-held)
        best = held[likelihood.argmax()]
        a = best * ratio
        score = (x / n - ratio * y / m) ** 2 / (a * (1 - a) / n + ratio**2 * best * (1 - best) / m)
        assert score == pytest.approx(1.959964**2, rel=1e-4)


def test_mid_p_counts_tables_as_likely_half() -> None:
    # Of the tables with margins 4, 4: 1, 16, 36, 16, 1 of 70.
    assert estimate.fisher_exact(3, 1, 1, 3) == pytest.approx(34 / 70)
    assert estimate.fisher_mid_p(3, 1, 1, 3) == pytest.approx(2 / 70 + 32 / 70 / 2)
    assert estimate.fisher_mid_p(2, 2, 2, 2) == pytest.approx(34 / 70 + 36 / 70 / 2)
    assert estimate.fisher_mid_p(0, 0, 3, 4) == pytest.approx(0.5)


def test_holm_is_that_of_the_definition() -> None:
    assert estimate.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert estimate.holm([0.6, 0.7]) == [1.0, 1.0]
    assert estimate.holm([]) == []


def test_a_ratio_of_rates_solves_the_binomial_tails() -> None:
    x, h, y, k = 3, 120.0, 9, 80.0
    low, high = estimate.rate_ratio(x, h, y, k)

    def tail(ratio: float, values: range) -> float:
        p = ratio * h / (ratio * h + k)
        return math.fsum(math.comb(x + y, i) * p**i * (1 - p) ** (x + y - i) for i in values)

    assert tail(low, range(x, x + y + 1)) == pytest.approx(0.025, abs=1e-9)
    assert tail(high, range(x + 1)) == pytest.approx(0.025, abs=1e-9)
    assert estimate.rate_ratio(0, 5, 0, 5) == (0, math.inf)
    assert estimate.rate_ratio(4, 5, 0, 5)[1] == math.inf
    assert estimate.rate_ratio(0, 5, 4, 5)[0] == 0
    with pytest.raises(ValueError, match="exposure"):
        estimate.rate_ratio(1, 0.0, 1, 5.0)


def test_a_rate_is_the_posterior_of_its_events() -> None:
    mean, low, high = estimate.gamma_rate(4, 50.0)
    assert mean == pytest.approx(4.5 / 50)
    draws = np.random.default_rng(1).gamma(4.5, 1 / 50, 400_000)
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), rel=0.01)
    assert estimate.gamma_rate(0, 50.0)[1] == 0
    assert estimate.least_hours_per_event(0, 1446) == pytest.approx(1446 / -math.log(0.05))
    with pytest.raises(ValueError, match="nothing happens"):
        estimate.gamma_rate(1, 0.0)


COUNTS = [(0, 12), (3, 20), (9, 30), (40, 400), (1, 2)]


def test_pooled_rates_are_those_of_draws_from_the_same_model() -> None:
    """Importance sampling of mean and spread from their prior, then a draw of each rate."""
    rng = np.random.default_rng(2)
    size = 60_000
    mean, spread = rng.uniform(size=size), rng.uniform(size=size)
    a, b = mean / spread**2, (1 - mean) / spread**2
    weight = np.zeros(size)
    for x, n in COUNTS:
        weight += betaln(a + x, b + n - x) - betaln(a, b)
    kept = rng.choice(size, 40_000, p=np.exp(weight - weight.max()) / np.exp(weight - weight.max()).sum())
    for (x, n), (centre, low, high) in zip(COUNTS, pooled(COUNTS), strict=True):
        draws = rng.beta(a[kept] + x, b[kept] + n - x)
        assert centre == pytest.approx(draws.mean(), abs=0.008)
        close = 0.03 if n > 10 else 0.06  # the Beta distribution of the same mean and variance, not the mixture
        assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=close)


def test_pooling_draws_few_leads_further_than_many() -> None:
    found = pooled(COUNTS)
    (zero, *_), (half, *_), (many, *_) = found[0], found[4], found[3]
    assert 0 < zero < 0.12
    assert half < 0.35
    assert many == pytest.approx(0.1, abs=0.01)
    assert pooled(COUNTS[::-1]) == found[::-1]
    assert pooled([]) == []
