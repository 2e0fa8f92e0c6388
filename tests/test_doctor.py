"""The doctor: each trouble is named with what to do, nothing is posted, and no account hides another."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from crosspost.clock import SystemClock
from crosspost.commands import doctor as doctor_module
from crosspost.commands import switch
from crosspost.commands.connect import Connector
from crosspost.commands.deliver import heartbeat
from crosspost.commands.doctor import Checkup, Doctor
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.costs import Cost
from crosspost.domain.finding import Finding, Health
from crosspost.domain.ids import new_id
from crosspost.domain.kind import Kind
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.networks import NETWORKS
from crosspost.networks import _examining as examining
from crosspost.networks import _meta_examining as meta_examining
from crosspost.networks.x import X
from crosspost.outside import dated
from crosspost.outside.dated import Dated
from crosspost.ownership import account_lock
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import brands, credentials, installation, spending
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault
from tests.program import crosspost
from tests.sandbox.speakers import Speaker

SPOKEN = ("x", "facebook", "mastodon", "bluesky", "instagram", "threads", "linkedin", "pinterest")
LIVE = {"app_mode": "live", "access": "standard"}


@dataclass
class Practice:
    """An installation with accounts on a sandbox."""

    store: Store
    brand: Brand
    sandbox: Sandbox
    outbound: Dated
    connector: Connector
    folder: Path
    ways: int = 1
    paid: bool = False
    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def connect(
        self, name: str, handle: str = "lea", settings: dict[str, str] | None = None, **behaviour: Any
    ) -> Account:
        made = self.made[name] = self.sandbox.add_account(name, handle, **behaviour)
        given = {"author": made["id"]} if name == "linkedin" else {}
        secrets = {key: Secret(value) for key, value in made["secrets"].items()}
        account, _ = self.connector.connect(
            self.brand, name, secrets, server=self.sandbox.origin, handle=made["handle"],
            settings={**given, **LIVE, **(settings or {})},
        )  # fmt: skip
        return account

    def set(self, account: Account, **settings: str) -> None:
        with self.store.write(self.brand.id) as scope:
            brands.change_account(scope, account.id, settings={**account.settings, **settings})

    def checkup(self, at: datetime | None = None, only: Account | None = None) -> Checkup:
        doctor = Doctor(
            self.store, self.connector.open, self.outbound, self.folder, self.folder / "locks", self.ways,
            paid=self.paid,
        )  # fmt: skip
        wanted = None if only is None else [(self.brand, self._fresh(only))]
        return doctor.examine(at or datetime.now(UTC), wanted)

    def _fresh(self, account: Account) -> Account:
        with self.store.read(self.brand.id) as scope:
            return next(one for one in brands.accounts(scope) if one.id == account.id)

    def of(self, account: Account, check: str, at: datetime | None = None) -> Finding:
        """The one finding of that account and check."""
        found = [line.finding for line in self.checkup(at, account).lines if line.finding.check == check]
        assert len(found) == 1, found
        return found[0]

    def here(self, check: str) -> Finding:
        """The installation's one."""
        found = [line.finding for line in self.checkup().lines if line.account is None and line.finding.check == check]
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def practice(sqlite_database: Database, tmp_path: Path) -> Iterator[Practice]:
    store, now = Store(sqlite_database), datetime.now(UTC)
    brand = Brand(new_id(now), "lea", "Léa", "UTC", "fr", "EUR", LinkMode.DIRECT, None, False, now)
    with sqlite_database.write() as connection:
        brands.add(connection, brand)
    with Sandbox(seed=5) as sandbox:
        outbound = Dated(private_origins=frozenset({sandbox.origin}), timeout_s=2)
        connector = Connector(store, Vault(MasterKey.generate()), outbound, SystemClock(), 2)
        yield Practice(store, brand, sandbox, outbound, connector, tmp_path)


# every network


@pytest.mark.parametrize("name", SPOKEN)
def test_a_healthy_account_is_green_and_nothing_is_posted(practice: Practice, name: str) -> None:
    account = practice.connect(name)
    practice.paid = True
    before = practice.sandbox.ledger()
    found = practice.checkup(only=account)
    wrong = [line.finding for line in found.lines if line.finding.health is Health.SEE_TO]
    # Nobody can fetch a picture from this test.
    assert [one.check for one in wrong] == (["images"] if name in ("instagram", "threads") else [])
    assert practice.sandbox.ledger() == before


