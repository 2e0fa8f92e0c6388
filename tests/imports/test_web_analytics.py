"""Exports of web analytics: GA4, Search Console, Matomo, Plausible, Umami, GoatCounter, Shlink."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.read import parse
from crosspost.imports.shape import Facts, Stated
from tests.imports.reading import FIXTURES, facts, read, sheets
from tests.imports.told import counted

JULY = {"since": date(2026, 7, 1), "until": date(2026, 8, 1)}
GA4 = (FIXTURES / "ga4_en.csv").read_text("utf-8")
GOATCOUNTER = "".join(
    f"{line}\n" for line in (
        "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,"
        "FirstVisit,Date",
        "/a,A,0,,,,s1,0,www.linkedin.com,h,,,1,2026-07-14T10:00:00Z",
    )
)  # fmt: skip


def parts(file: str, **context: object) -> dict[str | None, Facts]:
    """What the tables of a file say that tell anything, by their part, else their title."""
    found = {}
    for sheet in sheets(file):
        try:
            found[sheet.part or sheet.title] = read(sheet, **context)
        except BadInput as error:
            if "no kind" not in str(error):
                raise
    return found


def test_ga4_has_its_period_from_the_lines_above_and_one_number_per_row_and_metric() -> None:
    channels, codes = (read(sheet) for sheet in sheets("ga4_en.csv"))
    assert {(one.start, one.end, one.site) for _, one in channels.tallies} == {
        (date(2026, 7, 1), date(2026, 8, 1), "sorbier.example"),
    }
    assert [row for row in counted(channels, "channel_group", "by") if row[0] == "visits"] == [
        ("visits", 700, "Direct", "channel_group"), ("visits", 520, "Organic Social", "channel_group"),
        ("visits", 340, "Organic Search", "channel_group"),
    ]  # fmt: skip
    assert channels.totals == {"visits": "1560", "engaged_visits": "752", "events": "6552", "key_events": "23"}
    assert {(one.start, one.end) for _, one in codes.tallies} == {(date(2026, 7, 1), date(2026, 8, 1))}


def test_ga4_joins_a_visit_to_our_code_in_content_or_campaign_and_to_its_network() -> None:
    _, codes = (read(sheet) for sheet in sheets("ga4_en.csv"))
    assert [row for row in counted(codes, "source", "medium", "network", "code") if row[0] == "visits"] == [
        ("visits", 61, "twitter", "social", "x", "k7m2p9qrst"),
        ("visits", 44, "linkedin", "social", "linkedin", "w4x8c6hnvb"),
        ("visits", 700, "(direct)", None, None, None),
    ]
    [_, sheet] = sheets("ga4_en.csv")
    strange = read(sheet, codes=frozenset({"w4x8c6hnvb"}))
    assert [one.code for _, one in strange.tallies if one.metric == "visits"] == [None, "w4x8c6hnvb", None]


def test_ga4s_grand_total_is_checked_and_is_no_row() -> None:
    _, codes = (read(sheet) for sheet in sheets("ga4_en.csv"))
    assert codes.stated == (
        Stated("visits", Decimal(805), Decimal(805)), Stated("engaged_visits", Decimal(372), Decimal(372)),
        Stated("key_events", Decimal(10), Decimal(10)),
    )  # fmt: skip
    short = parse(GA4.replace(",,,805,", ",,,900,").encode(), "ga4.csv").sheets[1]
    assert read(short).stated[0] == Stated("visits", Decimal(900), Decimal(805))


def test_ga4_in_french_with_its_spaces_its_dash_and_its_rates_left_aside() -> None:
    found = facts("ga4_fr.csv")
    assert counted(found, "channel_group", "reason") == [
        ("visits", 1700, "Direct", None), ("engaged_visits", 801, "Direct", None),
        ("visitors", 1420, "Direct", None), ("key_events", 12, "Direct", None),
        ("visits", 520, "Organic Social", None), ("engaged_visits", 260, "Organic Social", None),
        ("visitors", None, "Organic Social", "the file says '-'"), ("key_events", 11, "Organic Social", None),
    ]  # fmt: skip
    assert {(one.start, one.end) for _, one in found.tallies} == {(date(2026, 7, 1), date(2026, 8, 1))}
    assert {one.metric: one.additive for _, one in found.tallies}["visitors"] is False


def test_ga4_without_its_lines_asks_for_the_period() -> None:
    bare = "Session source,Sessions\nlinkedin,3\n"
    with pytest.raises(BadInput, match="says nothing of the period") as caught:
        facts(bare.encode())
    assert "--since" in (caught.value.remedy or "")
    assert facts(bare.encode(), **JULY).tallies[0][1].end == date(2026, 8, 1)


@pytest.mark.parametrize("stated", ["20261301", "99991231", "00010101"])
def test_a_period_of_ga4_that_is_none_is_refused(stated: str) -> None:
    with pytest.raises(BadInput, match="states a period that is none"):
        facts(f"# Start date: 20260701\n# End date: {stated}\nSession source,Sessions\nlinkedin,3\n".encode())


def test_ga4_by_day_has_the_day_of_each_row() -> None:
    above = "# Start date: 20260701\n# End date: 20260703\n"
    nth = facts(f"{above}Nth day,Sessions\n0000,5\n0002,7\n".encode())
    assert counted(nth, "start") == [("visits", 5, date(2026, 7, 1)), ("visits", 7, date(2026, 7, 3))]
    with pytest.raises(BadInput, match="has no day 99999"):
        facts(f"{above}Nth day,Sessions\n99999,5\n".encode())
    dated = facts(f"{above}Date,Session source,Sessions\n20260702,t.co,4\n".encode())
    assert [(one.start, one.end, one.network, one.by) for _, one in dated.tallies] == [
        (date(2026, 7, 2), date(2026, 7, 3), "x", "source+day"),
    ]


def test_ga4_rows_that_differ_in_a_column_nobody_knows_stay_two() -> None:
    found = facts(
        b"# Start date: 20260701\n# End date: 20260703\nSession source,Country ID,Sessions,Bounce rate\n"
        b"linkedin,33,5,0.4\nlinkedin,32,7,0.5\n"
    )
    assert [one.label for _, one in found.tallies] == ["Country ID: 33", "Country ID: 32"]
    assert {one.by for _, one in found.tallies} == {"source+Country ID"}, "sums are within what the rows are by"
    assert len({one.identity for _, one in found.tallies}) == 2


def test_ga4_campaign_that_is_called_a_total_is_a_campaign() -> None:
    above = "# Start date: 20260701\n# End date: 20260703\n"
    found = facts(f"{above}Session source,Session campaign,Sessions\nlinkedin,Grand total,5\nGrand total,,9\n".encode())
    assert counted(found, "source", "campaign") == [("visits", 5, "linkedin", "Grand total")]
    assert found.stated == (Stated("visits", Decimal(9), Decimal(5)),)


def test_ga4_of_a_segment_is_no_count_of_all() -> None:
    [all_users, _] = sheets("ga4_en.csv")
    mobile = parse(GA4.replace("# All Users", "# Mobile traffic").encode(), "ga4.csv").sheets[0]
    assert read(all_users).tallies[0][1].by == "channel_group"
    assert read(mobile).tallies[0][1].by == "channel_group of Mobile traffic"


def test_search_console_takes_the_period_from_the_table_of_days_beside_it() -> None:
    found = parts("search_console_en.zip")
    assert counted(found["Queries.csv"], "term", "by") == [
        ("search_clicks", 14, "ash bench", "query"), ("search_impressions", 310, "ash bench", "query"),
        ("search_clicks", 3, "drying", "query"), ("search_impressions", 220, "drying", "query"),
    ]  # fmt: skip
    assert {(one.start, one.end) for _, one in found["Pages.csv"].tallies} == {(date(2026, 7, 1), date(2026, 7, 3))}
    assert [row for row in counted(found["Chart.csv"], "start") if row[0] == "search_clicks"] == [
        ("search_clicks", 12, date(2026, 7, 1)), ("search_clicks", 9, date(2026, 7, 2)),
    ]  # fmt: skip


def test_search_console_in_french() -> None:
    found = parts("search_console_fr.zip")
    assert counted(found["Requêtes.csv"], "term") == [
        ("search_clicks", 14, "banc en frêne"), ("search_impressions", 310, "banc en frêne"),
    ]  # fmt: skip
    assert found["Appareils.csv"].tallies[0][1].label == "Mobile"


def test_a_single_table_of_search_console_asks_for_the_period(tmp_path: Path) -> None:
    text = b"Top queries,Clicks,Impressions,CTR,Position\nbench,4,100,4%,3.1\n"
    with pytest.raises(BadInput, match="says nothing of the period"):
        facts(text)
    assert facts(text, **JULY).tallies[0][1].value == 4


@pytest.mark.parametrize("header", [
    "Top queries,Last 28 days Clicks,Previous 28 days Clicks,Last 28 days Impressions",
    "Requêtes les plus fréquentes,28 derniers jours Clics,28 jours précédents Clics",
])  # fmt: skip
def test_a_comparison_of_search_console_is_refused_with_what_to_do(header: str) -> None:
    row = ",".join(["bench", *["4"] * (len(header.split(",")) - 1)])
    with pytest.raises(BadInput, match="compares two periods") as caught:
        facts(f"{header}\n{row}\n".encode())
    assert "without a comparison" in (caught.value.remedy or "")


def test_search_clicks_never_share_a_name_with_visits_or_a_networks_impressions() -> None:
    metrics = {one.metric for found in parts("search_console_en.zip").values() for _, one in found.tallies}
    assert metrics == {"search_clicks", "search_impressions"}


def test_matomo_has_a_table_per_title_and_asks_for_the_period() -> None:
    with pytest.raises(BadInput, match="says nothing of the period"):
        parts("matomo_en.csv")
    found = parts("matomo_en.csv", **JULY)
    assert counted(found["Visits Summary"], "by", "additive") == [
        ("visits", 560, "total", True), ("visitors", 402, "total", False), ("actions", 1612, "total", True),
    ]  # fmt: skip
    assert found["Channel Type"].tallies[0][1].channel_group == "Direct Entry"
    assert counted(found["Campaigns"], "campaign", "code")[0] == ("visits", 44, "chene-w4x8c6hnvb", "w4x8c6hnvb")
    assert [row for row in counted(found["Social Networks"], "network") if row[0] == "visits"] == [
        ("visits", 96, "linkedin"), ("visits", 84, "facebook"),
    ]  # fmt: skip
    assert "Websites" not in found, "no data available is no table, and no zero"


def test_matomo_in_french_as_utf_16_with_tabs() -> None:
    found = parts("matomo_fr.csv", **JULY)
    assert counted(found["Récapitulatif des visites"], "by")[:2] == [
        ("visits", 560, "total"), ("visitors", 402, "total"),
    ]  # fmt: skip
    assert found["Réseaux sociaux"].tallies[0][1].network == "linkedin"


def test_matomo_by_day_needs_no_period() -> None:
    found = facts(b"Date,nb_visits,nb_uniq_visitors,nb_actions\n2026-07-14,5,4,9\n")
    assert [(one.metric, one.start, one.by) for _, one in found.tallies] == [
        ("visits", date(2026, 7, 14), "day"), ("visitors", date(2026, 7, 14), "day"),
        ("actions", date(2026, 7, 14), "day"),
    ]  # fmt: skip


def test_plausible_counts_by_day_and_its_visitors_are_never_added_up() -> None:
    found = parts("plausible_en.zip")
    visitors = found["imported_visitors_20260714_20260715.csv"]
    assert counted(visitors, "start")[:3] == [
        ("visits", 46, date(2026, 7, 14)), ("visitors", 41, date(2026, 7, 14)), ("pageviews", 97, date(2026, 7, 14)),
    ]  # fmt: skip
    assert ("visits", 0, date(2026, 7, 15)) in counted(visitors, "start"), "a day without a visit was counted"
    assert "visitors" not in visitors.totals
    sources = found["imported_sources_20260714_20260715.csv"]
    assert counted(sources, "source", "label", "network", "code")[0] == (
        "visits", 14, "linkedin", "LinkedIn / lnkd.in", "linkedin", "w4x8c6hnvb",
    )  # fmt: skip
    assert found["imported_custom_events_20260714_20260715.csv"].totals == {"events": "3"}
    assert found["imported_entry_pages_20260714_20260715.csv"].tallies[0][1].page == "/chene"


def test_plausibles_older_tables_without_referrer_and_pageviews_are_read_too() -> None:
    found = facts(
        b'"date","source","utm_medium","utm_campaign","utm_content","utm_term","visitors","visits","visit_duration",'
        b'"bounces"\n"2026-07-14","Hacker News","referral","","","",2,3,0,2\n'
    )
    assert counted(found, "source", "label") == [
        ("visits", 3, "Hacker News", "Hacker News"), ("visitors", 2, "Hacker News", "Hacker News"),
    ]  # fmt: skip


def test_umami_is_known_by_the_names_of_its_tables_and_asks_for_the_period() -> None:
    with pytest.raises(BadInput, match="says nothing of the period") as caught:
        parts("umami_en.json")
    assert "--since" in (caught.value.remedy or "")
    found = parts("umami_en.json", **JULY)
    assert counted(found["referrers.csv"], "source", "network", "additive") == [
        ("visitors", 12, "lnkd.in", "linkedin", False), ("visitors", 9, "www.google.com", None, False),
    ]  # fmt: skip
    assert counted(found["pages.csv"], "page") == [("visitors", 18, "/chene"), ("visitors", 7, "/banc")]
    assert counted(found["events.csv"], "label") == [("events", 3, "quote-asked")]
    assert "left out" in found["devices.csv"].notes[0]


def test_umami_says_when_a_table_is_full() -> None:
    rows = "".join(f"/{number},1\n" for number in range(500))
    [sheet] = parse(f"x,y\n{rows}".encode(), "pages.csv").sheets
    assert read(sheet, **JULY).notes == ("pages: Umami gives the first 500 only",)


def test_x_and_y_in_a_file_of_another_name_are_nothing() -> None:
    with pytest.raises(BadInput, match="no kind of file"):
        facts(b"x,y\n/chene,18\n")


def test_goatcounter_counts_visits_by_session_and_keeps_bots_and_events_apart() -> None:
    found = facts("goatcounter_en.csv.gz")
    assert counted(found, "start", "page", "source", "campaign", "network", "code") == [
        ("pageviews", 2, date(2026, 7, 14), "/chene", None, None, None, None),
        ("visits", 1, date(2026, 7, 14), "/chene", "lnkd.in", None, "linkedin", None),
        ("pageviews", 1, date(2026, 7, 14), "/banc", None, None, None, None),
        ("visits", 1, date(2026, 7, 14), "/chene", None, "chene-w4x8c6hnvb", None, "w4x8c6hnvb"),
        ("events", 1, date(2026, 7, 15), None, None, None, None, None),
        ("bot_pageviews", 1, date(2026, 7, 15), "/chene", None, None, None, None),
    ]
    assert "Mozilla" not in repr(found)


@pytest.mark.parametrize("first", ["2Path", "1Path", "Path"])
def test_the_digit_glued_to_goatcounters_first_header_is_no_part_of_it(first: str) -> None:
    found = facts(GOATCOUNTER.replace("2Path", first).encode())
    assert found.totals == {"pageviews": "1", "visits": "1"}


def test_a_view_without_a_session_is_a_view_and_no_visit() -> None:
    found = facts(GOATCOUNTER.replace(",s1,", ",,").encode())
    assert found.totals == {"pageviews": "1"}
    assert "1 page views without a session" in found.notes[0]


def test_goatcounters_first_version_writes_true_and_false() -> None:
    found = facts(GOATCOUNTER.replace("/a,A,0,", "/a,A,true,").encode())
    assert found.totals == {"events": "1"}
    assert facts(GOATCOUNTER.replace("/a,A,0,", "/a,A,false,").encode()).totals["pageviews"] == "1"


def test_shlink_counts_by_day_in_utc_with_our_code_and_keeps_bots_apart() -> None:
    found = facts("shlink_en.csv")
    assert counted(found, "start", "network", "code") == [
        ("clicks", 2, date(2026, 7, 14), "linkedin", "w4x8c6hnvb"),
        ("bot_clicks", 1, date(2026, 7, 14), None, "w4x8c6hnvb"),
        ("clicks", 1, date(2026, 7, 14), None, "w4x8c6hnvb"),
    ], "00:10 in Paris on the 15th is the 14th in UTC"
    for word in ("Mozilla", "Lyon", "Rennes", "iPhone"):
        assert word not in repr(found)


def test_a_visit_of_no_short_url_is_of_no_link() -> None:
    text = (FIXTURES / "shlink_en.csv").read_text("utf-8").replace("valid_short_url", "invalid_short_url")
    found = facts(text.encode())
    assert {one.code for _, one in found.tallies} == {None}
    assert {one.label for _, one in found.tallies} == {"invalid_short_url"}
