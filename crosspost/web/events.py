"""The webhook's messages: leads, what becomes of them, deals and hours as JSON, and what is stored of each, once."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from crosspost.commands.privacy import carry_click_id
from crosspost.domain.business import SOMEBODY, Deal, Effort, Lead, Referrer, Referring, Touchpoint
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.domain.money import told as told_money
from crosspost.domain.period import aware
from crosspost.domain.person import person_hash
from crosspost.domain.reactor import mark_of
from crosspost.domain.stage import Reached, Stage
from crosspost.domain.telling import SHIPPED, Rules, channel_told
from crosspost.secret import Secret
from crosspost.store import business, clients, deal_changes, received
from crosspost.store.business import Outcome, Recorded
from crosspost.store.reactors import erased_marks
from crosspost.store.rows import mark
from crosspost.store.store import Scope

SOURCE = "endpoint"
AHEAD_S = 300  # how far a sender's clock may be ahead of ours


def no_controls(text: str) -> str:
    if any(not character.isprintable() and character not in "\n\t" for character in text):
        raise ValueError("control characters are not allowed")
    return text


Id = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(no_controls),
]
Word = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(no_controls)
]
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(no_controls)
]

Instant = Annotated[AwareDatetime, AfterValidator(aware)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Step(_Message):
    """A contact before the lead."""

    channel: Word
    at: Instant | None = None
    note: Prose | None = None


class _Event(_Message):
    """`id` is the sender's own of this event: sent again it changes nothing."""

    id: Id
    at: Instant


class _Worth(_Message):
    """Money: an amount and its currency come together."""

    amount: Decimal | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    margin: Decimal | None = None

    @model_validator(mode="after")
    def _whole(self) -> _Worth:
        if (self.amount is None) != (self.currency is None) and self.margin is None:
            raise ValueError("amount and currency come together")
        self.money()
        self.left()
        return self

    def money(self) -> Money | None:
        return None if self.amount is None else told_money(self.amount, self._unit())

    def left(self) -> Money | None:
        return None if self.margin is None else told_money(self.margin, self._unit(), "margin", loss=True)

    def _unit(self) -> str:
        if self.currency is None:
            raise ValueError("money needs its currency")
        return self.currency


class Sender(_Message):
    """Who sent a lead: one of these."""

    lead: Id | None = None
    client: Id | None = None
    person: Id | None = None
    name: Word | None = None

    @model_validator(mode="after")
    def _one(self) -> Sender:
        if sum(one is not None for one in (self.lead, self.client, self.person, self.name)) != 1:
            raise ValueError("one of lead, client, person and name")
        return self


class LeadEvent(_Event):
    """Somebody asked. `lead` is the sender's id of the lead; without it the event's id is the lead's."""

    type: Literal["lead"]
    lead: Id | None = None
    channel: Word | None = None
    told: Prose | None = None
    code: Word | None = None
    touchpoints: Annotated[list[Step], Field(max_length=200)] = []
    person: Id | None = None
    referrer: Sender | None = None
    click_id: Word | None = None  # kept in click-id mode alone


class StageEvent(_Event, _Worth):
    """A lead is talked with, or was made an offer, with the amount expected. A loss is `lost`, a win a `deal`."""

    type: Literal["stage"]
    lead: Id
    stage: Literal["talking", "offered"]


class TouchpointEvent(_Event):
    """A contact of a lead: by a channel, or through the code of a tracked link."""

    type: Literal["touchpoint"]
    lead: Id
    channel: Word | None = None
    code: Word | None = None
    note: Prose | None = None


class DealEvent(_Event, _Worth):
    """Somebody bought. `returning` need not be told of a client whose earlier deals were."""

    type: Literal["deal"]
    lead: Id | None = None
    person: Id | None = None
    returning: bool = False


class DealChangedEvent(_Event, _Worth):
    """A deal is worth something else, or was won on another day; `at` is when that became so."""

    type: Literal["deal_changed"]
    deal: Id
    won_at: Instant | None = None
    reason: Prose | None = None


class RefundEvent(_Event, _Worth):
    """A client was paid back: `amount` of it, or all."""

    type: Literal["refund"]
    deal: Id
    reason: Prose | None = None


class LostEvent(_Event):
    """A lead came to nothing."""

    type: Literal["lost"]
    lead: Id
    reason: Prose | None = None
    competitor: Prose | None = None


class EffortEvent(_Event):
    """Hours and fees spent on a channel in the `days` from `start` on. `hours` left out: not known."""

    type: Literal["effort"]
    channel: Word
    start: date
    days: Annotated[int, Field(ge=1, le=366)] = 7
    hours: Decimal | None = None
    fees: Decimal | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None

    @model_validator(mode="after")
    def _whole(self) -> EffortEvent:
        if self.fees is not None and self.currency is None:
            raise ValueError("fees need their currency")
        self.paid()
        return self

    def paid(self) -> Money | None:
        return None if self.fees is None or self.currency is None else told_money(self.fees, self.currency, "fees")


