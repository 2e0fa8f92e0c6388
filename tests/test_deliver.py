"""The engine as a whole on a stand-in network: what is judged is the network's own ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from crosspost.commands.flight import STEPS
from crosspost.domain.brand import Account
from crosspost.domain.delivery import DeliveryClass, LatePolicy, State
from crosspost.domain.errors import Conflict, RateLimited
from crosspost.domain.notice import NoticeKind
from crosspost.domain.windows import Windows
from crosspost.networks.network import Network, Publisher
from crosspost.ownership import account_lock
from crosspost.store import brands, deliveries, flights, installation, posts
from crosspost.store.database import Database
from crosspost.store.tables import metadata
from tests.engine import Rig
from tests.postgres import Server
from tests.stand_in import OUTAGE, Adapter, Fault, Killed

K, R, C, D, N, B = (
    DeliveryClass.KEY,
    DeliveryClass.RECORD,
    DeliveryClass.HANDLE,
    DeliveryClass.NAMES_TWIN,
    DeliveryClass.READABLE,
    DeliveryClass.BLIND,
)
ALL = (K, R, C, D, N, B)


@pytest.fixture(scope="module")
def one_postgres(postgres_server: Server) -> Iterator[Database]:
    database = Database(postgres_server.create(template="template_crosspost"))
    yield database
    database.close()


def emptied(database: Database) -> Database:
    """As if it was new: a database of its own for each of these tests takes longer than the tests do."""
    connection = database.engine.raw_connection()
    named = database.engine.dialect.identifier_preparer.format_table
    try:
        for table in reversed(metadata.sorted_tables):  # TRUNCATE would wait for the disk at each one
            connection.cursor().execute(f"DELETE FROM {named(table)}")
        connection.commit()
    finally:
        connection.close()
    return database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """The whole engine on both databases, each time an empty one."""
    if request.param == "postgresql":
        return emptied(request.getfixturevalue("one_postgres"))
    found: Database = request.getfixturevalue("sqlite_database")
    return found


@pytest.fixture
def rig(database: Database, tmp_path: Path) -> Iterator[Rig]:
    made = Rig.make(database, tmp_path)
    yield made
    made.close()


def test_the_stand_in_offers_what_an_adapter_offers(rig: Rig) -> None:
    assert isinstance(Adapter(rig.server), Publisher)


def test_a_due_delivery_is_published_once_with_its_post(rig: Rig) -> None:
    delivery_id = rig.plan(in_s=30)
    assert rig.tick().accounts == 0
    assert rig.server.ledger == []
    rig.clock.advance(30)
    rig.tick()
    rig.tick()
    row = rig.get(delivery_id)
    assert (row.state, row.remote_id, row.owner, row.attempts) == (State.PUBLISHED, "p1", None, 1)
    assert rig.server.posted(delivery_id) == 1
    assert [(one.action, one.outcome) for one in rig.attempts(delivery_id)] == [("send", "published")]
    with rig.store.read(rig.brand_id) as scope:
        [post] = posts.posts(scope)
    assert (post.delivery_id, post.code, post.post.remote_id) == (delivery_id, row.code, "p1")
    assert post.next_read_at is not None


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("fault", Fault)
def test_one_fault(rig: Rig, cls: DeliveryClass, fault: Fault) -> None:
    rig.server.delivery_class = cls
    rig.server.faults = [fault]
    delivery_id = rig.plan()
    rig.run()
    row = rig.get(delivery_id)
    unclear = fault in (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.EMPTY, Fault.ZOMBIE, Fault.BUG)
    expected = {Fault.REJECTED: State.REJECTED, Fault.UNAUTHORIZED: State.BLOCKED}.get(fault, State.PUBLISHED)
    assert row.state is (State.NEEDS_PERSON if cls is B and unclear else expected)
    assert rig.server.posted(delivery_id) == (
        1 if expected is State.PUBLISHED and row.state is State.PUBLISHED or fault in (Fault.LOST_AFTER, Fault.EMPTY)
        else 0
    )  # fmt: skip
    if cls is B and unclear:
        assert rig.server.requests == 1
    assert row.reason


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("after_s", [100, 800])
def test_a_request_that_arrives_late_makes_no_second_post(rig: Rig, cls: DeliveryClass, after_s: float) -> None:
    rig.server.delivery_class = cls
    rig.server.faults = [Fault.ZOMBIE]
    delivery_id = rig.plan()
    rig.tick()
    begun = rig.clock.at
    for _ in range(40):
        report = rig.tick()
        if (rig.clock.at - begun).total_seconds() >= after_s:
            rig.server.release()
        if report.next_at is None:
            break
        rig.clock.idle_until(min(report.next_at, rig.clock.at + timedelta(seconds=50)) + timedelta(milliseconds=1))
    rig.server.release()
    assert rig.server.posted(delivery_id) == 1
    assert rig.get(delivery_id).state is (State.NEEDS_PERSON if cls is B else State.PUBLISHED)


@pytest.mark.parametrize(("cls", "step"), [(c, s) for c in ALL for s in STEPS if c is C or s != "handle kept"])
@pytest.mark.parametrize("fault", [None, Fault.LOST_AFTER])
def test_a_process_that_dies_at_any_step(rig: Rig, cls: DeliveryClass, step: str, fault: Fault | None) -> None:
    rig.server.delivery_class = cls
    rig.server.faults = [fault]
    delivery_id = rig.plan()

    def die(at: str) -> None:
        if at == step:
            raise Killed

    first = rig.worker(probe=die)
    with pytest.raises(Killed):
        rig.tick(first)
    rig.die(first)
    rig.server.faults = []
    rig.worker()
    rig.run()
    row = rig.get(delivery_id)
    sent_once = rig.server.posted(delivery_id)
    assert sent_once <= 1
    unproven = step not in ("before claim", "before claim commits", "recorded")
    if cls is B and (unproven or (step == "recorded" and fault is not None)):
        assert row.state is State.NEEDS_PERSON
        assert rig.server.requests <= 1
    else:
        assert (row.state, sent_once) == (State.PUBLISHED, 1)


def test_a_living_owner_is_left_alone_and_a_dead_one_is_not(rig: Rig) -> None:
    delivery_id = rig.plan()

    def die(at: str) -> None:
        if at == "before request":
            raise Killed

    first = rig.worker(probe=die)
    with pytest.raises(Killed):
        rig.tick(first)
    held = rig.get(delivery_id)
    assert (held.state, held.owner) == (State.SENDING, rig.workers[0][1].id)
    second = rig.worker()
    assert rig.tick(second).adopted == 0
    rig.clock.advance(3600)  # time alone proves nothing
    assert rig.tick(second).adopted == 0
    assert rig.get(delivery_id).state is State.SENDING
    rig.die(first)
    assert rig.tick(second).adopted == 1
    row = rig.get(delivery_id)
    assert row.ambiguous
    assert rig.attempts(delivery_id)[0].outcome == "owner died"


def test_a_thread_that_died_in_a_living_process_is_adopted_by_it(rig: Rig) -> None:
    delivery_id = rig.plan()
    deaths = iter([True])

    def die(at: str) -> None:
        if at == "before request" and next(deaths, False):
            raise Killed

    worker = rig.worker(probe=die)
    with pytest.raises(Killed):
        rig.tick(worker)
    assert rig.tick(worker).adopted == 1
    rig.run()
    assert (rig.get(delivery_id).state, rig.server.posted(delivery_id)) == (State.PUBLISHED, 1)


def test_an_unclear_delivery_goes_first_and_holds_its_account_only(rig: Rig, database: Database) -> None:
    rig.server.faults = [Fault.LOST_AFTER]
    rig.server.hidden = True
    first, second = rig.plan(), rig.plan(in_s=1)
    other = Rig.make(database, rig.folder)
    rig.tick()
    theirs = other.plan()
    rig.clock.advance(30)
    rig.tick()
    assert [rig.get(one).state for one in (first, second)] == [State.UNKNOWN, State.SCHEDULED]
    assert other.get(theirs).state is State.PUBLISHED
    rig.server.hidden = False
    rig.run()
    assert [rig.get(one).state for one in (first, second)] == [State.PUBLISHED, State.PUBLISHED]
    assert len(rig.server.ledger) == 3


def test_late_deliveries_go_out_one_by_one(rig: Rig) -> None:
    for number in range(4):
        rig.plan(in_s=number)
    rig.clock.advance(3600)  # the machine slept
    begun = rig.clock.at
    rig.run()
    gaps = [(entry.at - begun).total_seconds() for entry in rig.server.ledger]
    assert len(gaps) == 4
    assert all(later - earlier >= rig.windows.late_gap_s for earlier, later in zip(gaps, gaps[1:], strict=False))


def test_a_burst_after_a_long_sleep_is_none_for_several_workers_either(rig: Rig) -> None:
    for number in range(6):
        rig.plan(in_s=number)
    rig.clock.advance(3600)
    workers = [rig.worker() for _ in range(3)]
    for _ in range(100):  # whoever comes first, again and again
        for worker in workers:
            rig.tick(worker)
        rig.clock.advance(5)
    ats = [entry.at for entry in rig.server.ledger]
    assert len(ats) == 6
    assert all((later - earlier).total_seconds() >= 60 for earlier, later in zip(ats, ats[1:], strict=False))


def test_missed_is_told_and_nothing_is_sent(rig: Rig) -> None:
    strict = rig.plan(late_policy=LatePolicy.MISS)
    short = rig.plan(window_s=60)
    rig.clock.advance(600)
    rig.run()
    assert [rig.get(one).state for one in (strict, short)] == [State.MISSED, State.MISSED]
    assert [notice.kind for notice in rig.notices] == [NoticeKind.MISSED, NoticeKind.MISSED]
    assert {notice.delivery_id for notice in rig.notices} == {strict, short}
    assert not any(notice.text.startswith("missed") for notice in rig.notices), "its kind says so already"
    assert rig.server.requests == 0


def test_what_is_missed_on_the_way_holds_up_nothing_behind_it(rig: Rig) -> None:
    gone = rig.plan(window_s=60)
    rig.clock.advance(600)
    due = [rig.plan(), rig.plan()]
    rig.tick()
    assert rig.get(gone).state is State.MISSED
    assert [rig.get(one).state for one in due] == [State.PUBLISHED, State.PUBLISHED], "in one round"


def test_a_notice_that_fails_changes_nothing(rig: Rig) -> None:
    delivery_id = rig.plan(window_s=60)
    rig.clock.advance(600)
    worker = rig.worker()

    def broken(_notice: object) -> None:
        raise RuntimeError("no mail today")

    worker._notify = broken
    rig.tick(worker)
    assert rig.get(delivery_id).state is State.MISSED


def test_a_clock_that_jumps_holds_everything_for_a_minute(rig: Rig) -> None:
    rig.tick()
    delivery_id = rig.plan(in_s=3000)
    rig.clock.jump(3600)
    assert rig.tick().held
    rig.clock.advance(59)
    assert rig.tick().held
    assert rig.get(delivery_id).state is State.SCHEDULED
    assert [notice.kind for notice in rig.notices] == [NoticeKind.CLOCK]
    rig.clock.advance(2)
    assert rig.tick().held is None
    assert rig.get(delivery_id).state is State.PUBLISHED


def test_a_clock_set_back_sends_nothing_twice(rig: Rig) -> None:
    delivery_id = rig.plan()
    rig.tick()
    rig.clock.jump(-7200)
    rig.tick()
    rig.clock.advance(10_000)
    rig.run()
    assert (rig.server.posted(delivery_id), rig.server.requests) == (1, 1)


def test_a_settle_window_is_not_shortened_by_the_wall_clock(rig: Rig) -> None:
    rig.server.faults = [Fault.ZOMBIE]
    delivery_id = rig.plan()
    rig.tick()
    rig.clock.jump(3600)
    rig.tick()
    for _ in range(8):
        rig.clock.advance(70)
        rig.tick()
    assert rig.server.requests == 1
    rig.server.release()
    rig.run()
    assert (rig.get(delivery_id).state, rig.server.posted(delivery_id)) == (State.PUBLISHED, 1)


def test_the_breaker_opens_rests_and_tries_once(rig: Rig) -> None:
    rig.plan()
    rig.server.faults = [Fault.NOT_SENT] * 6
    for _ in range(5):
        rig.tick()
        rig.clock.advance(70)
    assert rig.server.requests == 5
    rig.tick()
    assert rig.server.requests == 5
    rig.clock.advance(rig.windows.breaker_open_s)
    rig.tick()
    assert rig.server.requests == 6
    rig.clock.advance(60)
    rig.tick()
    assert rig.server.requests == 6  # half open means one: it failed, and the breaker is open again
    assert [notice.kind for notice in rig.notices] == [NoticeKind.WAITS]  # told when it opened, once
    assert "5 times in a row" in rig.notices[0].text
    rig.clock.advance(rig.windows.breaker_open_s)
    rig.run()
    assert len(rig.server.ledger) == 1


def test_a_rate_limit_holds_the_accounts_whole_queue(rig: Rig) -> None:
    rig.server.faults = [Fault.LATER]
    rig.plan()
    rig.plan(in_s=1)
    rig.tick()
    rig.clock.advance(200)
    rig.tick()
    assert rig.server.requests == 1
    rig.run()
    assert len(rig.server.ledger) == 2


def test_caps_hold_in_the_claim(rig: Rig) -> None:
    rig.windows = Windows(max_posts_per_hour=3, max_posts_per_day=4, late_gap_s=0)
    for number in range(6):
        rig.plan(in_s=number)
    rig.clock.advance(10)
    rig.tick()
    assert len(rig.server.ledger) == 3
    rig.clock.advance(10)
    rig.tick()
    assert [notice.kind for notice in rig.notices] == [NoticeKind.WAITS]  # told once
    assert "3 requests within an hour" in rig.notices[0].text
    rig.clock.jump(3700)  # a clock set forward frees nothing
    rig.clock.advance(120)
    rig.tick()
    rig.clock.advance(70)
    rig.tick()
    assert len(rig.server.ledger) == 3
    rig.clock.advance(3600)
    rig.tick()
    assert len(rig.server.ledger) == 4
    rig.clock.advance(7200)
    rig.tick()
    assert len(rig.server.ledger) == 4
    told = [notice.text for notice in rig.notices if notice.kind is NoticeKind.WAITS]
    assert len(told) == 2
    assert "4 requests within a day" in told[1]


@pytest.mark.parametrize("switch", ["everything", "brand", "account", "restore"])
def test_stop_switches(rig: Rig, switch: str) -> None:
    delivery_id = rig.plan()

    def turn(reason: str | None) -> None:
        with rig.store.write(rig.brand_id) as scope:
            if switch == "brand":
                brands.change(scope.connection, rig.brand_id, stopped_reason=reason)
            elif switch == "account":
                brands.change_account(scope, rig.account_ids[0], stopped_reason=reason)
            else:
                name = installation.STOPPED if switch == "everything" else installation.HELD
                if reason is None:
                    assert installation.remove(scope.connection, name)
                else:
                    installation.put(scope.connection, name, reason, rig.clock.now())

    turn("wait for me")
    rig.tick()
    assert (rig.server.requests, rig.get(delivery_id).state) == (0, State.SCHEDULED)
    turn(None)
    rig.clock.advance(10)
    rig.tick()
    assert rig.get(delivery_id).state is State.PUBLISHED


def test_a_blocked_account_comes_back(rig: Rig) -> None:
    rig.server.faults = [Fault.UNAUTHORIZED]
    first, second = rig.plan(), rig.plan(in_s=1)
    rig.tick()
    rig.clock.advance(10)
    rig.tick()
    assert (rig.get(first).state, rig.get(second).state) == (State.BLOCKED, State.SCHEDULED)
    assert rig.server.requests == 1
    with rig.store.write(rig.brand_id) as scope:
        brands.change_account(scope, rig.account_ids[0], blocked_reason=None)
    rig.clock.advance(10)
    rig.run()
    assert [rig.get(one).state for one in (first, second)] == [State.PUBLISHED, State.PUBLISHED]


def test_a_blocked_account_misses_what_its_window_passed(rig: Rig) -> None:
    rig.server.faults = [Fault.UNAUTHORIZED]
    first, second = rig.plan(), rig.plan(in_s=1)
    rig.tick()
    rig.clock.advance(30_000)
    rig.tick()
    assert [rig.get(one).state for one in (first, second)] == [State.MISSED, State.MISSED]


def test_an_account_that_cannot_be_opened_is_blocked(rig: Rig) -> None:
    delivery_id = rig.plan()

    def closed(_account: Account) -> Network:
        raise Conflict("the account has no token")

    rig.open = closed
    rig.tick()
    assert rig.get(delivery_id).state is State.SCHEDULED
    assert [notice.kind for notice in rig.notices] == [NoticeKind.BLOCKED]


def test_a_fault_of_our_own_can_be_found_in_the_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    delivery_id = rig.plan()

    def faulty(_account: Account) -> Network:
        raise NameError("an adapter's fault")

    rig.open = faulty
    worker = rig.worker()
    worker.tick(rig.clock.now())
    worker.close()
    assert rig.get(delivery_id).state is State.SCHEDULED
    [record] = [one for one in caplog.records if "ended with NameError" in one.getMessage()]
    assert record.exc_info is not None
    assert "in faulty" in caplog.text


def test_a_fault_in_a_request_is_unclear_and_can_be_found(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.server.faults = [Fault.BUG]
    delivery_id = rig.plan()
    rig.tick()
    assert rig.get(delivery_id).state is State.UNKNOWN
    assert "met a fault of crosspost: KeyError" in caplog.text
    assert "raise KeyError" in caplog.text


def test_one_brands_broken_adapter_does_not_stop_another(rig: Rig, database: Database) -> None:
    other = Rig.make(database, rig.folder)
    ours, theirs = rig.plan(), other.plan()

    def sometimes(account: Account) -> Network:
        if account.id == rig.account_ids[0]:
            raise Conflict("the account has no token")
        return rig.adapter(account)

    rig.open = sometimes
    rig.tick()
    assert rig.get(ours).state is State.SCHEDULED
    assert other.get(theirs).state is State.PUBLISHED


def test_an_outcome_the_database_refuses_is_kept_and_recorded_later(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery_id = rig.plan()
    finish, refusals = flights.finish, iter([True] * 4)

    def full(*given: object, **named: object) -> object:
        if next(refusals, False):
            raise OperationalError("UPDATE", {}, Exception("database or disk is full"))
        return finish(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(flights, "finish", full)
    worker = rig.worker()
    monkeypatch.setattr(worker._stopping, "wait", lambda _s: False)
    rig.tick(worker)
    assert rig.get(delivery_id).state is State.SENDING
    rig.tick(worker)
    assert rig.get(delivery_id).state is State.SENDING
    rig.tick(worker)
    assert (rig.get(delivery_id).state, rig.server.posted(delivery_id)) == (State.PUBLISHED, 1)


def test_a_reply_waits_for_its_post_and_falls_with_it(rig: Rig) -> None:
    parent = rig.plan(placement="reply")
    child = rig.plan(parent_id=parent)
    asked: list[str | None] = []
    rig.server.at_request = lambda outgoing: asked.append(outgoing.parent_remote_id)
    rig.run()
    assert [rig.get(one).state for one in (parent, child)] == [State.PUBLISHED, State.PUBLISHED]
    assert asked == [None, "p1"]
    rig.server.faults = [Fault.REJECTED]
    refused = rig.plan(placement="reply")
    orphan = rig.plan(parent_id=refused)
    rig.run()
    assert [rig.get(one).state for one in (refused, orphan)] == [State.REJECTED, State.MISSED]


def test_replies_that_wait_hold_up_nothing_behind_them(rig: Rig) -> None:
    for _ in range(25):
        forgotten = rig.plan(approve=False)
        rig.plan(parent_id=forgotten)
        rig.clock.advance(0.001)
    behind = rig.plan()
    rig.tick()
    assert rig.get(behind).state is State.PUBLISHED


def test_a_round_that_was_waited_for_has_left_every_account(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A future is done a moment before its callbacks were called: on a busy machine the moment is long."""
    called = Future._invoke_callbacks  # type: ignore[attr-defined]

    def late(future: Future[None]) -> None:
        time.sleep(0.2)
        called(future)

    monkeypatch.setattr(Future, "_invoke_callbacks", late)
    for _ in range(2):
        made = rig.plan()
        rig.tick()
        assert rig.get(made).state is State.PUBLISHED


