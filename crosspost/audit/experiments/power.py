"""What an experiment could see: the analyser's own test on worlds whose truth is known, many at once.

A world has a level per week, autocorrelated noise around it, counts, and what posting changes. For every run an
assignment is drawn from the design and tested against the others. The statistics in use are sums of the weeks with
weights that only the assignment sets, so that all runs against all assignments are one product of matrices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.experiments.answer import EVENTFUL, MARGIN
from crosspost.audit.experiments.design import LEVEL, Design, Kind, Statistic
from crosspost.audit.experiments.randomisation import DRAWS, Floats, bits_of
from crosspost.domain.errors import BadInput

RUNS = 4_000
SPREAD, MEMORY = 0.25, 0.5  # of the noise where no past weeks tell: stated in every plan
_TIE = 1e-4  # of the statistic, in single precision
_ENOUGH_WEEKS = 12  # of the past, to measure noise by
MOST_WEEKS = 1040  # twenty years: a plan longer than that is none


@dataclass(frozen=True, slots=True)
class World:
    """`base` outcomes a week without posts. `spread` is the s.d. of the noise as a share of the level, `memory` its
    autocorrelation from week to week; counts are Poisson around it. `effect` is the rise in on weeks (0.5: +50 %),
    `carried` the share of it that the week after still has. `growth` is the relative change of the level a week.
    `disobeyed` is the share of weeks in which the opposite of the plan happens.
    """

    base: float
    effect: float = 0.0
    spread: float = SPREAD
    memory: float = MEMORY
    carried: float = 0.0
    growth: float = 0.0
    disobeyed: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Shares of runs: `power` with a two-sided p of at most 5 %, and those that would end supported or refuted."""

    power: float
    supported: float
    refuted: float
    runs: int


