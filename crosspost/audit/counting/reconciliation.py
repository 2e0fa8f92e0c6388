"""Clicks, visits, leads, clients and payments side by side, per network and per article: gaps and their known causes.

The counters differ, so a gap is no loss of people: it has causes, and they are named beside it. An article's counts are
those of its links; what no link tells of stays in a row of its own, so the rows of a network add up to the network's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from crosspost.audit.counting import funnel
from crosspost.audit.counting.conversion import Row, totals
from crosspost.audit.counting.origins import folded
from crosspost.audit.ledger import LeadRow, Ledger, LinkRow, PostRow
from crosspost.audit.results import Absent, Table, table
from crosspost.domain.message import join, say
from crosspost.domain.money import Money

Count = int | float | Absent

UNNAMED = say("(no article known)")
PAID = say("clients → payments")
STEPS: dict[str, str] = {
    say("network's clicks → ours"): say(
        "the network counts taps that reach no link, and machines; it may stop counting sooner"
    ),
    say("clicks → visits"): say(
        "left before the page was there; script blocked or refused; one visit of two clicks; pages without the script"
    ),
    say("visits → leads"): say("most readers only read; leads are by last touch, and some came by another way last"),
    say("leads → clients"): say("lost, or not decided yet"),
    PAID: say("amount not told, paid later, or paid past the tools whose files are here"),
}
_COLUMNS = (
    ("step", "", "the two counters that are compared"),
    ("before", "as the step says", "the earlier one"),
    ("after", "as the step says", "the later one"),
    ("gap", "as the step says", "before − after; below zero where the later counter saw more"),
    ("kept", "share", "after / before, where it is a share"),
    ("upper", "clicks", "of our own clicks: with those that may be people's"),
    ("paid", "money", "of payments: the amounts told"),
    ("currency", "", "of payments: ISO 4217"),
    ("why", "", "what is known to make the two differ"),
)
_NOTE = say("Clicks and visits of surely people. Leads, clients and payments by last touch, as in the funnel.")


@dataclass(frozen=True, slots=True)
class Counts:
    """What each counter saw of one network, or of one article on it."""

    told: Count  # clicks, as the network says
    clicks: Count
    upper: Count  # the same with those that may be people's
    visits: Count
    leads: tuple[LeadRow, ...]

    @property
    def clients(self) -> list[LeadRow]:
        return [lead for lead in self.leads if lead.won_at is not None]

    def rows(self) -> list[Row]:
        """One row per step; of payments one per currency."""
        sums, untold = totals(self.clients)
        steps: list[Count] = [self.told, self.clicks, self.visits, len(self.leads), len(self.clients)]
        nothing = Absent(say("not of this step"))
        found: list[Row] = []
        for (step, why), (before, after) in zip(STEPS.items(), pairwise(steps), strict=False):
            upper = self.upper if after is self.clicks and step.endswith("ours") else nothing
            found.append([step, before, after, *_gap(before, after), upper, nothing, nothing, why])
        paid: Count = len(self.clients) - untold
        for currency in sums or ("",):
            money = Money.from_minor(sums[currency], currency).amount if sums else Absent(say("no amount was told"))
            found.append([
                PAID, len(self.clients), paid, *_gap(len(self.clients), paid), nothing, money,
                currency or Absent(say("no amount was told")), STEPS[PAID],
            ])  # fmt: skip
        return found


def of_network(ledger: Ledger, network: str) -> Counts:
    """Everything that is counted of a network."""
    posts = [post for post in ledger.posts if folded(post.network) == network]
    clicks, upper = funnel.clicks(ledger, network)
    return Counts(
        funnel.metric_total(posts, "link_clicks")[0], clicks, upper, funnel.visits(ledger, network)[0],
        tuple(funnel.leads_of(ledger, network)),
    )  # fmt: skip


def of_articles(ledger: Ledger, network: str) -> dict[str, Counts]:
    """The same by article; last what belongs to none that is known. Empty where no article is known on the network."""
    links = [link for link in ledger.links if folded(link.network) == network]
    named = sorted({link.article for link in links if link.article is not None})
    if not named:
        return {}
    posts = [post for post in ledger.posts if folded(post.network) == network]
    leads = funnel.leads_of(ledger, network)
    found: dict[str, Counts] = {}
    for article in named:
        mine = {link.code: link for link in links if link.article == article}
        found[article] = _of_links(
            list(mine.values()), [one for one in posts if one.code in mine], [one for one in leads if one.code in mine]
        )
    codes = {link.code for link in links if link.article is not None}
    whole = of_network(ledger, network)
    found[UNNAMED] = Counts(
        funnel.metric_total([one for one in posts if one.code not in codes], "link_clicks")[0],
        _rest(whole.clicks, [one.clicks for one in found.values()]),
        _rest(whole.upper, [one.upper for one in found.values()]),
        _rest(whole.visits, [one.visits for one in found.values()]),
        tuple(one for one in leads if one.code not in codes),
    )
    return found


def _of_links(links: Sequence[LinkRow], posts: Sequence[PostRow], leads: Sequence[LeadRow]) -> Counts:
    clicks: Count = Absent(say("clicks of this network are not measured"))
    upper: Count = clicks
    visits: Count = Absent(say("nothing counted the visits of single links"))
    if all(link.clicks is not None for link in links):
        clicks = sum(link.clicks or 0 for link in links)
        upper = clicks + sum(link.unsure for link in links)
    if all(link.visits is not None for link in links):
        visits = sum(link.visits or 0 for link in links)
    return Counts(funnel.metric_total(posts, "link_clicks")[0], clicks, upper, visits, tuple(leads))


def _rest(whole: Count, parts: Sequence[Count]) -> Count:
    """What of a network's count no article has; None of it is known where an article's is not."""
    lacking = next((one for one in (whole, *parts) if isinstance(one, Absent)), None)
    if lacking is not None or isinstance(whole, Absent):
        return lacking or Absent("")
    return whole - sum(one for one in parts if not isinstance(one, Absent))


def reconciliation(ledger: Ledger) -> Table:
    """For each network of which clicks or visits were measured, the gap at each step and its known causes."""
    measured = {folded(row.network) for row in ledger.clicks} | {folded(row.network) for row in ledger.visits}
    rows: list[Row] = [
        [network, *row]
        for network in funnel.networks(ledger)
        if network in measured
        for row in of_network(ledger, network).rows()
    ]
    return table(
        "reconciliation", say("From counter to counter"), (("network", "", "the network"), *_COLUMNS), rows, _NOTE
    )


def by_article(ledger: Ledger) -> Table:
    """The same for each article that was announced there."""
    rows: list[Row] = [
        [article, network, *row]
        for network in funnel.networks(ledger)
        for article, counts in of_articles(ledger, network).items()
        for row in counts.rows()
    ]
    columns = (("article", "", "the article"), ("network", "", "the network"), *_COLUMNS)
    rest = say(
        "What no link of an article tells of is under {unnamed}: each network adds up to its own row.", unnamed=UNNAMED
    )
    note = join(" ", (_NOTE, rest))
    return table("reconciliation_articles", say("From counter to counter, article by article"), columns, rows, note)


def _gap(before: Count, after: Count) -> tuple[Count, float | Absent]:
    missing = next((one for one in (before, after) if isinstance(one, Absent)), None)
    if missing is not None or isinstance(before, Absent) or isinstance(after, Absent):
        gone = missing or Absent("")
        return gone, gone
    if before == 0:
        return before - after, Absent(say("nothing to be a share of"))
    if after > before:
        return before - after, Absent(say("the later counter saw more"))
    return before - after, after / before
