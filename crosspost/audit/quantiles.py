"""The middle of what was drawn. `np.quantile` says the same, and first loads all there is for masked arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def middle_of(figures: Floats) -> tuple[Floats, Floats]:
    """The ends of the middle 95 % along the first axis, linear between order statistics."""
    ordered = np.sort(figures, axis=0)
    return _quantile(ordered, 0.025), _quantile(ordered, 0.975)


def quantile(figures: Floats, share: float) -> Floats:
    """What so large a share is below, along the first axis."""
    return _quantile(np.sort(figures, axis=0), share)


def _quantile(ordered: Floats, share: float) -> Floats:
    part, before = math.modf((len(ordered) - 1) * share)
    low, high = ordered[int(before)], ordered[min(int(before) + 1, len(ordered) - 1)]
    # From the nearer of the two, as NumPy does: to the last digit.
    found: Floats = low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
    return found
