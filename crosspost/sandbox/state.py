"""What the sandbox knows: accounts, tokens, posts, media. Everything public goes through `State.commit`."""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from starlette.routing import BaseRoute

from crosspost.sandbox.behaviour import BEHAVIOUR, LIFE_S, SECRETS
from crosspost.sandbox.clock import RealClock, ServerClock
from crosspost.sandbox.faults import NETWORKS as NETWORKS
from crosspost.sandbox.faults import Faults
from crosspost.sandbox.ledger import Ledger
from crosspost.sandbox.logins import Logins


@dataclass(slots=True)
class SandboxPost:
    """A post as it stands on a network. The counters belong to the audience: change them in place.

    `links` are the addresses a reader can click, as they were sent. `created_at` is what the network shows;
    `committed_at` is when this server really took it.
    """

    network: str
    account_id: str
    id: str
    text: str
    links: tuple[str, ...]
    created_at: datetime
    url: str
    committed_at: datetime
    impressions: int = 0
    reach: int = 0
    likes: int = 0
    replies: int = 0
    reposts: int = 0
    quotes: int = 0
    bookmarks: int = 0
    link_clicks: int = 0
    profile_clicks: int = 0
    deleted: bool = False
    parent_id: str | None = None
    media: tuple[str, ...] = ()
    language: str | None = None
    data: dict[str, Any] = field(default_factory=dict)  # the network's own: record, card, visibility, key…


@dataclass(slots=True)
class SandboxAccount:
    """A presence on a network. `followers` belongs to the audience. `behaviour`: see `BEHAVIOUR`."""

    network: str
    id: str
    handle: str
    name: str
    followers: int
    created_at: datetime
    following: int = 0
    secrets: dict[str, str] = field(default_factory=dict)
    behaviour: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Token:
    """`kind`: oauth1, access, refresh, app, user, page, short.

    `scopes` is None for what an account is given at first: it may everything. `family` is the login it comes from,
    `app` the client it was given to.
    """

    value: str
    account_id: str
    kind: str
    expires_at: datetime | None = None
    revoked: bool = False
    scopes: tuple[str, ...] | None = None
    family: str = ""
    app: str = ""
    issued_at: datetime | None = None

    def may_write(self) -> bool:
        """Whether it may publish and delete, by how all the networks name such scopes."""
        marks = ("write", "publish", "manage_posts", "w_")
        return self.scopes is None or any(mark in one for one in self.scopes for mark in marks)


@dataclass(slots=True)
class Media:
    """An upload: not public until a post shows it. `polls_left` counts the looks before it is ready."""

    id: str
    account_id: str
    content: bytes
    media_type: str
    alt: str = ""
    polls_left: int = 0
    broken: bool = False
    used: bool = False


@dataclass(slots=True)
class Container:
    """What Instagram and Threads publish in a second step. `fields` are the post to be; `polls_left` as of `Media`."""

    id: str
    account_id: str
    created_at: datetime
    fields: dict[str, Any]
    polls_left: int = 0
    broken: bool = False
    published: bool = False


