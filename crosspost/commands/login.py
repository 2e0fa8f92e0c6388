"""Logins through the browser: what was asked for, and whether what comes back is the answer to it.

A login request is kept in memory, taken once, and only for ten minutes. Where the code is brought is read from the
request and never from the answer: of two servers that are logged in to at once, neither gets the other's code.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

from crosspost.domain.errors import (
    BadInput,
    NetworkFailure,
    NotAllowed,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from crosspost.domain.login import CLIENT_ID, CLIENT_SECRET, Login
from crosspost.logs import register
from crosspost.networks import adapter_of, oauth
from crosspost.networks.network import Chooser, Connection, Issued, Offer
from crosspost.outside.address import origin_of
from crosspost.outside.callback import is_loopback
from crosspost.outside.failures import AddressRefused
from crosspost.outside.http import Outbound
from crosspost.secret import Secret

LIFE = timedelta(minutes=10)
_NOBODY = "nobody here asked for this login, or it was answered before"


class Stranger(NotAllowed):
    """An answer to nothing that was asked: whoever waits for a real one goes on waiting."""


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """One login under way. `page` is what to open; `client` the app's credentials; `issuer` who may answer."""

    network: str
    server: str
    page: str
    redirect: str
    token_address: str
    issuer: str
    scopes: tuple[str, ...]
    client: Mapping[str, Secret]
    verifier: Secret
    ends_at: datetime


class Logins:
    """The logins of this process. Thread-safe."""

    def __init__(
        self, outbound: Outbound, now: Callable[[], datetime], *, timeout_s: float = 20.0, life: timedelta = LIFE
    ) -> None:
        self._outbound, self._now, self._timeout_s, self._life = outbound, now, timeout_s, life
        self._open: dict[str, LoginRequest] = {}
        self._lock = Lock()

    def begin(
        self,
        name: str,
        server: str,
        *,
        redirect: str,
        client: Mapping[str, Secret] | None = None,
        read_only: bool = False,
        scopes: tuple[str, ...] = (),
    ) -> LoginRequest:
        """Ask for a login. A server that makes apps itself is asked for one; else `client` is the owner's.

        `scopes` replace the network's own; a read-only login takes reading ones alone. Raises BadInput, NotAllowed,
        Unavailable.
        """
        login = login_of(name)
        for scope in scopes if read_only else ():
            if not login.reads_only(scope):
                raise NotAllowed(f"{scope!r} is not known to be for reading", remedy="leave out --read-only or --scope")
        scopes = scopes or login.scopes(read_only=read_only)
        home = adapter_of(name).default_server
        if login.register is not None:
            client = self._registered(name, server, login, redirect, scopes)
        if client is None or not client.get(CLIENT_ID):
            raise BadInput(f"{name} needs the client id of your app", remedy="see docs/connecting.md")
        for secret in client.values():
            register(secret)
        state, verifier = Secret(secrets.token_urlsafe(32)), Secret(secrets.token_urlsafe(64))
        register(state)
        register(verifier)
        where = oauth.address(login, login.authorize, server, home)
        made = LoginRequest(
            network=name, server=server, redirect=redirect, scopes=scopes, client=client, verifier=verifier,
            page=oauth.page(
                login, where, client_id=client[CLIENT_ID].reveal(), redirect=redirect, state=state.reveal(),
                scopes=scopes, verifier=verifier,
            ),
            token_address=oauth.address(login, login.tokens, server, home), issuer=_origin(where),
            ends_at=self._now() + self._life,
        )  # fmt: skip
        with self._lock:
            self._open[state.reveal()] = made
        return made

    def take(self, returned: Mapping[str, str], redirect: str) -> tuple[LoginRequest, Secret]:
        """The request that a browser's return answers, and the code it brings. `redirect` is where it came back to.

        Raises NotAllowed for an answer to nothing (forged, used, late, another server's), Unavailable for a refusal.
        """
        state = returned.get("state", "")
        with self._lock:
            request = self._open.get(state)
            if request is None or request.redirect != redirect:
                raise Stranger(_NOBODY, remedy="start again: crosspost account connect")
            del self._open[state]
        if self._now() >= request.ends_at:
            raise NotAllowed("the login took too long", remedy="start again: crosspost account connect")
        issuer = returned.get("iss")
        if issuer is not None and _origin(issuer) != request.issuer:
            raise NotAllowed(
                f"the answer names {_origin(issuer)!r}, and {request.issuer} was asked",
                remedy="start again, one by one",
            )
        if "error" in returned:
            said = _short(f"{returned['error']}: {returned.get('error_description', '')}")
            raise Unavailable(f"{request.network} answers {said}", remedy="nothing was changed")
        code = Secret(returned.get("code", ""))
        if not code:
            raise Unavailable(f"{request.network} brought no code", remedy="start again")
        register(code)
        return request, code

    def pasted(self, text: str, request: LoginRequest) -> tuple[LoginRequest, Secret]:
        """The same for an address that a person copied out of the browser. Raises BadInput, NotAllowed, Unavailable."""
        try:
            parts = urlsplit(text.strip())
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
        except ValueError:
            parts, query = urlsplit(""), {}
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != request.redirect:
            raise BadInput(
                "this is not the address the browser was sent back to", remedy=f"it begins with {request.redirect}?"
            )
        return self.take(query, request.redirect)

    def finish(self, request: LoginRequest, code: Secret) -> tuple[Issued, list[Offer]]:
        """Bring the code to the server that was asked: its tokens, and the accounts they open where there are several.

        Raises Unavailable; nothing was stored.
        """
        login, adapter = login_of(request.network), adapter_of(request.network)
        on = self._connection(request.server, request.client)
        try:
            issued = oauth.exchanged(
                on, login, request.token_address, adapter.default_server, code=code, redirect=request.redirect,
                verifier=request.verifier,
            )  # fmt: skip
            registered(issued)
            offers: list[Offer] = []
            opened = adapter(self._connection(request.server, {**request.client, **issued.secrets}))
            if isinstance(opened, Chooser):
                offers = opened.offers()
                for one in offers:
                    registered(one.issued)
        except NetworkFailure as failure:
            raise refusal(request.network, failure) from None
        return issued, offers

    def _registered(
        self, name: str, server: str, login: Login, redirect: str, scopes: tuple[str, ...]
    ) -> dict[str, Secret]:
        where = oauth.address(login, login.register or "", server, None)
        try:
            client_id, secret = oauth.register(self._connection(server, {}), where, redirect=redirect, scopes=scopes)
        except NetworkFailure as failure:
            raise refusal(name, failure) from None
        return {CLIENT_ID: Secret(client_id), CLIENT_SECRET: secret}

    def _connection(self, server: str, known: Mapping[str, Secret]) -> Connection:
        return Connection(
            server=server, remote_id="", handle="", secrets=known, settings={}, outbound=self._outbound,
            save=lambda name, value: None, now=self._now, timeout_s=self._timeout_s,
        )  # fmt: skip


