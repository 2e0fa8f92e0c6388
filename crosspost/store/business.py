"""Leads, journeys, clients, deals and efforts. Each is recorded once, by the id of the source that told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Table, func, insert, select, update

from crosspost.domain.business import Deal, Effort, Lead, Touchpoint
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.money import Money
from crosspost.domain.period import Period, aware
from crosspost.store.store import Scope
from crosspost.store.tables import account, client, deal, effort, lead, link, touchpoint


class Outcome(StrEnum):
    RECORDED = "recorded"
    KNOWN = "known"  # the same was recorded before: nothing was changed
    DIFFERS = "differs"  # the same id came before with other content: the first is kept


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one fact: the row's id, and the fields in which a repeated one differs."""

    outcome: Outcome
    id: str
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row stood in a file that people brought."""

    sha256: str
    line: int


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
    """Record a lead with its journey."""
    values: dict[str, Any] = {
        "contacted_at": aware(new.contacted_at), "channel": new.channel, "told": new.told,
        "told_channel": new.told_channel, "code": new.code, "person": new.person,
        "lost_at": None if new.lost_at is None else aware(new.lost_at), "lost_reason": new.lost_reason,
    }  # fmt: skip
    known = _known(scope, lead, new.source, new.source_id)
    if known is not None:
        # A lead that was lost since is no other lead: the source repeats what it said before.
        told = {name: value for name, value in values.items() if value is not None or not name.startswith("lost_")}
        differences = _differences(known, told)
        if new.touchpoints and list(new.touchpoints) != _touchpoints(scope, known.id):
            differences += ("touchpoints",)
        return Recorded(Outcome.DIFFERS if differences else Outcome.KNOWN, known.id, differences)
    lead_id = _insert(scope, lead, new.source, new.source_id, values, now, origin)
    for position, one in enumerate(new.touchpoints):
        _insert_touchpoint(scope, lead_id, position, one, now)
    return Recorded(Outcome.RECORDED, lead_id)


def lose_lead(scope: Scope, lead_source_id: str, at: datetime, reason: str | None, source: str) -> Recorded:
    """Record that a lead was lost. Raises NotFound for a lead nobody told of."""
    row = _lead(scope, lead_source_id, source)
    if row.lost_at is not None:
        differences = _differences(row, {"lost_at": aware(at), "lost_reason": reason})
        return Recorded(Outcome.DIFFERS if differences else Outcome.KNOWN, row.id, differences)
    scope.connection.execute(
        update(lead)
        .where(lead.c.brand_id == scope.brand_id, lead.c.id == row.id)
        .values(lost_at=aware(at), lost_reason=reason)
    )
    return Recorded(Outcome.RECORDED, row.id)


def record_touchpoint(scope: Scope, lead_source_id: str, new: Touchpoint, now: datetime, source: str) -> Recorded:
    """Add a step to a lead's journey: before the first later one when it is dated, else at its end.

    The same step twice is one. Raises NotFound for a lead nobody told of.
    """
    lead_id = _lead(scope, lead_source_id, source).id
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


def record_deal(
    scope: Scope, new: Deal, now: datetime, origin: Origin | None = None, client_name: str | None = None
) -> Recorded:
    """Record a sale. Its client is who made the lead or bought before under the same person, else a new one.

    `returning` is true when it was told or when the client has an earlier deal. Raises NotFound when the deal
    names a lead nobody told of, BadInput for a margin in another currency.
    """
    if new.margin is not None and (new.amount is None or new.margin.currency != new.amount.currency):
        raise BadInput("a margin needs an amount in the same currency", remedy="give both, or neither")
    row = None if new.lead_source_id is None else _lead(scope, new.lead_source_id, new.source)
    person = new.person or (row.person if row is not None else None)
    values: dict[str, Any] = {
        "lead_id": None if row is None else row.id,
        "won_at": aware(new.won_at),
        "amount_minor": None if new.amount is None else new.amount.minor,
        "margin_minor": None if new.margin is None else new.margin.minor,
        "currency": None if new.amount is None else new.amount.currency,
    }
    known = _known(scope, deal, new.source, new.source_id)
    if known is not None:
        differences = _differences(known, values)
        return Recorded(Outcome.DIFFERS if differences else Outcome.KNOWN, known.id, differences)
    client_id = _client_of(scope, person, values["lead_id"]) or _add_client(scope, person, client_name, new.won_at, now)
    values |= {"client_id": client_id, "returning": new.returning}
    deal_id = _insert(scope, deal, new.source, new.source_id, values, now, origin)
    _settle(scope, client_id)
    return Recorded(Outcome.RECORDED, deal_id)


def record_effort(scope: Scope, new: Effort, source: str, source_id: str, now: datetime) -> Recorded:
    """Record hours and fees spent on a channel."""
    values: dict[str, Any] = {
        "channel": new.channel, "start": new.start, "days": new.days, "hours": new.hours,
        "fees_minor": None if new.fees is None else new.fees.minor,
        "currency": None if new.fees is None else new.fees.currency,
    }  # fmt: skip
    known = _known(scope, effort, source, source_id)
    if known is not None:
        differences = _differences(known, values)
        return Recorded(Outcome.DIFFERS if differences else Outcome.KNOWN, known.id, differences)
    return Recorded(Outcome.RECORDED, _insert(scope, effort, source, source_id, values, now, None))


def record_client(
    scope: Scope, since: datetime, now: datetime, *, person: str | None = None, name: str | None = None
) -> Recorded:
    """Record who bought, before or without a deal. The same person is one client."""
    known = _client_of(scope, person, None)
    if known is not None:
        return Recorded(Outcome.KNOWN, known)
    return Recorded(Outcome.RECORDED, _add_client(scope, person, name, since, now))


def leads(scope: Scope) -> list[StoredLead]:
    """The brand's leads with their journeys in order, oldest first."""
    journeys: dict[str, list[Touchpoint]] = {}
    for step in scope.connection.execute(
        select(touchpoint)
        .where(touchpoint.c.brand_id == scope.brand_id)
        .order_by(touchpoint.c.lead_id, touchpoint.c.position, touchpoint.c.id)
    ):
        journeys.setdefault(step.lead_id, []).append(Touchpoint(step.channel, step.at, step.note))
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