def simulate(world: World, arms: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    """Outcomes of each run (a row) and week (a column), posts being planned by `arms`."""
    runs, weeks = arms.shape
    shock = rng.normal(0.0, world.spread, (runs, weeks))
    noise = np.empty((runs, weeks))
    noise[:, 0] = shock[:, 0]
    for week in range(1, weeks):
        noise[:, week] = world.memory * noise[:, week - 1] + math.sqrt(1 - world.memory**2) * shock[:, week]
    posted = arms ^ (rng.random((runs, weeks)) < world.disobeyed) if world.disobeyed else arms
    felt = posted.astype(float)
    felt[:, 1:] += world.carried * (posted[:, :-1] & ~posted[:, 1:])
    level = world.base * np.exp(noise - world.spread**2 / 2) * (1 + world.growth) ** np.arange(weeks)
    return np.asarray(rng.poisson(level * (1 + world.effect * felt)), dtype=float)


def arms_of_coins(design: Design, coins: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The arms of each week for each row of coins."""
    if design.kind is Kind.PAIRED:
        first = np.repeat(coins, 2 * design.block, axis=1)
        second_half = np.arange(design.weeks) % (2 * design.block) >= design.block
        return np.asarray(first ^ second_half)
    coin_of = np.searchsorted(design.coins, np.arange(1, design.weeks + 1), side="right") - 1
    return np.asarray(coins[:, coin_of])


def weights(design: Design, coins: NDArray[np.bool_]) -> Floats:
    """The weight of each week in the statistic, for each row of coins: assignments by weeks."""
    arms = arms_of_coins(design, coins)
    if design.kind is Kind.PAIRED:
        kept = np.arange(design.weeks) % design.block >= design.carry_over
        return np.asarray(np.where(arms, 1.0, -1.0) * kept * (2 / kept.sum()))
    m = design.carry_over
    coin_of = np.searchsorted(design.coins, np.arange(1, design.weeks + 1), side="right") - 1
    on, off = arms.copy(), ~arms
    for back in range(1, m + 1):
        on[:, back:] &= arms[:, :-back]
        off[:, back:] &= ~arms[:, :-back]
    chance = np.array([2.0 ** len(set(coin_of[max(0, week - m) : week + 1])) for week in range(design.weeks)])
    chance[:m] = 0
    lit, dark = on * chance, off * chance
    if design.statistic is Statistic.HORVITZ_THOMPSON:
        return np.asarray((lit - dark) / (design.weeks - m))
    least = np.finfo(float).tiny  # an arm without a week weighs nothing
    return np.asarray(
        lit / np.maximum(lit.sum(axis=1, keepdims=True), least)
        - dark / np.maximum(dark.sum(axis=1, keepdims=True), least)
    )


def p_of(series: Floats, drawn: Floats, others: Floats, *, exact: bool) -> Floats:
    """Two-sided p of each run. `series` are runs by weeks, `drawn` the weights of each run's own assignment, `others`
    those of all assignments, or if not `exact` of draws."""
    observed = np.abs(np.einsum("rw,rw->r", series, drawn))
    largest = np.abs(series).sum(axis=1) * float(np.abs(others).max())
    least = (observed - _TIE * np.minimum(largest, np.maximum(observed, 1e-3 * largest))).astype(np.float32)
    extreme = np.zeros(len(series))
    turned = series.T.astype(np.float32)
    for start in range(0, len(others), 1024):
        block = others[start : start + 1024].astype(np.float32)
        extreme += np.count_nonzero(np.abs(block @ turned) >= least, axis=0)
    return extreme / len(others) if exact else (extreme + 1) / (len(others) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Runs of a design in a world: outcomes, arms and weights of each, and the weights they are tested against."""

    series: Floats
    arms: NDArray[np.bool_]
    mine: Floats
    others: Floats
    exact: bool

    def p(self, effect: Floats | float = 0.0) -> Floats:
        """p of each run when so much is taken out of its weeks first."""
        return p_of(self.series - effect, self.mine, self.others, exact=self.exact)


def _run(design: Design, world: World, runs: int, draws: int, seed: int) -> _Runs:
    rng = np.random.default_rng(seed)
    number = len(design.coins)
    exact = 2**number <= max(draws, 2**10)
    every = bits_of(number).T if exact else rng.integers(0, 2, (draws, number), dtype=np.int8).astype(bool)
    coins = rng.integers(0, 2, (runs, number), dtype=np.int8).astype(bool)
    arms = arms_of_coins(design, coins)
    return _Runs(simulate(world, arms, rng), arms, weights(design, coins), weights(design, every), exact)


def seen(design: Design, world: World, *, runs: int = RUNS, seed: int = 0) -> Seen:
    """How the design would end in that world."""
    found = _run(design, world, runs, DRAWS, seed)
    series, mine = found.series, found.mine
    estimate = np.einsum("rw,rw->r", series, mine)
    base = -np.einsum("rw,rw->r", series, np.minimum(mine, 0.0))
    worth = design.margin * base
    p_zero, p_worth = found.p(), found.p(worth[:, None] * _felt(design, found.arms))
    enough = (base > 0) & (np.count_nonzero((series != 0) & (mine != 0), axis=1) >= EVENTFUL)
    supported = (p_worth <= LEVEL) & (estimate < worth) & enough
    refuted = (p_zero <= LEVEL) & (estimate > 0) & ~supported & enough
    return Seen(float((p_zero <= LEVEL).mean()), float(supported.mean()), float(refuted.mean()), runs)


def _roughly(design: Design, world: World, seed: int) -> float:
    """Power to 2 points or so, for searches."""
    return float((_run(design, world, 500, 999, seed).p() <= LEVEL).mean())


def _felt(design: Design, arms: NDArray[np.bool_]) -> Floats:
    """How much of a unit effect each week has, as the analysis of the design takes it."""
    if design.kind is Kind.PAIRED:
        return arms.astype(float)
    found = arms.astype(float)
    for back in range(1, design.carry_over + 1):
        found[:, back:] += arms[:, :-back]
    return found / (design.carry_over + 1)


def smallest_rise(design: Design, world: World, *, share: float = 0.8, seed: int = 0) -> float | None:
    """The smallest rise seen in so large a share of runs, roughly; None where not even a rise to 20 times is.

    The same runs' noise is used for every rise, so that a larger one is never seen less.
    """
    low, high = 0.0, 19.0
    if _roughly(design, replace(world, effect=high), seed) < share:
        return None
    while high - low > 0.01 * high:
        middle = (low + high) / 2
        if _roughly(design, replace(world, effect=middle), seed) < share:
            low = middle
        else:
            high = middle
    return high


def fitting(kind: Kind, weeks: int, block: int, carry_over: int) -> int:
    """The most weeks, up to `weeks`, that a design of that kind fills."""
    step = 2 * block if kind is Kind.PAIRED else max(1, carry_over)
    return weeks // step * step


def weeks_needed(design: Design, world: World, *, share: float = 0.8, seed: int = 0) -> int | None:
    """The fewest weeks, roughly, in which the world's effect is seen in that share of runs; None beyond MOST_WEEKS."""
    step = 2 * design.block if design.kind is Kind.PAIRED else max(1, design.carry_over)
    low, high = 0, max(6, design.weeks // step)

    def enough(number: int) -> bool:
        tried = replace(design, weeks=number * step)
        return tried.smallest_p <= LEVEL and _roughly(tried, world, seed) >= share

    while not enough(high):
        low, high = high, high * 2
        if high * step > MOST_WEEKS:
            return None
    while high - low > max(1, high // 50):
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high * step


def measured(past: Sequence[float | None]) -> World:
    """The world that past weeks show: their mean, and the noise beyond what counts have by themselves.

    With fewer than twelve known weeks, the noise is the usual one. Raises BadInput where none is known, or all are 0.
    """
    known = np.array([value for value in past if value is not None], dtype=float)
    if not len(known) or known.mean() <= 0:
        raise BadInput("past weeks tell no level", remedy="give --per-week, or weeks in which something came")
    base = float(known.mean())
    if len(known) < _ENOUGH_WEEKS:
        return World(base)
    beyond = float(known.var(ddof=1)) - base
    if beyond <= 0:
        return World(base, spread=0.0, memory=0.0)
    spread = math.sqrt(math.log1p(beyond / base**2))
    centred = known - base
    memory = float((centred[1:] * centred[:-1]).mean()) / beyond
    return World(base, spread=spread, memory=min(0.95, max(0.0, memory)))


def default_design(weeks: int, margin: float = MARGIN) -> Design:
    """Pairs of two-week blocks, the first week of each dropped: as many as fit. Raises BadInput below four weeks."""
    return Design(Kind.PAIRED, fitting(Kind.PAIRED, weeks, 2, 1), ("any",), 0, 2, 1, margin=margin)


def noise_of(past: Sequence[float | None]) -> str:
    """Where the noise of `measured(past)` comes from, in a sentence's part."""
    known = sum(value is not None for value in past)
    if known >= _ENOUGH_WEEKS:
        return f"measured in {known} past weeks, and Poisson counts"
    return f"assumed: s.d. {100 * SPREAD:g} % of the level, autocorrelation {MEMORY}, and Poisson counts"
