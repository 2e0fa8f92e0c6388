"""Each verdict rule on worlds that lie just at its margin: what it then says in one direction is false at most 5 %.

A world at the margin is the worst one: the farther from it, the seldomer the false verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from crosspost.audit import estimate
from crosspost.audit.counting import against, answers, enough, hours, payback
from crosspost.audit.results import Absent, Verdict
from crosspost.audit.verdict import judge

RUNS = 300
MOST = 0.05 + 3 * math.sqrt(0.05 * 0.95 / RUNS)  # and the error of so few runs
World = Callable[[np.random.Generator], Verdict]


def shares(rng: np.random.Generator) -> Verdict:
    return judge(int(rng.binomial(80, 0.10)), 0, 80, 0.10)


def conversion(rng: np.random.Generator) -> Verdict:
    x, y = int(rng.binomial(90, 0.16)), int(rng.binomial(150, 0.20))
    return enough.under(*estimate.score_ratio(x, 90, y, 150), against.CLAIM.margin)


def told(rng: np.random.Generator) -> Verdict:
    """Four channels; six answers in ten are the record, the others are named as often as they are recorded."""
    common = np.array([0.4, 0.3, 0.2, 0.1])
    cells = 0.6 * np.diag(common) + 0.4 * np.outer(common, common)
    counts = rng.multinomial(30, cells.ravel()).reshape(4, 4)
    pairs = {(str(i), str(j)): int(counts[i, j]) for i in range(4) for j in range(4) if counts[i, j]}
    found = answers.kappa(pairs)
    if isinstance(found, Absent):
        return Verdict.NOT_ENOUGH_DATA
    return enough.over(found.low, found.high, answers.CLAIM.margin)


def an_hour(rng: np.random.Generator) -> Verdict:
    x, y = int(rng.poisson(6)), int(rng.poisson(12))
    return enough.under(*estimate.rate_ratio(x, 100.0, y, 200.0), hours.CLAIM.margin)


def paid_back(rng: np.random.Generator) -> Verdict:
    """What comes back in a year is on average what was spent; amounts are log normal."""
    won = int(rng.binomial(200, 0.2))
    amounts = rng.lognormal(11.0, 0.6, won)
    income = [(int(month), round(float(money))) for month, money in zip(rng.integers(1, 13, won), amounts, strict=True)]
    cost = round(200 * 0.2 * math.exp(11.0 + 0.6**2 / 2))
    _, low, high = payback.course(200, income, cost, 24).payback
    if high is not None and high <= payback.CLAIM.margin:
        return Verdict.SUPPORTED
    return Verdict.REFUTED if low is None or low > payback.CLAIM.margin else Verdict.INCONCLUSIVE


@pytest.mark.parametrize("world", [shares, conversion, told, an_hour, paid_back])
def test_a_rule_errs_seldom_at_its_margin(world: World) -> None:
    rng = np.random.default_rng(20_261_128)
    said = [world(rng) for _ in range(RUNS)]
    for verdict in (Verdict.SUPPORTED, Verdict.REFUTED):
        assert said.count(verdict) <= MOST * RUNS, verdict


def test_a_rule_without_an_interval_would_not_pass() -> None:
    """The same worlds, judged by the figure alone."""
    rng = np.random.default_rng(20_261_128)
    found = [rng.binomial(90, 0.16) / 90 / (rng.binomial(150, 0.20) / 150) < 0.8 for _ in range(RUNS)]
    assert sum(found) > MOST * RUNS
