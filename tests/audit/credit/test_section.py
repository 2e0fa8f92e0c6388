"""What an audit says of credit and of open doors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from crosspost.audit.credit.odds import conditional_odds
from crosspost.audit.credit.paths import count
from crosspost.audit.credit.resampling import resample
from crosspost.audit.ledger import LeadRow, Ledger
from crosspost.audit.results import Audit, Finding, Verdict
from crosspost.audit.run import audit
from tests.audit.credit.made import SMALL
from tests.audit.ledgers import BRAND, MADE_AT, START, YEAR


def ledger(*groups: tuple[int, Sequence[str], bool]) -> Ledger:
    """(how many, touches, whether won) of leads that came and were settled on the first days."""
    rows = [
        LeadRow(
            f"L{group}-{number}", START, touches=tuple(touches),
            won_at=START + timedelta(days=2) if won else None, lost_at=None if won else START + timedelta(days=3),
        )
        for group, (size, touches, won) in enumerate(groups)
        for number in range(size)
    ]  # fmt: skip
    return Ledger(BRAND, YEAR, leads=tuple(rows))


def finding(found: Audit, method: str) -> Finding:
    return next(one for one in found.findings if one.claim.audit == method)


def audited(*groups: tuple[int, Sequence[str], bool]) -> Audit:
    return audit(ledger(*groups), made_at=MADE_AT)


def test_a_channel_that_is_first_whatever_the_model_is_said_to_be_first() -> None:
    found = audited((60, ("search", "search"), True), (5, ("x", "search"), True), (20, ("x", "email"), False))
    assert finding(found, "A3").verdict is Verdict.SUPPORTED
    assert "all put search first" in finding(found, "A3").sentence


def test_models_that_differ_name_nobody_first() -> None:
    found = audited((60, ("x", "search"), True), (30, ("x",), False), (30, ("search",), False))
    assert finding(found, "A3").verdict is Verdict.REFUTED
    assert "the models do not agree" in finding(found, "A3").sentence
    firsts: dict[Any, Any] = {row["channel"]: row["firsts"] for row in found.table("credit").records()}
    assert firsts["x"] >= 1  # the rule of first touches
    assert firsts["search"] >= 1  # the rule of last touches
    assert sum(firsts.values()) < 10  # those that share it out evenly put none first


def test_few_journeys_have_rules_of_place_alone_and_the_reason() -> None:
    found = audited((12, ("x", "search"), True), (9, ("email",), False))
    said = finding(found, "A3")
    assert said.verdict is Verdict.NOT_ENOUGH_DATA
    assert said.missing == "18 more won leads with a recorded journey"
    table = found.table("credit")
    assert [row["last"] for row in table.records()] == [0.0, 12.0, 0.0]
    assert table.missing[0, "markov_1"] == "missing: 18 more won leads with a recorded journey"


def test_an_open_lead_is_neither_won_nor_lost() -> None:
    rows = ledger((30, ("x", "search"), True), (20, ("email",), False))
    still = LeadRow("open", START, touches=("pinterest",))
    found = audit(Ledger(BRAND, YEAR, leads=(*rows.leads, still)), made_at=MADE_AT)
    assert [row["channel"] for row in found.table("credit").records()] == ["email", "search", "x"]
    assert any("1 open leads are left out" in caveat for caveat in finding(found, "A4").caveats)


@pytest.mark.parametrize(
    ("groups", "verdict"),
    [
        (((30, ("referral",), True), (5, ("x",), True), (25, ("x",), False), (5, ("referral",), False)), "supported"),
        (((30, ("x",), True), (5, ("referral",), True), (5, ("x",), False), (25, ("referral",), False)), "refuted"),
        (((15, ("x",), True), (15, ("email",), True), (15, ("x",), False), (15, ("email",), False)), "inconclusive"),
        (((19, ("x",), True), (40, ("email",), False)), "not enough data"),
        (((30, ("email",), True), (30, ("email",), False)), "not enough data"),
    ],
)
def test_doors_are_judged_by_the_odds_of_meeting_a_network(
    groups: tuple[tuple[int, Sequence[str], bool], ...], verdict: str
) -> None:
    assert finding(audited(*groups), "A4").verdict == verdict


def test_odds_are_those_of_the_conditional_distribution() -> None:
    """Two of two against none of two: of the six ways to place two among four, one is as seen. The lower end solves
    w^2 / (1 + 4 w + w^2) = 0.025."""
    estimate, low, high = conditional_odds(2, 0, 0, 2)
    assert (estimate, high) == (math.inf, math.inf)
    assert low**2 / (1 + 4 * low + low**2) == pytest.approx(0.025, abs=1e-12)
    assert conditional_odds(3, 5, 5, 3)[0] == pytest.approx(1 / conditional_odds(5, 3, 3, 5)[0])
    assert math.isnan(conditional_odds(0, 5, 0, 7)[0])


def test_resamples_are_seeded_and_spread_around_what_was_seen() -> None:
    counts = count([(path, won * 40, worth, lost * 40) for path, won, worth, lost in SMALL])
    once, again = resample(counts, 7), resample(counts, 7)
    assert once.removal.tobytes() == again.removal.tobytes()
    assert once.removal.tobytes() != resample(counts, 8).removal.tobytes()
    low, high = once.interval(once.credit["markov_1"])
    assert (low < high).all()
    assert np.abs(once.credit["first"].mean(axis=0) - [40, 120, 0]).max() < 2
