"""How far credit would move with other journeys: multinomial resamples of the journeys that were seen.

Every model here is a sum over paths, or a chain of order 1 whose moves are: so a resample is one row of a product of
matrices, and its chain one of many inverses made at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit import heuristics, shapley
from crosspost.audit.credit.held_out import by_use
from crosspost.audit.credit.paths import Floats, PathCounts
from crosspost.audit.quantiles import middle_of

RESAMPLES = 1_000
MOST = 64  # channels
_AT_ONCE = 4_000_000  # figures of resamples held at once
_ONE_BY_ONE = 4  # journeys of a kind, on average: above, drawing each costs more than drawing their number
_MATRIX = 20_000_000  # figures of the matrix from paths to moves


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Per resample and channel: removal effects of order 1, and credit by model (`removal`, `credit[model]`, each
    (resamples, channels)). In a resample without conversions all of it is zero."""

    removal: Floats
    credit: Mapping[str, Floats]

    @staticmethod
    def interval(figures: Floats) -> tuple[Floats, Floats]:
        """The middle 95 % per channel, linear between order statistics."""
        return middle_of(figures)


def resample(counts: PathCounts, seed: int, resamples: int = RESAMPLES) -> Resampled:
    """`resamples` draws of as many journeys as there are. ValueError above `MOST` channels, or at fractions."""
    if len(counts.channels) > MOST:
        raise ValueError(f"{len(counts.channels)} channels; {MOST} at most are resampled")
    if counts.journeys.dtype != np.int64:
        raise ValueError("parts of journeys cannot be drawn")
    shares = _shares(counts)
    together = np.hstack(list(shares.values()))  # one product a draw, not one a model
    moves = _Moves(counts)
    removal, credit = [], {name: [] for name in (*shares, "markov_1")}  # type: ignore[var-annotated]
    for won, walked in _draws(counts, np.random.default_rng(seed), resamples):
        effects = moves.removal(won, walked)
        removal.append(effects)
        total = effects.sum(axis=1, keepdims=True)
        part = np.divide(effects, total, out=np.zeros_like(effects), where=total > 0)
        credit["markov_1"].append(part * won.sum(axis=1, keepdims=True))
        for name, part in zip(shares, np.hsplit(won @ together, len(shares)), strict=True):
            credit[name].append(part)
    return Resampled(np.concatenate(removal), {name: np.concatenate(parts) for name, parts in credit.items()})


def _draws(counts: PathCounts, rng: np.random.Generator, resamples: int) -> Iterator[tuple[Floats, Floats]]:
    """(conversions, journeys) per resample and path, a few resamples at a time."""
    order = by_use(counts)
    conversions, nulls = counts.conversions[order], counts.nulls[order]
    won_at, lost_at = order[conversions > 0], order[nulls > 0]
    seen = np.concatenate([conversions[conversions > 0], nulls[nulls > 0]])
    at_once = max(1, _AT_ONCE // max(len(seen), 1))
    for begin in range(0, resamples, at_once):
        number = min(at_once, resamples - begin)
        drawn = _drawn(rng, seen, number)
        won, walked = np.zeros((number, len(order))), np.zeros((number, len(order)))
        won[:, won_at] = drawn[:, : len(won_at)]
        walked[:, lost_at] = drawn[:, len(won_at) :]
        yield won, walked + won


def _drawn(rng: np.random.Generator, seen: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """`number` draws of as many as were seen: how often each; (number, len(seen)).

    A few journeys are drawn one by one, many of a kind by kind: the same chances, and the less work of the two.
    """
    total, kinds = int(seen.sum()), len(seen)
    if total > _ONE_BY_ONE * kinds:
        return rng.multinomial(total, seen / total, size=number)
    kind = np.repeat(np.arange(kinds), seen)
    drawn = kind[rng.integers(0, total, (number, total))]
    drawn += np.arange(number)[:, None] * kinds
    return np.bincount(drawn.ravel(), minlength=number * kinds).reshape(number, kinds)


def _shares(counts: PathCounts) -> dict[str, Floats]:
    """Per model that is a sum over paths, what one conversion of a path gives to each channel: (paths, channels)."""
    size, paths = len(counts.channels), len(counts.lengths)
    apart = PathCounts(
        channels=("",) * (size * paths),
        touches=(counts.touches + np.repeat(np.arange(paths) * size, counts.lengths)).astype(np.int32),
        offsets=counts.offsets,
        conversions=np.ones(paths, np.int64),
        value_minor=np.zeros(paths, np.int64),
        nulls=np.zeros(paths, np.int64),
    )
    ones = np.ones(paths)
    found = {**heuristics.heuristics(apart, ones), "shapley_sum": shapley.sum_game(apart, ones)}
    return {name: credit.reshape(paths, size) for name, credit in found.items()}


class _Moves:
    """From journeys per path to the chain's moves, and from many chains to their removal effects."""

    def __init__(self, counts: PathCounts) -> None:
        self.size = len(counts.channels)
        self.first = counts.touches[counts.offsets[:-1]]
        self.last = counts.touches[counts.offsets[1:] - 1]
        inner = np.ones(len(counts.touches), bool)
        inner[counts.offsets[:-1]] = False
        at = np.flatnonzero(inner)
        owner = np.repeat(np.arange(len(counts.lengths)), counts.lengths)[at]
        pair = counts.touches[at - 1].astype(np.int64) * self.size + counts.touches[at]
        apart = pair // self.size != pair % self.size
        self.owner, self.pair = owner[apart], pair[apart]
        self.matrix: Floats | None = None
        if len(counts.lengths) * self.size**2 <= _MATRIX:
            keys = self.owner * self.size**2 + self.pair
            flat = np.bincount(keys, minlength=len(counts.lengths) * self.size**2)
            self.matrix = flat.reshape(len(counts.lengths), -1).astype(np.float64)

    def removal(self, won: Floats, walked: Floats) -> Floats:
        """(resamples, channels) from (resamples, paths) of conversions and journeys."""
        size, number = self.size, len(won)
        between = self._between(walked).reshape(number, size, size)
        begun, ended = _by_channel(walked, self.first, size), _by_channel(walked, self.last, size)
        leaving = between.sum(axis=2) + ended
        leaving[leaving == 0] = 1.0  # a channel that the resample has not
        visits = np.linalg.inv(np.eye(size) - between / leaving[:, :, None])
        ahead = (visits @ (_by_channel(won, self.last, size) / leaving)[:, :, None])[:, :, 0]
        reached = (begun[:, None, :] @ visits)[:, 0, :]
        lost = reached * ahead / np.diagonal(visits, axis1=1, axis2=2)
        total = won.sum(axis=1, keepdims=True)
        effects: Floats = np.divide(lost, total, out=np.zeros_like(lost), where=total > 0)
        return effects

    def _between(self, walked: Floats) -> Floats:
        if self.matrix is not None:
            together: Floats = walked @ self.matrix
            return together
        return np.stack([np.bincount(self.pair, row[self.owner], self.size**2) for row in walked])


def _by_channel(figures: Floats, channel: NDArray[np.signedinteger[Any]], size: int) -> Floats:
    """Columns of one channel added up."""
    belongs = np.zeros((len(channel), size))
    belongs[np.arange(len(channel)), channel] = 1.0
    together: Floats = figures @ belongs
    return together
