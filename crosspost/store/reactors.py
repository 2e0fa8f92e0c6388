"""Who reacted to the brand's posts, and leads' own presences: keyed hashes, never names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update

from crosspost.domain.ids import new_id
from crosspost.store.store import Scope
from crosspost.store.tables import client, erased, lead, lead_handle, post, reaction


@dataclass(frozen=True, slots=True)
class Hashed:
    """A reactor without a name. `also` is of the id that outlives a change of handle."""

    kind: str
    person: str
    also: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadReactions:
    """How many of the brand's posts a lead's own presences reacted to, and how many of these before they asked."""

    lead_id: str
    posts: int
    before: int


def add(
    scope: Scope, account_id: str, post_id: str, people: Iterable[Hashed], now: datetime, *, origin: str = "api"
) -> int:
    """Keep those that are not known of that post yet; how many. An erased person must not come here."""
    known = {
        (row.kind, row.person)
        for row in scope.connection.execute(
            select(reaction.c.kind, reaction.c.person).where(
                reaction.c.brand_id == scope.brand_id, reaction.c.post_id == post_id
            )
        )
    }
    new = {(one.kind, one.person): one for one in people if (one.kind, one.person) not in known}
    rows = [
        {
            "id": new_id(now), "brand_id": scope.brand_id, "account_id": account_id, "post_id": post_id,
            "kind": one.kind, "person": one.person, "also": one.also, "at": one.at, "read_at": now, "origin": origin,
        }
        for one in new.values()
    ]  # fmt: skip
    if rows:
        scope.connection.execute(insert(reaction), rows)
    return len(rows)


def count(scope: Scope) -> int:
    """How many reactions are kept."""
    return int(
        scope.connection.execute(
            select(func.count()).select_from(reaction).where(reaction.c.brand_id == scope.brand_id)
        ).scalar_one()
    )


def forget_all(scope: Scope) -> int:
    """Delete every reaction of the brand; how many."""
    return scope.connection.execute(delete(reaction).where(reaction.c.brand_id == scope.brand_id)).rowcount


def add_handle(scope: Scope, source_id: str, network: str, person: str) -> None:
    """A lead's own presence on a network. The lead is named by its own id, and is there."""
    lead_id = scope.connection.execute(
        select(lead.c.id).where(lead.c.brand_id == scope.brand_id, lead.c.source_id == source_id)
    ).scalar_one()
    known = scope.connection.execute(
        select(lead_handle.c.person).where(
            lead_handle.c.brand_id == scope.brand_id, lead_handle.c.lead_id == lead_id, lead_handle.c.person == person
        )
    ).first()
    if known is None:
        scope.connection.execute(
            insert(lead_handle).values(brand_id=scope.brand_id, lead_id=lead_id, person=person, network=network)
        )


def of_leads(scope: Scope) -> dict[str, LeadReactions]:
    """What leads' own presences reacted to, by our id of the lead. A reaction of unknown time counts by its post's."""
    when = func.coalesce(reaction.c.at, post.c.published_at)
    rows = scope.connection.execute(
        select(lead_handle.c.lead_id, reaction.c.post_id, func.min(when).label("at"), lead.c.contacted_at)
        .join(lead, (lead.c.brand_id == lead_handle.c.brand_id) & (lead.c.id == lead_handle.c.lead_id))
        .join(
            reaction,
            (reaction.c.brand_id == lead_handle.c.brand_id)
            & or_(reaction.c.person == lead_handle.c.person, reaction.c.also == lead_handle.c.person),
        )
        .join(post, (post.c.brand_id == reaction.c.brand_id) & (post.c.id == reaction.c.post_id))
        .where(lead_handle.c.brand_id == scope.brand_id)
        .group_by(lead_handle.c.lead_id, reaction.c.post_id, lead.c.contacted_at)
    )
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        total, before = found.get(row.lead_id, (0, 0))
        found[row.lead_id] = (total + 1, before + (row.at is not None and row.at < row.contacted_at))
    return {lead_id: LeadReactions(lead_id, *numbers) for lead_id, numbers in found.items()}


def reactions(scope: Scope) -> list[tuple[Hashed, str]]:
    """Every reaction with the id of its post. One of unknown time has its post's, else the time it was read."""
    when = func.coalesce(reaction.c.at, post.c.published_at, reaction.c.read_at)
    rows = scope.connection.execute(
        select(reaction.c.kind, reaction.c.person, reaction.c.also, when.label("at"), reaction.c.post_id)
        .join(post, (post.c.brand_id == reaction.c.brand_id) & (post.c.id == reaction.c.post_id))
        .where(reaction.c.brand_id == scope.brand_id)
        .order_by(reaction.c.post_id, reaction.c.person, reaction.c.kind)
    )
    return [(Hashed(row.kind, row.person, row.also, row.at), row.post_id) for row in rows]


def presences(scope: Scope) -> dict[str, list[str]]:
    """The hashes of leads' own presences, by our id of the lead."""
    found: dict[str, list[str]] = {}
    query = select(lead_handle.c.lead_id, lead_handle.c.person).where(lead_handle.c.brand_id == scope.brand_id)
    for row in scope.connection.execute(query.order_by(lead_handle.c.lead_id, lead_handle.c.person)):
        found.setdefault(row.lead_id, []).append(row.person)
    return found


def erased_marks(scope: Scope) -> frozenset[str]:
    """By what erased persons are recognised."""
    return frozenset(
        row.mark for row in scope.connection.execute(select(erased.c.mark).where(erased.c.brand_id == scope.brand_id))
    )


def kin(scope: Scope, persons: Collection[str]) -> frozenset[str]:
    """These hashes with those that reactions show to be of the same person: an id, and the names it had."""
    found = frozenset(persons)
    while True:
        rows = scope.connection.execute(
            select(reaction.c.person, reaction.c.also).where(
                reaction.c.brand_id == scope.brand_id, or_(reaction.c.person.in_(found), reaction.c.also.in_(found))
            )
        )
        more = found | {one for row in rows for one in (row.person, row.also) if one}
        if more == found:
            return found
        found = more


def erase(scope: Scope, persons: Collection[str], marks: Collection[str], now: datetime) -> int:
    """Delete these hashes wherever they stand, and keep the marks; how many rows knew them."""
    mine = [
        delete(reaction).where(
            reaction.c.brand_id == scope.brand_id, or_(reaction.c.person.in_(persons), reaction.c.also.in_(persons))
        ),
        delete(lead_handle).where(lead_handle.c.brand_id == scope.brand_id, lead_handle.c.person.in_(persons)),
        update(lead).where(lead.c.brand_id == scope.brand_id, lead.c.person.in_(persons)).values(person=None),
        update(client).where(client.c.brand_id == scope.brand_id, client.c.person.in_(persons)).values(person=None),
    ]
    touched = sum(scope.connection.execute(statement).rowcount for statement in mine)
    known = erased_marks(scope)
    for mark in set(marks) - known:
        scope.connection.execute(insert(erased).values(brand_id=scope.brand_id, mark=mark, at=now))
    return touched
