from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from crosspost.audit import estimate
from crosspost.audit.results import Absent

calm = settings(deadline=None, max_examples=60)
counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    a, b, c, d = (draw(st.integers(0, 12)) for _ in range(4))
    return a, b, c, d


def number(value: float | Absent) -> float:
    assert not isinstance(value, Absent)
    return value


@pytest.mark.parametrize(
    ("n", "percent"), [(10, 25.9), (20, 13.9), (29, 9.8), (30, 9.5), (59, 4.95), (100, 3.0), (300, 1.0)]
)
def test_upper_limit_at_none_of_n_has_its_closed_form(n: int, percent: float) -> None:
    assert estimate.upper_bound(0, n) == pytest.approx(1 - 0.05 ** (1 / n), abs=1e-12)
    assert 100 * estimate.upper_bound(0, n) == pytest.approx(percent, abs=0.06)
    assert estimate.lower_bound(n, n) == pytest.approx(0.05 ** (1 / n), abs=1e-12)


def test_upper_limit_of_one_and_two_of_thirty() -> None:
    assert 100 * estimate.upper_bound(1, 30) == pytest.approx(14.9, abs=0.05)
    assert 100 * estimate.upper_bound(2, 30) == pytest.approx(19.5, abs=0.05)


@calm
@given(counts)
def test_clopper_pearson_limits_solve_the_binomial_tails(case: tuple[int, int]) -> None:
    x, n = case

    def tail(p: float, values: range) -> float:
        return math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in values)

    low, high = estimate.clopper_pearson(x, n)
    if x == 0:
        assert low == 0
    else:
        assert tail(low, range(x, n + 1)) == pytest.approx(0.025, abs=1e-9)
    if x == n:
        assert high == 1
    else:
        assert tail(high, range(x + 1)) == pytest.approx(0.025, abs=1e-9)


@pytest.mark.parametrize("n", [1, 5, 17, 40])
def test_clopper_pearson_never_covers_less_than_it_says(n: int) -> None:
    intervals = [estimate.clopper_pearson(x, n) for x in range(n + 1)]
    for step in range(1, 200):
        p = step / 200
        covered = math.fsum(
            math.comb(n, x) * p**x * (1 - p) ** (n - x) for x, (low, high) in enumerate(intervals) if low <= p <= high
        )
        assert covered >= 0.95


@calm
@given(counts)
def test_intervals_hold_their_share_and_grow_with_the_count(case: tuple[int, int]) -> None:
    x, n = case
    for method in (estimate.clopper_pearson, estimate.wilson, estimate.jeffreys):
        low, high = method(x, n)
        assert 0 <= low <= x / n <= high <= 1
        if x < n:
            above_low, above_high = method(x + 1, n)
            assert above_low > low
            assert above_high >= high
    mean, low, high = estimate.beta11(x, n)
    assert low < mean < high
    assert mean == (x + 1) / (n + 2)
    assert estimate.upper_bound(x, n) <= estimate.clopper_pearson(x, n)[1]
    assert estimate.lower_bound(x, n) >= estimate.clopper_pearson(x, n)[0]


