"""Hits: how far the log was folded in, the judged hits themselves, and their day counts, from which all is counted.

No count reads the hits, except those of a day that a period cuts in two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, insert, or_, select, type_coerce, update
from sqlalchemy.exc import IntegrityError

from crosspost.domain.period import Period, instant_of
from crosspost.domain.traffic import Judgement
from crosspost.store.store import Scope
from crosspost.store.tables import account, day_count, hit, link, segment, unknown_hit

_DAY = timedelta(days=1)
DAY_US = 86_400_000_000
_QUARTER_US = 900_000_000
_HELD = 0x68697473  # any number, as long as nothing else of ours locks it

DayKey = tuple[str, str, date, Judgement]  # brand, code, UTC day, judgement


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


def hold(connection: Connection) -> None:
    """Let nobody else fold or judge until this transaction ends: what is judged depends on what is stored.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_HELD})")


def insert_hits(connection: Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert judged hits: tuples of all columns of the table, in its order; instants in microseconds since 1970.

    Past SQLAlchemy, which takes as long to hand a million rows over as SQLite takes to store them.
    """
    driver: Any = connection.connection.driver_connection
    columns = ", ".join(map(connection.dialect.identifier_preparer.format_column, hit.columns))
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(hit.columns))
        driver.executemany(f"INSERT INTO hit ({columns}) VALUES ({marks})", rows)  # noqa: S608
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY hit ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def insert_unknown_hits(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Insert hits on codes nobody registered, or that were asked of another brand's host."""
    if rows:
        connection.execute(insert(unknown_hit), list(rows))


@lru_cache(maxsize=16_384)
def day(days: int) -> date:
    """The UTC day so many days after 1970 began."""
    return instant_of(days * DAY_US).date()


def add_day_counts(connection: Connection, changes: Mapping[DayKey, int]) -> None:
    """Add to the day counts, or take away. To be called in the transaction that changes the hits."""
    rows = [(brand, code, day.isoformat(), kind.value, by) for (brand, code, day, kind), by in changes.items() if by]
    if not rows:
        return
    marks = ", ".join(["?" if connection.dialect.name == "sqlite" else "%s"] * 5)
    connection.exec_driver_sql(
        f"INSERT INTO day_count (brand_id, code, day, judgement, hits) VALUES ({marks}) "  # noqa: S608
        "ON CONFLICT (brand_id, code, day, judgement) DO UPDATE SET hits = day_count.hits + excluded.hits",
        rows,
    )


def counts(scope: Scope, period: Period | None = None) -> list[HitCount]:
    """Hits per network, account, link, UTC day and judgement. Sum what you do not need apart.

    Of a day whose hits are gone only the whole is known: it counts where the period holds most of it.
    """
    if period is None:
        found = _whole_days(scope)
    else:
        first, last = _start_of(period.start), _start_of(period.end)
        begins = first if period.start == first else first + _DAY  # the first whole day
        found = _whole_days(scope, day_count.c.day >= begins.date(), day_count.c.day < last.date())
        for day in {first, last} if begins > first else {last}:
            start, end = max(day, period.start), min(day + _DAY, period.end)
            if start < end:
                found |= _part_of_day(scope, day, start, end)
    owners = _owners(scope)
    return [
        HitCount(*owners.get(code, (None, None)), code, day, Judgement(judgement), number)
        for (day, code, judgement), number in sorted(found.items())
    ]


def per_code(scope: Scope) -> dict[str, Counter[Judgement]]:
    """Hits of each code that has any, by judgement."""
    found: dict[str, Counter[Judgement]] = {}
    for (_, code, judgement), number in _whole_days(scope).items():
        found.setdefault(code, Counter())[Judgement(judgement)] += number
    return found


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many hits of a brand one rule judged."""

    judgement: Judgement
    rule: str
    hits: int


def per_rule(scope: Scope, period: Period | None = None) -> list[RuleCount]:
    """Hits that are still kept by the rule that judged them, the most first."""
    number = func.count()
    query = (
        select(hit.c.judgement, hit.c.rule, number)
        .where(hit.c.brand_id == scope.brand_id)
        .group_by(hit.c.judgement, hit.c.rule)
        .order_by(number.desc(), hit.c.rule)
    )
    if period is not None:
        query = query.where(hit.c.at >= period.start, hit.c.at < period.end)
    rows = scope.connection.execute(query)
    return [RuleCount(Judgement(judgement), rule, hits) for judgement, rule, hits in rows]


def rows(scope: Scope, period: Period | None = None) -> Iterator[Mapping[str, object]]:
    """Every hit that is kept, with its link's network, by link and then by time; read as they are asked for."""
    query = (
        select(hit, account.c.network)
        .outerjoin(link, (link.c.brand_id == scope.brand_id) & (link.c.code == hit.c.code))
        .outerjoin(account, (account.c.brand_id == scope.brand_id) & (account.c.id == link.c.account_id))
        .where(hit.c.brand_id == scope.brand_id)
        .order_by(hit.c.code, hit.c.at, hit.c.segment, hit.c.offset)
    )
    if period is not None:
        query = query.where(hit.c.at >= period.start, hit.c.at < period.end)
    for row in scope.connection.execute(query, execution_options={"yield_per": 5_000}).mappings():
        yield {**row}


def after(scope: Scope, starts: Mapping[str, datetime], length: timedelta) -> dict[str, int]:
    """Hits of possible persons that are still kept, by code, from each code's start on for so long."""
    found: dict[str, int] = {}
    codes = sorted(starts)
    for first in range(0, len(codes), 200):  # databases limit the parts of a condition
        spans = [
            and_(hit.c.code == code, hit.c.at >= starts[code], hit.c.at < starts[code] + length)
            for code in codes[first : first + 200]
        ]
        query = (
            select(hit.c.code, func.count())
            .where(
                hit.c.brand_id == scope.brand_id, or_(*spans),
                hit.c.judgement.in_([Judgement.PERSON.value, Judgement.UNSURE.value]),
            )
            .group_by(hit.c.code)
        )  # fmt: skip
        for code, number in scope.connection.execute(query):
            found[code] = number
    return found


@dataclass(frozen=True, slots=True)
class QuarterCount:
    """Hits on a network's links in a quarter of an hour that starts `at`, under one judgement."""

    network: str
    at: datetime
    judgement: Judgement
    hits: int


def quarters(scope: Scope, period: Period, without: str) -> list[QuarterCount]:
    """Possible persons' hits that are still kept, by quarter of an hour: every zone's hours are made of whole ones.

    Codes that begin with `without` are left out.
    """
    quarter = type_coerce(hit.c.at, BigInteger) // _QUARTER_US
    query = (
        select(account.c.network, quarter, hit.c.judgement, func.count())
        .join(link, (link.c.brand_id == scope.brand_id) & (link.c.code == hit.c.code))
        .join(account, (account.c.brand_id == scope.brand_id) & (account.c.id == link.c.account_id))
        .where(
            hit.c.brand_id == scope.brand_id, hit.c.at >= period.start, hit.c.at < period.end,
            hit.c.judgement.in_([Judgement.PERSON.value, Judgement.UNSURE.value]),
            ~hit.c.code.startswith(without, autoescape=True),
        )
        .group_by(account.c.network, quarter, hit.c.judgement)
    )  # fmt: skip
    return [
        QuarterCount(network, instant_of(number * _QUARTER_US), Judgement(judgement), hits)
        for network, number, judgement, hits in scope.connection.execute(query)
    ]


_Counted = dict[tuple[date, str, str], int]  # by day, code and judgement


def _whole_days(scope: Scope, *where: ColumnElement[bool]) -> _Counted:
    query = select(day_count.c.day, day_count.c.code, day_count.c.judgement, day_count.c.hits).where(
        day_count.c.brand_id == scope.brand_id, day_count.c.hits > 0, *where
    )
    return {(day, code, judgement): hits for day, code, judgement, hits in scope.connection.execute(query)}


def _part_of_day(scope: Scope, day: datetime, start: datetime, end: datetime) -> _Counted:
    whole = _whole_days(scope, day_count.c.day == day.date())
    kept = _hits(scope, day, day + _DAY, sorted({code for _, code, _ in whole}))
    wanted = _hits(scope, start, end, sorted({code for _, code, _ in whole}))
    gone = {key: hits for key, hits in whole.items() if key not in kept}
    return wanted | (gone if end - start > _DAY / 2 else {})


def _hits(scope: Scope, start: datetime, end: datetime, codes: list[str]) -> _Counted:
    """Counted from the hits themselves, which lie by code and then by time; the two instants are of one UTC day."""
    found: _Counted = {}
    for first in range(0, len(codes), 500):  # databases limit the parameters of a query
        query = (
            select(hit.c.code, hit.c.judgement, func.count())
            .where(
                hit.c.brand_id == scope.brand_id, hit.c.code.in_(codes[first : first + 500]), hit.c.at >= start,
                hit.c.at < end,
            )
            .group_by(hit.c.code, hit.c.judgement)
        )  # fmt: skip
        for code, judgement, hits in scope.connection.execute(query):
            found[start.date(), code, judgement] = hits
    return found


def _owners(scope: Scope) -> dict[str, tuple[str | None, str | None]]:
    """Network and account of each of the brand's links."""
    query = (
        select(link.c.code, account.c.network, link.c.account_id)
        .outerjoin(account, (account.c.brand_id == scope.brand_id) & (account.c.id == link.c.account_id))
        .where(link.c.brand_id == scope.brand_id)
    )
    return {row.code: (row.network, row.account_id) for row in scope.connection.execute(query)}


def _start_of(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time.min, UTC)


def unknown_count(connection: Connection) -> int:
    """Hits on codes nobody registered, or on disabled ones."""
    return connection.execute(select(func.count()).select_from(unknown_hit)).scalar_one()
