"""Record leads, clients, deals, journeys and efforts by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from crosspost.commands.privacy import carry_click_id
from crosspost.domain.business import Deal, Effort, Lead, Referrer, Referring, Touchpoint, check_come, told_money
from crosspost.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.person import person_hash
from crosspost.domain.reactor import handle_hash, told_handle
from crosspost.domain.stage import Reached, Stage
from crosspost.domain.telling import SHIPPED, Rules, channel_told
from crosspost.networks import NETWORKS
from crosspost.secret import Secret
from crosspost.store import business, clients, deal_changes, efforts, gatherings, reactors, recurrence, removing
from crosspost.store.business import Outcome, Recorded
from crosspost.store.events import record as note
from crosspost.store.store import Scope, Store

SOURCE = "cli"


def add_lead(
    store: Store,
    brand_id: str,
    now: datetime,
    *,
    lead_id: str | None = None,
    contacted_at: datetime | None = None,
    channel: str | None = None,
    told: str | None = None,
    code: str | None = None,
    path: tuple[Touchpoint, ...] = (),
    mail: str | None = None,
    handles: Sequence[str] = (),
    referrer: str | None = None,
    click_id: str | None = None,
    person_key: Secret | None = None,
    rules: Rules = SHIPPED,
    source: str = SOURCE,
) -> Recorded:
    """Record somebody who asked. Without `lead_id` each call is another lead. The mail and the names on networks
    (`network:@name`) are kept as keyed hashes. `referrer`: see `referrer_of`; `rules` read what was `told`.
    Raises NotAllowed for a click id in aggregate mode."""
    known = [told_handle(one) for one in handles]
    for network, _ in known:
        if network not in NETWORKS:
            raise BadInput(f"no network is called {network!r}", remedy=f"one of: {', '.join(NETWORKS)}")
    presences = [(network, handle_hash(network, name, _secret(person_key))) for network, name in known]
    with store.write(brand_id) as scope:
        lead = Lead(
            source=source,
            source_id=lead_id or new_id(now),
            contacted_at=_past(contacted_at, now),
            channel=channel,
            told=told,
            told_channel=channel_told(told, rules),
            code=code,
            touchpoints=path,
            person=_person(mail, person_key),
            referrer=referrer_of(scope, referrer, person_key),
        )
        done = business.record_lead(scope, lead, now)
        for network, person in presences:
            reactors.add_handle(scope, lead.source_id, network, person)
        if click_id is not None and not carry_click_id(scope, lead.source_id, click_id):
            raise NotAllowed("click ids are not kept in aggregate mode", remedy="docs/visits.md")
        return done


def referrer_of(scope: Scope, text: str | None, key: Secret | None) -> Referrer | None:
    """Who sent a lead: `client:ID or name`, `lead:ID`, a mail address (kept as a keyed hash), else a name, which is a
    client's where one is called so. Raises NotFound, BadInput."""
    if text is None:
        return None
    kind, colon, value = text.partition(":")
    if colon and kind == "client":
        return Referrer(Referring.CLIENT, clients.named(scope, value.strip()).id)
    if colon and kind == "lead":
        business.named(scope, value.strip())
        return Referrer(Referring.LEAD, value.strip())
    if "@" in text and " " not in text.strip():
        person = _person(text, key)
        return None if person is None else Referrer(Referring.PERSON, person)
    if not text.strip():
        raise BadInput("who sent them?", remedy="client:NAME, lead:ID, a mail address, or a name")
    try:
        return Referrer(Referring.CLIENT, clients.named(scope, text.strip()).id)
    except NotFound:
        return Referrer(Referring.NAME, text.strip())


def lose_lead(
    store: Store,
    brand_id: str,
    now: datetime,
    lead_id: str,
    *,
    at: datetime | None = None,
    reason: str | None = None,
    competitor: str | None = None,
    correct: bool = False,
    source: str = SOURCE,
) -> Recorded:
    """Record that a lead came to nothing, why, and who won instead. Raises NotFound."""
    with store.write(brand_id) as scope:
        return business.lose_lead(
            scope, lead_id, _past(at, now), reason, now, competitor=competitor, source=source, correct=correct
        )


