"""The findings that count: conversion (A2), answers (A5), payback (A6), hours (A7), fitness (A0)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crosspost.audit.counting import answers, deals, payback
from crosspost.audit.ledger import EffortRow, LeadRow, Ledger
from crosspost.audit.results import Absent, Audit, Finding, Verdict
from crosspost.audit.run import audit
from tests.audit.ledgers import BRAND, MADE_AT, START, YEAR, clients, small

S, R, I, N = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.NOT_ENOUGH_DATA  # noqa: E741
DAY = timedelta(days=1)


def leads(channel: str | None, asked: int, won: int, **more: Any) -> tuple[LeadRow, ...]:
    return tuple(
        LeadRow(f"{channel}-{i}", START + i * DAY / 10, channel, won_at=START + 30 * DAY if i < won else None, **more)
        for i in range(asked)
    )


def made(*rows: tuple[LeadRow, ...], effort: tuple[EffortRow, ...] = (), **more: Any) -> Audit:
    ledger = Ledger(BRAND, YEAR, leads=tuple(one for part in rows for one in part), effort=effort, **more)
    return audit(ledger, made_at=more.get("made_at", MADE_AT))


def found(result: Audit, key: str) -> Finding:
    return next(one for one in result.findings if one.claim.key == key)


def rows(result: Audit, name: str, column: str) -> dict[Any, dict[str, Any]]:
    return {row[column]: row for row in result.table(name).records()}


# A2


@pytest.mark.parametrize(
    ("ours", "rest", "verdict"),
    [
        ((10, 200), (60, 200), S),  # 0.17 of the rest's rate
        ((60, 200), (60, 200), I),  # equal, and the lower limit is 0.74
        ((90, 200), (60, 200), R),
        ((40, 200), (60, 200), I),  # 0.67, 0.47 to 0.94: worse, and by how much is open
        ((4, 200), (60, 200), N),  # one deal short
        ((5, 49), (60, 200), N),  # one lead short
    ],
)
def test_networks_against_the_rest(ours: tuple[int, int], rest: tuple[int, int], verdict: Verdict) -> None:
    result = made(leads("x", ours[1], ours[0]), leads("referral", rest[1], rest[0]))
    one = found(result, "networks_convert_worse")
    assert one.verdict is verdict
    assert one.estimate is not None
    assert one.estimate.value == pytest.approx(ours[0] / ours[1] / (rest[0] / rest[1]))


def test_what_is_missing_is_told_in_leads_and_weeks() -> None:
    one = found(made(leads("x", 40, 10), leads("referral", 60, 20)), "networks_convert_worse")
    assert one.missing == ("10 more leads by networks (40 of 50), about 13 weeks or 25 leads at this period's pace")
    none = found(made(leads("x", 60, 0), leads("referral", 60, 20)), "networks_convert_worse")
    assert none.missing == "5 more deals of leads by networks (0 of 5)"


def test_no_deal_by_networks_is_a_ratio_of_zero_in_table_and_finding() -> None:
    result = made(leads("x", 60, 0), leads("referral", 60, 20))
    row = rows(result, "network_against_rest", "rest")["other leads of known channel"]
    estimate = found(result, "networks_convert_worse").estimate
    assert estimate is not None
    assert (row["risk_ratio"], row["risk_ratio_lo"]) == (estimate.value, None) == (0.0, None)
    assert row["score_hi"] == pytest.approx(estimate.high)


def test_leads_of_unknown_channel_can_undo_it() -> None:
    known = leads("x", 200, 10), leads("referral", 200, 60)
    one = found(made(*known, leads(None, 100, 60)), "networks_convert_worse")
    assert one.verdict is I
    assert "It hangs on 100 leads of unknown channel: without them the verdict would be supported" in one.caveats[-1]
    assert found(made(*known, leads(None, 10, 1)), "networks_convert_worse").verdict is S


def test_sources_are_told_apart_only_after_holm() -> None:
    result = made(leads("x", 60, 1), leads("referral", 60, 30), leads("search", 60, 12), leads(None, 60, 12))
    sources = rows(result, "sources", "channel")
    assert set(sources) == {"x", "referral", "search"}  # the unknown are no source
    tests = sorted((row["mid_p"], row["holm_p"]) for row in sources.values())
    assert [holm for _, holm in tests] == pytest.approx(
        [3 * tests[0][0], max(3 * tests[0][0], 2 * tests[1][0]), max(2 * tests[1][0], tests[2][0])]
    )
    assert sources["x"]["rate"] < sources["x"]["pooled_rate"] < 0.1
    assert sources["referral"]["rate"] > sources["referral"]["pooled_rate"] > 0.4
    assert sources["x"]["ratio"] == pytest.approx((1 / 60) / (42 / 120))
    alone = made(leads("x", 60, 1)).table("sources")
    assert alone.missing[0, "mid_p"] == "no other source has leads"


# A5


def told(pairs: dict[tuple[str, str], int]) -> tuple[LeadRow, ...]:
    spread = [pair for pair, number in pairs.items() for _ in range(number)]
    return tuple(
        LeadRow(f"T{i}", START, recorded, told_channel=said, won_at=START + DAY)
        for i, (recorded, said) in enumerate(spread)
    )


def test_kappa_is_that_of_the_textbook() -> None:
    """Cohen's own arithmetic on 2 by 2: agreement 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5."""
    pairs = Counter({("x", "x"): 20, ("x", "referral"): 5, ("referral", "x"): 10, ("referral", "referral"): 15})
    one = answers.kappa(pairs)
    assert not isinstance(one, Absent)
    assert one.value == pytest.approx(0.4)
    # Fleiss, Cohen and Everitt's standard error of it is 0.127.
    assert (one.low, one.high) == pytest.approx((0.4 - 1.96 * 0.127, 0.4 + 1.96 * 0.127), abs=0.04)
    assert one.low <= one.boot_low < one.boot_high <= one.high


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        ({("x", "x"): 15, ("referral", "referral"): 15}, S),
        ({("x", "x"): 10, ("referral", "referral"): 9}, N),
        ({("x", "x"): 8, ("referral", "referral"): 8, ("x", "referral"): 12, ("referral", "x"): 12}, R),
        ({("x", "x"): 12, ("referral", "referral"): 12, ("x", "referral"): 3, ("referral", "x"): 3}, I),
        ({("x", "x"): 30}, N),  # nothing could have disagreed
        ({("x", "x"): 12, ("referral", "referral"): 9, ("referral", "placebo"): 9}, I),  # made up is no agreement
    ],
)
def test_what_clients_say_against_the_record(pairs: dict[tuple[str, str], int], verdict: Verdict) -> None:
    result = made(told(pairs))
    one = found(result, "told_matches_record")
    assert (one.verdict, one.n) == (verdict, sum(pairs.values()))
    matrix = {(row["recorded"], row["told"]): row["clients"] for row in result.table("recorded_told").records()}
    assert matrix == pairs


