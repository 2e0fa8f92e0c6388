"""Credit by rule: first, last, linear, position and time decay. Each shares out a path's conversions by place alone.

Repeats count: in a > b > a, linear gives a two thirds. Position gives 40 % to the first touch, 40 % to the last and
shares the rest among those between; of two touches each gets half. Time decay halves a touch's weight with every
`HALF_LIFE` steps before the last touch: paths have no times, so a step stands for a time.
"""

from __future__ import annotations

import numpy as np

from crosspost.audit.credit.paths import Floats, PathCounts, added, parts

ENDS = 0.4  # position: of the first touch, and of the last
HALF_LIFE = 1.0  # time decay, in steps
RULES = ("first", "last", "linear", "position", "time_decay")


def heuristics(counts: PathCounts, figures: Floats, half_life: float = HALF_LIFE) -> dict[str, Floats]:
    """Per rule the credit of each channel, in the order of `counts.channels`; the sum is that of `figures`.

    `figures` has one entry per path: its conversions, or their value.
    """
    found = {rule: np.zeros(len(counts.channels)) for rule in RULES}
    for rows, part in parts(counts):
        for rule, credit in _by_place(part, figures[rows], half_life).items():
            found[rule] += credit
    return found


def _by_place(counts: PathCounts, figures: Floats, half_life: float) -> dict[str, Floats]:
    lengths = counts.lengths
    first, last = counts.offsets[:-1], counts.offsets[1:] - 1
    size = len(counts.channels)

    def by_touch(weights: Floats) -> Floats:
        return added(counts.touches, weights, size)

    def spread(per_path: Floats) -> Floats:
        return np.repeat(per_path, lengths)

    even = spread(figures / lengths)
    middle = spread(np.where(lengths > 2, figures * (1 - 2 * ENDS) / np.maximum(lengths - 2, 1), 0.0))
    end = np.where(lengths > 2, figures * ENDS, figures / 2)
    middle[first], middle[last] = end, end
    middle[first[lengths == 1]] = figures[lengths == 1]
    steps_left = spread(last.astype(np.float64)) - np.arange(len(counts.touches))
    weight = np.exp2(-steps_left / half_life)
    total = np.add.reduceat(weight, first)
    return {
        "first": added(counts.touches[first], figures, size),
        "last": added(counts.touches[last], figures, size),
        "linear": by_touch(even),
        "position": by_touch(middle),
        "time_decay": by_touch(weight * spread(figures / total)),
    }
