"""Which rows of a ledger a figure of its audit was counted from, down to leads, posts and hits.

A figure is called by its table, the cells that name its row, and its column: `shares/last-touch/all-clients/networks`.
What is computed from others (rates, intervals) names those instead. The rows are chosen anew, by the words of the
column and not by the code that counted them, and must come to the figure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crosspost.audit.counting.conversion import by_channel
from crosspost.audit.counting.funnel import networks
from crosspost.audit.counting.origins import (
    ALL,
    by_network,
    can_be_placed,
    channel_of,
    channels_met,
    folded,
    is_new,
    kind,
)
from crosspost.audit.counting.quality import Clean, clean
from crosspost.audit.counting.reconciliation import PAID, STEPS, UNNAMED
from crosspost.audit.ledger import LeadRow, Ledger, PostRow
from crosspost.audit.results import Audit, Basis, Cell, ShareClaim, Table
from crosspost.domain.business import ChannelKind
from crosspost.domain.money import Money

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the ledger and what it adds to a figure.

    `kind` says what `key` is: lead (a lead's or deal's id), post, reading (`post/metric`), hours (an effort's id),
    hits and possible hits (a link's code), visits and possible visits (`network` or `network/code`), visits without an
    article (`network`).
    """

    kind: str
    key: str
    adds: Number


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with a name. `parts` are what it was counted from; if it is computed, `of` names those it is of."""

    name: str
    value: Cell
    unit: str
    help: str
    parts: tuple[Part, ...] = ()
    of: tuple[str, ...] = ()

    @property
    def total(self) -> Number:
        return sum((part.adds for part in self.parts), start=0)


Columns = Mapping[str, Sequence[Part]]
Opener = Callable[[Clean, Mapping[str, Cell]], Columns]


def figures(ledger: Ledger, audit: Audit) -> dict[str, Figure]:
    """Every figure of the audit that can be explained, by name. A cell without a value has no figure."""
    data = clean(ledger)
    found: dict[str, Figure] = {}
    for table in audit.tables:
        if table.name in _OPENERS:
            keys, opener = _OPENERS[table.name]
            for figure in _of_table(data, table, keys, opener):
                found[_free(figure.name, found)] = figure
    for finding in audit.findings:
        if isinstance(finding.claim, ShareClaim) and finding.estimate is not None:
            row = f"shares/{_slug(finding.claim.basis.value)}/all-clients"
            name = f"finding/{_slug(finding.claim.key)}"
            of = tuple(f"{row}/{column}" for column in ("networks", "unknown", "clients"))
            found[name] = Figure(name, finding.estimate.value, finding.estimate.unit, finding.claim.text, of=of)
    return found


def _of_table(data: Clean, table: Table, keys: Sequence[str], opener: Opener) -> Iterator[Figure]:
    for record in table.records():
        row = "/".join([table.name, *_cells(record, keys)])
        counted = {name: tuple(parts) for name, parts in opener(data, record).items()}
        known = tuple(f"{row}/{name}" for name in counted if record[name] is not None)
        for column in table.columns:
            value = record[column.name]
            if value is None or isinstance(value, str | bool) or not isinstance(value, Number):
                continue
            name = f"{row}/{column.name}"
            if column.name in counted:
                yield Figure(name, value, column.unit, column.help, counted[column.name])
            elif known:
                yield Figure(name, value, column.unit, column.help, of=known)


def _cells(record: Mapping[str, Cell], keys: Sequence[str]) -> Iterator[str]:
    """What names a row; a currency only where the row is of money."""
    for key in keys:
        cell = record[key]
        if cell is not None and (key != "unit" or record["stage"] == "revenue"):
            yield _slug(str(cell))


def _free(name: str, taken: Mapping[str, Figure]) -> str:
    """The name, with a number where two rows would be called the same."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _slug(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W]+", "-", "".join(one for one in letters if not unicodedata.combining(one))).strip("-") or "none"


def _ones(rows: Iterable[LeadRow]) -> list[Part]:
    return [Part("lead", row.lead, 1) for row in rows]


def _won(rows: Iterable[LeadRow]) -> list[LeadRow]:
    return [row for row in rows if row.won_at is not None]


def _money(rows: Iterable[LeadRow], currency: str) -> list[Part]:
    return [
        Part("lead", row.lead, Money.from_minor(row.amount_minor, currency).amount)
        for row in rows
        if row.amount_minor is not None and row.currency == currency
    ]


def _named(rows: Sequence[LeadRow], channel: Cell) -> list[LeadRow]:
    """Rows of a channel by last touch; of all for `(all)`."""
    return list(rows) if channel == ALL else by_channel(rows).get(str(channel), [])


