"""A real server over two brands that have everything, each thing marked with its brand's canary."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from sqlalchemy import insert

from crosspost.commands import apikeys, business, users
from crosspost.commands.passwords import Passwords
from crosspost.commands.salts import Salts
from crosspost.commands.signing import csrf_of, token_hash
from crosspost.domain.access import KeyScope, Role
from crosspost.domain.brand import Account
from crosspost.domain.business import Touchpoint
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.domain.traffic import Judgement
from crosspost.hitlog.visits import MAGIC, SEGMENT_AGE_S, SUFFIX
from crosspost.hitlog.writer import HitWriter
from crosspost.secret import Secret
from crosspost.store import brands, deliveries, links, traffic
from crosspost.store import users as stored_users
from crosspost.store.store import Store
from crosspost.store.tables import hit
from crosspost.web.addresses import Addresses
from crosspost.web.app import build
from crosspost.web.origins import Origins
from crosspost.web.visits import Visits
from tests.blank import ACCOUNT, BRAND, NOW, OTHER, FixedClock, blank_store
from tests.web.conftest import running

PASSWORD = "four words and a comma"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))  # tests need no hard ones
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Things:
    """One brand's things. Every text of it holds `canary`, which stands nowhere else."""

    slug: str
    brand_id: str
    canary: str
    code: str
    lead: str  # our id
    lead_source: str
    delivery: str
    key: Secret  # may write
    read_key: Secret
    prefix: str  # of a key that may be revoked
    owner: str
    reader: str


@dataclass
class Furnished:
    client: httpx.Client
    store: Store
    clock: FixedClock
    file: Path
    mine: Things
    theirs: Things

    def session(self, name: str) -> str:
        """The cookie of a new session of that user, as a sign-in makes it."""
        token = f"session-of-{name}"
        with self.store.database.write() as connection:
            found = stored_users.by_name(connection, name)
            assert found is not None
            stored_users.end_session(connection, token_hash(token))
            stored_users.begin_session(connection, token_hash(token), found[0].id, self.clock.now())
        return token

    def get(self, path: str, name: str) -> httpx.Response:
        return self.client.get(path, headers={"Cookie": f"crosspost={self.session(name)}"})

    def post(self, path: str, name: str, /, **fields: str) -> httpx.Response:
        token = self.session(name)
        given = {"csrf": csrf_of(token)} | fields
        return self.client.post(path, data=given, headers={"Cookie": f"crosspost={token}"})

    def call(
        self, method: str, path: str, key: Secret | None = None, *, content_type: str | None = None, **given: object
    ) -> httpx.Response:
        """The API of the first brand, with its key unless another is given."""
        headers = {"Authorization": f"Bearer {(key or self.mine.key).reveal()}"}
        if content_type is not None:
            headers["Content-Type"] = content_type
        return self.client.request(method, f"/api/v1/brands/atelier{path}", headers=headers, **given)  # type: ignore[arg-type]

    def rows(self, brand_id: str) -> list[str]:
        """Everything that is stored of a brand, past SQLAlchemy."""
        found = []
        with sqlite3.connect(self.file) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in sorted(names):
                columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
                if "brand_id" in columns:
                    query = f'SELECT * FROM "{name}" WHERE brand_id = ?'
                    found += sorted(f"{name} {row!r}" for row in connection.execute(query, (brand_id,)))
        connection.close()
        return found


@contextmanager
def furnished(folder: Path, origins: Origins | None = None, addresses: Addresses | None = None) -> Iterator[Furnished]:
    store, clock = blank_store(folder), FixedClock()
    mine = _furnish(store, BRAND, "atelier", ACCOUNT)
    with store.write(OTHER) as scope:
        handle = "@zzother"
        other = Account("02account00000000000000000", OTHER, "x", handle, "https://api.example", "2", (), {}, None, NOW)
        brands.add_account(scope, other)
    theirs = _furnish(store, OTHER, "other", other.id)
    views = HitWriter(folder / "visits", clock.now, wait_s=30, segment_age_s=SEGMENT_AGE_S, magic=MAGIC, suffix=SUFFIX)
    app = build(
        store, clock, HitWriter(folder / "hits", clock.now, wait_s=30), folder / "hits", lambda _slug: [],
        lambda brand_id: Secret("key " + brand_id), origins=origins, addresses=addresses, passwords=CHEAP,
        visits=Visits(store, views, Salts(folder / "salts"), clock.now),
    )  # fmt: skip
    with running(app) as origin, httpx.Client(base_url=origin, trust_env=False, timeout=60) as client:
        yield Furnished(client, store, clock, folder / "crosspost.db", mine, theirs)
    store.database.close()


def _furnish(store: Store, brand_id: str, slug: str, account_id: str) -> Things:
    canary, code = f"zz{slug}", f"zz{slug}22"
    brand = next(one for one in store.brands() if one.id == brand_id)
    with store.database.write() as connection:
        brands.change(connection, brand_id, name=f"Maison {canary}")
    for role in Role:
        users.add_user(store, brand, NOW, f"{canary}-{role.value}", role, Secret(PASSWORD), CHEAP, who=canary)
    with store.write(brand_id) as scope:
        links.add(scope, code, f"https://{canary}.example/article", NOW, account_id=account_id)
        teaser = Teaser(f"À lire {canary}", f"https://go.example/{code}", "fr", "text")
        due = Due(NOW + timedelta(hours=1), "2026-03-02T11:00", "Europe/Paris")
        delivery = deliveries.draft(scope, account_id, teaser, code, due, now=NOW)
    key = Secret(f"key of {canary}")
    lead = business.add_lead(
        store, brand_id, NOW, lead_id=f"lead-{canary}", channel=f"{canary} channel", told=f"told {canary}", code=code,
        path=(Touchpoint(f"step {canary}", NOW - timedelta(days=3), f"note {canary}"),), mail=f"ana@{canary}.example",
        person_key=key,
    )  # fmt: skip
    business.add_deal(
        store, brand_id, NOW, deal_id=f"deal-{canary}", amount=Decimal(120), currency="EUR", lead_id=f"lead-{canary}",
        client_name=f"client {canary}",
    )  # fmt: skip
    business.add_effort(
        store, brand_id, NOW, f"{canary} effort", Decimal(2), start=NOW.date(), currency="EUR", effort_id=canary
    )
    _hit(store, brand_id, code, canary)
    spare, _ = apikeys.add_key(store, brand, NOW, f"spare {canary}", KeyScope.READ, who=canary)
    _, full = apikeys.add_key(store, brand, NOW, f"key {canary}", KeyScope.WRITE, who=canary)
    _, reading = apikeys.add_key(store, brand, NOW, f"reading {canary}", KeyScope.READ, who=canary)
    return Things(
        slug, brand_id, canary, code, lead.id, f"lead-{canary}", delivery.id, full, reading, spare.prefix,
        f"{canary}-owner", f"{canary}-reader",
    )  # fmt: skip


def _hit(store: Store, brand_id: str, code: str, canary: str) -> None:
    person = Judgement.PERSON
    with store.write(brand_id) as scope:
        scope.connection.execute(
            insert(hit).values(
                segment=canary, offset=0, brand_id=brand_id, code=code, at=NOW, method="GET", host="go.example",
                user_agent=canary, referrer=canary, purpose="", language="fr", judgement=person.value,
                rule=f"rule {canary}", ruleset="1",
            )
        )  # fmt: skip
        traffic.add_day_counts(scope.connection, {(brand_id, code, NOW.date(), person): 1})
