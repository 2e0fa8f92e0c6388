"""Write hits in groups: each is on disk before its visitor is sent on, or counted as missed.

The event loop collects hits while one thread writes and syncs the group before; so a busy server syncs more
hits at a time, not more often. A visitor waits 50 ms at most: then the hit is counted as missed, and the count
is taken back if the disk finishes after all. The count lives in a memory-mapped file, which survives the death
of the process without waiting for a disk: after `kill -9`, answers ≤ records + missed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import mmap
import os
import secrets
import socket
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from crosspost.domain.traffic import Hit
from crosspost.hitlog.reader import MISSED_SUFFIX, SUFFIX
from crosspost.hitlog.record import MAGIC, encode

WAIT_S = 0.05
SEGMENT_BYTES = 32 * 1024 * 1024
SEGMENT_AGE_S = 86_400
MAX_WAITING = 50_000  # hits held in memory (some 25 MB) while the disk stalls; further ones are missed

log = logging.getLogger(__name__)

_Group = list[tuple[bytes, "asyncio.Future[bool]"]]


def _sync(descriptor: int) -> None:
    if hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:  # macOS
        os.fsync(descriptor)


class HitWriter:
    """One per process and event loop. `now` stamps and ages segments; `sync` makes a descriptor's bytes durable.

    `magic` and `suffix` are those of another kind of records than hits.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime],
        *,
        wait_s: float = WAIT_S,
        segment_bytes: int = SEGMENT_BYTES,
        segment_age_s: float = SEGMENT_AGE_S,
        sync: Callable[[int], None] = _sync,
        magic: bytes = MAGIC,
        suffix: str = SUFFIX,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._now, self._wait_s, self._sync = folder, now, wait_s, sync
        self._segment_bytes, self._segment_age_s = segment_bytes, segment_age_s
        self._magic, self._suffix = magic, suffix
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hits")
        self._group: _Group = []
        self._in_flight = 0
        self._deadlines: deque[tuple[float, asyncio.Future[bool]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.Future[None] | None = None  # unfinished while a group is being written
        self._descriptor: int | None = None
        self._size = 0
        self._opened_at: datetime | None = None
        self._count = _MissedCount(folder / (self._new_name() + MISSED_SUFFIX))

    @property
    def missed(self) -> int:
        """Visitors of this process who were sent on without their hit on disk."""
        return self._count.value

    def append(self, hit: Hit) -> Coroutine[None, None, bool]:
        """Store one hit. True: it is on disk. False: it is counted as missed; send the visitor on."""
        return self.append_record(encode(hit))

    async def append_record(self, record: bytes) -> bool:
        """As `append`, of a record that is made already."""
        if len(self._group) + self._in_flight >= MAX_WAITING:
            self._count.add(1)
            return False
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        self._group.append((record, waiter))
        self._deadlines.append((loop.time() + self._wait_s, waiter))
        if self._timer is None:
            self._timer = loop.call_later(self._wait_s, self._expire)
        if self._idle is None:
            self._idle = loop.create_future()
            loop.call_soon(self._hand_over)
        return await waiter

    async def close(self) -> None:
        """Write what waits, then close. A count of zero missed leaves no file behind."""
        if self._idle is not None:
            await self._idle
        if self._timer is not None:
            self._timer.cancel()
        self._thread.shutdown(wait=True)
        self._close_segment()
        self._count.close()

    def _hand_over(self) -> None:
        group, self._group = self._group, []
        self._in_flight = len(group)
        data = b"".join(record for record, _ in group)
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._write, data)
        writing.add_done_callback(lambda done: self._written(group, done.exception()))

    def _written(self, group: _Group, problem: BaseException | None) -> None:
        self._in_flight = 0
        if problem is not None:
            log.error("hits were not stored", extra={"hits": len(group), "problem": type(problem).__name__})
        late = 0
        for _, waiter in group:
            if not waiter.done():
                waiter.set_result(problem is None)
                late -= problem is not None
            elif problem is None and not waiter.cancelled():
                late += 1  # counted as missed when its time was up, and on disk now
        if late:
            self._count.add(-late)
        if self._group:
            self._hand_over()
        elif self._idle is not None:
            self._idle.set_result(None)
            self._idle = None

    def _expire(self) -> None:
        loop = asyncio.get_running_loop()
        expired = []
        while self._deadlines and (self._deadlines[0][1].done() or self._deadlines[0][0] <= loop.time()):
            waiter = self._deadlines.popleft()[1]
            if not waiter.done():
                expired.append(waiter)
        if expired:
            self._count.add(len(expired))  # before any of them is answered
            for waiter in expired:
                waiter.set_result(False)
        self._timer = loop.call_at(self._deadlines[0][0], self._expire) if self._deadlines else None

    def _write(self, data: bytes) -> None:
        """In the writer's thread."""
        try:
            descriptor = self._segment()
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            self._sync(descriptor)
            self._size += len(data)
        except BaseException:
            # What a failed write or sync left behind is not known: the next group starts a new file.
            self._close_segment()
            raise

    def _segment(self) -> int:
        now = self._now()
        if self._descriptor is not None and self._opened_at is not None:
            age_s = abs((now - self._opened_at).total_seconds())
            if self._size < self._segment_bytes and age_s < self._segment_age_s:
                return self._descriptor
            self._close_segment()
        name = self._new_name()
        about = {"host": socket.gethostname(), "pid": os.getpid(), "started": now.isoformat()}
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self._folder / (name + self._suffix), flags, 0o600)
        header = self._magic + json.dumps(about).encode() + b"\n"
        os.write(self._descriptor, header)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # or the file's name could be lost with the power
        finally:
            os.close(folder)
        self._size, self._opened_at = len(header), now
        return self._descriptor

    def _close_segment(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def _new_name(self) -> str:
        return f"{self._now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}"


class _MissedCount:
    """A number in a memory-mapped file: the kernel keeps it when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, bytes(mmap.PAGESIZE))
            self._map: mmap.mmap | None = mmap.mmap(descriptor, mmap.PAGESIZE)
        finally:
            os.close(descriptor)
        self.value = 0

    def add(self, number: int) -> None:
        self.value += number
        if self._map is not None:
            self._map[:8] = self.value.to_bytes(8, "little")

    def close(self) -> None:
        if self._map is not None:
            self._map.flush()
            self._map.close()
            self._map = None
            if self.value == 0:
                self._path.unlink(missing_ok=True)