def _shares(data: Clean, record: Mapping[str, Cell]) -> Columns:
    basis = Basis(str(record["basis"]))
    chosen = {"new clients": is_new, "clients that can be placed": lambda one: can_be_placed(one, basis)}
    keep: Callable[[LeadRow], bool] = chosen.get(str(record["who"]), lambda _: True)
    rows = [one for one in data.clients if keep(one)]
    return {
        "networks": _ones(one for one in rows if by_network(one, basis) is True),
        "unknown": _ones(one for one in rows if by_network(one, basis) is None),
        "clients": _ones(rows),
    }


def _channels(data: Clean, record: Mapping[str, Cell]) -> Columns:
    name = str(record["channel"])
    return {
        "clients": _ones(one for one in data.clients if channel_of(one, Basis.LAST) == name),
        "any_touch": _ones(one for one in data.clients if name in channels_met(one)),
    }


def _conversion(data: Clean, record: Mapping[str, Cell]) -> Columns:
    rows = _named(data.contacts, record["channel"])
    return {"leads": _ones(rows), "deals": _ones(_won(rows))}


def _against(data: Clean, record: Mapping[str, Cell]) -> Columns:
    of = {one.lead: by_network(one, Basis.LAST) for one in data.contacts}
    other = (False, None) if record["rest"] == "all other leads" else (False,)
    ours = [one for one in data.contacts if of[one.lead] is True]
    rest = [one for one in data.contacts if of[one.lead] in other]
    return {
        "network_leads": _ones(ours), "network_deals": _ones(_won(ours)),
        "rest_leads": _ones(rest), "rest_deals": _ones(_won(rest)),
    }  # fmt: skip


def _revenue(data: Clean, record: Mapping[str, Cell]) -> Columns:
    rows = _named(data.deals, record["channel"])
    untold = [one for one in rows if one.amount_minor is None or one.currency is None]
    return {
        "deals": _ones(rows), "without_amount": _ones(untold), "revenue": _money(rows, str(record["currency"])),
    }  # fmt: skip


def _hours(data: Clean, record: Mapping[str, Cell]) -> Columns:
    spent = {folded(one.channel) for one in data.ledger.effort}
    together = {name for name in spent if kind(name) is ChannelKind.NETWORK}
    names = together if record["channel"] == "(networks)" else {str(record["channel"])}
    clients, deals = (
        [one for one in rows if channel_of(one, Basis.LAST) in names] for rows in (data.clients, data.deals)
    )
    return {
        "hours": [
            Part("hours", one.effort, one.hours)
            for one in data.ledger.effort
            if folded(one.channel) in names and one.hours is not None
        ],
        "clients": _ones(clients),
        "revenue": _money(deals, data.ledger.brand.currency),
    }


def _recorded_told(data: Clean, record: Mapping[str, Cell]) -> Columns:
    pair = (record["recorded"], record["told"])
    return {"clients": _ones(one for one in data.clients if (folded(one.channel), folded(one.told_channel)) == pair)}


def _stages(data: Clean, record: Mapping[str, Cell]) -> Columns:
    rows = _named(data.contacts, record["channel"])
    lost = [one for one in rows if one.won_at is None and one.lost_at is not None]
    return {
        "leads": _ones(rows), "referred": _ones(one for one in rows if one.referred),
        "talking": _ones(one for one in rows if one.talking_at), "won": _ones(_won(rows)), "lost": _ones(lost),
        "offered": _ones(one for one in rows if one.offered_at),
        "open": _ones(one for one in rows if one.won_at is None and one.lost_at is None),
    }  # fmt: skip


def _months(data: Clean, record: Mapping[str, Cell]) -> Columns:
    month = record["month"]
    leads = [one for one in data.contacts if one.contacted_at and f"{one.contacted_at:%Y-%m}" == month]
    posts = [one for one in data.ledger.posts if one.published_at and f"{one.published_at:%Y-%m}" == month]
    return {
        "posts": _posts(posts), "leads": _ones(leads), "clients": _ones(_won(leads)),
        "network_leads": _ones(one for one in leads if by_network(one, Basis.LAST) is True),
    }  # fmt: skip


def _posts(rows: Iterable[PostRow]) -> list[Part]:
    return [Part("post", one.post, 1) for one in rows]


def _metric(rows: Iterable[PostRow], metric: str) -> list[Part]:
    return [
        Part("reading", f"{one.post}/{metric}", value) for one in rows if (value := one.metrics.get(metric)) is not None
    ]


def _leads_by(data: Clean, network: str) -> list[LeadRow]:
    return [one for one in data.contacts if channel_of(one, Basis.LAST) == network]


