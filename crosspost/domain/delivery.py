"""A delivery: the intent to post one teaser to one account at one instant.

States, and what each means to a person:

    draft         composed, nobody approved it
    scheduled     approved; waits for its due time
    sending       handed to a worker; the network may or may not have it
    unknown       sent, nothing proves what became of it: "sent, confirming", never "failed"
    checking      a worker is looking on the network
    published     it is there; `remote_id` or recorded evidence says so
    rejected      the network refused it for good; the reason says why
    blocked       the account's token does not work; comes back when it does, or is missed
    missed        its window passed; nothing was sent
    needs_person  the machine may not decide: paste the address, or sign that it is not there. On a manual network:
                  it is due, and a person is to post it by hand; nobody saying so in time, it is missed
    cancelled     by the owner
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from crosspost.domain.teaser import Teaser
from crosspost.domain.windows import BootTime


class State(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    UNKNOWN = "unknown"
    CHECKING = "checking"
    PUBLISHED = "published"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    MISSED = "missed"
    NEEDS_PERSON = "needs_person"
    CANCELLED = "cancelled"


TERMINAL = frozenset({State.PUBLISHED, State.REJECTED, State.MISSED, State.CANCELLED})
IN_FLIGHT = frozenset({State.SENDING, State.UNKNOWN, State.CHECKING})


class DeliveryClass(StrEnum):
    """How a network lets us learn what became of a request (docs/deliveries.md)."""

    KEY = "key honoured"  # the same key gives the same post
    RECORD = "deterministic record"  # the post's id is ours to choose
    HANDLE = "two-phase handle"  # a container that tells whether it was published
    NAMES_TWIN = "names the duplicate"  # a repeat is refused, and the refusal names the first
    READABLE = "readable only"  # nothing but the list of posts
    BLIND = "blind"  # not even that


class LatePolicy(StrEnum):
    PUBLISH = "publish"  # inside the window a late delivery still goes out
    MISS = "miss"  # a late delivery is missed, loudly


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What an adapter is given: frozen at approval, equal on every attempt.

    `key` is the idempotency key (delivery id and payload hash), `record_key` a TID derived from the due time and
    the delivery's id, `created_at` the creation time to write into the record. `attachments` maps the SHA-256 of
    each image to its bytes. `handle` is the container's id when an earlier attempt got one.
    """

    delivery_id: str
    revision: int
    teaser: Teaser
    code: str
    key: str
    record_key: str
    created_at: datetime
    handle: str | None = None
    parent_remote_id: str | None = None  # of the post this one replies to
    attachments: dict[str, bytes] = field(default_factory=dict)


class Found(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Sighting:
    """The answer to "is it there?", with its evidence.

    ABSENT is only said by a source whose silence means something: a record read by its key, or a list that
    reaches back before the first attempt. Everything else is INCONCLUSIVE.
    """

    found: Found
    evidence: str
    remote_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it stands. `epoch` is the fence: who writes on an older one writes nothing.

    `ambiguous` is sticky: the outcome of some attempt was never proven, whatever later attempts answered.
    `owner` is the worker that holds it now; None when nobody does.
    """

    id: str
    brand_id: str
    account_id: str
    article_id: str | None
    parent_id: str | None
    revision: int
    state: State
    reason: str | None
    teaser: Teaser
    sha256: str
    code: str
    key: str
    record_key: str
    due_at: datetime
    due_local: str
    zone: str
    tzdata: str
    late_policy: LatePolicy
    window_s: int
    created_at: datetime
    changed_at: datetime
    epoch: int = 0
    owner: str | None = None
    attempts: int = 0
    ambiguous: bool = False
    absences: int = 0
    looks: int = 0
    readable_only: bool = False
    refused_as_repeat: bool = False
    first_sent_at: datetime | None = None
    first_sent_boot: BootTime | None = None
    last_sent_boot: BootTime | None = None
    next_boot: BootTime | None = None
    next_at: datetime | None = None
    handle: str | None = None
    remote_id: str | None = None
    remote_url: str | None = None
    evidence: str | None = None
    published_at: datetime | None = None
    verified_at: datetime | None = None
    verified_evidence: str | None = None
    approved_at: datetime | None = None
    approved_by: str | None = None

    @property
    def expires_at(self) -> datetime:
        """After this instant it no longer goes out."""
        return self.due_at + timedelta(seconds=self.window_s)

    @property
    def waits_for_hand(self) -> bool:
        """Whether a person was asked to post it, until `next_at`. Where the machine only may not decide, no time ends
        the question."""
        return self.state is State.NEEDS_PERSON and self.next_at is not None

    @property
    def marked(self) -> bool:
        """Whether the post itself carries the tracked link: without it a post cannot be told from another."""
        return self.teaser.link_placement in ("text", "card")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, look or decision, as it was recorded: the row before it, the outcome after it."""

    id: str
    delivery_id: str
    number: int  # of the sending it is or asks about
    action: str  # send, look, person
    epoch: int
    owner: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None  # None: the worker never came back to say
    detail: str | None
