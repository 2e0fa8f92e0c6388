"""Shares, ratios and ranks with their intervals. SciPy is imported on first use: it costs 0.2 s.

Sources: Clopper and Pearson (1934); Wilson (1927); Brown, Cai, DasGupta (2001) for the Jeffreys interval with
its ends put to 0 at x = 0 and 1 at x = n; Katz et al. (1978) for the risk ratio and Koopman (1984) for its score
interval; Fisher (1935), two-sided by the probabilities no larger than the observed one; Lancaster (1961) for the
mid-p; Holm (1979); Garwood (1936) for a Poisson mean, Przyborowski and Wilenski (1940) for a ratio of two;
Newcombe (1998, method 10) and Zou and Donner (2008) for the difference of two shares out of an interval of each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

from crosspost.audit.results import Absent, Estimate
from crosspost.domain.message import say

LEVEL = 0.95


def _beta_quantile(a: float, b: float, probability: float) -> float:
    from crosspost.audit.special import betaincinv

    return float(betaincinv(a, b, probability))


def _check(x: int, n: int) -> None:
    if not 0 <= x <= n or n == 0:
        raise ValueError(f"{x} of {n} is no share")


def lower_bound(x: int, n: int, level: float = LEVEL) -> float:
    """Exact one-sided lower limit of x of n (Clopper-Pearson)."""
    _check(x, n)
    return 0.0 if x == 0 else _beta_quantile(x, n - x + 1, 1 - level)


def upper_bound(x: int, n: int, level: float = LEVEL) -> float:
    """Exact one-sided upper limit of x of n (Clopper-Pearson); 1 - (1 - level) ** (1 / n) at x = 0."""
    _check(x, n)
    return 1.0 if x == n else _beta_quantile(x + 1, n - x, level)


def clopper_pearson(x: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Exact two-sided interval of x of n: its coverage is never under `level`."""
    one_sided = 1 - (1 - level) / 2
    return lower_bound(x, n, one_sided), upper_bound(x, n, one_sided)


def wilson(x: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Score interval of x of n, without continuity correction."""
    _check(x, n)
    z = NormalDist().inv_cdf(1 - (1 - level) / 2)
    rate, scale = x / n, 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return (0.0 if x == 0 else centre - half), (1.0 if x == n else centre + half)


def jeffreys(x: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Equal-tailed interval of Beta(x + 1/2, n - x + 1/2), from 0 at x = 0 and to 1 at x = n."""
    _check(x, n)
    tail = (1 - level) / 2
    low = 0.0 if x == 0 else _beta_quantile(x + 0.5, n - x + 0.5, tail)
    high = 1.0 if x == n else _beta_quantile(x + 0.5, n - x + 0.5, 1 - tail)
    return low, high


def beta11(x: int, n: int, level: float = LEVEL) -> tuple[float, float, float]:
    """Mean and equal-tailed interval of the posterior under a uniform prior, Beta(x + 1, n - x + 1)."""
    _check(x, n)
    tail = (1 - level) / 2
    a, b = x + 1, n - x + 1
    return a / (a + b), _beta_quantile(a, b, tail), _beta_quantile(a, b, 1 - tail)


def probability_under(x: int, n: int, margin: float) -> float:
    """Posterior probability, under a uniform prior, that the share is under `margin`."""
    from crosspost.audit.special import betainc

    _check(x, n)
    return float(betainc(x + 1, n - x + 1, margin))


def share(x: int, n: int) -> Estimate:
    """x of n with its exact 95 % interval."""
    low, high = clopper_pearson(x, n)
    return Estimate(x / n, low, high, LEVEL, n, x, n, "Clopper-Pearson, exact, two-sided", "share")


def planned_size(margin: float, level: float = LEVEL) -> int:
    """The smallest n at which 0 of n puts the one-sided upper limit under `margin`: 29 at 10 %, 59 at 5 %."""
    n = max(1, math.floor(math.log(1 - level) / math.log1p(-margin)) - 1)
    while 1 - (1 - level) ** (1 / n) >= margin:
        n += 1
    return n


def more_needed(x: int, n: int, margin: float) -> int:
    """How many more rows, none of them in x, put the one-sided upper limit of x of n under `margin`."""

    def enough(more: int) -> bool:
        return n + more > 0 and upper_bound(x, n + more) < margin

    high = max(1, planned_size(margin) - n)
    while not enough(high):
        high *= 2
    low = -1  # the answer lies in (low, high]
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def risk_ratio(x: int, n: int, y: int, m: int) -> Estimate | Absent:
    """Rate x/n over rate y/m with its log-normal interval; absent when a rate has no events to compare."""
    if n == 0 or m == 0:
        return Absent(say("one side has no rows"))
    if x == 0 or y == 0:
        return Absent(say("one side has no events: a ratio's interval would be unbounded"))
    ratio = (x / n) / (y / m)
    spread = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2) * math.sqrt(1 / x - 1 / n + 1 / y - 1 / m)
    low, high = ratio * math.exp(-spread), ratio * math.exp(spread)
    return Estimate(ratio, low, high, LEVEL, n + m, x / n, y / m, "log normal", "ratio")


