"""The weeks of an experiment as its accounts live them: Mondays at 00:00 in the brand's zone, one arm each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.domain.period import Period
from crosspost.domain.slots import Due, next_free, resolve


class Arm(StrEnum):
    ON = "on"  # what is planned goes out
    OFF = "off"  # nothing planned goes out


@dataclass(frozen=True, slots=True)
class Week:
    """One account's week. `number` counts from 1."""

    account_id: str
    number: int
    period: Period
    arm: Arm


def mondays(first: date, weeks: int, zone: ZoneInfo) -> tuple[Period, ...]:
    """The weeks from a Monday on, in the zone: 167 or 169 hours long where a clock is changed. Raises BadInput."""
    if first.weekday() != 0:
        raise BadInput(f"{first} is no Monday", remedy=f"begin on {next_monday(first)}")
    starts = [resolve(datetime.combine(first + timedelta(weeks=n), time.min), zone).at for n in range(weeks + 1)]
    return tuple(Period(start, end) for start, end in zip(starts[:-1], starts[1:], strict=True))


def next_monday(day: date) -> date:
    """The first Monday after that day."""
    return day + timedelta(days=7 - day.weekday())


def free_slot(
    slots: Sequence[str], local: str, zone: ZoneInfo, after: datetime, taken: set[datetime], paused: Sequence[Period]
) -> Due:
    """When a delivery held in an off week goes out: at the account's first free slot in no off week; without slots, at
    its own wall time so many weeks later."""
    if slots:
        return next_free(slots, zone, after, taken, paused)
    due = resolve(datetime.fromisoformat(local), zone)
    wall = datetime.fromisoformat(due.local)
    while due.at <= after or any(due.at in one for one in paused):
        wall += timedelta(weeks=1)
        due = resolve(wall, zone)
    return due