class State:
    """One sandbox. `seed` fixes ids, tokens, faults and the audience; `extra_routes` are mounted by `build`."""

    def __init__(self, *, seed: int = 0, clock: ServerClock | None = None, ledger: Ledger | None = None) -> None:
        self.seed = seed
        self.clock: ServerClock = clock or RealClock()
        self.ledger = ledger or Ledger()
        self.rng = random.Random(seed)  # noqa: S311
        self.faults = Faults(seed)
        self.origin = ""  # known once the server listens
        self.accounts: dict[str, SandboxAccount] = {}
        self.posts: list[SandboxPost] = []
        self.timelines: dict[str, list[SandboxPost]] = {}  # by account, in order of commitment
        self.tokens: dict[str, Token] = {}
        self.media: dict[str, Media] = {}
        self.containers: dict[str, Container] = {}
        self.keys: dict[tuple[str, str], tuple[datetime, str]] = {}  # account and idempotency key → post
        self.rkeys: dict[str, list[str]] = {}  # Bluesky: a repository's record keys, sorted
        self.standing: dict[str, int] = {}  # by account: posts that were not deleted
        self.said: dict[tuple[str, str], str] = {}  # account and text → its last post
        self.windows: dict[tuple[str, str], tuple[int, int]] = {}  # account and limit → window and points spent
        self.on_post: list[Callable[[SandboxPost], None]] = []
        self.logins = Logins()
        self.extra_routes: list[BaseRoute] = []
        self.truth: Callable[[], dict[str, Any]] = dict  # what the audience really does, told by the world
        self.about: dict[str, Any] = {}  # shown by /_sandbox/health: the world's name…
        self._by_id: dict[tuple[str, str], SandboxPost] = {}
        self._serial = 0
        self._last: dict[int, int] = {}
        self._replay()

    # accounts and tokens

    def add_account(
        self, network: str, handle: str, *, name: str | None = None, followers: int = 0, **behaviour: Any
    ) -> SandboxAccount:
        """The account of that handle, made if need be; its behaviour and followers are set either way."""
        if network not in NETWORKS:
            raise ValueError(f"no network {network!r} here: one of {', '.join(NETWORKS)}")
        if unknown := sorted(set(behaviour) - set(BEHAVIOUR)):
            raise ValueError(f"no behaviour {', '.join(unknown)}: one of {', '.join(BEHAVIOUR)}")
        handle = handle.lstrip("@")
        for account in self.accounts.values():
            if account.network == network and account.handle.lower() == handle.lower():
                account.behaviour.update(behaviour)
                return account
        account = SandboxAccount(
            network, self._account_id(network, handle), handle, name or handle, followers, self.clock.now()
        )
        account.behaviour.update(behaviour)
        self.accounts[account.id] = account
        for secret, kind in SECRETS[network]:
            value = self._value(network, handle, secret)
            account.secrets[secret] = value
            if kind:
                self.tokens[value] = Token(value, account.id, kind, self._expiry(account, kind))
        self.ledger.append("account", **_jsonable(_fields(account)))
        return account

    def behaviour(self, account: SandboxAccount, switch: str) -> Any:
        return account.behaviour.get(switch, BEHAVIOUR[switch])

    def token(self, network: str, value: str) -> Token | None:
        """The token of that value, if it is one of that network."""
        token = self.tokens.get(value)
        return token if token is not None and self.accounts[token.account_id].network == network else None

    def issue(
        self,
        account: SandboxAccount,
        kind: str,
        form: Callable[[str, datetime | None], str] | None = None,
        *,
        like: Token | None = None,
    ) -> str:
        """A fresh token of that account. `form` makes it look as the network's do; `like` gives scopes and family."""
        expires_at = self._expiry(account, kind)
        value = self._value(account.id, kind, str(self._next()))
        value = form(value, expires_at) if form else value
        made = Token(value, account.id, kind, issued_at=self.clock.now())
        if like is not None:
            made.scopes, made.family, made.app = like.scopes, like.family, like.app
        self.retire(made, expires_at)
        return value

    def retire(self, token: Token, at: datetime | None) -> None:
        """The token works until `at` and no longer."""
        token.expires_at = at
        self.tokens[token.value] = token
        self.ledger.append(
            "token", value=token.value, account_id=token.account_id, kind=token.kind, expires_at=_iso(at),
            scopes=token.scopes, family=token.family, app=token.app, issued_at=_iso(token.issued_at),
        )  # fmt: skip

    def set_tokens(self, account: SandboxAccount, action: str) -> None:
        """`expire` the access tokens, `revoke` everything, or `restore` what the account was given at first."""
        if action not in ("expire", "revoke", "restore"):
            raise ValueError(f"{action!r} is not expire, revoke or restore")
        for token in self.tokens.values():
            if token.account_id != account.id:
                continue
            if action == "revoke":
                token.revoked = True
            elif action == "expire" and token.kind not in ("refresh", "app"):
                token.expires_at = self.clock.now()
            elif action == "restore" and token.value in account.secrets.values():
                token.revoked, token.expires_at = False, self._expiry(account, token.kind)

    # posts

    def commit(self, post: SandboxPost, *, key: str | None = None, late: bool = False) -> SandboxPost:
        """Make it public: ledger first, then the lists, then the audience.

        `late` marks a request that was applied after its client was told nothing or something else.
        """
        entry = {**_jsonable(_fields(post)), "late": late, "key": key}
        self.ledger.append("post", **entry)
        self._show(post, key)
        for call in [] if post.data.get("only_owner") else self.on_post:  # nobody else meets it
            call(post)
        return post

    def delete(self, post: SandboxPost) -> None:
        if not post.deleted:
            self._hide(post)
            self.ledger.append("delete", network=post.network, account_id=post.account_id, id=post.id)

    def post(self, network: str, post_id: str) -> SandboxPost | None:
        """The post of that id, None if it was deleted or never was."""
        post = self._by_id.get((network, post_id))
        return None if post is None or post.deleted else post

    def readable(self, network: str, post_id: str) -> SandboxPost | None:
        """As `post`, and None too while the account's read lag hides it."""
        post = self.post(network, post_id)
        if post is None:
            return None
        lag = self.behaviour(self.accounts[post.account_id], "read_lag_s")
        return post if lag <= 0 or post.committed_at + timedelta(seconds=lag) <= self.clock.now() else None

    def url(self, *parts: str) -> str:
        """An address on this sandbox's own pages."""
        return "/".join((self.origin, *parts))

    def newest(self, account: SandboxAccount) -> SandboxPost | None:
        """The account's last post that still stands."""
        return next((post for post in reversed(self.timelines.get(account.id, [])) if not post.deleted), None)

    def snowflake(self, epoch_ms: int = 1288834974657, bits: int = 22) -> str:
        """An id that grows with time and is never given twice, also while the clock stands still."""
        floor = max(0, int(self.clock.now().timestamp() * 1000) - epoch_ms) << bits
        self._last[bits] = max(floor, self._last.get(bits, 0) + 1)
        return str(self._last[bits])

    def _show(self, post: SandboxPost, key: str | None) -> None:
        self.posts.append(post)
        self.timelines.setdefault(post.account_id, []).append(post)
        self._by_id[post.network, post.id] = post
        self.standing[post.account_id] = self.standing.get(post.account_id, 0) + 1
        if not (post.network == "linkedin" and post.parent_id):  # its comments are told apart from posts
            self.said[post.account_id, post.text.strip()] = post.id
        if rkey := post.data.get("rkey"):
            known = self.rkeys.setdefault(post.account_id, [])
            place = bisect_left(known, rkey)
            if known[place : place + 1] != [rkey]:
                known.insert(place, rkey)
        if key:
            self.keys[post.account_id, key] = (post.committed_at, post.id)

    def _hide(self, post: SandboxPost) -> None:
        post.deleted = True
        self.standing[post.account_id] -= 1

    # names

    def _account_id(self, network: str, handle: str) -> str:
        digest = hashlib.sha256(f"{self.seed}/{network}/{handle}".encode())
        if network == "bluesky":
            return "did:plc:" + "".join("abcdefghijklmnopqrstuvwxyz234567"[b & 31] for b in digest.digest()[:24])
        number = str(10**14 + int.from_bytes(digest.digest()[:6]))
        if network == "instagram":
            return f"17841{number[-12:]}"
        if network == "linkedin":  # the address of a member's page begins with in/
            return f"urn:li:{'person' if handle.startswith('in/') else 'organization'}:{number}"
        return number

    def _value(self, *parts: str) -> str:
        return "sandbox-" + hashlib.sha256("/".join((str(self.seed), *parts)).encode()).hexdigest()[:40]

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _expiry(self, account: SandboxAccount, kind: str) -> datetime | None:
        life = LIFE_S.get((account.network, kind))
        if kind == "access" and (own := self.behaviour(account, "token_life_s")) is not None:
            life = float(own)
        return None if life is None else self.clock.now() + timedelta(seconds=life)

    # what an earlier run of this server wrote down

    def _replay(self) -> None:
        for entry in self.ledger.entries:
            kind = entry["event"]
            if kind == "account":
                values = {name: entry[name] for name in SandboxAccount.__dataclass_fields__}
                account = SandboxAccount(**{**values, "created_at": _instant(values["created_at"])})
                self.accounts[account.id] = account
                for secret, token_kind in SECRETS[account.network]:
                    if token_kind:
                        value = account.secrets[secret]
                        self.tokens[value] = Token(value, account.id, token_kind, self._expiry(account, token_kind))
            elif kind == "token":
                expires = entry["expires_at"] and _instant(entry["expires_at"])
                token = Token(entry["value"], entry["account_id"], entry["kind"], expires)
                token.scopes = entry.get("scopes") and tuple(entry["scopes"])
                token.family, token.app = entry.get("family", ""), entry.get("app", "")
                token.issued_at = entry.get("issued_at") and _instant(entry["issued_at"])
                self.tokens[token.value] = token
                self._serial += 1
            elif kind == "post":
                values = {name: entry[name] for name in SandboxPost.__dataclass_fields__}
                for name in ("created_at", "committed_at"):
                    values[name] = _instant(values[name])
                for name in ("links", "media"):
                    values[name] = tuple(values[name])
                self._show(SandboxPost(**values), entry["key"])
            elif kind == "delete" and (post := self.post(entry["network"], entry["id"])):
                self._hide(post)


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _fields(row: SandboxPost | SandboxAccount) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(row)}


def _jsonable(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
