"""Audits to make reports of: a firm on four networks, the same in the sandbox, one with nothing, one of posts only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from crosspost.audit.ledger import BrandFacts, ClickRow, EffortRow, FollowersRow, LeadRow, Ledger, PostRow
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
