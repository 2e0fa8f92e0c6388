"""A brand whose accounts are on the sandbox, for what is read from networks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from crosspost.clock import SystemClock
from crosspost.commands.collect import CollectReport, collect
from crosspost.commands.connect import Connector
from crosspost.commands.readings import last
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.common import Common
from crosspost.domain.notice import Notice
from crosspost.networks import adapter_of
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.sandbox.state import SandboxPost
from crosspost.secret import Secret
from crosspost.store import brands
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault
from tests.networks.test_sandbox import Presence, delivery

BRAND = "01brand0000000000000000000"
SERIAL = count(1)


@dataclass
class AtSandbox:
    sandbox: Sandbox
    store: Store
    folder: Path
    connector: Connector
    vault: Vault
    told: list[Notice] = field(default_factory=list)

    @classmethod
    def make(cls, sandbox: Sandbox, database: Database, folder: Path) -> AtSandbox:
        now = datetime.now(UTC)
        with database.write() as connection:
            brands.add(
                connection,
                Brand(BRAND, "ana", "Ana", "Europe/Paris", "fr", "EUR", LinkMode.DIRECT, None, False, now),
            )
        store, vault = Store(database), Vault(MasterKey.generate())
        outbound = Outbound(private_origins=frozenset({sandbox.origin}))
        return cls(sandbox, store, folder, Connector(store, vault, outbound, SystemClock(), 5.0), vault)

    @property
    def brand(self) -> Brand:
        return self.store.brand("ana")

    def account(self, name: str, handle: str | None = None, **behaviour: Any) -> Account:
        handle = handle or f"ana{next(SERIAL)}" + ".test" * (name == "bluesky")
        made = self.sandbox.add_account(name, handle, followers=500, **behaviour)
        wanted = adapter_of(name).secrets
        secrets = {key: Secret(value) for key, value in made["secrets"].items() if key in wanted}
        if name == "x":
            secrets.pop("bearer", None)
        settings = {"author": made["id"]} if name == "linkedin" and ":organization:" in made["id"] else {}
        account, _ = self.connector.connect(
            self.brand, name, secrets, server=self.sandbox.origin, handle=made["handle"], settings=settings
        )
        return account

    def post(self, account: Account, text: str | None = None, **counts: Any) -> SandboxPost:
        """Something the account posts without us; its counters are set."""
        there = Presence(
            self.sandbox, account.network, account.handle, account.remote_id, account.server, {},
            {**account.settings, "media_base": "https://media.example"},
        )  # fmt: skip
        adapter: Any = self.connector.open(account)
        adapter._on.settings.update(there.settings)
        sent = there.delivery(text=text) if account.network != "mastodon" else delivery(text=text)
        made = adapter.publish(sent, lambda handle: None)
        state = self.sandbox.state
        assert state is not None
        post = state.post(account.network, made.remote_id)
        assert post is not None
        for name, value in counts.items():
            setattr(post, name, value)
        return post

    def collect(self, now: datetime | None = None, **more: Any) -> CollectReport:
        return collect(
            self.store, self.brand, self.connector.open, now or datetime.now(UTC), notify=self.told.append,
            key=lambda: Secret("a key of the brand"), **more,
        )  # fmt: skip

    def last(self, account: Account) -> dict[tuple[str | None, str], Common]:
        """The last readings of an account, by the post's id there (None: of the account) and the common name."""
        return {(one.post, one.common.name): one.common for one in last(self.store, self.brand, account_id=account.id)}
