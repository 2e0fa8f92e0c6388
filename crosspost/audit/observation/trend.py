"""The slope of a monthly series that has gaps, with an interval that knows its autocorrelation.

Theil (1950) and Sen (1968): the median of the slopes of all pairs of months. Blocks of the residuals, resampled,
cover the true slope of a short series in 67–88 % of cases instead of 95 %, for a fitted trend takes from each block
what would tilt it. So a first-order autoregression is taken out, its coefficient corrected for the trend, and the
months' shocks are resampled one by one (a sieve bootstrap: Bühlmann 1997). See docs/decisions/0019.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.section import SEED

MONTHS = 12
_DRAWS = 99
_BURN_IN = 12  # months simulated before the first that counts: 0.9 ** 12 of the start is left
_STRONGEST = 0.9


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` per year, with its 95 % interval, over `months` known months."""

    slope: float
    low: float
    high: float
    months: int


def trend(values: Mapping[int, float]) -> Trend:
    """Of values by the number of their month, `MONTHS` of them at least."""
    from crosspost.audit.special import stdtrit

    months = np.array(sorted(values))
    y = np.array([values[int(month)] for month in months])
    place = months - months[0]
    years = place / 12
    slope = float(_slopes(y[None, :], years)[0])
    left = y - slope * years
    left = left - left.mean()
    n = len(y)
    rho, shocks = _whitened(left, place)
    spread = float(_slopes(_simulated(rho, shocks, int(place[-1]) + 1)[:, place], years).std(ddof=1))
    half = float(stdtrit(n - 3, 0.975)) * spread
    return Trend(slope, slope - half, slope + half, n)


def _slopes(series: NDArray[Any], years: NDArray[np.float64]) -> NDArray[Any]:
    left, right = np.triu_indices(len(years), 1)
    apart = (years[right] - years[left]).astype(series.dtype)
    slopes = (series[:, right] - series[:, left]) / apart
    low, high = (slopes.shape[1] - 1) // 2, slopes.shape[1] // 2
    slopes.partition((low, high), axis=1)  # half the time of numpy.median
    found: NDArray[Any] = (slopes[:, low] + slopes[:, high]) / 2
    return found


def _whitened(left: NDArray[np.float64], place: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
    """The autoregression's coefficient, 0–0.9, and the shocks between months that follow one another."""
    n = len(left)
    total = float(left @ left)
    if total < 1e-18:
        return 0.0, np.zeros(n)
    follows = np.diff(place) == 1
    now, before = left[1:][follows], left[:-1][follows]
    rho = float(now @ before) / total * (n / max(1, int(follows.sum())))
    rho = min(_STRONGEST, max(0.0, rho + (2 + 4 * rho) / n))
    shocks = now - rho * before if follows.any() else left
    shocks = shocks - shocks.mean()
    return rho, shocks * np.sqrt(n / (n - 3))


def _simulated(rho: float, shocks: NDArray[np.float64], length: int) -> NDArray[np.float32]:
    """Draws × length months of the autoregression, driven by the shocks."""
    drawn = np.random.default_rng(SEED).choice(shocks, (length + _BURN_IN, _DRAWS))
    months = np.empty_like(drawn)
    months[0] = drawn[0]
    for step in range(1, len(drawn)):
        months[step] = rho * months[step - 1] + drawn[step]
    return months[_BURN_IN:].T.astype(np.float32)  # the spread of a hundred draws needs no more digits
