"""Do leads by networks convert worse (A2)? Networks against the rest, and every source against all others.

Leads of unknown channel are left out, counted among the rest, and counted as networks: the verdict holds in all three.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from crosspost.audit import estimate
from crosspost.audit.counting import enough
from crosspost.audit.counting.conversion import Row, by_channel
from crosspost.audit.counting.origins import by_network, kind
from crosspost.audit.counting.pooling import pooled
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Absent, Assumption, Basis, Claim, Estimate, Finding, Table, Verdict, stated, table
from crosspost.audit.section import Given
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import number, plain, say

# A fifth fewer deals of as many leads is what an owner would notice, and change something for.
CLAIM = Claim("networks_convert_worse", say("Leads by networks convert worse: under 0.8 of the rest’s rate"), 0.8,
              audit="A2", unit="ratio")  # fmt: skip
LEAST_WINS, LEAST_LEADS = 5, 50  # a side: under them the interval of a ratio is wider than any claim

Counts = tuple[int, int]  # won, leads


def placements(contacts: Sequence[LeadRow]) -> tuple[tuple[str, Counts, Counts], ...]:
    """(where the unknown are, networks, rest) for each place in which leads of unknown channel may be counted."""
    groups: defaultdict[bool | None, list[LeadRow]] = defaultdict(list)
    for row in contacts:
        groups[by_network(row, Basis.LAST)].append(row)
    ours, rest, unknown = (_won(groups[side]) for side in (True, False, None))
    return (
        (say("all other leads"), ours, _sum(rest, unknown)),
        (say("other leads of known channel"), ours, rest),
        (say("other leads, the unknown counted as networks"), _sum(ours, unknown), rest),
    )


def _won(rows: Sequence[LeadRow]) -> Counts:
    return sum(row.won_at is not None for row in rows), len(rows)


def _sum(one: Counts, other: Counts) -> Counts:
    return one[0] + other[0], one[1] + other[1]


def network_against_rest(contacts: Sequence[LeadRow]) -> Table:
    """Rates of leads by networks against the rest, leads of unknown channel in each of their possible places."""
    columns = (
        ("rest", "", "what networks are compared with"),
        ("network_deals", "deals", "deals of leads by networks"),
        ("network_leads", "leads", "leads by networks (last touch)"),
        ("rest_deals", "deals", "deals of the rest"),
        ("rest_leads", "leads", "leads of the rest"),
        ("risk_ratio", "ratio", "rate of networks / rate of the rest"),
        ("risk_ratio_lo", "ratio", "its 95 % interval (log normal), lower end"),
        ("risk_ratio_hi", "ratio", "its upper end"),
        ("score_lo", "ratio", "its 95 % score interval (Koopman), lower end: what the verdict goes by"),
        ("score_hi", "ratio", "its upper end"),
        ("odds_ratio", "ratio", "sample odds ratio"),
        ("fisher_p", "probability", "Fisher's exact test, two-sided"),
        ("mid_p", "probability", "its mid-p: tables as likely as this one counted half"),
    )
    note = say("An association: people who come by networks differ from others before they ask.")
    rows = [_row(*one) for one in placements(contacts)]
    return table("network_against_rest", say("Networks against the rest"), columns, rows, note)


def _row(name: str, ours: Counts, rest: Counts) -> Row:
    (x, n), (y, m) = ours, rest
    ratio = estimate.risk_ratio(x, n, y, m)
    ends: Row = [ratio] * 2 if isinstance(ratio, Absent) else [ratio.low, ratio.high]
    if n == 0 or m == 0:
        return [name, x, n, y, m, *[Absent(say("one side has no rows"))] * 8]
    low, high = estimate.score_ratio(x, n, y, m)
    top = high if math.isfinite(high) else Absent(say("unbounded: the rest has no deals"))
    cells = (x, n - x, y, m - y)
    return [
        name, x, n, y, m, _ratio(x, n, y, m), *ends, low, top,
        estimate.odds_ratio(*cells), estimate.fisher_exact(*cells), estimate.fisher_mid_p(*cells),
    ]  # fmt: skip


def sources(contacts: Sequence[LeadRow]) -> Table:
    """Each source's rate drawn towards all, and against all other sources; leads of unknown channel are in neither."""
    columns = (
        ("channel", "", "channel of the last touch"),
        ("leads", "leads", "leads first contacted in the period"),
        ("deals", "deals", "those of them that were won, whenever"),
        ("rate", "share", "deals / leads"),
        ("pooled_rate", "share", "rate drawn towards all sources: few leads borrow from the others"),
        ("pooled_lo", "share", "its 95 % interval, lower end"),
        ("pooled_hi", "share", "its upper end"),
        ("ratio", "ratio", "rate / rate of all other sources"),
        ("mid_p", "probability", "Fisher's mid-p against all other sources"),
        ("holm_p", "probability", "the same adjusted for the number of sources (Holm)"),
    )
    named = {name: _won(rows) for name, rows in by_channel(contacts).items() if kind(name) is not ChannelKind.UNKNOWN}
    total = (sum(x for x, _ in named.values()), sum(n for _, n in named.values()))
    others = {name: (total[0] - x, total[1] - n) for name, (x, n) in named.items()}
    alone = Absent(say("no other source has leads"))
    if len(named) > 1:
        tests = [estimate.fisher_mid_p(x, n - x, y, m - y) for (x, n), (y, m) in zip(
            named.values(), others.values(), strict=True)]  # fmt: skip
        p_values: list[tuple[float | Absent, float | Absent]] = list(zip(tests, estimate.holm(tests), strict=True))
    else:
        p_values = [(alone, alone)] * len(named)
    rows = [
        [name, n, x, x / n, *drawn, _ratio(x, n, *others[name]), *p]
        for (name, (x, n)), drawn, p in zip(named.items(), pooled(list(named.values())), p_values, strict=True)
    ]
    note = say("Sources are chosen by those who come through them. Hierarchical: every rate Beta around a common mean.")
    return table("sources", say("Sources against each other"), columns, rows, note)