def stage_lead(
    store: Store,
    brand_id: str,
    now: datetime,
    lead_id: str,
    stage: Stage,
    *,
    at: datetime | None = None,
    amount: Decimal | None = None,
    currency: str,
    correct: bool = False,
    source: str = SOURCE,
) -> Recorded:
    """Record that a lead is talked with, was made an offer (with the amount expected), was won or lost; or, with
    `correct`, that what was recorded last of that stage was wrong.

    A win is a deal under the lead's id, which the deal's own record replaces when it comes. Raises NotFound, BadInput.
    """
    with store.write(brand_id) as scope:
        if stage is Stage.WON and correct:
            raise BadInput("a win is a deal", remedy=f"crosspost deal change {lead_id}")
        if stage is Stage.WON:
            found = business.named(scope, lead_id)
            if found.won_at is not None and amount is None:
                return Recorded(Outcome.KNOWN, found.id)
            if found.won_at is not None:
                raise Conflict(
                    f"{lead_id} is won already", remedy="crosspost deal change, or deal add --lead for a further sale"
                )
            won = Deal(source, lead_id, _past(at, now), told_money(amount, currency), lead_source_id=lead_id)
            return business.record_deal(scope, won, now)
        reached = Reached(stage, _past(at, now), told_money(amount, currency))
        return business.record_stage(scope, lead_id, reached, now, source=source, correct=correct)


def add_touchpoint(
    store: Store,
    brand_id: str,
    now: datetime,
    lead_id: str,
    channel: str | None,
    *,
    at: datetime | None = None,
    note: str | None = None,
    code: str | None = None,
) -> Recorded:
    """Add a step to a lead's journey: a channel, or the code of a tracked link, which is its network's.

    Raises NotFound, BadInput.
    """
    with store.write(brand_id) as scope:
        of = channel or (business.network_of_code(scope, code) if code is not None else None)
        if of is None:
            raise BadInput("which channel?", remedy="such as meetup, referral, call, or --code of a network's link")
        step = Touchpoint(of, None if at is None else _past(at, now), note, code=code)
        return business.record_touchpoint(scope, lead_id, step, now)


def order_path(store: Store, brand_id: str, lead_id: str, order: Sequence[int], now: datetime, *, who: str) -> None:
    """Put the steps of a lead's journey in the order of these places (from 1); those left out go. Raises NotFound,
    BadInput."""
    if len(set(order)) != len(order):
        raise BadInput("a step is named twice", remedy="each place once, such as 2 1 3")
    with store.write(brand_id) as scope:
        found = business.named(scope, lead_id)
        business.reorder(scope, lead_id, order)
        was = [(one.channel, one.at and one.at.isoformat(), one.note) for one in found.lead.touchpoints]
        note(scope, "path ordered", found.id, who=who, now=now, order=list(order), was=was)


def add_gathering_met(store: Store, brand_id: str, now: datetime, lead_id: str, gathering_id: str) -> Recorded:
    """Add a gathering to a lead's journey. Raises NotFound, Conflict for one that was cancelled, BadInput for one that
    has not come."""
    with store.write(brand_id) as scope:
        met = gatherings.named(scope, gathering_id).gathering
        if met.cancelled:
            raise Conflict(f"{met.title!r} was cancelled", remedy="see `crosspost gathering list`")
        step = Touchpoint("event", met.starts_at, met.title, gathering_id, met.network)
        check_come(met.starts_at, now, "the gathering")
        return business.record_touchpoint(scope, lead_id, step, now)


def add_client(
    store: Store,
    brand_id: str,
    now: datetime,
    *,
    name: str | None = None,
    since: datetime | None = None,
    mail: str | None = None,
    person_key: Secret | None = None,
) -> Recorded:
    """Record somebody who buys, such as a client from before crosspost."""
    with store.write(brand_id) as scope:
        return business.record_client(scope, _past(since, now), now, person=_person(mail, person_key), name=name)


def add_deal(
    store: Store,
    brand_id: str,
    now: datetime,
    *,
    deal_id: str | None = None,
    won_at: datetime | None = None,
    amount: Decimal | None = None,
    margin: Decimal | None = None,
    currency: str,
    lead_id: str | None = None,
    returning: bool = False,
    client_name: str | None = None,
    mail: str | None = None,
    person_key: Secret | None = None,
    source: str = SOURCE,
) -> Recorded:
    """Record a sale, and its client where that one is new. Raises NotFound for an unknown lead, BadInput."""
    deal = Deal(
        source=source,
        source_id=deal_id or new_id(now),
        won_at=_past(won_at, now),
        amount=told_money(amount, currency),
        margin=told_money(margin, currency, "margin", loss=True),
        lead_source_id=lead_id,
        person=_person(mail, person_key),
        returning=returning,
    )
    with store.write(brand_id) as scope:
        return business.record_deal(scope, deal, now, client_name=client_name)


