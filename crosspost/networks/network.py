"""What a network is to crosspost, in small protocols.

Every network's file says its `kind`. A manual network says what fits into a post as well (`Postable`), a closed one
since when (`Closed`); only a connector is an `Adapter`, which is built from a `Connection` and holds no other state.
More protocols are offered or not by each adapter: `Publisher` sends and looks; `Meter` reads counts; `Lister` lists an
account's posts; `Audience` tells who reacted; `Remover` deletes one; `Billed` says what requests cost; `Examiner` looks
at how the account stands; `Refresher` renews its tokens; `Chooser` tells which accounts a login opened. An adapter
never sleeps, never retries and never decides: it translates. Every exception of an SDK or of HTTP becomes a
`NetworkFailure` in the adapter's file and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Protocol, runtime_checkable

from crosspost.domain.brand import READ_ONLY
from crosspost.domain.costs import Charge
from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.facts import Facts
from crosspost.domain.finding import Finding
from crosspost.domain.kind import Kind
from crosspost.domain.limits import Limits
from crosspost.domain.login import Login
from crosspost.domain.metric import Metric, Reference
from crosspost.domain.post import Listing, Post, Reading
from crosspost.domain.reactor import Reactors
from crosspost.domain.retention import Retention
from crosspost.domain.teaser import Placement, Teaser
from crosspost.outside.http import Outbound
from crosspost.secret import Secret


def for_nothing(_charge: Charge) -> None:
    """Nobody keeps account."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything an adapter may use. `server` is the API's origin; `save` stores a refreshed secret, durably,
    before it is used (an empty value never replaces one). `charge` is told what a request costs, as soon as it was
    answered or its answer was lost; never the post itself, which its claim has recorded. It raises nothing."""

    server: str
    remote_id: str
    handle: str
    secrets: Mapping[str, Secret]
    settings: Mapping[str, str]
    outbound: Outbound
    save: Callable[[str, Secret], None]
    now: Callable[[], datetime]
    timeout_s: float = 20.0
    dead: Mapping[str, str] = field(default_factory=dict)  # names of metrics not to ask for, each with why
    charge: Callable[[Charge], None] = for_nothing

    @property
    def read_only(self) -> bool:
        """Whether nothing may be sent: what only posting needs is nobody's concern then."""
        return self.settings.get(READ_ONLY) == "yes"


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a token belongs to, from a real read: shown before an account is saved."""

    remote_id: str
    handle: str
    name: str | None = None
    notes: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # facts to keep: text_limit, key_honoured…


@dataclass(frozen=True, slots=True)
class Issued:
    """Fresh secrets by the names they are stored under, and when each ends (absent: no end, or nobody told one).

    `scopes` is None when the answer names none.
    """

    secrets: Mapping[str, Secret]
    expires: Mapping[str, datetime] = field(default_factory=dict)
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One of the accounts that a login opens: a Page. `name` is shown to choose by."""

    remote_id: str
    name: str
    issued: Issued


class Network(Protocol):
    """One per network, in one file."""

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Kind]


class Closed(Network, Protocol):
    """A network that is gone: nothing can be planned for it, and silence after that day is no missing data."""

    closed_on: ClassVar[date | None]  # its last day of service; None where nobody wrote it down
    closed_source: ClassVar[str]  # where that is told, and what is not known


class Postable(Network, Protocol):
    """A network that takes posts, from us or from a person's hand."""

    limits: ClassVar[Limits]


class Adapter(Postable, Protocol):
    """A connector. `secrets` names what must be given to connect, with a word of help each; `metrics` is every number
    it tells, and those it never does, out of which its readings are made; `retention` how long what was read may be
    kept."""

    facts: ClassVar[Facts]
    default_server: ClassVar[str | None]  # None: the owner names the instance
    secrets: ClassVar[Mapping[str, str]]
    metrics: ClassVar[tuple[Metric, ...]]
    metrics_reference: ClassVar[Reference]
    retention: ClassVar[Retention]
    login: ClassVar[Login | None]  # None: there is no page to log in on, tokens or passwords are brought

    def __init__(self, connection: Connection) -> None: ...

    def verify(self) -> Profile:
        """Read who the token belongs to. Raises Unauthorized, Unreachable."""
        ...


