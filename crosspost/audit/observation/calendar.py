"""Calendar months (UTC), as text such as "2025-03", and what is known of each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crosspost.audit.counting.origins import folded
from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Absent
from crosspost.domain.message import channel, join, say
from crosspost.domain.period import Period


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name; UTC where this machine knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def month_of(day: date | datetime) -> str:
    """The month of a day, or of an instant in UTC."""
    return f"{day.year:04d}-{day.month:02d}"


def number(month: str) -> int:
    """Months since the year 0: the distance of two months is the difference of their numbers."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def named(index: int) -> str:
    """The month of a number."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def days_of(month: str) -> list[date]:
    first, last = first_day(month), first_day(named(number(month) + 1))
    return [first + timedelta(days=index) for index in range((last - first).days)]


def between(months: Iterable[str]) -> list[str]:
    """Every month from the first to the last of `months`, the quiet ones too."""
    known = sorted(months)
    if not known:
        return []
    return [named(index) for index in range(number(known[0]), number(known[-1]) + 1)]


def whole(period: Period) -> list[str]:
    """The months that the period holds from their first day to their last."""
    first = month_of(period.start)
    if period.start > datetime.combine(first_day(first), time.min, UTC):
        first = named(number(first) + 1)
    last = month_of(period.end)  # the period ends in it: it is not whole
    return [month for month in between({first, last}) if first <= month < last]


def followers_at(ledger: Ledger, months: Sequence[str]) -> dict[str, float | Absent]:
    """Followers at the last reading of each month, networks added up; absent where a network was not read."""
    read: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in sorted(ledger.followers, key=lambda row: (row.at, row.value or 0)):
        if row.value is not None:
            read[month_of(row.at)][folded(row.network)] = row.value
    followed = {folded(row.network) for row in ledger.followers if row.value is not None}
    found: dict[str, float | Absent] = {}
    for month in months:
        lacking = sorted(name for name in followed - set(read[month]) if not ledger.gone(name, first_day(month)))
        found[month] = Absent(
            say("no reading on {names}", names=join(", ", map(channel, lacking))) if lacking else say("never read")
        )
        if read[month] and not lacking:
            found[month] = math.fsum(read[month].values())
    return found
