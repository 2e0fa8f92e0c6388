"""What hours return (A7): clients and money per hour and channel, and an hour prospecting beside one on networks.

Clients are a Poisson count over hours. Money per hour is that count, with its exact limits, times what a deal brings,
resampled (Bayesian bootstrap, Rubin 1981).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from crosspost.audit import estimate
from crosspost.audit.counting import enough
from crosspost.audit.counting.conversion import Row, by_channel, totals
from crosspost.audit.counting.origins import by_network, channel_of, folded, is_new, kind
from crosspost.audit.ledger import EffortRow, LeadRow
from crosspost.audit.results import Absent, Assumption, Basis, Claim, Estimate, Finding, Table, Verdict, table
from crosspost.audit.section import SEED, Given
from crosspost.audit.verdict import plural
from crosspost.domain.business import ChannelKind
from crosspost.domain.money import Money

# Equal returns are the margin: at 1 an owner may as well spend the next hour on either.
CLAIM = Claim("prospecting_beats_networks", "An hour prospecting brings more new clients than an hour on networks", 1.0,
              audit="A7", unit="ratio")  # fmt: skip
LEAST_HOURS = 40.0  # a side; under a week of work says nothing of a channel
LEAST_CLIENTS = 3  # on one of the sides
_DRAWS = 2000
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
        ("new_clients", "clients", "clients by last touch who had not bought before"),
        ("clients_per_hour", "clients per hour", "posterior mean (Gamma-Poisson, Jeffreys' prior)"),
        ("clients_per_hour_lo", "clients per hour", "its 95 % interval, lower end; 0 without clients"),
        ("clients_per_hour_hi", "clients per hour", "its upper end"),
        ("revenue_per_hour_lo", f"{currency} per hour", "95 % interval of revenue per hour, lower end"),
        ("revenue_per_hour_hi", f"{currency} per hour", "its upper end"),
    )
    found = spent(efforts)
    won, paid = by_channel(clients), by_channel(deals)
    rows = [_row(name, one, won.get(name, ()), paid.get(name, ()), currency) for name, one in found.items()]
    networks = {name for name in found if kind(name) is ChannelKind.NETWORK}
    if networks:
        all_of_them = together(found[name] for name in networks)
        rows.append(_row(NETWORKS, all_of_them, _merged(won, networks), _merged(paid, networks), currency))
    note = f"Clients of networks without hours stand apart. Under {LEAST_HOURS:g} hours a channel is not judged."
    return table("hours", "Hours per channel", columns, rows, note)


def _merged(groups: Mapping[str, Sequence[LeadRow]], names: Iterable[str]) -> list[LeadRow]:
    return [row for name in sorted(names) for row in groups.get(name, ())]


def _row(name: str, found: Spent, clients: Sequence[LeadRow], deals: Sequence[LeadRow], currency: str) -> Row:
    n, new = len(clients), sum(is_new(one) for one in clients)
    sums, untold = totals(deals)
    if deals and untold == len(deals):
        amount: Decimal | Absent = Absent("no amount was told")
    else:
        amount = Money.from_minor(sums.get(currency, 0), currency).amount
    if found.open:
        lacking = Absent(f"not known for {found.open} of {found.spans} spans; at least {found.known:.4g} hours")
        return [name, lacking, n, lacking, lacking, amount, lacking, new, *[lacking] * 5]
    if found.known == 0:
        none = Absent("no hours")
        return [name, 0.0, n, 0.0 if n else Absent("no clients by last touch"), 0.0, amount, none, new, *[none] * 5]
    per_hour: float | Absent = Absent("no amount was told")
    interval: Sequence[float | Absent] = [per_hour] * 2
    if isinstance(amount, Decimal):
        per_hour = float(amount) / found.known
        interval = money_per_hour(deals, found.known, currency)
    return [
        name, found.known, n, found.known / n if n else Absent("no clients by last touch"),
        estimate.least_hours_per_event(n, found.known), amount, per_hour, new,
        *estimate.gamma_rate(n, found.known), *interval,
    ]  # fmt: skip


def money_per_hour(deals: Sequence[LeadRow], hours: float, currency: str) -> Sequence[float | Absent]:
    """95 % interval of money per hour from deals in `currency`, in its major unit: their rate times their mean."""
    amounts = sorted(one.amount_minor for one in deals if one.amount_minor is not None and one.currency == currency)
    if not amounts:
        return [Absent("no deal whose amount was told: see the hours a client takes at least")] * 2
    rng = np.random.default_rng(SEED)
    weights = rng.standard_exponential((_DRAWS, len(amounts)))
    means = weights @ np.array([float(Money.from_minor(one, currency).amount) for one in amounts]) / weights.sum(1)
    # As exact limits of the number of deals (Garwood): the lower one of those seen, the upper one of one more.
    number = rng.standard_gamma(len(amounts), _DRAWS)
    more = number + rng.standard_exponential(_DRAWS)
    return [float(np.quantile(one * means / hours, p)) for one, p in ((number, 0.025), (more, 0.975))]


@dataclass(frozen=True, slots=True)
class Side:
    """New clients and hours of networks, or of prospecting."""

    name: str
    clients: int
    spent: Spent


def sides(given: Given) -> tuple[Side, Side, int]:
    """Networks, prospecting, and how many new clients came by nobody knows what."""
    new = [one for one in given.data.clients if is_new(one)]
    found = spent(given.data.ledger.effort)

    def side(name: str, wanted: ChannelKind) -> Side:
        number = sum(kind(channel_of(one, Basis.LAST)) is wanted for one in new)
        return Side(name, number, together(one for channel, one in found.items() if kind(channel) is wanted))

    unknown = sum(by_network(one, Basis.LAST) is None for one in new)
    return side("networks", ChannelKind.NETWORK), side("prospecting", ChannelKind.PROSPECTING), unknown


def find(given: Given) -> Finding:
    """The finding on `CLAIM`: new clients per hour on networks over those per hour prospecting.

    Clients of unknown channel are counted as either's; the verdict holds both ways.
    """
    claim = given.claim(CLAIM)
    margin = 1 / claim.margin  # the claim is of prospecting over networks, the figures are the other way round
    ours, other, unknown = sides(given)
    needs = [enough.Need(f"hours on {one.name}", one.spent.known, LEAST_HOURS) for one in (ours, other)]
    most = max(ours.clients, other.clients)
    needs.append(enough.Need("new clients on one of the two sides", most, LEAST_CLIENTS))
    gaps = [f"the hours of {one.spent.open} spans of {one.name}" for one in (ours, other) if one.spent.open]
    lacking = enough.missing(needs, given, also=" and ".join(gaps) or None)
    x, y = ours.clients, other.clients
    h, k = ours.spent.known, other.spent.known
    body = f"{plural(x, 'new client')} in {h:,.4g} hours on networks, {y} in {k:,.4g} hours prospecting"
    result, found, caveats = Verdict.NOT_ENOUGH_DATA, None, [
        "Returning clients are counted with neither: an hour brings them again that was spent before.",
    ]  # fmt: skip
    if h > 0 and k > 0 and not gaps:
        low, high = estimate.rate_ratio(x, h, y, k)
        if y and math.isfinite(high):
            found = Estimate(x * k / (h * y), low, high, estimate.LEVEL, x + y, x / h, y / k,
                             "exact, conditional on the clients of both", "ratio")  # fmt: skip
            body += f": {found.value:.2f} times as many an hour, 95 % interval {low:.2f} to {high:.2f}"
        elif x:
            body += f": at least {low:.2f} times as many an hour on networks"
        if x == 0:
            body += f"; at least {estimate.least_hours_per_event(0, h):,.0f} hours on networks per client, at 95 %"
        if lacking is None:
            result = _both_ways(x, h, y, k, unknown, margin)
            plain = enough.under(low, high, margin)
            if result is not plain:
                caveats.append(
                    f"{unknown} new clients came by nobody knows what: without them the verdict would be {plain}."
                )
    return Finding(
        claim=claim, verdict=result, estimate=found, bounds=None, n=x + y, planned=LEAST_CLIENTS, missing=lacking,
        caveats=tuple(caveats), counted="new clients",
        assumptions=(
            Assumption("Hours are logged honestly, and for both alike.", None),
            Assumption("Clients come one by one, at a rate that an hour more does not change.", None),
            Assumption("The channel of every new client is known.", unknown == 0),
        ),
        sentence=enough.sentence(claim, result, f"{claim.margin:g}", f"{body}.", lacking),
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
    claim = Claim("networks_under_rate", "An hour on networks returns less than an hour is worth", rate,
                  audit="A7", unit=f"{currency} per hour")  # fmt: skip
    ours = together(one for name, one in spent(ledger.effort).items() if kind(name) is ChannelKind.NETWORK)
    deals = [one for one in given.data.deals if by_network(one, Basis.LAST)]
    unknown = [one for one in given.data.deals if by_network(one, Basis.LAST) is None]
    untold = sum(one.amount_minor is None or one.currency != currency for one in deals)
    gaps = f"the hours of {ours.open} spans" if ours.open else None
    if untold:
        gaps = f"{gaps}; " if gaps else ""
        gaps += f"the amounts of {untold} deals in {currency}"
    priced = sum(one.amount_minor is not None and one.currency == currency for one in given.data.deals)
    needs = [
        enough.Need("hours on networks", ours.known, LEAST_HOURS),
        enough.Need("deals of any channel with an amount", priced, 1),
    ]
    lacking = enough.missing(needs, given, also=gaps)
    result, found = Verdict.NOT_ENOUGH_DATA, None
    sums, _ = totals(deals)
    money = float(Money.from_minor(sums.get(currency, 0), currency).amount)
    body = f"{money:,.2f} {currency} of {plural(len(deals), 'deal')} in {ours.known:,.4g} hours on networks"
    if ours.known > 0 and priced and not gaps:
        low, high = _limits(deals, ours.known, given)
        seen = f"{money / ours.known:,.2f} {currency} an hour"
        body += f", {seen}; 95 % interval {low:,.2f} to {high:,.2f}"
        found = Estimate(money / ours.known, low, high, estimate.LEVEL, len(deals), money, ours.known,
                         "exact limits of the deals times a Bayesian bootstrap of amounts", claim.unit)  # fmt: skip
        if lacking is None:
            _, most = _limits([*deals, *unknown], ours.known, given)
            result = enough.under(low, max(high, most), rate)
    return [
        Finding(
            claim=claim, verdict=result, estimate=found, bounds=None, n=int(ours.known), planned=int(LEAST_HOURS),
            missing=lacking,
            caveats=("Revenue by last touch: it may not be for the hours, and later hours may bring more of it.",),
            counted="hours on networks",
            assumptions=(
                Assumption("Hours are logged honestly.", None),
                Assumption("The channel of every deal is known.", not unknown),
                Assumption("Deals yet to come bring about what deals brought.", None),
            ),
            sentence=enough.sentence(claim, result, f"{rate:,.2f} {claim.unit}", f"{body}.", lacking),
        )
    ]  # fmt: skip


def _limits(deals: Sequence[LeadRow], hours: float, given: Given) -> tuple[float, float]:
    """Limits of money per hour, some deal having an amount.

    Without one of these deals: what the most of them that fit would bring, at the mean of all channels.
    """
    currency = given.data.ledger.brand.currency
    low, high = money_per_hour(deals, hours, currency)
    if isinstance(low, float) and isinstance(high, float):
        return low, high
    known = [one.amount_minor for one in given.data.deals if one.amount_minor is not None and one.currency == currency]
    mean = float(Money.from_minor(sum(known), currency).amount) / len(known)
    return 0.0, mean * estimate.poisson_interval(0)[1] / hours
