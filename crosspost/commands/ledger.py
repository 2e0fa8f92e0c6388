"""Gather one brand's facts into the table an audit is given. Nothing is computed: rows are laid side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crosspost.audit.ledger import (
    BrandFacts,
    ClickRow,
    EarlyRow,
    EffortRow,
    FollowersRow,
    HitDay,
    LeadRow,
    Ledger,
    LinkRow,
    PostRow,
)
from crosspost.clock import zone
from crosspost.commands import reacted as reactions
from crosspost.commands import visited as visits
from crosspost.commands.askings import askings
from crosspost.commands.choices import NONE, Choices
from crosspost.commands.coverage import coverage
from crosspost.commands.experiment_weeks import as_run
from crosspost.commands.hypotheses import standing
from crosspost.commands.visited import Visited
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.business import Deal, folded, told_money
from crosspost.domain.common import common, latest
from crosspost.domain.errors import BadInput
from crosspost.domain.facts import Facts
from crosspost.domain.link import is_bio
from crosspost.domain.metric import Metric
from crosspost.domain.money import Money
from crosspost.domain.period import Period
from crosspost.domain.post import ReadingStatus
from crosspost.domain.stage import Stage
from crosspost.domain.traffic import Judgement
from crosspost.networks import NETWORKS, closed_networks, rules_of
from crosspost.networks import network as named
from crosspost.store import brands, business, efforts, links, posts, traffic
from crosspost.store.business import StoredDeal, StoredLead
from crosspost.store.efforts import StoredEffort
from crosspost.store.posts import StoredReading
from crosspost.store.store import Scope, Store
from crosspost.store.traffic import HitCount
from crosspost.store.visits import codes_of_leads

_JUDGEMENTS = (Judgement.PERSON, Judgement.UNSURE, Judgement.PREVIEW, Judgement.CRAWLER)
FIRST_SECONDS = timedelta(seconds=10)  # nobody has seen, read and clicked a post by then


def gather(
    store: Store,
    brand: Brand,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    choices: Choices = NONE,
    read_by: datetime | None = None,
    lasting: bool = False,
) -> Ledger:
    """The brand's ledger of `[since, until)`; without bounds, of everything recorded until now.

    Readings after `read_by` are left out; with `lasting`, so is the value of each that a network's rules may have
    deleted one day. Raises BadInput for an hourly rate that is none.
    """
    worth = told_money(choices.rate, brand.currency, "hourly rate")

    def known(channel: str) -> str:
        return choices.same_as.get(folded(channel), channel)

    with store.read(brand.id) as scope:
        leads, deals = business.leads(scope), business.deals(scope)
        accounts = {one.id: one for one in brands.accounts(scope)}
        stored_posts = posts.posts(scope)
        readings = _within_terms(posts.readings(scope, until=read_by), accounts, stored_posts)
        if lasting:
            readings = [_by_reference(one) if _may_go(one, accounts) else one for one in readings]
        spent = efforts.stored(scope)
        rows = [_renamed(row, known, choices.placebo) for row in _lead_rows(leads, deals, codes_of_leads(scope))]
        dated = [
            *(row.contacted_at for row in rows), *(row.won_at for row in rows),
            *(one.post.published_at for one in stored_posts), *(_tells_of(one) for one in readings),
            *(_midnight(one.effort.start) for one in spent),
            *visits.dated(scope),
        ]  # fmt: skip
        period = _period(since, until, [at for at in dated if at is not None], now)
        # Where our links are out, one that nobody followed is known to be so: by our redirect, if that answers.
        connected = {one.network for one in accounts.values() if one.has_api or one.by_hand}
        redirected = connected if brand.link_mode is LinkMode.REDIRECT else set()
        seen = visits.visited(scope, period, connected)
        # Who goes on from a bio page is counted by the link they click there.
        counted = [one for one in traffic.counts(scope, period) if one.network is not None and not is_bio(one.code)]
        reacted = reactions.reacted(scope, brand, leads, deals, period)
        sandbox = next((one.settings["sandbox"] for one in accounts.values() if one.settings.get("sandbox")), None)
        return Ledger(
            brand=BrandFacts(brand.slug, brand.name, brand.currency, brand.zone),
            period=period,
            leads=tuple(rows),
            posts=tuple(_post_rows(stored_posts, readings, period)),
            clicks=tuple(_click_rows(counted, redirected)),
            visits=seen.rows,
            followers=tuple(
                FollowersRow(
                    accounts[one.account_id].network, one.reading.read_at, one.reading.value, one.reading.reason
                )
                for one in readings
                if one.post_id is None and one.reading.metric == "followers" and one.reading.read_at in period
            ),
            effort=tuple(
                _effort_row(one, known(one.effort.channel)) for one in spent if _midnight(one.effort.start) in period
            ),
            sandbox=sandbox,
            closed=closed_networks(),
            placebo=choices.placebo,
            counting=seen.notes,
            locks=tuple(one.lock for one in standing(scope, brand, choices.hypotheses) if one.stored.locked_at <= now),
            experiments=as_run(scope, brand, rows, now),
            rate_minor=None if worth is None else worth.minor,
            hit_days=tuple(_hit_days(counted)),
            early=tuple(
                _early_rows(
                    scope, [one for one in stored_posts if (at := one.post.published_at) is not None and at in period]
                )
            ),
            visit_days=seen.days,
            visit_months=seen.months,
            reacted=reacted.counts,
            reacted_reason=reacted.reason,
            links=tuple(_link_rows(scope, counted, seen, measured=redirected)),
            coverage=coverage(scope, leads, deals, stored_posts, readings, spent, accounts, zone(brand.zone)),
        )


def _tells_of(one: StoredReading) -> datetime | None:
    """The instant to which a reading carries the ledger; None where its post's own day says more.

    A file's numbers are read when it is imported, and tell nothing of the time since its export.
    """
    told = one.reading
    if one.file is None or (one.post_id is None and told.metric == "followers"):
        return told.read_at
    return None if one.post_id is not None or told.until is None else min(told.until, told.read_at)


def _effort_row(stored: StoredEffort, channel: str) -> EffortRow:
    spent = stored.effort
    hours = None if spent.hours is None else float(spent.hours)
    if spent.fees is None:
        return EffortRow(channel, spent.start, hours, effort=stored.id)
    return EffortRow(channel, spent.start, hours, spent.fees.minor, spent.fees.currency, stored.id)


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
    return _without(one, f"{title}'s terms keep the numbers of its API apart from other networks': import its own "
                    "export to compare")  # fmt: skip


def _without(one: StoredReading, reason: str) -> StoredReading:
    reading = replace(one.reading, value=None, status=ReadingStatus.NOT_PERMITTED, reason=reason)
    return replace(one, reading=reading)


def _by_reference(one: StoredReading) -> StoredReading:
    there = one.reading.value is not None
    return _without(one, "held by reference: the network's rules may have it deleted") if there else one


def _may_go(one: StoredReading, accounts: Mapping[str, Account]) -> bool:
    """Whether a network's rules can reach it, soon or one day: what people brought or typed stays theirs."""
    account = accounts[one.account_id]
    rules = rules_of(account.network)
    what = "readings of the account" if one.post_id is None else "readings of posts"
    limited = any(rule.what == what for rule in rules.of(account.remote_id))
    return one.origin == "api" and (limited or (rules.gone is not None and one.post_id is not None))


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
    amount, margin = _money_of(deal.deal if deal else None)
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
        margin_minor=margin,
    )


