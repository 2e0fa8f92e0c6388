"""Leads, clients and money per channel (by last touch), networks against the rest, and hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from crosspost.audit import estimate
from crosspost.audit.counting.origins import ALL, by_network, channel_of, folded, kind
from crosspost.audit.counting.quality import lag_days
from crosspost.audit.ledger import EffortRow, LeadRow
from crosspost.audit.results import Absent, Basis, Cell, Table, table
from crosspost.domain.business import ChannelKind
from crosspost.domain.money import Money

Row = list[Cell | Absent]


def by_channel(rows: Iterable[LeadRow]) -> dict[str, list[LeadRow]]:
    """Rows under the channel of their last touch, `(blank)` where it is not known, names in order."""
    groups: defaultdict[str, list[LeadRow]] = defaultdict(list)
    for row in rows:
        groups[channel_of(row, Basis.LAST)].append(row)
    return dict(sorted(groups.items()))


def conversion(contacts: Sequence[LeadRow]) -> Table:
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
    )
    deals = sum(row.won_at is not None for row in contacts)
    groups = by_channel(contacts)
    if contacts:
        groups[ALL] = list(contacts)
    return table(
        "conversion",
        "Leads and deals per channel",
        columns,
        [_conversion_row(name, rows, len(contacts), deals) for name, rows in groups.items()],
        "Channels are chosen by those who come through them: rates describe, they do not rank channels.",
    )


def _conversion_row(name: str, rows: Sequence[LeadRow], all_leads: int, all_deals: int) -> Row:
    n = len(rows)
    x = sum(row.won_at is not None for row in rows)
    lags = [lag for row in rows if (lag := lag_days(row)) is not None]
    days = [estimate.quantile(lags, p) for p in (0.5, 0.25, 0.75)] if lags else [Absent("no deals")] * 3
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
        x / all_deals if all_deals else Absent("no deals in any channel"),
    ]


def network_against_rest(contacts: Sequence[LeadRow]) -> Table:
    """Rates of leads by networks against all other leads, and against those of known channel only."""
    columns = (
        ("rest", "", "what networks are compared with"),
        ("network_deals", "deals", "deals of leads by networks"),
        ("network_leads", "leads", "leads by networks (last touch)"),
        ("rest_deals", "deals", "deals of the rest"),
        ("rest_leads", "leads", "leads of the rest"),
        ("risk_ratio", "ratio", "rate of networks / rate of the rest"),
        ("risk_ratio_lo", "ratio", "its 95 % interval (log normal), lower end"),
        ("risk_ratio_hi", "ratio", "its upper end"),
        ("odds_ratio", "ratio", "sample odds ratio"),
        ("fisher_p", "probability", "Fisher's exact test, two-sided"),
    )
    groups: defaultdict[bool | None, list[LeadRow]] = defaultdict(list)
    for row in contacts:
        groups[by_network(row, Basis.LAST)].append(row)
    ours = _won(groups[True])
    rows = [
        _against("all other leads", ours, _won([*groups[False], *groups[None]])),
        _against("other leads of known channel", ours, _won(groups[False])),
    ]
    note = "An association: people who come by networks differ from others before they ask."
    return table("network_against_rest", "Networks against the rest", columns, rows, note)


def _won(rows: Sequence[LeadRow]) -> tuple[int, int]:
    return sum(row.won_at is not None for row in rows), len(rows)


def _against(name: str, ours: tuple[int, int], rest: tuple[int, int]) -> Row:
    (x, n), (y, m) = ours, rest
    ratio = estimate.risk_ratio(x, n, y, m)
    three: Row = [ratio] * 3 if isinstance(ratio, Absent) else [ratio.value, ratio.low, ratio.high]
    if n == 0 or m == 0:
        return [name, x, n, y, m, *three, Absent("one side has no rows"), Absent("one side has no rows")]
    cells = (x, n - x, y, m - y)
    return [name, x, n, y, m, *three, estimate.odds_ratio(*cells), estimate.fisher_exact(*cells)]


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
            amount: Decimal | Absent = Absent("no amount was told")
            if sums:
                amount = Money.from_minor(sums[unit], unit).amount
            rows.append([name, unit, len(members), untold, amount])
    return table("revenue", "Revenue per channel", columns, rows)


def hours(efforts: Sequence[EffortRow], clients: Sequence[LeadRow], deals: Sequence[LeadRow], currency: str) -> Table:
    """Hours per channel beside the clients and the money of its last touches; networks together at the end."""
    columns = (
        ("channel", "", "channel the hours went to"),
        ("hours", "hours", "hours in the period"),
        ("clients", "clients", "clients by last touch"),
        ("hours_per_client", "hours", "hours / clients"),
        ("least_hours_per_client", "hours", "one-sided 95 % lower limit (clients as a Poisson count)"),
        ("revenue", currency, "amounts told in the brand's currency"),
        ("revenue_per_hour", f"{currency} per hour", "revenue / hours"),
    )
    spent: defaultdict[str, list[float | None]] = defaultdict(list)
    for row in sorted(efforts, key=repr):
        spent[folded(row.channel)].append(row.hours)
    won, paid = by_channel(clients), by_channel(deals)
    rows = [
        _hours_row(name, values, len(won.get(name, ())), paid.get(name, ()), currency)
        for name, values in sorted(spent.items())
    ]
    networks = {name for name in spent if kind(name) is ChannelKind.NETWORK}
    if networks:
        values = [hour for name in sorted(networks) for hour in spent[name]]
        rows.append(_hours_row("(networks)", values, len(_merged(won, networks)), _merged(paid, networks), currency))
    return table("hours", "Hours per channel", columns, rows, "Clients of networks without hours stand apart.")


def _merged(groups: Mapping[str, Sequence[LeadRow]], names: Iterable[str]) -> list[LeadRow]:
    return [row for name in sorted(names) for row in groups.get(name, ())]


def _hours_row(name: str, values: Sequence[float | None], n: int, deals: Sequence[LeadRow], currency: str) -> Row:
    known = [hour for hour in values if hour is not None]
    spent = sum(known)
    sums, untold = totals(deals)
    if deals and untold == len(deals):
        amount: Decimal | Absent = Absent("no amount was told")
    else:
        amount = Money.from_minor(sums.get(currency, 0), currency).amount
    if len(known) < len(values):
        open_ = Absent(f"not known for {len(values) - len(known)} of {len(values)} spans; at least {spent:.4g} hours")
        return [name, open_, n, open_, open_, amount, open_]
    per_hour: float | Absent = Absent("no hours") if spent == 0 else Absent("no amount was told")
    if spent > 0 and isinstance(amount, Decimal):
        per_hour = float(amount) / spent
    return [
        name,
        spent,
        n,
        spent / n if n else Absent("no clients by last touch"),
        estimate.least_hours_per_event(n, spent),
        amount,
        per_hour,
    ]
