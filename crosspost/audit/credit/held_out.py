"""Which order of chain foretells journeys best: the log-likelihood of those held out, by seeded folds.

Each journey falls into one of `FOLDS`; each fold is foretold from the others. A touch is foretold from the `order`
touches before it, repeats kept and beginnings padded, so that all orders foretell the same thing; every next step
that is possible (a channel, a conversion, nothing) is given one sight more than was seen. A high order foretells well
what it saw often and badly what is new; the best order is where one outweighs the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit.paths import PathCounts

FOLDS = 5
ORDERS = (1, 2, 3, 4)


def by_use(counts: PathCounts) -> NDArray[np.int64]:
    """Paths in an order that hangs on how channels were used and on no name, so that lots drawn along it do not
    either."""
    size = len(counts.channels)
    spread = [np.repeat(one, counts.lengths) for one in (counts.journeys, counts.conversions, counts.value_minor)]
    keys = [np.bincount(counts.touches, one, size) for one in spread]
    keys.append(np.bincount(counts.touches[counts.offsets[:-1]], counts.journeys, size))
    rank = np.empty(size, np.int64)
    rank[np.lexsort(keys)] = np.arange(size)
    ranked = rank[counts.touches].tolist()
    ends = counts.offsets.tolist()
    return np.array(sorted(range(len(counts.lengths)), key=lambda path: ranked[ends[path] : ends[path + 1]]), np.int64)


def journeys_in_folds(counts: PathCounts, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Conversions and nulls of each path in each fold: (paths, FOLDS) each. Counts must be whole."""
    rng = np.random.default_rng(seed)
    order = by_use(counts)
    even = np.full(FOLDS, 1 / FOLDS)
    found = []
    for ended in (counts.conversions, counts.nulls):
        drawn = np.empty((len(order), FOLDS), np.int64)
        drawn[order] = rng.multinomial(ended[order], even)
        found.append(drawn)
    return found[0], found[1]


def log_likelihoods(
    counts: PathCounts, folds: tuple[NDArray[Any], NDArray[Any]], orders: Sequence[int] = ORDERS
) -> dict[int, float]:
    """Per order the log-likelihood of a journey that was held out, on average. An order whose windows are too many to
    be numbered is left out."""
    won, lost = (one.astype(np.float64) for one in folds)
    base = len(counts.channels) + 3  # 0 before the path, then channels, then the two ends
    found = {}
    for order in orders:
        if base ** (order + 1) >= 1 << 62:
            break
        inner, grams_won, grams_lost = _grams(counts, order, base)
        owner = np.repeat(np.arange(len(counts.lengths)), counts.lengths)
        keys = np.concatenate([inner, grams_won, grams_lost])
        distinct, place = np.unique(keys, return_inverse=True)
        context_of = np.unique(distinct // base, return_inverse=True)[1]
        weights = np.vstack([(won + lost)[owner], won, lost])
        sights = np.stack([np.bincount(place, column, len(distinct)) for column in weights.T])
        before = np.stack([np.bincount(context_of, row) for row in sights])
        seen, passed = sights.sum(axis=0) - sights, before.sum(axis=0) - before
        chance = (seen + 1) / (passed[:, context_of] + base - 1)
        found[order] = float((sights * np.log(chance)).sum() / (won + lost).sum())
    return found


def _grams(counts: PathCounts, order: int, base: int) -> tuple[NDArray[np.int64], ...]:
    """Of each touch, and of each path's two ends, the window before it and itself, as one number."""
    digits = counts.touches.astype(np.int64) + 1
    place = np.arange(len(digits)) - np.repeat(counts.offsets[:-1], counts.lengths)
    windows = digits.copy()
    for back in range(1, order + 1):
        windows[back:] += np.where(place[back:] >= back, digits[:-back] * base**back, 0)
    tails = (windows[counts.offsets[1:] - 1] % base**order) * base
    return windows, tails + (base - 2), tails + (base - 1)


def best(likelihoods: dict[int, float]) -> int:
    """The order of the highest likelihood, the lower one of two that tie."""
    return max(sorted(likelihoods), key=lambda order: likelihoods[order])
