"""What logging in to a network takes, as data: addresses, scopes, and how long what it gives lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

CLIENT_ID, CLIENT_SECRET, REFRESH = "client_id", "client_secret", "refresh_token"  # names of stored secrets


class Renewal(StrEnum):
    """How a token is kept alive.

    ROTATING: a refresh token that works once. An answer that is lost takes both with it: the owner connects again.
    EXCHANGE: a living token is exchanged for a later one. A lost answer costs nothing, an ended token everything.
    """

    ROTATING = "rotating"
    EXCHANGE = "exchange"
    NONE = "none"  # it ends, and the owner connects again
    NEVER = "never"  # it has no end


@dataclass(frozen=True, slots=True)
class Exchange:
    """A GET that turns one token into another. `app` says which of the app's credentials go with it."""

    address: str
    grant: str
    token_as: str
    app: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Addresses are those of the network's own servers, or paths where every server has its own (Mastodon).

    `writing` is asked for on top of `reading`, unless the connection is read-only; `reviewed` are reading scopes that
    only some apps have. `access` is the name the token is stored under. `early`: how long before its end a token is
    renewed; `least_age`: how old it must be for that. `assumed`: its life where no answer tells it.
    """

    authorize: str
    tokens: str
    reading: tuple[str, ...]
    writing: tuple[str, ...]
    renewal: Renewal
    access: str = "access_token"
    used: str | None = None  # the token that is used, where the login's own only opens it (a Page's)
    reviewed: tuple[str, ...] = ()
    separator: str = " "
    pkce: bool = True
    basic: bool = False  # the app proves itself by HTTP Basic; else in the body
    redirect: str | None = "http://127.0.0.1"  # the loopback address the network takes; None: https only, pasted back
    register: str | None = None  # where an app is made for this server alone
    longer: Exchange | None = None  # asked for at once after the login
    renew: Exchange | None = None
    early: timedelta = timedelta(0)
    least_age: timedelta = timedelta(0)
    assumed: timedelta | None = None
    extra: tuple[tuple[str, str], ...] = ()  # further parameters of the code's exchange
    source: str
    read_on: date

    def scopes(self, *, read_only: bool) -> tuple[str, ...]:
        return self.reading if read_only else (*self.reading, *self.writing)

    def reads_only(self, scope: str) -> bool:
        return scope in self.reading or scope in self.reviewed


@dataclass(frozen=True, slots=True)
class Granted:
    """What is kept beside an account's token. `scopes` is None when no answer named them."""

    scopes: tuple[str, ...] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Life:
    """A stored token as its row tells it, unopened. `expires_at` None: no end, or nobody told one.

    `problem`: why it cannot be renewed; nothing is tried again while it stands. `warned_days`: the radar's last word.
    """

    name: str
    expires_at: datetime | None
    updated_at: datetime
    scopes: tuple[str, ...] | None
    connected_at: datetime | None
    problem: str | None
    warned_days: int | None
