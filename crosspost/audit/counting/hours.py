"""What hours return (A7): clients and money per hour and channel, and an hour prospecting beside one on networks.

Clients are a Poisson count over hours. Money per hour is what their deals bring (`counting/deals.py`) over them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crosspost.audit import estimate
from crosspost.audit.counting import enough
from crosspost.audit.counting.conversion import Row, by_channel, totals
from crosspost.audit.counting.deals import money_interval
from crosspost.audit.counting.origins import by_network, channel_of, folded, is_new, kind
from crosspost.audit.ledger import EffortRow, LeadRow
from crosspost.audit.results import Absent, Assumption, Basis, Claim, Estimate, Finding, Table, Verdict, stated, table
from crosspost.audit.section import Given
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import (
    Figure,
    count,
    join,
    listed,
    money,
    number,
    plain,
    rounded,
    say,
    sign_of,
    significant,
)
from crosspost.domain.money import Money

# Equal returns are the margin: at 1 an owner may as well spend the next hour on either.
CLAIM = Claim(
    "prospecting_beats_networks",
    say("An hour prospecting brings more new clients than an hour on networks"),
    1.0,
    audit="A7",
    unit="ratio",
)
LEAST_HOURS = 40.0  # a side; under a week of work says nothing of a channel
LEAST_CLIENTS = 3  # on one of the sides
NETWORKS = "(networks)"


@dataclass(frozen=True, slots=True)
class Spent:
    """Hours of a channel: those that are known, and how many spans of all have hours that nobody knows."""

    known: float
    open: int
    spans: int


def spent(efforts: Iterable[EffortRow]) -> dict[str, Spent]:
    """Hours per channel, names in order."""
    groups: defaultdict[str, list[float | None]] = defaultdict(list)
    for row in efforts:
        groups[folded(row.channel)].append(row.hours)
    return {name: _spent(values) for name, values in sorted(groups.items())}


def _spent(values: Sequence[float | None]) -> Spent:
    known = sorted(hour for hour in values if hour is not None)
    return Spent(math.fsum(known), len(values) - len(known), len(values))


def together(parts: Iterable[Spent]) -> Spent:
    found = list(parts)
    return Spent(
        math.fsum(sorted(one.known for one in found)),
        sum(one.open for one in found),
        sum(one.spans for one in found),
    )


def hours(efforts: Sequence[EffortRow], clients: Sequence[LeadRow], deals: Sequence[LeadRow], currency: str,
          rate_minor: int | None = None) -> Table:  # fmt: skip
    """Hours per channel beside the clients and the money of its last touches; networks together at the end."""
    columns = (
        ("channel", "", "channel the hours went to"),
        ("hours", "hours", "hours in the period"),
        ("clients", "clients", "clients by last touch"),
        ("hours_per_client", "hours", "hours / clients"),
        ("least_hours_per_client", "hours", "one-sided 95 % lower limit (clients as a Poisson count)"),
        ("revenue", currency, "amounts told in the brand's currency"),
        ("revenue_per_hour", f"{currency} per hour", "revenue / hours"),
        ("new_clients", "clients", "clients by last touch who had not bought before"),
        ("clients_per_hour", "clients per hour", "posterior mean (Gamma-Poisson, Jeffreys' prior)"),
        ("clients_per_hour_lo", "clients per hour", "its 95 % interval, lower end; 0 without clients"),
        ("clients_per_hour_hi", "clients per hour", "its upper end"),
        ("revenue_per_hour_lo", f"{currency} per hour", "95 % interval of revenue per hour, lower end"),
        ("revenue_per_hour_hi", f"{currency} per hour", "its upper end"),
        ("revenue_lo", currency, "95 % interval of the revenue that such hours bring, lower end"),
        ("revenue_hi", currency, "its upper end; without a deal, at the mean of the deals of all channels"),
        ("against_rate", "", "under or over: that interval lies on one side of the owner's own rate; else either"),
    )
    found = spent(efforts)
    won, paid = by_channel(clients), by_channel(deals)
    networks = {name for name in found if kind(name) is ChannelKind.NETWORK}
    groups = {name: ([name], one) for name, one in found.items()}
    if networks:
        groups[NETWORKS] = (sorted(networks), together(found[name] for name in networks))
    rows = []
    for name, (members, one) in groups.items():
        bounds = money_interval(_merged(paid, members), currency, deals)
        row = _row(name, one, _merged(won, members), _merged(paid, members), currency, bounds)
        rows.append([*row, *bounds, _against(rate_minor, one, bounds, currency)])
    note = say(
        "Clients of networks without hours stand apart. Under {least} hours a channel is not judged.",
        least=plain(LEAST_HOURS),
    )
    return table("hours", say("Hours per channel"), columns, rows, note)


def _merged(groups: Mapping[str, Sequence[LeadRow]], names: Iterable[str]) -> list[LeadRow]:
    return [row for name in sorted(names) for row in groups.get(name, ())]


def _row(
    name: str, found: Spent, clients: Sequence[LeadRow], deals: Sequence[LeadRow], currency: str,
    bounds: Sequence[float | Absent],
) -> Row:  # fmt: skip
    n, new = len(clients), sum(is_new(one) for one in clients)
    sums, untold = totals(deals)
    if deals and untold == len(deals):
        amount: Decimal | Absent = Absent(say("no amount was told"))
    else:
        amount = Money.from_minor(sums.get(currency, 0), currency).amount
    if found.open:
        lacking = Absent(
            say(
                "not known for {x} of {n} spans; at least {hours} hours", x=found.open, n=found.spans,
                hours=significant(found.known, 4),
            )
        )  # fmt: skip
        return [name, lacking, n, lacking, lacking, amount, lacking, new, *[lacking] * 5]
    if found.known == 0:
        none = Absent(say("no hours"))
        each = 0.0 if n else Absent(say("no clients by last touch"))
        return [name, 0.0, n, each, 0.0, amount, none, new, *[none] * 5]
    per_hour: float | Absent = Absent(say("no amount was told"))
    interval: Sequence[float | Absent] = [per_hour] * 2
    if isinstance(amount, Decimal):
        per_hour = float(amount) / found.known
        interval = [Absent(say("no deal whose amount was told: see the hours a client takes at least"))] * 2
        if deals:
            interval = [one if isinstance(one, Absent) else one / found.known for one in bounds]
    return [
        name, found.known, n, found.known / n if n else Absent(say("no clients by last touch")),
        estimate.least_hours_per_event(n, found.known), amount, per_hour, new,
        *estimate.gamma_rate(n, found.known), *interval,
    ]  # fmt: skip


def _against(rate_minor: int | None, found: Spent, bounds: Sequence[float | Absent], currency: str) -> str | Absent:
    """On which side of the owner's rate the money of those hours lies, whatever in its interval it is."""
    if rate_minor is None:
        return Absent(say("no hourly rate was told"))
    low, high = bounds
    if isinstance(low, Absent) or isinstance(high, Absent):
        return Absent(say("no amount was told"))
    if found.open or found.known == 0:
        return Absent(say("not every hour is known") if found.open else say("no hours"))
    worth = float(Money.from_minor(rate_minor, currency).amount) * found.known
    return "under" if high < worth else "over" if low > worth else "either"


