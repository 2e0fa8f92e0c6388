"""Where an hour less would be missed least: what a network brings at the most, against what the hour brings elsewhere.

A network is named only where even its upper limit is low: with every client of unknown channel counted as its own,
and every client who is known to have met it on the way. That limit is also what stopping would risk.
"""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.audit import estimate
from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.hours import LEAST_HOURS, Spent, money_limits, sides, spent
from crosspost.audit.counting.origins import by_network, channel_of, channels_met, kind
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.audit.section import Given
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import Message, number, say
from crosspost.domain.money import Money


def stopping(given: Given) -> Table:
    """A row per network with hours. `stop` says whether its upper limit is under all that an hour is held against."""
    currency = given.data.ledger.brand.currency
    columns = (
        ("network", "", "channel the hours went to"),
        ("hours", "hours", "hours in the period"),
        ("clients", "clients", "clients who came last by it or are known to have met it"),
        ("unknown", "clients", "clients of unknown channel, counted as its own in every limit"),
        ("most_clients", "clients", "exact 95 % upper limit of both (a Poisson count): what stopping would risk"),
        ("most_revenue", currency, "95 % upper limit of their revenue"),
        ("most_per_hour", "clients per hour", "most_clients / hours"),
        ("least_prospecting", "clients per hour", "exact 95 % lower limit of new clients per hour prospecting"),
        ("most_revenue_per_hour", f"{currency} per hour", "most_revenue / hours"),
        ("rate", f"{currency} per hour", "what an hour of the owner is worth to them"),
        ("no_journey", "clients", "other clients whose journey is not recorded: whether they met it is not known"),
        ("stop", "", "whether both limits per hour are under what they are held against; one is enough if alone"),
    )
    found = spent(given.data.ledger.effort)
    rows = [_row(name, one, given) for name, one in found.items() if kind(name) is ChannelKind.NETWORK]
    note = say(
        "A network under {hours} hours is not judged. Limits speak of this period: what posts bring later is not in "
        "them.",
        hours=int(LEAST_HOURS),
    )
    return table("stopping", say("Where to stop, and what it risks"), columns, rows, note)


def _row(name: str, found: Spent, given: Given) -> Row:
    clients = given.data.clients
    mine = _its(clients, name)
    unknown = [one for one in _unknown(clients) if name not in channels_met(one)]
    counted = {one.lead for one in (*mine, *unknown)}
    bare = sum(not one.touches and one.lead not in counted for one in clients)
    head: Row = [name, found.known, len(mine), len(unknown)]
    most = estimate.poisson_interval(len(mine) + len(unknown))[1]
    money = _money(name, found, given)
    rate = _rate(given)
    if lacking := _unjudged(found):
        return [*head[:1], lacking if found.open else found.known, *head[2:], most, *[lacking] * 5, bare, lacking]
    elsewhere = _prospecting(given)
    tests = [
        (most / found.known, elsewhere),
        (money if isinstance(money, Absent) else money / found.known, rate),
    ]
    held = [at_most < least for at_most, least in tests if isinstance(at_most, float) and isinstance(least, float)]
    stop: bool | Absent = (
        all(held) if held else Absent(say("an hourly rate, or {least} hours of prospecting", least=int(LEAST_HOURS)))
    )
    return [*head, most, money, most / found.known, elsewhere, tests[1][0], rate, bare, stop]


def _its(rows: Sequence[LeadRow], network: str) -> list[LeadRow]:
    return [one for one in rows if channel_of(one, Basis.LAST) == network or network in channels_met(one)]


def _unknown(rows: Sequence[LeadRow]) -> list[LeadRow]:
    return [one for one in rows if by_network(one, Basis.LAST) is None]


def _unjudged(found: Spent) -> Absent | None:
    if found.open:
        return Absent(say("the hours of {n} of {spans} spans are not known", n=found.open, spans=found.spans))
    if found.known < LEAST_HOURS:
        return Absent(say("{hours} hours, {least} are needed", hours=number(found.known, 1),
                          least=int(LEAST_HOURS)))  # fmt: skip
    return None


def _prospecting(given: Given) -> float | Absent:
    _, other, _ = sides(given)
    if other.spent.open or other.spent.known < LEAST_HOURS:
        return Absent(say("under {least} known hours of prospecting", least=int(LEAST_HOURS)))
    return estimate.poisson_interval(other.clients)[0] / other.spent.known


def _rate(given: Given) -> float | Absent:
    ledger = given.data.ledger
    if ledger.rate_minor is None:
        return Absent(say("no hourly rate: setting hourly_rate, or --rate"))
    return float(Money.from_minor(ledger.rate_minor, ledger.brand.currency).amount)


def _money(name: str, found: Spent, given: Given) -> float | Absent:
    """The most that deals of it, and of nobody knows what, bring in hours like these."""
    currency = given.data.ledger.brand.currency
    deals = given.data.deals
    mine = [*_its(deals, name), *(one for one in _unknown(deals) if name not in channels_met(one))]
    priced = [one for one in deals if one.amount_minor is not None and one.currency == currency]
    if not priced:
        return Absent(say("no deal whose amount was told"))
    if untold := sum(one.amount_minor is None or one.currency != currency for one in mine):
        return Absent(_untold(untold, currency))
    if not found.known:
        return Absent(say("no hours"))
    return money_limits(mine, found.known, given)[1] * found.known


def _untold(deals: int, currency: str) -> Message:
    return say("the amounts of {n} deals in {currency} are not told", n=deals, currency=currency)
