"""The circular-shift test: whether two series move together more than they do when one is turned against the other.

Every turn of a stationary series is as likely as the one that was seen, whatever its autocorrelation; the p is exact
over all turns. What was held constant (a trend, the number of posts) is taken out of both sides after each turn
(Freedman and Lane 1983).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Slope:
    """Units of the outcome per unit of the series, with the 95 % interval of all slopes that are not rejected.

    An end is infinite where too few turns exist to reject any slope.
    """

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Turned:
    """A slope per lag, and the p of the strongest of them over all lags; None where a series never varies."""

    slopes: tuple[Slope, ...]
    p: float


def turn(lagged: Series, outcome: Series, held: Series) -> Turned | None:
    """`lagged` (lags × n) against `outcome` (n), with the columns of `held` (n × k) and a constant held.

    n ≥ k + 3. None where a series does not vary beyond what is held.
    """
    n = len(outcome)
    basis = basis_of(held)
    y = outcome - basis @ (basis.T @ outcome)
    around = (np.arange(n)[None, :] - np.arange(n)[:, None]) % n
    slopes, strengths = [], []
    for series in lagged:
        x = series - basis @ (basis.T @ series)
        if not _varies(x, series) or not _varies(y, outcome):
            return None
        turned = x[around]
        turned = turned - (turned @ basis) @ basis.T
        length = np.sqrt((turned**2).sum(axis=1))
        turned *= (length[0] / np.maximum(length, 1e-12 * length[0]))[:, None]
        slopes.append(_slope(turned @ y, turned @ x))
        strengths.append(np.abs(turned @ y) / length[0])
    best = np.max(strengths, axis=0)
    return Turned(tuple(slopes), float(np.mean(best >= best[0] * (1 - 1e-9))))


def _slope(with_outcome: Series, with_itself: Series) -> Slope:
    """By inversion: a slope is rejected where the unturned series explains what it leaves better than 95 % of the turns
    do. Each turn keeps one span of slopes around the estimate, whose ends have a closed form."""
    c, r = with_outcome, with_itself
    n = len(c)
    value = float(c[0] / r[0])
    p = float(np.mean(np.abs(c) >= abs(c[0]) * (1 - 1e-9)))
    apart, together = r[0] - r[1:], r[0] + r[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(c[0] - c[1:]) / apart, (c[0] + c[1:]) / together])
    tiny = 1e-9 * r[0]
    # A turn that is the series itself, or its mirror, keeps every slope.
    same = (apart < tiny) | (together < tiny)
    low = np.where(same, -np.inf, ends.min(axis=0))
    high = np.where(same, np.inf, ends.max(axis=0))
    least = int(ALPHA * n + 1e-9)  # turns that must keep a slope for it to stand
    if least == 0:
        return Slope(value, -np.inf, np.inf, p)
    return Slope(value, float(np.sort(low)[least - 1]), float(np.sort(high)[-least]), p)


def _varies(left: Series, series: Series) -> bool:
    return float(np.abs(left).max()) > 1e-9 * max(1.0, float(np.abs(series).max()))


def basis_of(held: Series) -> Series:
    """Columns of length 1 at right angles that span a constant and `held`."""
    centred = held - held.mean(axis=0)
    size = np.abs(centred).max(axis=0)
    basis: Series = np.linalg.qr(np.column_stack([np.ones(len(held)), centred[:, size > 0] / size[size > 0]]))[0]
    return basis