@dataclass(frozen=True, slots=True)
class Side:
    """New clients and hours of networks, or of prospecting."""

    clients: int
    spent: Spent


def sides(given: Given) -> tuple[Side, Side, int]:
    """Networks, prospecting, and how many new clients came by nobody knows what."""
    new = [one for one in given.data.clients if is_new(one)]
    found = spent(given.data.ledger.effort)

    def side(wanted: ChannelKind) -> Side:
        number = sum(kind(channel_of(one, Basis.LAST)) is wanted for one in new)
        return Side(number, together(one for channel, one in found.items() if kind(channel) is wanted))

    unknown = sum(by_network(one, Basis.LAST) is None for one in new)
    return side(ChannelKind.NETWORK), side(ChannelKind.PROSPECTING), unknown


def find(given: Given) -> Finding:
    """The finding on `CLAIM`: new clients per hour on networks over those per hour prospecting.

    Clients of unknown channel are counted as either's; the verdict holds both ways.
    """
    claim = given.claim(CLAIM)
    margin = 1 / claim.margin  # the claim is of prospecting over networks, the figures are the other way round
    ours, other, unknown = sides(given)
    needs = [
        enough.Need(say("more hour on networks"), say("more hours on networks"), ours.spent.known, LEAST_HOURS),
        enough.Need(say("more hour on prospecting"), say("more hours on prospecting"), other.spent.known, LEAST_HOURS),
        enough.Need(
            say("more new client on one of the two sides"), say("more new clients on one of the two sides"),
            max(ours.clients, other.clients), LEAST_CLIENTS,
        ),
    ]  # fmt: skip
    gaps = []
    if ours.spent.open:
        gaps.append(say("the hours of {n} spans of networks", n=ours.spent.open))
    if other.spent.open:
        gaps.append(say("the hours of {n} spans of prospecting", n=other.spent.open))
    lacking = enough.missing(needs, given, also=listed(gaps) if gaps else None)
    x, y = ours.clients, other.clients
    h, k = ours.spent.known, other.spent.known
    told = say(
        "{clients} in {hours} hours on networks, {y} in {others} hours prospecting", clients=count(x, "new client"),
        hours=rounded(h), y=y, others=rounded(k),
    )  # fmt: skip
    result, found = Verdict.NOT_ENOUGH_DATA, None
    caveats = [say("Returning clients are counted with neither: an hour brings them again that was spent before.")]
    if h > 0 and k > 0 and not gaps:
        low, high = estimate.rate_ratio(x, h, y, k)
        if y and math.isfinite(high):
            found = Estimate(x * k / (h * y), low, high, estimate.LEVEL, x + y, x / h, y / k,
                             "exact, conditional on the clients of both", "ratio")  # fmt: skip
            told = say(
                "{counts}: {ratio} times as many an hour, 95 % interval {low} to {high}", counts=told,
                ratio=number(found.value, 2), low=number(low, 2), high=number(high, 2),
            )  # fmt: skip
        elif x:
            told = say("{counts}: at least {low} times as many an hour on networks", counts=told, low=number(low, 2))
        if x == 0:
            least = number(estimate.least_hours_per_event(0, h))
            told = say("{counts}; at least {least} hours on networks per client, at 95 %", counts=told, least=least)
        if lacking is None:
            result = _both_ways(x, h, y, k, unknown, margin)
            without = enough.under(low, high, margin)
            if result is not without:
                caveats.append(
                    say(
                        "{n} new clients came by nobody knows what: without them the verdict would be {verdict}.",
                        n=unknown, verdict=without.told,
                    )
                )  # fmt: skip
    return Finding(
        claim=claim, verdict=result, estimate=found, bounds=None, n=x + y, planned=LEAST_CLIENTS, missing=lacking,
        caveats=tuple(caveats), counted=say("new clients"),
        assumptions=(
            Assumption(say("Hours are logged honestly, and for both alike."), None),
            Assumption(say("Clients come one by one, at a rate that an hour more does not change."), None),
            Assumption(say("The channel of every new client is known."), unknown == 0),
        ),
        sentence=stated(result, claim.text, plain(claim.margin), say("{told}.", told=told), lacking),
        scaled_margin=margin,
    )  # fmt: skip


