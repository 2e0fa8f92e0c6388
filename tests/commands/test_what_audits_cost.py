"""What an audit sets against what came back: fees, margins and the hourly rate, from the store and from the owner."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crosspost.audit.ledger import EffortRow
from crosspost.audit.run import audit
from crosspost.commands.choices import Choices
from crosspost.commands.ledger import gather
from crosspost.domain.business import Deal, Effort, Lead
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.store import business, efforts
from crosspost.store.database import Database
from tests.blank import BRAND, NOW, settled
from tests.home import Home


def test_fees_and_margins_reach_the_audit(sqlite_database: Database) -> None:
    store = settled(sqlite_database)
    week = date(2026, 2, 23)
    with store.write(BRAND) as scope:
        business.record_lead(scope, Lead("cli", "L1", NOW - timedelta(days=9), "x"), NOW)
        paid, kept = Money(Decimal(1000), "EUR"), Money(Decimal(700), "EUR")
        business.record_deal(scope, Deal("cli", "D1", NOW - timedelta(hours=1), paid, "L1", margin=kept), NOW)
        business.record_deal(scope, Deal("cli", "D2", NOW, paid, "L1"), NOW)
        fees = Money(Decimal("12.50"), "EUR")
        efforts.record_effort(scope, Effort("x", week, 7, Decimal(3), fees), "cli", "E1", NOW)
        efforts.record_effort(scope, Effort("x", week, 7, None), "cli", "E2", NOW)
    ledger = gather(store, store.brand("atelier"), NOW, choices=Choices(rate=Decimal("62.50")))
    assert sorted((row.amount_minor, row.margin_minor) for row in ledger.leads if row.margin_minor) == [
        (100_000, 70_000)
    ]
    assert len([row for row in ledger.leads if row.amount_minor and row.margin_minor is None]) == 1
    assert sorted((replace(row, effort="") for row in ledger.effort), key=repr) == sorted(
        [EffortRow("x", week, 3.0, 1250, "EUR"), EffortRow("x", week, None)], key=repr
    )
    assert ledger.rate_minor == 6250
    row = audit(ledger, made_at=NOW).table("payback").records()[0]
    assert (row["cost"], row["income"]) == (Decimal("200.00"), Decimal("700.00"))
    assert gather(store, store.brand("atelier"), NOW).rate_minor is None


@pytest.mark.parametrize("rate", ["-1", "0.001", "NaN", "1e30"])
def test_a_rate_that_is_none_is_refused(sqlite_database: Database, rate: str) -> None:
    store = settled(sqlite_database)
    with pytest.raises(BadInput):
        gather(store, store.brand("atelier"), NOW, choices=Choices(rate=Decimal(rate)))


def test_the_rate_is_told_or_set(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home("effort", "add", "x", "50", "--week-of", "2026-02-02")
    home("lead", "add", "--id", "L1", "--channel", "referral")
    home("deal", "add", "--id", "D1", "--lead", "L1", "--amount", "1000")

    def margins(*options: str) -> list[float]:
        found = home.json("audit", *options)["findings"]
        return [one["claim"]["margin"] for one in found if one["claim"]["key"] == "networks_under_rate"]

    assert margins() == []
    assert margins("--rate", "60") == [60]
    assert "no rate" in home.refused(2, "audit", "--rate", "sixty")
    assert "hourly rate" in home.refused(2, "audit", "--rate", "-1")
    monkeypatch.setenv("CROSSPOST_HOURLY_RATE", "45.50")
    assert margins() == [45.5]
    assert margins("--rate", "60") == [60]
    out = tmp_path / "audit.json"
    home("audit", "--rate", "60", "--out", str(out))
    assert any(one["claim"]["unit"] == "EUR per hour" for one in json.loads(out.read_text("utf-8"))["findings"])
