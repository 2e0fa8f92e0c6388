"""The stated figures of real and made data sets, computed outside this project."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from crosspost.audit.counting.origins import channel_of
from crosspost.audit.ledger import PostRow
from crosspost.audit.observation.visibility import attention, concentration, spearman_table
from crosspost.audit.results import Absent, Audit, Basis, ShareClaim, Table, Verdict
from crosspost.audit.run import audit
from crosspost.domain.business import ChannelKind, channel_kind
from tests.audit.ledgers import DATA, MADE_AT, facebook, freelancer, olist, read

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def of_olist() -> Audit:
    return audit(olist(), made_at=MADE_AT)


@pytest.fixture(scope="module")
def of_freelancer() -> Audit:
    return audit(freelancer(), made_at=MADE_AT)


def expected(folder: str, name: str) -> Any:
    return json.loads((DATA / folder / name).read_text(encoding="utf-8"))


def test_olist_conversion_by_origin(of_olist: Audit) -> None:
    wanted = read("olist-marketing-funnel", "expected_conversion_by_origin.csv")
    found = of_olist.table("conversion").records()
    assert [row["channel"] for row in found] == [row["origin"] for row in wanted]
    for row, want in zip(found, wanted, strict=True):
        names = [name for name in want if name != "origin"]
        assert set(names) == set(row) - {"channel", "upper_95"}
        for name in names:
            # the file holds 10 significant digits: larger figures are rounded above 1e-8
            assert row[name] == pytest.approx(float(want[name]), rel=1e-9, abs=1e-8), (row["channel"], name)


def test_olist_networks_against_the_rest(of_olist: Audit) -> None:
    want = expected("olist-marketing-funnel", "expected_social_vs_rest.json")
    row = of_olist.table("network_against_rest").records()[0]
    (a, b), (c, d) = want["table_social_vs_rest"]
    assert (row["network_deals"], row["network_leads"], row["rest_deals"], row["rest_leads"]) == (a, a + b, c, c + d)
    assert row["fisher_p"] == pytest.approx(want["fisher_two_sided_p"], rel=1e-8)
    assert row["odds_ratio"] == pytest.approx(want["odds_ratio"], abs=1e-8)
    assert row["risk_ratio"] == pytest.approx(want["risk_ratio"], abs=1e-8)
    assert [row["risk_ratio_lo"], row["risk_ratio_hi"]] == pytest.approx(want["risk_ratio_ci95"], abs=1e-8)


def test_olist_verdicts(of_olist: Audit) -> None:
    by = {finding.claim.key: finding for finding in of_olist.findings}
    assert by["clients_under_5"].verdict is Verdict.REFUTED
    assert by["clients_under_10"].verdict is Verdict.INCONCLUSIVE
    found = by["clients_under_10"]
    assert found.n == 842
    assert found.bounds is not None
    assert found.bounds.unknown == 193
    assert 100 * found.bounds.low == pytest.approx(8.9, abs=0.05)
    assert 100 * found.bounds.high == pytest.approx(31.8, abs=0.05)
    assert 100 * found.bounds.low_95 == pytest.approx(7.3, abs=0.05)
    assert 100 * found.bounds.high_95 == pytest.approx(34.6, abs=0.05)
    assert any(w.startswith("deals dated before first contact: 1 of 842") for w in of_olist.warnings)


def share(of: Audit, basis: Basis, who: str) -> dict[str, Any]:
    return next(row for row in of.table("shares").records() if row["basis"] == basis.value and row["who"] == who)


@pytest.mark.parametrize(
    ("key", "basis", "who"),
    [
        ("clients_last_touch_social", Basis.LAST, "all clients"),
        ("clients_first_touch_social", Basis.FIRST, "all clients"),
        ("clients_any_touch_social", Basis.ANY, "all clients"),
        ("tracked_social_among_tracked", Basis.RECORDED, "clients that can be placed"),
    ],
)
def test_freelancer_shares(of_freelancer: Audit, key: str, basis: Basis, who: str) -> None:
    want = expected("freelancer-ledger-synthetic", "expected.json")[key]
    row = share(of_freelancer, basis, who)
    assert (row["networks"], row["clients"]) == (want["successes"], want["n"])
    assert row["share"] == pytest.approx(want["rate"], abs=1e-8)
    assert [row["low"], row["high"]] == pytest.approx(want["clopper95"], abs=1e-8)
    assert [row["jeffreys_lo"], row["jeffreys_hi"]] == pytest.approx(want["jeffreys95"], abs=1e-8)
    assert row["upper_95"] == pytest.approx(want["one_sided95_upper"], abs=1e-8)
    assert row["probability_under_10"] == pytest.approx(want["p_below_10pct_uniform_prior"], abs=1e-8)


def test_freelancer_bounds_of_the_untracked(of_freelancer: Audit) -> None:
    want = expected("freelancer-ledger-synthetic", "expected.json")
    row = share(of_freelancer, Basis.RECORDED, "all clients")
    assert row["unknown"] == want["untracked_clients"]
    low, high = want["tracked_social_bounds_all_clients"]
    assert (row["share"], row["share_unknown_in"]) == pytest.approx((low, high), abs=1e-8)


def test_freelancer_verdicts_differ_by_evidence(of_freelancer: Audit) -> None:
    shares = [finding for finding in of_freelancer.findings if isinstance(finding.claim, ShareClaim)]
    assert [finding.verdict for finding in shares] == [
        Verdict.SUPPORTED,
        Verdict.NOT_ENOUGH_DATA,
        Verdict.INCONCLUSIVE,
    ]
    strict = of_freelancer.findings[1].missing
    assert strict is not None
    assert strict.startswith("0 of 29; 30 more clients")


def test_freelancer_findings_beyond_shares(of_freelancer: Audit) -> None:
    by = {finding.claim.key: finding for finding in of_freelancer.findings}
    hour = by["prospecting_beats_networks"]  # 0 in 1,446 h against 4 in 436.8 h
    assert (hour.verdict, hour.n) == (Verdict.SUPPORTED, 4)
    assert hour.estimate is not None
    # 0 of 4 is binomial: its exact upper limit is 1 - 0.025 ** (1 / 4)
    most = 1 - 0.025**0.25
    assert hour.estimate.high == pytest.approx(most / (1 - most) * 436.8 / 1446, rel=1e-9)
    told = by["told_matches_record"]
    assert (told.verdict, told.n) == (Verdict.SUPPORTED, 21)
    assert by["networks_convert_worse"].missing == "5 more deals of leads by networks (0 of 5)"
    assert by["networks_pay_back"].verdict is Verdict.NOT_ENOUGH_DATA


def test_olist_networks_hang_on_the_unknown(of_olist: Audit) -> None:
    found = next(finding for finding in of_olist.findings if finding.claim.key == "networks_convert_worse")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "1,159 leads of unknown channel: without them the verdict would be supported" in found.caveats[-1]
    days = of_olist.table("lags").records()
    networks, rest = (next(row for row in days if row["leads_of"] == name) for name in ("networks", "rest"))
    assert networks["won"] == 75
    assert float(str(networks["won_90"])) < float(str(rest["won_90"]))


def test_freelancer_leads_revenue_and_hours(of_freelancer: Audit) -> None:
    want = expected("freelancer-ledger-synthetic", "expected.json")
    conversion = {row["channel"]: row for row in of_freelancer.table("conversion").records()}
    total = conversion["(all)"]
    assert (total["leads"], total["deals"]) == (want["leads"], want["clients"])
    assert {name: row["deals"] for name, row in conversion.items() if row["deals"] and name != "(all)"} == want[
        "clients_by_last_touch"
    ]
    for name, column in (("p25", "days_p25"), ("median", "days_median"), ("p75", "days_p75")):
        assert total[column] == pytest.approx(want["days_to_win"][name], abs=1e-8)
    revenue = {row["channel"]: float(str(row["revenue"])) for row in of_freelancer.table("revenue").records()}
    assert revenue.pop("(all)") == pytest.approx(want["revenue_total"], abs=1e-8)
    assert revenue == pytest.approx(want["revenue_by_last_touch"], abs=1e-8)
    assert not {name for name in revenue if channel_kind(str(name)) is ChannelKind.NETWORK}
    hours = {row["channel"]: row["hours"] for row in of_freelancer.table("hours").records()}
    networks = hours.pop("(networks)")
    assert hours == pytest.approx(want["hours_by_channel"], abs=1e-8)
    assert networks == pytest.approx(1446)
    last = of_freelancer.table("hours").records()[-1]
    assert 482 < float(str(last["least_hours_per_client"])) < 483


def test_freelancer_lead_conversion_of_networks(of_freelancer: Audit) -> None:
    want = expected("freelancer-ledger-synthetic", "expected.json")["lead_conversion_social_last_touch"]
    row = of_freelancer.table("network_against_rest").records()[0]
    assert (row["network_deals"], row["network_leads"]) == (want["successes"], want["n"])
    funnel = of_freelancer.table("funnel").records()
    client = next(row for row in funnel if row["network"] == "(all)" and row["stage"] == "client")
    assert (client["value"], client["of_value"]) == (want["successes"], want["n"])
    assert (client["rate_low"], client["rate_high"]) == pytest.approx(want["clopper95"], abs=1e-8)


def test_freelancer_self_report_against_record(of_freelancer: Audit) -> None:
    want = expected("freelancer-ledger-synthetic", "expected.json")["self_report_vs_tracked"]
    summary = of_freelancer.table("agreement").records()[0]
    assert summary["clients"] == want["n"]
    assert summary["agreement"] == pytest.approx(want["agreement"], abs=1e-8)
    assert summary["kappa"] == pytest.approx(want["cohen_kappa"], abs=1e-8)
    matrix = of_freelancer.table("recorded_told").records()
    assert {f"{row['recorded']}|{row['told']}": row["clients"] for row in matrix} == want["table"]


def matrix(found: Table) -> dict[tuple[Any, Any], Any]:
    return {(row["left"], row["right"]): row["rho"] for row in found.records()}


def assert_spearman(found: Table, folder: str, name: str, tolerance: float) -> None:
    with (DATA / folder / name).open(encoding="utf-8", newline="") as file:
        head, *lines = list(csv.reader(file))
    rho = matrix(found)
    compared = 0
    for line in lines:
        for other, value in zip(head[1:], line[1:], strict=True):
            if line[0] < other:
                assert rho[line[0], other] == pytest.approx(float(value), abs=tolerance), (line[0], other)
                compared += 1
    assert compared == (len(head) - 1) * (len(head) - 2) // 2


def test_facebook_spearman() -> None:
    result = audit(facebook(), made_at=MADE_AT)
    assert_spearman(result.table("spearman"), "facebook-metrics", "expected_spearman.csv", 1e-9)
    assert {finding.verdict for finding in result.findings} == {Verdict.NOT_ENOUGH_DATA}
    blanks = next(row for row in result.table("quality").records() if row["check"] == "metrics without a value")
    assert blanks["count"] == 6


NETWORKS = ("facebook", "googleplus", "linkedin")


def test_news_spearman_at_48_hours() -> None:
    posts = []
    for row in read("news-social-feedback", "palestine_feedback.csv"):
        values = {f"{name}_48h": row[f"{name}_48h"] for name in NETWORKS}
        if all(value not in ("", "-1") for value in values.values()):
            posts.append(PostRow("news", metrics={name: float(value) for name, value in values.items()}))
    assert len(posts) == 7522
    assert_spearman(spearman_table(posts), "news-social-feedback", "expected_spearman_48h.csv", 1e-8)
    for want in read("news-social-feedback", "expected_concentration_48h.csv"):
        held = [value for post in posts if (value := post.metrics[want[""]]) is not None]
        figures = (want["zero_share"], want["top1pct_share"], want["gini"])
        assert concentration(held) == pytest.approx([float(text) for text in figures], abs=1e-8)
        assert sum(held) == float(want["total"])


def test_news_attention() -> None:
    rows = read("news-social-feedback", "palestine_feedback.csv")
    for want in read("news-social-feedback", "expected_attention_decay.csv"):
        name = want["network"]
        held = [row for row in rows if row[f"{name}_48h"] not in ("", "-1")]
        final = [float(row[f"{name}_48h"]) for row in held]
        assert sum(value > 0 for value in final) == int(want["articles_with_feedback"])
        for hour in ("1h", "6h", "24h"):
            # not seen yet at that hour: none of its attention was there
            early = [max(0.0, float(row[f"{name}_{hour}"] or 0)) for row in held]
            together, median = attention(early, final)
            assert not isinstance(together, Absent)
            assert together == pytest.approx(float(want[f"aggregate_share_{hour}"]), abs=1e-8)
            assert median == pytest.approx(float(want[f"median_share_{hour}"]), abs=1e-8)


def test_last_touch_of_the_freelancer_is_the_path_not_the_tracker() -> None:
    dark = [lead for lead in freelancer().leads if lead.channel is None and lead.touches]
    assert dark
    assert all(channel_of(lead, Basis.LAST) == lead.touches[-1] for lead in dark)
