"""A12: whether a network brings fewer visits per post than it did, and whether visits from elsewhere do as well."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crosspost.audit import estimate
from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.origins import ALL, folded
from crosspost.audit.ledger import Ledger
from crosspost.audit.observation.calendar import month_of, number, whole
from crosspost.audit.observation.saying import finding, measured
from crosspost.audit.observation.trend import MONTHS, Trend, trend
from crosspost.audit.results import Absent, Assumption, Claim, Finding, Table, Verdict, table
from crosspost.audit.section import Given, Section
from crosspost.domain.message import change, channel, count, say

ELSEWHERE = "(elsewhere)"
NETWORKS = 2
YOUNG = timedelta(days=2 * 365.25)
_HALF = 0.5  # added to every month's count: the logarithm of none does not exist

CLAIM = Claim(
    "networks_fade",
    say("Networks fade: on each, visits per post fall, and faster than visits from elsewhere"),
    0.0,
    audit="A12",
    unit=say("share a year"),
)


@dataclass(frozen=True, slots=True)
class Faded:
    """A network's trend, and that of its lead over elsewhere; absent where too few months are known."""

    network: str
    counted: str
    own: Trend | Absent
    against: Trend | Absent


def fading(given: Given) -> Section:
    """The claim that networks fade (A12), their slopes, and how much comes from young ones."""
    ledger = given.data.ledger
    elsewhere = _elsewhere(ledger)
    names = sorted({folded(post.network) for post in ledger.posts})
    found = [_faded(ledger, network, elsewhere) for network in names]
    control = _trend(elsewhere)
    return Section(
        (_finding(given, found, control),), (_slopes(found, control), _monthly(ledger, found), _young(ledger))
    )


def per_post(ledger: Ledger, network: str) -> tuple[dict[int, float], str]:
    """Logarithm of visits per post by the number of the month, and what was counted: visits, else clicks.

    A month without a post, or one that was not counted whole, is missing.
    """
    posts = Counter(
        month_of(post.published_at)
        for post in ledger.posts
        if post.published_at is not None and folded(post.network) == network
    )
    counts, counted, months = _counts(ledger, network)
    return {
        number(month): math.log((counts[month] + _HALF) / posts[month]) for month in months if posts[month]
    }, counted


def _counts(ledger: Ledger, network: str) -> tuple[Counter[str], str, list[str]]:
    """Visits or clicks by month, the word for them, and the months that were counted whole."""
    months = whole(ledger.period)
    visited = [month for month in months if month in ledger.visit_months]
    found: Counter[str] = Counter()
    if len(visited) >= MONTHS:
        for row in ledger.visit_days:
            if row.network is not None and folded(row.network) == network:
                found[month_of(row.day)] += row.visits
        return found, "visits", visited
    for hits in ledger.hit_days:
        if folded(hits.network) == network:
            found[month_of(hits.day)] += hits.persons
    measured_here = any(folded(row.network) == network for row in ledger.clicks)
    return found, "clicks", months if measured_here else []


def _elsewhere(ledger: Ledger) -> dict[int, float]:
    counts: Counter[str] = Counter()
    for row in ledger.visit_days:
        if row.network is None:
            counts[month_of(row.day)] += row.visits
    months = [month for month in whole(ledger.period) if month in ledger.visit_months] if counts else []
    return {number(month): math.log(counts[month] + _HALF) for month in months}


def _trend(values: Mapping[int, float]) -> Trend | Absent:
    if len(values) < MONTHS:
        return Absent(
            say("{n} with a post and a count; {months} are needed", n=count(len(values), "month"), months=MONTHS)
        )
    return trend(values)


def _faded(ledger: Ledger, network: str, elsewhere: Mapping[int, float]) -> Faded:
    values, counted = per_post(ledger, network)
    if not elsewhere:
        against: Trend | Absent = Absent(say("visits from elsewhere were not counted"))
    else:
        against = _trend({month: value - elsewhere[month] for month, value in values.items() if month in elsewhere})
    return Faded(network, counted, _trend(values), against)


