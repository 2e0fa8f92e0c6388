"""Does it pay back (A6)? Money that came of each quarter's leads, month by month, less what that quarter was spent.

A cohort is the leads first contacted in a quarter, and the hours and fees of it. What comes of a lead is the deal's
margin, else its revenue. Its uncertainty is a Bayesian bootstrap over leads (Rubin 1981); what was spent is known.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from crosspost.audit import estimate
from crosspost.audit.counting import enough
from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.origins import by_network, folded, kind
from crosspost.audit.counting.quality import blocking_lags
from crosspost.audit.ledger import EffortRow, LeadRow, Ledger
from crosspost.audit.quantiles import middle_of
from crosspost.audit.results import Absent, Assumption, Basis, Claim, Estimate, Finding, Table, Verdict, stated, table
from crosspost.audit.section import SEED, Given
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import join, money, plain, rounded, say
from crosspost.domain.money import Money

# A year is how far the owner of a small business can lay money out.
CLAIM = Claim("networks_pay_back", say("What is spent on networks comes back within 12 months"), 12.0,
              audit="A6", unit="months")  # fmt: skip
LEAST_WINS = 15
MOST_MONTHS = 36  # of a course: what comes later is not waited for
_DRAWS = 1000


Gap = tuple[float, str]  # how much is left out of a sum, and of what


@dataclass(frozen=True, slots=True)
class Cohort:
    """A quarter's leads and what was spent in it, all in minor units of the brand's currency.

    `start` is its first day. `income` is (month from 1, money) of each won lead, in order. `months` were seen whole, of
    the first 36.
    `cost` is None where neither fees nor hours with a rate are known; `cost_gaps` say what it leaves out,
    `income_gaps` what the income does.
    """

    start: date
    leads: int
    wins: int
    income: tuple[tuple[int, int], ...]
    cost: int | None
    hours: float
    months: int
    cost_gaps: tuple[Gap, ...]
    income_gaps: tuple[Gap, ...]

    @property
    def name(self) -> str:
        return f"{self.start.year}-Q{(self.start.month + 2) // 3}"


def _quarter(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _month(day: date, start: date) -> int:
    """The month of a cohort that a day lies in, from 1; a deal dated before its cohort counts in the first."""
    return max(1, 12 * (day.year - start.year) + day.month - start.month + 1)


def cohorts(given: Given, sides: Sequence[bool | None]) -> list[Cohort]:
    """The cohorts of leads and hours of networks (True), of other known channels (False), or of unknown ones (None)."""
    ledger = given.data.ledger
    try:
        zone = ZoneInfo(ledger.brand.zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    leads: defaultdict[date, list[LeadRow]] = defaultdict(list)
    for lead in given.data.contacts:
        if by_network(lead, Basis.LAST) in sides and lead.contacted_at is not None:
            leads[_quarter(lead.contacted_at.astimezone(zone).date())].append(lead)
    spent: defaultdict[date, list[EffortRow]] = defaultdict(list)
    for row in ledger.effort:
        if _side(row.channel) in sides:
            spent[_quarter(row.start)].append(row)
    today = given.made_at.astimezone(zone).date()
    return [_cohort(start, leads[start], spent[start], ledger, today, zone) for start in sorted({*leads, *spent})]


def _side(channel: str) -> bool | None:
    found = kind(folded(channel))
    return None if found is ChannelKind.UNKNOWN else found is ChannelKind.NETWORK


def _cohort(
    start: date, leads: Sequence[LeadRow], spent: Sequence[EffortRow], ledger: Ledger, today: date, zone: ZoneInfo
) -> Cohort:
    currency = ledger.brand.currency
    won = [(lead, lead.won_at) for lead in leads if lead.won_at is not None]
    income = [
        (_month(_day(at, zone), start), lead.amount_minor if lead.margin_minor is None else lead.margin_minor)
        for lead, at in won
        if lead.currency == currency
    ]
    hours = sorted(row.hours for row in spent if row.hours is not None)
    fees = [row.fees_minor for row in spent if row.fees_minor is not None and row.currency == currency]
    cost = sum(fees) if fees else None
    if ledger.rate_minor is not None and hours:
        cost = (cost or 0) + round(math.fsum(hours) * ledger.rate_minor)
    cost_left = (
        (sum(row.hours is None for row in spent), say("spans whose hours nobody knows")),
        (
            sum(row.fees_minor is not None and row.currency != currency for row in spent),
            say("fees in another currency"),
        ),
        (math.fsum(hours) if ledger.rate_minor is None else 0, say("hours, without an hourly rate")),
    )
    income_left = (
        (
            sum(lead.amount_minor is None and lead.margin_minor is None for lead, _ in won),
            say("deals without an amount"),
        ),
        (sum(lead.currency not in (currency, None) for lead, _ in won), say("deals in another currency")),
    )
    return Cohort(
        start, len(leads), len(won), tuple(sorted((month, money) for month, money in income if money is not None)),
        cost, math.fsum(hours), min(MOST_MONTHS, _month(today, start) - 1),
        tuple(gap for gap in cost_left if gap[0]), tuple(gap for gap in income_left if gap[0]),
    )  # fmt: skip


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Course:
    """Money by the end of some months, less the cost, with its 95 % interval; and the month it is paid back in.

    `months` are the first, each in which money came, and the last. A month of payback of None is none of those seen:
    `(None, None, None)` where nothing suggests that it was paid back.
    """

    months: tuple[int, ...]
    middle: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    payback: tuple[int | None, int | None, int | None]  # seen, and the ends of its interval


def course(leads: int, income: Sequence[tuple[int, int]], cost: int, months: int) -> Course:
    """The course of `income` from `leads` leads over `months` months (1 at least), all money in minor units."""
    within = sorted(one for one in income if one[0] <= months)
    some = sorted({1, *(month for month, _ in within), months})
    if not within:
        paid_back = 1 if cost <= 0 else None
        flat = (-cost,) * len(some)
        return Course(tuple(some), flat, flat, flat, (paid_back, paid_back, paid_back))
    paid = np.array([[money * (month <= until) for until in some] for month, money in within], dtype=float)
    rng = np.random.default_rng(SEED)
    ours = rng.standard_exponential((_DRAWS, len(within)))
    others = rng.standard_gamma(leads - len(within), _DRAWS) if leads > len(within) else 0.0
    drawn = (ours @ paid) * (leads / (ours.sum(1) + others))[:, None] - cost
    middle = paid.sum(0) - cost
    low, high = middle_of(drawn)
    least, most = np.quantile(_first(drawn, some), [0.025, 0.975], method="inverted_cdf")
    seen, first, last = (
        None if month > months else int(month) for month in (_first(middle[None], some)[0], least, most)
    )
    return Course(tuple(some), _whole(middle), _whole(low), _whole(high), (seen, first, last))


def _first(courses: np.ndarray, months: Sequence[int]) -> np.ndarray:
    """The first of `months` in which each course is at zero or over; infinity where none is."""
    back = courses >= -1e-6
    first: np.ndarray = np.where(back.any(1), np.array(months, dtype=float)[back.argmax(1)], np.inf)
    return first


def _whole(values: np.ndarray) -> tuple[int, ...]:
    return tuple(round(float(value)) for value in values)


def payback(given: Given) -> tuple[Table, Table]:
    """Every cohort's month of payback, and its course for those who draw it. Networks, and the rest."""
    currency = given.data.ledger.brand.currency
    rows: list[Row] = []
    curve: list[Row] = []
    for side, sides in ((say("networks"), (True,)), (say("rest"), (False,))):
        for cohort in cohorts(given, sides):
            found = None
            if cohort.cost is not None and cohort.months > 0:
                found = course(cohort.leads, cohort.income, cohort.cost, cohort.months)
                curve += _curve(side, cohort, found, currency)
            rows.append(_row(side, cohort, found, currency))
    columns = (
        ("cohort", "", "quarter of first contact"),
        ("leads_of", "", "networks, or the rest of known channel"),
        ("leads", "leads", "leads first contacted in the quarter"),
        ("won", "leads", "those won, whenever"),
        ("hours", "hours", "known hours of the quarter"),
        ("cost", currency, "fees, and hours at the hourly rate where one is set"),
        ("income", currency, "margins, else revenue, of those leads until now"),
        ("months", "months", "whole months seen since the quarter began, of the first 36"),
        ("payback", "months", "month in which income reaches the cost"),
        ("payback_lo", "months", "its 95 % interval (Bayesian bootstrap), lower end"),
        ("payback_hi", "months", "its upper end"),
        ("left_out", "", "what cost and income leave out"),
    )
    note = say("Further deals of a client are in no cohort: nothing says which lead they came of.")
    points = (
        ("cohort", "", "quarter of first contact"),
        ("leads_of", "", "networks, or the rest of known channel"),
        ("month", "months", "whole months since the quarter began: the first, each in which money came, the last"),
        ("balance", currency, "income until then less cost"),
        ("low", currency, "its 95 % interval (Bayesian bootstrap), lower end"),
        ("high", currency, "its upper end"),
    )
    return (
        table("payback", say("Payback by quarter"), columns, rows, note),
        table("payback_curve", say("Payback month by month"), points, curve),
    )