def difference(x: int, n: int, y: int, m: int, level: float = LEVEL) -> tuple[float, float, float]:
    """x/n less y/m, and its two-sided interval: the exact limits of both shares, their distances added as squares.

    Exact limits in place of Newcombe's score limits, which hold a difference of few in 92 to 94 % (decision 22).
    """
    a, b = x / n, y / m
    a_low, a_high = clopper_pearson(x, n, level)
    b_low, b_high = clopper_pearson(y, m, level)
    return a - b, a - b - math.hypot(a - a_low, b_high - b), a - b + math.hypot(a_high - a, b - b_low)


def odds_ratio(a: int, b: int, c: int, d: int) -> float | Absent:
    """Sample odds ratio of [[a, b], [c, d]]."""
    if b * c == 0:
        return Absent(say("a cell of the table is zero: the odds ratio is unbounded or undefined"))
    return a * d / (b * c)


def score_ratio(x: int, n: int, y: int, m: int, level: float = LEVEL) -> tuple[float, float]:
    """Score interval of the rate x/n over the rate y/m (Koopman): from 0 at x = 0, to infinity at y = 0."""
    _check(x, n)
    _check(y, m)
    z = NormalDist().inv_cdf(1 - (1 - level) / 2)

    def distance(log_ratio: float) -> float:
        """How far the rates are from this ratio, in standard errors where it is true; falls as the ratio grows."""
        ratio = math.exp(log_ratio)
        b = n * ratio + x + m + y * ratio
        root = math.sqrt(max(0.0, b * b - 4 * (n + m) * ratio * (x + y)))
        rest = 2 * (x + y) / (b + root)
        ours = min(1.0, ratio * rest)
        variance = ours * (1 - ours) / n + ratio * ratio * rest * (1 - rest) / m
        gap = x / n - ratio * y / m
        return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)

    def solve(target: float) -> float:
        low, high = -30.0, 30.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if distance(middle) > target else (low, middle)
        return math.exp((low + high) / 2)

    if x + y == 0:
        return 0.0, math.inf
    return (0.0 if x == 0 else solve(z)), (math.inf if y == 0 else solve(-z))


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """Two-sided p of [[a, b], [c, d]]: all tables of the same margins that are no likelier than this one."""
    less, equal = _tables(a, b, c, d)
    return min(1.0, less + equal)


def fisher_mid_p(a: int, b: int, c: int, d: int) -> float:
    """As `fisher_exact`, tables as likely as this one counted half: it errs about as often as its level says."""
    less, equal = _tables(a, b, c, d)
    return min(1.0, less + equal / 2)