def test_a_post_without_its_link_is_for_a_person_and_carries_what_was_seen(rig: Rig) -> None:
    rig.server.faults = [Fault.LOST_AFTER]
    delivery_id = rig.plan(placement="none")
    rig.run()
    row = rig.get(delivery_id)
    assert row.state is State.NEEDS_PERSON
    assert "same text" in str(row.evidence)
    assert rig.server.requests == 1


def test_a_person_settles_it_either_way(rig: Rig) -> None:
    rig.server.delivery_class = B
    rig.server.faults = [Fault.LOST_AFTER, Fault.LOST_BEFORE]
    there, not_there = rig.plan(), rig.plan(in_s=1)
    rig.clock.advance(1)
    rig.run()
    assert [rig.get(one).state for one in (there, not_there)] == [State.NEEDS_PERSON, State.NEEDS_PERSON]
    with rig.store.write(rig.brand_id) as scope:
        url = "https://stand.in/p1"
        deliveries.resolve_published(scope, there, url=url, who="ana", now=rig.clock.now(), remote_id="p1")
        deliveries.resolve_not_there(scope, not_there, who="ana", now=rig.clock.now())
    rig.run()
    assert [rig.get(one).state for one in (there, not_there)] == [State.PUBLISHED, State.PUBLISHED]
    assert [rig.server.posted(one) for one in (there, not_there)] == [1, 1]
    assert [one.action for one in rig.attempts(not_there)] == ["send", "person", "send"]