def test_clients_of_whom_one_side_is_unknown_are_counted_apart() -> None:
    rows_ = (
        LeadRow("a", START, "x", told_channel="referral", won_at=START), LeadRow("b", START, "x", won_at=START),
        LeadRow("c", START, None, told_channel="x", won_at=START), LeadRow("d", START, "unknown", won_at=START),
    )  # fmt: skip
    result = made(rows_)
    assert [tuple(row.values()) for row in result.table("recorded_told").records()] == [("x", "referral", 1)]
    assert [tuple(row.values()) for row in result.table("recorded_told_unknown").records()] == [
        ("unknown", "unknown", 1), ("unknown", "x", 1), ("x", "unknown", 1),
    ]  # fmt: skip


def test_perfect_agreement_of_few_is_no_certainty() -> None:
    one = answers.kappa({("x", "x"): 10, ("referral", "referral"): 10})
    assert not isinstance(one, Absent)
    assert (one.boot_low, one.value, one.high) == (1, 1, 1)
    assert 0.7 < one.low < 0.9


def test_answers_that_cannot_be_true_flag_self_report() -> None:
    pairs = {("x", "x"): 15, ("referral", "referral"): 12, ("referral", "placebo"): 5}
    result = made(told(pairs), placebo=frozenset({"radio"}))
    one = found(result, "few_made_up")
    assert (one.verdict, one.n) == (R, 32)
    assert any("flagged" in caveat for caveat in found(result, "told_matches_record").caveats)
    fine = made(told({("x", "x"): 40, ("referral", "referral"): 30}), placebo=frozenset({"radio"}))
    assert found(fine, "few_made_up").verdict is S
    assert not any("flagged" in caveat for caveat in found(fine, "told_matches_record").caveats)
    few = found(made(told({("x", "x"): 29}), placebo=frozenset({"radio"})), "few_made_up")
    assert few.missing is not None
    assert few.missing.startswith("30 more answers that name no such channel (29 of 59)")
    assert not [one for one in made(told(pairs)).findings if one.claim.key == "few_made_up"]


