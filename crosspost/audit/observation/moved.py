"""Mirage 4, "everyone runs to the next": weeks and hours until a new network brings what the one left did."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date

from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.origins import folded
from crosspost.audit.ledger import InterruptionRow, Ledger
from crosspost.audit.observation import weekly
from crosspost.audit.observation.weekly import first_day
from crosspost.audit.results import Absent, Table, table
from crosspost.audit.section import Given
from crosspost.domain.message import count, rounded, say

BEFORE = 12  # weeks: a quarter, over which single good weeks even out


def regained(given: Given, standing: Sequence[InterruptionRow]) -> Iterable[Table]:
    """One row per network that was left for another; no table where none was."""
    rows = [_row(given, one, one.moved_to) for one in standing if one.moved_to is not None]
    if not rows:
        return
    columns = (
        ("left", "", "the network that stopped"),
        ("since", "", "the first day without it"),
        ("moved_to", "", "the network that took its place"),
        ("old_before", "visits a week", "from the network left, mean of the 12 weeks before"),
        ("new_before", "visits a week", "from the new one in the same weeks"),
        ("weeks_until", "weeks", "until the first one in which the new network brings both together"),
        ("reached", "", "the first day of that week"),
        ("weeks_known", "weeks", "in a row after the move, visits counted on each day"),
        ("weeks_as_many", "weeks", "of those, with as many visits"),
        ("most", "visits", "of the best of those weeks"),
        ("hours", "hours", "spent on the new network until the end of that first week"),
        ("hours_so_far", "hours", "spent on the new network in all weeks that are known"),
    )
    note = say(
        "What the new network brought before the move is no gain of it: it has to bring that and what the old one did. "
        "A span of hours counts where its first day lies. One good week may be luck: how many weeks had as many stands "
        "beside."
    )
    yield table("regained", say("After a move: how long until the old visits are regained"), columns, rows, note)


def _row(given: Given, one: InterruptionRow, new: str) -> Row:
    ledger = given.data.ledger
    counted = weekly.Counted(given.data, one.since, given.made_at)
    name = folded(new)
    theirs, ours = counted.visits(one.stopped), counted.visits(name)
    known = weekly.before(theirs, BEFORE)
    after = weekly.after(ours, 10_000)
    head: Row = [one.stopped, one.since.isoformat(), new]
    spent = _hours(ledger, name, one.since, len(after))
    if len(known) < BEFORE:
        why = Absent(
            say("visits were counted on each day in {n} of the {weeks} weeks before", n=len(known), weeks=BEFORE)
        )
        return [*head, *[why] * 4, len(after), why, _most(ours, after), why, spent]
    old, own = (sum(series[week] for week in known) / BEFORE for series in (theirs, ours))
    if old == 0:
        why = Absent(say("it brought no visits in the {weeks} weeks before", weeks=BEFORE))
        return [*head, old, own, why, why, len(after), why, _most(ours, after), why, spent]
    # As whole numbers: a mean of twelve weeks has no exact decimal.
    enough = [week for week in after if BEFORE * ours[week] >= sum(theirs[one] + ours[one] for one in known)]
    if not enough:
        why = Absent(say("not yet after {weeks}", weeks=count(len(after), "week")))
        return [*head, old, own, why, why, len(after), 0, _most(ours, after), why, spent]
    first = enough[0]
    return [
        *head, old, own, first + 1, first_day(first, one.since).isoformat(), len(after), len(enough),
        _most(ours, after), _hours(ledger, name, one.since, first + 1), spent,
    ]  # fmt: skip


def _most(ours: weekly.Weeks, after: Sequence[int]) -> int | Absent:
    return max(ours[week] for week in after) if after else Absent(say("no whole week after the move is known"))


def _hours(ledger: Ledger, name: str, since: date, weeks: int) -> float | Absent:
    """Hours on a network in so many weeks from that day."""
    end = first_day(weeks, since)
    spans = [row.hours for row in ledger.effort if folded(row.channel) == name and since <= row.start < end]
    told = [one for one in spans if one is not None]
    if len(told) < len(spans):
        return Absent(
            say(
                "not known for {x} of {n} spans; at least {hours} hours",
                x=len(spans) - len(told), n=len(spans), hours=rounded(math.fsum(told)),
            )
        )  # fmt: skip
    return math.fsum(told) if told else Absent(say("no hours are recorded on it in that time"))