def _tables(a: int, b: int, c: int, d: int) -> tuple[float, float]:
    """Probability, given the margins of [[a, b], [c, d]], of less likely tables, and of those as likely as it."""
    if min(a, b, c, d) < 0:
        raise ValueError("counts cannot be negative")
    import numpy as np

    from crosspost.audit.special import gammaln

    row, column, total = a + b, a + c, a + b + c + d
    x = np.arange(max(0, row + column - total), min(row, column) + 1)

    def log_choose(n: int, k: Any) -> Any:
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    logs = log_choose(column, x) + log_choose(total - column, row - x) - log_choose(total, row)
    seen = logs[a - x[0]]
    equal = np.abs(logs - seen) <= 1e-7  # as likely, whatever the rounding
    return math.fsum(np.exp(logs[(logs < seen) & ~equal])), math.fsum(np.exp(logs[equal]))


def holm(values: Sequence[float]) -> list[float]:
    """Adjusted p-values: each under 0.05 with at most 5 % risk of any false one among them."""
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = highest
    return adjusted


def ranks(values: Sequence[float]) -> list[float]:
    """1-based ranks; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for position in range(start, end + 1):
            result[order[position]] = (start + end) / 2 + 1
        start = end + 1
    return result


def spearman(left: Sequence[float], right: Sequence[float]) -> float | Absent:
    """Rank correlation of paired values, ties sharing their mean rank."""
    if len(left) != len(right):
        raise ValueError(f"{len(left)} values cannot be paired with {len(right)}")
    if len(left) < 3:
        return Absent(say("{n} pairs are too few for ranks: 3 at least", n=len(left)))
    middle = (len(left) + 1) / 2
    a = [rank - middle for rank in ranks(left)]
    b = [rank - middle for rank in ranks(right)]
    square_a, square_b = math.fsum(v * v for v in a), math.fsum(v * v for v in b)
    if square_a == 0 or square_b == 0:
        return Absent(say("one of the two never varies"))
    return math.fsum(u * v for u, v in zip(a, b, strict=True)) / math.sqrt(square_a * square_b)


def quantile(values: Sequence[float], probability: float) -> float | Absent:
    """Linear interpolation between order statistics (type 7)."""
    if not values:
        return Absent(say("no values"))
    ordered = sorted(values)
    place = probability * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def poisson_interval(events: int, level: float = LEVEL) -> tuple[float, float]:
    """Exact two-sided interval of a Poisson mean (Garwood 1936)."""
    from crosspost.audit.special import gammaincinv

    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(gammaincinv(events, tail))
    return low, float(gammaincinv(events + 1, 1 - tail))


def poisson_upper_bound(events: int, level: float = LEVEL) -> float:
    """Exact one-sided upper limit of a Poisson mean: 2.996 at none, the rule of three."""
    from crosspost.audit.special import gammaincinv

    return float(gammaincinv(events + 1, level))


def least_hours_per_event(events: int, hours: float) -> float:
    """One-sided 95 % lower limit of hours per event, events being Poisson: hours / 2.996 at none."""
    return hours / poisson_upper_bound(events)


def gamma_rate(events: int, exposure: float, level: float = LEVEL) -> tuple[float, float, float]:
    """Mean and equal-tailed interval of events per unit of exposure under Jeffreys' prior, Gamma(events + 1/2)."""
    from crosspost.audit.special import gammaincinv

    if not exposure > 0:
        raise ValueError(f"nothing happens in {exposure}")
    tail = (1 - level) / 2
    shape = events + 0.5
    low, high = (float(gammaincinv(shape, probability)) / exposure for probability in (tail, 1 - tail))
    return shape / exposure, (0.0 if events == 0 else low), high


def rate_ratio(x: int, exposure_x: float, y: int, exposure_y: float, level: float = LEVEL) -> tuple[float, float]:
    """Exact interval of the rate x/exposure_x over y/exposure_y, both Poisson: x of x + y is binomial.

    From 0 at x = 0, to infinity at y = 0.
    """
    if not (exposure_x > 0 and exposure_y > 0):
        raise ValueError("a rate needs an exposure")
    if x + y == 0:
        return 0.0, math.inf
    low, high = clopper_pearson(x, x + y, level)
    scale = exposure_y / exposure_x
    return low / (1 - low) * scale if low < 1 else math.inf, high / (1 - high) * scale if high < 1 else math.inf
