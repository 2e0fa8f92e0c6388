"""Visibility beside leads, and what metrics say of one another. Nothing is fitted to levels."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import combinations

from crosspost.audit import estimate
from crosspost.audit.counting.conversion import Row
from crosspost.audit.counting.funnel import clicks, leads_of, metric_total, networks
from crosspost.audit.counting.origins import by_network, channels_met, folded
from crosspost.audit.ledger import ClickHour, FollowersRow, LeadRow, Ledger, PostRow
from crosspost.audit.observation.calendar import between, followers_at, month_of, zone_of
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.domain.message import say

_LEVELS = say("Followers and leads both grow with time: a pattern between levels says nothing of one for the other.")


def _by_network(posts: Sequence[PostRow]) -> dict[str, list[PostRow]]:
    groups: defaultdict[str, list[PostRow]] = defaultdict(list)
    for post in posts:
        groups[folded(post.network)].append(post)
    return dict(sorted(groups.items()))


def _values(posts: Sequence[PostRow]) -> dict[str, list[float | None]]:
    """Each metric that some post has a value of, aligned by post; None where a post lacks it."""
    names = sorted({name for post in posts for name, value in post.metrics.items() if value is not None})
    return {name: [post.metrics.get(name) for post in posts] for name in names}


def spearman_table(posts: Sequence[PostRow]) -> Table:
    """Rank correlation of every two metrics of a network's posts, over the posts that have both."""
    columns = (
        ("network", "", "the network of the posts"),
        ("left", "", "a metric"),
        ("right", "", "another metric"),
        ("rho", "", "Spearman's rank correlation, ties sharing their mean rank"),
        ("posts", "posts", "posts with a value of both"),
    )
    rows: list[Row] = []
    for network, members in _by_network(posts).items():
        for (left, a), (right, b) in combinations(_values(members).items(), 2):
            pairs = [(u, v) for u, v in zip(a, b, strict=True) if u is not None and v is not None]
            rho = estimate.spearman([u for u, _ in pairs], [v for _, v in pairs])
            rows.append([network, left, right, rho, len(pairs)])
    note = say("Associations between posts of one period. A post without a value is left out of that pair only.")
    return table("spearman", say("What goes with what"), columns, rows, note)


def concentration_table(posts: Sequence[PostRow]) -> Table:
    """How unevenly a metric is spread over a network's posts."""
    columns = (
        ("network", "", "the network of the posts"),
        ("metric", "", "the metric"),
        ("posts", "posts", "posts with a value"),
        ("total", "", "sum of the values"),
        ("zero_share", "share", "share of those posts at zero"),
        ("top1pct_share", "share", "share of the total held by the top 1 % of posts, rounded up"),
        ("gini", "", "Gini coefficient: 0 even, towards 1 all on one post"),
    )
    rows: list[Row] = []
    for network, members in _by_network(posts).items():
        for metric, values in _values(members).items():
            known = [value for value in values if value is not None]
            rows.append([network, metric, len(known), math.fsum(known), *concentration(known)])
    return table("concentration", say("How unevenly attention is spread"), columns, rows)


def concentration(values: Sequence[float]) -> tuple[float | Absent, float | Absent, float | Absent]:
    """Share of zeros, share of the total held by the top 1 % (rounded up), and the Gini coefficient."""
    if not values:
        return (Absent(say("no values")),) * 3
    ordered = sorted(values)
    n, total = len(ordered), math.fsum(ordered)
    zeros = sum(value == 0 for value in ordered) / n
    if ordered[0] < 0 or total == 0:
        none = Absent(say("a negative value has no share") if ordered[0] < 0 else say("all values are zero"))
        return zeros, none, none
    top = math.fsum(ordered[-math.ceil(n / 100) :]) / total
    weighted = math.fsum(rank * value for rank, value in enumerate(ordered, 1))
    return zeros, top, 2 * weighted / (n * total) - (n + 1) / n


def posting_calendar(posts: Sequence[PostRow]) -> Table:
    """Posts of each network by week, weeks without one left out."""
    columns = (
        ("week", "", "the Monday on which the week begins, UTC"),
        ("network", "", "the network of the posts"),
        ("posts", "posts", "posts of known date"),
    )
    found: Counter[tuple[str, str]] = Counter()
    for post in posts:
        if post.published_at is not None:
            day = post.published_at.date()
            found[f"{day - timedelta(days=day.weekday())}", folded(post.network)] += 1
    rows: list[Row] = [[*key, number] for key, number in sorted(found.items())]
    return table("posting_calendar", say("When posts went out"), columns, rows)


def posting_hours(posts: Sequence[PostRow], clicks: Sequence[ClickHour], zone: str) -> Table:
    """Posts and clicks of all networks by hour of the week; hours with neither are left out.

    An instant that is midnight to the second is a day's: exports that tell no time give it so. Such posts are one row,
    without an hour.
    """
    columns = (
        ("weekday", "", f"1 Monday to 7 Sunday, in the brand's zone ({zone})"),
        ("hour", "", "0 to 23: the hour that starts then"),
        ("posts", "posts", "posts of known date"),
        ("clicks", "hits by persons", "surely persons, of hits that are still kept"),
        ("clicks_possible", "hits by persons", "those and the possible ones"),
    )
    at = zone_of(zone)
    known = [post.published_at for post in posts if post.published_at is not None]
    local = [one.astimezone(at) for one in known if not _is_a_day(one, at)]
    posted = Counter((one.isoweekday(), one.hour) for one in local)
    sure: Counter[tuple[int, int]] = Counter()
    possible: Counter[tuple[int, int]] = Counter()
    for row in clicks:
        sure[row.weekday, row.hour] += row.persons
        possible[row.weekday, row.hour] += row.persons + row.unsure
    none = Absent(say("no hit is kept with its hour"))
    rows: list[Row] = [
        [*key, posted[key], *((sure[key], possible[key]) if clicks else (none, none))]
        for key in sorted({*posted, *possible})
    ]
    if days := len(known) - len(local):
        untold = Absent(say("only the day is told"))
        rows.append([untold, untold, days, untold, untold])
    note = say("An instant of a post is when it went out, of a click when its link was followed.")
    return table("posting_hours", say("Posts and clicks by hour of the week"), columns, rows, note)


