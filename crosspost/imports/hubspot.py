"""HubSpot's contacts and deals, in English and French. Who somebody is stays a hash; notes are never read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crosspost.domain.business import Deal, Lead, check_deal, check_lead
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.domain.stage import Reached
from crosspost.domain.telling import channel_told
from crosspost.imports.asking import Left, person, reached
from crosspost.imports.dates import instants
from crosspost.imports.numbers import amounts
from crosspost.imports.shape import Context, Facts, Opportunity, Row
from crosspost.imports.sheet import Sheet
from crosspost.imports.wording import network_in

_SPLIT = ";"
_TRACKED = ("social", "other_campaigns", "email", "direct", "paid_search")  # whose details can hold our code


def contacts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Each contact who asked is a lead. A customer with a day of closing has bought, for an amount nobody told."""
    left = Left()
    stages = [context.words.stage("contact", row.get("lifecycle")) for row in rows]
    won = [row for row, stage in zip(rows, stages, strict=True) if stage == "won" and row.get("closed")]
    closed = dict(zip((row.line for row in won), instants(won, "closed", context), strict=True))
    leads: list[tuple[int, Lead]] = []
    deals: list[tuple[int, Deal]] = []
    talks: list[tuple[int, str, Reached]] = []
    made = zip(rows, stages, *(instants(rows, name, context) for name in ("created", "talking")), strict=True)
    for row, stage, created, talking in made:
        if stage == "none":
            left.out("contacts who only subscribed: they asked for news, not for work")
            continue
        row.need("created")
        lead = _contact(row, context, created)
        leads.append((row.line, lead))
        if (talk := reached("talking", talking)) is not None:
            talks.append((row.line, lead.source_id, talk))
        bought = closed.get(row.line)
        if bought is not None:
            deal = Deal("hubspot", lead.source_id, bought, None, lead_source_id=lead.source_id, person=lead.person)
            with row.telling():
                check_deal(deal, context.now)
            deals.append((row.line, deal))
        elif stage == "won":
            left.out("customers without a day of closing: taken as leads; their deals say when they bought")
        elif (status := context.words.stage("deal", row.get("status"))) in ("won", "lost"):
            left.out(f"contacts whose lead status says {status}, without a day: left open; their deals have it")
    return Facts(
        leads=tuple(leads), deals=tuple(deals), reached=tuple(talks), notes=left.notes(),
        totals={"leads": str(len(leads)), "deals": str(len(deals))},
    )  # fmt: skip


def _contact(row: Row, context: Context, created: datetime | None) -> Lead:
    assert created is not None
    channel, code = origin(row, context)
    told = row.get("told")
    lead = Lead(
        "hubspot", f"hubspot:{row.need_id('id')}", created, channel=channel, told=told,
        told_channel=channel_told(told, context.rules), code=code, person=person(row, context, row.get("mail")),
    )  # fmt: skip
    with row.telling():
        check_lead(lead, context.now)
    return lead


def origin(row: Row, context: Context) -> tuple[str | None, str | None]:
    """(channel recorded, our code) out of the original source and its two details.

    Which details say what differs by source. Of social ones the first is the network, the second the campaign; of
    referrals the first is the site; of other campaigns the first is the campaign, the second source / medium. How a
    record was made by hand or by import tells nothing of how the person came.
    """
    channel = context.words.channel(row.get("source"))
    first, second = row.get("detail_1"), row.get("detail_2")
    if channel in ("social", "referral"):
        channel = network_in(first) or channel
    elif channel == "other_campaigns":
        channel = network_in(second) or channel
    if channel is None or not (channel in _TRACKED or network_in(channel)):
        return channel, context.code(page=row.get("first_page"))
    return channel, (
        context.code(campaign=second) or context.code(campaign=first) or context.code(page=first)
        or context.code(page=row.get("first_page"))
    )  # fmt: skip


def deals(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Deals that are won become deals, and those that are lost say so.

    A deal belongs to the contact it names first. Where nobody told of that contact, it is a lead of its own.
    """
    left = Left()
    left.currency(rows, "amount", context)
    stages = [context.words.stage("deal", row.need("stage")) for row in rows]
    left.list("stages that are in no list, taken as open", (
        row.need("stage") for row, stage in zip(rows, stages, strict=True) if stage is None
    ))  # fmt: skip
    ended = [row for row, stage in zip(rows, stages, strict=True) if stage in ("won", "lost")]
    for row in ended:
        row.need("closed")
    closed = dict(zip((row.line for row in ended), instants(ended, "closed", context), strict=True))
    times = (instants(rows, name, context) for name in ("created", "staged"))
    found: list[tuple[int, Opportunity]] = []
    for row, stage, created, staged, amount in zip(rows, stages, *times, amounts(rows, "amount", context), strict=True):
        if stage == "none":
            left.out("deals that were deleted")
            continue
        one = _opportunity(row, context, stage, created, closed.get(row.line), amount)
        found.append((row.line, replace(one, reached=reached(stage, staged, amount))))
    won = sum(one.deal is not None for _, one in found)
    return Facts(
        opportunities=tuple(found), notes=left.notes(),
        totals={"opportunities": str(len(found)), "deals": str(won)},
    )  # fmt: skip


def _opportunity(
    row: Row, context: Context, stage: str | None, created: datetime | None, closed: datetime | None,
    amount: Money | None,
) -> Opportunity:  # fmt: skip
    name = f"hubspot:deal:{row.need_id('id')}"
    contact = (row.get("contact") or "").replace(",", _SPLIT).partition(_SPLIT)[0].strip()
    channel, code = origin(row, context)
    who = person(row, context, row.get("mail"))
    lead, deal = None, None
    with row.telling():
        if stage == "won" and closed is not None:
            deal = Deal("hubspot", name, closed, amount, person=who)
            check_deal(deal, context.now)
        if created is not None:
            lead = Lead("hubspot", name, created, channel=channel, code=code, person=who)
            check_lead(lead, context.now)
        if lead is None and deal is None:
            raise BadInput("says neither when it was created nor that it was won", remedy="export the create date too")
    lost = closed if stage == "lost" else None
    return Opportunity(
        f"hubspot:{contact}" if contact else None, lead, deal, lost, row.get("lost_reason") if lost else None
    )
