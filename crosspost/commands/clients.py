"""How a client came: what was recorded and told, who sent them, their way and deals. Currencies are never added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crosspost.domain.business import Referrer, Referring
from crosspost.domain.money import Money
from crosspost.domain.stage import Stage
from crosspost.store import business, clients, deal_changes, recurrence
from crosspost.store.business import StoredClient, StoredDeal, StoredLead
from crosspost.store.deal_changes import Change
from crosspost.store.stages import StoredStage
from crosspost.store.store import Scope, Store


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a lead: what they are called here, and the client they are, if they are one."""

    called: str
    client_id: str | None


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead as it stands, with everything that was written of its stages, and who sent it: the first is the referrer,
    each further one sent the one before."""

    lead: StoredLead
    stage: Stage
    history: tuple[StoredStage, ...]
    senders: tuple[Sender, ...]
    deals: tuple[StoredDeal, ...]


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client with leads and deals, oldest first. `revenue` is by currency; `untold` deals have no amount yet."""

    client: StoredClient
    leads: tuple[LeadView, ...]
    deals: tuple[StoredDeal, ...]
    changes: tuple[Change, ...]
    revenue: Mapping[str, Money]
    untold: int
    sent: tuple[str, ...]  # ids of the leads this client sent


def show_lead(store: Store, brand_id: str, lead_id: str) -> LeadView:
    """One lead. Raises NotFound."""
    with store.read(brand_id) as scope:
        return _People(scope).view(business.named(scope, lead_id))


def show_client(store: Store, brand_id: str, name: str) -> ClientView:
    """One client, by id or name. Raises NotFound."""
    with store.read(brand_id) as scope:
        found = clients.named(scope, name)
        people = _People(scope)
        mine = tuple(one for one in people.deals if one.client_id == found.id)
        changes = deal_changes.changes(scope, [one.id for one in mine])
        return ClientView(
            client=found,
            leads=tuple(people.view(one) for one in people.of_client(found.id)),
            deals=mine,
            changes=tuple(changes),
            revenue=revenue([one.deal.amount for one in mine]),
            untold=sum(one.deal.amount is None for one in mine),
            sent=tuple(
                one.lead.source_id
                for one in people.leads
                if one.lead.referrer is not None and people.sender(one.lead.referrer).client_id == found.id
            ),
        )


def revenue(amounts: Sequence[Money | None]) -> Mapping[str, Money]:
    """The sum in each currency, by its code."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        if amount is not None:
            known = sums.get(amount.currency)
            sums[amount.currency] = amount if known is None else known + amount
    return dict(sorted(sums.items()))


class _People:
    """The brand's leads and clients, to follow who sent whom."""

    def __init__(self, scope: Scope) -> None:
        self.leads, self.deals = business.leads(scope), business.deals(scope)
        self._clients = {one.id: one for one in clients.clients(scope)}
        self._persons = recurrence.persons_of(scope)
        self._client_of = {person: client for client, persons in self._persons.items() for person in persons}
        self._lead = {one.lead.source_id: one for one in self.leads}

    def of_client(self, client_id: str) -> list[StoredLead]:
        """The leads a client was: those whose deal is theirs, and those of the same person."""
        won = {one.lead_id for one in self.deals if one.client_id == client_id}
        persons = self._persons.get(client_id, set())
        return [one for one in self.leads if one.id in won or one.lead.person in persons]

    def sender(self, referrer: Referrer) -> Sender:
        client_id: str | None = None
        called = referrer.value
        if referrer.kind is Referring.CLIENT:
            client_id = referrer.value
        elif referrer.kind is Referring.PERSON:
            client_id, called = self._client_of.get(referrer.value), "somebody known by their address"
        elif referrer.kind is Referring.LEAD and referrer.value in self._lead:
            sent_by = self._lead[referrer.value]
            client_id = next((one.client_id for one in self.deals if one.lead_id == sent_by.id), None)
            called = f"lead {referrer.value}"
        client = self._clients.get(client_id or "")
        return Sender((client.name if client else None) or called, client.id if client else None)

    def view(self, stored: StoredLead) -> LeadView:
        deals = tuple(one for one in self.deals if one.lead_id == stored.id)
        return LeadView(stored, stored.stage, stored.history, tuple(self._senders(stored)), deals)

    def _senders(self, stored: StoredLead) -> list[Sender]:
        """Who sent the lead, who sent them, and so on; a ring ends where it closes."""
        found: list[Sender] = []
        seen = {stored.id}
        step: StoredLead | None = stored
        while step is not None and step.lead.referrer is not None:
            referrer = step.lead.referrer
            sender = self.sender(referrer)
            found.append(sender)
            step = self._came_as(referrer, sender)
            if step is None or step.id in seen:
                break
            seen.add(step.id)
        return found

    def _came_as(self, referrer: Referrer, sender: Sender) -> StoredLead | None:
        """The lead that whoever sent somebody had been."""
        if referrer.kind is Referring.LEAD:
            return self._lead.get(referrer.value)
        if sender.client_id is not None:
            return next(iter(self.of_client(sender.client_id)), None)
        if referrer.kind is Referring.PERSON:
            return next((one for one in self.leads if one.lead.person == referrer.value), None)
        return None
