from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crosspost.domain.errors import Conflict
from crosspost.store import business, migrate
from crosspost.store.database import Database
from crosspost.store.store import Store
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


def test_losses_and_returns_of_before_keep_their_meaning(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as connection:
        connection.executescript((Path(__file__).parents[1] / "data" / "schema_0006.sql").read_text())
        connection.executescript(_BEFORE_STAGES)
    connection.close()
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    store = Store(database)
    with store.read("b") as scope:
        [lost] = [one.lead for one in business.leads(scope) if one.lead.lost_at is not None]
        steps = [step.channel for one in business.leads(scope) for step in one.lead.touchpoints]
        told = scope.connection.exec_driver_sql(
            "SELECT source_id, returning_told FROM deal WHERE brand_id = 'b' ORDER BY source_id"
        ).all()
        bought = scope.connection.exec_driver_sql("SELECT id, bought_at FROM client WHERE brand_id = 'b'").all()
    database.close()
    assert (lost.source_id, lost.lost_reason, steps) == ("L1", "price", ["meetup"])
    assert [(name, bool(said)) for name, said in told] == [("D1", True), ("D2", False), ("D3", False)]
    assert {name: at is not None for name, at in bought} == {"c1": False, "c2": False, "c3": True}


_BEFORE_STAGES = """
INSERT INTO brand (id, slug, name, zone, language, currency, link_mode, auto_publish, created_at)
VALUES ('b', 'atelier', 'Atelier', 'UTC', 'fr', 'EUR', 'direct', 0, '2026-01-02 03:04:05.000000');
INSERT INTO lead (id, brand_id, source, source_id, contacted_at, lost_at, lost_reason, recorded_at) VALUES
('l1', 'b', 'cli', 'L1', '2026-01-02 03:04:05.000000', '2026-02-02 00:00:00.000000', 'price',
 '2026-03-02 00:00:00.000000'),
('l2', 'b', 'cli', 'L2', '2026-01-02 03:04:05.000000', NULL, NULL, '2026-03-02 00:00:00.000000');
INSERT INTO touchpoint (id, brand_id, lead_id, position, channel) VALUES ('t1', 'b', 'l1', 0, 'meetup');
INSERT INTO client (id, brand_id, since) VALUES ('c1', 'b', '2026-01-05 00:00:00.000000'),
('c2', 'b', '2026-01-05 00:00:00.000000'), ('c3', 'b', '2024-01-05 00:00:00.000000');
INSERT INTO deal (id, brand_id, client_id, lead_id, source, source_id, won_at, "returning", recorded_at) VALUES
('d1', 'b', 'c1', 'l2', 'cli', 'D1', '2026-01-05 00:00:00.000000', 1, '2026-03-02 00:00:00.000000'),
('d2', 'b', 'c2', NULL, 'cli', 'D2', '2026-01-05 00:00:00.000000', 0, '2026-03-02 00:00:00.000000'),
('d3', 'b', 'c2', NULL, 'cli', 'D3', '2026-02-05 00:00:00.000000', 1, '2026-03-02 00:00:00.000000');
"""


def test_an_upgrade_is_done_once(database: Database) -> None:
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.HEAD


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match="9999"):
        migrate.upgrade(database)
