"""DuckDB as a counter: fed by files, or by a store through ADBC, whose Arrow streams it reads as they come."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from crosspost.counters.arrow import Column, StreamError, batches
from crosspost.counters.tables import LEADS, TOUCHES
from crosspost.domain.errors import BadInput

_TYPES = {"string": "VARCHAR", "int64": "BIGINT"}
_READERS = {".parquet": "read_parquet", ".csv": "read_csv"}
_BATCH = 50_000
_MEMORY = "700MB"
_THREADS = 8  # at most: each takes 30 MB to read CSV and more to group, and of many there is not enough for all


class Duck:
    """An engine in this process; what does not fit into memory lies in a folder of its own meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Duck]:
        with TemporaryDirectory(prefix="crosspost-counting-") as spill:
            # Without these DuckDB looks for its extensions on the network by itself.
            config: dict[str, Any] = {
                "autoinstall_known_extensions": False, "autoload_known_extensions": False, "temp_directory": spill,
            }  # fmt: skip
            with duckdb.connect(config=config) as connection:
                connection.execute("SET enable_progress_bar = false")  # it would stand in what --json prints
                yield cls(connection)

    def read_files(self, leads: Path, touches: Path) -> None:
        """Take the two tables from Parquet or CSV files. Raises BadInput naming file and column."""
        for name, path, columns in (("lead", leads, LEADS), ("touch", touches, TOUCHES)):
            reader = _READERS.get(path.suffix.lower())
            if reader is None:
                raise BadInput("is neither .parquet nor .csv", where=str(path), remedy="write it as one of them")
            options = ", all_varchar = true" if reader == "read_csv" else ""
            chosen = ", ".join(f"CAST({column} AS {_TYPES[kind]}) AS {column}" for column, kind in columns.items())
            place = str(path).replace("'", "''")
            try:
                # A view: columns that are not asked for are never read.
                sql = f"CREATE VIEW {name} AS SELECT {chosen} FROM {reader}('{place}'{options})"  # noqa: S608
                self._connection.execute(sql)
            except duckdb.Error as error:
                raise _refused(error, path, columns) from None

    def read_streams(self, streams: Mapping[str, Any]) -> None:
        """Take the tables from Arrow streams, each read once; anything with `__arrow_c_stream__`."""
        for name, stream in streams.items():
            columns = LEADS if name == "lead" else TOUCHES
            chosen = ", ".join(f"CAST({column} AS {_TYPES[kind]}) AS {column}" for column, kind in columns.items())
            self._connection.register("arriving", stream)
            self._connection.execute(f"CREATE TABLE {name} AS SELECT {chosen} FROM arriving")  # noqa: S608
            self._connection.unregister("arriving")

    def take(self, leads: Sequence[Sequence[Any]], touches: Sequence[Sequence[Any]]) -> None:
        """Take the two tables from rows."""
        for name, columns, rows in (("lead", LEADS, leads), ("touch", TOUCHES, touches)):
            chosen = ", ".join(f"unnest(?::{_TYPES[kind]}[]) AS {column}" for column, kind in columns.items())
            held = [[row[at] for row in rows] for at in range(len(columns))]
            self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {chosen}", held)

    def name_channels(self, names: Sequence[str]) -> None:
        self._connection.execute(
            "CREATE OR REPLACE TABLE channel AS SELECT unnest(?::VARCHAR[]) AS name, unnest(?::BIGINT[]) AS code",
            [list(names), list(range(len(names)))],
        )

    def rows(self, expression: Any) -> Iterator[Sequence[Any]]:
        from ibis.backends.sql.compilers.duckdb import DuckDBCompiler  # half a second that files of paths need not

        sql = DuckDBCompiler().to_sqlglot(expression).sql("duckdb")
        try:
            found = self._connection.execute(sql)
            while batch := found.fetchmany(_BATCH):
                yield from batch
        except duckdb.Error as error:
            raise _refused(error, None, {}) from None

    def asked(self, sql: str, path: Path) -> list[tuple[Any, ...]]:
        """All rows of an answer about a file."""
        try:
            return self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise _refused(error, path, {}) from None

    def batches(self, sql: str, path: Path) -> Generator[list[Column], None, None]:
        """Columns of an answer about a file, part by part, in any order; what does not fit into `_MEMORY` meanwhile
        lies on disk."""
        ((threads,),) = self.asked("SELECT current_setting('threads')", path)
        most = f"SET memory_limit = '{_MEMORY}'; SET threads = {min(threads, _THREADS)}"
        self._connection.execute(f"SET preserve_insertion_order = false; {most}")
        try:
            yield from batches(self._connection.sql(sql))
        except (duckdb.Error, StreamError) as error:
            raise _refused(error, path, {}) from None


def _refused(error: Exception, path: Path | None, columns: Mapping[str, str]) -> BadInput:
    first, *lines = str(error).splitlines()
    what = ", ".join([first, *(line for line in lines if line.startswith("Expected Number of Columns"))])
    if columns:
        remedy = f"it needs the columns {', '.join(columns)}"
    elif path is None:
        remedy = "numbers are whole, instants seconds since 1970"
    elif "Out of Memory" in what:
        remedy = "free space on the disk: what does not fit into memory lies there"
    else:
        remedy = "check that the export is complete, its rows alike and its text UTF-8"
    return BadInput(f"cannot be counted: {what}", where=None if path is None else str(path), remedy=remedy)
