"""A margin that was locked is the one that a finding is held against, whichever audit answers it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crosspost.audit.ledger import EffortRow, LeadRow, Ledger, Lock, Reacted
from crosspost.audit.results import FIXED, Finding, Verdict
from crosspost.audit.run import audit
from crosspost.domain.hypothesis import KNOWN, Known
from tests.audit.ledgers import BRAND, MADE_AT, YEAR, small
from tests.audit.observed import fading

READY_MADE = {one.claim.key: one for one in audit(small(), made_at=MADE_AT).findings}


def of(ledger: Ledger, key: str, margin: float | None = None, unit: str | None = None) -> Finding:
    """The finding on that claim, with its margin locked where one is given."""
    if margin is not None:
        unit = READY_MADE[key].claim.unit if unit is None else unit
        at = datetime(2019, 1, 1, tzinfo=UTC)
        ledger = replace(ledger, locks=(Lock("L", "As I say", "it", margin, unit, "A1", at, None, key, "f00d", at),))
    found = audit(ledger, made_at=MADE_AT).findings
    return next(one for one in found if one.claim.key in (key, "L"))


@pytest.mark.parametrize("key", READY_MADE)
def test_every_claim_is_judged_as_it_was_locked(key: str) -> None:
    one = of(small(), key, 0.375)
    assert (one.claim.text, one.claim.margin, one.lock) == ("As I say", 0.375, "f00d")
    assert "“As I say”, margin " in one.sentence
    assert next(each.held for each in one.assumptions if each.text == FIXED) is True


@pytest.mark.parametrize("key", READY_MADE)
def test_a_margin_in_another_unit_replaces_none_and_is_told(key: str) -> None:
    ready = READY_MADE[key].claim
    one = of(small(), key, 0.375, "bananas")
    assert (one.claim.margin, one.claim.unit) == (ready.margin, ready.unit)
    if one.lock is not None:  # a share's lock is printed beside the claims
        assert any("0.375 (bananas) was locked: exploratory" in caveat for caveat in one.caveats)
        assert next(each.held for each in one.assumptions if each.text == FIXED) is False


@pytest.mark.parametrize("known", [one for one in KNOWN if one.answers], ids=lambda one: one.key)
def test_what_is_ready_made_is_in_the_unit_of_the_claim_that_it_fixes(known: Known) -> None:
    claim = READY_MADE[str(known.answers)].claim
    assert (claim.unit, claim.margin) == (known.unit, known.margin)


@pytest.mark.parametrize(("margin", "verdict"), [
    (0.3, Verdict.SUPPORTED), (0.45, Verdict.INCONCLUSIVE), (0.7, Verdict.REFUTED),
])  # fmt: skip
def test_networks_that_lose_45_percent_a_year(margin: float, verdict: Verdict) -> None:
    one = of(fading({"mastodon": -0.6, "x": -0.6}), "networks_fade", margin)
    assert one.verdict is verdict
    assert f"margin {100 * margin:g} % a year" in one.sentence


@pytest.mark.parametrize(("margin", "verdict"), [
    (2.0, Verdict.SUPPORTED), (8.0, Verdict.INCONCLUSIVE), (50.0, Verdict.REFUTED),
])  # fmt: skip
def test_an_hour_prospecting_that_brings_eight_times_as_many(margin: float, verdict: Verdict) -> None:
    rows = tuple(
        LeadRow(f"{name}{n}", YEAR.start, name, won_at=YEAR.start)
        for name, number in (("x", 5), ("prospecting", 40))
        for n in range(number)
    )
    effort = tuple(EffortRow(name, date(2025, 2, 1), 100.0) for name in ("x", "prospecting"))
    ledger = Ledger(BRAND, YEAR, leads=rows, effort=effort)
    assert of(ledger, "prospecting_beats_networks", margin).verdict is verdict


@pytest.mark.parametrize(("margin", "verdict"), [(0.05, Verdict.INCONCLUSIVE), (0.4, Verdict.SUPPORTED)])
def test_few_who_react_are_held_against_what_was_locked(margin: float, verdict: Verdict) -> None:
    ledger = Ledger(BRAND, YEAR, reacted=Reacted(80, 4, 0, 20, 2, 20, 2))
    assert of(ledger, "reactions_are_no_help", margin).verdict is verdict
