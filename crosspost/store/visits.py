"""Visits, today's visitors, and click ids. Counting: crosspost.store.visit_counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, bindparam, delete, func, insert, select, update

from crosspost.domain.period import Period
from crosspost.domain.visit import Click, Open, View, day_of, network_of
from crosspost.store.store import Scope
from crosspost.store.tables import account, click_id, lead, lead_click_id, link, visit, visit_day, visitor_day

_AT_ONCE = 500  # names in one query: databases limit its parameters


def visitors(scope: Scope, wanted: Iterable[tuple[date, str]]) -> dict[tuple[date, str], Open]:
    """The latest visit of each of these visitors of a day, of those that had one."""
    found: dict[tuple[date, str], Open] = {}
    names = sorted({visitor for _, visitor in wanted})
    for start in range(0, len(names), _AT_ONCE):
        rows = scope.connection.execute(
            select(visitor_day).where(
                visitor_day.c.brand_id == scope.brand_id, visitor_day.c.visitor.in_(names[start : start + _AT_ONCE])
            )
        )
        for row in rows:
            found[row.day, row.visitor] = Open(row.visit_id, row.started_at, row.last_at, row.code, row.pages)
    return found


def keep_visitors(scope: Scope, latest: Mapping[tuple[date, str], Open]) -> None:
    """Remember each visitor's latest visit, in place of the one before."""
    if not latest:
        return
    scope.connection.execute(
        delete(visitor_day).where(
            visitor_day.c.brand_id == scope.brand_id, visitor_day.c.day == bindparam("the_day"),
            visitor_day.c.visitor == bindparam("the_visitor"),
        ),
        [{"the_day": day, "the_visitor": visitor} for day, visitor in latest],
    )  # fmt: skip
    scope.connection.execute(
        insert(visitor_day),
        [
            {
                "brand_id": scope.brand_id, "day": day, "visitor": visitor, "visit_id": one.visit_id,
                "started_at": one.started_at, "last_at": one.last_at, "code": one.code, "pages": one.pages,
            }
            for (day, visitor), one in latest.items()
        ],
    )  # fmt: skip


def has_visitors(scope: Scope, before: date) -> bool:
    """Whether a visitor of an earlier day is still remembered."""
    query = select(visitor_day.c.day).where(visitor_day.c.brand_id == scope.brand_id, visitor_day.c.day < before)
    return scope.connection.execute(query.limit(1)).first() is not None


def forget_visitors(scope: Scope, before: date) -> int:
    """Forget the visitors of earlier days, whose salt is gone; how many."""
    return scope.connection.execute(
        delete(visitor_day).where(visitor_day.c.brand_id == scope.brand_id, visitor_day.c.day < before)
    ).rowcount


def add(scope: Scope, began: Sequence[tuple[Open, View]]) -> None:
    """New visits, and their day's counts. A view's code is empty, or one of the brand's links."""
    if not began:
        return
    rows = [_row(scope, one, view) for one, view in began]
    scope.connection.execute(insert(visit), rows)
    counts: dict[tuple[object, ...], int] = {}
    for row, (_, view) in zip(rows, began, strict=True):
        key = (day_of(view.at), view.code, row["network"], row["judgement"])
        counts[key] = counts.get(key, 0) + 1
    for each, number in sorted(counts.items(), key=str):
        _count(scope, *each, number=number)


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """One visit that is kept, with what it is held to be and why."""

    id: str
    started_at: datetime
    code: str
    network: str
    judgement: str
    rule: str
    ruleset: str


def kept(scope: Scope, period: Period) -> list[StoredVisit]:
    """The visits that began in the period, oldest first."""
    query = (
        select(visit)
        .where(visit.c.brand_id == scope.brand_id, visit.c.started_at >= period.start, visit.c.started_at < period.end)
        .order_by(visit.c.started_at, visit.c.id)
    )
    return [
        StoredVisit(row.id, row.started_at, row.code, row.network, row.judgement, row.rule, row.ruleset)
        for row in scope.connection.execute(query)
    ]


def _row(scope: Scope, one: Open, view: View) -> dict[str, object]:
    return {
        "id": one.visit_id, "brand_id": scope.brand_id, "started_at": one.started_at, "last_at": one.last_at,
        "pages": one.pages, "path": view.path, "code": view.code, "source": view.source, "medium": view.medium,
        "network": network_of(view.source, view.referrer), "campaign": view.campaign, "referrer": view.referrer,
        "user_agent": view.user_agent, "click_id": view.click_id or None, "judgement": view.judged.judgement.value,
        "rule": view.judged.rule, "ruleset": view.judged.ruleset,
    }  # fmt: skip


def _count(scope: Scope, day: object, code: object, network: object, judgement: object, *, number: int) -> None:
    key = {"day": day, "code": code, "network": network, "judgement": judgement}
    same = [visit_day.c.brand_id == scope.brand_id, *(visit_day.c[name] == value for name, value in key.items())]
    changed = scope.connection.execute(
        update(visit_day).where(*same).values(visits=visit_day.c.visits + number)
    ).rowcount
    if not changed:
        scope.connection.execute(insert(visit_day).values(brand_id=scope.brand_id, visits=number, **key))


def codes(scope: Scope, wanted: Collection[str]) -> frozenset[str]:
    """Those of these codes that are links of the brand."""
    found: set[str] = set()
    names = sorted(wanted)
    for start in range(0, len(names), _AT_ONCE):
        rows = scope.connection.execute(
            select(link.c.code).where(
                link.c.brand_id == scope.brand_id, link.c.code.in_(names[start : start + _AT_ONCE])
            )
        )
        found.update(row.code for row in rows)
    return frozenset(found)


