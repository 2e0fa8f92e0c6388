"""Leads with their journeys, and deals. Each is recorded once, by the id of the source that told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from crosspost.domain.business import Deal, Lead, Referrer, Referring, Touchpoint, check_touchpoint
from crosspost.domain.errors import NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.period import aware
from crosspost.domain.stage import Reached, Stage, standing
from crosspost.store import clients as clients_
from crosspost.store import recurrence, stages
from crosspost.store.clients import StoredClient as StoredClient
from crosspost.store.clients import clients as clients
from crosspost.store.clients import record_client as record_client
from crosspost.store.efforts import efforts as efforts
from crosspost.store.efforts import record_effort as record_effort
from crosspost.store.outcomes import Origin as Origin
from crosspost.store.outcomes import Outcome as Outcome
from crosspost.store.outcomes import Recorded as Recorded
from crosspost.store.recording import only, record_deals, record_leads
from crosspost.store.rows import known, money, origin
from crosspost.store.stages import StoredStage
from crosspost.store.stages import record_stage as record_stage
from crosspost.store.store import Scope
from crosspost.store.tables import account, client, deal, gathering, lead, link, touchpoint


@dataclass(frozen=True, slots=True)
class StoredLead:
    """`network_of_code` is the network of the tracked link whose code the lead carried; `history` all that was written
    of its stages, corrected or not; `won_at` when its first deal was won."""

    id: str
    lead: Lead
    network_of_code: str | None
    origin: Origin | None
    history: tuple[StoredStage, ...] = ()
    won_at: datetime | None = None

    @property
    def stage(self) -> Stage:
        return standing(stages.live(self.history), won=self.won_at is not None)


@dataclass(frozen=True, slots=True)
class StoredDeal:
    """`lead_id` is the lead it was told to come of, else its person's last lead before it."""

    id: str
    deal: Deal
    client_id: str
    lead_id: str | None
    origin: Origin | None


def record_lead(scope: Scope, new: Lead, now: datetime, origin: Origin | None = None) -> Recorded:
    """Record a lead with its journey and stages. The same id is the same lead, whoever tells of it.

    What a repeat adds (a stage, an answer, further steps) is kept: UPDATED. What it leaves out contradicts nothing;
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
    done = only(record_deals(scope, [(new, origin)], now, client_name))
    if client_name and clients_.name_of_deal(scope, done.id, client_name) and done.outcome is Outcome.KNOWN:
        return Recorded(Outcome.UPDATED, done.id, ("client",))
    return done


def lose_lead(
    scope: Scope, lead_source_id: str, at: datetime, reason: str | None, now: datetime, *,
    competitor: str | None = None, source: str = "cli", correct: bool = False,
) -> Recorded:  # fmt: skip
    """Record that a lead was lost. Raises NotFound for a lead nobody told of."""
    lost = Reached(Stage.LOST, at, None, reason, competitor)
    return record_stage(scope, lead_source_id, lost, now, source=source, correct=correct)


def record_touchpoint(scope: Scope, lead_source_id: str, new: Touchpoint, now: datetime) -> Recorded:
    """Add a step to a lead's journey: before the first later one when it is dated, else at its end.

    The same step twice is one. Raises NotFound for a lead nobody told of.
    """
    lead_id = _lead(scope, lead_source_id)
    check_touchpoint(new, now)
    steps = [one for _, one in journey(scope, lead_id)]
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
    touchpoint_id = new_id(now)
    scope.connection.execute(
        insert(touchpoint).values(
            id=touchpoint_id, brand_id=scope.brand_id, lead_id=lead_id, position=position, channel=new.channel,
            at=None if new.at is None else aware(new.at), note=new.note, gathering_id=new.gathering, code=new.code,
        )
    )  # fmt: skip
    return Recorded(Outcome.RECORDED, touchpoint_id)


def reorder(scope: Scope, lead_source_id: str, order: Sequence[int]) -> None:
    """Put the steps of a journey in another order, and leave out those not named: `order` holds their present places,
    from 1. Raises NotFound for a lead nobody told of, or a place there is none of."""
    lead_id = _lead(scope, lead_source_id)
    ids = [one for one, _ in journey(scope, lead_id)]
    wrong = [place for place in order if not 1 <= place <= len(ids)]
    if wrong:
        raise NotFound(f"{lead_source_id} has no step {wrong[0]}", remedy=f"it has {len(ids)}")
    kept = [ids[place - 1] for place in order]
    mine = touchpoint.c.brand_id == scope.brand_id, touchpoint.c.lead_id == lead_id
    scope.connection.execute(touchpoint.delete().where(*mine, touchpoint.c.id.not_in(kept)))
    for position, one in enumerate(kept):
        scope.connection.execute(update(touchpoint).where(*mine, touchpoint.c.id == one).values(position=position))


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
        journeys.setdefault(step.lead_id, []).append(_step(step, step.network))
    rows = scope.connection.execute(
        select(lead, account.c.network)
        .outerjoin(link, (link.c.brand_id == lead.c.brand_id) & (link.c.code == lead.c.code))
        .outerjoin(account, (account.c.brand_id == lead.c.brand_id) & (account.c.id == link.c.account_id))
        .where(lead.c.brand_id == scope.brand_id)
        .order_by(lead.c.contacted_at, lead.c.id)
    )
    histories, won = stages.histories(scope), _won(scope)
    return [
        _stored_lead(row, tuple(journeys.get(row.id, ())), histories.get(row.id, []), won.get(row.id)) for row in rows
    ]


def named(scope: Scope, lead_source_id: str) -> StoredLead:
    """The lead of that id. Raises NotFound."""
    found = next((one for one in leads(scope) if one.lead.source_id == lead_source_id), None)
    if found is None:
        raise _unknown(lead_source_id)
    return found


def deals(scope: Scope) -> list[StoredDeal]:
    """The brand's deals, oldest first."""
    of = recurrence.of_leads(scope)
    source_ids = dict(
        scope.connection.execute(select(lead.c.id, lead.c.source_id).where(lead.c.brand_id == scope.brand_id)).all()
    )
    rows = scope.connection.execute(
        select(deal, client.c.person)
        .join(client, (client.c.brand_id == deal.c.brand_id) & (client.c.id == deal.c.client_id))
        .where(deal.c.brand_id == scope.brand_id)
        .order_by(deal.c.won_at, deal.c.id)
    )
    return [
        StoredDeal(
            row.id,
            Deal(
                row.source, row.source_id, row.won_at, money(row.amount_minor, row.currency),
                source_ids.get(of.get(row.id)), row.person, money(row.margin_minor, row.currency), row.returning,
            ),
            row.client_id, of.get(row.id), origin(dict(row._mapping)),
        )
        for row in rows
    ]  # fmt: skip


