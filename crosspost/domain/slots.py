"""When a delivery is due: wall time in the owner's zone, turned into one instant by stated rules.

A time that does not exist (the clock jumps over it) is shifted forward by the gap: 02:30 becomes 03:30.
A time that exists twice is the first of the two.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.domain.period import Period, aware

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SLOT = re.compile(r"^(?:(mon|tue|wed|thu|fri|sat|sun)\s+)?([01]?\d|2[0-3]):([0-5]\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Due:
    """One instant, and the wall time it came from. `note` says when a DST rule moved or chose it."""

    at: datetime
    local: str
    zone: str
    note: str | None = None


def resolve(local: datetime, zone: ZoneInfo) -> Due:
    """The instant of a wall time (naive) in a zone, by the two rules above."""
    if local.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    first = local.replace(tzinfo=zone, fold=0)
    at = first.astimezone(UTC)
    note = None
    if at.astimezone(zone).replace(tzinfo=None) != local:
        # Inside a gap fold=0 uses the offset before it, which lands exactly one gap later on the wall clock.
        note = f"{local:%H:%M} does not exist that day: moved to {at.astimezone(zone):%H:%M}"
    elif local.replace(tzinfo=zone, fold=1).astimezone(UTC) != at:
        note = f"{local:%H:%M} exists twice that day: the first is meant"
    return Due(at=at, local=local.isoformat(timespec="minutes"), zone=zone.key, note=note)


def parse_slot(slot: str) -> tuple[int | None, time]:
    """`"tue 09:00"` → (1, 09:00); `"09:00"` → (None, 09:00). Raises BadInput."""
    found = _SLOT.match(slot.strip())
    if found is None:
        raise BadInput(f"{slot!r} is not a slot", remedy='write "tue 09:00", or "09:00" for every day')
    day, hour, minute = found.groups()
    return (_DAYS.index(day.lower()) if day else None), time(int(hour), int(minute))


def upcoming(slots: Sequence[str], zone: ZoneInfo, after: datetime) -> Iterator[Due]:
    """The slots' instants strictly after `after`, in order, without end. No slots: nothing."""
    wanted = sorted({parse_slot(slot) for slot in slots}, key=lambda pair: (pair[1], pair[0] or 0))
    if not wanted:
        return
    day = aware(after).astimezone(zone).date() - timedelta(days=1)
    while True:
        on_day = {
            (due := resolve(datetime.combine(day, at), zone)).at: due
            for weekday, at in wanted
            if weekday is None or weekday == day.weekday()
        }
        for instant in sorted(on_day):
            if instant > after:
                yield on_day[instant]
        day += timedelta(days=1)


def next_free(
    slots: Sequence[str], zone: ZoneInfo, after: datetime, taken: Container[datetime], paused: Sequence[Period] = ()
) -> Due:
    """The first slot after `after` that no other delivery holds and that lies in no paused period. Raises BadInput when
    the account has no slots."""
    for due in upcoming(slots, zone, after):
        if due.at not in taken and not any(due.at in one for one in paused):
            return due
    raise BadInput("the account has no queue slots", remedy='crosspost account set … --slot "tue 09:00", or plan --at')
