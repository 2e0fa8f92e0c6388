"""Interruptions as they were declared. One that is withdrawn stays, and is told as withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.interruption import Interruption
from crosspost.store.events import record
from crosspost.store.outcomes import Outcome
from crosspost.store.store import Scope
from crosspost.store.tables import interruption

Look = tuple[str, datetime]  # kind, instant


@dataclass(frozen=True, slots=True)
class StoredInterruption:
    """`looked` is the last look, at what followed, before it was declared; None: nobody had looked."""

    id: str
    told: Interruption
    declared_at: datetime
    declared_by: str
    looked: Look | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


def declare(
    scope: Scope, new: Interruption, looked: Look | None, now: datetime, *, who: str
) -> tuple[Outcome, StoredInterruption]:
    """Record an interruption. The same again fills in what was open: its end, or where the brand moved.

    An end that is told after a look makes it one that was declared after looking. Raises Conflict where the same
    thing is declared to have stopped at another time that overlaps, or otherwise; BadInput without a reason.
    """
    for one in declared(scope):
        if one.withdrawn_at is None and one.told.stopped == new.stopped and _overlap(one.told, new):
            if one.told.since != new.since:
                raise Conflict(
                    f"{new.stopped} is declared to have stopped on {one.told.since}", remedy=_withdraw(one.told)
                )
            return _filled(scope, one, new, looked, now, who)
    if new.why is None:
        raise BadInput(f"why did {new.stopped} stop?", remedy="give --why: every report prints it, so name no person")
    made = StoredInterruption(new_id(now), new, now, who, looked)
    scope.connection.execute(
        insert(interruption).values(
            id=made.id, brand_id=scope.brand_id, stopped=new.stopped, since=new.since, until=new.until, why=new.why,
            moved_to=new.moved_to, declared_at=now, declared_by=who, looked_kind=looked and looked[0],
            looked_at=looked and looked[1],
        )
    )  # fmt: skip
    record(scope, "interruption declared", made.id, who=who, now=now, stopped=new.stopped, since=str(new.since))
    return Outcome.RECORDED, made


def _filled(
    scope: Scope, old: StoredInterruption, new: Interruption, looked: Look | None, now: datetime, who: str
) -> tuple[Outcome, StoredInterruption]:
    given: dict[str, Any] = {"until": new.until, "why": new.why, "moved_to": new.moved_to}
    told = {name: value for name, value in given.items() if value is not None}
    known = {name: getattr(old.told, name) for name in told}
    if differs := [name for name, value in told.items() if known[name] not in (None, value)]:
        was = ", ".join(f"{name}: {known[name]}" for name in differs)
        raise Conflict(f"it is declared otherwise ({was})", remedy=_withdraw(old.told))
    more = {name: value for name, value in told.items() if known[name] is None}
    if not more:
        return Outcome.KNOWN, old
    made = replace(
        old, told=replace(old.told, **more), looked=old.looked or (looked if "until" in more else None)
    )  # fmt: skip
    columns = {**more, "looked_kind": made.looked and made.looked[0], "looked_at": made.looked and made.looked[1]}
    mine = interruption.c.brand_id == scope.brand_id, interruption.c.id == old.id
    scope.connection.execute(update(interruption).where(*mine).values(columns))
    record(scope, "interruption filled in", old.id, who=who, now=now, **{key: str(one) for key, one in more.items()})
    return Outcome.UPDATED, made


def declared(scope: Scope) -> list[StoredInterruption]:
    """The brand's interruptions in the order of their days, withdrawn ones too."""
    rows = scope.connection.execute(
        select(interruption)
        .where(interruption.c.brand_id == scope.brand_id)
        .order_by(interruption.c.since, interruption.c.stopped, interruption.c.id)
    )
    return [_stored(row) for row in rows]


def withdraw(scope: Scope, stopped: str, since: date | None, now: datetime, *, who: str) -> StoredInterruption:
    """Take back a declaration; without a day, the only one of that name. Raises NotFound, Conflict."""
    found = [
        one for one in declared(scope)
        if one.withdrawn_at is None and one.told.stopped == stopped and since in (None, one.told.since)
    ]  # fmt: skip
    if not found:
        raise NotFound(f"no such interruption of {stopped} is declared", remedy="see `crosspost interruption list`")
    if len(found) > 1:
        days = ", ".join(str(one.told.since) for one in found)
        raise Conflict(f"{stopped} stopped more than once: {days}", remedy="say which: --from")
    mine = interruption.c.brand_id == scope.brand_id, interruption.c.id == found[0].id
    scope.connection.execute(update(interruption).where(*mine).values(withdrawn_at=now, withdrawn_by=who))
    record(scope, "interruption withdrawn", found[0].id, who=who, now=now, stopped=stopped)
    return replace(found[0], withdrawn_at=now, withdrawn_by=who)


def _overlap(one: Interruption, other: Interruption) -> bool:
    return (one.until or date.max) > other.since and (other.until or date.max) > one.since


def _withdraw(told: Interruption) -> str:
    return f"take that back first: crosspost interruption withdraw {told.stopped} --from {told.since}"


def _stored(row: Row[tuple[object, ...]]) -> StoredInterruption:
    told = Interruption(row.stopped, row.since, row.until, row.why, row.moved_to)
    looked = None if row.looked_at is None else (row.looked_kind, row.looked_at)
    return StoredInterruption(
        row.id, told, row.declared_at, row.declared_by, looked, row.withdrawn_at, row.withdrawn_by
    )
