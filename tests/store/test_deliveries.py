"""Deliveries in the store, on both databases: who may change what, and that a claim has one winner."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from crosspost.domain.delivery import DeliveryClass, State
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.outcomes import owner_died
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.domain.windows import BootTime, Windows
from crosspost.store import claims, deliveries, flights
from crosspost.store.claims import Taken
from crosspost.store.database import Database
from crosspost.store.flights import Fenced, Flight, Held
from crosspost.store.prepared import Prepared
from crosspost.store.store import Store
from crosspost.store.tables import attempt, event
from tests.engine import NOW, Rig

N = DeliveryClass.READABLE
BOOT = BootTime("boot-1", 100_000.0)
OFF = Windows(max_posts_per_hour=10**6, max_posts_per_day=10**6, late_gap_s=0)


@pytest.fixture
def rig(database: Database, tmp_path: Path) -> Iterator[Rig]:
    made = Rig.make(database, tmp_path)
    yield made
    made.close()


def take(store: Store, brand_id: str, account_id: str, owner: str, windows: Windows = OFF) -> Taken:
    with store.write(brand_id) as scope:
        return claims.take(
            scope, account_id, owner=owner, now=NOW + timedelta(seconds=5), boot=BOOT, windows=windows,
            declare=lambda _placement: N,
        )  # fmt: skip


def claimed(rig: Rig, owner: str = "local.one") -> Flight:
    taken = take(rig.store, rig.brand_id, rig.account_ids[0], owner)
    assert taken.flight is not None
    return taken.flight


def events(rig: Rig) -> list[str]:
    with rig.store.read(rig.brand_id) as scope:
        return list(
            scope.connection.execute(
                select(event.c.what).where(event.c.brand_id == rig.brand_id).order_by(event.c.at, event.c.id)
            ).scalars()
        )


def test_nothing_is_sent_that_nobody_approved(rig: Rig) -> None:
    delivery_id = rig.plan(approve=False)
    assert rig.get(delivery_id).state is State.DRAFT
    assert take(rig.store, rig.brand_id, rig.account_ids[0], "local.one").flight is None
    with rig.store.write(rig.brand_id) as scope:
        row = deliveries.approve(scope, delivery_id, who="ana", now=NOW)
    assert (row.state, row.approved_by, row.approved_at) == (State.SCHEDULED, "ana", NOW)
    assert row.key.startswith(f"cp-{delivery_id}-1-")
    assert row.sha256 == row.teaser.sha256
    assert events(rig) == ["approve"]
    assert claimed(rig).delivery.id == delivery_id


def test_approval_is_refused_twice_and_too_late(rig: Rig) -> None:
    delivery_id = rig.plan()
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="only a draft"):
        deliveries.approve(scope, delivery_id, who="ana", now=NOW)
    late = rig.plan(approve=False, window_s=60)
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="its time has passed"):
        deliveries.approve(scope, late, who="ana", now=NOW + timedelta(seconds=61))


def test_an_edit_after_approval_is_a_new_revision_under_a_new_key(rig: Rig) -> None:
    delivery_id = rig.plan()
    before = rig.get(delivery_id)
    at = NOW + timedelta(days=1)
    with rig.store.write(rig.brand_id) as scope:
        row = deliveries.revise(
            scope, delivery_id, who="ana", now=NOW, teaser=Teaser("autre", "https://go.example/x"),
            due=Due(at, at.isoformat(), "UTC"),
        )  # fmt: skip
    assert (row.state, row.revision, row.due_at, row.approved_at) == (State.DRAFT, 2, at, None)
    assert row.teaser.text == "autre"
    assert row.key != before.key
    assert row.record_key != before.record_key
    assert row.code == before.code


def test_a_draft_is_edited_in_place(rig: Rig) -> None:
    delivery_id = rig.plan(approve=False)
    with rig.store.write(rig.brand_id) as scope:
        assert deliveries.revise(scope, delivery_id, who="ana", now=NOW, window_s=120).revision == 1
    assert rig.get(delivery_id).window_s == 120


def test_nothing_changes_while_it_is_being_sent(rig: Rig) -> None:
    delivery_id = rig.plan()
    flight = claimed(rig)
    for change in (deliveries.revise, deliveries.cancel):
        with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="being sent"):
            change(scope, delivery_id, who="ana", now=NOW)
    with rig.store.write(rig.brand_id) as scope:
        flights.finish(scope, flight, owner_died(flight.delivery), now=NOW, boot=BOOT, windows=OFF)
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="being sent"):
        deliveries.cancel(scope, delivery_id, who="ana", now=NOW)


def test_cancel_is_final(rig: Rig) -> None:
    delivery_id = rig.plan()
    with rig.store.write(rig.brand_id) as scope:
        assert deliveries.cancel(scope, delivery_id, who="ana", now=NOW, reason="old news").reason == "old news"
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="cannot be cancelled"):
        deliveries.cancel(scope, delivery_id, who="ana", now=NOW)
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="cancelled"):
        deliveries.revise(scope, delivery_id, who="ana", now=NOW)
    assert sorted(events(rig)) == ["approve", "cancel"]


def test_only_a_question_is_answered_by_hand(rig: Rig) -> None:
    delivery_id = rig.plan()
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="nothing to settle"):
        deliveries.resolve_not_there(scope, delivery_id, who="ana", now=NOW)
    rig.windows = Windows(max_attempts=1)
    with rig.store.write(rig.brand_id) as scope:
        row = deliveries.get(scope, delivery_id)
        flights.ask(scope, row, "a question", NOW)
    with rig.store.write(rig.brand_id) as scope, pytest.raises(BadInput, match="not the address"):
        deliveries.resolve_published(scope, delivery_id, url="javascript:1", who="ana", now=NOW)
    with rig.store.write(rig.brand_id) as scope:
        row = deliveries.resolve_published(scope, delivery_id, url="https://x/p1", who="ana", now=NOW)
    assert (row.state, row.remote_url) == (State.PUBLISHED, "https://x/p1")
    assert "ana" in str(row.evidence)


def test_another_brand_sees_and_changes_nothing(rig: Rig, database: Database) -> None:
    delivery_id = rig.plan()
    other = Rig.make(database, rig.folder)
    with rig.store.write(other.brand_id) as scope:
        assert deliveries.listed(scope) == []
        for act in (deliveries.approve, deliveries.cancel, deliveries.revise):
            with pytest.raises(NotFound):
                act(scope, delivery_id, who="eve", now=NOW)
        with pytest.raises(NotFound, match="does not belong"):
            deliveries.draft(
                scope, rig.account_ids[0], Teaser("t", "https://x/"), "c" * 10, Due(NOW, "", "UTC"), now=NOW
            )
    assert take(rig.store, other.brand_id, rig.account_ids[0], "local.eve").flight is None


def test_slots_that_are_taken(rig: Rig) -> None:
    rig.plan(in_s=60)
    gone = rig.plan(in_s=120)
    with rig.store.write(rig.brand_id) as scope:
        deliveries.cancel(scope, gone, who="ana", now=NOW)
        assert deliveries.taken(scope, rig.account_ids[0], NOW) == {NOW + timedelta(seconds=60)}


def test_one_delivery_of_an_account_is_held_at_a_time(rig: Rig) -> None:
    rig.plan()
    rig.plan()
    claimed(rig)
    again = take(rig.store, rig.brand_id, rig.account_ids[0], "local.two")
    assert (again.flight, again.reason) == (None, "another delivery of this account is in flight")


def test_who_lost_a_delivery_writes_nothing(rig: Rig) -> None:
    delivery_id = rig.plan()
    flight = claimed(rig)
    row = flight.delivery
    held = Held(row.id, row.account_id, "local.one", row.epoch, row.state)
    with rig.store.write(rig.brand_id) as scope:
        assert [one.id for one in flights.adopt(scope, [(held, False)], now=NOW, boot=BOOT)] == [delivery_id]
        assert flights.adopt(scope, [(held, False)], now=NOW, boot=BOOT) == []  # raced: once only
    with rig.store.read(rig.brand_id) as scope:
        assert not flights.still_held(scope, flight)
    late = owner_died(row)
    with pytest.raises(Fenced), rig.store.write(rig.brand_id) as scope:
        flights.finish(scope, flight, late, now=NOW, boot=BOOT, windows=OFF)
    with pytest.raises(Fenced), rig.store.write(rig.brand_id) as scope:
        flights.keep_handle(scope, flight, "c1")
    found = rig.get(delivery_id)
    assert (found.state, found.ambiguous, found.handle, found.owner) == (State.UNKNOWN, True, None, None)


def test_an_older_claim_of_the_same_worker_is_fenced_too(rig: Rig) -> None:
    rig.plan()
    older = claimed(rig)
    row = older.delivery
    with rig.store.write(rig.brand_id) as scope:
        flights.adopt(
            scope, [(Held(row.id, row.account_id, "local.one", row.epoch, row.state), False)], now=NOW, boot=BOOT
        )
    with rig.store.write(rig.brand_id) as scope:
        newer = claims.take(
            scope, rig.account_ids[0], owner="local.one", now=NOW, boot=BootTime(BOOT.id, BOOT.s + 1000), windows=OFF,
            declare=lambda _placement: N,
        ).flight  # fmt: skip
    assert newer is not None
    with pytest.raises(Fenced), rig.store.write(rig.brand_id) as scope:
        flights.finish(scope, older, owner_died(row), now=NOW, boot=BOOT, windows=OFF)
    assert rig.get(row.id).state is State.CHECKING


def test_an_outcome_is_written_once(rig: Rig) -> None:
    delivery_id = rig.plan()
    flight = claimed(rig)
    change = owner_died(flight.delivery)
    with rig.store.write(rig.brand_id) as scope:
        flights.finish(scope, flight, change, now=NOW, boot=BOOT, windows=OFF)
    with pytest.raises(Fenced), rig.store.write(rig.brand_id) as scope:
        flights.finish(scope, flight, change, now=NOW, boot=BOOT, windows=OFF)
    assert rig.get(delivery_id).owner is None


def test_windows_count_from_when_a_request_may_last_have_left(rig: Rig) -> None:
    later = BootTime(BOOT.id, BOOT.s + 500)
    finished, left = rig.plan(), rig.plan(in_s=1)
    flight = claimed(rig)
    with rig.store.write(rig.brand_id) as scope:
        flights.finish(scope, flight, owner_died(flight.delivery), now=NOW, boot=later, windows=OFF)
        flights.ask(scope, deliveries.get(scope, finished), "out of the way", NOW)
    row = claimed(rig).delivery
    with rig.store.write(rig.brand_id) as scope:
        flights.adopt(
            scope, [(Held(row.id, row.account_id, "local.one", row.epoch, row.state), False)], now=NOW, boot=later
        )
    assert [rig.get(one).last_sent_boot for one in (finished, left)] == [later, later]
    assert rig.get(left).first_sent_boot == BOOT


def test_the_attempt_is_written_with_the_claim(rig: Rig) -> None:
    delivery_id = rig.plan()
    flight = claimed(rig)
    [tried] = rig.attempts(delivery_id)
    assert (tried.number, tried.action, tried.epoch, tried.owner) == (1, "send", flight.delivery.epoch, "local.one")
    assert (tried.finished_at, tried.outcome) == (None, None)
    row = rig.get(delivery_id)
    assert (row.state, row.attempts, row.first_sent_boot, row.last_sent_boot) == (State.SENDING, 1, BOOT, BOOT)


def test_threads_race_for_one_claim(rig: Rig) -> None:
    for _ in range(10):
        rig.plan()
    start = Barrier(8)

    def race(number: int) -> int:
        start.wait()
        won = 0
        for _ in range(6):
            won += take(rig.store, rig.brand_id, rig.account_ids[0], f"local.{number}").flight is not None
        return won

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(race, range(8))) == 1
    with rig.store.read(rig.brand_id) as scope:
        count = scope.connection.execute(select(func.count()).where(attempt.c.brand_id == rig.brand_id)).scalar_one()
    assert count == 1


def _race(url: str, brand_id: str, accounts: list[str], name: str, results: multiprocessing.Queue[int]) -> None:
    database = Database(url)
    store = Store(database)
    won = 0
    for _ in range(5):
        for account_id in accounts:
            won += take(store, brand_id, account_id, f"local.{name}").flight is not None
    database.close()
    results.put(won)


def test_processes_race_for_one_claim_per_account(database: Database, tmp_path: Path) -> None:
    rig = Rig.make(database, tmp_path, accounts=20)
    for account in range(20):
        rig.plan(account=account)
        rig.plan(account=account)
    database.engine.dispose()
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    url = database.url.render_as_string(hide_password=False)
    racers = [
        context.Process(target=_race, args=(url, rig.brand_id, rig.account_ids, str(number), results))
        for number in range(3)
    ]
    for racer in racers:
        racer.start()
    won = sum(results.get(timeout=60) for _ in racers)
    for racer in racers:
        racer.join(10)
    assert won == 20
    states = [row.state for row in rig.all()]
    assert (states.count(State.SENDING), states.count(State.SCHEDULED)) == (20, 20)


@pytest.mark.parametrize("prepared", [flights._WORK, flights._HELD, flights._NEXT_DUE, claims._UNCLEAR, claims._QUEUE])
def test_a_tick_reads_by_index_whatever_lies_in_the_future(sqlite_database: Database, prepared: Prepared) -> None:
    bound = prepared.statement.params(brand_id="b", account_id="a", now=NOW)
    text = bound.compile(sqlite_database.engine, compile_kwargs={"literal_binds": True})
    with sqlite_database.read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    assert [step for step in plan if "USING" in step and "delivery" in step]
    assert not [step for step in plan if step.startswith("SCAN delivery")], plan
