"""Which order of chain foretells journeys best: the log-likelihood of those held out, by seeded folds.

Each path falls into one of `FOLDS` with all its journeys, and is foretold from the paths of the others: how journeys
were written down as rows changes nothing, and no path is foretold from journeys that went the same way. Every path
counts once, since a few short ones carry most journeys and tell little of what came before a touch.

A touch is foretold from the `order` touches before it, repeats kept and beginnings padded, so that all orders foretell
the same thing; every next step that is possible (a channel, a conversion, nothing) is given one sight more than was
seen. A high order foretells well what it saw often and badly what is new; the best order is where one outweighs the
other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit.paths import Floats, PathCounts, added

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


def folds(counts: PathCounts, seed: int) -> NDArray[np.int64]:
    """The fold of each path, as many paths in each as can be."""
    drawn = np.empty(len(counts.lengths), np.int64)
    drawn[by_use(counts)] = np.random.default_rng(seed).permutation(len(drawn)) % FOLDS
    return drawn


def log_likelihoods(counts: PathCounts, seed: int, orders: Sequence[int] = ORDERS) -> dict[int, float]:
    """Per order the log-likelihood of a journey on a path that was held out, on average over paths. An order whose
    windows are too many to be numbered is left out. Some path must have been walked."""
    fold_of, walked = folds(counts, seed), counts.journeys > 0
    base = _base(counts)
    return {
        order: float(log_likelihood_of_paths(counts, fold_of, order)[walked].mean())
        for order in orders
        if base ** (order + 1) < 1 << 62
    }


def log_likelihood_of_paths(counts: PathCounts, fold_of: NDArray[np.int64], order: int) -> Floats:
    """Of a journey on each path, foretold from those of the other folds; (paths,). Nothing where none walked."""
    base, paths = _base(counts), len(counts.lengths)
    every = np.arange(paths)
    owner = np.concatenate([np.repeat(every, counts.lengths), every, every])
    weights = np.concatenate([np.repeat(counts.journeys, counts.lengths), counts.conversions, counts.nulls])
    distinct, place = np.unique(np.concatenate(_grams(counts, order, base)), return_inverse=True)
    context_of = np.unique(distinct // base, return_inverse=True)[1]
    sights = added(place * FOLDS + fold_of[owner], weights, len(distinct) * FOLDS).reshape(-1, FOLDS).T
    before = np.stack([np.bincount(context_of, row) for row in sights])
    seen, passed = sights.sum(axis=0) - sights, before.sum(axis=0) - before
    chance = (seen + 1) / (passed[:, context_of] + base - 1)
    together = added(owner, weights * np.log(chance[fold_of[owner], place]), paths)
    found: Floats = np.divide(together, counts.journeys, out=np.zeros(paths), where=counts.journeys > 0)
    return found


def _base(counts: PathCounts) -> int:
    return len(counts.channels) + 3  # 0 before the path, then channels, then the two ends


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
