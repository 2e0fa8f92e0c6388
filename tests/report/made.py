"""Audits to make reports of: a firm on four networks, the same in the sandbox, one with nothing, one of posts only."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from crosspost.audit.experiments.design import Design, Kind, schedule
from crosspost.audit.ledger import (
    BrandFacts,
    ClickRow,
    EffortRow,
    Experiment,
    ExperimentWeek,
    FollowersRow,
    LeadRow,
    Ledger,
    PostRow,
)
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.domain.period import Period

START = datetime(2026, 1, 5, tzinfo=UTC)
PERIOD = Period(START, START + timedelta(weeks=26))
MADE_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
BRAND = BrandFacts("lea", "Atelier Léa — façades à l’œuvre", "EUR", "UTC")
TRUTH = "nothing comes of it"
# channel: (leads, clients)
CAME: dict[str | None, tuple[int, int]] = {
    "referral": (40, 27), "prospecting": (46, 20), "search": (21, 9), "event": (12, 7), None: (8, 4),
    "facebook": (14, 1), "mastodon": (3, 1), "bluesky": (2, 0), "recurrence": (9, 9),
}  # fmt: skip
FOLLOWERS = {"x": 4200, "facebook": 2350, "mastodon": 610, "bluesky": 180}
CLICKS = (ClickRow("x", 88, 14), ClickRow("facebook", 310, 25), ClickRow("mastodon", 71, 3), ClickRow("bluesky", 23, 2))
HOURS = {"x": 39, "facebook": 52, "mastodon": 19.5, "bluesky": 13, "referral": 39, "prospecting": 104, "search": 50}


def leads() -> tuple[LeadRow, ...]:
    rows = []
    for channel, (asked, bought) in CAME.items():
        for number in range(asked):
            at = START + timedelta(days=number * 3.5)
            won = number < bought
            rows.append(
                LeadRow(
                    lead=f"{channel}-{number}",
                    contacted_at=at,
                    channel=channel,
                    touches=(channel,) if channel else (),
                    won_at=at + timedelta(days=10) if won else None,
                    amount_minor=100_000 if won else None,
                    currency="EUR" if won else None,
                )
            )
    rows[0] = replace(rows[0], touches=("mastodon", "referral"))
    return tuple(rows)


def posts() -> tuple[PostRow, ...]:
    return tuple(
        PostRow(
            network,
            START + timedelta(weeks=week),
            metrics={"impressions": 400.0 if network in ("x", "facebook") else None, "likes": float(week)},
            reasons={"impressions": f"{network} tells no views", "reach": "never told"},
        )
        for network in FOLLOWERS
        for week in range(26)
    )


def ledger() -> Ledger:
    followers = tuple(
        FollowersRow(network, START + timedelta(weeks=week), float(number + week))
        for network, number in FOLLOWERS.items()
        for week in (0, 25)
    )
    effort = tuple(EffortRow(channel, START.date(), spent) for channel, spent in HOURS.items())
    return Ledger(BRAND, PERIOD, leads(), posts(), CLICKS, (), followers, effort)


@cache
def firm() -> Audit:
    return audit(ledger(), made_at=MADE_AT)


@cache
def simulated() -> Audit:
    return audit(replace(ledger(), sandbox=TRUTH), made_at=MADE_AT)


@cache
def nothing() -> Audit:
    return audit(Ledger(BRAND, PERIOD), made_at=MADE_AT)


@cache
def posts_only() -> Audit:
    return audit(Ledger(BRAND, PERIOD, posts=posts()), made_at=MADE_AT)


@cache
def rated() -> Audit:
    """With what an hour is worth to the owner."""
    return audit(replace(ledger(), rate_minor=6_000), made_at=MADE_AT)


JOURNEYS: tuple[tuple[tuple[str, ...], int, int], ...] = (  # path, won, lost
    (("facebook", "search"), 6, 9), (("referral",), 14, 6), (("search",), 9, 20), (("x",), 1, 30),
    (("mastodon", "referral"), 7, 2), (("referral", "event"), 8, 3), (("facebook", "facebook", "prospecting"), 3, 12),
    (("prospecting",), 8, 22), (("x", "facebook", "search", "referral"), 2, 1),
)  # fmt: skip
TOLD = {"search": "search", "referral": "referral", "event": "referral", "prospecting": "placebo"}


def journeys() -> tuple[LeadRow, ...]:
    """Leads over two years, with their journeys and, of most, what they said."""
    rows = []
    for path, won, lost in JOURNEYS:
        for number in range(won + lost):
            at = START - timedelta(days=700) + timedelta(days=number * 840 / (won + lost))
            bought = number * won % (won + lost) < won
            rows.append(
                LeadRow(
                    lead=f"{'-'.join(path)} {number}",
                    contacted_at=at,
                    channel=path[-1] if number % 5 else None,
                    told_channel=None if number % 4 == 3 else TOLD.get(path[-1], path[0]),
                    touches=path,
                    won_at=at + timedelta(days=4 + 9 * (number % 13)) if bought else None,
                    lost_at=None if bought or number % 3 else at + timedelta(days=20),
                    amount_minor=90_000 if bought else None,
                    currency="EUR" if bought else None,
                )
            )
    return tuple(rows)


def experiment(weeks: int = 24, rise: int = 40, key: str = "autumn") -> Experiment:
    """An experiment in which an on week of x brings `rise` visits more; one week went otherwise than drawn."""
    design = Design(Kind.PAIRED, 24, ("mastodon", "x"), 5, outcome="visits")
    arms = schedule(design)
    first = START - timedelta(weeks=30)
    rows = [
        ExperimentWeek(
            network, week + 1, first + timedelta(weeks=week), first + timedelta(weeks=week + 1),
            "on" if arms[network][week] else "off", 3 if week == 9 else 2 * arms[network][week],
            visits=100 + week * 7 % 23 + rise * arms["x"][week], leads=4 + week % 3,
            reasons=dict.fromkeys(("clients", "revenue_minor"), "no deal was ever recorded"),
        )
        for network in design.networks
        for week in range(weeks)
    ]  # fmt: skip
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(design).items()}
    told |= {"kind": str(design.kind), "statistic": str(design.statistic)}
    return Experiment(key, told, "f" * 64, first, first + timedelta(weeks=24), weeks=tuple(rows))


def known() -> Ledger:
    """A ledger of two and a half years with journeys, answers, fees, a rate per hour and an experiment."""
    start = START - timedelta(days=730)
    effort = tuple(
        EffortRow(channel, (start + timedelta(days=91 * quarter)).date(), hours, fees_minor=20_000, currency="EUR")
        for channel, hours in (("x", 30.0), ("facebook", 40.0), ("prospecting", 60.0))
        for quarter in range(9)
    )
    return Ledger(
        BRAND, Period(start, PERIOD.end), journeys(), posts(), CLICKS, effort=effort, rate_minor=3_000,
        placebo=frozenset({"radio"}), experiments=(experiment(),),
    )  # fmt: skip


@cache
def full() -> Audit:
    return audit(known(), made_at=MADE_AT)
