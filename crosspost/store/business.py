"""Leads, journeys, clients, deals and efforts. Each is recorded once, by the id of the source that told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Table, func, insert, select, update

from crosspost.domain.business import (
    HOUR_PLACES,
    Deal,
    Effort,
    Lead,
    Touchpoint,
    check_come,
    check_effort,
    check_touchpoint,
)
from crosspost.domain.errors import NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.money import Money
from crosspost.domain.period import Period, aware
from crosspost.store.recording import Origin as Origin
from crosspost.store.recording import Outcome as Outcome
from crosspost.store.recording import Recorded as Recorded
from crosspost.store.recording import only, record_deals, record_leads, same
from crosspost.store.store import Scope
from crosspost.store.tables import account, client, deal, effort, gathering, lead, link, touchpoint


@dataclass(frozen=True, slots=True)
class StoredLead:
    """`network_of_code` is the network of the tracked link whose code the lead carried."""

    id: str
    lead: Lead
    network_of_code: str | None
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class StoredDeal:
    id: str
    deal: Deal
    client_id: str
    lead_id: str | None
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class StoredClient:
    id: str
    name: str | None
    person: str | None
    since: datetime
    deals: int


def record_lead(scope: Scope, new: Lead, now: datetime, origin: Origin | None = None) -> Recorded:
    """Record a lead with its journey. The same id is the same lead, whoever tells of it.

    What a repeat adds (a loss, an answer, further steps) is kept: UPDATED. What it leaves out contradicts nothing;
    another value does, and then nothing is changed. Raises BadInput for a lead that cannot be.
    """
    return only(record_leads(scope, [(new, origin)], now))


def record_deal(
    scope: Scope, new: Deal, now: datetime, origin: Origin | None = None, client_name: str | None = None
) -> Recorded:
    """Record a sale. Its client is who made the lead or bought before under the same person, else a new one.

    `returning` is true when it was told or when the client has an earlier deal. A sale that one source names by its
    lead and another by an id of its own is one: same lead, within a day, same amount. Repeats are treated as in
    `record_lead`. Raises NotFound when the deal names a lead nobody told of, BadInput for a deal that cannot be.
    """
    return only(record_deals(scope, [(new, origin)], now, client_name))


def lose_lead(scope: Scope, lead_source_id: str, at: datetime, reason: str | None, now: datetime) -> Recorded:
    """Record that a lead was lost. Raises NotFound for a lead nobody told of."""
    row = _lead(scope, lead_source_id)
    check_come(at, now, "the loss")
    if row.lost_at is not None:
        differences = _differences(row, {"lost_at": aware(at), "lost_reason": reason})
        return Recorded(Outcome.DIFFERS if differences else Outcome.KNOWN, row.id, differences)
    scope.connection.execute(
        update(lead)
        .where(lead.c.brand_id == scope.brand_id, lead.c.id == row.id)
        .values(lost_at=aware(at), lost_reason=reason)
    )
    return Recorded(Outcome.RECORDED, row.id)


def record_touchpoint(scope: Scope, lead_source_id: str, new: Touchpoint, now: datetime) -> Recorded:
    """Add a step to a lead's journey: before the first later one when it is dated, else at its end.

    The same step twice is one. Raises NotFound for a lead nobody told of.
    """
    lead_id = _lead(scope, lead_source_id).id
    check_touchpoint(new, now)
    steps = _touchpoints(scope, lead_id)
    if new in steps:
        return Recorded(Outcome.KNOWN, lead_id)
    at = new.at
    later = (i for i, step in enumerate(steps) if at is not None and step.at is not None and step.at > at)
    position = next(later, len(steps))
    scope.connection.execute(
        update(touchpoint)
        .where(
            touchpoint.c.brand_id == scope.brand_id,
            touchpoint.c.lead_id == lead_id,
            touchpoint.c.position >= position,
        )
        .values(position=touchpoint.c.position + 1)
    )
    return Recorded(Outcome.RECORDED, _insert_touchpoint(scope, lead_id, position, new, now))


def record_effort(
    scope: Scope, new: Effort, source: str, source_id: str, now: datetime, origin: Origin | None = None
) -> Recorded:
    """Record hours and fees spent on a channel. Raises BadInput for an effort that cannot be."""
    check_effort(new, now)
    values: dict[str, Any] = {
        "channel": new.channel, "start": new.start, "days": new.days, "hours": new.hours.quantize(HOUR_PLACES),
        "fees_minor": None if new.fees is None else new.fees.minor,
        "currency": None if new.fees is None else new.fees.currency,
    }  # fmt: skip
    known = scope.connection.execute(
        select(effort).where(
            effort.c.brand_id == scope.brand_id, effort.c.source == source, effort.c.source_id == source_id
        )
    ).one_or_none()
    if known is not None:
        differences = _differences(known, values)
        return Recorded(Outcome.DIFFERS if differences else Outcome.KNOWN, known.id, differences)
    row = {
        "id": new_id(now), "brand_id": scope.brand_id, "source": source, "source_id": source_id, **values,
        "file_sha256": origin.sha256 if origin else None, "file_line": origin.line if origin else None,
        "file_part": origin.part if origin else None,
    }  # fmt: skip
    scope.connection.execute(insert(effort).values(row))
    return Recorded(Outcome.RECORDED, str(row["id"]))


def record_client(
    scope: Scope, since: datetime, now: datetime, *, person: str | None = None, name: str | None = None
) -> Recorded:
    """Record who bought, before or without a deal. The same person is one client."""
    check_come(since, now, "the first sale")
    if person is not None:
        query = select(client.c.id).where(client.c.brand_id == scope.brand_id, client.c.person == person)
        known = scope.connection.execute(query).scalar()
        if known is not None:
            return Recorded(Outcome.KNOWN, str(known))
    row = {"id": new_id(now), "brand_id": scope.brand_id, "person": person, "name": name, "since": aware(since)}
    scope.connection.execute(insert(client).values(row))
    return Recorded(Outcome.RECORDED, str(row["id"]))


def leads(scope: Scope) -> list[StoredLead]:
    """The brand's leads with their journeys in order, oldest first."""
    journeys: dict[str, list[Touchpoint]] = {}
    for step in scope.connection.execute(
        select(touchpoint, gathering.c.network)
        .outerjoin(
            gathering,
            (gathering.c.brand_id == touchpoint.c.brand_id) & (gathering.c.id == touchpoint.c.gathering_id),
        )
        .where(touchpoint.c.brand_id == scope.brand_id)
        .order_by(touchpoint.c.lead_id, touchpoint.c.position, touchpoint.c.id)
    ):
        journeys.setdefault(step.lead_id, []).append(
            Touchpoint(step.channel, step.at, step.note, step.gathering_id, step.network)
        )
    rows = scope.connection.execute(
        select(lead, account.c.network)
        .outerjoin(link, (link.c.brand_id == lead.c.brand_id) & (link.c.code == lead.c.code))
        .outerjoin(account, (account.c.brand_id == lead.c.brand_id) & (account.c.id == link.c.account_id))
        .where(lead.c.brand_id == scope.brand_id)
        .order_by(lead.c.contacted_at, lead.c.id)
    )
    return [
        StoredLead(
            row.id,
            Lead(
                row.source, row.source_id, row.contacted_at, row.channel, row.told, row.told_channel, row.code,
                tuple(journeys.get(row.id, ())), row.person, row.lost_at, row.lost_reason,
            ),
            row.network,
            _origin(row),
        )
        for row in rows
    ]  # fmt: skip


