"""Logging in as a person does: a browser that opens the page and comes back to the real callback over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from crosspost.clock import Clock
from crosspost.commands.connect import Connector
from crosspost.commands.deliver import Deliverer
from crosspost.commands.login import LoginRequest, Logins, chosen, login_of, redirect_of
from crosspost.commands.refresh import Renewer
from crosspost.commands.setup import add_brand
from crosspost.commands.workers import become_worker
from crosspost.domain.brand import Account, Brand
from crosspost.domain.delivery import Attempt, State
from crosspost.domain.errors import CrosspostError
from crosspost.domain.ids import new_code
from crosspost.domain.login import Life
from crosspost.domain.notice import Notice
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.networks.network import Issued
from crosspost.outside.callback import Callback
from crosspost.outside.http import Outbound
from crosspost.sandbox.client_clock import SandboxClock
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import credentials, deliveries
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BROWSED = ("x", "facebook", "mastodon", "instagram", "threads", "linkedin", "pinterest")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Desk:
    """One owner with a database, at one or several sandboxes, on the sandbox's clock."""

    sandbox: Sandbox
    database: Database
    folder: Path
    told: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock: Clock = SandboxClock(self.sandbox.origin)
        self.store = Store(self.database)
        self.vault = Vault(MasterKey.generate())
        self.outbound = Outbound(private_origins=frozenset({self.sandbox.origin}))
        self.connector = Connector(self.store, self.vault, self.outbound, self.clock, 5.0)
        self.logins = Logins(self.outbound, self.clock.now, timeout_s=5.0)
        self.renewer = self.another_renewer()
        self.brand: Brand = add_brand(self.store, self.clock.now(), "Léa")

    def another_renewer(self) -> Renewer:
        """As another process would make one."""
        return Renewer(self.store, self.connector, self.clock, self.folder / "locks", self.told.append)

    def begin(
        self, network: str, *, server: str | None = None, read_only: bool = False, scopes: tuple[str, ...] = ()
    ) -> LoginRequest:
        """Ask for a login in the name of the sandbox's app, with an address of this machine to come back to."""
        server = server or self.sandbox.origin
        try:
            redirect = redirect_of(network, server, free_port())
        except CrosspostError:
            redirect = f"https://localhost/callback/{network}"
        client = None
        if login_of(network).register is None:
            made = self.sandbox.add_app(network, redirect)
            client = {name: Secret(made[name]) for name in ("client_id", "client_secret")}
        return self.logins.begin(network, server, redirect=redirect, client=client, read_only=read_only, scopes=scopes)

    def come_back(self, request: LoginRequest) -> tuple[LoginRequest, Secret]:
        """Open the page in a browser that allows it, and take what comes back: at the callback, or pasted."""
        if request.redirect.startswith("https"):
            answer = httpx.get(request.page)
            return self.logins.pasted(answer.headers["location"], request)
        came: list[tuple[LoginRequest, Secret] | CrosspostError] = []

        def accept(query: Mapping[str, str]) -> tuple[bool, str]:
            try:
                came.append(self.logins.take(query, request.redirect))
            except CrosspostError as refusal:
                came.append(refusal)
                return False, str(refusal)
            return True, "done"

        callback = Callback(request.redirect, accept)
        try:
            page = httpx.get(request.page, follow_redirects=True)
        finally:
            callback.close()
        found = came[-1]
        if isinstance(found, CrosspostError):
            assert page.status_code == 400
            raise found
        assert page.status_code == 200
        return found

    def log_in(self, network: str, *, page: str | None = None, read_only: bool = False) -> Account:
        """The whole way, as `crosspost account connect` goes it."""
        request, code = self.come_back(self.begin(network, read_only=read_only))
        issued, offers = self.logins.finish(request, code)
        if login_of(network).used is not None:
            one = chosen(network, offers, page).issued
            issued = Issued({**issued.secrets, **one.secrets}, {**issued.expires, **one.expires}, one.scopes)
        made, _ = self.connector.connect(
            self.brand, network, dict(request.client), server=request.server, issued=issued, read_only=read_only
        )
        return made

    def lives(self, account: Account) -> dict[str, Life]:
        with self.store.read(self.brand.id) as scope:
            return credentials.lives(scope, account.id)

    def secrets(self, account: Account) -> dict[str, Secret]:
        with self.store.read(self.brand.id) as scope:
            sealed = credentials.sealed(scope, account.id)
        return {name: self.vault.open(self.brand.id, account.id, name, one) for name, one in sealed.items()}

    def schedule(self, account: Account, *, in_days: float, text: str = "À lire") -> str:
        """An approved delivery of that account."""
        code, at = new_code(), self.clock.now() + timedelta(days=in_days)
        link = f"https://go.example/{code}"
        with self.store.write(self.brand.id) as scope:
            row = deliveries.draft(
                scope, account.id, Teaser(f"{text} {link}", link, "fr", "text"), code,
                Due(at, at.isoformat(), "UTC"), now=self.clock.now(),
            )  # fmt: skip
            deliveries.approve(scope, row.id, who="léa", now=self.clock.now())
        return row.id

    def state(self, delivery_id: str) -> tuple[State, str]:
        with self.store.read(self.brand.id) as scope:
            row = deliveries.get(scope, delivery_id)
        return row.state, row.reason or ""

    def attempts(self, delivery_id: str) -> list[Attempt]:
        with self.store.read(self.brand.id) as scope:
            return deliveries.attempts(scope, delivery_id)

    def account(self, account: Account) -> Account:
        """As it is stored now."""
        return self.connector.account(self.brand, account.id)

    @contextmanager
    def worker(self) -> Iterator[Deliverer]:
        """A deliverer that renews tokens on the way, as `crosspost run` does."""
        ownership = become_worker(self.store, self.folder)
        renewer = Renewer(self.store, self.connector, self.clock, ownership.accounts, self.told.append)
        made = Deliverer(self.store, self.clock, renewer.open, ownership, notify=self.told.append, reopen=renewer.again)
        try:
            yield made
        finally:
            made.close()
            ownership.release()

    def days(self, count: float) -> None:
        """So many days pass."""
        self.sandbox.advance(seconds=timedelta(days=count).total_seconds())
