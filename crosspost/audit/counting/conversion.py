"""Leads, clients and money per channel, by last touch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from crosspost.audit import estimate
from crosspost.audit.counting.origins import ALL, channel_of
from crosspost.audit.counting.quality import lag_days
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Absent, Basis, Cell, Table, table
from crosspost.audit.statistics import StageCount
from crosspost.domain.message import say
from crosspost.domain.money import Money

Row = list[Cell | Absent]


def by_channel(rows: Iterable[LeadRow]) -> dict[str, list[LeadRow]]:
    """Rows under the channel of their last touch, `(blank)` where it is not known, names in order."""
    groups: defaultdict[str, list[LeadRow]] = defaultdict(list)
    for row in rows:
        groups[channel_of(row, Basis.LAST)].append(row)
    return dict(sorted(groups.items()))


def conversion(contacts: Sequence[LeadRow], stages: Iterable[StageCount]) -> Table:
    """Per channel: leads, deals they became, rate with four intervals, days to win, shares; `(all)` last."""
    columns = (
        ("channel", "", "channel of the last touch; (blank) where none is known"),
        ("leads", "leads", "leads first contacted in the period"),
        ("deals", "deals", "those of them that were won, whenever"),
        ("rate", "share", "deals / leads"),
        ("clopper_lo", "share", "exact 95 % interval (Clopper-Pearson), lower end"),
        ("clopper_hi", "share", "its upper end"),
        ("wilson_lo", "share", "Wilson 95 % interval, lower end"),
        ("wilson_hi", "share", "its upper end"),
        ("jeffreys_lo", "share", "Jeffreys 95 % interval, lower end; 0 without deals"),
        ("jeffreys_hi", "share", "its upper end; 1 when all leads were won"),
        ("beta11_mean", "share", "posterior mean under a uniform prior"),
        ("beta11_lo", "share", "its 95 % interval, lower end"),
        ("beta11_hi", "share", "its upper end"),
        ("days_median", "days", "first contact to deal, median"),
        ("days_p25", "days", "its lower quartile (linear interpolation)"),
        ("days_p75", "days", "its upper quartile"),
        ("deals_negative_days", "deals", "deals dated before first contact; kept in the days"),
        ("share_of_leads", "share", "leads / all leads"),
        ("share_of_deals", "share", "deals / all deals"),
        ("upper_95", "share", "exact one-sided 95 % upper limit of the rate"),
    )
    counts: dict[str, tuple[int, ...]] = {one.channel: (one.leads, one.won) for one in stages}
    groups = by_channel(contacts)
    if contacts:
        groups[ALL] = list(contacts)
        counts[ALL] = tuple(map(sum, zip(*counts.values(), strict=True)))
    return table(
        "conversion",
        say("Leads and deals per channel"),
        columns,
        [_conversion_row(name, rows, counts[name], counts[ALL]) for name, rows in groups.items()],
        say("Channels are chosen by those who come through them: rates describe, they do not rank channels."),
    )


def _conversion_row(name: str, rows: Sequence[LeadRow], counts: tuple[int, ...], of_all: tuple[int, ...]) -> Row:
    (n, x), (all_leads, all_deals) = counts, of_all
    lags = [lag for row in rows if (lag := lag_days(row)) is not None]
    days = [estimate.quantile(lags, p) for p in (0.5, 0.25, 0.75)] if lags else [Absent(say("no deals"))] * 3
    return [
        name,
        n,
        x,
        x / n,
        *estimate.clopper_pearson(x, n),
        *estimate.wilson(x, n),
        *estimate.jeffreys(x, n),
        *estimate.beta11(x, n),
        *days,
        sum(lag < 0 for lag in lags),
        n / all_leads,
        x / all_deals if all_deals else Absent(say("no deals in any channel")),
        estimate.upper_bound(x, n),
    ]


def totals(clients: Iterable[LeadRow]) -> tuple[dict[str, int], int]:
    """Minor units won per currency, and the number of clients whose amount was not told."""
    sums: Counter[str] = Counter()
    untold = 0
    for client in clients:
        if client.amount_minor is None or client.currency is None:
            untold += 1
        else:
            sums[client.currency] += client.amount_minor
    return dict(sorted(sums.items())), untold


def revenue(deals: Sequence[LeadRow], currency: str) -> Table:
    """Money per channel and currency, returns included; nothing is converted."""
    columns = (
        ("channel", "", "channel of the last touch"),
        ("currency", "", "ISO 4217"),
        ("deals", "deals", "deals of the channel, further ones of a client included"),
        ("without_amount", "deals", "those whose amount was not told, in any currency"),
        ("revenue", "money", "sum of the amounts told in this currency"),
    )
    rows: list[Row] = []
    groups = by_channel(deals)
    if deals:
        groups[ALL] = list(deals)
    for name, members in groups.items():
        sums, untold = totals(members)
        for unit in sums or (currency,):
            amount: Decimal | Absent = Absent(say("no amount was told"))
            if sums:
                amount = Money.from_minor(sums[unit], unit).amount
            rows.append([name, unit, len(members), untold, amount])
    return table("revenue", say("Revenue per channel"), columns, rows)