@pytest.mark.parametrize("name", SPOKEN)
def test_a_dead_token_is_told_with_what_to_do(practice: Practice, name: str) -> None:
    account = practice.connect(name)
    practice.paid = True
    practice.sandbox.set_tokens(account.remote_id, "revoke")
    found = practice.of(account, "token")
    assert found.health is Health.SEE_TO
    assert found.remedy == f"crosspost account connect {name}, with a new token"


@pytest.mark.parametrize("name", ["mastodon", "facebook", "linkedin", "pinterest", "threads"])
def test_each_metric_is_tried_on_the_newest_post(practice: Practice, name: str) -> None:
    Speaker(practice.sandbox, name, handle="lea").publish()
    account = practice.connect(name)
    found = [line.finding for line in practice.checkup(only=account).lines if line.finding.check.startswith("metric")]
    assert found
    assert all(one.health is not Health.SEE_TO for one in found)
    read = [one for one in found if one.check == "metrics"]
    if read:
        assert "replies" in read[0].text


# what each network has of its own


def test_meta_a_missing_permission_is_named(practice: Practice) -> None:
    account = practice.connect("facebook", scopes=["pages_manage_posts"])
    found = practice.of(account, "scopes")
    assert found.health is Health.SEE_TO
    assert found.text == "missing: pages_read_engagement, read_insights"


@pytest.mark.parametrize("name", ["facebook", "instagram", "threads"])
def test_meta_an_app_is_live_when_its_owner_says_so(practice: Practice, name: str) -> None:
    account = practice.connect(name)
    practice.set(account, app_mode="")
    found = practice.of(account, "app mode")
    assert found.health is Health.SEE_TO
    assert f"crosspost account set {name}:lea --setting app_mode=live" in (found.remedy or "")


def test_meta_posts_of_an_app_in_development_are_met_by_nobody(practice: Practice) -> None:
    speaker = Speaker(practice.sandbox, "facebook", app_live=False)
    assert speaker.publish().status_code == 200
    [posted] = practice.sandbox.posted()
    assert posted["data"]["only_owner"] is True


def test_meta_a_version_that_died_is_told_by_what_was_served(practice: Practice) -> None:
    account = practice.connect("facebook", settings={"graph_version": "v21.0"})
    found = practice.of(account, "api version")
    assert found.health is Health.SEE_TO
    assert found.text == "Meta served v22.0, for v21.0 is no longer alive"


def test_meta_a_version_is_told_two_months_before_its_end(practice: Practice) -> None:
    account = practice.connect("instagram", settings={"graph_version": "v22.0"})
    assert practice.of(account, "api version", datetime(2027, 3, 1, tzinfo=UTC)).health is Health.GOOD
    found = practice.of(account, "api version", datetime(2027, 4, 1, tzinfo=UTC))
    assert found.health is Health.SEE_TO
    assert found.text == "v22.0 ends on 2027-05-20"


def test_threads_a_token_is_told_two_weeks_before_its_end(practice: Practice) -> None:
    account = practice.connect("threads")
    assert practice.of(account, "token life").health is Health.GOOD
    found = practice.of(account, "token life", datetime.now(UTC) + timedelta(days=50))
    assert found.health is Health.SEE_TO
    assert "in 9 days" in found.text


def test_a_token_that_no_answer_dates_ends_by_the_day_it_was_brought(practice: Practice) -> None:
    account = practice.connect("pinterest")
    assert practice.of(account, "token life").health is Health.GOOD
    assert practice.of(account, "token life", datetime.now(UTC) + timedelta(days=20)).health is Health.SEE_TO


def test_meta_a_quota_used_up_is_seen_to() -> None:
    assert examining.posts_left(99, 100, 86_400).health is Health.GOOD
    assert examining.posts_left(100, 100, 86_400).health is Health.SEE_TO
    [slow] = meta_examining.usage({"x-app-usage": '{"call_count": 91, "total_time": 3}'})
    assert (slow.health, slow.text) == (Health.SEE_TO, "91 % of what the app may use in an hour")
    assert meta_examining.usage({"x-app-usage": "nonsense"}) == []