def test_both_kinds_of_evidence_together_and_apart() -> None:
    result = made(told({("x", "x"): 2, ("x", "referral"): 3, ("referral", "x"): 4, ("referral", "referral"): 5,
                        ("x", ""): 6, ("", "referral"): 7, ("", ""): 1}))  # fmt: skip
    found_ = rows(result, "evidence", "evidence")
    assert {name: (row["networks"], row["unknown"], row["clients"]) for name, row in found_.items()} == {
        "record": (11, 8, 28), "self-report": (6, 7, 28), "either": (15, 8, 28), "both": (2, 7, 28),
    }  # fmt: skip


def test_names_of_channels_change_no_resample() -> None:
    pairs = Counter({("a", "b"): 3, ("b", "b"): 7, ("a", "a"): 9, ("c", "a"): 2, ("c", "c"): 1, ("b", "c"): 1})
    once = answers.kappa(pairs)
    for names in ("zyx", "bca", "xaz"):
        new = dict(zip("abc", names, strict=True))
        assert answers.kappa({(new[a], new[b]): number for (a, b), number in pairs.items()}) == once


# A6

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEES = (EffortRow("x", date(2025, 1, 10), 0.0, 300_000, "EUR"),)


def bought(number: int, lost: int, cents: int, margin: int | None = None) -> tuple[LeadRow, ...]:
    """Leads by X of January 2025, `number` of them won in March for `cents` each, of which `margin` is left."""
    won = datetime(2025, 3, 15, tzinfo=UTC)
    return tuple(
        LeadRow(f"B{i}", datetime(2025, 1, 10, tzinfo=UTC), "x", won_at=won if i < number else None,
                amount_minor=cents if i < number else None, currency="EUR" if i < number else None,
                margin_minor=margin if i < number else None)
        for i in range(number + lost)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows_", "effort", "verdict"),
    [
        (bought(20, 20, 50_000), FEES, S),  # 10,000 for 3,000
        (bought(20, 20, 5_000), FEES, R),  # 1,000 for 3,000
        (bought(20, 20, 15_000), FEES, I),  # 3,000 for 3,000
        (bought(14, 20, 50_000), FEES, N),
        (bought(20, 20, 50_000), (), N),  # nothing is known to have been spent
        (bought(20, 20, 50_000), (*FEES, EffortRow("x", date(2025, 2, 1), None)), I),  # hours that nobody knows
        (bought(20, 20, 5_000), (*FEES, EffortRow("x", date(2025, 2, 1), None)), R),  # more cost cannot mend it
        ((*bought(20, 20, 5_000), LeadRow("n", START, "x", won_at=START)), FEES, I),  # an amount nobody told
        ((*bought(20, 20, 5_000), *leads(None, 60, 60, amount_minor=90_000, currency="EUR")), FEES, I),
    ],
)
def test_payback_of_what_networks_cost(
    rows_: tuple[LeadRow, ...], effort: tuple[EffortRow, ...], verdict: Verdict
) -> None:
    assert found(made(rows_, effort=effort), "networks_pay_back").verdict is verdict


def test_the_month_of_payback() -> None:
    result = made(bought(20, 0, 50_000), effort=FEES)
    one = found(result, "networks_pay_back")
    assert one.estimate is not None
    assert (one.estimate.value, one.estimate.low, one.estimate.high) == (3, 3, 3)
    row = rows(result, "payback", "leads_of")["networks"]
    assert (row["cohort"], row["cost"], row["income"], row["payback"]) == ("2025-Q1", 3000, 10_000, 3)
    curve = [(row["month"], row["balance"]) for row in result.table("payback_curve").records()]
    assert curve == [(1, Decimal(-3000)), (3, Decimal(7000)), (12, Decimal(7000))]
    never = made(bought(20, 20, 5_000), effort=FEES)
    assert never.table("payback").missing[0, "payback"] == "not yet, 12 months on"
    assert "not yet paid back 12 months on" in found(never, "networks_pay_back").sentence


