"""Which figure is known for which days, and who told it: each file, the networks' API, a person, our own counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from crosspost.audit.ledger import CoverageRow
from crosspost.domain.brand import Account
from crosspost.domain.message import channel, metric_name, say
from crosspost.store import files, tallies, traffic, visit_counts
from crosspost.store.business import StoredDeal, StoredLead
from crosspost.store.efforts import StoredEffort
from crosspost.store.outcomes import Origin
from crosspost.store.posts import StoredPost, StoredReading
from crosspost.store.store import Scope

HAND = say("hand")
FILE = say("file")
_SAID: Mapping[str, str] = {"cli": HAND, "manual": HAND, "page": HAND}
OUR_LINKS, OUR_SCRIPT = say("our links"), say("our script")
LEADS, RECORDED, TOLD, JOURNEY, LOSSES, DEALS, REVENUE, HOURS, HITS, VISITS = (
    say("leads"), say("channel recorded"), say("channel told"), say("journey"), say("losses"), say("deals"),
    say("revenue"), say("hours"), say("hits"), say("visits"),
)  # fmt: skip
_DAY = timedelta(days=1)


def told_by(source: str, origin: Origin | None) -> str:
    """Who told of a row: a file, a person by hand, else the source's own name, such as `webhook` or `api`."""
    return FILE if origin is not None else _SAID.get(source, source)


@dataclass(slots=True)
class _Span:
    first: date = date.max
    last: date = date.min
    rows: int = 0
    months: set[str] = field(default_factory=set)


class _Spans:
    """Days and months of each figure by who told it."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str, str, str], _Span] = {}

    def add(self, figure: str, of: str, source: str, origin: Origin | None, first: date, last: date) -> None:
        span = self._of.setdefault((figure, of, told_by(source, origin), origin.sha256 if origin else ""), _Span())
        span.first, span.last, span.rows = min(span.first, first), max(span.last, last), span.rows + 1
        span.months.update(_months(first, last))

    def rows(self, names: Mapping[str, str]) -> tuple[CoverageRow, ...]:
        return tuple(
            CoverageRow(
                figure, of, origin, one.first, one.last, one.rows, tuple(sorted(one.months)),
                names.get(sha256) if sha256 else None, sha256 or None,
            )
            for (figure, of, origin, sha256), one in sorted(self._of.items())
        )  # fmt: skip


def coverage(
    scope: Scope,
    leads: Iterable[StoredLead],
    deals: Iterable[StoredDeal],
    posts: Iterable[StoredPost],
    readings: Iterable[StoredReading],
    efforts: Iterable[StoredEffort],
    accounts: Mapping[str, Account],
    where: tzinfo,
) -> tuple[CoverageRow, ...]:
    """All the store holds of a brand, by figure and origin; a month of which nothing was told is in none of them.

    A post's numbers belong to the day it was published on, where that is known; days are those of `where`.
    """
    spans = _Spans()

    def on(figure: str, of: str, source: str, origin: Origin | None, at: datetime | date) -> None:
        day = at.astimezone(where).date() if isinstance(at, datetime) else at
        spans.add(figure, of, source, origin, day, day)

    for lead in leads:
        fact = lead.lead
        told = (
            (LEADS, True), (RECORDED, fact.channel), (TOLD, fact.told_channel), (JOURNEY, fact.touchpoints),
            (LOSSES, fact.lost_at),
        )  # fmt: skip
        for figure, there in told:
            if there:
                on(figure, "", fact.source, lead.origin, fact.contacted_at)
    for deal in deals:
        on(DEALS, "", deal.deal.source, deal.origin, deal.deal.won_at)
        if deal.deal.amount is not None:
            on(REVENUE, deal.deal.amount.currency, deal.deal.source, deal.origin, deal.deal.won_at)
    for effort in efforts:
        last = effort.effort.start + _DAY * (effort.effort.days - 1)
        if effort.effort.hours is not None:
            spans.add(HOURS, _channel(effort.effort.channel), effort.source, effort.origin, effort.effort.start, last)
    published = {post.id: post.post.published_at for post in posts}
    for one in readings:
        if one.reading.value is None:
            continue
        name, network = one.reading.metric, accounts[one.account_id].network
        at = published.get(one.post_id or "")
        if one.post_id is not None:
            on(_of_posts(name), _channel(network), one.origin, one.file, at or one.reading.read_at)
        elif one.reading.since is not None and one.reading.until is not None:
            first, last = one.reading.since, max(one.reading.since, one.reading.until - _DAY)
            days = first.astimezone(where).date(), last.astimezone(where).date()
            spans.add(_metric(name), _channel(network), one.origin, one.file, *days)
        else:
            on(_metric(name), _channel(network), one.origin, one.file, one.reading.read_at)
    for tally in tallies.tallies(scope):
        if tally.tally.value is not None:
            what = say("{tool} by {by}", tool=tally.tally.tool, by=tally.tally.by)
            spans.add(_metric(tally.tally.metric), what, FILE, tally.origin, tally.tally.start, tally.tally.end - _DAY)
    for hits in traffic.counts(scope):
        on(HITS, _channel(hits.network or ""), OUR_LINKS, None, hits.day)
    for visit in visit_counts.counts(scope):
        on(VISITS, _channel(visit.network or ""), OUR_SCRIPT, None, visit.day)
    return spans.rows({one.sha256: one.name for one in files.all_of(scope)})


@cache
def _channel(name: str) -> str:
    return channel(name)


@cache
def _metric(name: str) -> str:
    return metric_name(name)


@cache
def _of_posts(metric: str) -> str:
    return say("posts' {metric}", metric=metric_name(metric))


def _months(first: date, last: date) -> Iterable[str]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{month // 12:04d}-{month % 12 + 1:02d}"