def test_instagram_pictures_must_stand_on_a_public_https_address(practice: Practice) -> None:
    account = practice.connect("instagram")
    for base, why in (
        ("", "media_base is not set"),
        ("http://media.example", "is not https"),
        ("https://127.0.0.1", "cannot reach it"),
        ("https://nobody.invalid", "does not answer"),
    ):
        practice.set(account, media_base=base)
        found = practice.of(account, "images")
        assert found.health is Health.SEE_TO
        assert why in found.text, (base, found.text)


def test_mastodon_the_scopes_of_the_application(practice: Practice) -> None:
    wide = practice.connect("mastodon", handle="wide", scopes=["read", "write"])
    assert practice.of(wide, "scopes").health is Health.GOOD
    narrow = practice.connect("mastodon", handle="narrow", scopes=["read"])
    assert practice.of(narrow, "scopes").text == "missing: write:statuses, write:media"


@pytest.mark.parametrize(("name", "scopes"), [
    ("mastodon", ["read:accounts", "read:statuses"]),
    ("facebook", ["pages_read_engagement", "read_insights"]),
    ("instagram", ["instagram_basic", "instagram_manage_insights", "pages_read_engagement"]),
    ("threads", ["threads_basic", "threads_manage_insights"]),
])  # fmt: skip
def test_who_only_reads_is_asked_for_nothing_that_posting_needs(
    practice: Practice, name: str, scopes: list[str]
) -> None:
    account = practice.connect(name, scopes=scopes)
    practice.set(account, read_only="yes")
    found = practice.checkup(only=account)
    assert [line.finding for line in found.lines if line.finding.health is Health.SEE_TO] == []
    practice.set(account, read_only="")
    assert practice.of(account, "scopes").health is Health.SEE_TO


def test_requests_that_run_out_are_seen_to() -> None:
    [good] = examining.requests_left({"limit": "300", "left": "299"}, "limit", "left")
    [low] = examining.requests_left({"limit": "300", "left": "12"}, "limit", "left")
    assert (good.health, low.health) == (Health.GOOD, Health.SEE_TO)
    assert examining.requests_left({"limit": "many"}, "limit", "left") == []


def test_linkedin_a_dead_version_is_no_dead_token(practice: Practice) -> None:
    account = practice.connect("linkedin")
    practice.set(account, api_version="202411")
    found = practice.checkup(only=account).lines
    assert "token" not in [line.finding.check for line in found]
    version = practice.of(account, "api version")
    assert version.health is Health.SEE_TO
    assert "202411 is no longer served" in version.text
    assert "crosspost account set linkedin:lea --setting api_version=" in (version.remedy or "")


def test_linkedin_a_version_is_told_before_its_end(practice: Practice) -> None:
    account = practice.connect("linkedin")
    assert practice.of(account, "api version", datetime(2027, 6, 1, tzinfo=UTC)).text == "202607 ends on 2027-07-15"


def test_pinterest_trial_access(practice: Practice) -> None:
    account = practice.connect("pinterest", trial=True)
    practice.set(account, access="")
    found = practice.of(account, "access")
    assert found.health is Health.SEE_TO
    assert "seen by their author alone" in found.text


def test_x_is_not_asked_unless_it_may_cost(practice: Practice) -> None:
    account = practice.connect("x")
    practice.sandbox.set_tokens(account.remote_id, "revoke")
    found = practice.of(account, "answers")
    assert found.health is Health.NOT_TOLD
    assert "about 0.016 USD" in found.text
    assert found.remedy == "crosspost doctor --paid"


def test_x_costs_no_more_than_was_said(practice: Practice) -> None:
    account = practice.connect("x")
    speaker = Speaker(practice.sandbox, "x", handle="lea")
    for number in range(30):
        speaker.publish(number)
    day = datetime(2026, 1, 1, tzinfo=UTC)

    def spent() -> int:
        with practice.store.read(practice.brand.id) as scope:
            return sum(one.micros for one in spending.spent(scope, day, day + timedelta(days=36500)))

    practice.paid, before = True, spent()
    assert "impressions" in practice.of(account, "metrics").text
    assert X.facts.prices is not None
    most = Cost(X.cost_of_examining(), X.facts.prices)
    assert 0 < spent() - before <= most.micros


