"""Worlds for the audits that observe what nobody drew by lot: A8, A10–A12 and H2. See `calibration`."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np

from benchmarks.calibration_ledgers import (
    BRAND,
    END,
    OURS,
    PROMISED,
    START,
    Rng,
    Seen,
    World,
    Z,
    at,
    given,
    months_of,
    noise,
    seen,
    share_width,
    visits_of,
)  # fmt: skip
from benchmarks.calibration_weeks import before_after
from crosspost.audit.ledger import FollowersRow, Ledger, Reacted
from crosspost.audit.observation import audience, benevolence, changes, fading, interruption
from crosspost.audit.section import Section
from crosspost.domain.period import Period

ANY_LAG = NormalDist().inv_cdf((1 + 0.95 ** (1 / len(changes.LAGS))) / 2)  # who knows the noise knows no lag


def followers() -> list[World]:
    """A8: leads stay within 1 a quarter per 100 followers. `slope` is of the same month, in that unit."""

    def world(
        name: str, slope: float, months: int, *, base: float = 4.0, spread: float = 60.0, memory: float = 0.0,
        growth: float = 0.0, sized: bool = False,
    ) -> World:  # fmt: skip
        def look(rng: Rng) -> Seen:
            moved = spread * noise(rng, months, memory)
            month = np.arange(months)
            gained = np.round(moved + 3 * spread * (1 + growth * month))
            leads = rng.poisson(np.clip(base * (1 + growth * month) + slope / 300 * moved, 0, None))
            return _at_its_lag(changes.changes(given(months_of(gained, leads))))

        width = 2 * ANY_LAG * 300 * math.sqrt(base) / (spread * math.sqrt(months - 3))
        known = None if growth else width  # where leads grow their noise does
        return World(name, abs(slope) <= changes.CLAIM.margin, look, slope, PROMISED if sized else None, known)

    return [
        world("independent", 0.0, 48),
        world("independent, autocorrelation 0.8", 0.0, 48, memory=0.8),
        world("independent, both growing", 0.0, 60, growth=0.02),
        world("independent, few leads", 0.0, 36, base=0.5),
        world("just over the margin", 1.001, 60, base=8.0, spread=150.0),
        world("just within the margin", 0.999, 60, base=8.0, spread=150.0),
        world("plainly true", 0.0, 60, base=2.0, spread=300.0, sized=True),
        world("plainly false", 5.0, 60, base=10.0, spread=150.0, sized=True),
    ]


def _at_its_lag(section: Section) -> Seen:
    """What was said, with the true slope of the lag it was said of: followers move leads of the same month alone."""
    told = seen(section.findings[0])
    rows = section.tables[1].records()[len(changes.LAGS) :]
    lag = min(rows, key=lambda row: abs(float(str(row["slope"])) - (told.value or 0.0)))["lag"]
    return told if lag == 0 else replace(told, true=0.0)


def interrupted() -> list[World]:
    """A10: something changed. With a margin of 10 %, less than that is no change worth the name."""
    margin, level, before, after = 0.10, 100.0, 40, 10

    def world(
        name: str, rise: float, *, memory: float = 0.3, growth: float = 0.0, spread: float = 6.0, claim: bool = False,
        controls: int = 5, sized: bool = False,
    ) -> World:  # fmt: skip
        def look(rng: Rng) -> Seen:
            series = _series(rng, rise, memory, growth, spread)[: controls + 1]
            found = interruption.compare(series[:1], series[1:], before)
            return seen(interruption.judge(found, before, margin))

        def naive(rng: Rng) -> Seen:
            own = _series(rng, rise, memory, growth, spread)[0]
            found = before_after(own[:before], own[before:], margin)
            turned = {"supported": "refuted", "refuted": "supported"}
            verdict = type(found.verdict)(turned.get(found.verdict.value, found.verdict.value))
            return Seen(verdict, found.value, found.low, found.high)

        return World(name, claim, look, rise * level, PROMISED if sized else None, naive=naive)

    def _series(rng: Rng, rise: float, memory: float, growth: float, spread: float) -> np.ndarray:
        moments = before + after
        common = 8.0 * noise(rng, moments, 0.6) + level * growth * np.arange(moments)
        series = np.stack([level + common + spread * noise(rng, moments, memory) for _ in range(6)])
        series[0, before:] += rise * level
        return series

    return [
        world("no change", 0.0),
        world("no change, autocorrelation 0.8", 0.0, memory=0.8),
        world("no change, growing", 0.0, growth=0.02),
        world("no change, two controls, autocorrelation 0.8", 0.0, memory=0.8, controls=2),
        world("a change of the margin", margin, claim=True),
        world("a change of the margin, autocorrelation 0.8", margin, memory=0.8, claim=True),
        world("plainly true", 0.4, claim=True, sized=True),
        world("plainly false", 0.0, spread=3.0, sized=True),
    ]


def steady() -> list[World]:
    """A11: under 5 % of days are odd. `share` of the days hold a jump of followers, of 400 beside 20 a day.

    Where none is planted the figure is not known: a lively day may be odd by itself.
    """

    def world(
        name: str, share: float, days: int, *, memory: float = 0.0, growth: float = 0.0, sized: bool = False
    ) -> World:
        def look(rng: Rng) -> Seen:
            usual = 20 * np.exp(0.2 * noise(rng, days, memory)) if memory else np.full(days, 20.0)
            gained = rng.poisson(usual * (1 + growth * np.arange(days))) + 400.0 * (rng.random(days) < share)
            levels = np.cumsum(gained)
            first = date(2024, 1, 1)
            rows = [FollowersRow(OURS, at(first - timedelta(days=1)), 0.0)]
            rows += [FollowersRow(OURS, at(first + timedelta(days=i)), float(v)) for i, v in enumerate(levels)]
            return seen(audience.audience(given(Ledger(BRAND, Period(START, END), followers=tuple(rows)))).findings[0])

        width = share_width(share, days) if sized else None
        return World(name, share < audience.CLAIM.margin, look, share or None, PROMISED if sized else None, width)

    return [
        world("at the margin", 0.05, 180),
        world("just under the margin", 0.0499, 180),
        world("steady, autocorrelated", 0.0, 180, memory=0.8),
        world("steady, growing", 0.0, 180, growth=0.005),
        world("few days", 0.05, 62),
        world("plainly true", 0.005, 250, sized=True),
        world("plainly false", 0.15, 180, sized=True),
    ]


def fades() -> list[World]:
    """A12: on each of two networks visits per post fall, and faster than visits from elsewhere (slopes a year)."""

    def world(
        name: str, least: float, *, elsewhere: float = 0.0, months: int = 36, memory: float = 0.0, spread: float = 0.15,
        sized: bool = False,
    ) -> World:  # fmt: skip
        def look(rng: Rng) -> Seen:
            years = np.arange(months) / 12
            series: dict[str | None, np.ndarray] = {}
            for network, slope, first in ((OURS, least, 400), ("x", least - 0.8, 400), (None, elsewhere, 4000)):
                quiet = 0.3 if network is None else 1.0  # many people make a steadier sum
                noisy = np.exp(slope * years + quiet * spread * noise(rng, months, memory))
                series[network] = rng.poisson(first * noisy)
            return seen(fading.fading(given(visits_of(series))).findings[0])

        claim = least < -1e-9 and least < elsewhere - 1e-9
        return World(name, claim, look, least, PROMISED if sized else None, _slope_width(least, months, memory, spread))

    return [
        world("one holds", 0.0),
        world("one holds, autocorrelation 0.6", 0.0, memory=0.6, months=60),
        world("one fades no faster than elsewhere", -0.4, elsewhere=-0.4),
        world("one fades hardly", -0.001),
        world("few months", 0.0, months=14),
        world("plainly true", -0.5, sized=True),
        world("plainly false", 0.5, sized=True),
    ]


def _slope_width(slope: float, months: int, memory: float, spread: float) -> float:
    """Of an interval of the slope by who knows the noise: generalised least squares, counts of 400 and on included."""
    years = np.arange(months) / 12
    apart = np.abs(np.arange(months)[:, None] - np.arange(months)[None])
    covariance = spread**2 * memory**apart + np.diag(np.exp(-slope * years) / 400)
    design = np.column_stack([np.ones(months), years])
    return 2 * Z * math.sqrt(float(np.linalg.inv(design.T @ np.linalg.solve(covariance, design))[1, 1]))


def reactors() -> list[World]:
    """H2: under 5 % of those who react act within a year, and referrers had reacted at most 5 points more often."""

    def world(name: str, acted: float, more: float, n: int, pairs: int, *, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            counts = (rng.binomial(n, acted), rng.binomial(pairs, 0.1 + more), rng.binomial(pairs, 0.1))
            a, b, c = (int(one) for one in counts)
            one = Reacted(n, a, 0, pairs, b, pairs, c)
            return seen(benevolence.benevolence(given(Ledger(BRAND, Period(START, END), reacted=one))).findings[0])

        claim = acted < 0.05 and more < 0.05
        width = share_width(acted, n) if sized else None
        return World(name, claim, look, acted, PROMISED if sized else None, width)

    return [
        world("as many act as the margin", 0.05, 0.0, 200, 1500),
        world("referrers reacted more often by the margin", 0.0, 0.05, 200, 400),
        world("both just within", 0.0499, 0.0499, 200, 400),
        world("few people", 0.05, 0.0, 62, 12),
        world("plainly true", 0.005, 0.0, 300, 1500, sized=True),
        world("plainly false", 0.15, 0.0, 200, 60, sized=True),
    ]


AUDITS = (
    ("A8 followers_and_leads", followers()),
    ("A10 interruption", interrupted()),
    ("A11 audience_steady", steady()),
    ("A12 networks_fade", fades()),
    ("H2 reactions_are_no_help", reactors()),
)
