"""What the exports of web analytics share: counts as tallies, by whatever the rows are by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crosspost.domain.origins import network_of
from crosspost.domain.tally import Tally
from crosspost.imports.counting import whole
from crosspost.imports.numbers import missing
from crosspost.imports.shape import Context, Row

Counted = tuple[int, Tally]
_UNSET = frozenset({"(not set)", "(none)", "(not provided)", "(data not available)", "not set"})


@dataclass(frozen=True, slots=True)
class Metric:
    """What a column counts, in our word, and whether its rows may be added up."""

    name: str
    additive: bool = True


def told(row: Row, name: str) -> str | None:
    """A dimension's value; None where it is blank, or the tool says that it was not set. `(direct)` is a value."""
    return known(row.get(name))


def known(text: str | None) -> str | None:
    """The same of a text."""
    return None if not text or text.lower() in _UNSET else text


def tallies(
    rows: Sequence[Row], metrics: Mapping[str, Metric], bases: Iterable[Tally], context: Context
) -> tuple[Counted, ...]:
    """Per row and metric that the file has a column for, the row's `base` with that count.

    A cell without a number is a tally without one, with the reason.
    """
    columns = {name: whole(rows, name) for name in metrics if rows and rows[0].has(name)}
    return tuple(
        (row.line, _counted(joined(base, context), metrics[name], values[at], row.get(name)))
        for at, (row, base) in enumerate(zip(rows, bases, strict=True))
        for name, values in columns.items()
    )


def joined(base: Tally, context: Context) -> Tally:
    """With the network its source names, and our code where its campaign, content or page carries one."""
    code = context.code(content=base.content, campaign=base.campaign, page=base.page)
    return replace(base, network=base.network or network_of(base.source), code=base.code or code)


def _counted(base: Tally, metric: Metric, value: Decimal | None, text: str | None) -> Tally:
    reason = missing(text) if value is None else None
    return replace(base, metric=metric.name, additive=metric.additive, value=value, reason=reason)


class Counting:
    """Counts rows that are each one view or click: as many tallies of one as are alike become one of that many."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: dict[Tally, tuple[int, int]] = {}  # first line, how many

    def add(self, line: int, one: Tally) -> None:
        first, times = self._found.get(one, (line, 0))
        self._found[one] = (min(first, line), times + 1)

    @property
    def counted(self) -> tuple[Counted, ...]:
        return tuple(
            (line, replace(joined(one, self._context), value=Decimal(times)))
            for one, (line, times) in self._found.items()
        )


def base(tool: str, by: str, start: date, end: date) -> Tally:
    """A tally of a period before it counts anything."""
    return Tally(tool=tool, metric="", by=by, start=start, end=end, value=None)


def of(empty: Tally, **dimensions: str | None) -> Tally:
    """The same with these dimensions."""
    told_of: dict[str, Any] = {**dimensions}
    return replace(empty, **told_of)


def on(empty: Tally, day: date) -> Tally:
    """The same of one day."""
    return replace(empty, start=day, end=day + timedelta(days=1))


def sums(found: Iterable[Counted]) -> dict[str, str]:
    """What a table adds up to, per metric that can be added up."""
    total: dict[str, Decimal] = {}
    for _, one in found:
        if one.additive and one.value is not None:
            total[one.metric] = total.get(one.metric, Decimal(0)) + one.value
    return {metric: str(value) for metric, value in total.items()}
