"""What the API answers. Instants are UTC; amounts are text: no cent is lost; null is "not known", never zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from crosspost.audit.results import Audit
from crosspost.commands.clicks import Clicked
from crosspost.commands.links import ShownLink
from crosspost.domain.brand import Account
from crosspost.domain.delivery import Attempt, Delivery
from crosspost.domain.money import Money
from crosspost.domain.traffic import Judgement, people
from crosspost.store.business import Recorded, StoredDeal, StoredLead
from crosspost.store.clients import StoredClient
from crosspost.store.efforts import StoredEffort
from crosspost.store.stages import live

T = TypeVar("T")


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Failed(Answer):
    """`error` is for programs and stays; `message` and `remedy` are for people."""

    error: str
    message: str
    remedy: str | None = None


class Page(Answer, Generic[T]):
    """A part of a list, oldest first. `next` is the cursor of what follows; null at the end."""

    items: list[T]
    next: str | None


class Done(Answer):
    """recorded: it is new. updated: it added what was open. known: nothing changed. `id` is ours."""

    status: str
    id: str

    @classmethod
    def of(cls, recorded: Recorded) -> Done:
        return cls(status=recorded.outcome.value, id=recorded.id)


class Link(Answer):
    """`short_url` is null where the brand has no address for its short links."""

    code: str
    target: str
    short_url: str | None
    network: str | None
    delivery_id: str | None
    disabled_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, shown: ShownLink) -> Link:
        one = shown.link
        return cls(
            code=one.code, target=one.target, short_url=shown.address, network=shown.network,
            delivery_id=one.delivery_id, disabled_at=one.disabled_at, created_at=one.created_at,
        )  # fmt: skip


class Clicks(Answer):
    """Hits of one link, as they are judged: surely `people`, `possibly` people at most, and what no person made."""

    code: str
    people: int
    possibly: int
    previews: int
    crawlers: int

    @classmethod
    def of(cls, one: Clicked) -> Clicks:
        surely, possibly = people(one.hits)
        return cls(
            code=one.name, people=surely, possibly=possibly, previews=one.hits.get(Judgement.PREVIEW, 0),
            crawlers=one.hits.get(Judgement.CRAWLER, 0),
        )  # fmt: skip


class Contact(Answer):
    channel: str
    at: datetime | None
    note: str | None


class Reached(Answer):
    stage: str
    at: datetime
    amount: str | None
    currency: str | None


class Lead(Answer):
    """`id` is ours and stands in addresses; `source_id` is the source's own. `network` is that of the link's code.

    `stages` are those reached, asked aside, each as it was told last. `referred`: how who sent them is known.
    """

    id: str
    source: str
    source_id: str
    contacted_at: datetime
    channel: str | None
    told: str | None
    told_channel: str | None
    code: str | None
    network: str | None
    touchpoints: list[Contact]
    stage: str = Field(description="asked, talking, offered, won or lost")
    stages: list[Reached]
    won_at: datetime | None
    lost_at: datetime | None
    lost_reason: str | None
    competitor: str | None
    referred: str | None = Field(description="client, lead, person or name; null: nobody is known to have sent them")

    @classmethod
    def of(cls, one: StoredLead) -> Lead:
        lead = one.lead
        return cls(
            id=one.id, source=lead.source, source_id=lead.source_id, contacted_at=lead.contacted_at,
            channel=lead.channel, told=lead.told, told_channel=lead.told_channel, code=lead.code,
            network=one.network_of_code,
            touchpoints=[Contact(channel=step.channel, at=step.at, note=step.note) for step in lead.touchpoints],
            stage=one.stage.value,
            stages=[
                Reached(
                    stage=step.stage.value, at=step.at, amount=_amount(step.amount),
                    currency=step.amount.currency if step.amount else None,
                )
                for step in live(one.history)
            ],
            won_at=one.won_at, lost_at=lead.lost_at, lost_reason=lead.lost_reason, competitor=lead.competitor,
            referred=lead.referrer.kind.value if lead.referrer else None,
        )  # fmt: skip


class Deal(Answer):
    """`lead` is the source's own id of the lead it came of; `amount` is null where nobody told it."""

    id: str
    source: str
    source_id: str
    won_at: datetime
    amount: str | None
    margin: str | None
    currency: str | None
    lead: str | None
    client: str
    returning: bool

    @classmethod
    def of(cls, one: StoredDeal) -> Deal:
        deal = one.deal
        return cls(
            id=one.id, source=deal.source, source_id=deal.source_id, won_at=deal.won_at, amount=_amount(deal.amount),
            margin=_amount(deal.margin), currency=deal.amount.currency if deal.amount else None,
            lead=deal.lead_source_id, client=one.client_id, returning=deal.returning,
        )  # fmt: skip


