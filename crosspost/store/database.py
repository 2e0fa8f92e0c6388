"""The connection to the one database: SQLite by default, PostgreSQL by its URL."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from crosspost.domain.errors import BadInput, Unavailable
from crosspost.store.prepared import execute

LOCK_WAIT_S = 30.0
_READ, _WRITE = "BEGIN", "BEGIN IMMEDIATE"


def wal_is_sound(version: tuple[int, ...]) -> bool:
    """Whether this SQLite library is free of the WAL-reset fault of 3.7.0–3.51.2 (fixed in 3.51.3, 3.50.7, 3.44.6).

    crosspost uses the rollback journal whatever the answer: only another program that opened the file in WAL mode
    could corrupt it.
    """
    if version >= (3, 51, 3) or version < (3, 7, 0):
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in ((3, 50, 7), (3, 44, 6)))


def _private_file(file: Path) -> None:
    """Make the folder and the file, for their owner alone: clients' names are in it. Raises BadInput."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise BadInput(
            f"the database cannot be written ({error.strerror})", where=str(file), remedy="check --data-dir"
        ) from None


class Database:
    """Opens short transactions. Safe to share between threads, not between forked processes."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise BadInput("the database URL cannot be read", remedy="write sqlite:///path or postgresql://…") from None
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.dialect = parsed.get_backend_name()
        if self.dialect not in ("sqlite", "postgresql"):
            raise BadInput(f"database {self.dialect!r} is not supported", remedy="use sqlite or postgresql")
        self.url = parsed
        self.engine = self._sqlite() if self.dialect == "sqlite" else self._postgresql()
        # To hand a connection of SQLite back to the pool and take it out again costs more than a short query does.
        # Who writes does so on the same one again: the pages it remembers are good until another connection writes.
        self._idle: dict[str, list[Connection]] = {_READ: [], _WRITE: []}
        weakref.finalize(self, _end, self.engine, self._idle)  # who forgets close() leaves no open file behind

    def _sqlite(self) -> Engine:
        if sqlite3.sqlite_version_info < (3, 35):
            raise BadInput(f"SQLite {sqlite3.sqlite_version} is too old", remedy="3.35 or newer is needed")
        if self.url.database and not self.url.database.startswith("file:"):  # a file: address is one in memory
            _private_file(Path(self.url.database))
        # A new connection reads the whole schema first: 0.6 ms, more than most transactions here take.
        engine = create_engine(
            self.url, poolclass=QueuePool, pool_size=20, max_overflow=-1,
            connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
        )  # fmt: skip

        @event.listens_for(engine, "connect")
        def _pragmas(dbapi: Any, _record: Any) -> None:
            dbapi.isolation_level = None  # we say BEGIN ourselves: the driver's own would start a read lock first
            cursor = dbapi.cursor()
            # With DELETE, a power cut may bring the journal back and undo what was committed: FULL syncs the
            # journal's end, but no folder. It also leaves WAL, which somebody else may have set.
            cursor.execute("PRAGMA journal_mode=TRUNCATE")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            # What is deleted is overwritten: a person who was erased must not be found in the file.
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            # IMMEDIATE takes the write lock at once: two claims can never both have read the same epoch.
            execute(connection, _READ if connection.info.get("read") else _WRITE)

        return engine

    def _postgresql(self) -> Engine:
        return create_engine(self.url, pool_pre_ping=True, pool_size=5, isolation_level="READ COMMITTED")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write; rolled back when the block raises."""
        with self._connect(read=False) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads."""
        with self._connect(read=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connect(self, *, read: bool) -> Iterator[Connection]:
        kind, other = (_READ, _WRITE) if read else (_WRITE, _READ)
        connection = self._taken(kind, other)
        connection.info["read"] = read
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if self.dialect == "sqlite":
            self._idle[kind].append(connection)
        else:
            connection.close()

    def _taken(self, *kinds: str) -> Connection:
        for kind in kinds:
            with suppress(IndexError):
                return self._idle[kind].pop()
        try:
            return self.engine.connect()
        except DBAPIError as error:
            raise Unavailable(
                f"the database does not open ({type(error.orig).__name__})", remedy="check its address and rights"
            ) from None

    def close(self) -> None:
        _end(self.engine, self._idle)


def _end(engine: Engine, idle: dict[str, list[Connection]]) -> None:
    for connections in idle.values():
        while connections:
            connections.pop().close()
    engine.dispose()
