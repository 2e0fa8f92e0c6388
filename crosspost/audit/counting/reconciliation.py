"""Clicks, visits, leads and clients of each network side by side: the gap at each step, and its known causes.

The counters differ, so a gap is no loss of people: it has causes, and they are named beside it.
"""

from __future__ import annotations

from itertools import pairwise

from crosspost.audit.counting import funnel
from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.origins import folded
from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Absent, Table, table

Count = int | float | Absent

_WHY = {
    "network's clicks → ours": "the network counts taps that reach no link, and machines; it may stop counting sooner",
    "clicks → visits": "left before the page was there; script blocked or refused; one visit of two clicks; pages "
    "without the script",
    "visits → leads": "most readers only read; leads are by last touch, and some came by another way last",
    "leads → clients": "lost, or not decided yet",
}


def reconciliation(ledger: Ledger) -> Table:
    """For each network of which clicks or visits were measured, the gap at each step and its known causes."""
    columns = (
        ("network", "", "the network"),
        ("step", "", "the two counters that are compared"),
        ("before", "as the step says", "the earlier one"),
        ("after", "as the step says", "the later one"),
        ("gap", "as the step says", "before − after; below zero where the later counter saw more"),
        ("kept", "share", "after / before, where it is a share"),
        ("why", "", "what is known to make the two differ"),
    )
    measured = {folded(row.network) for row in ledger.clicks} | {folded(row.network) for row in ledger.visits}
    rows = [row for network in funnel.networks(ledger) if network in measured for row in _rows(ledger, network)]
    note = "Clicks and visits of surely people. Leads and clients by last touch, as in the funnel."
    return table("reconciliation", "From counter to counter", columns, rows, note)


def _rows(ledger: Ledger, network: str) -> list[Row]:
    posts = [post for post in ledger.posts if folded(post.network) == network]
    leads = funnel.leads_of(ledger, network)
    counts: list[Count] = [
        funnel.metric_total(posts, "link_clicks")[0],
        funnel.clicks(ledger, network)[0],
        funnel.visits(ledger, network)[0],
        len(leads),
        sum(lead.won_at is not None for lead in leads),
    ]
    return [
        [network, step, before, after, *_gap(before, after), why]
        for (step, why), (before, after) in zip(_WHY.items(), pairwise(counts), strict=True)
    ]


def _gap(before: Count, after: Count) -> tuple[Count, float | Absent]:
    missing = next((one for one in (before, after) if isinstance(one, Absent)), None)
    if missing is not None or isinstance(before, Absent) or isinstance(after, Absent):
        gone = missing or Absent("")
        return gone, gone
    if before == 0:
        return before - after, Absent("nothing to be a share of")
    if after > before:
        return before - after, Absent("the later counter saw more")
    return before - after, after / before
