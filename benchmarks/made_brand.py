"""A brand with something of everything that an audit reads: seeded, so that equal calls give equal ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from random import Random

from crosspost.audit.experiments.design import Design, Kind, schedule
from crosspost.audit.ledger import (
    BrandFacts,
    ClickRow,
    CoverageRow,
    EarlyRow,
    EffortRow,
    Experiment,
    ExperimentWeek,
    FollowersRow,
    HitDay,
    LeadRow,
    Ledger,
    LinkRow,
    Lock,
    PostRow,
    Reacted,
    VisitDay,
    VisitRow,
)
from crosspost.domain.period import Period

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
NETWORKS = ("mastodon", "linkedin", "x", "facebook", "bluesky")
_CAME = ("referral", "prospecting", "search", "event", "recurrence", "linkedin", "mastodon", None)
_WEIGHTS = (30, 26, 16, 9, 8, 5, 3, 5)
_TOLD = {"referral": "referral", "prospecting": "prospecting", "search": "search", "event": "event"}
_MADE = "its rows are made up"


def ledger(weeks: int = 26, *, seed: int = 1, slug: str = "made", name: str = "Atelier Léa — façades 🌿") -> Ledger:
    """That many weeks of one brand: five networks, some six leads a week, and an experiment that is over."""
    random = Random(seed)
    end = START + timedelta(weeks=weeks)
    posts = tuple(_posts(random, weeks))
    days = [START.date() + timedelta(days=at) for at in range(7 * weeks)]
    months = frozenset(f"{day:%Y-%m}" for day in days if day.day == 1 and day >= START.date())
    return Ledger(
        BrandFacts(slug, name, "EUR", "Europe/Paris"), Period(START, end), leads=tuple(_leads(random, weeks)),
        posts=posts,
        clicks=tuple(ClickRow(network, 40 + 30 * at, 8, 20, 11) for at, network in enumerate(NETWORKS)),
        visits=tuple(VisitRow(network, 30 + 22 * at) for at, network in enumerate(NETWORKS)),
        followers=tuple(_followers(random, days)), effort=tuple(_effort(random, weeks)), sandbox=_MADE,
        placebo=frozenset({"cinema"}), locks=(_lock(end),), experiments=(_experiment(random, weeks),), rate_minor=6500,
        hit_days=tuple(HitDay(post.network, post.code or "", day, random.randrange(9)) for post in posts
                       for day in (post.published_at.date() if post.published_at else START.date(),)),
        early=tuple(EarlyRow(network, 40, 2 + at) for at, network in enumerate(NETWORKS)),
        visit_days=tuple(VisitDay(network, day, random.randrange(4)) for day in days for network in (*NETWORKS, None)),
        visit_months=months, reacted=Reacted(64, 3, 5, 22, 7, 22, 6),
        links=tuple(LinkRow(f"{network}-{at}", network, f"Article {at}", 12, 2, 9) for network in NETWORKS
                    for at in range(6)),
        coverage=tuple(CoverageRow("followers", network, "api", days[0], days[-1], len(days), tuple(sorted(months)))
                       for network in NETWORKS),
    )  # fmt: skip


def _posts(random: Random, weeks: int) -> Iterator[PostRow]:
    for network in NETWORKS:
        for at in range(3 * weeks):
            when = START + timedelta(weeks=at // 3, days=(1, 3, 4)[at % 3], hours=random.choice((7, 8, 11, 17)))
            told = network != "bluesky"
            views = float(random.randrange(80, 4000)) if told else None
            yield PostRow(
                network, when, f"{network}-{at}", {"impressions": views, "likes": float(random.randrange(40))},
                {} if told else {"impressions": "bluesky tells no views"},
            )  # fmt: skip


def _leads(random: Random, weeks: int) -> Iterator[LeadRow]:
    for at in range(6 * weeks):
        when = START + timedelta(days=random.uniform(0, 7 * weeks - 1))
        came = random.choices(_CAME, _WEIGHTS)[0]
        before = random.choices((*NETWORKS, "search", "referral"), k=random.randrange(3))
        won = random.random() < (0.45 if came in ("referral", "recurrence") else 0.2)
        lost = not won and random.random() < 0.6
        amount = random.randrange(300, 6000) * 100
        yield LeadRow(
            f"L{at}", when, came, _TOLD.get(came or "", random.choice((None, "cinema", came))),
            (*before, came) if came else (), when + timedelta(days=random.uniform(2, 60)) if won else None,
            when + timedelta(days=30) if lost else None, amount if won else None, "EUR" if won else None,
            came == "recurrence", margin_minor=amount * 6 // 10 if won else None,
        )  # fmt: skip


def _followers(random: Random, days: list[date]) -> Iterator[FollowersRow]:
    for at, network in enumerate(NETWORKS):
        level = 300.0 * (at + 1)
        for day in days:
            level += random.choice((0, 0, 1, 2, 3))
            yield FollowersRow(network, datetime(day.year, day.month, day.day, 20, tzinfo=UTC), level)


def _effort(random: Random, weeks: int) -> Iterator[EffortRow]:
    for week in range(weeks):
        start = (START + timedelta(weeks=week)).date()
        for channel in (*NETWORKS, "prospecting", "referral"):
            yield EffortRow(channel, start, round(random.uniform(0.5, 5), 1), 1500, "EUR")


def _lock(end: datetime) -> Lock:
    claim = "Networks bring under 8 % of clients"
    return Lock("ours", claim, "clients", 0.08, "share", "A1", START, end, "clients_under_10", "ab" * 32, START)


def _experiment(random: Random, weeks: int) -> Experiment:
    design = Design(Kind.PAIRED, max(8, weeks - weeks % 4), ("mastodon",), 7, block=2, carry_over=1)
    arms = schedule(design)["mastodon"]
    rows = []
    for at, on in enumerate(arms[:weeks]):
        start, leads = START + timedelta(weeks=at), random.randrange(2, 10)
        rows.append(
            ExperimentWeek("mastodon", at + 1, start, start + timedelta(weeks=1), "on" if on else "off", 3 * on,
                           random.randrange(40, 90), leads, leads // 3, leads * 40_000)
        )  # fmt: skip
    asked = {**asdict(design), "kind": design.kind.value, "statistic": design.statistic.value}
    return Experiment("spring", asked, "cd" * 32, START, START + timedelta(weeks=design.weeks), weeks=tuple(rows))
