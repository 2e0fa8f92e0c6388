"""Record leads, clients, deals, journeys and efforts by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from crosspost.domain.business import Deal, Effort, Lead, Touchpoint, check_come, told_money
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.ids import new_id
from crosspost.domain.person import person_hash
from crosspost.domain.reactor import handle_hash, told_handle
from crosspost.domain.telling import channel_told
from crosspost.networks import NETWORKS
from crosspost.secret import Secret
from crosspost.store import business, gatherings, reactors
from crosspost.store.business import Recorded
from crosspost.store.store import Store

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
    person_key: Secret | None = None,
    source: str = SOURCE,
) -> Recorded:
    """Record somebody who asked. Without `lead_id` each call is another lead. The mail and the names on networks
    (`network:@name`) are kept as keyed hashes."""
    known = [told_handle(one) for one in handles]
    for network, _ in known:
        if network not in NETWORKS:
            raise BadInput(f"no network is called {network!r}", remedy=f"one of: {', '.join(NETWORKS)}")
    presences = [(network, handle_hash(network, name, _secret(person_key))) for network, name in known]
    lead = Lead(
        source=source,
        source_id=lead_id or new_id(now),
        contacted_at=_past(contacted_at, now),
        channel=channel,
        told=told,
        told_channel=channel_told(told),
        code=code,
        touchpoints=path,
        person=_person(mail, person_key),
    )
    with store.write(brand_id) as scope:
        done = business.record_lead(scope, lead, now)
        for network, person in presences:
            reactors.add_handle(scope, lead.source_id, network, person)
        return done


def lose_lead(
    store: Store,
    brand_id: str,
    now: datetime,
    lead_id: str,
    *,
    at: datetime | None = None,
    reason: str | None = None,
) -> Recorded:
    """Record that a lead came to nothing. Raises NotFound."""
    with store.write(brand_id) as scope:
        return business.lose_lead(scope, lead_id, _past(at, now), reason, now)


def add_touchpoint(
    store: Store,
    brand_id: str,
    now: datetime,
    lead_id: str,
    channel: str,
    *,
    at: datetime | None = None,
    note: str | None = None,
) -> Recorded:
    """Add a step to a lead's journey. Raises NotFound."""
    step = Touchpoint(channel, None if at is None else _past(at, now), note)
    with store.write(brand_id) as scope:
        return business.record_touchpoint(scope, lead_id, step, now)


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


def add_effort(
    store: Store,
    brand_id: str,
    now: datetime,
    channel: str,
    hours: Decimal,
    *,
    start: date,
    days: int = 7,
    fees: Decimal | None = None,
    currency: str,
    effort_id: str | None = None,
) -> Recorded:
    """Record hours (and fees) spent on a channel from `start` on. Raises BadInput."""
    effort = Effort(channel, start, days, hours, told_money(fees, currency, "fees"))
    with store.write(brand_id) as scope:
        return business.record_effort(scope, effort, SOURCE, effort_id or new_id(now), now)


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
