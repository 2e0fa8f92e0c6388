"""A dated event of a group, read from its calendar: what a touchpoint can name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Gathering:
    """`identity` is the calendar's own id, and of a series the start it was planned for: who moves one keeps it.

    `zone` is where its wall time is meant; of a whole day, `starts_at` is that zone's midnight. `network` is the one
    whose calendar it is, None for a calendar of no network.
    """

    identity: str
    series: str  # the calendar's id without the start
    title: str
    starts_at: datetime
    zone: str
    ends_at: datetime | None = None
    all_day: bool = False
    place: str | None = None
    url: str | None = None
    cancelled: bool = False
    network: str | None = None
