from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from crosspost.hitlog.writer import HitWriter
from crosspost.secret import Secret
from crosspost.store import links
from crosspost.store.store import Store
from crosspost.web.app import build
from crosspost.web.serve import server
from tests.blank import ACCOUNT, BRAND, NOW, TARGET, FixedClock, blank_store

CODE = "k7m2p9qrst"
SECRETS = {"atelier": [Secret("first live secret"), Secret("second live secret")], "other": [Secret("the other's")]}


@dataclass
class Site:
    client: httpx.Client
    store: Store
    clock: FixedClock
    hits_dir: Path
    writer: HitWriter


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all cases of a module that record nothing of a brand."""
    with serving(tmp_path_factory.mktemp("untouched")) as found:
        yield found


@contextmanager
def serving(tmp_path: Path) -> Iterator[Site]:
    store = blank_store(tmp_path)
    with store.write(BRAND) as scope:
        links.add(scope, CODE, TARGET, NOW, account_id=ACCOUNT)
        links.add(scope, "disabled22", TARGET, NOW)
        links.disable(scope, "disabled22", NOW)
    clock, hits_dir = FixedClock(), tmp_path / "hits"
    writer = HitWriter(hits_dir, clock.now, wait_s=30)
    app = build(
        store, clock, writer, hits_dir, lambda slug: SECRETS.get(slug, []), lambda brand_id: Secret("key " + brand_id)
    )
    with (
        running(app) as origin,
        httpx.Client(base_url=origin, headers={"Host": "l.example"}, trust_env=False) as client,
    ):
        yield Site(client, store, clock, hits_dir, writer)
    store.database.close()


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """The origin of a real server, in a thread."""
    ports: list[int] = []
    ready = threading.Event()

    def listening(port: int) -> None:
        ports.append(port)
        ready.set()

    one = server(app, port=0, ready=listening)
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        assert ready.wait(20), "the server did not start"
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        one.should_exit = True
        thread.join(40)
    assert not thread.is_alive(), "the server did not stop"
