"""Worlds for randomised weeks and persons (A9), and the before/after method that runs beside. See `calibration`."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration_ledgers import PROMISED, Rng, Seen, World, Z
from crosspost.audit.experiments import persons, power, weeks
from crosspost.audit.experiments.answer import MARGIN
from crosspost.audit.experiments.design import Kind, Statistic
from crosspost.audit.results import Verdict

RUNS = 4_000  # of a plan
SEED = 20_260_105


def before_after(before: NDArray[np.float64], after: NDArray[np.float64], margin: float) -> Seen:
    """Two means and Welch's interval, as if weeks came independently of each other: the method that is to fail."""
    from scipy.special import stdtrit

    gap = float(after.mean() - before.mean())
    a, b = before.var(ddof=1) / len(before), after.var(ddof=1) / len(after)
    if a + b == 0:
        return Seen(Verdict.INCONCLUSIVE)
    free = (a + b) ** 2 / (a**2 / (len(before) - 1) + b**2 / (len(after) - 1))
    half = float(stdtrit(free, 0.975)) * float(np.sqrt(a + b))
    low, high = gap - half, gap + half
    if high < margin * before.mean():
        return Seen(Verdict.SUPPORTED, gap, low, high)
    return Seen(Verdict.REFUTED if low > 0 else Verdict.INCONCLUSIVE, gap, low, high)


def experiments() -> list[World]:
    """A9: posting adds nothing worth it. The claim is true of no rise, false of one of the margin or more; what a rise
    between the two is called is neither's fault."""

    def world(name: str, truth: power.World, length: int, *, coins: bool = False, sized: bool = False) -> World:
        design = power.default_design(length)
        if coins:
            design = replace(design, kind=Kind.COINS, statistic=Statistic.HAJEK)
        kept = np.arange(design.weeks)[design.carry_over :] if coins else np.arange(1, design.weeks, 2)
        # What is drawn is not always what is done: the rise is that of weeks as they were drawn.
        planned = truth.effect * (1 - 2 * truth.disobeyed)
        claim = planned / (1 + truth.effect * truth.disobeyed) < MARGIN - 1e-9
        value = truth.base * planned * float(((1 + truth.growth) ** kept).mean())

        def look(rng: Rng) -> Seen:
            coins = rng.integers(0, 2, (1, len(design.coins))).astype(bool)
            arms = power.arms_of_coins(design, coins)
            outcome = power.simulate(truth, arms, rng)[0]
            rows = [
                weeks.Week(number, int(arm), {design.outcome: float(seen)})
                for number, (arm, seen) in enumerate(zip(arms[0], outcome, strict=True), start=1)
            ]
            answer = weeks.analyse(weeks.with_design(rows, design), weeks.plan_of(design))[design.outcome]
            effect = answer.effect
            if effect is None:
                return Seen(answer.verdict)
            return Seen(answer.verdict, effect.estimate, effect.low, effect.high)

        def naive(rng: Rng) -> Seen:
            arms = (np.arange(design.weeks) >= design.weeks // 2)[None]
            outcome = power.simulate(truth, arms, rng)[0]
            half = design.weeks // 2
            return before_after(outcome[:half], outcome[half:], MARGIN)

        promised = None
        if sized:
            plan = power.seen(design, truth, runs=RUNS, seed=SEED)
            promised = plan.supported if claim else plan.refuted
        return World(name, claim, look, value, promised, naive=naive)

    of = power.World
    return [
        world("no effect", of(20.0), 52),
        world("no effect, autocorrelation 0.8", of(20.0, memory=0.8), 52),
        world("no effect, growing 1 % a week", of(20.0, growth=0.01), 52),
        world("no effect, few clients", of(0.3), 52),
        world("a rise of the margin", of(20.0, MARGIN), 52),
        world("a rise of the margin, autocorrelation 0.8", of(20.0, MARGIN, memory=0.8), 52),
        world("a rise of the margin, growing 1 % a week", of(20.0, MARGIN, growth=0.01), 52),
        world("a rise of the margin, few clients", of(0.3, MARGIN), 104),
        world("a rise of the margin, carried over", of(20.0, MARGIN, carried=0.5), 52),
        world("a rise, disobeyed in a tenth of the weeks", of(20.0, 0.26, disobeyed=0.1), 52),
        world("no effect, coins", of(20.0), 26, coins=True),
        world("a rise of the margin, coins", of(20.0, MARGIN), 26, coins=True),
        world("plainly true", of(200.0, spread=0.1), 104, sized=True),
        world("plainly false", of(200.0, 0.5), 104, sized=True),
    ]


def arms() -> list[World]:
    """A9 on persons: an arm adds nothing worth it. `p` of the control act, or each is worth `p` on average (log
    normal); in the arm it is a share `rise` more."""

    def world(name: str, p: float, rise: float, n: int, *, money: bool = False, sized: bool = False) -> World:
        means = (p * (1 + rise), p)

        def look(rng: Rng) -> Seen:
            drawn = [
                mean * rng.lognormal(-0.125, 0.5, n) if money else (rng.random(n) < mean).astype(float)
                for mean in means
            ]
            rows = [persons.Person(arm, {"y": float(v)}) for arm, of_it in zip("ba", drawn, strict=True) for v in of_it]
            answer = persons.analyse(rows)["y"]
            if answer.effect is None:
                return Seen(answer.verdict)
            return Seen(answer.verdict, answer.effect.estimate, answer.effect.low, answer.effect.high)

        variance = sum(math.expm1(0.25) * one**2 if money else one * (1 - one) for one in means)
        width = 2 * Z * math.sqrt(variance / n)
        return World(name, rise < MARGIN - 1e-9, look, p * rise, PROMISED if sized else None, width)

    return [
        world("no effect", 0.2, 0.0, 150),
        world("a rise of the margin", 0.2, MARGIN, 150),
        world("a rise of the margin, few persons", 0.4, MARGIN, 25),
        world("money, no effect", 50.0, 0.0, 8, money=True),
        world("money, a rise of the margin", 50.0, MARGIN, 8, money=True),
        world("plainly true", 0.5, 0.0, 1000, sized=True),
        world("plainly false", 0.3, 0.6, 200, sized=True),
    ]


AUDITS = (("A9 experiments", experiments), ("A9 persons", arms))
