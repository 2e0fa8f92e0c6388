"""Windows of touches, counted: all that a chain is made of, from walks in any number of parts and in any order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit.paths import Floats, PathCounts, added, parts

_TABLE = 1 << 22  # keys counted by their place; more are sorted
_APART = 2_000_000  # sorted keys that lie in several parts before they are brought together
Keys = NDArray[np.int64]


class TooLarge(ValueError):
    """A chain whose windows are too many to be numbered, or whose removals would take too long."""


class Sums:
    """Figures added up by key, in a table where keys are few, else sorted."""

    def __init__(self, keys: int, columns: int) -> None:
        self.keys, self.columns = keys, columns
        self.table = np.zeros((columns, keys)) if keys <= _TABLE else None
        self.parts: list[tuple[Keys, Floats]] = []

    def add(self, keys: Keys, *figures: NDArray[np.number]) -> None:
        if self.table is not None:
            for row, one in zip(self.table, figures, strict=True):
                row += added(keys, one, self.keys)
            return
        self.parts.append(_summed(keys, np.stack([one.astype(np.float64, copy=False) for one in figures])))
        if sum(len(of) for of, _ in self.parts[1:]) > max(_APART, len(self.parts[0][0])):
            self.parts = [self.result()]

    def count(self, keys: Keys, each: float) -> None:
        """Add as much for every key: what needs no figure of its own."""
        if self.table is not None:
            self.table[0] += np.bincount(keys, minlength=self.keys) * each
        else:
            self.add(keys, np.full(len(keys), each))

    def result(self) -> tuple[Keys, Floats]:
        """Keys with a sum that is not 0, in order, and (columns, keys) sums."""
        if self.table is not None:
            keys, sums = np.arange(self.keys), self.table
        elif self.parts:
            keys, sums = _summed(np.concatenate([of for of, _ in self.parts]), np.hstack([of for _, of in self.parts]))
        else:
            keys, sums = np.zeros(0, np.int64), np.zeros((self.columns, 0))
        some = np.flatnonzero(sums.any(axis=0))
        return keys[some], sums[:, some]


def _summed(keys: Keys, figures: Floats) -> tuple[Keys, Floats]:
    found, where = np.unique(keys, return_inverse=True)
    return found, np.stack([np.bincount(where, one, len(found)) for one in figures])


class Windows:
    """Of each window of `order` touches how often walks began in it, went on from it, and how they ended there.

    A window is a number of `order` digits to the base `channels` + 1, the last touch the lowest; a digit is one more
    than the place of a channel, or 0 where a path is shorter. `moves` are by window and the touch after it, and at
    0 those that come from no whole window; `starts` are journeys; `ends` are conversions, value and nulls. Raises
    TooLarge where these are too many to be numbered.
    """

    def __init__(self, channels: int, order: int) -> None:
        self.channels, self.order, self.base = channels, order, channels + 1
        if self.base ** (order + 1) >= 1 << 62:
            raise TooLarge(f"{channels} channels are too many for windows of {order}")
        self.moves = Sums(self.base ** (order + 1), 1)
        self.starts = Sums(self.base**order, 1)
        self.ends = Sums(self.base**order, 3)

    def add(
        self, touches: NDArray[np.integer], lengths: Keys, conversions: NDArray[np.number], value: NDArray[np.number],
        nulls: NDArray[np.number],
    ) -> None:  # fmt: skip
        """Add walks: `touches` are the places of their channels, walk after walk; the others have one entry each."""
        if not len(lengths):
            return
        tails = np.cumsum(lengths) - 1
        heads = tails - lengths + 1
        digits = touches.astype(np.int64)
        digits += 1
        windows = digits if self.order == 1 else digits.copy()
        for back in range(1, self.order):
            before = np.zeros_like(digits)
            np.multiply(digits[:-back], self.base**back, out=before[back:])
            for step in range(back):
                before[heads[lengths > step] + step] = 0  # what another path ended with
            windows += before
        walked = conversions.astype(np.float64) + nulls
        if len(touches) > 1:
            moves = windows[:-1] * self.base
            moves += digits[1:]
            for step in range(self.order):  # the first touches come from no whole window: nothing comes from window 0
                into = heads[lengths > step] + step - 1
                moves[into[into >= 0]] = 0
            if (walked == walked[0]).all():
                self.moves.count(moves, float(walked[0]))
            else:
                self.moves.add(moves, np.repeat(walked, lengths)[1:])
        self.starts.add(windows[np.minimum(heads + self.order - 1, tails)], walked)
        self.ends.add(windows[tails], conversions, value, nulls)

    def absorb(self, other: Windows, places: NDArray[np.integer]) -> None:
        """Add what was counted of walks whose channels were called otherwise: channel i there is `places[i]` here."""
        digit = np.concatenate([[0], places.astype(np.int64) + 1])
        for ours, theirs, digits in (
            (self.moves, other.moves, self.order + 1),
            (self.starts, other.starts, self.order),
            (self.ends, other.ends, self.order),
        ):
            keys, figures = theirs.result()
            ours.add(sum(digit[keys // other.base**at % other.base] * self.base**at for at in range(digits)), *figures)

    def ended(self) -> tuple[float, float, float]:
        """Conversions, value and nulls of all walks."""
        conversions, value, nulls = self.ends.result()[1].sum(axis=1).tolist()
        return conversions, value, nulls


@dataclass(frozen=True, slots=True, eq=False)
class WindowedFile:
    """The windows of a file's walks over its channels, with value in `parts` of its unit: hundredths at 100. Else as
    `CountedFile`."""

    channels: tuple[str, ...]
    windows: Windows
    parts: int
    has_value: bool
    has_nulls: bool
    unvalued: int


def windows_of(counts: PathCounts, order: int) -> Windows:
    """The windows of counted paths. Raises TooLarge."""
    windows = Windows(len(counts.channels), order)
    for _, part in parts(counts):
        windows.add(part.touches, part.lengths, part.conversions, part.value_minor, part.nulls)
    return windows
