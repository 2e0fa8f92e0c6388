"""What a network is to crosspost: small protocols, offered or not by each adapter.

`Publisher` sends and looks; `Meter` reads counts; `Lister` lists an account's posts; `Refresher` renews its tokens;
`Chooser` tells which accounts a login opened. An adapter is built from a `Connection` and holds no other state; it
never sleeps, never retries and never decides: it translates. Every exception of an SDK or of HTTP becomes a
`NetworkFailure` in the adapter's file and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.limits import Limits
from crosspost.domain.login import Login
from crosspost.domain.post import Listing, Post, Reading
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
    """One per network, in one file. `secrets` names what must be given to connect, with a word of help each.

    `login` is None where there is no page to log in on: tokens or passwords are brought.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    default_server: ClassVar[str | None]  # None: the owner names the instance
    secrets: ClassVar[Mapping[str, str]]
    limits: ClassVar[Limits]
    login: ClassVar[Login | None]

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


@runtime_checkable
class Refresher(Protocol):
    def refresh(self) -> Issued:
        """Ask for fresh tokens, once. Whoever calls holds the account's lock and stores them before they are used.

        Raises Unauthorized (a definite no), OutcomeUnknown (a token that works once may be spent), NotSent and
        RateLimited (nothing is lost: try later).
        """
        ...


@runtime_checkable
class Chooser(Protocol):
    def offers(self) -> list[Offer]:
        """The accounts that the login's token opens. Raises Unauthorized, Unreachable, RateLimited."""
        ...
