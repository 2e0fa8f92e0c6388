"""What a network is to crosspost: small protocols, offered or not by each adapter.

`Publisher` sends and looks; `Remover` deletes; `Meter` reads counts; `Lister` lists an account's posts. An adapter is
built from a `Connection` and holds no other state; it never sleeps, never retries and never decides: it translates.
Every exception of an SDK or of HTTP becomes a `NetworkFailure` in the adapter's file and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.limits import Limits
from crosspost.domain.post import Listing, Post, Reading
from crosspost.domain.teaser import Placement
from crosspost.outside.http import Outbound
from crosspost.secret import Secret


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything an adapter may use. `server` is the API's origin; `save` stores a refreshed secret, durably,
    before it is used (an empty value never replaces one)."""

    server: str
    remote_id: str
    handle: str
    secrets: Mapping[str, Secret]
    settings: Mapping[str, str]
    outbound: Outbound
    save: Callable[[str, Secret], None]
    now: Callable[[], datetime]
    timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a token belongs to, from a real read: shown before an account is saved."""

    remote_id: str
    handle: str
    name: str | None = None
    notes: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # facts to keep: text_limit, key_honoured…


class Network(Protocol):
    """One per network, in one file. `secrets` names what must be given to connect, with a word of help each."""

    name: ClassVar[str]
    title: ClassVar[str]
    default_server: ClassVar[str | None]  # None: the owner names the instance
    secrets: ClassVar[Mapping[str, str]]
    limits: ClassVar[Limits]

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

        Raises RateLimited, Unauthorized, Unreachable.
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
    def posts(self, since: datetime) -> Listing:
        """The account's own posts since then, newest first."""
        ...


def declared(adapter: Publisher, placement: str, *, reply: bool) -> DeliveryClass:
    """The class of a delivery. A network that knows no replies refuses one before anything is sent."""
    return adapter.reply_class() if reply and isinstance(adapter, Replier) else adapter.delivery_class(placement)


def placements(adapter: type[Network]) -> tuple[Placement, ...]:
    """Where a link may stand on this network. `own_card` is declared where the card is ours to send."""
    card: tuple[Placement, ...] = ("card",) if getattr(adapter, "own_card", False) else ()
    reply: tuple[Placement, ...] = ("reply",) if issubclass(adapter, Replier) else ()
    return ("text", *card, *reply, "bio", "none")


def options(adapter: type[Network]) -> Mapping[str, tuple[str, ...]]:
    """What else may be said of a post there, with the values it may have; no values: any text."""
    found: Mapping[str, tuple[str, ...]] = getattr(adapter, "options", {})
    return found
