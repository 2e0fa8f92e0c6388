"""Weeks of seven UTC days, counted from the day something stopped: 0 is the first one without it, -1 the last before.

A week of which not every day was counted is not there; it is not a week with none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from crosspost.audit.counting.origins import folded
from crosspost.audit.counting.quality import Clean

Weeks = Mapping[int, int]  # what was counted, by the number of the week
WEEK = timedelta(days=7)
NO_NETWORK = ""  # search, newsletters and straight visits


class Counted:
    """What was counted in the weeks around `since`, up to the day on which the audit was made."""

    def __init__(self, data: Clean, since: date, made_at: datetime) -> None:
        self._data, self._since = data, since
        self._end = min(data.ledger.period.end, made_at).date()
        self._visited: dict[str, Counter[int]] = {}
        for row in data.ledger.visit_days:
            name = NO_NETWORK if row.network is None else folded(row.network)
            self._visited.setdefault(name, Counter())[self._week(row.day)] += row.visits

    def visits(self, *names: str) -> Weeks:
        """Visits surely by persons from these networks together; without a name, all visits."""
        counted = [self._visited[name] for name in names or self._visited if name in self._visited]
        known = (week for span in self._data.ledger.visit_spans for week in self._whole(span.start, span.end))
        return {week: sum(one[week] for one in counted) for week in known}

    def leads(self) -> Weeks:
        """Leads by their first contact, from the day after the first one: before it, nobody may have recorded any."""
        days = [lead.contacted_at.date() for lead in self._data.contacts if lead.contacted_at is not None]
        if not days:
            return {}
        counted = Counter(map(self._week, days))
        return {week: counted[week] for week in self._whole(min(days) + timedelta(days=1), self._end)}

    def _week(self, day: date) -> int:
        return (day - self._since).days // 7

    def _whole(self, start: date, end: date) -> Iterable[int]:
        """The weeks of which every day lies in `[start, end)`."""
        return range(-(-(start - self._since).days // 7), (min(end, self._end) - self._since).days // 7)


def first_day(week: int, since: date) -> date:
    """The day on which a week begins."""
    return since + week * WEEK


def before(weeks: Weeks, most: int) -> list[int]:
    """The numbers of the last weeks before that are known without a gap, in order; at most so many."""
    found = []
    for week in range(-1, -most - 1, -1):
        if week not in weeks:
            break
        found.append(week)
    return found[::-1]


def after(weeks: Weeks, most: int) -> list[int]:
    """The numbers of the first weeks after that are known without a gap, in order; at most so many."""
    found = []
    for week in range(most):
        if week not in weeks:
            break
        found.append(week)
    return found
