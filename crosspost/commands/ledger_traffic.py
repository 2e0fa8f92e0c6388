"""Hits and visits as rows of a ledger: by network, by day, by link."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta, tzinfo

from crosspost.audit.ledger import ClickHour, ClickRow, EarlyRow, HitDay, LinkRow
from crosspost.commands import visited as visits
from crosspost.commands.visited import Visited
from crosspost.domain.link import BIO, is_bio
from crosspost.domain.period import Period
from crosspost.domain.traffic import Judgement
from crosspost.store import links, posts, traffic
from crosspost.store.store import Scope
from crosspost.store.traffic import HitCount

_JUDGEMENTS = (Judgement.PERSON, Judgement.UNSURE, Judgement.PREVIEW, Judgement.CRAWLER)
FIRST_SECONDS = timedelta(seconds=10)  # nobody has seen, read and clicked a post by then


def click_rows(hits: Iterable[HitCount], measured: Iterable[str]) -> Iterable[ClickRow]:
    """Hits by network and judgement. A network that is measured and has none had none; another one has no row."""
    counted: dict[str, Counter[Judgement]] = {network: Counter() for network in measured}
    for one in hits:
        counted.setdefault(one.network or "", Counter())[one.judgement] += one.hits
    for name, number in sorted(counted.items()):
        yield ClickRow(name, *(number[judgement] for judgement in _JUDGEMENTS))


def hit_days(hits: Iterable[HitCount]) -> Iterable[HitDay]:
    """Hits by network, link and UTC day."""
    counted: defaultdict[tuple[str, str, date], Counter[Judgement]] = defaultdict(Counter)
    for one in hits:
        counted[one.network or "", one.code, one.day][one.judgement] += one.hits
    for key, number in sorted(counted.items()):
        yield HitDay(*key, *(number[judgement] for judgement in _JUDGEMENTS))


def click_hours(scope: Scope, period: Period, zone: tzinfo) -> Iterable[ClickHour]:
    """Clicks by network and hour of the week in that zone; who goes on from a bio page clicks a link there."""
    counted: defaultdict[tuple[str, int, int], Counter[Judgement]] = defaultdict(Counter)
    for one in traffic.quarters(scope, period, without=BIO):
        at = one.at.astimezone(zone)
        counted[one.network, at.isoweekday(), at.hour][one.judgement] += one.hits
    for key, number in sorted(counted.items()):
        yield ClickHour(*key, number[Judgement.PERSON], number[Judgement.UNSURE])


def early_rows(scope: Scope, published: list[posts.StoredPost]) -> Iterable[EarlyRow]:
    """Possible persons' hits on posts' links within a day of publishing, and within its first seconds, by network."""
    starts = {one.code: one.post.published_at for one in published if one.code and one.post.published_at}
    days, seconds = traffic.after(scope, starts, timedelta(days=1)), traffic.after(scope, starts, FIRST_SECONDS)
    networks = {one.code: one.network for one in published if one.code}
    for code, number in sorted(days.items()):
        yield EarlyRow(networks[code], number, seconds.get(code, 0))


def link_rows(scope: Scope, hits: Iterable[HitCount], seen: Visited, *, measured: Collection[str]) -> Iterable[LinkRow]:
    """What came by each link of an account, by the same counts as the networks' own rows."""
    clicked = {one.network for one in hits} | set(measured)
    followed: dict[str, Counter[Judgement]] = defaultdict(Counter)
    for one in hits:
        followed[one.code][one.judgement] += one.hits
    visited: Counter[str] = Counter()
    for _, code, told in seen.counted:
        if code is not None:
            visited[code] += visits.added(told)
    counts_visits = {row.network for row in seen.rows if row.visits is not None}
    titles = links.articles(scope)
    for code, network in sorted(links.networks(scope).items()):
        if network is not None and not is_bio(code):
            found = followed[code]
            yield LinkRow(
                code, network, titles.get(code), found[Judgement.PERSON] if network in clicked else None,
                found[Judgement.UNSURE], visited[code] if network in counts_visits else None,
            )  # fmt: skip
