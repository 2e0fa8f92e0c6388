"""The sufficient statistics of a ledger: the small tables that engines count where leads are too many to be held.

`crosspost.counters` counts the same of files and stores with DuckDB or Spark; whoever counts, the numbers are equal.
Weeks are of 168 hours from the start of the period, instants whole seconds, money whole minor units of one currency.
Channels are named as they were recorded: `renamed` brings names together afterwards, since every count adds up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crosspost.domain.period import Period

if TYPE_CHECKING:
    from crosspost.audit.credit.paths import PathCounts, Row

WEEK_S = 7 * 86_400
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LeadFact:
    """A lead as it was recorded, instants in seconds since 1970 (None: not reached), and its touches, first to last.

    A deal without a lead has no `contacted_s`: it counts in the week it was won, and among no leads.
    """

    channel: str | None
    contacted_s: int | None
    talking_s: int | None = None
    offered_s: int | None = None
    won_s: int | None = None
    lost_s: int | None = None
    amount_minor: int | None = None
    currency: str | None = None
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class StageCount:
    """How far the leads of a recorded channel came; `amount_minor` is what those won brought."""

    channel: str
    leads: int
    talking: int
    offered: int
    won: int
    lost: int
    amount_minor: int


@dataclass(frozen=True, slots=True, order=True)
class WeekCount:
    """Leads by the week of their first contact, deals and money by the week they were won; weeks from 0."""

    week: int
    channel: str
    leads: int
    won: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the leads first contacted in a period, and the deals won in it without a recorded lead."""

    paths: PathCounts
    stages: tuple[StageCount, ...]
    weeks: tuple[WeekCount, ...]


Count = Callable[[Sequence["LeadFact"], "Span"], Statistics]  # plain code, or an engine


@dataclass(frozen=True, slots=True)
class Span:
    """A period in whole seconds since 1970, `[start_s, end_s)`, and the currency that money is counted in."""

    start_s: int
    end_s: int
    currency: str

    @classmethod
    def of(cls, period: Period, currency: str) -> Span:
        return cls(seconds(period.start), seconds(period.end), currency)


def seconds(at: datetime) -> int:
    """Whole seconds since 1970, earlier fractions of one left out."""
    return int(at.timestamp() // 1)


def gathered(
    rows: Iterable[Row],
    stages: Iterable[tuple[str, tuple[int, ...]]],
    weeks: Iterable[tuple[int, str, tuple[int, ...]]],
) -> Statistics:
    """Statistics of counted rows in any order; rows of one path, channel or week add up."""
    from crosspost.audit.credit.paths import count  # NumPy comes with it

    by_channel: dict[str, list[int]] = {}
    for channel, figures in stages:
        _add(by_channel.setdefault(channel, [0] * 6), figures)
    by_week: dict[tuple[int, str], list[int]] = {}
    for week, channel, figures in weeks:
        _add(by_week.setdefault((week, channel), [0] * 3), figures)
    return Statistics(
        count(rows),
        tuple(StageCount(channel, *figures) for channel, figures in sorted(by_channel.items())),
        tuple(WeekCount(*key, *figures) for key, figures in sorted(by_week.items())),
    )


def _add(total: list[int], figures: tuple[int, ...]) -> None:
    for at, figure in enumerate(figures):
        total[at] += figure


def plain(facts: Iterable[LeadFact], span: Span) -> Statistics:
    """The statistics of leads that fit into memory: what every other counter is measured against."""
    inside = [one for one in facts if _belongs(one, span)]
    return gathered(
        (_path(one, span) for one in inside if one.touches),
        ((one.channel or UNKNOWN, _stage(one, span)) for one in inside),
        (week for one in inside for week in _weeks(one, span)),
    )


def _belongs(one: LeadFact, span: Span) -> bool:
    at = one.contacted_s if one.contacted_s is not None else one.won_s
    return at is not None and span.start_s <= at < span.end_s


def _money(one: LeadFact, span: Span) -> int:
    told = one.won_s is not None and one.amount_minor is not None and one.currency == span.currency
    return (one.amount_minor or 0) if told else 0


def _path(one: LeadFact, span: Span) -> Row:
    won = int(one.won_s is not None)
    return one.touches, won, _money(one, span), 1 - won


def _stage(one: LeadFact, span: Span) -> tuple[int, ...]:
    reached = (one.contacted_s, one.talking_s, one.offered_s, one.won_s, one.lost_s)
    return (*(int(at is not None) for at in reached), _money(one, span))


def _weeks(one: LeadFact, span: Span) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    channel = one.channel or UNKNOWN
    if one.contacted_s is not None:
        yield (one.contacted_s - span.start_s) // WEEK_S, channel, (1, 0, 0)
    if one.won_s is not None:
        yield (one.won_s - span.start_s) // WEEK_S, channel, (0, 1, _money(one, span))


def renamed(statistics: Statistics, name: Callable[[str], str]) -> Statistics:
    """The same with other names of channels; those that become one are counted together."""
    paths = statistics.paths
    names = [name(one) for one in paths.channels]
    bounds = zip(paths.offsets[:-1], paths.offsets[1:], strict=True)
    figures = zip(bounds, paths.conversions, paths.value_minor, paths.nulls, strict=True)
    return gathered(
        (
            (tuple(names[place] for place in paths.touches[start:end]), int(won), int(value), int(null))
            for (start, end), won, value, null in figures
        ),
        (
            (name(one.channel), (one.leads, one.talking, one.offered, one.won, one.lost, one.amount_minor))
            for one in statistics.stages
        ),
        ((one.week, name(one.channel), (one.leads, one.won, one.amount_minor)) for one in statistics.weeks),
    )
