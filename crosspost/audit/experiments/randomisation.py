"""The exact test of an experiment, from the statistic under every assignment that its lots could have given.

With `outcome` the statistic A of the outcomes and `arm` the statistic B of a unit effect, an additive effect τ leaves
the statistic A - τ B of what the weeks would have been without it. p(τ) is the share of assignments whose |A - τ B| is
at least the observed one. Where |B| never exceeds the observed B, each assignment counts on one stretch of τ around the
estimate, so p(τ) rises up to it and falls after it: the ends of {τ: p(τ) > 5 %} are order statistics of the stretches'
ends, exact and without a grid (Rosenbaum 2002, “Observational Studies”, chapter 2, for inversion).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.experiments.answer import Lots
from crosspost.audit.experiments.design import Statistic

Floats = NDArray[np.float64]

MOST_COINS = 20  # all 2^20 assignments up to here, draws from there on
DRAWS = 9_999
STRETCHES = 20  # on each side of zero, of the picture of all assignments
_NEAR = 1e-9  # of the largest statistic: what differs by less is a tie


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The statistic under each assignment, of the outcomes and of a unit effect, with the observed one of both.

    If `drawn`, the assignments are a sample and the first is the observed one, so that p is (b + 1) / (B + 1). `empty`
    marks assignments in which an arm has no week: they count for no τ but the estimate.
    """

    outcome: Floats
    arm: Floats
    observed: float
    observed_arm: float
    drawn: bool
    empty: NDArray[np.bool_] | None = None

    @property
    def size(self) -> int:
        return len(self.outcome)

    def extreme(self) -> int:
        """How many assignments are at least as extreme as the observed one, which is among them."""
        largest = float(np.abs(self.outcome).max())
        return int(np.count_nonzero(self._far(largest)))

    def _far(self, largest: float) -> NDArray[np.bool_]:
        return np.asarray(np.abs(self.outcome) >= abs(self.observed) - _NEAR * largest)

    def lots(self) -> tuple[Lots, ...]:
        """The assignments by their estimate, in stretches of one width around zero: as many fall short as go beyond."""
        largest = float(np.abs(self.outcome).max())
        if largest == 0:
            return ()
        width = largest / STRETCHES
        place = np.rint(self.outcome / width).astype(np.int64) + STRETCHES
        far = self._far(largest)
        every, extreme = (np.bincount(one, minlength=2 * STRETCHES + 1).tolist() for one in (place, place[far]))
        return tuple(
            Lots((at - STRETCHES - 0.5) * width, (at - STRETCHES + 0.5) * width, every[at], extreme[at])
            for at in range(2 * STRETCHES + 1)
            if every[at]
        )

    def interval(self) -> tuple[float | None, float | None]:
        """The 95 % interval of a constant additive effect by inversion; None where it has no end.

        Raises ValueError for a statistic that does not take a constant effect out (Horvitz-Thompson).
        """
        scale = self.observed_arm
        if scale <= 0 or float(np.abs(self.arm).max()) > scale * (1 + _NEAR):
            raise ValueError("this statistic does not take a constant effect out")
        outcome, arm = self.outcome, self.arm
        if self.empty is not None:
            outcome, arm = np.where(self.empty, 0.0, outcome), np.where(self.empty, 0.0, arm)
        largest = float(np.abs(outcome).max())
        lows, highs = _stretches(
            _zeroed(outcome - self.observed, largest),
            _zeroed(outcome + self.observed, largest),
            _zeroed(scale - arm, scale),
            _zeroed(scale + arm, scale),
        )
        outside = 5 * self.size // 100  # p(τ) > 5 % as soon as one more assignment than this counts
        if outside == 0:
            return None, None
        low = float(np.partition(lows, outside)[outside]) + 0.0  # never -0.0
        high = float(-np.partition(-highs, outside)[outside]) + 0.0
        return (low if np.isfinite(low) else None), (high if np.isfinite(high) else None)


def _zeroed(values: Floats, scale: float) -> Floats:
    return np.where(np.abs(values) <= _NEAR * scale, 0.0, values)


