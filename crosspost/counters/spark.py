"""Spark as a counter, for agencies that have a cluster: pyspark is theirs and is no dependency of crosspost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from crosspost.counters.tables import LEADS, TOUCHES
from crosspost.domain.errors import Unavailable

_TYPES = {"string": "STRING", "int64": "BIGINT"}


class Spark:
    """An engine on a session that somebody else made; it makes temporary views in it and nothing that stays."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    @contextmanager
    def connected(cls, master: str) -> Iterator[Spark]:
        """A session on a cluster such as spark://host:7077. Raises Unavailable where pyspark is not installed."""
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise Unavailable(
                "pyspark is not installed here", remedy="pip install pyspark, as your cluster has it"
            ) from None
        session = SparkSession.builder.master(master).appName("crosspost statistics").getOrCreate()
        try:
            yield cls(session)
        finally:
            session.stop()

    def read_files(self, leads: str, touches: str) -> None:
        """Take the two tables from Parquet, by any address that the cluster can read."""
        for name, place, columns in (("lead", leads, LEADS), ("touch", touches, TOUCHES)):
            chosen = [f"CAST({column} AS {_TYPES[kind]}) AS {column}" for column, kind in columns.items()]
            self._session.read.parquet(place).selectExpr(*chosen).createOrReplaceTempView(name)

    def take(self, leads: Sequence[Sequence[Any]], touches: Sequence[Sequence[Any]]) -> None:
        """Take the two tables from rows."""
        for name, columns, rows in (("lead", LEADS, leads), ("touch", TOUCHES, touches)):
            schema = ", ".join(f"{column} {_TYPES[kind]}" for column, kind in columns.items())
            self._session.createDataFrame(list(map(tuple, rows)), schema).createOrReplaceTempView(name)

    def name_channels(self, names: Sequence[str]) -> None:
        rows = list(zip(names, range(len(names)), strict=True))
        self._session.createDataFrame(rows, "name STRING, code BIGINT").createOrReplaceTempView("channel")

    def rows(self, expression: Any) -> Iterator[Sequence[Any]]:
        from ibis.backends.sql.compilers.pyspark import PySparkCompiler  # whoever has expressions has it

        sql = PySparkCompiler().to_sqlglot(expression).sql("spark")
        yield from self._session.sql(sql).collect()  # counts are few; fetching them part by part costs a job each