def _row(side: str, cohort: Cohort, found: Course | None, currency: str) -> Row:
    cost: Decimal | Absent = Absent(say("neither fees, nor hours with an hourly rate, are known"))
    if cohort.cost is not None:
        cost = _money(cohort.cost, currency)
    months: Sequence[int | Absent] = [
        cost if isinstance(cost, Absent) else Absent(say("no whole month was seen yet"))
    ] * 3
    if found is not None:
        months = [
            Absent(say("not yet, {n} months on", n=cohort.months)) if one is None else one for one in found.payback
        ]
    return [
        cohort.name, side, cohort.leads, cohort.wins, cohort.hours, cost,
        _money(sum(money for _, money in cohort.income), currency), max(0, cohort.months), *months,
        join(
            "; ",
            [say("{n} {what}", n=rounded(n, 10), what=what) for n, what in (*cohort.cost_gaps, *cohort.income_gaps)],
        ),
    ]  # fmt: skip


def _curve(side: str, cohort: Cohort, found: Course, currency: str) -> Iterable[Row]:
    for month, *balance in zip(found.months, found.middle, found.low, found.high, strict=True):
        yield [cohort.name, side, month, *(_money(one, currency) for one in balance)]


def _money(minor: int, currency: str) -> Decimal:
    return Money.from_minor(minor, currency).amount


