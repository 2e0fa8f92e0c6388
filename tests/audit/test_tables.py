from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crosspost.audit.counting.origins import by_network, can_be_placed, channel_of, is_new
from crosspost.audit.ledger import ClickRow, EffortRow, FollowersRow, LeadRow, Ledger, PostRow, VisitRow
from crosspost.audit.observation.visibility import attention, concentration
from crosspost.audit.results import Absent, Audit, Basis, Column, Table, Verdict, table
from crosspost.audit.run import audit
from tests.audit.ledgers import BRAND, MADE_AT, START, YEAR, small

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def result() -> Audit:
    return audit(small(), made_at=MADE_AT)


def row(result: Audit, name: str, **wanted: str) -> dict[str, Any]:
    found = [r for r in result.table(name).records() if all(r[key] == value for key, value in wanted.items())]
    assert len(found) == 1, (name, wanted, found)
    return found[0]


def why(result: Audit, name: str, column: str, **wanted: str) -> str:
    found = result.table(name)
    index = next(i for i, r in enumerate(found.records()) if all(r[key] == value for key, value in wanted.items()))
    return found.missing[index, column]


def test_funnel_keeps_numerator_denominator_and_period(result: Audit) -> None:
    click = row(result, "funnel", network="x", stage="click")
    assert (click["value"], click["of"], click["of_value"], click["rate"]) == (40, "reach", 400, 0.1)
    assert (click["period_start"], click["period_end"]) == (YEAR.start, YEAR.end)
    client = row(result, "funnel", network="x", stage="client")
    assert (client["value"], client["of_value"], client["cohort"]) == (1, 1, True)
    money = row(result, "funnel", network="x", stage="revenue")
    assert (money["value"], money["unit"]) == (Decimal("1200.50"), "EUR")


def test_funnel_says_what_is_missing_and_never_calls_it_zero(result: Audit) -> None:
    assert row(result, "funnel", network="mastodon", stage="reach")["value"] is None
    # three of its four posts were never asked for reach: the reason of most is told
    assert why(result, "funnel", "value", network="mastodon", stage="reach") == "reach was never read"
    reason = why(result, "funnel", "value", network="mastodon", stage="visit")
    assert reason == "the export stops before the period"
    facebook = why(result, "funnel", "value", network="facebook", stage="visit")
    assert facebook == "no analytics of the site was imported"
    together = why(result, "funnel", "value", network="(all)", stage="reach")
    assert together == "not known on mastodon"


def test_a_count_of_zero_is_a_zero(result: Audit) -> None:
    lead = row(result, "funnel", network="facebook", stage="lead")
    assert (lead["value"], lead["of"], lead["rate"]) == (0, "click", 0.0)
    none = why(result, "funnel", "rate", network="facebook", stage="client")
    assert none == "no leads to be a part of"


def test_a_missing_stage_is_bridged_to_the_one_before(result: Audit) -> None:
    lead = row(result, "funnel", network="mastodon", stage="lead")
    assert (lead["of"], lead["of_value"], lead["cohort"]) == ("click", 20, False)


def test_impressions_are_no_stage_of_the_chain() -> None:
    views = PostRow("x", START, None, {"impressions": 500.0, "reach": None}, {"reach": "not permitted"})
    found = audit(Ledger(BRAND, YEAR, posts=(views,), clicks=(ClickRow("x", 5),)), made_at=MADE_AT)
    assert row(found, "funnel", network="x", stage="impressions")["value"] == 500
    assert row(found, "funnel", network="x", stage="click")["of"] is None


def test_possible_persons_widen_clicks(result: Audit) -> None:
    click = row(result, "funnel", network="mastodon", stage="click")
    assert (click["value"], click["upper"]) == (20, 25)
    machines = row(result, "quality", check="hits by previews and crawlers")
    assert (machines["count"], machines["of"]) == (43, 119)


def test_a_later_count_above_an_earlier_one_is_said_to_be_no_cohort(result: Audit) -> None:
    click = row(result, "funnel", network="facebook", stage="click")
    assert click["rate"] is None
    assert "facebook: more clicks (11) than reach (10): not a cohort" in result.warnings


def test_in_the_cohort_no_stage_exceeds_the_one_before(result: Audit) -> None:
    cohort = [r for r in result.table("funnel").records() if r["cohort"] and r["stage"] == "client"]
    assert len(cohort) == 4
    assert all(r["value"] <= r["of_value"] for r in cohort)  # type: ignore[operator]


def test_partial_metrics_are_a_lower_bound(result: Audit) -> None:
    assert row(result, "funnel", network="x", stage="reach")["note"] == "1 of 2 posts have it: a lower bound"


