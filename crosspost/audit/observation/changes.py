"""A8: whether leads move with the monthly changes of followers. Levels are never held against each other.

Followers and leads both grow with time, and both follow how much the brand posts: a trend and the number of posts are
held. The lags are fixed here, and the intervals hold the slopes at all of them together, for the one that is told is
chosen after looking.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.origins import folded
from crosspost.audit.ledger import Ledger
from crosspost.audit.observation.autoregression import Series, spread
from crosspost.audit.observation.calendar import first_day, month_of, named, number, whole
from crosspost.audit.observation.saying import finding, measured
from crosspost.audit.observation.shifts import Slope, Turned, basis_of, turn
from crosspost.audit.results import Absent, Assumption, Claim, Estimate, Finding, Table, Verdict, table
from crosspost.audit.section import Given, Section
from crosspost.domain.message import change, channel, join, say, significant

LAGS = (0, 1, 2, 3)  # months
MONTHS = 24  # with fewer, the smallest p of a turn is over 5 %
_SCALE = 300  # a lead a month per follower is so many leads a quarter per 100 followers
_UNIT = say("leads a quarter per +100 followers")

# A lead a quarter is the least that a freelancer would notice; a hundred followers are months of work for one.
CLAIM = Claim(
    "followers_and_leads",
    say("More followers, no more business: leads stay within 1 a quarter per +100 followers"),
    1.0,
    audit="A8",
    unit=say("lead a quarter per +100 followers"),
)


def changes(given: Given) -> Section:
    """The claim on followers and leads (A8), the changes by month and the slopes at each lag."""
    ledger = given.data.ledger
    months = whole(ledger.period)
    gained = follower_changes(ledger, months)
    leads = Counter(month_of(lead.contacted_at) for lead in given.data.contacts if lead.contacted_at)
    posts = Counter(month_of(post.published_at) for post in ledger.posts if post.published_at)
    run = longest_run([month for month in months if not isinstance(gained[month], Absent)])
    rows: list[Row] = [[month, posts[month], gained[month], leads[month]] for month in months]
    by_month = table(
        "monthly_changes",
        say("Followers gained and leads, month by month"),
        (
            ("month", "", "whole calendar month, UTC"),
            ("posts", "posts", "posts of known date"),
            ("followers_gained", "followers", "last reading less the month before's, networks added up"),
            ("leads", "leads", "first contacted in the month"),
        ),
        rows,
    )
    compared = None if _too_few(run) else _compared(run, gained, leads, posts)
    found = [None if compared is None else _turned(compared, held) for held in (1, 2)]
    slopes = _slopes(found, len(run) - LAGS[-1], Absent(_too_few(run) or say("followers gained or leads never vary")))
    seen = None if compared is None or found[1] is None else together(compared)
    return Section((_finding(given, run, seen),), (by_month, slopes))


def follower_changes(ledger: Ledger, months: Sequence[str]) -> dict[str, float | Absent]:
    """Followers gained in each month, networks added up.

    A network counts from its second month: its first reading is a level. Absent where a network was not read between
    its first reading and the end, unless it is gone by then.
    """
    last: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in sorted(ledger.followers, key=lambda row: (row.at, row.value or 0)):
        if row.value is not None:
            last[folded(row.network)][month_of(row.at)] = row.value
    found: dict[str, float | Absent] = {}
    for month in months:
        parts, lacking = [], []
        before = named(number(month) - 1)
        for network, read in sorted(last.items()):
            if month <= min(read):
                continue
            if month in read and before in read:
                parts.append(read[month] - read[before])
            elif not ledger.gone(network, first_day(month)):
                lacking.append(network)
        if lacking:
            found[month] = Absent(
                say("no reading on {names} in this month or the one before", names=join(", ", map(channel, lacking)))
            )
        else:
            found[month] = math.fsum(parts) if parts else Absent(say("followers were not read two months in a row"))
    return found


def longest_run(months: Sequence[str]) -> list[str]:
    """The most months that follow one another without a gap; of two runs the later one."""
    best: list[str] = []
    run: list[str] = []
    for month in months:
        run = [*run, month] if run and number(month) == number(run[-1]) + 1 else [month]
        if len(run) >= len(best):
            best = run
    return best


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Followers gained at each lag (lags × n), leads of those months (n), and what is held: trend, posts (n × 2)."""

    lagged: Series
    leads: Series
    held: Series


def _compared(
    run: Sequence[str], gained: dict[str, float | Absent], leads: Counter[str], posts: Counter[str]
) -> Compared:
    x = np.array([gained[month] for month in run], dtype=float)
    first, n = LAGS[-1], len(run)
    later = run[first:]
    return Compared(
        np.stack([x[first - lag : n - lag] for lag in LAGS]),
        np.array([leads[month] for month in later], dtype=float),
        np.column_stack([np.arange(first, n, dtype=float), [float(posts[month]) for month in later]]),
    )


def _turned(compared: Compared, held: int) -> Turned | None:
    return turn(compared.lagged, compared.leads, compared.held[:, :held])


@dataclass(frozen=True, slots=True)
class AtLag:
    """A slope with its interval: those of all lags hold their slopes together in 95 % of cases (Bonferroni)."""

    lag: int
    value: float
    low: float
    high: float


