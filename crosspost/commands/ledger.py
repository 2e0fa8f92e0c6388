"""Gather one brand's facts into the table an audit is given. Nothing is computed: rows are laid side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from crosspost.audit.ledger import (
    BrandFacts,
    ClickRow,
    EffortRow,
    FollowersRow,
    LeadRow,
    Ledger,
    LinkRow,
    PostRow,
)
from crosspost.clock import zone
from crosspost.commands import visited as visits
from crosspost.commands.askings import askings
from crosspost.commands.coverage import coverage
from crosspost.commands.visited import Visited
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.business import folded
from crosspost.domain.common import common, latest
from crosspost.domain.errors import BadInput
from crosspost.domain.facts import Facts
from crosspost.domain.link import is_bio
from crosspost.domain.metric import Metric
from crosspost.domain.period import Period
from crosspost.domain.post import ReadingStatus
from crosspost.domain.stage import Stage
from crosspost.domain.traffic import Judgement
from crosspost.networks import NETWORKS, closed_networks
from crosspost.networks import network as named
from crosspost.store import brands, business, efforts, links, posts, traffic
from crosspost.store.business import StoredDeal, StoredLead
from crosspost.store.posts import StoredReading
from crosspost.store.store import Scope, Store
from crosspost.store.traffic import HitCount
from crosspost.store.visits import codes_of_leads


def gather(
    store: Store,
    brand: Brand,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    same_as: Mapping[str, str] = MappingProxyType({}),
    placebo: frozenset[str] = frozenset(),
    read_by: datetime | None = None,
) -> Ledger:
    """The brand's ledger of `[since, until)`; without bounds, of everything recorded until now.

    `same_as` says what a recorded channel is, by its folded name; what was recorded stays as it is in the store.
    `placebo` are channels that never ran: who says they came by one is counted apart. Readings after `read_by` are left
    out.
    """

    def known(channel: str) -> str:
        return same_as.get(folded(channel), channel)

    with store.read(brand.id) as scope:
        leads, deals = business.leads(scope), business.deals(scope)
        accounts = {one.id: one for one in brands.accounts(scope)}
        stored_posts = posts.posts(scope)
        readings = _within_terms(posts.readings(scope, until=read_by), accounts, stored_posts)
        spent = efforts.stored(scope)
        rows = [_renamed(row, known, placebo) for row in _lead_rows(leads, deals, codes_of_leads(scope))]
        dated = [
            *(row.contacted_at for row in rows), *(row.won_at for row in rows),
            *(one.post.published_at for one in stored_posts), *(one.reading.read_at for one in readings),
            *(_midnight(one.effort.start) for one in spent),
            *visits.dated(scope),
        ]  # fmt: skip
        period = _period(since, until, [at for at in dated if at is not None], now)
        # Where our links are out, one that nobody followed is known to be so: by our redirect, if that answers.
        connected = {one.network for one in accounts.values() if one.has_api or one.by_hand}
        redirected = connected if brand.link_mode is LinkMode.REDIRECT else set()
        hits = [
            one for one in traffic.counts(scope, period) if not is_bio(one.code)
        ]  # its readers click on, and count there
        seen = visits.visited(scope, period, connected)
        sandbox = next((one.settings["sandbox"] for one in accounts.values() if one.settings.get("sandbox")), None)
        return Ledger(
            brand=BrandFacts(brand.slug, brand.name, brand.currency, brand.zone),
            period=period,
            leads=tuple(rows),
            posts=tuple(_post_rows(stored_posts, readings, period)),
            clicks=tuple(_click_rows(hits, redirected)),
            visits=seen.rows,
            followers=tuple(
                FollowersRow(
                    accounts[one.account_id].network, one.reading.read_at, one.reading.value, one.reading.reason
                )
                for one in readings
                if one.post_id is None and one.reading.metric == "followers" and one.reading.read_at in period
            ),
            effort=tuple(
                EffortRow(
                    known(one.effort.channel),
                    one.effort.start,
                    None if one.effort.hours is None else float(one.effort.hours),
                    one.id,
                )
                for one in spent
                if _midnight(one.effort.start) in period
            ),
            sandbox=sandbox,
            closed=closed_networks(),
            placebo=placebo,
            counting=seen.notes,
            links=tuple(_link_rows(scope, hits, seen, measured=redirected)),
            coverage=coverage(scope, leads, deals, stored_posts, readings, spent, accounts, zone(brand.zone)),
        )


def _within_terms(
    readings: list[StoredReading], accounts: Mapping[str, Account], stored: list[posts.StoredPost]
) -> list[StoredReading]:
    """Without the numbers that may not stand beside another network's (docs/networks.md), where there is another.

    Everything that is laid side by side is made from the ledger, so this is where the rule is kept. What the owner
    exported and imported is theirs.
    """
    present = {folded(one.network) for one in stored} | {folded(accounts[one.account_id].network) for one in readings}
    if len(present) < 2:
        return readings
    apart = {name: named(name).title for name in present & set(NETWORKS) if _apart(name)}
    return [
        _withheld(one, apart[name]) if one.origin == "api" and (name := _network_of(one, accounts)) in apart else one
        for one in readings
    ]


def _network_of(one: StoredReading, accounts: Mapping[str, Account]) -> str:
    return folded(accounts[one.account_id].network)


def _apart(name: str) -> bool:
    facts: Facts | None = getattr(named(name), "facts", None)
    return facts is not None and facts.apart


def _withheld(one: StoredReading, title: str) -> StoredReading:
    reason = f"{title}'s terms keep the numbers of its API apart from other networks': import its own export to compare"
    reading = replace(one.reading, value=None, status=ReadingStatus.NOT_PERMITTED, reason=reason)
    return replace(one, reading=reading)


def _period(since: datetime | None, until: datetime | None, dated: Iterable[datetime], now: datetime) -> Period:
    found = list(dated)
    start = since or min(found, default=now)
    # One second past the last fact: a period does not contain its end.
    end = until or max(max(found, default=now) + timedelta(seconds=1), start)
    if end < start:
        raise BadInput(f"the period would end ({end}) before it starts ({start})", remedy="check --since and --until")
    return Period(start, end)


def _renamed(row: LeadRow, known: Callable[[str], str], placebo: frozenset[str]) -> LeadRow:
    channel = None if row.channel is None else known(row.channel)
    told = "placebo" if row.told_channel in placebo else row.told_channel
    return replace(row, channel=channel, told_channel=told, touches=tuple(known(touch) for touch in row.touches))


def _lead_rows(
    leads: list[StoredLead], deals: list[StoredDeal], clicked: Mapping[str, tuple[str, str | None]]
) -> list[LeadRow]:
    """One row per asking with its first deal; each further deal is a row of its own, and a return.

    A lead without a code of its own has the one of the click whose id it carries.
    """
    found, rest = askings(leads, deals)
    rows = []
    for one in found:
        row = _lead_row(one.lead, one.deals[0] if one.deals else None)
        if row.code is None and one.lead.id in clicked:
            code, network = clicked[one.lead.id]
            row = replace(row, code=code, network_of_code=network)
        rows.append(row)
        rows += [_later_deal(one.lead, deal) for deal in one.deals[1:]]
    return [*rows, *(_deal_row(deal) for deal in rest)]


def _lead_row(stored: StoredLead, deal: StoredDeal | None) -> LeadRow:
    lead = stored.lead
    amount = deal.deal.amount if deal else None
    return LeadRow(
        lead=stored.id,
        contacted_at=lead.contacted_at,
        channel=lead.channel,
        told_channel=lead.told_channel,
        touches=tuple(touch.channel for touch in lead.touchpoints),
        won_at=deal.deal.won_at if deal else None,
        lost_at=lead.lost_at,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        returning=deal.deal.returning if deal else False,
        code=lead.code,
        network_of_code=stored.network_of_code,
        talking_at=_first(stored, Stage.TALKING),
        offered_at=_first(stored, Stage.OFFERED),
        referred=lead.referrer is not None,
    )


def _first(stored: StoredLead, stage: Stage) -> datetime | None:
    return min((one.at for one in stored.lead.stages if one.stage is stage), default=None)


def _later_deal(stored: StoredLead, deal: StoredDeal) -> LeadRow:
    amount = deal.deal.amount
    return LeadRow(
        lead=deal.id,
        contacted_at=None,
        channel="recurrence",
        won_at=deal.deal.won_at,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        returning=True,
    )


def _deal_row(deal: StoredDeal) -> LeadRow:
    amount = deal.deal.amount
    return LeadRow(
        lead=deal.id,
        contacted_at=None,
        channel="recurrence" if deal.deal.returning else None,
        won_at=deal.deal.won_at,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        returning=deal.deal.returning,
    )


def _post_rows(stored: list[posts.StoredPost], readings: list[StoredReading], period: Period) -> Iterable[PostRow]:
    networks = {post.id: post.network for post in stored}
    known = latest(
        (one.post_id, common(networks[one.post_id], declared(networks[one.post_id]), "post", one.reading))
        for one in readings
        if one.post_id in networks
    )
    for post in stored:
        if post.post.published_at is not None and post.post.published_at not in period:
            continue
        found = known.get(post.id, {})
        yield PostRow(
            network=post.network,
            published_at=post.post.published_at,
            code=post.code,
            metrics={name: one.reading.value for name, one in found.items()},
            reasons={name: one.reading.reason or "" for name, one in found.items() if one.reading.value is None},
            post=post.id,
        )


def declared(name: str) -> tuple[Metric, ...]:
    """What a network declares to count; nothing for a name that is none."""
    found: tuple[Metric, ...] = getattr(named(name), "metrics", ()) if name in NETWORKS else ()
    return found


def _link_rows(
    scope: Scope, hits: Iterable[HitCount], seen: Visited, *, measured: Collection[str]
) -> Iterable[LinkRow]:
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


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _click_rows(hits: Iterable[HitCount], measured: Iterable[str]) -> Iterable[ClickRow]:
    """Hits by network and judgement. A network that is measured and has none had none; another one has no row."""
    counted: dict[str, dict[Judgement, int]] = {network: {} for network in measured}
    for one in hits:
        if one.network is not None:
            of_network = counted.setdefault(one.network, {})
            of_network[one.judgement] = of_network.get(one.judgement, 0) + one.hits
    for name, of_network in sorted(counted.items()):
        yield ClickRow(
            name,
            of_network.get(Judgement.PERSON, 0),
            of_network.get(Judgement.UNSURE, 0),
            of_network.get(Judgement.PREVIEW, 0),
            of_network.get(Judgement.CRAWLER, 0),
        )
