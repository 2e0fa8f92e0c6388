"""A server that takes page views, over real HTTP, on a clock that stands where it is put."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from crosspost.commands.privacy import choose
from crosspost.commands.salts import Salts
from crosspost.commands.visits import fold_visits
from crosspost.domain.privacy import Mode, Privacy
from crosspost.hitlog.visits import MAGIC, SEGMENT_AGE_S, SUFFIX
from crosspost.hitlog.writer import HitWriter
from crosspost.store import links
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import visit
from crosspost.web.addresses import Addresses
from crosspost.web.app import build
from crosspost.web.visits import Visits
from tests.blank import ACCOUNT, BRAND, NOW, TARGET, FixedClock, blank_store, settled
from tests.web.conftest import CODE as CODE
from tests.web.conftest import running

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
PAGE = "https://www.blog.example"
SITES = Privacy(sites=("blog.example", "127.0.0.1"))
FOLLOWED = replace(SITES, mode=Mode.CLICK_ID, legal_basis="consent, asked for by the banner")


class Served:
    """A server that takes page views of the brand `atelier`, whose pages are on blog.example."""

    def __init__(self, folder: Path, store: Store, clock: FixedClock, client: httpx.Client) -> None:
        self.folder, self.store, self.clock, self.client = folder, store, clock, client

    def view(self, path: str = "/", query: str = "", referrer: str = "", **headers: str) -> httpx.Response:
        sent = {"p": path, "q": query, "r": referrer, "w": 0}
        return self.send(json.dumps(sent), **headers)

    def send(self, body: str | bytes, brand: str = "atelier", **headers: str) -> httpx.Response:
        plain = {"origin": PAGE, "user-agent": BROWSER, "content-type": "text/plain;charset=UTF-8"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/v/{brand}", content=body, headers={**plain, **named})

    def visits(self, brand_id: str = BRAND) -> list[Any]:
        """What there is in the database after another fold."""
        fold_visits(self.store, self.folder / "visits", self.clock.now())
        with self.store.read(brand_id) as scope:
            query = visit.select().where(visit.c.brand_id == brand_id).order_by(visit.c.id)
            return list(scope.connection.execute(query))

    def choose(self, privacy: Privacy) -> None:
        brand = self.store.brand("atelier")
        choose(self.store, brand, privacy, self.clock.now(), who="léa")
        self.made.load()

    made: Visits


@contextmanager
def serving(folder: Path, privacy: Privacy, trusted: tuple[str, ...] = ()) -> Iterator[Served]:
    """A file `crosspost.db` with the present schema may be there already."""
    there = (folder / "crosspost.db").exists()
    store = settled(Database(f"sqlite:///{folder / 'crosspost.db'}")) if there else blank_store(folder)
    clock = FixedClock()
    with store.write(BRAND) as scope:
        links.add(scope, CODE, TARGET, NOW, account_id=ACCOUNT)
    choose(store, store.brand("atelier"), privacy, NOW, who="léa")
    writer = HitWriter(folder / "visits", clock.now, wait_s=30, segment_age_s=SEGMENT_AGE_S, magic=MAGIC, suffix=SUFFIX)
    made = Visits(store, writer, Salts(folder / "salts"), clock.now, Addresses(trusted))
    hits = HitWriter(folder / "hits", clock.now, wait_s=30)
    app = build(store, clock, hits, folder / "hits", lambda _slug: [], visits=made)
    with (
        running(app) as origin,
        httpx.Client(base_url=origin, headers={"Host": "l.example"}, trust_env=False) as client,
    ):
        found = Served(folder, store, clock, client)
        found.made = made
        yield found
    store.database.close()