def test_clicks_nobody_measured_are_missing() -> None:
    ledger = replace(small(), clicks=())
    found = audit(ledger, made_at=MADE_AT)
    assert row(found, "funnel", network="x", stage="click")["value"] is None
    assert row(found, "visibility", network="x")["clicks"] is None
    assert any("clicks are missing, not zero (facebook, mastodon, x)" in text for text in found.warnings)


def test_zero_clicks_measured_are_zero() -> None:
    found = audit(replace(small(), clicks=(ClickRow("x", 0),)), made_at=MADE_AT)
    assert row(found, "funnel", network="x", stage="click")["value"] == 0


def test_visibility_puts_followers_beside_leads(result: Audit) -> None:
    mastodon = row(result, "visibility", network="mastodon")
    assert (mastodon["followers"], mastodon["followers_gained"], mastodon["leads"]) == (130, 30, 1)
    assert mastodon["clients_any_touch"] == 1
    assert mastodon["leads_low"] < 1 < mastodon["leads_high"]
    assert row(result, "visibility", network="facebook")["followers"] is None
    assert why(result, "visibility", "followers", network="facebook") == "the token may not read it"
    assert why(result, "visibility", "followers_gained", network="x") == "one reading only"


def test_months_have_no_gaps_and_no_invented_followers(result: Audit) -> None:
    found = result.table("months").records()
    assert [r["month"] for r in found] == ["2025-01", "2025-02", "2025-03"]
    assert [r["followers"] for r in found] == [1000, None, None]
    assert (found[0]["leads"], found[0]["network_leads"]) == (7, 2)


@pytest.mark.parametrize("last", [date(2025, 1, 31), None])
def test_nothing_of_a_closed_network_is_missing_after_its_end(last: date | None) -> None:
    """Followers that were read while it lived are no gap of the months after."""
    old = (FollowersRow("periscope", START, 50.0), FollowersRow("mastodon", START, 100.0))
    later = (FollowersRow("mastodon", START + 40 * DAY, 120.0), FollowersRow("mastodon", START + 70 * DAY, 130.0))
    posts = (PostRow("periscope", None), PostRow("periscope", START + 40 * DAY))
    before = replace(small(), followers=old + later, posts=posts, clicks=())
    gone = replace(before, closed={"periscope": last})
    levels = [[r["followers"] for r in audit(one, made_at=MADE_AT).table("months").records()] for one in (before, gone)]
    assert levels == [[150, None, None], [150, 120, 130]]
    unmeasured = [
        any("clicks are missing" in text for text in audit(one, made_at=MADE_AT).warnings) for one in (before, gone)
    ]
    assert unmeasured == [True, last is None], "where its end is not known, a dated post is of its life"


def test_blank_and_unknown_channels_keep_their_own_rows(result: Audit) -> None:
    names = [r["channel"] for r in result.table("conversion").records()]
    assert names[0] == "(blank)"
    assert names[-1] == "(all)"
    assert "unknown" in names
    assert "twitter" not in names


def test_deals_without_a_lead_are_in_no_rate(result: Audit) -> None:
    assert row(result, "conversion", channel="(all)")["deals"] == 4
    assert result.findings[0].n == 5
    assert row(result, "quality", check="clients without a recorded lead")["count"] == 1
    assert row(result, "quality", check="further deals of a client")["count"] == 1


def test_negative_lags_are_counted_and_kept(result: Audit) -> None:
    search = row(result, "conversion", channel="search")
    assert (search["deals_negative_days"], search["days_median"]) == (1, -1.0)


def test_money_of_two_currencies_is_not_added(result: Audit) -> None:
    assert row(result, "revenue", channel="(all)", currency="EUR")["revenue"] == Decimal("2700.50")
    assert row(result, "revenue", channel="(all)", currency="USD")["revenue"] == Decimal("50.00")
    assert row(result, "revenue", channel="unknown")["revenue"] is None
    assert why(result, "revenue", "revenue", channel="unknown") == "no amount was told"


def test_hours_without_clients_have_a_limit_and_no_ratio(result: Audit) -> None:
    mastodon = row(result, "hours", channel="mastodon")
    assert mastodon["hours_per_client"] is None
    assert mastodon["least_hours_per_client"] == pytest.approx(10 / 2.99573, abs=1e-4)
    networks = row(result, "hours", channel="(networks)")
    assert (networks["hours"], networks["clients"], networks["revenue"]) == (22.5, 1, Decimal("1200.50"))


def test_hours_without_a_told_amount_have_no_revenue() -> None:
    ledger = Ledger(
        BRAND,
        YEAR,
        leads=(LeadRow("a", START, "x", won_at=START),),
        effort=(EffortRow("x", date(2025, 2, 1), 3.0), EffortRow("email", date(2025, 2, 1), 0.0)),
    )
    found = audit(ledger, made_at=MADE_AT)
    assert row(found, "hours", channel="x")["revenue"] is None
    assert why(found, "hours", "revenue_per_hour", channel="x") == "no amount was told"
    assert why(found, "hours", "revenue_per_hour", channel="email") == "no hours"


