"""Instants and periods. Every instant is aware, in 1970–2200; every period is `[start, end)`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

YEARS = range(1970, 2201)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class OutOfRange(ValueError, OverflowError):
    """A time that no fact of a business has: a typing error, or a program's way of saying "never"."""


def aware(instant: datetime) -> datetime:
    """The same instant in UTC. A naive datetime is refused: a guessed zone would shift posts by hours.

    Raises ValueError for a naive one, OutOfRange for a year outside 1970–2200.
    """
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant.isoformat()}: say its zone")
    try:
        utc = instant.astimezone(UTC)
    except OverflowError:
        utc = instant.replace(tzinfo=UTC)  # within a day of the year 1 or 9999: out of range either way
    if utc.year not in YEARS:
        raise OutOfRange(f"{instant.isoformat()} is outside the years {YEARS[0]} to {YEARS[-1]}")
    return utc


def microseconds(instant: datetime) -> int:
    """Microseconds from 1970 until an aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(at_us: int) -> datetime:
    """The instant, in UTC, so many microseconds after 1970 began."""
    return _EPOCH + timedelta(microseconds=at_us)


LATEST_US = microseconds(datetime(YEARS[-1], 12, 31, 23, 59, 59, tzinfo=UTC))


def nearest_instant(at_us: int) -> datetime:
    """As `instant_of`; outside the years above, their nearest end: a clock that was never set says 1970."""
    return instant_of(min(max(at_us, 0), LATEST_US))


def ordinary(day: date) -> date:
    """The same day. Raises OutOfRange for a year outside 1970–2200."""
    if day.year not in YEARS:
        raise OutOfRange(f"{day.isoformat()} is outside the years {YEARS[0]} to {YEARS[-1]}")
    return day


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)`, both aware, in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", aware(self.start))
        object.__setattr__(self, "end", aware(self.end))
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def days(self) -> float:
        return (self.end - self.start).total_seconds() / 86_400
