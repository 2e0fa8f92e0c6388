"""The table of the API's operations. What is served, and what the OpenAPI description says, are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from crosspost.commands.clicks import clicks
from crosspost.commands.links import all_links
from crosspost.domain.access import KeyScope
from crosspost.domain.delivery import State
from crosspost.domain.errors import NotFound
from crosspost.store import brands, business, clients, deliveries, efforts
from crosspost.store.business import Outcome, Recorded
from crosspost.web import verbs
from crosspost.web.api.models import (
    Answer,
    Audited,
    Clicks,
    Client,
    Deal,
    Done,
    Lead,
    Link,
    Page,
    Sent,
    Shown,
    Spent,
    Tried,
)
from crosspost.web.api.paging import Paging, part
from crosspost.web.messages import Loss, Message, NewClient, NewDeal, NewEffort, NewLead, NewLink, Reach, Touch
from crosspost.web.site import Call

BASE = "/api/v1/brands/{brand}"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation:
    """`run` is given the call, the query (`query`) and the message (`takes`), and gives the answer and its status.

    `statuses` are those of its answers; those of failures every operation shares.
    """

    method: str
    path: str  # below BASE
    scope: KeyScope
    summary: str
    answer: type[BaseModel]
    run: Callable[[Call, Any, Any], tuple[Answer, int]]
    query: type[BaseModel] | None = None
    takes: type[Message] | None = None
    statuses: tuple[int, ...] = (200,)

    @property
    def name(self) -> str:
        return self.run.__name__


class ByState(Paging):
    state: State | None = None


def list_links(call: Call, asked: Paging, _message: None) -> tuple[Answer, int]:
    found = all_links(call.store, call.brand)
    some, after = part(found, lambda one: f"{one.link.created_at.isoformat()} {one.link.code}", asked)
    return Page[Link](items=list(map(Link.of, some)), next=after), 200


def add_link(call: Call, _asked: None, new: NewLink) -> tuple[Answer, int]:
    return Link.of(verbs.add_link(call, new)), 201


def disable_link(call: Call, _asked: None, _message: None) -> tuple[Answer, int]:
    return Link.of(verbs.switch_link(call, call.path["code"], on=False)), 200


def enable_link(call: Call, _asked: None, _message: None) -> tuple[Answer, int]:
    return Link.of(verbs.switch_link(call, call.path["code"], on=True)), 200


def list_clicks(call: Call, asked: Paging, _message: None) -> tuple[Answer, int]:
    some, after = part(clicks(call.store, call.brand, "link"), lambda one: one.name, asked)
    return Page[Clicks](items=list(map(Clicks.of, some)), next=after), 200


def list_leads(call: Call, asked: Paging, _message: None) -> tuple[Answer, int]:
    with call.read() as scope:
        found = business.leads(scope)
    some, after = part(found, lambda one: f"{one.lead.contacted_at.isoformat()} {one.id}", asked)
    return Page[Lead](items=list(map(Lead.of, some)), next=after), 200


def show_lead(call: Call, _asked: None, _message: None) -> tuple[Answer, int]:
    return Lead.of(_lead(call)), 200


def add_lead(call: Call, _asked: None, new: NewLead) -> tuple[Answer, int]:
    return _done(verbs.add_lead(call, new))


def lose_lead(call: Call, _asked: None, loss: Loss) -> tuple[Answer, int]:
    return _done(verbs.lose_lead(call, _lead(call).lead.source_id, loss))


def stage_lead(call: Call, _asked: None, reach: Reach) -> tuple[Answer, int]:
    return _done(verbs.stage_lead(call, _lead(call).lead.source_id, reach))


def touch_lead(call: Call, _asked: None, touch: Touch) -> tuple[Answer, int]:
    return _done(verbs.touch_lead(call, _lead(call).lead.source_id, touch))


def list_deals(call: Call, asked: Paging, _message: None) -> tuple[Answer, int]:
    with call.read() as scope:
        found = business.deals(scope)
    some, after = part(found, lambda one: f"{one.deal.won_at.isoformat()} {one.id}", asked)
    return Page[Deal](items=list(map(Deal.of, some)), next=after), 200


def add_deal(call: Call, _asked: None, new: NewDeal) -> tuple[Answer, int]:
    return _done(verbs.add_deal(call, new))


def list_clients(call: Call, asked: Paging, _message: None) -> tuple[Answer, int]:
    with call.read() as scope:
        found = clients.clients(scope)
    some, after = part(found, lambda one: f"{one.since.isoformat()} {one.id}", asked)
    return Page[Client](items=list(map(Client.of, some)), next=after), 200


def add_client(call: Call, _asked: None, new: NewClient) -> tuple[Answer, int]:
    return _done(verbs.add_client(call, new))


def list_efforts(call: Call, asked: Paging, _message: None) -> tuple[Answer, int]:
    with call.read() as scope:
        found = efforts.stored(scope)
    some, after = part(found, lambda one: f"{one.effort.start.isoformat()} {one.id}", asked)
    return Page[Spent](items=list(map(Spent.of, some)), next=after), 200


def add_effort(call: Call, _asked: None, new: NewEffort) -> tuple[Answer, int]:
    return _done(verbs.add_effort(call, new))


def list_deliveries(call: Call, asked: ByState, _message: None) -> tuple[Answer, int]:
    with call.read() as scope:
        found = deliveries.listed(scope, {asked.state} if asked.state else None)
        accounts = {one.id: one for one in brands.accounts(scope)}
    some, after = part(found, lambda one: f"{one.due_at.isoformat()} {one.id}", asked)
    return Page[Sent](items=[Sent.of(one, accounts) for one in some], next=after), 200


def show_delivery(call: Call, _asked: None, _message: None) -> tuple[Answer, int]:
    with call.read() as scope:
        found, tries = deliveries.get(scope, call.path["id"]), deliveries.attempts(scope, call.path["id"])
        accounts = {one.id: one for one in brands.accounts(scope)}
    return Shown(delivery=Sent.of(found, accounts), attempts=list(map(Tried.of, tries))), 200


def show_audit(call: Call, _asked: None, _message: None) -> tuple[Answer, int]:
    return Audited.of(call.site.audits.of(call.brand, call.now)), 200


_READ, _WRITE = KeyScope.READ, KeyScope.WRITE
_ONCE = (200, 201)

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/links", _READ, "The brand's links", Page[Link], list_links, Paging),
    Operation("POST", "/links", _WRITE, "Add a link", Link, add_link, takes=NewLink, statuses=(201,)),
    Operation("POST", "/links/{code}/disable", _WRITE, "Let a link answer no more", Link, disable_link),
    Operation("POST", "/links/{code}/enable", _WRITE, "Let it answer again", Link, enable_link),
    Operation("GET", "/clicks", _READ, "Hits per link, as a range of people", Page[Clicks], list_clicks, Paging),
    Operation("GET", "/leads", _READ, "Who asked", Page[Lead], list_leads, Paging),
    Operation("POST", "/leads", _WRITE, "Record a lead", Done, add_lead, takes=NewLead, statuses=_ONCE),
    Operation("GET", "/leads/{id}", _READ, "One lead with its journey", Lead, show_lead),
    Operation("POST", "/leads/{id}/loss", _WRITE, "It came to nothing", Done, lose_lead, takes=Loss, statuses=_ONCE),
    Operation("POST", "/leads/{id}/stages", _WRITE, "How far it is", Done, stage_lead, takes=Reach, statuses=_ONCE),
    Operation("POST", "/leads/{id}/touchpoints", _WRITE, "Add a contact", Done, touch_lead, takes=Touch,
              statuses=_ONCE),
    Operation("GET", "/deals", _READ, "Sales", Page[Deal], list_deals, Paging),
    Operation("POST", "/deals", _WRITE, "Record a sale", Done, add_deal, takes=NewDeal, statuses=_ONCE),
    Operation("GET", "/clients", _READ, "Who buys", Page[Client], list_clients, Paging),
    Operation("POST", "/clients", _WRITE, "Record a client", Done, add_client, takes=NewClient, statuses=_ONCE),
    Operation("GET", "/efforts", _READ, "Hours and fees", Page[Spent], list_efforts, Paging),
    Operation("POST", "/efforts", _WRITE, "Record hours and fees", Done, add_effort, takes=NewEffort, statuses=_ONCE),
    Operation("GET", "/deliveries", _READ, "What is planned and was sent", Page[Sent], list_deliveries, ByState),
    Operation("GET", "/deliveries/{id}", _READ, "One delivery, attempt by attempt", Shown, show_delivery),
    Operation("GET", "/audit", _READ, "What the audit finds, computed now", Audited, show_audit),
)  # fmt: skip


def by_path() -> Iterable[tuple[str, dict[str, Operation]]]:
    """The operations of each path, by method."""
    found: dict[str, dict[str, Operation]] = {}
    for one in OPERATIONS:
        found.setdefault(one.path, {})[one.method] = one
    return found.items()


def _done(recorded: Recorded) -> tuple[Answer, int]:
    return Done.of(recorded), 201 if recorded.outcome is Outcome.RECORDED else 200


def _lead(call: Call) -> business.StoredLead:
    found = verbs.lead_of(call, call.path["id"])
    if found is None:
        raise NotFound("no lead has this id", remedy="its `id` in the list of leads")
    return found
