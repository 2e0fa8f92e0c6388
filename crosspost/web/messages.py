"""What is told to the pages and the API, field by field, and read strictly."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crosspost.domain.errors import BadInput
from crosspost.domain.link import check_target
from crosspost.domain.money import LARGEST_TOLD
from crosspost.web.events import Id, Instant, Prose, Step, Word, no_controls


def _target(text: str) -> str:
    try:
        return check_target(text)
    except BadInput as error:
        raise ValueError(error.message) from None


Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_target)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(no_controls)
]
Amount = Annotated[Decimal, Field(ge=0, lt=LARGEST_TOLD, allow_inf_nan=False)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewLink(Message):
    """A link to an address. Without a slug its code is made."""

    target: Address
    slug: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = None


class NewLead(Message):
    """Somebody who asked. The same id is the same lead: what a repeat adds is kept, what contradicts is refused."""

    id: Id | None = None
    at: Instant | None = None
    channel: Word | None = None
    told: Prose | None = None
    code: Word | None = None
    touchpoints: Annotated[list[Step], Field(max_length=200)] = []
    referrer: Id | None = Field(default=None, description="Who sent them: client:NAME, lead:ID, a mail, or a name.")
    mail: Id | None = Field(default=None, description="Kept as a keyed hash only.")


class Loss(Message):
    """A lead came to nothing: why, and who won instead."""

    at: Instant | None = None
    reason: Prose | None = None
    competitor: Prose | None = None


class Reach(Message):
    """A lead is talked with, was made an offer, with the amount expected, or was won. Its loss is told apart."""

    stage: Literal["talking", "offered", "won"]
    at: Instant | None = None
    amount: Amount | None = None
    currency: Currency | None = None


class Touch(Message):
    """A contact on a lead's journey: by a channel, or through the code of a tracked link."""

    channel: Word | None = None
    at: Instant | None = None
    note: Prose | None = None
    code: Word | None = None


class NewDeal(Message):
    """A sale. Its client is whoever made the lead or bought before under the same mail, else a new one."""

    id: Id | None = None
    at: Instant | None = None
    amount: Amount | None = None
    margin: Annotated[Decimal, Field(gt=-LARGEST_TOLD, lt=LARGEST_TOLD, allow_inf_nan=False)] | None = None
    currency: Currency | None = None
    lead: Id | None = Field(default=None, description="The id of the lead it came of, as its source names it.")
    returning: bool = False
    client: Name | None = None
    mail: Id | None = Field(default=None, description="Kept as a keyed hash only.")


class NewClient(Message):
    """Somebody who buys, such as a client from before. The same mail is the same client."""

    name: Name | None = None
    since: Instant | None = None
    mail: Id | None = Field(default=None, description="Kept as a keyed hash only.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.name is None and self.mail is None:
            raise ValueError("a client needs a name, a mail address, or both")
        return self


class NewEffort(Message):
    """Hours, and fees, spent on a channel in `days` days from `start` on. No hours: nobody knows them."""

    id: Id | None = None
    channel: Word
    hours: Annotated[Decimal, Field(ge=0, le=24 * 366, allow_inf_nan=False)] | None = None
    start: date
    days: Annotated[int, Field(ge=1, le=366)] = 7
    fees: Amount | None = None
    currency: Currency | None = None


class Timer(Message):
    """A timer on a channel, to start or to stop. `hours`: how many were spent, where it ran too long to be believed."""

    channel: Word
    hours: Annotated[Decimal, Field(ge=0, le=24 * 366, allow_inf_nan=False)] | None = None


class NewUser(Message):
    name: Name
    role: Literal["owner", "reader"]
    password: Annotated[str, Field(max_length=1024)] | None = None


class NewKey(Message):
    name: Name
    scope: Literal["read", "write"]
