"""One count of everything, on any engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from crosspost.audit.credit.paths import Row
from crosspost.audit.statistics import Span, Statistics, gathered
from crosspost.counters import expressions
from crosspost.domain.errors import BadInput


class Engine(Protocol):
    """What runs an expression over the tables `lead` and `touch` that it was given."""

    def rows(self, expression: Any) -> Iterator[Sequence[Any]]: ...
    def name_channels(self, names: Sequence[str]) -> None:
        """Make the table `channel`: each name with its place as code."""
        ...


def statistics(engine: Engine, span: Span) -> Statistics:
    """Raises BadInput where there are more names of channels than can be coded."""
    names = sorted(row[0] for row in engine.rows(expressions.channels()) if row[0] is not None)
    if len(names) > expressions.CHANNELS:
        raise BadInput(f"{len(names)} channels", remedy=f"{expressions.CHANNELS} at most: group them first")
    engine.name_channels(names)
    return gathered(
        _paths(engine, names, span),
        ((row[0], tuple(map(int, row[1:]))) for row in engine.rows(expressions.stages(span))),
        (
            (int(row[0]), row[1], tuple(map(int, row[2:])))
            for at in ("contacted_s", "won_s")
            for row in engine.rows(expressions.weeks(span, at))
        ),
    )


def _paths(engine: Engine, names: Sequence[str], span: Span) -> Iterator[Row]:
    for codes, conversions, value, nulls in engine.rows(expressions.paths(span)):
        yield tuple(names[code] for code in codes), int(conversions), int(value), int(nulls)