def _stretches(fall: Floats, rise: Floats, below: Floats, above: Floats) -> tuple[Floats, Floats]:
    """The stretch of τ on which each assignment counts: (fall + τ below) · (rise - τ above) ≥ 0, from low to high."""
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(below > 0, -fall / below, np.where(fall > 0, -np.inf, np.inf))
        second = np.where(above > 0, rise / above, np.where(rise > 0, np.inf, -np.inf))
    always = ((below == 0) & (fall == 0)) | ((above == 0) & (rise == 0))
    lows, highs = np.minimum(first, second), np.maximum(first, second)
    return np.where(always, -np.inf, lows), np.where(always, np.inf, highs)


def sums(base: float, steps: Floats) -> Floats:
    """`base` plus each of the 2^k sums of some of the k steps; assignment b takes the steps of its bits."""
    found = np.array([base])
    for step in steps:
        found = np.concatenate([found, found + step])
    return found


def bits_of(number: int) -> NDArray[np.bool_]:
    """All 2^number falls of so many coins, a row for each coin."""
    every = np.arange(2**number)
    return np.array([(every >> one) & 1 for one in range(number)], dtype=bool).reshape(number, -1)


def paired(first: Floats, second: Floats, observed: NDArray[np.bool_], rng: np.random.Generator) -> Reference:
    """The reference of pairs of blocks. `first` and `second` hold a row per pair: sum of the outcome and weeks kept.

    `observed` says for each pair whether its first block was on. The statistic is mean on minus mean off.
    """
    pairs = len(observed)
    lit = np.column_stack([np.where(observed, first[:, 1], 0.0), np.where(observed, 0.0, second[:, 1])])
    columns = [
        (first[:, 0], second[:, 0]),
        (first[:, 1], second[:, 1]),
        (lit[:, 0], lit[:, 1]),  # what a unit effect adds to each block: its weeks, if it was on
    ]
    if pairs <= MOST_COINS:
        outcome, weeks, effect = (sums(float(off.sum()), on - off) for on, off in columns)
    else:
        coins = np.vstack([observed, rng.integers(0, 2, (DRAWS, pairs), dtype=np.int8).astype(bool)]).astype(float)
        outcome, weeks, effect = (off.sum() + coins @ (on - off) for on, off in columns)
    total, size, all_lit = (float(on.sum() + off.sum()) for on, off in columns)

    def mean_difference(of_on: Floats, whole: float) -> Floats:
        return np.asarray(of_on / weeks - (whole - of_on) / (size - weeks))

    seen = 0 if pairs > MOST_COINS else int(observed @ (1 << np.arange(pairs)))
    outcomes, arms = mean_difference(outcome, total), mean_difference(effect, all_lit)
    return Reference(outcomes, arms, float(outcomes[seen]), float(arms[seen]), pairs > MOST_COINS)


def coins(
    values: Floats, coin_of: NDArray[np.int64], observed: NDArray[np.bool_], carry_over: int, statistic: Statistic,
    rng: np.random.Generator,
) -> Reference:  # fmt: skip
    """The reference of a design of COINS over weeks in order; a value of NaN is a week not known, and is left out.

    `coin_of` says which coin decides each week, `observed` how each coin fell. A week counts in an assignment whose
    arms agree over it and the `carry_over` weeks before it, weighted by one over the chance of that.
    """
    number = len(observed)
    drawn = number > MOST_COINS
    if drawn:
        falls = np.vstack([observed, rng.integers(0, 2, (DRAWS, number), dtype=np.int8).astype(bool)]).T
    else:
        falls = bits_of(number)
    on = np.zeros((3, falls.shape[1]))  # weighted sums of the outcome, of the effect, and of the weights
    off = np.zeros_like(on)
    known = [week for week in range(carry_over, len(values)) if not np.isnan(values[week])]
    for week in known:
        window = coin_of[week - carry_over : week + 1]
        arms = falls[np.unique(window)]
        weight = 2.0 ** len(arms)
        row = np.array([values[week], observed[window].mean(), 1.0])[:, None] * weight
        on += row * arms.all(axis=0)
        off += row * ~arms.any(axis=0)
    seen = 0 if drawn else int(observed @ (1 << np.arange(number)))
    if statistic is Statistic.HORVITZ_THOMPSON:
        found = (on - off)[:2] / max(1, len(known))
    else:
        # By convention the mean of an arm without any week that counts is 0.
        found = on[:2] / np.where(on[2] > 0, on[2], 1.0) - off[:2] / np.where(off[2] > 0, off[2], 1.0)
    empty = (on[2] == 0) | (off[2] == 0)
    return Reference(found[0], found[1], float(found[0][seen]), float(found[1][seen]), drawn, empty)
