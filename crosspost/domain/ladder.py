"""When a post's metrics are read: dense while young, sparse later, for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

# Ages in hours. Day 28 stands before X's private metrics end at 30 days (docs.x.com, post metrics, 2026-08).
_RUNGS_H = (1, 3, 6, 12, 24, 48, 72, 120, 168, 240, 336, 504, 672)
_LATER = timedelta(days=30)


def next_reading(published_at: datetime, now: datetime) -> datetime:
    """The next instant after `now` at which a post published at `published_at` is read."""
    for hours in _RUNGS_H:
        if (at := published_at + timedelta(hours=hours)) > now:
            return at
    last = published_at + timedelta(hours=_RUNGS_H[-1])
    steps = (now - last) // _LATER + 1
    return last + steps * _LATER