def test_x_a_renewal_that_failed_is_no_healthy_token(practice: Practice) -> None:
    made = practice.sandbox.add_account("x", "ana")
    bearer = Secret(made["secrets"]["bearer"])
    account, _ = practice.connector.connect(
        practice.brand, "x", {"bearer": bearer, "refresh_token": Secret("spent")}, server=practice.sandbox.origin,
        handle=made["handle"],
    )  # fmt: skip
    assert practice.of(account, "token life").health is Health.GOOD
    with practice.store.write(practice.brand.id) as scope:
        credentials.note(scope, account.id, "bearer", problem="X says that the refresh token is spent")
    found = practice.of(account, "token life")
    assert found.health is Health.SEE_TO
    assert "spent" in found.text


def test_x_without_credits(practice: Practice) -> None:
    account = practice.connect("x")
    practice.sandbox.add_account("x", "lea", credits=False)
    practice.paid = True
    found = practice.of(account, "credits")
    assert found.health is Health.SEE_TO
    assert "top it up" in found.text


# metrics, one by one


class Numbers:
    """An account whose newest post reads as it is told."""

    def __init__(self, age: timedelta, readings: list[Reading]) -> None:
        self._age, self._readings = age, readings

    def posts(self, since: datetime) -> Listing:
        return Listing((Post("1", None, None, NOW - self._age),), since)

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        return self._readings


NOW = datetime(2026, 6, 1, tzinfo=UTC)


def missing(metric: str, status: ReadingStatus, reason: str) -> Reading:
    return Reading(metric, metric, None, status, NOW, reason)


def test_a_dead_metric_is_named_and_blinds_no_other() -> None:
    readings = [
        Reading("likes", "likes", 3, ReadingStatus.VALUE, NOW),
        missing("reach", ReadingStatus.UNAVAILABLE, "(#100) The value must be a valid insights metric"),
        missing("clicks", ReadingStatus.NOT_PERMITTED, "a permission is missing"),
        missing("quotes", ReadingStatus.UNSUPPORTED, "has none"),
        missing("link_clicks", ReadingStatus.EXPIRED, "30 days only"),
    ]
    found = examining.metrics(Numbers(timedelta(days=5), readings), NOW)
    assert [(one.check, one.health) for one in found] == [
        ("metrics", Health.GOOD), ("metric reach", Health.SEE_TO), ("metric clicks", Health.NOT_TOLD),
    ]  # fmt: skip
    young = examining.metrics(Numbers(timedelta(hours=1), readings), NOW)
    assert [one.health for one in young] == [Health.GOOD, Health.NOT_TOLD, Health.NOT_TOLD]


# accounts beside each other


def test_one_that_hangs_and_one_that_is_broken_hide_nobody(practice: Practice) -> None:
    practice.connect("mastodon")
    practice.connect("bluesky")
    broken = practice.connect("x")
    practice.set(broken, price_post="much")
    practice.sandbox.set_fault("hang_before", network="mastodon", request="*", seconds=30)
    begun = time.monotonic()
    lines = practice.checkup().lines
    assert time.monotonic() - begun < 15
    by_account = {line.account: line.finding for line in lines if line.account}
    assert "timed out" in next(
        one.finding.text
        for one in lines
        if one.account and "mastodon" in one.account and one.finding.check == "answers"
    )
    assert any(one.finding.check == "token" and one.account == "bluesky lea" for one in lines)
    assert by_account["x lea"].health is Health.SEE_TO
    assert "price_post" in by_account["x lea"].text


def test_without_any_network_the_rest_is_still_told(practice: Practice) -> None:
    practice.connect("mastodon")
    practice.sandbox.stop()
    lines = practice.checkup().lines
    assert {"disk", "database", "clock", "scheduler", "telling"} <= {line.finding.check for line in lines}
    answers = next(line.finding for line in lines if line.finding.check == "answers")
    assert answers.health is Health.SEE_TO