def test_reading_back_is_recorded_beside_the_state(rig: Rig) -> None:
    delivery_id = rig.plan()
    rig.tick()
    assert rig.get(delivery_id).verified_at is None
    rig.clock.advance(31)
    rig.tick()
    row = rig.get(delivery_id)
    assert (row.state, row.verified_at) == (State.PUBLISHED, rig.clock.now())
    assert "p1" in str(row.verified_evidence)
    assert (row.owner, row.next_at) == (None, None)


def test_what_cannot_be_read_back_is_tried_a_few_times(rig: Rig) -> None:
    rig.server.look_faults = [OUTAGE, RateLimited("later"), OUTAGE, OUTAGE]
    delivery_id = rig.plan()
    rig.tick()
    for _ in range(10):
        rig.clock.advance(10_000)
        rig.tick()
    row = rig.get(delivery_id)
    assert (row.state, row.verified_at, rig.server.looks) == (State.PUBLISHED, None, 3)
    assert "could not be read back" in str(row.verified_evidence)


def test_a_post_found_under_another_id_is_told(rig: Rig) -> None:
    delivery_id = rig.plan()
    rig.tick()
    rig.server.ledger[0] = replace(rig.server.ledger[0], remote_id="p77")
    rig.clock.advance(31)
    rig.tick()
    assert [notice.kind for notice in rig.notices] == [NoticeKind.DIFFERS]
    assert rig.get(delivery_id).verified_at is None


