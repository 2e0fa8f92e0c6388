"""A11: signs that an audience is not, or not only, people. Flags for a person to look at, never an accusation.

Most rules of thumb against bought followers perform poorly (Cresci et al. 2015), and a mention in the press jumps as
well as a purchase does. So each sign is a share with its interval, held against what is common.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crosspost.audit import estimate
from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.funnel import networks
from crosspost.audit.counting.origins import folded
from crosspost.audit.ledger import Ledger
from crosspost.audit.observation.saying import finding
from crosspost.audit.results import Absent, Assumption, Claim, Table, Verdict, table
from crosspost.audit.section import Given, Section
from crosspost.domain.message import channel, count, join, say

DAYS = 30
_ODD = 3.5  # robust z (Iglewicz and Hoaglin 1993)
_MAD = 1.4826  # makes the median absolute deviation the standard deviation of a normal distribution
_LEAST_CLICKS = 20  # on a day that is called a burst
_LOG_SPREAD = 0.5  # of clicks from day to day, at least: a steady link is no reason to call double a burst
_REACTED = 5  # reactions from which a post is expected to be followed at all

# Over one day in twenty, one click in five, or half of the posts that people react to, a look is worth while.
_TOLERATED: dict[str, float] = {
    say("jump"): 0.05,
    say("burst"): 0.05,
    say("first seconds"): 0.20,
    say("no click"): 0.50,
}

CLAIM = Claim(
    "audience_steady",
    say("Odd days are rare: under 5 % of days hold a jump of followers or a burst of clicks"),
    0.05,
    audit="A11",
    unit="share",
)


@dataclass(frozen=True, slots=True)
class Sign:
    """`odd` of `looked_at`, or why there is nothing to look at."""

    network: str
    sign: str
    unit: str
    odd: int = 0
    looked_at: int = 0
    why: str = ""
    days: tuple[int, int] = (0, 0)  # odd ones and all, of what was looked at and is of a single day


def audience(given: Given) -> Section:
    """The claim on odd days (A11), and every sign per network."""
    claim = given.claim(CLAIM)
    found = [sign for network in networks(given.data.ledger) for sign in _signs(given.data.ledger, network)]
    days = [one.days for one in found if not one.why]
    x, n = sum(odd for odd, _ in days), sum(all_ for _, all_ in days)
    planned = estimate.planned_size(claim.margin)
    verdict, missing = _judged(x, n, planned, claim.margin)
    flagged = [one for one in found if _flagged(one)]
    parts = [say("{x} of {n} days are odd", x=x, n=n)] if n else []
    if flagged:
        signs = (say("{network} ({sign})", network=channel(one.network), sign=one.sign) for one in flagged)
        parts.append(say("worth a look: {signs}", signs=join(", ", signs)))
    body = join("; ", parts) if parts else ""
    claimed = finding(
        given.blocked,
        claim,
        verdict,
        estimate=estimate.share(x, n) if n else None,
        n=n,
        planned=planned,
        counted=say("days"),
        missing=missing,
        body=body,
        caveats=(say("A flag is a reason to look, not an accusation: a mention in the press makes the same pattern."),),
        assumptions=(Assumption(say("Odd days come independently of each other."), None),),
    )
    return Section((claimed,), (_table(found),))


def jumps(levels: Mapping[date, float]) -> list[tuple[int, bool]]:
    """Per change between readings, levels by day: how many days it took, and whether it is odd for that.

    The scale is the median absolute deviation, and at least what counting alone gives (Poisson).
    """
    days = sorted(levels)
    steps = [((b - a).days, levels[b] - levels[a]) for a, b in zip(days, days[1:], strict=False)]
    if not steps:
        return []
    usual = _median([change / length for length, change in steps])
    off = [(change - usual * length) / math.sqrt(length) for length, change in steps]
    scale = max(_MAD * _median([abs(one) for one in off]), math.sqrt(max(abs(usual), 1.0)))
    return [(length, abs(one) > _ODD * scale) for (length, _), one in zip(steps, off, strict=True)]


def bursts(clicks: Mapping[date, int]) -> tuple[int, int]:
    """Days with far more clicks than other days that have any, and all of these."""
    logs = [math.log(number) for number in clicks.values() if number > 0]
    if not logs:
        return 0, 0
    middle = _median(logs)
    scale = max(_MAD * _median([abs(one - middle) for one in logs]), _LOG_SPREAD)
    odd = sum(one > middle + _ODD * scale and one >= math.log(_LEAST_CLICKS) for one in logs)
    return odd, len(logs)


def _signs(ledger: Ledger, network: str) -> list[Sign]:
    return [_jumped(ledger, network), _burst(ledger, network), _early(ledger, network), _unfollowed(ledger, network)]


def _jumped(ledger: Ledger, network: str) -> Sign:
    levels: dict[date, float] = {}
    for row in sorted(ledger.followers, key=lambda row: (row.at, row.value or 0)):
        if folded(row.network) == network and row.value is not None:
            levels[row.at.date()] = row.value
    why = _short(sorted(levels), say("followers were read"))
    changes = jumps(levels)
    daily = [odd for length, odd in changes if length == 1]
    return Sign(
        network, say("jump"), "changes", sum(odd for _, odd in changes), len(changes), why, (sum(daily), len(daily))
    )


def _burst(ledger: Ledger, network: str) -> Sign:
    clicks: Counter[date] = Counter()
    for row in ledger.hit_days:
        if folded(row.network) == network:
            clicks[row.day] += row.persons + row.unsure
    why = _short(sorted(clicks), say("clicks are known"))
    odd, n = bursts(clicks)
    return Sign(network, say("burst"), "days", odd, n, why or ("" if n else say("no click is known")), (odd, n))


def _early(ledger: Ledger, network: str) -> Sign:
    rows = [row for row in ledger.early if folded(row.network) == network]
    n = sum(row.first_day for row in rows)
    why = "" if n else say("no hit of a post's first day is kept")
    return Sign(network, say("first seconds"), "clicks", sum(row.first_seconds for row in rows), n, why)


def _unfollowed(ledger: Ledger, network: str) -> Sign:
    """Posts that people reacted to and whose link nobody followed."""
    if not any(folded(row.network) == network for row in ledger.clicks):
        return Sign(network, say("no click"), "posts", why=say("clicks of this network are not measured"))
    followed: defaultdict[str, int] = defaultdict(int)
    for row in ledger.hit_days:
        followed[row.code] += row.persons + row.unsure
    codes = [
        post.code
        for post in ledger.posts
        if folded(post.network) == network and post.code is not None and _reactions(post.metrics) >= _REACTED
    ]
    why = "" if codes else say("no post with a link of ours has {reacted} reactions", reacted=_REACTED)
    return Sign(network, say("no click"), "posts", sum(followed[code] == 0 for code in codes), len(codes), why)


def _reactions(metrics: Mapping[str, float | None]) -> float:
    return math.fsum(metrics.get(name) or 0 for name in ("likes", "reposts", "comments", "replies", "reactions"))


def _short(days: Sequence[date], what: str) -> str:
    span = (days[-1] - days[0]).days + 1 if days else 0
    if span >= DAYS:
        return ""
    return say("{what} over {span}; {days} are needed", what=what, span=count(span, "day"), days=DAYS)


def _median(values: Sequence[float]) -> float:
    found = estimate.quantile(values, 0.5)
    return 0.0 if isinstance(found, Absent) else found


def _flagged(one: Sign) -> bool:
    return not one.why and estimate.lower_bound(one.odd, one.looked_at) > _TOLERATED[one.sign]


def _judged(x: int, n: int, planned: int, margin: float) -> tuple[Verdict, str | None]:
    if n:
        if estimate.upper_bound(x, n) < margin:
            return Verdict.SUPPORTED, None
        if n >= DAYS and estimate.lower_bound(x, n) > margin:
            return Verdict.REFUTED, None
    if n >= planned:
        return Verdict.INCONCLUSIVE, None
    weeks = math.ceil((planned - n) / 7)
    return Verdict.NOT_ENOUGH_DATA, (
        say(
            "{n} with readings of followers or clicks can be compared, {planned} are needed: {weeks} of daily readings",
            n=count(n, "day"),
            planned=planned,
            weeks=count(weeks, "more week"),
        )
    )


def _table(found: Sequence[Sign]) -> Table:
    columns = (
        ("network", "", "the network"),
        ("sign", "", "what would be odd: a jump of followers, a burst of clicks, clicks in the first ten seconds, "
         "posts with reactions and no click"),
        ("unit", "", "what is counted"),
        ("odd", "", "how many are odd"),
        ("looked_at", "", "of how many"),
        ("share", "share", "the one part of the other"),
        ("share_low", "share", "exact 95 % interval, lower end"),
        ("share_high", "share", "its upper end"),
        ("tolerated", "share", "what is common"),
        ("flag", "", "whether the one-sided 95 % lower limit is over it: a reason to look"),
    )  # fmt: skip
    rows: list[Row] = []
    for one in found:
        why = Absent(one.why)
        cells: Row = [why] * 5
        if not one.why:
            x, n = one.odd, one.looked_at
            cells = [x, n, x / n, *estimate.clopper_pearson(x, n)]
        rows.append([one.network, one.sign, one.unit, *cells, _TOLERATED[one.sign], why if one.why else _flagged(one)])
    return table("audience", say("Signs of an audience that is not people"), columns, rows,
                 say("Flags for a person to look at, never an accusation."))  # fmt: skip
