"""Who is the same client, and which of their deals is the first. A returning client is nobody's new client.

Deals, leads and mails may be told in any order and by anybody: what is found here depends on what is known alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from crosspost.domain.period import aware
from crosspost.store.rows import A_DAY, rows
from crosspost.store.store import Scope
from crosspost.store.tables import client, client_alias, deal, lead


def clients_of(scope: Scope, persons: Iterable[str]) -> dict[str, str]:
    """The clients of these persons: the person's hash → the client's id."""
    wanted = set(persons)
    found = {row["person"]: row["id"] for row in rows(scope, client, client.c.person, wanted)}
    return found | {row["person"]: row["client_id"] for row in rows(scope, client_alias, client_alias.c.person, wanted)}


def persons_of(scope: Scope) -> dict[str, set[str]]:
    """The persons each client is known as, by the client's id."""
    found: dict[str, set[str]] = {}
    for table, column in ((client, client.c.id), (client_alias, client_alias.c.client_id)):
        for row in scope.connection.execute(
            select(column, table.c.person).where(table.c.brand_id == scope.brand_id, table.c.person.is_not(None))
        ):
            found.setdefault(row[0], set()).add(row.person)
    return found


def claim(scope: Scope, client_id: str, person: str) -> str:
    """Say that a client is this person; the client's id afterwards.

    A client who was nobody until now, and turns out to be one that is known, becomes that one. Two that are known as
    two persons stay two: only a person can say that they are one.
    """
    owner = clients_of(scope, [person]).get(person)
    if owner == client_id:
        return client_id
    named = persons_of(scope).get(client_id)
    if owner is None:
        if named:
            row = {"brand_id": scope.brand_id, "person": person, "client_id": client_id}
            scope.connection.execute(insert(client_alias).values(row))
        else:
            scope.connection.execute(
                update(client)
                .where(client.c.brand_id == scope.brand_id, client.c.id == client_id)
                .values(person=person)
            )
        return client_id
    if named:
        return client_id
    merge(scope, owner, client_id)
    return owner


def merge(scope: Scope, kept_id: str, gone_id: str) -> None:
    """Make two clients one: deals, names and persons of the second are the first's."""
    mine = client.c.brand_id == scope.brand_id
    kept, gone = (
        scope.connection.execute(select(client).where(mine, client.c.id == one)).one() for one in (kept_id, gone_id)
    )
    of_gone = client_alias.c.brand_id == scope.brand_id, client_alias.c.client_id == gone_id
    scope.connection.execute(update(client_alias).where(*of_gone).values(client_id=kept_id))
    scope.connection.execute(
        update(deal).where(deal.c.brand_id == scope.brand_id, deal.c.client_id == gone_id).values(client_id=kept_id)
    )
    scope.connection.execute(
        update(lead)
        .where(lead.c.brand_id == scope.brand_id, lead.c.referrer_kind == "client", lead.c.referrer == gone_id)
        .values(referrer=kept_id)
    )
    scope.connection.execute(delete(client).where(mine, client.c.id == gone_id))
    bought = [at for at in (kept.bought_at, gone.bought_at) if at is not None]
    values = {
        "name": kept.name or gone.name, "since": min(kept.since, gone.since), "bought_at": min(bought, default=None),
    }  # fmt: skip
    scope.connection.execute(update(client).where(mine, client.c.id == kept_id).values(values))
    if gone.person is not None:
        claim(scope, kept_id, gone.person)
    settle(scope, kept_id)


def settle(scope: Scope, client_id: str) -> None:
    """The first deal starts the client, unless a sale before it was told; every other one is a return."""
    mine = deal.c.brand_id == scope.brand_id, deal.c.client_id == client_id
    of_client = client.c.brand_id == scope.brand_id, client.c.id == client_id
    # Whoever settles the client meanwhile is waited for: of two deals told at once, one is the first.
    bought_at = scope.connection.execute(select(client.c.bought_at).where(*of_client).with_for_update()).scalar_one()
    found = scope.connection.execute(select(deal).where(*mine).order_by(deal.c.won_at, deal.c.id)).all()
    for number, row in enumerate(found):
        # A day without its hour is its first instant: what is within a day may be that very sale.
        before = bought_at is not None and bought_at <= row.won_at - A_DAY
        returning = bool(row.returning_told or number > 0 or before)
        if row.returning is not returning:
            scope.connection.execute(
                update(deal).where(deal.c.brand_id == scope.brand_id, deal.c.id == row.id).values(returning=returning)
            )
    first = [at for at in (bought_at, found[0].won_at if found else None) if at is not None]
    if first:
        scope.connection.execute(update(client).where(*of_client).values(since=aware(min(first))))


def of_leads(scope: Scope) -> dict[str, str]:
    """Which lead each deal came of: the one it was told to, else its person's last lead before it.

    A deal's id → the lead's id. Deals of nobody known, and of persons who never asked, are not in it.
    """
    found = scope.connection.execute(
        select(deal.c.id, deal.c.lead_id, deal.c.client_id, deal.c.won_at).where(deal.c.brand_id == scope.brand_id)
    ).all()
    asked = scope.connection.execute(
        select(lead.c.id, lead.c.person, lead.c.contacted_at)
        .where(lead.c.brand_id == scope.brand_id, lead.c.person.is_not(None))
        .order_by(lead.c.contacted_at, lead.c.id)
    ).all()
    by_person: dict[str, list[tuple[str, datetime]]] = {}
    for one in asked:
        by_person.setdefault(one.person, []).append((one.id, one.contacted_at))
    persons = persons_of(scope) if by_person else {}
    of: dict[str, str] = {}
    for row in found:
        if row.lead_id is not None:
            of[row.id] = row.lead_id
            continue
        mine = [one for person in persons.get(row.client_id, ()) for one in by_person.get(person, ())]
        before = [(at, lead_id) for lead_id, at in mine if at < row.won_at + A_DAY]
        if before:
            of[row.id] = max(before)[1]
    return of


def unused(scope: Scope, client_id: str) -> bool:
    """Whether nothing is left of a client: no deal, no sale told of before, no lead they sent."""
    for query in (
        select(deal.c.id).where(deal.c.brand_id == scope.brand_id, deal.c.client_id == client_id),
        select(client.c.id).where(
            client.c.brand_id == scope.brand_id, client.c.id == client_id, client.c.bought_at.is_not(None)
        ),
        select(lead.c.id).where(
            lead.c.brand_id == scope.brand_id, lead.c.referrer_kind == "client", lead.c.referrer == client_id
        ),
    ):
        if scope.connection.execute(query.limit(1)).first() is not None:
            return False
    return True


def forget_aliases(scope: Scope, client_id: str) -> None:
    """The further persons of a client who goes."""
    scope.connection.execute(
        delete(client_alias).where(client_alias.c.brand_id == scope.brand_id, client_alias.c.client_id == client_id)
    )