def _money_of(deal: Deal | None) -> tuple[Money | None, int | None]:
    """The amount of a deal, and its margin in minor units of the same currency."""
    if deal is None:
        return None, None
    return deal.amount, None if deal.margin is None else deal.margin.minor


def _first(stored: StoredLead, stage: Stage) -> datetime | None:
    return min((one.at for one in stored.lead.stages if one.stage is stage), default=None)


def _later_deal(stored: StoredLead, deal: StoredDeal) -> LeadRow:
    amount, margin = _money_of(deal.deal)
    return LeadRow(
        lead=deal.id,
        contacted_at=None,
        channel="recurrence",
        won_at=deal.deal.won_at,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        returning=True,
        margin_minor=margin,
    )


def _deal_row(deal: StoredDeal) -> LeadRow:
    amount, margin = _money_of(deal.deal)
    return LeadRow(
        lead=deal.id,
        contacted_at=None,
        channel="recurrence" if deal.deal.returning else None,
        won_at=deal.deal.won_at,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        returning=deal.deal.returning,
        margin_minor=margin,
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


def _click_rows(hits: Iterable[HitCount], measured: Iterable[str]) -> Iterable[ClickRow]:
    """Hits by network and judgement. A network that is measured and has none had none; another one has no row."""
    counted: dict[str, Counter[Judgement]] = {network: Counter() for network in measured}
    for one in hits:
        counted.setdefault(one.network or "", Counter())[one.judgement] += one.hits
    for name, number in sorted(counted.items()):
        yield ClickRow(name, *(number[judgement] for judgement in _JUDGEMENTS))


def _hit_days(hits: Iterable[HitCount]) -> Iterable[HitDay]:
    counted: defaultdict[tuple[str, str, date], Counter[Judgement]] = defaultdict(Counter)
    for one in hits:
        counted[one.network or "", one.code, one.day][one.judgement] += one.hits
    for key, number in sorted(counted.items()):
        yield HitDay(*key, *(number[judgement] for judgement in _JUDGEMENTS))


def _early_rows(scope: Scope, published: list[posts.StoredPost]) -> Iterable[EarlyRow]:
    """Possible persons' hits on posts' links within a day of publishing, and within its first seconds, by network."""
    starts = {one.code: one.post.published_at for one in published if one.code and one.post.published_at}
    days, seconds = traffic.after(scope, starts, timedelta(days=1)), traffic.after(scope, starts, FIRST_SECONDS)
    networks = {one.code: one.network for one in published if one.code}
    for code, number in sorted(days.items()):
        yield EarlyRow(networks[code], number, seconds.get(code, 0))


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