def test_a_worker_paused_beyond_the_key_decides_again(rig: Rig) -> None:
    rig.server.delivery_class = K
    rig.server.faults = [Fault.LOST_BEFORE]
    delivery_id = rig.plan()
    rig.tick()
    rig.die(rig.workers[-1][0])

    def pause(at: str) -> None:
        if at == "claimed":
            rig.clock.advance(2000)

    worker = rig.worker(probe=pause)
    rig.clock.advance(rig.windows.settle_s + 1)
    rig.tick(worker)
    assert rig.server.requests == 1
    assert [one.outcome for one in rig.attempts(delivery_id)] == ["unknown", "not sent"]
    rig.die(worker)
    rig.worker()
    rig.run()
    assert (rig.get(delivery_id).state, rig.server.posted(delivery_id)) == (State.PUBLISHED, 1)


def test_a_worker_paused_beyond_the_window_sends_nothing(rig: Rig) -> None:
    delivery_id = rig.plan(window_s=600)
    paused = iter([True])

    def pause(at: str) -> None:
        if at == "claimed" and next(paused, False):
            rig.clock.advance(700)

    rig.tick(rig.worker(probe=pause))
    rig.run()
    assert (rig.get(delivery_id).state, rig.server.requests) == (State.MISSED, 0)


def test_an_account_that_somebody_reads_is_posted_to_when_it_is_free(rig: Rig) -> None:
    delivery_id = rig.plan()
    worker = rig.worker()
    lock = account_lock(worker.locks, rig.account_ids[0])
    assert lock is not None
    rig.tick(worker)
    assert (rig.get(delivery_id).state, rig.server.requests) == (State.SCHEDULED, 0)
    assert lock.wanted()
    lock.release()
    rig.clock.advance(0.25)
    rig.tick(worker)
    assert rig.get(delivery_id).state is State.PUBLISHED


