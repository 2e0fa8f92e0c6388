"""One person told of by several tools asked once: a contact, a booking, a form and a payment of theirs are one lead.

In the store every lead stays as its source told it. Only where leads are counted are those of one person taken
together, and deals without a lead given to the person's own: so it does not matter which file came first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from crosspost.domain.business import ChannelKind, Deal, Lead, channel_kind
from crosspost.store.business import StoredDeal, StoredLead

_T = TypeVar("_T")
APART = timedelta(days=90)  # a person who comes back after a longer silence asks anew
PAID_WITHIN = timedelta(days=31)  # of the day a CRM calls a deal won
PAYMENTS = frozenset({"stripe"})  # sources that tell of payments, which may be of a deal that a CRM told of
_A_DAY = timedelta(days=1)  # a day told without an hour may lie on either side of a sale


@dataclass(slots=True)
class Asking:
    """The leads of one person up to a sale, a loss or a long silence, oldest first, and the deals they came to."""

    leads: list[StoredLead]
    deals: list[StoredDeal] = field(default_factory=list)

    @property
    def lead(self) -> StoredLead:
        """The first lead, with what it leaves open as the later ones tell it."""
        first, *later = self.leads
        if not later:
            return first
        told = [one.lead for one in self.leads]
        coded = _first(one for one in self.leads if one.network_of_code) or _first(
            one for one in self.leads if one.lead.code
        )
        spoke = _first(one for one in told if one.told)
        lost = max((one for one in told if one.lost_at), key=_lost, default=None)
        if lost is not None and any(one.contacted_at > _lost(lost) for one in told):
            lost = None
        won = [one.won_at for one in self.leads if one.won_at is not None]
        return replace(
            first,
            lead=replace(
                first.lead,
                channel=_channel(told),
                told=spoke.told if spoke else None,
                told_channel=spoke.told_channel if spoke else None,
                code=coded.lead.code if coded else None,
                touchpoints=next((one.touchpoints for one in told if one.touchpoints), ()),
                lost_at=lost.lost_at if lost else None,
                lost_reason=lost.lost_reason if lost else None,
                competitor=lost.competitor if lost else None,
                stages=tuple(sorted((step for one in told for step in one.stages), key=lambda step: step.at)),
                referrer=_first(one.referrer for one in told if one.referrer is not None),
            ),
            network_of_code=coded.network_of_code if coded else None,
            history=tuple(step for one in self.leads for step in one.history),
            won_at=min(won, default=None),
        )


def askings(leads: Sequence[StoredLead], deals: Sequence[StoredDeal]) -> tuple[list[Asking], list[StoredDeal]]:
    """(every asking, the deals that belong to none), oldest first. A lead of nobody known is an asking of its own."""
    deals = _once(deals)
    sales: defaultdict[str, list[datetime]] = defaultdict(list)
    for deal in deals:
        if deal.deal.person:
            sales[deal.deal.person].append(deal.deal.won_at)
    found: list[Asking] = []
    of_person: defaultdict[str, list[Asking]] = defaultdict(list)
    of_lead: dict[str, Asking] = {}
    for lead in sorted(leads, key=lambda one: (one.lead.contacted_at, one.id)):
        person = lead.lead.person
        mine = of_person[person][-1:] if person else []
        if person and mine and not _anew(mine[0].leads, lead.lead, sales[person]):
            asking = mine[0]
            asking.leads.append(lead)
        else:
            asking = Asking([lead])
            found.append(asking)
            if person:
                of_person[person].append(asking)
        of_lead[lead.id] = asking
    rest: list[StoredDeal] = []
    for deal in sorted(deals, key=_when):
        own = of_lead.get(deal.lead_id or "")
        if own is None:
            rest.append(deal)
        else:
            own.deals.append(deal)
    return found, rest


def _once(deals: Sequence[StoredDeal]) -> list[StoredDeal]:
    """Without payments given back wholly, and without those of deals that were told elsewhere too.

    Such a deal takes the nearest payment of its client of that amount within a month. It is a return only if both are,
    and what follows a payment given back is one only if that was: it would have been the first.
    """
    kept = {one.id: one for one in deals}
    of_client: defaultdict[str, list[str]] = defaultdict(list)  # ids, oldest first
    elsewhere: defaultdict[str, list[StoredDeal]] = defaultdict(list)
    for one in sorted(deals, key=_when):
        of_client[one.client_id].append(one.id)
        if one.deal.source not in PAYMENTS:
            elsewhere[one.client_id].append(one)
    for payment in sorted(deals, key=_when):
        if payment.deal.source not in PAYMENTS:
            continue
        if payment.deal.amount is not None and not payment.deal.amount.amount:
            del kept[payment.id]
            first = _first(one for one in of_client[payment.client_id] if one in kept)
            if first is not None:
                kept[first] = _told(kept[first], returning=kept[first].deal.returning and payment.deal.returning)
            continue
        fitting = [one for one in elsewhere[payment.client_id] if _may_be_of(payment.deal, one.deal)]
        if fitting:
            paid = min(fitting, key=lambda one: (abs(one.deal.won_at - payment.deal.won_at), one.id))
            elsewhere[paid.client_id].remove(paid)
            both = kept.pop(payment.id).deal.returning and kept[paid.id].deal.returning
            kept[paid.id] = _told(paid, returning=both, amount=paid.deal.amount or payment.deal.amount)
    return list(kept.values())


def _when(one: StoredDeal) -> tuple[datetime, str]:
    return one.deal.won_at, one.id


def _told(one: StoredDeal, **more: Any) -> StoredDeal:
    return replace(one, deal=replace(one.deal, **more))


def _may_be_of(payment: Deal, deal: Deal) -> bool:
    same = deal.amount is None or payment.amount == deal.amount
    return same and abs(deal.won_at - payment.won_at) <= PAID_WITHIN


def _anew(before: Sequence[StoredLead], lead: Lead, sales: Iterable[datetime]) -> bool:
    """Whether a lead begins another asking: bought, lost or silent since the ones before."""
    last = before[-1].lead.contacted_at
    lost = [one.lead.lost_at for one in before if one.lead.lost_at is not None]
    return (
        lead.contacted_at - last > APART
        or any(at < lead.contacted_at for at in lost)
        or any(before[0].lead.contacted_at < at + _A_DAY <= lead.contacted_at for at in sales)
    )


def _channel(told: Sequence[Lead]) -> str | None:
    """The first channel recorded whose kind is known, else the first recorded."""
    recorded = [one.channel for one in told if one.channel]
    return _first(one for one in recorded if channel_kind(one) is not ChannelKind.UNKNOWN) or _first(recorded)


def _first(found: Iterable[_T]) -> _T | None:
    return next(iter(found), None)


def _lost(lead: Lead) -> datetime:
    assert lead.lost_at is not None
    return lead.lost_at
