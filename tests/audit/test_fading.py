"""A12: slopes of visits per post, with intervals that know their autocorrelation."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from crosspost.audit.ledger import ClickRow, HitDay, VisitDay
from crosspost.audit.observation.fading import fading as section
from crosspost.audit.observation.fading import per_post
from crosspost.audit.observation.trend import trend
from crosspost.audit.results import Finding, Verdict
from tests.audit.observed import fading, given


def found(slopes: dict[str, float], elsewhere: float = 0.0, months: int = 36) -> Finding:
    return section(given(fading(slopes, elsewhere=elsewhere, months=months))).findings[0]


def test_the_slope_is_the_median_of_all_pairs_of_months_gaps_and_all() -> None:
    rng = np.random.default_rng(1)
    values = {month: float(rng.normal()) for month in range(100, 130) if month not in (104, 105, 119)}
    pairs = [(values[b] - values[a]) / ((b - a) / 12) for a in values for b in values if a < b]
    made = trend(values)
    assert made.slope == pytest.approx(float(np.median(pairs)), rel=1e-12)
    assert made.low < made.slope < made.high
    assert made.months == 27


@pytest.mark.parametrize(("months", "rho"), [(14, 0.5), (24, 0.0), (24, 0.5), (48, 0.5)])
def test_the_interval_covers_what_is_true(months: int, rho: float) -> None:
    """300 worlds without a trend: 95 % are 285, less three standard errors of 3.8.

    Plain blocks of the residuals cover 72 to 86 %, and shocks of one fitted autoregression 86 to 93 % (decision 19).
    """
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(300):
        noise = rng.normal(size=months + 30)
        for step in range(1, len(noise)):
            noise[step] += rho * noise[step - 1]
        made = trend({index: float(value) for index, value in enumerate(noise[30:])})
        covered += made.low <= 0 <= made.high
    assert covered >= 274


def test_networks_that_fade_faster_than_the_rest_support_it() -> None:
    one = found({"mastodon": -0.6, "x": -0.8})
    assert one.verdict is Verdict.SUPPORTED
    assert one.estimate is not None
    assert one.estimate.value == pytest.approx(-0.6, abs=0.05)
    assert one.estimate.high < 0
    assert "Mastodon fades least" in one.sentence


def test_a_topic_that_fades_everywhere_is_no_fading_network() -> None:
    assert found({"mastodon": -0.6, "x": -0.6}, elsewhere=-0.6).verdict is Verdict.INCONCLUSIVE
    assert found({"mastodon": -0.6, "x": -0.6}, elsewhere=-1.5).verdict is Verdict.REFUTED


def test_a_network_that_grows_refutes_it() -> None:
    assert found({"mastodon": -0.6, "x": 0.5}).verdict is Verdict.REFUTED


def test_too_few_months_networks_or_no_control_say_what_is_missing() -> None:
    short = found({"mastodon": -0.6, "x": -0.8}, months=11)
    assert short.verdict is Verdict.NOT_ENOUGH_DATA
    one = found({"mastodon": -0.6})
    assert "1 of 2 networks" in (one.missing or "")
    ledger = fading()
    alone = replace(ledger, visit_days=tuple(row for row in ledger.visit_days if row.network is not None))
    assert "visits from elsewhere" in (section(given(alone)).findings[0].missing or "")


def test_a_month_that_was_not_counted_is_missing_and_one_without_visits_is_not() -> None:
    ledger = fading({"x": 0.0}, months=24)
    days = tuple(row for row in ledger.visit_days if row.day not in (date(2020, 3, 1), date(2020, 4, 1)))
    values, counted = per_post(replace(ledger, visit_days=days, visit_months=ledger.visit_months - {"2020-04"}), "x")
    assert counted == "visits"
    assert len(values) == 23
    assert min(values.values()) == pytest.approx(math.log(0.5 / 4))


def test_clicks_stand_in_where_no_visits_are_known() -> None:
    ledger = fading({"x": 0.0}, months=24)
    hits = tuple(HitDay("x", "abcd", row.day, row.visits) for row in ledger.visit_days if row.network == "x")
    plain = replace(ledger, visit_days=(), visit_months=frozenset(), hit_days=hits)
    assert per_post(plain, "x") == ({}, "clicks")  # nobody says that clicks were measured there
    values, counted = per_post(replace(plain, clicks=(ClickRow("x", 1),)), "x")
    assert (len(values), counted) == (24, "clicks")


def test_the_young_networks_of_a_short_history_are_not_told() -> None:
    tables = {one.name: one for one in section(given(fading(months=18))).tables}
    rows = tables["young_networks"].records()
    assert {row["under_two_years"] for row in rows} == {None}
    long = {one.name: one for one in section(given(fading(months=36))).tables}["young_networks"].records()
    assert [row["under_two_years"] for row in long] == [False, False, True]
    assert long[-1]["visits"] == 0


def test_half_a_visit_moves_a_slope_of_hundreds_by_nothing_to_speak_of() -> None:
    ledger = fading({"x": -0.5, "mastodon": -0.5}, noise=0.0)
    more = tuple(VisitDay(row.network, row.day, 10 * row.visits) for row in ledger.visit_days)
    a, b = (section(given(one)).tables[0].records()[0]["slope"] for one in (ledger, replace(ledger, visit_days=more)))
    assert a == pytest.approx(b, abs=0.005)
    assert a == pytest.approx(-0.5, abs=0.01)
