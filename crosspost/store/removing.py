"""Taking out what was recorded wrongly: what it said stays in the trail, and no file or event brings it back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select

from crosspost.domain.errors import Conflict, NotFound
from crosspost.store import recurrence
from crosspost.store.events import record
from crosspost.store.rows import Values, known, mark, rows
from crosspost.store.store import Scope
from crosspost.store.tables import (
    client,
    deal,
    deal_change,
    lead,
    lead_click_id,
    lead_handle,
    lead_stage,
    removed,
    touchpoint,
)

BY_HAND = "cli"  # who types an id that was removed wants it back

LEAD_REMOVED, DEAL_REMOVED, CLIENT_REMOVED = "lead removed", "deal removed", "client removed"


def still_removed(scope: Scope, kind: str, told: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Which of these ids (with who tells of them) were removed, and stay so. One that is told by hand is taken back."""
    by_mark = {mark(kind, source_id): (source, source_id) for source, source_id in told}
    found = {row["mark"] for row in rows(scope, removed, removed.c.mark, by_mark)}
    back = {one for one in found if by_mark[one][0] == BY_HAND}
    for one in back:
        scope.connection.execute(delete(removed).where(removed.c.brand_id == scope.brand_id, removed.c.mark == one))
    return frozenset(by_mark[one][1] for one in found - back)


def remove_lead(scope: Scope, source_id: str, now: datetime, *, who: str, why: str | None) -> None:
    """Take out a lead with its journey and stages. Raises NotFound, Conflict while a deal came of it."""
    row = _named(scope, lead, "lead", source_id)
    won = scope.connection.execute(
        select(deal.c.source_id).where(deal.c.brand_id == scope.brand_id, deal.c.lead_id == row["id"])
    ).scalars().all()  # fmt: skip
    if won:
        raise Conflict(
            f"deal {', '.join(won)} came of lead {source_id}", remedy="remove the deal first: crosspost deal remove"
        )
    kept: dict[str, Any] = {"lead": row}
    for table in (lead_stage, touchpoint, lead_handle, lead_click_id):
        kept[table.name] = list(rows(scope, table, table.c.lead_id, [row["id"]]))
        scope.connection.execute(delete(table).where(table.c.brand_id == scope.brand_id, table.c.lead_id == row["id"]))
    scope.connection.execute(delete(lead).where(lead.c.brand_id == scope.brand_id, lead.c.id == row["id"]))
    _trail(scope, LEAD_REMOVED, "lead", row, kept, now, who, why)


def remove_deal(scope: Scope, source_id: str, now: datetime, *, who: str, why: str | None) -> None:
    """Take out a deal, and its client where nothing else is known of them. Raises NotFound."""
    row = _named(scope, deal, "deal", source_id)
    kept: dict[str, Any] = {"deal": row}
    kept["persons"] = sorted(recurrence.persons_of(scope).get(row["client_id"], ()))  # by these it can be erased
    kept["deal_change"] = list(rows(scope, deal_change, deal_change.c.deal_id, [row["id"]]))
    of_deal = deal_change.c.brand_id == scope.brand_id, deal_change.c.deal_id == row["id"]
    scope.connection.execute(delete(deal_change).where(*of_deal))
    scope.connection.execute(delete(deal).where(deal.c.brand_id == scope.brand_id, deal.c.id == row["id"]))
    _trail(scope, DEAL_REMOVED, "deal", row, kept, now, who, why)
    if recurrence.unused(scope, row["client_id"]):
        _remove_client(scope, row["client_id"], now, who, f"deal {source_id} was removed")
    else:
        recurrence.settle(scope, row["client_id"])


def _remove_client(scope: Scope, client_id: str, now: datetime, who: str, why: str) -> None:
    recurrence.forget_aliases(scope, client_id)
    mine = client.c.brand_id == scope.brand_id, client.c.id == client_id
    row = dict(scope.connection.execute(select(client).where(*mine)).one()._mapping)
    scope.connection.execute(delete(client).where(*mine))
    record(scope, CLIENT_REMOVED, client_id, who=who, now=now, why=why, was=_plain({"client": row}))


def _named(scope: Scope, table: Table, kind: str, source_id: str) -> Values:
    row = known(scope, table, [source_id]).get(source_id)
    if row is None:
        raise NotFound(f"no {kind} has the id {source_id!r}", remedy=f"see `crosspost {kind} list`")
    return row


def _trail(
    scope: Scope, what: str, kind: str, row: Values, kept: dict[str, Any], now: datetime, who: str, why: str | None
) -> None:
    scope.connection.execute(insert(removed).values(brand_id=scope.brand_id, mark=mark(kind, row["source_id"]), at=now))
    record(scope, what, row["id"], who=who, now=now, why=why, was=_plain(kept))


def _plain(kept: dict[str, Any]) -> Any:
    """The rows as JSON has them: instants as text."""

    def text(value: object) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return json.loads(json.dumps(kept, default=text))
