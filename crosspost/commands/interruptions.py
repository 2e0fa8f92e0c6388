"""Declare that something stopped in a brand, and say of each declaration whether somebody had looked before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from crosspost.audit.ledger import InterruptionRow
from crosspost.domain.brand import Brand
from crosspost.domain.interruption import Interruption
from crosspost.store import hypotheses, interruptions
from crosspost.store.interruptions import StoredInterruption
from crosspost.store.outcomes import Outcome
from crosspost.store.store import Scope, Store


def declare(
    store: Store, brand: Brand, new: Interruption, now: datetime, *, who: str
) -> tuple[Outcome, StoredInterruption]:
    """Record that something stopped, and whether anybody had looked at what followed. Raises BadInput, Conflict."""
    with store.write(brand.id) as scope:
        return declare_within(scope, new, now, who=who)


def declare_within(
    scope: Scope, new: Interruption, now: datetime, *, who: str, anew: bool = True
) -> tuple[Outcome, StoredInterruption]:
    """The same, within a transaction that may still fail. Unless `anew`, one that was withdrawn stays so: REMOVED."""
    gone = [one for one in interruptions.declared(scope) if one.withdrawn_at is not None]
    if not anew and (same := [one for one in gone if (one.told.stopped, one.told.since) == (new.stopped, new.since)]):
        return Outcome.REMOVED, same[-1]
    began = datetime.combine(new.since, time.min, UTC)  # as the audit counts its weeks
    looked = hypotheses.last_look(scope, began)
    return interruptions.declare(scope, new, looked, now.replace(microsecond=0), who=who)


def rows(scope: Scope, now: datetime) -> Sequence[InterruptionRow]:
    """What was declared until now, as an audit is given it."""
    return [
        InterruptionRow(
            stopped=one.told.stopped, since=one.told.since, until=one.told.until, why=one.told.why,
            declared_at=one.declared_at, looked=one.looked and one.looked[0], looked_at=one.looked and one.looked[1],
            moved_to=one.told.moved_to,
            withdrawn_at=one.withdrawn_at if one.withdrawn_at is not None and one.withdrawn_at <= now else None,
        )
        for one in interruptions.declared(scope)
        if one.declared_at <= now
    ]  # fmt: skip