def extend(scope: Scope, went_on: Iterable[Open]) -> None:
    """Visits that were known and went on."""
    rows = [
        {"the_id": one.visit_id, "started": one.started_at, "last": one.last_at, "number": one.pages}
        for one in went_on
    ]  # fmt: skip
    if rows:
        scope.connection.execute(
            update(visit)
            .where(visit.c.brand_id == scope.brand_id, visit.c.id == bindparam("the_id"))
            .values(started_at=bindparam("started"), last_at=bindparam("last"), pages=bindparam("number")),
            rows,
        )


def add_clicks(scope: Scope, clicks: Iterable[Click]) -> None:
    """Clicks that were given a name."""
    rows = [{"brand_id": scope.brand_id, "id": one.click_id, "code": one.code, "at": one.at} for one in clicks]
    if rows:
        scope.connection.execute(insert(click_id), rows)


def carry(scope: Scope, source_id: str, name: str) -> None:
    """A lead, named by its own id, carries that click id. It is there."""
    lead_id = scope.connection.execute(
        select(lead.c.id).where(lead.c.brand_id == scope.brand_id, lead.c.source_id == source_id)
    ).scalar_one()
    known = select(lead_click_id.c.click_id).where(
        lead_click_id.c.brand_id == scope.brand_id, lead_click_id.c.lead_id == lead_id,
        lead_click_id.c.click_id == name,
    )  # fmt: skip
    if scope.connection.execute(known).first() is None:
        scope.connection.execute(insert(lead_click_id).values(brand_id=scope.brand_id, lead_id=lead_id, click_id=name))


def codes_of_leads(scope: Scope) -> dict[str, tuple[str, str | None]]:
    """The code and its network of the first click whose id a lead carries, by our id of the lead."""
    rows = scope.connection.execute(
        select(lead_click_id.c.lead_id, click_id.c.code, account.c.network)
        .join(
            click_id,
            (click_id.c.brand_id == lead_click_id.c.brand_id) & (click_id.c.id == lead_click_id.c.click_id),
        )
        .outerjoin(link, (link.c.brand_id == click_id.c.brand_id) & (link.c.code == click_id.c.code))
        .outerjoin(account, (account.c.brand_id == click_id.c.brand_id) & (account.c.id == link.c.account_id))
        .where(lead_click_id.c.brand_id == scope.brand_id)
        .order_by(click_id.c.at.desc(), click_id.c.id)
    )
    return {row.lead_id: (row.code, row.network) for row in rows}


def click_ids_of(scope: Scope, persons: Collection[str]) -> frozenset[str]:
    """The click ids that leads of these persons carry."""
    rows = scope.connection.execute(
        select(lead_click_id.c.click_id)
        .join(lead, (lead.c.brand_id == lead_click_id.c.brand_id) & (lead.c.id == lead_click_id.c.lead_id))
        .where(lead_click_id.c.brand_id == scope.brand_id, lead.c.person.in_(persons))
    )
    return frozenset(row.click_id for row in rows)


def forget_click_ids(scope: Scope, names: Collection[str] | None = None) -> int:
    """Forget these click ids, or all, wherever they stand; how many rows knew one. The visits stay, as nobody's."""

    def these(column: Column[Any]) -> ColumnElement[bool]:
        return column.is_not(None) if names is None else column.in_(names)

    mine = [
        update(visit).where(visit.c.brand_id == scope.brand_id, these(visit.c.click_id)).values(click_id=None),
        delete(lead_click_id).where(lead_click_id.c.brand_id == scope.brand_id, these(lead_click_id.c.click_id)),
        delete(click_id).where(click_id.c.brand_id == scope.brand_id, these(click_id.c.id)),
    ]
    return sum(scope.connection.execute(statement).rowcount for statement in mine)


def oldest(scope: Scope) -> datetime | None:
    """When the oldest visit began, or the oldest named click was made."""
    began = select(func.min(visit.c.started_at)).where(visit.c.brand_id == scope.brand_id)
    named = select(func.min(click_id.c.at)).where(click_id.c.brand_id == scope.brand_id)
    found = [scope.connection.execute(query).scalar_one() for query in (began, named)]
    return min((one for one in found if one is not None), default=None)


def count_before(scope: Scope, before: datetime) -> int:
    """How many visits began before that instant."""
    query = select(func.count()).select_from(visit)
    return int(
        scope.connection.execute(
            query.where(visit.c.brand_id == scope.brand_id, visit.c.started_at < before)
        ).scalar_one()
    )


def forget_before(scope: Scope, before: datetime) -> int:
    """Delete the visits that began before that instant, and the clicks named before it with what carries their names;
    how many visits. Their day's counts stay."""
    named = select(click_id.c.id).where(click_id.c.brand_id == scope.brand_id, click_id.c.at < before)
    scope.connection.execute(
        delete(lead_click_id).where(lead_click_id.c.brand_id == scope.brand_id, lead_click_id.c.click_id.in_(named))
    )
    scope.connection.execute(delete(click_id).where(click_id.c.brand_id == scope.brand_id, click_id.c.at < before))
    return scope.connection.execute(
        delete(visit).where(visit.c.brand_id == scope.brand_id, visit.c.started_at < before)
    ).rowcount
