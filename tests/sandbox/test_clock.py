"""The virtual clock: it moves when everybody waits, through its events in order, and never otherwise."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from crosspost.domain.errors import Unavailable
from crosspost.sandbox.client_clock import ControlClient, SandboxClock
from crosspost.sandbox.clock import VirtualClock
from crosspost.sandbox.running import Sandbox
from crosspost.sandbox.state import State
from tests.sandbox.conftest import START


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_two_participants_and_the_events_between_them() -> None:
    """Each wakes exactly at its instant; an event runs at its own, while all are idle, and may lead to others."""
    seen: list[tuple[str, float]] = []

    async def story() -> None:
        clock = VirtualClock(START)

        def note(what: str) -> None:
            seen.append((what, (clock.now() - START).total_seconds()))

        async def event() -> None:
            note("event")
            await asyncio.sleep(0)  # the clock waits for what an event awaits
            note("event ends")
            clock.schedule(after(12), later)

        async def later() -> None:
            note("later event")

        async def participant(who: str, step: int, count: int) -> None:
            for n in range(1, count + 1):
                await clock.idle(who, after(step * n))
                note(who)
                await asyncio.sleep(0.01)  # works a while: time stands still
                note(f"{who} works")
            clock.leave(who)

        clock.schedule(after(7), event)
        clock.join("a")
        clock.join("b")
        await asyncio.gather(participant("a", 5, 4), participant("b", 10, 2))

    asyncio.run(story())
    assert [at for _, at in seen] == sorted(at for _, at in seen)
    assert [(what, at) for what, at in seen if "event" in what] == [
        ("event", 7), ("event ends", 7), ("later event", 12),
    ]  # fmt: skip
    assert [at for what, at in seen if what == "a"] == [5, 10, 15, 20]
    assert [at for what, at in seen if what == "b"] == [10, 20]
    assert [at for what, at in seen if what == "a works"] == [5, 10, 15, 20]


def test_nobody_is_idle_for_the_busy_one() -> None:
    async def story() -> None:
        clock = VirtualClock(START)
        clock.join("busy")
        waiting = asyncio.ensure_future(clock.idle("patient", after(60)))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert clock.now() == START
        clock.leave("busy")
        assert await waiting == after(60)

    asyncio.run(story())


def test_who_joins_on_the_way_is_waited_for() -> None:
    """An event starts a program: time stands from there on, and then goes no further than the newcomer wishes."""

    async def story() -> None:
        clock = VirtualClock(START)

        async def start_a_program() -> None:
            clock.join("newcomer")

        clock.schedule(after(10), start_a_program)
        patient = asyncio.ensure_future(clock.idle("patient", after(100)))
        await asyncio.sleep(0.05)
        assert (clock.now(), patient.done()) == (after(10), False)
        assert await clock.idle("newcomer", after(30)) == after(30)
        assert not patient.done()
        clock.leave("newcomer")
        assert await patient == after(100)

    asyncio.run(story())


def test_events_at_one_instant_keep_their_order_and_a_broken_one_stops_nobody() -> None:
    seen: list[int] = []

    async def story() -> list[str]:
        clock = VirtualClock(START)

        async def note(n: int) -> None:
            seen.append(n)
            if n == 1:
                raise RuntimeError("a broken reader")

        for n in range(5):
            clock.schedule(after(3), lambda n=n: note(n))  # type: ignore[misc]
        await clock.advance(after(3))
        return clock.failures

    failures = asyncio.run(story())
    assert seen == [0, 1, 2, 3, 4]
    assert len(failures) == 1
    assert "a broken reader" in failures[0]


def test_advance_sets_no_one_back_and_set_moves_the_wall_alone() -> None:
    async def story() -> None:
        clock = VirtualClock(START)
        await clock.advance(after(100))
        assert (clock.now(), clock.boot_s()) == (after(100), 100)
        await clock.advance(after(50))
        assert (clock.now(), clock.boot_s()) == (after(100), 100)
        clock.set(after(-3600))
        assert (clock.now(), clock.boot_s()) == (after(-3600), 100)
        clock.set(after(7200))
        assert clock.boot_s() == 100
        await clock.advance(after(7210))
        assert clock.boot_s() == 110

    asyncio.run(story())


def test_an_event_of_the_past_runs_now_and_not_then() -> None:
    seen: list[datetime] = []

    async def story() -> None:
        clock = VirtualClock(START)

        async def note() -> None:
            seen.append(clock.now())

        clock.schedule(after(10), note)
        clock.set(after(60))
        await clock.advance(after(61))

    asyncio.run(story())
    assert seen == [after(60)]


def test_two_programs_over_http_live_on_one_clock() -> None:
    """A ticker of 60 s and a client of 90 s, with an event that must fall between them at its exact instant."""
    events: list[datetime] = []

    def setup(state: State) -> None:
        async def note() -> None:
            events.append(state.clock.now())

        for seconds in (75, 150, 9999):
            state.clock.schedule(after(seconds), note)

    ticks: dict[str, list[datetime]] = {"ticker": [], "client": []}

    with Sandbox(virtual_start=START, setup=setup) as sandbox:
        clocks = {who: sandbox.clock(who) for who in ticks}
        for clock in clocks.values():
            clock.join()

        def live(who: str, step: float, count: int) -> None:
            clock = clocks[who]
            for n in range(1, count + 1):
                clock.idle_until(after(step * n))
                ticks[who].append(clock.now())
            clock.leave()

        threads = [threading.Thread(target=live, args=one) for one in (("ticker", 60, 3), ("client", 90, 2))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)
        assert sandbox.health()["pending"] == 1
    assert ticks == {"ticker": [after(60), after(120), after(180)], "client": [after(90), after(180)]}
    assert events == [after(75), after(150)]


def test_a_participant_whose_connection_breaks_holds_up_nobody(virtual: Sandbox) -> None:
    lost = httpx.Client(base_url=virtual.origin, trust_env=False)
    body = {"who": "lost", "until": after(10).isoformat()}
    virtual.clock("other").join()
    with pytest.raises(httpx.ReadTimeout):
        lost.post("/_sandbox/clock/idle", json=body, timeout=0.2)
    lost.close()
    deadline = time.monotonic() + 10
    while "lost" in virtual.health()["participants"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert virtual.health()["participants"] == {"other": None}
    clock = virtual.clock("other")
    clock.idle_until(after(5))
    assert clock.now() == after(5)


def test_waiting_for_the_past_returns_at_once(virtual: Sandbox) -> None:
    clock = virtual.clock()
    clock.idle_until(after(-100))
    assert clock.now() == START


def test_boot_time_and_identity_over_http(virtual: Sandbox) -> None:
    clock = virtual.clock()
    before, boot = clock.boot_s(), clock.boot_id()
    virtual.advance(seconds=30)
    assert clock.boot_s() - before == 30
    assert clock.boot_id() == boot


def test_on_real_time_nobody_waits(sandbox: Sandbox) -> None:
    clock = sandbox.clock()
    began = time.monotonic()
    clock.idle_until(clock.now() + timedelta(hours=1))
    assert time.monotonic() - began < 5
    assert abs(clock.boot_s() - time.clock_gettime(time.CLOCK_BOOTTIME)) < 5
    with pytest.raises(ValueError, match="real time"):
        sandbox.advance(seconds=1)


def test_one_clock_serves_many_threads(virtual: Sandbox) -> None:
    clock = SandboxClock(virtual.origin)
    seen: list[datetime] = []

    def read() -> None:
        for _ in range(20):
            seen.append(clock.now())

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == [START] * 160


def test_no_sandbox_no_time(tmp_path: Path) -> None:
    with Sandbox() as gone:
        origin = gone.origin
    with pytest.raises(Unavailable, match="does not answer"):
        SandboxClock(origin).now()


def test_the_control_interface_says_what_is_wrong(virtual: Sandbox) -> None:
    control = ControlClient(virtual.origin)
    for path, body, wrong in (
        ("clock/idle", {"who": "a"}, "until"),
        ("clock/idle", {"who": "a", "until": "2026-03-02T08:00:00"}, "zone|aware"),
        ("clock/advance", {}, "seconds"),
        ("accounts", {"network": "myspace", "handle": "a"}, "no network"),
        ("accounts", {"network": "x", "handle": "a", "behaviour": {"mood": 1}}, "no behaviour"),
        ("tokens", {"account": "1", "action": "revoke"}, "no account"),
        ("faults", [], "object"),
    ):
        with pytest.raises(ValueError, match=wrong):
            control.ask("POST", path, body)