def test_only_the_period_counts() -> None:
    before, last, end = YEAR.start - DAY, YEAR.end - DAY, YEAR.end
    ledger = Ledger(
        BRAND,
        YEAR,
        leads=tuple(LeadRow(str(at), at, "x", won_at=at + 300 * DAY) for at in (before, START, last, end)),
        posts=tuple(PostRow("x", at, None, {"reach": 1.0}) for at in (before, START, end)),
        followers=tuple(FollowersRow("x", at, value) for at, value in ((before, 5.0), (START, 7.0), (end, 9.0))),
        effort=tuple(EffortRow("x", at.date(), 2.0) for at in (before, START, end)),
    )
    found = audit(ledger, made_at=MADE_AT)
    assert found.findings[0].n == 2
    assert row(found, "visibility", network="x")["posts"] == 1
    assert row(found, "visibility", network="x")["followers"] == 7
    assert row(found, "hours", channel="x")["hours"] == 2
    assert row(found, "quality", check="leads outside the period")["count"] == 2


def test_the_same_lead_twice_is_one_lead() -> None:
    ledger = small()
    found = audit(replace(ledger, leads=(*ledger.leads, ledger.leads[0])), made_at=MADE_AT)
    assert row(found, "quality", check="repeated leads")["count"] == 1
    once = audit(ledger, made_at=MADE_AT)
    assert found.findings == once.findings
    assert found.table("conversion") == once.table("conversion")


def lead(*touches: str, channel: str | None = None, code: str | None = None, told: str | None = None) -> LeadRow:
    return LeadRow("l", START, channel, told, touches, network_of_code=code)


def test_a_channel_nobody_listed_is_unknown_and_named() -> None:
    names = ["Réseaux sociaux", "LinkedIn Ads", "Instagram / Facebook", "page Facebook", "Le Podcast"]
    leads = tuple(
        LeadRow(f"{name}-{i}", START, name, won_at=START) for name in [*names, "Bouche à oreille"] for i in range(20)
    )
    found = audit(Ledger(BRAND, YEAR, leads=leads), made_at=MADE_AT)
    assert {one.verdict for one in found.findings[:2]} == {Verdict.REFUTED}
    ours = {one["channel"]: (one["kind"], one["clients"]) for one in found.table("channels").records()}
    assert ours == {
        "social": ("network", 40), "linkedin": ("network", 20), "facebook": ("network", 20),
        "le_podcast": ("unknown", 20), "referral": ("referral", 20),
    }  # fmt: skip
    bounds = found.findings[0].bounds
    assert bounds is not None
    assert (bounds.low, bounds.high, bounds.unknown) == (80 / 120, 100 / 120, 20)
    [warning] = [one for one in found.warnings if "no listed kind" in one]
    assert "“le podcast” 20" in warning
    assert "config/channels.toml" in warning


def test_unlisted_channels_alone_support_nothing() -> None:
    leads = tuple(LeadRow(f"L{i}", START, "Le Podcast", touches=("Le Podcast",), won_at=START) for i in range(80))
    found = audit(Ledger(BRAND, YEAR, leads=leads), made_at=MADE_AT)
    assert {one.verdict for one in found.findings} == {Verdict.NOT_ENOUGH_DATA}


def test_evidence_per_basis() -> None:
    journey = lead("LinkedIn", "search", channel="referral", code="x", told="Word of mouth")
    assert channel_of(journey, Basis.LAST) == "search"
    assert channel_of(journey, Basis.FIRST) == "linkedin"
    assert channel_of(journey, Basis.RECORDED) == "referral"
    assert channel_of(journey, Basis.TOLD) == "word_of_mouth"
    with pytest.raises(ValueError, match="a set of channels"):
        channel_of(journey, Basis.ANY)
    assert channel_of(lead(channel="referral"), Basis.FIRST) == "(blank)"
    assert channel_of(lead(code="bluesky"), Basis.LAST) == "bluesky"
    assert channel_of(lead(channel="unknown", code="bluesky"), Basis.RECORDED) == "bluesky"
    assert channel_of(lead(channel="email", code="bluesky"), Basis.LAST) == "email"
    assert channel_of(lead(channel="  "), Basis.LAST) == "(blank)"


