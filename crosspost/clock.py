"""The one clock. Only the command line makes a real one; everything else is handed it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crosspost.domain.errors import BadInput
from crosspost.domain.period import aware


class Clock(Protocol):
    """Wall time says when something is due; boot time measures how long ago something was.

    Wall time may jump; boot time only grows, through suspend too, and starts again with a new `boot_id`.
    """

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        ...

    def boot_s(self) -> float:
        """Seconds since boot, suspend included."""
        ...

    def boot_id(self) -> str: ...

    def idle_until(self, instant: datetime) -> None:
        """Nothing to do before `instant`. A real clock returns at once (the ticker paces); a virtual one moves on."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def boot_s(self) -> float:
        # macOS has no CLOCK_BOOTTIME: its monotonic clock stops in sleep, so windows only get longer there.
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def boot_id(self) -> str:
        return _boot_id()

    def idle_until(self, instant: datetime) -> None:
        return None


@cache
def _boot_id() -> str:
    """Read once: no process outlives its boot."""
    path = Path("/proc/sys/kernel/random/boot_id")
    if path.exists():
        return path.read_text().strip()
    return f"boot-{round(time.time() - time.monotonic(), -1):.0f}"


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"{name!r} is not an IANA time zone", remedy="write it as Europe/Paris") from None


def told_time(text: str, zone_name: str) -> datetime:
    """A day or time as a person writes it, in the zone they think in unless they say another. Raises BadInput."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a date", remedy="write 2026-01-31") from None
    found = found if found.tzinfo else found.replace(tzinfo=zone(zone_name))
    try:
        aware(found)
    except ValueError as error:
        raise BadInput(str(error), remedy="write 2026-01-31") from None
    return found