def _both_ways(x: int, h: float, y: int, k: float, unknown: int, margin: float) -> Verdict:
    most, least = (enough.under(*estimate.rate_ratio(*one), margin)
                   for one in ((x + unknown, h, y, k), (x, h, y + unknown, k)))  # fmt: skip
    return most if most is least else Verdict.INCONCLUSIVE


def worth(given: Given) -> list[Finding]:
    """The finding on money per hour on networks against the user's own rate; none where that is not known."""
    ledger = given.data.ledger
    currency = ledger.brand.currency
    if ledger.rate_minor is None:
        return []
    rate = float(Money.from_minor(ledger.rate_minor, currency).amount)
    claim = Claim("networks_under_rate", say("An hour on networks returns less than an hour is worth"), rate,
                  audit="A7", unit=say("{currency} per hour", currency=sign_of(currency)))  # fmt: skip
    ours = together(one for name, one in spent(ledger.effort).items() if kind(name) is ChannelKind.NETWORK)
    deals = [one for one in given.data.deals if by_network(one, Basis.LAST)]
    unknown = [one for one in given.data.deals if by_network(one, Basis.LAST) is None]
    untold = sum(one.amount_minor is None or one.currency != currency for one in deals)
    gaps = []
    if ours.open:
        gaps.append(say("the hours of {n} spans", n=ours.open))
    if untold:
        gaps.append(say("the amounts of {n} deals in {currency}", n=untold, currency=currency))
    priced = sum(one.amount_minor is not None and one.currency == currency for one in given.data.deals)
    needs = [
        enough.Need(say("more hour on networks"), say("more hours on networks"), ours.known, LEAST_HOURS),
        enough.Need(
            say("more deal of any channel with an amount"), say("more deals of any channel with an amount"), priced, 1
        ),
    ]
    lacking = enough.missing(needs, given, also=join("; ", gaps) if gaps else None)
    result, found = Verdict.NOT_ENOUGH_DATA, None
    sums, _ = totals(deals)
    earned = float(Money.from_minor(sums.get(currency, 0), currency).amount)
    told = say(
        "{money} of {deals} in {hours} hours on networks", money=_money(earned, currency),
        deals=count(len(deals), "deal"), hours=rounded(ours.known),
    )  # fmt: skip
    if ours.known > 0 and priced and not gaps:
        low, high = money_limits(deals, ours.known, given)
        told = say(
            "{counts}, {rate} an hour; 95 % interval {low} to {high}", counts=told,
            rate=_money(earned / ours.known, currency), low=number(low, 2), high=number(high, 2),
        )  # fmt: skip
        found = Estimate(earned / ours.known, low, high, estimate.LEVEL, len(deals), earned, ours.known,
                         "exact limits of the deals, amounts resampled from all channels", claim.unit)  # fmt: skip
        if lacking is None:
            _, most = money_limits([*deals, *unknown], ours.known, given)
            result = enough.under(low, max(high, most), rate)
    return [
        Finding(
            claim=claim, verdict=result, estimate=found, bounds=None, n=int(ours.known), planned=int(LEAST_HOURS),
            missing=lacking,
            caveats=(say("Revenue by last touch: it may not be for the hours, and later hours may bring more of it."),),
            counted=say("hours on networks"),
            assumptions=(
                Assumption(say("Hours are logged honestly."), None),
                Assumption(say("The channel of every deal is known."), not unknown),
                Assumption(say("Deals yet to come bring about what deals brought."), None),
            ),
            sentence=stated(
                result, claim.text, say("{number} {unit}", number=number(rate, 2), unit=claim.unit),
                say("{told}.", told=told), lacking,
            ),
        )
    ]  # fmt: skip


def _money(value: float, currency: str) -> Figure:
    return money(Decimal(f"{value:.2f}"), currency)


def money_limits(deals: Sequence[LeadRow], hours: float, given: Given) -> tuple[float, float]:
    """Limits of money per hour, some deal of any channel having an amount. Deals without one are left out."""
    currency = given.data.ledger.brand.currency
    told = [one for one in deals if one.amount_minor is not None and one.currency == currency]
    low, high = money_interval(told, currency, given.data.deals)
    assert isinstance(low, float)
    assert isinstance(high, float)
    return low / hours, high / hours