def login_of(name: str) -> Login:
    """Raises BadInput where there is no page to log in on."""
    login = adapter_of(name).login
    if login is None:
        raise BadInput(f"{name} has no login through the browser", remedy=f"see `crosspost networks {name}`")
    return login


def redirect_of(name: str, server: str, port: int) -> str:
    """Where the browser comes back to: one address per network, and per server where there are many.

    The owner registers it with the app, to the letter. Raises BadInput where the network takes no loopback address.
    """
    login = login_of(name)
    if login.redirect is None:
        raise BadInput(
            f"{name} sends browsers back to https addresses only",
            remedy="--redirect https://… as it is registered with your app, and paste the address you land on",
        )
    place = f"/{urlsplit(server).netloc.replace(':', '-')}" if login.register is not None else ""
    return f"{login.redirect}:{port}/callback/{name}{place}"


def check_redirect(redirect: str) -> None:
    """Raises BadInput for an address that a code must not be sent to: only https keeps it, or this machine."""
    try:
        origin_of(redirect)
        fits = redirect.startswith("https:") or is_loopback(redirect)
    except AddressRefused:
        fits = False
    if not fits:
        raise BadInput(
            f"{redirect!r} is no address to come back to",
            remedy="an https address, or http://127.0.0.1:8809/… of this machine, as it is registered with your app",
        )


def chosen(name: str, offers: list[Offer], page: str | None) -> Offer:
    """The account meant by its id or name, or the only one. Raises BadInput naming what there is."""
    named = "; ".join(f"{one.remote_id} ({one.name})" for one in offers)
    if not offers:
        raise Unavailable(f"the login opens no account on {name}", remedy="grant a Page in the dialog, and its role")
    if page is None and len(offers) > 1:
        raise BadInput(f"which of {len(offers)} accounts?", remedy=f"--page with one of {named}")
    fitting = [one for one in offers if page in (None, one.remote_id, one.name)]
    if len(fitting) != 1:
        raise BadInput(f"{len(fitting)} accounts are called {page!r}", remedy=f"--page with one of {named}")
    return fitting[0]


def registered(issued: Issued) -> None:
    """From here on no log shows these tokens."""
    for secret in issued.secrets.values():
        register(secret)


def refusal(name: str, failure: NetworkFailure) -> Unavailable:
    """A failed login in words for its owner."""
    match failure:
        case Unauthorized():
            return Unavailable(f"{name} refuses: {failure.reason}", remedy="check the app's id, secret and addresses")
        case OutcomeUnknown():
            return Unavailable(f"{name} gave no clear answer: {failure.reason}", remedy="log in again")
        case NotSent() | RateLimited():
            return Unavailable(f"{name} could not be asked: {failure.reason}", remedy="try again later")
    return Unavailable(f"{name} could not be read: {failure.reason}", remedy="try again")


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _short(text: str) -> str:
    return " ".join(text.split())[:200]
