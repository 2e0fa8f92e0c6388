"""The ticker: runs jobs at intervals. The store is the schedule; nothing is remembered here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from crosspost.clock import Clock, SystemClock

log = logging.getLogger(__name__)

# name, seconds between two runs, and what is run: it may answer when it next has something to do.
Job = tuple[str, float, Callable[[datetime], datetime | None]]

_ROUND_S = 0.01  # on a virtual clock rounds follow each other: its time only moves between them
_WATCH_S = 1.0
_JUMP_S = 2.0


def run(clock: Clock, jobs: Sequence[Job], stop: Event) -> None:
    """Run every job now and then at its interval, one run of a job at a time, until `stop` is set.

    On the real clock jobs run beside each other. On a virtual one they run in rounds, in the order given, and time
    moves to the earliest instant that one of them asked for, or by the longest interval when none did.
    A job that raises is logged and runs again.
    """
    # Its own lines are about the ticker, one for each run that is still going on: not news.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    real = isinstance(clock, SystemClock)
    ticking: list[tuple[str, float, Callable[[], object]]] = (
        [(name, every_s, _guarded(name, act, clock.now)) for name, every_s, act in jobs]
        if real
        else [("round", _ROUND_S, lambda: _round(clock, jobs, stop))]
    )
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(ticking))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, every_s, act in ticking:
        scheduler.add_job(act, "interval", seconds=every_s, id=name, next_run_time=datetime.now(UTC))
    scheduler.start()
    try:
        _watch(scheduler, stop)
    finally:
        stop.set()
        scheduler.shutdown(wait=True)


def _guarded(
    name: str, act: Callable[[datetime], datetime | None], now: Callable[[], datetime]
) -> Callable[[], datetime | None]:
    def once() -> datetime | None:
        try:
            return act(now())
        except Exception as error:  # the next run must come whatever this one met
            log.error("job %s failed: %s", name, type(error).__name__, exc_info=True)
            return None

    return once


def _round(clock: Clock, jobs: Sequence[Job], stop: Event) -> None:
    wishes = []
    now = clock.now()  # read once, over HTTP: virtual time stands still while we are busy
    for name, _every_s, act in jobs:
        if stop.is_set():
            return
        wishes.append(_guarded(name, act, lambda: now)())
    longest = now + timedelta(seconds=max(every_s for _, every_s, _ in jobs))
    wanted = min((wish for wish in wishes if wish is not None), default=longest)
    if not stop.is_set():
        clock.idle_until(wanted)


def _watch(scheduler: BackgroundScheduler, stop: Event) -> None:
    """Wait for the end. Intervals are counted on the wall clock: when it is set back, every job is due at once,
    or nothing would tick until the old time comes round again."""
    offset = time.time() - time.monotonic()
    while not stop.wait(_WATCH_S):
        moved = time.time() - time.monotonic() - offset
        if abs(moved) > _JUMP_S:
            offset += moved
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))
