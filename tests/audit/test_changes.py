"""A8: changes of followers against leads, by turning one series against the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from crosspost.audit.ledger import FollowersRow
from crosspost.audit.observation.changes import CLAIM, Compared, changes, follower_changes, longest_run, together
from crosspost.audit.observation.shifts import Turned, turn
from crosspost.audit.results import Absent, Finding, Verdict
from tests.audit.observed import MONTHS, given, moving


def found(slope: float, **more: float) -> Finding:
    return changes(given(moving(slope, seed=7, **more))).findings[0]  # type: ignore[arg-type]


def turned(lagged: np.ndarray, outcome: np.ndarray, held: np.ndarray) -> Turned:
    made = turn(lagged, outcome, held)
    assert made is not None
    return made


def test_the_p_is_the_share_of_turns_that_go_together_as_strongly() -> None:
    """Against the definition, turn by turn, with least squares from NumPy."""
    rng = np.random.default_rng(5)
    n = 24
    x, held = rng.normal(size=n), rng.normal(size=(n, 1))
    y = 0.1 * x + rng.normal(size=n)
    design = np.column_stack([np.ones(n), held])

    def left(series: np.ndarray) -> np.ndarray:
        found: np.ndarray = series - design @ np.linalg.lstsq(design, series, rcond=None)[0]
        return found

    own, out = left(x), left(y)
    strengths = []
    for shift in range(n):
        other = left(np.roll(own, shift))
        strengths.append(abs(float(other @ out)) / float(np.sqrt(other @ other)))
    want = sum(one >= strengths[0] - 1e-12 for one in strengths) / n
    assert 1 / n < want < 1
    made = turned(x[None, :], y, held)
    assert made.p == made.slopes[0].p == pytest.approx(want, abs=1e-12)
    assert made.slopes[0].value == pytest.approx(float(np.linalg.lstsq(
        np.column_stack([design, x]), y, rcond=None)[0][-1]), rel=1e-9)  # fmt: skip


def test_the_interval_holds_just_the_slopes_that_are_not_rejected() -> None:
    rng = np.random.default_rng(6)
    n = 40
    x, held = rng.normal(size=n), np.arange(n, dtype=float)[:, None]
    y = 0.7 * x + rng.normal(size=n)
    one = turned(x[None, :], y, held).slopes[0]
    for slope, stands in ((one.low, True), (one.high, True), (one.low, False), (one.high, False)):
        nudge = 1e-6 * (1 if (slope == one.low) == stands else -1)
        p = turned(x[None, :], y - (slope + nudge) * x, held).p
        assert (p > 0.05) is stands, (slope, stands, p)


@pytest.mark.parametrize("kind", ["random walks", "autocorrelated", "growing"])
def test_series_that_have_nothing_to_do_with_each_other_seldom_agree(kind: str) -> None:
    """5 % of 600 are 30, give or take 3 standard errors of 5.3."""
    rng = np.random.default_rng(20)
    n, runs, hits = 36, 600, 0
    for _ in range(runs):
        followers, leads = rng.normal(size=(2, n + 4)).cumsum(axis=1)
        if kind != "random walks":
            followers, leads = rng.normal(size=(2, n + 4))
            for step in range(1, n + 4):
                followers[step] += 0.5 * followers[step - 1]
                leads[step] += 0.5 * leads[step - 1]
            followers = followers.cumsum()
        if kind == "growing":
            followers, leads = followers + 0.05 * np.arange(n + 4) ** 2, leads + 0.1 * np.arange(n + 4)
        gained = np.diff(followers)
        lagged = np.stack([gained[3 - lag : n + 3 - lag] for lag in range(4)])
        hits += turned(lagged, leads[4:], np.arange(n, dtype=float)[:, None]).p <= 0.05
    assert hits <= 46


def test_leads_that_follow_followers_refute_and_leads_that_do_not_support() -> None:
    plain = found(0.1, gain=60, base=8)  # 30 leads a quarter per 100 followers
    assert plain.verdict is Verdict.REFUTED
    assert plain.estimate is not None
    assert plain.estimate.low < 30 < plain.estimate.high
    steady = found(0.0, gain=3000)  # so many followers that their slope is known well
    assert steady.verdict is Verdict.SUPPORTED
    assert steady.estimate is not None
    assert -1 < steady.estimate.low < steady.estimate.high < 1
    assert found(0.0, gain=10).verdict is Verdict.INCONCLUSIVE


def test_two_years_are_needed_and_what_is_missing_is_said() -> None:
    short = found(0.0, months=23)
    assert (short.verdict, short.n, short.planned) == (Verdict.NOT_ENOUGH_DATA, 23, 24)
    assert short.missing == "followers were read in 23 months in a row, 24 are needed: 5 more weeks"
    assert found(0.0, months=24, gain=3000).verdict is not Verdict.NOT_ENOUGH_DATA
    assert changes(given(moving(0.0, seed=1), "leads contradict")).findings[0].missing == "leads contradict"
    quiet = replace(moving(0.0, seed=1), leads=())
    assert "a month that differs is needed" in (changes(given(quiet)).findings[0].missing or "")


def test_a_month_without_a_reading_breaks_the_run_and_is_no_zero() -> None:
    ledger = moving(0.0, seed=2)
    gap = tuple(row for row in ledger.followers if row.at.strftime("%Y-%m") != "2021-06")
    gained = follower_changes(replace(ledger, followers=gap), MONTHS)
    assert isinstance(gained["2021-06"], Absent)
    assert isinstance(gained["2021-07"], Absent)
    known = longest_run([month for month in MONTHS if not isinstance(gained[month], Absent)])
    assert (known[0], known[-1]) == ("2021-08", "2024-12")


def test_a_new_network_adds_its_gains_and_not_its_level() -> None:
    ledger = moving(0.0, seed=2)
    added = tuple(
        FollowersRow("x", row.at + timedelta(hours=1), 9000.0 + index)
        for index, row in enumerate(ledger.followers[30:])
    )
    alone = follower_changes(ledger, MONTHS)
    both = follower_changes(replace(ledger, followers=(*ledger.followers, *added)), MONTHS)
    assert both[MONTHS[30]] == alone[MONTHS[30]]
    assert both[MONTHS[31]] == float(alone[MONTHS[31]]) + 1  # type: ignore[arg-type]


def test_another_unit_of_time_changes_nothing_and_the_margin_is_said() -> None:
    one = found(0.0)
    assert one.claim is CLAIM
    assert "margin 1 lead a quarter per +100 followers" in one.sentence


def test_the_slopes_at_all_lags_are_held_together_whichever_is_chosen() -> None:
    """95 % of 300 are 285, give or take 3 standard errors of 3.8; each lag's own interval holds about 80 %."""
    rng = np.random.default_rng(31)
    n, true, held, alone = 40, 0.5, 0, 0
    for _ in range(300):
        gained, noise = rng.normal(size=n + 3), rng.normal(size=n)
        for step in range(1, n):
            noise[step] += 0.4 * noise[step - 1]
        lagged = np.stack([gained[3 - lag : n + 3 - lag] for lag in range(4)])
        compared = Compared(lagged, true * lagged[0] + noise, np.column_stack([np.arange(n), rng.normal(size=n)]))
        found = together(compared)
        assert abs(found[0].value) >= abs(found[-1].value) / 3
        truth = {one.lag: true if one.lag == 0 else 0.0 for one in found}
        held += all(one.low <= truth[one.lag] <= one.high for one in found)
        turns = turned(lagged, compared.leads, compared.held).slopes
        alone += all(one.low <= truth[lag] <= one.high for lag, one in enumerate(turns))
    assert held >= 274
    assert alone < 260