def test_a_margin_is_what_comes_back_and_hours_cost_their_rate() -> None:
    effort = (EffortRow("x", date(2025, 1, 10), 50.0, 300_000, "EUR"),)
    result = made(bought(20, 20, 50_000, margin=5_000), effort=effort, rate_minor=6_000)
    row = rows(result, "payback", "leads_of")["networks"]
    assert (row["cost"], row["income"], row["left_out"]) == (6000, 1000, "")
    assert found(result, "networks_pay_back").verdict is R
    bare = made(bought(20, 20, 50_000), effort=effort)
    assert rows(bare, "payback", "leads_of")["networks"]["left_out"] == "50 hours, without an hourly rate"
    assert found(bare, "networks_pay_back").verdict is I


def test_a_young_cohort_is_not_judged() -> None:
    ledger = Ledger(BRAND, YEAR, leads=bought(20, 20, 50_000), effort=FEES)
    young = audit(ledger, made_at=datetime(2025, 12, 31, tzinfo=UTC))
    one = found(young, "networks_pay_back")
    assert (one.verdict, one.n) == (N, 0)


def test_a_course_is_one_of_resampled_leads() -> None:
    """Two leads, one won: its weight is uniform on 0 to 1, so 1,000 is reached in the draws where twice that is."""
    course = payback.course(2, [(2, 200_000)], 100_000, 3)
    assert course.months == (1, 2, 3)
    assert course.middle == (-100_000, 100_000, 100_000)
    assert course.low[0] == course.high[0] == -100_000
    assert course.low[1] == pytest.approx(-100_000 + 0.025 * 400_000, abs=8_000)
    assert course.high[2] == pytest.approx(-100_000 + 0.975 * 400_000, abs=8_000)
    assert course.payback == (2, 2, None)
    assert payback.course(5, [], 100, 6).payback == (None, None, None)
    assert payback.course(5, [(9, 500)], 0, 6).payback == (1, 1, 1)  # nothing was spent


def test_lags_watch_lost_leads_on_and_leave_out_those_of_after_the_audit() -> None:
    rows_ = (
        LeadRow("a", START, "x", won_at=START + 10 * DAY), LeadRow("b", START, "x", lost_at=START + 2 * DAY),
        LeadRow("c", START, "x"), LeadRow("d", START, "referral", won_at=START + 400 * DAY),
        LeadRow("e", START, None, won_at=START - DAY),
    )  # fmt: skip
    result = made(rows_)
    lags = rows(result, "lags", "leads_of")
    assert list(lags) == ["networks", "rest", "unknown", "(all)"]
    assert (lags["networks"]["won"], lags["networks"]["lost"], lags["networks"]["open"]) == (1, 1, 1)
    assert lags["networks"]["won_30"] == pytest.approx(1 / 3)
    curve = [row for row in result.table("lag_curve").records() if row["leads_of"] == "(all)"]
    assert [(row["day"], row["at_risk"]) for row in curve] == [(0, 5), (10, 4), (400, 1)]
    watched: list[dict[str, Any]] = [
        row for row in result.table("lag_watched").records() if row["leads_of"] == "networks"
    ]
    seen = (MADE_AT - START).days
    assert [(row["day"], row["at_risk"]) for row in watched[:4]] == [(0, 3), (5, 3), (10, 3), (15, 2)]
    assert [row["won"] for row in watched[:4]] == pytest.approx([0, 0, 1 / 3, 1 / 3])
    assert watched[-1]["day"] <= seen < watched[-1]["day"] + watched[1]["day"]
    assert [row["last_seen"] for row in watched] == [0] * (len(watched) - 1) + [2]
    assert watched[-1]["at_risk"] == 2


def test_leads_are_watched_in_few_rows_however_long() -> None:
    for days in (1, 99, 101, 4000):
        result = audit(Ledger(BRAND, YEAR, leads=(LeadRow("a", START, "x"),)), made_at=START + days * DAY)
        rows_ = result.table("lag_watched").records()
        assert 2 <= len(rows_) / 2 <= 101
        assert rows_[-1]["last_seen"] == 1


