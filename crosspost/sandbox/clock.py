"""The sandbox's own clocks: the machine's, or a virtual one that jumps whenever every participant is idle."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from crosspost.clock import SystemClock
from crosspost.domain.period import aware

Action = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class ServerClock(Protocol):
    virtual: bool
    failures: list[str]  # of scheduled actions: "instant: error"

    def now(self) -> datetime: ...
    def boot_s(self) -> float: ...
    def boot_id(self) -> str: ...

    def schedule(self, at: datetime, action: Action) -> None:
        """Run `action` at that instant, at once if it has passed. Needs the server's running event loop."""
        ...


class RealClock(SystemClock):
    """The machine's time; scheduled actions run on the server's event loop."""

    virtual = False

    def __init__(self) -> None:
        self.failures: list[str] = []
        self._running: set[asyncio.Task[None]] = set()

    def schedule(self, at: datetime, action: Action) -> None:
        async def later() -> None:
            await asyncio.sleep(max(0.0, (at - self.now()).total_seconds()))
            await _run(action, at, self.failures)

        task = asyncio.get_running_loop().create_task(later())
        self._running.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._running.discard)


class VirtualClock:
    """Time stands still while anybody works, and jumps when everybody waits.

    A participant joins by name and is busy until it says that it has nothing to do before an instant. When all
    are idle, the earliest of those instants is the goal: scheduled actions on the way run in order, each at its
    own instant and awaited, then the participants whose instant has come are busy again.
    """

    virtual = True

    def __init__(self, start: datetime) -> None:
        self._now = aware(start).astimezone(UTC)
        self._boot_s = 0.0
        self._boot_id = f"sandbox-{uuid.uuid4()}"  # a restarted server is a rebooted machine
        self._events: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()
        self._idle: dict[str, datetime | None] = {}  # None: busy
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._moving = asyncio.Lock()
        self._changed: asyncio.Task[None] | None = None
        self.failures: list[str] = []

    def now(self) -> datetime:
        return self._now

    def boot_s(self) -> float:
        return self._boot_s

    def boot_id(self) -> str:
        return self._boot_id

    def schedule(self, at: datetime, action: Action) -> None:
        heapq.heappush(self._events, (aware(at), next(self._order), action))

    @property
    def pending(self) -> int:
        """Scheduled actions that have not run."""
        return len(self._events)

    @property
    def participants(self) -> dict[str, datetime | None]:
        """Who takes part, and until when each is idle; None for the busy ones."""
        return dict(self._idle)

    def join(self, who: str) -> None:
        """Time no longer moves until this participant is idle. Joining again changes nothing."""
        self._idle.setdefault(who, None)

    def leave(self, who: str) -> None:
        """Time no longer waits for this participant: it ended, or its connection broke."""
        self._idle.pop(who, None)
        self._release(who)
        self._consider()

    async def idle(self, who: str, until: datetime) -> datetime:
        """Wait until the clock has reached `until`; the new instant.

        A second call under the same name replaces the first, which is answered at once.
        """
        self._release(who)
        self._idle[who] = aware(until)
        arrived = asyncio.get_running_loop().create_future()
        self._waiting[who] = arrived
        self._consider()
        await arrived
        return self._now

    async def advance(self, to: datetime) -> datetime:
        """Run through to that instant whatever anybody does. The past is left as it is."""
        async with self._moving:
            await self._move(aware(to))
        self._consider()
        return self._now

    def set(self, to: datetime) -> datetime:
        """Put the wall clock there, backwards too, as an administrator would: boot time does not notice."""
        self._now = aware(to).astimezone(UTC)
        self._wake()
        self._consider()
        return self._now

    def _consider(self) -> None:
        if self._changed is None or self._changed.done():
            self._changed = asyncio.get_running_loop().create_task(self._advance_while_all_idle())

    async def _advance_while_all_idle(self) -> None:
        async with self._moving:
            while instants := list(self._idle.values()):
                goals = [instant for instant in instants if instant is not None]
                if len(goals) < len(instants):
                    return
                await self._move(min(goals), stop_if_busy=True)

    async def _move(self, goal: datetime, stop_if_busy: bool = False) -> None:
        while self._events and self._events[0][0] <= goal:
            at, _, action = heapq.heappop(self._events)
            self._to(at)
            await _run(action, at, self.failures)
            if stop_if_busy and (None in self._idle.values() or goal > min(filter(None, self._idle.values()))):
                return  # somebody joined, or has an earlier wish, since we set out
        self._to(goal)
        self._wake()

    def _to(self, instant: datetime) -> None:
        if instant > self._now:
            self._boot_s += (instant - self._now) / timedelta(seconds=1)
            self._now = instant.astimezone(UTC)

    def _wake(self) -> None:
        for who, until in list(self._idle.items()):
            if until is not None and until <= self._now:
                self._idle[who] = None
                self._release(who)

    def _release(self, who: str) -> None:
        future = self._waiting.pop(who, None)
        if future is not None and not future.done():
            future.set_result(None)


async def _run(action: Action, at: datetime, failures: list[str]) -> None:
    try:
        await action()
    except Exception as error:
        # One broken reader must not stop time for everybody; the health page tells.
        log.exception("an action scheduled for %s failed", at.isoformat())
        failures.append(f"{at.isoformat()}: {type(error).__name__}: {error}")
