"""What words tell of a person who is erased: names, notes, answers, and the trail of what was removed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Column, Row, Table, delete, or_, select, update

from crosspost.domain.business import SOMEBODY
from crosspost.domain.telling import spoken
from crosspost.store.recurrence import persons_of
from crosspost.store.store import Scope
from crosspost.store.tables import (
    client,
    client_alias,
    deal,
    deal_change,
    effort,
    event,
    imported_file,
    interruption,
    lead,
    lead_handle,
    lead_stage,
    touchpoint,
)

# Every column in which people write freely: what names an erased person there goes as a whole.
_FREE: tuple[tuple[Table, Column[str]], ...] = (
    (client, client.c.name), (lead, lead.c.channel), (lead, lead.c.told), (touchpoint, touchpoint.c.note),
    (lead_stage, lead_stage.c.reason), (lead_stage, lead_stage.c.competitor), (deal_change, deal_change.c.reason),
    (interruption, interruption.c.why),
)  # fmt: skip
# Names of things that were called after a person: what they are of stays, as somebody's.
_CALLED: tuple[tuple[Table, Column[str], Column[str]], ...] = (
    (lead, lead.c.told_channel, lead.c.id), (touchpoint, touchpoint.c.channel, touchpoint.c.id),
    (effort, effort.c.channel, effort.c.id), (imported_file, imported_file.c.name, imported_file.c.sha256),
)  # fmt: skip


def names_of(scope: Scope, persons: Collection[str]) -> set[str]:
    """The names under which these persons are kept as clients."""
    alias = select(client_alias.c.client_id).where(
        client_alias.c.brand_id == scope.brand_id, client_alias.c.person.in_(persons)
    )
    rows = scope.connection.execute(
        select(client.c.name).where(
            client.c.brand_id == scope.brand_id, client.c.name.is_not(None),
            or_(client.c.person.in_(persons), client.c.id.in_(alias)),
        )
    )  # fmt: skip
    return {row.name for row in rows}


def erase_words(scope: Scope, persons: Collection[str], words: Collection[str]) -> int:
    """Empty what was written of these persons' leads, and whatever holds one of these words (names, addresses);
    how many rows. To be called before their hashes go: they tell whose the rows are."""
    leads, clients = _their_leads(scope, persons), _their_clients(scope, persons)
    deals = _their_deals(scope, leads, clients)
    touched = sum(_empty(scope, column, key, ids) for column, key, ids in (
        (lead.c.told, lead.c.id, leads), (touchpoint.c.note, touchpoint.c.lead_id, leads),
        (lead_stage.c.reason, lead_stage.c.lead_id, leads), (lead_stage.c.competitor, lead_stage.c.lead_id, leads),
        (deal_change.c.reason, deal_change.c.deal_id, deals), (client.c.name, client.c.id, clients),
    ))  # fmt: skip
    touched += _referrers(scope, persons, words)
    alias = client_alias.c.brand_id == scope.brand_id, client_alias.c.person.in_(persons)
    touched += scope.connection.execute(delete(client_alias).where(*alias)).rowcount
    for table, column in _FREE:
        ids = [row.id for row in _texts(scope, table, column) if _holds(row.text, words)]
        touched += _empty(scope, column, table.c.id, ids)
    for table, column, key in _CALLED:
        ids = [row.id for row in _texts(scope, table, column, key=key) if _holds(row.text, words)]
        mine = table.c.brand_id == scope.brand_id, key.in_(ids)
        touched += scope.connection.execute(update(table).where(*mine).values({column.name: SOMEBODY})).rowcount
    for table in (lead, deal):
        for row in _texts(scope, table, table.c.source_id):
            if _holds(row.text, words):  # an id that is an address or a name
                mine = table.c.brand_id == scope.brand_id, table.c.id == row.id
                hidden = f"erased-{row.id}"
                touched += scope.connection.execute(update(table).where(*mine).values(source_id=hidden)).rowcount
    theirs = {*leads, *clients, *deals}
    trails = [
        row.id for row in _texts(scope, event, event.c.detail, event.c.subject_id)
        if row.subject_id in theirs or _holds(re.sub(r"\\[nrt]", " ", row.text), [*persons, *theirs, *words])
    ]  # fmt: skip
    if trails:
        mine = event.c.brand_id == scope.brand_id, event.c.id.in_(trails)
        touched += scope.connection.execute(update(event).where(*mine).values(detail='{"erased": true}')).rowcount
    return touched


def _their_leads(scope: Scope, persons: Collection[str]) -> list[str]:
    handled = select(lead_handle.c.lead_id).where(
        lead_handle.c.brand_id == scope.brand_id, lead_handle.c.person.in_(persons)
    )
    query = select(lead.c.id).where(
        lead.c.brand_id == scope.brand_id, or_(lead.c.person.in_(persons), lead.c.id.in_(handled))
    )
    return list(scope.connection.execute(query).scalars())


def _their_clients(scope: Scope, persons: Collection[str]) -> list[str]:
    return sorted(one for one, known_as in persons_of(scope).items() if known_as & set(persons))


def _their_deals(scope: Scope, leads: Collection[str], clients: Collection[str]) -> list[str]:
    query = select(deal.c.id).where(
        deal.c.brand_id == scope.brand_id, or_(deal.c.lead_id.in_(leads), deal.c.client_id.in_(clients))
    )
    return list(scope.connection.execute(query).scalars())


def _referrers(scope: Scope, persons: Collection[str], words: Collection[str]) -> int:
    rows = scope.connection.execute(
        select(lead.c.id, lead.c.referrer_kind, lead.c.referrer).where(
            lead.c.brand_id == scope.brand_id, lead.c.referrer.is_not(None)
        )
    )
    ids = [
        row.id
        for row in rows
        if (row.referrer_kind == "person" and row.referrer in persons)
        or (row.referrer_kind in ("name", "lead") and _holds(row.referrer, words))
    ]
    return scope.connection.execute(
        update(lead)
        .where(lead.c.brand_id == scope.brand_id, lead.c.id.in_(ids))
        .values(referrer_kind="name", referrer=SOMEBODY)
    ).rowcount


def _empty(scope: Scope, column: Column[str], key: Column[str], ids: Collection[str]) -> int:
    table = column.table
    mine = table.c.brand_id == scope.brand_id, key.in_(ids), column.is_not(None)
    return scope.connection.execute(update(table).where(*mine).values({column.name: None})).rowcount


def _texts(
    scope: Scope, table: Table, column: Column[str], *more: Column[str], key: Column[str] | None = None
) -> list[Row[Any]]:
    """Every text of a column with its row's `id`, or the `key` that stands for one."""
    query = select((table.c.id if key is None else key).label("id"), column.label("text"), *more)
    return list(scope.connection.execute(query.where(table.c.brand_id == scope.brand_id, column.is_not(None))))


def _holds(text: str, words: Iterable[str]) -> bool:
    """Whether a text names one of these in whole words, capitals, accents and punctuation aside."""
    found = f" {spoken(text)} "
    return any(f" {word} " in found for word in map(spoken, words) if word)