Event = LeadEvent | StageEvent | TouchpointEvent | DealEvent | DealChangedEvent | RefundEvent | LostEvent | EffortEvent
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])

# What these tell is known by its own id and may come again with more in it. Any other event happened once.
_MAY_SAY_MORE = ("lead", "deal", "lost")


def record(scope: Scope, event: Event, now: datetime, person_key: Secret | None, rules: Rules = SHIPPED) -> Recorded:
    """Store one event, once: whoever sends a captured one again, now or later, changes nothing.

    Raises BadInput, Conflict, NotFound for an event of an unknown lead or deal.
    """
    if event.at > now + timedelta(seconds=AHEAD_S):
        raise BadInput("`at` has not come yet", remedy="check the sender's clock")
    name, content = _mark(person_key, event.type, event.id), _mark(person_key, event.model_dump_json())
    before = received.contents(scope, name)
    if content in before:
        return Recorded(Outcome.KNOWN, event.id)
    if before and event.type not in _MAY_SAY_MORE:
        return Recorded(Outcome.DIFFERS, event.id, ("content",))
    done = _take(scope, event, now, person_key, rules)
    if done.outcome is not Outcome.DIFFERS:
        received.remember(scope, name, content, now)
    return done


def _mark(key: Secret | None, *words: str) -> str:
    """A hash, keyed: an event may hold an address, and who has the database alone could try addresses."""
    return hmac.new(key.reveal().encode() if key else b"", mark(*words).encode(), hashlib.sha256).hexdigest()


def _take(scope: Scope, event: Event, now: datetime, person_key: Secret | None, rules: Rules) -> Recorded:
    match event:
        case LeadEvent():
            lead = _lead(scope, event, person_key, rules)
            done = business.record_lead(scope, lead, now)
            if event.click_id is not None:  # a form goes on sending it after the brand went back: the lead counts
                carry_click_id(scope, lead.source_id, event.click_id)
            return done
        case StageEvent():
            if event.margin is not None:
                raise BadInput("a margin is of a deal", remedy="leave `margin` out")
            reached = Reached(Stage(event.stage), event.at, event.money())
            return business.record_stage(scope, event.lead, reached, now, source=SOURCE)
        case TouchpointEvent():
            channel = event.channel or (event.code and business.network_of_code(scope, event.code))
            if not channel:
                raise BadInput("`channel` is missing", remedy="give a channel, or the code of a network's link")
            step = Touchpoint(channel, event.at, event.note, code=event.code)
            return business.record_touchpoint(scope, event.lead, step, now)
        case LostEvent():
            return business.lose_lead(
                scope, event.lead, event.at, event.reason, now, competitor=event.competitor, source=SOURCE
            )
        case DealEvent():
            deal = Deal(
                source=SOURCE, source_id=event.id, won_at=event.at, amount=event.money(), lead_source_id=event.lead,
                person=_person(scope, event.person, person_key), margin=event.left(), returning=event.returning,
            )  # fmt: skip
            return business.record_deal(scope, deal, now)
        case DealChangedEvent():
            return deal_changes.change_deal(
                scope, event.deal, now, source=SOURCE, at=event.at, won_at=event.won_at, amount=event.money(),
                margin=event.left(), reason=event.reason,
            )  # fmt: skip
        case RefundEvent():
            return deal_changes.refund_deal(
                scope, event.deal, event.money(), now, source=SOURCE, at=event.at, margin=event.left(),
                reason=event.reason,
            )  # fmt: skip
        case EffortEvent():
            effort = Effort(event.channel, event.start, event.days, event.hours, event.paid())
            return business.record_effort(scope, effort, SOURCE, event.id, now)


def _lead(scope: Scope, event: LeadEvent, key: Secret | None, rules: Rules) -> Lead:
    return Lead(
        source=SOURCE,
        source_id=event.lead or event.id,
        contacted_at=event.at,
        channel=event.channel,
        told=event.told,
        told_channel=channel_told(event.told, rules),
        code=event.code,
        touchpoints=tuple(Touchpoint(step.channel, step.at, step.note) for step in event.touchpoints),
        person=_person(scope, event.person, key),
        referrer=_referrer(scope, event.referrer, key),
    )


def _referrer(scope: Scope, sender: Sender | None, key: Secret | None) -> Referrer | None:
    if sender is None:
        return None
    if sender.client is not None:
        return Referrer(Referring.CLIENT, clients.named(scope, sender.client).id)
    if sender.lead is not None:
        return Referrer(Referring.LEAD, sender.lead)
    person = _person(scope, sender.person, key)
    return Referrer(Referring.NAME, sender.name or SOMEBODY) if person is None else Referrer(Referring.PERSON, person)


def _person(scope: Scope, person: str | None, key: Secret | None) -> str | None:
    """The keyed hash; None for who was erased: no event makes them known again."""
    if person is None:
        return None
    if key is None:
        raise BadInput("`person` cannot be kept: this brand has no key", remedy="leave `person` out")
    secret = key.reveal().encode()
    found = person_hash(person, secret)
    return None if mark_of(found, secret) in erased_marks(scope) else found
