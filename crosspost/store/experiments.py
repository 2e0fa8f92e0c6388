"""Experiments that were started, their weeks, who keeps them, and what is held in an off week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]
from sqlalchemy import and_, bindparam, func, insert, select, update

from crosspost.domain.brand import Account
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.errors import NotFound
from crosspost.domain.experiment import Arm, Week, free_slot
from crosspost.domain.ids import record_key
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.period import Period
from crosspost.domain.slots import Due
from crosspost.store import deliveries, events, flights
from crosspost.store.brands import accounts
from crosspost.store.prepared import Prepared
from crosspost.store.store import Scope
from crosspost.store.tables import delivery, experiment, experiment_week


@dataclass(frozen=True, slots=True)
class StoredExperiment:
    """The design, seed and hash are those of its hypothesis. `ends_at` is the locked end."""

    id: str
    key: str
    hypothesis_id: str
    first_day: date
    ends_at: datetime
    started_at: datetime
    started_by: str
    stopped_at: datetime | None = None
    stopped_why: str | None = None
    unblinded_at: datetime | None = None


def add(scope: Scope, new: StoredExperiment, weeks: Iterable[Week]) -> None:
    """A new experiment with the weeks of each of its accounts; none where texts are drawn."""
    scope.connection.execute(
        insert(experiment).values(
            id=new.id, brand_id=scope.brand_id, hypothesis_id=new.hypothesis_id, key=new.key, first_day=new.first_day,
            ends_at=new.ends_at, started_at=new.started_at, started_by=new.started_by,
        )
    )  # fmt: skip
    _add_weeks(scope, new.id, weeks)
    events.record(scope, "experiment started", new.id, who=new.started_by, now=new.started_at, key=new.key)


def _add_weeks(scope: Scope, experiment_id: str, weeks: Iterable[Week]) -> None:
    rows = [
        {"brand_id": scope.brand_id, "experiment_id": experiment_id, "account_id": one.account_id,
         "number": one.number, "starts_at": one.period.start, "ends_at": one.period.end, "arm": one.arm.value}
        for one in weeks
    ]  # fmt: skip
    if rows:
        scope.connection.execute(insert(experiment_week), rows)


def join(scope: Scope, account: Account, now: datetime, *, who: str) -> None:
    """Let an account that came later keep the weeks that were drawn for its network, from the present one on."""
    networks = {one.id: one.network for one in accounts(scope)}
    for one in started(scope):
        found = weeks(scope, one.id)
        if one.stopped_at is not None or any(week.account_id == account.id for week in found):
            continue
        drawn = {
            week.number: week for week in found
            if networks[week.account_id] == account.network and week.period.end > now
        }  # fmt: skip
        if drawn:
            _add_weeks(scope, one.id, [replace(week, account_id=account.id) for week in drawn.values()])
            first = min(drawn)
            events.record(scope, "experiment joined", one.id, who=who, now=now, account=account.id, week=first)


def started(scope: Scope) -> list[StoredExperiment]:
    """The brand's experiments, oldest first."""
    rows = scope.connection.execute(
        select(experiment)
        .where(experiment.c.brand_id == scope.brand_id)
        .order_by(experiment.c.started_at, experiment.c.key)
    )
    return [
        StoredExperiment(
            row.id, row.key, row.hypothesis_id, row.first_day, row.ends_at, row.started_at, row.started_by,
            row.stopped_at, row.stopped_why, row.unblinded_at,
        )
        for row in rows
    ]  # fmt: skip


def of_key(scope: Scope, key: str) -> StoredExperiment:
    """The brand's experiment of that key. Raises NotFound."""
    found = next((one for one in started(scope) if one.key == key), None)
    if found is None:
        raise NotFound(f"no experiment {key!r} was started", remedy="see `crosspost experiment status`")
    return found


def weeks(scope: Scope, experiment_id: str) -> list[Week]:
    """The weeks of an experiment, account by account. Whoever shows them leaves out those to come."""
    rows = scope.connection.execute(
        select(experiment_week)
        .where(experiment_week.c.brand_id == scope.brand_id, experiment_week.c.experiment_id == experiment_id)
        .order_by(experiment_week.c.account_id, experiment_week.c.number)
    )
    return [Week(row.account_id, row.number, Period(row.starts_at, row.ends_at), Arm(row.arm)) for row in rows]


def stop(scope: Scope, running: StoredExperiment, why: str, now: datetime, *, who: str) -> None:
    """From now on nothing is held for it. The weeks that were drawn stay."""
    scope.connection.execute(
        update(experiment)
        .where(experiment.c.brand_id == scope.brand_id, experiment.c.id == running.id)
        .values(stopped_at=now, stopped_why=why)
    )
    events.record(scope, "experiment stopped", running.id, who=who, now=now, why=why)