def together(compared: Compared) -> tuple[AtLag, ...]:
    """The slope at each lag, the strongest first; no series may be constant beyond what is held."""
    n = len(compared.leads)
    place = np.arange(n)
    held = basis_of(compared.held)
    found = []
    for lag, x in zip(LAGS, compared.lagged, strict=True):
        own = x - held @ (held.T @ x)
        error = own / (own @ own)
        value = float(error @ compared.leads)
        half = spread(np.column_stack([held, own]), place, compared.leads, error, place).half(1 - 0.05 / len(LAGS))
        found.append((abs(value) / half if half > 0 else math.inf, AtLag(lag, value, value - half, value + half)))
    return tuple(one for _, one in sorted(found, key=lambda one: (-one[0], one[1].lag)))


def _too_few(run: Sequence[str]) -> str | None:
    """Why there is nothing to turn; a run of changes spans one month of readings more."""
    known = len(run) + 1 if run else 0
    if known >= MONTHS:
        return None
    more = MONTHS - known
    return say(
        "followers were read in {known} months in a row, {months} are needed: {weeks} more weeks",
        known=known,
        months=MONTHS,
        weeks=math.ceil(more * 365.25 / 12 / 7),
    )


def _slopes(found: Sequence[Turned | None], n: int, why: Absent) -> Table:
    columns = (
        ("held", "", "what is held constant on both sides"),
        ("lag", "months", "how many months leads come after the followers"),
        ("slope", _UNIT, "leads a quarter that go with 100 followers gained"),
        ("slope_low", _UNIT, "95 % interval of this lag alone, by inverting the circular-shift test; lower end"),
        ("slope_high", _UNIT, "its upper end"),
        ("p", "probability", "turns of the series that go with leads as strongly as the one seen"),
        ("p_strongest", "probability", "the same for the strongest of all lags"),
        ("months", "months", "months compared"),
    )
    rows: list[Row] = []
    for name, one in zip((say("a trend"), say("a trend and the number of posts")), found, strict=True):
        for lag in LAGS:
            cells: Row = [why] * 6
            if one is not None:
                slope = one.slopes[lag]
                ends = [
                    _SCALE * end if math.isfinite(end) else Absent(say("no turn rejects it")) for end in _ends(slope)
                ]
                cells = [_SCALE * slope.value, *ends, slope.p, one.p, n]
            rows.append([name, lag, *cells])
    note = say("Changes, never levels. An association: whoever follows may have been about to ask anyway.")
    return table("follower_slopes", say("Leads against followers gained"), columns, rows, note)


def _ends(slope: Slope) -> tuple[float, float]:
    return slope.low, slope.high


def _finding(given: Given, run: Sequence[str], found: Sequence[AtLag] | None) -> Finding:
    claim = given.claim(CLAIM)
    n = len(run) + 1 if run else 0
    missing, body, estimate = _too_few(run), "", None
    verdict = Verdict.NOT_ENOUGH_DATA
    if missing is None and found is None:
        missing = say(
            "leads, or followers gained, were the same in all {n} months; a month that differs is needed",
            n=len(run),
        )
    if found is not None:
        verdict, estimate, body = _judged(found, len(run) - LAGS[-1], claim.margin)
    return finding(
        given.blocked,
        claim,
        verdict,
        estimate=estimate,
        n=n,
        planned=MONTHS,
        counted=say("months"),
        missing=missing,
        body=body,
        caveats=(
            say("An association between changes: it does not say what more followers would bring."),
            say("The strongest lag is chosen after looking: the intervals hold the slopes at all lags together."),
            say(
                "Rival: both follow how much is posted. The number of posts is held; the slopes without it stand "
                "beside."
            ),
        ),
        assumptions=(
            Assumption(say("Followers gained are stationary once a trend is taken out."), None),
            Assumption(say("Followers are read near the end of each month."), None),
            Assumption(say("Every lead is recorded with its first contact."), None),
        ),
        scaled_margin=claim.margin,
    )


def _judged(found: Sequence[AtLag], n: int, margin: float) -> tuple[Verdict, Estimate, str]:
    """Supported: the interval is within the margin at every lag. Refuted: at some lag it is beyond it."""
    ends = [(_SCALE * one.low, _SCALE * one.high) for one in found]
    within = all(-margin < low and high < margin for low, high in ends)
    beyond = any(low > margin or high < -margin for low, high in ends)
    verdict = Verdict.SUPPORTED if within else Verdict.REFUTED if beyond else Verdict.INCONCLUSIVE
    best, (low, high) = found[0], ends[0]
    body = say(
        "at the strongest lag, {lag} months, {change} {unit} (95 % interval {low} to {high}, all lags together), over "
        "{n} months",
        lag=best.lag,
        change=change(_SCALE * best.value),
        unit=_UNIT,
        low=significant(low),
        high=significant(high),
        n=n,
    )
    method = "slope of monthly changes, trend and posts held; interval of all lags together, all autocorrelations tried"
    return verdict, measured(_SCALE * best.value, low, high, n, method, _UNIT), body