def _ratio(x: int, n: int, y: int, m: int) -> float | Absent:
    if m == 0 or y == 0:
        return Absent(say("the others have no deals to compare with"))
    return x * m / (n * y)


def find(given: Given) -> Finding:
    """The finding on `CLAIM`. Where unknown leads would change it, it is inconclusive and says so."""
    claim = given.claim(CLAIM)
    _, known, _ = places = placements(given.data.contacts)
    _, (x, n), (y, m) = known
    needs = [
        enough.Need(say("more lead by networks"), say("more leads by networks"), n, LEAST_LEADS),
        enough.Need(say("more deal of leads by networks"), say("more deals of leads by networks"), x, LEAST_WINS),
        enough.Need(
            say("more lead of other known channels"), say("more leads of other known channels"), m, LEAST_LEADS
        ),
        enough.Need(say("more deal of those"), say("more deals of those"), y, LEAST_WINS),
    ]  # fmt: skip
    lacking = enough.missing(needs, given)
    found = _estimate(x, n, y, m)
    caveats: list[str] = [say("An association: people who come by networks differ from others before they ask.")]
    verdict = Verdict.NOT_ENOUGH_DATA
    if lacking is None:
        each = [enough.under(*estimate.score_ratio(*a, *b), claim.margin) for _, a, b in places]
        verdict = each[0] if len(set(each)) == 1 else Verdict.INCONCLUSIVE
        if len(set(each)) > 1:
            caveats.append(
                say(
                    "It hangs on {unknown} leads of unknown channel: without them the verdict would be {without}, with "
                    "all of them in the rest {rest}, with all by networks {networks}.",
                    unknown=number(len(given.data.contacts) - n - m), rest=each[0].told, without=each[1].told,
                    networks=each[2].told,
                )
            )  # fmt: skip
    told = say(
        "{x} of {n} leads by networks were won, and {y} of {m} others of known channel",
        x=number(x), n=number(n), y=number(y), m=number(m),
    )  # fmt: skip
    if found is not None:
        told = say(
            "{counts}: {ratio} of the rest’s rate, 95 % interval {low} to {high}", counts=told,
            ratio=number(found.value, 2), low=number(found.low, 2), high=number(found.high, 2),
        )  # fmt: skip
        if lacking is None:
            told = say("{counts}, which {compared}", counts=told, compared=_against_one(found))
    return Finding(
        claim=claim, verdict=verdict, estimate=found, bounds=None, n=n, planned=LEAST_LEADS, missing=lacking,
        caveats=tuple(caveats), counted=say("leads by networks"),
        assumptions=(
            Assumption(say("A lead is the same thing whatever its source."), None),
            Assumption(say("The channel of every lead is known."), n + m == len(given.data.contacts)),
            Assumption(say("Leads that are still open will be won alike."), None),
        ),
        sentence=stated(verdict, claim.text, plain(claim.margin), say("{told}.", told=told), lacking),
    )  # fmt: skip


def _estimate(x: int, n: int, y: int, m: int) -> Estimate | None:
    if n == 0 or m == 0 or y == 0:
        return None
    low, high = estimate.score_ratio(x, n, y, m)
    rates = x / n, y / m
    return Estimate(rates[0] / rates[1], low, high, estimate.LEVEL, n + m, *rates, "Koopman's score interval", "ratio")


def _against_one(found: Estimate) -> str:
    if found.high < 1:
        return say("is under 1: worse than the rest")
    if found.low > 1:
        return say("is over 1: better than the rest")
    return say("has 1 in it: neither worse nor better is shown")
