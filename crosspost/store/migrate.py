"""Bring a database to the schema of this version, one numbered migration at a time."""

from __future__ import annotations

from pathlib import Path

from crosspost.domain.errors import Conflict
from crosspost.store.database import Database

HEAD = "0010"


def current(database: Database) -> str | None:
    """The schema's revision in this database; None for an empty one."""
    from sqlalchemy import inspect, text

    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
        return str(row[0]) if row else None


def upgrade(database: Database) -> None:
    """Apply what is missing. A database newer than this program is refused, never guessed at."""
    found = current(database)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise Conflict(
            f"the database has schema {found}, this version of crosspost knows {HEAD}", remedy="upgrade crosspost"
        )
    # Alembic takes 0.8 s to import: only a database that needs it pays.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