def journey(scope: Scope, lead_id: str) -> list[tuple[str, Touchpoint]]:
    """The steps of a lead's journey in order, with their ids. The lead is named by our id."""
    rows = scope.connection.execute(
        select(touchpoint)
        .where(touchpoint.c.brand_id == scope.brand_id, touchpoint.c.lead_id == lead_id)
        .order_by(touchpoint.c.position, touchpoint.c.id)
    )
    return [(row.id, _step(row)) for row in rows]


def network_of_code(scope: Scope, code: str) -> str | None:
    """The network of the brand's link of that code; None where the link is of none. Raises NotFound."""
    row = scope.connection.execute(
        select(link.c.code, account.c.network)
        .outerjoin(account, (account.c.brand_id == link.c.brand_id) & (account.c.id == link.c.account_id))
        .where(link.c.brand_id == scope.brand_id, link.c.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no link has the code {code!r}", remedy="give the channel instead")
    network: str | None = row.network
    return network


def _won(scope: Scope) -> dict[str, datetime]:
    """When the first deal of each lead was won, by our id of the lead."""
    of = recurrence.of_leads(scope)
    first: dict[str, datetime] = {}
    for row in scope.connection.execute(select(deal.c.id, deal.c.won_at).where(deal.c.brand_id == scope.brand_id)):
        lead_id = of.get(row.id)
        if lead_id is not None and (lead_id not in first or row.won_at < first[lead_id]):
            first[lead_id] = row.won_at
    return first


def _stored_lead(
    row: Row[Any], steps: tuple[Touchpoint, ...], history: Sequence[StoredStage], won_at: datetime | None
) -> StoredLead:
    lost = stages.loss(history)
    way = sorted((one for one in stages.live(history) if one.stage is not Stage.LOST), key=lambda one: one.at)
    referrer = None if row.referrer is None else Referrer(Referring(row.referrer_kind), row.referrer)
    found = Lead(
        row.source, row.source_id, row.contacted_at, row.channel, row.told, row.told_channel, row.code, steps,
        row.person, stages=tuple(way), referrer=referrer,
    )  # fmt: skip
    if lost is not None:
        found = replace(found, lost_at=lost.at, lost_reason=lost.reason, competitor=lost.competitor)
    return StoredLead(row.id, found, row.network, origin(dict(row._mapping)), tuple(history), won_at)


def _step(row: Row[Any], network: str | None = None) -> Touchpoint:
    return Touchpoint(row.channel, row.at, row.note, row.gathering_id, network, row.code)


def _lead(scope: Scope, source_id: str) -> str:
    """Our id of a lead. Raises NotFound."""
    row = known(scope, lead, [source_id]).get(source_id)
    if row is None:
        raise _unknown(source_id)
    return str(row["id"])


def _unknown(source_id: str) -> NotFound:
    return NotFound(f"no lead has the id {source_id!r}", remedy="record the lead first")
