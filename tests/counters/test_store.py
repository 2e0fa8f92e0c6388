"""A store's leads are counted by plain code and by DuckDB through ADBC, on SQLite and on PostgreSQL, alike."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from crosspost.audit.statistics import Span, Statistics
from crosspost.cli.root import run
from crosspost.cli.statistics import ENGINES
from crosspost.commands import statistics as counting
from crosspost.domain.business import Deal, Lead, Touchpoint
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.domain.period import Period
from crosspost.domain.stage import Reached, Stage
from crosspost.store import business, recording
from crosspost.store.database import Database
from crosspost.store.outcomes import Origin
from crosspost.store.store import Store
from tests.blank import BRAND, NOW, OTHER, settled
from tests.counters.facts import CHANNELS, shown
from tests.program import crosspost

START = NOW - timedelta(days=200)
SPAN = Span.of(Period(START, NOW), "EUR")
DAY = timedelta(days=1)


def fill(store: Store, leads: int, brand_id: str, seed: int) -> None:
    """Leads, stages, losses and deals of every kind, some before the period, at odd microseconds."""
    random = Random(seed)

    def moment() -> datetime:
        return START + timedelta(seconds=random.randrange(-9 * 86_400, 190 * 86_400), microseconds=999_999)

    made, deals = [], []
    for at in range(leads):
        contacted = moment()
        touches = tuple(Touchpoint(name) for name in random.choices(CHANNELS, k=random.choice([0, 1, 2, 5])))
        reached = [Reached(Stage.TALKING, contacted + DAY)] if random.random() < 0.5 else []
        lost = contacted + random.choice([0, 2]) * DAY if random.random() < 0.4 else None
        made.append(
            Lead("file", f"L{at}", contacted, channel=random.choice(["x", "referral", None]), touchpoints=touches,
                 stages=tuple(reached), lost_at=lost)
        )  # fmt: skip
        for number in range(random.choice([0, 0, 1, 2])):
            amount = Money(Decimal(random.randrange(10**6)) / 100, random.choice(["EUR", "USD"]))
            deals.append(
                Deal("file", f"D{at}-{number}", moment(), random.choice([amount, None]),
                     lead_source_id=f"L{at}" if random.random() < 0.8 else None)
            )  # fmt: skip
    origin = Origin("f" * 64, 2, None)
    with store.write(brand_id) as scope:
        recording.record_leads(scope, [(one, origin) for one in made], NOW)
        recording.record_deals(scope, [(one, origin) for one in deals], NOW)


def by(engine: counting.EngineName, store: Store, brand_id: str = BRAND) -> Statistics:
    brand = next(one for one in store.brands() if one.id == brand_id)
    return counting.of_brand(store, brand, SPAN, engine)


@pytest.fixture
def store(database: Database) -> Store:
    made = settled(database)
    fill(made, 120, BRAND, seed=4)
    fill(made, 30, OTHER, seed=5)
    return made


def test_plain_code_and_duckdb_count_a_store_alike(store: Store) -> None:
    found = by("plain", store)
    assert shown(by("duckdb", store)) == shown(found)
    assert sum(one.won for one in found.stages) > 30
    assert sum(one.lost for one in found.stages) > 10
    assert 0 < sum(one.leads for one in found.stages) < 120, "some were before the period"
    assert {one.channel for one in found.stages} >= {"x", "referral", "unknown"}
    assert shown(by("duckdb", store, OTHER)) == shown(by("plain", store, OTHER)) != shown(found)


def test_they_are_the_leads_that_the_store_tells(store: Store) -> None:
    with store.read(BRAND) as scope:
        leads, deals = business.leads(scope), business.deals(scope)
    within = Period(START, NOW)
    inside = [one for one in leads if one.lead.contacted_at in within]
    found = by("plain", store)
    assert sum(one.leads for one in found.stages) == len(inside)
    assert sum(one.lost for one in found.stages) == sum(one.lead.lost_at is not None for one in inside)
    talking = [one for one in inside if any(each.stage is Stage.TALKING for each in one.lead.stages)]
    assert sum(one.talking for one in found.stages) == len(talking) > 10
    assert found.paths.walked() == sum(bool(one.lead.touchpoints) for one in inside)
    first: dict[str, str] = {}
    for one in sorted(deals, key=lambda each: (each.deal.won_at, each.id)):
        if one.lead_id is not None:
            first.setdefault(one.lead_id, one.id)
    firsts = set(first.values())
    money = 0
    for one in deals:
        counts = one.lead_id in {each.id for each in inside} if one.id in firsts else one.deal.won_at in within
        if counts and one.deal.amount is not None and one.deal.amount.currency == "EUR":
            money += one.deal.amount.minor
    assert sum(one.amount_minor for one in found.stages) == money > 0


def test_many_leads_are_counted_by_duckdb_by_themselves(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    monkeypatch.setattr(counting, "_by_duckdb", lambda *given: used.append(given))
    by("auto", store)
    assert used == []
    monkeypatch.setattr(counting, "LARGE", 120)
    by("auto", store)
    assert len(used) == 1


def test_the_store_is_only_read(store: Store) -> None:
    with pytest.raises(BadInput, match="Spark counts files"):
        by("spark", store)


def test_the_command_writes_tables_that_other_programs_read(tmp_path: Path) -> None:
    home = tmp_path
    assert crosspost("brand", "add", "Léa", "--currency", "EUR", home=home).returncode == 0
    (home / "leads.csv").write_text(
        "lead,contacted_at,channel,touchpoints\nL1,2026-02-01,x,mastodon > x\nL2,2026-03-01,referral,referral\n"
        "L3,2026-03-02,x,mastodon > x\n"
    )
    assert crosspost("import", "leads.csv", home=home).returncode == 0
    days = ("--since", "2026-01-05", "--until", "2026-07-06")
    told = {}
    for engine in ("plain", "duckdb"):
        ran = crosspost("statistics", *days, "--engine", engine, "--out", engine, "--json", home=home)
        assert ran.returncode == 0, ran.stderr
        told[engine] = json.loads(ran.stdout)
        for name in ("paths", "stages", "weeks"):
            with (home / engine / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                assert len(list(csv.DictReader(file))) == len(told[engine][name])
    assert told["plain"] == told["duckdb"]
    paths = {row["path"]: row["total_null"] for row in told["plain"]["paths"]}
    assert paths == {"mastodon > x": 2, "referral": 1}


@pytest.mark.parametrize("arguments", [
    ("--leads", "a.csv"), ("--leads", "none.csv", "--touches", "none.csv"), ("--engine", "spark"),
    ("--leads", "a.csv", "--touches", "b.csv", "--engine", "spark"),
    ("--leads", "a.csv", "--touches", "b.csv", "--engine", "plain"), ("--until", "2025-01-01"),
])  # fmt: skip
def test_what_cannot_be_counted_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    home = ("--data-dir", str(tmp_path))
    assert run([*home, "brand", "add", "Léa"]) == 0
    capsys.readouterr()
    assert run([*home, "statistics", "--since", "2026-01-05", "--until", "2026-07-06", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert set(ENGINES) == set(get_args(counting.EngineName))
