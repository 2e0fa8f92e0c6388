"""Path counts: all that credit is computed from. Equal paths are one row, whoever walked them.

A path is the channels of a journey in order, repeats kept. The same statistic comes from a file, a ledger, or a
counter for large ledgers; nothing after it sees a journey.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Row = tuple[Sequence[str], int | Decimal, int | Decimal, int | Decimal]  # path, conversions, value, nulls
Floats = NDArray[np.float64]
_PART = 100_000  # touches looked at in one pass: what stays near to a core
_AT_ONCE = 50_000  # paths put into order at once: places of all touches would take eight bytes each


@dataclass(frozen=True, slots=True, eq=False)
class PathCounts:
    """Distinct paths of at least one touch, and how their journeys ended.

    `channels` are sorted by name; `touches` holds the places of channels in it, path after path: path i is
    `touches[offsets[i]:offsets[i + 1]]`. `conversions`, `nulls` (journeys without one) and `value_minor` (of the
    conversions; minor units, or a file's own unit) have one entry per path: int64, or float64 where a file has
    fractions. Paths are in the order of their channels' places, so equal counts are equal bytes. Only what is still to
    be brought `in_order` has a path more than once, and counts in 32 bits.
    """

    channels: tuple[str, ...]
    touches: NDArray[np.signedinteger[Any]]
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
        together: NDArray[Any] = self.conversions + self.nulls
        return together

    def converted(self) -> float:
        return float(self.conversions.sum())

    def value(self) -> float:
        return float(self.value_minor.sum())

    def walked(self) -> float:
        """All journeys."""
        return float(self.conversions.sum() + self.nulls.sum())


@dataclass(frozen=True, slots=True, eq=False)
class CountedFile:
    """Counts of a file. `unvalued` are converting rows without a value, where it has values; `has_value` and
    `has_nulls` tell whether it has the columns."""

    counts: PathCounts
    has_value: bool
    has_nulls: bool
    unvalued: int


def count(rows: Iterable[Row]) -> PathCounts:
    """The counts of rows in any order; rows of one path add up, exactly. ValueError at a path without touches."""
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


def parts(counts: PathCounts) -> Iterator[tuple[slice, PathCounts]]:
    """The same, a few paths at a time, and which."""
    first = 0
    while first < len(counts.offsets) - 1:
        past = int(np.searchsorted(counts.offsets, counts.offsets[first] + _PART, "right")) - 1
        rows = slice(first, max(past, first + 1))
        offsets = counts.offsets[rows.start : rows.stop + 1]
        yield rows, PathCounts(
            counts.channels, counts.touches[offsets[0] : offsets[-1]], offsets - offsets[0],
            counts.conversions[rows], counts.value_minor[rows], counts.nulls[rows],
        )  # fmt: skip
        first = rows.stop


def added(places: NDArray[Any], figures: NDArray[Any], size: int) -> Floats:
    """Figures added up by place: (size,)."""
    return np.bincount(places, figures, size).astype(np.float64, copy=False)


def distinct(keys: NDArray[Any]) -> NDArray[Any]:
    """Each key once, in order. `np.unique` says the same, and first loads all there is for masked arrays."""
    keys = np.sort(keys)
    return keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys


def _first_words(counts: PathCounts, bits: int, at_once: int) -> NDArray[np.int64]:
    """Of each path its first `at_once` touches as one number, the first touch highest."""
    words = np.empty(len(counts.offsets) - 1, np.int64)
    for first in range(0, len(words), _AT_ONCE):
        offsets = counts.offsets[first : first + _AT_ONCE + 1]
        heads, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
        digits = counts.touches[offsets[0] : offsets[-1]].astype(np.int64) + 1
        left = at_once - 1 - (np.arange(len(digits)) - np.repeat(heads, lengths))
        digits <<= bits * np.maximum(left, 0)
        digits[left < 0] = 0
        words[first : first + _AT_ONCE] = np.bitwise_or.reduceat(digits, heads)
    return words


def picked(counts: PathCounts, rows: NDArray[np.int64], kind: DTypeLike) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Touches, as that kind of number, and offsets of these rows, in their order."""
    lengths, begins = counts.lengths[rows], counts.offsets[:-1][rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    touches = np.empty(offsets[-1], kind)
    for first in range(0, len(rows), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        begin, past = offsets[first], offsets[min(first + _AT_ONCE, len(rows))]
        from_there = np.repeat(begins[part] - offsets[:-1][part], lengths[part])
        touches[begin:past] = counts.touches[from_there + np.arange(begin, past)]
    return touches, offsets


def _groups(differ: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Of each of one more rows than `differ` has entries, the place of the first that does not differ from it."""
    starts = np.flatnonzero(np.concatenate([[True], differ]))
    return np.repeat(starts, np.diff(starts, append=len(differ) + 1))


def _repeated(group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether another row is in the same group."""
    same = group[1:] == group[:-1]
    beside: NDArray[np.bool_] = np.concatenate([same, [False]]) | np.concatenate([[False], same])
    return beside


def in_order(counts: PathCounts) -> PathCounts:
    """The same with paths in the order of their channels' places, and rows of one path added up, as they come."""
    lengths, begins = counts.lengths, counts.offsets[:-1]
    bits = len(counts.channels).bit_length()  # 0: the path has ended
    at_once = 63 // bits if bits else 1
    fractions = any(one.dtype.kind == "f" for one in (counts.conversions, counts.value_minor, counts.nulls))
    keys = _first_words(counts, bits, at_once)
    # Whole numbers add up to the same in any order, and sorting without regard to it takes half the time.
    order = np.argsort(keys, kind="stable" if fractions else None)
    keys = keys[order]
    group = _groups(keys[1:] != keys[:-1])
    # Those that may go on are not yet told apart from those that end here.
    alike = np.flatnonzero(_repeated(group) & (lengths[order] >= at_once))
    depth = at_once
    while len(alike):
        paths = order[alike]
        keys = np.zeros(len(paths), np.int64)
        for step in range(depth, depth + at_once):
            going = np.flatnonzero(lengths[paths] > step)
            keys <<= bits
            keys[going] |= counts.touches[begins[paths[going]] + step] + 1
        by = np.lexsort((keys, group[alike]))
        paths, keys, groups = paths[by], keys[by], group[alike]
        order[alike] = paths
        within = _groups((keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1]))
        group[alike] = alike[within]
        depth += at_once
        alike = alike[_repeated(within) & (lengths[paths] >= depth)]
    heads = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])) if len(order) else order
    return PathCounts(
        counts.channels, *picked(counts, order[heads], np.int32),
        *(np.add.reduceat(one[order], heads, dtype=np.promote_types(one.dtype, np.int64)) if len(heads) else one
          for one in (counts.conversions, counts.value_minor, counts.nulls)),
    )  # fmt: skip
