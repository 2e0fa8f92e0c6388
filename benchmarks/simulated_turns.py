"""Virtual time, and whose turn it is: what happens next happens at once, and costs nothing until then.

Each task of a worker is in a greenlet. Who waits lets time go on by itself, until its own turn comes or another's: no
wait goes through a loop in the middle. Who has no task any more takes the next one, of a later history too: a new
greenlet costs the kernel a page each time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from greenlet import getcurrent, greenlet

HORIZON_S = 4 * 86_400.0


class Killed(BaseException):
    """The process ended here."""


class Worker:
    __slots__ = ("alive", "id", "serving", "stopped_until")

    def __init__(self, name: str) -> None:
        self.id, self.alive, self.stopped_until = name, True, 0.0
        self.serving: dict[str, None] = {}  # in order: a set's order is not the same in every run


_Task = tuple["Turns", Worker, str]
_FREE: list[Any] = []  # greenlets without a task


class Turns:
    """What is to happen, by time, and the worker whose turn it is."""

    def __init__(self) -> None:
        self.t = 0.0
        # (when, order among equals, whose, what): nobody's act, an account to be served, or a greenlet that waits.
        self._heap: list[tuple[float, int, Worker | None, Any]] = []
        self._serial = 0
        self._current: Worker | None = None
        self._main: Any = None

    def serve(self, worker: Worker, account_id: str) -> None:
        """What a task is: all that one worker does for one account now. Raises Killed when the worker dies."""
        raise NotImplementedError

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self._put(self.t + seconds, None, act)

    def _put(self, at: float, worker: Worker | None, what: Any) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, worker, what))

    def _start(self, worker: Worker, account_id: str) -> None:
        """Let the worker serve the account, once those started before it have come to their first wait."""
        self._put(self.t, worker, account_id)

    def _sleep(self, worker: Worker, seconds: float) -> None:
        """Let time go on until then, and until the worker goes on that was stopped. Raises Killed when it died."""
        until = self.t + seconds
        first = self._heap[0][0] if self._heap else HORIZON_S
        if worker.stopped_until <= until < first and self.t < HORIZON_S:
            self.t = until  # nothing else happens meanwhile
            return
        me = getcurrent()
        self._put(until, worker, me)
        self._go_on(me, idle=False)

    def _go(self) -> None:
        """Let everything happen, until nothing is left or the horizon is reached."""
        self._main = getcurrent()
        self._go_on(self._main, idle=False)

    def _go_on(self, me: Any, *, idle: bool) -> Any:
        """Let happen what comes before the next turn of `me`. Who is idle is given a task by it."""
        heap = self._heap
        while heap and self.t < HORIZON_S:
            self.t, _, worker, what = heapq.heappop(heap)
            if worker is None:
                what()
            elif type(what) is str:
                if what in worker.serving or not worker.alive:
                    continue
                worker.serving[what], self._current = None, worker
                task = self, worker, what
                return task if idle else self._idle_one().switch(task)
            elif not worker.alive:
                if idle:
                    _FREE.append(me)
                return what.throw(Killed)
            elif worker.stopped_until > self.t:
                self._put(self.t + (worker.stopped_until - self.t), worker, what)
            else:
                self._current = worker
                if what is me:
                    return None
                if idle:
                    _FREE.append(me)
                return what.switch()
        if idle:
            _FREE.append(me)
        return None if me is self._main else self._main.switch()

    def _idle_one(self) -> Any:
        while _FREE:
            one = _FREE.pop()
            if one.parent is self._main:  # another thread's are of no use here
                return one
        return greenlet(_live, self._main)


def _live(task: _Task) -> None:
    """One task after the other."""
    me = getcurrent()
    while True:
        turns, worker, account_id = task
        with suppress(Killed):
            turns.serve(worker, account_id)
        task = turns._go_on(me, idle=True)
