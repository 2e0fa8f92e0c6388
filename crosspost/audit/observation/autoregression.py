"""How far an estimate may be off whose noise is a first-order autoregression of a coefficient that nobody knows.

A short series tells its own autocorrelation badly, and an interval that takes one figure for it is too narrow. So every
coefficient is tried, and each counts as much as the series makes it likely: by the likelihood of what a fit leaves over
(Harville 1974; Tunnicliffe Wilson 1989) times the reference prior, 1 over the root of 1 less its square (Berger and
Yang 1994). Given one, the estimate has Student's distribution; the interval is that of their mixture. See
docs/decisions/0019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
_COEFFICIENTS: Series = np.linspace(-0.99, 0.99, 45)
_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Of an estimate: for each coefficient its `weight` (together 1) and standard error; `free` degrees of freedom."""

    weights: Series
    errors: Series
    free: int

    def half(self, level: float = 0.95) -> float:
        """Half of the interval, which holds the truth in a share `level` of cases.

        What lies beyond falls and flattens as it widens, so Newton's steps from the narrowest never step over it.
        """
        from crosspost.audit.special import betainc, stdtrit

        if not self.errors.any():
            return 0.0
        free, errors = self.free, np.maximum(self.errors, 1e-300)
        peak = math.exp(math.lgamma((free + 1) / 2) - math.lgamma(free / 2)) / math.sqrt(free * math.pi)
        half = float(stdtrit(free, (1 + level) / 2) * self.errors.min())
        for _ in range(_STEPS):
            apart = half / errors
            beyond = float(self.weights @ betainc(free / 2, 0.5, free / (free + apart**2))) - (1 - level)
            fall = 2 * peak * float(self.weights @ ((1 + apart**2 / free) ** (-(free + 1) / 2) / errors))
            half += beyond / fall
            if beyond <= 1e-12 * (1 - level):
                break
        return half


def spread(
    design: Series, place: NDArray[np.int64], seen: Series, error: Series, places: NDArray[np.int64]
) -> Spread:  # fmt: skip
    """Of an estimate that is off by `error @ noise`, the noise being that of `places`.

    `seen` (n) is what was fitted by `design` (n × k, k < n) at the places `place`, whole numbers that rise; `error` is
    over `places`, which may lie elsewhere. No spread where the design leaves nothing over.
    """
    basis = _basis(design)
    n, k = basis.shape
    left = seen - basis @ (basis.T @ seen)
    size = float(np.abs(left).max())
    if size <= 1e-9 * float(np.abs(seen).max()):
        return Spread(np.ones(1), np.zeros(1), n - k)
    weights, variances = _tried(basis, left / size, place)
    of_place = np.bincount(places - places.min(), error)
    together = np.correlate(of_place, of_place, "full")[len(of_place) - 1 :]  # by how far apart two places are
    together[1:] *= 2
    of_error = np.maximum(_COEFFICIENTS[:, None] ** np.arange(len(together)) @ together, 0.0)
    return Spread(weights, size * np.sqrt(variances * of_error), n - k)


def _basis(design: Series) -> Series:
    """Columns at right angles that span the same, those that add nothing left out."""
    scaled = design / np.maximum(np.abs(design).max(axis=0), 1e-300)
    basis, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
    kept: Series = basis[:, sizes > 1e-9 * sizes[0]]
    return kept


def _tried(basis: Series, left: Series, place: NDArray[np.int64]) -> tuple[Series, Series]:
    """(weight, variance of the noise) for each coefficient, the weights adding up to 1."""
    n, k = basis.shape
    kept = _COEFFICIENTS[:, None] ** np.diff(place)  # of one known place in the next
    shock = np.sqrt(1 - kept**2)
    both = np.column_stack([basis, left])
    white = np.empty((len(_COEFFICIENTS), n, k + 1))
    white[:, 0] = both[0]
    white[:, 1:] = (both[1:] - kept[:, :, None] * both[:-1]) / shock[:, :, None]
    products = white.transpose(0, 2, 1) @ white
    own, cross = products[:, :k, :k], products[:, :k, k]
    fitted = np.linalg.solve(own, cross[:, :, None])[:, :, 0]
    squares = np.maximum(products[:, k, k] - (fitted * cross).sum(axis=1), 1e-300)
    before = -np.log(1 - _COEFFICIENTS**2) / 2
    likely = before - np.log(shock).sum(axis=1) - np.linalg.slogdet(own)[1] / 2 - (n - k) / 2 * np.log(squares)
    weights = np.exp(likely - likely.max())
    return weights / weights.sum(), squares / (n - k)