def deals(scope: Scope) -> list[StoredDeal]:
    """The brand's deals, oldest first."""
    rows = scope.connection.execute(
        select(deal, lead.c.source_id.label("lead_source_id"), client.c.person)
        .join(client, (client.c.brand_id == deal.c.brand_id) & (client.c.id == deal.c.client_id))
        .outerjoin(lead, (lead.c.brand_id == deal.c.brand_id) & (lead.c.id == deal.c.lead_id))
        .where(deal.c.brand_id == scope.brand_id)
        .order_by(deal.c.won_at, deal.c.id)
    )
    return [
        StoredDeal(
            row.id,
            Deal(
                row.source, row.source_id, row.won_at, _money(row.amount_minor, row.currency), row.lead_source_id,
                row.person, _money(row.margin_minor, row.currency), row.returning,
            ),
            row.client_id, row.lead_id, _origin(row),
        )
        for row in rows
    ]  # fmt: skip


def clients(scope: Scope) -> list[StoredClient]:
    """Who buys from the brand, oldest first."""
    number = func.count(deal.c.id)
    rows = scope.connection.execute(
        select(client.c.id, client.c.name, client.c.person, client.c.since, number)
        .outerjoin(deal, (deal.c.brand_id == client.c.brand_id) & (deal.c.client_id == client.c.id))
        .where(client.c.brand_id == scope.brand_id)
        .group_by(client.c.id, client.c.name, client.c.person, client.c.since)
        .order_by(client.c.since, client.c.id)
    )
    return [StoredClient(*row) for row in rows]


def efforts(scope: Scope, period: Period | None = None) -> list[Effort]:
    """Hours and fees of the brand; with a period, those whose first day lies in it."""
    query = select(effort).where(effort.c.brand_id == scope.brand_id).order_by(effort.c.start, effort.c.id)
    if period is not None:
        query = query.where(effort.c.start >= period.start.date(), effort.c.start < period.end.date())
    return [
        Effort(row.channel, row.start, row.days, Decimal(row.hours), _money(row.fees_minor, row.currency))
        for row in scope.connection.execute(query)
    ]


def _known(scope: Scope, table: Table, source_id: str) -> Row[Any] | None:
    return scope.connection.execute(
        select(table).where(table.c.brand_id == scope.brand_id, table.c.source_id == source_id)
    ).one_or_none()


def _insert_touchpoint(scope: Scope, lead_id: str, position: int, one: Touchpoint, now: datetime) -> str:
    touchpoint_id = new_id(now)
    scope.connection.execute(
        insert(touchpoint).values(
            id=touchpoint_id, brand_id=scope.brand_id, lead_id=lead_id, position=position, channel=one.channel,
            at=None if one.at is None else aware(one.at), note=one.note, gathering_id=one.gathering,
        )
    )  # fmt: skip
    return touchpoint_id


def _touchpoints(scope: Scope, lead_id: str) -> list[Touchpoint]:
    rows = scope.connection.execute(
        select(touchpoint)
        .where(touchpoint.c.brand_id == scope.brand_id, touchpoint.c.lead_id == lead_id)
        .order_by(touchpoint.c.position, touchpoint.c.id)
    )
    return [Touchpoint(row.channel, row.at, row.note, row.gathering_id) for row in rows]


def _lead(scope: Scope, source_id: str) -> Row[Any]:
    row = _known(scope, lead, source_id)
    if row is None:
        raise NotFound(f"no lead has the id {source_id!r}", remedy="record the lead first")
    return row


def _differences(row: Row[Any], values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in values.items() if not same(name, getattr(row, name), value))


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money.from_minor(minor, currency)


def _origin(row: Row[Any]) -> Origin | None:
    return None if row.file_sha256 is None else Origin(row.file_sha256, row.file_line, row.file_part)
