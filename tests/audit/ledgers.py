"""Ledgers for the audit's tests: the reference files read as plain rows, and small ones made here."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crosspost.audit.ledger import (
    BrandFacts,
    ClickHour,
    ClickRow,
    EarlyRow,
    EffortRow,
    FollowersRow,
    HitDay,
    LeadRow,
    Ledger,
    PostRow,
    Reacted,
    VisitDay,
    VisitRow,
)
from crosspost.domain.period import Period

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
BRAND = BrandFacts("atelier", "Atelier", "EUR", "Europe/Paris")
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
START = datetime(2025, 1, 6, tzinfo=UTC)
YEAR = Period(START, START + timedelta(weeks=50))


def read(folder: str, name: str) -> list[dict[str, str]]:
    with (DATA / folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def olist() -> Ledger:
    won = {row["lead"]: row["won_date"] for row in read("olist-marketing-funnel", "deals.csv")}
    leads = tuple(
        LeadRow(
            lead=row["lead"],
            contacted_at=instant(row["first_contact_date"]),
            channel=row["origin"] or None,
            won_at=instant(won[row["lead"]]) if row["lead"] in won else None,
        )
        for row in read("olist-marketing-funnel", "leads.csv")
    )
    period = Period(datetime(2017, 6, 1, tzinfo=UTC), datetime(2018, 6, 1, tzinfo=UTC))
    return Ledger(BrandFacts("olist", "Olist", "BRL"), period, leads=leads)


def freelancer() -> Ledger:
    folder = "freelancer-ledger-synthetic"
    leads = tuple(
        LeadRow(
            lead=row["lead"],
            contacted_at=instant(row["first_contact"]),
            channel=row["tracked_source"] or None,
            told_channel=row["self_reported"] or None,
            touches=tuple(row["path"].split(" > ")),
            won_at=instant(row["won_date"]) if row["won_date"] else None,
            amount_minor=round(float(row["revenue_eur"]) * 100) if row["won_date"] else None,
            currency="EUR",
        )
        for row in read(folder, "leads.csv")
    )
    effort = tuple(
        EffortRow(row["channel"], date.fromisoformat(f"{row['month']}-01"), float(row["hours"]))
        for row in read(folder, "effort.csv")
    )
    period = Period(datetime(2018, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
    followers = tuple(
        FollowersRow("linkedin", instant(f"{row['month']}-28"), float(row["followers_total"]))
        for row in read(folder, "followers.csv")
    )
    return Ledger(BRAND, period, leads=leads, effort=effort, followers=followers)


def facebook() -> Ledger:
    text = {"type"}
    posts = tuple(
        PostRow(
            "facebook",
            metrics={name: float(value) if value else None for name, value in row.items() if name not in text},
            reasons={name: "blank in the file" for name, value in row.items() if not value},
        )
        for row in read("facebook-metrics", "posts.csv")
    )
    return Ledger(BrandFacts("page", "A page", "EUR"), YEAR, posts=posts)


def clients(by_networks: int, elsewhere: int, unknown: int = 0, *, open_leads: int = 0) -> Ledger:
    """Won leads whose one touch is a network's, a referral's or not known, and leads that stay open."""
    rows: list[LeadRow] = []
    for channel, number in (("mastodon", by_networks), ("referral", elsewhere), (None, unknown)):
        for _ in range(number):
            at = START + timedelta(hours=len(rows))
            touches = (channel,) if channel else ()
            rows.append(
                LeadRow(f"L{len(rows)}", at, channel, touches=touches, won_at=at + timedelta(days=3),
                        amount_minor=10_000, currency="EUR")
            )  # fmt: skip
    for _ in range(open_leads):
        rows.append(LeadRow(f"L{len(rows)}", START + timedelta(hours=len(rows)), "search", touches=("search",)))
    return Ledger(BRAND, YEAR, leads=tuple(rows))


def small() -> Ledger:
    """Every kind of row, with something missing of each kind."""
    day = timedelta(days=1)
    leads = (
        LeadRow("a", START, "twitter", touches=("bluesky", "Twitter"), won_at=START + 10 * day,
                amount_minor=120_050, currency="EUR", told_channel="X"),
        LeadRow("b", START + day, "referral", touches=("mastodon", "referral"), won_at=START + 21 * day,
                amount_minor=80_000, currency="EUR", told_channel="referral"),
        LeadRow("c", START + 2 * day, "search", won_at=START + day, amount_minor=5_000, currency="USD"),
        LeadRow("d", START + 3 * day, "unknown", won_at=START + 9 * day),
        LeadRow("e", START + 4 * day, None, code="abcd1234", network_of_code="mastodon"),
        LeadRow("f", START + 5 * day, None),
        LeadRow("g", START + 6 * day, "word of mouth", lost_at=START + 8 * day),
        LeadRow("h", None, "recurrence", won_at=START + 40 * day, amount_minor=60_000, currency="EUR",
                returning=True),
        LeadRow("k", None, "referral", won_at=START + 41 * day, amount_minor=10_000, currency="EUR"),
        LeadRow("i", START - day, "mastodon"),
        LeadRow("j", START + 50 * day, "meet the press", touches=("linkedin", "meet the press")),
    )  # fmt: skip
    posts = (
        PostRow("mastodon", START + day, "abcd1234", {"reach": None, "likes": 3.0}, {"reach": "never offered"}),
        PostRow("mastodon", START + 2 * day, None, {"likes": 0.0, "reposts": 1.0}),
        PostRow("mastodon", None, None, {"likes": 7.0, "reposts": 2.0}),
        PostRow("mastodon", START + 4 * day, None, {"likes": 1.0, "reposts": 0.0}),
        PostRow("x", START + day, None, {"impressions": 900.0, "reach": 400.0, "likes": 2.0}),
        PostRow("x", START + 8 * day, None, {"impressions": 100.0, "reach": None}, {"reach": "not permitted"}),
        PostRow("facebook", START + 8 * day, None, {"reach": 10.0}),
    )
    return Ledger(
        brand=BRAND,
        period=YEAR,
        leads=leads,
        posts=posts,
        clicks=(ClickRow("mastodon", 20, 5, 30, 9), ClickRow("x", 40, 0, 3, 1), ClickRow("facebook", 11)),
        visits=(VisitRow("x", 31), VisitRow("mastodon", None, "the export stops before the period")),
        followers=(
            FollowersRow("mastodon", START + day, 100.0),
            FollowersRow("mastodon", START + 60 * day, 130.0),
            FollowersRow("x", START + day, 900.0),
            FollowersRow("facebook", START + day, None, "the token may not read it"),
        ),
        effort=(
            EffortRow("mastodon", date(2025, 1, 6), 10.0),
            EffortRow("x", date(2025, 2, 3), 12.5),
            EffortRow("referral", date(2025, 2, 3), 2.0),
        ),
        sandbox="nothing comes of it",
        hit_days=(
            HitDay("mastodon", "abcd1234", date(2025, 1, 7), 12, 3, 30, 9),
            HitDay("mastodon", "abcd1234", date(2025, 1, 8), 8, 2),
            HitDay("x", "wxyz5678", date(2025, 1, 7), 40, 0, 3, 1),
        ),
        early=(EarlyRow("mastodon", 15, 9), EarlyRow("x", 40, 0)),
        click_hours=(ClickHour("mastodon", 2, 9, 12, 3), ClickHour("mastodon", 3, 9, 8, 2), ClickHour("x", 2, 9, 40)),
        visit_days=(VisitDay("x", date(2025, 2, 3), 31), VisitDay(None, date(2025, 2, 3), 55, 4)),
        visit_months=frozenset({"2025-02", "2025-03"}),
        reacted=Reacted(7, 1, 2, 3, 1, 2, 1),
    )