@runtime_checkable
class Publisher(Protocol):
    def delivery_class(self, link_placement: str) -> DeliveryClass:
        """What may be relied on for this server and this placement of the link."""
        ...

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Send it once. `keep` stores a handle (a container's id) before the step that makes it public.

        Raises any NetworkFailure but Unreachable.
        """
        ...

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        """Look for it without sending anything public. `since` is the instant before the first attempt.

        Raises NoCredit, RateLimited, Unauthorized, Unreachable.
        """
        ...


@runtime_checkable
class Replier(Protocol):
    """A publisher on whose network one's own post can be answered: `Outgoing.parent_remote_id` names it."""

    def reply_class(self) -> DeliveryClass:
        """What may be relied on for a reply with its link in its text."""
        ...


@runtime_checkable
class Remover(Protocol):
    def delete(self, post: Post) -> None:
        """Take one's own post off the network. What is gone already is no failure: deleting again does no harm.

        Raises NotSent, RateLimited, Unauthorized, Rejected; OutcomeUnknown where the answer was lost.
        """
        ...


@runtime_checkable
class Meter(Protocol):
    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """One reading per metric the network offers for a post, missing ones with their reason."""
        ...

    def read_account(self, at: datetime) -> list[Reading]: ...


@runtime_checkable
class Lister(Protocol):
    def posts(self, since: datetime, pages: int = ...) -> Listing:
        """The account's own posts since then, newest first. `pages` bounds what it may cost: a list that ends
        sooner says so."""
        ...


@runtime_checkable
class Audience(Protocol):
    def reactors(self, post: Post) -> Reactors:
        """Who reacted to a post, for as far as the network tells. Names in it are hashed at once, and not kept.

        Raises RateLimited, Unauthorized, Unreachable.
        """
        ...


@runtime_checkable
class Refresher(Protocol):
    def refresh(self) -> Issued:
        """Ask for fresh tokens, once. Whoever calls holds the account's lock and stores them before they are used.

        Raises Unauthorized (a definite no), OutcomeUnknown (a token that works once may be spent), NotSent and
        RateLimited (nothing is lost: try later).
        """
        ...


@runtime_checkable
class Billed(Protocol):
    """A network that asks money for requests; the prices stand in its facts."""

    @classmethod
    def cost_of_post(cls, teaser: Teaser) -> tuple[Charge, ...]:
        """What publishing it costs: the post's own charge first, then what goes before it (alt texts)."""
        ...

    @classmethod
    def cost_of_reading(cls, *, account: bool) -> tuple[Charge, ...]:
        """What reading the metrics of one post costs, or those of the account."""
        ...

    @classmethod
    def cost_of_page(cls) -> tuple[Charge, ...]:
        """The most that one page of the list of posts costs."""
        ...


@runtime_checkable
class Examiner(Protocol):
    def examine(self, at: datetime) -> list[Finding]:
        """How the account stands with its network. Posts nothing and costs nothing. Raises any NetworkFailure that
        ends the examination as a whole."""
        ...


@runtime_checkable
class PaidExaminer(Protocol):
    """What else could be looked at, for money."""

    @classmethod
    def cost_of_examining(cls) -> tuple[Charge, ...]: ...

    def examine_paid(self, at: datetime) -> list[Finding]: ...


@runtime_checkable
class Chooser(Protocol):
    def offers(self) -> list[Offer]:
        """The accounts that the login's token opens. Raises Unauthorized, Unreachable, RateLimited."""
        ...


def declared(adapter: Publisher, placement: str, *, reply: bool) -> DeliveryClass:
    """The class of a delivery. A network that knows no replies refuses one before anything is sent."""
    return adapter.reply_class() if reply and isinstance(adapter, Replier) else adapter.delivery_class(placement)


def placements(adapter: type[Postable]) -> tuple[Placement, ...]:
    """Where a link may stand on this network. `own_card` is declared where the card is ours to send."""
    card: tuple[Placement, ...] = ("card",) if getattr(adapter, "own_card", False) else ()
    reply: tuple[Placement, ...] = ("reply",) if issubclass(adapter, Replier) else ()
    return ("text", *card, *reply, "bio", "none")


def options(adapter: type[Postable]) -> Mapping[str, tuple[str, ...]]:
    """What else may be said of a post there, with the values it may have; no values: any text."""
    found: Mapping[str, tuple[str, ...]] = getattr(adapter, "options", {})
    return found
