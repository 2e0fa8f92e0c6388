"""Visits counted, from their day counts; from the visits themselves alone where a period cuts a day in two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from crosspost.domain.period import Period
from crosspost.domain.privacy import day_start
from crosspost.domain.traffic import Judgement
from crosspost.store import links
from crosspost.store.store import Scope
from crosspost.store.tables import link, visit, visit_day

_DAY = timedelta(days=1)
_Key = tuple[date, str, str, str]  # UTC day of the start, code, network, judgement


@dataclass(frozen=True, slots=True)
class VisitCount:
    """Visits that began on one UTC day under one code and judgement. `network` is the one of the code's account, else
    the one that the address or the referrer named; None where neither did."""

    network: str | None
    code: str | None
    day: date
    judgement: Judgement
    visits: int


def counts(scope: Scope, period: Period | None = None) -> list[VisitCount]:
    """Visits per network, code, UTC day and judgement. Sum what you do not need apart: a visit is in one row alone.

    Of a day whose visits are gone only the whole is known: it counts where the period holds most of it.
    """
    found = _days(scope)
    if period is not None:
        first, last = day_start(period.start), day_start(period.end)
        inside = {key: number for key, number in found.items() if first.date() <= key[0] <= last.date()}
        for day in {first, last}:
            start, end = max(day, period.start), min(day + _DAY, period.end)
            if end - start < _DAY:
                kept = _began(scope, day, day + _DAY)
                whole = {key: number for key, number in inside.items() if key[0] == day.date()}
                inside = {key: number for key, number in inside.items() if key[0] != day.date()}
                inside |= _began(scope, start, end) if kept else whole if end - start > _DAY / 2 else {}
        found = inside
    networks = links.networks(scope)
    return [
        VisitCount(networks.get(code) or network or None, code or None, day, Judgement(judgement), number)
        for (day, code, network, judgement), number in sorted(found.items())
    ]


def first_day(scope: Scope) -> date | None:
    """The first day of which a visit is known."""
    query = select(func.min(visit_day.c.day)).where(visit_day.c.brand_id == scope.brand_id)
    found: date | None = scope.connection.execute(query).scalar_one()
    return found


def _days(scope: Scope) -> dict[_Key, int]:
    query = select(visit_day).where(visit_day.c.brand_id == scope.brand_id)
    return {(row.day, row.code, row.network, row.judgement): row.visits for row in scope.connection.execute(query)}


def _began(scope: Scope, start: datetime, end: datetime) -> dict[_Key, int]:
    """Counted from the visits themselves; the two instants are of one UTC day."""
    keys = (func.coalesce(link.c.code, ""), visit.c.network, visit.c.judgement)
    query = (
        select(*keys, func.count())
        .select_from(visit)
        .outerjoin(link, (link.c.brand_id == visit.c.brand_id) & (link.c.code == visit.c.code))
        .where(visit.c.brand_id == scope.brand_id, visit.c.started_at >= start, visit.c.started_at < end)
        .group_by(*keys)
    )
    rows = scope.connection.execute(query)
    return {(start.date(), code, network, judgement): number for code, network, judgement, number in rows}