@calm
@given(counts)
def test_intervals_mirror_when_events_and_the_rest_change_places(case: tuple[int, int]) -> None:
    x, n = case
    for method in (estimate.clopper_pearson, estimate.wilson, estimate.jeffreys):
        low, high = method(x, n)
        assert method(n - x, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_the_difference_of_two_shares_adds_the_squares_of_both_exact_distances() -> None:
    """56/70 less 48/80, from SciPy's exact limits of each, which are 0.6873 to 0.8860 and 0.4844 to 0.7080."""
    a, b = (binomtest(x, n).proportion_ci() for x, n in ((56, 70), (48, 80)))
    low = 0.2 - math.sqrt((0.8 - a.low) ** 2 + (b.high - 0.6) ** 2)
    high = 0.2 + math.sqrt((a.high - 0.8) ** 2 + (0.6 - b.low) ** 2)
    assert estimate.difference(56, 70, 48, 80) == pytest.approx((0.2, low, high), abs=1e-9)
    assert (low, high) == pytest.approx((0.0440, 0.3440), abs=5e-4)
    narrow = estimate.difference(56, 70, 48, 80, 0.90)
    assert low < narrow[1] < narrow[2] < high


@pytest.mark.parametrize(("n", "m"), [(4, 4), (8, 8), (25, 25), (9, 40), (60, 60)])
def test_the_difference_of_two_shares_is_held_as_often_as_it_says(n: int, m: int) -> None:
    """Over all counts of both sides, shares from 2 to 98 %; Newcombe's own interval holds some in 92 % at 8 and 8."""
    limits = np.array([[estimate.difference(x, n, y, m)[1:] for y in range(m + 1)] for x in range(n + 1)])
    shares = [0.02, *np.arange(0.1, 0.95, 0.1), 0.98]
    for p in shares:
        for q in shares:
            chances = np.outer(binom.pmf(range(n + 1), n, p), binom.pmf(range(m + 1), m, q))
            held = (limits[..., 0] <= p - q + 1e-9) & (p - q - 1e-9 <= limits[..., 1])
            assert chances[held].sum() >= 0.95, (p, q)
            normal = 2 * 1.96 * math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
            if min(n * p, n * (1 - p), m * q, m * (1 - q)) >= 5:
                assert (chances * (limits[..., 1] - limits[..., 0])).sum() < 1.15 * normal


def test_jeffreys_ends_are_zero_and_one_at_the_ends_only() -> None:
    assert estimate.jeffreys(0, 29)[0] == 0
    assert estimate.jeffreys(29, 29)[1] == 1
    assert 0 < estimate.jeffreys(1, 29)[0] < estimate.clopper_pearson(1, 29)[1]


def test_posterior_under_a_margin_is_the_closed_form_at_none() -> None:
    assert estimate.probability_under(0, 29, 0.10) == pytest.approx(1 - 0.9**30, abs=1e-12)
    assert estimate.probability_under(29, 29, 0.10) == pytest.approx(0.1**30, rel=1e-9)


@pytest.mark.parametrize("case", [(-1, 3), (4, 3), (0, 0)])
def test_no_share_of_nothing(case: tuple[int, int]) -> None:
    for method in (estimate.clopper_pearson, estimate.wilson, estimate.jeffreys, estimate.beta11):
        with pytest.raises(ValueError, match="is no share"):
            method(*case)


@pytest.mark.parametrize(("margin", "size"), [(0.10, 29), (0.05, 59), (0.01, 299), (0.5, 5), (0.96, 1)])
def test_planned_size(margin: float, size: int) -> None:
    assert estimate.planned_size(margin) == size
    assert estimate.upper_bound(0, size) < margin
    assert size == 1 or estimate.upper_bound(0, size - 1) >= margin


def test_more_needed_is_the_least_that_is_enough() -> None:
    assert estimate.more_needed(0, 12, 0.10) == 17
    assert estimate.more_needed(0, 0, 0.10) == 29
    assert estimate.more_needed(0, 29, 0.10) == 0
    for x, n, margin in ((1, 5, 0.1), (3, 3, 0.05), (2, 40, 0.1), (7, 7, 0.3)):
        more = estimate.more_needed(x, n, margin)
        assert estimate.upper_bound(x, n + more) < margin <= estimate.upper_bound(x, n + more - 1)


@calm
@given(tables())
def test_fisher_counts_the_tables_no_likelier(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    row, column, total = a + b, a + c, a + b + c + d

    def ways(x: int) -> int:
        return math.comb(column, x) * math.comb(total - column, row - x)

    possible = range(max(0, row + column - total), min(row, column) + 1)
    exact = sum(ways(x) for x in possible if ways(x) <= ways(a)) / math.comb(total, row)
    assert estimate.fisher_exact(*cells) == pytest.approx(exact, abs=1e-9)


def test_fisher_refuses_negative_counts() -> None:
    with pytest.raises(ValueError, match="negative"):
        estimate.fisher_exact(1, -1, 2, 3)


def test_risk_ratio_has_no_number_where_it_has_none() -> None:
    assert isinstance(estimate.risk_ratio(0, 10, 3, 10), Absent)
    assert isinstance(estimate.risk_ratio(3, 10, 0, 10), Absent)
    assert isinstance(estimate.risk_ratio(0, 0, 3, 10), Absent)
    found = estimate.risk_ratio(5, 10, 10, 40)
    assert not isinstance(found, Absent)
    assert found.value == 2
    assert found.low * found.high == pytest.approx(4)  # symmetric on the log scale
    assert math.log(found.high / 2) == pytest.approx(1.959963985 * math.sqrt(0.2 - 0.1 + 0.1 - 0.025))


def test_odds_ratio() -> None:
    assert estimate.odds_ratio(1, 2, 3, 12) == 2
    assert isinstance(estimate.odds_ratio(1, 0, 3, 4), Absent)


def test_ranks_share_ties() -> None:
    assert estimate.ranks([5, 1, 5, 3, 5]) == [4, 1, 4, 2, 4]


def test_spearman_without_ties_is_the_textbook_formula() -> None:
    for order in permutations(range(1, 6)):
        squares = sum((i - v) ** 2 for i, v in enumerate(order, 1))
        rho = number(estimate.spearman([1, 2, 3, 4, 5], order))
        assert rho == pytest.approx(1 - 6 * squares / 120)


@calm
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=30))
def test_spearman_is_a_correlation_of_ranks(pairs: list[tuple[int, int]]) -> None:
    left, right = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    rho = estimate.spearman(left, right)
    if isinstance(rho, Absent):
        assert len(set(left)) == 1 or len(set(right)) == 1
        return
    assert -1 - 1e-12 <= rho <= 1 + 1e-12
    assert rho == estimate.spearman(right, left)
    assert number(estimate.spearman([math.exp(a) for a in left], right)) == pytest.approx(rho)
    assert number(estimate.spearman([-a for a in left], right)) == pytest.approx(-rho)


def test_spearman_of_too_little_is_absent() -> None:
    assert isinstance(estimate.spearman([1, 2], [2, 1]), Absent)
    assert isinstance(estimate.spearman([1, 1, 1], [1, 2, 3]), Absent)
    with pytest.raises(ValueError, match="cannot be paired"):
        estimate.spearman([1, 2, 3], [1, 2])


def test_quantiles_interpolate_between_neighbours() -> None:
    assert estimate.quantile([4, 1, 3, 2], 0.5) == 2.5
    assert estimate.quantile([1, 2, 3, 4], 0.25) == 1.75
    assert estimate.quantile([7], 0.75) == 7
    assert isinstance(estimate.quantile([], 0.5), Absent)


def test_poisson_limits() -> None:
    assert list(estimate.poisson_interval(0)) == pytest.approx([0, -math.log(0.025)])
    low, high = estimate.poisson_interval(4)
    assert math.fsum(math.exp(-low) * low**k / math.factorial(k) for k in range(4)) == pytest.approx(0.975)
    assert math.fsum(math.exp(-high) * high**k / math.factorial(k) for k in range(5)) == pytest.approx(0.025)


def test_hours_without_a_client_bound_the_hours_a_client_takes() -> None:
    assert estimate.least_hours_per_event(0, 1446) == pytest.approx(1446 / -math.log(0.05))
    assert estimate.least_hours_per_event(3, 100) < 100 / 3
