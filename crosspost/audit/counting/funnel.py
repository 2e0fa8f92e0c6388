"""Reach → click → visit → lead → client → revenue per network, each number beside what it is a part of.

Only leads → clients is a cohort: the clients are some of those very leads. Reach, clicks and visits count
in the same period by different counters, so a later one may exceed an earlier one; the row then says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crosspost.audit import estimate
from crosspost.audit.counting.conversion import Row, totals
from crosspost.audit.counting.origins import ALL, channel_of, folded, kind
from crosspost.audit.ledger import LeadRow, Ledger, PostRow
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import Figure, channel, join, metric_name, say
from crosspost.domain.money import Money

# A stage within a sentence: its count, and what is counted.
_ONE: dict[str, str] = {
    one: one for one in (say("impressions"), say("reach"), say("click"), say("visit"), say("lead"), say("client"))
}
_MANY: dict[str, str] = _ONE | {
    "click": say("clicks"), "visit": say("visits"), "lead": say("leads"), "client": say("clients"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """A count of one stage; `upper` adds what may belong to it (hits that may be persons)."""

    name: str
    unit: str
    value: int | float | Absent
    upper: int | float | Absent
    note: str = ""


def networks(ledger: Ledger) -> list[str]:
    """Every network that posts, hits, visits, followers, hours or leads of the ledger name."""
    measured = {folded(post.network) for post in ledger.posts}
    measured |= {folded(row.network) for row in ledger.clicks}
    measured |= {folded(row.network) for row in ledger.visits}
    measured |= {folded(row.network) for row in ledger.followers}
    named = {folded(row.channel) for row in ledger.effort}
    named |= {channel_of(lead, Basis.LAST) for lead in ledger.leads}
    return sorted(measured | {name for name in named if kind(name) is ChannelKind.NETWORK})


def metric_total(posts: Sequence[PostRow], metric: str) -> tuple[int | float | Absent, str]:
    """The sum of a metric over posts, and a note when some posts lack it; absent with the usual reason."""
    values = [value for post in posts if (value := post.metrics.get(metric)) is not None]
    if not posts:
        return Absent(say("no posts in the period")), ""
    if not values:
        reasons = Counter(
            post.reasons.get(metric) or say("{metric} was never read", metric=metric_name(metric)) for post in posts
        )
        return Absent(min(reasons, key=lambda reason: (-reasons[reason], reason))), ""
    if len(values) == len(posts):
        return _whole(sum(sorted(values))), ""
    return _whole(sum(sorted(values))), say("{x} of {n} posts have it: a lower bound", x=len(values), n=len(posts))


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def clicks(ledger: Ledger, network: str) -> tuple[int | Absent, int | Absent]:
    """(surely persons, those and the possible ones); absent where nothing measured them."""
    rows = [row for row in ledger.clicks if folded(row.network) == network]
    if not rows:
        return (Absent(say("clicks of this network are not measured")),) * 2
    persons = sum(row.persons for row in rows)
    return persons, persons + sum(row.unsure for row in rows)


def visits(ledger: Ledger, network: str) -> tuple[int | Absent, int | Absent, str]:
    """Visits from a network (surely persons', those and the possible ones) and who counted them; absent with the reason
    of a row that lacks them."""
    rows = [row for row in ledger.visits if folded(row.network) == network]
    missing = sorted(row.reason or "" for row in rows if row.visits is None)
    if not rows or missing:
        absent = Absent(missing[0] if missing else say("no analytics of the site was imported"))
        return absent, absent, ""
    sure = sum(row.visits or 0 for row in rows)
    return sure, sure + sum(row.unsure for row in rows), next(iter(sorted({row.note for row in rows} - {""})), "")


def leads_of(ledger: Ledger, network: str) -> list[LeadRow]:
    """Leads of known first contact whose last touch is this network."""
    return [lead for lead in ledger.leads if lead.contacted_at is not None and channel_of(lead, Basis.LAST) == network]


def stages(ledger: Ledger, network: str) -> list[Stage]:
    """The counts of one network from impressions to clients, in order."""
    posts = [post for post in ledger.posts if folded(post.network) == network]
    found = []
    for metric, unit in (("impressions", "views"), ("reach", "persons per post")):
        value, note = metric_total(posts, metric)
        found.append(Stage(metric, unit, value, value, note))
    sure, possible = clicks(ledger, network)
    found.append(Stage("click", "hits by persons", sure, possible))
    found.append(Stage("visit", "visits", *visits(ledger, network)))
    leads = leads_of(ledger, network)
    won = sum(lead.won_at is not None for lead in leads)
    found.append(Stage("lead", "leads", len(leads), len(leads)))
    found.append(Stage("client", "clients", won, won))
    return found


def _together(parts: dict[str, list[Stage]]) -> list[Stage]:
    """The stages of all networks added up; one that a network lacks is absent for all."""
    result = []
    for column in zip(*parts.values(), strict=True):
        lacking = [name for name, stage in zip(parts, column, strict=True) if isinstance(stage.value, Absent)]
        head = column[0]
        if lacking:
            absent = Absent(say("not known on {networks}", networks=join(", ", map(channel, lacking))))
            result.append(Stage(head.name, head.unit, absent, absent))
            continue
        value = sum(stage.value for stage in column if not isinstance(stage.value, Absent))
        upper = sum(stage.upper for stage in column if not isinstance(stage.upper, Absent))
        note = next((stage.note for stage in column if stage.note), "")
        result.append(Stage(head.name, head.unit, value, upper, note))
    return result


def funnel(ledger: Ledger) -> tuple[Table, list[str]]:
    """The funnel of each network and of all, and a warning for each count above the one before."""
    columns = (
        ("network", "", "the network, or (all)"),
        ("stage", "", "impressions, reach, click, visit, lead, client or revenue"),
        ("value", "as unit says", "the numerator"),
        ("upper", "as unit says", "the same with hits that may be persons"),
        ("unit", "", "what is counted"),
        ("of", "", "the earlier stage it is compared with"),
        ("of_value", "as its unit says", "the denominator"),
        ("rate", "share", "value / of_value"),
        ("rate_low", "share", "exact 95 % interval, lower end, in a cohort"),
        ("rate_high", "share", "its upper end"),
        ("cohort", "", "whether the numerator is a part of the denominator"),
        ("period_start", "", "start of the period"),
        ("period_end", "", "end of the period, not in it"),
        ("note", "", "what a reader must know of this number"),
        ("rate_upper_95", "share", "exact one-sided 95 % upper limit of the rate, in a cohort"),
    )
    names = networks(ledger)
    parts = {name: stages(ledger, name) for name in names}
    members = {name: leads_of(ledger, name) for name in names}
    if names:
        parts[ALL] = _together(parts)
        members[ALL] = [lead for name in names for lead in members[name]]
    rows: list[Row] = []
    warnings: list[str] = []
    span = (ledger.period.start, ledger.period.end)
    for name, found in parts.items():
        for index, stage in enumerate(found):
            cells, warning = _stage_row(stage, found[:index])
            rows.append([name, *cells[:-1], *span, cells[-1], _upper(cells)])
            if warning and name != ALL:
                warnings.append(say("{channel}: {warning}", channel=channel(name), warning=warning))
        for cells in _revenue_rows(members[name], ledger.brand.currency):
            rows.append([name, *cells[:-1], *span, cells[-1], _upper(cells)])
    note = say(
        "Leads, clients and revenue by last touch. Clients are those of the period's leads, whenever "
        "they were won; revenue is theirs. Reach counts a person once per post."
    )
    return table("funnel", say("From reach to revenue"), columns, rows, note), warnings


def _upper(cells: Row) -> float | Absent:
    """The one-sided limit of a rate that has an interval; the reason of the interval where it has none."""
    _, value, _, _, _, of, _, low, *_ = cells
    if isinstance(low, Absent):
        return low
    assert isinstance(value, int | float)
    assert isinstance(of, int | float)
    return estimate.upper_bound(int(value), int(of))


def _stage_row(stage: Stage, before: Sequence[Stage]) -> tuple[Row, str | None]:
    # impressions count views, reach persons: neither is a part of the other, so reach starts the chain
    chain = [s for s in before if s.name != "impressions" and not isinstance(s.value, Absent)]
    head: Row = [stage.name, stage.value, stage.upper, stage.unit]
    if stage.name in ("impressions", "reach") or not chain:
        first = Absent(say("no earlier stage is known"))
        return [*head, first, first, first, first, first, False, stage.note], None
    of = chain[-1]
    assert not isinstance(of.value, Absent)  # filtered above
    cohort = of.name == "lead"
    if isinstance(stage.value, Absent):
        gone = Absent(say("no {stage} count", stage=_ONE[stage.name]))
        return [*head, of.name, of.value, gone, gone, gone, cohort, stage.note], None
    if of.value == 0:
        gone = Absent(say("no {stages} to be a part of", stages=_MANY[of.name]))
        return [*head, of.name, of.value, gone, gone, gone, cohort, stage.note], None
    if cohort:
        interval = estimate.clopper_pearson(int(stage.value), int(of.value))
        return [*head, of.name, of.value, stage.value / of.value, *interval, True, stage.note], None
    none = Absent(say("two counters of one period, not one group of persons: no interval"))
    if stage.value > of.value:
        text = say(
            "more {stages} ({more}) than {others} ({fewer}): not a cohort", stages=_MANY[stage.name],
            more=_figure(stage.value), others=_MANY[of.name], fewer=_figure(of.value),
        )  # fmt: skip
        return [*head, of.name, of.value, Absent(text), none, none, False, text], text
    rate = stage.value / of.value
    return [*head, of.name, of.value, rate, none, none, False, stage.note], None


def _figure(value: float) -> Figure:
    return Figure(f"{value:,}", f"number:{0 if float(value).is_integer() else 1}", value)


def _revenue_rows(leads: Sequence[LeadRow], currency: str) -> list[Row]:
    clients = [lead for lead in leads if lead.won_at is not None]
    sums, untold = totals(clients)
    money = Absent(say("money per client is no share"))
    note = ""
    if untold and sums:
        note = say("{x} of {n} clients without an amount: a lower bound", x=untold, n=len(clients))
    rows: list[Row] = []
    for unit in sums or (currency,):
        amount: Decimal | Absent = Money.from_minor(sums.get(unit, 0), unit).amount
        if clients and not sums:
            amount = Absent(say("no amount was told"))
        rows.append(["revenue", amount, amount, unit, "client", len(clients), money, money, money, True, note])
    return rows
