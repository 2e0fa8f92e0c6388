"""Ledgers of years in which it is known what moves with what: made from a seed, with NumPy alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from crosspost.audit.counting.quality import clean
from crosspost.audit.ledger import (
    CountedDays,
    FollowersRow,
    InterruptionRow,
    LeadRow,
    Ledger,
    PostRow,
    VisitDay,
)
from crosspost.audit.observation.calendar import between, first_day
from crosspost.audit.section import Given
from crosspost.domain.period import Period
from tests.audit.ledgers import BRAND, MADE_AT

MONTHS = between({"2020-01", "2024-12"})


def given(ledger: Ledger, blocked: str | None = None) -> Given:
    return Given(clean(ledger), (), MADE_AT, 1.0, blocked)


def period(months: list[str]) -> Period:
    end = first_day(between({months[-1], "2025-12"})[1])
    return Period(_at(first_day(months[0])), _at(end))


def moving(slope: float, *, seed: int, months: int = 60, gain: float = 60.0, base: float = 2.0) -> Ledger:
    """Followers and leads: `slope` leads a month more per follower gained above the usual."""
    rng = np.random.default_rng(seed)
    known = MONTHS[:months]
    gained = np.round(rng.normal(gain, gain / 3, months))
    wanted = np.clip(base + slope * (gained - gain), 0, None)
    leads = np.round(wanted).astype(int) if slope else rng.poisson(base, months)
    level = np.cumsum(gained) + 500
    followers = tuple(
        FollowersRow("mastodon", _at(first_day(month)) + timedelta(days=27), float(value))
        for month, value in zip(known, level, strict=True)
    )
    rows = tuple(
        LeadRow(f"{month}-{index}", _at(first_day(month)) + timedelta(days=1 + index % 26), "search")
        for month, number in zip(known, leads, strict=True)
        for index in range(number)
    )
    posts = tuple(PostRow("mastodon", _at(first_day(month)) + timedelta(days=2)) for month in known)
    return Ledger(BRAND, period(known), leads=rows, followers=followers, posts=posts)


def fading(
    slopes: dict[str, float] | None = None, *, elsewhere: float = 0.0, months: int = 36, seed: int = 3,
    noise: float = 0.1,
) -> Ledger:  # fmt: skip
    """Four posts a month and network, and visits per post that change by `slopes` a year (logarithm)."""
    slopes = {"mastodon": -0.6, "x": -0.8} if slopes is None else slopes
    rng = np.random.default_rng(seed)
    known = MONTHS[:months]
    posts, visits = [], []
    for name, slope in slopes.items():
        for index, month in enumerate(known):
            day = first_day(month)
            posts += [PostRow(name, _at(day) + timedelta(days=week * 7)) for week in range(4)]
            visits.append(VisitDay(name, day, _visits(400, slope, index, rng, noise)))
    for index, month in enumerate(known):
        visits.append(VisitDay(None, first_day(month), _visits(1000, elsewhere, index, rng, noise)))
    return Ledger(BRAND, period(known), posts=tuple(posts), visit_days=tuple(visits), visit_months=frozenset(known))


STOPPED = date(2024, 3, 4)


def stopped(what: str = "linkedin", **more: Any) -> InterruptionRow:
    """An interruption that was declared the day before it began."""
    told = {
        "since": STOPPED,
        "until": None,
        "why": "it closed",
        "declared_at": _at(STOPPED) - timedelta(days=1),
        **more,
    }
    return InterruptionRow(what, **told)


def interrupted(
    *declared: InterruptionRow, leads: float = 1.0, visits: float = 1.0, before: int = 40, after: int = 12,
    seed: int = 5, weekly: float = 6.0,
) -> Ledger:  # fmt: skip
    """Leads, visits from linkedin, mastodon and elsewhere, of days; from STOPPED on leads, and visits from linkedin,
    are so many times what they were. All weeks vary together, as with a season."""
    rng = np.random.default_rng(seed)
    start = STOPPED - timedelta(weeks=before)
    rows, days = [], []
    for week in range(before + after):
        way, later = float(np.exp(rng.normal(0, 0.1))), week >= before
        monday = start + timedelta(weeks=week)
        for index in range(rng.poisson(weekly * way * (leads if later else 1))):
            rows.append(LeadRow(f"{week}-{index}", _at(monday + timedelta(days=index % 7)), "referral"))
        for name, mean in (("linkedin", 30 * (visits if later else 1)), ("mastodon", 20.0), (None, 90.0)):
            days += [VisitDay(name, monday + timedelta(days=day), int(rng.poisson(mean * way / 7))) for day in range(7)]
    end = STOPPED + timedelta(weeks=after)
    spans = (CountedDays(start, end),)
    # The first lead's own day tells nothing of when recording began, so one comes before everything.
    first = LeadRow("first", _at(start) - timedelta(days=1), "referral")
    return Ledger(
        BRAND, Period(first.contacted_at or _at(start), _at(end)), leads=(first, *rows), visit_days=tuple(days),
        visit_spans=spans, interruptions=declared,
    )  # fmt: skip


def _visits(start: int, slope: float, index: int, rng: np.random.Generator, noise: float) -> int:
    return int(round(start * float(np.exp(slope * index / 12 + rng.normal(0, noise)))))


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
