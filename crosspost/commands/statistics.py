"""Count a brand's statistics, or those of files, with the counter that fits their size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal

from crosspost.audit.statistics import LeadFact, Span, Statistics, plain
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput
from crosspost.store import facts
from crosspost.store.store import Store

EngineName = Literal["auto", "plain", "duckdb", "spark"]
LARGE = 50_000  # leads; starting DuckDB takes longer than counting fewer by plain code


def of_files(leads: str, touches: str, span: Span, engine: EngineName, master: str | None = None) -> Statistics:
    """The statistics of two files; Spark reads them by any address its cluster knows. Raises BadInput, Unavailable."""
    from crosspost.counters.counting import statistics

    if engine == "spark":
        from crosspost.counters.spark import Spark

        if master is None:
            raise BadInput("Spark needs its cluster's address", remedy="--master spark://HOST:7077")
        with Spark.connected(master) as cluster:
            cluster.read_files(leads, touches)
            return statistics(cluster, span)
    if engine == "plain":
        raise BadInput("plain code counts a brand's leads, not files", remedy="leave --engine out")
    from crosspost.counters.duck import Duck

    with Duck.opened() as duck:
        duck.read_files(Path(leads), Path(touches))
        return statistics(duck, span)


def of_brand(store: Store, brand: Brand, span: Span, engine: EngineName) -> Statistics:
    """The statistics of a brand's leads as they were recorded. Raises BadInput, Unavailable."""
    if engine == "spark":
        raise BadInput("Spark counts files", remedy="export the tables to Parquet (docs/large-ledgers.md)")
    if engine == "auto":
        with store.read(brand.id) as scope:
            engine = "duckdb" if facts.count(scope) >= LARGE else "plain"
    return _by_duckdb(store, brand, span) if engine == "duckdb" else plain(_facts(store, brand), span)


def _facts(store: Store, brand: Brand) -> Iterator[LeadFact]:
    dialect = store.database.dialect
    with store.read(brand.id) as scope:
        journeys: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in scope.connection.execute(facts.touches(brand.id)):
            journeys[row.lead].append((row.place, row.channel))
        found = scope.connection.execute(facts.leads(brand.id, dialect)).all()
    for row in found:
        journey = tuple(channel for _, channel in sorted(journeys.get(row.lead, ())))
        yield LeadFact(
            row.channel, row.contacted_s, row.talking_s, row.offered_s, row.won_s, row.lost_s, row.amount_minor,
            row.currency, journey,
        )  # fmt: skip


def _by_duckdb(store: Store, brand: Brand, span: Span) -> Statistics:
    from crosspost.counters.counting import statistics
    from crosspost.counters.duck import Duck

    dialect = store.database.dialect
    queries = {
        "lead": facts.as_text(facts.leads(brand.id, dialect), dialect),
        "touch": facts.as_text(facts.touches(brand.id), dialect),
    }
    with _streams(store, queries) as streams, Duck.opened() as duck:
        duck.read_streams(streams)
        return statistics(duck, span)


def _streams(store: Store, queries: dict[str, str]) -> AbstractContextManager[dict[str, Any]]:
    from crosspost.counters import streams

    url = store.database.url
    if store.database.dialect == "sqlite":
        return streams.sqlite(str(url.database), queries)
    return streams.postgresql(url.set(drivername="postgresql").render_as_string(hide_password=False), queries)
