"""Exports of Meta Business Suite: Facebook posts, Instagram media, series of days, in English and French."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crosspost.domain.errors import BadInput
from tests.imports.reading import FIXTURES, facts
from tests.imports.told import days, values

PACIFIC = ZoneInfo("America/Los_Angeles")
ENGLISH = (FIXTURES / "facebook_posts_en.csv").read_text("utf-8")
FRENCH = (FIXTURES / "facebook_posts_fr.csv").read_text("utf-8")
SERIES = (FIXTURES / "meta_days_en.csv").read_text("utf-16")


def test_a_facebook_post_has_the_id_the_api_gives_it() -> None:
    _, network, post, readings, undated = facts("facebook_posts_en.csv").posts[0]
    assert (network, post.remote_id, undated) == ("facebook", "61550000000001_122158840000000101", None)
    assert post.published_at == datetime(2026, 7, 14, 8, 30, tzinfo=PACIFIC)
    assert post.links == ("https://sorbier.example/banc?utm_content=k7m2p9qrst",)
    assert values(readings) == {
        "Views": 1532, "Reach": 1204, "Reactions": 31, "Comments": 5, "Shares": 8, "Total clicks": 57,
        "Link Clicks": 40, "Other Clicks": 17,
    }  # fmt: skip


def test_the_same_in_french_with_its_spaces_and_its_order_of_the_day() -> None:
    first, second = facts("facebook_posts_fr.csv").posts
    assert values(first[3]) == {
        "Views": 2410, "Reach": 1980, "Reactions": 30, "Comments": 4, "Shares": 7, "Total clicks": 60,
        "Link Clicks": "blank in the file", "Other Clicks": 60,
    }  # fmt: skip
    assert first[2].published_at == datetime(2026, 7, 25, 17, 5, tzinfo=PACIFIC)
    assert second[2].published_at == datetime(2026, 7, 3, 9, tzinfo=PACIFIC), "25/07 shows that the day comes first"


def test_a_french_date_that_nothing_explains_is_refused_with_its_row_until_the_owner_says() -> None:
    unsure = FRENCH.replace("25/07/2026", "05/07/2026")
    with pytest.raises(BadInput, match=r"could be two days \(lines 2, 3\)") as caught:
        facts(unsure.encode())
    assert "--dates day-first" in (caught.value.remedy or "")
    assert facts(unsure.encode(), dates="day-first").posts[0][2].published_at == datetime(
        2026, 7, 5, 17, 5, tzinfo=PACIFIC
    )


def test_an_english_date_is_american_as_meta_writes_it() -> None:
    found = facts(ENGLISH.replace("07/14/2026", "07/04/2026").replace("07/25/2026", "07/05/2026").encode())
    assert [post.published_at for _, _, post, _, _ in found.posts] == [
        datetime(2026, 7, 4, 8, 30, tzinfo=PACIFIC), datetime(2026, 7, 5, 17, 5, tzinfo=PACIFIC),
    ]  # fmt: skip


def test_an_english_file_with_european_dates_is_read_by_its_own_values() -> None:
    european = ENGLISH.replace("07/14/2026", "14/07/2026").replace("07/25/2026", "03/07/2026")
    found = facts(european.encode())
    assert found.posts[1][2].published_at == datetime(2026, 7, 3, 17, 5, tzinfo=PACIFIC)


def test_the_zone_is_the_headers_else_the_owners_else_metas_own_which_is_told() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert "Pacific Time" in facts("facebook_posts_en.csv").notes[0]
    said = facts("facebook_posts_en.csv", zone=paris, zone_said=True)
    assert said.posts[0][2].published_at == datetime(2026, 7, 14, 8, 30, tzinfo=paris)
    assert said.notes == ()
    stated = facts(ENGLISH.replace("Publish time", "Publish time (Europe/Paris)").encode())
    assert stated.posts[0][2].published_at == datetime(2026, 7, 14, 8, 30, tzinfo=paris)
    assert stated.notes == ()


def test_an_id_that_a_spreadsheet_rounded_is_the_one_in_the_address_else_made_of_it() -> None:
    rounded = ENGLISH.replace("122158840000000101", "1.22158E+17", 1)
    [made, _] = [post.remote_id for _, _, post, _, _ in facts(rounded.encode()).posts]
    assert made.startswith("told:")
    told = rounded.replace("posts/pfbid0a1", "posts/122158840000000101")
    assert facts(told.encode()).posts[0][2].remote_id == "61550000000001_122158840000000101"


def test_rows_of_single_days_are_no_totals_and_are_left_out_aloud() -> None:
    found = facts(ENGLISH.replace("Lifetime", "07/15/2026", 1).encode())
    assert len(found.posts) == 1
    assert any("1 rows are of single days" in note for note in found.notes)


def test_views_and_impressions_keep_their_own_names() -> None:
    [first, *_] = facts(ENGLISH.replace(",Views,", ",Impressions,").encode()).posts
    told = {one.provider_name: one.metric for one in first[3]}
    assert told["Impressions"] == "impressions"
    assert "Views" not in told


def test_instagram_in_both_languages_gives_the_same_names() -> None:
    english, french = facts("instagram_posts_en.csv").posts[0], facts("instagram_posts_fr.csv").posts[0]
    assert english[2].remote_id == "18050000000000201"
    assert values(english[3]) == {
        "Views": 2210, "Reach": 1730, "Likes": 143, "Shares": 12, "Follows": 4, "Comments": 9, "Saves": 27,
    }  # fmt: skip
    assert values(french[3]) == {
        "Views": 1904, "Reach": 1502, "Likes": 120, "Shares": 7, "Follows": 3, "Comments": 6, "Saves": 19,
    }  # fmt: skip
    assert {one.metric for one in english[3]} == {one.metric for one in french[3]}


def test_a_series_is_of_what_its_title_says_by_the_day_of_meta() -> None:
    day = datetime(2026, 7, 14, tzinfo=PACIFIC)
    english = days(facts("meta_days_en.csv"))
    assert english == {
        ("new_followers", day): 3,
        ("new_followers", datetime(2026, 7, 15, tzinfo=PACIFIC)): 0,
        ("new_followers", datetime(2026, 7, 16, tzinfo=PACIFIC)): "blank in the file",
    }
    french = facts("meta_days_fr.csv")
    assert days(french)["profile_clicks", day] == 41
    assert {network for _, network, _ in french.followers} == {"instagram"}


def test_a_series_without_a_known_title_or_network_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadInput, match="does not say which number"):
        facts(SERIES.replace("Facebook follows", "Something").encode("utf-16"))
    views = SERIES.replace("Facebook follows", "Views").encode("utf-16")
    with pytest.raises(BadInput, match="does not say whose Views"):
        facts(views)
    assert {network for _, network, _ in facts(views, network="instagram").followers} == {"instagram"}


def test_a_post_that_has_not_come_is_refused() -> None:
    with pytest.raises(BadInput, match="has not come yet"):
        facts("facebook_posts_en.csv", now=datetime(2026, 7, 20, tzinfo=UTC))