def _slopes(found: Sequence[Faded], control: Trend | Absent) -> Table:
    columns = (
        ("network", "", "the network; (elsewhere) is search, newsletters and straight visits together"),
        ("counted", "", "visits, or clicks where fewer than twelve months of visits are known"),
        ("months", "months", "months with a post and a count"),
        ("yearly_change", "share", "change of visits per post in a year"),
        ("slope", "per year", "slope of the logarithm of visits per post (Theil-Sen)"),
        ("slope_low", "per year", "its 95 % interval, lower end"),
        ("slope_high", "per year", "its upper end"),
        ("against", "per year", "slope of the distance to visits from elsewhere"),
        ("against_low", "per year", "its 95 % interval, lower end"),
        ("against_high", "per year", "its upper end"),
        ("yearly_low", "share", "95 % interval of the change in a year, lower end"),
        ("yearly_high", "share", "its upper end"),
        ("against_yearly", "share", "change in a year of visits per post over visits from elsewhere"),
        ("against_yearly_low", "share", "its 95 % interval, lower end"),
        ("against_yearly_high", "share", "its upper end"),
    )
    rows: list[Row] = [
        [one.network, one.counted, *_figures(one.own, True), *_figures(one.against), *_yearly(one.own)[1:],
         *_yearly(one.against)]
        for one in found
    ]  # fmt: skip
    control_only = Absent(say("it is what networks are held against"))
    rows.append(
        [ELSEWHERE, "visits", *_figures(control, True), *[control_only] * 3, *_yearly(control)[1:], *[control_only] * 3]
    )
    note = say(
        "Half a visit is added to every month, so that a month without one has a logarithm. A month "
        "without a post, or not counted whole, is missing."
    )
    return table("fading", say("Visits per post over the years"), columns, rows, note)


def _figures(one: Trend | Absent, long: bool = False) -> Row:
    if isinstance(one, Absent):
        return [one] * (5 if long else 3)
    three: Row = [one.slope, one.low, one.high]
    return [one.months, math.expm1(one.slope), *three] if long else three


def _yearly(one: Trend | Absent) -> Row:
    """Change in a year, and its interval, as shares."""
    return [one] * 3 if isinstance(one, Absent) else [math.expm1(value) for value in (one.slope, one.low, one.high)]


def _monthly(ledger: Ledger, found: Sequence[Faded]) -> Table:
    columns = (
        ("network", "", "the network"),
        ("month", "", "whole calendar month, UTC"),
        ("posts", "posts", "posts of the month"),
        ("counted", "", "visits or clicks"),
        ("visits", "", "of the month, surely by persons"),
        ("visits_per_post", "", "the one divided by the other"),
    )
    rows: list[Row] = []
    for one in found:
        counts, counted, months = _counts(ledger, one.network)
        posts = Counter(
            month_of(post.published_at)
            for post in ledger.posts
            if post.published_at is not None and folded(post.network) == one.network
        )
        for month in months:
            each: float | Absent = (
                counts[month] / posts[month] if posts[month] else Absent(say("no post in this month"))
            )
            rows.append([one.network, month, posts[month], counted, counts[month], each])
    return table("visits_per_post", say("Visits per post, month by month"), columns, rows)


def _young(ledger: Ledger) -> Table:
    """What share of the last year's visits came from networks on which the brand is new."""
    columns = (
        ("network", "", "the network; (all) is those of under two years together"),
        ("first_post", "", "the first post that is known"),
        ("under_two_years", "", "whether that was less than two years before the end"),
        ("visits", "visits", "of the last 365 days, surely by persons"),
        ("share", "share", "of all networks' visits in that time"),
        ("share_low", "share", "exact 95 % interval, lower end"),
        ("share_high", "share", "its upper end"),
    )
    end = ledger.period.end
    first: dict[str, datetime] = {}
    for post in ledger.posts:
        if post.published_at is not None:
            name = folded(post.network)
            first[name] = min(first.get(name, post.published_at), post.published_at)
    visits: defaultdict[str, int] = defaultdict(int)
    for row in ledger.visit_days:
        if row.network is not None and row.day >= (end - timedelta(days=365)).date():
            visits[folded(row.network)] += row.visits
    total = sum(visits.values())
    long = end - ledger.period.start >= YOUNG
    why = Absent(say("less than two years are known: every network would be young"))
    rows: list[Row] = []
    young = 0
    for name, at in sorted(first.items()):
        new = end - at < YOUNG
        young += visits[name] if new else 0
        rows.append([name, at, new if long else why, visits[name], *_share(visits[name], total)])
    if rows:
        together = Absent(say("of several networks"))
        figures: Row = [young, *_share(young, total)] if long else [why] * 4
        rows.append([ALL, together, True if long else why, *figures])
    return table("young_networks", say("Visits from networks the brand is new on"), columns, rows)


