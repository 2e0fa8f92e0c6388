"""Brands side by side: the key figures of several audits, as they stand in each. Nothing is pooled or tested.

Periods may differ, so counts stand beside their days; money is compared within one currency only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from crosspost.audit.counting.hours import LEAST_HOURS, NETWORKS
from crosspost.audit.estimate import poisson_interval
from crosspost.audit.results import Absent, Audit, Basis, Cell, Finding, ShareClaim, Table, table
from crosspost.domain.message import count, number, say

Row = list[Cell | Absent]

_BRANDS = (
    ("brand", "", "the brand"),
    ("days", "days", "length of its period"),
    ("first", "", "when its period starts"),
    ("last", "", "when it ends"),
    ("leads", "leads", "leads first contacted in the period"),
    ("leads_low", "leads", "exact 95 % interval of a Poisson mean, lower end"),
    ("leads_high", "leads", "its upper end"),
    ("clients", "clients", "clients of the period"),
    ("clients_low", "clients", "exact 95 % interval of a Poisson mean, lower end"),
    ("clients_high", "clients", "its upper end"),
    ("networks", "clients", "of them, those who came last by a network"),
    ("unknown", "clients", "of them, those of whom nobody knows"),
    ("share_low", "share", "share by networks, the unknown counted out"),
    ("share_high", "share", "the same, the unknown counted in"),
    ("share_low_95", "share", "one-sided 95 % lower limit of the first"),
    ("share_high_95", "share", "one-sided 95 % upper limit of the second"),
    ("short", "", "what is missing for a verdict on that share"),
    ("hours", "hours", "hours spent on networks"),
    ("hours_all", "hours", "hours spent on every channel"),
)
_RETURNS = (
    ("brand", "", "the brand"),
    ("currency", "", "its currency"),
    ("hours", "hours", "hours spent on networks"),
    ("revenue", "", "revenue of clients who came last by a network, in that currency"),
    ("revenue_per_hour", "per hour", "revenue / hours"),
    ("low", "per hour", "its 95 % interval, lower end"),
    ("high", "per hour", "its upper end"),
    ("short", "", "what is missing to judge it"),
)
_VERDICTS = (
    ("brand", "", "the brand"),
    ("key", "", "the claim's name"),
    ("claim", "", "the claim"),
    ("verdict", "", "what its data say of it"),
    ("missing", "", "what is missing for a verdict"),
)
_ENOUGH = Absent(say("nothing is missing"))
_NO_HOURS = Absent(say("no hours on networks are recorded"))


def compared(audits: Iterable[Audit]) -> tuple[Table, ...]:
    """The tables brands, brands_returns and brands_verdicts, brands by name. Each audit is looked at once and let go.

    Two brands of one name are numbered.
    """
    parts = [(one.brand.name, one.brand.slug, _brand(one), _returns(one), _verdicts(one)) for one in audits]
    parts.sort(key=lambda part: (part[0].casefold(), part[:2]))
    names = _told_apart([part[0] for part in parts])
    return (
        table("brands", say("Brands side by side"), _BRANDS,
              [[name, *part[2]] for name, part in zip(names, parts, strict=True)],
              say("Counts are of each brand's own period. Intervals are of a Poisson mean.")),
        table("brands_returns", say("What hours on networks returned"), _RETURNS,
              [[name, *part[3]] for name, part in zip(names, parts, strict=True)],
              say("In each brand's own currency: amounts of two currencies are never set against each other.")),
        table("brands_verdicts", say("Verdicts of each brand"), _VERDICTS,
              [[name, *row] for name, part in zip(names, parts, strict=True) for row in part[4]]),
    )  # fmt: skip


def _told_apart(names: Iterable[str]) -> list[str]:
    """The second of one name is `Léa (2)`."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _brand(audit: Audit) -> Row:
    """The row of a brand, without its name."""
    every = next((row for row in audit.table("conversion").records() if row["channel"] == "(all)"), None)
    leads = int(str(every["leads"])) if every else 0
    shares = next(row for row in audit.table("shares").records()
                  if (row["basis"], row["who"]) == (Basis.LAST.value, "all clients"))  # fmt: skip
    clients = int(str(shares["clients"]))
    finding = next(one for one in audit.findings if isinstance(one.claim, ShareClaim) and one.claim.basis is Basis.LAST)
    bounds = finding.bounds
    none = Absent(say("no client is known"))
    share: Row = [none] * 4 if bounds is None else [bounds.low, bounds.high, bounds.low_95, bounds.high_95]
    counts: Row = [
        leads, *poisson_interval(leads), clients, *poisson_interval(clients), shares["networks"], shares["unknown"],
    ]  # fmt: skip
    if leads == clients == 0 and not audit.table("coverage").rows:
        counts = [Absent(say("nothing is recorded of it"))] * len(counts)
    return [
        audit.period.days, audit.period.start, audit.period.end, *counts, *share, _lacking(finding),
        _hours(audit, NETWORKS), _hours_of_all(audit),
    ]  # fmt: skip


def _lacking(finding: Finding) -> str | Absent:
    """What a verdict on the share lacks, in short: the whole sentence is in brands_verdicts."""
    if finding.missing is None:
        return _ENOUGH
    if finding.n < finding.planned:
        return say("at least {planned} are needed", planned=count(finding.planned, "client"))
    return finding.missing


def _hours(audit: Audit, channel: str) -> Cell | Absent:
    found = audit.table("hours")
    for index, row in enumerate(found.records()):
        if row["channel"] == channel:
            return Absent(found.missing[index, "hours"]) if row["hours"] is None else row["hours"]
    return _NO_HOURS


def _hours_of_all(audit: Audit) -> float | Absent:
    rows = [row for row in audit.table("hours").records() if row["channel"] != NETWORKS]
    known = [float(str(row["hours"])) for row in rows if row["hours"] is not None]
    if len(known) < len(rows):
        return Absent(say("the hours of some channels are not known"))
    return sum(known) if known else Absent(say("no hours are recorded"))


def _returns(audit: Audit) -> Row:
    found = audit.table("hours")
    for index, row in enumerate(found.records()):
        if row["channel"] != NETWORKS:
            continue
        names = ("hours", "revenue", "revenue_per_hour", "revenue_per_hour_lo", "revenue_per_hour_hi")
        cells: Row = [Absent(found.missing[index, name]) if row[name] is None else row[name] for name in names]
        hours = row["hours"]
        if isinstance(hours, float) and hours < LEAST_HOURS:
            few = say("under {least} hours: too few to judge", least=number(LEAST_HOURS))
            return [audit.brand.currency, *cells, few]
        return [audit.brand.currency, *cells, _ENOUGH]
    return [audit.brand.currency, *[_NO_HOURS] * 5, _NO_HOURS.reason]


def _verdicts(audit: Audit) -> list[Row]:
    return [[one.claim.key, one.claim.text, one.verdict.value, one.missing or _ENOUGH] for one in audit.findings]
