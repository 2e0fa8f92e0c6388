"""Path counts: all that credit is computed from. Equal paths are one row, whoever walked them.

A path is the channels of a journey in order, repeats kept. The same statistic comes from a file, a ledger, or a
counter for large ledgers; nothing after it sees a journey.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = tuple[Sequence[str], int | Decimal, int | Decimal, int | Decimal]  # path, conversions, value, nulls
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PathCounts:
    """Distinct paths of at least one touch, and how their journeys ended.

    `channels` are sorted by name; `touches` holds the places of channels in it, path after path: path i is
    `touches[offsets[i]:offsets[i + 1]]`. `conversions`, `nulls` (journeys without one) and `value_minor` (of the
    conversions; minor units, or a file's own unit) have one entry per path: int64, or float64 where a file has
    fractions. Paths are in the order of their channels' places, so equal counts are equal bytes.
    """

    channels: tuple[str, ...]
    touches: NDArray[np.int32]
    offsets: NDArray[np.int64]
    conversions: NDArray[Any]
    value_minor: NDArray[Any]
    nulls: NDArray[Any]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    @property
    def journeys(self) -> NDArray[Any]:
        """How often each path was walked."""
        return self.conversions + self.nulls

    def converted(self) -> float:
        return float(self.conversions.sum())

    def value(self) -> float:
        return float(self.value_minor.sum())

    def walked(self) -> float:
        """All journeys."""
        return float(self.conversions.sum() + self.nulls.sum())


def count(rows: Iterable[Row]) -> PathCounts:
    """The counts of rows in any order; rows of one path add up. Sums are exact. ValueError at a path without touches."""
    totals: defaultdict[tuple[str, ...], list[int | Decimal]] = defaultdict(lambda: [0, 0, 0])
    for path, *figures in rows:
        if not path:
            raise ValueError("a path needs a touch")
        kept = totals[tuple(path)]
        for place, figure in enumerate(figures):
            kept[place] += figure
    channels = tuple(sorted({name for path in totals for name in path}))
    place_of = {name: place for place, name in enumerate(channels)}
    coded = sorted((tuple(place_of[name] for name in path), figures) for path, figures in totals.items())
    lengths = [len(path) for path, _ in coded]
    return PathCounts(
        channels=channels,
        touches=np.fromiter((one for path, _ in coded for one in path), np.int32, sum(lengths)),
        offsets=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        conversions=_column([figures[0] for _, figures in coded]),
        value_minor=_column([figures[1] for _, figures in coded]),
        nulls=_column([figures[2] for _, figures in coded]),
    )


def _column(figures: Sequence[int | Decimal]) -> NDArray[Any]:
    """int64 where all are whole, else float64."""
    if all(figure == int(figure) for figure in figures):
        return np.array([int(figure) for figure in figures], np.int64)
    return np.array([float(figure) for figure in figures], np.float64)