# A7


def effort(networks: float | None, prospecting: float | None) -> tuple[EffortRow, ...]:
    return (EffortRow("x", date(2025, 2, 1), networks), EffortRow("prospecting", date(2025, 2, 1), prospecting))


@pytest.mark.parametrize(
    ("ours", "other", "hours", "verdict"),
    [
        (0, 6, (200.0, 100.0), S),
        (12, 1, (50.0, 100.0), R),
        (3, 3, (100.0, 100.0), I),
        (0, 2, (400.0, 40.0), N),  # a client short
        (0, 6, (39.0, 100.0), N),
        (0, 6, (None, 100.0), N),
        (0, 0, (400.0, 400.0), N),
    ],
)
def test_an_hour_prospecting_beside_one_on_networks(
    ours: int, other: int, hours: tuple[float | None, float | None], verdict: Verdict
) -> None:
    result = made(leads("x", ours, ours), leads("prospecting", other, other), effort=effort(*hours))
    assert found(result, "prospecting_beats_networks").verdict is verdict


def test_returning_and_unknown_clients_are_no_new_ones_of_either() -> None:
    known = leads("x", 0, 0), leads("prospecting", 6, 6)
    back = leads("prospecting", 9, 9, returning=True)
    back = tuple(replace(one, lead=f"r{one.lead}") for one in back)
    one = found(made(*known, back, effort=effort(200.0, 100.0)), "prospecting_beats_networks")
    assert (one.verdict, one.n) == (S, 6)
    unsure = found(made(*known, leads(None, 5, 5), effort=effort(200.0, 100.0)), "prospecting_beats_networks")
    assert unsure.verdict is I
    assert unsure.caveats[-1] == (
        "5 new clients came by nobody knows what: without them the verdict would be supported."
    )


def test_money_per_hour_against_the_rate() -> None:
    paid = leads("x", 20, 20, amount_minor=100_000, currency="EUR")
    for rate, verdict in ((6_000, R), (15_000, I), (60_000, S)):
        result = made(paid, effort=effort(150.0, 0.0), rate_minor=rate)
        one = found(result, "networks_under_rate")
        assert (one.verdict, one.claim.unit, one.claim.margin) == (verdict, "EUR per hour", rate / 100)
        assert one.estimate is not None
        assert one.estimate.value == pytest.approx(20_000 / 150)
    assert not [one for one in made(paid, effort=effort(150.0, 0.0)).findings if one.claim.key == "networks_under_rate"]
    few = found(made(paid, effort=effort(39.0, 0.0), rate_minor=1), "networks_under_rate")
    assert few.missing is not None
    assert few.missing.startswith("1 more hour on networks (39 of 40)")


def test_money_per_hour_of_equal_deals_has_the_exact_limits_of_their_number() -> None:
    """Garwood's of 4 are 1.0899 and 10.2416."""
    one = found(
        made(leads("x", 4, 4, amount_minor=50_000, currency="EUR"), effort=effort(100.0, 0.0), rate_minor=1_000),
        "networks_under_rate",
    )
    assert one.estimate is not None
    assert one.estimate.low == pytest.approx(5 * 1.0899, rel=1e-4)
    assert one.estimate.high == pytest.approx(5 * 10.2416, rel=1e-4)


def worth(*amounts: int, others: Sequence[int] = ()) -> tuple[float, float]:
    """Limits of money per hour on networks, in EUR, of amounts in EUR beside those of other channels; 100 hours."""

    def paid(channel: str, each: Sequence[int]) -> tuple[LeadRow, ...]:
        rows = leads(channel, len(each), len(each), currency="EUR")
        return tuple(replace(one, amount_minor=100 * eur) for one, eur in zip(rows, each, strict=True))

    result = made(paid("x", amounts), paid("referral", others), effort=effort(100.0, 0.0), rate_minor=1_000)
    one = found(result, "networks_under_rate").estimate
    assert one is not None
    return one.low, one.high


def test_how_far_few_deals_lie_apart_is_learnt_from_those_of_other_channels() -> None:
    alike, apart = [500] * 12, [100] * 9 + [1500] * 3
    low, high = worth(400, 600, others=alike)
    same, wider = worth(400, 600, others=apart)
    assert same == low < high
    assert wider > 1.5 * high
    assert worth(400, 600, others=[10 * one for one in alike])[1] < 2.5 * high  # how large they are is another matter


