"""Statements written out once: they give what SQLAlchemy gives, fail as it fails, and are seen as its own are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from types import ModuleType

import pytest
from sqlalchemy import bindparam, event, func, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from crosspost.domain.brand import Brand, LinkMode
from crosspost.domain.ids import new_id
from crosspost.store import brands, claims, flights, spending
from crosspost.store.database import Database
from crosspost.store.prepared import Prepared, execute
from crosspost.store.tables import brand
from tests.brand_trace import trouble
from tests.engine import NOW

# A step over a table that grows with every post, and no more is known of the rows than whose they are.
_GROWING = re.compile(r"(SCAN|SEARCH (?=.*\((brand|account)_id=\?\))) ?(delivery|attempt|post|spend)\b")
SLUG = select(brand).where(brand.c.slug == bindparam("slug"))


def _add(database: Database, slug: str, at: datetime = NOW, *, auto: bool = True) -> str:
    brand_id = new_id(NOW)
    with database.write() as connection:
        brands.add(connection, Brand(brand_id, slug, "Nom", "UTC", "fr", "EUR", LinkMode.DIRECT, None, auto, at))
    return brand_id


def test_a_row_is_what_sqlalchemy_makes_of_it(database: Database) -> None:
    written = datetime(2026, 3, 29, 3, 30, 0, 7, tzinfo=timezone(timedelta(hours=2)))
    _add(database, "un", written, auto=False)
    with database.read() as connection:
        known = connection.execute(SLUG, {"slug": "un"}).one()
        row = Prepared(SLUG).first(connection, {"slug": "un"})
        assert {name: getattr(row, name) for name in known._fields} == known._asdict()
        assert (row.created_at, row.created_at.tzinfo) == (written, UTC)
        assert row.auto_publish is False
        assert Prepared(SLUG).first(connection, {"slug": "nobody"}) is None
        assert [one.slug for one in Prepared(SLUG).all(connection, {"slug": "un"})] == ["un"]


def test_a_change_tells_how_many_rows_it_touched_and_is_undone_with_its_transaction(database: Database) -> None:
    brand_id = _add(database, "un")
    rename = Prepared(
        update(brand)
        .where(brand.c.id == bindparam("brand_id"), brand.c.zone == "UTC")
        .values(name=bindparam("name"), created_at=bindparam("at"))
    )
    with database.write() as connection:
        assert rename.change(connection, {"brand_id": brand_id, "name": "Deux", "at": NOW}) == 1
        assert rename.change(connection, {"brand_id": "nobody", "name": "Deux", "at": NOW}) == 0
    with pytest.raises((KeyError, StatementError)):  # noqa: PT012, SIM117 - the transaction is what raises
        with database.write() as connection:
            rename.change(connection, {"brand_id": brand_id, "name": "Trois", "at": NOW})
            rename.change(connection, {"brand_id": brand_id})
    with database.read() as connection:
        assert Prepared(SLUG).first(connection, {"slug": "un"}).name == "Deux"


def test_a_failure_is_sqlalchemys_own_and_tells_no_value(database: Database) -> None:
    brand_id = _add(database, "un")
    row = {column.name: None for column in brand.columns} | {
        "id": brand_id, "slug": "geheim", "name": "Nom", "zone": "UTC", "language": "fr", "currency": "EUR",
        "link_mode": "direct", "auto_publish": True, "created_at": NOW, "reactors": False,
    }  # fmt: skip
    add = Prepared.insert(brand, " ".join(column.name for column in brand.columns))
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        add.change(connection, row)
    if database.dialect == "sqlite":
        assert "geheim" not in str(caught.value)


def test_a_naive_instant_a_missing_value_and_a_list_are_refused(sqlite_database: Database) -> None:
    early = select(brand).where(brand.c.created_at < bindparam("at"))
    with sqlite_database.read() as connection:
        with pytest.raises(ValueError, match="naive|aware"):
            Prepared(early).all(connection, {"at": datetime(2026, 1, 1)})
        with pytest.raises(KeyError):
            Prepared(early).all(connection, {})
        with pytest.raises(ValueError, match="stands for a list"):
            Prepared(select(brand).where(brand.c.slug.in_(["a", "b"]))).all(connection, {})
        with pytest.raises(OperationalError):
            Prepared(select(func.no_such_function())).first(connection, {})


def test_what_watches_statements_sees_them(database: Database) -> None:
    seen: list[str] = []

    def listen(*given: object) -> None:
        seen.append(str(given[2]))

    event.listen(database.engine, "before_cursor_execute", listen)
    given = {"brand_id": "b", "account_id": "a", "now": NOW, "page": 2}
    with database.read() as connection:
        claims._QUEUE.all(connection, given)
        claims._UNVERIFIED.first(connection, given)
    event.remove(database.engine, "before_cursor_execute", listen)
    assert len([one for one in seen if "FROM delivery" in one and trouble(one) is None]) == 2


@pytest.mark.parametrize("place", [claims, flights, spending], ids=lambda one: one.__name__.rpartition(".")[2])
def test_no_statement_of_a_delivery_goes_through_all_that_the_brand_ever_sent(
    sqlite_database: Database, place: ModuleType
) -> None:
    """Each must find its few rows by an index: what a claim costs must not grow with what was sent in the past."""
    statements = {name: one for name, one in vars(place).items() if isinstance(one, Prepared)}
    assert statements
    with sqlite_database.read() as connection:
        for name, one in statements.items():
            written = one._for(connection.dialect).text
            plan = execute(connection, f"EXPLAIN QUERY PLAN {written}", [None] * written.count("?")).fetchall()
            for *_, step in plan:
                grows = _GROWING.match(step)
                assert not grows, f"{place.__name__}.{name}: {step}"


def test_the_search_for_long_ways_finds_one(sqlite_database: Database) -> None:
    asked = "EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE brand_id = ? AND (state = ? OR owner IS NOT NULL)"
    with sqlite_database.read() as connection:
        [(*_, step)] = execute(connection, asked, ["", ""]).fetchall()
    assert _GROWING.match(step), step
