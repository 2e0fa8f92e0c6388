"""Who buys from the brand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from crosspost.domain.business import check_come
from crosspost.domain.errors import NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.period import aware
from crosspost.store.outcomes import Outcome, Recorded
from crosspost.store.recurrence import clients_of, settle
from crosspost.store.store import Scope
from crosspost.store.tables import client, deal


@dataclass(frozen=True, slots=True)
class StoredClient:
    id: str
    name: str | None
    person: str | None
    since: datetime
    deals: int


def record_client(
    scope: Scope,
    since: datetime,
    now: datetime,
    *,
    person: str | None = None,
    name: str | None = None,
    bought: bool = True,
) -> Recorded:
    """Record who bought first on `since`, before or without a deal: deals after that day are a return.

    Who is only known since then, and is not said to have bought, is not `bought`. The same person is one client: an
    earlier day and a name that was missing are taken in.
    """
    check_come(since, now, "the first sale")
    at = aware(since)
    found = clients_of(scope, [person]).get(person) if person is not None else None
    if found is None:
        row = {
            "id": new_id(now), "brand_id": scope.brand_id, "person": person, "name": name, "since": at,
            "bought_at": at if bought else None,
        }  # fmt: skip
        scope.connection.execute(insert(client).values(row))
        return Recorded(Outcome.RECORDED, str(row["id"]))
    old = _one(scope, found)
    more: dict[str, Any] = {} if old.name or not name else {"name": name}
    if bought and at < old.since and (old.bought_at is None or at < old.bought_at):
        more["bought_at"] = at
    if not more:
        return Recorded(Outcome.KNOWN, found)
    scope.connection.execute(
        update(client).where(client.c.brand_id == scope.brand_id, client.c.id == found).values(more)
    )
    settle(scope, found)
    return Recorded(Outcome.UPDATED, found, tuple("since" if name == "bought_at" else name for name in more))


def clients(scope: Scope) -> list[StoredClient]:
    """Who buys from the brand, oldest first."""
    number = func.count(deal.c.id)
    rows = scope.connection.execute(
        select(client.c.id, client.c.name, client.c.person, client.c.since, number)
        .outerjoin(deal, (deal.c.brand_id == client.c.brand_id) & (deal.c.client_id == client.c.id))
        .where(client.c.brand_id == scope.brand_id)
        .group_by(client.c.id, client.c.name, client.c.person, client.c.since)
        .order_by(client.c.since, client.c.id)
    )
    return [StoredClient(*row) for row in rows]


def named(scope: Scope, name: str) -> StoredClient:
    """The client of that id, or the only one of that name. Raises NotFound."""
    every = clients(scope)
    found = [one for one in every if one.id == name] or [
        one for one in every if one.name is not None and one.name.casefold() == name.casefold()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(
            f"{len(found)} clients are called {name!r}", remedy=f"give the id: {', '.join(one.id for one in found)}"
        )
    raise NotFound(f"no client has the id or name {name!r}", remedy="see `crosspost client list`")


def name_of_deal(scope: Scope, deal_id: str, name: str) -> bool:
    """Give the client of a deal their name, where none is known; whether it was given."""
    of_deal = select(deal.c.client_id).where(deal.c.brand_id == scope.brand_id, deal.c.id == deal_id)
    nameless = client.c.brand_id == scope.brand_id, client.c.id.in_(of_deal), client.c.name.is_(None)
    return bool(scope.connection.execute(update(client).where(*nameless).values(name=name)).rowcount)


def _one(scope: Scope, client_id: str) -> Any:
    return scope.connection.execute(
        select(client).where(client.c.brand_id == scope.brand_id, client.c.id == client_id)
    ).one()
