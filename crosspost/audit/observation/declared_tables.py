"""The tables of interruptions that were declared (A10): one row per outcome, and one per week."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crosspost.audit.counting.conversion import Row
from crosspost.audit.observation.weekly import first_day
from crosspost.audit.results import Absent, Table, table
from crosspost.domain.message import say

if TYPE_CHECKING:
    from crosspost.audit.observation.declared import Compared

BEFORE = 52  # weeks before that are compared at most: a year, over which a trend may be even
AFTER = 12  # weeks after: a quarter, within which whoever lost a network acts
_UNKNOWN = {
    "leads": say("before the first recorded lead, or after the end of the period"),
    "visits": say("visits were not counted on each of its days"),
}


def outcomes(found: Sequence[Compared]) -> Table:
    columns = (
        ("stopped", "", "what was declared to have stopped"),
        ("since", "", "the first day without it"),
        ("until", "", "the first day with it again"),
        ("why", "", "in the owner's words"),
        ("declared_at", "", "when it was declared"),
        ("looked_at", "", "the last look at what followed, before it was declared or its end was told"),
        ("outcome", "", "what is counted each week, from all sources"),
        ("weeks_before", "weeks", "in a row, compared"),
        ("weeks_after", "weeks", "in a row, compared"),
        ("held_against", "", "what foretold the weeks after"),
        ("seen", "per week", "of the weeks after, their mean as logarithms of half a one more"),
        ("foretold", "per week", "what was foretold of them, in the same way"),
        ("change", "share", "the one over the other, half a one added to both, less 1"),
        ("low", "share", "its 95 % interval, lower end"),
        ("high", "share", "its upper end"),
        ("placebos", "placebos", "earlier weeks taken for the interruption"),
        ("p_time", "share", "rank of the change among them"),
    )
    note = say(
        "Weeks of seven days are counted from the first day without it. At most {before} before and {after} after are "
        "compared.",
        before=BEFORE,
        after=AFTER,
    )
    return table("interruptions", say("Interruptions that were declared"), columns, [_row(one) for one in found], note)


def _row(one: Compared) -> Row:
    row, after = one.declared, one.weeks[one.before :]
    figures: Row = [Absent(one.missing or "")] * 8
    if one.gap is not None:
        figures = [
            one.foretelling,
            *one.typical,
            *(math.expm1(value) for value in (one.gap.mean, one.gap.low, one.gap.high)),
            one.gap.placebos_time,
            Absent(say("no placebo can be made")) if one.gap.p_time is None else one.gap.p_time,
        ]
    return [
        row.stopped, row.since.isoformat(),
        Absent(say("it is not known to be back")) if row.until is None else row.until.isoformat(),
        Absent(say("the words were erased")) if row.why is None else row.why, row.declared_at,
        Absent(say("nobody had looked")) if row.looked_at is None else row.looked_at,
        one.outcome, one.before, len(after), *figures,
    ]  # fmt: skip


def weeks(found: Sequence[Compared]) -> Table:
    columns = (
        ("stopped", "", "what was declared to have stopped"),
        ("since", "", "the first day without it"),
        ("outcome", "", "what is counted"),
        ("week", "", "0 is the first one without it"),
        ("start", "", "its first day, UTC"),
        ("seen", "", "of the week, from all sources"),
        ("foretold", "", "by the weeks before and what is held beside"),
        ("foretold_low", "", "95 % interval of the weeks after as a whole, lower end"),
        ("foretold_high", "", "its upper end"),
    )
    rows: list[Row] = []
    for one in found:
        row, foretold = one.declared, one.foretold
        near = [week for week in one.known if -BEFORE <= week < AFTER]
        for week in range(min(near, default=0), max(near, default=-1) + 1):
            seen = one.known.get(week, Absent(_UNKNOWN[one.outcome]))
            start = first_day(week, row.since).isoformat()
            cells: Row = [Absent(one.missing or say("not among the weeks in a row that are compared"))] * 3
            if week in foretold:
                value, *ends = foretold[week]
                cells = [value, *(ends if week >= 0 else [Absent(say("the weeks before are what foretells"))] * 2)]
            rows.append([row.stopped, row.since.isoformat(), one.outcome, week, start, seen, *cells])
    return table("interruption_weeks", say("Interruptions, week by week"), columns, rows)