def _share(x: int, n: int) -> Row:
    if n == 0:
        return [Absent(say("no visits from networks are known in that time"))] * 3
    return [x / n, *estimate.clopper_pearson(x, n)]


def _finding(given: Given, found: Sequence[Faded], control: Trend | Absent) -> Finding:
    claim = given.claim(CLAIM)
    least = math.log1p(-claim.margin)  # the slope at which so large a share is lost in a year
    judged = [
        (one.network, one.own, one.against)
        for one in found
        if isinstance(one.own, Trend) and isinstance(one.against, Trend)
    ]
    verdict, missing, body, slowest = Verdict.NOT_ENOUGH_DATA, None, "", None
    if isinstance(control, Absent):
        missing = say(
            "visits from elsewhere in {months} whole months, to hold networks against: {reason}",
            months=MONTHS,
            reason=control.reason,
        )
    elif len(judged) < NETWORKS:
        missing = say(
            "{n} of {networks} networks have {months} months with posts and visits counted: {weeks} "
            "more weeks at least, or another network's months",
            n=len(judged),
            networks=NETWORKS,
            months=MONTHS,
            weeks=_weeks(given.data.ledger),
        )
    else:
        fades = all(own.high < least and against.high < 0 for _, own, against in judged)
        holds = any(
            _beyond(own, len(judged)) > least or _beyond(against, len(judged)) > 0 for _, own, against in judged
        )
        verdict = Verdict.SUPPORTED if fades else Verdict.REFUTED if holds else Verdict.INCONCLUSIVE
    if judged:
        name, own, against = max(judged, key=lambda one: (one[2].slope, one[0]))
        slowest = measured(
            own.slope, own.low, own.high, own.months, "Theil-Sen, all autocorrelations tried", say("per year")
        )
        body = say(
            "{network} fades least: visits per post change by {own} % a year (95 % interval {own_low} to "
            "{own_high} %), and against visits from elsewhere by {against} % ({low} to {high} %)",
            network=channel(name),
            own=_percent(own.slope),
            own_low=_percent(own.low),
            own_high=_percent(own.high),
            against=_percent(against.slope),
            low=_percent(against.low),
            high=_percent(against.high),
        )
    return finding(
        given.blocked,
        claim,
        verdict,
        estimate=slowest,
        n=len(judged),
        planned=NETWORKS,
        counted=say("networks"),
        missing=missing,
        body=body,
        scaled_margin=least or 0.0,  # no -0
        caveats=(
            say("Rival: the topic fades, not the network. Visits from elsewhere are the control, and share the topic."),
        ),
        assumptions=(
            Assumption(say("Links were tagged in the same way all along."), None),
            Assumption(say("Visits were counted in the same way all along."), None),
        ),
    )


def _percent(slope: float) -> str:
    return change(100 * math.expm1(slope))


def _beyond(one: Trend, networks: int) -> float:
    """The lower end of the interval, wider where several networks each had a chance to be over zero."""
    return one.slope - one.spread.half(1 - 0.05 / networks)


def _weeks(ledger: Ledger) -> int:
    known = sorted(len(per_post(ledger, name)[0]) for name in {folded(one.network) for one in ledger.posts})
    second = known[-NETWORKS] if len(known) >= NETWORKS else 0
    return math.ceil((MONTHS - second) * 365.25 / 12 / 7)