class Client(Answer):
    id: str
    name: str | None
    since: datetime
    deals: int

    @classmethod
    def of(cls, one: StoredClient) -> Client:
        return cls(id=one.id, name=one.name, since=one.since, deals=one.deals)


class Spent(Answer):
    """Hours and fees spent on a channel in `days` days from `start` on. `hours` null: nobody knows them."""

    id: str
    source: str
    source_id: str
    channel: str
    start: date
    days: int
    hours: str | None
    fees: str | None
    currency: str | None

    @classmethod
    def of(cls, one: StoredEffort) -> Spent:
        spent = one.effort
        return cls(
            id=one.id, source=one.source, source_id=one.source_id, channel=spent.channel, start=spent.start,
            days=spent.days, hours=None if spent.hours is None else f"{spent.hours.normalize():f}",
            fees=_amount(spent.fees), currency=spent.fees.currency if spent.fees else None,
        )  # fmt: skip


class Sent(Answer):
    """A delivery as it stands. `state` unknown: sent, and nothing proves what became of it."""

    id: str
    network: str
    handle: str
    state: str
    reason: str | None
    due_at: datetime
    due_local: str
    revision: int
    text: str
    link: str
    code: str
    url: str | None
    published_at: datetime | None
    verified_at: datetime | None

    @classmethod
    def of(cls, one: Delivery, accounts: Mapping[str, Account]) -> Sent:
        account = accounts[one.account_id]
        return cls(
            id=one.id, network=account.network, handle=account.handle, state=one.state.value, reason=one.reason,
            due_at=one.due_at, due_local=one.due_local, revision=one.revision, text=one.teaser.text,
            link=one.teaser.link, code=one.code, url=one.remote_url, published_at=one.published_at,
            verified_at=one.verified_at,
        )  # fmt: skip


class Tried(Answer):
    """One request, look or decision; `outcome` is null where nobody came back to say."""

    number: int
    action: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None

    @classmethod
    def of(cls, one: Attempt) -> Tried:
        return cls(
            number=one.number, action=one.action, started_at=one.started_at, finished_at=one.finished_at,
            outcome=one.outcome, detail=one.detail,
        )  # fmt: skip


class Shown(Answer):
    """A delivery with every attempt."""

    delivery: Sent
    attempts: list[Tried]


class Verdict(Answer):
    """What the audit says of one claim; `missing` is set when there is not enough data."""

    claim: str
    text: str
    margin: float
    basis: str | None
    verdict: str
    sentence: str
    n: int
    planned: int
    missing: str | None
    caveats: list[str]


class Audited(Answer):
    """`sandbox` is set when the audience was simulated; `locks` say, with its hash, how each hypothesis stands."""

    start: datetime
    end: datetime
    made_at: datetime
    sandbox: str | None
    findings: list[Verdict]
    locks: list[str]
    warnings: list[str]

    @classmethod
    def of(cls, one: Audit) -> Audited:
        from crosspost.audit.results import ShareClaim

        return cls(
            start=one.period.start, end=one.period.end, made_at=one.made_at, sandbox=one.sandbox,
            locks=[lock.told() for lock in one.locks], warnings=list(one.warnings),
            findings=[
                Verdict(
                    claim=found.claim.key, text=found.claim.text, margin=found.claim.margin,
                    basis=found.claim.basis.value if isinstance(found.claim, ShareClaim) else None,
                    verdict=found.verdict.value, sentence=found.sentence, n=found.n,
                    planned=found.planned, missing=found.missing, caveats=list(found.caveats),
                )
                for found in one.findings
            ],
        )  # fmt: skip


def _amount(money: Money | None) -> str | None:
    return None if money is None else f"{money.amount:f}"
