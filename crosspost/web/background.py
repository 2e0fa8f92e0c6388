"""Blocking work off the event loop, one run at a time: a locked database holds up one thread, not the visitors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """Runs `work` in a thread of its own; who asks while it runs shares that run."""

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._running: asyncio.Future[T] | None = None
        self.started_s = float("-inf")  # loop time of the last start

    def start(self) -> asyncio.Future[T]:
        """The run under way, or a new one."""
        if self._running is None or self._running.done():
            loop = asyncio.get_running_loop()
            self.started_s = loop.time()
            self._running = loop.run_in_executor(self._thread, self._work)
            self._running.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self._running

    async def within(self, seconds: float) -> T:
        """The result of the run under way or a new one. Raises TimeoutError, and what the work raises."""
        return await asyncio.wait_for(asyncio.shield(self.start()), seconds)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