def test_secrets_are_read_and_the_network_is_asked_under_the_accounts_lock(rig: Rig) -> None:
    rig.server.faults = [Fault.LOST_AFTER]
    delivery_id = rig.plan()
    free: list[bool] = []
    worker = rig.worker()

    def note(*_given: object) -> None:
        if lock := account_lock(worker.locks, rig.account_ids[0]):
            lock.release()
        free.append(lock is not None)

    def opened(account: Account) -> Network:
        note()
        return rig.adapter(account)

    worker._open = opened
    rig.server.at_request = note
    rig.run()  # sent, and looked for
    rig.clock.advance(rig.windows.verify_after_s + 1)
    rig.tick()  # read back
    assert rig.get(delivery_id).verified_at is not None
    assert len(free) >= 4
    assert not any(free)
    note()
    assert free[-1]


def test_what_waits_behind_an_unclear_delivery_is_late_and_not_lost(rig: Rig) -> None:
    """An unclear delivery holds its account for a settle window: what falls due meanwhile goes out afterwards, one
    by one, or is missed loudly where its owner wants that."""
    rig.server.faults = [Fault.LOST_BEFORE]
    first = rig.plan()
    behind = [rig.plan(in_s=60), rig.plan(in_s=120)]
    strict = rig.plan(in_s=90, late_policy=LatePolicy.MISS)
    begun = rig.clock.now()
    rig.run(most=200)
    assert [rig.get(one).state for one in (first, *behind)] == [State.PUBLISHED] * 3
    assert rig.get(strict).state is State.MISSED
    assert [(one.kind, one.delivery_id) for one in rig.notices] == [(NoticeKind.MISSED, strict)]
    assert [entry.delivery_id for entry in rig.server.ledger] == [first, *behind]
    ats = [(entry.at - begun).total_seconds() for entry in rig.server.ledger]
    assert ats[0] >= rig.windows.settle_s
    assert all(later - earlier >= rig.windows.late_gap_s for earlier, later in zip(ats, ats[1:], strict=False))