def _is_a_day(instant: datetime, zone: tzinfo) -> bool:
    """Whether it is midnight, in UTC or in that zone."""
    return time() in (instant.astimezone(UTC).time(), instant.astimezone(zone).time())


def attention(early: Sequence[float], final: Sequence[float]) -> tuple[float | Absent, float | Absent]:
    """Share of the final total that was there early, over all posts and for the median post with any."""
    pairs = [(a, b) for a, b in zip(early, final, strict=True) if b > 0]
    if not pairs:
        return (Absent(say("no post has any attention")),) * 2
    together = math.fsum(a for a, _ in pairs) / math.fsum(b for _, b in pairs)
    return together, estimate.quantile([a / b for a, b in pairs], 0.5)


def _followers(rows: Sequence[FollowersRow]) -> tuple[float | Absent, float | Absent]:
    """Followers at the last reading, and how many more than at the first."""
    known = sorted((row.at, row.value) for row in rows if row.value is not None)
    if not known:
        reasons = sorted(row.reason or "" for row in rows)
        return (Absent(reasons[0] if reasons else say("followers were never read")),) * 2
    last = known[-1][1]
    return last, Absent(say("one reading only")) if len(known) == 1 else last - known[0][1]


def visibility(ledger: Ledger) -> Table:
    """One row per network: what was seen there beside the leads and clients that came of it."""
    columns = (
        ("network", "", "the network"),
        ("posts", "posts", "posts in the period"),
        ("followers", "followers", "at the last reading of the period"),
        ("followers_gained", "followers", "last reading less first"),
        ("impressions", "views", "sum over posts"),
        ("reach", "persons per post", "sum over posts"),
        ("clicks", "hits by persons", "surely persons"),
        ("leads", "leads", "by last touch"),
        ("leads_low", "leads", "exact 95 % interval of a Poisson count, lower end"),
        ("leads_high", "leads", "its upper end"),
        ("clients", "clients", "of those leads"),
        ("clients_low", "clients", "exact 95 % interval of a Poisson count, lower end"),
        ("clients_high", "clients", "its upper end"),
        ("clients_any_touch", "clients", "clients whose journey names the network anywhere"),
        ("leads_upper_95", "leads", "exact one-sided 95 % upper limit of a Poisson count"),
        ("clients_upper_95", "clients", "the same of clients"),
    )
    rows: list[Row] = []
    for name in networks(ledger):
        posts = [post for post in ledger.posts if folded(post.network) == name]
        leads = leads_of(ledger, name)
        won = sum(lead.won_at is not None for lead in leads)
        met = sum(lead.won_at is not None and name in channels_met(lead) for lead in ledger.leads)
        rows.append(
            [
                name,
                len(posts),
                *_followers([row for row in ledger.followers if folded(row.network) == name]),
                metric_total(posts, "impressions")[0],
                metric_total(posts, "reach")[0],
                clicks(ledger, name)[0],
                len(leads),
                *estimate.poisson_interval(len(leads)),
                won,
                *estimate.poisson_interval(won),
                met,
                estimate.poisson_upper_bound(len(leads)),
                estimate.poisson_upper_bound(won),
            ]
        )
    return table("visibility", say("Visibility beside conversion"), columns, rows, _LEVELS)


def months(ledger: Ledger) -> Table:
    """One row per calendar month (UTC): posts, followers, leads and the clients those leads became."""
    columns = (
        ("month", "", "calendar month, UTC"),
        ("posts", "posts", "posts of known date"),
        ("followers", "followers", "last reading of the month, networks added up"),
        ("leads", "leads", "first contacted in the month"),
        ("network_leads", "leads", "those whose last touch is a network"),
        ("clients", "clients", "clients those leads became, whenever"),
        ("network_leads_low", "leads", "exact 95 % interval of those by networks as a Poisson count, lower end"),
        ("network_leads_high", "leads", "its upper end; of none the one-sided 95 % limit"),
    )
    posts = Counter(month_of(post.published_at) for post in ledger.posts if post.published_at)
    leads: defaultdict[str, list[LeadRow]] = defaultdict(list)
    for lead in ledger.leads:
        if lead.contacted_at is not None:
            leads[month_of(lead.contacted_at)].append(lead)
    read = {month_of(row.at) for row in ledger.followers if row.value is not None}
    rows: list[Row] = []
    for month, level in followers_at(ledger, between({*posts, *leads, *read})).items():
        members = leads[month]
        by = sum(by_network(lead, Basis.LAST) is True for lead in members)
        won = sum(lead.won_at is not None for lead in members)
        ends = estimate.poisson_interval(by) if by else (0.0, estimate.poisson_upper_bound(0))
        rows.append([month, posts[month], level, len(members), by, won, *ends])
    return table("months", say("Month by month"), columns, rows, _LEVELS)
