"""What must not change an audit: order, splitting, names within a kind, the unit of money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta, timezone
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.audit.ledger import ClickRow, CountedDays, EarlyRow, EffortRow, InterruptionRow, LeadRow, Ledger
from crosspost.audit.results import Finding
from crosspost.audit.run import audit
from tests.audit.ledgers import BRAND, MADE_AT, START, YEAR, small

T = TypeVar("T")
CHANNELS = (None, "", "unknown", "x", "mastodon", "linkedin", "referral", "search", "recurrence", "elsewhere")
DAYS = (CountedDays(date(2025, 1, 6), date(2025, 2, 1)), CountedDays(date(2025, 2, 3), date(2025, 12, 1)))
INTERRUPTIONS = (
    InterruptionRow("x", date(2025, 9, 1), None, "left", START, moved_to="mastodon"),
    InterruptionRow("site", date(2025, 3, 3), None, None, START, withdrawn_at=START),
)
NAMES = st.sampled_from([name for name in CHANNELS if name])


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    leads = [
        LeadRow(
            f"L{index}",
            START,
            draw(st.sampled_from(CHANNELS)),
            draw(st.sampled_from(CHANNELS)),
            tuple(draw(st.lists(NAMES, max_size=3))),
            won_at=START if draw(st.booleans()) else None,
            amount_minor=draw(st.integers(0, 10**6)),
            currency="EUR",
        )
        for index in range(draw(st.integers(0, 25)))
    ]
    return replace(small(), leads=tuple(leads), visit_spans=DAYS, interruptions=INTERRUPTIONS)


def shuffled(ledger: Ledger, seed: int) -> Ledger:
    random = Random(seed)

    def mixed(rows: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(random.sample(rows, len(rows)))

    return replace(
        ledger,
        leads=mixed(ledger.leads),
        posts=mixed(ledger.posts),
        clicks=mixed(ledger.clicks),
        visits=mixed(ledger.visits),
        followers=mixed(ledger.followers),
        effort=mixed(ledger.effort),
        hit_days=mixed(ledger.hit_days),
        early=mixed(ledger.early),
        click_hours=mixed(ledger.click_hours),
        visit_days=mixed(ledger.visit_days),
        visit_spans=mixed(ledger.visit_spans),
        interruptions=mixed(ledger.interruptions),
    )


@settings(deadline=None, max_examples=25)
@given(ledgers(), st.integers(0, 2**32))
def test_order_changes_nothing(ledger: Ledger, seed: int) -> None:
    assert audit(shuffled(ledger, seed), made_at=MADE_AT) == audit(ledger, made_at=MADE_AT)


def test_order_changes_nothing_with_contradictory_leads() -> None:
    ledger = small()
    ledger = replace(ledger, leads=(*ledger.leads, replace(ledger.leads[0], channel="email", touches=())))
    once = audit(ledger, made_at=MADE_AT)
    assert all(audit(shuffled(ledger, seed), made_at=MADE_AT) == once for seed in range(20))


def test_split_rows_change_nothing() -> None:
    ledger = small()
    clicks = tuple(
        part
        for row in ledger.clicks
        for part in (
            ClickRow(row.network, row.persons - 1, row.unsure, 0, row.crawlers),
            ClickRow(row.network, 1, 0, row.previews, 0),
        )
    )
    effort = tuple(
        EffortRow(row.channel, row.start, row.hours and row.hours / 2) for row in ledger.effort for _ in range(2)
    )
    hit_days = tuple(
        part
        for row in ledger.hit_days
        for part in (
            replace(row, persons=row.persons - 1, previews=0),
            replace(row, persons=1, unsure=0, crawlers=0),
        )
    )
    early = (*ledger.early, EarlyRow("x", 0, 0))
    visit_days = tuple(
        part
        for row in ledger.visit_days
        for part in (replace(row, visits=row.visits - 1), replace(row, visits=1, unsure=0))
    )
    split = replace(ledger, clicks=clicks, effort=effort, hit_days=hit_days, early=early, visit_days=visit_days)
    assert audit(split, made_at=MADE_AT) == audit(ledger, made_at=MADE_AT)


def renamed(ledger: Ledger, names: dict[str, str]) -> Ledger:
    def new(name: str | None) -> str | None:
        return name if name is None else names.get(name, name)

    def row(lead: LeadRow) -> LeadRow:
        return replace(
            lead,
            channel=new(lead.channel),
            told_channel=new(lead.told_channel),
            touches=tuple(names.get(name, name) for name in lead.touches),
        )

    return replace(ledger, leads=tuple(row(lead) for lead in ledger.leads))


def bare(found: tuple[Finding, ...]) -> list[tuple[object, ...]]:
    return [(f.verdict, f.estimate, f.bounds, f.missing, f.caveats, f.sentence) for f in found]


@settings(deadline=None, max_examples=25)
@given(ledgers())
def test_names_within_a_kind_change_no_verdict(ledger: Ledger) -> None:
    names = {
        "x": "pinterest", "mastodon": "bluesky", "linkedin": "viadeo",
        "referral": "word of mouth", "search": "seo", "recurrence": "returning", "elsewhere": "a fair",
    }  # fmt: skip
    before = audit(ledger, made_at=MADE_AT)
    after = audit(renamed(ledger, names), made_at=MADE_AT)
    assert bare(after.findings) == bare(before.findings)
    assert after.table("shares") == before.table("shares")
    assert after.table("network_against_rest") == before.table("network_against_rest")


@pytest.mark.parametrize("spelling", [str.upper, str.title, lambda name: f"  {name} "])
def test_spelling_of_a_channel_changes_nothing(spelling: Callable[[str], str]) -> None:
    ledger = small()
    names = {n: spelling(n) for lead in ledger.leads for n in (*lead.touches, lead.channel) if n}
    assert audit(renamed(ledger, names), made_at=MADE_AT) == audit(ledger, made_at=MADE_AT)


@settings(deadline=None, max_examples=25)
@given(ledgers())
def test_the_unit_of_money_changes_no_verdict_and_scales_revenue(ledger: Ledger) -> None:
    rows = tuple(replace(row, amount_minor=100 * (row.amount_minor or 0)) for row in ledger.leads)
    before = audit(ledger, made_at=MADE_AT)
    after = audit(replace(ledger, leads=rows), made_at=MADE_AT)
    assert after.findings == before.findings
    assert after.table("shares") == before.table("shares")
    for old, new in zip(before.table("revenue").records(), after.table("revenue").records(), strict=True):
        if old["deals"]:
            assert new["revenue"] == 100 * old["revenue"]  # type: ignore[operator]


@settings(deadline=None, max_examples=25)
@given(ledgers())
def test_shares_of_channels_add_up(ledger: Ledger) -> None:
    *channels, total = audit(ledger, made_at=MADE_AT).table("conversion").records() or [{}]
    if channels:
        assert sum(row["leads"] for row in channels) == total["leads"]  # type: ignore[misc]
        assert sum(row["deals"] for row in channels) == total["deals"]  # type: ignore[misc]
        assert sum(float(str(row["share_of_leads"])) for row in channels) == pytest.approx(1)


def test_the_unit_of_money_scales_what_was_spent_and_what_came_back() -> None:
    """The same in cents and in hundredths of cents: rate, fees, margins and amounts together."""
    ledger = replace(
        small(),
        effort=(EffortRow("mastodon", START.date(), 60.0, 30_000, "EUR"), *small().effort),
        rate_minor=4_000,
    )
    rows = tuple(replace(row, margin_minor=row.amount_minor and row.amount_minor // 2) for row in ledger.leads)
    ledger = replace(ledger, leads=rows)

    def times(value: int | None) -> int | None:
        return None if value is None else 100 * value

    scaled = replace(
        ledger,
        leads=tuple(
            replace(row, amount_minor=times(row.amount_minor), margin_minor=times(row.margin_minor)) for row in rows
        ),
        effort=tuple(replace(row, fees_minor=times(row.fees_minor)) for row in ledger.effort),
        rate_minor=times(ledger.rate_minor),
    )
    before, after = audit(ledger, made_at=MADE_AT), audit(scaled, made_at=MADE_AT)
    assert [found.verdict for found in after.findings] == [found.verdict for found in before.findings]
    assert any(found.claim.key == "networks_under_rate" for found in before.findings)
    columns = {
        "hours": (
            "revenue",
            "revenue_per_hour",
            "revenue_per_hour_lo",
            "revenue_per_hour_hi",
            "revenue_lo",
            "revenue_hi",
        ),  # fmt: skip
        "payback": ("cost", "income"),
    }
    for name, scaling in columns.items():
        for old, new in zip(before.table(name).records(), after.table(name).records(), strict=True):
            for column, value in old.items():
                if value is not None and column in scaling:
                    assert float(str(new[column])) == pytest.approx(100 * float(str(value)))
                else:
                    assert new[column] == value, (name, column)


@settings(deadline=None, max_examples=15)
@given(ledgers())
def test_the_zone_in_which_an_instant_is_written_changes_nothing(ledger: Ledger) -> None:
    there = timezone(timedelta(hours=-9))
    rows = tuple(
        replace(
            row,
            contacted_at=row.contacted_at and row.contacted_at.astimezone(there),
            won_at=row.won_at and row.won_at.astimezone(there),
        )
        for row in ledger.leads
    )
    assert audit(replace(ledger, leads=rows), made_at=MADE_AT) == audit(ledger, made_at=MADE_AT)


def test_an_open_lead_more_changes_no_share_of_clients() -> None:
    ledger = small()
    more = replace(ledger, leads=(*ledger.leads, LeadRow("z", START, "x")))
    assert audit(more, made_at=MADE_AT).table("shares") == audit(ledger, made_at=MADE_AT).table("shares")


def test_a_brand_has_no_part_in_the_arithmetic() -> None:
    other = replace(BRAND, slug="other", name="Other")
    ledger = replace(small(), period=YEAR)
    again = audit(replace(ledger, brand=other), made_at=MADE_AT)
    assert again.tables == audit(ledger, made_at=MADE_AT).tables