def change_deal(
    store: Store,
    brand_id: str,
    now: datetime,
    deal_id: str,
    *,
    amount: Decimal | None = None,
    margin: Decimal | None = None,
    currency: str,
    won_at: datetime | None = None,
    at: datetime | None = None,
    reason: str | None = None,
) -> Recorded:
    """Give a deal another amount, margin or day; what it was is kept, with when it changed.

    Raises NotFound, BadInput.
    """
    with store.write(brand_id) as scope:
        return deal_changes.change_deal(
            scope, deal_id, now, source=SOURCE, at=at, won_at=None if won_at is None else _past(won_at, now),
            amount=told_money(amount, currency), margin=told_money(margin, currency, "margin", loss=True),
            reason=reason,
        )  # fmt: skip


def refund_deal(
    store: Store,
    brand_id: str,
    now: datetime,
    deal_id: str,
    *,
    amount: Decimal | None = None,
    margin: Decimal | None = None,
    currency: str,
    at: datetime | None = None,
    reason: str | None = None,
) -> Recorded:
    """Record that a client was paid back: all of it, or `amount`. Raises NotFound, BadInput, Conflict."""
    with store.write(brand_id) as scope:
        return deal_changes.refund_deal(
            scope, deal_id, told_money(amount, currency), now, source=SOURCE, at=at,
            margin=told_money(margin, currency, "margin", loss=True), reason=reason,
        )  # fmt: skip


def remove_lead(store: Store, brand_id: str, now: datetime, lead_id: str, *, who: str, why: str | None) -> None:
    """Take out a lead that was recorded wrongly; what it said stays in the trail. Raises NotFound, Conflict."""
    with store.write(brand_id) as scope:
        removing.remove_lead(scope, lead_id, now, who=who, why=why)


def remove_deal(store: Store, brand_id: str, now: datetime, deal_id: str, *, who: str, why: str | None) -> None:
    """Take out a deal that was recorded wrongly; what it said stays in the trail. Raises NotFound."""
    with store.write(brand_id) as scope:
        removing.remove_deal(scope, deal_id, now, who=who, why=why)


def merge_clients(store: Store, brand_id: str, now: datetime, kept: str, gone: str, *, who: str) -> str:
    """Make two records of one client one (by id or name); the id that stays. Raises NotFound, BadInput."""
    with store.write(brand_id) as scope:
        first, second = clients.named(scope, kept), clients.named(scope, gone)
        if first.id == second.id:
            raise BadInput(f"{kept!r} and {gone!r} are one client already", remedy="name two")
        recurrence.merge(scope, first.id, second.id)
        was = {"name": second.name, "person": second.person, "since": second.since.isoformat()}
        note(scope, "client merged", first.id, who=who, now=now, gone=second.id, was=was)
        return first.id


def add_effort(
    store: Store,
    brand_id: str,
    now: datetime,
    channel: str,
    hours: Decimal | None,
    *,
    start: date,
    days: int = 7,
    fees: Decimal | None = None,
    currency: str,
    effort_id: str | None = None,
    source: str = SOURCE,
    correct: bool = False,
    who: str = SOURCE,
) -> Recorded:
    """Record hours (and fees) spent on a channel from `start` on; None is hours that nobody knows. With
    `correct`, what was recorded under that id was wrong; it stays in the trail. Raises BadInput, NotFound."""
    effort = Effort(channel, start, days, hours, told_money(fees, currency, "fees"))
    with store.write(brand_id) as scope:
        if correct and effort_id is not None:
            return efforts.correct_effort(scope, source, effort_id, hours, effort.fees, now, who=who)
        return business.record_effort(scope, effort, source, effort_id or new_id(now), now)


def _past(at: datetime | None, now: datetime) -> datetime:
    if at is not None and at > now:
        raise BadInput(f"{at.isoformat()} has not come yet", remedy="check the date")
    return at or now


def _person(mail: str | None, key: Secret | None) -> str | None:
    if mail is None:
        return None
    try:
        return person_hash(mail, _secret(key))
    except ValueError as error:
        raise BadInput(str(error), remedy="such as ana@example.org") from None


def _secret(key: Secret | None) -> bytes:
    if key is None:
        raise BadInput("a person needs the brand's key, and there is none", remedy="leave mail and handle out")
    return key.reveal().encode()