def test_an_account_at_work_is_left_alone(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "_AT_WORK_S", 0.2)
    account = practice.connect("mastodon")
    (practice.folder / "locks").mkdir(exist_ok=True)
    lock = account_lock(practice.folder / "locks", account.id)
    assert lock is not None
    with lock:
        assert practice.of(account, "account").health is Health.NOT_TOLD


class Gone:
    name: ClassVar[str] = "gone"
    title: ClassVar[str] = "Gone"
    kind: ClassVar[Kind] = Kind.CLOSED
    closed_on: ClassVar[date | None] = date(2020, 1, 31)
    closed_source: ClassVar[str] = "a test"


class ByHand:
    name: ClassVar[str] = "byhand"
    title: ClassVar[str] = "By hand"
    kind: ClassVar[Kind] = Kind.MANUAL


def test_a_closed_network_makes_no_line_and_a_manual_one_what_makes_sense(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    for name, network in (("gone", Gone), ("byhand", ByHand)):
        monkeypatch.setitem(NETWORKS, name, f"{__name__}:{network.__name__}")
        account = Account(new_id(now), practice.brand.id, name, "lea", "", name, (), {}, None, now)
        with practice.store.write(practice.brand.id) as scope:
            brands.add_account(scope, account)
    lines = [line for line in practice.checkup().lines if line.account]
    assert [(line.account, line.finding.check) for line in lines] == [("byhand lea", "telling")]


# the installation


def test_disk_clock_and_database(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    practice.connect("mastodon")
    assert [practice.here(check).health for check in ("disk", "clock", "database")] == [Health.GOOD] * 3
    monkeypatch.setattr(doctor_module, "LEAST_FREE", 10**18)
    assert practice.here("disk").health is Health.SEE_TO
    practice.outbound.ahead.clear()
    monkeypatch.setattr(dated, "time", SimpleNamespace(time=lambda: time.time() + 600))
    clock = practice.here("clock")
    assert clock.health is Health.SEE_TO
    assert clock.text.startswith(("599 s ahead", "600 s ahead", "601 s ahead"))


def test_the_database_in_wal_mode_on_a_faulty_library(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 45, 1))
    assert "its fault in WAL mode is not met" in practice.here("database").text
    other = sqlite3.connect(str(practice.store.database.url.database), isolation_level=None)
    assert other.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    other.close()
    assert practice.here("database").health is Health.SEE_TO


def test_last_tick_hold_and_stop_switches(practice: Practice) -> None:
    now = datetime.now(UTC)
    assert practice.here("scheduler").health is Health.NOT_TOLD
    heartbeat(practice.store, now)
    assert practice.here("scheduler").health is Health.GOOD
    heartbeat(practice.store, now - timedelta(hours=1))
    assert practice.here("scheduler").health is Health.SEE_TO
    account = practice.connect("mastodon")
    for brand, at in ((None, None), (practice.brand, None), (practice.brand, account)):
        switch.stop(practice.store, brand, at, why="holidays", who="ana", now=now)
    with practice.store.database.write() as connection:
        installation.put(connection, installation.HELD, "restored from a backup", now)
    found = practice.checkup().lines
    stopped = [(line.brand, line.account) for line in found if line.finding.check == "stop switch"]
    assert stopped == [(None, None), ("lea", None), ("lea", "mastodon lea@" + practice.sandbox.origin[7:])]
    assert practice.here("restore").remedy == "crosspost resume --after-restore"


def test_what_needs_seeing_to_needs_a_remedy() -> None:
    with pytest.raises(ValueError, match="remedy"):
        Finding("disk", Health.SEE_TO, "full")


# as a person calls it


def test_the_exit_code_tells_green_from_the_rest(tmp_path: Path) -> None:
    assert crosspost("brand", "add", "Léa", home=tmp_path).returncode == 0
    ran = crosspost("doctor", home=tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "✓ disk" in ran.stdout
    crosspost("stop", "--why", "holidays", home=tmp_path)
    ran = crosspost("doctor", "--json", home=tmp_path)
    assert ran.returncode == 7
    told = json.loads(ran.stdout)
    assert told["green"] is False
    assert [one["remedy"] for one in told["findings"] if one["health"] == "see to"] == ["crosspost resume"]
    assert crosspost("doctor", "--account", "mastodon", home=tmp_path).returncode == 3
