"""Shapley values of two games of channels, exactly.

Sum game: v(S) is the conversions of journeys that met no channel outside S. Its value has a closed form: a path's
conversions in equal parts to its distinct channels (Zhao, Mahboobi and Bagheri 2018). Rate game: v(S) is the share of
those journeys that converted, 0 where there are none; it takes all 2^n coalitions, so above `MOST` channels the
smaller ones play as one.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit.paths import Floats, PathCounts, added, distinct, parts

MOST = 20  # players: a million coalitions
OTHER = "other"


def _distinct(counts: PathCounts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(path, channel) of every channel that a path meets, once."""
    size = len(counts.channels)
    paths = np.repeat(np.arange(len(counts.lengths)), counts.lengths)
    met = distinct(paths * size + counts.touches)
    return met // size, met % size


def sum_game(counts: PathCounts, figures: Floats) -> Floats:
    """Credit of each channel; `figures` is one entry per path. The sum is theirs."""
    found = np.zeros(len(counts.channels))
    for rows, part in parts(counts):
        path, channel = _distinct(part)
        share = figures[rows] / np.bincount(path, minlength=len(part.lengths))
        found += added(channel, share[path], len(found))
    return found


def players(counts: PathCounts) -> tuple[list[str], NDArray[np.int64]]:
    """The names that play, and of each channel the place of the one it plays as.

    Above `MOST` channels the 19 met by most journeys play, and the rest as one. Channels that tie at the edge go to
    the rest: which are kept never hangs on a name.
    """
    names = counts.channels
    if len(names) <= MOST:
        return list(names), np.arange(len(names))
    facts = np.zeros((3, len(names)))
    for _, part in parts(counts):
        path, channel = _distinct(part)
        for row, figures in zip(facts, (part.journeys, part.conversions, part.value_minor), strict=True):
            row += added(channel, figures[path], len(names))
    keys = list(zip(*facts.tolist(), strict=True))
    edge = sorted(keys, reverse=True)[MOST - 1]
    kept = [place for place, key in enumerate(keys) if key > edge]
    places = np.full(len(names), len(kept), np.int64)
    places[kept] = np.arange(len(kept))
    shown = [names[place] for place in kept]
    return [*shown, OTHER if OTHER not in shown else f"({OTHER})"], places


def rate_game(counts: PathCounts) -> tuple[list[str], Floats]:
    """The players and their values; the sum is the share of all journeys that converted."""
    names, places = players(counts)
    n = len(names)
    if not n:
        return [], np.zeros(0)
    alone = np.int64(1) << places
    sets = np.empty(len(counts.lengths), np.int64)
    for rows, part in parts(counts):
        sets[rows] = np.bitwise_or.reduceat(alone[part.touches], part.offsets[:-1])
    won = np.bincount(sets, counts.conversions, 1 << n)
    walked = np.bincount(sets, counts.journeys, 1 << n)
    for player in range(n):  # sums over subsets, one player after the other
        for table in (won, walked):
            halves = table.reshape(-1, 2, 1 << player)
            halves[:, 1] += halves[:, 0]
    rate = np.divide(won, walked, out=np.zeros(1 << n), where=walked > 0)
    weight = np.array([factorial(size) * factorial(n - 1 - size) / factorial(n) for size in range(n)])
    sizes = np.bitwise_count(np.arange(1 << n))
    values = np.empty(n)
    for player in range(n):
        without = (slice(None), 0, slice(None))
        halves = rate.reshape(-1, 2, 1 << player)
        gains = halves[:, 1] - halves[:, 0]
        values[player] = float((gains * weight[sizes.reshape(-1, 2, 1 << player)[without]]).sum())
    return names, values