def test_the_slopes_are_those_of_least_squares_and_the_strongest_comes_first() -> None:
    rng = np.random.default_rng(32)
    n = 30
    lagged, held = rng.normal(size=(4, n)), np.column_stack([np.arange(n), np.full(n, 4.0)])
    leads = 2 * lagged[2] + rng.normal(size=n)
    found = together(Compared(lagged, leads, held))
    assert found[0].lag == 2
    for one in found:
        design = np.column_stack([np.ones(n), np.arange(n), lagged[one.lag]])
        assert one.value == pytest.approx(float(np.linalg.lstsq(design, leads, rcond=None)[0][2]), rel=1e-9)
        assert one.low < one.value < one.high


def test_what_is_plain_is_seen_though_a_turned_series_meets_itself_at_another_lag() -> None:
    """Turned by a month or two, the series is as strong at another lag: p over all lags stays over 5 % at times."""
    rng = np.random.default_rng(33)
    n, seen, turned_away = 57, 0, 0
    for _ in range(60):
        gained = rng.normal(size=n + 3)
        lagged = np.stack([gained[3 - lag : n + 3 - lag] for lag in range(4)])
        compared = Compared(lagged, lagged[0] + 1.2 * rng.normal(size=n), np.arange(n, dtype=float)[:, None])
        best = together(compared)[0]
        seen += best.lag == 0 and best.low > 0.2
        turned_away += turned(lagged, compared.leads, compared.held).p > 0.05
    assert seen >= 54
    assert turned_away >= 6
