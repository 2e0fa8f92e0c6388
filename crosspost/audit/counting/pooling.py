"""Rates of several sources, each drawn towards all: a source of few leads borrows from the others.

Every source's rate is Beta distributed around a common mean, and its deals are binomial. Mean and spread are not known:
both are summed over a fixed grid with their posterior weights (uniform in the mean, and in 1 / square root of the
concentration, as in Gelman et al., Bayesian Data Analysis, section 5.3). Mean and variance of a source's rate are exact
on the grid; its interval is that of the Beta distribution with these two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crosspost.audit.special import betaincinv, betaln

_MEANS, _SPREADS = 128, 24


def pooled(counts: Sequence[tuple[int, int]]) -> list[tuple[float, float, float]]:
    """(mean, low, high) of each source's rate from (deals, leads), at 95 %; the order of sources does not matter."""
    if not counts:
        return []
    root = (np.arange(_MEANS) + 0.5) / _MEANS
    mean = (root * root)[:, None]  # finer near zero, where rates are
    spread = (np.arange(_SPREADS) + 0.5) / _SPREADS
    concentration = (1 / spread**2)[None, :]
    a, b = mean * concentration, (1 - mean) * concentration
    likelihood = np.broadcast_to(np.log(root)[:, None], a.shape).copy()
    prior = betaln(a, b)
    for x, n in sorted(counts):
        likelihood += betaln(a + x, b + n - x) - prior
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    return [_summary(weight, a + x, b + n - x) for x, n in counts]


def _summary(weight: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    total = a + b
    centre = a / total
    mean = float((weight * centre).sum())
    variance = float((weight * (centre * (1 - centre) / (total + 1) + (centre - mean) ** 2)).sum())
    size = mean * (1 - mean) / variance - 1
    low, high = betaincinv(mean * size, (1 - mean) * size, [0.025, 0.975])
    return mean, float(low), float(high)