def _known(scope: Scope, table: Table, source: str, source_id: str) -> Row[Any] | None:
    return scope.connection.execute(
        select(table).where(
            table.c.brand_id == scope.brand_id, table.c.source == source, table.c.source_id == source_id
        )
    ).one_or_none()


def _insert(
    scope: Scope,
    table: Table,
    source: str,
    source_id: str,
    values: Mapping[str, Any],
    now: datetime,
    origin: Origin | None,
) -> str:
    row = {"id": new_id(now), "brand_id": scope.brand_id, "source": source, "source_id": source_id, **values}
    if "recorded_at" in table.c:
        row["recorded_at"] = aware(now)
    if origin is not None:
        row |= {"file_sha256": origin.sha256, "file_line": origin.line}
    scope.connection.execute(insert(table).values(row))
    return str(row["id"])


def _insert_touchpoint(scope: Scope, lead_id: str, position: int, one: Touchpoint, now: datetime) -> str:
    touchpoint_id = new_id(now)
    scope.connection.execute(
        insert(touchpoint).values(
            id=touchpoint_id, brand_id=scope.brand_id, lead_id=lead_id, position=position, channel=one.channel,
            at=None if one.at is None else aware(one.at), note=one.note,
        )
    )  # fmt: skip
    return touchpoint_id


def _touchpoints(scope: Scope, lead_id: str) -> list[Touchpoint]:
    rows = scope.connection.execute(
        select(touchpoint)
        .where(touchpoint.c.brand_id == scope.brand_id, touchpoint.c.lead_id == lead_id)
        .order_by(touchpoint.c.position, touchpoint.c.id)
    )
    return [Touchpoint(row.channel, row.at, row.note) for row in rows]


def _lead(scope: Scope, source_id: str, source: str) -> Row[Any]:
    """The lead of that id: the same source's own, else the only one any source told of."""
    rows: Sequence[Row[Any]] = scope.connection.execute(
        select(lead).where(lead.c.brand_id == scope.brand_id, lead.c.source_id == source_id)
    ).all()
    rows = [row for row in rows if row.source == source] or rows
    if not rows:
        raise NotFound(f"no lead has the id {source_id!r}", remedy="record the lead first")
    if len(rows) > 1:
        told_by = ", ".join(sorted(row.source for row in rows))
        raise Conflict(f"lead {source_id!r} was told by {told_by}", remedy="give them different ids")
    return rows[0]


def _client_of(scope: Scope, person: str | None, lead_id: str | None) -> str | None:
    """The client who is this person, or who bought from this lead before."""
    mine = client.c.brand_id == scope.brand_id
    if person is not None:
        found = scope.connection.execute(select(client.c.id).where(mine, client.c.person == person)).scalar()
        if found is not None:
            return str(found)
    if lead_id is not None:
        query = select(deal.c.client_id).where(deal.c.brand_id == scope.brand_id, deal.c.lead_id == lead_id)
        found = scope.connection.execute(query.order_by(deal.c.id)).scalars().first()
        return None if found is None else str(found)
    return None


def _add_client(scope: Scope, person: str | None, name: str | None, since: datetime, now: datetime) -> str:
    client_id = new_id(now)
    scope.connection.execute(
        insert(client).values(id=client_id, brand_id=scope.brand_id, person=person, name=name, since=aware(since))
    )
    return client_id


def _settle(scope: Scope, client_id: str) -> None:
    """Deals may be told in any order: the first one starts the client, the later ones are a return."""
    mine = (deal.c.brand_id == scope.brand_id, deal.c.client_id == client_id)
    first = scope.connection.execute(select(deal.c.won_at).where(*mine).order_by(deal.c.won_at)).scalars().first()
    scope.connection.execute(update(deal).where(*mine, deal.c.won_at > first).values(returning=True))
    scope.connection.execute(
        update(client)
        .where(client.c.brand_id == scope.brand_id, client.c.id == client_id, client.c.since > first)
        .values(since=first)
    )


def _differences(row: Row[Any], values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in values.items() if getattr(row, name) != value)


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money.from_minor(minor, currency)


def _origin(row: Row[Any]) -> Origin | None:
    return None if row.file_sha256 is None else Origin(row.file_sha256, row.file_line)
