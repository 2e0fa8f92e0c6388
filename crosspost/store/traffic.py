"""Hits: how far the log was folded in, the judged hits themselves, and counts of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Date, Table, func, insert, select, type_coerce, update
from sqlalchemy.exc import IntegrityError

from crosspost.domain.period import Period
from crosspost.domain.traffic import Judgement
from crosspost.store.store import Scope
from crosspost.store.tables import account, hit, link, segment, unknown_hit


@dataclass(frozen=True, slots=True)
class HitCount:
    """Hits of one code on one UTC day under one judgement. `network` is None for a link of no account."""

    network: str | None
    account_id: str | None
    code: str
    day: date
    judgement: Judgement
    hits: int


def offsets(connection: Connection) -> dict[str, int]:
    """How far each segment was folded in, by its name."""
    return {row.name: row.offset for row in connection.execute(select(segment.c.name, segment.c.offset))}


def move_offset(connection: Connection, name: str, old: int, new: int, torn_bytes: int, now: datetime) -> bool:
    """Move a segment's offset from `old` to `new`. False: somebody else has moved it; insert nothing.

    An old offset of 0 means that the segment was never folded. To be called before the hits are inserted, in
    the same transaction.
    """
    values = {"offset": new, "torn_bytes": torn_bytes, "folded_at": now}
    moved = connection.execute(
        update(segment).where(segment.c.name == name, segment.c.offset == old).values(**values)
    ).rowcount
    if moved or old > 0:
        return bool(moved)
    try:
        with connection.begin_nested():
            connection.execute(insert(segment).values(name=name, **values))
    except IntegrityError:
        return False
    return True


def insert_hits(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert judged hits: tuples of all columns of the table, in its order; instants as `stored_at` gives."""
    _insert_many(connection, hit, rows)


def insert_unknown_hits(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert hits on codes nobody registered, in the same way."""
    _insert_many(connection, unknown_hit, rows)


def stored_at(connection: Connection) -> Callable[[datetime], object]:
    """How an instant in UTC is handed to this database's driver."""
    if connection.dialect.name == "sqlite":
        return lambda at: at.replace(tzinfo=None).isoformat(" ", "microseconds")
    return lambda at: at


def _insert_many(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    # Past SQLAlchemy's own handling of parameters, which doubles the time of a million hits.
    if not rows:
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    columns = ", ".join(map(connection.dialect.identifier_preparer.format_column, table.columns))
    marks = ", ".join([mark] * len(table.columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", list(rows))  # noqa: S608


def counts(scope: Scope, period: Period | None = None) -> list[HitCount]:
    """Hits per network, account, link, UTC day and judgement. Sum what you do not need apart."""
    utc = hit.c.at if scope.connection.dialect.name == "sqlite" else func.timezone("UTC", hit.c.at)
    day = type_coerce(func.date(utc), Date)
    keys = (account.c.network, link.c.account_id, hit.c.code, day, hit.c.judgement)
    query = (
        select(*keys, func.count())
        .select_from(hit)
        .outerjoin(link, (link.c.brand_id == hit.c.brand_id) & (link.c.code == hit.c.code))
        .outerjoin(account, (account.c.brand_id == hit.c.brand_id) & (account.c.id == link.c.account_id))
        .where(hit.c.brand_id == scope.brand_id)
        .group_by(*keys)
        .order_by(day, hit.c.code, hit.c.judgement)
    )
    if period is not None:
        query = query.where(hit.c.at >= period.start, hit.c.at < period.end)
    return [
        HitCount(network, account_id, code, on, Judgement(judgement), number)
        for network, account_id, code, on, judgement, number in scope.connection.execute(query)
    ]


def per_code(scope: Scope) -> dict[str, Counter[Judgement]]:
    """Hits of each code that has any, by judgement."""
    found: dict[str, Counter[Judgement]] = {}
    rows = scope.connection.execute(
        select(hit.c.code, hit.c.judgement, func.count())
        .where(hit.c.brand_id == scope.brand_id)
        .group_by(hit.c.code, hit.c.judgement)
    )
    for code, judgement, number in rows:
        found.setdefault(code, Counter())[Judgement(judgement)] = number
    return found


def unknown_count(connection: Connection) -> int:
    """Hits on codes nobody registered, or on disabled ones."""
    return connection.execute(select(func.count()).select_from(unknown_hit)).scalar_one()


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many hits of a brand one rule judged."""

    judgement: Judgement
    rule: str
    hits: int


def per_rule(scope: Scope) -> list[RuleCount]:
    """Hits of the brand by the rule that judged them, the most first."""
    number = func.count()
    rows = scope.connection.execute(
        select(hit.c.judgement, hit.c.rule, number)
        .where(hit.c.brand_id == scope.brand_id)
        .group_by(hit.c.judgement, hit.c.rule)
        .order_by(number.desc(), hit.c.rule)
    )
    return [RuleCount(Judgement(judgement), rule, hits) for judgement, rule, hits in rows]
