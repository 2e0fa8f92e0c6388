"""What is told to people by itself, once, when it happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    NEEDS_PERSON = "needs a person"
    BY_HAND = "post by hand"  # a delivery of a manual network is due
    MISSED = "missed"
    REJECTED = "rejected"
    BLOCKED = "blocked"  # an account's token does not work
    CLOCK = "clock"  # the wall clock jumped
    DIFFERS = "differs"  # what was read back is not what was recorded
    WAITS = "waits"  # an account's queue stands still: a cap, or failures in a row
    METRIC = "metric gone"  # a network no longer knows a metric's name, or knows it again
    BUDGET = "budget"  # a budget is used up, or a network's credits are
    EXPIRES = "connection ends"  # a token ends and will not be renewed: posts are at risk
    HOURS = "hours"  # last week's are asked for
    TIMER = "timer"  # one was forgotten
    REPORT = "report"  # a month's report is kept
    SCHEDULER = "scheduler"  # it has not ticked: nothing is published


# Told at once: waiting makes them worse. Everything else waits for the day's digest.
URGENT = frozenset(
    {
        NoticeKind.NEEDS_PERSON,
        NoticeKind.BY_HAND,
        NoticeKind.BLOCKED,
        NoticeKind.BUDGET,
        NoticeKind.EXPIRES,
        NoticeKind.SCHEDULER,
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` is a sentence for a person, without secrets. `brand_id` is None for the whole installation."""

    kind: NoticeKind
    text: str
    at: datetime
    brand_id: str | None = None
    account_id: str | None = None
    delivery_id: str | None = None