def test_a_person_who_sees_the_post_settles_what_is_still_unclear(rig: Rig) -> None:
    rig.server.faults = [Fault.LOST_AFTER]
    rig.server.hidden = True
    delivery_id = rig.plan()
    behind = rig.plan(in_s=1)
    rig.tick()
    assert rig.get(delivery_id).state is State.UNKNOWN
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="wait until"):
        deliveries.resolve_not_there(scope, delivery_id, who="ana", now=rig.clock.now())
    with rig.store.write(rig.brand_id) as scope:
        url = "https://stand.in/p1"
        deliveries.resolve_published(scope, delivery_id, url=url, who="ana", now=rig.clock.now(), remote_id="p1")
    rig.clock.advance(10)
    rig.run()
    assert [rig.get(one).state for one in (delivery_id, behind)] == [State.PUBLISHED, State.PUBLISHED]
    assert rig.server.posted(delivery_id) == 1


def test_closing_waits_for_what_is_in_flight_and_takes_nothing_more(rig: Rig) -> None:
    rig.server.latency_s = 0.2
    rig.windows = Windows(late_gap_s=0)
    first, second = rig.plan(), rig.plan()
    worker = rig.worker(workers=1)
    worker.tick(rig.clock.now())
    while not rig.server.requests:
        pass
    worker.close()
    assert sorted([rig.get(first).state, rig.get(second).state]) == [State.PUBLISHED, State.SCHEDULED]
    assert worker.tick(rig.clock.now()).accounts == 0
