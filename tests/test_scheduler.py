from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread, Timer

import pytest

from crosspost import scheduler
from crosspost.clock import SystemClock
from crosspost.commands.deliver import Deliverer, heartbeat
from crosspost.commands.workers import become_worker
from crosspost.domain.delivery import State
from crosspost.logs import configure
from crosspost.store import installation
from crosspost.store.database import Database
from tests.engine import NOW, HandClock, Rig


def test_a_due_delivery_is_published_by_the_real_ticker_within_two_seconds(
    sqlite_database: Database, tmp_path: Path
) -> None:
    rig = Rig.make(sqlite_database, tmp_path)
    clock = SystemClock()
    rig.clock.at = clock.now()
    rig.server.clock = clock.now
    delivery_id = rig.plan(in_s=1.0)
    due = rig.get(delivery_id).due_at
    stop = Event()
    with become_worker(rig.store, tmp_path) as ownership:
        deliverer = Deliverer(rig.store, clock, rig.adapter, ownership, workers=2)

        def tick(now: datetime) -> None:
            deliverer.tick(now)
            if rig.server.ledger:
                stop.set()

        ticking = Thread(target=scheduler.run, args=(clock, [("deliver", 0.25, tick)], stop))
        ticking.start()
        ticking.join(20)
        stop.set()
        ticking.join()
        deliverer.close()
    [entry] = rig.server.ledger
    assert timedelta(0) <= entry.at - due < timedelta(seconds=2)
    assert rig.get(delivery_id).state is State.PUBLISHED


def run_for(seconds: float, jobs: list[scheduler.Job]) -> None:
    stop = Event()
    Timer(seconds, stop.set).start()
    scheduler.run(SystemClock(), jobs, stop)


def test_a_slow_job_runs_once_at_a_time_and_delays_no_other() -> None:
    lock, overlaps, quick = Lock(), [], []

    def slow(_now: datetime) -> None:
        if not lock.acquire(blocking=False):
            overlaps.append(1)
            return
        time.sleep(0.6)
        lock.release()

    def fast(now: datetime) -> None:
        quick.append(now)

    run_for(1.5, [("slow", 0.1, slow), ("fast", 0.1, fast)])
    assert overlaps == []
    assert len(quick) >= 8
    assert all(now.tzinfo is UTC for now in quick)


def test_a_job_that_fails_runs_again_and_its_fault_can_be_found(tmp_path: Path) -> None:
    runs = []

    def broken(now: datetime) -> None:
        runs.append(now)
        raise RuntimeError("access_token=abc-secret-abc")

    file = tmp_path / "crosspost.log"
    undo = configure(file)
    try:
        run_for(0.6, [("broken", 0.1, broken)])
    finally:
        undo()
    told = file.read_text()
    assert len(runs) >= 3
    assert "job broken failed: RuntimeError" in told
    assert "in broken" in told  # where it happened
    assert "abc-secret-abc" not in told


def test_a_virtual_clock_moves_to_the_earliest_wish() -> None:
    clock, stop = HandClock(), Event()
    seen: list[datetime] = []

    def job(now: datetime) -> datetime | None:
        seen.append(now)
        if len(seen) == 4:
            stop.set()
        return now + timedelta(hours=3) if len(seen) < 3 else None

    scheduler.run(
        clock, [("a", 60, job), ("b", 600, lambda now: now + timedelta(hours=5)), ("c", 1, lambda _now: None)], stop
    )
    # b asked for 17:00 in the third round, when nobody asked for anything earlier
    assert seen == [NOW, NOW + timedelta(hours=3), NOW + timedelta(hours=6), NOW + timedelta(hours=11)]


def test_without_a_wish_a_virtual_clock_moves_by_the_longest_interval() -> None:
    clock, stop, seen = HandClock(), Event(), list[datetime]()

    def job(now: datetime) -> None:
        seen.append(now)
        if len(seen) == 2:
            stop.set()

    scheduler.run(clock, [("a", 60, job), ("b", 600, lambda _now: None)], stop)
    assert seen == [NOW, NOW + timedelta(seconds=600)]


def test_a_wall_clock_set_back_does_not_stop_the_ticker(monkeypatch: pytest.MonkeyPatch) -> None:
    real, shift, runs = time.time, [0.0], list[float]()
    monkeypatch.setattr(time, "time", lambda: real() + shift[0])
    stop = Event()
    # A long interval stands for the hour that the clock was set back: the next run is that far away.
    ticking = Thread(target=scheduler.run, args=(SystemClock(), [("a", 3600, lambda _now: runs.append(real()))], stop))
    ticking.start()
    time.sleep(0.5)
    assert len(runs) == 1
    shift[0] = -3600.0
    time.sleep(1.6)
    stop.set()
    ticking.join()
    assert len(runs) == 2


def test_the_heartbeat_is_one_row(sqlite_database: Database, tmp_path: Path) -> None:
    rig = Rig.make(sqlite_database, tmp_path)
    heartbeat(rig.store, NOW)
    heartbeat(rig.store, NOW + timedelta(minutes=1))
    with sqlite_database.read() as connection:
        found = installation.get(connection, installation.HEARTBEAT)
    assert found is not None
    assert found[1] == NOW + timedelta(minutes=1)
