"""Gather one brand's facts into the table an audit is given. Nothing is computed: rows are laid side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crosspost.audit.ledger import BrandFacts, EffortRow, Experiment, FollowersRow, LeadRow, Ledger
from crosspost.clock import zone
from crosspost.commands import reacted as reactions
from crosspost.commands import visited as visits
from crosspost.commands.choices import NONE, Choices
from crosspost.commands.coverage import coverage
from crosspost.commands.hypotheses import standing
from crosspost.commands.interruptions import rows as interruption_rows
from crosspost.commands.ledger_leads import lead_rows, renamed
from crosspost.commands.ledger_posts import by_reference, may_go, post_rows, tells_of, within_terms
from crosspost.commands.ledger_traffic import click_hours, click_rows, early_rows, hit_days, link_rows
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.business import folded, told_money
from crosspost.domain.errors import BadInput
from crosspost.domain.link import is_bio
from crosspost.domain.message import recalled
from crosspost.domain.networks import CLOSED
from crosspost.domain.period import Period
from crosspost.store import brands, business, efforts, posts, traffic
from crosspost.store.efforts import StoredEffort
from crosspost.store.posts import StoredReading
from crosspost.store.store import Scope, Store
from crosspost.store.visits import codes_of_leads


class NothingYet(BadInput):
    """The period ends before anything is known of the brand."""


def gather(
    store: Store,
    brand: Brand,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    choices: Choices = NONE,
    read_by: datetime | None = None,
) -> Ledger:
    """The brand's ledger of `[since, until)`; without bounds, of everything recorded until now.

    Readings after `read_by` are left out. Raises BadInput for an hourly rate that is none, NothingYet.
    """
    worth = told_money(choices.rate, brand.currency, "hourly rate")

    def known(channel: str) -> str:
        return choices.same_as.get(folded(channel), channel)

    with store.read(brand.id) as scope:
        leads, deals = business.leads(scope), business.deals(scope)
        accounts = {one.id: one for one in brands.accounts(scope)}
        stored_posts = posts.posts(scope)
        readings = within_terms(posts.readings(scope, until=read_by), accounts, stored_posts)
        spent = efforts.stored(scope)
        rows = [renamed(row, known, choices.placebo) for row in lead_rows(leads, deals, codes_of_leads(scope))]
        dated = [
            *(row.contacted_at for row in rows), *(row.won_at for row in rows),
            *(one.post.published_at for one in stored_posts), *(tells_of(one) for one in readings),
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
        locks = tuple(one.lock for one in standing(scope, brand, choices.hypotheses) if one.stored.locked_at <= now)
        reacted = reactions.reacted(scope, brand, leads, deals, period)
        sandbox = next((one.settings["sandbox"] for one in accounts.values() if one.settings.get("sandbox")), None)
        return Ledger(
            brand=BrandFacts(brand.slug, brand.name, brand.currency, brand.zone),
            period=period,
            leads=tuple(rows),
            posts=tuple(post_rows(stored_posts, readings, period)),
            clicks=tuple(click_rows(counted, redirected)),
            visits=seen.rows,
            followers=_followers(readings, accounts, period),
            effort=tuple(
                _effort_row(one, known(one.effort.channel)) for one in spent if _midnight(one.effort.start) in period
            ),
            sandbox=sandbox,
            closed=CLOSED,
            placebo=choices.placebo,
            counting=seen.notes,
            locks=locks,
            experiments=_experiments(scope, brand, rows, now) if locks else (),  # each is of a lock
            rate_minor=None if worth is None else worth.minor,
            hit_days=tuple(hit_days(counted)),
            click_hours=tuple(click_hours(scope, period, zone(brand.zone))),
            early=tuple(
                early_rows(
                    scope, [one for one in stored_posts if (at := one.post.published_at) is not None and at in period]
                )
            ),
            visit_days=seen.days,
            visit_months=seen.months,
            reacted=reacted.counts,
            reacted_reason=reacted.reason,
            links=tuple(link_rows(scope, counted, seen, measured=redirected)),
            coverage=coverage(scope, leads, deals, stored_posts, readings, spent, accounts, zone(brand.zone)),
            visit_spans=seen.spans,
            interruptions=tuple(interruption_rows(scope, now)),
        )


def _experiments(scope: Scope, brand: Brand, rows: list[LeadRow], now: datetime) -> tuple[Experiment, ...]:
    # Here, since most brands have none: with the deliveries they hold up, they are a tenth of our own modules.
    from crosspost.commands.experiment_weeks import as_run

    return as_run(scope, brand, rows, now)


def lasting(store: Store, brand: Brand, whole: Ledger, read_by: datetime) -> Ledger:
    """`whole` without the values read by then that a network's rules may have deleted one day."""
    with store.read(brand.id) as scope:
        accounts = {one.id: one for one in brands.accounts(scope)}
        stored = posts.posts(scope)
        readings = [
            by_reference(one) if may_go(one, accounts) else one
            for one in within_terms(posts.readings(scope, until=read_by), accounts, stored)
        ]
    return replace(
        whole,
        posts=tuple(post_rows(stored, readings, whole.period)),
        followers=_followers(readings, accounts, whole.period),
    )


def _followers(
    readings: Iterable[StoredReading], accounts: Mapping[str, Account], period: Period
) -> tuple[FollowersRow, ...]:
    return tuple(
        FollowersRow(
            accounts[one.account_id].network,
            one.reading.read_at,
            one.reading.value,
            one.reading.reason and recalled(one.reading.reason),
        )
        for one in readings
        if one.post_id is None and one.reading.metric == "followers" and one.reading.read_at in period
    )


def _effort_row(stored: StoredEffort, channel: str) -> EffortRow:
    spent = stored.effort
    hours = None if spent.hours is None else float(spent.hours)
    if spent.fees is None:
        return EffortRow(channel, spent.start, hours, effort=stored.id)
    return EffortRow(channel, spent.start, hours, spent.fees.minor, spent.fees.currency, stored.id)


def _period(since: datetime | None, until: datetime | None, dated: Iterable[datetime], now: datetime) -> Period:
    found = list(dated)
    start = since or min(found, default=now)
    # One second past the last fact: a period does not contain its end.
    end = until or max(max(found, default=now) + timedelta(seconds=1), start)
    if end < start and since is None:
        raise NothingYet(f"nothing is known before {end:%Y-%m-%d %H:%M %Z}", remedy="check the period")
    if end < start:
        raise BadInput(f"the period would end ({end}) before it starts ({start})", remedy="check --since and --until")
    return Period(start, end)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
