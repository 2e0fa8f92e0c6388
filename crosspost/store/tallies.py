"""What other tools counted, each number once, and what it was before where a later export corrected it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select, update

from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.ids import new_id
from crosspost.domain.period import Period, aware
from crosspost.domain.tally import Tally, check_tally
from crosspost.store.outcomes import Origin, Outcome, Recorded, Result
from crosspost.store.store import Scope
from crosspost.store.tables import tally as table

_AT_ONCE = 500
_A_DAY = timedelta(days=1)  # ends are stored as the day after the last, and told as the last
_PLACES = Decimal("0.0001")
_DIMENSIONS = (
    "tool", "metric", "by", "start", "end", "additive", "reason", "site", "source", "medium", "campaign",
    "content", "term", "page", "label", "channel_group", "network", "code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredTally:
    id: str
    tally: Tally
    origin: Origin


def record_tallies(scope: Scope, facts: Sequence[tuple[Tally, Origin]], now: datetime, *, newer: bool) -> list[Result]:
    """Record numbers, in order. One that is refused stands in the list as its error and is not recorded.

    The same number is known. One that has grown for the same period replaces the one before, which is kept as
    superseded; one that has shrunk does so only if the file is said to be `newer`. A period that overlaps another of
    its breakdown in part is refused: both would count some days.
    """
    taken = _Periods(scope, {one.series for one, _ in facts})
    known = _known(scope, [_key(one) for one, _ in facts])
    results: list[Result] = []
    new: list[dict[str, Any]] = []
    for tally, origin in facts:
        try:
            check_tally(tally, now.date())
        except BadInput as error:
            results.append(error)
            continue
        value = None if tally.value is None else tally.value.quantize(_PLACES)
        key = _key(tally)
        before = known.get(key)
        if before is None:
            if (clash := taken.clash(tally)) is not None:
                results.append(_overlap(tally, clash))
                continue
            taken.add(tally)
            row = _row(scope, tally, value, key, origin, now)
            new.append(row)
            known[key] = (row["id"], value, origin)
            results.append(Recorded(Outcome.RECORDED, row["id"]))
            continue
        before_id, stored, from_file = before
        if from_file.sha256 == origin.sha256:
            results.append(_twice(tally, from_file))
        elif value is None or stored == value:
            results.append(Recorded(Outcome.KNOWN, before_id))
        elif stored is not None and value < stored and not newer:
            results.append(_shrunk(tally, stored))
        else:
            row = _row(scope, tally, value, key, origin, now)
            _supersede(scope, before_id, now)
            new.append(row)
            known[key] = (row["id"], value, origin)
            results.append(Recorded(Outcome.UPDATED, row["id"], ("value",)))
    for start in range(0, len(new), _AT_ONCE):
        scope.connection.execute(insert(table), new[start : start + _AT_ONCE])
    return results


def tallies(scope: Scope, period: Period | None = None) -> list[StoredTally]:
    """The brand's tallies as they stand, oldest first; with a period, those whose days all lie in it."""
    query = (
        select(table)
        .where(table.c.brand_id == scope.brand_id, table.c.superseded_at.is_(None))
        .order_by(table.c.start, table.c.tool, table.c.id)
    )
    if period is not None:
        query = query.where(table.c.start >= period.start.date(), table.c.end <= period.end.date())
    return [_stored(row) for row in scope.connection.execute(query)]


class _Periods:
    """The periods that are stored of each breakdown."""

    def __init__(self, scope: Scope, series: set[tuple[str, ...]]) -> None:
        self._of: defaultdict[tuple[str, ...], set[tuple[date, date]]] = defaultdict(set)
        query = (
            select(table.c.tool, table.c.site, table.c.by, table.c.metric, table.c.start, table.c.end)
            .where(table.c.brand_id == scope.brand_id, table.c.tool.in_(sorted({one[0] for one in series})))
            .distinct()
        )
        for row in scope.connection.execute(query):
            self._of[row.tool, row.site or "", row.by, row.metric].add((row.start, row.end))

    def clash(self, tally: Tally) -> tuple[date, date] | None:
        """A stored period that shares days with the tally's and is another one."""
        mine = (tally.start, tally.end)
        known = self._of[tally.series]
        if mine in known:
            return None
        return next((one for one in sorted(known) if one[0] < tally.end and tally.start < one[1]), None)

    def add(self, tally: Tally) -> None:
        self._of[tally.series].add((tally.start, tally.end))


def _overlap(tally: Tally, stored: tuple[date, date]) -> BadInput:
    return BadInput(
        f"{tally.tool} {tally.metric} by {tally.by} from {tally.start} to {tally.end - _A_DAY} overlaps with what is "
        f"stored from {stored[0]} to {stored[1] - _A_DAY}: some days would count twice",
        remedy="export a period that does not overlap, the same one again, or one row a day",
    )


def _shrunk(tally: Tally, stored: Decimal) -> Conflict:
    return Conflict(
        f"{tally.tool} {tally.metric} was {stored.normalize():f} for the same period, and is {tally.value:f} here",
        remedy="--newer if this export is the newer one",
    )


def _twice(tally: Tally, first: Origin) -> BadInput:
    return BadInput(
        f"{tally.tool} {tally.metric} of the same period and dimensions is on line {first.line} already",
        remedy="export it again: a table tells each number once",
    )


def _key(tally: Tally) -> str:
    return hashlib.sha256("\x1f".join(tally.identity).encode()).hexdigest()


def _known(scope: Scope, keys: Iterable[str]) -> dict[str, tuple[str, Decimal | None, Origin]]:
    found: dict[str, tuple[str, Decimal | None, Origin]] = {}
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(table).where(
            table.c.brand_id == scope.brand_id,
            table.c.superseded_at.is_(None),
            table.c.key.in_(wanted[start : start + _AT_ONCE]),
        )
        for row in scope.connection.execute(query):
            found[row.key] = (row.id, row.value, _origin(row))
    return found


def _row(scope: Scope, tally: Tally, value: Decimal | None, key: str, origin: Origin, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(now), "brand_id": scope.brand_id, "key": key, "value": value,
        **{name: getattr(tally, name) for name in _DIMENSIONS},
        "file_sha256": origin.sha256, "file_line": origin.line, "file_part": origin.part,
        "recorded_at": aware(now), "superseded_at": None,
    }  # fmt: skip


def _supersede(scope: Scope, tally_id: str, now: datetime) -> None:
    """A later export told another number: this one stays, and counts no more."""
    scope.connection.execute(
        update(table).where(table.c.brand_id == scope.brand_id, table.c.id == tally_id).values(superseded_at=aware(now))
    )


def _stored(row: Row[Any]) -> StoredTally:
    told = {name: getattr(row, name) for name in _DIMENSIONS}
    return StoredTally(row.id, Tally(value=row.value, **told), _origin(row))


def _origin(row: Row[Any]) -> Origin:
    return Origin(row.file_sha256, row.file_line, row.file_part)
