"""Leads and deals as rows of a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crosspost.audit.ledger import LeadRow
from crosspost.commands.askings import askings
from crosspost.domain.business import Deal
from crosspost.domain.money import Money
from crosspost.domain.stage import Stage
from crosspost.store.business import StoredDeal, StoredLead


def renamed(row: LeadRow, known: Callable[[str], str], placebo: frozenset[str]) -> LeadRow:
    """The row under the channels' present names; an answer that cannot be true is the placebo."""
    channel = None if row.channel is None else known(row.channel)
    told = "placebo" if row.told_channel in placebo else row.told_channel
    return replace(row, channel=channel, told_channel=told, touches=tuple(known(touch) for touch in row.touches))


def lead_rows(
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


def known_at(rows: Iterable[LeadRow], at: datetime) -> tuple[LeadRow, ...]:
    """The rows as they were at that instant: what was won, lost or said of them later had not happened."""
    found = []
    for row in rows:
        dates = ("won_at", "lost_at", "talking_at", "offered_at")
        later: dict[str, Any] = {name: None for name in dates if (date := getattr(row, name)) is not None and date > at}
        if "won_at" in later:
            later |= {"amount_minor": None, "margin_minor": None, "currency": None}
        if row.contacted_at is None and "won_at" in later or row.contacted_at is not None and row.contacted_at > at:
            continue
        found.append(replace(row, **later) if later else row)
    return tuple(found)


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
