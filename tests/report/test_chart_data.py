"""Chart records against the audit's tables: chosen and worded, with what is missing beside its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from crosspost.audit.ledger import FollowersRow, LeadRow, Ledger, Lock, PostRow
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report.charts import made as made_charts
from crosspost.report.charts import prepare
from crosspost.report.language.words import words
from crosspost.report.records import BarRow, Bars, Chart, Funnel, Scatter, Strip, Tone
from tests.audit.ledgers import clients, olist
from tests.report import made

SAY = words("en")
Kind = TypeVar("Kind", bound=Chart)
NBSP = "\u00a0"


def chart(of: Audit, name: str, kind: type[Kind]) -> Kind:
    found = {one.name: one for one in prepare(of, SAY)}[name]
    assert isinstance(found, kind)
    return found


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def row(bars: Bars, label: str) -> BarRow:
    return next(one for one in bars.rows if one.label == label)


def test_the_charts_come_in_the_order_people_look() -> None:
    names = [one.name for one in made_charts(made.full(), SAY)]
    assert names == [
        "verdicts", "channels", "visibility", "funnel", "conversion", "credit", "hours", "experiments", "payback",
        "told", "lags", "path_lengths", "audience", "fading", "interruptions", "calendar", "coverage",
    ]  # fmt: skip


def test_the_verdict_strip_shows_bounds_and_margin() -> None:
    strip = chart(made.firm(), "verdicts", Strip)
    ten = strip.rows[0]
    finding = made.firm().findings[0]
    assert finding.bounds is not None
    assert (ten.verdict, ten.word, ten.margin) == ("inconclusive", "Inconclusive", 0.10)
    assert (ten.low, ten.high) == (2 / 78, 6 / 78)
    assert (ten.low_95, ten.high_95) == (finding.bounds.low_95, finding.bounds.high_95)
    assert plain(ten.text) == "2 of 78 clients, 4 unknown; 95 % limits 0.46 % and 14.6 %."
    assert plain(ten.margin_text) == "margin 10 %"


def test_every_finding_is_in_the_strip_with_what_would_change_it() -> None:
    """Those on the share of clients first; a word, a number with its interval and n, and the margin on its scale."""
    strip = chart(made.firm(), "verdicts", Strip)
    findings = made.firm().findings
    assert sorted(one.claim for one in strip.rows) == sorted(one.claim.text for one in findings)
    assert [one.mark is None and one.low is not None for one in strip.rows] == [True] * 3 + [False] * 10
    worse = next(one for one in strip.rows if one.claim.startswith("Leads by networks convert worse"))
    told = next(one for one in findings if one.claim.text == worse.claim)
    assert told.estimate is not None
    assert worse.mark is not None
    assert (worse.mark.value, worse.mark.margin, worse.mark.log) == (told.estimate.value, 0.8, True)
    assert (worse.mark.low, worse.mark.high) == (told.estimate.low, told.estimate.high)
    assert plain(worse.text) == "0.187 (95 % interval 0.0518 to 0.566), n = 19 leads by networks."
    assert worse.change == f"Missing: {told.missing}."
    assert plain(strip.rows[0].change).startswith("What would change it: 38 more clients in a row, none by a network")
    for row in strip.rows:
        assert row.word in ("Supported", "Refuted", "Inconclusive", "Not enough data")
        assert (row.mark is not None) or row.low is not None or row.text.startswith("No figure")
        assert row.change.startswith("Missing: " if row.word == "Not enough data" else "What would change it: ")


def test_a_margin_in_another_unit_is_shown_in_that_of_the_figure() -> None:
    """That prospecting beats networks twice over is a ratio of a half where networks stand over prospecting."""
    mark = next(one.mark for one in chart(made.firm(), "verdicts", Strip).rows if one.claim.startswith("An hour"))
    assert mark is not None
    assert mark.margin == 1.0
    lock = made_lock("prospecting_beats_networks", 2.0, "ratio")
    locked = audit(replace(made.ledger(), locks=(lock,)), made_at=made.MADE_AT)
    mark = next(one.mark for one in chart(locked, "verdicts", Strip).rows if one.claim == "twice")
    assert mark is not None
    assert mark.margin == 0.5


def made_lock(answers: str, margin: float, unit: str) -> Lock:
    return Lock("L", "twice", "", margin, unit, "A7", made.START, made.START, answers, "f00d", made.START)


def test_clients_by_channel_have_intervals_and_the_unknown_as_a_bound() -> None:
    bars = chart(made.firm(), "channels", Bars)
    assert [one.label for one in bars.rows][:3] == ["Networks together", "Referral", "Prospecting"]
    assert bars.rows[-1].label == "Not recorded"
    together = bars.rows[0]
    assert (together.value, together.upper) == (2 / 78, 6 / 78)
    assert together.low == pytest.approx(0.0031, abs=5e-5)
    assert plain(together.text) == "2 · 2.6 % (0.31–9.0 %)"
    assert row(bars, "Mastodon").any_touch == 2 / 78
    assert row(bars, "Mastodon").value == 1 / 78
    unknown = bars.rows[-1]
    assert (unknown.tone, unknown.low, unknown.upper) == (Tone.UNKNOWN, None, None)
    assert bars.title == "2 of 78 clients came last by a network; of 4 nobody knows"


def test_a_network_without_a_client_is_zero_with_its_bound() -> None:
    ledger = made.ledger()
    touched = tuple(replace(one, touches=("bluesky", *one.touches)) if one.touches else one for one in ledger.leads)
    bars = chart(audit(replace(ledger, leads=touched), made_at=made.MADE_AT), "channels", Bars)
    assert plain(row(bars, "Bluesky").text) == "0 (under 3.8 %)"


def test_no_client_of_29_is_under_the_limit_that_the_verdict_stands_on() -> None:
    """1 - 0.05 ** (1 / 29): the share of which the claim on 10 % needs 29 clients; 3 is the rule of three."""
    found = audit(clients(0, 29), made_at=made.MADE_AT)
    together = chart(found, "channels", Bars).rows[0]
    assert plain(together.text) == "0 (under 9.8 %)"
    limits = found.findings[0].bounds
    assert limits is not None
    assert together.high == limits.high_95
    ledger = clients(0, 29)
    posted = replace(ledger, posts=(PostRow("x", ledger.period.start + timedelta(days=1)),))
    panel = chart(audit(posted, made_at=made.MADE_AT), "funnel", Funnel).panels[0]
    steps = {step.label: step.text for step in panel.steps}
    assert (steps["Leads"], steps["Clients"]) == ("0 (under 3)", "0 (under 3)")


def test_visibility_is_one_dot_per_network_with_the_rest_listed() -> None:
    scatter = chart(made.firm(), "visibility", Scatter)
    followers, views = scatter.fields
    assert {dot.label: (dot.x, dot.y) for dot in followers.dots} == {
        "X": (4225, 0), "Facebook": (2375, 1), "Mastodon": (635, 1), "Bluesky": (205, 0),
    }  # fmt: skip
    facebook = next(dot for dot in followers.dots if dot.label == "Facebook")
    assert facebook.low == pytest.approx(0.0253, abs=1e-4)
    assert facebook.high == pytest.approx(5.572, abs=1e-3)
    assert facebook.note == "14 leads → 1 client"
    assert next(dot.note for dot in followers.dots if dot.label == "X") == "0 leads → 0 clients (under 3)"
    assert [dot.label for dot in views.dots] == ["Facebook", "X"]
    assert views.left_out == (
        ("Bluesky, impressions", "bluesky tells no views"), ("Mastodon, impressions", "mastodon tells no views"),
    )  # fmt: skip
    assert followers.log_x
    assert scatter.title == "Networks brought 2 clients; Referral alone: 27 clients"


def test_of_a_single_network_there_is_a_dot_per_month() -> None:
    """Leads of linkedin in each month, beside followers at its end; a month that was not read has no dot."""
    months = {1: (900.0, 2), 2: (1000.0, 0), 3: (None, 1), 4: (1200.0, 1)}
    days = {month: made.START.replace(month=month, day=20) for month in months}
    leads = tuple(
        LeadRow(f"{month}-{one}", days[month], "linkedin") for month, (_, n) in months.items() for one in range(n)
    )
    followers = tuple(
        FollowersRow("linkedin", days[month], number) for month, (number, _) in months.items() if number is not None
    )
    found = audit(Ledger(made.BRAND, made.PERIOD, leads, followers=followers), made_at=made.MADE_AT)
    scatter = chart(found, "visibility", Scatter)
    field = scatter.fields[0]
    assert [(dot.label, dot.x, dot.y, dot.note) for dot in field.dots] == [
        ("Jan 2026", 900, 2, "2 leads"), ("Feb", 1000, 0, "0 leads"), ("Apr", 1200, 1, "1 lead"),
    ]  # fmt: skip
    assert field.dots[1].high == pytest.approx(2.996, abs=5e-4)
    assert field.left_out == (("1 month", "no reading on LinkedIn"),)
    assert scatter.subtitle.startswith("One dot per month")
    assert chart(made.firm(), "visibility", Scatter).subtitle.startswith("One dot per network")


def test_the_funnel_tells_zero_from_missing() -> None:
    funnel = chart(made.firm(), "funnel", Funnel)
    x = {step.label: step for step in next(one for one in funnel.panels if one.label == "X").steps}
    assert (x["Clicks"].value, x["Clicks"].upper, x["Clicks"].text) == (88, 102, "88–102")
    assert (x["Leads"].value, x["Leads"].text) == (0, "0 (under 3)")
    assert (x["Visits"].value, x["Visits"].text) == (None, "— no analytics of the site was imported")
    assert (x["Reach"].value, x["Reach"].text) == (None, "— never told")
    bluesky = {step.label: step for step in next(one for one in funnel.panels if one.label == "Bluesky").steps}
    assert plain(bluesky["Clients"].text) == "0 (under 77.6 %)"
    assert [panel.label for panel in funnel.panels][:2] == ["Facebook", "X"]


def test_a_measured_zero_is_not_a_missing_count() -> None:
    quiet = replace(made.ledger(), clicks=tuple(replace(one, persons=0, unsure=0) for one in made.CLICKS))
    unmeasured = replace(made.ledger(), clicks=())
    for ledger, value, text in ((quiet, 0, "0"), (unmeasured, None, "— clicks of this network are not measured")):
        panel = chart(audit(ledger, made_at=made.MADE_AT), "funnel", Funnel).panels[0]
        step = next(one for one in panel.steps if one.label == "Clicks")
        assert (step.value, step.text) == (value, text)


def test_conversion_is_ordered_and_greyed_under_ten_leads() -> None:
    bars = chart(made.firm(), "conversion", Bars)
    assert [one.label for one in bars.rows][:2] == ["Returning clients", "Referral"]
    assert {one.label for one in bars.rows if one.faint} == {"Returning clients", "Not recorded", "Mastodon", "Bluesky"}
    assert plain(row(bars, "Bluesky").text) == "0 of 2 (under 77.6 %) · under 10 leads"
    assert plain(row(bars, "Facebook").text) == "1 of 14 · 7.1 %"
    assert row(bars, "Facebook").tone is Tone.NETWORK
    assert all(one.low is not None and one.high is not None for one in bars.rows)
    assert bars.reference == pytest.approx(78 / 155)


def test_hours_stand_against_revenue_and_the_rest_is_listed() -> None:
    scatter = chart(made.firm(), "hours", Scatter)
    dots = {dot.label: dot for dot in scatter.fields[0].dots}
    assert (dots["Prospecting"].x, dots["Prospecting"].y, dots["Prospecting"].note) == (104, 20_000, "20 clients")
    assert dots["X"].note == "no client (≥ 13 h each)"
    assert dots["X"].faint
    assert not dots["Search"].faint
    assert scatter.title == "124 hours on networks, 2 clients"
    assert (dots["X"].y, dots["X"].low) == (0, 0)
    assert dots["X"].high == pytest.approx(3688.88, abs=0.01)  # none of deals of 1,000 each
    row = next(one for one in made.firm().table("hours").records() if one["channel"] == "prospecting")
    assert (dots["Prospecting"].low, dots["Prospecting"].high) == (row["revenue_lo"], row["revenue_hi"])
    assert dots["Prospecting"].low == pytest.approx(12_650, rel=0.1)
    assert dots["Prospecting"].high == pytest.approx(30_333, rel=0.1)
    assert (scatter.fields[0].root, scatter.fields[0].diagonal) == (True, None)
    untold = tuple(replace(one, amount_minor=None) if one.channel == "search" else one for one in made.leads())
    other = chart(audit(replace(made.ledger(), leads=untold), made_at=made.MADE_AT), "hours", Scatter)
    assert other.fields[0].left_out == (("Search", "no amount was told"),)


def test_the_owners_rate_is_the_diagonal_and_who_lies_under_it_is_named() -> None:
    field = chart(made.rated(), "hours", Scatter).fields[0]
    assert field.diagonal == (60.0, "your rate: 60 EUR/h")
    assert all(rate != 50 for rate, _ in field.slopes)  # too near the owner's to be told from it
    more = tuple(replace(one, hours=(one.hours or 0) * 10) for one in made.ledger().effort)
    audited = audit(replace(made.ledger(), effort=more, rate_minor=6_000), made_at=made.MADE_AT)
    rows = {row["channel"]: row for row in audited.table("hours").records()}
    for row in rows.values():
        low, high, worth = (float(str(row[name])) for name in ("revenue_lo", "revenue_hi", "hours"))
        side = "under" if high < 60 * worth else "over" if low > 60 * worth else "either"
        assert row["against_rate"] == side
    assert {rows[name]["against_rate"] for name in ("x", "facebook", "(networks)")} == {"under"}
    assert rows["referral"]["against_rate"] == "either"
    title = chart(audited, "hours", Scatter).title
    assert title.startswith("Under your rate of 60 EUR/h: ")
    assert "Facebook" in title
    assert "networks" not in title


def test_without_any_lead_nothing_is_called_zero() -> None:
    charts = {one.name: one for one in prepare(made.posts_only(), SAY)}
    reason = "no lead and no deal of any channel is recorded in this period"
    assert {name for name, one in charts.items() if one.empty} == {"channels", "visibility", "conversion", "hours"}
    assert charts["conversion"].empty == reason
    panels = chart(made.posts_only(), "funnel", Funnel).panels
    last = [(step.label, step.value, step.text) for panel in panels for step in panel.steps[-2:]]
    assert set(last) == {("Leads", None, f"— {reason}"), ("Clients", None, f"— {reason}")}
    strip = chart(made.nothing(), "verdicts", Strip)
    assert {(one.low, one.high_95, one.mark) for one in strip.rows} == {(None, None, None)}
    assert {one.text for one in strip.rows[:3]} == {"No client is known."}
    assert strip.rows[3].text == "No figure: n = 0 of 50 leads by networks."


def test_every_chart_says_n_and_period_and_the_sandbox() -> None:
    for one in prepare(made.firm(), SAY):
        assert one.foot.endswith("5 January 2026 – 5 July 2026 · 78 clients, 155 leads")
        assert one.notice is None
    for one in prepare(made.simulated(), SAY):
        assert one.notice is not None
        assert "SIMULATED AUDIENCE" in one.notice
        assert "SIMULATED AUDIENCE" in one.alt


def test_the_alternative_text_holds_the_numbers() -> None:
    charts = {one.name: plain(one.alt) for one in prepare(made.firm(), SAY)}
    assert "Referral: 27 · 34.6 % (24.2–46.2 %)" in charts["channels"]
    assert "Bluesky, impressions: bluesky tells no views" in charts["visibility"]
    assert "Facebook 2,375, 14 leads → 1 client" in charts["visibility"]


def test_a_period_that_never_ended_is_one_day() -> None:
    ledger = Ledger(made.BRAND, replace(made.PERIOD, end=made.PERIOD.start + timedelta(hours=1)))
    assert "5 January 2026 · no lead recorded" in prepare(audit(ledger, made_at=made.MADE_AT), SAY)[0].foot


@pytest.mark.shared
def test_the_leads_of_olist() -> None:
    bars = chart(audit(olist(), made_at=made.MADE_AT), "channels", Bars)
    assert bars.title == "75 of 842 clients came last by a network; of 193 nobody knows"
    assert plain(row(bars, "Organic search").text) == "271 · 32.2 % (29.0–35.5 %)"
    assert bars.rows[0].upper == 268 / 842
    scatter = chart(audit(olist(), made_at=made.MADE_AT), "visibility", Scatter)
    assert scatter.empty == "neither followers nor reach of any network was read"
    assert ("Social networks, followers", "followers were never read") in scatter.left_out
