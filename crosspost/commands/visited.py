"""Visits for an audit: by our own script, or by one tool whose export was imported; never both, and never two tools."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from crosspost.audit.ledger import CountedDays, VisitDay, VisitRow
from crosspost.audit.observation.calendar import days_of, month_of, whole
from crosspost.domain.message import day, join, say
from crosspost.domain.period import Period
from crosspost.domain.privacy import Mode
from crosspost.domain.tally import Tally
from crosspost.domain.traffic import Judgement
from crosspost.domain.visit import WINDOW, network_of
from crosspost.store import links, privacy, tallies, traffic, visit_counts
from crosspost.store.store import Scope
from crosspost.store.tallies import StoredTally
from crosspost.store.visit_counts import VisitCount

METRIC = "visits"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Visited:
    """`counted` is what the rows were added up from. `notes` say who counted, how, and what was left aside. `days` are
    the same visits by day, those by no network among them."""

    rows: tuple[VisitRow, ...] = ()
    counted: tuple[
        tuple[str, str | None, StoredTally | VisitCount], ...
    ] = ()  # network, our code, what the rows add up
    notes: tuple[str, ...] = ()
    days: tuple[VisitDay, ...] = ()
    months: frozenset[str] = frozenset()  # counted from their first day to their last
    spans: tuple[CountedDays, ...] = ()  # counted day by day


def dated(scope: Scope) -> list[datetime]:
    """Instants of which visits are known, for the period of everything: each is within a day that was counted."""
    first = visit_counts.first_day(scope)
    found = [] if first is None else [datetime.combine(first, time.min, UTC)]
    for one in _tallied(scope):
        found += [_start(one.tally.start), _start(one.tally.end) - timedelta(seconds=1)]
    return found


def visited(scope: Scope, period: Period, measured: Iterable[str]) -> Visited:
    """The visits of a period by network. `measured` are the networks whose links are out: without visits they had none,
    if our script ran; of another tool's export nobody knows whether it lists them all."""
    tools: defaultdict[str, list[StoredTally]] = defaultdict(list)
    for one in _tallied(scope, period):
        tools[one.tally.tool].append(one)
    first = visit_counts.first_day(scope)
    if first is not None and _start(first) < period.end:
        return _by_script(scope, period, first, measured, sorted(tools))
    if not tools:
        return Visited(notes=_mode(scope, by_script=False))
    # One tool alone: the one that counted on the most days, then the first by name.
    chosen = max(sorted(tools), key=lambda tool: len(_days([one.tally for one in tools[tool]])))
    return _by_tool(scope, period, chosen, tools[chosen], measured, sorted(set(tools) - {chosen}))