def unblind(scope: Scope, running: StoredExperiment, now: datetime, *, who: str) -> None:
    """Somebody looks at outcomes before the end. The first time is what later reports tell."""
    scope.connection.execute(
        update(experiment)
        .where(
            experiment.c.brand_id == scope.brand_id, experiment.c.id == running.id, experiment.c.unblinded_at.is_(None)
        )
        .values(unblinded_at=now)
    )
    events.record(scope, "experiment unblinded", running.id, who=who, now=now)


_RUNNING = and_(
    experiment.c.brand_id == experiment_week.c.brand_id,
    experiment.c.id == experiment_week.c.experiment_id,
    experiment.c.stopped_at.is_(None),
)
_OFF = and_(
    experiment_week.c.brand_id == bindparam("brand_id"),
    experiment_week.c.account_id == bindparam("account_id"),
    experiment_week.c.arm == Arm.OFF.value,
    experiment_week.c.ends_at > bindparam("now"),
)
# Read with the account's switches in the transaction of every claim.
OFF_UNTIL = (
    select(func.max(experiment_week.c.ends_at))
    .join(experiment, _RUNNING)
    .where(_OFF, experiment_week.c.starts_at <= bindparam("now"))
    .scalar_subquery()
)
_PAUSED = Prepared(
    select(experiment_week.c.starts_at, experiment_week.c.ends_at)
    .join(experiment, _RUNNING)
    .where(_OFF)
    .order_by(experiment_week.c.starts_at)
)


def paused(scope: Scope, account_id: str, now: datetime) -> list[Period]:
    """The account's off weeks that are not over, of experiments that run."""
    given = {"brand_id": scope.brand_id, "account_id": account_id, "now": now}
    return [Period(row.starts_at, row.ends_at) for row in _PAUSED.all(scope.connection, given)]


_DUE = Prepared(
    select(delivery)
    .where(
        delivery.c.brand_id == bindparam("brand_id"),
        delivery.c.account_id == bindparam("account_id"),
        delivery.c.state == State.SCHEDULED.value,
        delivery.c.parent_id.is_(None),
        delivery.c.due_at <= bindparam("now"),
    )
    .order_by(delivery.c.due_at, delivery.c.id)
)


def hold(scope: Scope, account: Account, now: datetime) -> list[Notice]:
    """In an off week: move what is due to the account's next on week, with the replies that go with it.

    What was too late before the week began is missed, as ever. A reply whose parent is out goes out too.
    """
    off = paused(scope, account.id, now)
    given = {"brand_id": scope.brand_id, "account_id": account.id, "now": now}
    told = []
    for raw in _DUE.all(scope.connection, given):
        row = deliveries.from_row(raw)
        if row.expires_at < off[0].start:
            continue
        taken = deliveries.taken(scope, account.id, now)
        due = free_slot(account.slots, row.due_local, ZoneInfo(row.zone), now, taken, off)
        reason = f"held: an off week of an experiment, nothing is to be posted; moved to {due.local}"
        _move(scope, row, due, reason, now)
        for reply in deliveries.replies(scope, row.id):
            if reply.state in (State.SCHEDULED, State.DRAFT) and reply.owner is None:
                _move(scope, reply, due, reason, now)
        told.append(Notice(NoticeKind.WAITS, f"{account.network} {account.handle}: {reason}", now, scope.brand_id,
                           account.id, row.id))  # fmt: skip
    return told


def _move(scope: Scope, row: Delivery, due: Due, reason: str, now: datetime) -> None:
    """Another time for what was approved: words, link and key stay. What was tried once keeps its record key, too."""
    key = row.record_key if row.attempts else record_key(due.at, row.id, row.revision)
    flights.write(
        scope, row, due_at=due.at, due_local=due.local, zone=due.zone, tzdata=tzdata.IANA_VERSION, record_key=key,
        reason=reason, epoch=row.epoch + 1, changed_at=now,
    )  # fmt: skip
    detail: dict[str, Any] = {"before": row.due_at.isoformat(), "due_at": due.at.isoformat()}
    events.record(scope, "held by an experiment", row.id, who="scheduler", now=now, **detail)


def overlapping(scope: Scope, account_id: str, span: Period) -> str | None:
    """The key of a running experiment that has the account in some week of the span."""
    found: str | None = scope.connection.execute(
        select(experiment.c.key)
        .join(experiment_week, _RUNNING)
        .where(
            experiment_week.c.brand_id == scope.brand_id, experiment_week.c.account_id == account_id,
            experiment_week.c.starts_at < span.end, experiment_week.c.ends_at > span.start,
        )
        .limit(1)
    ).scalar_one_or_none()  # fmt: skip
    return found
