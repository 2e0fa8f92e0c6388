"""Leads that an audit holds, counted by an engine in place of plain code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from crosspost.audit.statistics import Count, LeadFact, Span, Statistics, plain
from crosspost.counters.tables import LEADS
from crosspost.domain.errors import BadInput

EngineName = Literal["plain", "duckdb", "spark"]
Rows = list[tuple[Any, ...]]


class _Taking(Protocol):
    """An engine that is given rows of its two tables."""

    def rows(self, expression: Any) -> Iterator[Sequence[Any]]: ...
    def name_channels(self, names: Sequence[str]) -> None: ...
    def take(self, leads: Rows, touches: Rows) -> None: ...


@contextmanager
def counter(engine: EngineName, master: str | None = None) -> Iterator[Count]:
    """What counts, while the engine is there. Raises BadInput, Unavailable where it is not installed or not reached."""
    if engine == "plain":
        yield plain
        return
    from crosspost.counters.counting import statistics  # half a second to load, and not there in every installation

    def counting(taking: _Taking) -> Count:
        def count(facts: Sequence[LeadFact], span: Span) -> Statistics:
            taking.take(*_tables(facts))
            return statistics(taking, span)

        return count

    if engine == "duckdb":
        from crosspost.counters.duck import Duck

        with Duck.opened() as duck:
            yield counting(duck)
    else:
        from crosspost.counters.spark import Spark

        if master is None:
            raise BadInput("Spark needs its cluster's address", remedy="--master spark://HOST:7077")
        with Spark.connected(master) as cluster:
            yield counting(cluster)


def _tables(facts: Sequence[LeadFact]) -> tuple[Rows, Rows]:
    """Rows in the order of `LEADS` and `TOUCHES`; a lead's name is its place."""
    kept = [name for name in LEADS if name != "lead"]
    leads = [(str(at), *(getattr(one, name) for name in kept)) for at, one in enumerate(facts)]
    touches = [(str(at), place, name) for at, one in enumerate(facts) for place, name in enumerate(one.touches)]
    return leads, touches