def _by_script(scope: Scope, period: Period, first: date, measured: Iterable[str], aside: list[str]) -> Visited:
    counted: dict[str, Counter[Judgement]] = {network: Counter() for network in measured}
    days: defaultdict[tuple[str | None, date], Counter[Judgement]] = defaultdict(Counter)
    told: list[tuple[str, str | None, StoredTally | VisitCount]] = []
    for one in visit_counts.counts(scope, period):
        days[one.network, one.day][one.judgement] += one.visits
        if one.network is not None:
            told.append((one.network, one.code, one))
            counted.setdefault(one.network, Counter())[one.judgement] += one.visits
    note: str = say("by our script")
    if _start(first) > period.start + _DAY:
        note = say("{note}, first visit on {day}", note=note, day=day(first))
        before = traffic.counts(scope, Period(period.start, _start(first)))
        if any(one.judgement is Judgement.PERSON for one in before):  # readers came, and no script was there
            note = say("{note}: a lower bound", note=note)
    rows = tuple(
        VisitRow(network, number[Judgement.PERSON], unsure=number[Judgement.UNSURE], note=note)
        for network, number in sorted(counted.items())
    )
    minutes = int(WINDOW.total_seconds() // 60)
    how = say(
        "Visits are counted by our own script: page views of one visitor and day, none more than {minutes} minutes "
        "after the one before, by one link. Who comes on two days, or with two browsers, is counted twice.",
        minutes=minutes,
    )
    by_day = tuple(
        VisitDay(network, on, number[Judgement.PERSON], number[Judgement.UNSURE])
        for (network, on), number in sorted(days.items(), key=lambda one: (one[0][1], one[0][0] or ""))
    )
    ran = frozenset(whole(Period(max(period.start, min(_start(first), period.end)), period.end)))
    begun, last = max(_whole_from(period), first + _DAY), period.end.date()  # what the first day lacks nobody knows
    spans = (CountedDays(begun, last),) if begun < last else ()
    return Visited(rows, tuple(told), (how, *_mode(scope, by_script=True), *_aside(aside)), by_day, ran, spans)


def _mode(scope: Scope, *, by_script: bool) -> tuple[str, ...]:
    """The mode, with its legal basis: click ids are told whoever counted the visits, for leads carry them."""
    chosen = privacy.of(scope)
    if chosen.mode is Mode.CLICK_ID:
        return (
            say(
                "Click-id mode: a click, its visit and a lead may carry one name. Legal basis, in the owner's words: "
                "{basis}",
                basis=str(chosen.legal_basis),
            ),
        )
    if by_script:
        return (say("Aggregate mode: no click, visit or lead is tied to another by what a person left behind."),)
    return ()


def _by_tool(
    scope: Scope, period: Period, tool: str, stored: list[StoredTally], measured: Iterable[str], aside: list[str]
) -> Visited:
    of_code = links.networks(scope)
    counted = [one.tally for one in stored]
    told: list[tuple[str, str | None, StoredTally | VisitCount]] = []
    found: dict[str, tuple[int, list[str]]] = {}
    by = _breakdown(counted, of_code)
    for tally in stored:
        one = tally.tally
        network = _network(one, of_code) if one.by == by else ""
        if not network:
            continue
        told.append((network, one.code if one.code in of_code else None, tally))
        number, reasons = found.get(network, (0, []))
        if one.value is None:
            reasons = [*reasons, one.reason or say("the export leaves it out")]
        found[network] = number + int(one.value or 0), reasons
    days = _days([one for one in counted if one.by == by])
    note: str = say("by {tool}", tool=tool)
    partial = False
    whole = len({day for day in days if _start(day) in period})
    if whole < int(period.days):
        note = say("{note}, which counted {x} of {n} days: a lower bound", note=note, x=whole, n=int(period.days))
        partial = True
    rows = [
        VisitRow(network, number if number or not reasons else None, reasons[0] if reasons else None,
                 note=say("{note}: a lower bound", note=note) if reasons and not partial else note)
        for network, (number, reasons) in sorted(found.items())
    ]  # fmt: skip
    rows += [
        VisitRow(name, None, say("{tool} names no visit from it", tool=tool))
        for name in sorted(set(measured) - set(found))
    ]
    how = say(
        "Visits are {tool}'s own count, by its own idea of a visit, as its export told it by {by}.", tool=tool, by=by
    )
    chosen = [one for one in counted if one.by == by] if found else []
    by_day, whole_months = _tool_days(chosen, of_code, period)
    notes = (how, *_mode(scope, by_script=False), *_aside(aside))
    spans = tuple(_tool_spans(chosen, period))
    return Visited(tuple(rows), tuple(told), notes, tuple(by_day), frozenset(whole_months), spans)


def _tool_days(
    counted: list[Tally], of_code: Mapping[str, str | None], period: Period
) -> tuple[list[VisitDay], list[str]]:
    """Visits under the first day of their tally, and the months whose every day is told by tallies that end in them.

    A tally over several months says nothing of any of them.
    """
    within = [one for one in counted if month_of(one.start) == month_of(one.end - _DAY)]
    days = [
        VisitDay(_network(one, of_code) or None, one.start, int(one.value)) for one in within if one.value is not None
    ]
    told = _days(within)
    unknown = {month_of(one.start) for one in within if one.value is None}
    unknown |= {month_of(day) for one in counted if one not in within for day in _days([one])}
    months = [month for month in whole(period) if month not in unknown and all(day in told for day in days_of(month))]
    return days, months


def _tool_spans(counted: list[Tally], period: Period) -> Iterable[CountedDays]:
    """Days in a row of which every tally is of one day, and has a value."""
    daily = [one for one in counted if one.end - one.start == _DAY]
    known = _days(daily) - {one.start for one in daily if one.value is None}
    first = _whole_from(period)
    inside = {day for day in known if first <= day < period.end.date()}
    starts = sorted(day for day in inside if day - _DAY not in inside)
    ends = sorted(day + _DAY for day in inside if day + _DAY not in inside)
    return map(CountedDays, starts, ends)


def _whole_from(period: Period) -> date:
    """The first UTC day that the period holds from its beginning."""
    first = period.start.date()
    return first if _start(first) == period.start else first + _DAY


def _aside(tools: list[str]) -> tuple[str, ...]:
    if not tools:
        return ()
    return (
        say(
            "Visits as {tools} counted them were left aside: two counts of one thing are never added.",
            tools=join(say(" and "), tools),
        ),
    )


def _breakdown(counted: list[Tally], of_code: Mapping[str, str | None]) -> str:
    """The breakdown that tells of the most visits which network they came from: each counts the same visits again."""
    told: Counter[str] = Counter()
    for one in counted:
        told[one.by] += int(one.value or 0) if _network(one, of_code) else 0
    return max(sorted(told), key=lambda by: told[by])


def _network(one: Tally, of_code: Mapping[str, str | None]) -> str:
    """By our code, else as the importer recognised it, else by the source that the tool names: a word or a host."""
    by_code = of_code.get(one.code or "")
    return by_code or one.network or network_of(one.source or "", "") or network_of("", one.source or "")


def _days(counted: Iterable[Tally]) -> set[date]:
    return {one.start + _DAY * number for one in counted for number in range((one.end - one.start).days)}


def _tallied(scope: Scope, period: Period | None = None) -> list[StoredTally]:
    """Counts of visits that may be added up."""
    return [one for one in tallies.tallies(scope, period) if one.tally.metric == METRIC and one.tally.additive]


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def added(told: StoredTally | VisitCount, *, possible: bool = False) -> int:
    """How many visits of surely people a counted row adds; with those that may be people's, if asked for."""
    if isinstance(told, StoredTally):
        return int(told.tally.value or 0)
    counts = told.judgement is Judgement.PERSON or (possible and told.judgement is Judgement.UNSURE)
    return told.visits if counts else 0
