"""A consistent copy of the whole database while others use it, and the way back."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, inspect

from crosspost.domain.errors import BadInput, Conflict, Unavailable
from crosspost.store.database import LOCK_WAIT_S, Database
from crosspost.store.tables import metadata, visitor_day

SQLITE, POSTGRESQL = "database.sqlite", "database.pgdump"  # names in a backup
_NO_VERSION = "alembic_version"


def copy(database: Database, target: Path, environment: Mapping[str, str]) -> None:
    """Write a copy to `target`, without today's visitors. Writers wait meanwhile on SQLite, nobody on PostgreSQL.

    Raises Unavailable (no pg_dump, the server refuses), Conflict (the database is damaged).
    """
    if database.dialect == "postgresql":
        _run("pg_dump", database.url, environment, "--format=custom", "--no-owner", "--no-acl",
             f"--exclude-table-data={visitor_day.name}", f"--file={target}")  # fmt: skip
        return
    path = database.url.database
    if not path:
        raise BadInput("a database in memory has no backup", remedy="set `database`")
    source = sqlite3.connect(f"file:{quote(str(Path(path).absolute()))}?mode=rw", uri=True, timeout=LOCK_WAIT_S)
    try:
        copied = sqlite3.connect(target)
        try:
            source.backup(copied)
            # Their bytes are overwritten, not only their names taken away.
            copied.execute("PRAGMA secure_delete=ON")
            copied.execute(f"DELETE FROM {visitor_day.name}")  # noqa: S608
            copied.commit()
        finally:
            copied.close()
    except sqlite3.Error as error:
        raise Unavailable(f"the database cannot be copied ({type(error).__name__})", where=path) from None
    finally:
        source.close()
    check_sqlite(target, path)


def vacuum(file: Path) -> None:
    """Write an SQLite file anew without what was deleted in it."""
    connection = sqlite3.connect(file)
    try:
        connection.execute("VACUUM")
    finally:
        connection.close()


def check_sqlite(file: Path, where: str) -> None:
    """Raises Conflict when SQLite finds the file damaged."""
    connection = sqlite3.connect(file)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        found = type(error).__name__
    finally:
        connection.close()
    if found != "ok":
        raise Conflict(f"the database is damaged: {str(found).splitlines()[0][:200]}", where=where)


def refuse_full(database: Database) -> None:
    """Raises Conflict unless the database has no table of ours."""
    with database.read() as connection:
        there = set(inspect(connection).get_table_names()) & {*metadata.tables, _NO_VERSION}
    if there:
        raise Conflict(
            f"the database is not empty: it has {len(there)} of our tables", remedy="name a new, empty database"
        )


def load_postgresql(dump: Path, database: Database, environment: Mapping[str, str], contents: Path) -> None:
    """Fill an empty PostgreSQL database, in one transaction, all but the schema's revision.

    Without its revision no crosspost opens it: whoever dies between here and the hold leaves nothing that sends.
    """
    program = _program("pg_restore")
    listed = subprocess.run([program, "--list", str(dump)], capture_output=True, text=True, env=dict(environment))
    if listed.returncode != 0:
        raise Conflict("the dump in the backup cannot be read", remedy="use a pg_restore as new as its pg_dump")
    kept = [line for line in listed.stdout.splitlines() if f"TABLE DATA public {_NO_VERSION} " not in line]
    if len(kept) == len(listed.stdout.splitlines()):
        raise Conflict("the dump in the backup is none of crosspost's", remedy="check the file")
    contents.write_text("\n".join(kept) + "\n", encoding="utf-8")
    _run(
        "pg_restore", database.url, environment, "--single-transaction", "--exit-on-error", "--no-owner", "--no-acl",
        f"--use-list={contents}", str(dump),
    )  # fmt: skip


def _run(name: str, url: URL, environment: Mapping[str, str], *arguments: str) -> None:
    """Run a PostgreSQL program. The password goes through the environment, which other users cannot read."""
    program = _program(name)
    where = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    given = dict(environment)
    if url.password is not None:
        given["PGPASSWORD"] = str(url.password)
    done = subprocess.run(
        [program, *arguments[:-1], f"--dbname={where}", arguments[-1]], capture_output=True, text=True, env=given
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or [""])[0][:200]
        raise Unavailable(f"{name} ended with {done.returncode}: {said}", remedy="check the database setting")


def _program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise Unavailable(
            f"{name} is not installed, and a PostgreSQL database is copied by it alone",
            remedy="install postgresql-client of the server's version, or use the server's own backup",
        )
    return program
