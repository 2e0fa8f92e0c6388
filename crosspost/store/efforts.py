"""Hours and fees spent on channels, and the timers that are running."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update

from crosspost.domain.business import HOUR_PLACES, Effort, check_effort
from crosspost.domain.errors import NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.money import Money
from crosspost.domain.period import Period
from crosspost.store.events import record
from crosspost.store.outcomes import Origin, Outcome, Recorded
from crosspost.store.rows import compare, money
from crosspost.store.rows import origin as origin_of
from crosspost.store.store import Scope
from crosspost.store.tables import effort, timer


@dataclass(frozen=True, slots=True)
class StoredEffort:
    id: str
    effort: Effort
    source: str
    source_id: str
    origin: Origin | None = None


def record_effort(
    scope: Scope, new: Effort, source: str, source_id: str, now: datetime, origin: Origin | None = None
) -> Recorded:
    """Record hours and fees spent on a channel. Hours or fees that were open are filled in: UPDATED.

    Raises BadInput for an effort that cannot be.
    """
    check_effort(new, now)
    values: dict[str, Any] = {
        "channel": new.channel, "start": new.start, "days": new.days,
        "hours": None if new.hours is None else new.hours.quantize(HOUR_PLACES),
        "fees_minor": None if new.fees is None else new.fees.minor,
        "currency": None if new.fees is None else new.fees.currency,
    }  # fmt: skip
    known = scope.connection.execute(
        select(effort).where(
            effort.c.brand_id == scope.brand_id, effort.c.source == source, effort.c.source_id == source_id
        )
    ).one_or_none()
    if known is not None:
        differences, more = compare(dict(known._mapping), values, elsewhere=False)
        if differences:
            return Recorded(Outcome.DIFFERS, known.id, differences)
        if more:
            mine = effort.c.brand_id == scope.brand_id, effort.c.id == known.id
            scope.connection.execute(update(effort).where(*mine).values(more))
        return Recorded(Outcome.UPDATED if more else Outcome.KNOWN, known.id, tuple(more))
    row = {
        "id": new_id(now), "brand_id": scope.brand_id, "source": source, "source_id": source_id, **values,
        "file_sha256": origin.sha256 if origin else None, "file_line": origin.line if origin else None,
        "file_part": origin.part if origin else None,
    }  # fmt: skip
    scope.connection.execute(insert(effort).values(row))
    return Recorded(Outcome.RECORDED, str(row["id"]))


def correct_effort(
    scope: Scope, source: str, source_id: str, hours: Decimal | None, fees: Money | None, now: datetime, *, who: str
) -> Recorded:
    """Say that the hours, and the fees where they are given, were recorded wrongly; what they were stays in the trail.

    Raises NotFound, BadInput.
    """
    old = next((one for one in stored(scope) if (one.source, one.source_id) == (source, source_id)), None)
    if old is None:
        raise NotFound("no hours are recorded there", remedy="leave --correct out")
    new = replace(old.effort, hours=hours, fees=fees or old.effort.fees)
    check_effort(new, now)
    if new == old.effort:
        return Recorded(Outcome.KNOWN, old.id)
    values = {
        "hours": None if hours is None else hours.quantize(HOUR_PLACES),
        "fees_minor": None if new.fees is None else new.fees.minor,
        "currency": None if new.fees is None else new.fees.currency,
    }  # fmt: skip
    scope.connection.execute(
        update(effort).where(effort.c.brand_id == scope.brand_id, effort.c.id == old.id).values(values)
    )
    was = {"hours": str(old.effort.hours), "fees": str(old.effort.fees)}
    record(scope, "effort corrected", old.id, who=who, now=now, was=was)
    return Recorded(
        Outcome.UPDATED, old.id, tuple(name for name in ("hours", "fees") if _changed(old.effort, new, name))
    )


def _changed(old: Effort, new: Effort, name: str) -> bool:
    return bool(getattr(old, name) != getattr(new, name))


def efforts(scope: Scope, period: Period | None = None) -> list[Effort]:
    """Hours and fees of the brand; with a period, those whose first day lies in it."""
    return [
        one.effort
        for one in stored(scope)
        if period is None or period.start.date() <= one.effort.start < period.end.date()
    ]


def stored(scope: Scope) -> list[StoredEffort]:
    """The brand's efforts with who told them, oldest first."""
    query = select(effort).where(effort.c.brand_id == scope.brand_id).order_by(effort.c.start, effort.c.id)
    return [
        StoredEffort(
            row.id,
            Effort(
                row.channel, row.start, row.days, None if row.hours is None else Decimal(row.hours),
                money(row.fees_minor, row.currency),
            ),
            row.source, row.source_id, origin_of(dict(row._mapping)),
        )
        for row in scope.connection.execute(query)
    ]  # fmt: skip


def overlapping(scope: Scope, start: date, end: date) -> list[StoredEffort]:
    """The brand's efforts of which some day lies in `[start, end)`."""
    return [
        one
        for one in stored(scope)
        if one.effort.start < end and date.toordinal(one.effort.start) + one.effort.days > date.toordinal(start)
    ]


def timers(scope: Scope) -> dict[str, datetime]:
    """The timers that run: channel, folded → since when."""
    rows = scope.connection.execute(
        select(timer.c.channel, timer.c.started_at)
        .where(timer.c.brand_id == scope.brand_id)
        .order_by(timer.c.started_at)
    )
    return {row.channel: row.started_at for row in rows}


def start_timer(scope: Scope, channel: str, now: datetime) -> None:
    """A timer begins. There is none on the channel."""
    scope.connection.execute(insert(timer).values(brand_id=scope.brand_id, channel=channel, started_at=now))


def end_timer(scope: Scope, channel: str) -> None:
    """A timer is no more."""
    scope.connection.execute(delete(timer).where(timer.c.brand_id == scope.brand_id, timer.c.channel == channel))