@pytest.mark.parametrize(
    ("row_", "answer"),
    [
        (lead("search", "referral"), False),
        (lead("x", "referral"), True),
        (lead("search", "unknown"), None),
        (lead("unknown", "mastodon"), True),
        (lead(channel="referral"), None),  # no journey: a network may have come before
        (lead(channel="mastodon"), True),
        (lead(code="mastodon"), True),
        (lead("referral", code="mastodon"), True),
        (lead(), None),
    ],
)
def test_any_touch(row_: LeadRow, answer: bool | None) -> None:
    assert by_network(row_, Basis.ANY) is answer


def test_a_network_seen_without_a_journey_is_no_fair_sample() -> None:
    assert not can_be_placed(lead(channel="mastodon"), Basis.ANY)
    assert can_be_placed(lead(channel="mastodon"), Basis.LAST)
    assert can_be_placed(lead("mastodon"), Basis.ANY)


def test_new_clients() -> None:
    assert is_new(lead("x"))
    assert not is_new(replace(lead("x"), returning=True))
    assert not is_new(lead(channel="returning"))


def test_concentration_and_attention() -> None:
    even = concentration([1, 1, 1, 1])
    assert even[:2] == (0, 0.25)
    assert even[2] == pytest.approx(0)
    zeros, top, gini = concentration([0, 0, 0, 4])
    assert (zeros, top, gini) == (0.75, 1, 0.75)
    assert concentration([0, 0])[0] == 1
    assert isinstance(concentration([0, 0])[2], Absent)
    assert isinstance(concentration([-1, 3])[1], Absent)
    assert isinstance(concentration([])[0], Absent)
    assert attention([1, 5, 0], [2, 10, 0]) == (0.5, 0.5)
    assert isinstance(attention([0], [0])[0], Absent)


def test_json_is_safe_and_keeps_reasons(result: Audit) -> None:
    plain = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert plain["sandbox"] == "nothing comes of it"
    assert plain["made_at"] == "2026-01-01T00:00:00Z"
    assert plain["findings"][0]["verdict"] == "not enough data"
    assert plain["findings"][0]["claim"]["margin"] == 0.1
    for found in plain["tables"]:
        nulls = {
            (index, name) for index, cells in enumerate(found["rows"]) for name, cell in cells.items() if cell is None
        }
        assert nulls == {(item["row"], item["column"]) for item in found["missing"]}
        assert all(item["reason"] for item in found["missing"])
    money = next(t for t in plain["tables"] if t["name"] == "revenue")["rows"][0]["revenue"]
    assert isinstance(money, str)


def test_figures_have_ten_significant_digits_at_most(result: Audit) -> None:
    def floats(value: Any) -> list[float]:
        if isinstance(value, dict):
            return [f for item in value.values() for f in floats(item)]
        if isinstance(value, list):
            return [f for item in value for f in floats(item)]
        return [value] if isinstance(value, float) else []

    found = floats(result.as_dict())
    assert len(found) > 200
    assert all(value == float(f"{value:.10g}") for value in found)


def test_a_table_refuses_a_gap_without_reason() -> None:
    columns = (Column("a", "", ""), Column("b", "", ""))
    with pytest.raises(ValueError, match="no value needs a reason"):
        Table("t", "T", columns, ((1, None),), {})
    with pytest.raises(ValueError, match="no value needs a reason"):
        Table("t", "T", columns, ((1, 2),), {(0, "b"): "why"})
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Table("t", "T", columns, ((1,),), {})
    fine = table("t", "T", (("a", "", ""), ("b", "", "")), [(1, Absent("not read"))])
    assert fine.missing == {(0, "b"): "not read"}
    assert fine.records() == [{"a": 1, "b": None}]


def test_no_infinite_figure_is_printed() -> None:
    found = replace(audit(small(), made_at=MADE_AT), tables=(table("t", "T", (("a", "", ""),), [(float("inf"),)]),))
    with pytest.raises(ValueError, match="no figure to print"):
        found.as_dict()


def test_rows_refuse_what_they_cannot_mean() -> None:
    with pytest.raises(ValueError, match="neither contacted nor won"):
        LeadRow("a", None)
    with pytest.raises(ValueError, match="needs its currency"):
        LeadRow("a", START, amount_minor=5)
    with pytest.raises(ValueError, match="naive"):
        LeadRow("a", START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="cannot be negative"):
        ClickRow("x", -1)
    with pytest.raises(ValueError, match="needs its reason"):
        VisitRow("x", None)
    with pytest.raises(ValueError, match="needs its reason"):
        FollowersRow("x", START, None)


def test_unknown_table_is_a_key_error(result: Audit) -> None:
    with pytest.raises(KeyError):
        result.table("nothing")


def test_an_empty_ledger_is_audited() -> None:
    found = audit(Ledger(BRAND, YEAR), made_at=MADE_AT)
    json.dumps(found.as_dict(), allow_nan=False)
    assert not found.table("funnel").rows
    assert not found.warnings
