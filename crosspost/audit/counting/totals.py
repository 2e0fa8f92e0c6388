"""What is usually boasted of networks beside what they brought: one row per figure, all networks together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crosspost.audit import estimate
from crosspost.audit.counting import deals, hours, origins
from crosspost.audit.counting.conversion import Row, totals
from crosspost.audit.counting.funnel import leads_of, metric_total, networks
from crosspost.audit.counting.origins import by_network, folded, kind
from crosspost.audit.ledger import LeadRow, Ledger
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.audit.section import Given
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import channel, count, join, say
from crosspost.domain.money import Money


def in_short(given: Given) -> Table:
    """Followers, reach, views, posts and hours on networks; leads, clients and revenue by last touch of one.

    A figure that some network does not tell is what the others add up to, with those that lack in the note; one that
    none tells is missing.
    """
    ledger = given.data.ledger
    currency = ledger.brand.currency
    columns = (
        ("figure", "", "followers, reach, impressions, posts, hours: what is seen; leads, clients, revenue: what came"),
        ("value", "as unit says", "all networks together"),
        ("low", "as unit says", "95 % interval of what came, lower end"),
        ("high", "as unit says", "its upper end; of no lead or client the one-sided 95 % limit"),
        ("unit", "", "what is counted"),
        ("of", "clients", "clients of any channel"),
        ("unknown", "clients", "those of unknown channel"),
        ("low_95", "share", "one-sided 95 % lower limit of the share of clients, the unknown counted out"),
        ("high_95", "share", "one-sided 95 % upper limit, the unknown counted in"),
        ("note", "", "what a reader must know of this number"),
    )
    rows = [
        _seen("followers", "followers", [(name, _followers(ledger, name)) for name in _open(ledger)]),
        *(
            _seen(metric, unit, [(name, _metric(ledger, name, metric)) for name in networks(ledger)])
            for metric, unit in (("reach", "persons per post"), ("impressions", "views"))
        ),
        _seen("posts", "posts", [("", len(ledger.posts) if networks(ledger) else Absent(_NONE))]),
        _hours(ledger),
        _leads(given),
        _clients(given),
        _revenue(given, currency),
    ]
    note = say(
        "Followers at the last reading of the period. Reach counts a person once per post. What came, by last touch."
    )
    return table("in_short", say("What is seen of networks, and what came of them"), columns, rows, note)


_NONE = say("no network has a post, a click, a reading, hours or a lead in this period")
_NOTHING = say("no lead and no deal of any channel is recorded in this period")
_NO_SHARE = Absent(say("no share of clients"))
_NO_INTERVAL = Absent(say("counted, not estimated"))


def _open(ledger: Ledger) -> list[str]:
    """The networks that still exist at the end of the period, or were read in it."""
    read = {folded(row.network) for row in ledger.followers if row.value is not None}
    last = ledger.period.end.date()
    return [name for name in networks(ledger) if name in read or not ledger.gone(name, last)]


def _followers(ledger: Ledger, network: str) -> float | Absent:
    mine = [row for row in ledger.followers if folded(row.network) == network]
    known = sorted((row.at, row.value) for row in mine if row.value is not None)
    if known:
        return known[-1][1]
    return Absent(min((row.reason or "" for row in mine), default=say("followers were never read")))


def _metric(ledger: Ledger, network: str, metric: str) -> float | Absent:
    posts = [post for post in ledger.posts if folded(post.network) == network]
    return metric_total(posts, metric)[0]


def _seen(figure: str, unit: str, parts: Sequence[tuple[str, float | Absent]]) -> Row:
    """Parts added up; what some lack is named, and what all lack is missing for the first's reason."""
    known = sorted(value for _, value in parts if not isinstance(value, Absent))
    lacking = [(name, value) for name, value in parts if isinstance(value, Absent)]
    value: float | Absent
    note = ""
    if known:
        value = sum(known)
        value = int(value) if float(value).is_integer() else value
        if lacking:
            note = say("not told: {networks}", networks=join(", ", [channel(name) for name, _ in lacking]))
    else:
        value = lacking[0][1] if lacking else Absent(_NONE)
    return [figure, value, _NO_INTERVAL, _NO_INTERVAL, unit, *[_NO_SHARE] * 4, note]


def _hours(ledger: Ledger) -> Row:
    mine = [row for row in ledger.effort if kind(folded(row.channel)) is ChannelKind.NETWORK]
    spent = hours.together(hours.spent(mine).values())
    value: float | Absent = spent.known
    note = ""
    if not mine:
        value = Absent(say("no hours on networks are recorded"))
    elif spent.open == spent.spans:
        value = Absent(say("not known for {open} of {spans}", open=spent.open, spans=count(spent.spans, "span")))
    elif spent.open:
        note = say("not known for {open} of {spans}", open=spent.open, spans=count(spent.spans, "span"))
    return ["hours", value, _NO_INTERVAL, _NO_INTERVAL, "hours", *[_NO_SHARE] * 4, note]


def _leads(given: Given) -> Row:
    ledger = given.data.ledger
    if _quiet(given):
        return _nothing("leads", "leads")
    number = sum(len(leads_of(ledger, name)) for name in networks(ledger))
    return ["leads", number, *_interval(number), "leads", *[_NO_SHARE] * 4, ""]


def _clients(given: Given) -> Row:
    x, unknown, n = origins.count(given.data.clients, Basis.LAST)
    if _quiet(given):
        return _nothing("clients", "clients")
    interval = _interval(x)
    if n == 0:
        nobody = Absent(say("no client is known in this period"))
        return ["clients", 0, *interval, "clients", 0, 0, nobody, nobody, ""]
    limits = (estimate.lower_bound(x, n), estimate.upper_bound(x + unknown, n))
    return ["clients", x, *interval, "clients", n, unknown, *limits, ""]


def _interval(number: int) -> tuple[float, float]:
    return estimate.poisson_interval(number) if number else (0.0, estimate.poisson_upper_bound(0))


def _revenue(given: Given, currency: str) -> Row:
    if _quiet(given):
        return _nothing("revenue", currency)
    mine = [one for one in given.data.deals if by_network(one, Basis.LAST)]
    sums, _ = totals(mine)
    untold = sum(not _told(one, currency) for one in mine)
    amount: Decimal | Absent = Money.from_minor(sums.get(currency, 0), currency).amount
    if mine and untold == len(mine):
        amount = Absent(say("no amount was told"))
    interval = deals.money_interval(mine, currency, given.data.deals)
    note = ""
    if 0 < untold < len(mine):
        note = say("{untold} of {deals} without an amount in {currency}", untold=untold,
                   deals=count(len(mine), "deal"), currency=currency)  # fmt: skip
    return ["revenue", amount, *interval, currency, *[_NO_SHARE] * 4, note]


def _quiet(given: Given) -> bool:
    """Whether nobody wrote down any lead or deal: that networks brought none is then not known."""
    return not given.data.contacts and not given.data.clients


def _told(deal: LeadRow, currency: str) -> bool:
    return deal.amount_minor is not None and deal.currency == currency


def _nothing(figure: str, unit: str) -> Row:
    return [figure, *[Absent(_NOTHING)] * 3, unit, *[_NO_SHARE] * 4, ""]
