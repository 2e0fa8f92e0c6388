"""A11 and H2: signs of an odd audience, and what came of those who reacted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from crosspost.audit.ledger import ClickRow, EarlyRow, FollowersRow, HitDay, Ledger, PostRow, Reacted
from crosspost.audit.observation.audience import audience, bursts, jumps
from crosspost.audit.observation.benevolence import benevolence
from crosspost.audit.results import Finding, Verdict
from tests.audit.ledgers import BRAND, START, YEAR
from tests.audit.observed import given

FIRST = date(2025, 1, 6)


def followers(levels: list[float], every: int = 1) -> tuple[FollowersRow, ...]:
    return tuple(
        FollowersRow("mastodon", START + timedelta(days=index * every), value) for index, value in enumerate(levels)
    )


def people(days: int, seed: int = 1) -> list[float]:
    return [float(value) for value in 500 + np.random.default_rng(seed).poisson(3, days).cumsum()]


def signs(ledger: Ledger) -> dict[str, dict[str, Any]]:
    rows = audience(given(ledger)).tables[0].records()
    return {str(row["sign"]): row for row in rows if row["network"] == "mastodon"}


def test_steady_growth_supports_and_bought_followers_refute() -> None:
    steady = Ledger(BRAND, YEAR, followers=followers(people(120)))
    assert audience(given(steady)).findings[0].verdict is Verdict.SUPPORTED
    assert signs(steady)["jump"]["flag"] is False
    levels = np.array(people(120))
    for day in range(10, 120, 10):
        levels[day:] += 200
    bought = Ledger(BRAND, YEAR, followers=followers([float(value) for value in levels]))
    found = audience(given(bought)).findings[0]
    assert found.verdict is Verdict.REFUTED
    assert "worth a look: mastodon (jump)" in found.sentence
    assert "not an accusation" in found.caveats[0]
    assert signs(bought)["jump"]["odd"] == 11


def test_growth_that_is_only_chance_is_seldom_odd() -> None:
    """Poisson growth of 1, 5 and 50 a day: under 1 % of days are odd."""
    rng = np.random.default_rng(4)
    for rate in (1, 5, 50):
        levels = rng.poisson(rate, 3000).cumsum()
        found = jumps({FIRST + timedelta(days=day): float(value) for day, value in enumerate(levels)})
        assert sum(odd for _, odd in found) / len(found) < 0.01, rate


def test_readings_far_apart_are_no_jump_by_themselves() -> None:
    days = [0, *range(30, 60), 120, 121]
    found = jumps({FIRST + timedelta(days=day): 3.0 * day for day in days})
    assert [length for length, _ in found] == [30, *[1] * 29, 61, 1]
    assert not any(odd for _, odd in found)


def test_a_month_between_readings_is_no_day() -> None:
    """A year of monthly readings says nothing of single days; a jump between two of them is still shown."""
    levels = [float(value) for value in 500 + np.random.default_rng(1).poisson(90, 12).cumsum()]
    monthly = Ledger(BRAND, YEAR, followers=followers([*levels[:-1], levels[-1] + 900], every=30))
    found = audience(given(monthly)).findings[0]
    assert (found.verdict, found.n, found.estimate) == (Verdict.NOT_ENOUGH_DATA, 0, None)
    assert (signs(monthly)["jump"]["odd"], signs(monthly)["jump"]["looked_at"]) == (1, 11)


def test_a_day_of_far_more_clicks_is_a_burst_and_a_good_day_is_none() -> None:
    usual = {FIRST + timedelta(days=day): 8 + day % 5 for day in range(60)}
    assert bursts({**usual, FIRST: 25}) == (0, 60)
    assert bursts({**usual, FIRST: 900}) == (1, 60)
    assert bursts({FIRST + timedelta(days=day): 1 for day in range(60)} | {FIRST: 15})[0] == 0  # too few to say


def test_shares_of_early_clicks_and_of_posts_nobody_followed() -> None:
    posts = tuple(PostRow("mastodon", START, f"code{index}", {"likes": 9.0}) for index in range(20))
    hits = tuple(HitDay("mastodon", f"code{index}", FIRST, 2) for index in range(4))
    ledger = Ledger(
        BRAND,
        YEAR,
        posts=posts,
        hit_days=hits,
        clicks=(ClickRow("mastodon", 8),),
        early=(EarlyRow("mastodon", 40, 30),),
    )
    found = signs(ledger)
    assert (found["no click"]["odd"], found["no click"]["looked_at"], found["no click"]["flag"]) == (16, 20, True)
    assert (found["first seconds"]["share"], found["first seconds"]["flag"]) == (0.75, True)
    unmeasured = signs(replace(ledger, clicks=()))["no click"]
    assert unmeasured["odd"] is None  # nobody measured: nothing is known to have none


def test_a_month_is_needed() -> None:
    found = audience(given(Ledger(BRAND, YEAR, followers=followers(people(20))))).findings[0]
    assert found.verdict is Verdict.NOT_ENOUGH_DATA
    assert "9 more weeks" in (found.missing or "")


def reacted(*numbers: int) -> Finding:
    return benevolence(given(Ledger(BRAND, YEAR, reacted=Reacted(*numbers)))).findings[0]


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ((400, 2, 0, 300, 3, 300, 3), Verdict.SUPPORTED),
        ((400, 60, 0, 300, 3, 300, 3), Verdict.REFUTED),  # those who react do help
        ((400, 2, 0, 60, 50, 60, 10), Verdict.REFUTED),  # who helps had reacted
        ((60, 0, 0, 10, 1, 10, 1), Verdict.INCONCLUSIVE),
        ((59, 0, 8, 10, 1, 10, 1), Verdict.NOT_ENOUGH_DATA),
        ((60, 0, 0, 10, 1, 9, 1), Verdict.NOT_ENOUGH_DATA),
    ],
)
def test_both_bounds_support_and_either_refutes(numbers: tuple[int, ...], verdict: Verdict) -> None:
    assert reacted(*numbers).verdict is verdict


def test_without_reactors_it_says_why() -> None:
    ledger = Ledger(BRAND, YEAR, reacted_reason="the brand does not keep who reacted")
    found = benevolence(given(ledger)).findings[0]
    assert found.verdict is Verdict.NOT_ENOUGH_DATA
    assert found.missing == (
        "60 who reacted to three posts or more, followed for a year: the brand does not keep who reacted"
    )
    assert "1 more people" in (reacted(59, 0, 8, 10, 1, 10, 1).missing or "")


def test_false_verdicts_are_rare_where_the_share_is_just_at_the_margin() -> None:
    """Shares of exactly 5 %, and referrers like others: neither verdict is right; 5 % each at most."""
    rng = np.random.default_rng(8)
    found = [
        reacted(
            300, int(rng.binomial(300, 0.05)), 0, 100, int(rng.binomial(100, 0.2)), 100, int(rng.binomial(100, 0.2))
        )
        for _ in range(400)
    ]
    wrong = sum(one.verdict is not Verdict.INCONCLUSIVE for one in found)
    assert wrong / 400 <= 0.06