def test_one_large_deal_elsewhere_or_here_puts_no_limit_out_of_reach() -> None:
    low, high = worth(*[100] * 4, others=[*[100] * 29, 50_000])
    assert low == pytest.approx(1.0899, rel=1e-4)  # Garwood's of 4, each of 100 in 100 hours
    assert 10.25 < high < 10.25 * 50_000 / 100
    low, high = worth(50_000, others=[100] * 33)
    assert low < 500 < high <= 5.5717 * 500  # Garwood's of 1: a mean is no larger than the largest deal


def test_limits_of_many_deals_are_drawn_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = worth(300, 400, 900, others=[200, 800])
    monkeypatch.setattr(deals, "AT_ONCE", 2_000)
    assert worth(300, 400, 900, others=[200, 800]) == pytest.approx(at_once, rel=0.15)


def test_a_deal_that_was_refunded_whole_brings_nothing_and_tells_no_spread() -> None:
    assert worth(500, 500, 0, others=[500, 0]) == worth(500, 500, others=[500])
    assert worth(0, others=[500])[1] == pytest.approx(250 * 3.688879 / 100)  # as none, at the mean of both
    assert worth(0) == (0.0, 0.0)


def test_no_deal_in_many_hours_is_still_less_than_an_hour_is_worth() -> None:
    others = leads("referral", 5, 5, amount_minor=100_000, currency="EUR")
    one = found(made(others, effort=effort(1000.0, 0.0), rate_minor=6_000), "networks_under_rate")
    assert one.verdict is S
    assert one.estimate is not None
    assert one.estimate.high == pytest.approx(1000 * 3.688879 / 1000)  # Garwood's upper limit of none


def test_hours_with_their_posterior() -> None:
    row = rows(made(leads("x", 4, 4, amount_minor=50_000, currency="EUR"), effort=effort(100.0, 0.0)), "hours",
               "channel")["x"]  # fmt: skip
    assert row["clients_per_hour"] == pytest.approx(0.045)
    assert row["clients_per_hour_lo"] < 0.045 < row["clients_per_hour_hi"]
    assert row["revenue_per_hour_lo"] < row["revenue_per_hour"] == 20 < row["revenue_per_hour_hi"]


# A0


def test_checks_state_their_limit_and_what_they_withhold() -> None:
    odd = bought(20, 20, 50_000)
    odd = (*odd, *(LeadRow(f"o{i}", START + DAY, "x", won_at=START) for i in range(3)))
    result = made(odd, effort=FEES)
    check = rows(result, "quality", "check")["deals dated before first contact"]
    assert (check["count"], check["limit"], check["fails"], check["withholds"]) == (3, 0.05, True, "A6")
    one = found(result, "networks_pay_back")
    assert one.verdict is N
    assert one.missing == "3 of 23 deals are dated before first contact, over 5 %; correct their dates"
    assert rows(made(odd[:41], effort=FEES), "quality", "check")["deals dated before first contact"]["fails"] is False


@pytest.mark.parametrize("ledger", [small, lambda: Ledger(BRAND, YEAR), lambda: clients(3, 70, 2)])
def test_every_finding_says_what_it_counts_and_assumes(ledger: Callable[[], Ledger]) -> None:
    for one in audit(ledger(), made_at=MADE_AT).findings:
        assert one.counted
        assert one.planned > 0
        assert one.assumptions
        assert one.sentence.startswith(f"{one.verdict.value.capitalize()}: “{one.claim.text}”, margin ")
        assert (one.missing or "") in one.sentence


# A1


def test_the_rule_of_three_stands_beside_the_exact_limit_where_none_came() -> None:
    shares = {
        (row["basis"], row["who"]): row for row in audit(clients(0, 60), made_at=MADE_AT).table("shares").records()
    }
    none = shares["last touch", "all clients"]
    assert none["rule_of_three"] == 0.05
    assert none["upper_95"] == pytest.approx(1 - 0.05 ** (1 / 60))
    some = audit(clients(1, 60), made_at=MADE_AT).table("shares")
    assert some.missing[0, "rule_of_three"] == "some came by a network"
