"""Experiments that crosspost ran, as the audit tells them."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from crosspost.audit.experiments.design import Design, Kind, Statistic, schedule
from crosspost.audit.experiments.section import answered, design_of
from crosspost.audit.ledger import Experiment, ExperimentWeek, Ledger
from crosspost.audit.results import Audit, Finding, Verdict
from crosspost.audit.run import audit
from crosspost.domain.errors import BadInput
from tests.audit.ledgers import MADE_AT, START, small

PAIRED = Design(Kind.PAIRED, 24, ("mastodon", "x"), 5, outcome="visits")
COINS = Design(Kind.COINS, 24, ("x",), 5, outcome="leads", statistic=Statistic.HAJEK)


def ran(design: Design = PAIRED, weeks: int = 24, rise: int = 40, key: str = "autumn") -> Experiment:
    """An experiment as `gather` lays it out, in which an on week of x brings `rise` visits more, and mastodon none."""
    arms = schedule(design)
    rows = [
        ExperimentWeek(
            network, week + 1, START + timedelta(weeks=week), START + timedelta(weeks=week + 1),
            "on" if arms[network][week] else "off", 2 * arms[network][week],
            visits=100 + week % 5 + rise * arms["x"][week], leads=4 + week % 3, clients=None, revenue_minor=None,
            reasons=dict.fromkeys(("clients", "revenue_minor"), "no deal was ever recorded"),
        )
        for network in design.networks
        for week in range(weeks)
    ]  # fmt: skip
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(design).items()}
    told |= {"kind": str(design.kind), "statistic": str(design.statistic), "first_day": "2025-01-06"}
    return Experiment(key, told, "f" * 64, START, START + timedelta(weeks=design.weeks), weeks=tuple(rows))


def audited(*experiments: Experiment) -> Audit:
    return audit(replace(small(), experiments=experiments), made_at=MADE_AT)


def of_a9(found: Audit) -> list[Finding]:
    return [finding for finding in found.findings if finding.claim.audit == "A9"]


def test_a_locked_design_is_read_back_whole() -> None:
    for design in (PAIRED, COINS, replace(PAIRED, strata=("lea", "tom"))):
        assert design_of(ran(replace(design, strata=())).design) == replace(design, strata=())
        told = {**ran().design, **asdict(design), "kind": str(design.kind), "statistic": str(design.statistic)}
        assert design_of(told) == design


def test_each_network_has_its_finding_on_the_locked_outcome() -> None:
    mastodon, x = of_a9(audited(ran()))
    assert x.verdict is Verdict.REFUTED
    assert x.estimate is not None
    assert x.estimate.value == pytest.approx(40, abs=2)
    assert (x.n, x.planned, x.counted) == (6, 6, "pairs")
    assert x.sentence.startswith("x: Refuted:")
    assert "2/64" in x.sentence
    assert mastodon.verdict in (Verdict.INCONCLUSIVE, Verdict.SUPPORTED)
    assert any(one.text == "Weeks were on or off by lot." and one.held for one in x.assumptions)
    assert any(one.text == "Every week went as it was drawn." and one.held for one in x.assumptions)


def test_the_table_has_every_outcome_and_why_some_have_no_figure() -> None:
    table = audited(ran()).table("experiments")
    assert [(row["network"], row["outcome"]) for row in table.records()] == [
        (network, outcome) for network in ("mastodon", "x") for outcome in ("visits", "leads", "clients", "revenue")
    ]
    assert table.records()[4]["p_fraction"] == "2/64"
    assert table.missing[6, "estimate"] == "it is known of no week"


def test_what_runs_is_not_looked_at() -> None:
    running = replace(ran(weeks=10), ends_at=MADE_AT + timedelta(days=9))
    found = audited(running)
    assert not of_a9(found)
    assert not found.table("experiments").rows
    assert any("looked at once, at its end" in one for one in found.warnings)


def test_an_early_stop_is_exploratory() -> None:
    stopped = replace(ran(weeks=20), stopped_at=START + timedelta(weeks=20))
    for finding in of_a9(audited(stopped)):
        assert finding.verdict is Verdict.NOT_ENOUGH_DATA
        assert "20 of 24 planned weeks: stopped early, exploratory" in str(finding.missing)


def test_a_look_before_the_end_is_told() -> None:
    looked = replace(ran(), unblinded_at=START + timedelta(weeks=9))
    assert all("Outcomes were looked at before the end" in finding.caveats[0] for finding in of_a9(audited(looked)))


def test_weeks_that_went_otherwise_count_as_they_were_drawn() -> None:
    plain = ran()
    disobeyed = replace(plain, weeks=tuple(replace(one, posts=3) for one in plain.weeks))
    for before, after in zip(of_a9(audited(plain)), of_a9(audited(disobeyed)), strict=True):
        assert after.estimate == before.estimate
        assert "12 of 24 weeks went otherwise than drawn" in after.caveats[0]


def test_coins_are_analysed_as_they_were_drawn() -> None:
    ((network, answers, design),) = answered(ran(COINS), currency="EUR")
    assert (network, design) == ("x", COINS)
    assert "Hájek" in answers["leads"].effect.method  # type: ignore[union-attr]


def test_the_order_of_weeks_and_experiments_changes_nothing() -> None:
    one, other = ran(), ran(COINS, key="spring")
    mixed = replace(one, weeks=tuple(Random(2).sample(one.weeks, len(one.weeks))))
    assert audited(other, mixed) == audited(one, other)


def test_without_experiments_the_table_is_empty() -> None:
    ledger: Ledger = small()
    assert audit(ledger, made_at=MADE_AT).table("experiments").rows == ()


def test_brands_that_ran_one_design_are_tested_together() -> None:
    """Three pairs alone could never reject; twice three, each with coins of its own, can."""
    design = Design(Kind.PAIRED, 12, ("x",), 5, outcome="visits", strata=("lea", "tom"))
    both = []
    for brand in design.strata:
        arms = schedule(design, brand)["x"]
        plain = ran(replace(design, strata=()), weeks=12)
        rows = tuple(
            replace(week, arm="on" if arm else "off", visits=100 + 50 * arm)
            for week, arm in zip(plain.weeks, arms, strict=True)
        )
        both.append(replace(plain, design={**plain.design, "strata": list(design.strata)}, weeks=rows))
    ((_, answers, _),) = answered(*both, currency="EUR")
    assert str(answers["visits"].effect.p) == "2/64"  # type: ignore[union-attr]
    assert answers["visits"].verdict is Verdict.REFUTED
    ((_, alone, _),) = answered(both[0], currency="EUR")
    assert str(alone["visits"].effect.p) == "2/8"  # type: ignore[union-attr]
    with pytest.raises(BadInput, match="different designs"):
        answered(both[0], ran(), currency="EUR")


def test_each_week_is_told_as_it_was_drawn_and_as_it_went() -> None:
    plain = ran()
    disobeyed = replace(plain, weeks=tuple(replace(one, posts=3) for one in plain.weeks))
    rows = [row for row in audited(disobeyed).table("experiment_weeks").records() if row["network"] == "x"]
    assert [row["week"] for row in rows] == list(range(1, 25))
    assert [row["arm"] for row in rows] == [one.arm for one in plain.weeks if one.network == "x"]
    assert [row["value"] for row in rows] == [one.visits for one in plain.weeks if one.network == "x"]
    assert all(row["obeyed"] == (row["arm"] == "on") for row in rows)
    # blocks of two weeks, the first of each dropped
    assert [row["week"] for row in rows if row["used"]] == list(range(2, 25, 2))


def test_the_lots_add_up_to_the_design_and_to_p() -> None:
    found = audited(ran(), ran(COINS, key="coins"))
    every: list[dict[str, Any]] = found.table("experiment_lots").records()
    answers: list[dict[str, Any]] = found.table("experiments").records()
    for row in answers:
        lots = [
            one for one in every
            if (one["experiment"], one["network"], one["outcome"])
            == (row["experiment"], row["network"], row["outcome"])
        ]  # fmt: skip
        if lots:
            extreme, of = str(row["p_fraction"]).split("/")
            assert (sum(one["extreme"] for one in lots), sum(one["assignments"] for one in lots)) == (
                int(extreme), int(of)
            )  # fmt: skip
            assert any(one["low"] <= row["estimate"] <= one["high"] and one["extreme"] for one in lots)
    assert {one["outcome"] for one in found.table("experiment_lots").records()} == {"visits", "leads"}


def test_what_runs_has_weeks_without_an_outcome() -> None:
    found = audited(replace(ran(weeks=10), ends_at=MADE_AT + timedelta(days=9)))
    weeks = found.table("experiment_weeks")
    assert len(weeks.rows) == 2 * 24
    assert {row["value"] for row in weeks.records()} == {None}
    assert [row["arm"] for row in weeks.records()[10:24]] == [None] * 14
    assert weeks.missing[9, "value"] == "it is looked at once, at its end"
    assert weeks.missing[10, "arm"] == "the week is not over"
    assert found.table("experiment_lots").rows == ()


def test_revenue_is_told_in_the_brands_currency_and_tested_in_whole_cents() -> None:
    plain = ran(replace(PAIRED, outcome="revenue"))
    earning = replace(
        plain,
        weeks=tuple(
            replace(one, revenue_minor=100_001 + 50_000 * (one.arm == "on") + 7 * (one.number % 3), reasons={})
            for one in plain.weeks
        ),
    )
    found = audited(earning)
    (_, x) = of_a9(found)
    assert x.estimate is not None
    assert x.estimate.value == pytest.approx(500, abs=0.2)
    assert x.estimate.denominator == pytest.approx(1000.07, abs=0.2)
    assert "2/64" in x.sentence
    assert "+499.9 a week (+50 %)" in x.sentence
    row = next(one for one in found.table("experiment_weeks").records() if one["network"] == "x")
    assert row["value"] in (Decimal("1000.08"), Decimal("1500.08"))
    yen = audit(replace(small(), experiments=(earning,), brand=replace(small().brand, currency="JPY")), made_at=MADE_AT)
    assert of_a9(yen)[1].estimate.value == pytest.approx(50_000, abs=20)  # type: ignore[union-attr]