def _clicks(data: Clean, network: str, *, possible: bool) -> list[Part]:
    """Hits by link: every hit that is counted for a network came by one of its links."""
    return [
        Part("possible hits" if possible else "hits", one.code, (one.clicks or 0) + (one.unsure if possible else 0))
        for one in data.ledger.links
        if folded(one.network) == network and ((one.clicks or 0) + (one.unsure if possible else 0))
    ]


def _visits(data: Clean, network: str, *, possible: bool = False) -> list[Part]:
    return [
        Part("possible visits" if possible else "visits", network, row.visits + (row.unsure if possible else 0))
        for row in data.ledger.visits
        if folded(row.network) == network and row.visits is not None
    ]


def _visibility(data: Clean, record: Mapping[str, Cell]) -> Columns:
    name = str(record["network"])
    posts = [one for one in data.ledger.posts if folded(one.network) == name]
    leads = _leads_by(data, name)
    return {
        "posts": _posts(posts), "impressions": _metric(posts, "impressions"), "reach": _metric(posts, "reach"),
        "clicks": _clicks(data, name, possible=False), "leads": _ones(leads), "clients": _ones(_won(leads)),
        "clients_any_touch": _ones(one for one in _won(data.ledger.leads) if name in channels_met(one)),
    }  # fmt: skip


def _funnel(data: Clean, record: Mapping[str, Cell]) -> Columns:
    names = networks(data.ledger) if record["network"] == ALL else [str(record["network"])]
    stage = str(record["stage"])
    value: list[Part] = []
    upper: list[Part] = []
    for name in names:
        posts = [one for one in data.ledger.posts if folded(one.network) == name]
        leads = _leads_by(data, name)
        if stage in ("impressions", "reach"):
            value += _metric(posts, stage)
        elif stage == "click":
            value += _clicks(data, name, possible=False)
            upper += _clicks(data, name, possible=True)
        elif stage == "visit":
            value += _visits(data, name)
            upper += _visits(data, name, possible=True)
        elif stage == "revenue":
            value += _money(_won(leads), str(record["unit"]))
        else:
            value += _ones(leads if stage == "lead" else _won(leads))
    return {"value": value, "upper": upper if stage in ("click", "visit") else value}


def _steps(data: Clean, record: Mapping[str, Cell]) -> Columns:
    """Of the counters' steps: the two that are compared, of a network or of an article on it."""
    network, article = str(record["network"]), record.get("article")
    posts = [one for one in data.ledger.posts if folded(one.network) == network]
    leads = _leads_by(data, network)
    clicks = {one: _clicks(data, network, possible=one) for one in (False, True)}
    visits = _visits(data, network)
    if article is not None:
        links = [one for one in data.ledger.links if folded(one.network) == network]
        named = {one.code for one in links if one.article is not None}
        codes = named if article == UNNAMED else {one.code for one in links if one.article == article}

        def mine(code: str | None) -> bool:
            return (code not in codes) if article == UNNAMED else (code in codes)

        posts, leads = [one for one in posts if mine(one.code)], [one for one in leads if mine(one.code)]
        clicks = {which: [one for one in parts if mine(one.key)] for which, parts in clicks.items()}
        told = [
            Part("visits", f"{network}/{one.code}", one.visits) for one in links if one.visits and one.code in named
        ]
        if article == UNNAMED:
            rest = sum(int(one.adds) for one in visits) - sum(int(one.adds) for one in told)
            visits = [Part("visits without an article", network, rest)] if rest else []
        else:
            visits = [one for one in told if one.key.partition("/")[2] in codes]
    won = _won(leads)
    paid = [one for one in won if one.amount_minor is not None]
    counters = [_metric(posts, "link_clicks"), clicks[False], visits, _ones(leads), _ones(won), _ones(paid)]
    at = list(STEPS).index(str(record["step"]))
    found: dict[str, Sequence[Part]] = {"before": counters[at], "after": counters[at + 1]}
    if at == 0:
        found["upper"] = clicks[True]
    if record["step"] == PAID and record["currency"] is not None:
        found["paid"] = _money(won, str(record["currency"]))
    return found


# By table: the columns that name a row, and what opens its figures.
_OPENERS: dict[str, tuple[tuple[str, ...], Opener]] = {
    "shares": (("basis", "who"), _shares),
    "channels": (("channel",), _channels),
    "funnel": (("network", "stage", "unit"), _funnel),
    "reconciliation": (("network", "step", "currency"), _steps),
    "reconciliation_articles": (("article", "network", "step", "currency"), _steps),
    "visibility": (("network",), _visibility),
    "months": (("month",), _months),
    "conversion": (("channel",), _conversion),
    "network_against_rest": (("rest",), _against),
    "revenue": (("channel", "currency"), _revenue),
    "hours": (("channel",), _hours),
    "recorded_told": (("recorded", "told"), _recorded_told),
    "stages": (("channel",), _stages),
}
OPENED = tuple(_OPENERS)
