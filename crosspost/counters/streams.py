"""What a store's queries answer, as Arrow streams by ADBC: read once, in batches, without pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from crosspost.counters.tables import LARGE
from crosspost.domain.errors import Unavailable

_ROWS = 65_536  # of a batch


@contextmanager
def sqlite(path: str, queries: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Streams by name from a file that is only read. Raises Unavailable without ADBC."""
    from urllib.parse import quote

    try:
        from adbc_driver_sqlite import dbapi
    except ImportError:
        raise Unavailable("the ADBC driver of SQLite is not installed", remedy=LARGE) from None
    options = {"adbc.sqlite.query.batch_rows": str(_ROWS)}
    read_only = dbapi.connect(f"file:{quote(path)}?mode=ro")
    with read_only as connection, _opened(connection, queries, options) as streams:
        yield streams


@contextmanager
def postgresql(address: str, queries: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The same from a server; `address` may hold a password, and goes into no message."""
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise Unavailable("the ADBC driver of PostgreSQL is not installed", remedy=LARGE) from None
    try:
        connected = dbapi.connect(address)
    except dbapi.Error as error:
        raise Unavailable(
            f"the database does not open ({type(error).__name__})", remedy="check its address and rights"
        ) from None
    with connected as connection, _opened(connection, queries, {}) as streams:
        yield streams


@contextmanager
def _opened(connection: Any, queries: Mapping[str, str], options: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    cursors = {name: connection.cursor(adbc_stmt_kwargs=dict(options)) for name in queries}
    try:
        yield {name: _Lazily(cursors[name], query) for name, query in queries.items()}
    finally:
        for cursor in cursors.values():
            cursor.close()


class _Lazily:
    """A stream whose query runs when it is read: one connection answers one query at a time."""

    def __init__(self, cursor: Any, query: str) -> None:
        self._cursor, self._query = cursor, query

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        self._cursor.execute(self._query)
        return self._cursor.fetch_arrow().__arrow_c_stream__(requested_schema)
