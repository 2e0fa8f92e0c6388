"""The conversion endpoint's messages: leads, deals and lost leads as JSON, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
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

from crosspost.domain.business import Deal, Lead, Touchpoint
from crosspost.domain.errors import BadInput
from crosspost.domain.money import told
from crosspost.domain.period import aware
from crosspost.domain.person import person_hash
from crosspost.domain.telling import channel_told
from crosspost.secret import Secret
from crosspost.store import business
from crosspost.store.business import Recorded
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


class LeadEvent(_Message):
    """Somebody asked. `lead` is the sender's id of the lead; without it the event's id is the lead's."""

    id: Id
    type: Literal["lead"]
    at: Instant
    lead: Id | None = None
    channel: Word | None = None
    told: Prose | None = None
    code: Word | None = None
    touchpoints: Annotated[list[Step], Field(max_length=200)] = []
    person: Id | None = None


class DealEvent(_Message):
    """Somebody bought. `returning` need not be told of a client whose earlier deals were."""

    id: Id
    type: Literal["deal"]
    at: Instant
    lead: Id | None = None
    person: Id | None = None
    amount: Decimal | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    returning: bool = False

    @model_validator(mode="after")
    def _whole(self) -> DealEvent:
        if (self.amount is None) != (self.currency is None):
            raise ValueError("amount and currency come together")
        if self.amount is not None and self.currency is not None:
            told(self.amount, self.currency)
        return self


class LostEvent(_Message):
    """A lead came to nothing."""

    id: Id
    type: Literal["lost"]
    at: Instant
    lead: Id
    reason: Prose | None = None


Event = LeadEvent | DealEvent | LostEvent
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def record(scope: Scope, event: Event, now: datetime, person_key: Secret | None) -> Recorded:
    """Store one event, once. Raises BadInput, NotFound for a deal or loss of an unknown lead."""
    if event.at > now + timedelta(seconds=AHEAD_S):
        raise BadInput("`at` has not come yet", remedy="check the sender's clock")
    if isinstance(event, LostEvent):
        return business.lose_lead(scope, event.lead, event.at, event.reason, now)
    person = None
    if event.person is not None:
        if person_key is None:
            raise BadInput("`person` cannot be kept: this brand has no key", remedy="leave `person` out")
        person = person_hash(event.person, person_key.reveal().encode())
    if isinstance(event, LeadEvent):
        lead = Lead(
            source=SOURCE,
            source_id=event.lead or event.id,
            contacted_at=event.at,
            channel=event.channel,
            told=event.told,
            told_channel=channel_told(event.told),
            code=event.code,
            touchpoints=tuple(Touchpoint(step.channel, step.at, step.note) for step in event.touchpoints),
            person=person,
        )
        return business.record_lead(scope, lead, now)
    deal = Deal(
        source=SOURCE,
        source_id=event.id,
        won_at=event.at,
        amount=None if event.amount is None or event.currency is None else told(event.amount, event.currency),
        lead_source_id=event.lead,
        person=person,
        returning=event.returning,
    )
    return business.record_deal(scope, deal, now)
