from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crosspost.domain.errors import Conflict
from crosspost.store import migrate
from crosspost.store.database import Database
from crosspost.store.tables import metadata

RELEASED = sorted(Path(__file__).parents[1].glob("data/schema_*.sql"))
VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def differences(database: Database) -> list[object]:
    with database.read() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def test_the_migrations_give_the_schema_of_the_code(database: Database) -> None:
    assert migrate.current(database) == migrate.HEAD
    assert differences(database) == []


def test_every_released_schema_has_its_frozen_dump() -> None:
    numbered = sorted(path.name[:4] for path in VERSIONS.glob("*.py"))
    assert [re.sub(r"\D", "", path.stem) for path in RELEASED] == numbered
    assert numbered[-1] == migrate.HEAD


@pytest.mark.parametrize("dump", RELEASED, ids=lambda path: path.stem)
def test_upgrade_from_a_released_schema(dump: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(dump.read_text())
        connection.execute(
            "INSERT INTO brand (id, slug, name, zone, language, currency, link_mode, auto_publish, created_at) "
            "VALUES ('b', 'atelier', 'Atelier', 'UTC', 'fr', 'EUR', 'direct', 0, '2026-01-02 03:04:05.000000')"
        )
    connection.close()
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.HEAD
    assert differences(database) == []
    with database.read() as read:
        assert read.exec_driver_sql("SELECT slug FROM brand").scalar_one() == "atelier"
    database.close()


def test_an_upgrade_is_done_once(database: Database) -> None:
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.HEAD


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match="9999"):
        migrate.upgrade(database)
