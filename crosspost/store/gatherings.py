"""Events of groups, as their calendars tell of them: kept when they leave it, changed when it changes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from crosspost.domain.errors import NotFound
from crosspost.domain.gathering import Gathering
from crosspost.domain.ids import new_id
from crosspost.store.store import Scope
from crosspost.store.tables import gathering

_FIELDS = (
    "series", "title", "starts_at", "zone", "ends_at", "all_day", "place", "url", "cancelled", "network",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredGathering:
    id: str
    source_id: str
    gathering: Gathering
    changed_at: datetime


def remember(scope: Scope, source_id: str, found: Iterable[Gathering], now: datetime) -> Counter[str]:
    """Keep what a calendar tells, by each event's identity. How many are new, changed, known, and cancelled by this.

    A coming date of a series that the calendar still has, but no longer on that date, is cancelled. An event it does
    not have any more is left as it was: calendars drop what is past, and show only so many of what comes.
    """
    known = {one.gathering.identity: one for one in _of(scope, source_id)}
    counts: Counter[str] = Counter()
    told = {one.identity: one for one in found}
    for one in told.values():
        old = known.get(one.identity)
        if old is None:
            _add(scope, source_id, one, now)
            counts["new"] += 1
        elif old.gathering == one:
            counts["known"] += 1
        else:
            _change(scope, old.id, now, {name: getattr(one, name) for name in _FIELDS})
            counts["cancelled" if one.cancelled and not old.gathering.cancelled else "changed"] += 1
    series = {one.series for one in told.values()}
    for old in known.values():
        gone = old.gathering.series in series and old.gathering.identity not in told
        if gone and old.gathering.starts_at > now and not old.gathering.cancelled:
            _change(scope, old.id, now, {"cancelled": True})
            counts["cancelled"] += 1
    return counts


def gatherings(scope: Scope, since: datetime | None = None, until: datetime | None = None) -> list[StoredGathering]:
    """The brand's gatherings that start in `[since, until)`, in order."""
    query = select(gathering).where(gathering.c.brand_id == scope.brand_id)
    if since is not None:
        query = query.where(gathering.c.starts_at >= since)
    if until is not None:
        query = query.where(gathering.c.starts_at < until)
    rows = scope.connection.execute(query.order_by(gathering.c.starts_at, gathering.c.id))
    return [_stored(row) for row in rows]


def named(scope: Scope, gathering_id: str) -> StoredGathering:
    """One gathering. Raises NotFound."""
    row = scope.connection.execute(
        select(gathering).where(gathering.c.brand_id == scope.brand_id, gathering.c.id == gathering_id)
    ).first()
    if row is None:
        raise NotFound(f"no gathering has the id {gathering_id!r}", remedy="see `crosspost gathering list`")
    return _stored(row)


def _of(scope: Scope, source_id: str) -> list[StoredGathering]:
    rows = scope.connection.execute(
        select(gathering).where(gathering.c.brand_id == scope.brand_id, gathering.c.source_id == source_id)
    )
    return [_stored(row) for row in rows]


def _add(scope: Scope, source_id: str, one: Gathering, now: datetime) -> None:
    scope.connection.execute(
        insert(gathering).values(
            id=new_id(now), brand_id=scope.brand_id, source_id=source_id, identity=one.identity, changed_at=now,
            **{name: getattr(one, name) for name in _FIELDS},
        )
    )  # fmt: skip


def _change(scope: Scope, gathering_id: str, now: datetime, values: dict[str, object]) -> None:
    scope.connection.execute(
        update(gathering)
        .where(gathering.c.brand_id == scope.brand_id, gathering.c.id == gathering_id)
        .values(changed_at=now, **values)
    )


def _stored(row: Row[Any]) -> StoredGathering:
    told = {name: getattr(row, name) for name in _FIELDS}
    return StoredGathering(row.id, row.source_id, Gathering(identity=row.identity, **told), row.changed_at)
