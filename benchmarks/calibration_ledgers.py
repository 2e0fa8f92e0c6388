"""Ledgers of calibration worlds: what `calibration` hands to the audits, made of counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache

import numpy as np

from crosspost.audit.counting.quality import Clean
from crosspost.audit.ledger import BrandFacts, EffortRow, FollowersRow, LeadRow, Ledger, PostRow, VisitDay
from crosspost.audit.observation.calendar import between, first_day
from crosspost.audit.results import Finding, Verdict
from crosspost.audit.section import Given
from crosspost.audit.statistics import plain
from crosspost.domain.period import Period

Rng = np.random.Generator
BRAND = BrandFacts("world", "World", "EUR")
START, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
MADE_AT = datetime(2027, 6, 1, tzinfo=UTC)
MONTHS = between({"2020-01", "2025-12"})
OURS, REST = "mastodon", "referral"
PROMISED = 0.8  # of right verdicts, as plans promise; sizes are such that an oracle is right in 9 of 10 and more
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Seen:
    """What an audit said of one world; an end of the interval is None where it told none.

    `true` is the true figure where it depends on which figure the audit told; None: it is the world's.
    """

    verdict: Verdict
    value: float | None = None
    low: float | None = None
    high: float | None = None
    true: float | None = None


@dataclass(frozen=True, slots=True)
class World:
    """A kind of world whose truth is known, and the audit of one of them.

    `claim` is whether the audit's claim is true there: saying *refuted* is then false, and *supported* where it is not.
    `value` is the true figure that the interval is to hold (None: the world is not asked for coverage). `promised` is
    the least share of right verdicts that the size was planned for (None: nothing was promised). `oracle` is the width
    of an interval that knows the noise, in logarithms if `log`; None: the width in which 95 % of the estimates lie.
    `naive` is the before/after method on the same world.
    """

    name: str
    claim: bool
    look: Callable[[Rng], Seen]
    value: float | None = None
    promised: float | None = None
    oracle: float | None = None
    log: bool = False
    naive: Callable[[Rng], Seen] | None = None


def seen(finding: Finding) -> Seen:
    found = finding.estimate
    if found is None:
        return Seen(finding.verdict)
    return Seen(finding.verdict, found.value, found.low, found.high)


def given(ledger: Ledger) -> Given:
    """The ledger as it is: rows made here stand once and in the period, and cleaning them takes longer than audits."""
    data = Clean(ledger, 0, (), 0)
    return Given(data, (), MADE_AT, 313.0, None, plain)


@cache
def share_width(p: float, n: int) -> float:
    """Median width of an exact interval of a share of n where it is p, by who wastes nothing (Blaker 2000).

    To know the noise of a count is to know its share: what is left to choose is the interval. Blaker's lies within the
    usual exact one. On a grid of shares, a count stands unless no more than 5 % of counts lie as far out as it does.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    top = min(1.0, p + 12 * math.sqrt(p / n) + 12 / n)
    shares, counts = np.linspace(0, top, 1201), np.arange(n + 1)

    def chances(share: np.ndarray) -> np.ndarray:
        choose = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
        found: np.ndarray = np.exp(choose + xlogy(counts, share) + xlog1py(n - counts, -share))
        return found

    each = chances(shares[:, None])
    out = np.minimum(np.cumsum(each, axis=1), np.cumsum(each[:, ::-1], axis=1)[:, ::-1])
    order = np.argsort(out, axis=1, kind="stable")
    kept = np.empty_like(each, dtype=bool)
    np.put_along_axis(kept, order, np.cumsum(np.take_along_axis(each, order, axis=1), axis=1) > 0.05, axis=1)
    low, high = shares[kept.argmax(axis=0)], shares[len(shares) - 1 - kept[::-1].argmax(axis=0)]
    likely = np.cumsum(chances(np.array(p))[np.argsort(high - low, kind="stable")])
    return float(np.sort(high - low)[np.searchsorted(likely, 0.5)])


def ledger(
    leads: Sequence[LeadRow], *, effort: Sequence[EffortRow] = (), rate_minor: int | None = None,
    placebo: frozenset[str] = frozenset(),
) -> Ledger:  # fmt: skip
    period = Period(START, END)
    return Ledger(BRAND, period, leads=tuple(leads), effort=tuple(effort), rate_minor=rate_minor, placebo=placebo)


@lru_cache(20_000)
def lead(number: int, channel: str | None, won: bool, **more: object) -> LeadRow:
    """A lead of its own hour; lost if it was not won. Rows cannot change: worlds share equal ones."""
    at = START + timedelta(hours=number)
    told = {"channel": channel, **more}
    if won:
        told.setdefault("won_at", at + timedelta(days=20))
    else:
        told.setdefault("lost_at", at + timedelta(days=20))
    return LeadRow(f"L{number}", at, **told)  # type: ignore[arg-type]


def fees(channel: str, minor: int) -> EffortRow:
    return EffortRow(channel, date(2020, 1, 6), 0.0, minor, "EUR")


def hours(channel: str, number: float) -> EffortRow:
    return EffortRow(channel, date(2020, 1, 6), number)


def noise(rng: Rng, length: int, memory: float) -> np.ndarray:
    """Standard normal noise whose neighbours correlate by `memory`."""
    found = rng.normal(size=length)
    for place in range(1, length):
        found[place] = memory * found[place - 1] + np.sqrt(1 - memory**2) * found[place]
    return found


@cache
def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@cache
def posts_of(network: str, length: int) -> tuple[PostRow, ...]:
    """Four posts a month."""
    return tuple(
        PostRow(network, at(first_day(m)) + timedelta(days=7 * week)) for m in MONTHS[:length] for week in range(4)
    )


@lru_cache(20_000)
def asked(month: str, number: int) -> LeadRow:
    return LeadRow(f"{month}-{number}", at(first_day(month)) + timedelta(hours=number), "search")


def months_of(gained: np.ndarray, leads: np.ndarray) -> Ledger:
    """Followers gained and leads, month by month; four posts each month."""
    known = MONTHS[: len(gained)]
    level = np.cumsum(gained) + 10_000
    followers = [
        FollowersRow(OURS, at(first_day(month)) + timedelta(days=27), float(value))
        for month, value in zip(known, level, strict=True)
    ]
    rows = [asked(month, one) for month, number in zip(known, leads, strict=True) for one in range(int(number))]
    period = Period(START, at(first_day(MONTHS[len(gained)])))
    return Ledger(BRAND, period, leads=tuple(rows), followers=tuple(followers), posts=posts_of(OURS, len(known)))


def visits_of(series: dict[str | None, np.ndarray]) -> Ledger:
    """Visits by month and network (None: elsewhere); four posts a month on each network."""
    length = len(next(iter(series.values())))
    known = MONTHS[:length]
    visits = [
        VisitDay(network, first_day(month), int(value))
        for network, values in series.items()
        for month, value in zip(known, values, strict=True)
    ]
    posts = [post for network in series if network is not None for post in posts_of(network, length)]
    period = Period(START, at(first_day(MONTHS[length])))
    return Ledger(BRAND, period, posts=tuple(posts), visit_days=tuple(visits), visit_months=frozenset(known))
