"""How long from first contact to deal (A6): the share of leads won by each day, open leads censored (Kaplan-Meier).

A lead that is not won is watched until the audit was made. A lost lead counts as never won: it stays in the number at
risk as long, so that the curve is the share of all leads that a deal came of, and losing many soon makes it no steeper.
Sources: Kaplan and Meier (1958); Greenwood (1926) on the scale of log(-log), as Kalbfleisch and Prentice (1980) give
it; Brookmeyer and Crowley (1982) for the interval of a quantile.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist

from crosspost.audit import estimate
from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.origins import ALL, by_network
from crosspost.audit.counting.quality import lag_days
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.domain.message import percent, say

HORIZONS = (30, 90, 180, 365)  # days
MOST_ROWS = 100  # per group, of the table that says who was watched
_Z = NormalDist().inv_cdf(1 - (1 - estimate.LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Point:
    """After `day`: the share `won` so far with its 95 % interval; `risk` were not won before and still watched."""

    day: float
    risk: int
    deals: int
    won: float
    low: float
    high: float


def curve(spans: Iterable[tuple[float, bool]]) -> list[Point]:
    """The curve of (days, whether won then, else last seen then), a point for each day of a deal.

    At a tie deals come before those who were last seen. With all won the interval's upper end is 1 and its lower end
    that of the point before.
    """
    events: Counter[float] = Counter()
    leaving: Counter[float] = Counter()
    for day, won in spans:
        (events if won else leaving)[day] += 1
    risk = events.total() + leaving.total()
    kept, greenwood = 1.0, 0.0
    points: list[Point] = []
    for day in sorted({*events, *leaving}):
        deals = events[day]
        if deals:
            kept *= 1 - deals / risk
            if kept > 0:
                greenwood += deals / (risk * (risk - deals))
                width = math.exp(_Z * math.sqrt(greenwood) / -math.log(kept))
                low, high = 1 - kept ** (1 / width), 1 - kept**width
            else:
                low, high = points[-1].low if points else 0.0, 1.0
            points.append(Point(day, risk, deals, 1 - kept, low, high))
        risk -= deals + leaving[day]
    return points


def reached(points: Sequence[Point], share: float) -> tuple[float | None, float | None, float | None]:
    """The day on which `share` of leads are won, with the ends of its interval; None where it was not seen to be.

    The interval holds the days at which `share` lies within the curve's own.
    """

    def first(values: Iterable[float]) -> float | None:
        # A share reached exactly is reached, whatever the last digit.
        return next((p.day for p, value in zip(points, values, strict=True) if value >= share - 1e-12), None)

    return first(p.won for p in points), first(p.high for p in points), first(p.low for p in points)


def spans(leads: Iterable[LeadRow], made_at: datetime) -> list[tuple[float, bool]]:
    """(days, won) of leads of known first contact. A deal dated before it counts at once; a lead of after the audit
    was not watched, and is left out."""
    found = []
    for lead in leads:
        lag = lag_days(lead)
        if lag is not None:
            found.append((max(0.0, lag), True))
        elif lead.contacted_at is not None and lead.contacted_at <= made_at:
            found.append(((made_at - lead.contacted_at).total_seconds() / 86_400, False))
    return found


def groups(contacts: Sequence[LeadRow]) -> list[tuple[str, list[LeadRow]]]:
    """Leads by networks, of other channels, of unknown channel, and all; those that there are."""
    sides = {name: [one for one in contacts if by_network(one, Basis.LAST) is side] for name, side in (
        (say("networks"), True), (say("rest"), False), (say("unknown"), None))}  # fmt: skip
    return [(name, rows) for name, rows in (*sides.items(), (ALL, list(contacts))) if rows]


def watched(spans: Sequence[tuple[float, bool]], points: Sequence[Point], width: int) -> list[Row]:
    """(day, leads at risk then, leads last seen in the `width` days from it, share won by then), from day 0 on."""
    lasted = sorted(day for day, _ in spans)
    ends = Counter(int(day) // width for day, won in spans if not won)
    days = [point.day for point in points]
    rows: list[Row] = []
    for number in range(int(lasted[-1]) // width + 1 if lasted else 0):
        day = number * width
        before = bisect_right(days, day)
        won = points[before - 1].won if before else 0.0
        rows.append([day, len(lasted) - bisect_left(lasted, day), ends[number], won])
    return rows


def _width(longest: float) -> int:
    """Days of a row: 1, 2 or 5 times a power of ten, so that there are few rows."""
    width, steps = 1, 0
    while longest > width * MOST_ROWS:
        width = (2, 5, 10)[steps % 3] * 10 ** (steps // 3)
        steps += 1
    return int(width)


def lags(contacts: Sequence[LeadRow], made_at: datetime) -> tuple[Table, Table, Table]:
    """How many leads are won within so many days, the curve, and how many were watched that long."""
    columns = [
        ("leads_of", "", "networks, the rest of known channel, the unknown, and all"),
        ("leads", "leads", "leads first contacted in the period"),
        ("won", "leads", "those won"),
        ("lost", "leads", "those lost and not won: watched on as never won"),
        ("open", "leads", "neither: watched until the audit was made"),
    ]
    for days in HORIZONS:
        columns += [
            (f"won_{days}", "share", f"share won within {days} days (Kaplan-Meier)"),
            (f"won_{days}_lo", "share", "its 95 % interval (Greenwood, log-log), lower end"),
            (f"won_{days}_hi", "share", "its upper end"),
        ]
    for name, what in (("quarter", "a quarter"), ("median", "half")):
        columns += [
            (f"{name}", "days", f"days until {what} of leads are won"),
            (f"{name}_lo", "days", "its 95 % interval (Brookmeyer-Crowley), lower end"),
            (f"{name}_hi", "days", "its upper end"),
        ]
    points = {name: (rows, spans(rows, made_at)) for name, rows in groups(contacts)}
    curves = {name: curve(seen) for name, (_, seen) in points.items()}
    rows = [_row(name, leads, seen, curves[name]) for name, (leads, seen) in points.items()]
    drawn = table(
        "lag_curve",
        say("Share of leads won, day by day"),
        (
            ("leads_of", "", "as in the table of lags"),
            ("day", "days", "days from first contact"),
            ("at_risk", "leads", "leads not won before, and watched that long"),
            ("deals", "deals", "deals on that day"),
            ("won", "share", "share of leads won by then (Kaplan-Meier)"),
            ("low", "share", "its 95 % interval (Greenwood, log-log), lower end"),
            ("high", "share", "its upper end"),
        ),
        [(name, p.day, p.risk, p.deals, p.won, p.low, p.high) for name, found in curves.items() for p in found],
    )
    note = say("Open leads are watched until the audit was made; lost ones count as never won.")
    return table("lags", say("How long until a lead is won"), columns, rows, note), drawn, _watched(points, curves)


def _watched(
    points: Mapping[str, tuple[Sequence[LeadRow], Sequence[tuple[float, bool]]]], curves: Mapping[str, Sequence[Point]]
) -> Table:
    width = _width(max((day for _, seen in points.values() for day, _ in seen), default=0.0))
    columns = (
        ("leads_of", "", "as in the table of lags"),
        ("day", "days", "days from first contact"),
        ("at_risk", "leads", "leads not won before, and watched that long"),
        ("last_seen", "leads", f"of these, not won and watched no longer than {width} days more"),
        ("won", "share", "share of leads won by then (Kaplan-Meier)"),
    )
    rows: list[Row] = [[name, *row] for name, (_, seen) in points.items() for row in watched(seen, curves[name], width)]
    return table("lag_watched", say("How long leads were watched"), columns, rows)


def _row(name: str, leads: Sequence[LeadRow], seen: Sequence[tuple[float, bool]], points: Sequence[Point]) -> Row:
    won = sum(lead.won_at is not None for lead in leads)
    lost = sum(lead.won_at is None and lead.lost_at is not None for lead in leads)
    row: Row = [name, len(leads), won, lost, len(leads) - won - lost]
    longest = max((day for day, _ in seen), default=0.0)
    for days in HORIZONS:
        row += _at(points, days, longest)
    for share in (0.25, 0.5):
        row += [
            Absent(reason) if day is None else day
            for day, reason in zip(reached(points, share), _never_reached(percent(share)), strict=True)
        ]
    return row


def _never_reached(share: str) -> tuple[str, str, str]:
    return (
        say("the share won was not seen to reach {share}", share=share),
        say("the upper end of the share won was not seen to reach {share}", share=share),
        say("the lower end of the share won was not seen to reach {share}", share=share),
    )


def _at(points: Sequence[Point], days: int, longest: float) -> Row:
    if longest < days:
        return [Absent(say("no lead was watched for {n} days", n=days))] * 3
    before = [p for p in points if p.day <= days]
    if not before:
        n = points[0].risk if points else None
        return [
            0.0,
            0.0,
            Absent(say("no deal by then") if n is None else say("no deal by then of {n} leads and more", n=n)),
        ]
    return [before[-1].won, before[-1].low, before[-1].high]
