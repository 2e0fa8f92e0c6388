"""The chain of any order, and what its walks lose when a channel is removed: by algebra, not by simulation.

States are windows of `order` channels; a shorter path is one state. Equal states in a row are one. Every walk ends in
a conversion or in nothing. Removing a channel sends the walks that come to one of its states to nothing; the share of
conversions lost is its *removal effect*, and credit is shared in proportion. P(conversion) is the share of journeys
that converted, at every order: what is counted going in is what is counted coming out.

With F = (I - Q)^-1, a the start and r the chance to convert: a walk first comes to the states A of a channel with
chances h, where h F_AA = (a F)_A, and loses h (F r)_A. One inverse answers for all channels. (Kemeny and Snell 1960,
chapter 3; Anderl, Becker, von Wangenheim and Schumann 2016 for the use.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crosspost.audit.credit.paths import Floats, PathCounts, added, distinct
from crosspost.audit.credit.windows import Keys, TooLarge, Windows, windows_of

DENSE = 2_000  # states: above, the inverse is not formed
SPARSE = 500  # states: above, factors for each of a few channels cost less than the inverse
FEW = 64  # channels: above, and above DENSE states, walks are followed for all channels at once
_ALIVE = 1e-14  # walks are followed until fewer than this share of the conversions is still on its way
_BATCH = 4_000_000  # figures of walks followed at once
_MOST_WORK = 10_000_000_000  # states times channels times steps: about half a minute


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """States 0…S-1. `source`, `target`, `chance` are the moves between different states; `start` the chance to begin
    in a state, `convert` to convert from it, `worth` the value then expected. `states_of` lists per channel the states
    that hold it."""

    source: Keys
    target: Keys
    chance: Floats
    start: Floats
    convert: Floats
    worth: Floats
    states_of: tuple[Keys, ...]

    @property
    def size(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """`probability` that a journey converts, `worth` its expected value, and per channel the share of each lost.

    A share of nothing is nan: without conversions there is nothing to lose, without value no value.
    """

    probability: float
    worth: float
    conversions: Floats
    value: Floats

    def credit(self, total: float, *, by_value: bool = False) -> Floats:
        """`total` in proportion to removal effects; nothing to anyone where the total is nothing."""
        effects = self.value if by_value else self.conversions
        if total == 0 or not np.all(np.isfinite(effects)):
            return np.zeros(len(effects))
        share: Floats = effects / effects.sum()
        return share * total


def chain(counts: PathCounts, order: int = 1) -> Chain:
    """The chain of windows of `order` channels. Raises TooLarge where windows are too many to be numbered."""
    return chained(windows_of(counts, order))


def chained(windows: Windows) -> Chain:
    """The chain of what was counted."""
    channels, order, base = windows.channels, windows.order, windows.base
    grams, (weights,) = windows.moves.result()
    source, target = grams // base, grams % base**order
    differ = (source > 0) & (source != target) & (weights > 0)
    source, target, weights = source[differ], target[differ], weights[differ]
    begun, (beginning,) = windows.starts.result()
    ended, (converting, worth, nulls) = windows.ends.result()
    names = distinct(np.concatenate([source, target, begun, ended]))
    size = len(names)
    source, target = np.searchsorted(names, source), np.searchsorted(names, target)

    def placed(keys: Keys, figures: Floats) -> Floats:
        return added(np.searchsorted(names, keys), figures, size)

    leaving = placed(ended, converting + nulls) + np.bincount(source, weights, size)
    used = np.where(leaving > 0, leaving, np.inf)  # a state nobody left was never come to
    held = [(names // base**back) % base - 1 for back in range(order)]
    state = np.concatenate([np.arange(size)] * order)
    holds = distinct(np.concatenate(held) * max(size, 1) + state)
    holds = holds[holds >= 0]
    cuts = np.searchsorted(holds // max(size, 1), np.arange(channels + 1))
    return Chain(
        source=source,
        target=target,
        chance=weights / used[source],
        start=placed(begun, beginning) / max(float(beginning.sum()), 1e-300),
        convert=placed(ended, converting) / used,
        worth=placed(ended, worth) / used,
        states_of=tuple(holds[cuts[one] : cuts[one + 1]] % size for one in range(channels)),
    )


def removal(found: Chain) -> Removal:
    """What is lost with each channel. Raises TooLarge."""
    ends = np.stack([found.convert, found.worth], axis=1)
    few = len(found.states_of) <= FEW
    if found.size <= (min(SPARSE, DENSE) if few else DENSE):
        totals, lost = _by_inverse(found, ends)
    elif few:
        totals, lost = _by_factors(found, ends)
    else:
        totals, lost = _by_steps(found, ends)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = lost / totals
    return Removal(float(totals[0]), float(totals[1]), shares[:, 0], shares[:, 1])


def _by_inverse(found: Chain, ends: Floats) -> tuple[Floats, Floats]:
    system = np.eye(found.size)
    system[found.source, found.target] -= found.chance
    visits = np.linalg.inv(system)
    reached, ahead = found.start @ visits, visits @ ends
    lost = np.zeros((len(found.states_of), 2))
    for channel, states in enumerate(found.states_of):
        if len(states) == 1:
            lost[channel] = reached[states] / visits[states, states] * ahead[states[0]]
        elif len(states):
            first = np.linalg.solve(visits[np.ix_(states, states)].T, reached[states])
            lost[channel] = first @ ahead[states]
    return found.start @ ahead, lost


def _by_factors(found: Chain, ends: Floats) -> tuple[Floats, Floats]:
    """Sparse LU of the states that are left, channel by channel."""
    from scipy.sparse import csc_array, eye_array
    from scipy.sparse.linalg import splu

    shape = (found.size, found.size)
    system = csc_array(eye_array(found.size) - csc_array((found.chance, (found.source, found.target)), shape))

    def kept(states: Keys) -> Floats:
        if not len(states):
            return np.zeros(2)
        part = system if len(states) == found.size else system[states][:, states]
        ahead: Floats = splu(csc_array(part)).solve(np.ascontiguousarray(ends[states]))
        return found.start[states] @ ahead

    everything = np.arange(found.size)
    totals = kept(everything)
    left = [kept(np.setdiff1d(everything, states)) for states in found.states_of]
    return totals, totals - np.array(left)


def _by_steps(found: Chain, ends: Floats) -> tuple[Floats, Floats]:
    """All walks followed, step by step, for many channels at once, until none to speak of is still on its way.

    What is then left out is bounded by the walks on their way with no channel removed.
    """
    from scipy.sparse import csr_array

    moves = csr_array((found.chance, (found.target, found.source)), (found.size, found.size))
    here, totals, steps = found.start, np.zeros(2), 0
    while here.sum() > _ALIVE * max(totals[0], _ALIVE):
        totals = totals + here @ ends
        here = moves @ here
        steps += 1
    if steps * found.size * len(found.states_of) > _MOST_WORK:
        raise TooLarge(f"{found.size:,} states and {len(found.states_of):,} channels are too many to remove one by one")
    left = np.zeros((len(found.states_of), 2))
    batch = max(1, _BATCH // found.size)
    for begin in range(0, len(left), batch):
        removed = found.states_of[begin : begin + batch]
        rows = np.concatenate(removed)
        columns = np.repeat(np.arange(len(removed)), [len(one) for one in removed])
        walks = np.repeat(found.start[:, None], len(removed), axis=1)
        for _ in range(steps):
            walks[rows, columns] = 0.0
            left[begin : begin + len(removed)] += walks.T @ ends
            walks = moves @ walks
    return totals, totals - left
