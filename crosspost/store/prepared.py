"""Statements that run for every delivery, written out once as SQLite takes them.

SQLAlchemy looks each statement up, binds and wraps it anew at every execution: several times what SQLite needs to
run it. PostgreSQL, where a round trip costs more than that, goes SQLAlchemy's way. Both are given and give the same.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Table, bindparam, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Given = Mapping[str, Any]
_Convert = Callable[[Any], Any]


class Prepared:
    """One statement whose values are named parameters, one each: no `in_`. Safe to share between threads."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._written: _Written | None = None

    @classmethod
    def insert(cls, table: Table, columns: str) -> Prepared:
        """An INSERT of these columns, with spaces between them; each is given by its name, the others stay empty."""
        return cls(insert(table).values({name: bindparam(name) for name in columns.split()}))

    def all(self, connection: Connection, given: Given) -> Sequence[Any]:
        """Every row; its columns are attributes."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, given).all()
        written = self._for(connection.dialect)
        return [written.row(one) for one in written.run(connection, given).fetchall()]

    def first(self, connection: Connection, given: Given) -> Any:
        """The first row, None where there is none."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, given).first()
        written = self._for(connection.dialect)
        found = written.run(connection, given).fetchall()  # to the end: an open cursor would hold its read lock
        return written.row(found[0]) if found else None

    def change(self, connection: Connection, given: Given) -> int:
        """Run an INSERT, UPDATE or DELETE; how many rows it touched."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, given).rowcount
        return self._for(connection.dialect).run(connection, given).rowcount

    def _for(self, dialect: Dialect) -> _Written:
        written = self._written
        if written is None:
            written = self._written = _Written(self.statement, dialect)
        return written


def execute(connection: Connection, text: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
    """Run a statement of SQLite's own on its driver. Raises DBAPIError."""
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor: sqlite3.Cursor = driver.execute(text, values)
    except sqlite3.Error as error:
        failure = DBAPIError.instance(
            text, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
        )
    else:
        return cursor
    raise failure


class _Written:
    """A statement as text with its parameters in order, and how values go in and come out."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        self._binds = [_bind(compiled, name, dialect) for name in compiled.positiontup or ()]
        columns = list(getattr(statement, "selected_columns", ()))
        kind: Any = namedtuple("Row", [one.name for one in columns])  # type: ignore[misc]
        self._make: Callable[[Sequence[Any]], Any] = kind._make
        results = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns]
        self._results = [(at, convert) for at, convert in enumerate(results) if convert is not None]

    def run(self, connection: Connection, given: Given) -> sqlite3.Cursor:
        """Raises DBAPIError, as SQLAlchemy does."""
        values = [
            (given[name] if needed else fixed) if convert is None else convert(given[name] if needed else fixed)
            for name, needed, fixed, convert in self._binds
        ]
        for listen in connection.dispatch.before_cursor_execute:
            listen(connection, None, self.text, values, None, False)
        return execute(connection, self.text, values)

    def row(self, found: Sequence[Any]) -> Any:
        if self._results:
            found = list(found)
            for at, convert in self._results:
                found[at] = convert(found[at])
        return self._make(found)


def _bind(compiled: SQLCompiler, name: str, dialect: Dialect) -> tuple[str, bool, Any, _Convert | None]:
    """Name, whether a value must be given, the statement's own value, and how SQLite takes it."""
    bind = compiled.binds[name]
    if bind.expanding:
        raise ValueError(f"{name} stands for a list: such a statement is written anew at each execution")
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return bind.key, bind.required, bind.effective_value, convert
