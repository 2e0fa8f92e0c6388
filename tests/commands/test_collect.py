"""Reading numbers: one account at a time, and never in a delivery's way."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crosspost.clock import SystemClock
from crosspost.commands.collect import collect
from crosspost.commands.connect import Connector
from crosspost.commands.deliver import Deliverer
from crosspost.commands.workers import account_locks, become_worker
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.delivery import State
from crosspost.domain.errors import Conflict, Unreachable
from crosspost.domain.ids import new_code, new_id
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.domain.windows import Windows
from crosspost.networks.network import Network
from crosspost.outside.http import Outbound
from crosspost.ownership import account_lock
from crosspost.sandbox.networks import bluesky
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import brands, deliveries, posts
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault
from tests.engine import NOW, Rig
from tests.stand_in import Adapter, StandIn

ROOT = Path(__file__).parents[2]


@dataclass
class Readable:
    """What meets the account while it is read: `before` each post."""

    locks: Path
    account_id: str
    asked: list[str] = field(default_factory=list)
    free: list[bool] = field(default_factory=list)
    comes: bool = False  # a delivery comes in vain while the first post is read
    fails_at: int | None = None

    def open(self, account: Account) -> Network:
        self._note()
        return Counter(StandIn(), self)

    def _note(self) -> None:
        if lock := account_lock(self.locks, self.account_id):
            lock.release()
        self.free.append(lock is not None)
        (self.locks / f"{self.account_id}.wanted").unlink(missing_ok=True)  # of our own asking

    def read(self, what: str, at: datetime) -> list[Reading]:
        self._note()
        if self.fails_at == len(self.asked):
            raise Unreachable("HTTP 503")
        self.asked.append(what)
        if self.comes and len(self.asked) == 1:
            assert account_lock(self.locks, self.account_id) is None
        return [Reading("likes", "likes", 1.0, ReadingStatus.VALUE, at)]


class Counter(Adapter):
    def __init__(self, server: StandIn, readable: Readable) -> None:
        super().__init__(server)
        self._readable = readable

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        return self._readable.read(post.remote_id, at)

    def read_account(self, at: datetime) -> list[Reading]:
        return self._readable.read("account", at)


@pytest.fixture
def rig(sqlite_database: Database, tmp_path: Path) -> Iterator[Rig]:
    made = Rig.make(sqlite_database, tmp_path)
    with made.store.write(made.brand_id) as scope:
        for number in range(4):
            post = Post(f"p{number}", None, "text", NOW - timedelta(hours=2))
            posts.add_post(scope, made.account_ids[0], "standin", post, now=NOW, next_read_at=NOW)
    yield made
    made.close()


def due(rig: Rig) -> int:
    with rig.store.read(rig.brand_id) as scope:
        return len(posts.posts_to_read(scope, NOW))


def brand_of(rig: Rig) -> Brand:
    return rig.store.brands()[0]


def test_an_account_is_read_under_its_lock_and_its_secrets_too(rig: Rig) -> None:
    locks = account_locks(rig.store, rig.folder)
    readable = Readable(locks, rig.account_ids[0])
    report = collect(rig.store, brand_of(rig), readable.open, NOW, locks)
    assert (report.readings, report.problems) == (5, ())
    assert readable.asked[0] == "account"
    assert sorted(readable.asked[1:]) == ["p0", "p1", "p2", "p3"]
    assert readable.free == [False] * 6  # opened once, asked five times
    with account_lock(locks, rig.account_ids[0]) or pytest.fail("it was let go"):
        pass


def test_an_account_that_is_posted_to_is_read_in_another_round(rig: Rig) -> None:
    locks = account_locks(rig.store, rig.folder)
    readable = Readable(locks, rig.account_ids[0])
    with account_lock(locks, rig.account_ids[0]) or pytest.fail("it is free"):
        report = collect(rig.store, brand_of(rig), readable.open, NOW, locks)
    assert (report.readings, readable.free, due(rig)) == (0, [], 4)
    assert collect(rig.store, brand_of(rig), readable.open, NOW, locks).readings == 5


def test_a_delivery_that_comes_is_let_through_and_the_rest_is_read_later(rig: Rig) -> None:
    locks = account_locks(rig.store, rig.folder)
    readable = Readable(locks, rig.account_ids[0], comes=True)
    assert collect(rig.store, brand_of(rig), readable.open, NOW, locks).readings == 1
    assert due(rig) == 4
    readable.comes = False
    assert collect(rig.store, brand_of(rig), readable.open, NOW, locks).readings == 4
    assert (due(rig), readable.asked[0]) == (0, "account")


def test_readings_before_a_failure_are_kept(rig: Rig) -> None:
    locks = account_locks(rig.store, rig.folder)
    readable = Readable(locks, rig.account_ids[0], fails_at=3)
    report = collect(rig.store, brand_of(rig), readable.open, NOW, locks)
    assert report.readings == 3
    assert "HTTP 503" in report.problems[0]
    with account_lock(locks, rig.account_ids[0]) or pytest.fail("it was let go"):
        pass


def test_an_account_that_cannot_be_opened_is_asked_again_later_and_not_at_once(rig: Rig) -> None:
    def refuse(account: Account) -> Network:
        raise Conflict("its token has ended", remedy="connect it again")

    report = collect(rig.store, brand_of(rig), refuse, NOW)
    assert "its token has ended" in report.problems[0]
    assert due(rig) == 0
    assert report.next_at is not None
    assert report.next_at > NOW


# Two processes at one Bluesky account, whose server refuses a refresh token that was used before.

PUBLISH = """
import sys
from tests.commands.test_collect import run_deliveries
print("ready", flush=True)
sys.stdin.readline()
run_deliveries(*sys.argv[1:])
"""
COLLECT = """
import sys
from tests.commands.test_collect import run_collections
print("ready", flush=True)
sys.stdin.readline()
run_collections(*sys.argv[1:])
"""
COUNT = 36


def _made(url: str, origin: str, key: str) -> tuple[Store, Connector]:
    store = Store(Database(url))
    outbound = Outbound(private_origins=frozenset({origin}))
    return store, Connector(store, Vault(MasterKey(Secret(key))), outbound, SystemClock(), 20.0)


def run_deliveries(url: str, origin: str, key: str, folder: str) -> None:
    store, connector = _made(url, origin, key)
    clock = SystemClock()
    windows = Windows(max_posts_per_hour=1000, max_posts_per_day=1000)
    with become_worker(store, Path(folder)) as ownership:
        deliverer = Deliverer(store, clock, connector.open, ownership, windows=windows, rng=Random(1))
        until = clock.boot_s() + 60
        while clock.boot_s() < until and deliverer.tick(clock.now(), wait=True).next_at is not None:
            time.sleep(0.02)
        deliverer.close()


def run_collections(url: str, origin: str, key: str, folder: str) -> None:
    store, connector = _made(url, origin, key)
    [brand] = store.brands()

    def opened(account: Account) -> Network:
        """The sandbox shows counts whatever the token; a real server checks it."""
        adapter: Any = connector.open(account)
        read = adapter.read_post
        adapter.read_post = lambda post, at: (adapter.verify(), read(post, at))[1]
        return adapter  # type: ignore[no-any-return]

    while not (Path(folder) / "done").exists():
        now = datetime.now(UTC)
        with store.write(brand.id) as scope:
            [account] = brands.accounts(scope)
            for post in posts.posts(scope):
                posts.schedule_reading(scope, post.id, now)
        locks = account_locks(store, Path(folder))
        for problem in collect(store, brand, opened, now, locks).problems:
            print(problem, flush=True)
        time.sleep(0.02)


def noting(act: Callable[[Any], Any], calls: list[object]) -> Callable[[Any], Any]:
    def called(call: Any) -> Any:
        calls.append(call)
        return act(call)

    return called


def test_two_processes_that_refresh_one_session_do_not_lose_it(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One publishes, one reads; the access token dies every second. Whoever used a refresh token that the other had
    used already would be thrown out, and have to log in again."""
    monkeypatch.setattr(bluesky, "OLD_REFRESH", timedelta(0))
    log_ins: list[object] = []
    refreshed: list[object] = []
    for name, calls in (("_create_session", log_ins), ("_refresh_session", refreshed)):
        monkeypatch.setattr(bluesky, name, noting(getattr(bluesky, name), calls))
    url = f"sqlite:///{tmp_path / 'crosspost.db'}"
    key = MasterKey.generate().text.reveal()
    with Sandbox() as sandbox:
        made = sandbox.add_account("bluesky", "jardin.example", token_life_s=1.5, rate_limits=False)
        sandbox.set_fault("slow", request="read", seconds=0.02)
        store, connector = _made(url, sandbox.origin, key)
        now = datetime.now(UTC)
        brand = Brand(new_id(now), "b", "B", "UTC", "fr", "EUR", LinkMode.DIRECT, None, True, now)
        with store.database.write() as connection:
            brands.add(connection, brand)
        secrets = {"app_password": Secret(made["secrets"]["app_password"])}
        account, _ = connector.connect(brand, "bluesky", secrets, server=sandbox.origin, handle="jardin.example")
        assert len(log_ins) == 1
        given = (url, sandbox.origin, key, str(tmp_path))
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", program, *given],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for program in (COLLECT, PUBLISH)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        begin = datetime.now(UTC)
        with store.write(brand.id) as scope:
            for number in range(COUNT):
                at = begin + timedelta(seconds=1 + number * 0.15)
                code = new_code()
                teaser = Teaser(f"À lire : https://go.example/{code}", f"https://go.example/{code}", "fr")
                row = deliveries.draft(scope, account.id, teaser, code, Due(at, at.isoformat(), "UTC"), now=begin)
                deliveries.approve(scope, row.id, who="ana", now=begin)
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert processes[1].wait(120) == 0
        (tmp_path / "done").touch()
        told = [process.communicate(timeout=60)[0] for process in processes]
        posted = sandbox.posted()
    with store.read(brand.id) as scope:
        rows = deliveries.listed(scope)
    store.database.close()
    assert [process.returncode for process in processes] == [0, 0]
    assert told == ["", ""]
    assert {row.state for row in rows} == {State.PUBLISHED}
    assert len(posted) == COUNT
    assert len(refreshed) >= 3  # it did die meanwhile
    assert len(log_ins) == 1