def find(given: Given) -> Finding:
    """The finding on `CLAIM`, on the cohorts of networks seen for a year, month by month together."""
    claim = given.claim(CLAIM)
    within = claim.margin
    old = [one for one in cohorts(given, (True,)) if one.months >= within]
    wins, leads = sum(one.wins for one in old), sum(one.leads for one in old)
    cost = sum(one.cost or 0 for one in old)
    gaps = sorted({what for one in old for _, what in (*one.cost_gaps, *one.income_gaps)})
    also = None
    if not cost:
        also = say("what networks cost: fees, or hours with an hourly rate (setting hourly_rate, or --rate)")
    lacking = blocking_lags(given.data) or enough.missing(
        [
            enough.Need(
                say("more win of leads by networks, first met a year ago or more"),
                say("more wins of leads by networks, first met a year ago or more"), wins, LEAST_WINS,
            )
        ],
        given, also=also,
    )  # fmt: skip
    currency = given.data.ledger.brand.currency
    told = say("{x} of {n} leads by networks of a year ago or more were won", x=wins, n=leads)
    result, found = Verdict.NOT_ENOUGH_DATA, None
    if cost:
        months = min(one.months for one in old)
        seen = course(leads, [each for one in old for each in one.income], cost, months)
        came = _money(sum(m for one in old for month, m in one.income if month <= within), currency)
        told = say(
            "{counts}; {income} came of them within {months} months, for {cost}: {payback}", counts=told,
            income=money(came, currency), months=plain(within), cost=money(_money(cost, currency), currency),
            payback=_told(seen.payback, months),
        )  # fmt: skip
        if all(seen.payback):
            month, low, high = (float(one or 0) for one in seen.payback)
            found = Estimate(month, low, high, estimate.LEVEL, wins, wins, leads, "Bayesian bootstrap", say("months"))
        if lacking is None:
            result = _verdict(given, old, seen, leads, cost, months, within)
    caveats: list[str] = [
        say("What came of leads by networks may have come without them. Further deals of a client are in no cohort.")
    ]
    if gaps:
        caveats.append(say("Left out: {gaps}.", gaps=join(", ", gaps)))
    return Finding(
        claim=claim, verdict=result, estimate=found, bounds=None, n=wins, planned=LEAST_WINS, missing=lacking,
        caveats=tuple(caveats), counted=say("wins of leads by networks"),
        assumptions=(
            Assumption(say("That a lead is still open says nothing of whether it will be won."), None),
            Assumption(say("What was spent in a quarter was spent on its leads."), None),
            Assumption(say("Every cost and amount is known."), not gaps),
            Assumption(say("Margins are known: where not, revenue stands for them."), _margins(given)),
        ),
        sentence=stated(
            result, claim.text, say("{number} {unit}", number=plain(within), unit=say("months")),
            say("{told}.", told=told), lacking,
        ),
    )  # fmt: skip


def _margins(given: Given) -> bool:
    return all(one.margin_minor is not None for one in given.data.clients if by_network(one, Basis.LAST))


def _verdict(
    given: Given, old: Sequence[Cohort], seen: Course, leads: int, cost: int, months: int, within: float
) -> Verdict:
    """Supported if paid back in time with the unknown leads left out; refuted if not even with them counted in.

    A cost that is not known whole supports nothing, and an income that is not refutes nothing.
    """
    _, _, most = seen.payback
    if most is not None and most <= within:
        return Verdict.INCONCLUSIVE if any(one.cost_gaps for one in old) else Verdict.SUPPORTED
    starts = {one.start for one in old}
    others = [one for one in cohorts(given, (None,)) if one.start in starts]
    income = [each for one in (*old, *others) for each in one.income]
    _, least, _ = course(leads + sum(one.leads for one in others), income, cost, months).payback
    if (least is not None and least <= within) or any(one.income_gaps for one in (*old, *others)):
        return Verdict.INCONCLUSIVE
    return Verdict.REFUTED


def _told(month: tuple[int | None, int | None, int | None], months: int) -> str:
    seen, low, high = month
    if low is None:
        return say("not yet paid back {n} months on", n=months)
    end = say("not yet") if high is None else say("month {n}", n=high)
    point = say("not yet paid back") if seen is None else say("paid back in month {n}", n=seen)
    return say("{point}, 95 % interval {low} to {high}", point=point, low=say("month {n}", n=low), high=end)
